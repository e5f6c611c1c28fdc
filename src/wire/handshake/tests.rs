use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::field::{BitRange, hex};
use crate::wire::Parse;
use crate::wire::extension::Extension;
use crate::wire::http::{Body, MAX_HEAD, parse_head};

const HIXIE76: &str = include_str!("../../../tests/vectors/handshake/hixie76.txt");
const HIXIE76_REFUSED: &str = include_str!("../../../tests/vectors/handshake/hixie76-refused.txt");
const ACCEPT: &str = include_str!("../../../tests/vectors/handshake/accept.txt");

fn split(bytes: &[u8], side: Side) -> (Head, Vec<u8>) {
    match parse_head(bytes, side, MAX_HEAD) {
        Parse::Done(head, used) => (head, bytes[used..].to_vec()),
        other => panic!("{other:?} of {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// A head from lines; the line ends and the empty line are added.
fn head(lines: &str, side: Side) -> Head {
    let text: String = lines.lines().map(|line| format!("{}\r\n", line.trim_start())).collect();
    split(format!("{text}\r\n").as_bytes(), side).0
}

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

/// The place of a part of a head.
fn place(head: &Head, part: &str) -> Option<BitRange> {
    let at = memchr::memmem::find(head.raw(), part.as_bytes()).unwrap();
    Some(BitRange::bytes(at, at + part.len()))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Randomness that is none: the bytes of a counter, mixed.
fn counter(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    }
}

fn offer(protocol: Protocol) -> Offer {
    Offer {
        protocol,
        resource: "/chat?room=1".to_owned(),
        host: "example.com:9001".to_owned(),
        secure: false,
        origin: Some("http://example.com".to_owned()),
        subprotocols: vec!["superchat".to_owned(), "chat".to_owned()],
        extensions: Vec::new(),
        headers: vec![("Cookie".to_owned(), "a=b".to_owned())],
    }
}

fn policy() -> Policy {
    Policy {
        protocols: Protocol::WEBSOCKET.to_vec(),
        subprotocols: vec!["chat".to_owned()],
        deflate: None,
        origins: None,
        secure: false,
    }
}

const HYBI_REQUEST: &str = "GET /chat HTTP/1.1
    Host: server.example.com
    Upgrade: websocket
    Connection: Upgrade
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
    Origin: http://example.com
    Sec-WebSocket-Protocol: chat, superchat
    Sec-WebSocket-Version: 13";

const HYBI_RESPONSE: &str = "HTTP/1.1 101 Switching Protocols
    Upgrade: websocket
    Connection: Upgrade
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
    Sec-WebSocket-Protocol: chat";

const HIXIE76_REQUEST: &str = "GET /demo HTTP/1.1
    Host: example.com
    Connection: Upgrade
    Sec-WebSocket-Key2: 12998 5 Y3 1  .P00
    Sec-WebSocket-Protocol: sample
    Upgrade: WebSocket
    Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5
    Origin: http://example.com";

const HIXIE76_RESPONSE: &str = "HTTP/1.1 101 FYI I am not a webserver
    Upgrade: WebSocket
    Connection: Upgrade
    Sec-WebSocket-Origin: http://example.com
    Sec-WebSocket-Location: ws://example.com/demo
    Sec-WebSocket-Protocol: sample";

const HIXIE75_REQUEST: &str = "GET /demo HTTP/1.1
    Upgrade: WebSocket
    Connection: Upgrade
    Host: example.com
    Origin: http://example.com
    WebSocket-Protocol: sample";

const HIXIE75_RESPONSE: &str = "HTTP/1.1 101 Web Socket Protocol Handshake
    Upgrade: WebSocket
    Connection: Upgrade
    WebSocket-Origin: http://example.com
    WebSocket-Location: ws://example.com/demo
    WebSocket-Protocol: sample";

const KEY3: &[u8; 8] = b"^n:ds[4U";
const ANSWER: &[u8; 16] = b"8jKS'y:G*Co,Wxa-";

fn client(lines: &str) -> Head {
    head(lines, Side::Client)
}

fn server(lines: &str) -> Head {
    head(lines, Side::Server)
}

// The vectors.

#[test]
fn hixie76_vectors() {
    let mut seen = 0;
    for block in HIXIE76.split("\n\n") {
        let vector: HashMap<&str, &str> = block
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .collect();
        let Some(key3) = vector.get("key3") else { continue };
        for index in ["1", "2"] {
            let get = |name: &str| vector[&*format!("{name}{index}")];
            let reading = hixie76::KeyReading::read(get("key").as_bytes());
            assert_eq!(reading.digits, get("number"));
            assert_eq!(reading.spaces.to_string(), get("spaces"));
            assert_eq!(reading.quotient().unwrap().to_string(), get("quotient"));
        }
        let request = client(&format!(
            "GET / HTTP/1.1\nHost: a\nUpgrade: WebSocket\nConnection: Upgrade\nSec-WebSocket-Key1: {}\nSec-WebSocket-Key2: {}",
            vector["key1"], vector["key2"]
        ));
        let key3 = unhex(key3);
        assert_eq!(check_request(&request, &key3, Protocol::Hixie76), []);
        assert_eq!(hex(&hixie76::expected_answer(&request, &key3).unwrap()), vector["answer"]);

        let response = server("HTTP/1.1 101 x");
        let derived = derivations(Protocol::Hixie76, &request, &key3, &response, &unhex(vector["answer"]));
        let steps = &derived[0].steps;
        let operations: Vec<_> = steps.iter().map(|step| step.operation).collect();
        let key = ["digits", "spaces", "divide", "be32"];
        assert_eq!(operations, [&key[..], &key[..], &["concat", "md5"]].concat());
        assert_eq!(steps[2].output, vector["quotient1"]);
        assert_eq!(steps[8].output, vector["challenge"]);
        assert_eq!(steps[9].output, vector["answer"]);
        assert_eq!(derived[0].first_difference(), None);
        let wrong = derivations(Protocol::Hixie76, &request, &key3, &response, &[0; 16]);
        assert_eq!(wrong[0].first_difference(), Some(9));
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn hixie76_keys_that_are_refused() {
    let mut seen = 0;
    for line in HIXIE76_REFUSED.lines().filter(|line| !line.starts_with('#')) {
        let (id, key) = line.split_once(' ').unwrap();
        let request = client(&HIXIE76_REQUEST.replace("4 @1  46546xW%0l 1 5", key));
        let findings = check_request(&request, KEY3, Protocol::Hixie76);
        assert_eq!(findings.len(), 1, "{key}: {findings:?}");
        assert_eq!((findings[0].rule.id(), findings[0].bits), (id, place(&request, key)));
        let Answer::Refuse { status, findings, .. } = answer(&request, KEY3, &policy()) else { panic!() };
        assert_eq!((status, findings.len()), (400, 1));
        let derived = derivations(Protocol::Hixie76, &request, KEY3, &server("HTTP/1.1 101 x"), ANSWER);
        assert_eq!(derived[0].steps.last().unwrap().output, "none");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn accept_vectors() {
    let mut seen = 0;
    for line in ACCEPT.lines().filter(|line| !line.starts_with('#')) {
        let [key, printed, verdict] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(hybi::accept(key) == printed, verdict == "right", "{line}");
        let request = client(&HYBI_REQUEST.replace("dGhlIHNhbXBsZSBub25jZQ==", key));
        let response = server(&HYBI_RESPONSE.replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", printed));
        let findings = check_response(Protocol::Rfc6455, &request, &[], &response, &[]);
        let derived = derivations(Protocol::Rfc6455, &request, &[], &response, &[]);
        if verdict == "right" {
            assert_eq!(findings, []);
            assert_eq!(derived[0].first_difference(), None);
        } else {
            assert_eq!(rules(&findings), [Rule::AcceptWrong]);
            assert_eq!(findings[0].bits, place(&response, printed));
            assert_eq!(derived[0].first_difference(), Some(2));
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
    assert_eq!(hex(&hybi::digest("dGhlIHNhbXBsZSBub25jZQ==")), "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

#[test]
fn the_accept_value_by_six_bits() {
    let (request, response) = (client(HYBI_REQUEST), server(HYBI_RESPONSE));
    let derived = derivations(Protocol::Hybi8, &request, &[], &response, &[]);
    let [concat, sha1, base64] = &derived[0].steps[..] else { panic!() };
    assert_eq!(concat.output, "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    assert_eq!(sha1.output, "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
    assert!(base64.shown.starts_with("101100 s · 110111 3 · 101001 p"), "{}", base64.shown);
    assert!(base64.shown.ends_with("1010+00 o · ="), "{}", base64.shown);
    assert_eq!(base64.on_wire.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(Some(derived[0].bits), place(&response, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

// Which version.

#[test]
fn the_request_says_which_version_it_asks_for() {
    assert_eq!(detect(&client(HIXIE75_REQUEST)), Some(Protocol::Hixie75));
    assert_eq!(detect(&client(HIXIE76_REQUEST)), Some(Protocol::Hixie76));
    for (number, protocol) in [
        ("7", Protocol::Hybi7),
        ("8", Protocol::Hybi8),
        ("13", Protocol::Rfc6455),
        ("99", Protocol::Rfc6455),
        ("013", Protocol::Rfc6455),
        ("x", Protocol::Rfc6455),
    ] {
        let request = client(&HYBI_REQUEST.replace("Version: 13", &format!("Version: {number}")));
        assert_eq!(detect(&request), Some(protocol), "{number}");
    }
    assert_eq!(detect(&client("GET / HTTP/1.1\nHost: a")), None);
    assert_eq!(detect(&client("GET / HTTP/1.1\nUpgrade: WebSocket")), None);
    assert_eq!(detect(&client("GET / HTTP/1.1\nUpgrade: h2c\nConnection: Upgrade")), None);
    assert_eq!(detect(&server(HIXIE75_RESPONSE)), None);
}

// One negative a rule.

fn hybi_request_breaks(from: &str, to: &str) -> (Head, Vec<Finding>) {
    assert!(HYBI_REQUEST.contains(from));
    let request = client(&HYBI_REQUEST.replace(from, to));
    let findings = check_request(&request, &[], Protocol::Rfc6455);
    (request, findings)
}

#[test]
fn good_requests_have_no_findings() {
    assert_eq!(check_request(&client(HIXIE75_REQUEST), &[], Protocol::Hixie75), []);
    assert_eq!(check_request(&client(HIXIE76_REQUEST), KEY3, Protocol::Hixie76), []);
    assert_eq!(check_request(&client(HYBI_REQUEST), &[], Protocol::Rfc6455), []);
}

#[test]
fn requests_that_break_a_rule() {
    let key = "    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n";
    for (from, to, rule, at) in [
        ("GET /chat", "POST /chat", Rule::RequestLine, "POST"),
        ("HTTP/1.1", "HTTP/1.0", Rule::RequestLine, "HTTP/1.0"),
        (key, "", Rule::KeyCount, "\r\n\r\n"),
        (key, &format!("{key}{key}"), Rule::KeyCount, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhIHNhbXBsZSBub25jZQ==", Rule::KeySize, "dGhIHNhbXBsZSBub25jZQ=="),
        ("dGhlIHNhbXBsZSBub25jZQ==", "AAAA", Rule::KeySize, "AAAA"),
        ("    Sec-WebSocket-Version: 13", "", Rule::VersionHeader, "\r\n\r\n"),
        ("Version: 13", "Version: 9", Rule::VersionHeader, "9\r"),
        ("Upgrade: websocket", "Upgrade: h2c", Rule::UpgradeToken, "h2c"),
        ("    Connection: Upgrade\n", "", Rule::ConnectionToken, "\r\n\r\n"),
        ("Connection: Upgrade", "Connection: close", Rule::ConnectionToken, "close"),
        ("    Host: server.example.com\n", "", Rule::MissingHost, "\r\n\r\n"),
        ("Origin: http", "Sec-WebSocket-Origin: http", Rule::OldOriginHeader, "http://example.com"),
        ("Connection: Upgrade", "Connection : Upgrade", Rule::HttpSpaceBeforeColon, " : U"),
        (
            "Upgrade: websocket",
            "Upgrade: websocket\nSec-WebSocket-Extensions: a;;b",
            Rule::ExtensionNotOffered,
            ";b",
        ),
    ] {
        let (request, findings) = hybi_request_breaks(from, to);
        assert_eq!(rules(&findings), [rule], "{from} -> {to}");
        let bits = findings[0].bits.unwrap();
        let start = match at {
            "\r\n\r\n" => request.end_bits().start,
            // The second of the two.
            _ if to.len() == 2 * key.len() => {
                place(&request, &format!("{at}{at}")).unwrap().start + at.len() as u64 * 8
            }
            _ => place(&request, at).unwrap().start,
        };
        assert_eq!(bits.start, start, "{from} -> {to}: {bits}");
    }
}

#[test]
fn the_old_origin_is_right_in_old_versions() {
    let text = HYBI_REQUEST
        .replace("Origin: http", "Sec-WebSocket-Origin: http")
        .replace("Version: 13", "Version: 8");
    assert_eq!(check_request(&client(&text), &[], Protocol::Hybi8), []);
}

#[test]
fn key3_and_its_announcement() {
    let request = client(HIXIE76_REQUEST);
    let findings = check_request(&request, &KEY3[..3], Protocol::Hixie76);
    assert_eq!(rules(&findings), [Rule::Key3Short]);
    assert_eq!(findings[0].bits, Some(BitRange::bytes(request.len(), request.len() + 3)));
    let announced = client(&format!("{HIXIE76_REQUEST}\nContent-Length: 8"));
    assert_eq!(rules(&check_request(&announced, KEY3, Protocol::Hixie76)), [Rule::HixieSpareKey3]);
    assert!(matches!(answer(&announced, KEY3, &policy()), Answer::Accept { .. }));
    let twice = client(&format!("{HIXIE76_REQUEST}\nSec-WebSocket-Key1: 1 1"));
    assert_eq!(rules(&check_request(&twice, KEY3, Protocol::Hixie76)), [Rule::KeyCount]);
}

#[test]
fn good_responses_have_no_findings() {
    let check = |protocol, request, response, key3: &[u8], answer: &[u8]| {
        check_response(protocol, &client(request), key3, &server(response), answer)
    };
    assert_eq!(check(Protocol::Hixie75, HIXIE75_REQUEST, HIXIE75_RESPONSE, &[], &[]), []);
    assert_eq!(check(Protocol::Hixie76, HIXIE76_REQUEST, HIXIE76_RESPONSE, KEY3, ANSWER), []);
    assert_eq!(check(Protocol::Rfc6455, HYBI_REQUEST, HYBI_RESPONSE, &[], &[]), []);
    // Asked for nothing, answered all the same: a hixie client passes over it.
    let unasked = HIXIE76_REQUEST.replace("    Sec-WebSocket-Protocol: sample\n", "");
    assert_eq!(check(Protocol::Hixie76, &unasked, HIXIE76_RESPONSE, KEY3, ANSWER), []);
    let agreed = agreement(Protocol::Hixie76, &client(&unasked), &server(HIXIE76_RESPONSE));
    assert_eq!(agreed.subprotocol, None);
}

#[test]
fn hybi_responses_that_break_a_rule() {
    let request = client(HYBI_REQUEST);
    for (from, to, rule, at) in [
        ("s3pPLMBi", "S3pPLMBi", Rule::AcceptWrong, "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n", "", Rule::AcceptWrong, ""),
        ("Protocol: chat", "Protocol: other", Rule::SubprotocolNotOffered, "other"),
        ("Upgrade: websocket", "Upgrade: h2c", Rule::ResponseUpgrade, "h2c"),
        ("    Connection: Upgrade\n", "", Rule::ResponseUpgrade, ""),
        ("Protocol: chat", "Extensions: x-other", Rule::ExtensionNotOffered, "x-other"),
        ("Protocol: chat", "Extensions: a;;", Rule::ExtensionNotOffered, ";\r\n"),
        ("Protocol: chat", "Extensions: permessage-deflate", Rule::ExtensionNotOffered, "permessage-deflate"),
    ] {
        assert!(HYBI_RESPONSE.contains(from));
        let response = server(&HYBI_RESPONSE.replace(from, to));
        let findings = check_response(Protocol::Rfc6455, &request, &[], &response, &[]);
        assert_eq!(rules(&findings), [rule], "{to}");
        let start =
            if at.is_empty() { response.end_bits().start } else { place(&response, at).unwrap().start };
        assert_eq!(findings[0].bits.unwrap().start, start, "{to}");
    }
}

#[test]
fn window_bits_outside_8_to_15() {
    let request = client(&format!(
        "{HYBI_REQUEST}\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    ));
    for bits in ["7", "16", "08"] {
        let extension = format!("permessage-deflate; server_max_window_bits={bits}");
        let response = server(&format!("{HYBI_RESPONSE}\nSec-WebSocket-Extensions: {extension}"));
        let findings = check_response(Protocol::Rfc6455, &request, &[], &response, &[]);
        assert_eq!(rules(&findings), [Rule::WindowBits]);
        assert_eq!(findings[0].bits, place(&response, &extension));
        assert_eq!(agreement(Protocol::Rfc6455, &request, &response).deflate, None);
    }
}

#[test]
fn hixie_responses_that_break_a_rule() {
    for (protocol, request, response, prefix) in [
        (Protocol::Hixie75, HIXIE75_REQUEST, HIXIE75_RESPONSE, "WebSocket-"),
        (Protocol::Hixie76, HIXIE76_REQUEST, HIXIE76_RESPONSE, "Sec-WebSocket-"),
    ] {
        let request = client(request);
        for (from, to, rule) in [
            ("Origin: http://example.com", "Origin: http://example.org", Rule::HixieMismatch),
            ("Location: ws://example.com/demo", "Location: ws://example.org/demo", Rule::HixieMismatch),
            ("Location: ws://example.com/demo", "Location: ws://example.com/", Rule::HixieMismatch),
            ("Location: ws://example.com/demo", "Location: http://example.com/demo", Rule::HixieMismatch),
            ("Protocol: sample", "Protocol: other", Rule::HixieMismatch),
            (&format!("{prefix}Protocol: sample"), "X: y", Rule::HixieMismatch),
            (&format!("{prefix}Location: ws://example.com/demo"), "X: y", Rule::HixieMismatch),
            (&format!("{prefix}Origin: http://example.com"), "X: y", Rule::HixieMismatch),
            ("Upgrade: WebSocket", "Upgrade: websocket", Rule::ResponseUpgrade),
            ("Connection: Upgrade", "Connection: keep-alive, Upgrade", Rule::ResponseUpgrade),
        ] {
            assert!(response.contains(from), "{from}");
            let answer = server(&response.replace(from, to));
            let findings = check_response(protocol, &request, KEY3, &answer, ANSWER);
            assert_eq!(rules(&findings), [rule], "{to}");
            let bits = match to {
                "X: y" => answer.end_bits(),
                _ => place(&answer, to.split_once(": ").unwrap().1).unwrap(),
            };
            assert_eq!(findings[0].bits, Some(bits), "{to}");
        }
    }
}

#[test]
fn a_wrong_or_short_hixie_answer() {
    let (request, response) = (client(HIXIE76_REQUEST), server(HIXIE76_RESPONSE));
    for (body, length) in [(&[0; 16][..], 16), (&ANSWER[..15], 15), (&[][..], 0)] {
        let findings = check_response(Protocol::Hixie76, &request, KEY3, &response, body);
        assert_eq!(rules(&findings), [Rule::AnswerWrong]);
        assert_eq!(findings[0].bits, Some(BitRange::bytes(response.len(), response.len() + length)));
    }
}

#[test]
fn locations_that_mean_the_same() {
    let request = |host: &str| client(&format!("GET /a?b HTTP/1.1\nHost: {host}"));
    for (host, location, secure, same) in [
        ("Example.com", "ws://example.com/a?b", None, true),
        ("example.com:80", "ws://example.com/a?b", None, true),
        ("example.com", "ws://example.com:80/a?b", None, true),
        ("example.com", "wss://example.com:443/a?b", Some(true), true),
        ("example.com", "wss://example.com/a?b", Some(false), false),
        ("example.com", "wss://example.com:80/a?b", None, false),
        ("example.com:81", "ws://example.com/a?b", None, false),
        ("[", "ws://[/a?b", None, true),
        ("example.com", "ws://example.com/A?b", None, false),
        ("example.com", "", None, false),
    ] {
        assert_eq!(hixie75::is_location(location, &request(host), secure), same, "{host} {location}");
    }
    let proxied = client("GET http://example.com/a?b HTTP/1.1\nHost: example.com");
    assert_eq!(hixie75::location(&proxied, true), "wss://example.com/a?b");
}

#[test]
fn responses_that_open_no_websocket() {
    let request = client(HYBI_REQUEST);
    let check = |request: &Head, text: &str| {
        rules(&check_response(Protocol::Rfc6455, request, &[], &server(text), &[]))
    };
    assert_eq!(check(&request, "HTTP/1.1 200 OK"), [Rule::ResponseStatus]);
    assert_eq!(check(&request, "HTTP/1.1 403 Forbidden"), [Rule::ResponseStatus, Rule::OriginRefused]);
    assert_eq!(check(&request, "HTTP/1.1 400 Bad Request"), [Rule::ResponseStatus]);
    assert_eq!(check(&request, "HTTP/1.1 426 x\nSec-WebSocket-Version: 8"), [Rule::ResponseStatus]);
    let unlisted = [Rule::ResponseStatus, Rule::VersionsNotListed];
    assert_eq!(check(&request, "HTTP/1.1 426 x"), unlisted);
    let bad = client(&HYBI_REQUEST.replace("Version: 13", "Version: 25"));
    assert_eq!(check(&bad, "HTTP/1.1 400 Bad Request"), unlisted);
    assert_eq!(derivations(Protocol::Rfc6455, &request, &[], &server("HTTP/1.1 200 OK"), &[]), []);
}

// The endpoints.

#[test]
fn hixie75_request_in_the_drafts_order() {
    let bytes = request(
        &Offer { subprotocols: vec!["sample".to_owned()], ..offer(Protocol::Hixie75) },
        &Secret::None,
    );
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "GET /chat?room=1 HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: example.com:9001\r\n\
         Origin: http://example.com\r\nWebSocket-Protocol: sample\r\nCookie: a=b\r\n\r\n"
    );
}

#[test]
fn the_origin_has_the_name_of_its_time() {
    for (protocol, name) in [
        (Protocol::Hybi7, "Sec-WebSocket-Origin"),
        (Protocol::Hybi8, "Sec-WebSocket-Origin"),
        (Protocol::Rfc6455, "Origin"),
    ] {
        let (head, _) =
            split(&request(&offer(protocol), &Secret::random(protocol, &mut counter(1))), Side::Client);
        assert_eq!(head.get(name).as_deref(), Some("http://example.com"));
        assert_eq!(
            head.get("Sec-WebSocket-Version").unwrap(),
            protocol.version_number().unwrap().to_string()
        );
        assert_eq!(detect(&head), Some(protocol));
    }
}

#[test]
fn the_order_of_hixie76_fields_is_the_secrets() {
    let mut keys = hixie76::Keys::random(&mut counter(1));
    let names = |keys: &hixie76::Keys| -> Vec<String> {
        let (head, _) =
            split(&request(&offer(Protocol::Hixie76), &Secret::Hixie76(keys.clone())), Side::Client);
        head.fields().iter().map(|f| String::from_utf8_lossy(f.name.of(head.raw())).into_owned()).collect()
    };
    keys.order = 0;
    let listed = names(&keys);
    assert_eq!(listed.first().map(String::as_str), Some("Upgrade"));
    assert_eq!(listed.last().map(String::as_str), Some("Sec-WebSocket-Key2"));
    keys.order = 12_345;
    let mut shuffled = names(&keys);
    assert_ne!(shuffled, listed);
    shuffled.sort();
    let mut sorted = listed;
    sorted.sort();
    assert_eq!(shuffled, sorted);
}

#[test]
fn a_secret_that_does_not_fit_is_left_out() {
    for protocol in [Protocol::Hixie76, Protocol::Rfc6455] {
        let (head, body) = split(&request(&offer(protocol), &Secret::None), Side::Client);
        assert!(!head.has("Sec-WebSocket-Key") && !head.has("Sec-WebSocket-Key1") && body.is_empty());
    }
}

/// Client and server through memory.
fn shake(offer: &Offer, policy: &Policy, seed: u64) -> (Head, Vec<u8>, Head, Vec<u8>, Agreement) {
    let secret = Secret::random(offer.protocol, &mut counter(seed));
    let (asked, key3) = split(&request(offer, &secret), Side::Client);
    assert_eq!(detect(&asked), Some(offer.protocol));
    assert_eq!(key3.len(), request_body_length(offer.protocol));
    assert_eq!(check_request(&asked, &key3, offer.protocol), []);
    let Answer::Accept { bytes, agreement } = answer(&asked, &key3, policy) else {
        panic!("{:?}", answer(&asked, &key3, policy))
    };
    let (response, proof) = split(&bytes, Side::Server);
    assert_eq!(proof.len(), response_body_length(offer.protocol, &response));
    assert_eq!(check_response(offer.protocol, &asked, &key3, &response, &proof), []);
    assert_eq!(verify(offer, &secret, &asked, &response, &proof), Ok(agreement.clone()));
    (asked, key3, response, proof, agreement)
}

#[test]
fn client_and_server_agree_in_every_version() {
    for protocol in Protocol::WEBSOCKET {
        for secure in [false, true] {
            let (_, _, _, _, agreed) =
                shake(&Offer { secure, ..offer(protocol) }, &Policy { secure, ..policy() }, 7);
            assert_eq!((agreed.protocol, agreed.subprotocol.as_deref()), (protocol, Some("chat")));
            assert_eq!((agreed.extensions.len(), agreed.deflate), (0, None));
        }
    }
}

#[test]
fn a_client_of_hixie_knows_whether_it_is_secure() {
    let offer = Offer { secure: true, ..offer(Protocol::Hixie75) };
    let (asked, _) = split(&request(&offer, &Secret::None), Side::Client);
    let Answer::Accept { bytes, .. } = answer(&asked, &[], &policy()) else { panic!() };
    let (response, _) = split(&bytes, Side::Server);
    assert_eq!(check_response(Protocol::Hixie75, &asked, &[], &response, &[]), []);
    let findings = verify(&offer, &Secret::None, &asked, &response, &[]).unwrap_err();
    assert_eq!(rules(&findings), [Rule::HixieMismatch]);
}

#[test]
fn deflate_is_agreed_on() {
    let extension = Extension::parse_list("permessage-deflate; client_max_window_bits").unwrap();
    let offer = Offer { extensions: extension, ..offer(Protocol::Rfc6455) };
    let wishes = deflate::Params { server_max_window_bits: 10, ..deflate::Params::default() };
    let (.., agreed) = shake(&offer, &Policy { deflate: Some(wishes), ..policy() }, 7);
    assert_eq!(agreed.extensions, ["permessage-deflate; server_max_window_bits=10"]);
    assert_eq!(agreed.deflate, Some(wishes));
    let (.., agreed) = shake(&offer, &policy(), 7);
    assert_eq!((agreed.extensions.len(), agreed.deflate), (0, None));
}

#[test]
fn the_client_refuses_what_is_no_handshake() {
    let offer = offer(Protocol::Rfc6455);
    let secret = Secret::Hybi("dGhlIHNhbXBsZSBub25jZQ==".to_owned());
    let (asked, _) = split(&request(&offer, &secret), Side::Client);
    let check = |text: &str| verify(&offer, &secret, &asked, &server(text), &[]).map_err(|f| rules(&f));
    assert_eq!(check(HYBI_RESPONSE).unwrap().subprotocol.as_deref(), Some("chat"));
    assert_eq!(check("HTTP/1.1 200 OK"), Err(vec![Rule::ResponseStatus]));
    assert_eq!(check(&HYBI_RESPONSE.replace("s3p", "S3p")), Err(vec![Rule::AcceptWrong]));
    let spaced = HYBI_RESPONSE.replace("Connection:", "Connection :");
    assert_eq!(check(&spaced), Err(vec![Rule::HttpSpaceBeforeColon]));
}

fn refused(request: &Head, body: &[u8], policy: &Policy) -> (u16, Head, String, Vec<Rule>) {
    let Answer::Refuse { status, bytes, findings } = answer(request, body, policy) else { panic!() };
    let (head, text) = split(&bytes, Side::Server);
    assert_eq!(head.status(), Some(status));
    assert_eq!(head.body(Some(request)), Ok(Body::Length(text.len() as u64)));
    (status, head, String::from_utf8(text).unwrap(), rules(&findings))
}

#[test]
fn the_server_refuses_and_says_why() {
    let (status, _, text, rules) = refused(&client(&HYBI_REQUEST.replace("GET", "POST")), &[], &policy());
    assert_eq!(
        (status, &*text, &rules[..]),
        (400, "The method is POST, not GET\n", &[Rule::RequestLine][..])
    );
    assert_eq!(refused(&client(HIXIE76_REQUEST), &KEY3[..7], &policy()).3, [Rule::Key3Short]);
    let plain = refused(&client("GET / HTTP/1.1\nHost: a"), &[], &policy());
    assert_eq!((plain.0, plain.1.get("Upgrade").as_deref()), (426, Some("websocket")));
    assert!(plain.1.has_token("Connection", "upgrade") && plain.1.has_token("Connection", "close"));
}

#[test]
fn the_server_lists_its_versions() {
    let request = client(&HYBI_REQUEST.replace("Version: 13", "Version: 14"));
    let (status, head, _, rules) = refused(&request, &[], &policy());
    assert_eq!((status, rules), (426, vec![Rule::VersionHeader]));
    assert_eq!(head.get("Sec-WebSocket-Version").as_deref(), Some("13, 8, 7"));
    let only8 = Policy { protocols: vec![Protocol::Hybi8], ..policy() };
    let (status, head, ..) = refused(&client(HYBI_REQUEST), &[], &only8);
    assert_eq!((status, head.get("Sec-WebSocket-Version").as_deref()), (426, Some("8")));
    let only75 = Policy { protocols: vec![Protocol::Hixie75], ..policy() };
    assert_eq!(refused(&client(HYBI_REQUEST), &[], &only75).0, 400);
    // Two things wrong: what cannot be read comes before what cannot be spoken.
    let worse = client(&HYBI_REQUEST.replace("Version: 13", "Version: 14").replace("GET", "PUT"));
    assert_eq!(refused(&worse, &[], &policy()).0, 400);
}

#[test]
fn the_server_decides_by_origin() {
    let allow = |origin: &str| Policy { origins: Some(vec![origin.to_owned()]), ..policy() };
    let (status, _, text, rules) = refused(&client(HYBI_REQUEST), &[], &allow("http://example.org"));
    assert_eq!((status, rules), (403, vec![Rule::OriginRefused]));
    assert_eq!(text, "Pages of http://example.com may not connect\n");
    assert!(matches!(
        answer(&client(HYBI_REQUEST), &[], &allow("HTTP://example.com")),
        Answer::Accept { .. }
    ));
    let old = HYBI_REQUEST.replace("Origin:", "Sec-WebSocket-Origin:").replace("Version: 13", "Version: 8");
    assert_eq!(refused(&client(&old), &[], &allow("http://example.org")).0, 403);
    let none = HYBI_REQUEST.replace("    Origin: http://example.com\n", "");
    assert!(matches!(answer(&client(&none), &[], &allow("http://example.org")), Answer::Accept { .. }));
}

#[test]
fn warnings_do_not_refuse() {
    let odd = HYBI_REQUEST.replace("Origin: http", "Sec-WebSocket-Origin: http");
    let mut bytes = client(&odd).raw().to_vec();
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(b"X: a\r\n b\n\r\n");
    let (request, _) = split(&bytes, Side::Client);
    let warnings = [Rule::HttpFolded, Rule::HttpBareLf, Rule::OldOriginHeader];
    assert_eq!(rules(&check_request(&request, &[], Protocol::Rfc6455)), warnings);
    assert!(matches!(answer(&request, &[], &policy()), Answer::Accept { .. }));
}

// The fields.

#[test]
fn what_stands_behind_hixie76_heads() {
    let (asked, key3, response, proof, _) = shake(&offer(Protocol::Hixie76), &policy(), 3);
    let tree = item_fields(Side::Client, &asked, &key3, Some(Protocol::Hixie76), Body::None);
    assert!(tree.tiles());
    assert_eq!(tree.find("key3").unwrap().bits, BitRange::bytes(asked.len(), asked.len() + 8));
    let tree = item_fields(Side::Server, &response, &proof, Some(Protocol::Hixie76), Body::None);
    assert_eq!(
        tree.find("challenge-answer").unwrap().bits,
        BitRange::bytes(response.len(), response.len() + 16)
    );
    let refusal = server("HTTP/1.1 400 Bad Request\nContent-Length: 2");
    let tree = item_fields(Side::Server, &refusal, b"no", Some(Protocol::Hixie76), Body::Length(2));
    assert!(tree.find("challenge-answer").is_none() && tree.find("http-body-data").is_some());
}

#[test]
fn field_ids_are_unique() {
    let mut ids: Vec<_> = [KINDS, crate::wire::http::KINDS, crate::wire::policy::KINDS].concat();
    let all = ids.len();
    ids.sort_by_key(|kind| kind.id);
    ids.dedup_by_key(|kind| kind.id);
    assert_eq!(ids.len(), all);
}

fn websocket() -> impl Strategy<Value = Protocol> {
    prop::sample::select(&Protocol::WEBSOCKET[..])
}

proptest! {
    #[test]
    fn random_keys_are_the_drafts_keys(seed: u64) {
        let keys = hixie76::Keys::random(&mut counter(seed));
        for key in [&keys.key1, &keys.key2] {
            let reading = hixie76::KeyReading::read(key.as_bytes());
            prop_assert!((1..=12).contains(&reading.spaces));
            prop_assert!(reading.quotient().is_ok(), "{}", key);
            let noise = key.bytes().filter(|byte| !byte.is_ascii_digit() && *byte != b' ').count();
            prop_assert!((1..=12).contains(&noise));
            prop_assert!(key.bytes().all(|byte| (0x20..=0x7E).contains(&byte)));
            prop_assert!(!key.starts_with(' ') && !key.ends_with(' '));
        }
    }

    #[test]
    fn every_client_agrees_with_every_server(protocol in websocket(), seed: u64, resource in "/[a-z?=%]{0,20}") {
        let offer = Offer { resource, ..offer(protocol) };
        let (asked, key3, response, proof, _) = shake(&offer, &policy(), seed);
        for (head, body, side) in [(&asked, &key3, Side::Client), (&response, &proof, Side::Server)] {
            let tree = item_fields(side, head, body, Some(protocol), Body::None);
            prop_assert!(tree.tiles());
            prop_assert_eq!(tree.bits, BitRange::bytes(0, head.len() + body.len()));
        }
        for derivation in derivations(protocol, &asked, &key3, &response, &proof) {
            prop_assert_eq!(derivation.first_difference(), None);
        }
    }

    #[test]
    fn any_heads_can_be_checked(
        protocol in prop::sample::select(&Protocol::ALL[..]),
        lines in prop::collection::vec("(Host|Upgrade|Connection|Origin|(Sec-)?WebSocket-(Key[12]?|Version|Protocol|Extensions|Accept|Location|Origin)|Content-Length)( ?): [ -~]{0,12}", 0..9),
        body in prop::collection::vec(any::<u8>(), 0..20),
        status in 100u16..600,
    ) {
        let request = client(&format!("GET / HTTP/1.1\n{}", lines.join("\n")));
        let response = server(&format!("HTTP/1.1 {} x\n{}", if status > 300 { 101 } else { status }, lines.join("\n")));
        let size = |head: &Head| BitRange::bytes(0, head.len() + body.len());
        for finding in check_request(&request, &body, protocol) {
            prop_assert!(size(&request).contains(finding.bits.unwrap()));
        }
        for finding in check_response(protocol, &request, &body, &response, &body) {
            prop_assert!(size(&response).contains(finding.bits.unwrap()));
        }
        let _ = (agreement(protocol, &request, &response), answer(&request, &body, &policy()));
        let _ = (detect(&request), derivations(protocol, &request, &body, &response, &body));
        for (head, side) in [(&request, Side::Client), (&response, Side::Server)] {
            for kind in [Body::None, Body::Length(3), Body::Chunked, Body::UntilClose] {
                let tree = item_fields(side, head, &body, Some(protocol), kind);
                prop_assert!(tree.tiles());
                prop_assert_eq!(tree.bits, size(head));
            }
        }
    }
}
