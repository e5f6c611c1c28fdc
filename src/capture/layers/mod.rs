//! Every bit of one packet: link layer, IP, TCP, payload, and what stands behind it.

mod ip;
mod link;
mod reader;
mod tcp;
#[cfg(test)]
mod tests;

use crate::capture::link_type::LinkType;
use crate::capture::packet::PROTOCOL_TCP;
use crate::facts;
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::{Finding, Rule};
use crate::model::spec::Document::{Ieee802, Pcap, Rfc791};

use ip::Carries;
use reader::{Reader, kinds};

kinds! {
    PACKET "packet" "Packet" Pcap "4";
    UNREAD "packet-unread" "Not read" Pcap "4";
    IP_PAYLOAD "ip-payload" "IP payload" Rfc791 "3.1";
    FRAGMENT "ip-fragment" "Fragment" Rfc791 "3.2";
    TRAILER "packet-trailer" "Trailer" Ieee802 "3.2.8";
}

/// The kinds of field that packets are made of, of all layers.
pub fn kinds() -> impl Iterator<Item = &'static FieldKind> {
    [KINDS, link::KINDS, ip::KINDS, tcp::KINDS].into_iter().flatten().copied()
}

/// What a packet is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The packet as one field that spans its bytes; its parts are the layers.
    pub tree: Field,
    /// What is to be said about them, with places in bits of the packet.
    pub findings: Vec<Finding>,
}

/// Describes a packet of this link type. Never fails: what cannot be read is a field that says so.
///
/// `bytes` are the recorded bytes of the packet from the link layer on. The checksum of TCP is checked where the
/// whole segment is there.
pub fn layers(link: LinkType, bytes: &[u8]) -> Layers {
    let mut reader = Reader::new(bytes);
    let mut findings = Vec::new();
    if link::read(&mut reader, link).is_some()
        && let Some(carries) = ip::read(&mut reader)
    {
        payload(&mut reader, &carries, &mut findings);
    }
    reader.rest(&UNREAD);
    Layers { tree: Field::group(&PACKET, BitRange::bytes(0, bytes.len()), reader.finish()), findings }
}

fn payload(reader: &mut Reader<'_>, carries: &Carries, findings: &mut Vec<Finding>) {
    // Where the packet is cut, its end lies behind the recorded bytes.
    let end = carries.end.min(reader.len());
    if carries.fragment {
        reader.opaque(&FRAGMENT, end.saturating_sub(reader.at()));
    } else if carries.protocol == PROTOCOL_TCP {
        let begin = reader.at();
        if tcp::read(reader, end) && end == carries.end {
            let segment = reader.slice(begin, end);
            if !tcp::checksum_fits(&carries.addresses, segment) {
                let place = BitRange::bytes(begin + 16, begin + 18);
                findings.push(Rule::TcpChecksum.says(place, facts!("wrong")));
            }
        }
    } else {
        reader.opaque(&IP_PAYLOAD, end.saturating_sub(reader.at()));
    }
    if reader.at() == end {
        reader.rest(&TRAILER);
    }
}

/// A leaf of bytes; empty ones are left out.
fn opaque(kind: &'static FieldKind, begin: usize, bytes: &[u8]) -> Option<Field> {
    let bits = BitRange::bytes(begin, begin + bytes.len());
    (!bytes.is_empty()).then(|| Field::leaf(kind, bits, Value::Bytes(bytes.to_vec())))
}
