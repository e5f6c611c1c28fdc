//! A conversation: two streams of bytes, and what was found in them.

use std::borrow::Cow;
use std::net::SocketAddr;

use super::carrier::{Carrier, ConnectionId, Layer};
use super::counts::Counts;
use super::ending::{Course, Ending};
use super::fragments::Fragments;
use super::item::{Item, Message};
use super::log::Log;
use super::order::{Late, Moment};
use super::store::Store;
use super::stream::{Chunk, Stream};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Hears, Rule};
use crate::wire::deflate::Params;
use crate::wire::frame::coding::Coding;
use crate::wire::{prelude, tls};

/// How one direction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With FIN, or the socket's end of file.
    Fin,
    /// With RST: the connection was thrown away.
    Reset,
}

impl End {
    /// The stable identifier, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
        }
    }
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

/// Where the keys came from with which TLS was decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keys {
    /// There are none: what is inside the records stays hidden.
    None,
}

impl Keys {
    /// The stable identifier, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
        }
    }
}

/// What is known about the TLS of a conversation whose bytes are TLS records, or were inside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// What was offered and agreed on, as far as it is in the clear.
    pub agreement: tls::Agreement,
    /// Where the keys came from.
    pub keys: Keys,
    /// Bytes of records that stay hidden for want of keys, the client's first.
    pub hidden: [u64; 2],
}

/// Two byte streams between a client and a server at one [`Layer`], and what was found in them.
#[derive(Debug)]
pub struct Conversation {
    /// The connection whose bytes these are, or that carries them.
    pub connection: ConnectionId,
    /// What the two streams are.
    pub layer: Layer,
    /// What carries them; none for those of a TCP connection itself.
    pub carrier: Option<Carrier>,
    /// The conversations that this one carries, by index.
    pub carried: Vec<usize>,
    /// Of a conversation that carries another: where the carried bytes begin in each stream. Items go no further, unless
    /// they are compressed.
    pub carried_from: Option<[u64; 2]>,
    /// What a proxy was told about the connection behind it.
    pub told: Option<Box<prelude::Told>>,
    /// What is known about its TLS.
    pub tls: Option<Box<TlsFacts>>,
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
    /// What was agreed, or guessed, about compression.
    pub deflate: Option<Params>,
    /// The first of the agreed extensions that this program does not know: reserved bits and payloads may be its own.
    pub foreign: Option<String>,
    /// How each side's frames stand on the wire, as far as they are of the hybi family.
    pub codings: [Coding; 2],
    /// What became of the opening handshake.
    pub handshake: Handshake,
    /// The streams, the client's first.
    pub streams: [Stream; 2],
    /// How each direction ended; none while it is open.
    pub ends: [Option<End>; 2],
    /// Who ended what, in the order of time.
    pub(super) ended: Vec<Ending>,
    /// What is noted of its beginning and end.
    pub(super) course: Course,
    /// The latest moment at which an item stands.
    pub(super) latest: Moment,
    /// Items that stand behind later ones, until they are sorted to their place.
    pub(super) late: Option<Late>,
    /// How often items got other numbers.
    pub(super) renumbered: u32,
    /// The source holds bytes back that were recorded at this moment, because some before them are missing.
    pub(super) awaited: Option<Moment>,
    /// The items of both sides, in the order in which they were there.
    pub items: Log<Item>,
    /// The messages, likewise.
    pub messages: Log<Message>,
    /// HTTP requests and the responses to them, by item number.
    pub exchanges: Vec<(u32, u32)>,
    /// How many digits of a second the clock of the recording has.
    pub digits: u8,
    /// What is to be said about items, each with the item's number.
    pub item_findings: Vec<(u32, Finding)>,
    /// What is to be said about the conversation as a whole.
    pub findings: Vec<Finding>,
    /// How many of both kinds of findings there are.
    counts: Counts,
    /// Which frames are parts of messages of several.
    pub(super) fragments: Fragments,
    /// How its reading began.
    pub(super) opening: Opening,
    /// Client and server were taken for each other at first, so what comes is turned round.
    turned: bool,
}

/// What both sides speak, where no handshake in the recording says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The version.
    pub protocol: Protocol,
    /// How messages are compressed, if they are.
    pub deflate: Option<Params>,
    /// How each side's frames stand on the wire, the client's first.
    pub codings: [Coding; 2],
}

impl Spoken {
    /// As the version says. Frames of hybi-04 need a key of the connection that only its heads have.
    pub fn new(protocol: Protocol, deflate: Option<Params>) -> Self {
        let dialect = protocol.dialect_or_latest();
        Self { protocol, deflate, codings: Side::BOTH.map(|side| Coding::of(dialect, side, None)) }
    }

    /// How the frames of `side` stand on the wire.
    pub const fn coding(&self, side: Side) -> &Coding {
        let [client, server] = &self.codings;
        match side {
            Side::Client => client,
            Side::Server => server,
        }
    }

    /// As in this conversation.
    pub fn as_in(talk: &Conversation) -> Self {
        Self { protocol: talk.protocol, deflate: talk.deflate, codings: talk.codings }
    }
}

/// How the reading of a conversation began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// With the connection itself.
    Whole,
    /// Somewhere inside.
    Inside,
    /// With frames, as typed bytes do.
    As(Spoken),
    /// With frames whose handshake stands in the carrier.
    Carried(Spoken),
    /// Between two frames; what was before is not known.
    Joined(Spoken),
}

impl Conversation {
    pub(super) fn new(client: SocketAddr, server: SocketAddr, begins_inside: bool, digits: u8) -> Self {
        let findings = if begins_inside {
            vec![Rule::StreamBeginsInside.about(facts!("open-before"))]
        } else {
            Vec::new()
        };
        let mut counts = Counts::default();
        for finding in &findings {
            counts.add(Finding::severity(finding));
        }
        Self {
            connection: ConnectionId::default(),
            layer: Layer::Tcp,
            carrier: None,
            carried: Vec::new(),
            carried_from: None,
            told: None,
            tls: None,
            counts,
            fragments: Fragments::default(),
            client,
            server,
            protocol: Protocol::Unknown,
            subprotocol: None,
            extensions: Vec::new(),
            deflate: None,
            foreign: None,
            codings: [Coding::LATEST; 2],
            handshake: Handshake::Missing,
            streams: [Stream::default(), Stream::default()],
            ends: [None; 2],
            ended: Vec::new(),
            course: Course::default(),
            latest: Moment::default(),
            late: None,
            renumbered: 0,
            awaited: None,
            items: Log::default(),
            messages: Log::default(),
            exchanges: Vec::new(),
            digits,
            item_findings: Vec::new(),
            findings,
            opening: if begins_inside { Opening::Inside } else { Opening::Whole },
            turned: false,
        }
    }

    /// How the frames of `side` stand on the wire.
    #[inline]
    pub fn coding(&self, side: Side) -> &Coding {
        &self.codings[side.index()]
    }

    /// Appends an item with what is to be said about it, and returns its number.
    pub(super) fn take(&mut self, item: Item, findings: &mut Vec<Finding>) -> u32 {
        let length = item.length;
        let number = self.items.push(item);
        self.place(number, &item);
        let number = number as u32;
        if !findings.is_empty() {
            self.found(number, length, findings);
        }
        number
    }

    /// The stream that `side` sent.
    pub fn stream(&self, side: Side) -> &Stream {
        &self.streams[side.index()]
    }

    /// What is to be said about the item with this number.
    pub fn findings_of(&self, item: usize) -> impl Iterator<Item = &Finding> {
        let from = self.item_findings.partition_point(|(number, _)| (*number as usize) < item);
        let found = self.item_findings.get(from..).unwrap_or_default();
        found.iter().take_while(move |(number, _)| *number as usize == item).map(|(_, finding)| finding)
    }

    /// The bytes of an item as they were recorded; empty for a gap.
    pub fn bytes_of<'a>(&self, store: &'a Store, item: &Item) -> Cow<'a, [u8]> {
        self.stream(item.side).bytes(store, item.range())
    }

    /// Lets go of the items and messages before the given numbers, and of the chunks before `unread` that no item
    /// that is left needs. For reading captures of any size in little memory.
    pub(super) fn forget_before(&mut self, item: usize, message: usize, unread: [u64; 2]) {
        for side in Side::BOTH {
            let mut kept = self.items.iter_from(item);
            let first = kept.find(|(_, item)| item.side == side).map(|(_, item)| item.offset);
            let unread = unread[side.index()];
            self.streams[side.index()].forget_before(first.unwrap_or(unread).min(unread));
        }
        self.items.forget_before(item);
        self.messages.forget_before(message);
        self.fragments.forget_before(item as u32, message as u32);
        let done = self.item_findings.partition_point(|(number, _)| (*number as usize) < item);
        self.item_findings.drain(..done);
    }

    /// How many findings there are, about its items and about itself, also of those items that were let go of.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// A finding turned out to be none.
    pub(super) const fn uncount(&mut self, finding: &Finding) {
        self.counts.remove(finding.severity());
    }

    /// Adds a finding about the conversation as a whole.
    pub(crate) fn find(&mut self, finding: Finding) {
        if !self.can_judge(finding.rule, None) {
            return;
        }
        let finding = self.cited(finding, Side::Server);
        self.counts.add(finding.severity());
        self.findings.push(finding);
    }

    /// What was guessed from the bytes turns out to be another version.
    pub(super) fn guess_again(&mut self, protocol: Protocol) {
        for finding in self.findings.iter_mut().filter(|finding| finding.rule == Rule::StreamGuess) {
            finding.facts = facts!("bytes", protocol);
        }
    }

    /// Whether the recording holds what a rule must hear of the side that did not send the item; of both, where it is
    /// about no item.
    fn can_judge(&self, rule: Rule, sender: Option<Side>) -> bool {
        let others = Side::BOTH.into_iter().filter(|side| sender != Some(*side));
        match rule.hears() {
            Hears::Nothing => true,
            Hears::Something => others.into_iter().all(|side| self.is_heard(side)),
            Hears::Everything => others.into_iter().all(|side| self.is_heard(side) && !self.has_gaps(side)),
        }
    }

    /// Adds findings about the item that was complete last. A place beyond its `length` in bytes is cut there: the item
    /// lacks what its header promised.
    #[cold]
    pub(super) fn found(&mut self, item: u32, length: u64, findings: &mut Vec<Finding>) {
        let end = length.saturating_mul(8);
        let sender = self.items.get(item as usize).map_or(Side::Client, |item| item.side);
        for finding in findings.drain(..) {
            if !self.can_judge(finding.rule, Some(sender)) {
                continue;
            }
            let mut finding = self.cited(finding, sender);
            finding.bits = finding.bits.map(|bits| BitRange::new(bits.start.min(end), bits.end.min(end)));
            self.counts.add(finding.severity());
            self.item_findings.push((item, finding));
        }
    }

    /// Adds a finding about an item that was complete long ago.
    pub(super) fn find_later(&mut self, item: u32, finding: Finding) {
        let sender = self.items.get(item as usize).map_or(Side::Client, |item| item.side);
        if !self.can_judge(finding.rule, Some(sender)) {
            return;
        }
        let place = self.item_findings.partition_point(|(number, _)| *number <= item);
        let finding = self.cited(finding, sender);
        self.counts.add(finding.severity());
        self.item_findings.insert(place, (item, finding));
    }

    /// The finding with the section of the version that is spoken here.
    fn cited(&self, finding: Finding, sender: Side) -> Finding {
        match self.protocol.dialect() {
            Some(dialect) => finding.cited_in(dialect, sender),
            None => finding,
        }
    }

    /// The side that the source of the recording calls `side`: the other one, if the frames showed that a recording
    /// without the connection's opening had been taken the wrong way round.
    pub(crate) fn turned(&self, side: Side) -> Side {
        if self.turned { side.other() } else { side }
    }

    /// Client and server were taken for each other. Only before there is any item.
    pub(super) fn turn(&mut self) {
        self.turned = !self.turned;
        std::mem::swap(&mut self.client, &mut self.server);
        self.streams.swap(0, 1);
        self.ends.swap(0, 1);
        for ending in &mut self.ended {
            ending.from = ending.from.other();
        }
        self.course.turn();
    }

    #[inline]
    pub(super) fn push(&mut self, side: Side, chunk: Chunk) {
        let side = self.turned(side);
        self.course.note(side, &chunk);
        self.streams[side.index()].push(chunk);
    }

    /// Takes down who ended what. What ended already did not end again: but who threw away what was half closed did.
    pub(super) fn end(&mut self, ending: Ending) {
        let own = ending.from.index();
        let news = match ending.how {
            End::Fin => self.ends[own].is_none(),
            End::Reset => self.ends.contains(&None),
        };
        if !news {
            return;
        }
        self.course.start.get_or_insert(ending.time);
        self.course.heard[own] = true;
        match ending.how {
            End::Fin => self.ends[own] = Some(End::Fin),
            End::Reset => self.ends.iter_mut().for_each(|end| _ = end.get_or_insert(End::Reset)),
        }
        self.ended.push(ending);
    }
}
