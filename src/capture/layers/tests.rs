//! Layers tile every packet, and name what stands in it.

use proptest::prelude::*;

use super::*;
use crate::capture::testing::{Ends, tcp_packet};
use crate::model::field::{Value, hex};
use crate::model::rule::Rule;

fn find<'a>(layers: &'a Layers, id: &str) -> &'a Value {
    &layers.tree.find(id).unwrap_or_else(|| panic!("no {id} in {:#?}", layers.tree)).value
}

fn tiles(link: LinkType, bytes: &[u8]) -> Layers {
    let layers = layers(link, bytes);
    assert_eq!(layers.tree.bits, BitRange::bytes(0, bytes.len()));
    assert!(layers.tree.tiles(), "{link} {} {:#?}", hex(bytes), layers.tree);
    // No leaf is a group: every bit has a value.
    assert!(bytes.is_empty() || layers.tree.leaves().iter().all(|leaf| leaf.value != Value::Group));
    layers
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<_> = kinds().map(|kind| kind.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn an_ethernet_packet_with_tags_and_padding_is_described() {
    let mut packet = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0x20, 0x07, 0x08, 0x00];
    packet.extend(tcp_packet(Ends::V4, true, |header| header.seq(77).ack(1234).mss(1460), b"hello"));
    packet.extend([0; 5]);
    let layers = tiles(LinkType::ETHERNET, &packet);
    assert_eq!(*find(&layers, "eth-destination"), Value::Text("02:00:00:00:00:01".into()));
    assert_eq!(*find(&layers, "vlan-id"), Value::Number(7));
    assert_eq!(*find(&layers, "vlan-priority"), Value::Number(1));
    assert_eq!(*find(&layers, "ipv4-source"), Value::Text("10.0.0.1".into()));
    assert_eq!(*find(&layers, "tcp-seq"), Value::Number(77));
    assert_eq!(*find(&layers, "tcp-ack"), Value::Flag(true));
    assert_eq!(*find(&layers, "tcp-mss"), Value::Number(1460));
    assert_eq!(*find(&layers, "tcp-payload"), Value::Bytes(b"hello".to_vec()));
    assert_eq!(*find(&layers, "packet-trailer"), Value::Bytes(vec![0; 5]));
    assert!(layers.findings.is_empty());
}

#[test]
fn a_wrong_checksum_is_noted_at_its_place_and_a_cut_segment_is_not_judged() {
    for ends in [Ends::V4, Ends::V6] {
        let mut packet = tcp_packet(ends, false, |header| header.seq(1).ack(1), b"hello!!");
        assert!(tiles(LinkType::RAW, &packet).findings.is_empty());
        *packet.last_mut().unwrap() ^= 1;
        let layers = tiles(LinkType::RAW, &packet);
        let place = layers.tree.find("tcp-checksum").unwrap().bits;
        let found: Vec<_> = layers.findings.iter().map(|finding| (finding.rule, finding.bits)).collect();
        assert_eq!(found, [(Rule::TcpChecksum, Some(place))]);
        assert!(tiles(LinkType::RAW, &packet[..packet.len() - 1]).findings.is_empty());
    }
}

#[test]
fn what_is_not_ip_is_one_field() {
    let mut arp = vec![0xFF; 12];
    arp.extend([0x08, 0x06, 1, 2, 3]);
    assert_eq!(*find(&tiles(LinkType::ETHERNET, &arp), "packet-unread"), Value::Bytes(vec![1, 2, 3]));
    assert_eq!(*find(&tiles(LinkType(147), b"abc"), "packet-unread"), Value::Bytes(b"abc".to_vec()));
    tiles(LinkType::ETHERNET, &[]);
}

proptest! {
    #[test]
    fn arbitrary_bytes_tile(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for link in LinkType::READ {
            tiles(link, &bytes);
        }
    }

    #[test]
    fn damaged_packets_tile(
        v6: bool,
        options in prop::collection::vec(any::<u8>(), 0..10).prop_map(|words| words.repeat(4)),
        changes in prop::collection::vec((0usize..120, any::<u8>()), 0..6),
        cut in 0usize..140,
    ) {
        let ends = if v6 { Ends::V6 } else { Ends::V4 };
        let raw = tcp_packet(ends, true, |header| header.seq(5).ack(6).raw_options(&options), b"some payload here");
        for (link, before) in [
            (LinkType::RAW, vec![]),
            (LinkType::LOOP, vec![0, 0, 0, if v6 { 24 } else { 2 }]),
            (LinkType::ETHERNET, [vec![9; 12], if v6 { vec![0x86, 0xDD] } else { vec![8, 0] }].concat()),
            (LinkType::LINUX_SLL, [vec![0; 14], if v6 { vec![0x86, 0xDD] } else { vec![8, 0] }].concat()),
            (LinkType::LINUX_SLL2, [if v6 { vec![0x86, 0xDD] } else { vec![8, 0] }, vec![0; 18]].concat()),
        ] {
            let mut packet = [before, raw.clone()].concat();
            let whole = tiles(link, &packet);
            prop_assert!(whole.tree.find("tcp-payload").is_some());
            for &(at, value) in &changes {
                if let Some(byte) = packet.get_mut(at) {
                    *byte = value;
                }
            }
            packet.truncate(cut);
            tiles(link, &packet);
        }
    }
}
