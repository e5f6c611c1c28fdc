//! The engine behind the window: a server, clients and a recorder that never make anybody wait.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use framescope::analysis::api::ReadyState;
use framescope::capture;
use framescope::endpoint::{Command, Event, Show};
use framescope::live::{
    ClientConfig, ClientId, Engine, EngineEvent, LiveEnd, Order, ReplayConfig, ServerConfig, Speed, What,
};
use framescope::model::protocol::{Protocol, Side};
use framescope::trace::{Handshake, ItemKind, MessageKind, Trace};
use framescope::wire::message::Kind;

use super::common::{PATIENCE, asking, closes_with_code};

/// How many versions the engine speaks.
const VERSIONS: usize = Protocol::WEBSOCKET.len();

/// An engine, and how often it woke its window.
struct Bench {
    engine: Engine,
    woken: Arc<AtomicU64>,
    /// All that was told so far.
    told: Vec<EngineEvent>,
}

impl Bench {
    /// An engine whose server listens on a free port.
    fn serving() -> (Self, std::net::SocketAddr) {
        let woken = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&woken);
        let engine = Engine::start(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap();
        let mut config = ServerConfig { listen: "127.0.0.1:0".parse().unwrap(), ..ServerConfig::default() };
        config.endpoint.policy.subprotocols = vec!["chat".to_owned()];
        engine.start_server(config);
        let mut bench = Self { engine, woken, told: Vec::new() };
        let address = bench.wait_for(|event| match event {
            EngineEvent::Listening { address, .. } => Some(*address),
            _ => None,
        });
        assert_eq!(bench.engine.listening(), Some(address));
        (bench, address)
    }

    /// Waits for something; each look is one that a window would take.
    fn until(&mut self, mut done: impl FnMut(&mut Self) -> bool) {
        let begin = Instant::now();
        loop {
            self.told.extend(self.engine.poll());
            if done(self) {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "nothing happened for too long: {:?}", self.told);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn wait_for<T>(&mut self, mut wanted: impl FnMut(&EngineEvent) -> Option<T>) -> T {
        let mut found = None;
        self.until(|bench| {
            found = bench.told.iter().find_map(&mut wanted);
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits until the recording shows something.
    fn recorded(&mut self, shows: impl Fn(&Trace) -> bool) {
        self.until(|bench| shows(&bench.engine.lock()));
    }

    fn connect(&mut self, config: ClientConfig) -> ClientId {
        let id = self.engine.connect(config);
        self.until(|bench| bench.engine.client(id).is_some_and(|client| client.state == ReadyState::Open));
        id
    }

    fn end(&self, client: ClientId, side: Side) -> LiveEnd {
        LiveEnd { connection: self.engine.client(client).unwrap().connection.unwrap(), side }
    }
}

fn texts(trace: &Trace, side: Side) -> usize {
    let talks = trace.conversations().iter();
    talks
        .map(|talk| {
            talk.messages.iter().filter(|(_, m)| m.side == side && m.kind == MessageKind::Text).count()
        })
        .sum()
}

fn text(text: &str) -> Order {
    Order::Send(Command::text(text.to_owned()))
}

#[test]
fn every_version_talks_and_stand_in_the_trace_once() {
    let (mut bench, address) = Bench::serving();
    let clients: Vec<ClientId> = Protocol::WEBSOCKET
        .into_iter()
        .map(|protocol| bench.engine.connect(asking(address, protocol)))
        .collect();
    // What a client is told before it is open is sent when it is.
    for client in &clients {
        assert!(bench.engine.order(*client, text("Hello")));
    }
    bench.recorded(|trace| texts(trace, Side::Server) == VERSIONS);
    {
        let trace = bench.engine.lock();
        assert_eq!(trace.conversations().len(), VERSIONS, "each connection stands in it once");
        let mut spoken: Vec<Protocol> = trace.conversations().iter().map(|talk| talk.protocol).collect();
        spoken.sort();
        assert_eq!(spoken, Protocol::WEBSOCKET);
        assert!(trace.conversations().iter().all(|talk| talk.item_findings.is_empty()));
    }
    for client in &clients {
        assert_eq!(bench.engine.client(*client).unwrap().subprotocol.as_deref(), Some("chat"));
    }
    // The server speaks on each of its connections.
    for client in &clients {
        let end = bench.end(*client, Side::Server);
        assert!(bench.engine.controls().has(&end));
        assert!(bench.engine.controls().order(&end, text("from the server")));
    }
    bench.recorded(|trace| texts(trace, Side::Server) == 2 * VERSIONS);
    bench.engine.stop_server();
    bench.wait_for(|event| matches!(event, EngineEvent::Stopped).then_some(()));
    assert_eq!(bench.engine.listening(), None);
    bench.until(|bench| bench.engine.clients().iter().all(|client| client.state == ReadyState::Closed));
    let codes: Vec<u16> =
        bench.engine.clients().iter().map(|client| client.closed.clone().unwrap().0).collect();
    let expected = Protocol::WEBSOCKET.map(|protocol| if closes_with_code(protocol) { 1001 } else { 1005 });
    assert_eq!(codes, expected);
    assert!(bench.woken.load(Ordering::Relaxed) > 0);
    bench.engine.forget_closed();
    assert!(bench.engine.clients().is_empty());
}

#[test]
fn closing_is_told_with_code_and_reason() {
    let (mut bench, address) = Bench::serving();
    let client = bench.connect(asking(address, Protocol::Rfc6455));
    let server = bench.end(client, Side::Server);
    bench.engine.controls().order(&server, Order::Send(Command::Close(Some(4000), "enough".to_owned())));
    bench.until(|bench| bench.engine.client(client).unwrap().state == ReadyState::Closed);
    assert_eq!(bench.engine.client(client).unwrap().closed, Some((4000, "enough".to_owned(), true)));
    assert!(!bench.engine.order(client, text("too late")));
    assert!(!bench.engine.controls().has(&bench.end(client, Side::Client)));
}

#[test]
fn what_cannot_be_said_is_told() {
    let (mut bench, address) = Bench::serving();
    let client = bench.connect(asking(address, Protocol::Hixie76));
    bench.engine.order(client, Order::Send(Command::Ping(Vec::new())));
    let error = bench.wait_for(|event| match event {
        EngineEvent::NotSent { client: told, error } if *told == client => Some(error.to_string()),
        _ => None,
    });
    assert!(error.contains("hixie-76"), "{error}");
    // Nobody listens on a port that was just given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = bench.engine.connect(asking(free, Protocol::Rfc6455));
    bench.wait_for(|event| {
        matches!(event, EngineEvent::CannotConnect { client, .. } if *client == nobody).then_some(())
    });
    assert_eq!(bench.engine.client(nobody).unwrap().state, ReadyState::Closed);
    // Two servers cannot listen at one address, and the second one says so.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    bench.engine.start_server(ServerConfig { listen, ..ServerConfig::default() });
    bench.wait_for(|event| {
        matches!(event, EngineEvent::CannotListen { address, .. } if *address == listen).then_some(())
    });
}

#[test]
fn a_cleared_recording_goes_on_between_frames() {
    let (mut bench, address) = Bench::serving();
    let clients = Protocol::WEBSOCKET.map(|protocol| {
        let mut config = asking(address, protocol);
        config.deflate = Some(framescope::wire::deflate::Offer::default());
        bench.connect(config)
    });
    for client in clients {
        bench.engine.order(client, text("before"));
    }
    bench.recorded(|trace| texts(trace, Side::Server) == VERSIONS);
    bench.engine.clear();
    bench.recorded(|trace| trace.conversations().is_empty());
    for client in clients {
        bench.engine.order(client, text("after"));
    }
    bench.recorded(|trace| texts(trace, Side::Server) == VERSIONS);
    let trace = bench.engine.lock();
    assert_eq!(trace.conversations().len(), VERSIONS);
    for talk in trace.conversations() {
        assert!(Protocol::WEBSOCKET.contains(&talk.protocol));
        assert_eq!(talk.items.iter().filter(|(_, item)| item.kind == ItemKind::Unparsed).count(), 0);
        assert!(talk.item_findings.is_empty(), "{:?}", talk.item_findings);
    }
}

#[test]
fn connections_end_before_they_are_forgotten() {
    let (mut bench, address) = Bench::serving();
    let clients = Protocol::WEBSOCKET.map(|protocol| bench.connect(asking(address, protocol)));
    // Another program, which is still in its handshake.
    let outside = std::net::TcpStream::connect(address).unwrap();
    bench.recorded(|trace| trace.conversations().len() == VERSIONS + 1);
    bench.engine.end_and_clear();
    let ended = bench.wait_for(|event| match event {
        EngineEvent::Cleared(ended) => Some(*ended),
        _ => None,
    });
    assert_eq!(ended, VERSIONS + 1);
    assert!(bench.engine.lock().conversations().is_empty());
    for client in clients {
        let state = bench.engine.client(client).unwrap();
        assert_eq!(state.state, ReadyState::Closed);
        if closes_with_code(state.protocol) {
            assert_eq!(state.closed.map(|(code, _, clean)| (code, clean)), Some((1001, true)));
        }
    }
    drop(outside);
    assert!(!bench.told.iter().any(|event| matches!(event, EngineEvent::NotSent { .. })));
    // The server listens, and who comes now is recorded from the beginning.
    assert_eq!(bench.engine.listening(), Some(address));
    bench.connect(asking(address, Protocol::Rfc6455));
    bench.recorded(|trace| {
        trace.conversations().len() == 1 && trace.conversations()[0].handshake == Handshake::Accepted
    });
}

fn dissected(file: &Path) -> Trace {
    let mut loader = capture::open(file, &capture::Options::default()).unwrap();
    loader.read_all().unwrap();
    loader.into_trace()
}

#[test]
fn recordings_hold_what_came_before_and_what_comes_after() {
    let folder = tempfile::tempdir().unwrap();
    let (saved, recording) = (folder.path().join("saved.pcapng"), folder.path().join("recording.pcapng"));
    let (mut bench, address) = Bench::serving();
    let client = bench.connect(asking(address, Protocol::Rfc6455));
    bench.engine.order(client, text("one"));
    bench.recorded(|trace| texts(trace, Side::Server) == 1);
    bench.engine.save(&saved);
    bench.engine.record_to(Some(&recording));
    bench.wait_for(|event| matches!(event, EngineEvent::Written(_)).then_some(()));
    bench.wait_for(|event| matches!(event, EngineEvent::Recording(_)).then_some(()));
    assert_eq!(bench.engine.recording(), Some(recording.clone()));
    bench.engine.order(client, text("two"));
    bench.recorded(|trace| texts(trace, Side::Server) == 2);
    bench.engine.record_to(None);
    bench.wait_for(|event| matches!(event, EngineEvent::RecordingComplete(_)).then_some(()));
    assert_eq!(bench.engine.recording(), None);
    for (file, messages) in [(&saved, 2), (&recording, 4)] {
        let trace = dissected(file);
        assert_eq!(trace.conversations().len(), 1);
        assert_eq!(trace.conversations()[0].messages.len(), messages);
        assert!(trace.conversations()[0].item_findings.is_empty());
    }
    bench.engine.record_to(Some(&folder.path().join("no such folder").join("x.pcapng")));
    bench.wait_for(|event| matches!(event, EngineEvent::CannotWrite { .. }).then_some(()));
}

#[test]
fn a_conversation_is_sent_again_in_the_background() {
    let (mut bench, address) = Bench::serving();
    let client = bench.connect(asking(address, Protocol::Rfc6455));
    bench.engine.order(client, text("again"));
    bench.engine.order(client, Order::Send(Command::Close(Some(1000), String::new())));
    bench.until(|bench| bench.engine.client(client).unwrap().state == ReadyState::Closed);
    bench.recorded(|trace| trace.conversations().first().is_some_and(|talk| talk.items.len() == 6));
    let recorded = bench.engine.lock().alone(0).unwrap();
    assert_eq!(recorded.conversations()[0].items.len(), 6);
    let config = ReplayConfig { speed: Speed::Max, ..ReplayConfig::new(address.to_string()) };
    let replay = bench.engine.replay(recorded, 0, config);
    let same = bench.wait_for(|event| match event {
        EngineEvent::Replayed { replay: told, result } if *told == replay => {
            Some(result.as_ref().unwrap().is_same())
        }
        _ => None,
    });
    assert!(same);
}

#[test]
fn more_than_can_be_told_is_counted() {
    const MESSAGES: u64 = 50_000;
    let (mut bench, address) = Bench::serving();
    let mut config = asking(address, Protocol::Rfc6455);
    config.options.show = Show::Head(16);
    let client = bench.connect(config);
    let end = bench.end(client, Side::Client);
    // Let go of what was told about opening.
    bench.engine.poll();
    bench.told.clear();
    for _ in 0..MESSAGES {
        bench.engine.order(client, Order::Send(Command::Fragments(Kind::Text, vec![b"message".to_vec()])));
    }
    // Nobody takes events meanwhile, as in a window that is hidden.
    let begin = Instant::now();
    while texts(&bench.engine.lock(), Side::Server) < MESSAGES as usize {
        assert!(begin.elapsed() < 3 * PATIENCE, "{}", texts(&bench.engine.lock(), Side::Server));
        std::thread::sleep(Duration::from_millis(5));
    }
    bench.engine.order(client, Order::Send(Command::Close(Some(1000), String::new())));
    let begin = Instant::now();
    while bench.engine.client(client).unwrap().state != ReadyState::Closed {
        assert!(begin.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(2));
    }
    let mut events = bench.engine.poll();
    assert!(events.len() <= 1024 + 64, "{}", events.len());
    bench.until(|bench| {
        events.append(&mut bench.told);
        events.iter().any(|event| {
            matches!(event, EngineEvent::Server(event) if matches!(event.what, What::Disconnected(_)))
        })
    });
    let sampled: u64 =
        events.iter().map(|event| if let EngineEvent::Sampled(count) = event { *count } else { 0 }).sum();
    let messages = |event: &&EngineEvent| {
        matches!(event, EngineEvent::Client { event: Event::Message { .. }, .. })
            || matches!(event, EngineEvent::Server(event) if matches!(&event.what,
                What::Endpoint(Event::Message { .. })))
    };
    // Each message comes to the server and back to the client.
    assert_eq!(sampled + events.iter().filter(messages).count() as u64, 2 * MESSAGES);
    // What ends a connection is told all the same.
    assert!(
        events.iter().any(|event| matches!(
            event,
            EngineEvent::Client { event: Event::Closed { clean: true, .. }, .. }
        ))
    );
    assert_eq!(bench.engine.controls().buffered(&end), 0);
}
