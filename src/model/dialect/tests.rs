//! Each table beside what the texts say.

use super::*;
use crate::model::field::Value;

#[test]
fn every_version_has_one_table() {
    assert_eq!(ALL.map(|dialect| dialect.protocol), Protocol::WEBSOCKET);
    for dialect in ALL {
        assert_eq!(dialect.protocol.dialect(), Some(dialect));
        assert_eq!(dialect.protocol.id(), dialect.id);
        assert_eq!(dialect.protocol.family(), Some(dialect.family()));
        assert!(dialect.drafts.first <= dialect.drafts.last);
        assert!(dialect.closing.codes.is_sorted_by_key(|code| code.code), "{}", dialect.id);
    }
    assert!(ALL.windows(2).all(|pair| pair[0].drafts.last < pair[1].drafts.first));
    assert_eq!(Protocol::Http.dialect(), None);
}

#[test]
fn hixie_75() {
    let opening = &HIXIE75.opening;
    assert_eq!(
        (opening.proof, opening.signal, opening.upgrade),
        (Proof::Nothing, Signal::Upgrade, "WebSocket")
    );
    assert_eq!(
        (opening.repeated_origin, opening.location),
        (Some("WebSocket-Origin"), Some("WebSocket-Location"))
    );
    assert_eq!((opening.subprotocol, opening.subprotocols), ("WebSocket-Protocol", Subprotocols::One));
    assert_eq!((opening.request_body, opening.response_body, opening.keys), (0, 0, &[][..]));
    assert_eq!((HIXIE75.family(), HIXIE75.frames.lengths), (Family::Hixie, Lengths::Base128));
    assert!(!HIXIE75.closing.is_answered() && !HIXIE75.closing.has_codes());
    assert_eq!(Protocol::Hixie75.version_number(), None);
}

#[test]
fn hixie_76() {
    let opening = &HIXIE76.opening;
    assert_eq!((opening.proof, opening.signal), (Proof::Md5Challenge, Signal::Keys));
    assert_eq!(opening.keys, ["Sec-WebSocket-Key1", "Sec-WebSocket-Key2"]);
    assert_eq!((opening.request_body, opening.response_body), (8, 16));
    assert_eq!(opening.location, Some("Sec-WebSocket-Location"));
    assert_eq!((opening.extensions, opening.accept, opening.waits), (None, None, false));
    assert_eq!(HIXIE76.closing.handshake, ClosingHandshake::Bytes);
    assert_eq!(HIXIE76.drafts.to_string(), "hixie-76");
}

#[test]
fn hybi_7() {
    assert_eq!(HYBI7.opening.signal, Signal::Version(7));
    assert_eq!(HYBI7.opening.origin.field, "Sec-WebSocket-Origin");
    assert_eq!((HYBI7.opening.upgrade, HYBI7.opening.accept), ("websocket", Some("Sec-WebSocket-Accept")));
    assert_eq!((HYBI7.family(), HYBI7.frames.bad_text), (Family::Hybi, BadText::Replaced));
    let codes: Vec<u16> = HYBI7.closing.codes.iter().map(|code| code.code).collect();
    assert_eq!(codes, [1000, 1001, 1002, 1003, 1004]);
    assert_eq!(HYBI7.closing.value(1004), Value::Named(1004, "Message too large"));
    assert_eq!(HYBI7.closing.classify(1005), Class::Unregistered);
    assert!(HYBI7.extensions.is_empty());
    assert_eq!(Protocol::from_version_number(7), Some(Protocol::Hybi7));
}

#[test]
fn hybi_8() {
    assert_eq!(HYBI8.opening.signal, Signal::Version(8));
    assert_eq!(HYBI8.opening.origin.read, ["Sec-WebSocket-Origin", "Origin"]);
    assert_eq!(HYBI8.drafts.to_string(), "hybi-08 to hybi-12");
    assert_eq!(HYBI8.frames.bad_text, BadText::Fails);
    assert_eq!(HYBI8.closing.classify(1004), Class::Registered);
    assert_eq!(HYBI8.closing.classify(1006), Class::NeverOnWire);
    assert_eq!(HYBI8.closing.classify(1008), Class::Unregistered);
    assert!(HYBI8.extensions.is_empty());
}

#[test]
fn rfc_6455() {
    assert_eq!(RFC6455.opening.signal, Signal::Version(13));
    assert_eq!(RFC6455.opening.origin.read, ["Origin"]);
    assert_eq!(RFC6455.closing.codes.len(), 19);
    assert_eq!(RFC6455.closing.classify(1004), Class::Reserved);
    assert_eq!(RFC6455.closing.value(1011), Value::Named(1011, "Internal Error"));
    for (code, id) in [(2000, "value-close-unregistered"), (3001, "value-close-library")] {
        assert_eq!(RFC6455.closing.value(code), Value::Meant(code.into(), id));
    }
    assert_eq!(
        (RFC6455.closing.value(4711), RFC6455.closing.value(5000)),
        (Value::Meant(4711, "value-close-private"), Value::Meant(5000, "value-close-out-of-range"))
    );
    assert!(RFC6455.has_extension("permessage-deflate") && !RFC6455.has_extension("deflate-stream"));
}

#[test]
fn opcodes_are_turned_into_those_of_the_rfc_and_back() {
    for bits in 0..16 {
        assert_eq!((RFC6455.layout().opcode(bits), RFC6455.layout().bits(bits)), (bits, bits));
    }
    // The table of hybi-01 to hybi-06.
    let mut opcodes = [Meaning::Reserved; 16];
    opcodes[..6].copy_from_slice(&[
        Meaning::Continuation,
        Meaning::Close,
        Meaning::Ping,
        Meaning::Pong,
        Meaning::Text,
        Meaning::Binary,
    ]);
    let old = Layout { last: LastBit::Fin, opcodes, masking: Masking::None };
    assert_eq!([0, 1, 2, 3, 4, 5].map(|bits| old.opcode(bits)), [0x0, 0x8, 0x9, 0xA, 0x1, 0x2]);
    for bits in 0..16 {
        assert_eq!(old.bits(old.opcode(bits)), bits);
    }
}
