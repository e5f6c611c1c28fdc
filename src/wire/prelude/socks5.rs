//! SOCKS 5 (RFC 1928), with user name and password (RFC 1929).
//!
//! ```text
//! client: VER 05 | NMETHODS | METHODS ...                  proxy: VER 05 | METHOD
//! client: VER 01 | ULEN | UNAME ... | PLEN | PASSWD ...    proxy: VER 01 | STATUS    (only with method 2)
//! client: VER 05 | CMD | RSV | ATYP | DST.ADDR ... | DST.PORT (2)
//! proxy:  VER 05 | REP | RSV | ATYP | BND.ADDR ... | BND.PORT (2)
//! ```

use std::net::SocketAddr;

use super::reader::{Read, Reader, big_endian, byte, ip, kinds};
use super::{Beginning, Kind, Target};
use crate::facts;
use crate::model::field::{BitRange, Field, FieldKind};
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// The method that needs no proof of who one is.
pub(super) const NO_AUTHENTICATION: u8 = 0;
/// The method of RFC 1929.
pub(super) const PASSWORD: u8 = 2;
/// The choice of a proxy that wants none of the methods.
pub(super) const NO_METHOD: u8 = 0xFF;
/// The command that opens a stream.
pub(super) const CONNECT: u8 = 1;
/// The command that waits for a stream from outside.
pub(super) const BIND: u8 = 2;
const UDP_ASSOCIATE: u8 = 3;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

kinds! {
    GREETING "socks-5-greeting" "SOCKS5 greeting" Rfc1928 "3";
    CHOICE "socks-5-choice" "SOCKS5 method selection" Rfc1928 "3";
    AUTH_REQUEST "socks-5-password-request" "SOCKS5 user name and password" Rfc1929 "2";
    AUTH_REPLY "socks-5-password-reply" "SOCKS5 password reply" Rfc1929 "2";
    REQUEST "socks-5-request" "SOCKS5 request" Rfc1928 "4";
    REPLY "socks-5-reply" "SOCKS5 reply" Rfc1928 "6";
    VERSION "socks-5-version" "VER" Rfc1928 "3";
    METHOD_COUNT "socks-5-method-count" "NMETHODS" Rfc1928 "3";
    OFFERED "socks-5-offered" "METHODS" Rfc1928 "3";
    METHOD "socks-5-method" "METHOD" Rfc1928 "3";
    AUTH_VERSION "socks-5-password-version" "VER" Rfc1929 "2";
    USER_LENGTH "socks-5-user-length" "ULEN" Rfc1929 "2";
    USER "socks-5-user" "UNAME" Rfc1929 "2";
    PASSWORD_LENGTH "socks-5-password-length" "PLEN" Rfc1929 "2";
    PASSWORD_FIELD "socks-5-password" "PASSWD" Rfc1929 "2";
    STATUS "socks-5-status" "STATUS" Rfc1929 "2";
    COMMAND "socks-5-command" "CMD" Rfc1928 "4";
    REPLY_CODE "socks-5-code" "REP" Rfc1928 "6";
    RESERVED "socks-5-reserved" "RSV" Rfc1928 "4";
    ADDRESS_TYPE "socks-5-address-type" "ATYP" Rfc1928 "5";
    NAME_LENGTH "socks-5-name-length" "length of the name" Rfc1928 "5";
    TARGET "socks-5-target" "DST.ADDR" Rfc1928 "4";
    TARGET_PORT "socks-5-target-port" "DST.PORT" Rfc1928 "4";
    BOUND "socks-5-bound" "BND.ADDR" Rfc1928 "6";
    BOUND_PORT "socks-5-bound-port" "BND.PORT" Rfc1928 "6";
    REST "socks-5-rest" "not read" Rfc1928 "3";
}

/// Whether a client that sends these bytes first offers methods to a SOCKS 5 proxy.
///
/// Strict, since `05 01 00` is short: each method is one of the registry or a private one, none is offered twice, and
/// one of the three of RFC 1928 is among them.
pub(super) fn begins(client: &[u8]) -> Beginning {
    let Some(&count) = client.get(1) else { return Beginning::More };
    let ahead = client.get(2..).unwrap_or_default();
    let methods = ahead.get(..usize::from(count)).unwrap_or(ahead);
    let known = |method: u8| matches!(method, 0..=3 | 5..=9 | 0x80..=0xFE);
    let fits = |(at, method): (usize, &u8)| known(*method) && !methods.iter().take(at).any(|m| m == method);
    if count == 0 || !methods.iter().enumerate().all(fits) {
        return Beginning::No;
    }
    if methods.len() < usize::from(count) {
        return Beginning::More;
    }
    if methods.iter().any(|method| *method <= PASSWORD) {
        Beginning::Yes(Kind::Socks5)
    } else {
        Beginning::No
    }
}

/// Reads the greeting. Broken where it is of another version.
pub(super) fn read_greeting(bytes: &[u8]) -> Parse<Read> {
    if let Err(broken) = version(bytes, 5) {
        return Parse::Broken(broken);
    }
    let Some(&count) = bytes.get(1) else { return Parse::More };
    let end = 2 + usize::from(count);
    if bytes.len() < end {
        return Parse::More;
    }
    let mut read = Read::default();
    if count == 0 {
        read.findings.push(Rule::SocksMalformed.says(byte(1), facts!("no-methods")));
    }
    Parse::Done(read, end)
}

/// Reads the choice of a method. Broken where it is of another version.
pub(super) fn read_choice(bytes: &[u8], offered: Methods) -> Parse<Read> {
    if let Err(broken) = version(bytes, 5) {
        return Parse::Broken(broken);
    }
    let Some(&method) = bytes.get(1) else { return Parse::More };
    let mut read = Read { code: method, ..Read::default() };
    if method == NO_METHOD {
        read.findings.push(Rule::SocksRefused.says(byte(1), facts!("methods")));
    } else if !offered.has(method) {
        let facts = facts!("not-offered", method, name = method_name(method));
        read.findings.push(Rule::SocksMalformed.says(byte(1), facts));
    }
    Parse::Done(read, 2)
}

/// Reads user name and password. Broken where the sub-negotiation is of another version.
pub(super) fn read_auth_request(bytes: &[u8]) -> Parse<Read> {
    if let Err(broken) = version(bytes, 1) {
        return Parse::Broken(broken);
    }
    let mut read = Read::default();
    let mut at = 1;
    for form in [facts!("empty-user"), facts!("empty-password")] {
        let Some(&length) = bytes.get(at) else { return Parse::More };
        if length == 0 {
            read.findings.push(Rule::SocksMalformed.says(byte(at), form));
        }
        at += 1 + usize::from(length);
    }
    if bytes.len() < at { Parse::More } else { Parse::Done(read, at) }
}

/// Reads whether user name and password are right. Broken where its version is neither 1 nor, as some proxies write, 5.
pub(super) fn read_auth_reply(bytes: &[u8]) -> Parse<Read> {
    let mut read = Read::default();
    if let Err(wrong) = version(bytes, 1) {
        if bytes.first() != Some(&5) {
            return Parse::Broken(wrong);
        }
        read.findings.push(wrong);
    }
    let Some(&status) = bytes.get(1) else { return Parse::More };
    read.code = status;
    if status != 0 {
        read.findings.push(Rule::SocksRefused.says(byte(1), facts!("password", status)));
    }
    Parse::Done(read, 2)
}

/// Reads a request. Broken where its version or its type of address is unknown.
pub(super) fn read_request(bytes: &[u8]) -> Parse<Read> {
    let (target, end) = match addressed(bytes) {
        Parse::Done(target, end) => (target, end),
        Parse::More => return Parse::More,
        Parse::Broken(broken) => return Parse::Broken(broken),
    };
    let command = bytes.get(1).copied().unwrap_or_default();
    let mut read = Read { code: command, ..Read::default() };
    if command != CONNECT {
        read.findings.push(not_connect(command, byte(1)));
    }
    reserved(bytes, &mut read.findings);
    if target.host.is_empty() {
        read.findings.push(Rule::SocksMalformed.says(byte(4), facts!("empty-name")));
    }
    read.destination = Some(target);
    Parse::Done(read, end)
}

/// Reads a reply. Broken where its version or its type of address is unknown.
pub(super) fn read_reply(bytes: &[u8]) -> Parse<Read> {
    let end = match addressed(bytes) {
        Parse::Done(_, end) => end,
        Parse::More => return Parse::More,
        Parse::Broken(broken) => return Parse::Broken(broken),
    };
    let code = bytes.get(1).copied().unwrap_or_default();
    let mut read = Read { code, ..Read::default() };
    if code != 0 {
        read.findings.push(Rule::SocksRefused.says(byte(1), facts!("reply", code, name = reply_name(code))));
    }
    reserved(bytes, &mut read.findings);
    Parse::Done(read, end)
}

/// What is said of a command that opens no stream at once.
pub(super) fn not_connect(command: u8, bits: BitRange) -> Finding {
    Rule::SocksCommand.says(
        bits,
        match command {
            BIND => facts!("bind"),
            UDP_ASSOCIATE => facts!("udp"),
            _ => facts!("other", command),
        },
    )
}

/// The methods that a client offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Methods([u64; 4]);

impl Methods {
    /// Those of a greeting.
    pub(super) fn of(greeting: &[u8]) -> Self {
        let mut methods = Self::default();
        for method in greeting.iter().skip(2) {
            if let Some(word) = methods.0.get_mut(usize::from(method / 64)) {
                *word |= 1_u64 << (method % 64);
            }
        }
        methods
    }

    fn has(self, method: u8) -> bool {
        self.0.get(usize::from(method / 64)).is_some_and(|word| word >> (method % 64) & 1 == 1)
    }
}

/// Whether the first byte, where it is there, is this version.
fn version(bytes: &[u8], expected: u8) -> Result<(), Finding> {
    match bytes.first() {
        Some(&found) if found != expected => {
            Err(Rule::SocksMalformed.says(byte(0), facts!("version", found, expected)))
        }
        _ => Ok(()),
    }
}

fn reserved(bytes: &[u8], findings: &mut Vec<Finding>) {
    if let Some(&value) = bytes.get(2).filter(|value| **value != 0) {
        findings.push(Rule::SocksMalformed.says(byte(2), facts!("reserved", value)));
    }
}

/// The address and port of a request or a reply, and the message's length.
fn addressed(bytes: &[u8]) -> Parse<Target> {
    if let Err(broken) = version(bytes, 5) {
        return Parse::Broken(broken);
    }
    let Some(&kind) = bytes.get(3) else { return Parse::More };
    let (start, length) = match kind {
        IPV4 => (4, 4),
        IPV6 => (4, 16),
        NAME => match bytes.get(4) {
            Some(length) => (5, usize::from(*length)),
            None => return Parse::More,
        },
        other => {
            let facts = facts!("address-type", kind = other);
            return Parse::Broken(Rule::SocksMalformed.says(byte(3), facts));
        }
    };
    let end = start + length + 2;
    let (Some(host), Some(port)) = (bytes.get(start..start + length), bytes.get(end - 2..end)) else {
        return Parse::More;
    };
    let port = big_endian(port) as u16;
    let target = match ip(host).filter(|_| kind != NAME) {
        Some(address) => Target::from(SocketAddr::new(address, port)),
        None => Target { host: String::from_utf8_lossy(host).into_owned(), port },
    };
    Parse::Done(target, end)
}

/// Describes the bytes of a greeting, or what is there of it.
pub(super) fn greeting_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&VERSION, 1)?;
        let count = reader.number(&METHOD_COUNT, 1)?;
        let start = reader.at();
        let mut part = reader.part(start + count as usize);
        while part.named(&METHOD, method_name).is_some() {}
        if part.at() > start {
            reader.push(part.group(&OFFERED, start));
        }
        Some(())
    })();
    reader.finish(&GREETING, &REST)
}

/// Describes the bytes of a choice, or what is there of it.
pub(super) fn choice_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = reader.number(&VERSION, 1);
    let _ = reader.named(&METHOD, method_name);
    reader.finish(&CHOICE, &REST)
}

/// Describes user name and password, or what is there of them.
pub(super) fn auth_request_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&AUTH_VERSION, 1)?;
        let length = reader.number(&USER_LENGTH, 1)?;
        reader.text(&USER, length as usize)?;
        let length = reader.number(&PASSWORD_LENGTH, 1)?;
        reader.text(&PASSWORD_FIELD, length as usize)
    })();
    reader.finish(&AUTH_REQUEST, &REST)
}

/// Describes the answer to them, or what is there of it.
pub(super) fn auth_reply_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = reader.number(&AUTH_VERSION, 1);
    let _ = reader.named(&STATUS, |status| if status == 0 { "success" } else { "failure" });
    reader.finish(&AUTH_REPLY, &REST)
}

/// Describes the bytes of a request, or what is there of it.
pub(super) fn request_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&VERSION, 1)?;
        reader.named(&COMMAND, command_name)?;
        address_fields(&mut reader, &TARGET, &TARGET_PORT)
    })();
    reader.finish(&REQUEST, &REST)
}

/// Describes the bytes of a reply, or what is there of it.
pub(super) fn reply_fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = (|| {
        reader.number(&VERSION, 1)?;
        reader.named(&REPLY_CODE, reply_name)?;
        address_fields(&mut reader, &BOUND, &BOUND_PORT)
    })();
    reader.finish(&REPLY, &REST)
}

/// None where the bytes end, or the type of address is unknown.
fn address_fields(
    reader: &mut Reader<'_>,
    address: &'static FieldKind,
    port: &'static FieldKind,
) -> Option<u64> {
    reader.number(&RESERVED, 1)?;
    match reader.named(&ADDRESS_TYPE, address_type_name)? {
        IPV4 => {
            reader.address(address, 4)?;
        }
        IPV6 => {
            reader.address(address, 16)?;
        }
        NAME => {
            let length = reader.number(&NAME_LENGTH, 1)?;
            reader.text(address, length as usize)?;
        }
        _ => return None,
    }
    reader.number(port, 2)
}

const fn method_name(method: u8) -> &'static str {
    match method {
        0x00 => "No Authentication Required",
        0x01 => "GSSAPI",
        0x02 => "Username/Password",
        0x03 => "Challenge-Handshake Authentication Protocol",
        0x05 => "Challenge-Response Authentication Method",
        0x06 => "Secure Sockets Layer",
        0x07 => "NDS Authentication",
        0x08 => "Multi-Authentication Framework",
        0x09 => "JSON Parameter Block",
        0x80..=0xFE => "Private Method",
        0xFF => "No Acceptable Methods",
        _ => "Unassigned",
    }
}

const fn command_name(command: u8) -> &'static str {
    match command {
        CONNECT => "CONNECT",
        BIND => "BIND",
        UDP_ASSOCIATE => "UDP ASSOCIATE",
        _ => "unassigned",
    }
}

const fn address_type_name(kind: u8) -> &'static str {
    match kind {
        IPV4 => "IP V4 address",
        NAME => "DOMAINNAME",
        IPV6 => "IP V6 address",
        _ => "unassigned",
    }
}

const fn reply_name(code: u8) -> &'static str {
    match code {
        0 => "succeeded",
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "Network unreachable",
        4 => "Host unreachable",
        5 => "Connection refused",
        6 => "TTL expired",
        7 => "Command not supported",
        8 => "Address type not supported",
        _ => "unassigned",
    }
}
