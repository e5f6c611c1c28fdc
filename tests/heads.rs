//! Heads and opening handshakes that real software sends, and what must be said of them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use framescope::capture;
use framescope::export::json::About;
use framescope::export::text;
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Severity;
use framescope::trace::{Conversation, End, Handshake, MessageKind, Timestamp, Trace};

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
        trace.end(talk, side, End::Fin);
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
