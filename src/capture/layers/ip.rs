//! IPv4 with options and IPv6 with extension headers, as fields.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::reader::{Reader, kinds};
use crate::capture::packet::{IPV4_HEADER, IPV6_HEADER, PROTOCOL_FRAGMENT, extension_length};
use crate::model::spec::Document::{Rfc791, Rfc8200};

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
}

/// What an IP packet carries.
#[derive(Debug)]
pub(super) struct Carries {
    pub(super) protocol: u8,
    /// The packet's end, in bytes of the recorded packet; behind its last byte if the recording was cut.
    pub(super) end: usize,
    pub(super) fragment: bool,
    pub(super) addresses: [IpAddr; 2],
}

/// Reads an IP header of either version; none if its lengths are wrong or it is not whole.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Carries> {
    match reader.ahead().first()? >> 4 {
        4 => ipv4(reader),
        6 => ipv6(reader),
        _ => None,
    }
}

fn ipv4(reader: &mut Reader<'_>) -> Option<Carries> {
    let begin = reader.at();
    let ahead = reader.ahead();
    let length = usize::from(ahead.first()? & 0x0F) * 4;
    if length < IPV4_HEADER || ahead.len() < length {
        return None;
    }
    Some(reader.group(&IPV4, |reader| {
        reader.number(&IPV4_VERSION, 4);
        reader.number(&IPV4_IHL, 4);
        reader.number(&IPV4_DSCP, 6);
        reader.number(&IPV4_ECN, 2);
        let total = reader.number(&IPV4_LENGTH, 16) as usize;
        reader.number(&IPV4_ID, 16);
        reader.flag(&IPV4_RESERVED);
        reader.flag(&IPV4_DF);
        let more = reader.flag(&IPV4_MF);
        let offset = reader.number(&IPV4_OFFSET, 13);
        reader.number(&IPV4_TTL, 8);
        let protocol = reader.named(&IPV4_PROTOCOL, 8, protocol_name) as u8;
        reader.number(&IPV4_CHECKSUM, 16);
        let addresses = [address4(reader.ahead(), 0), address4(reader.ahead(), 4)];
        reader.text(&IPV4_SOURCE, 4, |bytes| address4(bytes, 0).to_string());
        reader.text(&IPV4_DESTINATION, 4, |bytes| address4(bytes, 0).to_string());
        options(reader, begin + length);
        let end = if total == 0 { reader.len() } else { (begin + total).max(begin + length) };
        Carries { protocol, end, fragment: more || offset != 0, addresses }
    }))
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

fn ipv6(reader: &mut Reader<'_>) -> Option<Carries> {
    let begin = reader.at();
    if reader.ahead().len() < IPV6_HEADER {
        return None;
    }
    let (length, mut protocol, addresses) = reader.group(&IPV6, |reader| {
        reader.number(&IPV6_VERSION, 4);
        reader.number(&IPV6_CLASS, 8);
        reader.number(&IPV6_FLOW, 20);
        let length = reader.number(&IPV6_LENGTH, 16) as usize;
        let next = reader.named(&IPV6_NEXT, 8, protocol_name) as u8;
        reader.number(&IPV6_HOPS, 8);
        let addresses = [address6(reader.ahead(), 0), address6(reader.ahead(), 16)];
        reader.text(&IPV6_SOURCE, 16, |bytes| address6(bytes, 0).to_string());
        reader.text(&IPV6_DESTINATION, 16, |bytes| address6(bytes, 0).to_string());
        (length, next, addresses)
    });
    let end = if length == 0 { reader.len() } else { begin + IPV6_HEADER + length };
    let mut fragment = false;
    while !fragment && let Some(length) = extension_length(protocol, reader.ahead(), 0) {
        if length == 0 || reader.ahead().len() < length || reader.at() + length > end {
            return None;
        }
        if protocol == PROTOCOL_FRAGMENT {
            (protocol, fragment) = fragment_header(reader);
        } else {
            protocol = reader.group(&EXTENSION, |reader| {
                let next = reader.named(&EXTENSION_NEXT, 8, protocol_name);
                reader.number(&EXTENSION_LENGTH, 8);
                reader.opaque(&EXTENSION_DATA, length - 2);
                next as u8
            });
        }
    }
    Some(Carries { protocol, end, fragment, addresses })
}

/// Reads a fragment header; returns what follows and whether this is a part of a packet and not all of it.
fn fragment_header(reader: &mut Reader<'_>) -> (u8, bool) {
    reader.group(&FRAGMENT, |reader| {
        let next = reader.named(&FRAGMENT_NEXT, 8, protocol_name) as u8;
        reader.number(&FRAGMENT_RESERVED, 8);
        let offset = reader.number(&FRAGMENT_OFFSET, 13);
        reader.number(&FRAGMENT_RES, 2);
        let more = reader.flag(&FRAGMENT_MORE);
        reader.number(&FRAGMENT_ID, 32);
        (next, more || offset != 0)
    })
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
        6 => "TCP",
        17 => "UDP",
        43 => "routing",
        44 => "fragment",
        47 => "GRE",
        50 => "ESP",
        51 => "authentication",
        58 => "ICMPv6",
        59 => "value-ip-nothing",
        60 => "destination options",
        132 => "SCTP",
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
