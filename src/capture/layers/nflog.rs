//! NFLOG: packets that Linux's packet filter copied, with what it knows about them.

use super::ip;
use super::reader::{Reader, kinds};
use super::walk::{Step, WRONG, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::LinkTypes;

kinds! {
    NFLOG "nflog" "NFLOG" LinkTypes "" Link;
    FAMILY "nflog-family" "Address family" LinkTypes "";
    VERSION "nflog-version" "Version" LinkTypes "";
    RESOURCE "nflog-resource" "Resource ID" LinkTypes "";
    ENTRY "nflog-tlv" "TLV" LinkTypes "" Link;
    ENTRY_LENGTH "nflog-tlv-length" "TLV length" LinkTypes "";
    ENTRY_TYPE "nflog-tlv-type" "TLV type" LinkTypes "";
    ENTRY_VALUE "nflog-tlv-value" "TLV value" LinkTypes "";
    ENTRY_PADDING "nflog-tlv-padding" "Padding" LinkTypes "";
}

/// The type of the entry that holds the packet.
const PAYLOAD: u64 = 9;

/// The header, and the entries before the packet.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([family, ..]) = walk.reader.peek::<4>() else { return walk.short() };
    walk.reader.group(&NFLOG, |reader| {
        reader.named(&FAMILY, 8, |family| match family {
            2 => Some("IPv4"),
            10 => Some("IPv6"),
            _ => None,
        });
        reader.number(&VERSION, 8);
        reader.number(&RESOURCE, 16);
    });
    let little = is_little(walk.reader.ahead());
    loop {
        if walk.reader.ahead().is_empty() {
            return Step::Found(Decoded::Other(Kind::NoPacket));
        }
        let Some([a, b, c, d]) = walk.reader.peek::<4>() else { return walk.short() };
        let length = usize::from(number(little, [a, b]));
        let kind = u64::from(number(little, [c, d]) & 0x7FFF);
        if length < 4 {
            return WRONG;
        }
        if kind == PAYLOAD {
            walk.reader.group(&ENTRY, |reader| entry(reader, little));
            let end = walk.reader.at() + length - 4;
            walk.ends_at(end);
            return match family {
                2 | 10 => Step::Header(ip::either),
                other => Step::Found(Decoded::Other(Kind::Family(other))),
            };
        }
        if !walk.reader.has(length) {
            return walk.short();
        }
        walk.reader.group(&ENTRY, |reader| {
            entry(reader, little);
            reader.opaque(&ENTRY_VALUE, length - 4);
            let padding = length.next_multiple_of(4) - length;
            reader.opaque(&ENTRY_PADDING, padding.min(reader.ahead().len()));
        });
    }
}

fn entry(reader: &mut Reader<'_>, little: bool) {
    if little {
        reader.little(&ENTRY_LENGTH, 2);
        reader.little_named(&ENTRY_TYPE, 2, name);
    } else {
        reader.number(&ENTRY_LENGTH, 16);
        reader.named(&ENTRY_TYPE, 16, name);
    }
}

fn number(little: bool, bytes: [u8; 2]) -> u16 {
    if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
}

/// Entries are in the byte order of the machine that recorded, which a packet by itself does not tell; but types are
/// small numbers, so the order in which the first one is small is the right one.
fn is_little(entries: &[u8]) -> bool {
    !matches!(entries, [_, _, 0, kind, ..] if *kind != 0)
}

fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "packet header",
        2 => "mark",
        3 => "timestamp",
        4 => "input interface",
        5 => "output interface",
        6 => "physical input interface",
        7 => "physical output interface",
        8 => "hardware address",
        9 => "payload",
        10 => "prefix",
        11 => "user",
        12 => "sequence number",
        13 => "global sequence number",
        14 => "group",
        15 => "hardware type",
        16 => "hardware header",
        17 => "hardware header length",
        _ => return None,
    })
}
