//! A conversation taken out of its trace, and one that goes on in a trace of its own.

use std::net::SocketAddr;

use super::conversation::{Opening, Spoken};
use super::{Chunk, ConnectionId, Conversation, Place, Trace};
use crate::model::protocol::Side;

/// The chunks of both sides in the order of the recording: by packet where there are packets and they were not sorted, else by
/// time.
#[derive(Clone, Debug)]
pub struct InOrder<'a> {
    talk: &'a Conversation,
    /// The number of each side's next chunk.
    next: [usize; 2],
}

impl InOrder<'_> {
    /// Where it stands: the number of each side's next chunk, to go on from there later.
    pub const fn place(&self) -> [usize; 2] {
        self.next
    }
}

impl<'a> Iterator for InOrder<'a> {
    type Item = (Side, &'a Chunk);

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = |side: Side| self.talk.stream(side).chunks().get(self.next[side.index()]);
        let order = |chunk: &Chunk| self.talk.streams[0].moment(chunk);
        let (side, chunk) = match (chunk(Side::Client), chunk(Side::Server)) {
            (None, None) => return None,
            (Some(client), Some(server)) if order(server) < order(client) => (Side::Server, server),
            (Some(client), _) => (Side::Client, client),
            (None, Some(server)) => (Side::Server, server),
        };
        self.next[side.index()] += 1;
        Some((side, chunk))
    }
}

impl Conversation {
    /// The chunks that are kept of both sides, in the order of the recording.
    pub fn in_order(&self) -> InOrder<'_> {
        self.in_order_from([0; 2])
    }

    /// The same from the chunks with these numbers on, the client's first.
    pub fn in_order_from(&self, next: [usize; 2]) -> InOrder<'_> {
        let first = Side::BOTH.map(|side| self.stream(side).chunks().first_kept());
        InOrder { talk: self, next: [next[0].max(first[0]), next[1].max(first[1])] }
    }

    /// Whether the recording begins inside the connection: it has no opening of TCP.
    pub fn begins_inside(&self) -> bool {
        matches!(self.opening, Opening::Inside | Opening::Joined(..))
    }

    /// Whether every byte so far is in an item: the next byte of either side begins something new.
    #[cfg_attr(not(feature = "cli"), allow(dead_code))] // A live recorder asks.
    pub(crate) fn is_between_items(&self) -> bool {
        Side::BOTH.into_iter().all(|side| {
            let last = self.items.iter().rev().find(|(_, item)| item.side == side);
            last.map_or(0, |(_, item)| item.range().end) == self.stream(side).end()
        })
    }
}

impl Trace {
    /// A trace of this one conversation, with a copy of its bytes; none where there is no such conversation. Packets
    /// keep their numbers.
    pub fn alone(&self, conversation: usize) -> Option<Self> {
        let talk = self.conversations.get(conversation)?;
        let mut alone = Self { decode_as: self.decode_as.clone(), by_time: self.by_time, ..Self::default() };
        // The source of the recording may have taken client and server for each other: it does so again.
        let (client, server) = match talk.turned(Side::Client) {
            Side::Client => (talk.client, talk.server),
            Side::Server => (talk.server, talk.client),
        };
        let index = match talk.opening {
            Opening::Whole => alone.open(client, server, false, talk.digits),
            Opening::Inside => alone.open(client, server, true, talk.digits),
            Opening::As(spoken) => alone.open_speaking(spoken),
            Opening::Carried(spoken) => {
                let index = alone.open(client, server, false, talk.digits);
                alone.read_frames(index, talk.opening, |dissector, alone| {
                    alone.layer = talk.layer;
                    alone.subprotocol.clone_from(&talk.subprotocol);
                    alone.extensions.clone_from(&talk.extensions);
                    alone.foreign.clone_from(&talk.foreign);
                    alone.handshake = talk.handshake;
                    alone.course.url.clone_from(&talk.course.url);
                    dissector.open(alone, spoken);
                });
                index
            }
            Opening::Joined(spoken) => {
                alone.go_on(talk.connection, (talk.client, talk.server), talk.digits, spoken)
            }
        };
        let mut chunks = talk.in_order().peekable();
        while let Some((side, chunk)) = chunks.next() {
            let mut length = chunk.end() - chunk.offset();
            // A long gap has several chunks, and is one all the same.
            let goes_on = |next: &(Side, &Chunk)| {
                next.0 == side && chunk.is_gap() && next.1.is_gap() && next.1.packet() == chunk.packet()
            };
            while let Some((_, next)) = chunks.next_if(goes_on) {
                length += next.end() - next.offset();
            }
            let side = talk.turned(side);
            if chunk.is_gap() {
                alone.gap(index, side, length, chunk.packet(), chunk.time());
            } else {
                let at = alone.store.append(chunk.bytes(&self.store));
                let place = Place { at, headers: None };
                alone.data(index, side, place, length as u32, chunk.packet(), chunk.time());
            }
        }
        for ending in talk.ended() {
            alone.end(index, talk.turned(ending.from), ending.how, ending.packet, ending.time);
        }
        alone.finish();
        Some(alone)
    }

    /// A new conversation that goes on where a recording of it was cut between two frames: what it speaks is known, and
    /// what came before is not. Returns its index.
    pub(crate) fn go_on(
        &mut self,
        connection: ConnectionId,
        ends: (SocketAddr, SocketAddr),
        digits: u8,
        spoken: Spoken,
    ) -> usize {
        let index = self.open_connection(connection, ends, true, digits);
        self.read_frames(index, Opening::Joined(spoken), |dissector, talk| dissector.join(talk, spoken));
        index
    }
}
