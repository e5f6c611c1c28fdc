//! A conversation: one TCP connection, its two streams, and what the dissector found in them.

use std::net::SocketAddr;

use super::item::{Item, Message};
use super::log::Log;
use super::store::Store;
use super::stream::{Chunk, Stream};
use super::time::Timestamp;
use crate::protocol::{Protocol, Side};
use crate::rule::Finding;

/// How one direction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With FIN, or the socket's end of file.
    Fin,
    /// With RST: the connection was thrown away.
    Reset,
}

/// What became of the opening handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Both halves are there and valid.
    Accepted,
    /// The server said no.
    Rejected,
    /// One half is missing, or cut.
    Incomplete,
    /// Both halves are there, but they break a rule.
    Invalid,
    /// The recording has none.
    Missing,
}

impl Handshake {
    /// The stable identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Incomplete => "incomplete",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
        }
    }
}

/// One TCP connection.
#[derive(Debug)]
pub struct Conversation {
    /// The end that opened the connection.
    pub client: SocketAddr,
    /// The end that accepted it.
    pub server: SocketAddr,
    /// What it speaks, as far as is known.
    pub protocol: Protocol,
    /// The subprotocol that was agreed.
    pub subprotocol: Option<String>,
    /// The extensions that were agreed, with their parameters.
    pub extensions: Vec<String>,
    /// What became of the opening handshake.
    pub handshake: Handshake,
    /// The streams, the client's first.
    pub streams: [Stream; 2],
    /// The items of both sides, in the order in which they were complete.
    pub items: Log<Item>,
    /// The messages, likewise.
    pub messages: Log<Message>,
    /// How many digits of a second the clock of the recording has.
    pub digits: u8,
    /// What is to be said about items, each with the item's number.
    pub item_findings: Vec<(u32, Finding)>,
    /// What is to be said about the conversation as a whole.
    pub findings: Vec<Finding>,
}

impl Conversation {
    pub(super) fn new(
        client: SocketAddr,
        server: SocketAddr,
        begins_inside: bool,
        digits: u8,
        told: Option<Protocol>,
    ) -> Self {
        let _ = (begins_inside, told);
        Self {
            client,
            server,
            protocol: Protocol::Unknown,
            subprotocol: None,
            extensions: Vec::new(),
            handshake: Handshake::Missing,
            streams: [Stream::default(), Stream::default()],
            items: Log::default(),
            messages: Log::default(),
            digits,
            item_findings: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The stream that `side` sent.
    pub fn stream(&self, side: Side) -> &Stream {
        &self.streams[side.index()]
    }

    pub(super) fn push(&mut self, side: Side, chunk: Chunk) {
        self.streams[side.index()].push(chunk);
    }

    pub(super) fn end(&mut self, side: Side, end: End, packet: u32, time: Timestamp) {
        let _ = (&self.streams, side, end, packet, time);
    }

    pub(super) fn advance(&mut self, store: &Store) {
        let _ = (&self.streams, store);
    }

    pub(super) fn finish(&mut self, store: &Store) {
        let _ = (&self.streams, store);
    }
}
