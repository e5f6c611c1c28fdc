//! One negative a rule, and what breaks none.

use super::*;

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
                place(&request, &format!("{at}{at}")).start + at.len() as u64 * 8
            }
            _ => place(&request, at).start,
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
    assert_eq!(rules(&check_request(&twice, KEY3, Protocol::Hixie76)), [Rule::HixieKeyCount]);
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
        let start = if at.is_empty() { response.end_bits().start } else { place(&response, at).start };
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
        let param = format!("server_max_window_bits={bits}");
        assert_eq!(findings[0].bits, Some(place(&response, &param)));
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
            ("Upgrade: WebSocket", "Upgrade: websocket", Rule::HixieUpgrade),
            ("Connection: Upgrade", "Connection: keep-alive, Upgrade", Rule::HixieUpgrade),
        ] {
            assert!(response.contains(from), "{from}");
            let answer = server(&response.replace(from, to));
            let findings = check_response(protocol, &request, KEY3, &answer, ANSWER);
            // hixie-75 compares both fields as bytes, with the line ends: 41 of them behind the status line.
            let fixed = rule == Rule::HixieUpgrade && protocol == Protocol::Hixie75;
            let rule = if fixed { Rule::HixieFixedAnswer } else { rule };
            assert_eq!(rules(&findings), [rule], "{to}");
            let bits = match to {
                _ if fixed => BitRange::bytes(44, 44 + 41),
                "X: y" => answer.end_bits(),
                _ => place(&answer, to.split_once(": ").unwrap().1),
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
