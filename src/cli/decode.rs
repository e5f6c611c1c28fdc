//! `framescope decode`: bytes that a person pasted.

use std::io::{self, Read, Write};

use super::Failure;
use super::args::{DecodeArgs, DecodeFormat};
use super::output;
use crate::capture::typed::{parse_hex, trace_of};
use crate::export::{json, text};
use crate::model::protocol::Side;
use crate::trace::Trace;
use crate::words::Words;

/// No more bytes than this are taken from a paste.
const MAX_PASTE: u64 = 64 << 20;

pub(super) fn run(args: &DecodeArgs, words: Words) -> Result<(), Failure> {
    let bytes = read(args, words)?;
    if bytes.is_empty() {
        return Err(Failure::with(words, "decode-nothing", &[]));
    }
    let trace = trace_of(&bytes, args.protocol, args.from, args.deflate);
    match args.format {
        DecodeFormat::Json => {
            let about = json::About { file: "-".to_owned(), ..json::About::default() };
            let options = output::json_options(args.detail, None, words);
            json::write_document(&mut output::stdout(), &about, &trace, options)?;
        }
        DecodeFormat::Text => {
            write_text(&trace, bytes.len(), &output::text_options(args.detail, words))?;
        }
    }
    Ok(())
}

/// The items without the heading of a conversation: nobody talked to anybody.
fn write_text(trace: &Trace, length: usize, options: &text::Options) -> io::Result<()> {
    let mut out = output::stdout();
    let Some(talk) = trace.conversations().first() else { return Ok(()) };
    let side = talk.items.iter().next().map_or(Side::Client, |(_, item)| item.side);
    let values = [
        ("count", length.into()),
        ("shown", length.to_string().into()),
        ("side", side.id().into()),
        ("protocol", talk.protocol.id().into()),
    ];
    writeln!(out, "{}\n", options.words.with("decode-bytes", &values))?;
    let mut progress = text::Progress::default();
    for (number, _) in talk.items.iter() {
        text::write_item(&mut out, 1, talk, &trace.store, number, &mut progress, options)?;
    }
    progress.write_legend(&mut out, options)?;
    writeln!(out, "{}", text::Counts::of(talk).told(options.words))?;
    out.flush()
}

fn read(args: &DecodeArgs, words: Words) -> Result<Vec<u8>, Failure> {
    let from_stdin = args.hex.iter().any(|word| word == "-");
    if !from_stdin {
        if args.raw {
            return Err(Failure::with(words, "decode-raw", &[]));
        }
        return parse_hex(&args.hex.join(" ")).map_err(|error| Failure::of(&error, words));
    }
    let mut bytes = Vec::new();
    io::stdin()
        .take(MAX_PASTE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::with(words, "decode-no-input", &[("error", &error.to_string())]))?;
    if bytes.len() as u64 > MAX_PASTE {
        return Err(Failure::with(words, "decode-too-much", &[("most", &MAX_PASTE.to_string())]));
    }
    if args.raw {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::with(words, "decode-not-text", &[]))?;
    parse_hex(&text).map_err(|error| Failure::of(&error, words))
}
