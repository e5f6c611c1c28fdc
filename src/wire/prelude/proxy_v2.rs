//! Version 2 of the PROXY protocol: a signature, what it is about, addresses and typed values (section 2.2 of its
//! specification).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------------------------------------------------------+
//! |              signature: 0D 0A 0D 0A 00 0D 0A 51               |
//! |                          55 49 54 0A                          |
//! +-------+-------+-------+-------+-------------------------------+
//! |version|command|family |protoc.|            length             |
//! +-------+-------+-------+-------+-------------------------------+
//! |    source address, destination address, ports, then TLVs      |
//! ```

use std::net::{IpAddr, SocketAddr};

use super::reader::{Read, Reader, big_endian, byte, ip, kinds};
use super::{Beginning, Kind, Target};
use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// The bytes that every header begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, version and command, family and protocol, length.
const FIXED: usize = 16;

/// The longest unique id (section 2.2.5).
const MAX_UNIQUE_ID: usize = 128;

const LOCAL: u8 = 0;
const PROXY: u8 = 1;
const ALPN: u8 = 0x01;
const AUTHORITY: u8 = 0x02;
const CRC32C: u8 = 0x03;
const NOOP: u8 = 0x04;
const UNIQUE_ID: u8 = 0x05;
const SSL: u8 = 0x20;
const NETNS: u8 = 0x30;

kinds! {
    HEADER "proxy-v2" "PROXY header, version 2" ProxyProtocol "2.2";
    SIGNATURE_FIELD "proxy-v2-signature" "signature" ProxyProtocol "2.2";
    VERSION "proxy-v2-version" "version" ProxyProtocol "2.2";
    COMMAND "proxy-v2-command" "command" ProxyProtocol "2.2";
    FAMILY "proxy-v2-family" "address family" ProxyProtocol "2.2";
    TRANSPORT "proxy-v2-protocol" "transport protocol" ProxyProtocol "2.2";
    LENGTH "proxy-v2-length" "length" ProxyProtocol "2.2";
    SOURCE "proxy-v2-source" "source address" ProxyProtocol "2.2";
    DESTINATION "proxy-v2-destination" "destination address" ProxyProtocol "2.2";
    SOURCE_PORT "proxy-v2-source-port" "source port" ProxyProtocol "2.2";
    DESTINATION_PORT "proxy-v2-destination-port" "destination port" ProxyProtocol "2.2";
    TLV "proxy-v2-tlv" "TLV" ProxyProtocol "2.2";
    TLV_TYPE "proxy-v2-tlv-type" "type" ProxyProtocol "2.2";
    TLV_LENGTH "proxy-v2-tlv-length" "length" ProxyProtocol "2.2";
    TLV_VALUE "proxy-v2-tlv-value" "value" ProxyProtocol "2.2.8";
    TLV_ALPN "proxy-v2-alpn" "PP2_TYPE_ALPN" ProxyProtocol "2.2.1";
    TLV_AUTHORITY "proxy-v2-authority" "PP2_TYPE_AUTHORITY" ProxyProtocol "2.2.2";
    TLV_CRC32C "proxy-v2-crc32c" "PP2_TYPE_CRC32C" ProxyProtocol "2.2.3";
    TLV_NOOP "proxy-v2-noop" "PP2_TYPE_NOOP" ProxyProtocol "2.2.4";
    TLV_UNIQUE_ID "proxy-v2-unique-id" "PP2_TYPE_UNIQUE_ID" ProxyProtocol "2.2.5";
    TLV_SSL "proxy-v2-ssl" "PP2_TYPE_SSL" ProxyProtocol "2.2.6";
    SSL_UNUSED "proxy-v2-ssl-unused" "unused" ProxyProtocol "2.2.6";
    SSL_CERT_SESS "proxy-v2-ssl-cert-sess" "PP2_CLIENT_CERT_SESS" ProxyProtocol "2.2.6";
    SSL_CERT_CONN "proxy-v2-ssl-cert-conn" "PP2_CLIENT_CERT_CONN" ProxyProtocol "2.2.6";
    SSL_CLIENT "proxy-v2-ssl-client" "PP2_CLIENT_SSL" ProxyProtocol "2.2.6";
    SSL_VERIFY "proxy-v2-ssl-verify" "verify" ProxyProtocol "2.2.6";
    SSL_TEXT "proxy-v2-ssl-text" "text about TLS" ProxyProtocol "2.2.6";
    TLV_NETNS "proxy-v2-netns" "PP2_TYPE_NETNS" ProxyProtocol "2.2.7";
    REST "proxy-v2-rest" "not read" ProxyProtocol "2.2";
}

/// Whether a client that sends these bytes first opens with such a header. Its fifth byte, NUL, stands in no text
/// protocol behind two line ends.
pub(super) fn begins(client: &[u8]) -> Beginning {
    if client.starts_with(&SIGNATURE) {
        Beginning::Yes(Kind::ProxyV2)
    } else if SIGNATURE.starts_with(client) {
        Beginning::More
    } else {
        Beginning::No
    }
}

/// Reads the header. Broken where the signature differs, or the version is not 2 and so the rest has another shape.
pub(super) fn read(bytes: &[u8]) -> Parse<Read> {
    if let Some(at) = bytes.iter().zip(SIGNATURE).position(|(byte, expected)| *byte != expected) {
        return Parse::Broken(malformed(byte(at), facts!("signature")));
    }
    if let Some(version) = bytes.get(SIGNATURE.len()).map(|byte| byte >> 4)
        && version != 2
    {
        return Parse::Broken(malformed(BitRange::new(96, 100), facts!("version", version)));
    }
    let Some(length) = bytes.get(14..FIXED) else { return Parse::More };
    let end = FIXED + big_endian(length) as usize;
    match bytes.get(..end) {
        Some(header) => Parse::Done(understand(header), end),
        None => Parse::More,
    }
}

/// How many bytes the addresses and ports of a family take, and how many of them each address.
const fn sizes(family: u8) -> (usize, usize) {
    match family {
        1 => (12, 4),
        2 => (36, 16),
        3 => (216, 108),
        _ => (0, 0),
    }
}

/// What a whole header says.
fn understand(header: &[u8]) -> Read {
    let mut read = Read::default();
    let nibbles = |at: usize| header.get(at).map_or((0, 0), |byte| (byte >> 4, byte & 0x0F));
    let (_, command) = nibbles(12);
    let (family, transport) = nibbles(13);
    let body = header.get(FIXED..).unwrap_or_default();
    if command > PROXY {
        read.findings.push(malformed(BitRange::new(100, 104), facts!("command", command)));
    }
    if command != LOCAL {
        // A receiver of LOCAL looks at neither.
        if family > 3 {
            read.findings.push(malformed(BitRange::new(104, 108), facts!("family", family)));
        }
        if transport > 2 {
            read.findings.push(malformed(BitRange::new(108, 112), facts!("transport", transport)));
        }
    }
    let (block, each) = sizes(family);
    if body.len() < block {
        if command != LOCAL {
            let facts = facts!("short", length = body.len(), needed = block);
            read.findings.push(malformed(BitRange::new(112, 128), facts));
        }
        return read;
    }
    if command == PROXY && (1..=2).contains(&family) {
        let socket = |address: usize, port: usize| {
            let ip = ip(body.get(address..address + each)?)?;
            let port = big_endian(body.get(port..port + 2)?) as u16;
            Some(SocketAddr::new(ip, port))
        };
        read.source = socket(0, 2 * each);
        read.destination = socket(each, 2 * each + 2).map(Target::from);
    }
    // Where the family is unspecified, anything may stand there.
    if (1..=3).contains(&family) {
        check_tlvs(header, FIXED + block, &mut read.findings);
    }
    read
}

/// One typed value: where it begins, its type, and its value.
struct Tlv<'a> {
    at: usize,
    kind: u8,
    value: &'a [u8],
}

impl Tlv<'_> {
    fn end(&self) -> usize {
        self.at + 3 + self.value.len()
    }
}

/// The typed value at `at`; none where it is not whole before the end of `bytes`.
fn tlv(bytes: &[u8], at: usize) -> Option<Tlv<'_>> {
    let (&[kind, high, low], rest) = bytes.get(at..)?.split_first_chunk::<3>()?;
    let value = rest.get(..usize::from(u16::from_be_bytes([high, low])))?;
    Some(Tlv { at, kind, value })
}

fn check_tlvs(header: &[u8], mut at: usize, findings: &mut Vec<Finding>) {
    while at < header.len() {
        let Some(tlv) = tlv(header, at) else {
            findings.push(malformed(BitRange::bytes(at, header.len()), facts!("tlv")));
            return;
        };
        let value = BitRange::bytes(at + 3, tlv.end());
        match tlv.kind {
            CRC32C if tlv.value.len() != 4 => {
                let facts = facts!("checksum-length", length = tlv.value.len());
                findings.push(malformed(BitRange::bytes(at + 1, at + 3), facts));
            }
            CRC32C => {
                let (found, computed) = (big_endian(tlv.value) as u32, checksum(header, at + 3));
                if found != computed {
                    let [found, computed] = [found, computed].map(|sum| format!("{sum:08x}"));
                    findings.push(malformed(value, facts!("checksum", found, computed)));
                }
            }
            UNIQUE_ID if tlv.value.len() > MAX_UNIQUE_ID => {
                let facts = facts!("unique-id", length = tlv.value.len(), limit = MAX_UNIQUE_ID);
                findings.push(malformed(value, facts));
            }
            SSL => check_ssl(header, &tlv, findings),
            _ => {}
        }
        at = tlv.end();
    }
}

/// The values inside `PP2_TYPE_SSL` end where it does.
fn check_ssl(header: &[u8], outer: &Tlv<'_>, findings: &mut Vec<Finding>) {
    let inside = header.get(..outer.end()).unwrap_or_default();
    let mut at = outer.at + 8;
    if inside.len() < at {
        findings.push(malformed(BitRange::bytes(outer.at, outer.end()), facts!("tlv")));
    }
    while at < inside.len() {
        let Some(tlv) = tlv(inside, at) else {
            findings.push(malformed(BitRange::bytes(at, inside.len()), facts!("tlv")));
            return;
        };
        at = tlv.end();
    }
}

/// CRC-32C over the header with zeros in place of the four bytes of the checksum itself.
fn checksum(header: &[u8], at: usize) -> u32 {
    let bytes = header.iter().enumerate();
    crc32c(bytes.map(|(i, byte)| if (at..at + 4).contains(&i) { 0 } else { *byte }))
}

/// CRC-32C, reflected, bit by bit: a header is short and comes once.
fn crc32c(bytes: impl Iterator<Item = u8>) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0x82F6_3B78 } else { sum >> 1 };
    !bytes.fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(byte), step))
}

fn malformed(bits: BitRange, facts: Facts) -> Finding {
    Rule::ProxyMalformed.says(bits, facts)
}

/// Describes the bytes of a header, or what is there of it.
pub(super) fn fields(bytes: &[u8]) -> Field {
    let mut reader = Reader::new(bytes);
    let _ = header_fields(&mut reader);
    reader.finish(&HEADER, &REST)
}

/// None where the bytes end.
fn header_fields(reader: &mut Reader<'_>) -> Option<()> {
    reader.leaf(&SIGNATURE_FIELD, SIGNATURE.len(), |bytes| Value::Bytes(bytes.to_vec()))?;
    let version = reader.bits([
        (&VERSION, 4, |version| Value::Number(u64::from(version))),
        (&COMMAND, 4, |command| Value::Named(u64::from(command), command_name(command))),
    ])?;
    let family = reader.bits([
        (&FAMILY, 4, |family| Value::Named(u64::from(family), family_name(family))),
        (&TRANSPORT, 4, |transport| Value::Named(u64::from(transport), transport_name(transport))),
    ])? >> 4;
    let length = reader.number(&LENGTH, 2)? as usize;
    if version >> 4 != 2 {
        return None;
    }
    let (block, each) = sizes(family);
    // Too short for its addresses: what is there is none of them.
    if length < block {
        return None;
    }
    let end = FIXED + length;
    if family == 3 {
        for kind in [&SOURCE, &DESTINATION] {
            reader.leaf(kind, each, socket_path)?;
        }
    } else if block > 0 {
        for kind in [&SOURCE, &DESTINATION] {
            let _: IpAddr = reader.address(kind, each)?;
        }
        for kind in [&SOURCE_PORT, &DESTINATION_PORT] {
            reader.number(kind, 2)?;
        }
    }
    if family <= 3 {
        tlv_fields(reader, end, tlv_name, value_field);
    }
    Some(())
}

/// The path of a UNIX socket: up to its first NUL.
fn socket_path(bytes: &[u8]) -> Value {
    let path = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(path) {
        Ok(path) if !path.is_empty() => Value::Text(path.to_owned()),
        _ => Value::Bytes(bytes.to_vec()),
    }
}

/// Typed values as far as they are whole before `end`.
fn tlv_fields(
    reader: &mut Reader<'_>,
    end: usize,
    name: fn(u8) -> &'static str,
    field: fn(&mut Reader<'_>, u8, usize) -> Option<()>,
) {
    loop {
        let mut part = reader.part(end);
        let at = part.at();
        let Some((kind, length)) = tlv(part.ahead(), 0).map(|tlv| (tlv.kind, tlv.value.len())) else {
            return;
        };
        let _ = part.named(&TLV_TYPE, name);
        let _ = part.number(&TLV_LENGTH, 2);
        let _ = field(&mut part, kind, length);
        reader.push(part.group(&TLV, at));
    }
}

/// The value of a typed value.
fn value_field(reader: &mut Reader<'_>, kind: u8, length: usize) -> Option<()> {
    let text: Option<&'static FieldKind> = match kind {
        ALPN => Some(&TLV_ALPN),
        AUTHORITY => Some(&TLV_AUTHORITY),
        UNIQUE_ID => Some(&TLV_UNIQUE_ID),
        NETNS => Some(&TLV_NETNS),
        _ => None,
    };
    match (text, kind) {
        (Some(text), _) => reader.text(text, length).map(|_| ()),
        (None, CRC32C) if length == 4 => reader.number(&TLV_CRC32C, 4).map(|_| ()),
        (None, SSL) if length >= 5 => {
            let start = reader.at();
            let mut part = reader.part(start + length);
            let flag: fn(u8) -> Value = |bit| Value::Flag(bit == 1);
            let _ = part.bits([
                (&SSL_UNUSED, 5, |bits| Value::Number(u64::from(bits))),
                (&SSL_CERT_SESS, 1, flag),
                (&SSL_CERT_CONN, 1, flag),
                (&SSL_CLIENT, 1, flag),
            ]);
            let _ = part.number(&SSL_VERIFY, 4);
            tlv_fields(&mut part, start + length, ssl_name, |reader, _, length| {
                reader.text(&SSL_TEXT, length).map(|_| ())
            });
            part.rest(&REST);
            reader.push(part.group(&TLV_SSL, start));
            Some(())
        }
        (None, NOOP) => reader.leaf(&TLV_NOOP, length, |bytes| Value::Bytes(bytes.to_vec())).map(|_| ()),
        _ => reader.leaf(&TLV_VALUE, length, |bytes| Value::Bytes(bytes.to_vec())).map(|_| ()),
    }
}

const fn command_name(command: u8) -> &'static str {
    match command {
        LOCAL => "LOCAL",
        PROXY => "PROXY",
        _ => "unassigned",
    }
}

const fn family_name(family: u8) -> &'static str {
    match family {
        0 => "AF_UNSPEC",
        1 => "AF_INET",
        2 => "AF_INET6",
        3 => "AF_UNIX",
        _ => "unassigned",
    }
}

const fn transport_name(transport: u8) -> &'static str {
    match transport {
        0 => "UNSPEC",
        1 => "STREAM",
        2 => "DGRAM",
        _ => "unassigned",
    }
}

const fn tlv_name(kind: u8) -> &'static str {
    match kind {
        ALPN => "PP2_TYPE_ALPN",
        AUTHORITY => "PP2_TYPE_AUTHORITY",
        CRC32C => "PP2_TYPE_CRC32C",
        NOOP => "PP2_TYPE_NOOP",
        UNIQUE_ID => "PP2_TYPE_UNIQUE_ID",
        SSL => "PP2_TYPE_SSL",
        NETNS => "PP2_TYPE_NETNS",
        0xE0..=0xEF => "application-specific",
        0xF0..=0xF7 => "experimental",
        0xF8.. => "reserved",
        _ => "unassigned",
    }
}

const fn ssl_name(kind: u8) -> &'static str {
    match kind {
        0x21 => "PP2_SUBTYPE_SSL_VERSION",
        0x22 => "PP2_SUBTYPE_SSL_CN",
        0x23 => "PP2_SUBTYPE_SSL_CIPHER",
        0x24 => "PP2_SUBTYPE_SSL_SIG_ALG",
        0x25 => "PP2_SUBTYPE_SSL_KEY_ALG",
        _ => "unassigned",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_crc32c() {
        assert_eq!(super::crc32c(b"123456789".iter().copied()), 0xE306_9283);
    }
}
