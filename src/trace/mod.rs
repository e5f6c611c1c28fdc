//! Traces: what was recorded, and the dissector that reads it.
//!
//! A [`Trace`] holds [`Conversation`]s; each is one TCP connection with two [`Stream`]s of bytes. A source (a
//! capture, a socket, typed bytes) pushes data, gaps and ends into the trace in the order of time; the dissector
//! runs along and appends [`Item`]s and [`Message`]s. Nothing here does I/O except mapping a file ([`Store`]).

mod alone;
mod conversation;
mod describe;
mod dissector;
mod frame;
mod item;
mod log;
mod payload;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod time;

pub use alone::InOrder;
pub use conversation::{Conversation, End, Handshake};
pub use describe::{GAP, KINDS, UNPARSED, derivations, derivations_in_order, fields, message_of};
pub(crate) use dissector::INFLATE_LIMIT;
pub use frame::FrameFacts;
pub(crate) use frame::beginning;
pub use item::{Item, ItemKind, Message, MessageKind};
pub use log::Log;
pub(crate) use payload::frame_payload;
pub use payload::{PayloadError, PayloadReader, close_body, frames_of};
pub use store::{Place, Store};
pub use stream::{Chunk, Piece, Stream};
pub use time::Timestamp;

use std::net::SocketAddr;

use dissector::Dissector;

use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Finding;
#[cfg(test)]
use crate::model::rule::Rule;
use crate::wire::deflate::Params;

/// What was recorded: the bytes, and the conversations in them.
#[derive(Debug, Default)]
pub struct Trace {
    /// The recorded bytes.
    pub store: Store,
    /// The conversations, in the order in which they began.
    pub conversations: Vec<Conversation>,
    /// What is to be said about the recording as a whole.
    pub findings: Vec<Finding>,
    /// Protocols that the user says are spoken on a port of the server, for recordings without a handshake.
    pub decode_as: Vec<(u16, Protocol)>,
    /// Who reads each conversation while bytes arrive; gone when it is finished.
    dissectors: Vec<Option<Box<Dissector>>>,
}

impl Trace {
    /// An empty trace over these bytes.
    pub fn new(store: Store) -> Self {
        Self { store, ..Self::default() }
    }

    /// A new conversation; returns its index. `begins_inside` says that the TCP opening was not recorded, `digits`
    /// how many digits of a second the clock of the recording has (0 to 9).
    pub fn open(&mut self, client: SocketAddr, server: SocketAddr, begins_inside: bool, digits: u8) -> usize {
        let told =
            self.decode_as.iter().find(|(port, _)| *port == server.port()).map(|&(_, protocol)| protocol);
        self.conversations.push(Conversation::new(client, server, begins_inside, digits));
        self.dissectors.push(Some(Box::new(Dissector::new(begins_inside, told))));
        self.conversations.len() - 1
    }

    /// A conversation without a handshake, both of whose sides speak frames of `protocol` from their first byte on;
    /// `deflate` says that permessage-deflate was agreed. Returns its index. For bytes that a person typed.
    pub fn open_as(&mut self, protocol: Protocol, deflate: Option<Params>) -> usize {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let index = self.open(nowhere, nowhere, false, 0);
        if let Some((talk, dissector, _)) = self.reading(index) {
            talk.opening = conversation::Opening::As(protocol, deflate);
            dissector.open(talk, protocol, deflate);
        }
        index
    }

    /// Appends the next `len` bytes that `side` sent, in stream order. `place` says where in the store they are.
    pub fn data(
        &mut self,
        conversation: usize,
        side: Side,
        place: Place,
        len: u32,
        packet: u32,
        time: Timestamp,
    ) {
        self.push(conversation, side, Chunk::data(place, len, packet, time));
    }

    /// Notes that the next `len` bytes of `side` were sent but not recorded.
    pub fn gap(&mut self, conversation: usize, side: Side, len: u32, packet: u32, time: Timestamp) {
        self.push(conversation, side, Chunk::gap(len, packet, time));
    }

    /// Notes that `side` will send no more (FIN), or that the connection was thrown away (RST).
    pub fn end(&mut self, conversation: usize, side: Side, end: End) {
        if let Some((talk, dissector, store)) = self.reading(conversation) {
            talk.end(side, end);
            dissector.end(talk.turned(side), end);
            dissector.advance(talk, store);
        }
    }

    /// The recording is over: what is still open is completed as far as it goes.
    pub fn finish(&mut self) {
        for (talk, dissector) in self.conversations.iter_mut().zip(&mut self.dissectors) {
            if let Some(mut dissector) = dissector.take() {
                dissector.finish(talk, &self.store);
            }
        }
    }

    #[inline]
    fn push(&mut self, conversation: usize, side: Side, chunk: Chunk) {
        if let Some((talk, dissector, store)) = self.reading(conversation) {
            talk.push(side, chunk);
            dissector.advance(talk, store);
        }
    }

    /// A conversation that is not finished, who reads it, and the bytes.
    #[inline]
    fn reading(&mut self, conversation: usize) -> Option<(&mut Conversation, &mut Dissector, &Store)> {
        let dissector = self.dissectors.get_mut(conversation)?.as_deref_mut()?;
        Some((self.conversations.get_mut(conversation)?, dissector, &self.store))
    }

    /// Lets go of the items and messages of a conversation before the given numbers, as far as no unfinished item needs
    /// them, and of the chunks that only they needed. For reading captures of any size in little memory.
    pub fn forget_before(&mut self, conversation: usize, item: usize, message: usize) {
        let Some(talk) = self.conversations.get_mut(conversation) else { return };
        let dissector = self.dissectors.get(conversation).and_then(Option::as_deref);
        let needed =
            dissector.and_then(Dissector::needed_item).map_or(item, |needed| item.min(needed as usize));
        let unread =
            Side::BOTH.map(|side| dissector.map_or(u64::MAX, |dissector| dissector.needed_from(side)));
        talk.forget_before(needed, message, unread);
    }

    /// Lets go of recorded bytes that no conversation needs any more, but for those from the address `but_from` on.
    /// Costs a look at each conversation.
    pub fn forget_unneeded(&mut self, but_from: u64) {
        let places = self.conversations.iter().flat_map(|talk| talk.streams.iter());
        let first = places.filter_map(Stream::first_place).map(|place| place.at).min();
        self.store.forget_before(first.unwrap_or(u64::MAX).min(but_from));
    }
}
