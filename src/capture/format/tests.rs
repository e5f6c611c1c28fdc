//! Every variant of the two formats.

use crate::capture::testing::*;
use crate::capture::{Error, LinkType, Status, Summary, packets};
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::trace::Timestamp;

const TIME: i64 = 1_700_000_000 * SECOND + 123_456_789;

/// A recording of one packet from the client.
fn hello() -> Vec<u8> {
    tcp_packet(Ends::V4, true, |header| header.seq(1).ack(1), b"hello")
}

fn time_of(bytes: &[u8]) -> (Timestamp, u8, Summary) {
    let (loader, error) = load_with(bytes);
    assert!(error.is_none(), "{}", error.unwrap());
    let trace = loader.trace();
    assert_eq!(both(trace, 0)[0], [data("hello")]);
    (packets_of(trace, 0, Side::Client)[0].1, trace.conversations()[0].digits, loader.summary().clone())
}

#[test]
fn pcap_in_both_orders_and_both_units() {
    let packets = [Recorded { time: TIME, bytes: hello(), cut: 0 }];
    for big_endian in [false, true] {
        let (time, digits, summary) = time_of(&pcap(LinkType::RAW, &packets, big_endian, true));
        assert_eq!((time, digits), (Timestamp(TIME), 9));
        assert_eq!((summary.packets, summary.tcp), (1, 1));
        assert_eq!(summary.link_types, ["RAW"]);
        let (time, digits, _) = time_of(&pcap(LinkType::RAW, &packets, big_endian, false));
        assert_eq!((time, digits), (Timestamp(TIME / 1000 * 1000), 6));
    }
}

#[test]
fn pcap_with_longer_record_headers() {
    let packets =
        [Recorded { time: TIME, bytes: hello(), cut: 0 }, Recorded { time: TIME, bytes: hello(), cut: 0 }];
    for (big_endian, magic) in [(false, [0x34, 0xCD, 0xB2, 0xA1]), (true, [0xA1, 0xB2, 0xCD, 0x34])] {
        let plain = pcap(LinkType::RAW, &packets, big_endian, false);
        let mut file = [magic.as_slice(), &plain[4..24]].concat();
        for record in plain[24..].chunks(16 + hello().len()) {
            file.extend([&record[..16], &[0; 8], &record[16..]].concat());
        }
        let (_, _, summary) = time_of(&file);
        assert_eq!(summary.packets, 2);
    }
}

#[test]
fn pcapng_clocks_of_every_kind() {
    for blocks in [Blocks(false), Blocks(true)] {
        let offset = |seconds: i64| {
            let bytes = if blocks.0 { seconds.to_be_bytes() } else { seconds.to_le_bytes() };
            blocks.option(14, &bytes)
        };
        let end = blocks.option(0, &[]);
        let cases: [(Vec<u8>, u64, i64, u8); 9] = [
            (vec![], (TIME / 1000) as u64, TIME / 1000 * 1000, 6),
            (blocks.option(9, &[9]), TIME as u64, TIME, 9),
            (blocks.option(9, &[3]), (TIME / 1_000_000) as u64, TIME / 1_000_000 * 1_000_000, 3),
            (blocks.option(9, &[0]), (TIME / SECOND) as u64, TIME / SECOND * SECOND, 0),
            (blocks.option(9, &[12]), 1_234_567, 1234, 9),
            (blocks.option(9, &[0x8A]), 1_700_000_000 * 1024 + 512, 1_700_000_000 * SECOND + SECOND / 2, 4),
            (
                blocks.option(9, &[0xA0]),
                (1_700_000_000 << 32) + (1 << 30),
                1_700_000_000 * SECOND + SECOND / 4,
                9,
            ),
            (
                [blocks.option(9, &[6]), offset(1_000_000_000)].concat(),
                7_000_001,
                1_000_000_007 * SECOND + 1000,
                6,
            ),
            ([offset(-5), blocks.option(9, &[9])].concat(), TIME as u64, TIME - 5 * SECOND, 9),
        ];
        for (options, ticks, expected, digits) in cases {
            let options = if options.is_empty() { options } else { [options, end.clone()].concat() };
            let file = [
                blocks.section(&[]),
                blocks.interface(LinkType::RAW, 0, &options),
                blocks.packet(0, ticks, &hello(), &[]),
            ]
            .concat();
            let (time, found, summary) = time_of(&file);
            assert_eq!((time, found), (Timestamp(expected), digits), "{options:?}");
            let finer = options.windows(5).any(|window| window[4] == 12 || window[4] == 0xA0)
                && options.windows(2).any(|window| window == [9, 0] || window == [0, 9]);
            assert_eq!(summary.finer_than_nanoseconds, finer, "{options:?}");
        }
    }
}

#[test]
fn a_time_beyond_all_years_is_the_last_one() {
    let blocks = Blocks(false);
    for resolution in [0u8, 6, 9, 0x80, 0x84] {
        let options = [blocks.option(9, &[resolution]), blocks.option(0, &[])].concat();
        let file = [
            blocks.section(&[]),
            blocks.interface(LinkType::RAW, 0, &options),
            blocks.packet(0, u64::MAX, &hello(), &[]),
        ]
        .concat();
        assert_eq!(time_of(&file).0, Timestamp(i64::MAX));
    }
    for resolution in [30u8, 127, 0xFF] {
        let options = [blocks.option(9, &[resolution]), blocks.option(0, &[])].concat();
        let file = [
            blocks.section(&[]),
            blocks.interface(LinkType::RAW, 0, &options),
            blocks.packet(0, u64::MAX, &hello(), &[]),
        ]
        .concat();
        assert_eq!(time_of(&file).0, Timestamp(0));
    }
}

#[test]
fn sections_have_their_own_order_and_interfaces() {
    let (little, big) = (Blocks(false), Blocks(true));
    let ethernet = |raw: &[u8]| [vec![0; 12], vec![8, 0], raw.to_vec()].concat();
    let segment =
        |seq: u32, payload: &[u8]| tcp_packet(Ends::V4, true, |header| header.seq(seq).ack(1), payload);
    let file = [
        big.section(&[]),
        big.interface(LinkType::ETHERNET, 0, &[]),
        big.interface(LinkType::RAW, 0, &[]),
        big.packet(1, 1, &segment(1, b"one "), &[]),
        big.packet(0, 2, &ethernet(&segment(5, b"two ")), &[]),
        little.section(&[]),
        little.interface(LinkType::RAW, 0, &[]),
        little.packet(0, 3, &segment(9, b"three "), &[]),
        little.packet(1, 4, &segment(15, b"lost"), &[]), // The second section has one interface.
        big.section(&[]),
        big.interface(LinkType::ETHERNET, 0, &[]),
        big.packet(0, 5, &ethernet(&segment(15, b"four")), &[]),
    ]
    .concat();
    let (loader, error) = load_with(&file);
    assert!(error.is_none());
    assert_eq!(both(loader.trace(), 0)[0], [data("one two three four")]);
    let summary = loader.summary();
    assert_eq!(summary.link_types, ["ETHERNET", "RAW"]);
    assert_eq!((summary.packets, summary.malformed), (5, 1));
    let numbers: Vec<u32> =
        packets_of(loader.trace(), 0, Side::Client).iter().map(|(packet, _)| *packet).collect();
    assert_eq!(numbers, [1, 2, 3, 5]);
    let links = [1, 2, 3, 5].map(|packet| loader.links().of(packet).unwrap());
    assert_eq!(links, [LinkType::RAW, LinkType::ETHERNET, LinkType::RAW, LinkType::ETHERNET]);
    assert_eq!(loader.links().of(0), None);
}

#[test]
fn packets_without_time_and_obsolete_packets() {
    for blocks in [Blocks(false), Blocks(true)] {
        let long = tcp_packet(Ends::V4, true, |header| header.seq(6).ack(1), b" world");
        let length = long.len() as u32;
        let simple = [blocks.u32(hello().len() as u32), hello()].concat();
        let obsolete = [
            blocks.u16(0),
            blocks.u16(7),
            blocks.u32(0),
            blocks.u32(5),
            blocks.u32(length),
            blocks.u32(length),
            long,
        ]
        .concat();
        let file = [
            blocks.section(&[]),
            blocks.interface(LinkType::RAW, 0, &[]),
            blocks.block(3, &simple),
            blocks.block(2, &obsolete),
        ]
        .concat();
        let (loader, error) = load_with(&file);
        assert!(error.is_none());
        assert_eq!(both(loader.trace(), 0)[0], [data("hello world")]);
        let times = packets_of(loader.trace(), 0, Side::Client);
        assert_eq!(times, [(1, Timestamp(0)), (2, Timestamp(5000))]);
    }
}

#[test]
fn a_simple_packet_is_cut_at_the_snap_length() {
    let blocks = Blocks(false);
    let snap = hello().len() - 2;
    let simple = [blocks.u32(hello().len() as u32), hello()[..snap].to_vec()].concat();
    let file =
        [blocks.section(&[]), blocks.interface(LinkType::RAW, snap as u32, &[]), blocks.block(3, &simple)]
            .concat();
    let (loader, _) = load_with(&file);
    assert_eq!(both(loader.trace(), 0)[0], [data("hel"), Run::Gap(2)]);
    assert_eq!(loader.summary().cut, 1);
}

#[test]
fn comments_are_kept_and_unknown_blocks_counted() {
    for blocks in [Blocks(false), Blocks(true)] {
        let comment = |text: &str| [blocks.option(1, text.as_bytes()), blocks.option(0, &[])].concat();
        let file = [
            blocks.section(&comment("of the file")),
            blocks.interface(LinkType::RAW, 0, &comment("of the interface")),
            blocks.block(5, &[0; 12]),
            blocks.block(4, &[0; 4]),
            blocks.block(0x0BAD, b"custom.."),
            blocks.block(0x7777, b"what?"),
            blocks.block(0x7777, b""),
            blocks.packet(0, 1, &hello(), &comment("of the packet")),
        ]
        .concat();
        let (_, _, summary) = time_of(&file);
        let comments: Vec<_> = summary.comments.iter().map(|c| (c.packet, c.text.as_str())).collect();
        assert_eq!(comments, [(None, "of the file"), (None, "of the interface"), (Some(1), "of the packet")]);
        assert_eq!(summary.unknown_blocks(), [(0x7777, 2)]);
        let trace = load(&file);
        let rules: Vec<_> = trace.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::CaptureBlock]);
        assert_eq!(trace.findings[0].message(), "2 blocks of the unknown type 0x00007777 were passed over");
    }
}

#[test]
fn blocks_whose_length_is_no_multiple_of_four() {
    let blocks = Blocks(false);
    let packet = hello(); // 45 bytes
    let length = packet.len() as u32;
    let body = [blocks.u32(0), blocks.u32(0), blocks.u32(1), blocks.u32(length), blocks.u32(length), packet]
        .concat();
    let total = blocks.u32(body.len() as u32 + 12);
    assert_ne!(body.len() % 4, 0);
    let begin = [blocks.section(&[]), blocks.interface(LinkType::RAW, 0, &[])].concat();
    // Without padding, and with padding that the length does not count.
    for padding in [vec![], vec![0; 4 - body.len() % 4]] {
        let block = [blocks.u32(6), total.clone(), body.clone(), padding, total.clone()].concat();
        let (loader, error) = load_with(&[begin.clone(), block.clone(), block].concat());
        assert!(error.is_none(), "{}", error.unwrap());
        assert_eq!(loader.summary().packets, 2);
    }
}

#[test]
fn a_file_that_was_cut_anywhere_gives_what_stands_before() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 0..4u32 {
        script.client(|h| h.seq(1 + number * 4).ack(1), b"data");
    }
    let blocks = Blocks(true);
    let mut pcapng = [blocks.section(&[]), blocks.interface(LinkType::RAW, 0, &[])].concat();
    let mut ends = vec![(pcapng.len() - 20, 0), (pcapng.len(), 0)];
    for (number, packet) in script.packets.iter().enumerate() {
        pcapng.extend(blocks.packet(0, 1, &packet.bytes, &[]));
        ends.push((pcapng.len(), number as u64 + 1));
    }
    for cut in 8..pcapng.len() {
        let (loader, error) = load_with(&pcapng[..cut]);
        let whole = ends.iter().find(|(end, _)| *end == cut);
        let before = ends.iter().rev().find(|(end, _)| *end <= cut).map_or(0, |(_, packets)| *packets);
        assert_eq!(loader.summary().packets, before, "{cut}");
        assert_eq!(error.is_none(), whole.is_some(), "{cut}");
        let Some(error) = error else { continue };
        assert!(matches!(error, Error::Cut { .. }), "{error}");
        assert_eq!(loader.trace().findings[0].rule, Rule::CaptureFileCut);
    }
}

#[test]
fn an_error_is_told_once_and_says_where() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    let mut file = script.pcap();
    let at = file.len();
    file.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0]);
    file.extend([7; 100]);
    let mut loader = streamed(&file);
    let error = loader.read_all().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "test is damaged at byte {at}: the record there claims a packet of 2147483647 bytes; \
             read before it: 3 packets"
        )
    );
    assert_eq!(loader.step(1).unwrap(), Status::Done);
    assert_eq!(loader.trace().findings[0].rule, Rule::CaptureDamaged);

    file.truncate(at + 3);
    let error = streamed(&file).read_all().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "test is cut: the record at byte {at} takes 16 bytes and the file ends after 3 of them; \
             read before it: 3 packets"
        )
    );
}

#[test]
fn damage_in_a_pcapng_file_is_told() {
    let blocks = Blocks(false);
    let begin = [blocks.section(&[]), blocks.interface(LinkType::RAW, 0, &[])].concat();
    let mut lengths_differ = blocks.packet(0, 1, &hello(), &[]);
    *lengths_differ.last_mut().unwrap() ^= 1;
    let mut too_long = blocks.packet(0, 1, &hello(), &[]);
    too_long[20..24].copy_from_slice(&1000u32.to_le_bytes());
    let mut no_order = blocks.section(&[]);
    no_order[8] = 0;
    let mut version = blocks.section(&[]);
    version[12] = 2;
    for (block, what) in [
        (lengths_differ, "no block ends so far on"),
        (too_long, "claims a packet of 1000 bytes"),
        (no_order, "byte-order magic"),
        (version, "version 2.0"),
        (vec![1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0], "claims a length of 5 bytes"),
        (blocks.block(6, &[0; 8]), "too short"),
    ] {
        let (loader, error) = load_with(&[begin.clone(), blocks.packet(0, 1, &hello(), &[]), block].concat());
        let error = error.unwrap().to_string();
        assert!(error.contains(what), "{error}");
        assert!(
            error.contains(&format!("at byte {}", begin.len() + blocks.packet(0, 1, &hello(), &[]).len())),
            "{error}"
        );
        assert_eq!(both(loader.trace(), 0)[0], [data("hello")]);
    }
}

#[test]
fn packets_can_be_walked_one_by_one() {
    let recorded = [
        Recorded { time: TIME, bytes: hello(), cut: 3 },
        Recorded { time: TIME + 1, bytes: vec![1], cut: 0 },
    ];
    let file = pcap(LinkType::RAW, &recorded, false, true);
    let all: Vec<_> = packets(&file).collect();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].number, all[0].time, all[0].link), (1, Timestamp(TIME), LinkType::RAW));
    assert_eq!((all[0].bytes, all[0].original), (&*hello(), hello().len() as u32 + 3));
    assert_eq!(&file[all[1].at as usize..], [1]);
    assert_eq!(packets(b"no capture").count(), 0);
}
