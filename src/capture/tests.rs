//! Opening, pipes, link layers, fragments, and bytes that are no capture at all.

use std::io::{self, Read, Write};
use std::sync::mpsc;

use proptest::prelude::*;

use super::testing::*;
use super::*;
use crate::model::protocol::Side;
use crate::model::rule::Rule;

fn hello(ends: Ends) -> Vec<u8> {
    tcp_packet(ends, true, |header| header.seq(1).ack(1), b"hello")
}

/// One packet of a link type, read.
fn one(link: LinkType, bytes: Vec<u8>) -> Loader {
    let (loader, error) = load_with(&pcap(link, &[Recorded { time: 0, bytes, cut: 0 }], false, false));
    assert!(error.is_none());
    loader
}

#[test]
fn link_layers_lead_to_the_same_bytes() {
    let v4 = [0x08, 0x00];
    let v6 = [0x86, 0xDD];
    let vlan = [0x81, 0x00, 0x00, 0x05];
    let service = [0x88, 0xA8, 0x20, 0x06];
    let cases: Vec<(LinkType, Vec<u8>, Ends)> = vec![
        (LinkType::ETHERNET, [vec![1; 12], v4.to_vec()].concat(), Ends::V4),
        (LinkType::ETHERNET, [vec![1; 12], v6.to_vec()].concat(), Ends::V6),
        (LinkType::ETHERNET, [vec![1; 12], vlan.to_vec(), v4.to_vec()].concat(), Ends::V4),
        (
            LinkType::ETHERNET,
            [vec![1; 12], service.to_vec(), vlan.to_vec(), vlan.to_vec(), v6.to_vec()].concat(),
            Ends::V6,
        ),
        (LinkType::LINUX_SLL, [vec![0; 14], v4.to_vec()].concat(), Ends::V4),
        (LinkType::LINUX_SLL, [vec![0; 14], vlan.to_vec(), v6.to_vec()].concat(), Ends::V6),
        (LinkType::LINUX_SLL2, [v4.to_vec(), vec![0; 18]].concat(), Ends::V4),
        (LinkType::LINUX_SLL2, [v6.to_vec(), vec![0; 18]].concat(), Ends::V6),
        (LinkType::NULL, vec![2, 0, 0, 0], Ends::V4),
        (LinkType::NULL, vec![0, 0, 0, 2], Ends::V4),
        (LinkType::NULL, vec![30, 0, 0, 0], Ends::V6),
        (LinkType::NULL, vec![0, 0, 0, 28], Ends::V6),
        (LinkType::LOOP, vec![0, 0, 0, 24], Ends::V6),
        (LinkType::LOOP, vec![0, 0, 0, 2], Ends::V4),
        (LinkType::RAW, vec![], Ends::V4),
        (LinkType::RAW, vec![], Ends::V6),
        (LinkType(12), vec![], Ends::V4),
        (LinkType(14), vec![], Ends::V6),
        (LinkType::IPV4, vec![], Ends::V4),
        (LinkType::IPV6, vec![], Ends::V6),
    ];
    for (link, before, ends) in cases {
        let headers = before.len();
        let packet = [before, hello(ends), vec![0; 7]].concat(); // With padding behind it.
        let described = layers(link, &packet).tree;
        assert_eq!(
            described.find("tcp-payload").unwrap().value,
            crate::model::field::Value::Bytes(b"hello".to_vec())
        );
        let loader = one(link, packet);
        assert_eq!(both(loader.trace(), 0)[0], [data("hello")], "{link}");
        let chunk = loader.trace().conversations()[0].stream(Side::Client).chunks().get(0).unwrap();
        let ip = if ends == Ends::V4 { 40 } else { 60 };
        assert_eq!(usize::from(chunk.place().unwrap().headers.unwrap()), headers + ip);
        assert_eq!(loader.summary().link_types, [link.to_string()]);
    }
}

#[test]
fn what_is_not_tcp_is_counted_by_kind() {
    let mut script = Script::new(Ends::V4);
    for payload in [b"one".as_slice(), b"two"] {
        let mut packet = Vec::new();
        etherparse::PacketBuilder::ipv4([1, 1, 1, 1], [2, 2, 2, 2], 9)
            .udp(5, 53)
            .write(&mut packet, payload)
            .unwrap();
        script.raw([vec![0; 12], vec![8, 0], packet].concat());
    }
    script.raw([vec![0; 12], vec![8, 6], vec![0; 28]].concat());
    let (loader, _) = load_with(&pcap(LinkType::ETHERNET, &script.packets, false, false));
    assert_eq!(loader.summary().not_tcp(), [("UDP".to_owned(), 2), ("ARP".to_owned(), 1)]);
    let findings = &loader.trace().findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].rule, Rule::CaptureNotTcp);
    assert_eq!(findings[0].message(), "3 packets carry no TCP (UDP 2, ARP 1) and were passed over");
}

#[test]
fn a_link_type_that_is_not_read_is_said() {
    let loader = one(LinkType(147), vec![1, 2, 3]);
    assert_eq!(loader.summary().unread_link_types(), [(LinkType(147), 1)]);
    assert_eq!(loader.trace().findings[0].rule, Rule::CaptureLinkType);
    assert_eq!(
        loader.trace().findings[0].message(),
        "1 packet of link type 147 (USER0), which is not read, was counted and not looked into"
    );
}

#[test]
fn packets_with_wrong_lengths_are_counted() {
    let mut short_header = hello(Ends::V4);
    short_header[0] = 0x44;
    let mut short_total = hello(Ends::V4);
    short_total[3] = 10;
    let mut version = hello(Ends::V4);
    version[0] = 0x95;
    let mut data_offset = hello(Ends::V4);
    data_offset[32] = 0x40;
    let mut long_offset = hello(Ends::V4);
    long_offset[32] = 0xF0;
    for packet in [short_header, short_total, version, data_offset, long_offset, vec![0x45, 0]] {
        let loader = one(LinkType::RAW, packet);
        assert_eq!(loader.summary().malformed, 1);
        assert_eq!(loader.trace().findings[0].rule, Rule::CaptureBadPacket);
        assert!(loader.trace().conversations().is_empty());
    }
}

#[test]
fn a_total_length_of_zero_means_what_was_recorded() {
    let mut v4 = hello(Ends::V4);
    v4[2..4].fill(0);
    let mut v6 = hello(Ends::V6);
    v6[4..6].fill(0);
    for packet in [v4, v6] {
        assert_eq!(both(one(LinkType::RAW, packet).trace(), 0)[0], [data("hello")]);
    }
}

#[test]
fn ip_options_and_extension_headers_are_passed() {
    let plain = hello(Ends::V4);
    let mut options = [&plain[..20], &[1, 1, 1, 0], &plain[20..]].concat();
    options[0] = 0x46;
    options[3] += 4;
    assert_eq!(both(one(LinkType::RAW, options).trace(), 0)[0], [data("hello")]);

    let plain = hello(Ends::V6);
    let hop_by_hop = [60, 1, 5, 2, 0, 0, 1, 10, 0, 0, 0, 0, 0, 0, 0, 0];
    let destination = [51, 0, 1, 4, 0, 0, 0, 0];
    let authentication = [44, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
    let whole_as_fragment = [6, 0, 0, 0, 0, 0, 0, 1];
    let headers = [&hop_by_hop[..], &destination, &authentication, &whole_as_fragment].concat();
    let mut packet = [&plain[..40], &headers, &plain[40..]].concat();
    packet[6] = 0;
    packet[5] += headers.len() as u8;
    assert!(layers(LinkType::RAW, &packet).tree.find("tcp-payload").is_some());
    assert_eq!(both(one(LinkType::RAW, packet).trace(), 0)[0], [data("hello")]);
}

#[test]
fn fragments_in_any_order_are_put_together() {
    let long: Vec<u8> = (0..100).collect();
    for ends in [Ends::V4, Ends::V6] {
        let packet = tcp_packet(ends, true, |header| header.seq(1).ack(1), &long);
        let pieces =
            if ends == Ends::V4 { fragments_v4(&packet, 7, 48) } else { fragments_v6(&packet, 7, 48) };
        assert_eq!(pieces.len(), 3);
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut script = Script::new(ends);
            script.opening(1, 1);
            for index in order {
                script.raw(pieces[index].clone());
            }
            script.raw(pieces[0].clone()); // Again.
            script.client(|header| header.seq(101).ack(1), b"!");
            let trace = script.load();
            assert_eq!(both(&trace, 0)[0], [data([&long[..], b"!"].concat())]);
            let chunk = trace.conversations()[0].stream(Side::Client).chunks().get(0).unwrap();
            assert_eq!((chunk.packet(), chunk.place().unwrap().headers), (6, None));
            assert!(trace.findings.is_empty());
        }
        // One is missing: its packet is missing.
        let mut script = Script::new(ends);
        script.opening(1, 1).raw(pieces[0].clone()).raw(pieces[2].clone());
        script.client(|header| header.seq(101).ack(1), b"!");
        let trace = script.load();
        assert_eq!(both(&trace, 0)[0], [Run::Gap(100), data("!")]);
        assert_eq!(trace.findings[0].rule, Rule::CaptureFragment);
    }
}

#[test]
fn fragments_without_end_take_bounded_memory() {
    let packet = tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), &[7; 100]);
    let mut script = Script::new(Ends::V4);
    for id in 0..2000 {
        script.raw(fragments_v4(&packet, id, 48).swap_remove(0));
    }
    let (loader, _) = load_with(&script.pcap());
    assert_eq!(loader.summary().fragmented, 2000);
}

#[test]
fn files_that_are_no_capture_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let error = open(directory.path(), &Options::default()).unwrap_err();
    assert!(matches!(error, Error::Directory { .. }), "{error}");
    let path = directory.path().join("hello.txt");
    let fails = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = open(&path, &Options::default()).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
        let streamed = streamed(bytes).read_all().unwrap_err().to_string();
        assert_eq!(error.replace(&path.display().to_string(), "test"), streamed);
        streamed
    };
    assert!(fails(b"").contains("is empty"));
    assert_eq!(
        fails(b"Hello, world"),
        "test is not a capture: it begins with \"Hello, world\"; pcap, pcapng and snoop are read, also compressed with gzip, xz or zstd"
    );
    assert!(fails(b"\x00\x01\x02\x03\x04").contains("begins with 00 01 02 03 04;"));
    assert!(fails(b"\xD4\xC3").contains("not a capture"));
    let missing = open(directory.path().join("none"), &Options::default()).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }));
}

#[test]
fn compressed_captures_are_unpacked() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello").client(|h| h.seq(6).ack(1), b" world");
    let plain = script.pcap();
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    // In two members, as when one file is appended to another.
    let packed = [pack(&plain[..50]), pack(&plain[50..])].concat();
    assert_eq!(both(&load(&packed), 0)[0], [data("hello world")]);
    let mut loader = mapped(&packed).unwrap();
    loader.read_all().unwrap();
    assert_eq!(loader.progress(), (packed.len() as u64, Some(packed.len() as u64)));
    // Cut: what could be unpacked is there.
    let (loader, error) = load_with(&packed[..packed.len() - 20]);
    assert!(matches!(error.unwrap(), Error::Packed { .. }));
    assert_eq!(loader.trace().findings[0].rule, Rule::CaptureFileCut);
    assert!(matches!(streamed(&pack(b"Hello, world")).read_all(), Err(Error::NotACapture { .. })));
    assert!(matches!(streamed(&pack(&packed)).read_all(), Err(Error::NotACapture { .. })));
    assert!(matches!(streamed(&pack(b"")).read_all(), Err(Error::Empty { .. })));
}

/// A pipe whose writer sends when the test says so.
struct Pipe(mpsc::Receiver<Vec<u8>>, Vec<u8>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            let Ok(more) = self.0.recv() else { return Ok(0) };
            self.1 = more;
        }
        let count = buffer.len().min(self.1.len());
        buffer[..count].copy_from_slice(&self.1[..count]);
        self.1.drain(..count);
        Ok(count)
    }
}

#[test]
fn a_packet_from_a_pipe_is_handed_over_when_it_is_complete() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello").client(|h| h.seq(6).ack(1), b"world");
    let file = script.pcap();
    let last = file.len() - 61;
    let (send, receive) = mpsc::channel();
    let mut loader = from_reader(Pipe(receive, Vec::new()), "-", &Options::default());
    send.send(file[..10].to_vec()).unwrap();
    send.send(file[10..last].to_vec()).unwrap();
    // The step returns with the four packets that are there. A read for more would wait for ever.
    assert_eq!(loader.step(usize::MAX).unwrap(), Status::More);
    assert_eq!(loader.summary().packets, 4);
    assert_eq!(both(loader.trace(), 0)[0], [data("hello")]);
    assert_eq!(loader.progress(), (last as u64, None));
    send.send(file[last..file.len() - 1].to_vec()).unwrap();
    send.send(file[file.len() - 1..].to_vec()).unwrap();
    assert_eq!(loader.step(usize::MAX).unwrap(), Status::More);
    assert_eq!(both(loader.trace(), 0)[0], [data("helloworld")]);
    drop(send);
    assert_eq!(loader.step(usize::MAX).unwrap(), Status::Done);
}

/// Reads, forgets what was read after each step, and returns the most that was kept, with the server's bytes.
fn read_and_forget(script: &Script) -> (u64, Vec<u8>) {
    let mut loader = streamed(&script.pcap());
    let (mut most, mut server) = (0, Vec::new());
    while loader.step(100).unwrap() == Status::More {
        let trace = loader.trace();
        if let [Run::Data(bytes)] = &both(trace, 0)[1][..] {
            server.clone_from(bytes);
        }
        most = most.max(trace.store.appended());
        let trace = loader.trace_mut();
        for index in 0..trace.conversations().len() {
            trace.forget_before(index, usize::MAX, usize::MAX);
        }
        loader.forget_unneeded();
    }
    (most, server)
}

#[test]
fn a_stream_of_any_length_needs_little_memory_and_loses_nothing_that_is_held() {
    let unknown = vec![0xEE; 60_000]; // Nothing that the dissector would wait for an answer to.
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    let mut held = script.clone();
    held.server(|h| h.seq(5).ack(1), b"held");
    for script in [&mut script, &mut held] {
        for number in 0..200u32 {
            script.client(|h| h.seq(1 + number * 60_000).ack(1), &unknown);
        }
        script.server(|h| h.seq(1).ack(1), b"late");
    }
    let (most, server) = read_and_forget(&script);
    assert!(most < 4 << 20, "{most} of 12 million bytes were kept");
    assert_eq!(server, b"late");
    let (_, server) = read_and_forget(&held);
    assert_eq!(server, b"lateheld");
}

#[test]
fn a_loader_can_be_sent_to_another_thread() {
    fn sendable<T: Send>(_: &T) {}
    sendable(&streamed(&[]));
}

#[test]
fn steps_read_no_more_than_was_asked_for_and_can_be_stopped() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(9).ack(1), b"held");
    for mut loader in [mapped(&script.pcap()).unwrap(), streamed(&script.pcap())] {
        let (before, _) = loader.progress();
        assert_eq!(loader.step(1).unwrap(), Status::More);
        assert_eq!(loader.summary().packets, 1);
        assert!(loader.progress().0 > before);
        assert_eq!(loader.step(3).unwrap(), Status::More);
        assert!(both(loader.trace(), 0)[0].is_empty());
        loader.stop();
        assert_eq!(both(loader.trace(), 0)[0], [Run::Gap(8), data("held")]);
        assert_eq!(loader.step(1).unwrap(), Status::Done);
    }
}

#[test]
fn the_captures_of_the_repository_can_be_read_and_described() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut folders = vec![root];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "pcap" || end == "pcapng") {
                count += 1;
                let bytes = std::fs::read(&path).unwrap();
                let (loader, _) = load_with(&bytes);
                assert_eq!(packets(&bytes).count() as u64, loader.summary().packets, "{}", path.display());
                for packet in packets(&bytes) {
                    assert_eq!(loader.links().of(packet.number as u32), Some(packet.link));
                    let tree = layers(packet.link, packet.bytes).tree;
                    assert!(tree.tiles(), "{} packet {}", path.display(), packet.number);
                }
            }
        }
    }
    assert!(count > 50, "only {count} captures were found");
}

/// A small capture of each format, to be damaged.
fn samples() -> Vec<Vec<u8>> {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .server(|h| h.seq(1).ack(28), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        .client(|h| h.seq(60).ack(41), b"later")
        .client(|h| h.seq(28).ack(41).fin(), &[7; 32]);
    let packet = tcp_packet(Ends::V4, false, |header| header.seq(41).ack(61), &[7; 100]);
    for piece in fragments_v4(&packet, 7, 48) {
        script.raw(piece);
    }
    let mut six = Script::new(Ends::V6);
    six.opening(1, 1)
        .client(|h| h.seq(1).ack(1).raw_options(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]), b"hello");
    let blocks = Blocks(true);
    let mut pcapng = [
        blocks.section(&blocks.option(1, b"comment")),
        blocks.interface(LinkType::RAW, 0, &[blocks.option(9, &[9]), blocks.option(0, &[])].concat()),
    ]
    .concat();
    for packet in script.packets.iter().chain(&six.packets) {
        pcapng.extend(blocks.packet(0, packet.time.cast_unsigned(), &packet.bytes, &blocks.option(1, b"x")));
    }
    vec![script.pcap(), pcap(LinkType::IPV6, &six.packets, true, false), pcapng]
}

proptest! {
    #[test]
    fn arbitrary_bytes_behind_each_magic_end(
        magic in prop::sample::select(vec![
            vec![0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0],
            vec![0xA1, 0xB2, 0x3C, 0x4D, 0, 2, 0, 4],
            vec![0x34, 0xCD, 0xB2, 0xA1, 2, 0, 4, 0],
            vec![0x0A, 0x0D, 0x0D, 0x0A],
            b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec(),
            vec![0x1F, 0x8B, 8, 0],
            b"\xFD7zXZ\0\0\x04\xE6\xD6\xB4\x46".to_vec(),
            vec![0x28, 0xB5, 0x2F, 0xFD],
            vec![],
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [magic, bytes].concat();
        let _ = streamed(&file).read_all();
        if let Ok(mut loader) = mapped(&file) {
            let _ = loader.read_all();
        }
    }

    #[test]
    fn arbitrary_packets_of_every_link_type_end(
        packets in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..80)), 0..20),
    ) {
        let packets: Vec<_> = packets.into_iter().map(|(time, bytes)| {
            Recorded { time: i64::from(time), bytes, cut: u32::from(time % 3) }
        }).collect();
        for link in LinkType::READ {
            let (loader, error) = load_with(&pcap(link, &packets, false, true));
            prop_assert!(error.is_none());
            prop_assert_eq!(loader.summary().packets, packets.len() as u64);
        }
    }

    #[test]
    fn damaged_captures_end(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        for sample in samples() {
            let mut file = sample;
            for (at, value) in &changes {
                let at = at.index(file.len() - 4) + 4;
                file[at] = *value;
            }
            let (loader, _) = load_with(&file);
            let total: u64 = loader.trace().conversations().iter().flat_map(|c| Side::BOTH.map(|side| c.stream(side).end())).sum();
            // Gaps are as long as sequence numbers say, but their number is bounded by the packets.
            prop_assert!(total <= (loader.summary().packets + 2) << 33);
        }
    }
}
