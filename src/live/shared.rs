//! What the connections of a server share, and what they tell it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, mpsc};

use super::control::Controls;
use super::limits::Limits;
use super::recorder::Recorder;
use crate::endpoint::{self, Event, SendError, Show};

/// What happened on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEvent {
    /// The connection, counted from 1; 0 where it is about none.
    pub connection: u64,
    /// The client.
    pub peer: SocketAddr,
    /// What happened.
    pub what: What,
}

/// What happened on a connection of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// TCP is open.
    Connected,
    /// The endpoint says something.
    Endpoint(Event),
    /// Nothing came for too long.
    TimedOut(&'static str),
    /// Something that was to be said on the connection was not.
    NotSent(SendError),
    /// TCP is over; why, where it did not end well.
    Disconnected(Option<String>),
    /// There were as many connections as there may be; this one was told 503.
    TooMany,
    /// Accepting failed; the server goes on.
    AcceptFailed(String),
    /// So many events before this one were dropped, because nobody took them in time.
    Dropped(u64),
}

/// What the connections of a server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) recorder: Option<Recorder>,
    pub(super) controls: Option<Controls>,
    pub(super) events: mpsc::Sender<ServerEvent>,
    /// Somebody takes the events.
    pub(super) listened: AtomicBool,
    pub(super) dropped: AtomicU64,
    pub(super) open: AtomicUsize,
    pub(super) next: AtomicU64,
    /// For those who poll.
    pub(super) board: broadcast::Sender<Arc<[u8]>>,
    pub(super) latest: Latest,
    /// How much of messages is shown to who takes the events.
    pub(super) show: Show,
}

impl Shared {
    /// Tells whoever listens. Does not wait: what nobody takes is counted.
    pub(super) fn tell(&self, connection: u64, peer: SocketAddr, what: What) {
        if !self.listened.load(Ordering::Relaxed) {
            return;
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let event = ServerEvent { connection: 0, peer, what: What::Dropped(dropped) };
            if self.events.try_send(event).is_err() {
                self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
                return;
            }
        }
        if self.events.try_send(ServerEvent { connection, peer, what }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How much of messages is to be shown now. Where nobody takes the events and nobody polls, the last message is
    /// enough, for who polls later.
    pub(super) fn show(&self) -> Show {
        let most = match self.show {
            Show::Nothing => return Show::Nothing,
            Show::Head(most) | Show::Last(most) => most,
            Show::Whole => usize::MAX,
        };
        let needed = self.listened.load(Ordering::Relaxed) || self.board.receiver_count() > 0;
        if needed { self.show } else { Show::Last(most) }
    }

    /// Hands a message to those who poll.
    pub(super) fn say(&self, message: &[u8]) {
        let message: Arc<[u8]> = message.into();
        self.latest.set(Arc::clone(&message));
        // An error says that nobody polls.
        let _ = self.board.send(message);
    }
}

/// What was said last, shared by the connections of a server: the message that `/poll` answers with.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest(Arc<Mutex<Option<Arc<[u8]>>>>);

impl Latest {
    /// Somebody said something.
    fn set(&self, message: Arc<[u8]>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }

    /// What a connection asks.
    pub(super) fn source(&self) -> endpoint::Latest {
        let latest = Arc::clone(&self.0);
        Box::new(move || latest.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
