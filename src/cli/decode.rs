//! `framescope decode`: bytes that a person pasted.

use std::io::{self, Read, Write};

use super::Failure;
use super::args::{DecodeArgs, DecodeFormat};
use super::output;
use crate::capture::typed::{parse_hex, trace_of};
use crate::export::{json, text};
use crate::model::protocol::Side;
use crate::trace::Trace;

/// No more bytes than this are taken from a paste.
const MAX_PASTE: u64 = 64 << 20;

pub(super) fn run(args: &DecodeArgs) -> Result<(), Failure> {
    let bytes = read(args)?;
    if bytes.is_empty() {
        return Err(Failure::said(
            "there are no bytes to decode: give them as hexadecimal digits, such as 81 05 48 65 6c 6c 6f",
        ));
    }
    let trace = trace_of(&bytes, args.protocol, args.from, args.deflate);
    match args.format {
        DecodeFormat::Json => {
            let about = json::About { file: "-".to_owned(), ..json::About::default() };
            let options = output::json_options(args.detail, None);
            json::write_document(&mut output::stdout(), &about, &trace, options)?;
        }
        DecodeFormat::Text => {
            write_text(&trace, bytes.len(), &output::text_options(args.detail))?;
        }
    }
    Ok(())
}

/// The items without the heading of a conversation: nobody talked to anybody.
fn write_text(trace: &Trace, length: usize, options: &text::Options) -> io::Result<()> {
    let mut out = output::stdout();
    let Some(talk) = trace.conversations.first() else { return Ok(()) };
    let side = talk.items.iter().next().map_or(Side::Client, |(_, item)| item.side);
    let bytes = if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") };
    writeln!(out, "{bytes} from the {side}, read as {}\n", talk.protocol)?;
    let mut progress = text::Progress::default();
    for (number, _) in talk.items.iter() {
        text::write_item(&mut out, 1, talk, &trace.store, number, &mut progress, options)?;
    }
    progress.write_legend(&mut out, options)?;
    writeln!(out, "{}", text::Counts::of(talk))?;
    out.flush()
}

fn read(args: &DecodeArgs) -> Result<Vec<u8>, Failure> {
    let from_stdin = args.hex.iter().any(|word| word == "-");
    if !from_stdin {
        if args.raw {
            return Err(Failure::said(
                "--raw reads standard input: write `-` in place of the hexadecimal digits",
            ));
        }
        return parse_hex(&args.hex.join(" ")).map_err(Failure::said);
    }
    let mut bytes = Vec::new();
    io::stdin()
        .take(MAX_PASTE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::said(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > MAX_PASTE {
        return Err(Failure::said(format!(
            "more than {MAX_PASTE} bytes to decode; save them as a capture and use dissect"
        )));
    }
    if args.raw {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::said("standard input is not text: use --raw if it holds the bytes themselves")
    })?;
    parse_hex(&text).map_err(Failure::said)
}
