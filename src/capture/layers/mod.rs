//! Every bit of one packet: link layer, tags and tunnels, IP, TCP, payload, and what stands behind it.
//!
//! One header a file; `walk` says which stands behind which.

mod erspan;
mod etherip;
mod geneve;
mod gre;
mod gtp;
mod hdlc;
mod ip;
mod link;
mod llc;
mod macsec;
mod mpls;
mod nflog;
mod pktap;
mod ppp;
mod pppoe;
mod radiotap;
mod reader;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;
mod vxlan;
mod walk;
mod wlan;

use super::link_type::LinkType;
use super::packet::{Decoded, Fragment, Segment};
use crate::model::field::{BitRange, Field, FieldKind};
use crate::model::rule::Finding;
use crate::model::spec::Document::{Ieee802, Pcap, Rfc791};

use reader::kinds;
use walk::{Step, Walk};

kinds! {
    PACKET "packet" "Packet" Pcap "4";
    UNREAD "packet-unread" "Not read" Pcap "4";
    IP_PAYLOAD "ip-payload" "IP payload" Rfc791 "3.1";
    FRAGMENT "ip-fragment" "Fragment" Rfc791 "3.2";
    TRAILER "packet-trailer" "Trailer" Ieee802 "3.2.8";
}

/// The kinds of field that packets are made of, of all layers.
pub fn kinds() -> impl Iterator<Item = &'static FieldKind> {
    [
        KINDS,
        link::KINDS,
        llc::KINDS,
        macsec::KINDS,
        mpls::KINDS,
        pppoe::KINDS,
        ppp::KINDS,
        hdlc::KINDS,
        radiotap::KINDS,
        wlan::KINDS,
        nflog::KINDS,
        pktap::KINDS,
        ip::KINDS,
        gre::KINDS,
        erspan::KINDS,
        etherip::KINDS,
        udp::KINDS,
        vxlan::KINDS,
        geneve::KINDS,
        gtp::KINDS,
        tcp::KINDS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

pub(super) use udp::is_known as is_known_port;

/// Whether a UDP port is that of a tunnel.
pub(super) fn is_tunnel_port(port: u16) -> bool {
    walk::by_port(port).is_some()
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
    let mut walk = Walk::new(bytes, bytes.len(), false, Vec::new());
    walk.run(Step::Link(link));
    walk.rest();
    let tree = Field::group(&PACKET, BitRange::bytes(0, bytes.len()), walk.reader.finish());
    Layers { tree, findings: walk.findings }
}

/// Finds what a packet carries of which `original` bytes were on the wire: mostly one thing, but an aggregated frame
/// holds several. `found` is emptied first.
pub(super) fn find(link: LinkType, bytes: &[u8], original: u32, mut found: Vec<Decoded>) -> Vec<Decoded> {
    found.clear();
    let mut walk = Walk::new(bytes, original as usize, true, found);
    walk.run(Step::Link(link));
    walk.found
}

/// The TCP segment in a packet, the first of them.
pub(super) fn segment(link: LinkType, bytes: &[u8]) -> Option<Segment> {
    find(link, bytes, u32::try_from(bytes.len()).ok()?, Vec::new()).into_iter().find_map(
        |found| match found {
            Decoded::Tcp(segment) => Some(segment),
            _ => None,
        },
    )
}

/// Finds what a packet carries that was put together from fragments: `bytes` are what stood behind its IP header.
pub(super) fn find_reassembled(fragment: &Fragment, protocol: u8, bytes: &[u8]) -> Vec<Decoded> {
    let mut walk = Walk::new(bytes, bytes.len(), true, Vec::new());
    walk.ip = Some(fragment.ends);
    walk.path = fragment.path;
    walk.run(Step::Protocol(protocol));
    walk.found
}
