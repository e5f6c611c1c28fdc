//! The client's and the server's side.

use super::*;

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
pub(super) fn shake(offer: &Offer, policy: &Policy, seed: u64) -> (Head, Vec<u8>, Head, Vec<u8>, Agreement) {
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
    let (status, _, text, broken) = refused(&client(&HYBI_REQUEST.replace("GET", "POST")), &[], &policy());
    assert_eq!(
        (status, &*text, &broken[..]),
        (400, "The method is POST, not GET\n", &[Rule::RequestLine][..])
    );
    // hixie closes without a word; a server that does not speak it at all answers as HTTP.
    let short = answer(&client(HIXIE76_REQUEST), &KEY3[..7], &policy());
    assert!(matches!(short, Answer::Close { findings } if rules(&findings) == [Rule::Key3Short]));
    let only8 = Policy { protocols: vec![Protocol::Hybi8], ..policy() };
    assert_eq!(refused(&client(HIXIE76_REQUEST), KEY3, &only8).3, [Rule::VersionHeader]);
    let plain = refused(&client("GET / HTTP/1.1\nHost: a"), &[], &policy());
    assert_eq!((plain.0, plain.1.get("Upgrade").as_deref()), (426, Some("websocket")));
    assert!(plain.1.has_token("Connection", "upgrade") && plain.1.has_token("Connection", "close"));
}

#[test]
fn the_server_lists_its_versions() {
    let request = client(&HYBI_REQUEST.replace("Version: 13", "Version: 14"));
    let (status, head, _, rules) = refused(&request, &[], &policy());
    assert_eq!((status, rules), (426, vec![Rule::VersionHeader]));
    assert_eq!(head.get("Sec-WebSocket-Version").as_deref(), Some("13, 8, 7, 6, 5, 4"));
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
