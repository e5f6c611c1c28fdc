//! Version 1 of the PROXY protocol: one line of text (section 2.1 of its specification).
//!
//! ```text
//! PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n
//! PROXY UNKNOWN\r\n
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::reader::{Read, Reader, byte, kinds};
use super::{Beginning, Kind, Target};
use crate::facts;
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// The longest line, with its CR LF.
const MAX_LINE: usize = 107;

const OPENINGS: [&[u8]; 3] = [b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN"];
const KEYWORD: &[u8] = b"PROXY ";
const UNKNOWN: &[u8] = b"UNKNOWN";

kinds! {
    HEADER "proxy-v1" "PROXY header, version 1" ProxyProtocol "2.1";
    TAG "proxy-v1-keyword" "PROXY" ProxyProtocol "2.1";
    SPACE "proxy-v1-space" "space" ProxyProtocol "2.1";
    PROTOCOL "proxy-v1-protocol" "protocol and family" ProxyProtocol "2.1";
    SOURCE "proxy-v1-source" "source address" ProxyProtocol "2.1";
    DESTINATION "proxy-v1-destination" "destination address" ProxyProtocol "2.1";
    SOURCE_PORT "proxy-v1-source-port" "source port" ProxyProtocol "2.1";
    DESTINATION_PORT "proxy-v1-destination-port" "destination port" ProxyProtocol "2.1";
    IGNORED "proxy-v1-ignored" "ignored" ProxyProtocol "2.1";
    LINE_END "proxy-v1-line-end" "CR LF" ProxyProtocol "2.1";
    REST "proxy-v1-rest" "not read" ProxyProtocol "2.1";
}

/// Whether a client that sends these bytes first opens with such a line: it says `PROXY`, and one of the three words
/// that version 1 knows. No method of HTTP reads so.
pub(super) fn begins(client: &[u8]) -> Beginning {
    if OPENINGS.iter().any(|opening| client.starts_with(opening)) {
        Beginning::Yes(Kind::ProxyV1)
    } else if OPENINGS.iter().any(|opening| opening.starts_with(client)) {
        Beginning::More
    } else {
        Beginning::No
    }
}

/// Reads the line. Broken where it is no such line, or does not end as it must.
pub(super) fn read(bytes: &[u8]) -> Parse<Read> {
    if let Some(at) = bytes.iter().zip(KEYWORD).position(|(byte, expected)| byte != expected) {
        return Parse::Broken(malformed(byte(at), facts!("keyword")));
    }
    match line_end(bytes) {
        Parse::Done((), end) => Parse::Done(understand(bytes.get(..end - 2).unwrap_or_default()), end),
        Parse::More => Parse::More,
        Parse::Broken(finding) => Parse::Broken(finding),
    }
}

/// Where the line ends, behind its CR LF. Behind `UNKNOWN` everything before CR LF is ignored, a lone CR too.
fn line_end(bytes: &[u8]) -> Parse<()> {
    let ignored = bytes.get(KEYWORD.len()..).is_some_and(|rest| rest.starts_with(UNKNOWN));
    let line = bytes.get(..MAX_LINE).unwrap_or(bytes);
    for (at, pair) in line.windows(2).enumerate().skip(KEYWORD.len() - 1) {
        match pair {
            [b'\r', b'\n'] => return Parse::Done((), at + 2),
            [b'\r', _] if !ignored => return Parse::Broken(malformed(byte(at), facts!("line-end"))),
            [other, b'\n'] if !ignored && *other != b'\r' => {
                return Parse::Broken(malformed(byte(at + 1), facts!("line-end")));
            }
            _ => {}
        }
    }
    if line.len() < MAX_LINE {
        return Parse::More;
    }
    Parse::Broken(malformed(byte(MAX_LINE - 1), facts!("too-long", limit = MAX_LINE)))
}

/// The words of a line without its end.
fn understand(line: &[u8]) -> Read {
    let words = words(line);
    let mut read = Read::default();
    let protocol = words.get(1).map_or(&[][..], |word| word.text);
    let family: fn(&str) -> Option<IpAddr> = match protocol {
        b"TCP4" => |text| text.parse::<Ipv4Addr>().ok().map(IpAddr::from),
        b"TCP6" => |text| text.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        other => {
            if !other.starts_with(UNKNOWN) {
                let bits = words.get(1).map_or(BitRange::bytes(0, line.len()), Word::bits);
                read.findings.push(malformed(bits, facts!("protocol", value = shown(other))));
            }
            return read;
        }
    };
    let [_, _, source, destination, source_port, destination_port] = words.as_slice() else {
        let bits = BitRange::bytes(0, line.len());
        read.findings.push(malformed(bits, facts!("words", found = words.len(), expected = 6_u64)));
        return read;
    };
    let address = |word: &Word<'_>, findings: &mut Vec<Finding>| {
        let found = std::str::from_utf8(word.text).ok().and_then(family);
        if found.is_none() {
            let facts = facts!("address", value = shown(word.text), family = shown(protocol));
            findings.push(malformed(word.bits(), facts));
        }
        found
    };
    let port = |word: &Word<'_>, findings: &mut Vec<Finding>| {
        let found = decimal_port(word.text);
        if found.is_none() {
            findings.push(malformed(word.bits(), facts!("port", value = shown(word.text))));
        }
        found
    };
    let findings = &mut read.findings;
    let from = (address(source, findings), port(source_port, findings));
    let to = (address(destination, findings), port(destination_port, findings));
    if let (Some(ip), Some(port)) = from {
        read.source = Some(SocketAddr::new(ip, port));
    }
    if let (Some(ip), Some(port)) = to {
        read.destination = Some(Target::from(SocketAddr::new(ip, port)));
    }
    read
}

/// A port in decimal digits, without zeros before it.
fn decimal_port(text: &[u8]) -> Option<u16> {
    let plain = text.iter().all(u8::is_ascii_digit) && (text.len() == 1 || text.first() != Some(&b'0'));
    std::str::from_utf8(text).ok().filter(|_| plain)?.parse().ok()
}

struct Word<'a> {
    at: usize,
    text: &'a [u8],
}

impl Word<'_> {
    fn bits(&self) -> BitRange {
        BitRange::bytes(self.at, self.at + self.text.len())
    }
}

/// The words between single spaces; two spaces have an empty word between them.
fn words(line: &[u8]) -> Vec<Word<'_>> {
    let mut at = 0;
    line.split(|byte| *byte == b' ')
        .map(|text| {
            let word = Word { at, text };
            at += text.len() + 1;
            word
        })
        .collect()
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn malformed(bits: BitRange, facts: crate::model::facts::Facts) -> Finding {
    Rule::ProxyMalformed.says(bits, facts)
}

/// Describes the bytes of a line, or what is there of it.
pub(super) fn fields(bytes: &[u8]) -> Field {
    const KINDS_IN_ORDER: [&FieldKind; 6] =
        [&TAG, &PROTOCOL, &SOURCE, &DESTINATION, &SOURCE_PORT, &DESTINATION_PORT];
    let mut reader = Reader::new(bytes);
    let end = memchr::memmem::find(bytes, b"\r\n").unwrap_or(bytes.len());
    let line = bytes.get(..end).unwrap_or_default();
    for (index, word) in words(line).iter().enumerate() {
        if index > 0 {
            let _ = reader.leaf(&SPACE, 1, |_| Value::Text(" ".to_owned()));
        }
        let ignored = index == 2 && line.get(KEYWORD.len()..).is_some_and(|rest| rest.starts_with(UNKNOWN));
        if ignored {
            let _ = reader.text(&IGNORED, end - reader.at());
            break;
        }
        let Some(kind) = KINDS_IN_ORDER.get(index) else { break };
        let _ = reader.text(kind, word.text.len());
    }
    let _ = reader.text(&REST, end - reader.at());
    let _ = reader.text(&LINE_END, (bytes.len() - end).min(2));
    reader.finish(&HEADER, &REST)
}
