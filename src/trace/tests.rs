//! The dissector, seen through the trace: what goes in as bytes comes out as items, messages and findings.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::*;
use crate::model::field::BitRange;
use crate::model::rule::{Finding, Rule};
use crate::wire::frame::hybi::{Header, Opcode, mask};

mod agree;
mod cuts;
mod order;
mod pinned;

/// A recorded chunk: who sent it, and what; `None` bytes are a gap of so many.
#[derive(Clone, Debug)]
enum Part {
    Data(Side, Vec<u8>),
    Gap(Side, u64),
}
use Part::{Data, Gap};
use Side::{Client, Server};

fn read(parts: &[Part], begins_inside: bool) -> Trace {
    let mut trace = Trace::new(Store::default());
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(address(50000), address(9001), begins_inside, 6);
    for (index, part) in parts.iter().enumerate() {
        let packet = index as u32 + 1;
        let time = Timestamp(i64::from(packet - 1) * 1_000_000);
        match part {
            Data(side, bytes) => {
                let at = trace.store.append(bytes);
                trace.data(talk, *side, Place { at, headers: None }, bytes.len() as u32, packet, time);
            }
            Gap(side, len) => trace.gap(talk, *side, *len, packet, time),
        }
    }
    trace.finish();
    trace
}

/// Frames of one side alone, as they are pasted.
fn read_alone(protocol: Protocol, side: Side, bytes: &[u8]) -> Trace {
    let mut trace = Trace::new(Store::default());
    let talk = trace.open_as(protocol, None);
    let at = trace.store.append(bytes);
    trace.data(talk, side, Place { at, headers: None }, bytes.len() as u32, 0, Timestamp(0));
    trace.finish();
    trace
}

#[test]
fn of_a_side_that_was_not_recorded_nothing_is_said() {
    for bytes in [&[0x88, 0x00][..], &[0x89, 0x00], &[0x8A, 0x00]] {
        assert_eq!(rules(&read_alone(Protocol::Rfc6455, Server, bytes)), []);
    }
    assert_eq!(rules(&read_alone(Protocol::Hixie76, Client, &[0xFF, 0x00])), []);
}

#[test]
fn bad_utf8_of_hixie_is_found_where_it_becomes_a_replacement_character() {
    for (text, bad) in [
        (&b"caf\xe9"[..], 4..5), // The end interrupts a character of three bytes.
        (b"caf\xe9!", 4..5),     // So does a letter, which is read as itself.
        (b"caf\xe2\x82!", 4..6), // Two bytes of three: one U+FFFD.
        (b"caf\xe2\x82", 4..6),
        (b"\x80", 1..2),
        (b"\xed\xa0\x80", 1..2), // A surrogate: ED begins what A0 may not continue.
        (b"\xf5", 1..2),
    ] {
        let frame = [&[0x00], text, &[0xFF]].concat();
        let trace = read_alone(Protocol::Hixie76, Client, &frame);
        let found: Vec<_> =
            trace.conversations()[0].item_findings.iter().map(|(_, f)| (f.rule, f.bits)).collect();
        assert_eq!(found, [(Rule::HixieTextNotUtf8, Some(BitRange::bytes(bad.start, bad.end)))], "{text:?}");
    }
}

fn kinds(trace: &Trace) -> Vec<(Side, ItemKind)> {
    trace.conversations()[0].items.iter().map(|(_, item)| (item.side, item.kind)).collect()
}

fn rules(trace: &Trace) -> Vec<Rule> {
    trace.conversations()[0].item_findings.iter().map(|(_, finding)| finding.rule).collect()
}

fn texts(trace: &Trace) -> Vec<String> {
    let talk = &trace.conversations()[0];
    let mut reader = PayloadReader::default();
    talk.messages
        .iter()
        .map(|(number, _)| {
            let mut bytes = Vec::new();
            reader.read(talk, &trace.store, number, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
        .collect()
}

const REQUEST: &str = "GET /demo HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn frame(side: Side, opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let key = (side == Client).then_some([0x37, 0xfa, 0x21, 0x3d]);
    let mut header = Header::new(opcode, payload.len() as u64);
    header.fin = fin;
    header.mask = key;
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = key {
        mask(&mut bytes[start..], key, 0);
    }
    bytes
}

fn text(side: Side, payload: &str) -> Vec<u8> {
    frame(side, Opcode::TEXT, true, payload.as_bytes())
}

fn opening() -> Vec<Part> {
    vec![Data(Client, REQUEST.into()), Data(Server, ANSWER.into())]
}

#[test]
fn a_conversation_of_rfc_6455() {
    let mut parts = opening();
    parts.push(Data(Client, text(Client, "Hello")));
    parts.push(Data(Server, text(Server, "Hello")));
    parts.push(Data(Client, frame(Client, Opcode::CLOSE, true, &1000u16.to_be_bytes())));
    parts.push(Data(Server, frame(Server, Opcode::CLOSE, true, &1000u16.to_be_bytes())));
    let trace = read(&parts, false);
    let talk = &trace.conversations()[0];
    assert_eq!((talk.protocol, talk.handshake), (Protocol::Rfc6455, Handshake::Accepted));
    assert_eq!(talk.items.len(), 6);
    assert_eq!(texts(&trace)[..2], ["Hello", "Hello"]);
    let close = talk.messages.get(2).unwrap();
    assert_eq!(close_body(talk, &trace.store, close), Some((1000, String::new())));
    assert_eq!(rules(&trace), []);
}

#[test]
fn frames_in_the_segment_of_the_101_are_found() {
    let mut answer = ANSWER.as_bytes().to_vec();
    answer.extend(text(Server, "first"));
    let trace = read(&[Data(Client, REQUEST.into()), Data(Server, answer)], false);
    assert_eq!(texts(&trace), ["first"]);
}

#[test]
fn a_refused_handshake_is_followed_by_http() {
    let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    let parts = [
        Data(Client, REQUEST.into()),
        Data(Server, refusal.into()),
        Data(Client, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()),
        Data(Server, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
    ];
    let trace = read(&parts, false);
    assert_eq!(trace.conversations()[0].handshake, Handshake::Rejected);
    assert_eq!(trace.conversations()[0].items.len(), 4);
    assert!(
        kinds(&trace).iter().all(|(_, kind)| matches!(kind, ItemKind::HttpRequest | ItemKind::HttpResponse))
    );
}

#[test]
fn a_tunnel_is_looked_into() {
    let mut parts = vec![
        Data(Client, b"CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n".to_vec()),
        Data(Server, b"HTTP/1.0 200 Connection established\r\n\r\n".to_vec()),
    ];
    parts.extend(opening());
    parts.push(Data(Client, text(Client, "inside")));
    let trace = read(&parts, false);
    let [proxy, inside] = trace.conversations() else { panic!("a carrier and what it carries") };
    assert_eq!((proxy.protocol, inside.protocol), (Protocol::Http, Protocol::Rfc6455));
    assert_eq!(inside.messages.len(), 1);
}

#[test]
fn fragments_with_a_ping_between_are_one_message() {
    let mut parts = opening();
    parts.push(Data(Client, frame(Client, Opcode::TEXT, false, b"Hel")));
    parts.push(Data(Client, frame(Client, Opcode::PING, true, b"?")));
    parts.push(Data(Server, frame(Server, Opcode::PONG, true, b"?")));
    parts.push(Data(Client, frame(Client, Opcode::CONTINUATION, true, b"lo")));
    let trace = read(&parts, false);
    assert_eq!(texts(&trace), ["?", "?", "Hello"]);
    let message = trace.conversations()[0].messages.get(2).unwrap();
    assert_eq!((message.first, message.last), (2, 5));
    assert_eq!(rules(&trace), []);
}

#[test]
fn a_gap_inside_a_payload_does_not_cost_the_next_frame() {
    let long = text(Server, &"x".repeat(1000));
    let mut parts = opening();
    parts.push(Data(Server, long[..200].to_vec()));
    parts.push(Gap(Server, 300));
    parts.push(Data(Server, long[500..].to_vec()));
    parts.push(Data(Server, text(Server, "after")));
    let trace = read(&parts, false);
    let server: Vec<_> = kinds(&trace)[2..].iter().map(|(_, kind)| *kind).collect();
    assert_eq!(server, [ItemKind::HybiFrame, ItemKind::Gap, ItemKind::Unparsed, ItemKind::HybiFrame]);
    assert_eq!(texts(&trace), ["after"]);
    assert!(!rules(&trace).contains(&Rule::StreamGuess), "where the frame ends is known, not guessed");
}

#[test]
fn after_a_gap_over_headers_frames_are_found_again() {
    let mut parts = opening();
    parts.push(Data(Server, text(Server, "one")));
    parts.push(Gap(Server, 77));
    for word in ["two", "three", "four", "five"] {
        parts.push(Data(Server, text(Server, word)));
    }
    let trace = read(&parts, false);
    assert_eq!(texts(&trace), ["one", "two", "three", "four", "five"]);
    assert!(rules(&trace).contains(&Rule::StreamGuess));
}

#[test]
fn a_recording_that_begins_in_the_middle_is_a_guess() {
    let mut parts = Vec::new();
    for word in ["Hello", "again", "and again"] {
        parts.push(Data(Client, text(Client, word)));
        parts.push(Data(Server, text(Server, word)));
    }
    let trace = read(&parts, true);
    let talk = &trace.conversations()[0];
    assert_eq!((talk.protocol, talk.handshake), (Protocol::Rfc6455, Handshake::Missing));
    assert_eq!(talk.messages.len(), 6);
    assert!(talk.findings.iter().any(|finding| finding.rule == Rule::StreamGuess));
}

#[test]
fn bytes_that_fit_nothing_are_not_called_frames() {
    let noise: Vec<u8> = (0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let trace = read(&[Data(Client, noise.clone()), Data(Server, noise)], true);
    assert!(kinds(&trace).iter().all(|(_, kind)| *kind == ItemKind::Unparsed));
    assert_eq!(trace.conversations()[0].protocol, Protocol::Unknown);
}

#[test]
fn a_strangers_stream_is_not_searched_to_its_end() {
    let noise: Vec<u8> =
        (0..3u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8 | 0x10).collect();
    let parts: Vec<Part> = noise.chunks(1 << 16).map(|piece| Data(Client, piece.to_vec())).collect();
    let trace = read(&parts, true);
    check_tiling(&trace).unwrap();
    assert!(kinds(&trace).iter().all(|(_, kind)| *kind == ItemKind::Unparsed));
}

#[test]
fn garbage_is_named_at_its_first_byte() {
    let mut parts = opening();
    parts.push(Data(Client, text(Client, "fine")));
    parts.push(Data(Client, b"GET /somewhere HTTP/1.1\r\nHost: nowhere\r\n\r\n".to_vec()));
    let trace = read(&parts, false);
    let talk = &trace.conversations()[0];
    let last = talk.items.len() - 1;
    let item = talk.items.get(last).unwrap();
    assert_eq!((item.kind, item.offset), (ItemKind::Unparsed, REQUEST.len() as u64 + 10));
    let finding = talk.findings_of(last).next().unwrap();
    assert_eq!(finding.rule, Rule::StreamUnparsed);
    assert!(finding.message().contains(&format!("byte {}", item.offset)), "{}", finding.message());
}

#[test]
fn an_item_that_never_came_whole_stands_where_it_began() {
    let mut parts = opening();
    let begun = i64::try_from(parts.len()).unwrap();
    let frame = text(Client, "never whole");
    let (first, second) = frame.split_at(8);
    parts.push(Data(Client, first.to_vec()));
    parts.push(Data(Server, text(Server, "meanwhile")));
    parts.push(Data(Client, second[..3].to_vec()));
    let trace = read(&parts, false);
    let talk = &trace.conversations()[0];
    let whole = talk.items.last().unwrap();
    assert!(whole.is_whole() && whole.side == Server);
    assert_eq!(talk.time_of(whole), Timestamp((begun + 1) * 1_000_000));
    let cut = talk.items.get(talk.items.len() - 2).unwrap();
    assert!(!cut.is_whole() && cut.side == Client);
    assert_eq!(talk.time_of(cut), Timestamp(begun * 1_000_000));
    // What is said of it, and of others, stands with it.
    let rules = |number: usize| talk.findings_of(number).map(|finding| finding.rule).collect::<Vec<_>>();
    assert_eq!(rules(talk.items.len() - 2), [Rule::StreamEndsInside]);
    assert_eq!(talk.messages.last().unwrap().last as usize, talk.items.len() - 1);
}

#[test]
fn a_strangers_bytes_are_unparsed() {
    let trace = read(&[Data(Client, b"\x16\x03\x01\x02\x00\x01".to_vec())], false);
    assert_eq!(kinds(&trace), [(Client, ItemKind::Unparsed)]);
    assert!(trace.conversations()[0].item_findings[0].1.message().contains("TLS"));
}

#[test]
fn a_length_of_two_to_the_63_costs_nothing() {
    let mut parts = opening();
    parts.push(Data(Server, vec![0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
    let trace = read(&parts, false);
    let talk = &trace.conversations()[0];
    let item = talk.items.get(2).unwrap();
    assert_eq!((item.length, item.complete), (13, false));
    assert_eq!(rules(&trace), [Rule::StreamEndsInside]);
}

#[test]
fn a_gap_of_many_gibibytes_is_one_item() {
    let missing = 3 * (u64::from(u32::MAX) + 1) + 5;
    let whole = binary_header(missing + 8);
    for (header, told) in [(Vec::new(), true), (whole, false)] {
        let mut parts = opening();
        parts.extend((!header.is_empty()).then_some(Data(Server, header)));
        parts.push(Gap(Server, missing));
        parts.push(Data(Server, b"the rest".to_vec()));
        for word in ["two", "three", "four", "five"] {
            parts.push(Data(Server, text(Server, word)));
        }
        let trace = read(&parts, false);
        check_tiling(&trace).unwrap();
        let talk = &trace.conversations()[0];
        let gaps: Vec<u64> =
            talk.items.iter().filter(|(_, i)| i.kind == ItemKind::Gap).map(|(_, i)| i.length).collect();
        assert_eq!(gaps, [missing]);
        assert_eq!(texts(&trace), ["two", "three", "four", "five"]);
        assert_eq!(rules(&trace).contains(&Rule::StreamGuess), told);
        // Taken out of its trace it is the same.
        let alone = trace.alone(0).unwrap();
        assert_eq!(kinds(&alone), kinds(&trace));
    }
}

/// The header of a frame of the server with that many bytes of payload.
fn binary_header(length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Header::new(Opcode::BINARY, length).encode(&mut bytes);
    bytes
}

#[test]
fn early_data_is_found() {
    let mut client = REQUEST.as_bytes().to_vec();
    client.extend(text(Client, "too soon"));
    let trace = read(&[Data(Client, client), Data(Server, ANSWER.into())], false);
    assert!(rules(&trace).contains(&Rule::EarlyData));
    assert_eq!(texts(&trace), ["too soon"]);
}

/// Every byte of both streams is in exactly one item, and every item's fields tile it.
fn check_tiling(trace: &Trace) -> Result<(), TestCaseError> {
    for talk in trace.conversations() {
        for side in Side::BOTH {
            let mut at = 0;
            for (number, item) in talk.items.iter().filter(|(_, item)| item.side == side) {
                prop_assert_eq!(item.offset, at, "item {} of the {}", number, side);
                prop_assert!(item.length > 0);
                at += item.length;
                let field = fields(talk, &trace.store, number).unwrap();
                prop_assert!(field.tiles(), "{:?}", field);
                prop_assert_eq!(field.bits, crate::model::field::BitRange::new(0, item.length * 8));
                for finding in talk.findings_of(number) {
                    let bits = finding.bits.expect("what is said of an item has a place in it");
                    prop_assert!(
                        bits.start <= bits.end && field.bits.contains(bits),
                        "{} outside {}",
                        finding,
                        field.bits
                    );
                }
                derivations(talk, &trace.store, number);
            }
            prop_assert_eq!(at, talk.stream(side).end());
        }
    }
    Ok(())
}

fn any_part() -> impl Strategy<Value = Part> {
    let side = || prop_oneof![Just(Client), Just(Server)];
    prop_oneof![
        4 => (side(), prop::collection::vec(any::<u8>(), 1..80)).prop_map(|(side, bytes)| Data(side, bytes)),
        4 => (side(), "\\PC{0,40}").prop_map(|(side, words)| Data(side, text(side, &words))),
        1 => (side(), 1..200u64).prop_map(|(side, len)| Gap(side, len)),
        1 => Just(Data(Client, REQUEST.into())),
        1 => Just(Data(Server, ANSWER.into())),
        1 => Just(Data(Client, b"<policy-file-request/>\0".to_vec())),
        1 => Just(Data(Client, b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec())),
        1 => Just(Data(Server, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde".to_vec())),
    ]
}

proptest! {
    #[test]
    fn every_byte_is_in_one_item(parts in prop::collection::vec(any_part(), 0..20), inside: bool, opened: bool) {
        let mut all = if opened { opening() } else { Vec::new() };
        all.extend(parts);
        check_tiling(&read(&all, inside))?;
    }

    /// Where segments are cut changes nothing but packet numbers and times.
    #[test]
    fn the_cuts_do_not_matter(words in prop::collection::vec("\\PC{0,30}", 1..8), size in 1..40usize) {
        let mut client = REQUEST.as_bytes().to_vec();
        let mut server = ANSWER.as_bytes().to_vec();
        for word in &words {
            client.extend(text(Client, word));
            server.extend(text(Server, word));
        }
        let (head, rest) = client.split_at(REQUEST.len());
        let cut = |side, bytes: &[u8]| bytes.chunks(size).map(|piece| Data(side, piece.to_vec())).collect::<Vec<_>>();
        let parts = [cut(Client, head), cut(Server, &server), cut(Client, rest)].concat();
        let trace = read(&parts, false);
        check_tiling(&trace)?;
        let talk = &trace.conversations()[0];
        prop_assert_eq!(talk.handshake, Handshake::Accepted);
        prop_assert_eq!(rules(&trace), vec![]);
        let mut expected = words.clone();
        expected.extend(words.clone());
        prop_assert_eq!(texts(&trace), expected);
    }
}
