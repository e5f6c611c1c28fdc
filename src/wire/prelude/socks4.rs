//! SOCKS 4, and 4a, in which the client names a host that it cannot resolve.
//!
//! ```text
//! request: VN 04 | CD | DSTPORT (2) | DSTIP (4) | USERID ... | 00 | in 4a, where DSTIP is 0.0.0.x: host ... | 00
//! reply:   VN 00 | CD | DSTPORT (2) | DSTIP (4)
//! ```

use std::net::{Ipv4Addr, SocketAddr};

use super::reader::{Read, Reader, byte, kinds};
use super::{Beginning, Kind, Target};
use crate::facts;
use crate::model::field::{Field, FieldKind};
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// The longest user id and host name that are read, in bytes: the memos set no limit.
const MAX_TEXT: usize = 255;

/// Where the user id begins.
const FIXED: usize = 8;
const CONNECT: u8 = 1;
const BIND: u8 = 2;
/// The reply of a proxy that does what it was asked for.
pub(super) const GRANTED: u8 = 90;

kinds! {
    REQUEST "socks-4-request" "SOCKS4 request" Socks4 "";
    REPLY "socks-4-reply" "SOCKS4 reply" Socks4 "";
    VERSION "socks-4-version" "VN" Socks4 "";
    COMMAND "socks-4-command" "CD" Socks4 "";
    CODE "socks-4-code" "CD" Socks4 "";
    PORT "socks-4-port" "DSTPORT" Socks4 "";
    ADDRESS "socks-4-address" "DSTIP" Socks4 "";
    USER "socks-4-user" "USERID" Socks4 "";
    NUL "socks-4-nul" "NULL" Socks4 "";
    HOST "socks-4-host" "domain name" Socks4a "";
    REST "socks-4-rest" "not read" Socks4 "";
}

/// Whether a client that sends these bytes first asks a SOCKS 4 proxy for something.
///
/// Strict, since two bytes of binary data soon look like a request: the command is known, CONNECT has a port and an
/// address, and what is text is text.
pub(super) fn begins(client: &[u8]) -> Beginning {
    let command = match client.get(1) {
        None => return Beginning::More,
        Some(&command @ (CONNECT | BIND)) => command,
        Some(_) => return Beginning::No,
    };
    let nowhere =
        |from: usize, to: usize| client.get(from..to).is_some_and(|bytes| bytes.iter().all(|b| *b == 0));
    if command == CONNECT && (nowhere(2, 4) || nowhere(4, 8)) {
        return Beginning::No;
    }
    let texts = if named(client) { 2 } else { 1 };
    let mut at = FIXED;
    for index in 0..texts {
        let Some(ahead) = client.get(at..) else { return Beginning::More };
        let text = ahead.split(|byte| *byte == 0).next().unwrap_or_default();
        let plain = text.iter().all(|byte| *byte >= b' ' && *byte != 0x7F);
        if !plain || text.len() > MAX_TEXT {
            return Beginning::No;
        }
        if text.len() == ahead.len() {
            return Beginning::More;
        }
        if index == 1 && text.is_empty() {
            return Beginning::No;
        }
        at += text.len() + 1;
    }
    Beginning::Yes(Kind::Socks4)
}

/// Whether a request is one of 4a: an address `0.0.0.x` that is not all zeros stands for a name.
fn named(request: &[u8]) -> bool {
    matches!(request.get(4..8), Some([0, 0, 0, last]) if *last != 0)
}

/// Reads a request. Broken where it is of another version, or a text has no end.
pub(super) fn read_request(bytes: &[u8]) -> Parse<Read> {
    if let Some(version) = bytes.first().filter(|version| **version != 4) {
        let facts = facts!("version", found = *version, expected = 4_u8);
        return Parse::Broken(Rule::SocksMalformed.says(byte(0), facts));
    }
    let Some((&[_, command, high, low, a, b, c, d], _)) = bytes.split_first_chunk::<FIXED>() else {
        return Parse::More;
    };
    let port = u16::from_be_bytes([high, low]);
    let user_end = match text_end(bytes, FIXED) {
        Parse::Done((), end) => end,
        Parse::More => return Parse::More,
        Parse::Broken(finding) => return Parse::Broken(finding),
    };
    let mut read = Read { code: command, ..Read::default() };
    if command != CONNECT {
        read.findings.push(super::socks5::not_connect(command, byte(1)));
    }
    if !named(bytes) {
        read.destination = Some(Target::from(SocketAddr::new(Ipv4Addr::new(a, b, c, d).into(), port)));
        return Parse::Done(read, user_end);
    }
    match text_end(bytes, user_end) {
        Parse::Done((), end) => {
            let name = bytes.get(user_end..end - 1).unwrap_or_default();
            if name.is_empty() {
                read.findings.push(Rule::SocksMalformed.says(byte(user_end), facts!("empty-name")));
            }
            read.destination = Some(Target { host: String::from_utf8_lossy(name).into_owned(), port });
            Parse::Done(read, end)
        }
        Parse::More => Parse::More,
        Parse::Broken(finding) => Parse::Broken(finding),
    }
}

/// Where the text that begins at `at` ends, behind its NUL.
fn text_end(bytes: &[u8], at: usize) -> Parse<()> {
    let ahead = bytes.get(at..).unwrap_or_default();
    match memchr::memchr(0, ahead.get(..=MAX_TEXT).unwrap_or(ahead)) {
        Some(end) => Parse::Done((), at + end + 1),
        None if ahead.len() <= MAX_TEXT => Parse::More,
        None => {
            Parse::Broken(Rule::SocksMalformed.says(byte(at + MAX_TEXT), facts!("no-nul", limit = MAX_TEXT)))
        }
    }
}

/// Reads a reply. Broken where it is none: another version, or a code that no proxy sends.
pub(super) fn read_reply(bytes: &[u8]) -> Parse<Read> {
    let wrong = |found: u8| -> Finding {
        Rule::SocksMalformed.says(byte(0), facts!("version", found, expected = 0_u8))
    };
    if let Some(version) = bytes.first().filter(|version| !matches!(version, 0 | 4)) {
        return Parse::Broken(wrong(*version));
    }
    if let Some(code) = bytes.get(1).filter(|code| !(GRANTED..=93).contains(*code)) {
        return Parse::Broken(Rule::SocksMalformed.says(byte(1), facts!("code", code = *code)));
    }
    let Some(&[version, code, ..]) = bytes.first_chunk::<FIXED>() else { return Parse::More };
    let mut read = Read { code, ..Read::default() };
    if version != 0 {
        // Some proxies repeat the request's version.
        read.findings.push(wrong(version));
    }
    if code != GRANTED {
        let facts = facts!("reply", code, name = reply_name(code));
        read.findings.push(Rule::SocksRefused.says(byte(1), facts));
    }
    Parse::Done(read, FIXED)
}

/// Describes the bytes of a request, or what is there of it.
pub(super) fn request_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&VERSION, 1)?;
        reader.named(&COMMAND, command_name)?;
        reader.number(&PORT, 2)?;
        reader.address(&ADDRESS, 4)?;
        text_field(&mut reader, &USER)?;
        if named(bytes) {
            text_field(&mut reader, &HOST)?;
        }
        Some(())
    })();
    reader.finish(&REQUEST, &REST)
}

/// A text and its NUL; the text alone where the bytes end. None where there is no NUL.
fn text_field(reader: &mut Reader<'_>, kind: &'static FieldKind) -> Option<()> {
    let end = memchr::memchr(0, reader.ahead());
    reader.text(kind, end.unwrap_or(reader.ahead().len()))?;
    reader.number(&NUL, 1)?;
    Some(())
}

/// Describes the bytes of a reply, or what is there of it.
pub(super) fn reply_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&VERSION, 1)?;
        reader.named(&CODE, reply_name)?;
        reader.number(&PORT, 2)?;
        reader.address(&ADDRESS, 4)
    })();
    reader.finish(&REPLY, &REST)
}

const fn command_name(command: u8) -> &'static str {
    match command {
        CONNECT => "CONNECT",
        BIND => "BIND",
        _ => "unassigned",
    }
}

const fn reply_name(code: u8) -> &'static str {
    match code {
        GRANTED => "request granted",
        91 => "request rejected or failed",
        92 => "rejected: no identd on the client",
        93 => "rejected: identd reports another user id",
        _ => "unassigned",
    }
}
