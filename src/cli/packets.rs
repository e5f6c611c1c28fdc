//! `framescope packets`: where a stream's bytes sit in a packet.

use std::fs::File;
use std::io::{self, Write};

use serde_json::json;

use super::Failure;
use super::args::{DecodeFormat, PacketsArgs};
use super::output;
use crate::capture::{self, Layers, Packet};
use crate::export::json::Findings;
use crate::export::text;
use crate::trace::Store;
use crate::words::Words;

pub(super) fn run(args: &PacketsArgs, words: Words) -> Result<(), Failure> {
    // Says what is wrong with a file that is no capture.
    capture::open(&args.file, &capture::Options::default()).map_err(|error| Failure::of(&error, words))?;
    let cannot = |error: io::Error| output::cannot(words, "failure-cannot-read", &args.file, error);
    let store = Store::map(&File::open(&args.file).map_err(cannot)?).map_err(cannot)?;
    let mut out = output::stdout();
    let options = output::text_options(args.detail, words);
    let mut progress = text::Progress::default();
    let (mut shown, mut last) = (0u64, 0);
    for packet in capture::packets(store.mapped()) {
        last = packet.number;
        if !args.numbers.is_empty() && !args.numbers.contains(&packet.number) {
            continue;
        }
        let layers = capture::layers(packet.link, packet.bytes);
        match args.format {
            DecodeFormat::Text => text::write_packet(&mut out, &packet, &layers, &mut progress, &options)?,
            DecodeFormat::Json => write_json(&mut out, &packet, &layers, words)?,
        }
        shown += 1;
    }
    if args.format == DecodeFormat::Text {
        progress.write_legend(&mut out, &options)?;
    }
    out.flush()?;
    if let Some(error) = capture::Error::lost(&args.file.display().to_string(), &store) {
        return Err(Failure::of(&error, words));
    }
    if last == 0 {
        return Err(Failure::with(
            words,
            "packets-unreadable",
            &[("name", &args.file.display().to_string())],
        ));
    }
    match args.numbers.iter().find(|number| **number == 0 || **number > last) {
        Some(number) => {
            let values: [(&str, &str); 4] = [
                ("number", &number.to_string()),
                ("name", &args.file.display().to_string()),
                ("count", &last.to_string()),
                ("shown", &shown.to_string()),
            ];
            Err(Failure::with(words, "packets-no-packet", &values))
        }
        None => Ok(()),
    }
}

fn write_json(out: &mut dyn Write, packet: &Packet<'_>, layers: &Layers, words: Words) -> io::Result<()> {
    let object = json!({
        "packet": packet.number,
        "time": packet.time.seconds(packet.digits).to_string(),
        "link_type": packet.link.to_string(),
        "length": packet.bytes.len(),
        "original_length": packet.original,
        "findings": Findings(&layers.findings, words),
        "fields": words.fields(&layers.tree.children),
    });
    writeln!(out, "{object}")
}
