//! What stands between TCP and the dissector.
//!
//! A conversation begins as two byte streams of which nobody knows yet what they are. Its first bytes decide
//! ([`recognise`]): most are read by the dissector at once. A layer reads what carries something else: it makes items of
//! the carrier's own bytes (a prelude, TLS records), and hands on what they carry as another conversation, with the
//! way back from each carried byte ([`Carrier`](super::Carrier)). What is carried is recognised in its turn.
//!
//! | file | what it reads |
//! |---|---|
//! | `prelude` | PROXY protocol and SOCKS: what is said to a proxy before the connection proper |
//! | `tls` | TLS records |
//! | `deflate` | deflate-stream, which compresses all that follows the opening handshake |
//! | `lane` | one side's place in its stream, shared by all layers |
//!
//! A proxy's CONNECT is HTTP, so the dissector reads it, and hands on from the bytes behind it.

mod deflate;
mod lane;
mod prelude;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt::Debug;

use super::Timestamp;
use super::carrier::Layer;
use super::conversation::{Conversation, TlsFacts};
use super::dissector::Dissector;
use super::store::{Place, Store};
use crate::model::facts::Fact;
use crate::model::protocol::Side;
use crate::model::rule::Finding;
use crate::wire;

/// Who reads a conversation.
#[derive(Debug)]
pub(super) enum Reader {
    /// Nobody yet: too few bytes are there to say what they are.
    Opening,
    /// The dissector: policy, HTTP, frames.
    Dissector(Box<Dissector>),
    /// A layer.
    Layer(Box<dyn Machine>),
    /// Each byte goes on to the conversation with this index.
    Tunnel(usize),
    /// Nobody any more: the recording is over.
    Over,
}

/// A layer: a machine without I/O between the streams of a carrier and those that they carry.
pub(super) trait Machine: Debug + Send + Sync {
    /// Reads as far as the bytes go. Called again whenever there are more, and when a side ended.
    fn advance(&mut self, cx: &mut Cx<'_>);

    /// Completes what is open, because nothing more will come.
    fn finish(&mut self, cx: &mut Cx<'_>);

    /// The first byte of `side` that later reading may look at again.
    fn needed_from(&self, side: Side) -> u64;
}

/// What a layer works with.
pub(super) struct Cx<'a> {
    /// The carrier.
    pub(super) talk: &'a mut Conversation,
    /// Where the bytes are.
    pub(super) store: &'a mut Store,
    /// What the layer hands on, in order.
    pub(super) out: &'a mut Vec<Out>,
    /// No more bytes will come from anywhere.
    pub(super) finishing: bool,
}

impl Cx<'_> {
    /// Whether no more bytes of `side` will come.
    pub(super) fn over(&self, side: Side) -> bool {
        self.finishing || self.talk.ends[side.index()].is_some()
    }

    /// What ended where the bytes of `side` end: the connection itself, or only what was recorded of it.
    fn what_ends(&self, side: Side) -> Fact {
        Fact::Name(if self.talk.ends[side.index()].is_some() { "connection" } else { "recording" })
    }
}

/// The layer that inflates what stands behind the opening handshake, from these offsets on, the client's first.
pub(super) fn inflating(from: [u64; 2]) -> Box<dyn Machine> {
    Box::new(deflate::DeflateStream::new(from))
}

/// What a layer hands on.
#[derive(Debug)]
pub(super) enum Out {
    /// From these offsets on, the client's first, each byte belongs to a carried conversation. The layer is done.
    Tunnel {
        /// The first carried byte of each side's stream.
        from: [u64; 2],
        /// What came before was not whole: the carried conversation may begin anywhere.
        inside: bool,
        /// What the prelude said about the connection proper.
        told: Option<Box<wire::prelude::Told>>,
    },
    /// From these offsets on, the client's first, the bytes are compressed; a conversation begins that they carry.
    Inflate {
        /// The first compressed byte of each side's stream.
        from: [u64; 2],
    },
    /// A carried conversation at this layer begins.
    Open(Layer),
    /// What is known about TLS, by now.
    Tls(Box<TlsFacts>),
    /// So many bytes stay hidden for want of keys, by now, the client's first.
    Hidden([u64; 2]),
    /// Something is to be said of the carried conversation.
    Finding(Finding),
    /// The next bytes of the carried conversation. They came out of `from..from + whole` of the carrier's stream.
    Data { side: Side, place: Place, len: u32, packet: u32, time: Timestamp, from: u64, whole: u64 },
    /// So many bytes of the carried conversation are missing.
    Gap { side: Side, len: u32, packet: u32, time: Timestamp, from: u64, whole: u64 },
}

/// What the first bytes of a conversation are.
pub(super) enum Recognised {
    /// Too few bytes are there.
    Not,
    /// Nothing that carries something else.
    Plain,
    /// What this layer reads.
    Layer(Box<dyn Machine>),
}

/// So many bytes of a stream are looked at.
const LOOKED_AT: usize = 600;

/// Conversations are carried by others at most so deep; what is deeper is taken for plain.
pub(super) const DEEPEST: usize = 8;

/// Says what begins here. `over` says that no more bytes will come.
pub(super) fn recognise(talk: &Conversation, store: &Store, over: bool) -> Recognised {
    let begins_inside = talk.begins_inside();
    let mut wait = false;
    for side in Side::BOTH {
        let stream = talk.stream(side);
        let bytes = stream.bytes(store, 0..stream.end().min(LOOKED_AT as u64));
        let over = over || talk.ends[side.index()].is_some() || stream.end() > bytes.len() as u64;
        if bytes.is_empty() {
            continue;
        }
        if begins_inside {
            match tls::continues(stream, store) {
                tls::Continues::Yes => return Recognised::Layer(Box::new(tls::Records::inside())),
                tls::Continues::More if !over => wait = true,
                _ => {}
            }
            continue;
        }
        match wire::tls::record::begins(&bytes) {
            wire::tls::record::Beginning::Yes => return Recognised::Layer(Box::new(tls::Records::new())),
            wire::tls::record::Beginning::More if !over => wait = true,
            _ => {}
        }
        if side == Side::Server {
            continue;
        }
        match wire::prelude::begins(&bytes) {
            wire::prelude::Beginning::Yes(kind) => {
                return Recognised::Layer(Box::new(prelude::Prelude::new(kind)));
            }
            wire::prelude::Beginning::More if !over => wait = true,
            _ => {}
        }
    }
    if wait { Recognised::Not } else { Recognised::Plain }
}
