//! LLC, and SNAP behind it: what stands in a frame that has a length in place of an `EtherType`, and in 802.11.

use super::link;
use super::reader::kinds;
use super::walk::{Step, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::{Ieee802, Rfc1042};

kinds! {
    LLC "llc" "LLC" Ieee802 "" Link;
    DSAP "llc-dsap" "DSAP" Ieee802 "" = hex;
    SSAP "llc-ssap" "SSAP" Ieee802 "" = hex;
    CONTROL "llc-control" "Control" Ieee802 "";
    SNAP "snap" "SNAP" Rfc1042 "";
    ORGANIZATION "snap-organization" "Organization Code" Rfc1042 "" = hex;
    TYPE "snap-type" "EtherType" Rfc1042 "" = hex;
}

const SNAP_SAP: u8 = 0xAA;
const IP_SAP: u8 = 0x06;

/// Organization codes of SNAP: plain `EtherType`s, the same from a bridge, and bridged frames (RFC 2684).
const ETHER_TYPE: u64 = 0;
const BRIDGE_TUNNEL: u64 = 0x0000_00F8;
const BRIDGED: u64 = 0x0000_80C2;

/// The LLC header, and SNAP if it says so.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([dsap, ssap, control]) = walk.reader.peek() else { return walk.short() };
    // Unnumbered frames have one byte of control, the others two.
    let unnumbered = control & 3 == 3;
    if !unnumbered && !walk.reader.has(4) {
        return walk.short();
    }
    walk.reader.group(&LLC, |reader| {
        reader.named(&DSAP, 8, access_point);
        reader.named(&SSAP, 8, access_point);
        reader.number(&CONTROL, if unnumbered { 8 } else { 16 });
    });
    match (dsap, ssap & 0xFE) {
        (SNAP_SAP, SNAP_SAP) if unnumbered => snap(walk),
        (IP_SAP, IP_SAP) if unnumbered => Step::Ether(0x0800),
        _ => Step::Found(Decoded::Other(Kind::Llc(dsap))),
    }
}

fn snap(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(5) {
        return walk.short();
    }
    let (organization, kind) = walk.reader.group(&SNAP, |reader| {
        let organization = reader.number(&ORGANIZATION, 24);
        let known = matches!(organization, ETHER_TYPE | BRIDGE_TUNNEL);
        (organization, reader.named(&TYPE, 16, |kind| link::ether_type(kind).filter(|_| known)))
    });
    match (organization, kind) {
        (ETHER_TYPE | BRIDGE_TUNNEL, kind) => Step::Ether(kind as u16),
        // Ethernet with its check sequence, and without.
        (BRIDGED, 1 | 7) => Step::Header(link::ethernet),
        _ => Step::Found(Decoded::Other(Kind::Snap)),
    }
}

fn access_point(number: u64) -> Option<&'static str> {
    Some(match number {
        0x06 => "IP",
        0x42 => "spanning tree",
        0xAA => "SNAP",
        0xE0 => "IPX",
        0xF0 => "NetBIOS",
        0xFE => "OSI",
        _ => return None,
    })
}
