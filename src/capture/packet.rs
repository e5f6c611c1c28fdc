//! One packet, read down to TCP: what the hot path needs and nothing more.
//!
//! The fixed headers are read by hand: a capture has millions of packets, and all that is wanted of each is where
//! its payload begins, four numbers and a few flags. `layers` describes every bit, for the one packet that somebody
//! looks at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::link_type::{self, LinkType, Network, be16, be32};

/// The two ends of a connection, the lower first, so that both directions have the same key.
///
/// IPv4 addresses are written as IPv6 ones (`::ffff:a.b.c.d`); a flag in `ports` keeps them apart from real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    low: u128,
    high: u128,
    /// Bit 32: IPv6. Bits 16 to 31: the low end's port. Bits 0 to 15: the high end's.
    ports: u64,
}

impl Key {
    /// The key of a packet, and whether the low end sent it.
    #[inline]
    fn new(v6: bool, source: u128, source_port: u16, target: u128, target_port: u16) -> (Self, bool) {
        let flag = u64::from(v6) << 32;
        let pack = |low: u16, high: u16| flag | u64::from(low) << 16 | u64::from(high);
        if (source, source_port) <= (target, target_port) {
            (Self { low: source, high: target, ports: pack(source_port, target_port) }, true)
        } else {
            (Self { low: target, high: source, ports: pack(target_port, source_port) }, false)
        }
    }

    /// The ends, the low one first.
    pub(super) fn ends(&self) -> [SocketAddr; 2] {
        let address = |bits: u128| -> IpAddr {
            if self.ports >> 32 == 0 {
                Ipv4Addr::from_bits(bits as u32).into()
            } else {
                Ipv6Addr::from_bits(bits).into()
            }
        };
        [
            SocketAddr::new(address(self.low), (self.ports >> 16) as u16),
            SocketAddr::new(address(self.high), self.ports as u16),
        ]
    }
}

/// The flags of a TCP header (RFC 9293 section 3.1).
pub(super) mod flags {
    pub(in crate::capture) const FIN: u8 = 0x01;
    pub(in crate::capture) const SYN: u8 = 0x02;
    pub(in crate::capture) const RST: u8 = 0x04;
    pub(in crate::capture) const ACK: u8 = 0x10;
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) key: Key,
    /// Whether the key's low end sent it.
    pub(super) from_low: bool,
    pub(super) flags: u8,
    pub(super) seq: u32,
    pub(super) ack: u32,
    /// Where the payload begins in the packet's bytes.
    pub(super) payload: u32,
    /// The payload's length on the wire.
    pub(super) length: u32,
    /// How much of it was recorded.
    pub(super) recorded: u32,
}

/// A fragment of an IP packet that may hold TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) v6: bool,
    pub(super) source: u128,
    pub(super) target: u128,
    pub(super) id: u32,
    /// The protocol of the whole packet's payload, as this fragment names it.
    pub(super) protocol: u8,
    /// In units of 8 bytes.
    pub(super) offset: u16,
    pub(super) more: bool,
    /// Where the fragment's bytes are in the packet.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a packet carries when it is not TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An IP protocol by its number.
    Ip(u8),
    /// An `EtherType`; below 1536 an 802.3 length.
    Ether(u16),
}

impl Kind {
    /// How it is called.
    pub(super) fn name(self) -> String {
        let known = match self {
            Self::Ip(1) => "ICMP",
            Self::Ip(2) => "IGMP",
            Self::Ip(4 | 41) => "IP in IP",
            Self::Ip(17) => "UDP",
            Self::Ip(33) => "DCCP",
            Self::Ip(47) => "GRE",
            Self::Ip(50) => "ESP",
            Self::Ip(58) => "ICMPv6",
            Self::Ip(59) => "IPv6 without payload",
            Self::Ip(89) => "OSPF",
            Self::Ip(103) => "PIM",
            Self::Ip(112) => "VRRP",
            Self::Ip(132) => "SCTP",
            Self::Ip(other) => return format!("IP protocol {other}"),
            Self::Ether(0x0806) => "ARP",
            Self::Ether(0x8035) => "RARP",
            Self::Ether(0x8847 | 0x8848) => "MPLS",
            Self::Ether(0x8863 | 0x8864) => "PPPoE",
            Self::Ether(0x888E) => "EAPOL",
            Self::Ether(0x88CC) => "LLDP",
            Self::Ether(0x88E5) => "MACsec",
            Self::Ether(length) if length < 1536 => "802.3 LLC",
            Self::Ether(other) => return format!("EtherType {other:04x}"),
        };
        known.to_owned()
    }
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Tcp(Segment),
    Fragment(Fragment),
    /// No TCP in it.
    Other(Kind),
    /// The recording kept too little of it to find its payload.
    Cut,
    /// A length or a version in it is wrong.
    Malformed,
    /// The link type is not one that is read.
    UnknownLink,
}

pub(super) const PROTOCOL_TCP: u8 = 6;
pub(super) const PROTOCOL_FRAGMENT: u8 = 44;
pub(super) const IPV4_HEADER: usize = 20;
pub(super) const IPV6_HEADER: usize = 40;
pub(super) const TCP_HEADER: usize = 20;

/// Reads a packet of which `original` bytes were on the wire and `bytes` were recorded.
#[inline]
pub(super) fn decode(link: LinkType, bytes: &[u8], original: u32) -> Decoded {
    let whole = bytes.len() >= original as usize;
    match link_type::network(link, bytes) {
        Network::V4(at) => ipv4(bytes, at, whole, original),
        Network::V6(at) => ipv6(bytes, at, whole, original),
        Network::Other(ether_type) => Decoded::Other(Kind::Ether(ether_type)),
        Network::Short => short(whole),
        Network::Wrong => Decoded::Malformed,
        Network::UnknownLink => Decoded::UnknownLink,
    }
}

/// A header does not fit: because the recording was cut, or because the packet is wrong.
fn short(whole: bool) -> Decoded {
    if whole { Decoded::Malformed } else { Decoded::Cut }
}

#[inline]
fn ipv4(bytes: &[u8], at: usize, whole: bool, original: u32) -> Decoded {
    let Some(header) = bytes.get(at..).and_then(|rest| rest.first_chunk::<IPV4_HEADER>()) else {
        return short(whole);
    };
    let header_length = usize::from(header[0] & 0x0F) * 4;
    if header[0] >> 4 != 4 || header_length < IPV4_HEADER {
        return Decoded::Malformed;
    }
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    // 0: the network card cuts the packet up later (segmentation offload), so the recording knows the length.
    let end = if total == 0 { (original as usize).max(bytes.len()) } else { at + total };
    if end < at + header_length {
        return Decoded::Malformed;
    }
    let source = mapped([header[12], header[13], header[14], header[15]]);
    let target = mapped([header[16], header[17], header[18], header[19]]);
    let protocol = header[9];
    let fragment = u16::from_be_bytes([header[6], header[7]]);
    if fragment & 0x3FFF != 0 {
        if protocol != PROTOCOL_TCP {
            return Decoded::Other(Kind::Ip(protocol));
        }
        if bytes.len() < end {
            return short(whole);
        }
        return Decoded::Fragment(Fragment {
            v6: false,
            source,
            target,
            id: u32::from(u16::from_be_bytes([header[4], header[5]])),
            protocol,
            offset: fragment & 0x1FFF,
            more: fragment & 0x2000 != 0,
            start: at + header_length,
            end,
        });
    }
    if protocol != PROTOCOL_TCP {
        return Decoded::Other(Kind::Ip(protocol));
    }
    tcp(bytes, at + header_length, end, false, source, target, whole)
}

fn mapped(address: [u8; 4]) -> u128 {
    0xFFFF_0000_0000 | u128::from(u32::from_be_bytes(address))
}

#[inline]
fn ipv6(bytes: &[u8], at: usize, whole: bool, original: u32) -> Decoded {
    let Some(header) = bytes.get(at..).and_then(|rest| rest.first_chunk::<IPV6_HEADER>()) else {
        return short(whole);
    };
    if header[0] >> 4 != 6 {
        return Decoded::Malformed;
    }
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    // 0: a jumbogram, or segmentation offload.
    let end = if length == 0 { (original as usize).max(bytes.len()) } else { at + IPV6_HEADER + length };
    let (Some(source), Some(target)) = (header[8..].first_chunk::<16>(), header[24..].first_chunk::<16>())
    else {
        return Decoded::Malformed;
    };
    let (source, target) = (u128::from_be_bytes(*source), u128::from_be_bytes(*target));
    let mut protocol = header[6];
    let mut next = at + IPV6_HEADER;
    while protocol != PROTOCOL_TCP {
        let Some(length) = extension_length(protocol, bytes, next) else {
            return Decoded::Other(Kind::Ip(protocol));
        };
        if length == 0 || next + length > bytes.len() {
            return short(whole);
        }
        if next + length > end {
            return Decoded::Malformed;
        }
        let follows = bytes.get(next).copied().unwrap_or_default();
        if protocol == PROTOCOL_FRAGMENT {
            let fragment = be16(bytes, next + 2).unwrap_or_default();
            // An offset of 0 and no more fragments is a whole packet (RFC 6946).
            if fragment & 0xFFF9 != 0 {
                if follows != PROTOCOL_TCP && extension_length(follows, &[], 0).is_none() {
                    return Decoded::Other(Kind::Ip(follows));
                }
                if bytes.len() < end {
                    return short(whole);
                }
                return Decoded::Fragment(Fragment {
                    v6: true,
                    source,
                    target,
                    id: be32(bytes, next + 4).unwrap_or_default(),
                    protocol: follows,
                    offset: fragment >> 3,
                    more: fragment & 1 != 0,
                    start: next + length,
                    end,
                });
            }
        }
        protocol = follows;
        next += length;
    }
    tcp(bytes, next, end, true, source, target, whole)
}

/// The length of the IPv6 extension header at `at` (RFC 8200 section 4), 0 where its length cannot be read; none if
/// the protocol is not an extension header.
pub(super) fn extension_length(protocol: u8, bytes: &[u8], at: usize) -> Option<usize> {
    let units = || bytes.get(at + 1).map(|&units| usize::from(units));
    match protocol {
        // Hop-by-hop options, routing, destination options, mobility, HIP, shim6, and two for experiments.
        0 | 43 | 60 | 135 | 139 | 140 | 253 | 254 => Some(units().map_or(0, |units| (units + 1) * 8)),
        PROTOCOL_FRAGMENT => Some(8),
        // The authentication header counts in units of 4 bytes, less 2 (RFC 4302 section 2.2).
        51 => Some(units().map_or(0, |units| (units + 2) * 4)),
        _ => None,
    }
}

/// Reads the TCP header at `at` of an IP packet that ends before `end`.
#[inline]
fn tcp(bytes: &[u8], at: usize, end: usize, v6: bool, source: u128, target: u128, whole: bool) -> Decoded {
    // The first 14 bytes hold all that is read here, so that a snap length that cuts the rest costs nothing.
    let Some(header) = bytes.get(at..).and_then(|rest| rest.first_chunk::<14>()) else { return short(whole) };
    let header_length = usize::from(header[12] >> 4) * 4;
    if header_length < TCP_HEADER || end < at + header_length {
        return Decoded::Malformed;
    }
    let payload = at + header_length;
    let (key, from_low) = Key::new(
        v6,
        source,
        u16::from_be_bytes([header[0], header[1]]),
        target,
        u16::from_be_bytes([header[2], header[3]]),
    );
    let recorded = bytes.len().min(end).saturating_sub(payload);
    Decoded::Tcp(Segment {
        key,
        from_low,
        flags: header[13],
        seq: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        ack: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
        payload: payload as u32,
        length: (end - payload) as u32,
        recorded: recorded as u32,
    })
}

/// Reads what was put together from fragments: the payload of an IP packet.
pub(super) fn decode_reassembled(fragment: &Fragment, protocol: u8, bytes: &[u8]) -> Decoded {
    let (mut protocol, mut at) = (protocol, 0);
    while protocol != PROTOCOL_TCP {
        let Some(length) = extension_length(protocol, bytes, at) else {
            return Decoded::Other(Kind::Ip(protocol));
        };
        if length == 0 || at + length > bytes.len() {
            return Decoded::Malformed;
        }
        protocol = bytes.get(at).copied().unwrap_or_default();
        at += length;
    }
    tcp(bytes, at, bytes.len(), fragment.v6, fragment.source, fragment.target, true)
}
