//! Packets and captures for tests.

use std::io::{Cursor, Write};
use std::net::SocketAddr;

use etherparse::{IpFragOffset, IpNumber, PacketBuilder, TcpHeader, TcpOptionElement};

use super::{Error, LinkType, Loader, Options, from_reader, open};
use crate::model::protocol::Side;
use crate::trace::{Conversation, Store, Timestamp, Trace};

pub(super) const SECOND: i64 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    V4,
    V6,
}

impl Ends {
    /// The client's address, and the server's.
    pub(super) fn addresses(self) -> [SocketAddr; 2] {
        match self {
            Self::V4 => ["10.0.0.1:50000".parse().unwrap(), "10.0.0.2:80".parse().unwrap()],
            Self::V6 => ["[2001:db8::1]:50000".parse().unwrap(), "[2001:db8::2]:80".parse().unwrap()],
        }
    }
}

/// A TCP header that is being made.
#[derive(Clone, Debug)]
pub(super) struct Header(pub(super) TcpHeader);

impl Header {
    pub(super) fn seq(mut self, seq: u32) -> Self {
        self.0.sequence_number = seq;
        self
    }

    pub(super) fn ack(mut self, ack: u32) -> Self {
        self.0.ack = true;
        self.0.acknowledgment_number = ack;
        self
    }

    pub(super) fn syn(mut self) -> Self {
        self.0.syn = true;
        self
    }

    pub(super) fn fin(mut self) -> Self {
        self.0.fin = true;
        self
    }

    pub(super) fn rst(mut self) -> Self {
        self.0.rst = true;
        self
    }

    pub(super) fn mss(mut self, mss: u16) -> Self {
        self.0.set_options(&[TcpOptionElement::MaximumSegmentSize(mss)]).unwrap();
        self
    }

    pub(super) fn raw_options(mut self, options: &[u8]) -> Self {
        self.0.set_options_raw(options).unwrap();
        self
    }
}

/// A raw IP packet with a TCP segment, with right checksums.
pub(super) fn tcp_packet(
    ends: Ends,
    from_client: bool,
    header: impl FnOnce(Header) -> Header,
    payload: &[u8],
) -> Vec<u8> {
    let [client, server] = ends.addresses();
    tcp_packet_between(if from_client { [client, server] } else { [server, client] }, header, payload)
}

pub(super) fn tcp_packet_between(
    [from, to]: [SocketAddr; 2],
    header: impl FnOnce(Header) -> Header,
    payload: &[u8],
) -> Vec<u8> {
    let header = header(Header(TcpHeader::new(from.port(), to.port(), 0, 1000))).0;
    let builder = match (from, to) {
        (SocketAddr::V4(from), SocketAddr::V4(to)) => {
            PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64)
        }
        (SocketAddr::V6(from), SocketAddr::V6(to)) => {
            PacketBuilder::ipv6(from.ip().octets(), to.ip().octets(), 64)
        }
        _ => panic!("two families"),
    };
    let mut packet = Vec::new();
    builder.tcp_header(header).write_to_vec(&mut packet, payload).unwrap();
    packet
}

/// Cuts the payload of an IPv4 packet into fragments of at most `size` bytes, a multiple of 8.
pub(super) fn fragments_v4(packet: &[u8], id: u16, size: usize) -> Vec<Vec<u8>> {
    let (header, payload) = etherparse::Ipv4Header::from_slice(packet).unwrap();
    let count = payload.len().div_ceil(size);
    let make = |(index, part): (usize, &[u8])| {
        let mut header = header.clone();
        header.identification = id;
        header.dont_fragment = false;
        header.more_fragments = index + 1 < count;
        header.fragment_offset = IpFragOffset::try_new((index * size / 8) as u16).unwrap();
        header.set_payload_len(part.len()).unwrap();
        header.header_checksum = header.calc_header_checksum();
        [header.to_bytes().to_vec(), part.to_vec()].concat()
    };
    payload.chunks(size).enumerate().map(make).collect()
}

/// The same for IPv6, with fragment headers.
pub(super) fn fragments_v6(packet: &[u8], id: u32, size: usize) -> Vec<Vec<u8>> {
    let (header, payload) = etherparse::Ipv6Header::from_slice(packet).unwrap();
    let count = payload.len().div_ceil(size);
    let make = |(index, part): (usize, &[u8])| {
        let mut header = header.clone();
        let fragment = etherparse::Ipv6FragmentHeader {
            next_header: header.next_header,
            fragment_offset: IpFragOffset::try_new((index * size / 8) as u16).unwrap(),
            more_fragments: index + 1 < count,
            identification: id,
        };
        header.next_header = IpNumber::IPV6_FRAGMENTATION_HEADER;
        header.payload_length = part.len() as u16 + 8;
        [header.to_bytes().to_vec(), fragment.to_bytes().to_vec(), part.to_vec()].concat()
    };
    payload.chunks(size).enumerate().map(make).collect()
}

/// A packet as a capture records it.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) time: i64,
    pub(super) bytes: Vec<u8>,
    /// How many bytes more were on the wire.
    pub(super) cut: u32,
}

/// A script of packets between two ends, in the order of the capture, a millisecond apart.
#[derive(Clone, Debug)]
pub(super) struct Script {
    ends: [SocketAddr; 2],
    pub(super) time: i64,
    pub(super) packets: Vec<Recorded>,
}

impl Script {
    pub(super) fn new(ends: Ends) -> Self {
        Self::between(ends.addresses())
    }

    pub(super) fn between(ends: [SocketAddr; 2]) -> Self {
        Self { ends, time: 1_700_000_000 * SECOND, packets: Vec::new() }
    }

    /// Adds a raw packet.
    pub(super) fn raw(&mut self, bytes: Vec<u8>) -> &mut Self {
        self.time += 1_000_000;
        self.packets.push(Recorded { time: self.time, bytes, cut: 0 });
        self
    }

    /// Adds a segment of the client.
    pub(super) fn client(&mut self, header: impl FnOnce(Header) -> Header, payload: &[u8]) -> &mut Self {
        let packet = tcp_packet_between(self.ends, header, payload);
        self.raw(packet)
    }

    /// Adds a segment of the server.
    pub(super) fn server(&mut self, header: impl FnOnce(Header) -> Header, payload: &[u8]) -> &mut Self {
        let packet = tcp_packet_between([self.ends[1], self.ends[0]], header, payload);
        self.raw(packet)
    }

    /// The opening: the client's first byte is number `client`, the server's `server`.
    pub(super) fn opening(&mut self, client: u32, server: u32) -> &mut Self {
        let (before_client, before_server) = (client.wrapping_sub(1), server.wrapping_sub(1));
        self.client(|header| header.syn().seq(before_client), &[])
            .server(|header| header.syn().seq(before_server).ack(client), &[])
            .client(|header| header.seq(client).ack(server), &[])
    }

    /// The last packet was recorded without its last `count` bytes.
    pub(super) fn cut(&mut self, count: usize) -> &mut Self {
        let last = self.packets.last_mut().unwrap();
        last.bytes.truncate(last.bytes.len() - count);
        last.cut = count as u32;
        self
    }

    pub(super) fn pcap(&self) -> Vec<u8> {
        pcap(LinkType::RAW, &self.packets, false, true)
    }

    /// Reads the script as a capture, mapped and streamed, and checks that both say the same.
    pub(super) fn load(&self) -> Trace {
        load(&self.pcap())
    }
}

/// A pcap file.
pub(super) fn pcap(link: LinkType, packets: &[Recorded], big_endian: bool, nanos: bool) -> Vec<u8> {
    let u32 = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let u16 = |number: u16| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut file = Vec::new();
    file.extend(u32(if nanos { 0xA1B2_3C4D } else { 0xA1B2_C3D4 }));
    file.extend([u16(2), u16(4)].concat());
    file.extend([u32(0), u32(0), u32(65535), u32(u32::from(link.0))].concat());
    for packet in packets {
        let (seconds, rest) = (packet.time / SECOND, packet.time % SECOND);
        let rest = if nanos { rest } else { rest / 1000 };
        let length = packet.bytes.len() as u32;
        file.extend(
            [
                u32(seconds.cast_unsigned() as u32),
                u32(rest.cast_unsigned() as u32),
                u32(length),
                u32(length + packet.cut),
            ]
            .concat(),
        );
        file.extend(&packet.bytes);
    }
    file
}

/// Blocks of a pcapng file in one byte order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks(pub(super) bool);

impl Blocks {
    pub(super) fn u16(self, number: u16) -> Vec<u8> {
        if self.0 { number.to_be_bytes().to_vec() } else { number.to_le_bytes().to_vec() }
    }

    pub(super) fn u32(self, number: u32) -> Vec<u8> {
        if self.0 { number.to_be_bytes().to_vec() } else { number.to_le_bytes().to_vec() }
    }

    pub(super) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = self.u32(body.len() as u32 + 12);
        [self.u32(kind), length.clone(), body, length].concat()
    }

    pub(super) fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut value = value.to_vec();
        let length = value.len() as u16;
        value.resize(value.len().next_multiple_of(4), 0);
        [self.u16(code), self.u16(length), value].concat()
    }

    pub(super) fn section(self, options: &[u8]) -> Vec<u8> {
        let body =
            [self.u32(0x1A2B_3C4D), self.u16(1), self.u16(0), vec![0xFF; 8], options.to_vec()].concat();
        self.block(0x0A0D_0D0A, &body)
    }

    pub(super) fn interface(self, link: LinkType, snap_length: u32, options: &[u8]) -> Vec<u8> {
        let body = [self.u16(link.0), self.u16(0), self.u32(snap_length), options.to_vec()].concat();
        self.block(1, &body)
    }

    pub(super) fn packet(self, interface: u32, ticks: u64, bytes: &[u8], options: &[u8]) -> Vec<u8> {
        let length = bytes.len() as u32;
        let mut body = [
            self.u32(interface),
            self.u32((ticks >> 32) as u32),
            self.u32(ticks as u32),
            self.u32(length),
            self.u32(length),
            bytes.to_vec(),
        ]
        .concat();
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(options);
        self.block(6, &body)
    }
}

/// What a stream holds: runs of bytes, and the lengths of gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Run {
    Data(Vec<u8>),
    Gap(u64),
}

pub(super) fn data(bytes: impl AsRef<[u8]>) -> Run {
    Run::Data(bytes.as_ref().to_vec())
}

pub(super) fn runs(store: &Store, conversation: &Conversation, side: Side) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (_, chunk) in conversation.stream(side).chunks().iter() {
        let length = chunk.end() - chunk.offset();
        match runs.last_mut() {
            Some(Run::Gap(gap)) if chunk.is_gap() => *gap += length,
            _ if chunk.is_gap() => runs.push(Run::Gap(length)),
            Some(Run::Data(bytes)) => bytes.extend(chunk.bytes(store)),
            None | Some(Run::Gap(_)) => runs.push(data(chunk.bytes(store))),
        }
    }
    runs
}

/// The runs of the client and of the server of a conversation.
pub(super) fn both(trace: &Trace, index: usize) -> [Vec<Run>; 2] {
    Side::BOTH.map(|side| runs(&trace.store, &trace.conversations()[index], side))
}

/// The number and the time of the packet of each chunk.
pub(super) fn packets_of(trace: &Trace, index: usize, side: Side) -> Vec<(u32, Timestamp)> {
    let chunks = trace.conversations()[index].stream(side).chunks();
    chunks.iter().map(|(_, chunk)| (chunk.packet(), chunk.time())).collect()
}

pub(super) fn streamed(bytes: &[u8]) -> Loader {
    from_reader(Cursor::new(bytes.to_vec()), "test", &Options::default())
}

pub(super) fn mapped(bytes: &[u8]) -> Result<Loader, Error> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    open(file.path(), &Options::default())
}

/// Reads a capture in both ways, checks that they agree, and returns the trace with the error, if there was one.
pub(super) fn load_with(bytes: &[u8]) -> (Loader, Option<Error>) {
    let mut first = mapped(bytes).unwrap();
    let mut second = streamed(bytes);
    let (error, other) = (first.read_all().err(), second.read_all().err());
    assert_eq!(error.is_some(), other.is_some());
    if first.summary().sorted {
        // A stream is read as it stands.
        assert_eq!(first.summary().packets, second.summary().packets);
        return (first, error);
    }
    assert_eq!(first.summary(), second.summary());
    assert_eq!(first.trace().findings, second.trace().findings);
    assert_eq!(first.trace().conversations().len(), second.trace().conversations().len());
    for (index, conversation) in first.trace().conversations().iter().enumerate() {
        let other = &second.trace().conversations()[index];
        assert_eq!((conversation.client, conversation.server), (other.client, other.server));
        assert_eq!(conversation.ends, other.ends);
        assert_eq!(conversation.findings, other.findings);
        assert_eq!(both(first.trace(), index), both(second.trace(), index));
        for side in Side::BOTH {
            assert_eq!(packets_of(first.trace(), index, side), packets_of(second.trace(), index, side));
        }
    }
    (first, error)
}

pub(super) fn load(bytes: &[u8]) -> Trace {
    let (loader, error) = load_with(bytes);
    assert!(error.is_none(), "{}", error.unwrap());
    loader.into_trace()
}

/// All that a trace says, but the numbers of packets: items with their times, messages, findings, ends.
pub(super) fn everything(trace: &Trace) -> Vec<String> {
    let talks = trace.conversations().iter().map(|talk| {
        let items: Vec<_> = talk
            .items
            .iter()
            .map(|(_, item)| (item.side, item.kind, item.offset, item.length, talk.time_of(item)))
            .collect();
        let messages: Vec<_> = talk
            .messages
            .iter()
            .map(|(_, message)| (message.side, message.kind, message.first, message.last, message.length))
            .collect();
        let findings: Vec<_> =
            talk.item_findings.iter().map(|(number, finding)| (*number, finding.rule)).collect();
        let about: Vec<_> = talk.findings.iter().map(|finding| finding.rule).collect();
        let chunks: Vec<_> =
            talk.in_order().map(|(side, chunk)| (side, chunk.offset(), chunk.time())).collect();
        let ends: Vec<_> = talk.ended().iter().map(|ending| (ending.from, ending.how, ending.time)).collect();
        format!(
            "{} {} {:?} {items:?} {messages:?} {findings:?} {about:?} {chunks:?} {ends:?}",
            talk.client, talk.server, talk.protocol
        )
    });
    talks.collect()
}
