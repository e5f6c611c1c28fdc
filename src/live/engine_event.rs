//! What happens in an engine, and the names of its clients and replays.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::client::ConnectError;
use super::replayer::{ReplayError, Report};
use super::shared::ServerEvent;
use crate::endpoint::{Event, SendError};
use crate::trace::ConnectionId;

/// Names a client of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// Names a replay of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplayId(pub u64);

/// What happened in an engine.
#[derive(Debug)]
pub enum EngineEvent {
    /// The server listens.
    Listening {
        /// Where.
        address: SocketAddr,
        /// Where it serves the Flash policy file too.
        flash_policy: Option<SocketAddr>,
    },
    /// The server cannot listen.
    CannotListen {
        /// Where it should have.
        address: SocketAddr,
        /// Where it should have served the Flash policy file too.
        flash_policy: Option<SocketAddr>,
        /// Why not.
        error: io::Error,
    },
    /// The server has stopped, and all its connections are over.
    Stopped,
    /// Something happened on the server.
    Server(ServerEvent),
    /// A client has opened TCP.
    Connected {
        /// The client.
        client: ClientId,
        /// Its connection, as in the trace of the recording.
        connection: ConnectionId,
        /// Its address.
        local: SocketAddr,
        /// The server's address.
        peer: SocketAddr,
    },
    /// A client has no WebSocket.
    CannotConnect {
        /// The client.
        client: ClientId,
        /// Why not.
        error: ConnectError,
    },
    /// Something happened on a client.
    Client {
        /// The client.
        client: ClientId,
        /// What happened.
        event: Event,
    },
    /// A client was told to send something and could not.
    NotSent {
        /// The client.
        client: ClientId,
        /// Why not.
        error: SendError,
    },
    /// A replay is over.
    Replayed {
        /// The replay.
        replay: ReplayId,
        /// How it went.
        result: Result<Box<Report>, ReplayError>,
    },
    /// All that is in the trace is in this file, and what comes will be.
    Recording(PathBuf),
    /// The file is complete and not recorded to any more.
    RecordingComplete(PathBuf),
    /// The file was written.
    Written(PathBuf),
    /// The file could not be written, or not to its end.
    CannotWrite {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The connections that were open have ended, so many of them, and what was recorded is forgotten.
    Cleared(usize),
    /// So many events were not told, because there were too many. The recording has what they are about.
    Sampled(u64),
}

/// Whether there can be thousands of such events in a second.
pub(super) const fn is_one_of_many(event: &Event) -> bool {
    matches!(
        event,
        Event::Message { .. } | Event::Ping(_) | Event::Pong(_) | Event::Said(_) | Event::Noticed(_)
    )
}

/// A panic elsewhere leaves what is behind these locks as it is: there is nothing that could be half done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
