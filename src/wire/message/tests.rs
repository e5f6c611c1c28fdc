use proptest::prelude::*;

use super::*;
use crate::model::dialect::{HYBI7, HYBI8};
use crate::model::rule::Severity;
use crate::wire::Parse;
use crate::wire::deflate::Deflater;
use crate::wire::frame::hybi::{self, LengthForm};

/// A frame as bytes, as `from` sends it.
fn frame(mut header: Header, from: Side, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    header.mask = (from == Side::Client).then_some([0x37, 0xFA, 0x21, 0x3D]);
    header.encode(&mut bytes);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = header.mask {
        hybi::mask(&mut bytes[start..], key, 0);
    }
    bytes
}

fn simple(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    frame(Header::new(opcode, payload.len() as u64), Side::Server, payload)
}

fn fragment(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    frame(Header { fin, ..Header::new(opcode, payload.len() as u64) }, Side::Server, payload)
}

fn compressed(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let rsv = [opcode != Opcode::CONTINUATION, false, false];
    frame(Header { fin, rsv, ..Header::new(opcode, payload.len() as u64) }, Side::Server, payload)
}

/// What came out: for each frame the findings, and the messages with their payloads.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    findings: Vec<Vec<Finding>>,
    messages: Vec<(Complete, Vec<u8>)>,
}

impl Outcome {
    fn rules(&self) -> Vec<Rule> {
        self.findings.iter().flatten().map(|finding| finding.rule).collect()
    }

    fn places(&self) -> Vec<(usize, Rule, BitRange)> {
        let each = |(index, list): (usize, &Vec<Finding>)| {
            list.iter().map(|finding| (index, finding.rule, finding.bits.unwrap())).collect::<Vec<_>>()
        };
        self.findings.iter().enumerate().flat_map(each).collect()
    }
}

/// Runs a stream of complete frames through an assembler, the payloads cut into pieces of at most `piece` bytes.
fn run(assembler: &mut Assembler, stream: &[u8], piece: usize) -> Outcome {
    let mut outcome = Outcome::default();
    let (mut data, mut control) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < stream.len() {
        let Parse::Done(header, length) = Header::parse(&stream[at..]) else { panic!("a whole header") };
        let end = at + length + header.payload_length as usize;
        let mut payload = stream[at + length..end].to_vec();
        if let Some(key) = header.mask {
            hybi::mask(&mut payload, key, 0);
        }
        at = end;
        let mut findings = Vec::new();
        let out = if header.opcode.is_control() { &mut control } else { &mut data };
        if matches!(header.opcode, Opcode::TEXT | Opcode::BINARY) {
            out.clear();
        }
        assembler.begin(&header, &mut findings);
        for bytes in payload.chunks(piece) {
            assembler.data(bytes, &mut findings, &mut |bytes| out.extend_from_slice(bytes));
        }
        if let Some(complete) = assembler.end(&mut findings, &mut |bytes| out.extend_from_slice(bytes)) {
            outcome.messages.push((complete, std::mem::take(out)));
        }
        outcome.findings.push(findings);
    }
    outcome
}

const LIMIT: u64 = 1 << 20;

fn server() -> Assembler {
    Assembler::new(Side::Server, None, LIMIT)
}

fn deflating() -> Assembler {
    Assembler::new(Side::Server, Some(&Params::default()), LIMIT)
}

fn of(frames: &[Vec<u8>]) -> Outcome {
    run(&mut server(), &frames.concat(), usize::MAX)
}

fn of_deflated(frames: &[Vec<u8>]) -> Outcome {
    run(&mut deflating(), &frames.concat(), usize::MAX)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn the_vectors_of_rfc_6455() {
    for (side, bytes, kind, frames) in [
        (Side::Server, "81 05 48656c6c6f", Kind::Text, 1),
        (Side::Client, "81 85 37fa213d 7f9f4d5158", Kind::Text, 1),
        (Side::Server, "01 03 48656c 80 02 6c6f", Kind::Text, 2),
        (Side::Server, "89 05 48656c6c6f", Kind::Ping, 1),
        (Side::Client, "8a 85 37fa213d 7f9f4d5158", Kind::Pong, 1),
    ] {
        let outcome = run(&mut Assembler::new(side, None, LIMIT), &hex(bytes), 2);
        assert_eq!(outcome.rules(), [], "{bytes}");
        let (complete, payload) = &outcome.messages[0];
        assert_eq!(
            (complete.kind, complete.frames, complete.length, complete.whole),
            (kind, frames, 5, true)
        );
        assert_eq!(payload, b"Hello");
    }
    for (head, size) in [("82 7e 0100", 256), ("82 7f 0000000000010000", 65_536)] {
        let bytes = [hex(head), vec![7; size]].concat();
        let outcome = run(&mut server(), &bytes, 1000);
        assert_eq!(outcome.rules(), []);
        assert_eq!(outcome.messages[0].1, vec![7; size]);
    }
}

#[test]
fn the_vectors_of_rfc_7692() {
    let mut assembler = deflating();
    let mut count = 0;
    for line in include_str!("../../../tests/vectors/deflate.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let [section, frames, text, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}")
        };
        if !section.starts_with('+') {
            assembler = deflating();
        }
        let outcome = run(&mut assembler, &hex(frames), 3);
        assert_eq!(outcome.rules(), [], "{line}");
        let (complete, payload) = &outcome.messages[0];
        assert!(complete.compressed && complete.whole, "{line}");
        assert_eq!(payload, text.as_bytes(), "{line}");
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn rule_1_reserved_bits() {
    for (first, bits) in [(0xC1, (1, 2)), (0xA1, (2, 3)), (0x91, (3, 4)), (0xD1, (1, 4))] {
        let outcome = run(&mut server(), &[first, 0], 1);
        assert_eq!(outcome.places(), [(0, Rule::RsvWithoutExtension, BitRange::new(bits.0, bits.1))]);
    }
    // With permessage-deflate RSV1 has a meaning, and RSV3 still has none.
    let outcome = run(&mut deflating(), &[0xD1, 1, 0], 1);
    assert_eq!(outcome.places(), [(0, Rule::RsvWithoutExtension, BitRange::new(3, 4))]);
}

#[test]
fn rule_2_reserved_opcodes() {
    for opcode in (3..=7).chain(0xB..=0xF) {
        let outcome = of(&[
            fragment(Opcode::TEXT, false, b"a"),
            simple(Opcode::new(opcode), b"?"),
            fragment(Opcode::CONTINUATION, true, b"b"),
        ]);
        assert_eq!(outcome.places(), [(1, Rule::ReservedOpcode, BitRange::new(4, 8))]);
        assert_eq!(outcome.messages.len(), 1);
        assert_eq!(outcome.messages[0].0.length, 2);
    }
}

#[test]
fn rules_3_and_4_the_mask() {
    let unmasked = simple(Opcode::TEXT, b"a");
    let masked = frame(Header::new(Opcode::TEXT, 1), Side::Client, b"a");
    let bits = BitRange::new(8, 9);
    let mut client = Assembler::new(Side::Client, None, LIMIT);
    assert_eq!(run(&mut client, &unmasked, 1).places(), [(0, Rule::ClientMustMask, bits)]);
    assert_eq!(run(&mut client, &masked, 1).places(), []);
    assert_eq!(run(&mut server(), &masked, 1).places(), [(0, Rule::ServerMustNotMask, bits)]);
}

#[test]
fn rules_5_and_6_the_length() {
    let long = |form, length| Header { length_form: form, ..Header::new(Opcode::BINARY, length) };
    for (form, length, end) in
        [(LengthForm::Medium, 125, 32), (LengthForm::Long, 125, 80), (LengthForm::Long, 65_535, 80)]
    {
        let outcome = of(&[frame(long(form, length), Side::Server, &vec![0; length as usize])]);
        assert_eq!(outcome.places(), [(0, Rule::LengthNotMinimal, BitRange::new(9, end))]);
    }
    let mut findings = Vec::new();
    server().begin(&Header::new(Opcode::BINARY, 1 << 63), &mut findings);
    let found: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, [Rule::LengthTopBit, Rule::MessageTooLarge]);
    assert_eq!(findings[0].bits, Some(BitRange::new(16, 17)));
}

#[test]
fn rules_7_and_8_control_frames() {
    let outcome = of(&[simple(Opcode::PING, &[0; 126])]);
    assert_eq!(outcome.places(), [(0, Rule::ControlTooLong, BitRange::new(9, 32))]);
    assert_eq!(outcome.messages[0].1.len(), 126);
    let outcome = of(&[fragment(Opcode::PING, false, b"")]);
    assert_eq!(outcome.places(), [(0, Rule::ControlFragmented, BitRange::new(0, 1))]);
}

#[test]
fn rule_9_nothing_to_continue_is_said_once_and_read_as_binary() {
    let outcome = of(&[
        fragment(Opcode::CONTINUATION, false, b"\xFF"),
        fragment(Opcode::CONTINUATION, true, b"b"),
        simple(Opcode::TEXT, b"c"),
    ]);
    assert_eq!(outcome.places(), [(0, Rule::NothingToContinue, BitRange::new(4, 8))]);
    let (complete, payload) = &outcome.messages[0];
    assert_eq!((complete.kind, complete.frames, complete.whole), (Kind::Binary, 2, false));
    assert_eq!(payload, b"\xFFb");
    assert_eq!(outcome.messages[1].0.kind, Kind::Text);
}

#[test]
fn rule_10_the_new_message_replaces_the_old() {
    let outcome = of(&[
        fragment(Opcode::TEXT, false, b"a"),
        simple(Opcode::BINARY, b"b"),
        fragment(Opcode::CONTINUATION, true, b"c"),
    ]);
    assert_eq!(
        outcome.places(),
        [
            (1, Rule::FragmentInterrupted, BitRange::new(4, 8)),
            (2, Rule::NothingToContinue, BitRange::new(4, 8))
        ]
    );
    assert_eq!(outcome.messages[0].1, b"b");
}

#[test]
fn rule_11_the_first_bad_byte_of_a_text() {
    let outcome = of(&[
        fragment(Opcode::TEXT, false, b"ab\xED"),
        simple(Opcode::PING, b""),
        fragment(Opcode::CONTINUATION, true, b"\xA0\x80\xFF"),
    ]);
    assert_eq!(outcome.places(), [(2, Rule::TextNotUtf8, BitRange::bytes(2, 3))]);
    assert!(outcome.findings[2][0].message().contains("byte 3 of the text, a0"));
    let (complete, payload) = &outcome.messages[1];
    assert!(!complete.whole);
    assert_eq!(payload, b"ab\xED\xA0\x80\xFF");
    assert_eq!(of(&[simple(Opcode::BINARY, b"\xFF")]).rules(), []);
}

#[test]
fn rule_11_in_a_compressed_text() {
    let payload = Deflater::new(15, true, 6).compress(b"abc\xFFdef");
    let outcome = of_deflated(&[compressed(Opcode::TEXT, true, &payload)]);
    assert_eq!(outcome.places(), [(0, Rule::TextNotUtf8, BitRange::bytes(2, 2 + payload.len()))]);
    assert!(outcome.findings[0][0].message().contains("byte 3 of the inflated text, ff"));
}

#[test]
fn rule_12_a_text_cut_inside_a_character() {
    let outcome = of(&[simple(Opcode::TEXT, b"a\xE4\xBD")]);
    assert_eq!(outcome.places(), [(0, Rule::TextCutUtf8, BitRange::bytes(3, 5))]);
    let outcome =
        of(&[fragment(Opcode::TEXT, false, b"\xE4"), fragment(Opcode::CONTINUATION, true, b"\xBD")]);
    assert_eq!(outcome.places(), [(1, Rule::TextCutUtf8, BitRange::bytes(2, 3))]);
    let outcome = of(&[fragment(Opcode::TEXT, false, b"\xE4"), fragment(Opcode::CONTINUATION, true, b"")]);
    assert_eq!(outcome.places(), [(1, Rule::TextCutUtf8, BitRange::new(0, 1))]);
    let payload = Deflater::new(15, true, 6).compress(b"a\xE4");
    let outcome = of_deflated(&[compressed(Opcode::TEXT, true, &payload)]);
    assert_eq!(outcome.places(), [(0, Rule::TextCutUtf8, BitRange::bytes(2, 2 + payload.len()))]);
}

#[test]
fn rules_13_to_16_the_close_body() {
    for (payload, rule, bits) in [
        (&b"\x03"[..], Rule::CloseOneByte, (2, 3)),
        (b"\x03\xED", Rule::CloseReservedCode, (2, 4)),
        (b"\x03\xEC", Rule::CloseCodeRange, (2, 4)),
        (b"\x03\xE8ab\xFF", Rule::CloseReasonNotUtf8, (6, 7)),
    ] {
        let outcome = of(&[simple(Opcode::CLOSE, payload)]);
        assert_eq!(outcome.places(), [(0, rule, BitRange::bytes(bits.0, bits.1))]);
    }
    let outcome = of(&[simple(Opcode::CLOSE, b"\x03\xE8bye")]);
    assert_eq!(outcome.rules(), []);
    assert_eq!(outcome.messages[0].0.close, Some(CloseBody::new(1000, "bye")));
    assert_eq!(of(&[simple(Opcode::CLOSE, b"")]).messages[0].0.close, None);
}

#[test]
fn a_close_frame_that_is_too_long_is_not_blamed_for_where_we_stop() {
    let reason = "ü".repeat(70);
    let outcome = of(&[simple(Opcode::CLOSE, &[&b"\x03\xE8"[..], reason.as_bytes()].concat())]);
    assert_eq!(outcome.rules(), [Rule::ControlTooLong]);
    // A mistake in what was kept is still one.
    let outcome = of(&[simple(Opcode::CLOSE, &[&b"\x03\xE8\xFF"[..], reason.as_bytes()].concat())]);
    assert_eq!(outcome.rules(), [Rule::ControlTooLong, Rule::CloseReasonNotUtf8]);
}

#[test]
fn rule_17_no_data_after_close() {
    let outcome = of(&[simple(Opcode::CLOSE, b""), simple(Opcode::TEXT, b"a"), simple(Opcode::BINARY, b"")]);
    let bits = BitRange::bytes(0, 2);
    assert_eq!(outcome.places(), [(1, Rule::DataAfterClose, bits), (2, Rule::DataAfterClose, bits)]);
    // A pong that is due is sent until the peer's close frame is there.
    let outcome = of(&[simple(Opcode::CLOSE, b""), simple(Opcode::PONG, b"a"), simple(Opcode::PING, b"")]);
    assert_eq!(outcome.places(), []);
}

/// A frame, the rule that it breaks, and how bad that is in two versions.
type Case = (Vec<u8>, Rule, Option<Severity>, Option<Severity>);

#[test]
fn older_versions_have_fewer_rules() {
    let long = Header { length_form: LengthForm::Medium, ..Header::new(Opcode::TEXT, 1) };
    let reserved = Header { rsv: [false, true, false], ..Header::new(Opcode::TEXT, 1) };
    let masked = Header { mask: Some([1, 2, 3, 4]), ..Header::new(Opcode::TEXT, 1) };
    let bytes = |header: &Header, payload: &[u8]| {
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        bytes.extend_from_slice(payload);
        bytes
    };
    let cases: [Case; 6] = [
        (bytes(&long, b"a"), Rule::LengthNotMinimal, None, None),
        (bytes(&reserved, b"a"), Rule::RsvWithoutExtension, Some(Severity::Warning), Some(Severity::Warning)),
        (bytes(&masked, b"`"), Rule::ServerMustNotMask, Some(Severity::Warning), Some(Severity::Warning)),
        (simple(Opcode::TEXT, b"\xFF"), Rule::TextNotUtf8, Some(Severity::Warning), Some(Severity::Warning)),
        (simple(Opcode::TEXT, b"\xC3"), Rule::TextCutUtf8, Some(Severity::Warning), Some(Severity::Warning)),
        (
            simple(Opcode::CLOSE, b"\x00\x05"),
            Rule::CloseCodeRange,
            Some(Severity::Warning),
            Some(Severity::Warning),
        ),
    ];
    for (bytes, rule, in_7, in_8) in cases {
        let severity = |dialect| {
            let outcome = run(&mut server().speaking(dialect), &bytes, usize::MAX);
            outcome.findings.iter().flatten().map(|finding| (finding.rule, finding.severity())).next()
        };
        assert_eq!(severity(&HYBI7), in_7.map(|severity| (rule, severity)));
        assert_eq!(severity(&HYBI8), in_8.map(|severity| (rule, severity)));
        assert_eq!(severity(&RFC6455), Some((rule, Severity::Error)));
    }
}

#[test]
fn rule_18_a_close_without_an_answer() {
    let mut closes = CloseTracker::new();
    assert_eq!(closes.end(), None);
    closes.close(Side::Server);
    closes.close(Side::Server);
    assert_eq!(closes.end().unwrap().rule, Rule::CloseNotAnswered);
    closes.close(Side::Client);
    assert_eq!((closes.end(), closes.first(), closes.is_complete()), (None, Some(Side::Server), true));
}

#[test]
fn rules_19_and_20_pings_and_pongs() {
    let bits = BitRange::bytes(2, 3);
    let rule = |finding: Option<Finding>| finding.map(|finding| (finding.rule, finding.bits));
    let mut pings = PingTracker::new();
    assert_eq!(rule(pings.pong(Side::Server, b"x", bits)), Some((Rule::PongUnsolicited, Some(bits))));
    for payload in [b"1", b"2", b"3"] {
        pings.ping(Side::Client, payload);
    }
    // One's own pings do not ask for one's own pongs.
    assert_eq!(rule(pings.pong(Side::Client, b"1", bits)), Some((Rule::PongUnsolicited, Some(bits))));
    assert_eq!(rule(pings.pong(Side::Server, b"x", bits)), Some((Rule::PongDiffers, Some(bits))));
    assert_eq!(pings.pong(Side::Server, b"2", bits), None);
    assert_eq!(pings.waiting(Side::Client), 1);
    assert_eq!(rule(pings.pong(Side::Server, b"1", bits)), Some((Rule::PongDiffers, Some(bits))));
    assert_eq!(pings.pong(Side::Server, b"3", bits), None);
    assert_eq!(rule(pings.pong(Side::Server, b"3", bits)), Some((Rule::PongUnsolicited, Some(bits))));
}

#[test]
fn forgotten_pings_are_not_held_against_a_pong() {
    let mut pings = PingTracker::new();
    for number in 0..=REMEMBERED_PINGS as u8 {
        pings.ping(Side::Client, &[number]);
    }
    assert_eq!(pings.waiting(Side::Client), REMEMBERED_PINGS);
    assert_eq!(pings.pong(Side::Server, &[0], BitRange::bytes(2, 3)), None);
}

#[test]
fn rule_31_rsv1_where_it_says_nothing() {
    let hello = hex("f248cdc9c90700");
    let mut continuation = compressed(Opcode::TEXT, true, &hello[3..]);
    continuation[0] = 0xC0;
    let outcome = of_deflated(&[compressed(Opcode::TEXT, false, &hello[..3]), continuation]);
    assert_eq!(outcome.places(), [(1, Rule::Rsv1Position, BitRange::new(1, 2))]);
    assert_eq!(outcome.messages[0].1, b"Hello");
    let outcome = of_deflated(&[compressed(Opcode::PING, true, b"a")]);
    assert_eq!(outcome.places(), [(0, Rule::Rsv1Position, BitRange::new(1, 2))]);
}

#[test]
fn rule_32_what_does_not_inflate_is_said_once_a_message() {
    let hello = hex("f248cdc9c90700");
    let again = hex("f200110000");
    let outcome = of_deflated(&[
        compressed(Opcode::TEXT, true, &hello),
        compressed(Opcode::TEXT, false, &[0x07]),
        compressed(Opcode::CONTINUATION, true, &[0x07]),
        // Its window went with the message before.
        compressed(Opcode::TEXT, true, &again),
        compressed(Opcode::TEXT, true, &hello),
        // Cut inside a block.
        compressed(Opcode::TEXT, true, &hello[..4]),
    ]);
    let bits = |length: usize| BitRange::bytes(2, 2 + length);
    assert_eq!(
        outcome.places(),
        [
            (1, Rule::InflateFailed, bits(1)),
            (3, Rule::InflateFailed, bits(5)),
            (5, Rule::InflateFailed, bits(4))
        ]
    );
    assert!(outcome.findings[3][0].message().contains("earlier message"));
    let whole: Vec<bool> = outcome.messages.iter().map(|(complete, _)| complete.whole).collect();
    assert_eq!(whole, [true, false, false, true, false]);
}

#[test]
fn rule_34_a_small_frame_that_inflates_to_much() {
    let bomb = Deflater::new(15, true, 9).compress(&vec![0; LIMIT as usize + 1]);
    let mut assembler = deflating();
    let outcome = run(&mut assembler, &compressed(Opcode::BINARY, true, &bomb), 1000);
    assert_eq!(outcome.rules(), [Rule::InflateLimit]);
    assert_eq!(outcome.messages[0].1.len() as u64, LIMIT);
    assert!(!outcome.messages[0].0.whole);
}

#[test]
fn a_message_beyond_the_limit_is_said_at_its_header() {
    let mut assembler = Assembler::new(Side::Server, None, 10);
    let frames = [
        fragment(Opcode::TEXT, false, b"123456"),
        fragment(Opcode::CONTINUATION, false, b"12345"),
        fragment(Opcode::CONTINUATION, true, b"x"),
    ];
    let outcome = run(&mut assembler, &frames.concat(), 100);
    assert_eq!(outcome.places(), [(1, Rule::MessageTooLarge, BitRange::new(9, 16))]);
    assert_eq!((outcome.messages[0].0.whole, outcome.messages[0].0.length), (false, 6));
    assert_eq!(run(&mut assembler, &simple(Opcode::TEXT, b"1234567890"), 100).rules(), []);
}

#[test]
fn after_a_gap_nobody_is_blamed_for_what_was_lost() {
    let mut assembler = deflating();
    run(&mut assembler, &compressed(Opcode::TEXT, true, &hex("f248cdc9c90700")), 100);
    assembler.gap();
    let frames =
        [fragment(Opcode::CONTINUATION, true, b"rest"), compressed(Opcode::TEXT, true, &hex("f200110000"))];
    let outcome = run(&mut assembler, &frames.concat(), 100);
    assert_eq!(outcome.rules(), []);
    assert!(outcome.messages.iter().all(|(complete, _)| !complete.whole));
    // What is no DEFLATE stream is wrong whatever was lost.
    assert_eq!(
        run(&mut assembler, &compressed(Opcode::TEXT, true, &[0x07]), 100).rules(),
        [Rule::InflateFailed]
    );
    // A continuation has nothing to continue now.
    let outcome = run(&mut assembler, &fragment(Opcode::CONTINUATION, true, b""), 100);
    assert_eq!(outcome.rules(), [Rule::NothingToContinue]);
}

/// A message, and how it is sent.
#[derive(Clone, Debug)]
struct Sent {
    text: bool,
    compressed: bool,
    payload: Vec<u8>,
    /// The sizes of the fragments, turn by turn.
    sizes: Vec<usize>,
    /// A ping between the fragments.
    ping: bool,
}

fn sent() -> impl Strategy<Value = Sent> {
    let payload = prop_oneof![".{0,60}", "[ab]{0,400}", "(日本語|ü|😀){0,80}"].prop_map(String::into_bytes);
    let sizes = proptest::collection::vec(0_usize..60, 1..5);
    (any::<bool>(), any::<bool>(), payload, sizes, any::<bool>())
        .prop_map(|(text, compressed, payload, sizes, ping)| Sent { text, compressed, payload, sizes, ping })
}

fn stream(messages: &[Sent], from: Side, deflater: &mut Deflater) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        let payload =
            if message.compressed { deflater.compress(&message.payload) } else { message.payload.clone() };
        let mut opcode = if message.text { Opcode::TEXT } else { Opcode::BINARY };
        let mut rest = &payload[..];
        for (index, &size) in message.sizes.iter().enumerate() {
            let fin = index + 1 == message.sizes.len();
            let (part, after) = if fin { (rest, &[][..]) } else { rest.split_at(size.min(rest.len())) };
            let rsv = [message.compressed && index == 0, false, false];
            bytes.extend(frame(Header { fin, rsv, ..Header::new(opcode, part.len() as u64) }, from, part));
            if message.ping {
                bytes.extend(frame(Header::new(Opcode::PING, 2), from, b"hi"));
            }
            (rest, opcode) = (after, Opcode::CONTINUATION);
        }
    }
    bytes
}

fn any_params() -> impl Strategy<Value = Params> {
    (any::<bool>(), any::<bool>(), 8_u8..=15, 8_u8..=15).prop_map(|(server, client, sbits, cbits)| Params {
        server_no_context_takeover: server,
        client_no_context_takeover: client,
        server_max_window_bits: sbits,
        client_max_window_bits: cbits,
        unit: Unit::Message,
    })
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn fragments_add_up(
        messages in proptest::collection::vec(sent(), 0..6), params in any_params(), from in any_side(), piece in 1_usize..80,
    ) {
        let mut deflater = Deflater::new(params.window_bits(from), params.context_takeover(from), 6);
        let bytes = stream(&messages, from, &mut deflater);
        let outcome = run(&mut Assembler::new(from, Some(&params), LIMIT), &bytes, piece);
        prop_assert_eq!(outcome.rules(), []);
        let data: Vec<_> = outcome.messages.iter().filter(|(complete, _)| complete.kind != Kind::Ping).collect();
        prop_assert_eq!(data.len(), messages.len());
        for ((complete, payload), message) in data.into_iter().zip(&messages) {
            prop_assert_eq!(payload, &message.payload);
            prop_assert_eq!(complete.length, message.payload.len() as u64);
            prop_assert_eq!(complete.frames as usize, message.sizes.len());
            prop_assert_eq!(complete.kind == Kind::Text, message.text);
            prop_assert!(complete.whole && complete.compressed == message.compressed);
        }
    }

    /// Whatever is wrong with a stream, it does not matter how its payloads were cut into pieces.
    #[test]
    fn pieces_change_no_finding(
        messages in proptest::collection::vec(sent(), 1..6), params in any_params(), piece in 1_usize..80,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 0..12), limit in 0_u64..600,
    ) {
        let mut deflater = Deflater::new(15, true, 6);
        let mut bytes = stream(&messages, Side::Server, &mut deflater);
        for (hit, change) in hits {
            // Keeps the second byte of the frames alone, so that the frames stay where they are.
            let mut at = 0;
            let mut heads = Vec::new();
            while let Some((header, length)) = Header::read(&bytes[at..]) {
                heads.extend(at + 1..at + length);
                at += length + header.payload_length as usize;
            }
            let at = hit.index(bytes.len());
            if !heads.contains(&at) {
                bytes[at] ^= change;
            }
        }
        // What is wrong with the bytes and with what they inflate to is found in the order in which they come.
        let found = |piece: usize| {
            let mut outcome = run(&mut Assembler::new(Side::Server, Some(&params), limit), &bytes, piece);
            outcome.findings.iter_mut().for_each(|of_frame| of_frame.sort_by_key(|finding| finding.rule.id()));
            outcome
        };
        let (whole, cut) = (found(usize::MAX), found(piece));
        prop_assert_eq!(&whole, &cut);
        for (complete, payload) in &whole.messages {
            if matches!(complete.kind, Kind::Text | Kind::Binary) {
                prop_assert!(payload.len() as u64 <= limit);
                prop_assert_eq!(payload.len() as u64, complete.length);
            }
        }
    }

    #[test]
    fn any_headers_are_judged_without_panic(
        bytes in proptest::collection::vec(any::<u8>(), 14 * 8), deflate in any::<bool>(), from in any_side(),
    ) {
        let params = Params::default();
        let mut assembler = Assembler::new(from, deflate.then_some(&params), LIMIT);
        for chunk in bytes.chunks(14) {
            let (header, length) = Header::read(chunk).unwrap();
            let mut findings = Vec::new();
            assembler.begin(&header, &mut findings);
            let there = (chunk.len() as u64).min(header.payload_length) as usize;
            assembler.data(&chunk[..there], &mut findings, &mut |_| ());
            assembler.end(&mut findings, &mut |_| ());
            for finding in findings {
                let end = (length as u64).saturating_add(header.payload_length).saturating_mul(8);
                prop_assert!(BitRange::new(0, end).contains(finding.bits.unwrap()), "{finding}");
            }
        }
    }
}
