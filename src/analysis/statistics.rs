//! Counts: what a conversation and a whole trace are made of, and what the protocol costs.
//!
//! They are kept up to date by looking at what is new, so that a trace that grows is counted once.

use std::collections::VecDeque;
use std::ops::AddAssign;

use crate::model::protocol::{Protocol, Side};
use crate::trace::{
    Chunk, Conversation, FrameFacts, Item, ItemKind, Message, MessageKind, Store, Timestamp, Trace,
    frame_payload, frames_of, message_of,
};
use crate::wire::message::REMEMBERED_PINGS;

/// How many, and how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How many bytes together.
    pub bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
    }
}

/// All kinds of item, in the order of [`SideStatistics::items`].
pub const ITEM_KINDS: [ItemKind; 11] = [
    ItemKind::PolicyRequest,
    ItemKind::PolicyResponse,
    ItemKind::HttpRequest,
    ItemKind::HttpResponse,
    ItemKind::HybiFrame,
    ItemKind::HixieFrame,
    ItemKind::Prelude,
    ItemKind::TlsRecord,
    ItemKind::DeflateStream,
    ItemKind::Gap,
    ItemKind::Unparsed,
];

/// All kinds of message, in the order of [`SideStatistics::messages`].
pub const MESSAGE_KINDS: [MessageKind; 5] =
    [MessageKind::Text, MessageKind::Binary, MessageKind::Ping, MessageKind::Pong, MessageKind::Close];

/// What one side sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideStatistics {
    /// Items by kind, with their bytes on the wire; those of a gap were not recorded.
    pub items: [Tally; ITEM_KINDS.len()],
    /// Messages by kind, with their bytes after inflating.
    pub messages: [Tally; MESSAGE_KINDS.len()],
    /// Frames, with the bytes of their payloads on the wire.
    pub payloads: Tally,
    /// Compressed messages, with their bytes on the wire.
    pub compressed: Tally,
    /// The bytes that the compressed messages inflate to.
    pub inflated: u64,
}

impl SideStatistics {
    /// The items of this kind.
    pub fn items_of(&self, kind: ItemKind) -> Tally {
        self.items[kind as usize]
    }

    /// The messages of this kind.
    pub fn messages_of(&self, kind: MessageKind) -> Tally {
        self.messages[kind as usize]
    }

    /// Everything that was recorded: all items but gaps.
    pub fn recorded(&self) -> Tally {
        let mut all = Tally::default();
        for kind in ITEM_KINDS.into_iter().filter(|kind| *kind != ItemKind::Gap) {
            all += self.items_of(kind);
        }
        all
    }

    /// Frames of both families, with all their bytes.
    pub fn frames(&self) -> Tally {
        let mut frames = self.items_of(ItemKind::HybiFrame);
        frames += self.items_of(ItemKind::HixieFrame);
        frames
    }

    /// The bytes of frames that are not payload: headers, masking keys, delimiters.
    pub fn frame_overhead(&self) -> u64 {
        self.frames().bytes.saturating_sub(self.payloads.bytes)
    }

    /// All bytes that are not payload of a frame, the handshake's too.
    pub fn overhead(&self) -> u64 {
        self.recorded().bytes.saturating_sub(self.payloads.bytes)
    }

    /// How much smaller compression made its messages: bytes before by bytes on the wire. None without any.
    pub fn compression_ratio(&self) -> Option<f64> {
        (self.compressed.bytes > 0).then(|| self.inflated as f64 / self.compressed.bytes as f64)
    }
}

impl AddAssign<&Self> for SideStatistics {
    fn add_assign(&mut self, other: &Self) {
        for (mine, others) in self.items.iter_mut().zip(other.items) {
            *mine += others;
        }
        for (mine, others) in self.messages.iter_mut().zip(other.messages) {
            *mine += others;
        }
        self.payloads += other.payloads;
        self.compressed += other.compressed;
        self.inflated += other.inflated;
    }
}

/// A ping, and the pong that answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// The ping's item, counted from 0.
    pub ping: u32,
    /// The pong's item.
    pub pong: u32,
    /// Who asked.
    pub from: Side,
    /// The time from the one to the other in nanoseconds, as it was recorded.
    pub nanos: i64,
}

impl RoundTrip {
    /// The one that ends with item `pong`, for lists that show a few items: looked for among the messages before it.
    /// None where the item is no pong, or answers none of them.
    pub fn ending_with(talk: &Conversation, store: &Store, pong: usize) -> Option<Self> {
        /// So many messages are looked back.
        const FAR: usize = 1024;
        let payload_of =
            |message: &Message| frame_payload(talk, store, talk.items.get(message.last as usize)?);
        let (at, message) =
            message_of(talk, pong).filter(|(_, message)| message.kind == MessageKind::Pong)?;
        let payload = payload_of(message)?;
        let mut later = Vec::new();
        for number in (at.saturating_sub(FAR)..at).rev() {
            let earlier = talk.messages.get(number)?;
            match earlier.kind {
                MessageKind::Pong if earlier.side == message.side => later.extend(payload_of(earlier)),
                MessageKind::Ping if earlier.side != message.side => {
                    let asked = payload_of(earlier)?;
                    // That ping was answered, and with it all before (RFC 6455 section 5.5.3).
                    if later.contains(&asked) {
                        return None;
                    }
                    if asked == payload {
                        let time = |item: u32| Some(talk.time_of(talk.items.get(item as usize)?));
                        let nanos = time(message.last)?.since(time(earlier.last)?);
                        let (ping, pong) = (earlier.last, message.last);
                        return Some(Self { ping, pong, from: earlier.side, nanos });
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// Of several times in nanoseconds, the least, the middle and the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub min: i64,
    /// The middle one; of an even number, the smaller of the two in the middle.
    pub median: i64,
    /// The greatest.
    pub max: i64,
}

impl Spread {
    fn of(mut times: Vec<i64>) -> Option<Self> {
        let middle = times.len().checked_sub(1)? / 2;
        let (min, max) = (*times.iter().min()?, *times.iter().max()?);
        let (_, median, _) = times.select_nth_unstable(middle);
        Some(Self { min, median: *median, max })
    }
}

/// The statistics of one conversation, as far as it was counted.
#[derive(Clone, Debug, Default)]
pub struct ConversationStatistics {
    /// What each side sent, the client first.
    pub sides: [SideStatistics; 2],
    /// Pings and their pongs, in the order of the pongs.
    pub round_trips: Vec<RoundTrip>,
    /// The first and the last time at which bytes were recorded.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Pings of each side that wait for their pong.
    waiting: [VecDeque<Waiting>; 2],
    /// The numbers of the next item and the next message.
    next: (usize, usize),
    /// Items have had other numbers so often.
    renumbered: u32,
}

#[derive(Clone, Debug)]
struct Waiting {
    item: u32,
    time: Timestamp,
    payload: Box<[u8]>,
}

impl ConversationStatistics {
    /// Counts what is new in the conversation, which must be the same one each time.
    pub fn advance(&mut self, talk: &Conversation, store: &Store) {
        self.advance_by(talk, store, usize::MAX);
    }

    /// The same, for at most so many items and messages, so that a window can count while it goes on. How many it were;
    /// fewer than `most` where all were counted.
    pub fn advance_by(&mut self, talk: &Conversation, store: &Store, most: usize) -> usize {
        if self.renumbered != talk.renumbered() {
            *self = Self { renumbered: talk.renumbered(), ..Self::default() };
        }
        let mut counted = 0;
        for (number, item) in talk.items.iter_from(self.next.0).take(most) {
            self.count_item(talk, store, item);
            self.next.0 = number + 1;
            counted += 1;
        }
        for (number, message) in talk.messages.iter_from(self.next.1).take(most - counted) {
            self.count_message(talk, store, message);
            self.next.1 = number + 1;
            counted += 1;
        }
        counted
    }

    fn count_item(&mut self, talk: &Conversation, store: &Store, item: &Item) {
        let side = &mut self.sides[item.side.index()];
        side.items[item.kind as usize].add(item.length);
        if let Some(facts) = FrameFacts::of(talk, store, item) {
            let header = facts.header_length.map_or(item.length, |header| header as u64);
            // What the recording does not hold is not counted, whatever the header claims.
            let there = item.length.saturating_sub(header);
            side.payloads.add(facts.payload_length.map_or(0, |claimed| claimed.min(there)));
        }
        let last = talk.time_of(item);
        let first = talk.stream(item.side).chunks_in(item.range()).next().map_or(last, Chunk::time);
        let (from, to) = self.times.unwrap_or((first, last));
        self.times = Some((from.min(first), to.max(last)));
    }

    fn count_message(&mut self, talk: &Conversation, store: &Store, message: &Message) {
        let side = &mut self.sides[message.side.index()];
        side.messages[message.kind as usize].add(message.length);
        if message.compressed {
            let frames = frames_of(talk, message).filter_map(|(_, item)| FrameFacts::of(talk, store, item));
            side.compressed.add(frames.filter_map(|facts| facts.payload_length).sum());
            side.inflated += message.length;
        }
        let Some(item) = talk.items.get(message.last as usize) else { return };
        let payload = match message.kind {
            MessageKind::Ping | MessageKind::Pong => frame_payload(talk, store, item),
            _ => None,
        };
        let Some(payload) = payload else { return };
        let time = talk.time_of(item);
        if message.kind == MessageKind::Ping {
            let waiting = &mut self.waiting[message.side.index()];
            if waiting.len() == REMEMBERED_PINGS {
                waiting.pop_front();
            }
            waiting.push_back(Waiting { item: message.last, time, payload: (&*payload).into() });
        } else {
            self.pair(message, &payload, time);
        }
    }

    /// A pong answers the latest ping with its payload, and with it all before (RFC 6455 section 5.5.3).
    fn pair(&mut self, pong: &Message, payload: &[u8], time: Timestamp) {
        let from = pong.side.other();
        let waiting = &mut self.waiting[from.index()];
        let Some(at) = waiting.iter().rposition(|ping| *ping.payload == *payload) else { return };
        if let Some(ping) = waiting.drain(..=at).next_back() {
            let nanos = time.since(ping.time);
            self.round_trips.push(RoundTrip { ping: ping.item, pong: pong.last, from, nanos });
        }
    }

    /// What both sides sent.
    pub fn both(&self) -> SideStatistics {
        let [mut both, server] = self.sides;
        both += &server;
        both
    }

    /// How long it took in nanoseconds, from the first recorded bytes to the last.
    pub fn duration(&self) -> i64 {
        self.times.map_or(0, |(first, last)| last.since(first))
    }

    /// How long pongs took; none where there was none.
    pub fn round_trip(&self) -> Option<Spread> {
        Spread::of(self.round_trips.iter().map(|trip| trip.nanos).collect())
    }
}

/// The statistics of a trace, as far as it was counted.
#[derive(Clone, Debug, Default)]
pub struct TraceStatistics {
    /// Those of each conversation, in the order of the trace.
    pub conversations: Vec<ConversationStatistics>,
    protocols: Vec<Protocol>,
}

/// What several conversations add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    /// How many conversations.
    pub conversations: u64,
    /// What each side sent, the client first.
    pub sides: [SideStatistics; 2],
    /// How long pongs took.
    pub round_trip: Option<Spread>,
    /// The first and the last time at which bytes were recorded.
    pub times: Option<(Timestamp, Timestamp)>,
}

impl TraceStatistics {
    /// Counts what is new in the trace, which must be the same one each time.
    pub fn advance(&mut self, trace: &Trace) {
        self.advance_by(trace, usize::MAX);
    }

    /// The same, for at most so many items and messages. How many it were; fewer than `most` where all were counted.
    pub fn advance_by(&mut self, trace: &Trace, most: usize) -> usize {
        self.conversations.resize_with(trace.conversations().len(), ConversationStatistics::default);
        self.protocols.clear();
        let mut counted = 0;
        for (statistics, talk) in self.conversations.iter_mut().zip(trace.conversations()) {
            if counted < most {
                counted += statistics.advance_by(talk, &trace.store, most - counted);
            }
            self.protocols.push(talk.protocol);
        }
        counted
    }

    /// All conversations together.
    pub fn total(&self) -> Total {
        Total::of(self.conversations.iter())
    }

    /// The conversations of each version together, in the order of time; versions that nobody spoke are left out.
    pub fn by_protocol(&self) -> Vec<(Protocol, Total)> {
        let of = |protocol| {
            let own = self.conversations.iter().zip(&self.protocols);
            let own = own.filter(move |(_, spoken)| **spoken == protocol);
            (protocol, Total::of(own.map(|(statistics, _)| statistics)))
        };
        Protocol::ALL.into_iter().map(of).filter(|(_, total)| total.conversations > 0).collect()
    }
}

impl Total {
    fn of<'a>(all: impl Iterator<Item = &'a ConversationStatistics>) -> Self {
        let mut total = Self::default();
        let mut times = Vec::new();
        for one in all {
            total.conversations += 1;
            for (mine, others) in total.sides.iter_mut().zip(&one.sides) {
                *mine += others;
            }
            times.extend(one.round_trips.iter().map(|trip| trip.nanos));
            total.times = match (total.times, one.times) {
                (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
                (some, None) | (None, some) => some,
            };
        }
        total.round_trip = Spread::of(times);
        total
    }
}
