//! `framescope decode`: bytes that a person pasted.

use std::io::{self, Read, Write};

use super::Failure;
use super::args::{DecodeArgs, DecodeFormat};
use super::output;
use crate::export::{json, text};
use crate::protocol::{Family, Protocol, Side};
use crate::rule::Rule;
use crate::trace::{Place, Store, Timestamp, Trace};
use crate::wire::deflate::Params;
use crate::wire::frame::hybi;

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
        return parse_hex(&args.hex.join(" ")).map_err(Failure::Said);
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
    parse_hex(&text).map_err(Failure::Said)
}

/// Reads hexadecimal digits between which white space, commas, `0x` and `\x` may stand.
pub(crate) fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high: Option<u8> = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|&(_, next)| next);
        if matches!((character, next), ('0' | '\\', Some('x' | 'X'))) {
            if high.is_some() {
                return Err(format!("a byte has two digits: one is missing before position {}", at + 1));
            }
            rest.next();
        } else if let Some(digit) = character.to_digit(16) {
            match high.take() {
                None => high = Some(digit as u8),
                Some(first) => bytes.push(first << 4 | digit as u8),
            }
        } else if character.is_whitespace() || matches!(character, ',' | ';' | ':') {
            // A lone digit between separators, as in "0x1, 0x2", is a whole byte.
            bytes.extend(high.take());
        } else {
            return Err(format!("`{character}` at position {} is no hexadecimal digit", at + 1));
        }
    }
    bytes.extend(high);
    Ok(bytes)
}

/// One conversation with these bytes of one side.
pub(crate) fn trace_of(bytes: &[u8], protocol: Option<Protocol>, from: Option<Side>, deflate: bool) -> Trace {
    let mut trace = Trace::new(Store::default());
    let opening =
        matches!(bytes.first(), Some(b'A'..=b'Z' | b'<')) && protocol.is_none_or(|p| p.family().is_none());
    let protocol = protocol.unwrap_or(Protocol::Rfc6455);
    let guessed = match protocol.family() {
        _ if bytes.starts_with(b"HTTP/") || bytes.starts_with(b"<cross") || bytes.starts_with(b"<?xml") => {
            Side::Server
        }
        _ if opening => Side::Client,
        Some(Family::Hybi) if hybi::Header::read(bytes).is_none_or(|(header, _)| header.mask.is_none()) => {
            Side::Server
        }
        _ => Side::Client,
    };
    let side = from.unwrap_or(guessed);
    let nowhere = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
    let talk = if opening || protocol.family().is_none() {
        trace.open(nowhere, nowhere, false, 0)
    } else {
        trace.open_as(protocol, deflate.then(Params::default))
    };
    // A chunk's length has 32 bits; a paste is far below.
    let at = trace.store.append(bytes);
    trace.data(talk, side, Place { at, headers: None }, bytes.len() as u32, 0, Timestamp(0));
    trace.finish();
    for talk in &mut trace.conversations {
        // One half of a handshake is all that was pasted.
        talk.findings.retain(|finding| finding.rule != Rule::HandshakeIncomplete);
    }
    trace
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_as_people_write_it() {
        let expected = vec![0x81, 0x05, 0x48];
        for text in ["810548", "81 05 48", "0x81, 0x05, 0x48", r"\x81\x05\x48", "81:05:48\n", "0x81 0x5 0x48"]
        {
            assert_eq!(parse_hex(text).as_ref(), Ok(&expected), "{text}");
        }
        assert_eq!(parse_hex("81 0g"), Err("`g` at position 5 is no hexadecimal digit".to_owned()));
        assert!(parse_hex(r"8\x05").is_err());
    }

    #[test]
    fn the_side_follows_from_the_mask() {
        let side = |bytes: &[u8]| {
            trace_of(bytes, None, None, false).conversations[0].items.get(0).map(|item| item.side)
        };
        assert_eq!(
            side(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]),
            Some(Side::Client)
        );
        assert_eq!(side(&[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]), Some(Side::Server));
        assert_eq!(side(b"GET / HTTP/1.1\r\n\r\n"), Some(Side::Client));
        assert_eq!(side(b"HTTP/1.1 101 OK\r\n\r\n"), Some(Side::Server));
    }
}
