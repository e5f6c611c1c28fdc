//! Layers seen from outside: a trace is fed bytes, and says which conversations they are.

use std::net::SocketAddr;

use crate::model::protocol::{Protocol, Side};
use crate::trace::{Conversation, End, ItemKind, Layer, Place, Timestamp, Trace};

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Feeds a connection, a packet each, and finishes the trace.
fn trace_of(parts: &[(Side, &[u8])]) -> Trace {
    let mut trace = Trace::default();
    let talk = trace.open(address(50_000), address(9_001), false, 6);
    for (number, (side, bytes)) in (1..).zip(parts) {
        let at = trace.store.append(bytes);
        let place = Place { at, headers: Some(40) };
        trace.data(talk, *side, place, bytes.len() as u32, number, Timestamp(i64::from(number)));
    }
    for side in Side::BOTH {
        trace.end(talk, side, End::Fin, 0, Timestamp::default());
    }
    trace.finish();
    trace
}

fn kinds(talk: &Conversation) -> Vec<ItemKind> {
    talk.items.iter().map(|(_, item)| item.kind).collect()
}

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const HELLO: &[u8] = &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

/// A server's record of application data with three bytes.
const RECORD: &[u8] = &[0x17, 0x03, 0x03, 0x00, 0x03, 0xAA, 0xBB, 0xCC];

#[test]
fn a_tunnel_through_connect_carries_a_conversation_of_its_own() {
    let connect = b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n";
    let opened = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let trace = trace_of(&[
        (Side::Client, connect),
        (Side::Server, opened),
        (Side::Client, REQUEST),
        (Side::Server, ANSWER),
        (Side::Client, HELLO),
    ]);
    let [carrier, carried] = trace.conversations() else { panic!("two conversations") };
    assert_eq!(kinds(carrier), [ItemKind::HttpRequest, ItemKind::HttpResponse]);
    assert_eq!((carrier.protocol, carrier.carried.as_slice()), (Protocol::Http, [1].as_slice()));
    assert_eq!((carried.layer, carried.protocol), (Layer::Tcp, Protocol::Rfc6455));
    assert_eq!(carried.connection, carrier.connection);
    assert_eq!(kinds(carried), [ItemKind::HttpRequest, ItemKind::HttpResponse, ItemKind::HybiFrame]);
    // The way back: the frame's first byte stands behind the CONNECT and the opening request.
    let frame = carried.items.get(2).unwrap();
    let map = carried.carrier.as_ref().unwrap().map(Side::Client);
    let sources: Vec<_> = map.sources(frame.range()).collect();
    let at = (connect.len() + REQUEST.len()) as u64;
    assert_eq!((sources.len(), sources[0].clone()), (1, at..at + HELLO.len() as u64));
    assert_eq!(&*carrier.stream(Side::Client).bytes(&trace.store, sources[0].clone()), HELLO);
    assert_eq!(trace.innermost(0), 1);
    assert_eq!(trace.conversation_of(carried.connection), Some(0));
}

#[test]
fn bytes_behind_a_prelude_may_stand_in_its_packet() {
    let header = b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n";
    let both = [header.as_slice(), REQUEST].concat();
    let trace = trace_of(&[(Side::Client, &both), (Side::Server, ANSWER), (Side::Client, HELLO)]);
    let [carrier, carried] = trace.conversations() else { panic!("two conversations") };
    assert_eq!(kinds(carrier), [ItemKind::Prelude]);
    assert_eq!(carried.protocol, Protocol::Rfc6455);
    assert_eq!(carried.messages.len(), 1);
    let place = carried.stream(Side::Client).first_place().unwrap();
    assert_eq!(place.headers, Some(40 + header.len() as u16), "the packet's first byte is found from there");
    let told = carried.told.as_ref().unwrap();
    assert_eq!(told.source.unwrap().to_string(), "192.0.2.1:40000");
}

#[test]
fn records_are_items_and_what_they_carry_says_that_keys_are_missing() {
    let mut hello = vec![0x16, 0x03, 0x01, 0x00, 0x2D, 0x01, 0x00, 0x00, 0x29, 0x03, 0x03];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
    let mut server = vec![0x16, 0x03, 0x03, 0x00, 0x2C, 0x02, 0x00, 0x00, 0x28, 0x03, 0x03];
    server.extend([9; 32]);
    server.extend([0, 0xC0, 0x2F, 0, 0, 0]);
    // A record behind the other, the second cut by a segment.
    let two = [RECORD, &RECORD[..4]].concat();
    let trace = trace_of(&[
        (Side::Client, &hello),
        (Side::Server, &server[..20]),
        (Side::Server, &server[20..]),
        (Side::Server, &two),
        (Side::Server, &RECORD[4..]),
    ]);
    let [carrier, carried] = trace.conversations() else { panic!("{:?}", trace.conversations()) };
    assert_eq!(carrier.protocol, Protocol::Tls);
    assert!(kinds(carrier).iter().all(|kind| *kind == ItemKind::TlsRecord));
    assert_eq!(carrier.items.len(), 4);
    assert_eq!(carried.layer, Layer::Tls);
    assert!(carried.items.is_empty() && carried.findings.iter().any(|f| f.rule.id() == "tls.keys.missing"));
    let tls = carried.tls.as_ref().unwrap();
    assert_eq!(tls.hidden, [0, 6]);
    for (number, item) in carrier.items.iter() {
        let field = crate::trace::fields(carrier, &trace.store, number).unwrap();
        assert!(field.tiles() && field.bits.len() == item.length * 8);
    }
}

#[test]
fn a_gap_inside_a_record_does_not_cost_the_next_one() {
    let mut trace = Trace::default();
    let talk = trace.open(address(50_000), address(443), true, 6);
    let push = |trace: &mut Trace, bytes: &[u8], packet| {
        let at = trace.store.append(bytes);
        trace.data(talk, Side::Server, Place { at, headers: None }, bytes.len() as u32, packet, Timestamp(0));
    };
    push(&mut trace, RECORD, 1);
    push(&mut trace, &RECORD[..6], 2);
    trace.gap(talk, Side::Server, 2, 3, Timestamp(0));
    push(&mut trace, RECORD, 4);
    trace.finish();
    let carrier = &trace.conversations()[0];
    let told: Vec<_> =
        carrier.items.iter().map(|(_, item)| (item.kind, item.length, item.complete)).collect();
    assert_eq!(
        told,
        [
            (ItemKind::TlsRecord, 8, true),
            (ItemKind::TlsRecord, 6, false),
            (ItemKind::Gap, 2, true),
            (ItemKind::TlsRecord, 8, true)
        ]
    );
}

#[test]
fn ports_that_are_used_again_are_another_connection() {
    let mut trace = Trace::default();
    let first = trace.open(address(50_000), address(9_001), false, 6);
    let second = trace.open(address(50_000), address(9_001), false, 6);
    let [one, other] = [first, second].map(|talk| trace.conversations()[talk].connection);
    assert_ne!(one, other);
    assert_eq!((trace.conversation_of(one), trace.conversation_of(other)), (Some(first), Some(second)));
}
