//! One packet, read down to TCP: what the hot path needs and nothing more.
//!
//! The fixed headers of the usual packet are read by hand: a capture has millions of packets, and all that is wanted of
//! each is where its payload begins, four numbers and a few flags. [`layers`](mod@super::layers) reads every other packet,
//! and describes every bit of the one that somebody looks at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::checksum::{self, Checksum};
use super::kind::Kind;
use super::layers::{is_known_port, is_tunnel_port};
use super::link_type::{self, LinkType, Version, be16};
use super::path::Path;

/// The two ends of a connection, the lower first, so that both directions have the same key.
///
/// IPv4 addresses are written as IPv6 ones (`::ffff:a.b.c.d`); a flag in `ports` keeps them apart from real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    low: u128,
    high: u128,
    /// Through which tags and tunnels the packet came.
    path: Path,
    /// Bit 32: IPv6. Bits 16 to 31: the low end's port. Bits 0 to 15: the high end's.
    ports: u64,
}

impl Key {
    /// The key of a packet, and whether the low end sent it.
    #[inline]
    fn new(ends: Ends, source_port: u16, target_port: u16, path: Path) -> (Self, bool) {
        let Ends { v6, source, target } = ends;
        let flag = u64::from(v6) << 32;
        let pack = |low: u16, high: u16| flag | u64::from(low) << 16 | u64::from(high);
        if (source, source_port) <= (target, target_port) {
            (Self { low: source, high: target, path, ports: pack(source_port, target_port) }, true)
        } else {
            (Self { low: target, high: source, path, ports: pack(target_port, source_port) }, false)
        }
    }

    /// Through which tags and tunnels the packet came.
    pub(super) fn path(&self) -> Path {
        self.path
    }

    /// The key of the same ends on another path.
    #[must_use]
    pub(super) fn on(self, path: Path) -> Self {
        Self { path, ..self }
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
    pub(super) checksum: Checksum,
}

/// The two ends of an IP packet; IPv4 addresses are written as IPv6 ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) v6: bool,
    pub(super) source: u128,
    pub(super) target: u128,
}

/// A fragment of an IP packet that may lead to TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) ends: Ends,
    /// Through which tags and tunnels it came.
    pub(super) path: Path,
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

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Tcp(Segment),
    Fragment(Fragment),
    /// No TCP in it that could be read.
    Other(Kind),
    /// The recording kept too little of it to find its payload.
    Cut,
    /// A length or a version in it is wrong.
    Malformed,
    /// The link type is not one that is read.
    UnknownLink(LinkType),
}

pub(super) const PROTOCOL_TCP: u8 = 6;
pub(super) const PROTOCOL_UDP: u8 = 17;
pub(super) const IPV4_HEADER: usize = 20;
pub(super) const IPV6_HEADER: usize = 40;
pub(super) const TCP_HEADER: usize = 20;

/// Reads a packet of which `original` bytes were on the wire and `bytes` were recorded, if it is a usual one: IP in a
/// usual link layer, and TCP in it with nothing between them. None if it takes a closer look.
#[inline]
pub(super) fn decode(link: LinkType, bytes: &[u8], original: u32) -> Option<Decoded> {
    let (version, at, path) = link_type::network(link, bytes)?;
    match version {
        Version::V4 => ipv4(bytes, at, original, path),
        Version::V6 => ipv6(bytes, at, original, path),
    }
}

#[inline]
fn ipv4(bytes: &[u8], at: usize, original: u32, path: Path) -> Option<Decoded> {
    let header = bytes.get(at..)?.first_chunk::<IPV4_HEADER>()?;
    let header_length = usize::from(header[0] & 0x0F) * 4;
    let fragment = u16::from_be_bytes([header[6], header[7]]);
    if header[0] >> 4 != 4 || header_length < IPV4_HEADER || fragment & 0x3FFF != 0 {
        return None;
    }
    if header[9] != PROTOCOL_TCP {
        return datagram(bytes, at + header_length, header[9]);
    }
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    // 0: the network card cuts the packet up later (segmentation offload), so the recording knows the length.
    let end = if total == 0 { (original as usize).max(bytes.len()) } else { at + total };
    if end < at + header_length {
        return None;
    }
    let source = mapped([header[12], header[13], header[14], header[15]]);
    let target = mapped([header[16], header[17], header[18], header[19]]);
    let whole = bytes.len() >= original as usize;
    Some(tcp(bytes, at + header_length, end, Ends { v6: false, source, target }, whole, path))
}

/// An IPv4 address, written as an IPv6 one.
pub(super) fn mapped(address: [u8; 4]) -> u128 {
    0xFFFF_0000_0000 | u128::from(u32::from_be_bytes(address))
}

#[inline]
fn ipv6(bytes: &[u8], at: usize, original: u32, path: Path) -> Option<Decoded> {
    let header = bytes.get(at..)?.first_chunk::<IPV6_HEADER>()?;
    if header[0] >> 4 != 6 {
        return None;
    }
    if header[6] != PROTOCOL_TCP {
        return datagram(bytes, at + IPV6_HEADER, header[6]);
    }
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    // 0: a jumbogram, or segmentation offload.
    let end = if length == 0 { (original as usize).max(bytes.len()) } else { at + IPV6_HEADER + length };
    let source = u128::from_be_bytes(*header[8..].first_chunk::<16>()?);
    let target = u128::from_be_bytes(*header[24..].first_chunk::<16>()?);
    let whole = bytes.len() >= original as usize;
    Some(tcp(bytes, at + IPV6_HEADER, end, Ends { v6: true, source, target }, whole, path))
}

/// A UDP datagram on a port that carries no TCP: a capture may have as many of them as of TCP.
fn datagram(bytes: &[u8], at: usize, protocol: u8) -> Option<Decoded> {
    let known = protocol == PROTOCOL_UDP
        && !is_tunnel_port(be16(bytes, at + 2)?)
        && (is_known_port(be16(bytes, at)?) || is_known_port(be16(bytes, at + 2)?));
    known.then_some(Decoded::Other(Kind::Udp))
}

/// Reads the TCP header at `at` of an IP packet that ends before `end`. `whole` says whether all of it was recorded.
#[inline]
pub(super) fn tcp(bytes: &[u8], at: usize, end: usize, ends: Ends, whole: bool, path: Path) -> Decoded {
    // The first 14 bytes hold all that is read here, so that a snap length that cuts the rest costs nothing.
    let Some(header) = bytes.get(at..).and_then(|rest| rest.first_chunk::<14>()) else {
        return if whole { Decoded::Malformed } else { Decoded::Cut };
    };
    let header_length = usize::from(header[12] >> 4) * 4;
    if header_length < TCP_HEADER || end < at + header_length {
        return Decoded::Malformed;
    }
    let payload = at + header_length;
    let (key, from_low) = Key::new(
        ends,
        u16::from_be_bytes([header[0], header[1]]),
        u16::from_be_bytes([header[2], header[3]]),
        path,
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
        checksum: bytes.get(at..end).map_or(Checksum::Unknown, |segment| checksum::of(ends, segment)),
    })
}
