//! What the specifications say, line by line, of what the program once said otherwise: a list of mistakes that were
//! found by reading the texts beside it. Each case fails where the mistake comes back.
//!
//! Cases of one kind stand in one table: bytes and what is to be found in them, what an endpoint does,
//! what is explained. What the book tells has its table in `facts/book.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

#[path = "facts/book.rs"]
mod book;

use std::net::SocketAddr;
use std::sync::Arc;

use framescope::endpoint::{Client, ClientConfig, Event, Options, Server, ServerConfig, seeded};
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::{Finding, Reaction, Rule};
use framescope::trace::{End, Store, Timestamp, Trace};
use framescope::wire::handshake::{Offer, Secret};
use framescope::words::Words;

use Protocol::{Hixie75, Hixie76, Hybi7, Hybi8, Rfc6455};
use Side::{Client as C, Server as S};

/// What a case expects.
#[derive(Clone, Copy)]
enum Expect {
    /// `severity rule [section]`.
    Says(&'static str),
    /// The rule is not named.
    Silent(&'static str),
}

use Expect::{Says, Silent};

/// Who sends which bytes, in this order.
type Script<'a> = &'a [(Side, &'a [u8])];

/// The findings of a conversation whose bytes came in this order, each as `severity rule [section]`.
fn findings(mut trace: Trace, talk: usize, script: Script<'_>) -> Vec<String> {
    for (at, (side, bytes)) in (0i64..).zip(script) {
        trace.feed(talk, *side, bytes, Timestamp(at * 1_000_000));
    }
    // What is missing is told only of a side whose end is there.
    for side in Side::BOTH {
        trace.end(talk, side, End::Fin, 0, Timestamp(60_000_000_000));
    }
    trace.finish();
    let talk = trace.conversation(talk).unwrap();
    let of_items = talk.item_findings.iter().map(|(_, finding)| finding);
    of_items.chain(&talk.findings).map(told).collect()
}

fn told(finding: &Finding) -> String {
    format!("{} {} [{}]", finding.severity(), finding.rule, finding.section())
}

#[track_caller]
fn check(line: &str, found: &[String], expected: &[Expect]) {
    for expect in expected {
        match *expect {
            Says(said) => {
                assert!(found.iter().any(|found| found == said), "line {line}: no `{said}` in {found:?}");
            }
            Silent(rule) => {
                let named = found.iter().any(|found| found.split(' ').nth(1) == Some(rule));
                assert!(!named, "line {line}: {rule} in {found:?}");
            }
        }
    }
}

/// Frames behind a handshake that is not looked at.
#[track_caller]
fn frames(line: &str, protocol: Protocol, script: Script<'_>, expected: &[Expect]) {
    let mut trace = Trace::new(Store::default());
    let talk = trace.open_as(protocol, None);
    check(line, &findings(trace, talk, script), expected);
}

/// A whole conversation.
#[track_caller]
fn whole(line: &str, script: Script<'_>, expected: &[Expect]) {
    let mut trace = Trace::new(Store::default());
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(address(50000), address(80), false, 6);
    check(line, &findings(trace, talk, script), expected);
}

const DATA_AFTER: &str = "rfc6455.close.data-after";

#[test]
fn control_frames_may_follow_a_close_frame() {
    let pong = &[0x88, 0x02, 0x03, 0xE8, 0x8A, 0x00][..];
    let text = &[0x88, 0x02, 0x03, 0xE8, 0x81, 0x00][..];
    for protocol in [Hybi7, Hybi8, Rfc6455] {
        frames("1", protocol, &[(S, pong)], &[Silent(DATA_AFTER)]);
        frames(
            "1",
            protocol,
            &[(S, text)],
            &[Says("error rfc6455.close.data-after [RFC 6455 section 5.5.1]")],
        );
    }
    // A ping behind the sender's own close frame is fine, and nobody owes the pong once that close frame is there.
    let closed = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8, 0x89, 0x80, 0, 0, 0, 0];
    frames("1", Rfc6455, &[(C, &closed), (S, &[0x88, 0x02, 0x03, 0xE8])], &[Silent(DATA_AFTER)]);
}

#[test]
fn a_ping_is_answered_until_the_peers_close_frame_is_there() {
    for protocol in [Hybi7, Hybi8, Rfc6455] {
        let (mut client, mut server) = opened(protocol);
        server.close(Some(1000), "").unwrap();
        client.ping(b"hi").unwrap();
        server.receive(&client.take_output());
        let sent = server.take_output();
        assert_eq!(sent, [0x88, 0x02, 0x03, 0xE8, 0x8A, 0x02, b'h', b'i'], "{protocol}");
        // Behind the peer's close frame it is not.
        let (mut client, mut server) = opened(protocol);
        client.close(Some(1000), "").unwrap();
        server.receive(&client.take_output());
        server.take_output();
        server.receive(&[0x89, 0x80, 0, 0, 0, 0]);
        assert!(server.take_output().is_empty(), "{protocol}");
    }
}

/// A client and a server that have shaken hands.
fn opened(protocol: Protocol) -> (Client, Server) {
    let mut client = client(protocol);
    let mut server = Server::new(Arc::new(ServerConfig::default()));
    server.receive(&client.take_output());
    client.receive(&server.take_output());
    assert!(client.is_open() && server.is_open(), "{protocol}");
    while client.poll_event().is_some() || server.poll_event().is_some() {}
    (client, server)
}

fn client(protocol: Protocol) -> Client {
    let offer = Offer {
        protocol,
        resource: "/".to_owned(),
        host: "example.com".to_owned(),
        secure: false,
        origin: Some("http://example.com".to_owned()),
        subprotocols: Vec::new(),
        extensions: Vec::new(),
        headers: Vec::new(),
    };
    let mut random = seeded(1);
    let secret = Secret::random(protocol, &mut *random);
    Client::new(ClientConfig { offer, options: Options::default() }, secret, random)
}

#[test]
fn rules_hold_in_the_drafts_that_have_them() {
    let long = &[0x81, 0x7E, 0x00, 0x05, b'H', b'e', b'l', b'l', b'o'][..];
    let minimal = "rfc6455.length.minimal";
    frames("2", Hybi7, &[(S, long)], &[Silent(minimal)]);
    frames("2", Hybi8, &[(S, long)], &[Silent(minimal)]);
    frames("2", Rfc6455, &[(S, long)], &[Says("error rfc6455.length.minimal [RFC 6455 section 5.2]")]);
    let close = |code: u16| [&[0x88, 0x02][..], &code.to_be_bytes()].concat();
    let range = "rfc6455.close.code-range";
    for protocol in [Hybi7, Hybi8] {
        frames("2", protocol, &[(S, &close(1004))], &[Silent(range)]);
        frames(
            "2",
            protocol,
            &[(S, &close(1008))],
            &[Says("warning rfc6455.close.code-range [RFC 6455 section 7.4.2]")],
        );
    }
    frames(
        "2",
        Rfc6455,
        &[(S, &close(1004))],
        &[Says("error rfc6455.close.code-range [RFC 6455 section 7.4.2]")],
    );
    frames("2", Rfc6455, &[(S, &close(1008))], &[Silent(range)]);
    frames("2", Hybi7, &[(S, &close(1005))], &[Silent("rfc6455.close.reserved-code")]);
    frames(
        "2",
        Hybi8,
        &[(S, &close(1005))],
        &[Says("error rfc6455.close.reserved-code [RFC 6455 section 7.4.1]")],
    );
    // Version 8 stands for hybi-08 to -12: what came in the midst of them is a warning there.
    for (frame, rule) in [
        (&[0xC1, 0x00][..], "rfc6455.frame.rsv-without-extension [RFC 6455 section 5.2]"),
        (&[0x83, 0x00], "rfc6455.frame.reserved-opcode [RFC 6455 section 5.2]"),
        (&[0x81, 0x01, 0xFF], "rfc6455.text.invalid-utf8 [RFC 6455 section 8.1]"),
        (&[0x81, 0x80, 0, 0, 0, 0], "rfc6455.mask.server-must-not-mask [RFC 6455 section 5.1]"),
    ] {
        for (protocol, severity) in [(Hybi7, "warning"), (Hybi8, "warning"), (Rfc6455, "error")] {
            let said: &'static str = format!("{severity} {rule}").leak();
            frames("2", protocol, &[(S, frame)], &[Says(said)]);
        }
    }
    // A server closes on a frame without a mask since hybi-07.
    for protocol in [Hybi7, Hybi8, Rfc6455] {
        frames(
            "2",
            protocol,
            &[(C, &[0x81, 0x00])],
            &[Says("error rfc6455.mask.client-must-mask [RFC 6455 section 5.1]")],
        );
    }
    explained("2", "rfc6455.length.minimal", &["hybi-14 to RFC 6455"]);
    explained("2", "rfc6455.frame.rsv-without-extension", &["hybi-09 to RFC 6455", "from hybi-01 on"]);
}

#[track_caller]
fn explained(line: &str, rule: &str, says: &[&str]) {
    let words = Words::english();
    let rule = Rule::from_id(rule).unwrap();
    let versions = words.versions(rule).unwrap_or_default();
    let text = format!("{} {} {versions} {}", words.title(rule), words.why(rule), words.consequence(rule));
    for said in says {
        assert!(text.contains(said), "line {line}: {rule}: {text}");
    }
}

const ASK_75: &[u8] =
    b"GET /demo HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: example.com\r\n\
    Origin: http://example.com\r\n\r\n";

fn answer_75(beginning: &str) -> Vec<u8> {
    let rest = "WebSocket-Origin: http://example.com\r\nWebSocket-Location: ws://example.com/demo\r\n\r\n";
    format!("{beginning}{rest}").into_bytes()
}

/// 44 bytes, then 41.
const FIXED: &str =
    "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n";

#[test]
fn the_answer_of_hixie_75_is_compared_byte_by_byte() {
    assert_eq!(FIXED.len(), 44 + 41);
    let fixed = "error hixie75.answer.fixed [draft-hixie-thewebsocketprotocol-75 section 4.1]";
    whole("4", &[(C, ASK_75), (S, &answer_75(FIXED))], &[Silent("hixie75.answer.fixed")]);
    for beginning in [
        "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n",
        "HTTP/1.0 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n",
        "HTTP/1.1 101 Web Socket Protocol Handshake\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n",
        "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        "HTTP/1.1 101 Web Socket Protocol Handshake\r\nServer: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n",
        "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade:  WebSocket\r\nConnection: Upgrade\r\n",
    ] {
        let answer = answer_75(beginning);
        whole("4", &[(C, ASK_75), (S, &answer)], &[Says(fixed), Silent("hixie.handshake.upgrade")]);
        let mut client = client(Hixie75);
        let request = String::from_utf8(client.take_output()).unwrap();
        assert!(request.starts_with("GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: "));
        client.receive(&String::from_utf8(answer).unwrap().replace("/demo", "/").into_bytes());
        assert!(!client.is_open(), "{beginning}");
    }
    // Later answers are read as HTTP: neither words nor order matter.
    whole(
        "4",
        &[(C, ASK_76), (S, &answer_76("Fine"))],
        &[Silent("hixie.handshake.upgrade"), Silent("hixie75.answer.fixed")],
    );
}

/// The example of draft-hixie-76 section 1.3.
const ASK_76: &[u8] = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nHost: example.com\r\nUpgrade: WebSocket\r\n\
    Sec-WebSocket-Key1: 3e6b263  4 17 80\r\nOrigin: http://example.com\r\n\
    Sec-WebSocket-Key2: 17  9 G`ZD9   2 2b 7X 3 /r90\r\n\r\nWjN}|M(6";

fn answer_76(words: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 101 {words}\r\nSec-WebSocket-Location: ws://example.com/\r\nConnection: Upgrade\r\n\
         Upgrade: WebSocket\r\nSec-WebSocket-Origin: http://example.com\r\n\r\nn`9eBk9z$R8pOtVb"
    )
    .into_bytes()
}

#[test]
fn bad_utf8_of_hixie_is_the_clients_to_replace() {
    let bad = &[0x00, 0xC3, 0x28, 0xFF][..];
    for (protocol, sender, said) in [
        (Hixie75, S, "warning hixie.text.invalid-utf8 [draft-hixie-thewebsocketprotocol-75 section 4.4]"),
        (Hixie76, S, "warning hixie.text.invalid-utf8 [draft-hixie-thewebsocketprotocol-76 section 4.3]"),
        (Hixie75, C, "warning hixie.text.invalid-utf8 [draft-hixie-thewebsocketprotocol-75 section 5.4]"),
        (Hixie76, C, "warning hixie.text.invalid-utf8 [draft-hixie-thewebsocketprotocol-76 section 5.4]"),
    ] {
        frames("7", protocol, &[(sender, bad)], &[Says(said)]);
    }
    let sentence = |side| {
        let mut trace = Trace::new(Store::default());
        let talk = trace.open_as(Hixie76, None);
        trace.feed(talk, side, bad, Timestamp(0));
        trace.finish();
        let talk = trace.conversation(talk).unwrap();
        Words::english().finding(&talk.item_findings[0].1)
    };
    assert!(sentence(S).contains("the client reads it as U+FFFD"), "{}", sentence(S));
    assert!(sentence(C).contains("not defined"), "{}", sentence(C));
    explained(
        "7",
        "hixie.text.invalid-utf8",
        &["A client must", "For a server the drafts leave it undefined"],
    );
}

#[test]
fn all_frame_types_of_hixie_that_nobody_defined_are_alike() {
    for (protocol, name) in [(Hixie75, "75"), (Hixie76, "76")] {
        for (sender, section) in [(S, "4.2"), (C, "5.3")] {
            for (frame, rule) in [
                (&[0x01, b'x', 0xFF][..], "hixie.frame.unknown-type"),
                (&[0x80, 0x01, b'x'], "hixie.frame.binary"),
                (&[0xFF, 0x01, b'x'], "hixie.frame.binary"),
            ] {
                let said =
                    format!("error {rule} [draft-hixie-thewebsocketprotocol-{name} section {section}]");
                frames("8, 15", protocol, &[(sender, frame)], &[Says(said.leak())]);
            }
        }
    }
    let unknown = "hixie.frame.unknown-type";
    frames("8", Hixie76, &[(S, &[0xFF, 0x00])], &[Silent("hixie.frame.binary"), Silent(unknown)]);
}

#[test]
fn what_fields_and_rules_say_is_true() {
    let words = Words::english();
    for (line, id, says, never) in [
        ("6", "field-key3.why", "speaks HTTP", "script"),
        ("6", "field-key3", "behind the head", "script"),
        ("6", "field-handshake-body.why", "a form's POST", "A proxy or a script"),
        ("6", "rule-hixie76_key3_short", "intermediary", "script"),
        ("7", "field-hixie-text.breaks", "A client reads", "shown as U+FFFD by the reader"),
        ("9", "field-close-code.v1015", "1006", "reported by an API"),
        ("11", "field-policy-request.breaks", "loadPolicyFile", "gives up"),
        ("12", "field-extended-payload-length-16.breaks", "may refuse", "must be refused"),
        ("14", "rule-hixie_length_overflow", "The drafts set no limit", "must"),
        ("14", "rule-http_head_too-large", "breaks no rule", "must not"),
        ("14", "rule-rfc6455_pong_payload-differs", "is allowed", "must"),
        ("doubtful", "field-http-reason.why", "hixie-75 alone", "The drafts even fixed"),
        ("doubtful", "field-tcp-ack", "RST", "in every segment but the first."),
        (
            "doubtful",
            "rule-rfc6455_close_code-range",
            "Of 5000 and above the specification says nothing",
            "4999",
        ),
        ("missing 13", "field-close-reason.why", "must not be shown to end users", "to the user"),
        ("9", "rule-rfc6455_close_reserved-code", "1015 for TLS that failed", "an API reports"),
        ("2", "field-close-code.v1004", "hybi-06 to hybi-12", "only"),
        ("2", "field-mask.breaks", "since hybi-15", "and a client when a server does (1002)"),
    ] {
        let text = words.text(id);
        assert!(text.contains(says) && !text.contains(never), "line {line}: {id}: {text}");
    }
}

/// The same facts where a lesson tells them.
#[test]
fn lessons_say_what_is_true() {
    for (line, lesson, says, never) in [
        ("9", "close-codes", "(A page hears 1006 for the last, too.)", "for the API alone"),
        ("13", "hixie-76-by-hand", "the server would have to drop the connection", "refuse"),
        ("4", "hixie-75-first-words", "There is no key.", "any words"),
    ] {
        let path = format!("{}/assets/lessons/{lesson}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(says) && !text.contains(never), "line {line}: {lesson}");
    }
}

#[test]
fn a_bad_key_of_hixie_76_ends_the_connection_without_a_word() {
    for (line, from, to) in [
        ("13", "Sec-WebSocket-Key1: 3e6b263  4 17 80", "Sec-WebSocket-Key1: 3e6b26341780"),
        ("13", "Sec-WebSocket-Key1: 3e6b263  4 17 80", "Sec-WebSocket-Key1: 3e6b263  4 17 81"),
        ("13", "Upgrade: WebSocket", "Upgrade: HTTP/2.0"),
    ] {
        let request = String::from_utf8(ASK_76.to_vec()).unwrap().replace(from, to);
        let mut server = Server::new(Arc::new(ServerConfig::default()));
        server.receive(request.as_bytes());
        assert_eq!(server.take_output(), b"", "line {line}: {to}");
        assert!(server.wants_close(), "line {line}: {to}");
        let failed =
            std::iter::from_fn(|| server.poll_event()).any(|event| matches!(event, Event::Failed { .. }));
        assert!(failed, "line {line}: {to}");
    }
    for rule in ["no-spaces", "not-multiple", "number-too-large", "count"] {
        let rule = Rule::from_id(&format!("hixie76.key.{rule}")).unwrap();
        assert_eq!(rule.reaction(), Reaction::Drop, "{rule}");
    }
    let limit = Rule::from_id("hixie76.key.number-too-large").unwrap();
    assert_eq!(limit.section().to_string(), "draft-hixie-thewebsocketprotocol-76 section 4.1");
}

#[test]
fn severities_are_those_of_the_texts() {
    for (line, rule, severity) in [
        ("14", "hixie.length.overflow", "warning"),
        ("14", "rfc6455.pong.payload-differs", "warning"),
        ("14", "rfc6455.pong.unsolicited", "note"),
        ("14", "http.field.folded", "error"),
        ("14", "http.head.too-large", "warning"),
        ("14", "rfc6455.message.too-large", "warning"),
        ("8", "hixie.frame.binary", "error"),
        ("8", "hixie.frame.unknown-type", "error"),
    ] {
        assert_eq!(Rule::from_id(rule).unwrap().severity().id(), severity, "line {line}: {rule}");
    }
    let folded = b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n";
    whole("14", &[(C, folded)], &[Says("error http.field.folded [RFC 9112 section 5.2]")]);
    let overflow = [0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
    let said = "warning hixie.length.overflow [draft-hixie-thewebsocketprotocol-76 section 5.3]";
    frames("14, 15", Hixie76, &[(C, &overflow)], &[Says(said)]);
    let pong = &[0x8A, 0x81, 0, 0, 0, 0, b'b'][..];
    let said = "warning rfc6455.pong.payload-differs [RFC 6455 section 5.5.3]";
    frames("14", Rfc6455, &[(S, &[0x89, 0x01, b'a']), (C, pong)], &[Says(said)]);
    // Section 7.4.2 is silent on 5000 and above.
    let said = "warning rfc6455.close.code-range [RFC 6455 section 7.4.2]";
    frames("doubtful", Rfc6455, &[(S, &[0x88, 0x02, 0x13, 0x88])], &[Says(said)]);
    // A server need not answer FF 00, a client must.
    let note = "note hixie76.close.no-answer [draft-hixie-thewebsocketprotocol-76 section 1.4]";
    let warning = "warning hixie76.close.no-answer [draft-hixie-thewebsocketprotocol-76 section 4.2]";
    let text = &[0x00, b'x', 0xFF][..];
    frames("doubtful", Hixie76, &[(S, text), (C, &[0xFF, 0x00])], &[Says(note)]);
    frames("doubtful", Hixie76, &[(C, text), (S, &[0xFF, 0x00])], &[Says(warning)]);
    let position = Rule::from_id("rfc7692.rsv1.position").unwrap();
    assert_eq!(position.section().to_string(), "RFC 7692 section 6.1", "doubtful");
}

#[test]
fn a_draft_is_cited_in_its_own_conversations() {
    let refused = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let status = |draft| -> &'static str {
        format!("note rfc6455.handshake.status [draft-hixie-thewebsocketprotocol-{draft} section 4.1]").leak()
    };
    whole("15", &[(C, ASK_76), (S, refused)], &[Says(status("76"))]);
    whole("15", &[(C, ASK_75), (S, refused)], &[Says(status("75"))]);
    let elsewhere = String::from_utf8(answer_75(FIXED))
        .unwrap()
        .replace("Origin: http://example", "Origin: http://other");
    whole(
        "15",
        &[(C, ASK_75), (S, elsewhere.as_bytes())],
        &[Says("error hixie.handshake.mismatch [draft-hixie-thewebsocketprotocol-75 section 4.1]")],
    );
    let half = &[0x00, b'x'][..];
    for (sender, section) in [(S, "4.2"), (C, "5.3")] {
        let said =
            format!("error hixie.text.unterminated [draft-hixie-thewebsocketprotocol-75 section {section}]");
        frames("15", Hixie75, &[(sender, half)], &[Says(said.leak())]);
    }
    let closed = "error hixie75.close.not-known [draft-hixie-thewebsocketprotocol-75 section 5.3]";
    frames("15", Hixie75, &[(C, &[0xFF, 0x00])], &[Says(closed)]);
}
