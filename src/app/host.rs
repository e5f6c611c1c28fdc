//! The seam between the window and the world: sockets, files, clocks. The window does nothing of this itself, so that
//! it can be driven by sockets ([`desktop`](super::desktop)), or by client and server speaking through memory
//! ([`memory`](super::memory)), as in tests and in a browser.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::endpoint::Command;
use crate::lesson::Lesson;
use crate::live::Report;
use crate::model::protocol::{Protocol, Side};
use crate::trace::{ConnectionId, Timestamp, Trace};
use crate::words::Words;

/// A server to start, as a person fills it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSetup {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The versions that are spoken, by their ids.
    #[serde(with = "protocols")]
    pub protocols: Vec<Protocol>,
    /// The subprotocols that are spoken.
    pub subprotocols: Vec<String>,
    /// Agree to permessage-deflate.
    pub deflate: bool,
    /// Serve the Flash policy file at this address too.
    pub flash_policy: Option<SocketAddr>,
    /// The origins that may connect; empty for all.
    pub origins: Vec<String>,
    /// Send every message back.
    pub echo: bool,
}

impl Default for ServerSetup {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9001)),
            protocols: Protocol::WEBSOCKET.to_vec(),
            subprotocols: Vec::new(),
            deflate: true,
            flash_policy: None,
            origins: Vec::new(),
            echo: true,
        }
    }
}

/// A client to connect, as a person fills it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSetup {
    /// Where the WebSocket is: `ws://127.0.0.1:9001/`.
    pub url: String,
    /// The version to speak, by its id.
    #[serde(with = "protocol")]
    pub protocol: Protocol,
    /// The origin of the page that a browser would connect for; none for the version's default.
    pub origin: Option<String>,
    /// The subprotocols to offer, the most wanted first.
    pub subprotocols: Vec<String>,
    /// More header fields.
    pub headers: Vec<(String, String)>,
    /// Offer permessage-deflate.
    pub deflate: bool,
    /// The `Sec-WebSocket-Key` to send in place of a random one.
    pub key: Option<String>,
    /// Makes all that is random the same in each run.
    pub seed: Option<u64>,
    /// Send back what comes.
    pub echo: bool,
}

impl Default for ClientSetup {
    fn default() -> Self {
        Self {
            url: "ws://127.0.0.1:9001/".to_owned(),
            protocol: Protocol::LATEST,
            origin: None,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            deflate: false,
            key: None,
            seed: None,
            echo: false,
        }
    }
}

/// One end of a live connection: who is to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Speaker {
    /// The connection, as in the trace.
    pub connection: ConnectionId,
    /// Which of its ends speaks.
    pub side: Side,
}

/// What happened in the world.
#[derive(Debug)]
pub enum Event {
    /// The server listens here, and serves the policy file there.
    Listening(SocketAddr, Option<SocketAddr>),
    /// The server is stopped.
    Stopped,
    /// A client that was asked for has opened TCP.
    Connected {
        /// The number that [`Host::connect`] gave.
        ticket: u64,
        /// Its connection, as in the trace.
        connection: ConnectionId,
    },
    /// A client that was asked for has no WebSocket: one line that a person can act on.
    NotConnected {
        /// The number that [`Host::connect`] gave.
        ticket: u64,
        /// Why not.
        words: String,
    },
    /// The live recording is forgotten, behind the end of so many connections.
    Cleared(usize),
    /// Something else could not be done: one line that a person can act on.
    Failed(String),
    /// Something was done that cannot be seen elsewhere: one line.
    Done(String),
    /// The connections of a lesson were played.
    Played {
        /// The lesson's name.
        lesson: String,
        /// What was on the wire, or one line that says why there is nothing.
        trace: Result<Box<Trace>, String>,
    },
    /// A conversation was sent again.
    SentAgain(Box<Report>),
}

/// A trace that is looked at; it does not grow meanwhile.
pub type TraceGuard<'a> = Box<dyn Deref<Target = Trace> + 'a>;

/// What the window asks of the world. Nothing here blocks: what takes time ends as an [`Event`].
pub trait Host {
    /// From now on, what is told a person is told in these words.
    fn speak(&mut self, words: Words);
    /// The live recording.
    fn trace(&self) -> TraceGuard<'_>;
    /// How many conversations the live recording has.
    fn conversations(&self) -> usize {
        self.trace().conversations().len()
    }
    /// The time by the clock of the live recording.
    fn now(&self) -> Timestamp;
    /// Where the server listens, while it does.
    fn listening(&self) -> Option<SocketAddr>;
    /// Starts a server; a running one is stopped first.
    fn start_server(&mut self, setup: &ServerSetup);
    /// Says goodbye on all connections and stops.
    fn stop_server(&mut self);
    /// Connects a client. The number comes back in [`Event::Connected`].
    fn connect(&mut self, setup: &ClientSetup) -> u64;
    /// Whether this end is one of ours and can still send.
    fn can_speak(&self, speaker: &Speaker) -> bool;
    /// The bytes that this end was told to send and that have not left: `bufferedAmount`.
    fn buffered(&self, speaker: &Speaker) -> u64;
    /// Sends. What is refused, because the version has no way to say it, comes back as words.
    fn send(&mut self, speaker: &Speaker, command: Command) -> Result<(), String>;
    /// Sends the client's side of a conversation again, to `host:port`; `speed` as in [`live::Speed`](crate::live::Speed),
    /// none for as fast as the answers allow.
    fn send_again(&mut self, trace: &Trace, conversation: usize, to: &str, speed: Option<f64>);
    /// Plays the connections of a lesson. What was on the wire comes back as [`Event::Played`].
    fn play(&mut self, lesson: &Lesson);
    /// Records the live traffic to a pcapng file from now on; none to stop that.
    fn record_to(&mut self, file: Option<&Path>);
    /// The file that is recorded to.
    fn recording(&self) -> Option<PathBuf>;
    /// Ends all connections, so that none goes on whose beginning is forgotten, and then forgets what was recorded. The
    /// server goes on listening. Ends as [`Event::Cleared`].
    fn clear(&mut self);
    /// What happened since the last call.
    fn poll(&mut self) -> Vec<Event>;
    /// How many of the last second's messages were not told one by one, because there were too many. The recording has
    /// them all.
    fn sampled(&self) -> u64;
    /// Writes a file, and says so in an event.
    fn write(&mut self, file: &Path, bytes: Vec<u8>);
    /// Asks a person for a file to open. None where there is no dialog, or nothing was chosen yet: the answer comes from
    /// [`picked`](Self::picked).
    fn pick_file(&mut self);
    /// Asks a person where to save; `name` is what is proposed.
    fn pick_save(&mut self, name: &str);
    /// The file that a person picked, once.
    fn picked(&mut self) -> Option<Picked>;
}

/// What a person picked in a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// To be opened.
    Open(PathBuf),
    /// To be saved to.
    Save(PathBuf),
    /// The dialog was closed, or there is none on this system.
    Nothing,
}

/// Protocols by their ids.
mod protocols {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::protocol::Protocol;

    pub(super) fn serialize<S: Serializer>(value: &[Protocol], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(|protocol| protocol.id()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Protocol>, D::Error> {
        let ids = Vec::<String>::deserialize(deserializer)?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }
}

/// A protocol by its id.
mod protocol {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::protocol::Protocol;

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature.
    pub(super) fn serialize<S: Serializer>(value: &Protocol, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.id())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Protocol, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
