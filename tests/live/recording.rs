//! What a recorder keeps, dissected again; and a recording sent again.

use std::io::Write;
use std::sync::{Arc, Mutex};

use framescope::analysis::compare::Part;
use framescope::endpoint::{Command, Show};
use framescope::live::{Client, Recorder, RecorderConfig, ReplayConfig, ReplayError, Script, Speed, replay};
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Rule;
use framescope::trace::{Handshake, PayloadReader, Trace};
use framescope::wire::deflate::{Offer, Params};
use framescope::wire::message::Kind;

use crate::common::{asking, serve, within};

const TEXTS: [&str; 3] = ["Hello", "", "grüße, 你好"];

/// A conversation with our echo server, as the server's recorder kept it.
async fn recorded(protocol: Protocol, deflate: bool) -> Trace {
    let recorder = Recorder::start(RecorderConfig::default()).unwrap();
    let server = serve(|config| {
        config.recorder = Some(recorder.clone());
        config.endpoint.policy.deflate = deflate.then(Params::default);
    })
    .await;
    let mut config = asking(server.local_addr(), protocol);
    config.deflate = deflate.then(Offer::default);
    let mut client = within(Client::connect(config)).await.unwrap();
    let actions = TEXTS.map(|text| Command::text(text.to_owned())).into();
    let outcome = within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
    assert!(outcome.is_good(), "{protocol}: {outcome:?}");
    within(server.shutdown()).await;
    recorder.finish().unwrap().trace
}

fn messages(trace: &Trace, side: Side) -> Vec<(Kind, Vec<u8>)> {
    let talk = &trace.conversations()[0];
    let mut reader = PayloadReader::default();
    talk.messages
        .iter()
        .filter(|(_, message)| message.side == side)
        .map(|(number, message)| {
            let mut payload = Vec::new();
            reader.read(talk, &trace.store, number, &mut |piece| payload.extend_from_slice(piece)).unwrap();
            (message.kind, payload)
        })
        .collect()
}

#[tokio::test]
async fn what_was_recorded_is_what_was_said() {
    for protocol in Protocol::WEBSOCKET {
        for deflate in [false, true] {
            let trace = recorded(protocol, deflate && protocol == Protocol::Rfc6455).await;
            let [talk] = trace.conversations() else { panic!("{:?}", trace.conversations().len()) };
            assert_eq!((talk.protocol, talk.handshake), (protocol, Handshake::Accepted));
            for side in Side::BOTH {
                let mut said = messages(&trace, side);
                said.retain(|(kind, _)| *kind == Kind::Text);
                let expected = TEXTS.map(|text| (Kind::Text, text.as_bytes().to_vec()));
                assert_eq!(said, expected, "{protocol} {side}");
            }
            let bad: Vec<_> = talk.item_findings.iter().map(|(_, finding)| finding.to_string()).collect();
            assert!(bad.is_empty(), "{protocol}: {bad:?}");
            assert!(talk.ends.iter().all(Option::is_some), "{protocol}: {:?}", talk.ends);
        }
    }
}

#[tokio::test]
async fn client_and_server_record_the_same_bytes() {
    let [at_server, at_client] = [(), ()].map(|()| Recorder::start(RecorderConfig::default()).unwrap());
    let server = serve(|config| config.recorder = Some(at_server.clone())).await;
    let mut config = asking(server.local_addr(), Protocol::Rfc6455);
    config.recorder = Some(at_client.clone());
    let mut client = within(Client::connect(config)).await.unwrap();
    let large = "x".repeat(1_000_000);
    let actions = vec![Command::text(large), Command::Ping(b"p".to_vec()), Command::binary(vec![0; 70_000])];
    let outcome = within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
    assert!(outcome.is_good(), "{outcome:?}");
    within(server.shutdown()).await;
    let traces = [at_server, at_client].map(|recorder| recorder.finish().unwrap().trace);
    for side in Side::BOTH {
        let [one, two] = traces.each_ref().map(|trace| {
            let stream = trace.conversations()[0].stream(side);
            stream.bytes(&trace.store, 0..stream.end()).into_owned()
        });
        assert!(one == two && one.len() > 1_000_000, "{side}: {} and {} bytes", one.len(), two.len());
    }
}

/// A file in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_file_holds_every_payload() {
    let file = Memory::default();
    let config =
        RecorderConfig { file: Some(Box::new(file.clone())), trace: false, ..RecorderConfig::default() };
    let recorder = Recorder::start(config).unwrap();
    let server = serve(|config| config.recorder = Some(recorder.clone())).await;
    let mut client = within(Client::connect(asking(server.local_addr(), Protocol::Hixie75))).await.unwrap();
    let script = Script { actions: vec![Command::text("find me".to_owned())], ..Script::default() };
    within(client.run(&script, &mut |_| ())).await.unwrap();
    within(server.shutdown()).await;
    let recorded = recorder.finish().unwrap();
    assert!(recorded.trace.conversations().is_empty() && recorded.bytes > 300);
    let bytes = file.0.lock().unwrap();
    let found = bytes.windows(9).filter(|window| *window == b"\x00find me\xFF").count();
    assert_eq!(found, 2);
    assert!(
        Recorder::start(RecorderConfig { file: Some(Box::new(Full)), ..RecorderConfig::default() }).is_err()
    );
}

#[tokio::test]
async fn memory_has_a_limit_that_is_said() {
    let recorder =
        Recorder::start(RecorderConfig { trace_limit: 20_000, ..RecorderConfig::default() }).unwrap();
    let server = serve(|config| {
        config.recorder = Some(recorder.clone());
        config.endpoint.options.show = Show::Nothing;
    })
    .await;
    let mut client = within(Client::connect(asking(server.local_addr(), Protocol::Rfc6455))).await.unwrap();
    let actions = (0..100).map(|_| Command::text("x".repeat(1000))).collect();
    within(client.run(&Script { actions, ..Script::default() }, &mut |_| ())).await.unwrap();
    recorder.flush().unwrap();
    let kept = recorder.with_trace(|trace| trace.store.appended());
    assert!((1..=20_000).contains(&kept), "{kept}");
    within(server.shutdown()).await;
    let recorded = recorder.finish().unwrap();
    assert_eq!(recorded.bytes - recorded.lost, recorded.trace.store.appended());
    let [limit] = &recorded.trace.findings[..] else { panic!("{:?}", recorded.trace.findings) };
    assert_eq!(limit.rule, Rule::TraceLimit);
    let (lost, message) = (recorded.lost, framescope::words::Words::english().finding(limit));
    assert!(message.contains("20000 bytes of memory") && message.contains(&lost.to_string()), "{message}");
}

#[tokio::test]
async fn a_replay_finds_the_same_answers() {
    for protocol in Protocol::WEBSOCKET {
        let trace = recorded(protocol, false).await;
        let server = serve(|_| ()).await;
        let mut config = ReplayConfig::new(server.local_addr().to_string());
        config.speed = Speed::Max;
        let report = within(replay(&trace, 0, &config)).await.unwrap();
        assert!(report.is_same(), "{protocol}: {:#?}", report.items);
        assert_eq!(report.waited_in_vain, 0, "{protocol}");
        assert_eq!(report.trace.conversations()[0].protocol, protocol);
        within(server.shutdown()).await;
    }
}

#[tokio::test]
async fn a_replay_shows_what_differs() {
    let trace = recorded(Protocol::Rfc6455, false).await;
    // This one does not echo, and knows no subprotocol.
    let server = serve(|config| {
        config.endpoint.options.echo = false;
        config.endpoint.policy.subprotocols.clear();
    })
    .await;
    let mut config = ReplayConfig::new(server.local_addr().to_string());
    config.speed = Speed::Times(10.0);
    config.wait = std::time::Duration::from_millis(100);
    let report = within(replay(&trace, 0, &config)).await.unwrap();
    assert!(!report.is_same());
    let header = &report.items[0].differences;
    assert!(
        header.iter().any(|difference| difference.what == Part::Header("sec-websocket-protocol".to_owned())),
        "{header:?}"
    );
    assert!(report.items.iter().any(|item| item.answered.is_none()), "{:#?}", report.items);
    assert!(report.waited_in_vain > 0);
    within(server.shutdown()).await;
    let missing = within(replay(&trace, 7, &config)).await;
    assert!(matches!(missing, Err(ReplayError::NoConversation(7))));
}
