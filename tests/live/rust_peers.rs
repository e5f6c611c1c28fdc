//! tokio-tungstenite and fastwebsockets, as clients of our server and as servers of our client.

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket};
use framescope::endpoint::Command;
use framescope::live::{Client, Script};
use framescope::model::protocol::{Protocol, Side};
use framescope::wire::Parse;
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::handshake::hybi;
use framescope::wire::http::parse_head;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::common::{asking, closed, serve, within};

fn script() -> Script {
    let actions = vec![
        Command::text("Hello".to_owned()),
        Command::binary(vec![7; 70_000]),
        Command::Ping(b"are you there".to_vec()),
        Command::Fragments(
            framescope::wire::message::Kind::Text,
            vec![b"gr\xC3".to_vec(), b"\xBC\xC3\x9Fe".to_vec()],
        ),
    ];
    Script { actions, ..Script::default() }
}

#[tokio::test]
async fn tungstenite_as_client() {
    for deflate in [None, Some(Params::default())] {
        let mut server = serve(|config| config.endpoint.policy.deflate = deflate).await;
        let mut events = server.events().unwrap();
        let (mut peer, _) =
            within(tokio_tungstenite::connect_async(format!("ws://{}/", server.local_addr()))).await.unwrap();
        let sent = [Message::text("grüße"), Message::binary(vec![1; 200_000]), Message::text("")];
        for message in &sent {
            peer.send(message.clone()).await.unwrap();
            assert_eq!(within(peer.next()).await.unwrap().unwrap(), *message);
        }
        peer.send(Message::Ping(b"x".as_slice().into())).await.unwrap();
        assert_eq!(within(peer.next()).await.unwrap().unwrap(), Message::Pong(b"x".as_slice().into()));
        peer.close(None).await.unwrap();
        while within(peer.next()).await.is_some_and(|message| message.is_ok()) {}
        let (clean, _) = closed(&mut events).await;
        assert!(clean);
        drop(peer);
        within(server.shutdown()).await;
    }
}

#[tokio::test]
async fn tungstenite_as_client_is_told_1001() {
    let server = serve(|_| ()).await;
    let (mut peer, _) =
        within(tokio_tungstenite::connect_async(format!("ws://{}/", server.local_addr()))).await.unwrap();
    let told = tokio::spawn(async move {
        loop {
            match within(peer.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    });
    within(server.shutdown()).await;
    assert_eq!(within(told).await.unwrap(), CloseCode::Away);
}

#[tokio::test]
async fn tungstenite_as_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = tokio::spawn(async move {
        for _ in 0..2 {
            let (stream, _) = listener.accept().await.unwrap();
            let mut peer = tokio_tungstenite::accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = peer.next().await {
                if message.is_text() || message.is_binary() {
                    peer.send(message).await.unwrap();
                }
            }
        }
    });
    // It knows no compression, so the offer must come to nothing.
    for deflate in [None, Some(Offer::default())] {
        let mut config = asking(address, Protocol::Rfc6455);
        config.subprotocols.clear();
        config.deflate = deflate;
        let mut client = within(Client::connect(config)).await.unwrap();
        assert_eq!(client.agreement().deflate, None);
        let outcome = within(client.run(&script(), &mut |_| ())).await.unwrap();
        assert!(outcome.is_good() && outcome.findings.is_empty(), "{outcome:?}");
    }
    within(peer).await.unwrap();
}

/// Reads up to the empty line of a head.
async fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within(stream.read_u8()).await.unwrap());
    }
    head
}

#[tokio::test]
async fn fastwebsockets_as_client() {
    let mut server = serve(|_| ()).await;
    let mut events = server.events().unwrap();
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = String::from_utf8(read_head(&mut stream).await).unwrap();
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    let mut peer = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Client));
    for size in [0, 5, 126, 70_000] {
        let payload = vec![b'a'; size];
        peer.write_frame(Frame::text(Payload::Owned(payload.clone()))).await.unwrap();
        let answer = within(peer.read_frame()).await.unwrap();
        assert_eq!((answer.opcode, answer.payload.to_vec()), (OpCode::Text, payload));
    }
    peer.write_frame(Frame::close(1000, b"done")).await.unwrap();
    let answer = within(peer.read_frame()).await.unwrap();
    assert_eq!((answer.opcode, answer.payload.to_vec()), (OpCode::Close, vec![0x03, 0xE8]));
    assert_eq!(closed(&mut events).await, (true, 1000));
    drop(peer);
    within(server.shutdown()).await;
}

#[tokio::test]
async fn fastwebsockets_as_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let Parse::Done(head, _) = parse_head(&read_head(&mut stream).await, Side::Client, 9999) else {
            panic!()
        };
        let accept = hybi::accept(&head.get("Sec-WebSocket-Key").unwrap());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: keep-alive, Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        let mut peer = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Server));
        loop {
            let frame = peer.read_frame().await.unwrap();
            match frame.opcode {
                OpCode::Close => return,
                OpCode::Text | OpCode::Binary => peer.write_frame(frame).await.unwrap(),
                _ => {}
            }
        }
    });
    let mut config = asking(address, Protocol::Rfc6455);
    config.subprotocols.clear();
    let mut client = within(Client::connect(config)).await.unwrap();
    let outcome = within(client.run(&script(), &mut |_| ())).await.unwrap();
    assert!(outcome.is_good() && outcome.findings.is_empty(), "{outcome:?}");
    within(peer).await.unwrap();
}
