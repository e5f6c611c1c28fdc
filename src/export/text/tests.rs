use proptest::prelude::*;

use super::*;
use crate::protocol::Side;
use crate::export::csv;
use crate::trace::Place;

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\nSec-WebSocket-Version: 13\r\n\r\n";

const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A trace of one conversation, a packet a part, 1.5 ms apart. `None` is a gap of ten bytes.
fn trace(parts: &[(Side, Option<&[u8]>)], end: Option<End>) -> Trace {
    let mut trace = Trace::new(Store::default());
    let at = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(at(50122), at(9001), false, 6);
    for (number, (side, bytes)) in parts.iter().enumerate() {
        let time = Timestamp(1_700_000_000_000_000_000 + number as i64 * 1_500_000);
        let packet = number as u32 + 1;
        match bytes {
            Some(bytes) => {
                let place = Place { at: trace.store.append(bytes), headers: None };
                trace.data(talk, *side, place, bytes.len() as u32, packet, time);
            }
            None => trace.gap(talk, *side, 10, packet, time),
        }
    }
    for side in Side::BOTH {
        if let Some(end) = end {
            trace.end(talk, side, end);
        }
    }
    trace.finish();
    trace
}

fn client(bytes: &[u8]) -> (Side, Option<&[u8]>) {
    (Side::Client, Some(bytes))
}

fn server(bytes: &[u8]) -> (Side, Option<&[u8]>) {
    (Side::Server, Some(bytes))
}

fn written(trace: &Trace, options: &Options) -> String {
    let mut out = Vec::new();
    write_trace(&mut out, &About { file: "test.pcapng".to_owned(), ..About::default() }, trace, options).unwrap();
    String::from_utf8(out).unwrap()
}

const BRIEF: Options = Options {
    brief: true,
    fields: false,
    hex: false,
    derivations: true,
    width: 100,
    paint: Paint::PLAIN,
    conversation: None,
    interleaved: false,
};

fn rfc6455() -> Trace {
    trace(
        &[
            client(REQUEST),
            server(RESPONSE),
            client(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]),
            server(b"\x01\x03Hel"),
            server(b"\x89\x02hi"),
            server(b"\x80\x02lo"),
            client(b"\x8a\x02hi"),
            server(b"\x88\x05\x03\xe8bye"),
        ],
        Some(End::Fin),
    )
}

#[test]
fn a_ladder() {
    insta::assert_snapshot!(written(&rfc6455(), &BRIEF), @"");
}

#[test]
fn a_narrow_ladder() {
    insta::assert_snapshot!(written(&rfc6455(), &Options { width: 72, ..BRIEF }), @"");
}

#[test]
fn a_whole_conversation() {
    insta::assert_snapshot!(written(&rfc6455(), &Options::default()), @"");
}

fn hixie76() -> Trace {
    let request = b"GET /demo HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n\
        Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://example.com\r\n\r\n^n:ds[4U";
    let response = b"HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Origin: http://example.com\r\nSec-WebSocket-Location: ws://example.com/demo\r\n\r\n\
        8jKS'y:G*Co,Wxa-";
    trace(
        &[client(request), server(response), client("\u{0}Zürich".as_bytes()), client(b"\xff"), server(b"\xff\x00")],
        Some(End::Fin),
    )
}

#[test]
fn a_hixie_76_conversation() {
    insta::assert_snapshot!(written(&hixie76(), &Options::default()), @"");
}

#[test]
fn what_is_missing_and_what_nobody_understands() {
    let parts = [server(b"\x03\x00\x01binary"), (Side::Client, None), client(b"\x05\x01\x00\x00"), server(&[0xEE; 90])];
    insta::assert_snapshot!(written(&trace(&parts, Some(End::Reset)), &Options::default()), @"");
}

#[test]
fn fields_and_bytes_of_an_item() {
    let parts = [client(REQUEST), server(RESPONSE), server(b"\x81\x05Hello")];
    let text = written(&trace(&parts, None), &Options { fields: true, hex: true, ..BRIEF });
    let last = text.split_once("   3      #3").unwrap().1;
    insta::assert_snapshot!(last, @"");
}

#[test]
fn nothing_recorded() {
    assert_eq!(written(&Trace::default(), &BRIEF), "test.pcapng\n\nNo TCP connection was found.\n");
    assert!(written(&trace(&[], None), &BRIEF).contains("no bytes were sent"));
    let missing = written(&rfc6455(), &Options { conversation: Some(7), ..BRIEF });
    assert!(missing.ends_with("There is no conversation 7: they are numbered 1 to 1.\n"), "{missing}");
}

#[test]
fn rows_of_csv() {
    let mut out = Vec::new();
    csv::write_trace(&mut out, &rfc6455(), None).unwrap();
    csv::push_row(&mut out, 2, &hixie76().conversations[0], &hixie76().store, 2);
    csv::push_row(&mut out, 2, &hixie76().conversations[0], &hixie76().store, 99);
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"");
}

#[test]
fn item_by_item_is_the_same_as_all_at_once() {
    let options = Options::default();
    let mut trace = rfc6455();
    let mut whole = Vec::new();
    write_conversation(&mut whole, &trace, 0, &options).unwrap();
    let mut parts = Vec::new();
    write_heading(&mut parts, 1, &trace.conversations[0], &options).unwrap();
    let mut progress = Progress::default();
    for number in 0..trace.conversations[0].items.len() {
        write_item(&mut parts, 1, &trace.conversations[0], &trace.store, number, &mut progress, &options).unwrap();
    }
    write_ending(&mut parts, &trace.conversations[0], &options).unwrap();
    assert_eq!(String::from_utf8(parts).unwrap(), String::from_utf8(whole).unwrap());

    // An item that was let go of is passed over.
    trace.conversations[0].forget_before(3, 1);
    let mut out = Vec::new();
    write_item(&mut out, 1, &trace.conversations[0], &trace.store, 0, &mut progress, &options).unwrap();
    assert_eq!(out, b"");
}

#[test]
fn interleaved_items_name_their_conversation() {
    let text = written(&rfc6455(), &Options { interleaved: true, ..BRIEF });
    assert!(text.contains("\n     1.3      #3"), "{text}");
}

/// Frames, handshakes and noise, in any order.
fn any_part() -> impl Strategy<Value = (bool, Option<Vec<u8>>)> {
    let bytes = prop_oneof![
        Just(REQUEST.to_vec()),
        Just(RESPONSE.to_vec()),
        Just(b"<policy-file-request/>\0".to_vec()),
        Just(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec()),
        Just(b"\x88\x02\x03\xe8".to_vec()),
        prop::collection::vec(any::<u8>(), 1..60),
    ];
    (any::<bool>(), prop::option::weighted(0.9, bytes))
}

proptest! {
    #[test]
    fn whatever_was_recorded_does_nothing_to_a_terminal(
        parts in prop::collection::vec(any_part(), 0..12), ended: bool, brief: bool, width in 40..140usize,
    ) {
        let side = |client: &bool| if *client { Side::Client } else { Side::Server };
        let parts: Vec<(Side, Option<&[u8]>)> =
            [client(REQUEST), server(RESPONSE)].into_iter()
            .skip(if ended { 2 } else { 0 })
            .chain(parts.iter().map(|(who, bytes)| (side(who), bytes.as_deref()))).collect();
        let trace = trace(&parts, ended.then_some(End::Fin));
        let text = written(&trace, &Options { brief, width, fields: !brief, hex: ended, ..Options::default() });
        for line in text.lines() {
            prop_assert!(!line.chars().any(words::is_hidden), "{:?}", line);
            prop_assert_eq!(line.trim_end(), line);
        }
        let mut rows = Vec::new();
        csv::write_trace(&mut rows, &trace, None).unwrap();
        let rows = String::from_utf8(rows).unwrap();
        let items: usize = trace.conversations.iter().map(|talk| talk.items.len()).sum();
        prop_assert_eq!(rows.lines().count(), 1 + items);
        for row in rows.lines() {
            prop_assert_eq!(row.split(',').count(), csv::HEADER.split(',').count());
        }
    }
}
