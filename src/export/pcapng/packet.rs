//! A packet of one TCP segment: IP and TCP headers with right lengths and checksums, around recorded bytes.
//!
//! Put together by hand, in one pass over one buffer: a recording server writes such a packet for every 1,460 bytes
//! that it echoes.

use std::net::{IpAddr, SocketAddr};

/// The TCP flags that a made-up connection needs (RFC 9293 section 3.1).
pub(super) mod flags {
    pub(in crate::export::pcapng) const FIN: u8 = 0x01;
    pub(in crate::export::pcapng) const SYN: u8 = 0x02;
    pub(in crate::export::pcapng) const RST: u8 = 0x04;
    pub(in crate::export::pcapng) const PSH: u8 = 0x08;
    pub(in crate::export::pcapng) const ACK: u8 = 0x10;
}

const WINDOW: u16 = 65_535;
const HOP_LIMIT: u8 = 64;
const PROTOCOL_TCP: u8 = 6;

/// What a segment says besides its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: u8,
    /// The option Maximum Segment Size, on a SYN.
    pub(super) largest: Option<u16>,
}

impl Segment {
    const fn tcp_length(&self) -> usize {
        if self.largest.is_some() { 24 } else { 20 }
    }

    /// The length of the packet in bytes.
    pub(super) fn length(&self, payload: &[u8]) -> usize {
        let ip = if self.v4().is_some() { 20 } else { 40 };
        ip + self.tcp_length() + payload.len()
    }

    /// The addresses, where both are IPv4.
    fn v4(&self) -> Option<[[u8; 4]; 2]> {
        match (self.from.ip(), self.to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => Some([from.octets(), to.octets()]),
            _ => None,
        }
    }

    /// Appends the packet. `payload` has at most 65,000 bytes.
    pub(super) fn write(&self, payload: &[u8], out: &mut Vec<u8>) {
        let tcp = self.tcp_length() + payload.len();
        // The pseudo header: both addresses, the protocol and the length (RFC 9293 section 3.1).
        let mut sum = u64::from(u16::from_ne_bytes([0, PROTOCOL_TCP])) + words(&(tcp as u32).to_be_bytes());
        if let Some([from, to]) = self.v4() {
            let [total_high, total_low] = (20 + tcp as u16).to_be_bytes();
            // No options, may not be fragmented (RFC 791 section 3.1).
            let mut header = [0x45, 0, total_high, total_low, 0, 0, 0x40, 0, HOP_LIMIT, PROTOCOL_TCP, 0, 0];
            let addresses = words(&from) + words(&to);
            sum += addresses;
            let [high, low] = checksum(words(&header) + addresses);
            header[10] = high;
            header[11] = low;
            out.extend_from_slice(&header);
            out.extend_from_slice(&from);
            out.extend_from_slice(&to);
        } else {
            let [from, to] = [self.from, self.to].map(|end| v6(end.ip()));
            sum += words(&from) + words(&to);
            let [high, low] = (tcp as u16).to_be_bytes();
            out.extend_from_slice(&[0x60, 0, 0, 0, high, low, PROTOCOL_TCP, HOP_LIMIT]);
            out.extend_from_slice(&from);
            out.extend_from_slice(&to);
        }
        let [from_high, from_low] = self.from.port().to_be_bytes();
        let [to_high, to_low] = self.to.port().to_be_bytes();
        let [s0, s1, s2, s3] = self.seq.to_be_bytes();
        let [a0, a1, a2, a3] = self.ack.to_be_bytes();
        let [window_high, window_low] = WINDOW.to_be_bytes();
        let offset = (self.tcp_length() as u8 / 4) << 4;
        let mut header = [
            from_high,
            from_low,
            to_high,
            to_low,
            s0,
            s1,
            s2,
            s3,
            a0,
            a1,
            a2,
            a3,
            offset,
            self.flags,
            window_high,
            window_low,
            0,
            0,
            0,
            0,
        ];
        sum += words(&header) + words(payload);
        let option = self.largest.map(|largest| {
            let [high, low] = largest.to_be_bytes();
            [2, 4, high, low]
        });
        sum += option.map_or(0, |option| words(&option));
        let [high, low] = checksum(sum);
        header[16] = high;
        header[17] = low;
        out.extend_from_slice(&header);
        out.extend_from_slice(option.as_ref().map_or(&[], |option| option.as_slice()));
        out.extend_from_slice(payload);
    }
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// The sum of the bytes as 16-bit words, not yet folded.
///
/// 32 bits are added at a time and in the machine's own byte order, which is as good (RFC 1071 section 2 (B) and
/// (C)): 2^16 is 1 where carries go round, and swapping the bytes of all words swaps those of the sum.
#[inline]
fn words(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let sum: u64 = chunks.iter().map(|chunk| u64::from(u32::from_ne_bytes(*chunk))).sum();
    sum + u64::from(u32::from_ne_bytes(last))
}

/// The bytes of the checksum over a sum: its carries go round, and the bits are turned over (RFC 1071 section 1).
fn checksum(mut sum: u64) -> [u8; 2] {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    (!(sum as u16)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use etherparse::{PacketBuilder, TcpHeader};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packets_are_those_of_etherparse(
            v6: bool,
            addresses: [u8; 32],
            ports: [u16; 2],
            seq: u32,
            ack: u32,
            bits in prop::sample::select(vec![flags::ACK, flags::FIN | flags::ACK, flags::PSH | flags::ACK,
                flags::RST | flags::ACK, flags::SYN]),
            largest: Option<u16>,
            payload in prop::collection::vec(any::<u8>(), 0..3000),
        ) {
            let (from, to) = addresses.split_first_chunk::<16>().unwrap();
            let to = to.first_chunk::<16>().unwrap();
            let short = |address: &[u8; 16]| *address.first_chunk::<4>().unwrap();
            let builder = if v6 {
                PacketBuilder::ipv6(*from, *to, HOP_LIMIT)
            } else {
                PacketBuilder::ipv4(short(from), short(to), HOP_LIMIT)
            };
            let mut header = TcpHeader::new(ports[0], ports[1], seq, WINDOW);
            header.acknowledgment_number = ack;
            header.fin = bits & flags::FIN != 0;
            header.syn = bits & flags::SYN != 0;
            header.rst = bits & flags::RST != 0;
            header.psh = bits & flags::PSH != 0;
            header.ack = bits & flags::ACK != 0;
            if let Some(largest) = largest {
                header.set_options(&[etherparse::TcpOptionElement::MaximumSegmentSize(largest)]).unwrap();
            }
            let mut expected = Vec::new();
            builder.tcp_header(header).write_to_vec(&mut expected, &payload).unwrap();
            let end = |address: &[u8; 16], port| {
                if v6 { SocketAddr::from((*address, port)) } else { SocketAddr::from((short(address), port)) }
            };
            let segment = Segment {
                from: end(from, ports[0]), to: end(to, ports[1]), seq, ack, flags: bits, largest,
            };
            let mut packet = Vec::new();
            segment.write(&payload, &mut packet);
            prop_assert_eq!(segment.length(&payload), packet.len());
            prop_assert_eq!(packet, expected);
        }
    }
}
