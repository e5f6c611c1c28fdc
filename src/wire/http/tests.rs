use proptest::prelude::*;

use super::*;
use crate::model::field::{BitRange, Value};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

fn head(bytes: &[u8], side: Side) -> Head {
    match parse_head(bytes, side, MAX_HEAD) {
        Parse::Done(head, _) => head,
        other => panic!("{other:?}"),
    }
}

fn request(text: &str) -> Head {
    head(text.as_bytes(), Side::Client)
}

fn response(text: &str) -> Head {
    head(text.as_bytes(), Side::Server)
}

fn broken(bytes: &[u8], side: Side) -> Finding {
    match parse_head(bytes, side, MAX_HEAD) {
        Parse::Broken(finding) => finding,
        other => panic!("{other:?}"),
    }
}

fn rules(head: &Head) -> Vec<Rule> {
    head.findings().iter().map(|finding| finding.rule).collect()
}

fn at(text: &str, part: &str) -> BitRange {
    let start = text.find(part).unwrap();
    BitRange::bytes(start, start + part.len())
}

#[test]
fn reads_a_request_and_keeps_every_byte() {
    let text = "GET /chat?x=1 HTTP/1.1\r\nHOST:a\r\nX:  b  c \t\r\nconnection: keep-alive, Upgrade\r\nConnection: x\r\n\r\n";
    let Parse::Done(head, used) = parse_head(format!("{text}rest").as_bytes(), Side::Client, MAX_HEAD) else {
        panic!()
    };
    assert_eq!(used, text.len());
    assert_eq!(head.raw(), text.as_bytes());
    assert_eq!((head.method(), &*head.target(), &*head.version()), ("GET", "/chat?x=1", "HTTP/1.1"));
    assert_eq!(head.version_number(), Some((1, 1)));
    assert_eq!(head.status(), None);
    assert_eq!(head.get("host").as_deref(), Some("a"));
    assert_eq!(head.get("x").as_deref(), Some("b  c"));
    assert_eq!(head.value_bits("x"), Some(at(text, "b  c")));
    assert_eq!(head.field_bits("Host"), Some(at(text, "HOST:a\r\n")));
    assert_eq!(head.start_line_bits(), at(text, "GET /chat?x=1 HTTP/1.1"));
    assert_eq!(head.count("Connection"), 2);
    assert!(head.has_token("Connection", "upgrade") && head.has_token("Connection", "X"));
    assert!(!head.has_token("Connection", "keep"));
    assert_eq!(head.tokens("connection"), ["keep-alive", "Upgrade", "x"]);
    assert_eq!(head.findings(), []);
}

#[test]
fn reads_a_response() {
    let head = response("HTTP/1.1 101 Web Socket Protocol Handshake\r\nA: b\r\n\r\n");
    assert_eq!((head.status(), &*head.reason()), (Some(101), "Web Socket Protocol Handshake"));
    assert_eq!(response("HTTP/1.1 204 \r\n\r\n").reason(), "");
    assert_eq!(rules(&response("HTTP/1.1 204\r\n\r\n")), [Rule::HttpMalformed]);
}

#[test]
fn the_raw_value_keeps_every_space_but_one() {
    let head = request("GET / HTTP/1.1\r\nKey:  1  2 \r\n\r\n");
    let field = &head.fields()[0];
    assert_eq!(field.value_raw(head.raw()).of(head.raw()), b" 1  2 ");
    assert_eq!(&*field.value(head.raw()), b"1  2");
    let bare = request("GET / HTTP/1.1\r\nKey:\r\nB:x\r\n\r\n");
    assert!(bare.fields()[0].value_raw(bare.raw()).is_empty());
    assert_eq!(bare.fields()[1].value_raw(bare.raw()).of(bare.raw()), b"x");
}

#[test]
fn waits_until_the_empty_line() {
    let text = b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for end in 0..text.len() {
        assert_eq!(parse_head(&text[..end], Side::Client, MAX_HEAD), Parse::More, "{end}");
    }
    let head = head(text, Side::Client);
    assert_eq!(head.leading_lines().len(), 2);
    assert_eq!(head.findings(), []);
    assert!(head_field(&head).tiles());
}

#[test]
fn odd_lines_are_kept_and_named() {
    let text = "GET / HTTP/1.1\r\nA: 1\nB : 2\r\nC: 3\r\n  more \r\nno colon\r\n: x\r\n\r\n";
    let head = request(text);
    assert_eq!(
        rules(&head),
        [
            Rule::HttpBareLf,
            Rule::HttpSpaceBeforeColon,
            Rule::HttpFolded,
            Rule::HttpMalformed,
            Rule::HttpMalformed
        ]
    );
    assert_eq!(
        head.findings()[1].bits,
        Some(at(text, "B : 2")).map(|b| BitRange::new(b.start + 8, b.start + 16))
    );
    assert_eq!(head.get("b").as_deref(), Some("2"));
    assert_eq!(head.get("C").as_deref(), Some("3 more"));
    assert_eq!(head.value_bits("C"), Some(at(text, "3\r\n  more")));
    let tree = head_field(&head);
    assert!(tree.tiles());
    assert_eq!(tree.bits, head.bits());
    assert!(tree.find("http-fold").is_some() && tree.find("http-odd-line").is_some());
    assert!(tree.find("http-field-space").is_some());
}

#[test]
fn what_is_no_head_is_refused_at_its_first_bad_byte() {
    for (bytes, byte) in [
        (&b"\x81\x85"[..], 0),
        (b"\x00hello", 0),
        (b"GE\x00", 2),
        (b" GET", 0),
        (b"<policy", 0),
        (b"FETCH / FTP/1.1\r\n", 8),
        (b"EHLO localhost\r\n", 5),
        (b"GET\r\n", 3),
        (b"\r\n\r\n\x81", 4),
    ] {
        let finding = broken(bytes, Side::Client);
        assert_eq!(finding.rule, Rule::HttpMalformed);
        assert_eq!(finding.bits.unwrap().start, byte * 8, "{:?}", String::from_utf8_lossy(bytes));
    }
    for (bytes, byte) in
        [(&b"HTTQ"[..], 3), (b"\x81", 0), (b"\r\n\x81", 2), (b"HTTP\r\n\r\n", 4), (b"H\n\n", 1)]
    {
        let finding = broken(bytes, Side::Server);
        assert_eq!(finding.bits.unwrap().start, byte * 8, "{:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(broken(&[b'A'; MAX_METHOD + 1], Side::Client).rule, Rule::HttpMalformed);
}

/// One wrong byte in a first line does not cost the head behind it.
#[test]
fn a_first_line_with_a_fault_is_read() {
    for (line, side, form, place) in [
        ("GET /\u{1b}[31mred HTTP/1.1", Side::Client, "control", 5..6),
        ("GET / HTTP/1.1\u{7f}", Side::Client, "control", 14..15),
        ("GET / http/1.1", Side::Client, "version", 6..14),
        ("GET / HTTP/11", Side::Client, "version", 6..13),
        ("GET /chat", Side::Client, "request-version", 9..11),
        ("GET / FTP/1.1", Side::Client, "request-version", 13..15),
        ("GET  HTTP/1.1", Side::Client, "no-target", 3..5),
        ("GET /a b HTTP/1.1", Side::Client, "request-spaces", 3..9),
        ("HTTP/1.1 99 x", Side::Server, "status", 9..11),
        ("HTTP/1.1 abc", Side::Server, "status", 9..12),
        ("HTTP/1.1 1010 x", Side::Server, "status", 9..13),
        ("HTTP/1.1 101x", Side::Server, "status", 9..13),
        ("HTTP/1.1", Side::Server, "status", 8..9),
        ("\r\nHTTP/1.1 101 x", Side::Server, "empty-before", 0..2),
    ] {
        let text = format!("{line}\r\nHost: a\r\n\r\n");
        let head = head(text.as_bytes(), side);
        let found: Vec<_> = head.findings().iter().map(|found| (found.facts.which(), found.bits)).collect();
        // The control character is part of the version, and so is not all that is wrong with it.
        let place = Some(BitRange::bytes(place.start, place.end));
        assert!(found.contains(&(form, place)), "{line:?}: {found:?}");
        assert!(found.len() == 1 || line.ends_with('\u{7f}'), "{line:?}: {found:?}");
        assert_eq!(head.get("Host").as_deref(), Some("a"));
        assert!(head_field(&head).tiles(), "{line:?}");
        assert!(head.status().is_none_or(|status| status == 101));
        assert!(is_meant_as_head(text.as_bytes(), side));
    }
    let lower = request("get / HTTP/1.1\r\n\r\n");
    assert_eq!((lower.method(), lower.findings()), ("get", &[][..]));
    assert!(!is_meant_as_head(b"EHLO localhost\r\n", Side::Client));
    assert!(!is_meant_as_head(b"SSH-2.0-x\r\n", Side::Server));
}

#[test]
fn a_control_character_in_a_field_is_found() {
    for (value, form, byte) in
        [("a\u{1b}[2Jb", "control-value", "1b"), ("a\rb", "carriage", "0d"), ("a\0\u{7}", "nul", "00")]
    {
        let text = format!("GET / HTTP/1.1\r\nA: {value}\r\n\r\n");
        let head = request(&text);
        let [finding] = head.findings() else { panic!("{:?}", head.findings()) };
        assert_eq!((finding.facts.which(), finding.bits), (form, Some(BitRange::bytes(20, 21))), "{byte}");
    }
    assert_eq!(request("GET / HTTP/1.1\r\nA: b\tc\r\n\r\n").findings(), []);
}

#[test]
fn empty_lines_before_a_request_are_passed_over() {
    let text = "\r\n\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let head = request(text);
    assert_eq!((head.leading_lines().len(), head.method()), (5, "GET"));
    assert_eq!(head.findings(), []);
    assert_eq!(find_head_end(text.as_bytes(), 0), Some(text.len()));
    assert!(head_field(&head).tiles());
}

#[test]
fn a_head_is_no_larger_than_the_limit() {
    let text = b"GET / HTTP/1.1\r\nA: b\r\n\r\n";
    assert!(matches!(parse_head(text, Side::Client, text.len()), Parse::Done(..)));
    let limit = text.len() - 1;
    for bytes in [&text[..], b"GET / HTTP/1.1\r\nA: bbbbbbbbbbbbb", b"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    {
        let Parse::Broken(finding) = parse_head(bytes, Side::Client, limit) else { panic!() };
        assert_eq!(finding.rule, Rule::HttpHeadTooLarge);
    }
}

#[test]
fn body_lengths_follow_rfc_9112() {
    let get = request("GET / HTTP/1.1\r\n\r\n");
    let body = |text: &str| response(&format!("HTTP/1.1 {text}\r\n\r\n")).body(Some(&get));
    assert_eq!(get.body(None), Ok(Body::None));
    assert_eq!(request("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n").body(None), Ok(Body::Length(5)));
    assert_eq!(body("200 OK\r\nContent-Length: 5"), Ok(Body::Length(5)));
    assert_eq!(body("200 OK\r\nContent-Length: 5, 5\r\nContent-length: 5"), Ok(Body::Length(5)));
    assert_eq!(body("200 OK\r\nTransfer-Encoding: gzip, Chunked"), Ok(Body::Chunked));
    assert_eq!(body("200 OK\r\nTransfer-Encoding: gzip"), Ok(Body::UntilClose));
    assert_eq!(body("200 OK"), Ok(Body::UntilClose));
    for status in ["101 x", "100 x", "204 x", "304 x"] {
        assert_eq!(body(&format!("{status}\r\nContent-Length: 5")), Ok(Body::None), "{status}");
    }
    let answer = response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(answer.body(Some(&request("HEAD / HTTP/1.1\r\n\r\n"))), Ok(Body::None));
    assert_eq!(answer.body(Some(&request("CONNECT a:1 HTTP/1.1\r\n\r\n"))), Ok(Body::None));
}

#[test]
fn body_lengths_that_nobody_can_know() {
    for fields in [
        "Content-Length: x",
        "Content-Length: -1",
        "Content-Length: 5, 6",
        "Content-Length: 99999999999999999999",
    ] {
        let text = format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n");
        let finding = request(&text).body(None).unwrap_err();
        assert_eq!(finding.rule, Rule::HttpBodyMalformed, "{fields}");
        assert_eq!(finding.bits, Some(at(&text, &fields[16..])));
    }
    let finding = request("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n").body(None).unwrap_err();
    assert_eq!(finding.rule, Rule::HttpBodyMalformed);
    let both = request("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(rules(&both), [Rule::HttpBodyMalformed]);
    assert_eq!(both.body(None), Ok(Body::Chunked));
}

const CHUNKED: &[u8] = b"5\r\nHello\r\n0C ;a=b\r\n, wide world\r\n0\r\nDate: x\r\n\r\n";

#[test]
fn chunks_end_where_they_say() {
    let mut bytes = CHUNKED.to_vec();
    bytes.extend_from_slice(b"HTTP");
    for first in 0..bytes.len() {
        let mut scanner = ChunkedScanner::new();
        let (head, tail) = bytes.split_at(first);
        match scanner.feed(head) {
            ChunkedProgress::More => {
                assert_eq!(scanner.feed(tail), ChunkedProgress::Done(CHUNKED.len() - first));
            }
            done => assert_eq!(done, ChunkedProgress::Done(CHUNKED.len())),
        }
    }
}

#[test]
fn chunks_as_fields() {
    let tree = body_field(CHUNKED, Body::Chunked, 80);
    assert!(tree.tiles());
    assert_eq!(tree.bits, BitRange::new(80, 80 + CHUNKED.len() as u64 * 8));
    let ids: Vec<_> = tree.children.iter().map(|field| field.kind.id).collect();
    assert_eq!(ids, ["http-chunk", "http-chunk", "http-last-chunk", "http-trailer", "http-body-end"]);
    let sizes: Vec<_> = tree
        .leaves()
        .into_iter()
        .filter(|leaf| leaf.kind.id == "http-chunk-size")
        .map(|leaf| &leaf.value)
        .collect();
    assert_eq!(sizes, [&Value::Number(5), &Value::Number(12), &Value::Number(0)]);
    assert_eq!(tree.find("http-chunk-data").unwrap().value, Value::Text("Hello".to_owned()));
}

#[test]
fn broken_chunks_say_where() {
    for (bytes, byte) in [
        (&b"x"[..], 0),
        (b"5x", 1),
        (b"5\rx", 2),
        (b"1\r\nab", 4),
        (b"1\r\na\rx", 5),
        (b"0\r\nA: b\rx", 8),
        (b"0\r\n\rx", 4),
        (b"11111111111111111", 16),
    ] {
        let ChunkedProgress::Broken { at, finding } = ChunkedScanner::new().feed(bytes) else { panic!() };
        assert_eq!(at, byte, "{:?}", String::from_utf8_lossy(bytes));
        assert_eq!((finding.rule, finding.bits.unwrap().start), (Rule::HttpBodyMalformed, byte as u64 * 8));
        let tree = body_field(bytes, Body::Chunked, 0);
        assert!(tree.tiles());
        assert_eq!(tree.children.last().unwrap().kind.id, "http-body-surplus");
    }
}

#[test]
fn a_size_of_64_bits_costs_nothing() {
    assert_eq!(ChunkedScanner::new().feed(b"ffffffffffffffff\r\nabc"), ChunkedProgress::More);
    let tree = body_field(b"abc", Body::Length(u64::MAX), 0);
    assert_eq!(tree.children.len(), 1);
}

#[test]
fn what_the_builder_writes_reads_back() {
    let bytes = HeadBuilder::request("GET", "/a")
        .field("Host", "x")
        .maybe("No", None)
        .field("B", "1\r\nC: 2")
        .finish();
    assert_eq!(bytes, b"GET /a HTTP/1.1\r\nHost: x\r\nB: 1  C: 2\r\n\r\n");
    let head = head(&bytes, Side::Client);
    assert_eq!((head.findings(), head.fields().len()), (&[][..], 2));
    let bytes = HeadBuilder::response(404, reason_phrase(404)).extend([("A", "b")]).finish();
    assert_eq!(bytes, b"HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
}

/// Bytes that are mostly HTTP.
fn almost_http() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b": ".to_vec()),
        Just(b" ".to_vec()),
        Just(b"Content-Length: 3\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        "[A-Za-z0-9:\t -]{0,9}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    let start = prop_oneof![
        Just(b"GET / HTTP/1.1\r\n".to_vec()),
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(Vec::new())
    ];
    (start, proptest::collection::vec(piece, 0..24)).prop_map(|(start, pieces)| {
        pieces.into_iter().fold(start, |mut all, piece| {
            all.extend(piece);
            all
        })
    })
}

proptest! {
    #[test]
    fn every_head_tiles(bytes in almost_http(), server in any::<bool>()) {
        let side = if server { Side::Server } else { Side::Client };
        match parse_head(&bytes, side, MAX_HEAD) {
            Parse::Done(head, used) => {
                prop_assert_eq!(head.raw(), &bytes[..used]);
                prop_assert_eq!(find_head_end(&bytes, 0), Some(used));
                let body = &bytes[used..];
                let tree = message_field(&head, body, head.body(None).unwrap_or(Body::None));
                prop_assert!(tree.tiles());
                prop_assert_eq!(tree.bits, BitRange::bytes(0, bytes.len()));
                prop_assert!(tree.leaves().iter().all(|leaf| !leaf.bits.is_empty()));
                for finding in head.findings() {
                    prop_assert!(head.bits().contains(finding.bits.unwrap()));
                }
            }
            // What cannot be a head does not become one when more bytes arrive, and what is one stays it.
            Parse::Broken(_) => {
                let mut longer = bytes.clone();
                longer.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
                prop_assert!(matches!(parse_head(&longer, side, MAX_HEAD), Parse::Broken(_)));
            }
            Parse::More => prop_assert_eq!(find_head_end(&bytes, 0), None),
        }
    }

    #[test]
    fn a_prefix_of_a_head_is_never_broken(bytes in almost_http()) {
        if let Parse::Done(head, used) = parse_head(&bytes, Side::Client, MAX_HEAD) {
            for end in 0..used {
                prop_assert_eq!(parse_head(&bytes[..end], Side::Client, MAX_HEAD), Parse::More);
            }
            prop_assert_eq!(parse_head(head.raw(), Side::Client, MAX_HEAD), Parse::Done(head, used));
        }
    }

    #[test]
    fn every_body_tiles(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'0'), Just(b'1')], 0..60), cut in 0usize..60) {
        for kind in [Body::None, Body::Length(5), Body::Chunked, Body::UntilClose] {
            let tree = body_field(&bytes, kind, 24);
            prop_assert!(tree.tiles());
            prop_assert_eq!(tree.bits, BitRange::bytes(3, 3 + bytes.len()));
        }
        let whole = ChunkedScanner::new().feed(&bytes);
        let mut scanner = ChunkedScanner::new();
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        let parts = match scanner.feed(head) {
            ChunkedProgress::More => match scanner.feed(tail) {
                ChunkedProgress::Done(used) => ChunkedProgress::Done(used + head.len()),
                ChunkedProgress::Broken { at, finding } => ChunkedProgress::Broken { at: at + head.len(), finding },
                ChunkedProgress::More => ChunkedProgress::More,
            },
            other => other,
        };
        prop_assert_eq!(parts, whole);
    }
}
