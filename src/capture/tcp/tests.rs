//! Reassembly: every disorder that a capture shows.

use proptest::prelude::*;

use crate::capture::testing::*;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::{End, Trace};

fn rules(trace: &Trace, index: usize) -> Vec<Rule> {
    let ours = [Rule::TcpReset, Rule::TcpOverlap];
    let findings = trace.conversations()[index].findings.iter().map(|finding| finding.rule);
    findings.filter(|rule| ours.contains(rule)).collect()
}

fn client_of(trace: &Trace) -> String {
    trace.conversations()[0].client.to_string()
}

#[test]
fn a_connection_from_syn_to_fin() {
    for ends in [Ends::V4, Ends::V6] {
        let mut script = Script::new(ends);
        script
            .opening(100, 200)
            .client(|h| h.seq(100).ack(200), b"hello")
            .server(|h| h.seq(200).ack(105), b"world!")
            .client(|h| h.seq(105).ack(206).fin(), b".")
            .server(|h| h.seq(206).ack(107).fin(), &[])
            .client(|h| h.seq(107).ack(207), &[]);
        let trace = script.load();
        assert_eq!(trace.conversations().len(), 1);
        let conversation = &trace.conversations()[0];
        assert_eq!([conversation.client, conversation.server], ends.addresses());
        assert_eq!(both(&trace, 0), [vec![data("hello.")], vec![data("world!")]]);
        assert_eq!(conversation.ends, [Some(End::Fin); 2]);
        assert_eq!(conversation.digits, 9);
        let packets: Vec<u32> =
            packets_of(&trace, 0, Side::Client).iter().map(|(packet, _)| *packet).collect();
        assert_eq!(packets, [4, 6]);
        assert!(trace.findings.is_empty() && rules(&trace, 0).is_empty());
    }
}

#[test]
fn headers_lead_back_to_the_packets_first_byte() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"ab").client(|h| h.seq(2).ack(1), b"bc");
    let trace = script.load();
    for (number, chunk) in [(4, 0), (5, 1)] {
        let chunk = trace.conversations()[0].stream(Side::Client).chunks().get(chunk).unwrap();
        let place = chunk.place().unwrap();
        let packet = &script.packets[number - 1].bytes;
        let headers = place.headers.unwrap();
        let length = usize::from(headers) + (chunk.end() - chunk.offset()) as usize;
        assert_eq!(trace.store.bytes(place.at - u64::from(headers), length), packet);
    }
}

#[test]
fn sequence_numbers_wrap() {
    let begin = u32::MAX - 2;
    let mut script = Script::new(Ends::V4);
    script
        .opening(begin, 1)
        .client(|h| h.seq(begin.wrapping_add(5)).ack(1), b"fgh")
        .client(|h| h.seq(begin).ack(1), b"abcde")
        .client(|h| h.seq(begin.wrapping_add(8)).ack(1).fin(), b"ij");
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("abcdefghij")]);
    assert_eq!(trace.conversations()[0].ends[0], Some(End::Fin));
    // Each chunk has the packet that brought it, not the one that let it through.
    let packets: Vec<u32> = packets_of(&trace, 0, Side::Client).iter().map(|(packet, _)| *packet).collect();
    assert_eq!(packets, [5, 4, 6]);
}

#[test]
fn repeats_and_overlaps_deliver_each_byte_once() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"abcd")
        .client(|h| h.seq(1).ack(1), b"abcd")
        .client(|h| h.seq(3).ack(1), b"cdef")
        .client(|h| h.seq(9).ack(1), b"ij")
        .client(|h| h.seq(8).ack(1), b"hijk")
        .client(|h| h.seq(5).ack(1), b"efghijkl");
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("abcdefghijkl")]);
    assert!(rules(&trace, 0).is_empty());
}

#[test]
fn bytes_that_differ_when_they_come_again_are_said_once_and_the_first_stay() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"abcd")
        .client(|h| h.seq(1).ack(1), b"aXXd")
        .client(|h| h.seq(3).ack(1), b"YYef");
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("abcdef")]);
    assert_eq!(rules(&trace, 0), [Rule::TcpOverlap]);
    let said =
        trace.conversations()[0].findings.iter().find(|finding| finding.rule == Rule::TcpOverlap).unwrap();
    assert_eq!(
        said.message(),
        "packet 5 sends 2 bytes of 10.0.0.1:50000 again with another value; what was recorded first is shown"
    );

    // The same among bytes that wait behind a hole.
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(3).ack(1), b"cd")
        .client(|h| h.seq(2).ack(1), b"bXde")
        .client(|h| h.seq(1).ack(1), b"a");
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("abcde")]);
    assert_eq!(rules(&trace, 0), [Rule::TcpOverlap]);
}

#[test]
fn a_keep_alive_is_no_data() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"abc")
        .client(|h| h.seq(3).ack(1), &[0])
        .client(|h| h.seq(3).ack(1), &[])
        .server(|h| h.seq(1).ack(4), &[])
        .client(|h| h.seq(4).ack(1), b"d");
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("abcd")]);
    assert!(rules(&trace, 0).is_empty());
}

#[test]
fn a_hole_that_was_acknowledged_becomes_a_gap_in_time() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(11).ack(1), b"later").server(|h| h.seq(1).ack(16), &[]);
    let mut before = script.clone();
    // The hole is not given up at once: the packet may stand a little further on.
    before.client(|h| h.seq(1).ack(1), b"0123456789");
    assert_eq!(both(&before.load(), 0)[0], [data("0123456789later")]);
    // A second later nobody waits any more, although the recording goes on.
    script.time += SECOND;
    script.client(|h| h.seq(16).ack(1), b"!").client(|h| h.seq(1).ack(1), b"0123456789");
    let mut loader = streamed(&script.pcap());
    let mut live = Vec::new();
    for _ in 0..6 {
        loader.step(1).unwrap();
        live = both(loader.trace(), 0)[0].clone();
    }
    assert_eq!(live, [Run::Gap(10), data("later!")]);
    assert_eq!(both(&script.load(), 0)[0], [Run::Gap(10), data("later!")]);
}

#[test]
fn many_packets_or_bytes_behind_an_acknowledged_hole_end_the_waiting() {
    for (count, size) in [(300, 10usize), (60, 1400)] {
        let mut script = Script::new(Ends::V4);
        script.opening(1, 1);
        for number in 1..count {
            script.time -= 1_000_000; // All at once.
            let seq = 1 + (number * size) as u32;
            script.client(|h| h.seq(seq).ack(1), &vec![b'x'; size]);
            script.time -= 1_000_000;
            script.server(|h| h.seq(1).ack(seq + size as u32), &[]);
        }
        let mut loader = streamed(&script.pcap());
        while loader.summary().packets < script.packets.len() as u64 {
            loader.step(usize::MAX).unwrap();
        }
        let before_the_end = both(loader.trace(), 0)[0].clone();
        assert_eq!(before_the_end[0], Run::Gap(size as u64), "{count} packets of {size} bytes");
    }
}

#[test]
fn a_hole_that_nobody_acknowledged_is_kept_open_to_the_end() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 1..1000u32 {
        script.client(|h| h.seq(1 + number * 10).ack(1), &[b'x'; 10]);
    }
    script.client(|h| h.seq(1).ack(1), &[b'a'; 10]);
    assert_eq!(both(&script.load(), 0)[0], [data([vec![b'a'; 10], vec![b'x'; 9990]].concat())]);
}

#[test]
fn what_is_held_has_a_bound() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 1..=5000u32 {
        script.time -= 999_999;
        script.client(|h| h.seq(1 + number * 2).ack(1), b"x"); // A hole before each.
    }
    let mut loader = streamed(&script.pcap());
    while loader.summary().packets < script.packets.len() as u64 {
        loader.step(1000).unwrap();
    }
    assert!(loader.trace().conversations()[0].stream(Side::Client).end() > 1500);
}

#[test]
fn the_end_of_the_recording_turns_holes_into_gaps() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(6).ack(1), b"fgh")
        .client(|h| h.seq(12).ack(1).fin(), b"lm")
        .server(|h| h.seq(1).ack(1), b"ok")
        .client(|h| h.seq(15).ack(8), &[]);
    let trace = script.load();
    let expected = vec![Run::Gap(5), data("fgh"), Run::Gap(3), data("lm")];
    // The client acknowledged five bytes that the recording does not have.
    assert_eq!(both(&trace, 0), [expected, vec![data("ok"), Run::Gap(5)]]);
    assert_eq!(trace.conversations()[0].ends, [Some(End::Fin), None]);
}

#[test]
fn a_fin_that_was_not_recorded_is_no_gap() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"abc").server(|h| h.seq(1).ack(5), &[]);
    assert_eq!(both(&script.load(), 0)[0], [data("abc")]);
}

#[test]
fn a_reset_ends_both_sides_and_what_is_held() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"abc")
        .client(|h| h.seq(6).ack(1), b"fg")
        .server(|h| h.seq(1).ack(4).rst(), b"a remark");
    let trace = script.load();
    assert_eq!(both(&trace, 0), [vec![data("abc"), Run::Gap(2), data("fg")], vec![]]);
    assert_eq!(trace.conversations()[0].ends, [Some(End::Reset); 2]);
    assert_eq!(rules(&trace, 0), [Rule::TcpReset]);
    assert!(
        trace.conversations()[0]
            .findings
            .iter()
            .any(|f| f.message().contains("10.0.0.2:80 threw") && f.message().contains("packet 6"))
    );
}

#[test]
fn a_reset_after_both_fins_is_nothing_new() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1).fin(), &[])
        .server(|h| h.seq(1).ack(2).fin(), &[])
        .client(|h| h.seq(2).rst(), &[]);
    let trace = script.load();
    assert_eq!(trace.conversations()[0].ends, [Some(End::Fin); 2]);
    assert!(rules(&trace, 0).is_empty());
}

#[test]
fn what_crossed_a_reset_is_still_there() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1).rst(), &[]).server(|h| h.seq(1).ack(1), b"on its way");
    assert_eq!(both(&script.load(), 0)[1], [data("on its way")]);
}

#[test]
fn ports_used_again_are_another_conversation() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"first")
        .client(|h| h.seq(0).syn(), &[]) // The first SYN again: not another connection.
        .client(|h| h.seq(6).ack(1), b"!")
        .opening(5000, 7000)
        .client(|h| h.seq(5000).ack(7000), b"second")
        .server(|h| h.seq(7000).ack(5006), b"yes");
    let trace = script.load();
    assert_eq!(trace.conversations().len(), 2);
    assert_eq!(both(&trace, 0), [vec![data("first!")], vec![]]);
    assert_eq!(both(&trace, 1), [vec![data("second")], vec![data("yes")]]);
    let [first, second] = trace.conversations() else { unreachable!("there are two") };
    assert_eq!((first.client, first.server), (second.client, second.server));
    assert_ne!(first.connection, second.connection);
    for (index, talk) in trace.conversations().iter().enumerate() {
        assert_eq!(trace.conversation_of(talk.connection), Some(index));
    }
}

#[test]
fn ports_used_again_after_each_kind_of_end_are_another_conversation() {
    for reset in [false, true] {
        let mut script = Script::new(Ends::V4);
        script.opening(1, 1).client(|h| h.seq(1).ack(1), b"first");
        if reset {
            script.server(|h| h.seq(1).ack(6).rst(), &[]);
        } else {
            script.client(|h| h.seq(6).ack(1).fin(), &[]).server(|h| h.seq(1).ack(7).fin(), &[]);
            script.client(|h| h.seq(7).ack(2), &[]);
        }
        script
            .opening(90, 80)
            .client(|h| h.seq(90).ack(80), b"second")
            .client(|h| h.seq(96).ack(80).fin(), &[]);
        let trace = script.load();
        let ends: Vec<_> = trace.conversations().iter().map(|talk| talk.ends).collect();
        let first = if reset { End::Reset } else { End::Fin };
        assert_eq!(ends, [[Some(first); 2], [Some(End::Fin), None]]);
        assert_eq!(both(&trace, 0)[0], [data("first")]);
        assert_eq!(both(&trace, 1)[0], [data("second")]);
        assert_ne!(trace.conversations()[0].connection, trace.conversations()[1].connection);
    }
}

#[test]
fn both_ends_may_open_at_once() {
    let mut script = Script::new(Ends::V4);
    script
        .client(|h| h.syn().seq(9), &[])
        .server(|h| h.syn().seq(19), &[])
        .client(|h| h.syn().seq(9).ack(20), &[])
        .server(|h| h.syn().seq(19).ack(10), &[])
        .client(|h| h.seq(10).ack(20), b"a")
        .server(|h| h.seq(20).ack(11), b"b");
    let trace = script.load();
    assert_eq!(trace.conversations().len(), 1);
    assert_eq!(client_of(&trace), "10.0.0.1:50000");
    assert_eq!(both(&trace, 0), [vec![data("a")], vec![data("b")]]);
}

#[test]
fn an_opening_in_any_order_is_one_conversation() {
    for order in [[0, 1, 2, 3], [1, 0, 2, 3], [1, 2, 3, 0], [1, 3, 0, 2]] {
        let mut script = Script::new(Ends::V4);
        script.opening(10, 20).client(|h| h.seq(10).ack(20), b"hi");
        let packets = order.map(|index: usize| script.packets[index].clone());
        script.packets = packets.to_vec();
        let trace = script.load();
        assert_eq!(trace.conversations().len(), 1, "{order:?}");
        assert_eq!(client_of(&trace), "10.0.0.1:50000");
        assert_eq!(both(&trace, 0)[0], [data("hi")]);
        assert!(
            trace.conversations()[0].findings.iter().all(|finding| finding.rule != Rule::StreamBeginsInside)
        );
    }
}

#[test]
fn a_syn_may_carry_data() {
    let mut script = Script::new(Ends::V4);
    script
        .client(|h| h.syn().seq(0), b"early")
        .server(|h| h.syn().seq(0).ack(6), &[])
        .client(|h| h.seq(6).ack(1), b" bird");
    assert_eq!(both(&script.load(), 0)[0], [data("early bird")]);
}

#[test]
fn connections_without_payload_are_conversations() {
    let mut script = Script::new(Ends::V4);
    script.client(|h| h.syn().seq(0), &[]).server(|h| h.rst().seq(0).ack(1), &[]);
    let trace = script.load();
    assert_eq!(trace.conversations().len(), 1);
    assert_eq!(trace.conversations()[0].ends, [Some(End::Reset); 2]);
    let mut script = Script::new(Ends::V4);
    script.server(|h| h.seq(5).ack(6), &[]);
    let trace = script.load();
    assert_eq!(trace.conversations().len(), 1);
    assert_eq!(client_of(&trace), "10.0.0.1:50000"); // The higher port.
}

#[test]
fn without_a_syn_the_first_bytes_tell_who_is_the_client() {
    let ends = ["10.0.0.1:80".parse().unwrap(), "10.0.0.2:50000".parse().unwrap()];
    // By the ports alone, the second end would be the client.
    for (first, client) in [
        (b"GET / HTTP/1.1\r\n".as_slice(), "10.0.0.1:80"),
        (b"<policy-file-request/>\0", "10.0.0.1:80"),
        (b"HTTP/1.1 101 Switching", "10.0.0.2:50000"),
        (b"\x81\x05hello", "10.0.0.2:50000"),
    ] {
        let mut script = Script::between(ends);
        script.client(|h| h.seq(77).ack(88), first);
        let trace = script.load();
        assert_eq!(client_of(&trace), client, "{}", String::from_utf8_lossy(first));
        assert!(
            trace.conversations()[0].findings.iter().any(|finding| finding.rule == Rule::StreamBeginsInside)
        );
    }
    let mut script = Script::between(ends);
    script.client(|h| h.seq(1).ack(1), b"?");
    let options = crate::capture::Options {
        decode_as: vec![crate::trace::DecodeAs { port: 50000, protocol: Protocol::Rfc6455, deflate: false }],
    };
    let mut loader = crate::capture::from_reader(std::io::Cursor::new(script.pcap()), "test", &options);
    loader.read_all().unwrap();
    assert_eq!(client_of(loader.trace()), "10.0.0.1:80"); // The user said which port is the server's.
}

#[test]
fn a_recording_that_begins_inside_begins_at_its_first_bytes() {
    let mut script = Script::new(Ends::V4);
    script
        .server(|h| h.seq(500).ack(1000), &[])
        .client(|h| h.seq(1004).ack(500), b"efgh") // Slightly out of order,
        .client(|h| h.seq(1000).ack(500), b"abcd") // but it was said which byte comes next.
        .server(|h| h.seq(500).ack(1008), b"xyz");
    assert_eq!(both(&script.load(), 0), [vec![data("abcdefgh")], vec![data("xyz")]]);

    // What is missing before the first recorded byte was sent before the recording: it is no gap in it.
    let mut script = Script::new(Ends::V4);
    script.server(|h| h.seq(500).ack(1000), &[]).client(|h| h.seq(1004).ack(500), b"efgh");
    assert_eq!(both(&script.load(), 0)[0], [data("efgh")]);

    // Bytes from before that come later are counted.
    let mut script = Script::new(Ends::V4);
    script.client(|h| h.seq(1004).ack(500), b"efgh").client(|h| h.seq(1000).ack(500), b"abcd");
    let (loader, _) = load_with(&script.pcap());
    assert_eq!(both(loader.trace(), 0)[0], [data("efgh")]);
    assert_eq!(loader.summary().before_start, 1);
}

#[test]
fn what_lies_behind_the_fin_is_counted_and_left_out() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1).fin(), b"abc")
        .client(|h| h.seq(4).ack(1), b"zombie")
        .client(|h| h.seq(3).ack(1), b"cX");
    let (loader, _) = load_with(&script.pcap());
    assert_eq!(both(loader.trace(), 0)[0], [data("abc")]);
    assert_eq!(loader.summary().behind_end, 2);
}

#[test]
fn what_the_snap_length_cut_off_is_a_gap() {
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"0123456789")
        .cut(4)
        .client(|h| h.seq(16).ack(1), b"fghij")
        .cut(5)
        .client(|h| h.seq(11).ack(1), b"abcde");
    let (loader, _) = load_with(&script.pcap());
    let expected = [data("012345"), Run::Gap(4), data("abcde"), Run::Gap(5)];
    assert_eq!(both(loader.trace(), 0)[0], expected);
    assert_eq!(loader.summary().cut, 2);
    assert!(loader.trace().findings.iter().any(|finding| finding.rule == Rule::CapturePacketCut));
    // Even of the TCP header a little is enough.
    let mut script = Script::new(Ends::V4);
    script
        .opening(1, 1)
        .client(|h| h.seq(1).ack(1), b"0123456789")
        .cut(16)
        .client(|h| h.seq(11).ack(1), b"ok");
    assert_eq!(both(&script.load(), 0)[0], [Run::Gap(10), data("ok")]);
}

#[test]
fn connections_side_by_side_do_not_mix() {
    let pair = |port: u16| [format!("10.0.0.1:{port}").parse().unwrap(), "10.0.0.2:80".parse().unwrap()];
    let (mut one, mut two) = (Script::between(pair(1000)), Script::between(pair(1001)));
    one.opening(1, 1);
    two.opening(1, 1);
    for number in 0..50u32 {
        one.client(|h| h.seq(1 + number).ack(1), b"1");
        two.client(|h| h.seq(1 + number).ack(1), b"2");
    }
    let woven =
        one.packets.iter().zip(&two.packets).flat_map(|(one, two)| [one.clone(), two.clone()]).collect();
    one.packets = woven;
    let trace = one.load();
    assert_eq!(both(&trace, 0)[0], [data([b'1'; 50])]);
    assert_eq!(both(&trace, 1)[0], [data([b'2'; 50])]);
}

/// A stream cut into overlapping segments in any order, some of them twice.
fn segments() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, usize)>, u32)> {
    (prop::collection::vec(any::<u8>(), 1..400), any::<u32>()).prop_flat_map(|(stream, initial)| {
        let length = stream.len();
        let pieces = prop::collection::vec((0..length, 1..60usize), 0..20);
        let cuts = prop::collection::btree_set(1..=length, 0..10);
        (Just(stream), pieces, cuts, Just(initial)).prop_flat_map(move |(stream, extra, cuts, initial)| {
            let mut cuts: Vec<usize> = cuts.into_iter().chain([length]).collect();
            cuts.dedup();
            let mut begin = 0;
            let mut all: Vec<(usize, usize)> =
                cuts.iter().map(|&end| (std::mem::replace(&mut begin, end), end)).collect();
            all.extend(extra.iter().map(|&(begin, size)| (begin, (begin + size).min(length))));
            all.retain(|(begin, end)| begin < end);
            (Just(stream), Just(all).prop_shuffle(), Just(initial))
        })
    })
}

proptest! {
    #[test]
    fn any_segmentation_order_and_repetition_gives_the_stream((stream, segments, initial) in segments()) {
        let mut script = Script::new(Ends::V4);
        script.opening(initial, 1);
        for (begin, end) in segments {
            let seq = initial.wrapping_add(begin as u32);
            script.client(|h| h.seq(seq).ack(1), &stream[begin..end]);
        }
        let last = initial.wrapping_add(stream.len() as u32);
        script.client(|h| h.seq(last).ack(1).fin(), &[]);
        let trace = script.load();
        prop_assert_eq!(both(&trace, 0)[0].clone(), vec![data(&stream)]);
        prop_assert_eq!(trace.conversations()[0].ends[0], Some(End::Fin));
        prop_assert!(rules(&trace, 0).is_empty());
    }

    #[test]
    fn lost_segments_leave_gaps_of_their_size(lost in prop::collection::vec(any::<bool>(), 2..40)) {
        let mut script = Script::new(Ends::V4);
        script.opening(1, 1);
        let mut expected: Vec<Run> = Vec::new();
        for (number, &lost) in lost.iter().enumerate() {
            let seq = 1 + number as u32 * 4;
            match (expected.last_mut(), lost) {
                (Some(Run::Gap(gap)), true) => *gap += 4,
                (_, true) => expected.push(Run::Gap(4)),
                (Some(Run::Data(bytes)), false) => bytes.extend(b"data"),
                (_, false) => expected.push(data("data")),
            }
            if !lost {
                script.client(|h| h.seq(seq).ack(1), b"data");
            }
            script.server(|h| h.seq(1).ack(seq + 4), &[]);
        }
        prop_assert_eq!(both(&script.load(), 0)[0].clone(), expected);
    }
}
