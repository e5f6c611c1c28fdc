//! IPv4 with options, IPv6 with extension headers, and the authentication header of `IPsec`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::reader::{Reader, kinds};
use super::walk::{Step, WRONG, Walk};
use crate::capture::packet::{Ends, IPV4_HEADER, IPV6_HEADER, mapped};
use crate::capture::path::Mark;
use crate::model::spec::Document::{Rfc791, Rfc4302, Rfc8200};

kinds! {
    IPV4 "ipv4" "IPv4" Rfc791 "3.1" Network;
    IPV4_VERSION "ipv4-version" "Version" Rfc791 "3.1";
    IPV4_IHL "ipv4-ihl" "IHL" Rfc791 "3.1";
    IPV4_DSCP "ipv4-dscp" "DSCP" Rfc791 "3.1";
    IPV4_ECN "ipv4-ecn" "ECN" Rfc791 "3.1";
    IPV4_LENGTH "ipv4-total-length" "Total Length" Rfc791 "3.1";
    IPV4_ID "ipv4-identification" "Identification" Rfc791 "3.1";
    IPV4_RESERVED "ipv4-reserved" "reserved" Rfc791 "3.1";
    IPV4_DF "ipv4-df" "DF" Rfc791 "3.1";
    IPV4_MF "ipv4-mf" "MF" Rfc791 "3.1";
    IPV4_OFFSET "ipv4-fragment-offset" "Fragment Offset" Rfc791 "3.1";
    IPV4_TTL "ipv4-ttl" "Time to Live" Rfc791 "3.1";
    IPV4_PROTOCOL "ipv4-protocol" "Protocol" Rfc791 "3.1";
    IPV4_CHECKSUM "ipv4-checksum" "Header Checksum" Rfc791 "3.1";
    IPV4_SOURCE "ipv4-source" "Source Address" Rfc791 "3.1";
    IPV4_DESTINATION "ipv4-destination" "Destination Address" Rfc791 "3.1";
    IPV4_OPTION "ipv4-option" "Option" Rfc791 "3.1";
    IPV4_OPTION_TYPE "ipv4-option-type" "option-type" Rfc791 "3.1";
    IPV4_OPTION_LENGTH "ipv4-option-length" "option-length" Rfc791 "3.1";
    IPV4_OPTION_DATA "ipv4-option-data" "option-data" Rfc791 "3.1";
    IPV6 "ipv6" "IPv6" Rfc8200 "3" Network;
    IPV6_VERSION "ipv6-version" "Version" Rfc8200 "3";
    IPV6_CLASS "ipv6-traffic-class" "Traffic Class" Rfc8200 "7";
    IPV6_FLOW "ipv6-flow-label" "Flow Label" Rfc8200 "6";
    IPV6_LENGTH "ipv6-payload-length" "Payload Length" Rfc8200 "3";
    IPV6_NEXT "ipv6-next-header" "Next Header" Rfc8200 "3";
    IPV6_HOPS "ipv6-hop-limit" "Hop Limit" Rfc8200 "3";
    IPV6_SOURCE "ipv6-source" "Source Address" Rfc8200 "3";
    IPV6_DESTINATION "ipv6-destination" "Destination Address" Rfc8200 "3";
    EXTENSION "ipv6-extension" "Extension header" Rfc8200 "4";
    EXTENSION_NEXT "ipv6-extension-next" "Next Header" Rfc8200 "4";
    EXTENSION_LENGTH "ipv6-extension-length" "Hdr Ext Len" Rfc8200 "4";
    EXTENSION_DATA "ipv6-extension-data" "Data" Rfc8200 "4";
    FRAGMENT "ipv6-fragment" "Fragment header" Rfc8200 "4.5";
    FRAGMENT_NEXT "ipv6-fragment-next" "Next Header" Rfc8200 "4.5";
    FRAGMENT_RESERVED "ipv6-fragment-reserved" "Reserved" Rfc8200 "4.5";
    FRAGMENT_OFFSET "ipv6-fragment-offset" "Fragment Offset" Rfc8200 "4.5";
    FRAGMENT_RES "ipv6-fragment-res" "Res" Rfc8200 "4.5";
    FRAGMENT_MORE "ipv6-fragment-more" "M" Rfc8200 "4.5";
    FRAGMENT_ID "ipv6-fragment-identification" "Identification" Rfc8200 "4.5";
    AUTHENTICATION "ah" "Authentication header" Rfc4302 "2" Network;
    AH_NEXT "ah-next-header" "Next Header" Rfc4302 "2.1";
    AH_LENGTH "ah-payload-len" "Payload Len" Rfc4302 "2.2";
    AH_RESERVED "ah-reserved" "RESERVED" Rfc4302 "2.3";
    AH_SPI "ah-spi" "Security Parameters Index (SPI)" Rfc4302 "2.4";
    AH_SEQUENCE "ah-sequence" "Sequence Number" Rfc4302 "2.5";
    AH_CHECK "ah-icv" "Integrity Check Value (ICV)" Rfc4302 "2.6";
}

/// IP of either version: the first four bits say which.
pub(super) fn either(walk: &mut Walk<'_>) -> Step {
    match walk.reader.peek::<1>().map(|[first]| first >> 4) {
        Some(4) => Step::Header(v4),
        Some(6) => Step::Header(v6),
        Some(_) => WRONG,
        None => walk.short(),
    }
}

/// IP inside IP is a tunnel between the outer ends. Which of them sent is left out: both directions are one path.
fn enter(walk: &mut Walk<'_>) {
    if let Some(outer) = walk.ip.take() {
        let (low, high) = (outer.source.min(outer.target), outer.source.max(outer.target));
        walk.path = walk.path.through_wide(Mark::Tunnel, low).through_wide(Mark::Tunnel, high);
    }
}

/// An IPv4 packet.
pub(super) fn v4(walk: &mut Walk<'_>) -> Step {
    enter(walk);
    let begin = walk.reader.at();
    let Some(bytes) = walk.reader.peek::<IPV4_HEADER>() else { return walk.short() };
    let length = usize::from(bytes[0] & 0x0F) * 4;
    if bytes[0] >> 4 != 4 || length < IPV4_HEADER {
        return WRONG;
    }
    if !walk.reader.has(length) {
        return walk.short();
    }
    let total = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    let id = u16::from_be_bytes([bytes[4], bytes[5]]);
    let address = |at: usize| mapped([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    walk.ip = Some(Ends { v6: false, source: address(12), target: address(16) });
    let (protocol, more, offset) = walk.reader.group(&IPV4, |reader| {
        reader.number(&IPV4_VERSION, 4);
        reader.number(&IPV4_IHL, 4);
        reader.number(&IPV4_DSCP, 6);
        reader.number(&IPV4_ECN, 2);
        reader.number(&IPV4_LENGTH, 16);
        reader.number(&IPV4_ID, 16);
        reader.flag(&IPV4_RESERVED);
        reader.flag(&IPV4_DF);
        let more = reader.flag(&IPV4_MF);
        let offset = reader.number(&IPV4_OFFSET, 13) as u16;
        reader.number(&IPV4_TTL, 8);
        let protocol = reader.named(&IPV4_PROTOCOL, 8, protocol_name) as u8;
        reader.number(&IPV4_CHECKSUM, 16);
        reader.text(&IPV4_SOURCE, 4, |bytes| address4(bytes, 0).to_string());
        reader.text(&IPV4_DESTINATION, 4, |bytes| address4(bytes, 0).to_string());
        options(reader, begin + length);
        (protocol, more, offset)
    });
    // 0: the network card cuts the packet up later (segmentation offload), so what is around it knows the length.
    if total != 0 {
        if total < length {
            return WRONG;
        }
        walk.ends_at(begin + total);
    }
    if more || offset != 0 {
        return walk.fragment(u32::from(id), protocol, offset, more);
    }
    Step::Protocol(protocol)
}

/// The options up to `end`.
fn options(reader: &mut Reader<'_>, end: usize) {
    while reader.at() < end {
        let left = end - reader.at();
        let ahead = reader.ahead();
        let (kind, length) =
            (ahead.first().copied().unwrap_or_default(), ahead.get(1).map_or(0, |&n| usize::from(n)));
        reader.group(&IPV4_OPTION, |reader| {
            reader.named(&IPV4_OPTION_TYPE, 8, option_name);
            match kind {
                0 => reader.opaque(&IPV4_OPTION_DATA, left - 1), // The list ends; what is left fills the word.
                1 => {}
                _ if (2..=left).contains(&length) => {
                    reader.number(&IPV4_OPTION_LENGTH, 8);
                    reader.opaque(&IPV4_OPTION_DATA, length - 2);
                }
                _ => reader.opaque(&IPV4_OPTION_DATA, left - 1), // A length that cannot be right.
            }
        });
    }
}

/// An IPv6 packet.
pub(super) fn v6(walk: &mut Walk<'_>) -> Step {
    enter(walk);
    let begin = walk.reader.at();
    let Some(bytes) = walk.reader.peek::<IPV6_HEADER>() else { return walk.short() };
    if bytes[0] >> 4 != 6 {
        return WRONG;
    }
    let address =
        |at: usize| bytes.iter().skip(at).take(16).fold(0, |sum, &byte| sum << 8 | u128::from(byte));
    walk.ip = Some(Ends { v6: true, source: address(8), target: address(24) });
    let (length, next) = walk.reader.group(&IPV6, |reader| {
        reader.number(&IPV6_VERSION, 4);
        reader.number(&IPV6_CLASS, 8);
        reader.number(&IPV6_FLOW, 20);
        let length = reader.number(&IPV6_LENGTH, 16) as usize;
        let next = reader.named(&IPV6_NEXT, 8, protocol_name) as u8;
        reader.number(&IPV6_HOPS, 8);
        reader.text(&IPV6_SOURCE, 16, |bytes| address6(bytes, 0).to_string());
        reader.text(&IPV6_DESTINATION, 16, |bytes| address6(bytes, 0).to_string());
        (length, next)
    });
    // 0: a jumbogram, or segmentation offload.
    if length != 0 {
        walk.ends_at(begin + IPV6_HEADER + length);
    }
    Step::Protocol(next)
}

/// An extension header of IPv6 that counts in units of 8 bytes.
pub(super) fn extension(walk: &mut Walk<'_>) -> Step {
    let Some([_, units]) = walk.reader.peek() else { return walk.short() };
    let length = (usize::from(units) + 1) * 8;
    if !walk.reader.has(length) {
        return walk.short();
    }
    Step::Protocol(walk.reader.group(&EXTENSION, |reader| {
        let next = reader.named(&EXTENSION_NEXT, 8, protocol_name);
        reader.number(&EXTENSION_LENGTH, 8);
        reader.opaque(&EXTENSION_DATA, length - 2);
        next as u8
    }))
}

/// The fragment header of IPv6.
pub(super) fn fragment(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(8) {
        return walk.short();
    }
    let (next, offset, more, id) = walk.reader.group(&FRAGMENT, |reader| {
        let next = reader.named(&FRAGMENT_NEXT, 8, protocol_name) as u8;
        reader.number(&FRAGMENT_RESERVED, 8);
        let offset = reader.number(&FRAGMENT_OFFSET, 13) as u16;
        reader.number(&FRAGMENT_RES, 2);
        let more = reader.flag(&FRAGMENT_MORE);
        (next, offset, more, reader.number(&FRAGMENT_ID, 32) as u32)
    });
    // An offset of 0 and no more fragments is a whole packet (RFC 6946).
    if more || offset != 0 { walk.fragment(id, next, offset, more) } else { Step::Protocol(next) }
}

/// The authentication header: what it protects stands behind it, and can be read.
pub(super) fn authentication(walk: &mut Walk<'_>) -> Step {
    let Some([_, words]) = walk.reader.peek() else { return walk.short() };
    // In units of 4 bytes, less 2.
    let length = (usize::from(words) + 2) * 4;
    if length < 12 {
        return WRONG;
    }
    if !walk.reader.has(length) {
        return walk.short();
    }
    Step::Protocol(walk.reader.group(&AUTHENTICATION, |reader| {
        let next = reader.named(&AH_NEXT, 8, protocol_name) as u8;
        reader.number(&AH_LENGTH, 8);
        reader.number(&AH_RESERVED, 16);
        reader.number(&AH_SPI, 32);
        reader.number(&AH_SEQUENCE, 32);
        reader.opaque(&AH_CHECK, length - 12);
        next
    }))
}

fn address4(bytes: &[u8], at: usize) -> IpAddr {
    let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    Ipv4Addr::from(bytes).into()
}

fn address6(bytes: &[u8], at: usize) -> IpAddr {
    let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()).copied().unwrap_or_default();
    Ipv6Addr::from(bytes).into()
}

fn protocol_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "hop-by-hop options",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPv4",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6",
        43 => "routing",
        44 => "fragment",
        47 => "GRE",
        50 => "ESP",
        51 => "authentication",
        58 => "ICMPv6",
        59 => "value-ip-nothing",
        60 => "destination options",
        97 => "EtherIP",
        132 => "SCTP",
        137 => "MPLS",
        _ => return None,
    })
}

fn option_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "end of options",
        1 => "no operation",
        7 => "record route",
        68 => "timestamp",
        130 => "security",
        131 => "loose source route",
        137 => "strict source route",
        148 => "router alert",
        _ => return None,
    })
}
