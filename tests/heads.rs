//! Heads and opening handshakes that real software sends, and what must be said of them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::sync::Arc;

use framescope::capture;
use framescope::endpoint::{Client, ClientConfig, Event, Options, Server};
use framescope::export::json::About;
use framescope::export::text;
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Severity;
use framescope::trace::{self, Conversation, End, Handshake, MessageKind, Timestamp, Trace};
use framescope::wire::handshake::{Offer, Secret};
use framescope::words::Words;

/// A recording of `tests/reports`, read to its end.
struct Report {
    loader: capture::Loader,
}

impl Report {
    fn open(name: &str) -> Self {
        let path = format!("{}/tests/reports/{name}.pcap", env!("CARGO_MANIFEST_DIR"));
        let mut loader = capture::open(path, &capture::Options::default()).expect("the capture opens");
        loader.read_all().expect("the capture is whole");
        Self { loader }
    }

    fn trace(&self) -> &Trace {
        self.loader.trace()
    }

    fn talk(&self) -> &Conversation {
        &self.trace().conversations()[0]
    }

    /// What a terminal shows.
    fn text(&self) -> String {
        let mut out = Vec::new();
        let about = About { file: "x".to_owned(), packets: 0, link_types: Vec::new() };
        let options = text::Options { brief: true, ..text::Options::default() };
        text::write_trace(&mut out, &about, self.trace(), &options).expect("writing to memory");
        String::from_utf8(out).expect("text is UTF-8")
    }

    /// The rules that were broken, each with its severity, and the bytes of the item that are marked.
    fn found(&self) -> Vec<(&'static str, Severity, String)> {
        let talk = self.talk();
        let whole = talk.findings.iter().map(|found| (found.rule.id(), found.severity(), String::new()));
        let items = talk.item_findings.iter().map(|(number, found)| {
            let item = talk.items.get(*number as usize).expect("the item is there");
            let bytes = talk.bytes_of(&self.trace().store, item);
            let marked = found.bits.map(BitRange::byte_range).unwrap_or_default();
            let marked =
                String::from_utf8_lossy(&bytes[marked.start.min(bytes.len())..marked.end.min(bytes.len())]);
            (found.rule.id(), found.severity(), marked.into_owned())
        });
        whole.chain(items).collect()
    }

    /// The kinds of messages of a side.
    fn messages(&self, side: Side) -> Vec<MessageKind> {
        let messages = self.talk().messages.iter().map(|(_, message)| message);
        messages.filter(|message| message.side == side).map(|message| message.kind).collect()
    }
}

#[test]
fn a_method_in_small_letters_is_a_finding_and_costs_nothing_else() {
    let report = Report::open("method-lower-get");
    println!("{}", report.text());
    let expected = ("rfc6455.handshake.request-line", Severity::Error, "get".to_owned());
    assert_eq!(report.found(), [expected]);
    assert_eq!(report.talk().handshake, Handshake::Accepted);
    assert_eq!(report.messages(Side::Client), [MessageKind::Close]);
    assert_eq!(report.messages(Side::Server), [MessageKind::Text, MessageKind::Close]);
}

#[test]
fn a_control_character_in_a_head_is_a_finding_and_costs_nothing_else() {
    let report = Report::open("head-control-char");
    println!("{}", report.text());
    let found = report.found();
    let controls: Vec<_> = found.iter().filter(|(rule, ..)| *rule == "http.head.malformed").collect();
    assert_eq!(controls.len(), 3, "{found:?}");
    assert!(controls.iter().all(|(_, _, marked)| marked == "\u{1b}"), "{found:?}");
    assert_eq!(report.talk().protocol, Protocol::Rfc6455);
    assert_eq!(report.messages(Side::Client).last(), Some(&MessageKind::Close));
    assert!(!report.text().contains("never answered"));
    assert!(!report.text().contains('\u{1b}'), "nothing from the wire reaches the terminal as it is");
}

/// What a proxy is told before HTTP begins is an item of its own, with fields, and costs nothing that stands behind it.
#[test]
fn preludes_are_items_of_their_own() {
    for (name, preludes, fields, behind) in [
        (
            "proxy-protocol-v1",
            &["PROXY header, version 1"][..],
            &[("source address", "127.0.0.1"), ("destination port", "9002")][..],
            &[MessageKind::Binary, MessageKind::Binary, MessageKind::Close, MessageKind::Close][..],
        ),
        (
            "socks5",
            &["SOCKS5 greeting", "SOCKS5 method selection", "SOCKS5 request", "SOCKS5 reply"],
            &[("DST.ADDR", "echo"), ("DST.PORT", "80")],
            &[MessageKind::Text, MessageKind::Close, MessageKind::Close],
        ),
    ] {
        let report = Report::open(name);
        println!("{}", report.text());
        assert_eq!(report.found(), []);
        let [outer, inner] = report.trace().conversations() else { panic!("{name}") };
        let items: Vec<_> = (0..outer.items.len())
            .map(|number| trace::fields(outer, &report.trace().store, number).expect("an item"))
            .collect();
        assert_eq!(items.iter().map(|field| field.kind.name).collect::<Vec<_>>(), preludes);
        let leaves: Vec<_> = items.iter().flat_map(|field| field.leaves()).collect();
        for (field, value) in fields {
            let holds = |told: &str| told.trim_matches('"') == *value;
            let found = leaves
                .iter()
                .any(|leaf| leaf.kind.name == *field && holds(&Words::english().value(&leaf.value)));
            assert!(found, "{name}: {field}");
        }
        assert_eq!((inner.protocol, inner.handshake), (Protocol::Rfc6455, Handshake::Accepted));
        assert!(inner.item_findings.is_empty() && inner.findings.is_empty());
        let kinds: Vec<_> = inner.messages.iter().map(|(_, message)| message.kind).collect();
        assert_eq!(kinds, behind);
        assert_eq!(inner.state(), trace::State::Closed);
    }
}

#[test]
fn the_request_line_is_found_behind_empty_lines() {
    let report = Report::open("leading-crlf");
    println!("{}", report.text());
    assert_eq!(report.found(), []);
    assert!(report.text().contains("GET /chat HTTP/1.1"));
}

const ACCEPT: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// `rest` follows the request line.
fn request(line: &str, rest: &str) -> Vec<u8> {
    let text = format!(
        "{line}\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{rest}\r\n"
    );
    text.into_bytes()
}

/// Both sides' bytes, in pieces of this size.
fn talk_of(parts: &[(Side, &[u8])], piece: usize) -> Trace {
    let mut trace = Trace::default();
    let address = "127.0.0.1:80".parse().expect("an address");
    let talk = trace.open(address, address, false, 6);
    for (side, bytes) in parts {
        for bytes in bytes.chunks(piece) {
            trace.feed(talk, *side, bytes, Timestamp::default());
        }
    }
    for side in Side::BOTH {
        trace.end(talk, side, End::Fin, 0, Timestamp::default());
    }
    trace.finish();
    trace
}

/// Masked with zeros, a close frame without a code.
const CLIENT_CLOSE: &[u8] = &[0x88, 0x80, 0, 0, 0, 0];
const SERVER_CLOSE: &[u8] = &[0x88, 0x00];

#[test]
fn a_head_that_cannot_be_read_does_not_cost_the_frames_behind_it() {
    let large = format!("X: {}\r\n", "x".repeat(200_000));
    for (bad, rule) in [
        (request("G(T / HTTP/1.1", ""), "http.head.malformed"),
        (request(" GET / HTTP/1.1", ""), "http.head.malformed"),
        (request(&format!("{} / HTTP/1.1", "G".repeat(40)), ""), "http.head.malformed"),
        (request("GET / HTTP/1.1", &large), "http.head.too-large"),
    ] {
        for piece in [1, 7, usize::MAX] {
            if piece == 1 && bad.len() > 10_000 {
                continue;
            }
            let parts = [
                (Side::Client, &*bad),
                (Side::Server, ACCEPT),
                (Side::Server, SERVER_CLOSE),
                (Side::Client, CLIENT_CLOSE),
            ];
            let trace = talk_of(&parts, piece);
            let talk = &trace.conversations()[0];
            let found: Vec<_> = talk.item_findings.iter().map(|(_, found)| found.rule.id()).collect();
            assert_eq!(found, [rule], "{piece}");
            assert_eq!((talk.protocol, talk.handshake), (Protocol::Rfc6455, Handshake::Invalid));
            assert_eq!(talk.messages.iter().count(), 2, "{rule} {piece}");
        }
    }
}

#[test]
fn a_request_behind_one_that_cannot_be_read_is_read() {
    let bad = request("G(T / HTTP/1.1", "");
    let refused = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let good = request("GET / HTTP/1.1", "");
    for piece in [1, usize::MAX] {
        let parts = [
            (Side::Client, &*bad),
            (Side::Server, refused),
            (Side::Client, &*good),
            (Side::Server, ACCEPT),
            (Side::Client, CLIENT_CLOSE),
            (Side::Server, SERVER_CLOSE),
        ];
        let trace = talk_of(&parts, piece);
        let talk = &trace.conversations()[0];
        assert_eq!(talk.handshake, Handshake::Accepted);
        assert_eq!(talk.messages.iter().count(), 2);
    }
}

/// Other protocols that begin with letters are no broken HTTP.
#[test]
fn what_is_no_http_is_not_called_malformed() {
    for (client, server) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], &b"SSH-2.0-OpenSSH_9.2\r\n"[..]),
        (b"EHLO localhost\r\nQUIT\r\n", b"220 smtp ready\r\n"),
        (b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"),
        (b"quit", b"bye"),
    ] {
        for piece in [1, usize::MAX] {
            let trace = talk_of(&[(Side::Client, client), (Side::Server, server)], piece);
            let talk = &trace.conversations()[0];
            let found: Vec<_> = talk.item_findings.iter().map(|(_, found)| found.rule.id()).collect();
            assert!(found.iter().all(|rule| *rule == "stream.unparsed"), "{client:?}: {found:?}");
            assert_eq!(talk.protocol, Protocol::Unknown, "{client:?}");
        }
    }
}

#[test]
fn a_switch_that_nobody_asked_for_is_a_finding_and_frames_are_read() {
    let report = Report::open("unasked-101");
    println!("{}", report.text());
    let expected = ("http.upgrade.unasked", Severity::Error, "websocket".to_owned());
    assert_eq!(report.found(), [expected]);
    assert!(report.text().contains("The client never asked for a WebSocket"));
    assert_eq!((report.talk().protocol, report.talk().handshake), (Protocol::Rfc6455, Handshake::Invalid));
    assert_eq!(report.messages(Side::Server), [MessageKind::Text]);
}

#[test]
fn the_answer_upgrades_to_websocket_and_nothing_else() {
    for (name, marked) in [("upgrade-list", "h2c, websocket"), ("upgrade-twice", "Upgrade: websocket\r\n")] {
        let report = Report::open(name);
        println!("{}", report.text());
        let expected = ("rfc6455.handshake.response-upgrade", Severity::Error, marked.to_owned());
        assert_eq!(report.found(), [expected]);
        assert_eq!(report.talk().handshake, Handshake::Invalid);
        assert_eq!(report.messages(Side::Client), [MessageKind::Close]);
    }
}

#[test]
fn subprotocols_that_are_offered_are_tokens_and_each_once() {
    let rule = "rfc6455.handshake.subprotocol-offer";
    for (name, rule, severity, marked) in [
        ("offer-q_subproto_dup", rule, Severity::Error, "chat"),
        ("offer-q_subproto_space", rule, Severity::Error, "my chat"),
        ("offer-q_subproto_empty", rule, Severity::Error, ""),
        ("offer-q_subproto_emptyel", "http.list.empty-element", Severity::Note, ",,"),
    ] {
        let report = Report::open(name);
        println!("{}", report.text());
        assert_eq!(report.found(), [(rule, severity, marked.to_owned())], "{name}");
        assert_eq!(report.talk().handshake, Handshake::Accepted);
    }
}

#[test]
fn an_answer_with_an_empty_subprotocol_says_so() {
    let report = Report::open("words-empty-subprotocol");
    println!("{}", report.text());
    let expected = ("rfc6455.handshake.subprotocol", Severity::Error, String::new());
    assert_eq!(report.found(), [expected]);
    assert!(report.text().contains("Sec-WebSocket-Protocol is empty: it names no subprotocol"));
}

#[test]
fn a_101_announces_no_body() {
    let report = Report::open("101-transfer-encoding");
    println!("{}", report.text());
    let expected = ("http.transfer-encoding.no-body", Severity::Error, "chunked".to_owned());
    assert_eq!(report.found(), [expected]);
    assert_eq!(report.messages(Side::Server), [MessageKind::Text, MessageKind::Close]);
}

/// A request with these fields beside those of every opening request, and what is found in it.
fn offered(fields: &str) -> Vec<(&'static str, Severity, String)> {
    let request = request("GET / HTTP/1.1", fields);
    let trace = talk_of(&[(Side::Client, &*request), (Side::Server, ACCEPT)], usize::MAX);
    let found = trace.conversations()[0].item_findings.iter().map(|(_, found)| {
        let marked = &request[found.bits.map(BitRange::byte_range).unwrap_or_default()];
        (found.rule.id(), found.severity(), String::from_utf8_lossy(marked).into_owned())
    });
    found.collect()
}

#[test]
fn extensions_that_are_offered_are_checked_parameter_by_parameter() {
    let (error, warning, note) = (Severity::Error, Severity::Warning, Severity::Note);
    for (value, rule, severity, marked) in [
        ("permessage-deflate; foo", "rfc7692.offer.unknown-parameter", warning, "foo"),
        (
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "rfc7692.offer.parameter",
            error,
            "client_max_window_bits",
        ),
        (
            "x; y=1, permessage-deflate; server_max_window_bits=7",
            "rfc7692.offer.parameter",
            error,
            "server_max_window_bits=7",
        ),
        (
            "permessage-deflate; client_max_window_bits = \"16\"",
            "rfc7692.offer.parameter",
            error,
            "client_max_window_bits = \"16\"",
        ),
        (
            "permessage-deflate; server_max_window_bits",
            "rfc7692.offer.parameter",
            error,
            "server_max_window_bits",
        ),
        (
            "permessage-deflate; client_no_context_takeover=1",
            "rfc7692.offer.parameter",
            error,
            "client_no_context_takeover=1",
        ),
        ("a b", "rfc6455.handshake.extension", error, "b"),
        ("", "rfc6455.handshake.extension", error, ""),
        ("a,,b", "http.list.empty-element", note, ",,"),
    ] {
        let found = offered(&format!("Sec-WebSocket-Extensions: {value}\r\n"));
        assert_eq!(found, [(rule, severity, marked.to_owned())], "{value}");
    }
    for right in ["permessage-deflate; client_max_window_bits, permessage-deflate", "x-y; z=\"1\"; z"] {
        assert_eq!(offered(&format!("Sec-WebSocket-Extensions: {right}\r\n")), []);
    }
    assert_eq!(offered("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"), []);
    let twice = offered("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b, a\r\n");
    assert_eq!(twice, [("rfc6455.handshake.subprotocol-offer", error, "a".to_owned())]);
}

#[test]
fn what_is_agreed_is_checked_parameter_by_parameter() {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n\
                 Sec-WebSocket-Protocol: a, b\r\n";
    let sent = request("GET / HTTP/1.1", offer);
    for (field, value, rule, marked) in [
        (
            "Extensions",
            "permessage-deflate; server_max_window_bits=11",
            "rfc6455.handshake.extension",
            "server_max_window_bits=11",
        ),
        ("Extensions", "permessage-deflate", "rfc6455.handshake.extension", "permessage-deflate"),
        (
            "Extensions",
            "permessage-deflate; server_max_window_bits=10; foo",
            "rfc6455.handshake.extension",
            "foo",
        ),
        (
            "Extensions",
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
            "rfc6455.handshake.extension",
            "client_max_window_bits=9",
        ),
        (
            "Extensions",
            "permessage-deflate; server_max_window_bits=16",
            "rfc7692.window-bits",
            "server_max_window_bits=16",
        ),
        ("Extensions", "x-other; y", "rfc6455.handshake.extension", "x-other"),
        ("Protocol", "a, b", "rfc6455.handshake.subprotocol", "a, b"),
        ("Protocol", "a, c", "rfc6455.handshake.subprotocol", "c"),
        ("Protocol", "c", "rfc6455.handshake.subprotocol", "c"),
    ] {
        let mut answer = ACCEPT[..ACCEPT.len() - 2].to_vec();
        answer.extend(format!("Sec-WebSocket-{field}: {value}\r\n\r\n").bytes());
        let trace = talk_of(&[(Side::Client, &*sent), (Side::Server, &*answer)], usize::MAX);
        let talk = &trace.conversations()[0];
        let [(_, found)] = &talk.item_findings[..] else { panic!("{value}: {:?}", talk.item_findings) };
        let marked_here = &answer[found.bits.map(BitRange::byte_range).unwrap_or_default()];
        assert_eq!((found.rule.id(), std::str::from_utf8(marked_here)), (rule, Ok(marked)), "{value}");
        let said = Words::english().finding(found);
        let two = said.contains("2 subprotocols at once");
        assert_eq!(two, value == "a, b", "{said}");
    }
}

#[test]
fn chunks_behind_a_101_are_said_to_be_chunks() {
    let report = Report::open("101-really-chunked");
    println!("{}", report.text());
    let expected = [
        ("http.transfer-encoding.no-body", Severity::Error, "chunked".to_owned()),
        ("stream.unparsed", Severity::Warning, "5\r\n".to_owned()),
    ];
    assert_eq!(report.found(), expected);
    assert!(report.text().contains("these are chunks of HTTP, not frames: 5 is the size of the first"));
    assert_eq!(report.messages(Side::Client), [MessageKind::Close]);
    // However the bytes come.
    let mut answer = ACCEPT[..ACCEPT.len() - 2].to_vec();
    answer.extend(b"Transfer-Encoding: chunked\r\n\r\n");
    let sent = request("GET / HTTP/1.1", "");
    for (frames, chunked) in [
        (&b"2\r\n\x88\x00\r\n0\r\n\r\n"[..], true),
        (SERVER_CLOSE, false),
        (b"", false),
        (b"\x81\x02\r\n", false),
    ] {
        for piece in [1, 3, usize::MAX] {
            let trace =
                talk_of(&[(Side::Client, &sent), (Side::Server, &answer), (Side::Server, frames)], piece);
            let talk = &trace.conversations()[0];
            let found: Vec<_> = talk.item_findings.iter().map(|(_, found)| found.facts.which()).collect();
            assert_eq!(found.contains(&"chunks"), chunked, "{frames:?} {piece}: {found:?}");
            assert_eq!(talk.messages.iter().count(), usize::from(!chunked && !frames.is_empty()));
        }
    }
}

#[test]
fn http2_is_named_and_is_no_fault() {
    let report = Report::open("h2-prior");
    println!("{}", report.text());
    assert_eq!(report.talk().protocol, Protocol::Http2);
    assert_eq!(report.found(), [("http2.not-spoken", Severity::Note, String::new())]);
    let items: Vec<_> = report.talk().items.iter().map(|(_, item)| (item.kind.id(), item.length)).collect();
    assert_eq!(items[0], ("http-request", 24));
    let fields = trace::fields(report.talk(), &report.trace().store, 0).expect("an item");
    assert!(fields.tiles() && fields.find("http-body-surplus").is_none());

    // The same behind an upgrade.
    let asks = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
        HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    let switches = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    let parts = [
        (Side::Client, &asks[..]),
        (Side::Server, switches),
        (Side::Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (Side::Server, settings),
        (Side::Client, settings),
    ];
    for piece in [1, usize::MAX] {
        let trace = talk_of(&parts, piece);
        let talk = &trace.conversations()[0];
        assert_eq!((talk.protocol, talk.item_findings.len(), talk.findings.len()), (Protocol::Http2, 0, 1));
    }
}

#[test]
fn tls_in_answer_to_http_is_named_record_by_record() {
    let report = Report::open("tls-alert");
    println!("{}", report.text());
    let items: Vec<_> = report.talk().items.iter().map(|(_, item)| item.kind.id()).collect();
    assert_eq!(items, ["http-request", "tls-record"]);
    let found = report.found();
    let rules: Vec<_> = found.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(rules, ["handshake.incomplete", "tls.unasked", "tls.alert.fatal"]);
    assert!(report.text().contains("the server answers in TLS: this port is for wss:"));
    assert!(report.text().contains("protocol_version"));

    // The other way round: a ClientHello, and a server that speaks HTTP.
    let hello = {
        let body = [&[3, 3][..], &[0; 32], &[0, 0, 2, 0x13, 0x01, 1, 0]].concat();
        let message = [&[1, 0, 0, body.len() as u8][..], &body].concat();
        [&[22, 3, 1, 0, message.len() as u8][..], &message].concat()
    };
    let refused = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n";
    for piece in [1, usize::MAX] {
        let trace = talk_of(&[(Side::Client, &hello), (Side::Server, refused)], piece);
        let talk = &trace.conversations()[0];
        let items: Vec<_> = talk.items.iter().map(|(_, item)| item.kind.id()).collect();
        assert_eq!(items, ["tls-record", "http-response"]);
        let found: Vec<_> = talk.item_findings.iter().map(|(_, found)| found.rule.id()).collect();
        assert_eq!((talk.protocol, &found[..]), (Protocol::Tls, &["tls.unasked"][..]));
    }
}

/// What a server answers to these bytes, and what it tells of them.
fn served(bytes: &[u8]) -> (Vec<u8>, Vec<Event>) {
    let mut answers = Vec::new();
    for piece in [1, usize::MAX] {
        let mut server = Server::new(Arc::default());
        for bytes in bytes.chunks(piece) {
            server.receive(bytes);
        }
        let mut events = Vec::new();
        while let Some(event) = server.poll_event() {
            events.push(event);
        }
        answers.push((server.output().to_vec(), events));
    }
    let last = answers.pop().expect("two answers");
    assert_eq!(answers.first(), Some(&last));
    last
}

fn status(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer.get(9..12).unwrap_or_default()).into_owned()
}

#[test]
fn the_server_refuses_offers_and_requests_that_break_a_rule() {
    for (fields, wanted) in [
        ("Sec-WebSocket-Protocol: chat, chat\r\n", "400"),
        ("Sec-WebSocket-Protocol: my chat\r\n", "400"),
        ("Sec-WebSocket-Protocol: \r\n", "400"),
        ("Sec-WebSocket-Extensions: a b\r\n", "400"),
        ("X: a\u{1b}b\r\n", "400"),
        ("Sec-WebSocket-Protocol: a,,b\r\n", "101"),
        ("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n", "101"),
    ] {
        let (answer, _) = served(&request("GET / HTTP/1.1", fields));
        assert_eq!(status(&answer), wanted, "{fields:?}");
    }
    let (declined, _) =
        served(&request("GET / HTTP/1.1", "Sec-WebSocket-Extensions: permessage-deflate; x\r\n"));
    assert!(!String::from_utf8_lossy(&declined).contains("permessage-deflate"));
    for (line, wanted) in [
        ("get / HTTP/1.1", "400"),
        ("GET /\u{7} HTTP/1.1", "400"),
        ("\r\n\r\nGET / HTTP/1.1", "101"),
        ("GET / http/1.1", "400"),
    ] {
        assert_eq!(status(&served(&request(line, "")).0), wanted, "{line:?}");
    }
    // A page is not served to whom nobody can be sure to have understood.
    assert_eq!(status(&served(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n").0), "400");
}

#[test]
fn the_server_answers_other_protocols_so_that_they_understand_it() {
    let (answer, events) = served(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    assert_eq!(status(&answer), "505");
    let [Event::Refused { status: 505, findings }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(findings[0].rule.id(), "http2.not-spoken");
    // Upgrade is an offer, and may be passed over (RFC 9110 section 7.8).
    let (page, _) = served(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n");
    assert_eq!(status(&page), "200");
    let hello = [&[22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3][..], &[0; 32], &[0, 0, 2, 0x13, 0x01, 1, 0]].concat();
    let (alert, events) = served(&hello);
    assert_eq!(alert, [21, 3, 1, 0, 2, 2, 40]);
    let [Event::Failed { findings }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        Words::english().finding(&findings[0]),
        "The client begins with TLS, and this port speaks none: ws: is the address, not wss:"
    );
}

#[test]
fn the_client_fails_where_the_answer_breaks_a_rule() {
    let ask = || {
        let config =
            ClientConfig { offer: Offer::new(Protocol::Rfc6455, "a", "/"), options: Options::default() };
        Client::new(config, Secret::Hybi("dGhlIHNhbXBsZSBub25jZQ==".to_owned()), Box::new(|_| ()))
    };
    let listed = String::from_utf8_lossy(ACCEPT).replace("Upgrade: websocket", "Upgrade: h2c, websocket");
    let twice = String::from_utf8_lossy(ACCEPT).replace("\r\n\r\n", "\r\nUpgrade: websocket\r\n\r\n");
    for (answer, rule) in [
        (listed.as_bytes(), "rfc6455.handshake.response-upgrade"),
        (twice.as_bytes(), "rfc6455.handshake.response-upgrade"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "tls.unasked"),
        (b"\r\n\r\nHTTP/1.1 101 x\r\n\r\n", "http.head.malformed"),
    ] {
        let mut client = ask();
        client.receive(answer);
        let Some(Event::Failed { findings }) = client.poll_event() else { panic!("{rule}") };
        assert_eq!(findings[0].rule.id(), rule);
    }
    let mut client = ask();
    client.receive(ACCEPT);
    assert!(client.is_open());
}

/// A value of the wire that holds nothing is named: no sentence has a hole.
#[test]
fn an_empty_value_is_named_as_empty() {
    let sent = request("GET / HTTP/1.1", "Sec-WebSocket-Protocol: a\r\n");
    let answers = [
        String::from_utf8_lossy(ACCEPT).replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ""),
        String::from_utf8_lossy(ACCEPT).replace("Upgrade: websocket", "Upgrade:"),
        "HTTP/1.1 404 \r\n\r\n".to_owned(),
        "HTTP/1.1 \r\n\r\n".to_owned(),
    ];
    let requests = [
        String::from_utf8_lossy(&sent).replace("Version: 13", "Version:"),
        String::from_utf8_lossy(&sent).replace("dGhlIHNhbXBsZSBub25jZQ==", ""),
    ];
    let all = answers.iter().map(|answer| (&sent[..], answer.as_bytes()));
    let all = all.chain(requests.iter().map(|request| (request.as_bytes(), ACCEPT)));
    let mut seen = 0;
    for (request, answer) in all {
        let trace = talk_of(&[(Side::Client, request), (Side::Server, answer)], usize::MAX);
        for (_, found) in &trace.conversations()[0].item_findings {
            let said = Words::english().finding(found);
            assert!(
                !said.contains("  ") && !said.ends_with(' ') && !said.contains(" ,") && !said.contains(" :"),
                "{said}"
            );
            println!("{said}");
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}

#[test]
fn control_characters_of_the_wire_are_numbers_in_a_sentence() {
    let words = Words::english();
    assert_eq!(words.wire("a\u{1b}[2Jb\u{9b}"), "a\\x1b[2Jb\\u{9b}");
    assert_eq!(words.wire("chat"), "chat");
    assert_eq!(words.wire("a\u{202e}b"), "a\\u{202e}b");
    assert_eq!(words.wire(""), "(empty)");
    let (_, events) = served(&request("GET / HTTP/1.1", "Sec-WebSocket-Protocol: a\u{1b}b\r\n"));
    let [Event::Refused { findings, .. }] = &events[..] else { panic!("{events:?}") };
    assert!(findings.iter().all(|found| !words.finding(found).contains('\u{1b}')));
}

/// An input that somebody reported stands for a kind of mistake: a test names it, by its file or by its stem.
#[test]
fn every_report_is_named_in_a_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    let mut folders = vec![root.join("tests"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                tests += &std::fs::read_to_string(path).expect("source is text");
            }
        }
    }
    let mut unnamed = Vec::new();
    for entry in std::fs::read_dir(root.join("tests/reports")).expect("the reports") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default();
        // Those of one kind are read by a loop over their prefix, or named without it.
        let is_named = tests.contains(&name)
            || tests.contains(&format!("\"{stem}\""))
            || stem.starts_with("encap-") && tests.contains("\"encap-\"")
            || stem.strip_prefix("paste-").is_some_and(|form| tests.contains(&format!("(\"{form}\", ")));
        if !is_named {
            unnamed.push(name);
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:?}");
}
