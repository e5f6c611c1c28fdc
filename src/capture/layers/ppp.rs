//! PPP, with and without the framing of HDLC.

use super::hdlc;
use super::reader::kinds;
use super::walk::{Step, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::{LinkTypes, Rfc1661, Rfc1662};

kinds! {
    DIRECTION "ppp-direction" "direction" LinkTypes "" Link;
    FRAMING "ppp-hdlc" "HDLC-like framing" Rfc1662 "3.1" Link;
    ADDRESS "ppp-address" "Address" Rfc1662 "3.1";
    CONTROL "ppp-control" "Control" Rfc1662 "3.1";
    PROTOCOL "ppp-protocol" "Protocol" Rfc1661 "2" Link = hex;
}

/// A packet that begins with PPP's protocol number.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first]) = walk.reader.peek() else { return walk.short() };
    // An odd first byte is all of the number: its first byte, zero, was left out (RFC 1661 section 6.5).
    let bytes = if first & 1 == 1 { 1 } else { 2 };
    if !walk.reader.has(bytes) {
        return walk.short();
    }
    match walk.reader.named(&PROTOCOL, bytes as u64 * 8, name) {
        0x0021 => Step::Ether(0x0800),
        0x0057 => Step::Ether(0x86DD),
        0x0281 | 0x0283 => Step::Ether(0x8847),
        other => Step::Found(Decoded::Other(Kind::Ppp(other as u16))),
    }
}

/// Link type 9: with the framing of HDLC, or without.
pub(super) fn link(walk: &mut Walk<'_>) -> Step {
    match walk.reader.peek() {
        Some([0xFF, 3]) => framed(walk),
        _ => Step::Header(read),
    }
}

/// Link type 50: PPP in HDLC's framing, or Cisco's protocol in it.
pub(super) fn hdlc(walk: &mut Walk<'_>) -> Step {
    match walk.reader.peek() {
        Some([0x0F | 0x8F, 0]) => Step::Header(hdlc::read),
        _ => link(walk),
    }
}

/// Link type 166: pppd writes the direction where the address was.
pub(super) fn pppd(walk: &mut Walk<'_>) -> Step {
    match walk.reader.peek() {
        Some([0 | 1, 3]) => framed(walk),
        _ => link(walk),
    }
}

/// Link type 204: a byte for the direction, and then PPP.
pub(super) fn directed(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(1) {
        return walk.short();
    }
    direction(walk);
    Step::Header(link)
}

/// The byte that says in which direction a packet went.
pub(super) fn direction(walk: &mut Walk<'_>) {
    walk.reader.named(&DIRECTION, 8, |number| {
        Some(if number == 0 { "value-packet-here" } else { "value-packet-sent" })
    });
}

fn framed(walk: &mut Walk<'_>) -> Step {
    walk.reader.group(&FRAMING, |reader| {
        reader.number(&ADDRESS, 8);
        reader.number(&CONTROL, 8);
    });
    Step::Header(read)
}

fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0021 => "IPv4",
        0x002D => "compressed TCP/IP",
        0x002F => "uncompressed TCP/IP",
        0x003D => "multilink",
        0x0053 => "encrypted",
        0x0057 => "IPv6",
        0x00FD => "compressed",
        0x0281 | 0x0283 => "MPLS",
        0x8021 => "IPCP",
        0x8057 => "IPV6CP",
        0xC021 => "LCP",
        0xC023 => "PAP",
        0xC223 => "CHAP",
        _ => return None,
    })
}
