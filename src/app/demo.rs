//! The demo: a server on this machine and one client of each version, talking.

use super::host::{ClientSetup, Command, Event, Host, ServerSetup, Speaker};
use crate::protocol::{Family, Protocol, Side};
use crate::wire::message::Kind;
use crate::words;

/// The demo while it begins.
#[derive(Debug, Default)]
pub(super) struct Demo {
    stage: Stage,
    /// The clients that were asked for and have not connected yet.
    waiting: Vec<(u64, Protocol)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Off,
    /// The server was asked to listen.
    Starting,
    /// The clients were asked to connect.
    Connecting,
}

/// The first seed; each client has the next one, so that each run of the demo shows the same keys.
const SEED: u64 = 2009;

impl Demo {
    /// Begins: with the server that runs, or with a new one.
    pub(super) fn start(&mut self, host: &mut dyn Host) {
        self.waiting.clear();
        self.stage = Stage::Starting;
        match host.listening() {
            Some(address) => self.connect(host, address),
            // A free port, so that nothing that runs is in the way.
            None => host.start_server(&ServerSetup {
                listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
                subprotocols: vec!["demo".to_owned()],
                ..ServerSetup::default()
            }),
        }
    }

    /// Goes on when something happened.
    pub(super) fn on_event(&mut self, event: &Event, host: &mut dyn Host) {
        match event {
            Event::Listening(address, _) if self.stage == Stage::Starting => self.connect(host, *address),
            Event::Connected { ticket, client, server } => {
                let Some(at) = self.waiting.iter().position(|(waiting, _)| waiting == ticket) else { return };
                let (_, protocol) = self.waiting.remove(at);
                let speaker = Speaker { client: *client, server: *server, side: Side::Client };
                talk(host, &speaker, protocol);
                if self.waiting.is_empty() {
                    self.stage = Stage::Off;
                }
            }
            Event::Failed(_) => self.stage = Stage::Off,
            _ => {}
        }
    }

    fn connect(&mut self, host: &mut dyn Host, address: std::net::SocketAddr) {
        self.stage = Stage::Connecting;
        for (number, protocol) in (0..).zip(Protocol::WEBSOCKET) {
            let setup = ClientSetup {
                url: format!("ws://{address}/demo"),
                protocol,
                origin: Some("http://example.com".to_owned()),
                subprotocols: vec!["demo".to_owned()],
                deflate: true,
                seed: Some(SEED + number),
                ..ClientSetup::default()
            };
            let ticket = host.connect(&setup);
            self.waiting.push((ticket, protocol));
        }
    }
}

/// What a client says. A refusal cannot happen: each is said in a version that can say it.
fn talk(host: &mut dyn Host, speaker: &Speaker, protocol: Protocol) {
    let text = |text: String| Command::Message(Kind::Text, vec![text.into_bytes()]);
    let mut commands = vec![
        text(words::with("demo-hello", &[("version", protocol.id().into())])),
        text("你好世界 👋🏽".to_owned()),
    ];
    if protocol.family() == Some(Family::Hybi) {
        commands.push(Command::Ping(b"demo".to_vec()));
        let parts = words::text("demo-fragments").split_inclusive(' ').map(|part| part.as_bytes().to_vec());
        commands.push(Command::Message(Kind::Text, parts.collect()));
        commands.push(Command::Message(Kind::Binary, vec![(0..=255).collect()]));
    }
    for command in commands {
        // What cannot be said any more, because the connection broke, stands in the recording.
        let _ = host.send(speaker, command);
    }
}
