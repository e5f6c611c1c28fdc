//! Fields of messages tile them, and every byte has its origin.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::*;
use crate::model::field::{BitRange, Value};
use crate::model::protocol::{Protocol, Side};
use crate::trace::{PayloadError, PayloadReader, Place, Store, Timestamp, Trace, frames_of, message_of};
use crate::wire::deflate::{Deflater, Params};
use crate::wire::frame::hybi::{Header, Opcode, mask};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Frames of the client: opcode, FIN, RSV1, payload.
fn client(frames: &[(Opcode, bool, bool, &[u8])], deflate: Option<Params>) -> Trace {
    let mut trace = Trace::new(Store::default());
    let talk = trace.open_as(Protocol::Rfc6455, deflate);
    for (opcode, fin, rsv1, payload) in frames {
        let mut header = Header::new(*opcode, payload.len() as u64);
        (header.fin, header.rsv[0], header.mask) = (*fin, *rsv1, Some(KEY));
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        mask(&mut bytes[start..], KEY, 0);
        let at = trace.store.append(&bytes);
        trace.data(talk, Side::Client, Place { at, headers: None }, bytes.len() as u32, 0, Timestamp(0));
    }
    trace.finish();
    trace
}

fn tree(trace: &Trace, number: usize) -> crate::model::field::Field {
    message_fields(&trace.conversations()[0], &trace.store, number, &mut PayloadReader::default()).unwrap()
}

/// The bits at these places, put together.
fn bits_at(trace: &Trace, places: &[(usize, BitRange)]) -> Vec<bool> {
    let talk = &trace.conversations()[0];
    let mut bits = Vec::new();
    for (item, range) in places {
        let bytes = talk.bytes_of(&trace.store, talk.items.get(*item).unwrap());
        bits.extend((range.start..range.end).map(|bit| bytes[bit as usize / 8] & (0x80 >> (bit % 8)) != 0));
    }
    bits
}

#[test]
fn bits_of_fragments_come_from_the_same_bits_under_the_mask() {
    let frames: [(Opcode, bool, bool, &[u8]); 3] = [
        (Opcode::TEXT, false, false, b"Hel"),
        (Opcode::PING, true, false, b"?"),
        (Opcode::CONTINUATION, true, false, b"lo"),
    ];
    let trace = client(&frames, None);
    let talk = &trace.conversations()[0];
    assert_eq!(
        origin(talk, &trace.store, 1, BitRange::bytes(0, 5)),
        [(0, BitRange::bytes(6, 9)), (2, BitRange::bytes(6, 8)),]
    );
    // A single bit: the sign of l in the second frame.
    assert_eq!(origin(talk, &trace.store, 1, BitRange::new(24, 25)), [(2, BitRange::new(48, 49))]);
    assert_eq!(origin(talk, &trace.store, 1, BitRange::bytes(5, 9)), []);
    assert_eq!(message_of(talk, 0).unwrap().0, 1);
    assert_eq!(message_of(talk, 1).unwrap().0, 0);
    assert_eq!(frames_of(talk, talk.messages.get(1).unwrap()).map(|(n, _)| n).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn a_compressed_byte_comes_from_the_token_that_wrote_it() {
    // RFC 7692 section 7.2.3.1: "Hello" with the specification's codes, behind three bits of block header.
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let trace = client(&[(Opcode::TEXT, true, true, &hello)], Some(Params::default()));
    let talk = &trace.conversations()[0];
    let of = |byte: usize| origin(talk, &trace.store, 0, BitRange::bytes(byte, byte + 1));
    // Eight bits for H: five in the payload's first byte, three in the second, counted from the least significant.
    assert_eq!(of(0), [(0, BitRange::new(48, 53)), (0, BitRange::new(61, 64))]);
    assert_eq!(of(4).len(), 2);
    // All five together take all that is no header and no end.
    let all = origin(talk, &trace.store, 0, BitRange::bytes(0, 5));
    assert_eq!(all.iter().map(|(_, bits)| bits.len()).sum::<u64>(), 40);
}

#[test]
fn copied_bytes_come_from_their_copy_and_stored_ones_from_themselves() {
    let params = Params::default();
    let mut deflater = Deflater::new(15, true, 9);
    let (first, second) = (deflater.compress(b"abcdefghij"), deflater.compress(b"abcdefghij"));
    let trace =
        client(&[(Opcode::TEXT, true, true, &first), (Opcode::TEXT, true, true, &second)], Some(params));
    let talk = &trace.conversations()[0];
    let of = |byte: usize| origin(talk, &trace.store, 1, BitRange::bytes(byte, byte + 1));
    // zlib writes the first byte and copies the others.
    assert!(!of(1).is_empty() && of(1) == of(9) && of(0) != of(1), "{:?} {:?}", of(0), of(9));
    let mut stored = Deflater::new(15, true, 0);
    let stored = stored.compress(b"xyz");
    let trace = client(&[(Opcode::TEXT, true, true, &stored)], Some(params));
    let talk = &trace.conversations()[0];
    for byte in 0..3 {
        let places = origin(talk, &trace.store, 0, BitRange::bytes(byte, byte + 1));
        let found: u8 = bits_at(&trace, &places).iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        let [(0, bits)] = places[..] else { panic!("{places:?}") };
        assert_eq!(found ^ KEY[(bits.start as usize / 8 - 6) % 4], b"xyz"[byte]);
    }
}

#[test]
fn more_pings_than_anybody_counts_stand_inside_a_message() {
    let mut frames: Vec<(Opcode, bool, bool, &[u8])> = vec![(Opcode::TEXT, false, false, b"a")];
    frames.extend(std::iter::repeat_n((Opcode::PING, true, false, &b"?"[..]), 5000));
    frames.push((Opcode::CONTINUATION, false, false, b"b"));
    frames.push((Opcode::PONG, true, false, b""));
    frames.push((Opcode::CONTINUATION, true, false, b"c"));
    let trace = client(&frames, None);
    let talk = &trace.conversations()[0];
    let message = talk.messages.get(5001).unwrap();
    let parts: Vec<usize> = frames_of(talk, message).map(|(number, _)| number).collect();
    assert_eq!(parts, [0, 5001, 5003]);
    for part in parts {
        assert_eq!(message_of(talk, part).map(|(number, _)| number), Some(5001));
    }
    assert_eq!(message_of(talk, 3000).map(|(number, _)| number), Some(2999));
    let around = |item| crate::trace::message_around(talk, Side::Client, item).map(|message| message.last);
    assert_eq!(
        (around(0), around(3000), around(5003), around(5004)),
        (Some(5003), Some(5003), Some(5003), None)
    );
    assert_eq!(PayloadReader::default().text(talk, &trace.store, 5001), Ok(Some("abc".to_owned())));
}

#[test]
fn a_reserved_frame_and_a_new_message_are_no_parts() {
    let frames: [(Opcode, bool, bool, &[u8]); 6] = [
        (Opcode::TEXT, false, false, b"given up"),
        (Opcode::TEXT, false, false, b"a"),
        (Opcode::new(3), true, false, b"reserved"),
        (Opcode::CONTINUATION, true, false, b"b"),
        (Opcode::CONTINUATION, false, false, b"of"), // Of nothing.
        (Opcode::CONTINUATION, true, false, b" nothing"),
    ];
    let trace = client(&frames, None);
    let talk = &trace.conversations()[0];
    let numbers: Vec<_> = (0..6).map(|item| message_of(talk, item).map(|(number, _)| number)).collect();
    assert_eq!(numbers, [None, Some(0), None, Some(0), Some(1), Some(1)]);
    assert_eq!(PayloadReader::default().text(talk, &trace.store, 0), Ok(Some("ab".to_owned())));
    assert_eq!(PayloadReader::default().bytes(talk, &trace.store, 1), Ok(b"of nothing".to_vec()));
}

#[test]
fn a_message_is_taken_apart_by_what_it_is() {
    let json = r#" {"price": 1.50, "of": ["\u0041\n", true, 7]}"#;
    let frames: [(Opcode, bool, bool, &[u8]); 6] = [
        (Opcode::TEXT, true, false, json.as_bytes()),
        (Opcode::TEXT, true, false, "ä\nb".as_bytes()),
        (Opcode::BINARY, true, false, &[1, 2]),
        (Opcode::TEXT, true, false, b""),
        (Opcode::TEXT, true, false, b"{\"a\":1,}"),
        (Opcode::CLOSE, true, false, b"\x03\xe8bye"),
    ];
    let trace = client(&frames, None);
    let root = tree(&trace, 0);
    assert!(root.tiles());
    assert_eq!(root.find("json-member").unwrap().value, Value::Text("price".to_owned()));
    assert_eq!(root.find("json-number").unwrap().value, Value::Text("1.50".to_owned()));
    assert_eq!(root.find("json-number").unwrap().bits, BitRange::bytes(11, 15));
    assert_eq!(root.find("json-string").unwrap().value, Value::Text("A\n".to_owned()));
    let text = tree(&trace, 1);
    let ids: Vec<_> = text.leaves().iter().map(|field| (field.kind.id, field.bits.len() / 8)).collect();
    assert_eq!(ids, [("text-character", 2), ("text-character", 1), ("text-character", 1)]);
    assert_eq!(tree(&trace, 2).leaves()[0].value, Value::Bytes(vec![1, 2]));
    assert_eq!(tree(&trace, 3).children, []);
    assert_eq!(tree(&trace, 4).find("json-object"), None);
    assert_eq!(tree(&trace, 5).find("close-reason").unwrap().bits, BitRange::bytes(2, 5));
}

#[test]
fn a_message_beyond_the_limit_says_so() {
    let half = vec![b'x'; 33 << 20];
    let trace =
        client(&[(Opcode::TEXT, false, false, &half), (Opcode::CONTINUATION, true, false, &half)], None);
    let talk = &trace.conversations()[0];
    assert_eq!(PayloadReader::default().bytes(talk, &trace.store, 0), Err(PayloadError::TooLarge));
    let root = tree(&trace, 0);
    assert!(root.tiles() && root.bits.len() == (66 << 20) * 8);
    assert_eq!(SocketAddr::from(([0; 4], 0)), talk.client); // Typed bytes come from nowhere.
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("\\PC{0,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_read_as_serde_reads_it(value in any_json(), pretty: bool, change in prop::option::of((any::<prop::sample::Index>(), "[\\[\\]{}:,\"\\\\0-9a-z .-]"))) {
        let mut text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        if let Some((at, other)) = change {
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &other);
            }
        }
        let read = read_json(&text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        if theirs.as_ref().is_ok_and(|value| value.is_object() || value.is_array()) {
            prop_assert!(read.is_some(), "{text}");
        } else if theirs.is_err_and(|error| !error.to_string().contains("surrogate") && !error.to_string().contains("range") && !error.to_string().contains("hex")) {
            prop_assert!(read.is_none(), "{text}");
        }
        if let Some(parts) = read {
            let mut at = 0;
            for part in parts {
                prop_assert!(part.tiles() && part.bits.start == at);
                at = part.bits.end;
            }
            prop_assert_eq!(at, text.len() as u64 * 8);
        }
    }

    #[test]
    fn every_byte_of_a_compressed_message_has_an_origin(text in "[abc]{1,200}|\\PC{1,60}", level in 0..10u32, at in any::<prop::sample::Index>()) {
        let payload = Deflater::new(15, false, level).compress(text.as_bytes());
        let (first, second) = payload.split_at(at.index(payload.len()));
        let trace = client(&[(Opcode::TEXT, false, true, first), (Opcode::CONTINUATION, true, false, second)], Some(Params::default()));
        let talk = &trace.conversations()[0];
        for byte in 0..text.len() {
            let places = origin(talk, &trace.store, 0, BitRange::bytes(byte, byte + 1));
            prop_assert!(!places.is_empty());
            for (item, bits) in places {
                let item = talk.items.get(item).unwrap();
                prop_assert!(bits.start >= 48 && bits.end <= item.length * 8);
            }
        }
    }
}
