use std::collections::HashMap;

use proptest::prelude::*;

use endpoints::shake;

use super::*;
use crate::model::field::{BitRange, hex};
use crate::wire::Parse;
use crate::wire::extension::Extension;
use crate::wire::http::{Body, MAX_HEAD, parse_head};
use crate::words::Words;

mod endpoints;
mod rules_broken;

const HIXIE76: &str = include_str!("../../../../tests/vectors/handshake/hixie76.txt");
const HIXIE76_REFUSED: &str = include_str!("../../../../tests/vectors/handshake/hixie76-refused.txt");
const ACCEPT: &str = include_str!("../../../../tests/vectors/handshake/accept.txt");

fn split(bytes: &[u8], side: Side) -> (Head, Vec<u8>) {
    match parse_head(bytes, side, MAX_HEAD) {
        Parse::Done(head, used) => (head, bytes[used..].to_vec()),
        other => panic!("{other:?} of {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// What a server answers that has no use for a nonce.
fn answer(request: &Head, body: &[u8], policy: &Policy) -> Answer {
    super::answer(request, body, policy, [0; 16])
}

/// A head from lines; the line ends and the empty line are added.
fn head(lines: &str, side: Side) -> Head {
    let lines: Vec<_> = lines.lines().map(str::trim_start).collect();
    split(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes(), side).0
}

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

/// The place of a part of a head.
fn place(head: &Head, part: &str) -> BitRange {
    let at = memchr::memmem::find(head.raw(), part.as_bytes()).unwrap();
    BitRange::bytes(at, at + part.len())
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
        assert_eq!((findings[0].rule.id(), findings[0].bits), (id, Some(place(&request, key))));
        let Answer::Close { findings } = answer(&request, KEY3, &policy()) else { panic!() };
        assert_eq!(findings.len(), 1);
        let derived = derivations(Protocol::Hixie76, &request, KEY3, &server("HTTP/1.1 101 x"), ANSWER);
        assert_eq!(Words::english().output(derived[0].steps.last().unwrap()), "none");
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
            assert_eq!(findings[0].bits, Some(place(&response, printed)));
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
    let shown = Words::english().shown(base64);
    assert!(shown.starts_with("101100 s · 110111 3 · 101001 p"), "{shown}");
    assert!(shown.ends_with("1010+00 o · ="), "{shown}");
    assert_eq!(base64.on_wire.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(Some(derived[0].bits), Some(place(&response, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
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
