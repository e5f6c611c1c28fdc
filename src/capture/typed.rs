//! Bytes that a person typed or pasted, as a trace of one conversation.

use std::net::SocketAddr;

use crate::facts;
use crate::model::facts::Facts;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
use crate::model::tells::Tells;
use crate::trace::{Place, Store, Timestamp, Trace};
use crate::wire::deflate::Params;
use crate::wire::frame::hybi;
use crate::wire::start::start_of;
use crate::words::display_in_english;

/// Why a text is not bytes in hexadecimal. Places are counted in characters, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HexError {
    /// A character that is no digit and stands between no two bytes.
    NoDigit {
        /// The character.
        character: char,
        /// Its place.
        position: usize,
    },
    /// A byte has one digit.
    OneDigit {
        /// Before which place the other is missing.
        position: usize,
    },
}

impl Tells for HexError {
    fn message_id(&self) -> &'static str {
        "error-hex"
    }

    fn facts(&self) -> Facts {
        match *self {
            Self::NoDigit { character, position } => {
                facts!("no-digit", character, position = position.to_string())
            }
            Self::OneDigit { position } => facts!("one-digit", position = position.to_string()),
        }
    }
}

display_in_english!(HexError);

impl std::error::Error for HexError {}

/// Reads hexadecimal digits, two a byte, between which white space, commas, semicolons, colons, `0x` and `\x` may stand.
/// Behind `0x` or `\x` a lone digit is a byte too.
///
/// # Errors
/// Which character is in the way, or where a digit is missing.
pub fn parse_hex(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high: Option<u8> = None;
    // Only behind 0x or \x a lone digit is a whole byte; elsewhere one was forgotten.
    let mut prefixed = false;
    let missing = |at: usize| HexError::OneDigit { position: at + 1 };
    let mut rest = text.chars().enumerate().peekable();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|&(_, next)| next);
        if matches!((character, next), ('0' | '\\', Some('x' | 'X'))) {
            if high.is_some() {
                return Err(missing(at));
            }
            prefixed = true;
            rest.next();
        } else if let Some(digit) = character.to_digit(16) {
            match high.take() {
                None => high = Some(digit as u8),
                Some(first) => {
                    bytes.push(first << 4 | digit as u8);
                    prefixed = false;
                }
            }
        } else if character.is_whitespace() || matches!(character, ',' | ';' | ':') {
            if high.is_some() && !std::mem::take(&mut prefixed) {
                return Err(missing(at));
            }
            bytes.extend(high.take());
        } else {
            return Err(HexError::NoDigit { character, position: at + 1 });
        }
    }
    if high.is_some() && !prefixed {
        return Err(missing(text.chars().count()));
    }
    bytes.extend(high);
    Ok(bytes)
}

/// One conversation with these bytes of one side. Without a protocol, what has a beginning of its own ([`start_of`]) is
/// read as that and everything else as frames of RFC 6455; without a side, masked frames are the client's.
pub fn trace_of(bytes: &[u8], protocol: Option<Protocol>, from: Option<Side>, deflate: bool) -> Trace {
    let mut trace = Trace::new(Store::default());
    let start = if protocol.is_none_or(|p| p.family().is_none()) { start_of(bytes) } else { None };
    let opening = start.is_some();
    let protocol = protocol.unwrap_or(Protocol::LATEST);
    let is_server = |bytes: &[u8]| match protocol.family() {
        Some(Family::Hybi) => hybi::Header::read(bytes).is_none_or(|(header, _)| header.mask.is_none()),
        _ => false,
    };
    let side = match (from, start) {
        (Some(side), _) => side,
        (None, Some(start)) => start.side().unwrap_or(Side::Client),
        (None, None) if is_server(bytes) => Side::Server,
        (None, None) => Side::Client,
    };
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let talk = if opening || protocol.family().is_none() {
        trace.open(nowhere, nowhere, false, 0)
    } else {
        trace.open_as(protocol, deflate.then(Params::default))
    };
    // A chunk's length has 32 bits; a paste is far below.
    let at = trace.store.append(bytes);
    trace.data(talk, side, Place { at, headers: None }, bytes.len() as u32, 0, Timestamp(0));
    trace.finish();
    for talk in trace.conversations_mut() {
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
        let wrong = parse_hex("81 0g").unwrap_err();
        assert_eq!(wrong, HexError::NoDigit { character: 'g', position: 5 });
        assert_eq!(wrong.to_string(), "`g` at position 5 is no hexadecimal digit");
        assert_eq!(
            parse_hex("81 8").unwrap_err().to_string(),
            "a byte has two digits: one is missing before position 5"
        );
        assert!(parse_hex(r"8\x05").is_err() && parse_hex("81 8").is_err() && parse_hex("8 05").is_err());
    }

    #[test]
    fn the_side_follows_from_the_mask() {
        let side = |bytes: &[u8]| {
            trace_of(bytes, None, None, false).conversations()[0].items.get(0).map(|item| item.side)
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
