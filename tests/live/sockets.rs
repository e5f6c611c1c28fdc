//! Our server and our client, over sockets.

use std::time::Duration;

use framescope::endpoint::{Command, Event, SendError, Show};
use framescope::live::{Client, ClientConfig, ConnectError, Limits, News, Script, What};
use framescope::model::protocol::Protocol;
use framescope::model::rule::Rule;
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::handshake::Secret;
use framescope::wire::message::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{asking, closed, closes_with_code, connect, next_of, serve, within};

#[tokio::test]
async fn every_version_echoes_and_closes() {
    let mut server = serve(|_| ()).await;
    let mut events = server.events().unwrap();
    for protocol in Protocol::WEBSOCKET {
        let mut client = connect(server.local_addr(), protocol).await;
        assert_eq!(client.agreement().protocol, protocol);
        assert_eq!(client.agreement().subprotocol.as_deref(), Some("chat"));
        let large = "ä".repeat(70_000);
        let script = Script {
            actions: vec![Command::text("Hello".to_owned()), Command::text(large.clone())],
            close: Some((1000, "done".to_owned())),
            ..Script::default()
        };
        let mut texts = Vec::new();
        let outcome = within(client.run(&script, &mut |event| {
            if let News::Event(Event::Message { kind: Kind::Text, data, .. }) = event {
                texts.push(String::from_utf8(data.clone()).unwrap());
            }
        }))
        .await
        .unwrap();
        assert_eq!(texts, ["Hello", &large], "{protocol}");
        let code = if closes_with_code(protocol) { 1000 } else { 1005 };
        assert_eq!((outcome.clean, outcome.code), (true, code), "{protocol}: {outcome:?}");
        assert!(outcome.is_good());
        assert_eq!(closed(&mut events).await, (true, code), "{protocol}");
    }
    within(server.shutdown()).await;
}

#[tokio::test]
async fn a_server_that_breaks_a_rule_at_once_is_told_and_the_rule_is_reported() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        // The answer to the key of the RFC's example, and a reserved opcode behind it.
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x83\x00";
        stream.write_all(answer).await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        rest
    });
    let secret = Some(Secret::Hybi("dGhlIHNhbXBsZSBub25jZQ==".to_owned()));
    let config = ClientConfig { secret, ..asking(address, Protocol::Rfc6455) };
    let mut client = within(Client::connect(config)).await.unwrap();
    let script = Script { actions: vec![Command::text("Hello".to_owned())], ..Script::default() };
    let outcome = within(client.run(&script, &mut |_| ())).await.unwrap();
    assert_eq!((outcome.clean, outcome.expected, outcome.answers), (false, 1, 0));
    assert_eq!(outcome.findings.first().unwrap().rule, Rule::ReservedOpcode);
    let sent = within(server).await.unwrap();
    assert_eq!(sent.first(), Some(&0x88), "the client closes, and says nothing else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_without_a_pause_does_not_keep_the_server_from_stopping() {
    let server = serve(|_| ()).await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    tokio::spawn(async move { while matches!(reading.read(&mut [0; 4096]).await, Ok(1..)) {} });
    // Pongs of no bytes that nobody asked for, masked with zeros: nothing is to be answered.
    let pongs = [0x8A, 0x80, 0, 0, 0, 0].repeat(10_000);
    let flood = tokio::spawn(async move { while writing.write_all(&pongs).await.is_ok() {} });
    tokio::time::sleep(Duration::from_millis(100)).await;
    within(server.shutdown()).await;
    within(flood).await.unwrap();
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye_in_every_version() {
    let server = serve(|_| ()).await;
    let mut clients = Vec::new();
    for protocol in Protocol::WEBSOCKET {
        clients.push(connect(server.local_addr(), protocol).await);
    }
    let waiting = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            let script = Script { close: None, ..Script::default() };
            let outcome = client.run(&script, &mut |_| ()).await.unwrap();
            (client.agreement().protocol, outcome)
        })
    });
    let waiting: Vec<_> = waiting.collect();
    within(server.shutdown()).await;
    for outcome in waiting {
        let (protocol, outcome) = within(outcome).await.unwrap();
        let code = if closes_with_code(protocol) { 1001 } else { 1005 };
        assert_eq!((outcome.clean, outcome.code), (true, code), "{protocol}: {outcome:?}");
    }
}

#[tokio::test]
async fn compression_works_with_all_windows() {
    for bits in 8..=15 {
        for alone in [false, true] {
            let server = serve(|config| {
                config.endpoint.policy.deflate = Some(Params {
                    server_no_context_takeover: alone,
                    client_no_context_takeover: !alone,
                    server_max_window_bits: bits,
                    client_max_window_bits: 23 - bits,
                    ..Params::default()
                });
            })
            .await;
            let mut config = asking(server.local_addr(), Protocol::Rfc6455);
            config.deflate = Some(Offer { client_max_window_bits: Some(None), ..Offer::default() });
            let mut client = within(Client::connect(config)).await.unwrap();
            assert_eq!(client.agreement().deflate.unwrap().server_max_window_bits, bits);
            let text = "the quick brown fox ".repeat(3000);
            let data: Vec<u8> = (0..40_000_u32).map(|i| ((i * i) >> 7) as u8).collect();
            let script = Script {
                actions: vec![
                    Command::text(text.clone()),
                    Command::binary(data.clone()),
                    Command::text(text.clone()),
                ],
                ..Script::default()
            };
            let mut seen = Vec::new();
            let outcome = within(client.run(&script, &mut |event| {
                if let News::Event(Event::Message { data, .. }) = event {
                    seen.push(data.clone());
                }
            }))
            .await
            .unwrap();
            assert!(outcome.is_good(), "{bits} {alone}: {outcome:?}");
            assert_eq!(seen, [text.clone().into_bytes(), data, text.into_bytes()]);
            within(server.shutdown()).await;
        }
    }
}

#[tokio::test]
async fn a_script_cannot_send_what_the_version_does_not_have() {
    let server = serve(|_| ()).await;
    let mut client = connect(server.local_addr(), Protocol::Hixie76).await;
    let script = Script { actions: vec![Command::Ping(b"x".to_vec())], ..Script::default() };
    let error = within(client.run(&script, &mut |_| ())).await.unwrap_err();
    assert_eq!(error, SendError::NoPing(Protocol::Hixie76));
    drop(client);
    within(server.shutdown()).await;
}

#[tokio::test]
async fn the_same_seed_sends_the_same_bytes() {
    let server = serve(|_| ()).await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let recorder =
            framescope::live::Recorder::start(framescope::live::RecorderConfig::default()).unwrap();
        let mut config = asking(server.local_addr(), Protocol::Hixie76);
        (config.seed, config.recorder) = (Some(42), Some(recorder.clone()));
        let mut client = within(Client::connect(config)).await.unwrap();
        within(client.run(&Script::default(), &mut |_| ())).await.unwrap();
        let recorded = recorder.finish().unwrap();
        let stream = recorded.trace.conversations()[0].stream(framescope::model::protocol::Side::Client);
        runs.push(stream.bytes(&recorded.trace.store, 0..stream.end()).into_owned());
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].len() > 100);
    within(server.shutdown()).await;
}

#[tokio::test]
async fn a_refusal_says_why() {
    let server = serve(|config| config.endpoint.policy.protocols = vec![Protocol::Rfc6455]).await;
    let refused = within(Client::connect(asking(server.local_addr(), Protocol::Hybi8))).await;
    assert!(matches!(refused, Err(ConnectError::Refused { status: 426, .. })), "{refused:?}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = within(Client::connect(asking(nobody, Protocol::Rfc6455))).await;
    assert!(matches!(refused, Err(ConnectError::Tcp { .. })), "{refused:?}");
    within(server.shutdown()).await;
}

#[tokio::test]
async fn the_flash_policy_has_an_address_of_its_own() {
    let server = serve(|config| config.flash_policy = Some("127.0.0.1:0".parse().unwrap())).await;
    for address in [server.flash_policy_addr().unwrap(), server.local_addr()] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"<policy-file-request/>\0").await.unwrap();
        let mut answer = Vec::new();
        within(stream.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"<cross-domain-policy>") && answer.ends_with(b">\0"));
    }
    let refused =
        within(Client::connect(asking(server.flash_policy_addr().unwrap(), Protocol::Rfc6455))).await;
    assert!(matches!(refused, Err(ConnectError::Refused { .. })), "{refused:?}");
    within(server.shutdown()).await;
}

#[tokio::test]
async fn limits_hold() {
    let short = Duration::from_millis(100);
    let limits =
        Limits { connections: 1, handshake: short, idle: short, closing: short, ..Limits::default() };
    let mut server = serve(|config| config.limits = limits).await;
    let mut events = server.events().unwrap();
    // Somebody who says nothing.
    let mut silent = TcpStream::connect(server.local_addr()).await.unwrap();
    next_of(&mut events, |what| (*what == What::Connected).then_some(())).await;
    // Somebody who comes too much.
    let mut second = TcpStream::connect(server.local_addr()).await.unwrap();
    let mut answer = Vec::new();
    within(second.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 503 "));
    within(silent.read_to_end(&mut answer)).await.unwrap();
    next_of(&mut events, |what| (*what == What::TimedOut("opening handshake")).then_some(())).await;
    next_of(&mut events, |what| matches!(what, What::Disconnected(_)).then_some(())).await;
    // Somebody who opens a WebSocket and then says nothing.
    let mut client = connect(server.local_addr(), Protocol::Rfc6455).await;
    let script = Script { close: None, ..Script::default() };
    let outcome = within(client.run(&script, &mut |_| ())).await.unwrap();
    assert_eq!((outcome.clean, outcome.code), (true, 1001), "{outcome:?}");
    within(server.shutdown()).await;
}

#[tokio::test]
async fn who_does_not_read_cannot_fill_the_memory() {
    let mut server = serve(|config| config.limits.write_buffer = 64 * 1024).await;
    let mut events = server.events().unwrap();
    let mut client = connect(server.local_addr(), Protocol::Rfc6455).await;
    let message = "x".repeat(50_000);
    // More than all buffers on the way hold; the client reads only while it waits for events.
    for _ in 0..600 {
        client.endpoint().send_text(&message).unwrap();
    }
    let mut answers = 0;
    while answers < 600 {
        match within(client.next_event()).await.unwrap() {
            Some(Event::Message { length, .. }) => {
                assert_eq!(length, 50_000);
                answers += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    let outcome = within(client.run(&Script::default(), &mut |_| ())).await.unwrap();
    assert!(outcome.clean);
    closed(&mut events).await;
    within(server.shutdown()).await;
}

#[tokio::test]
async fn events_that_nobody_takes_are_counted() {
    let mut server = serve(|config| {
        config.limits.events = 4;
        config.endpoint.options.show = Show::Head(3);
    })
    .await;
    let mut events = server.events().unwrap();
    let mut client = connect(server.local_addr(), Protocol::Rfc6455).await;
    let actions = (0..50).map(|i| Command::text(format!("message {i}"))).collect();
    let outcome = within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
    assert!(outcome.is_good());
    for _ in 0..4 {
        events.recv().await.unwrap();
    }
    let mut other = connect(server.local_addr(), Protocol::Rfc6455).await;
    let dropped = next_of(&mut events, |what| match what {
        What::Dropped(count) => Some(*count),
        _ => None,
    })
    .await;
    assert!(dropped >= 48, "{dropped}");
    within(other.run(&Script::default(), &mut |_| ())).await.unwrap();
    within(server.shutdown()).await;
}

#[tokio::test]
async fn polling_hears_what_is_said() {
    let server = serve(|_| ()).await;
    let mut poll = TcpStream::connect(server.local_addr()).await.unwrap();
    poll.write_all(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut seen = Vec::new();
    let mut read_until = async |stream: &mut TcpStream, end: &[u8]| {
        while !seen.ends_with(end) {
            within(stream.read_buf(&mut seen)).await.unwrap();
        }
        std::mem::take(&mut seen)
    };
    read_until(&mut poll, b"\r\n\r\n").await;
    let mut client = connect(server.local_addr(), Protocol::Rfc6455).await;
    let script = Script { actions: vec![Command::text("Hello".to_owned())], ..Script::default() };
    within(client.run(&script, &mut |_| ())).await.unwrap();
    assert_eq!(read_until(&mut poll, b"Hello\n\r\n").await, b"6\r\nHello\n\r\n");
    server.say(b"bye");
    assert_eq!(read_until(&mut poll, b"bye\n\r\n").await, b"4\r\nbye\n\r\n");
    within(server.shutdown()).await;
    assert_eq!(read_until(&mut poll, b"0\r\n\r\n").await, b"0\r\n\r\n");
}
