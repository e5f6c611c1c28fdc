use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::model::protocol::Protocol;
use crate::model::rule::Rule;
use crate::wire::close::CloseBody;
use crate::wire::deflate::{self, Params};
use crate::wire::frame::hybi::{Header, LengthForm, Opcode};
use crate::wire::handshake::{Offer, Secret};
use crate::wire::message::Kind;

/// Numbers that follow from a seed, good enough for keys that nobody attacks.
fn numbers(mut state: u64) -> Random {
    Box::new(move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    })
}

fn offer(protocol: Protocol) -> Offer {
    Offer {
        protocol,
        resource: "/chat?room=1".to_owned(),
        host: "example.com".to_owned(),
        secure: false,
        origin: Some("http://example.com".to_owned()),
        subprotocols: vec!["chat".to_owned()],
        extensions: Vec::new(),
        headers: Vec::new(),
    }
}

fn client_with(offer: Offer, options: Options) -> Client {
    let mut random = numbers(7);
    let secret = Secret::random(offer.protocol, &mut *random);
    Client::new(ClientConfig { offer, options }, secret, random)
}

fn client(protocol: Protocol) -> Client {
    client_with(offer(protocol), Options::default())
}

fn server_with(change: impl FnOnce(&mut ServerConfig)) -> Server {
    let mut config = ServerConfig::default();
    config.policy.subprotocols = vec!["chat".to_owned()];
    change(&mut config);
    Server::new(Arc::new(config))
}

fn echo() -> Server {
    server_with(|config| config.options.echo = true)
}

fn events(next: impl FnMut() -> Option<Event>) -> Vec<Event> {
    std::iter::from_fn(next).collect()
}

/// Lets both talk until neither has anything to say; the bytes go over in pieces of `cuts`, in turn.
fn talk(client: &mut Client, server: &mut Server, cuts: &[usize]) {
    let mut cuts = cuts.iter().copied().cycle();
    let mut pair = Pair::new(client, server);
    while let Some(next) = pair.next_move() {
        let Move::Data(side, bytes) = &next else {
            pair.arrived(&next);
            continue;
        };
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let cut = cuts.next().unwrap_or(usize::MAX).max(1);
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            pair.arrived(&Move::Data(*side, piece.to_vec()));
            rest = more;
        }
    }
}

/// A server and a client whose WebSocket is open.
fn opened(protocol: Protocol, mut server: Server) -> (Client, Server) {
    let mut client = client(protocol);
    talk(&mut client, &mut server, &[usize::MAX]);
    assert!(client.is_open() && server.is_open(), "{protocol}");
    events(|| client.poll_event());
    events(|| server.poll_event());
    (client, server)
}

fn messages(events: &[Event]) -> Vec<(Kind, Vec<u8>)> {
    let message = |event: &Event| match event {
        Event::Message { kind, data, .. } => Some((*kind, data.clone())),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}

fn has_codes(protocol: Protocol) -> bool {
    protocol.dialect_or_latest().closing.has_codes()
}

fn closed(events: &[Event]) -> Option<(bool, u16)> {
    match events.last() {
        Some(Event::Closed { clean, code }) => Some((*clean, *code)),
        _ => None,
    }
}

proptest! {
    #[test]
    fn every_version_echoes_whatever_the_pieces(
        protocol in prop::sample::select(Protocol::WEBSOCKET.to_vec()),
        texts in prop::collection::vec(".{0,300}", 1..6),
        cuts in prop::collection::vec(1..200usize, 1..8),
    ) {
        let (mut client, mut server) = (client(protocol), echo());
        talk(&mut client, &mut server, &cuts);
        let opened = events(|| client.poll_event());
        let [Event::Open { agreement, resource }] = &opened[..] else { panic!("{opened:?}") };
        prop_assert_eq!(agreement.protocol, protocol);
        prop_assert_eq!(agreement.subprotocol.as_deref(), Some("chat"));
        prop_assert_eq!(resource, "/chat?room=1");
        for text in &texts {
            client.send_text(text).unwrap();
        }
        talk(&mut client, &mut server, &cuts);
        let expected: Vec<_> = texts.iter().map(|text| (Kind::Text, text.clone().into_bytes())).collect();
        prop_assert_eq!(&messages(&events(|| client.poll_event())), &expected);
        client.close(Some(1000), "done").unwrap();
        prop_assert_eq!(client.send_text("late"), Err(SendError::Closing));
        talk(&mut client, &mut server, &cuts);
        let seen = events(|| server.poll_event());
        prop_assert_eq!(messages(&seen), expected);
        let code = if has_codes(protocol) { 1000 } else { 1005 };
        prop_assert_eq!(closed(&seen), Some((true, code)));
        prop_assert_eq!(closed(&events(|| client.poll_event())), Some((true, code)));
        prop_assert!(server.wants_close());
    }

    #[test]
    fn any_bytes_end_in_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cuts in prop::collection::vec(1..50usize, 1..5), protocol in prop::sample::select(Protocol::WEBSOCKET.to_vec())) {
        let mut fresh = echo();
        let mut asking = client(protocol);
        let (mut client, mut server) = opened(protocol, echo());
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            server.receive(piece);
            client.receive(piece);
            fresh.receive(piece);
            asking.receive(piece);
            rest = more;
        }
        server.end_of_input();
        client.end_of_input();
        fresh.end_of_input();
        asking.end_of_input();
        prop_assert!(closed(&events(|| server.poll_event())).is_some());
        prop_assert!(closed(&events(|| client.poll_event())).is_some());
        prop_assert!(fresh.wants_close() || fresh.is_open());
        prop_assert!(asking.wants_close());
    }

    #[test]
    fn compressed_messages_come_through_with_any_parameters(
        server_bits in 8..=15u8,
        client_bits in 8..=15u8,
        server_alone: bool,
        client_alone: bool,
        texts in prop::collection::vec("[a-d]{0,400}|.{0,40}", 1..5),
        cuts in prop::collection::vec(1..300usize, 1..5),
    ) {
        let wishes = Params {
            server_no_context_takeover: server_alone,
            client_no_context_takeover: client_alone,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
            ..Params::default()
        };
        let mut server = server_with(|config| {
            config.options.echo = true;
            config.policy.deflate = Some(wishes);
        });
        let mut offer = offer(Protocol::Rfc6455);
        let asks = deflate::Offer { client_max_window_bits: Some(None), ..deflate::Offer::default() };
        offer.extensions = vec![asks.to_extension()];
        let mut client = client_with(offer, Options::default());
        talk(&mut client, &mut server, &cuts);
        let opened = events(|| client.poll_event());
        let Some(Event::Open { agreement, .. }) = opened.first() else { panic!("{opened:?}") };
        prop_assert_eq!(agreement.deflate, Some(wishes));
        for text in &texts {
            let parts: Vec<&[u8]> = text.as_bytes().chunks(50).collect();
            client.send_fragmented(Kind::Text, &parts).unwrap();
            client.send_binary(text.as_bytes()).unwrap();
        }
        talk(&mut client, &mut server, &cuts);
        let expected: Vec<_> = texts
            .iter()
            .flat_map(|text| [Kind::Text, Kind::Binary].map(|kind| (kind, text.clone().into_bytes())))
            .collect();
        prop_assert_eq!(messages(&events(|| client.poll_event())), expected);
    }
}

/// A frame of the client, masked, with a header that is changed by `change`.
fn frame(opcode: u8, payload: &[u8], change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let mut header = Header::new(Opcode::new(opcode), payload.len() as u64);
    header.mask = Some([0x37, 0xFA, 0x21, 0x3D]);
    change(&mut header);
    let mut bytes = Vec::new();
    crate::wire::frame::coding::Coding::LATEST.write(&header, payload, &mut bytes);
    bytes
}

/// What the server says to bytes that break a rule: the rule, and the close frame's code.
fn answer_to(bytes: &[u8], change: impl FnOnce(&mut ServerConfig)) -> (Vec<Event>, Option<u16>) {
    let (_, mut server) = opened(Protocol::Rfc6455, server_with(change));
    server.receive(bytes);
    let output = server.take_output();
    let code = match Header::read_for_test(&output) {
        Some((header, length)) if header.opcode == Opcode::CLOSE => {
            let body = CloseBody::parse(&output[length..]);
            assert!(output.len() - length <= 125);
            body.code
        }
        _ => None,
    };
    (events(|| server.poll_event()), code)
}

impl Header {
    fn read_for_test(bytes: &[u8]) -> Option<(Self, usize)> {
        match Self::parse(bytes) {
            crate::wire::Parse::Done(header, length) => Some((header, length)),
            _ => None,
        }
    }
}

#[test]
fn each_broken_rule_ends_the_connection_with_its_code() {
    let nothing = |_: &mut Header| {};
    let two = |first: Vec<u8>, second: Vec<u8>| [first, second].concat();
    let cases: Vec<(Rule, u16, Vec<u8>)> = vec![
        (Rule::RsvWithoutExtension, 1002, frame(1, b"a", |header| header.rsv[1] = true)),
        (Rule::RsvWithoutExtension, 1002, frame(1, b"a", |header| header.rsv[0] = true)),
        (Rule::ReservedOpcode, 1002, frame(3, b"", nothing)),
        (Rule::ReservedOpcode, 1002, frame(0xB, b"", nothing)),
        (Rule::ClientMustMask, 1002, frame(1, b"Hello", |header| header.mask = None)),
        (Rule::LengthNotMinimal, 1002, frame(1, b"a", |header| header.length_form = LengthForm::Medium)),
        (
            Rule::LengthTopBit,
            1002,
            frame(1, b"", |header| {
                header.payload_length = 1 << 63;
                header.length_form = LengthForm::Long;
            }),
        ),
        (Rule::ControlTooLong, 1002, frame(9, &[0; 126], nothing)),
        (Rule::ControlFragmented, 1002, frame(9, b"", |header| header.fin = false)),
        (Rule::NothingToContinue, 1002, frame(0, b"a", nothing)),
        (
            Rule::FragmentInterrupted,
            1002,
            two(frame(1, b"a", |header| header.fin = false), frame(1, b"b", nothing)),
        ),
        (Rule::TextNotUtf8, 1007, frame(1, b"a\xFF", nothing)),
        (Rule::TextCutUtf8, 1007, frame(1, b"a\xC3", nothing)),
        (Rule::CloseOneByte, 1002, frame(8, b"a", nothing)),
        (Rule::CloseReservedCode, 1002, frame(8, &1005u16.to_be_bytes(), nothing)),
        (Rule::CloseCodeRange, 1002, frame(8, &2999u16.to_be_bytes(), nothing)),
        (Rule::CloseReasonNotUtf8, 1007, frame(8, b"\x03\xE8\xFF", nothing)),
    ];
    for (rule, code, bytes) in cases {
        let (events, sent) = answer_to(&bytes, |_| ());
        let failed = events.iter().find_map(|event| match event {
            Event::Failed { findings } => findings.first().map(|finding| finding.rule),
            _ => None,
        });
        assert_eq!((failed, sent), (Some(rule), Some(code)), "{events:?}");
        assert_eq!(closed(&events).map(|(clean, _)| clean), Some(false), "{rule}");
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_there() {
    let small = |config: &mut ServerConfig| config.options.max_message = 1000;
    let header = frame(2, b"", |header| {
        header.payload_length = 1001;
        header.length_form = LengthForm::Medium;
    });
    let (events, code) = answer_to(&header, small);
    assert_eq!(code, Some(1009), "{events:?}");
}

#[test]
fn a_small_frame_that_inflates_to_much_is_refused() {
    let mut server = server_with(|config| {
        config.policy.deflate = Some(Params::default());
        config.options.max_message = 10_000;
    });
    let mut offer = offer(Protocol::Rfc6455);
    offer.extensions = vec![deflate::Offer::default().to_extension()];
    let mut client = client_with(offer, Options::default());
    talk(&mut client, &mut server, &[usize::MAX]);
    client.send_binary(&vec![0; 20_000]).unwrap();
    talk(&mut client, &mut server, &[usize::MAX]);
    let seen = events(|| client.poll_event());
    assert!(
        seen.iter().any(|event| matches!(event, Event::CloseReceived { code: Some(1009), .. })),
        "{seen:?}"
    );
}

#[test]
fn compression_that_is_wrong_ends_the_connection() {
    let compressed = |header: &mut Header| header.rsv[0] = true;
    let cases = [
        (Rule::Rsv1Position, 1002, frame(9, b"", compressed)),
        (Rule::InflateFailed, 1007, frame(1, b"\xFF\xFF\xFF", compressed)),
    ];
    for (rule, code, bytes) in cases {
        let mut server = server_with(|config| config.policy.deflate = Some(Params::default()));
        let mut offer = offer(Protocol::Rfc6455);
        offer.extensions = vec![deflate::Offer::default().to_extension()];
        let mut client = client_with(offer, Options::default());
        talk(&mut client, &mut server, &[usize::MAX]);
        client.send_raw(&bytes);
        talk(&mut client, &mut server, &[1]);
        let seen = events(|| server.poll_event());
        let failed = |event: &Event| matches!(event, Event::Failed { findings } if findings[0].rule == rule);
        assert!(seen.iter().any(failed), "{rule}: {seen:?}");
        let told = events(|| client.poll_event());
        let says = |event: &Event| matches!(event, Event::CloseReceived { code: Some(is), reason } if *is == code && reason.starts_with(rule.id()));
        assert!(told.iter().any(says), "{rule}: {told:?}");
    }
}

#[test]
fn a_client_believes_no_masked_frame() {
    let (mut client, mut server) = opened(Protocol::Rfc6455, echo());
    server.send_raw(&frame(1, b"Hello", |_| ()));
    talk(&mut client, &mut server, &[3]);
    let seen = events(|| client.poll_event());
    assert!(
        matches!(&seen[..], [Event::Failed { findings }, Event::Closed { clean: false, .. }] if findings[0].rule == Rule::ServerMustNotMask),
        "{seen:?}"
    );
    let answer = events(|| server.poll_event());
    assert!(
        answer.iter().any(|event| matches!(event, Event::CloseReceived { code: Some(1002), .. })),
        "{answer:?}"
    );
}

#[test]
fn pings_are_answered_between_fragments() {
    let (mut client, mut server) = opened(Protocol::Rfc6455, echo());
    client.send_raw(&frame(1, b"Hel", |header| header.fin = false));
    client.ping(b"are you there").unwrap();
    client.send_raw(&frame(0, b"lo", |_| ()));
    talk(&mut client, &mut server, &[usize::MAX]);
    let seen = events(|| client.poll_event());
    let data = b"Hello".to_vec();
    assert_eq!(
        seen,
        [Event::Pong(b"are you there".to_vec()), Event::Message { kind: Kind::Text, data, length: 5 }]
    );
    server.pong(b"unasked").unwrap();
    talk(&mut client, &mut server, &[usize::MAX]);
    let seen = events(|| client.poll_event());
    assert!(matches!(&seen[0], Event::Noticed(finding) if finding.rule == Rule::PongUnsolicited), "{seen:?}");
}

#[test]
fn what_a_version_does_not_have_is_said() {
    for protocol in [Protocol::Hixie75, Protocol::Hixie76] {
        let (mut client, mut server) = opened(protocol, echo());
        assert_eq!(client.ping(b"x"), Err(SendError::NoPing(protocol)));
        assert_eq!(client.send_binary(b"x"), Err(SendError::NoBinary(protocol)));
        assert_eq!(client.send_fragmented(Kind::Text, &[b"a", b"b"]), Err(SendError::NoFragments(protocol)));
        server.send_binary(&[0xFF; 200]).unwrap();
        talk(&mut client, &mut server, &[7]);
        let seen = events(|| client.poll_event());
        assert_eq!(messages(&seen), [(Kind::Binary, vec![0xFF; 200])]);
        assert!(matches!(&seen[0], Event::Noticed(finding) if finding.rule == Rule::HixieBinary));
    }
    let (mut client, _) = opened(Protocol::Rfc6455, echo());
    assert_eq!(client.close(Some(1005), ""), Err(SendError::CloseCode(1005)));
    assert_eq!(client.close(Some(1000), &"x".repeat(124)), Err(SendError::ControlTooLong(126)));
    assert_eq!(client.ping(&[0; 126]), Err(SendError::ControlTooLong(126)));
    assert_eq!(client.send_fragmented(Kind::Text, &[b"\xFF"]), Err(SendError::NotText(0)));
    assert_eq!(self::client(Protocol::Rfc6455).send_text("early"), Err(SendError::NotOpen));
}

#[test]
fn hixie_text_that_is_not_utf8_is_mended() {
    let (mut client, mut server) = opened(Protocol::Hixie76, echo());
    client.send_raw(b"\x00a\xC3\xFF\x05dropped\xFF\x00b\xFF");
    talk(&mut client, &mut server, &[1]);
    let texts = messages(&events(|| client.poll_event()));
    assert_eq!(texts, [(Kind::Text, "a\u{FFFD}".into()), (Kind::Text, "b".into())]);
    let rules: Vec<_> = events(|| server.poll_event())
        .into_iter()
        .filter_map(|event| if let Event::Noticed(finding) = event { Some(finding.rule) } else { None })
        .collect();
    assert_eq!(rules, [Rule::HixieTextNotUtf8, Rule::HixieFrameType]);
}

#[test]
fn hixie_ends_without_a_goodbye_are_not_clean() {
    let (mut client, mut server) = opened(Protocol::Hixie76, echo());
    client.close(None, "").unwrap();
    client.end_of_input();
    let seen = events(|| client.poll_event());
    assert!(
        matches!(&seen[..], [Event::Noticed(finding), Event::Closed { clean: false, .. }] if finding.rule == Rule::HixieCloseNotAnswered)
    );
    server.receive(b"\x00half");
    server.end_of_input();
    assert_eq!(closed(&events(|| server.poll_event())), Some((false, 1006)));
    let (_, mut old) = opened(Protocol::Hixie75, echo());
    old.receive(&[0xFF, 0x00]);
    assert!(old.is_open(), "hixie-75 has no closing frame");
    old.end_of_input();
    assert_eq!(closed(&events(|| old.poll_event())), Some((true, 1005)));
}

#[test]
fn a_client_of_hybi_01_is_known_by_its_first_frame() {
    // It opens as hixie-76 does, and says no number.
    let sent = b"\x84\x02He\x00\x03llo\x01\x00";
    let (_, mut server) = opened(Protocol::Hixie76, echo());
    server.receive(sent);
    let seen = events(|| server.poll_event());
    assert!(
        matches!(&seen[..], [Event::Noticed(finding), ..] if finding.rule == Rule::VersionByFrame),
        "{seen:?}"
    );
    assert_eq!(messages(&seen), [(Kind::Text, b"Hello".to_vec())]);
    assert_eq!(server.output(), b"\x04\x05Hello\x01\x00");
    assert_eq!(closed(&seen), Some((true, 1005)));
    // A server that speaks hixie-76 alone finds no text of it there.
    let alone = server_with(|config| config.policy.protocols = vec![Protocol::Hixie76]);
    let (_, mut alone) = opened(Protocol::Hixie76, alone);
    alone.receive(sent);
    let seen = events(|| alone.poll_event());
    assert!(
        matches!(&seen[..], [Event::Noticed(finding), ..] if finding.rule == Rule::HixieBinary),
        "{seen:?}"
    );
}

#[test]
fn a_101_waits_for_key3() {
    let (mut client, mut server) = (client(Protocol::Hixie76), echo());
    let request = client.take_output();
    let (head, key3) = request.split_at(request.len() - 8);
    server.receive(head);
    assert_eq!(server.output(), b"");
    server.receive(&key3[..7]);
    assert_eq!(server.output(), b"");
    server.receive(&key3[7..]);
    talk(&mut client, &mut server, &[usize::MAX]);
    assert!(client.is_open());
}

#[test]
fn a_version_that_is_not_allowed_is_refused() {
    for (protocol, status) in [(Protocol::Hybi8, 426), (Protocol::Hixie75, 400), (Protocol::Hixie76, 400)] {
        let mut server =
            server_with(|config| config.policy.protocols = vec![Protocol::Rfc6455, Protocol::Hybi7]);
        let mut client = client(protocol);
        server.receive(&client.take_output());
        let answer = server.take_output();
        assert_eq!(
            status == 426,
            memchr::memmem::find(&answer, b"Sec-WebSocket-Version: 13, 7\r\n").is_some()
        );
        client.receive(&answer);
        let seen = events(|| client.poll_event());
        assert!(matches!(&seen[..], [Event::Refused { status: is, .. }] if *is == status), "{seen:?}");
        assert!(server.wants_close() && client.wants_close());
    }
}

#[test]
fn frames_before_the_answer_end_the_connection() {
    let mut server = echo();
    let mut request = client(Protocol::Rfc6455).take_output();
    request.extend(frame(1, b"early", |_| ()));
    server.receive(&request);
    let seen = events(|| server.poll_event());
    assert!(matches!(&seen[..], [Event::Failed { findings }] if findings[0].rule == Rule::EarlyData));
    assert!(server.wants_close() && server.output().is_empty());
}

#[test]
fn flash_gets_its_policy_file() {
    for request in [&b"<policy-file-request/>\0"[..], b"<policy-file-request/>"] {
        let mut server = echo();
        for byte in request {
            server.receive(&[*byte]);
        }
        server.end_of_input();
        assert!(server.output().ends_with(b"</cross-domain-policy>\0"));
        assert!(events(|| server.poll_event()).contains(&Event::PolicyServed));
        assert!(server.wants_close());
    }
    let mut none = server_with(|config| config.flash_policy = None);
    none.receive(b"<policy-file-request/>\0");
    assert!(none.output().is_empty() && none.wants_close());
}

fn get(server: &mut Server, request: &str) -> String {
    server.receive(request.as_bytes());
    String::from_utf8(server.take_output()).unwrap()
}

#[test]
fn pages_for_those_without_websocket() {
    let latest = Arc::new(Mutex::new(None));
    let mut server = echo();
    let source = Arc::clone(&latest);
    server.set_latest(Box::new(move || source.lock().unwrap().clone()));
    assert!(get(&mut server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200 "));
    assert!(get(&mut server, "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 204 "));
    let said = get(&mut server, "POST /say HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nHello");
    assert!(said.starts_with("HTTP/1.1 204 "));
    assert!(events(|| server.poll_event()).contains(&Event::Said(b"Hello".to_vec())));
    *latest.lock().unwrap() = Some(b"Hello".as_slice().into());
    assert!(get(&mut server, "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\nHello"));
    assert_eq!(get(&mut server, "GET /long-poll HTTP/1.1\r\nHost: a\r\n\r\n"), "");
    assert!(server.is_polling());
    server.publish(b"news");
    assert!(String::from_utf8(server.take_output()).unwrap().ends_with("\r\n\r\nnews"));
    assert_eq!(get(&mut server, "GET /long-poll HTTP/1.1\r\nHost: a\r\n\r\n"), "");
    server.poll_timed_out();
    assert!(String::from_utf8(server.take_output()).unwrap().starts_with("HTTP/1.1 204 "));
    assert!(get(&mut server, "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert!(
        get(&mut server, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").contains("Transfer-Encoding: chunked")
    );
    server.publish(b"one");
    assert_eq!(server.take_output(), b"4\r\none\n\r\n");
    server.shut_down();
    assert_eq!(server.take_output(), b"0\r\n\r\n");
    assert!(server.wants_close());
}

#[test]
fn heads_have_a_limit() {
    let mut server = server_with(|config| config.options.max_head = 100);
    server.receive(b"GET / HTTP/1.1\r\n");
    server.receive(&[b'a'; 100]);
    assert!(server.take_output().starts_with(b"HTTP/1.1 431 "));
    let mut server = echo();
    server.receive(b"\x81\x05Hello");
    assert!(server.take_output().starts_with(b"HTTP/1.1 400 "));
    let mut server = echo();
    let large = "POST /say HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n";
    assert!(get(&mut server, large).starts_with("HTTP/1.1 4"));
    assert!(server.wants_close());
}

#[test]
fn a_server_that_stops_says_goodbye() {
    for protocol in Protocol::WEBSOCKET {
        let (mut client, mut server) = opened(protocol, echo());
        server.shut_down();
        talk(&mut client, &mut server, &[1]);
        let code = if has_codes(protocol) { 1001 } else { 1005 };
        assert_eq!(closed(&events(|| client.poll_event())), Some((true, code)), "{protocol}");
        assert_eq!(closed(&events(|| server.poll_event())).map(|(clean, _)| clean), Some(true), "{protocol}");
    }
}

#[test]
fn a_client_refuses_what_proves_nothing() {
    for protocol in [Protocol::Hixie76, Protocol::Hybi7, Protocol::Rfc6455] {
        let (mut client, mut server) = (client(protocol), echo());
        server.receive(&client.take_output());
        let mut answer = server.take_output();
        let place = memchr::memmem::find(&answer, b"Accept: ").map_or(answer.len() - 1, |at| at + 8);
        answer[place] = if answer[place] == b'x' { b'y' } else { b'x' };
        client.receive(&answer);
        let seen = events(|| client.poll_event());
        assert!(matches!(&seen[..], [Event::Failed { .. }]), "{protocol}: {seen:?}");
    }
    let mut client = client(Protocol::Rfc6455);
    client.end_of_input();
    assert!(matches!(&events(|| client.poll_event())[..], [Event::Failed { .. }]));
}

#[test]
fn a_pong_is_due_until_the_peer_has_closed() {
    let (mut client, mut server) = opened(Protocol::Rfc6455, echo());
    client.close(Some(1000), "").unwrap();
    client.take_output();
    // The ping was on its way when the client closed.
    server.ping(b"still there?").unwrap();
    client.receive(&server.take_output());
    server.receive(&client.take_output());
    let seen = events(|| server.poll_event());
    assert!(matches!(&seen[..], [Event::Pong(payload)] if payload == b"still there?"), "{seen:?}");
}

#[test]
fn behind_a_close_frame_only_data_is_wrong() {
    let close = [0x88, 0x00];
    let cases: [(&[u8], bool); 4] = [
        (&[0x8A, 0x02, b'h', b'i'], false),
        (&[0x8A, 0x02, b'h', b'i', 0x81, 0x01, b'a', 0x81, 0x00], true),
        (&[0x81, 0x05], true),
        (&[0x00, 0x00], true),
    ];
    for (late, wrong) in cases {
        for piece in [1, usize::MAX] {
            let (mut client, _) = opened(Protocol::Rfc6455, echo());
            for bytes in [&close[..], late].concat().chunks(piece) {
                client.receive(bytes);
            }
            let noticed: Vec<Rule> = events(|| client.poll_event())
                .iter()
                .filter_map(|event| match event {
                    Event::Noticed(finding) => Some(finding.rule),
                    _ => None,
                })
                .collect();
            assert_eq!(noticed, if wrong { vec![Rule::DataAfterClose] } else { Vec::new() }, "{late:02x?}");
        }
    }
}

#[test]
fn an_endpoint_does_what_its_version_says() {
    // What a server of the version does: the code of its close frame, or what it echoes.
    let answer = |protocol, bytes: Vec<u8>| {
        let (_, mut server) = opened(protocol, echo());
        server.receive(&bytes);
        let output = server.take_output();
        let (header, length) = Header::read_for_test(&output)?;
        let payload = output[length..].to_vec();
        match header.opcode {
            Opcode::CLOSE => Some((CloseBody::parse(&payload).code, Vec::new())),
            _ => Some((None, payload)),
        }
    };
    let bad_text = || frame(1, b"caf\xE9", |_| ());
    assert_eq!(answer(Protocol::Hybi7, bad_text()), Some((None, "caf\u{FFFD}".into())));
    assert_eq!(answer(Protocol::Hybi8, bad_text()), Some((Some(1007), Vec::new())));
    let reserved = || frame(1, b"a", |header| header.rsv[1] = true);
    assert_eq!(answer(Protocol::Hybi7, reserved()), Some((None, b"a".to_vec())));
    assert_eq!(answer(Protocol::Hybi8, reserved()), Some((Some(1002), Vec::new())));
    let long = || frame(1, b"a", |header| header.length_form = LengthForm::Medium);
    assert_eq!(answer(Protocol::Hybi8, long()), Some((None, b"a".to_vec())));
    assert_eq!(answer(Protocol::Rfc6455, long()), Some((Some(1002), Vec::new())));
    let large = || {
        frame(2, b"", |header| {
            header.payload_length = 1 << 40;
            header.length_form = LengthForm::Long;
        })
    };
    assert_eq!(answer(Protocol::Hybi8, large()), Some((Some(1004), Vec::new())));
    assert_eq!(answer(Protocol::Rfc6455, large()), Some((Some(1009), Vec::new())));
    let (mut client, _) = opened(Protocol::Hybi8, echo());
    assert_eq!(client.close(Some(1011), ""), Err(SendError::CloseCode(1011)));
}
