//! `framescope decode`: bytes that a person pasted.

use std::io::{self, Read, Write};

use serde_json::{Value, json};

use super::Failure;
use super::args::{DecodeArgs, DecodeFormat};
use super::output;
use crate::capture::paste::{self, Pasted};
use crate::capture::typed::trace_of;
use crate::export::{json, text};
use crate::model::protocol::Side;
use crate::trace::Trace;
use crate::words::{Said, Words};

/// No more bytes than this are taken from a paste.
const MAX_PASTE: u64 = paste::MAX_BYTES as u64;

pub(super) fn run(args: &DecodeArgs, words: Words) -> Result<(), Failure> {
    let input = read(args, words)?;
    let bytes = match &input {
        Input::Raw(bytes) => bytes,
        Input::Text(pasted) => &pasted.bytes,
    };
    if bytes.is_empty() {
        return Err(Failure::with(words, "decode-nothing", &[]));
    }
    let trace = trace_of(bytes, args.protocol, args.from, args.deflate);
    match args.format {
        DecodeFormat::Json => {
            let about = json::About { file: "-".to_owned(), ..json::About::default() };
            let options = output::json_options(args.detail, None, words);
            let more = input.more();
            json::write_document_with(&mut output::stdout(), &about, &trace, options, &more)?;
        }
        DecodeFormat::Text => {
            let options = output::text_options(args.detail, words);
            if let Input::Text(pasted) = &input {
                writeln!(output::stdout(), "{}", pasted.said(words))?;
            }
            write_text(&trace, bytes.len(), &options)?;
        }
    }
    Ok(())
}

/// What there is to decode.
enum Input {
    /// The bytes themselves.
    Raw(Vec<u8>),
    /// Bytes that were read from text.
    Text(Pasted),
}

impl Input {
    /// What JSON says of it: the form of the text, what of it is missing, and the packets that carried the bytes.
    fn more(&self) -> Vec<(&'static str, Value)> {
        let Self::Text(pasted) = self else { return vec![("taken_as", "raw".into())] };
        let packets: Vec<Value> = pasted
            .packets
            .iter()
            .map(|packet| {
                json!({
                    "link_type": packet.link.to_string(), "from": packet.from.to_string(),
                    "to": packet.to.to_string(), "headers": packet.headers, "carried": packet.carried,
                })
            })
            .collect();
        let mut more = vec![("taken_as", pasted.form.id().into())];
        if let Some(count) = pasted.cut {
            more.push(("left_out", if count == 0 { Value::Null } else { count.into() }));
        }
        if !packets.is_empty() {
            more.push(("taken_from", packets.into()));
        }
        more
    }
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

fn read(args: &DecodeArgs, words: Words) -> Result<Input, Failure> {
    let from_stdin = args.hex.iter().any(|word| word == "-");
    if !from_stdin {
        if args.raw {
            return Err(Failure::with(words, "decode-raw", &[]));
        }
        let pasted = paste::read(&args.hex.join(" ")).map_err(|error| Failure::of(&error, words))?;
        return Ok(Input::Text(pasted));
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
        return Ok(Input::Raw(bytes));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::with(words, "decode-not-text", &[]))?;
    Ok(Input::Text(paste::read(&text).map_err(|error| Failure::of(&error, words))?))
}
