//! UDP: which carries no WebSocket, but many tunnels.

use super::reader::kinds;
use super::walk::{self, Step, WRONG, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::Rfc768;

kinds! {
    UDP "udp" "UDP" Rfc768 "" Transport;
    SOURCE "udp-source-port" "Source Port" Rfc768 "";
    DESTINATION "udp-destination-port" "Destination Port" Rfc768 "";
    LENGTH "udp-length" "Length" Rfc768 "";
    CHECKSUM "udp-checksum" "Checksum" Rfc768 "";
    PAYLOAD "udp-payload" "Data" Rfc768 "" Data;
}

pub(super) const HEADER: usize = 8;

/// The header; the destination's port says what stands behind it.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(HEADER) {
        return walk.short();
    }
    let (source, destination, length) = walk.reader.group(&UDP, |reader| {
        let source = reader.named(&SOURCE, 16, name) as u16;
        let destination = reader.named(&DESTINATION, 16, name) as u16;
        let length = reader.number(&LENGTH, 16) as usize;
        reader.number(&CHECKSUM, 16);
        (source, destination, length)
    });
    // 0: a jumbogram, or segmentation offload.
    if length != 0 {
        if length < HEADER {
            return WRONG;
        }
        let end = walk.reader.at() + length - HEADER;
        walk.ends_at(end);
    }
    match walk::by_port(destination) {
        Some(header) => Step::Header(header),
        None => unread(source, destination),
    }
}

/// A datagram that is not looked into: whether its ports say that no TCP is in it.
pub(super) fn unread(source: u16, destination: u16) -> Step {
    let known = is_known(source) || is_known(destination);
    Step::Found(Decoded::Other(if known { Kind::Udp } else { Kind::UdpUnknown }))
}

/// What was sent to a tunnel's port does not look like it, so nobody knows what it is.
pub(super) const NO_TUNNEL: Step = Step::Found(Decoded::Other(Kind::UdpUnknown));

/// Whether a port is that of a protocol that carries no TCP.
pub(in crate::capture) const fn is_known(port: u16) -> bool {
    matches!(
        port,
        53 | 67
            | 68
            | 69
            | 123
            | 137
            | 138
            | 161
            | 162
            | 443
            | 500
            | 514
            | 520
            | 521
            | 546
            | 547
            | 1900
            | 3702
            | 5353
            | 5355
    )
}

fn name(port: u64) -> Option<&'static str> {
    Some(match port {
        53 => "DNS",
        67 | 68 => "DHCP",
        123 => "NTP",
        443 => "QUIC",
        2152 => "GTP-U",
        4754 => "GRE",
        4789 | 8472 => "VXLAN",
        4790 => "VXLAN-GPE",
        5353 => "mDNS",
        6081 => "Geneve",
        6635 => "MPLS",
        _ => return None,
    })
}
