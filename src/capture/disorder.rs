//! Tests: packets that do not stand in the order of time, or not in the order in which they were sent.

use super::testing::*;
use super::*;
use crate::model::rule::{Finding, Rule};
use crate::trace::{ItemKind, Trace};
use proptest::prelude::*;

const PERMUTATIONS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The packets with each three of them in another order.
fn shuffled(packets: &[Recorded], order: [usize; 3]) -> Vec<Recorded> {
    let three = |three: &[Recorded]| match three {
        [a, b, c] => order.map(|index| [a, b, c][index].clone()).to_vec(),
        rest => rest.to_vec(),
    };
    packets.chunks(3).flat_map(three).collect()
}

/// How many conversations and messages there are, and whether every byte belongs to something.
fn told(trace: &Trace) -> (usize, Vec<usize>, bool) {
    let talks = trace.conversations();
    let whole = talks.iter().all(|talk| talk.items.iter().all(|(_, item)| item.kind != ItemKind::Unparsed));
    (talks.len(), talks.iter().map(|talk| talk.messages.len()).collect(), whole)
}

/// The link type and the packets of a bundled capture.
fn bundled(name: &str) -> (LinkType, Vec<Recorded>) {
    let path = format!("{}/captures/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let packets: Vec<_> = packets(&bytes).collect();
    let recorded = |packet: &Packet<'_>| Recorded {
        time: packet.time.0,
        bytes: packet.bytes.to_vec(),
        cut: packet.original - packet.bytes.len() as u32,
    };
    (packets[0].link, packets.iter().map(recorded).collect())
}

const CAPTURES: [&str; 5] = [
    "rfc-chat-superchat.pcap",
    "rfc-nginx-proxy.pcap",
    "pmd-ws8-ws8.pcap",
    "h76-flash2010-06-nws.pcap",
    "comet-sio4-polling.pcap",
];

/// The packets of a capture, each with a time of its own.
fn apart(name: &str) -> (LinkType, Vec<Recorded>) {
    let (link, mut recorded) = bundled(name);
    let mut time = recorded[0].time;
    for packet in &mut recorded {
        time = packet.time.max(time + 1000);
        packet.time = time;
    }
    (link, recorded)
}

/// Checks that a capture in another order says what it says in the order of time.
fn check_order(link: LinkType, recorded: &[Recorded], shuffled: &[Recorded]) {
    let expected = everything(&load(&pcap(link, recorded, false, true)));
    let mut loader = mapped(&pcap(link, shuffled, false, true)).unwrap();
    loader.read_all().unwrap();
    assert_eq!(everything(loader.trace()), expected);
    // A packet keeps its number in the file, and its link type.
    for talk in loader.trace().conversations() {
        for (_, chunk) in talk.in_order() {
            assert_eq!(chunk.time().0, shuffled[chunk.packet() as usize - 1].time);
            assert_eq!(loader.links().of(chunk.packet()), Some(link));
        }
    }
    let mut latest = i64::MIN;
    let behind = shuffled.iter().filter(|packet| {
        latest = latest.max(packet.time);
        packet.time < latest
    });
    let count = behind.count() as u64;
    assert_eq!((loader.summary().disordered, loader.summary().sorted), (count, count > 0));
    let said = loader.trace().findings.iter().any(|finding| finding.rule == Rule::CaptureOrder);
    assert_eq!(said, count > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_order_of_packets_says_what_the_order_of_time_says(
        (name, order) in prop::sample::select(&CAPTURES[..]).prop_flat_map(|name| {
            let count = bundled(name).1.len();
            (Just(name), Just((0..count).collect::<Vec<_>>()).prop_shuffle())
        })
    ) {
        let (link, recorded) = apart(name);
        let shuffled: Vec<_> = order.iter().map(|&index| recorded[index].clone()).collect();
        check_order(link, &recorded, &shuffled);
    }
}

#[test]
fn a_file_is_read_in_the_order_of_time_and_says_so() {
    for name in CAPTURES {
        let (link, recorded) = apart(name);
        for order in PERMUTATIONS {
            check_order(link, &recorded, &shuffled(&recorded, order));
        }
        let backwards: Vec<_> = recorded.iter().rev().cloned().collect();
        check_order(link, &recorded, &backwards);
    }
    let (link, recorded) = apart(CAPTURES[0]);
    let mut loader = mapped(&pcap(link, &shuffled(&recorded, [1, 0, 2]), false, true)).unwrap();
    loader.read_all().unwrap();
    let said = loader.trace().findings.iter().find(|finding| finding.rule == Rule::CaptureOrder);
    let count = recorded.len() / 3;
    assert_eq!(
        said.map(Finding::message),
        Some(format!(
            "{count} packets stand in the file behind later ones; all are read in the order of time"
        ))
    );
}

#[test]
fn packets_of_one_time_stay_in_the_order_of_the_file() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 0..20u32 {
        script.client(|h| h.seq(1 + number * 2).ack(1 + number * 2), b"ab");
        script.server(|h| h.seq(1 + number * 2).ack(3 + number * 2), b"cd");
    }
    for time in [SECOND, 0] {
        script.packets.iter_mut().for_each(|packet| packet.time = time);
        let (loader, _) = load_with(&script.pcap());
        assert_eq!((loader.summary().disordered, loader.summary().sorted), (0, false));
        let read: Vec<u32> =
            loader.trace().conversations()[0].in_order().map(|(_, chunk)| chunk.packet()).collect();
        assert_eq!(read, (4..44).collect::<Vec<u32>>());
    }
    // Only what is earlier changes its place.
    script.packets.iter_mut().for_each(|packet| packet.time = SECOND);
    script.packets[0].time = 0;
    script.packets.rotate_left(1);
    let mut loader = mapped(&script.pcap()).unwrap();
    loader.read_all().unwrap();
    assert_eq!((loader.summary().disordered, loader.summary().sorted), (1, true));
    let talk = &loader.trace().conversations()[0];
    assert_eq!(both(loader.trace(), 0), [[data("ab".repeat(20))], [data("cd".repeat(20))]]);
    assert_eq!(
        talk.in_order().map(|(_, chunk)| chunk.packet()).collect::<Vec<u32>>(),
        (3..43).collect::<Vec<u32>>()
    );
}

#[test]
fn packets_that_say_no_time_among_others_are_not_sorted() {
    let (link, mut recorded) = apart(CAPTURES[0]);
    let expected = told(&load(&pcap(link, &recorded, false, true)));
    recorded[5].time = 0;
    let (loader, _) = load_with(&pcap(link, &recorded, false, true));
    assert_eq!((loader.summary().disordered, loader.summary().sorted), (0, false));
    assert_eq!(told(loader.trace()), expected);
    // What time it was is not known, so nothing is sorted by it.
    recorded.swap(8, 9);
    let (loader, _) = load_with(&pcap(link, &recorded, false, true));
    assert_eq!((loader.summary().disordered, loader.summary().sorted), (1, false));
}

/// A capture of two interfaces: each packet is recorded by the one that `of` names, `ahead` nanoseconds ahead.
fn on_interfaces(recorded: &[Recorded], link: LinkType, of: impl Fn(usize) -> (u32, i64)) -> Vec<u8> {
    let blocks = Blocks(false);
    let nanoseconds = blocks.option(9, &[9]);
    let mut file = blocks.section(&[]);
    for _ in 0..2 {
        file.extend(blocks.interface(link, 0, &nanoseconds));
    }
    for (index, packet) in recorded.iter().enumerate() {
        let (interface, ahead) = of(index);
        file.extend(blocks.packet(interface, (packet.time + ahead) as u64, &packet.bytes, &[]));
    }
    file
}

#[test]
fn interfaces_with_one_clock_are_sorted_and_those_with_two_are_not() {
    let (link, recorded) = apart(CAPTURES[0]);
    let expected = told(&load(&pcap(link, &recorded, false, true)));
    let order = shuffled(&recorded, [1, 0, 2]);
    let mut loader = mapped(&on_interfaces(&order, link, |index| (index as u32 % 2, 0))).unwrap();
    loader.read_all().unwrap();
    assert!(loader.summary().sorted);
    assert_eq!(told(loader.trace()), expected);
    // The second interface's clock is an hour behind: its packets take turns with the first one's all the same.
    let differing = on_interfaces(&recorded, link, |index| {
        (index as u32 % 2, if index % 2 == 0 { 0 } else { -3600 * SECOND })
    });
    let (loader, _) = load_with(&differing);
    assert!(!loader.summary().sorted);
    assert_eq!(told(loader.trace()), expected);
    let said = loader.trace().findings.iter().find(|finding| finding.rule == Rule::CaptureOrder);
    let count = recorded.len() / 2;
    assert_eq!(
        said.map(Finding::message),
        Some(format!(
            "the clocks of the file's interfaces differ by more than a minute: {count} packets stand behind later ones; all are read as they stand"
        ))
    );
    // A file that another was appended to, which is older: each has its own interface, and they take no turns.
    let half = recorded.len() / 2;
    let appended: Vec<_> = recorded[half..].iter().chain(&recorded[..half]).cloned().collect();
    let hours: Vec<_> = appended
        .iter()
        .map(|packet| Recorded {
            time: packet.time + i64::from(packet.time >= recorded[half].time) * 3600 * SECOND,
            ..packet.clone()
        })
        .collect();
    let parts = on_interfaces(&hours, link, |index| (u32::from(index >= recorded.len() - half), 0));
    let mut loader = mapped(&parts).unwrap();
    loader.read_all().unwrap();
    assert!(loader.summary().sorted);
    assert_eq!(told(loader.trace()), expected);
}

#[test]
fn packets_without_times_stay_where_they_are() {
    let blocks = Blocks(false);
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello");
    let mut file = [blocks.section(&[]), blocks.interface(LinkType::RAW, 0, &[])].concat();
    for packet in &script.packets {
        let length = (packet.bytes.len() as u32).to_le_bytes().to_vec();
        file.extend(blocks.block(3, &[length, packet.bytes.clone()].concat()));
    }
    let loader = load_with(&file).0;
    assert_eq!(loader.summary().disordered, 0);
    assert_eq!(both(loader.trace(), 0)[0], [data("hello")]);
}

#[test]
fn a_file_in_disorder_that_is_cut_is_read_up_to_there() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello").client(|h| h.seq(6).ack(1), b"world");
    let first = script.packets.remove(0);
    script.packets.insert(2, first);
    let file = script.pcap();
    let mut loader = mapped(&file[..file.len() - 3]).unwrap();
    assert_eq!(loader.step(2).unwrap(), Status::More);
    assert_eq!(loader.summary().packets, 2);
    let error = loader.read_all().unwrap_err();
    assert!(matches!(error, Error::Cut { packets: 4, .. }), "{error}");
    assert_eq!(both(loader.trace(), 0)[0], [data("hello")]);
    let rules: Vec<_> = loader.trace().findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::CaptureFileCut, Rule::CaptureOrder]);
    // A stream cannot be sorted, and says so.
    let mut streamed = streamed(&file);
    streamed.read_all().unwrap();
    assert_eq!(
        streamed.trace().findings[0].message(),
        "1 packet stands behind one that is later; all are read as they stand"
    );
}

#[test]
fn packets_in_another_order_than_they_were_sent_are_one_conversation() {
    for name in CAPTURES {
        let (link, recorded) = bundled(name);
        let expected = told(&load(&pcap(link, &recorded, false, true)));
        for order in PERMUTATIONS {
            // The times are in order, the packets are not: nobody can sort them.
            let mut packets = shuffled(&recorded, order);
            for (packet, original) in packets.iter_mut().zip(&recorded) {
                packet.time = original.time;
            }
            let (talks, messages, whole) = told(&load(&pcap(link, &packets, false, true)));
            assert_eq!((talks, &messages), (expected.0, &expected.1), "{name} {order:?}");
            assert!(whole || !expected.2, "{name} {order:?}");
        }
    }
}

#[test]
fn segments_as_large_as_offloading_makes_them_are_read() {
    let large = vec![b'x'; 65_000];
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 0..3u32 {
        script.client(|h| h.seq(1 + number * 65_000).ack(1), &large);
    }
    // Longer than the header of IP can say: the length is left at zero, and the recording knows it.
    let packet = tcp_packet(Ends::V4, true, |h| h.seq(195_001).ack(1), &[]);
    let mut larger = [packet, vec![b'y'; 190_000]].concat();
    larger[2..4].fill(0);
    script.raw(larger);
    let mut six = Script::new(Ends::V6);
    six.opening(1, 1);
    let mut packet = tcp_packet(Ends::V6, true, |h| h.seq(1).ack(1), &[]);
    packet[4..6].fill(0);
    six.raw([packet, vec![b'z'; 190_000]].concat());
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data([vec![b'x'; 195_000], vec![b'y'; 190_000]].concat())]);
    assert_eq!(both(&six.load(), 0)[0], [data(vec![b'z'; 190_000])]);
}

/// What is said where packets come twice: all but the number of segments that were left out.
fn same(packets: &[Recorded], link: LinkType, expected: &[String], what: &str) {
    let trace = load(&pcap(link, packets, false, true));
    let told = everything(&trace);
    assert_eq!(told.len(), expected.len(), "{what}");
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(told, expected, "{what}");
    }
}

#[test]
fn packets_that_come_twice_are_no_other_conversation() {
    for name in CAPTURES {
        let (link, recorded) = apart(name);
        let expected = everything(&load(&pcap(link, &recorded, false, true)));
        // Recorded twice on their way through one machine.
        let twice: Vec<_> = recorded.iter().flat_map(|packet| [packet.clone(), packet.clone()]).collect();
        same(&twice, link, &expected, name);
        // Sent again when all was over.
        let late =
            recorded.iter().map(|packet| Recorded { time: packet.time + 100 * SECOND, ..packet.clone() });
        let again: Vec<_> = recorded.iter().cloned().chain(late).collect();
        same(&again, link, &expected, name);
        // On both sides of a switch: with a tag and without.
        if link == LinkType::ETHERNET {
            let tagged = |packet: &Recorded| {
                let (addresses, rest) = packet.bytes.split_at(12);
                let bytes = [addresses, &[0x81, 0, 0, 7], rest].concat();
                Recorded { bytes, time: packet.time + 100, ..packet.clone() }
            };
            let both =
                recorded.iter().flat_map(|packet| [packet.clone(), tagged(packet)]).collect::<Vec<_>>();
            same(&both, link, &expected, name);
        }
    }
}

#[test]
fn late_segments_of_a_connection_are_not_taken_for_those_of_the_next_on_its_ports() {
    for reset in [false, true] {
        let mut first = Script::new(Ends::V4);
        first.opening(1000, 5000).client(|h| h.seq(1000).ack(5000), b"first");
        first.server(|h| h.seq(5000).ack(1005), b"reply");
        if reset {
            first.server(|h| h.seq(5005).rst(), &[]);
        } else {
            first.client(|h| h.seq(1005).ack(5005).fin(), &[]).server(|h| h.seq(5005).ack(1006).fin(), &[]);
            first.client(|h| h.seq(1006).ack(5006), &[]);
        }
        let mut second = Script::new(Ends::V4);
        second.opening(70_000_000, 3_000_000_000);
        second.client(|h| h.seq(70_000_000).ack(3_000_000_000), b"second");
        second.server(|h| h.seq(3_000_000_000).ack(70_000_006), b"other");
        second.client(|h| h.seq(70_000_006).ack(3_000_000_005).fin(), &[]);
        second.server(|h| h.seq(3_000_000_005).ack(70_000_007).fin(), &[]);
        for late in &first.packets {
            for at in 0..=second.packets.len() {
                let mut script = first.clone();
                script.packets.extend(second.packets.clone());
                script.packets.insert(first.packets.len() + at, late.clone());
                for (time, packet) in (SECOND..).step_by(1_000_000).zip(&mut script.packets) {
                    packet.time = time;
                }
                let trace = script.load();
                let what = format!("{reset} {at} {:?}", &late.bytes[20..40]);
                assert_eq!(trace.conversations().len(), 2, "{what}");
                assert_eq!(both(&trace, 0), [[data("first")], [data("reply")]], "{what}");
                assert_eq!(both(&trace, 1), [[data("second")], [data("other")]], "{what}");
                let ends = trace.conversations()[1].ends;
                assert_eq!(ends, [Some(crate::trace::End::Fin); 2], "{what}");
            }
        }
    }
}

#[test]
fn an_opening_that_stands_behind_its_bytes_opens_nothing_else() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1000, 5000)
        .client(|h| h.seq(1000).ack(5000), b"one")
        .client(|h| h.seq(1003).ack(5000), b"two");
    // In the order of time, the packets are not in the order in which they were sent.
    let times: Vec<i64> = script.packets.iter().map(|packet| packet.time).collect();
    for order in [[2, 4, 0, 1, 3], [4, 3, 0, 1, 2], [3, 4, 1, 0, 2], [4, 0, 1, 3, 2]] {
        let mut packets: Vec<_> = order.iter().map(|&index| script.packets[index].clone()).collect();
        for (packet, time) in packets.iter_mut().zip(&times) {
            packet.time = *time;
        }
        let trace = load(&pcap(LinkType::RAW, &packets, false, true));
        assert_eq!(trace.conversations().len(), 1, "{order:?}");
    }
}
