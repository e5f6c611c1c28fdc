//! Connections that the peer throws away: a socket that is closed without lingering sends RST.

use framescope::endpoint::Event;
use framescope::live::{Client, ConnectError, Recorder, RecorderConfig, What};
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Rule;
use framescope::trace::{End, Handshake, Trace};
use framescope::wire::handshake::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{asking, closed, next_of, serve, within};

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Ends a connection with RST.
fn throw_away(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// Reads until all that was read ends so.
async fn read_until(stream: &mut TcpStream, end: &[u8]) {
    let mut seen = Vec::new();
    within(async {
        while !seen.ends_with(end) {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
        }
    })
    .await;
}

/// The trace has the conversation up to its end, and the end.
fn check(trace: &Trace, who: Side, messages: usize) {
    let [talk, ..] = trace.conversations() else { panic!("no connection") };
    assert_eq!((talk.protocol, talk.handshake), (Protocol::Rfc6455, Handshake::Accepted));
    assert_eq!(talk.messages.len(), messages);
    assert_eq!(talk.ends, [Some(End::Reset); 2]);
    assert_eq!(talk.item_findings, []);
    let [finding, missing] = &talk.findings[..] else { panic!("{:?}", talk.findings) };
    assert_eq!((finding.rule, missing.rule), (Rule::TcpReset, Rule::CloseMissing));
    let end = if who == Side::Client { talk.client } else { talk.server };
    assert_eq!(
        framescope::words::Words::english().finding(finding),
        format!("{end} threw the connection away with RST")
    );
}

#[tokio::test]
async fn a_client_that_resets() {
    let recorder = Recorder::start(RecorderConfig::default()).unwrap();
    let mut server = serve(|config| config.recorder = Some(recorder.clone())).await;
    let mut events = server.events().unwrap();
    let mut client = TcpStream::connect(server.local_addr()).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    read_until(&mut client, b"\r\n\r\n").await;
    client.write_all(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").await.unwrap();
    read_until(&mut client, b"\x81\x05Hello").await;
    throw_away(client);
    assert_eq!(closed(&mut events).await, (false, 1006));
    let why = next_of(&mut events, |what| match what {
        What::Disconnected(why) => Some(why.clone()),
        _ => None,
    })
    .await;
    assert!(why.is_some(), "it did not end well");
    // The server goes on.
    let mut other = TcpStream::connect(server.local_addr()).await.unwrap();
    other.write_all(b"GET /nowhere HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    within(other.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 "));
    within(server.shutdown()).await;
    let trace = recorder.finish().unwrap().trace;
    assert_eq!(trace.conversations().len(), 2);
    check(&trace, Side::Client, 2);
}

#[tokio::test]
async fn a_server_that_resets() {
    let recorder = Recorder::start(RecorderConfig::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_until(&mut stream, b"\r\n\r\n").await;
        stream.write_all(ANSWER).await.unwrap();
        stream.write_all(b"\x81\x05Hello").await.unwrap();
        // The ping is proof that all of this has arrived.
        let mut frame = [0; 7];
        within(stream.read_exact(&mut frame)).await.unwrap();
        throw_away(stream);
        // And once more, before there is an answer.
        let (mut stream, _) = listener.accept().await.unwrap();
        read_until(&mut stream, b"\r\n\r\n").await;
        throw_away(stream);
    });
    let mut config = asking(address, Protocol::Rfc6455);
    config.subprotocols.clear();
    config.secret = Some(Secret::Hybi("dGhlIHNhbXBsZSBub25jZQ==".to_owned()));
    config.recorder = Some(recorder.clone());
    let mut client = within(Client::connect(config.clone())).await.unwrap();
    let hello = within(client.next_event()).await.unwrap();
    assert!(matches!(&hello, Some(Event::Message { data, .. }) if data == b"Hello"), "{hello:?}");
    client.endpoint().ping(b"?").unwrap();
    let broken = within(client.next_event()).await.unwrap_err();
    assert_eq!(broken.kind(), std::io::ErrorKind::ConnectionReset);
    let last = within(client.next_event()).await.unwrap();
    assert_eq!(last, Some(Event::Closed { clean: false, code: 1006 }));
    assert_eq!(within(client.next_event()).await.unwrap(), None);
    drop(client);
    check(&recorder.finish().unwrap().trace, Side::Server, 2);
    config.recorder = None;
    let refused = within(Client::connect(config)).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Broken(_)), "{refused:?}");
    within(server).await.unwrap();
}
