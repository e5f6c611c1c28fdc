//! Traces: what was recorded, and the dissector that reads it.
//!
//! A [`Trace`] holds [`Conversation`]s; each has two [`Stream`]s of bytes: those of a TCP connection, or what such
//! bytes carry. A source (a capture, a socket, typed bytes) pushes data, gaps and ends of connections into the trace in
//! the order of time. A reader runs along: the dissector, which appends [`Item`]s and [`Message`]s, or a layer, which
//! hands on what its bytes carry as a conversation of its own. Nothing here does I/O except mapping a file ([`Store`]).
//!
//! ```text
//! source ──data, gap, end──▶ Trace ──▶ layer::Reader ─┬─▶ Dissector ──▶ items, messages
//!                              ▲                      └─▶ a layer ─────▶ items of the carrier
//!                              └──────── carried bytes ───────┘
//! ```

mod alone;
mod carrier;
mod conversation;
mod counts;
mod describe;
mod dissector;
mod ending;
mod fragments;
mod frame;
mod item;
mod layer;
mod log;
mod mapped;
mod message;
mod order;
mod payload;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod time;

pub use alone::InOrder;
pub use carrier::{Carrier, ConnectionId, Layer, OffsetMap};
pub use conversation::{Conversation, End, Handshake, Keys, Spoken, TlsFacts};
pub use counts::Counts;
pub(crate) use describe::is_compressed;
pub use describe::{
    GAP, KINDS, UNPARSED, derivations, derivations_in_order, fields, message_around, message_of,
};
pub(crate) use dissector::INFLATE_LIMIT;
pub use ending::{Close, Ending, State};
pub use frame::FrameFacts;
pub(crate) use frame::beginning;
pub use item::{Item, ItemKind, Message, MessageKind};
pub use log::Log;
pub use message::{KINDS as MESSAGE_KINDS, Space, message_fields, origin};
pub use order::Held;
pub(crate) use payload::frame_payload;
pub use payload::{PayloadError, PayloadReader, close_body, frames_of};
pub use store::{Place, Store};
pub use stream::{Chunk, MAX_GAP, Piece, Stream};
pub use time::Timestamp;

use std::collections::HashMap;
use std::net::SocketAddr;

use dissector::{Dissector, Onward};
use layer::{Out, Reader, Recognised};
use order::Moment;

use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Finding;
use crate::wire::deflate::Params;

/// What the user says is spoken on a port of the server, for recordings without a handshake. What is not said is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeAs {
    /// The server's port.
    pub port: u16,
    /// The version.
    pub protocol: Protocol,
    /// Whether permessage-deflate is known to have been agreed.
    pub deflate: bool,
}

/// What was recorded: the bytes, and the conversations in them.
#[derive(Debug, Default)]
pub struct Trace {
    /// The recorded bytes.
    pub store: Store,
    /// The conversations, in the order in which they began.
    conversations: Vec<Conversation>,
    /// What is to be said about the recording as a whole.
    pub findings: Vec<Finding>,
    /// Protocols that the user says are spoken on a port of the server, for recordings without a handshake.
    pub decode_as: Vec<DecodeAs>,
    /// Whether packets are brought in the order of their times, which is not that of their numbers.
    pub(crate) by_time: bool,
    /// Who reads each conversation while bytes arrive.
    readers: Vec<Reader>,
    /// The conversation of each connection's own bytes.
    connections: HashMap<ConnectionId, usize>,
    /// The identity of the next connection whose source has none to give.
    next_connection: u64,
}

impl Trace {
    /// An empty trace over these bytes.
    pub fn new(store: Store) -> Self {
        Self { store, ..Self::default() }
    }

    /// The conversations, in the order in which they began. Which is which never changes: more come behind.
    #[inline]
    pub fn conversations(&self) -> &[Conversation] {
        &self.conversations
    }

    /// The conversation with this index; none where there are not so many.
    #[inline]
    pub fn conversation(&self, index: usize) -> Option<&Conversation> {
        self.conversations.get(index)
    }

    /// Adds what is to be said about a conversation as a whole.
    pub fn say(&mut self, conversation: usize, finding: Finding) {
        if let Some(talk) = self.conversations.get_mut(conversation) {
            talk.find(finding);
        }
    }

    /// The conversations, to be changed after their bytes were read.
    pub(crate) fn conversations_mut(&mut self) -> &mut [Conversation] {
        &mut self.conversations
    }

    /// A new connection of a source that counts none itself; returns the index of the conversation of its bytes.
    /// `begins_inside` says that the TCP opening was not recorded, `digits` how many digits of a second the clock of the
    /// recording has (0 to 9).
    pub fn open(&mut self, client: SocketAddr, server: SocketAddr, begins_inside: bool, digits: u8) -> usize {
        let connection = ConnectionId(self.next_connection);
        self.open_connection(connection, (client, server), begins_inside, digits)
    }

    /// The same for a connection whose source knows which one it is.
    pub fn open_connection(
        &mut self,
        connection: ConnectionId,
        (client, server): (SocketAddr, SocketAddr),
        begins_inside: bool,
        digits: u8,
    ) -> usize {
        let mut talk = Conversation::new(client, server, begins_inside, digits);
        talk.connection = connection;
        self.next_connection = self.next_connection.max(connection.0 + 1);
        let index = self.add(talk);
        self.connections.insert(connection, index);
        index
    }

    fn add(&mut self, mut talk: Conversation) -> usize {
        talk.streams.iter_mut().for_each(|stream| stream.by_time = self.by_time);
        self.conversations.push(talk);
        self.readers.push(Reader::Opening);
        self.conversations.len() - 1
    }

    /// The conversation of a connection's own bytes. Where they carry others, those name it as their carrier.
    pub fn conversation_of(&self, connection: ConnectionId) -> Option<usize> {
        self.connections.get(&connection).copied()
    }

    /// The conversation in which a connection's frames stand: the innermost that its bytes carry.
    pub fn innermost(&self, conversation: usize) -> usize {
        let mut at = conversation;
        while let Some(&inner) = self.conversations.get(at).and_then(|talk| talk.carried.last()) {
            at = inner;
        }
        at
    }

    /// The conversation of the bytes of the TCP connection that carries this one, through however many others.
    pub fn outermost(&self, conversation: usize) -> usize {
        let mut at = conversation;
        while let Some(carrier) = self.conversations.get(at).and_then(|talk| talk.carrier.as_ref()) {
            at = carrier.conversation;
        }
        at
    }

    /// What the user says is spoken in a conversation.
    fn told(&self, talk: &Conversation) -> Option<DecodeAs> {
        self.decode_as.iter().find(|told| told.port == talk.server.port()).copied()
    }

    /// A conversation without a handshake, both of whose sides speak frames of `protocol` from their first byte on;
    /// `deflate` says that permessage-deflate was agreed. Returns its index. For bytes that a person typed.
    pub fn open_as(&mut self, protocol: Protocol, deflate: Option<Params>) -> usize {
        self.open_speaking(Spoken::new(protocol, deflate))
    }

    /// The same where more is known of what both sides speak.
    pub fn open_speaking(&mut self, spoken: Spoken) -> usize {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let index = self.open(nowhere, nowhere, false, 0);
        self.read_frames(index, conversation::Opening::As(spoken), |dissector, talk| {
            dissector.open(talk, spoken);
        });
        index
    }

    /// The dissector reads the conversation, from a beginning that is known.
    fn read_frames(
        &mut self,
        index: usize,
        opening: conversation::Opening,
        begin: impl FnOnce(&mut Dissector, &mut Conversation),
    ) {
        let Some(talk) = self.conversations.get(index) else { return };
        let mut dissector = Box::new(Dissector::new(talk.begins_inside(), self.told(talk)));
        let Some(talk) = self.conversations.get_mut(index) else { return };
        talk.opening = opening;
        begin(&mut dissector, talk);
        if let Some(reader) = self.readers.get_mut(index) {
            *reader = Reader::Dissector(dissector);
        }
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

    /// Appends a copy of the next bytes that `side` sent, for sources that have no packets and keep no bytes: the same
    /// as to append them to the [`store`](Self::store) and to call [`data`](Self::data) with the place.
    pub fn feed(&mut self, conversation: usize, side: Side, bytes: &[u8], time: Timestamp) {
        // A chunk's length has 32 bits.
        for bytes in bytes.chunks(1 << 30) {
            let at = self.store.append(bytes);
            self.data(conversation, side, Place { at, headers: None }, bytes.len() as u32, 0, time);
        }
    }

    /// Notes that the next `len` bytes of `side` were sent but not recorded. Of more than [`MAX_GAP`] the rest is left
    /// out: no connection loses so many.
    pub fn gap(&mut self, conversation: usize, side: Side, len: u64, packet: u32, time: Timestamp) {
        let mut chunks = Chunk::gaps(len, packet, time).peekable();
        while let Some(chunk) = chunks.next() {
            // It is one gap, however many chunks that takes: it is read when all of it is there.
            let more = chunks.peek().is_some() && !self.is_over(conversation);
            match self.conversations.get_mut(conversation).filter(|_| more) {
                Some(talk) => talk.push(side, chunk),
                None => self.push(conversation, side, chunk),
            }
        }
    }

    /// Whether nobody reads the conversation any more.
    fn is_over(&self, conversation: usize) -> bool {
        matches!(self.readers.get(conversation), None | Some(Reader::Over))
    }

    /// Notes that `side` will send no more (FIN), or threw the connection away (RST), which ends both directions.
    /// `packet` is the packet that said so, 0 where there are none.
    pub fn end(&mut self, conversation: usize, side: Side, end: End, packet: u32, time: Timestamp) {
        if self.is_over(conversation) {
            return;
        }
        let Some(talk) = self.conversations.get_mut(conversation) else { return };
        let side = talk.turned(side);
        talk.end(Ending { from: side, how: end, packet, time });
        let (ends, carried) = (talk.ends, talk.carried.clone());
        if let Some(Reader::Dissector(dissector)) = self.readers.get_mut(conversation) {
            dissector.end(ends);
        }
        self.read_on(conversation);
        if !ends.contains(&None)
            && let Some(Reader::Dissector(dissector)) = self.readers.get_mut(conversation)
            && let Some(talk) = self.conversations.get_mut(conversation)
        {
            dissector.judge_end(talk, &self.store);
            self.settle(conversation);
        }
        for inner in carried {
            self.end(inner, side, end, packet, time);
        }
    }

    /// The recording is over: what is still open is completed as far as it goes.
    pub fn finish(&mut self) {
        // What is carried stands behind its carrier.
        let mut index = 0;
        while index < self.conversations.len() {
            let was_layer = matches!(self.readers.get(index), Some(Reader::Layer(_)));
            self.read(index, true);
            if !was_layer && matches!(self.readers.get(index), Some(Reader::Layer(_))) {
                self.read(index, true); // It found a layer at the end.
            }
            if let Some(Reader::Dissector(mut dissector)) =
                self.readers.get_mut(index).map(|reader| std::mem::replace(reader, Reader::Over))
                && let Some(talk) = self.conversations.get_mut(index)
            {
                dissector.finish(talk, &self.store);
                talk.settle();
            }
            index += 1;
        }
    }

    #[inline]
    fn push(&mut self, conversation: usize, side: Side, chunk: Chunk) {
        let Some(talk) = self.conversations.get_mut(conversation) else { return };
        match self.readers.get_mut(conversation) {
            Some(Reader::Dissector(dissector)) => {
                talk.push(side, chunk);
                dissector.advance(talk, &self.store);
                if dissector.hands_on() || talk.is_disordered() {
                    self.read_on(conversation);
                }
            }
            None | Some(Reader::Over) => {}
            Some(_) => {
                talk.push(side, chunk);
                self.read_on(conversation);
            }
        }
    }

    /// Reads what a conversation has that is new, and what comes of it in those that it carries.
    #[cold]
    fn read_on(&mut self, conversation: usize) {
        self.read(conversation, false);
    }

    /// The same; `finishing` says that nothing more will come. None where nothing could be read. What is carried is
    /// read by this in its turn, at most [`layer::DEEPEST`] times.
    fn read(&mut self, index: usize, finishing: bool) -> Option<()> {
        let (talk, reader) = (self.conversations.get(index)?, self.readers.get(index)?);
        if matches!(reader, Reader::Opening) {
            let told = self.told(talk);
            let plain = told.is_some() || self.depth(index) >= layer::DEEPEST;
            let recognised =
                if plain { Recognised::Plain } else { layer::recognise(talk, &self.store, finishing) };
            let reader = match recognised {
                Recognised::Not => return None,
                Recognised::Layer(machine) => Reader::Layer(machine),
                Recognised::Plain => {
                    let mut dissector = Box::new(Dissector::new(talk.begins_inside(), told));
                    dissector.end(talk.ends);
                    Reader::Dissector(dissector)
                }
            };
            *self.readers.get_mut(index)? = reader;
        }
        let talk = self.conversations.get_mut(index)?;
        let mut out = Vec::new();
        match self.readers.get_mut(index)? {
            Reader::Dissector(dissector) => {
                dissector.advance(talk, &self.store);
                match dissector.take_hand_over() {
                    Some((from, Onward::Tunnel(told))) => {
                        out.push(Out::Tunnel { from, inside: false, told: Some(told) });
                    }
                    Some((from, Onward::Inflate)) => out.push(Out::Inflate { from }),
                    None => {}
                }
            }
            Reader::Layer(machine) => {
                let mut cx = layer::Cx { talk, store: &mut self.store, out: &mut out, finishing };
                if finishing { machine.finish(&mut cx) } else { machine.advance(&mut cx) }
            }
            Reader::Tunnel(inner) => {
                let inner = *inner;
                self.tunnel(index, inner);
            }
            Reader::Opening | Reader::Over => {}
        }
        self.settle(index);
        for out in out {
            self.hand_on(index, out);
        }
        Some(())
    }

    /// Items that were found late are sorted to their place.
    #[cold]
    fn settle(&mut self, index: usize) {
        let Some(numbers) = self.conversations.get_mut(index).and_then(Conversation::settle) else { return };
        if let Some(Reader::Dissector(dissector)) = self.readers.get_mut(index) {
            dissector.renumber(&numbers);
        }
    }

    /// How many of the items of a conversation are sure to stay where they are: an item that is found later is sorted to
    /// its place, but not before these. More where more than `held` would be held back. For printing items while they
    /// come, in the order of time.
    pub fn settled(&self, conversation: usize, held: Held) -> usize {
        let Some(talk) = self.conversations.get(conversation) else { return 0 };
        // What carries it may hold bytes of it.
        let carrier = |at: usize| Some(self.conversations.get(at)?.carrier.as_ref()?.conversation);
        let chain = std::iter::successors(Some(conversation), |at| carrier(*at));
        let pending = chain.filter_map(|at| {
            let unread = Side::BOTH.map(|side| self.unread(at, side));
            self.conversations.get(at)?.pending(unread)
        });
        talk.settled(pending.min(), held)
    }

    /// The first byte of a side that is in no item yet and may come to be in one.
    fn unread(&self, conversation: usize, side: Side) -> u64 {
        match self.readers.get(conversation) {
            Some(Reader::Opening) => 0,
            Some(Reader::Dissector(dissector)) => dissector.needed_from(side),
            Some(Reader::Layer(machine)) => machine.needed_from(side),
            Some(Reader::Tunnel(_) | Reader::Over) | None => u64::MAX,
        }
    }

    /// The source of the recording holds bytes back that came in these packets at these times, because bytes before them are
    /// missing; or none any more. What is printed while it comes waits for them ([`settled`](Self::settled)).
    pub(crate) fn awaits(&mut self, conversation: usize, held: impl Iterator<Item = (u32, Timestamp)>) {
        if let Some(talk) = self.conversations.get_mut(conversation) {
            talk.awaited = held.map(|(packet, time)| Moment::new(self.by_time, packet, time)).min();
        }
    }

    /// How many conversations carry this one.
    fn depth(&self, index: usize) -> usize {
        let carrier = |index: usize| {
            self.conversations.get(index)?.carrier.as_ref().map(|carrier| carrier.conversation)
        };
        std::iter::successors(carrier(index), |&index| carrier(index)).take(layer::DEEPEST).count()
    }

    /// Takes what a layer hands on. None where there is nobody to take it.
    fn hand_on(&mut self, index: usize, out: Out) -> Option<()> {
        match out {
            Out::Open(at) => {
                self.carry(index, at, false)?;
            }
            Out::Tunnel { from, inside, told } => {
                let inner = self.carry(index, Layer::Tcp, inside)?;
                let carrier = self.conversations.get_mut(index)?;
                carrier.carried_from = Some(from);
                let talk = self.conversations.get_mut(inner)?;
                talk.told = told;
                for side in Side::BOTH {
                    talk.carrier.as_mut()?.map_mut(side).shift(0, from[side.index()]);
                }
                *self.readers.get_mut(index)? = Reader::Tunnel(inner);
                self.tunnel(index, inner);
            }
            Out::Inflate { from } => {
                let inner = self.carry(index, Layer::DeflateStream, false)?;
                let [carrier, talk] = self.conversations.get_disjoint_mut([index, inner]).ok()?;
                carrier.carried_from = Some(from);
                talk.subprotocol.clone_from(&carrier.subprotocol);
                talk.extensions.clone_from(&carrier.extensions);
                talk.foreign.clone_from(&carrier.foreign);
                talk.handshake = carrier.handshake;
                talk.course.url.clone_from(&carrier.course.url);
                let (spoken, ends) = (Spoken { deflate: None, ..Spoken::as_in(carrier) }, carrier.ends);
                self.read_frames(inner, conversation::Opening::Carried(spoken), |dissector, talk| {
                    dissector.open(talk, spoken);
                    dissector.end(ends);
                });
                *self.readers.get_mut(index)? = Reader::Layer(layer::inflating(from));
                self.read(index, false);
            }
            Out::Tls(facts) => {
                let talk = self.conversations.get_mut(index)?;
                for inner in talk.carried.clone() {
                    self.conversations.get_mut(inner)?.tls = Some(facts.clone());
                }
                self.conversations.get_mut(index)?.tls = Some(facts);
            }
            Out::Hidden(hidden) => {
                let talk = self.conversations.get(index)?;
                for at in std::iter::once(index).chain(talk.carried.clone()) {
                    if let Some(tls) = self.conversations.get_mut(at).and_then(|talk| talk.tls.as_mut()) {
                        tls.hidden = hidden;
                    }
                }
            }
            Out::Finding(finding) => {
                let inner = *self.conversations.get(index)?.carried.last()?;
                self.conversations.get_mut(inner)?.find(finding);
            }
            Out::Data { side, place, len, packet, time, from, whole } => {
                self.carried(index, side, Chunk::data(place, len, packet, time), from..from + whole)?;
            }
            Out::Gap { side, len, packet, time, from, whole } => {
                self.carried(index, side, Chunk::gap(len, packet, time), from..from + whole)?;
            }
        }
        Some(())
    }

    /// A new conversation that this one carries.
    fn carry(&mut self, index: usize, at: Layer, inside: bool) -> Option<usize> {
        let carrier = self.conversations.get(index)?;
        let mut talk = Conversation::new(carrier.client, carrier.server, inside, carrier.digits);
        talk.connection = carrier.connection;
        talk.layer = at;
        talk.carrier = Some(Carrier::new(index));
        talk.tls.clone_from(&carrier.tls);
        talk.ends = carrier.ends;
        talk.ended.clone_from(&carrier.ended);
        let inner = self.add(talk);
        self.conversations.get_mut(index)?.carried.push(inner);
        Some(inner)
    }

    /// Appends bytes to what a conversation carries: they came out of these bytes of its own.
    fn carried(&mut self, index: usize, side: Side, chunk: Chunk, from: std::ops::Range<u64>) -> Option<()> {
        let inner = *self.conversations.get(index)?.carried.last()?;
        let talk = self.conversations.get_mut(inner)?;
        let at = talk.stream(talk.turned(side)).end();
        talk.carrier.as_mut()?.map_mut(side).within(at, from);
        self.push(inner, side, chunk);
        Some(())
    }

    /// Hands on the bytes that a carrier has and the conversation that it carries does not have yet, in the order of
    /// the recording.
    fn tunnel(&mut self, index: usize, inner: usize) {
        let (Some(carrier), Some(carried)) = (self.conversations.get(index), self.conversations.get(inner))
        else {
            return;
        };
        let Some(from) = carrier.carried_from else { return };
        let done = Side::BOTH.map(|side| from[side.index()] + carried.stream(carried.turned(side)).end());
        let first =
            Side::BOTH.map(|side| carrier.stream(side).chunk_at(done[side.index()]).unwrap_or(usize::MAX));
        let new: Vec<(Side, Chunk)> = carrier
            .in_order_from(first)
            .filter_map(|(side, chunk)| Some((side, chunk.behind(done[side.index()])?)))
            .collect();
        for (side, chunk) in new {
            self.push(inner, side, chunk);
        }
    }

    /// Lets go of the items and messages of a conversation before the given numbers, as far as no unfinished item needs
    /// them, and of the chunks that only they needed. For reading captures of any size in little memory.
    pub fn forget_before(&mut self, conversation: usize, item: usize, message: usize) {
        let reader = self.readers.get(conversation);
        let needed = match reader {
            Some(Reader::Dissector(dissector)) => dissector.needed_item(),
            _ => None,
        };
        let needed = needed.map_or(item, |needed| item.min(needed as usize));
        let unread = Side::BOTH.map(|side| self.unread(conversation, side));
        let Some(talk) = self.conversations.get_mut(conversation) else { return };
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
