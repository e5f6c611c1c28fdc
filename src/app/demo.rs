//! The demo: a server on this machine and one client of each version, talking.

use std::net::SocketAddr;

use super::host::{ClientSetup, Event, Host, ServerSetup, Speaker};
use crate::endpoint::Command;
use crate::model::protocol::{Family, Protocol, Side};
use crate::wire::message::Kind;
use crate::words::Words;

/// The demo while it begins: one client after the other, so that they stand in the order of time.
#[derive(Debug, Default)]
pub(super) struct Demo {
    stage: Stage,
    /// Where the server of a demo listens, while it runs.
    own: Option<SocketAddr>,
    /// No client of this run has connected yet.
    first: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Off,
    /// The server was asked to listen.
    Starting,
    /// A client was asked to connect: its ticket, and its version's place in the order of time.
    Connecting(u64, usize),
}

/// The first seed; each client has the next one, so that each run of the demo shows the same keys.
const SEED: u64 = 2009;

/// What the server of a demo speaks. What another server speaks is not known.
const SUBPROTOCOL: &str = "demo";

impl Demo {
    /// Begins: with the server that runs, or with a new one.
    pub(super) fn start(&mut self, host: &mut dyn Host) {
        self.stage = Stage::Starting;
        self.first = true;
        match host.listening() {
            Some(address) => self.connect(host, address, 0),
            // A free port, so that nothing that runs is in the way.
            None => host.start_server(&ServerSetup {
                listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                subprotocols: vec![SUBPROTOCOL.to_owned()],
                ..ServerSetup::default()
            }),
        }
    }

    /// Goes on when something happened. Whether this was the first client of the demo that connected.
    pub(super) fn on_event(&mut self, words: Words, event: &Event, host: &mut dyn Host) -> bool {
        match (event, &self.stage) {
            (Event::Listening(address, _), Stage::Starting) => {
                self.own = Some(*address);
                self.connect(host, *address, 0);
            }
            (Event::Listening(..) | Event::Stopped, _) => self.own = None,
            (Event::Connected { ticket, connection }, Stage::Connecting(waiting, at))
                if ticket == waiting =>
            {
                let at = *at;
                if let Some(protocol) = Protocol::WEBSOCKET.get(at) {
                    let speaker = Speaker { connection: *connection, side: Side::Client };
                    talk(words, host, &speaker, *protocol);
                }
                if let Some(server) = host.listening() {
                    self.connect(host, server, at + 1);
                }
                return std::mem::take(&mut self.first);
            }
            // A server may refuse one version and speak the next.
            (Event::NotConnected { ticket, .. }, Stage::Connecting(waiting, at)) if ticket == waiting => {
                let at = *at;
                match host.listening() {
                    Some(address) => self.connect(host, address, at + 1),
                    None => self.stage = Stage::Off,
                }
            }
            (Event::Failed(_), Stage::Starting) => self.stage = Stage::Off,
            _ => {}
        }
        false
    }

    /// Connects the client of the version at this place; ends behind the last.
    fn connect(&mut self, host: &mut dyn Host, address: SocketAddr, at: usize) {
        let Some(protocol) = Protocol::WEBSOCKET.get(at) else {
            self.stage = Stage::Off;
            return;
        };
        let is_own = self.own == Some(address);
        let ticket = host.connect(&ClientSetup {
            url: format!("ws://{address}/demo"),
            protocol: *protocol,
            origin: Some("http://example.com".to_owned()),
            subprotocols: is_own.then(|| SUBPROTOCOL.to_owned()).into_iter().collect(),
            deflate: true,
            seed: Some(SEED + at as u64),
            ..ClientSetup::default()
        });
        self.stage = Stage::Connecting(ticket, at);
    }
}

/// What a client says. A refusal cannot happen: each is said in a version that can say it.
fn talk(words: Words, host: &mut dyn Host, speaker: &Speaker, protocol: Protocol) {
    let mut commands = vec![
        Command::text(words.with("demo-hello", &[("version", protocol.id().into())])),
        Command::text("你好世界 👋🏽"),
    ];
    if protocol.family() == Some(Family::Hybi) {
        commands.push(Command::Ping(b"demo".to_vec()));
        let parts = words.text("demo-fragments").split_inclusive(' ').map(|part| part.as_bytes().to_vec());
        commands.push(Command::parts(Kind::Text, parts.collect()));
        commands.push(Command::binary((0..=255).collect::<Vec<u8>>()));
    }
    for command in commands {
        // What cannot be said any more, because the connection broke, stands in the recording.
        let _ = host.send(speaker, command);
    }
}
