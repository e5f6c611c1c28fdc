//! Tests: TCP behind every tag, tunnel and link layer that is read; which connections are one; and what is not read.

use std::collections::BTreeSet;

use super::testing::*;
use super::*;
use crate::model::field::Value;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::trace::MessageKind;

/// A way to carry a packet: its name, the link type, and the bytes around the inner packet.
type Around = (&'static str, LinkType, Box<dyn Fn(&[u8]) -> Vec<u8>>);

fn ethernet(kind: u16, inner: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &kind.to_be_bytes()[..], inner].concat()
}

fn v4(protocol: u8, inner: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ipv4([1, 1, 1, 1], [2, 2, 2, 2], 64)
        .write(&mut packet, etherparse::IpNumber(protocol), inner)
        .unwrap();
    packet
}

fn v6(protocol: u8, inner: &[u8]) -> Vec<u8> {
    let length = (inner.len() as u16).to_be_bytes();
    [&[0x60, 0, 0, 0, length[0], length[1], protocol, 64][..], &[0xFD; 32], inner].concat()
}

fn udp(port: u16, inner: &[u8]) -> Vec<u8> {
    let length = (inner.len() as u16 + 8).to_be_bytes();
    v4(17, &[&[0xC0, 0x01], &port.to_be_bytes()[..], &length, &[0, 0], inner].concat())
}

fn behind(before: &[u8], inner: &[u8]) -> Vec<u8> {
    [before, inner].concat()
}

const SNAP: [u8; 8] = [0xAA, 0xAA, 3, 0, 0, 0, 8, 0];

/// Every way; the inner packet is IPv4.
fn ways() -> Vec<Around> {
    fn way(name: &'static str, link: u16, around: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Around {
        (name, LinkType(link), Box::new(around))
    }
    let wlan = |control: [u8; 2], more: &'static [u8]| {
        move |inner: &[u8]| [&control[..], &[0; 22], more, &SNAP, inner].concat()
    };
    vec![
        way("ipip", 1, |inner| ethernet(0x0800, &v4(4, inner))),
        way("4in6", 1, |inner| ethernet(0x86DD, &v6(4, inner))),
        way("gre", 101, |inner| v4(47, &behind(&[0, 0, 8, 0], inner))),
        way("gre with all", 101, |inner| {
            v4(47, &behind(&[0xB0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9], inner))
        }),
        way("gre of ethernet", 101, |inner| v4(47, &behind(&[0, 0, 0x65, 0x58], &ethernet(0x0800, inner)))),
        way("gre over ipv6", 101, |inner| v6(47, &behind(&[0, 0, 8, 0], inner))),
        way("pptp", 101, |inner| {
            v4(
                47,
                &behind(&[0x30, 0x81, 0x88, 0x0B, 0, 44, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 3, 0x21], inner),
            )
        }),
        way("erspan type I", 101, |inner| v4(47, &behind(&[0, 0, 0x88, 0xBE], &ethernet(0x0800, inner)))),
        way("erspan type II", 101, |inner| {
            let header = [0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x10, 5, 8, 100, 0, 0, 0, 1];
            v4(47, &behind(&header, &ethernet(0x0800, inner)))
        }),
        way("erspan type III", 101, |inner| {
            let header = [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 100, 0, 0, 0, 1, 0, 0, 0x80, 0];
            v4(47, &behind(&header, &ethernet(0x0800, inner)))
        }),
        way("erspan type III, more", 101, |inner| {
            let header = [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 100, 0, 0, 0, 1, 0, 0, 0, 0x0D];
            v4(47, &[&header[..], &[9; 8], &ethernet(0x0800, inner)].concat())
        }),
        way("etherip", 101, |inner| v4(97, &behind(&[0x30, 0], &ethernet(0x0800, inner)))),
        way("mpls over ip", 101, |inner| v4(137, &behind(&[0, 6, 0x41, 0x40], inner))),
        way("ah", 101, |inner| {
            v4(
                51,
                &behind(&[4, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], inner),
            )
        }),
        way("ah over ipv6", 101, |inner| v6(51, &behind(&[4, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], inner))),
        way("vxlan", 101, |inner| udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &ethernet(0x0800, inner)))),
        way("vxlan of linux", 101, |inner| {
            udp(8472, &behind(&[0x88, 0, 0, 3, 0, 0, 7, 0], &ethernet(0x0800, inner)))
        }),
        way("vxlan-gpe", 101, |inner| udp(4790, &behind(&[0x0C, 0, 0, 1, 0, 0, 7, 0], inner))),
        way("geneve", 101, |inner| {
            let header = [2, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 1, 9, 9, 9, 9];
            udp(6081, &behind(&header, &ethernet(0x0800, inner)))
        }),
        way("gtp", 101, |inner| {
            let length = (inner.len() as u16).to_be_bytes();
            udp(2152, &behind(&[0x30, 255, length[0], length[1], 0, 0, 0, 1], inner))
        }),
        way("gtp of 5G", 101, |inner| {
            let length = (inner.len() as u16 + 8).to_be_bytes();
            let options = [0, 0, 0, 0x85, 1, 0, 9, 0];
            udp(2152, &[&[0x34, 255, length[0], length[1], 0, 0, 0, 1], &options[..], inner].concat())
        }),
        way("gre over udp", 101, |inner| udp(4754, &behind(&[0, 0, 8, 0], inner))),
        way("mpls over udp", 101, |inner| udp(6635, &behind(&[0, 6, 0x41, 0x40], inner))),
        way("mpls", 1, |inner| ethernet(0x8847, &behind(&[0, 6, 0x40, 0x40, 0, 7, 1, 0x40], inner))),
        way("mpls of ethernet", 1, |inner| {
            ethernet(0x8847, &behind(&[0, 6, 0x41, 0x40], &ethernet(0x0800, inner)))
        }),
        way("mpls with control word", 1, |inner| {
            ethernet(0x8847, &behind(&[0, 6, 0x41, 0x40, 0, 0, 0, 0], &ethernet(0x0800, inner)))
        }),
        way("mpls alone", 219, |inner| behind(&[0, 6, 0x41, 0x40], inner)),
        way("pppoe", 1, |inner| {
            let length = (inner.len() as u16 + 2).to_be_bytes();
            ethernet(0x8864, &behind(&[0x11, 0, 0, 1, length[0], length[1], 0, 0x21], inner))
        }),
        way("pppoe alone", 51, |inner| {
            let length = (inner.len() as u16 + 2).to_be_bytes();
            behind(&[0x11, 0, 0, 1, length[0], length[1], 0, 0x21], inner)
        }),
        way("ppp", 9, |inner| behind(&[0, 0x21], inner)),
        way("ppp in hdlc", 50, |inner| behind(&[0xFF, 3, 0, 0x21], inner)),
        way("cisco in hdlc", 50, |inner| behind(&[0x0F, 0, 8, 0], inner)),
        way("ppp of pppd", 166, |inner| behind(&[1, 3, 0, 0x21], inner)),
        way("ppp with direction", 204, |inner| behind(&[1, 0xFF, 3, 0, 0x21], inner)),
        way("chdlc", 104, |inner| behind(&[0x8F, 0, 8, 0], inner)),
        way("chdlc with direction", 205, |inner| behind(&[0, 0x0F, 0, 8, 0], inner)),
        way("802.3", 1, |inner| ethernet(inner.len() as u16 + 8, &behind(&SNAP, inner))),
        way("llc", 100, |inner| behind(&SNAP, inner)),
        way("bridged frame in snap", 100, |inner| {
            behind(&[0xAA, 0xAA, 3, 0, 0x80, 0xC2, 0, 7], &ethernet(0x0800, inner))
        }),
        way("vlan of 802.3", 1, |inner| {
            let length = (inner.len() as u16 + 8).to_be_bytes();
            ethernet(0x8100, &[&[0, 7, length[0], length[1]], &SNAP[..], inner].concat())
        }),
        way("macsec", 1, |inner| {
            ethernet(0x88E5, &[&[0, 0, 0, 0, 0, 1, 8, 0][..], inner, &[7; 16]].concat())
        }),
        way("802.11", 105, wlan([8, 1], &[])),
        way("802.11 between access points", 105, wlan([8, 3], &[4; 6])),
        way("802.11 with qos", 105, wlan([0x88, 1], &[0, 0])),
        way("802.11 with qos and more", 105, wlan([0x88, 0x81], &[0, 0, 1, 2, 3, 4])),
        way("radiotap", 127, move |inner| behind(&[0, 0, 8, 0, 0, 0, 0, 0], &wlan([8, 2], &[])(inner))),
        way("radiotap with fields, padding and a check sequence", 127, |inner| {
            let radiotap = [
                0, 0, 26, 0, 0x2F, 0x48, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x30, 4, 0x6C, 9, 0xC0, 0, 0xD0, 0, 0,
                0,
            ];
            [&radiotap[..], &[0x88, 1], &[0; 22], &[0, 0], &[0, 0], &SNAP, inner, &[1, 2, 3, 4]].concat()
        }),
        way("nflog", 239, |inner| {
            let length = (inner.len() as u16 + 4).to_le_bytes();
            let entries = [8, 0, 1, 0, 8, 0, 1, 0, 6, 0, 10, 0, b'a', 0, 0, 0, length[0], length[1], 9, 0];
            [&[2, 0, 0, 5], &entries[..], inner].concat()
        }),
        way("nflog of the other order", 239, |inner| {
            let length = (inner.len() as u16 + 4).to_be_bytes();
            let entries = [0, 8, 0, 1, 8, 0, 1, 0, length[0], length[1], 0, 9];
            [&[2, 0, 0, 5], &entries[..], inner].concat()
        }),
        way("pktap", 258, |inner| {
            let mut header = vec![0; 108];
            header[0] = 108;
            header[4] = 1;
            header[8] = 1;
            header[12..15].copy_from_slice(b"en0");
            behind(&header, &ethernet(0x0800, inner))
        }),
        way("one in the other", 1, |inner| {
            let frame = ethernet(0x8100, &behind(&[0, 9, 8, 0], inner));
            let inside = udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &frame));
            ethernet(
                0x88A8,
                &behind(&[0, 8, 0x88, 0x47, 0, 6, 0x41, 0x40], &v4(47, &behind(&[0, 0, 8, 0], &inside))),
            )
        }),
    ]
}

#[test]
fn tcp_is_found_behind_every_way_to_carry_it() {
    let mut read = BTreeSet::new();
    for (name, link, around) in ways() {
        let packet = around(&tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), b"hello"));
        let described = layers(link, &packet);
        assert!(described.tree.tiles(), "{name} {:#?}", described.tree);
        let payload =
            described.tree.find("tcp-payload").unwrap_or_else(|| panic!("{name} {:#?}", described.tree));
        assert_eq!(payload.value, Value::Bytes(b"hello".to_vec()), "{name}");
        assert!(described.findings.is_empty(), "{name}");
        assert!(described.tree.find("packet-unread").is_none(), "{name}");
        read.extend(described.tree.leaves().into_iter().map(|leaf| leaf.kind.id));
        let (loader, error) =
            load_with(&pcap(link, &[Recorded { time: 0, bytes: packet.clone(), cut: 0 }], false, false));
        assert!(error.is_none());
        assert_eq!(both(loader.trace(), 0)[0], [data("hello")], "{name}");
        assert!(loader.trace().findings.is_empty(), "{name}");
        // The payload stands in its packet at the place that the field has.
        let chunk = loader.trace().conversations()[0].stream(Side::Client).chunks().get(0).unwrap();
        assert_eq!(u64::from(chunk.place().unwrap().headers.unwrap()) * 8, payload.bits.start, "{name}");
        // Cut anywhere, it is still described without a hole, and never taken for something else.
        for length in 0..packet.len() {
            assert!(layers(link, &packet[..length]).tree.tiles(), "{name} {length}");
            let cut =
                Recorded { time: 0, bytes: packet[..length].to_vec(), cut: (packet.len() - length) as u32 };
            let (loader, _) = load_with(&pcap(link, &[cut], false, false));
            assert_eq!(loader.summary().malformed, 0, "{name} {length}");
        }
    }
    // Every new kind of field stands in one of them, but for what only packets without TCP have.
    assert!(read.len() > 150, "{}", read.len());
}

#[test]
fn six_in_four_and_the_like_are_read() {
    let inner = tcp_packet(Ends::V6, true, |header| header.seq(1).ack(1), b"hello");
    for (link, packet) in [
        (LinkType::RAW, v4(41, &inner)),
        (LinkType::RAW, v6(41, &inner)),
        (LinkType(9), behind(&[0, 0x57], &inner)),
        (LinkType::ETHERNET, ethernet(0x8847, &behind(&[0, 0, 0x21, 0x40], &inner))),
    ] {
        let (loader, _) =
            load_with(&pcap(link, &[Recorded { time: 0, bytes: packet, cut: 0 }], false, false));
        assert_eq!(both(loader.trace(), 0)[0], [data("hello")], "{link}");
    }
}

#[test]
fn an_aggregate_holds_several_segments() {
    let part = |inner: &[u8]| {
        let length = (inner.len() as u16 + 8).to_be_bytes();
        let mut part = [&[4; 6], &[6; 6], &length[..], &SNAP, inner].concat();
        part.resize(part.len().next_multiple_of(4), 0);
        part
    };
    let first = part(&tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), b"hel"));
    let second = part(&tcp_packet(Ends::V4, true, |header| header.seq(4).ack(1), b"lo"));
    let packet = [&[0x88, 1], &[0; 22][..], &[0x80, 0], &first, &second].concat();
    let described = layers(LinkType(105), &packet);
    assert!(described.tree.tiles());
    assert_eq!(described.tree.leaves().iter().filter(|leaf| leaf.kind.id == "tcp-payload").count(), 2);
    let (loader, _) =
        load_with(&pcap(LinkType(105), &[Recorded { time: 0, bytes: packet, cut: 0 }], false, false));
    assert_eq!(both(loader.trace(), 0)[0], [data("hello")]);
    assert_eq!(loader.summary().tcp, 2);
}

#[test]
fn the_reported_captures_hold_the_same_four_messages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("encap-") {
            continue;
        }
        count += 1;
        let trace = load(&std::fs::read(&path).unwrap());
        let [talk] = trace.conversations() else { panic!("{} has one conversation", path.display()) };
        let said: Vec<_> =
            talk.messages.iter().map(|(_, message)| (message.side, message.kind, message.length)).collect();
        let expected = [
            (Side::Client, MessageKind::Text, 5),
            (Side::Server, MessageKind::Text, 5),
            (Side::Client, MessageKind::Close, 2),
            (Side::Server, MessageKind::Close, 2),
        ];
        assert_eq!(said, expected, "{}", path.display());
        assert!(trace.findings.is_empty(), "{}", path.display());
    }
    assert_eq!(count, 10);
}

/// Carries a packet in the network of this number.
type Numbered = fn(u8, &[u8]) -> Vec<u8>;

/// A connection through a tunnel, with a number for each direction. Each has its own sequence numbers, after its word.
fn tunnelled(around: &dyn Fn(u8, &[u8]) -> Vec<u8>, numbers: [u8; 2], word: &[u8]) -> Vec<Recorded> {
    let mut script = Script::new(Ends::V4);
    let client = u32::from(word[0]) << 24;
    let server = !client;
    script
        .opening(client, server)
        .client(|h| h.seq(client).ack(server), word)
        .server(|h| h.seq(server).ack(client + word.len() as u32), word);
    let directions = [0, 1, 0, 0, 1];
    let packets = script.packets.iter().zip(directions);
    packets
        .map(|(packet, side)| Recorded { bytes: around(numbers[side], &packet.bytes), ..packet.clone() })
        .collect()
}

#[test]
fn the_same_addresses_in_two_networks_are_two_connections() {
    let ways: [(&str, Numbered); 6] = [
        ("vlan", |number, inner| ethernet(0x8100, &behind(&[0, number, 8, 0], inner))),
        ("mpls", |number, inner| ethernet(0x8847, &behind(&[0, number, 1, 64], inner))),
        ("vxlan", |number, inner| {
            ethernet(0x0800, &udp(4789, &behind(&[8, 0, 0, 0, 0, 0, number, 0], &ethernet(0x0800, inner))))
        }),
        ("geneve", |number, inner| {
            ethernet(0x0800, &udp(6081, &behind(&[0, 0, 8, 0, 0, 0, number, 0], inner)))
        }),
        ("gtp", |number, inner| {
            let length = (inner.len() as u16).to_be_bytes();
            ethernet(0x0800, &udp(2152, &behind(&[0x30, 255, length[0], length[1], 0, 0, 0, number], inner)))
        }),
        ("gre", |number, inner| ethernet(0x0800, &v4(47, &behind(&[0x20, 0, 8, 0, 0, 0, 0, number], inner)))),
    ];
    for (name, around) in ways {
        // Both directions under one number, and each under its own; one of them perhaps in no network at all.
        for numbers in [[[20, 20], [30, 30]], [[20, 21], [30, 31]]] {
            let one = tunnelled(&around, numbers[0], b"first");
            let two = tunnelled(&around, numbers[1], b"other");
            let woven: Vec<_> =
                one.iter().zip(&two).flat_map(|(one, two)| [one.clone(), two.clone()]).collect();
            let trace = load(&pcap(LinkType::ETHERNET, &woven, false, true));
            assert_eq!(trace.conversations().len(), 2, "{name} {numbers:?}");
            for (index, word) in [b"first", b"other"].into_iter().enumerate() {
                assert_eq!(both(&trace, index), [[data(word)], [data(word)]], "{name} {numbers:?}");
            }
        }
    }
    // Beside one without any network.
    let plain = tunnelled(&|_, inner| ethernet(0x0800, inner), [0, 0], b"plain");
    let tagged = tunnelled(&ways[0].1, [20, 20], b"other");
    let woven: Vec<_> = plain.iter().zip(&tagged).flat_map(|(one, two)| [one.clone(), two.clone()]).collect();
    let trace = load(&pcap(LinkType::ETHERNET, &woven, false, true));
    assert_eq!(trace.conversations().len(), 2);
    assert_eq!(both(&trace, 0)[0], [data("plain")]);
}

#[test]
fn a_connection_whose_path_differs_by_direction_or_changes_is_one() {
    let vlan = |number: u8, inner: &[u8]| match number {
        0 => ethernet(0x0800, inner),
        _ => ethernet(0x8100, &behind(&[0, number, 8, 0], inner)),
    };
    for numbers in [[0, 7], [7, 0], [7, 8]] {
        let trace = load(&pcap(LinkType::ETHERNET, &tunnelled(&vlan, numbers, b"hello"), false, true));
        assert_eq!(trace.conversations().len(), 1, "{numbers:?}");
        assert_eq!(both(&trace, 0), [[data("hello")], [data("hello")]]);
    }
    // It moves to another network, and back.
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 0..20u32 {
        script.client(|h| h.seq(1 + number).ack(1), b"x");
    }
    let moved: Vec<_> = (0u8..)
        .zip(&script.packets)
        .map(|(number, packet)| Recorded { bytes: vlan(number / 8 % 2, &packet.bytes), ..packet.clone() })
        .collect();
    let trace = load(&pcap(LinkType::ETHERNET, &moved, false, true));
    assert_eq!(trace.conversations().len(), 1);
    assert_eq!(both(&trace, 0)[0], [data([b'x'; 20])]);
}

#[test]
fn ports_used_again_in_a_tunnel_are_another_connection_in_both_directions() {
    let mpls = |number: u8, inner: &[u8]| ethernet(0x8847, &behind(&[0, number, 1, 64], inner));
    let mut first = tunnelled(&mpls, [20, 21], b"first");
    let mut script = Script::new(Ends::V4);
    script.time = 1_800_000_000 * SECOND;
    script.opening(77, 88).client(|h| h.seq(77).ack(88), b"later").server(|h| h.seq(88).ack(82), b"reply");
    let again = script.packets.iter().zip([20, 21, 20, 20, 21]);
    first.extend(
        again.map(|(packet, label)| Recorded { bytes: mpls(label, &packet.bytes), ..packet.clone() }),
    );
    let trace = load(&pcap(LinkType::ETHERNET, &first, false, true));
    assert_eq!(trace.conversations().len(), 2);
    assert_eq!(both(&trace, 1), [[data("later")], [data("reply")]]);
}

#[test]
fn fragments_of_a_tunnel_are_put_together() {
    let long: Vec<u8> = (0..200).collect();
    let inner = tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), &long);
    let outer = udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &ethernet(0x0800, &inner)));
    let mut script = Script::new(Ends::V4);
    for piece in fragments_v4(&outer, 5, 96) {
        script.raw(piece);
    }
    // Fragments in the tunnel too, of another packet.
    let next = tcp_packet(Ends::V4, true, |header| header.seq(201).ack(1), &long);
    for piece in fragments_v4(&next, 6, 96) {
        let outer = udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &ethernet(0x0800, &piece)));
        for piece in fragments_v4(&outer, 100 + u16::from(piece[7]), 64) {
            script.raw(piece);
        }
    }
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data([&long[..], &long].concat())]);
    assert!(trace.findings.is_empty());
    // One is missing: nobody knows what it was.
    let mut script = Script::new(Ends::V4);
    script.raw(fragments_v4(&outer, 5, 96).swap_remove(0));
    let findings = script.load().findings;
    assert_eq!(findings[0].rule, Rule::CaptureUnread);
    assert_eq!(findings[0].message(), "1 packet was not looked into, and may carry TCP (fragments of UDP 1)");
}

#[test]
fn what_is_not_read_is_named_and_said_to_carry_tcp_where_it_may() {
    let mut script = Script::new(Ends::V4);
    script.raw(v4(50, &[1; 40])); // ESP
    script.raw(udp(53, &[1; 40]));
    script.raw(udp(9999, &[1; 40]));
    script.raw(udp(4789, &[0; 40])); // Not VXLAN: its flag is missing.
    script.raw(v4(1, &[1; 40]));
    let (loader, _) = load_with(&script.pcap());
    assert_eq!(loader.summary().not_tcp(), [("ICMP".to_owned(), 1), ("UDP".to_owned(), 1)]);
    assert_eq!(loader.summary().unread(), [("UDP on other ports".to_owned(), 2), ("ESP".to_owned(), 1)]);
    let said: Vec<_> = loader.trace().findings.iter().map(Finding::message).collect();
    assert_eq!(
        said,
        [
            "2 packets carry no TCP (ICMP 1, UDP 1) and were passed over",
            "3 packets were not looked into, and may carry TCP (UDP on other ports 2, ESP 1)",
        ]
    );
    for (link, packet, name) in [
        (105, [&[8, 0x41][..], &[0; 40]].concat(), "encrypted 802.11"),
        (105, [&[8, 0x05][..], &[0; 40]].concat(), "fragments of 802.11"),
        (105, [&[0x80, 0][..], &[0; 40]].concat(), "802.11 without data"),
        (105, [&[0xC4, 0][..], &[0; 8]].concat(), "802.11 without data"),
        (1, ethernet(0x88E5, &[0x0C; 40]), "encrypted MACsec"),
        (1, ethernet(0x8863, &[0x11; 40]), "PPPoE discovery"),
        (1, ethernet(0x8847, &[0, 6, 0x41, 0x40, 0x10, 1, 2, 3]), "MPLS"),
        (1, ethernet(3, &[0x42, 0x42, 3, 0, 0, 0]), "STP"),
        (9, vec![0x80, 0x21, 1, 1], "PPP control"),
        (9, vec![0, 0x3D, 1, 1], "PPP multilink"),
        (101, v4(47, &[0x40, 0, 8, 0, 1, 2]), "GRE"),
        (101, udp(2152, &[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]), "GTP-U signalling"),
    ] {
        let (loader, _) =
            load_with(&pcap(LinkType(link), &[Recorded { time: 0, bytes: packet, cut: 0 }], false, false));
        let summary = loader.summary();
        let names: Vec<_> = [summary.not_tcp(), summary.unread()].concat();
        assert_eq!(names, [(name.to_owned(), 1)]);
    }
}

#[test]
fn an_unknown_link_type_inside_is_said() {
    let mut header = vec![0; 108];
    header[0] = 108;
    header[8] = 147;
    let (loader, _) =
        load_with(&pcap(LinkType(258), &[Recorded { time: 0, bytes: header, cut: 0 }], false, false));
    assert_eq!(loader.summary().unread_link_types(), [(LinkType(147), 1)]);
}

#[test]
fn nesting_is_bounded() {
    let mut packet = tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), b"hello");
    for _ in 0..70 {
        packet = v4(4, &packet);
    }
    assert!(layers(LinkType::RAW, &packet).tree.tiles());
    let (loader, _) =
        load_with(&pcap(LinkType::RAW, &[Recorded { time: 0, bytes: packet, cut: 0 }], false, false));
    assert_eq!(loader.summary().unread(), [("deep nesting".to_owned(), 1)]);
}
