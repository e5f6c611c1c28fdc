//! The dissector: finds the items and messages of a conversation while its bytes arrive.
//!
//! Each side has a [`Lane`]: a place in its stream and a [`Mode`] that says what is expected there. A step looks at
//! one lane and either completes something (an item, a change of mode) or finds that it needs more bytes, or the
//! other side's. [`Dissector::advance`] steps until neither lane moves. Every step but the last of a mode takes
//! bytes, so this ends; there is no recursion.

mod frames_hixie;
mod frames_hybi;
mod http;
mod opening;
mod policies;
mod sync;

use std::collections::VecDeque;

use super::conversation::{Conversation, End, Handshake};
use super::item::{Item, ItemKind};
use super::store::Store;
use super::stream::{Piece, Stream};
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::{Finding, Rule};
use crate::wire::deflate::Params;
use crate::wire::message::PingTracker;

pub(crate) use frames_hybi::INFLATE_LIMIT;

use frames_hixie::HixieLane;
use frames_hybi::HybiLane;
use http::{BodyScan, HeadScan};
use opening::Exchange;

/// Bytes that nobody understands become an item at the latest when there are this many.
const UNPARSED_PIECE: u64 = 64 * 1024;

/// Reads one conversation. See the module's text.
#[derive(Debug)]
pub(super) struct Dissector {
    lanes: [Lane; 2],
    /// Requests that are not answered yet, oldest first.
    exchanges: VecDeque<Exchange>,
    /// Policy requests that are not answered yet.
    policies: u32,
    /// The recording does not hold the connection's first bytes.
    begins_inside: bool,
    /// What the user says is spoken here.
    told: Option<Protocol>,
    /// What both sides speak, once that is known.
    link: Option<Link>,
    pings: PingTracker,
    /// No more bytes will come: what is there is completed as far as it goes.
    finishing: bool,
    /// A proxy opened a tunnel: from these offsets on, the client's first, the bytes are another conversation's.
    hand_over: Option<[u64; 2]>,
}

/// What was agreed, or guessed, about the frames of both sides.
#[derive(Clone, Copy, Debug)]
struct Link {
    protocol: Protocol,
    family: Family,
    deflate: Option<Params>,
}

/// One side's place and state.
#[derive(Debug, Default)]
struct Lane {
    /// The offset of the first byte that is in no item yet.
    at: u64,
    /// How far the bytes behind `at` were looked at.
    seen: u64,
    /// The number of a chunk at or before `seen`.
    hint: usize,
    ended: Option<End>,
    mode: Mode,
    /// Findings about the item that is being read.
    findings: Vec<Finding>,
    /// Bytes are missing before this place, so that what depends on them cannot be judged.
    lossy: bool,
    /// The item of this side's first close frame.
    closed: Option<u32>,
    /// The item of this side's latest ping.
    pinged: Option<u32>,
}

/// What is expected next on a lane.
#[derive(Debug, Default)]
enum Mode {
    /// Anything: the first byte decides.
    #[default]
    Start,
    /// The client asked for an upgrade; what follows depends on the answer.
    Waiting,
    /// An HTTP head.
    Head(HeadScan),
    /// The body of the HTTP message whose head was read.
    Body(Box<BodyScan>),
    /// Flash's policy request, or the policy file.
    Policy,
    /// Frames of hybi-07 to RFC 6455.
    Hybi(Box<HybiLane>),
    /// Frames of hixie-75 or hixie-76.
    Hixie(HixieLane),
    /// The rest of an item that was cut by a gap, up to this offset; then what was there before.
    Skip(u64, Box<Mode>),
    /// Where a frame begins is not known; frames that fit are looked for. The next try is when the stream has this
    /// many bytes.
    Sync(u64),
    /// Nothing that is understood.
    Opaque,
}

impl Dissector {
    pub(super) fn new(begins_inside: bool, told: Option<Protocol>) -> Self {
        Self {
            lanes: [Lane::default(), Lane::default()],
            exchanges: VecDeque::new(),
            policies: 0,
            begins_inside,
            told,
            link: None,
            pings: PingTracker::default(),
            finishing: false,
            hand_over: None,
        }
    }

    /// The first byte of `side` that later reading may look at again.
    pub(super) fn needed_from(&self, side: Side) -> u64 {
        self.lanes[side.index()].at
    }

    /// The first item that is still needed: of a message whose fragments are arriving, or a request without an answer.
    pub(super) fn needed_item(&self) -> Option<u32> {
        let messages = self.lanes.iter().filter_map(|lane| match &lane.mode {
            Mode::Hybi(frames) => frames.unfinished(),
            _ => None,
        });
        messages.chain(self.exchanges.front().and_then(Exchange::item)).min()
    }

    /// Whether the rest of the bytes is another conversation's.
    pub(super) const fn hands_on(&self) -> bool {
        self.hand_over.is_some()
    }

    /// Where the bytes begin that are another conversation's, the client's first. This one is done then.
    pub(super) fn take_hand_over(&mut self) -> Option<[u64; 2]> {
        self.hand_over.take()
    }

    pub(super) fn end(&mut self, side: Side, end: End) {
        let lane = &mut self.lanes[side.index()];
        lane.ended.get_or_insert(end);
    }

    /// Reads as far as the bytes go.
    #[inline]
    pub(super) fn advance(&mut self, talk: &mut Conversation, store: &Store) {
        loop {
            // Looked at from outside: a step is large, and mostly the other side has nothing to do.
            let client = self.may_move(talk, Side::Client) && self.step(talk, store, Side::Client);
            let server = self.may_move(talk, Side::Server) && self.step(talk, store, Side::Server);
            if !client && !server {
                return;
            }
        }
    }

    /// Whether a step of one lane could do anything.
    #[inline]
    fn may_move(&self, talk: &Conversation, side: Side) -> bool {
        let lane = &self.lanes[side.index()];
        // A body can be complete without another byte of its own side: it may be empty, or wait for key3.
        let waits_for_bytes = !matches!(lane.mode, Mode::Body(_) | Mode::Skip(..));
        !waits_for_bytes || lane.seen < talk.stream(side).end() || self.over(side)
    }

    /// Completes what is open, because nothing more will come.
    pub(super) fn finish(&mut self, talk: &mut Conversation, store: &Store) {
        self.finishing = true;
        self.advance(talk, store);
        self.give_up_waiting(talk);
        self.advance(talk, store);
        for side in Side::BOTH {
            self.close_lane(talk, store, side);
        }
        self.judge_closing(talk);
        self.judge_pings(talk);
        if talk.handshake == Handshake::Incomplete {
            let other =
                if self.exchanges.is_empty() { "half of it is cut or missing" } else { "no response to it" };
            talk.findings.push(
                Rule::HandshakeIncomplete.about(format!("the opening handshake is not whole: {other}")),
            );
        }
    }

    /// One step of one lane; whether anything moved.
    fn step(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        match &self.lanes[side.index()].mode {
            Mode::Hybi(_) => self.step_hybi(talk, store, side),
            Mode::Hixie(_) => self.step_hixie(talk, store, side),
            Mode::Start => self.step_start(talk, store, side),
            Mode::Waiting => false,
            Mode::Head(_) => self.step_head(talk, store, side),
            Mode::Body(_) => self.step_body(talk, store, side),
            Mode::Policy => self.step_policy(talk, store, side),
            Mode::Skip(..) => self.step_skip(talk, store, side),
            Mode::Sync(_) => self.step_sync(talk, store, side),
            Mode::Opaque => self.step_opaque(talk, store, side),
        }
    }

    /// Whether no more bytes of `side` will come.
    fn over(&self, side: Side) -> bool {
        self.finishing || self.lanes[side.index()].ended.is_some()
    }

    /// Makes an item of the bytes from the lane's place to `end`.
    #[inline]
    fn emit(
        &mut self,
        talk: &mut Conversation,
        store: &Store,
        side: Side,
        kind: ItemKind,
        end: u64,
        complete: bool,
    ) -> u32 {
        let lane = &mut self.lanes[side.index()];
        let stream = &talk.streams[side.index()];
        let first_byte = if kind.is_frame() {
            let mut hint = lane.hint;
            match stream.piece(store, lane.at, &mut hint) {
                Piece::Data(bytes) => bytes.first().copied().unwrap_or_default(),
                Piece::Gap(_) | Piece::End => 0,
            }
        } else {
            0
        };
        stream.piece(store, end.saturating_sub(1), &mut lane.hint);
        let item = Item {
            offset: lane.at,
            length: end - lane.at,
            chunk: lane.hint as u32,
            kind,
            side,
            complete,
            first_byte,
        };
        lane.at = end;
        lane.seen = end;
        let number = talk.items.push(item) as u32;
        for finding in lane.findings.drain(..) {
            talk.item_findings.push((number, finding));
        }
        number
    }

    /// Takes in a gap of `missing` bytes at the lane's `seen`: what was begun becomes an item of `kind` that is not
    /// complete, then comes the gap. Reading goes on in the mode that the caller sets.
    fn take_gap(&mut self, talk: &mut Conversation, store: &Store, side: Side, kind: ItemKind, missing: u64) {
        let lane = &mut self.lanes[side.index()];
        let (begun, gap_start) = (lane.at, lane.seen);
        if begun < gap_start {
            let bits = BitRange::bytes(0, (gap_start - begun) as usize);
            lane.findings.push(
                Rule::StreamGap
                    .says(bits, format!("{missing} bytes behind this are missing from the recording")),
            );
            self.emit(talk, store, side, kind, gap_start, false);
        }
        let bits = BitRange::bytes(0, missing as usize);
        let message = format!("{missing} bytes of the {side} were sent but not recorded");
        let lane = &mut self.lanes[side.index()];
        lane.findings.push(Rule::StreamGap.says(bits, message));
        lane.lossy = true;
        self.emit(talk, store, side, ItemKind::Gap, gap_start + missing, true);
    }

    /// Reads the rest of an item that a gap cut: its end is known, its beginning is in an item before the gap.
    fn step_skip(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let Mode::Skip(until, _) = &lane.mode else { return false };
        let until = *until;
        let stream = &talk.streams[side.index()];
        while lane.seen < until {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => lane.seen += (bytes.len() as u64).min(until - lane.seen),
                Piece::Gap(missing) => {
                    self.take_gap(talk, store, side, ItemKind::Unparsed, missing);
                    if self.lanes[side.index()].at > until {
                        self.lanes[side.index()].mode = Mode::Sync(0);
                    }
                    return true;
                }
                Piece::End if over => break,
                Piece::End => return false,
            }
        }
        let end = lane.seen;
        if lane.at < end {
            let bits = BitRange::bytes(0, (end - lane.at) as usize);
            lane.findings.push(Rule::StreamUnparsed.says(bits, "the rest of the item that the gap cut"));
            self.emit(talk, store, side, ItemKind::Unparsed, end, true);
        }
        let lane = &mut self.lanes[side.index()];
        if let Mode::Skip(_, then) = std::mem::take(&mut lane.mode) {
            lane.mode = *then;
        }
        true
    }

    /// Collects bytes that nobody understands.
    fn step_opaque(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let stream = &talk.streams[side.index()];
        loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    lane.seen += bytes.len() as u64;
                    if lane.seen - lane.at >= UNPARSED_PIECE {
                        break;
                    }
                }
                Piece::Gap(missing) => {
                    self.take_gap(talk, store, side, ItemKind::Unparsed, missing);
                    return true;
                }
                Piece::End if over && lane.at < lane.seen => break,
                Piece::End => return false,
            }
        }
        let end = lane.seen;
        self.emit(talk, store, side, ItemKind::Unparsed, end, true);
        true
    }

    /// From here on nothing is understood; `why` is said of the first bytes.
    fn give_up(&mut self, side: Side, why: Finding) {
        let lane = &mut self.lanes[side.index()];
        lane.findings.push(why);
        lane.mode = Mode::Opaque;
        lane.seen = lane.at;
    }

    /// Whatever is left of a lane when the recording ends becomes an item.
    fn close_lane(&mut self, talk: &mut Conversation, store: &Store, side: Side) {
        let lane = &mut self.lanes[side.index()];
        if lane.at < talk.streams[side.index()].end() {
            if !matches!(lane.mode, Mode::Opaque) {
                let bits = BitRange::bytes(0, (talk.streams[side.index()].end() - lane.at) as usize);
                lane.findings.push(Rule::StreamUnparsed.at(bits));
                lane.mode = Mode::Opaque;
                lane.seen = lane.at;
            }
            while self.step_opaque(talk, store, side) {}
        }
    }

    /// A ping without a pong, where the other side went on to speak and its stream was recorded to its end.
    fn judge_pings(&mut self, talk: &mut Conversation) {
        for side in Side::BOTH {
            let (own, other) = (&self.lanes[side.index()], &self.lanes[side.other().index()]);
            let whole = !other.lossy && talk.ends[side.other().index()] == Some(End::Fin);
            let (Some(ping), true) = (own.pinged, whole && self.pings.waiting(side) > 0) else { continue };
            let spoke = talk
                .items
                .iter_from(ping as usize + 1)
                .any(|(_, item)| item.side != side && item.kind.is_frame());
            if spoke {
                let message = format!("the {} never answered this ping with a pong", side.other());
                talk.find_later(ping, Rule::PingNotAnswered.says(BitRange::new(0, 8), message));
            }
        }
    }

    /// Rule 18, once both sides are done: who closed and was not answered. Nothing is said of a side of which nothing
    /// was recorded.
    fn judge_closing(&mut self, talk: &mut Conversation) {
        let Some(link) = self.link else { return };
        for side in Side::BOTH {
            let (own, other) = (&self.lanes[side.index()], &self.lanes[side.other().index()]);
            let unheard = other.lossy || talk.streams[side.other().index()].end() == 0;
            let (Some(item), None, false) = (own.closed, other.closed, unheard) else { continue };
            let finding = match link.family {
                Family::Hybi => {
                    let message =
                        format!("the {} never answered this close frame with its own", side.other());
                    Rule::CloseNotAnswered.says(BitRange::new(0, 8), message)
                }
                Family::Hixie if link.protocol == Protocol::Hixie76 => {
                    let message = format!("the {} never answered FF 00 with FF 00", side.other());
                    Rule::HixieCloseNotAnswered.says(BitRange::bytes(0, 2), message)
                }
                Family::Hixie => continue,
            };
            talk.find_later(item, finding);
        }
    }
}

/// Copies the bytes at `offset` to `buffer`, across chunks, and returns how many were there before a gap or the end.
fn peek(stream: &Stream, store: &Store, offset: u64, hint: usize, buffer: &mut [u8]) -> usize {
    let mut hint = hint;
    let mut filled = 0;
    while filled < buffer.len() {
        let Piece::Data(bytes) = stream.piece(store, offset + filled as u64, &mut hint) else { break };
        let room = &mut buffer[filled..];
        let take = bytes.len().min(room.len());
        if take == 0 {
            break;
        }
        room[..take].copy_from_slice(&bytes[..take]);
        filled += take;
    }
    filled
}
