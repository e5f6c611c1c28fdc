//! Extensions of every age, and what goes wrong with them: what is said of small recordings, as JSON says it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::net::SocketAddr;

use flate2::{Compress, Compression, FlushCompress};
use framescope::capture::{self, Loader};
use framescope::export::json::{self, About};
use framescope::export::text;
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{
    self, End, Handshake, ItemKind, Message, MessageKind, PayloadReader, Timestamp, Trace,
};
use serde_json::{Value, json};

fn read(name: &str) -> Loader {
    let path = format!("{}/tests/reports/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut loader = capture::open(path, &capture::Options::default()).unwrap();
    loader.read_all().unwrap();
    loader
}

fn about(loader: &Loader, name: &str) -> About {
    let summary = loader.summary();
    About { file: name.to_owned(), packets: summary.packets, link_types: summary.link_types.clone() }
}

/// What the document of a recording says.
fn document(name: &str) -> Value {
    let loader = read(name);
    let mut written = Vec::new();
    json::write_document(&mut written, &about(&loader, name), loader.trace(), json::Options::default())
        .unwrap();
    serde_json::from_slice(&written).unwrap()
}

/// The same as text, with its derivations.
fn told(name: &str) -> String {
    let loader = read(name);
    let mut told = Vec::new();
    text::write_trace(&mut told, &about(&loader, name), loader.trace(), &text::Options::default()).unwrap();
    String::from_utf8(told).unwrap()
}

/// The rules and the facts of all findings of a conversation.
fn findings(talk: &Value) -> Vec<(String, Value)> {
    let items = talk["items"].as_array().unwrap().iter();
    let all = items.flat_map(|item| item["findings"].as_array().unwrap());
    all.chain(talk["findings"].as_array().unwrap())
        .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["facts"].clone()))
        .collect()
}

/// The texts of a conversation, by side, each with whether something is wrong with it.
fn texts(talk: &Value) -> Vec<(&str, &str, bool)> {
    let texts = talk["messages"].as_array().unwrap().iter().filter(|message| message["type"] == "text");
    texts
        .map(|message| {
            let [from, text] = ["from", "text"].map(|key| message[key].as_str().unwrap());
            (from, text, message.get("error").is_some())
        })
        .collect()
}

#[test]
fn a_compressed_message_that_breaks_a_rule_is_shown_with_the_cause() {
    for (name, expected, facts, words) in [
        (
            "deflate-tail-left.pcap",
            [true, false],
            Value::Null,
            ["the sender left 00 00 FF FF at the end", "put nothing back: the sender left 00 00 FF FF on"],
        ),
        (
            "deflate-bfinal.pcap",
            [true, false],
            Value::Null,
            ["the byte 00 behind it is missing", "put nothing back: the stream ends with BFINAL"],
        ),
        (
            "deflate-keeps-window.pcap",
            [false, true],
            json!({ "distance": 5, "own": 1 }),
            ["only 1 byte of it stands before", "in an earlier message that was to be forgotten"],
        ),
    ] {
        let document = document(name);
        let talk = &document["conversations"][0];
        let wrong: Vec<_> = texts(talk);
        assert_eq!(wrong, expected.map(|wrong| ("server", "Hello", wrong)), "{name}");
        assert_eq!(findings(talk), [("rfc7692.inflate.failed".to_owned(), facts)], "{name}");
        let text = told(name).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in words {
            assert!(text.contains(words), "{name}: {words}\n{text}");
        }
        assert_eq!(text.matches("compressed \"Hello\"").count(), 2, "{name}");
    }
}

#[test]
fn frames_that_are_compressed_each_by_itself_are_inflated() {
    for name in ["ext-deflate-frame.pcap", "ext-webkit-deflate.pcap"] {
        let document = document(name);
        let talk = &document["conversations"][0];
        assert_eq!(findings(talk), [], "{name}");
        assert!(!texts(talk).is_empty());
        for text in texts(talk) {
            assert_eq!(text, ("server", "Hello", false), "{name}");
        }
        assert!(told(name).contains("what the frame carries"), "{name}");
    }
}

#[test]
fn netty_speaks_x_webkit_deflate_frame() {
    // Its messages are in `vectors/messages.json`.
    let document = document("../../captures/rfc-netty-webkit-deflate-frame.pcap");
    let talk = &document["conversations"][0];
    assert_eq!((findings(talk), &talk["extensions"]), (vec![], &json!(["x-webkit-deflate-frame"])));
}

#[test]
fn what_an_unknown_extension_made_is_its_own() {
    let document = document("ext-bzip2.pcap");
    let talk = &document["conversations"][0];
    let said = json!({ "name": "permessage-bzip2" });
    assert_eq!(findings(talk), [("rfc6455.extension.unknown".to_owned(), said)]);
    let message = &talk["messages"][0];
    assert_eq!((&message["coded_by"], message.get("text")), (&json!("permessage-bzip2"), None));
    let told = told("ext-bzip2.pcap");
    assert!(told.contains("RSV1, by permessage-bzip2  42 5a"), "{told}");
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A connection on which an extension was agreed, and what each side sent behind the handshake, in pieces.
fn spoken(version: u8, extension: &str, sent: [&[u8]; 2], piece: usize) -> Trace {
    let request = format!(
        "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:19109\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Origin: http://127.0.0.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Extensions: {extension}\r\n\r\n"
    );
    let request = if version == 13 { request.replace("Sec-WebSocket-Origin", "Origin") } else { request };
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: {extension}\r\n\r\n"
    );
    let mut trace = Trace::default();
    let [client, server] = [50_000, 19_109].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let talk = trace.open(client, server, false, 6);
    trace.feed(talk, Side::Client, request.as_bytes(), Timestamp(0));
    trace.feed(talk, Side::Server, response.as_bytes(), Timestamp(1));
    let mut time = 1;
    for (side, bytes) in Side::BOTH.into_iter().zip(sent) {
        for piece in bytes.chunks(piece) {
            time += 1;
            trace.feed(talk, side, piece, Timestamp(time));
        }
    }
    for side in Side::BOTH {
        trace.end(talk, side, End::Fin, 0, Timestamp(time + 1));
    }
    trace.finish();
    trace
}

/// The texts of a conversation's messages, with their side; of other messages, their kind.
fn said(trace: &Trace, conversation: usize) -> Vec<(Side, String)> {
    let talk = &trace.conversations()[conversation];
    let mut reader = PayloadReader::default();
    let message = |(number, message): (usize, &Message)| {
        let text = match message.kind {
            MessageKind::Text => reader.text(talk, &trace.store, number).unwrap().unwrap(),
            kind => kind.id().to_owned(),
        };
        (message.side, text)
    };
    let mut said: Vec<_> = talk.messages.iter().map(message).collect();
    said.sort_by_key(|(side, _)| side.index());
    said
}

/// Every byte of both sides is in an item, and the fields of each tile it.
fn check_tiles(trace: &Trace, conversation: usize) {
    let talk = &trace.conversations()[conversation];
    let mut at = [0; 2];
    let mut reader = PayloadReader::default();
    for (number, item) in talk.items.iter() {
        let place = &mut at[item.side.index()];
        assert_eq!(item.offset, *place);
        *place += item.length;
        let field = trace::fields(talk, &trace.store, number).unwrap();
        assert!(field.tiles() && field.bits.len() == item.length * 8, "{field:?}");
        trace::derivations_in_order(talk, &trace.store, number, &mut reader);
    }
    assert_eq!(at, Side::BOTH.map(|side| talk.stream(side).end()));
}

fn rules(trace: &Trace, conversation: usize) -> Vec<&'static str> {
    let talk = &trace.conversations()[conversation];
    let found = talk.item_findings.iter().map(|(_, finding)| finding).chain(&talk.findings);
    found.map(|finding| finding.rule.id()).collect()
}

#[test]
fn pywebsocket_speaks_deflate_frame_also_on_continuations() {
    let client = hex(
        "c1877471932386395eeabd7693c18501014070f3015170014184aa7f74d2a86d74d2c0849c448e1d568d891d8981c9b152
                      4cb988826b04990268ec",
    );
    let server = hex("c107f248cdc9c90700c105f200110000c104021300008a0170880203e8");
    for piece in [1, 7, 1000] {
        let trace = spoken(13, "deflate-frame", [&client, &server], piece);
        let texts = ["Hello", "Hello", "Hello"].map(str::to_owned);
        let both = [Side::Client, Side::Server].map(|side| {
            let own = said(&trace, 0).into_iter().filter(|(from, _)| *from == side);
            own.map(|(_, text)| text).collect::<Vec<_>>()
        });
        let with = |more: &[&str]| {
            [&texts[..], &more.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>()].concat()
        };
        assert_eq!(both, [with(&["ping", "close"]), with(&["pong", "close"])]);
        assert!(rules(&trace, 0).is_empty(), "{:?}", rules(&trace, 0));
        check_tiles(&trace, 0);
    }
    // The window that the answer allows the client is small; RSV1 on a control frame is still wrong.
    let trace =
        spoken(13, "deflate-frame; no_context_takeover", [&hex("c1800102030491800102030"), &server], 50);
    assert!(rules(&trace, 0).contains(&"rfc7692.inflate.failed"), "{:?}", rules(&trace, 0));
    let ping = hex("c98001020304");
    let trace = spoken(13, "deflate-frame", [&ping, &[]], 50);
    assert!(rules(&trace, 0).contains(&"rfc7692.rsv1.position"), "{:?}", rules(&trace, 0));
}

#[test]
fn bits_of_a_message_are_traced_to_the_frame_that_carried_them() {
    // Hel, compressed; l, as it is; o, compressed: the window knows l already.
    let server = hex("41 05 f248cd0100 00 01 6c c0 03 ca0700");
    let trace = spoken(13, "deflate-frame", [&[], &server], 100);
    assert_eq!(said(&trace, 0), [(Side::Server, "Hello".to_owned())]);
    let talk = &trace.conversations()[0];
    let items: Vec<usize> =
        trace::frames_of(talk, talk.messages.get(0).unwrap()).map(|(item, _)| item).collect();
    for (byte, item) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2)] {
        let origin = trace::origin(talk, &trace.store, 0, BitRange::bytes(byte, byte + 1));
        assert!(
            !origin.is_empty() && origin.iter().all(|(from, _)| *from == items[item]),
            "{byte}: {origin:?}"
        );
    }
    assert_eq!(
        trace::origin(talk, &trace.store, 0, BitRange::bytes(3, 4)),
        [(items[1], BitRange::bytes(2, 3))]
    );
}

#[test]
fn pywebsocket_speaks_deflate_stream() {
    let client = hex(
        "6a6c8d696713177994556d0c000000ffff6a6cad6037c936488a601707000000ffffea6852f774d0525908000000ffff",
    );
    let server = hex("6a64f548cdc9c907000000ffff6a845000000000ffffea60627e01000000ffff");
    for piece in [1, 5, 1000] {
        let trace = spoken(8, "deflate-stream", [&client, &server], piece);
        let [carrier, talk] = trace.conversations() else { panic!("two conversations") };
        assert_eq!(
            (talk.layer.id(), talk.protocol, talk.handshake),
            ("deflate-stream", Protocol::Hybi8, Handshake::Accepted)
        );
        let expected = [Side::Client, Side::Server]
            .map(|side| ["Hello", "Hello", "close"].map(|text| (side, text.to_owned())))
            .concat();
        assert_eq!(said(&trace, 1), expected);
        assert!(rules(&trace, 0).is_empty() && rules(&trace, 1).is_empty());
        check_tiles(&trace, 0);
        check_tiles(&trace, 1);
        // An item of the compressed stream is what was flushed, and a frame knows the bytes that it came out of.
        let pieces = carrier.items.iter().filter(|(_, item)| item.kind == ItemKind::DeflateStream);
        let pieces: Vec<_> = pieces.map(|(_, item)| (item.side, item.length)).collect();
        let lengths = |side| {
            pieces
                .iter()
                .filter(move |(from, _)| *from == side)
                .map(|(_, length)| *length)
                .collect::<Vec<_>>()
        };
        assert_eq!((lengths(Side::Client), lengths(Side::Server)), (vec![17, 17, 14], vec![13, 9, 10]));
        let begin = carrier.carried_from.unwrap()[1];
        let frames = talk.items.iter().filter(|(_, item)| item.side == Side::Server);
        let from: Vec<_> = frames
            .map(|(_, item)| talk.carrier.as_ref().unwrap().bytes_of(Side::Server, item.range()).unwrap())
            .map(|range| (range.start - begin, range.end - begin))
            .collect();
        for ((from, to), (first, last)) in from.into_iter().zip([(0, 13), (13, 22), (22, 32)]) {
            assert!(first <= from && to <= last, "{from}..{to}");
        }
        assert_eq!(trace.alone(1).unwrap().conversations()[0].messages.len(), 6);
    }
}

#[test]
fn libwebsockets_wrote_its_stream_in_the_format_of_zlib_with_partial_flushes() {
    let loader = read("../../captures/hybi6-lws-deflate-stream.pcap");
    let trace = loader.trace();
    let talk = trace.conversations().last().unwrap();
    assert_eq!(talk.layer.id(), "deflate-stream");
    let server = talk.stream(Side::Server);
    let bytes: Vec<u8> =
        server.chunks().iter().flat_map(|(_, chunk)| chunk.bytes(&trace.store).to_vec()).collect();
    assert!(
        bytes.starts_with(b"\x84\x05Hello\x84\x0c") && bytes.ends_with(b"\x81\x02\x03\xe8"),
        "{bytes:02x?}"
    );
    check_tiles(trace, 0);
    check_tiles(trace, 1);
}

/// A stream of one side, flushed behind each part.
fn deflated(parts: &[&[u8]], zlib: bool) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::best(), zlib);
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 100).sum());
    for part in parts {
        deflate.compress_vec(part, &mut out, FlushCompress::Sync).unwrap();
    }
    out
}

#[test]
fn a_deflate_stream_that_breaks_is_said_where_it_breaks() {
    let hello = b"\x81\x05Hello";
    // The format of zlib, as libwebsockets wrote it at first.
    let zlib = deflated(&[hello, hello], true);
    let trace = spoken(8, "deflate-stream", [&[], &zlib], 4);
    assert_eq!(said(&trace, 1).len(), 2);
    assert_eq!(rules(&trace, 0), ["hybi.deflate-stream.header"]);
    check_tiles(&trace, 0);
    // No DEFLATE behind the first frame.
    let broken = [deflated(&[hello], false), b"\x07Hello".to_vec()].concat();
    for piece in [1, 1000] {
        let trace = spoken(8, "deflate-stream", [&[], &broken], piece);
        assert_eq!(said(&trace, 1), [(Side::Server, "Hello".to_owned())]);
        assert_eq!(rules(&trace, 0), ["hybi.deflate-stream.broken"]);
        check_tiles(&trace, 0);
        check_tiles(&trace, 1);
    }
    // Frames as they are: nobody compressed them.
    let trace = spoken(8, "deflate-stream", [&[], b"\x87\x05Hello"], 1000);
    assert_eq!(rules(&trace, 0), ["hybi.deflate-stream.broken"]);
    check_tiles(&trace, 0);
}

#[test]
fn a_bomb_in_a_deflate_stream_stops_at_the_limit() {
    let spaces = vec![b' '; 1 << 20];
    let header = [0x81, 0x7F, 0, 0, 0, 0, 1, 0, 0, 0];
    let bomb = deflated(&[&[&header[..]], &[&spaces[..]; 16][..]].concat(), false);
    let trace = spoken(8, "deflate-stream", [&[], &bomb], 1 << 16);
    assert!(rules(&trace, 0).contains(&"rfc7692.inflate.limit"));
    let inflated = trace.conversations()[1].stream(Side::Server).end();
    let most = (4 << 20) + 32 * bomb.len() as u64;
    assert!(inflated <= most && inflated > most / 2, "{inflated} of {most}");
}
