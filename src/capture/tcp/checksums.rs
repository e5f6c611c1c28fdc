//! Tests: damaged segments, and recordings that have wrong checksums without damage.

use crate::capture::testing::*;
use crate::model::rule::{Finding, Rule};
use crate::trace::{End, Trace};

/// Changes a byte of the last packet, from its end; its checksum is that of the byte that was.
fn damaged(script: &mut Script, from_end: usize) -> &mut Script {
    let bytes = &mut script.packets.last_mut().unwrap().bytes;
    let at = bytes.len() - from_end;
    bytes[at] ^= 0x20;
    script
}

/// Changes the last packet's checksum.
fn unsummed(script: &mut Script) -> &mut Script {
    script.packets.last_mut().unwrap().bytes[36] ^= 0x55;
    script
}

fn said(trace: &Trace) -> Vec<String> {
    let findings = &trace.conversations()[0].findings;
    findings.iter().filter(|finding| finding.rule == Rule::TcpChecksum).map(Finding::message).collect()
}

#[test]
fn what_came_again_is_shown_where_the_first_is_damaged() {
    for repeated_at_once in [true, false] {
        let mut script = Script::new(Ends::V4);
        script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello");
        damaged(&mut script, 1);
        if !repeated_at_once {
            script.client(|h| h.seq(6).ack(1), b" world").server(|h| h.seq(1).ack(1), &[]);
        }
        script.client(|h| h.seq(1).ack(1), b"hello");
        script.server(|h| h.seq(1).ack(6), b"yes");
        let trace = script.load();
        let expected = if repeated_at_once { data("hello") } else { data("hello world") };
        assert_eq!(both(&trace, 0), [[expected], [data("yes")]]);
        assert_eq!(
            said(&trace),
            [
                "packet 4 of 10.0.0.1:50000 is damaged: its checksum does not fit. Its bytes came again, and what came again is shown"
            ]
        );
        assert!(trace.conversations()[0].findings.iter().all(|finding| finding.rule != Rule::TcpOverlap));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/checksum-bad-then-good.pcap");
    let trace = load(&std::fs::read(path).unwrap());
    let (_, first) = trace.conversations()[0].messages.iter().next().unwrap();
    assert_eq!(first.length, 5);
    let [Run::Data(client)] = &both(&trace, 0)[0][..] else { panic!("the client's bytes are whole") };
    let frame = &client[157..168];
    let unmasked: Vec<u8> =
        frame[6..].iter().zip(frame[2..6].iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    assert_eq!(unmasked, b"Hello");
}

#[test]
fn a_damaged_repetition_is_left_out() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"hello").client(|h| h.seq(1).ack(1), b"hello");
    damaged(&mut script, 2);
    script.server(|h| h.seq(1).ack(6), b"yes");
    assert_eq!(both(&script.load(), 0)[0], [data("hello")]);
}

#[test]
fn what_nobody_sent_again_is_read_all_the_same() {
    // Acknowledged: the recording has the wrong checksum, not the wire.
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"one");
    unsummed(&mut script).server(|h| h.seq(1).ack(4), b"yes").client(|h| h.seq(4).ack(4), b"two");
    unsummed(&mut script).client(|h| h.seq(7).ack(4), b"three").client(|h| h.seq(12).ack(4).fin(), b"!");
    unsummed(&mut script);
    let trace = script.load();
    assert_eq!(both(&trace, 0), [[data("onetwothree!")], [data("yes")]]);
    assert_eq!(trace.conversations()[0].ends[0], Some(End::Fin));
    assert!(said(&trace).is_empty());
    // Each stands where its packet stands.
    assert_eq!(packets_of(&trace, 0, crate::model::protocol::Side::Client)[0].0, 4);

    // Nobody acknowledged it: damaged bytes are better than none.
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1).client(|h| h.seq(1).ack(1), b"one");
    damaged(&mut script, 1).client(|h| h.seq(4).ack(1), b"two");
    assert_eq!(both(&script.load(), 0)[0], [data("onEtwo")]);
}

#[test]
fn checksums_that_a_network_card_finishes_are_no_damage() {
    // As Linux leaves them: the sum of the pseudo-header. As others do: nothing, or anything.
    for left in [None, Some([0, 0]), Some([0x12, 0x34])] {
        let mut script = Script::new(Ends::V4);
        script.opening(1, 1);
        for number in 0..50u32 {
            script.client(|h| h.seq(1 + number * 2).ack(1 + number * 2), b"ab");
            script.server(|h| h.seq(1 + number * 2).ack(3 + number * 2), b"cd");
        }
        for packet in &mut script.packets {
            if packet.bytes[12..16] != [10, 0, 0, 1] {
                continue;
            }
            let length = (packet.bytes.len() - 20) as u16;
            let pseudo = [0x0A00, 0x0001, 0x0A00, 0x0002, 6, length]
                .iter()
                .fold(0u32, |sum, &word| sum + u32::from(word));
            packet.bytes[36..38].copy_from_slice(&left.unwrap_or((pseudo as u16).to_be_bytes()));
        }
        let trace = script.load();
        assert_eq!(both(&trace, 0), [[data("ab".repeat(50))], [data("cd".repeat(50))]]);
        let chunks = trace.conversations()[0].stream(crate::model::protocol::Side::Client).chunks();
        assert!(chunks.iter().all(|(_, chunk)| chunk.packet() % 2 == 0), "none waited");
        assert!(said(&trace).is_empty());
    }
}

#[test]
fn damaged_segments_without_end_are_bounded() {
    let mut script = Script::new(Ends::V4);
    script.opening(1, 1);
    for number in 0..2000u32 {
        script.client(|h| h.seq(1 + number * 2).ack(1), b"ab");
        unsummed(&mut script);
    }
    script.client(|h| h.seq(1).ack(1).rst(), &[]);
    unsummed(&mut script);
    let trace = script.load();
    assert_eq!(both(&trace, 0)[0], [data("ab".repeat(2000))]);
}
