//! What a step of a lane works on: the lane's place in its stream, and what it may look at and add to.

use std::borrow::Cow;
use std::ops::Range;

use super::shared::{Link, Shared};
use super::{Mode, Step};
use crate::facts;
use crate::model::facts::Fact;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Rule};
use crate::trace::conversation::Conversation;
use crate::trace::item::{Item, ItemKind};
use crate::trace::store::Store;
use crate::trace::stream::{Piece, Stream};

/// A lane's place in its stream, and what is remembered of what stood before it.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// The offset of the first byte that is in no item yet.
    pub(super) at: u64,
    /// How far the bytes behind `at` were looked at.
    pub(super) seen: u64,
    /// The number of a chunk at or before `seen`.
    pub(super) hint: usize,
    /// How far the stream went when it was read last.
    pub(super) fed: u64,
    /// What the first byte of the item says in the sense of RFC 6455, where the wire's own byte says something else.
    pub(super) first_byte: Option<u8>,
    /// Findings about the item that is being read.
    pub(super) findings: Vec<Finding>,
    /// Bytes are missing before this place, so that what depends on them cannot be judged.
    pub(super) lossy: bool,
    /// The item of this side's first close frame.
    pub(super) closed: Option<u32>,
    /// The item of this side's latest ping.
    pub(super) pinged: Option<u32>,
}

/// One lane, for one step: made anew for each.
pub(super) struct Cx<'a> {
    pub(super) talk: &'a mut Conversation,
    pub(super) store: &'a Store,
    /// Whose lane it is.
    pub(super) side: Side,
    pub(super) here: &'a mut Cursor,
    /// What concerns both sides.
    pub(super) shared: &'a mut Shared,
}

impl<'a> Cx<'a> {
    #[inline]
    pub(super) fn stream(&self) -> &Stream {
        &self.talk.streams[self.side.index()]
    }

    /// What stands at the place up to which the lane was looked at.
    #[inline]
    pub(super) fn piece(&mut self) -> Piece<'a> {
        self.talk.streams[self.side.index()].piece(self.store, self.here.seen, &mut self.here.hint)
    }

    /// The bytes that were looked at and are in no item yet.
    pub(super) fn begun(&self) -> Cow<'a, [u8]> {
        self.bytes(self.here.at..self.here.seen)
    }

    pub(super) fn bytes(&self, range: Range<u64>) -> Cow<'a, [u8]> {
        self.stream().bytes(self.store, range)
    }

    /// How many bytes were looked at and are in no item yet.
    pub(super) fn length(&self) -> u64 {
        self.here.seen - self.here.at
    }

    /// The bits of the next `length` bytes, in the item that is being read.
    #[allow(clippy::unused_self)] // Reads as what it is: a place in the item here.
    pub(super) fn bits(&self, length: u64) -> BitRange {
        BitRange::new(0, length.saturating_mul(8))
    }

    /// Whether no more bytes of this side will come.
    #[inline]
    pub(super) fn over(&self) -> bool {
        self.shared.over(self.side)
    }

    /// What ends where this side's bytes end: the connection itself, or only what was recorded of it.
    pub(super) fn what_ends(&self) -> Fact {
        Fact::Name(if self.talk.ends[self.side.index()].is_some() { "connection" } else { "recording" })
    }

    /// Copies the bytes at `offset` to `buffer`, across chunks, and returns how many were there before a gap or the
    /// end.
    pub(super) fn peek(&self, offset: u64, hint: usize, buffer: &mut [u8]) -> usize {
        peek(self.stream(), self.store, offset, hint, buffer)
    }

    /// Says something of the item that is being read.
    pub(super) fn find(&mut self, finding: Finding) {
        self.here.findings.push(finding);
    }

    /// Makes an item of the bytes from the lane's place to `end`; returns its number.
    #[inline]
    pub(super) fn emit(&mut self, kind: ItemKind, end: u64, complete: bool) -> u32 {
        let first_byte = if let Some(byte) = self.here.first_byte.take() {
            byte
        } else if kind.is_frame() {
            let mut hint = self.here.hint;
            match self.stream().piece(self.store, self.here.at, &mut hint) {
                Piece::Data(bytes) => bytes.first().copied().unwrap_or_default(),
                Piece::Gap(_) | Piece::End => 0,
            }
        } else {
            0
        };
        self.emit_holding(kind, end, complete, first_byte)
    }

    /// The same for an item that keeps this byte of what it holds.
    #[inline]
    pub(super) fn emit_holding(&mut self, kind: ItemKind, end: u64, complete: bool, first_byte: u8) -> u32 {
        let here = &mut *self.here;
        let stream = &self.talk.streams[self.side.index()];
        stream.piece(self.store, end.saturating_sub(1), &mut here.hint);
        let length = end - here.at;
        let item = Item {
            offset: here.at,
            length,
            chunk: here.hint as u32,
            kind,
            side: self.side,
            complete,
            first_byte,
        };
        here.at = end;
        here.seen = end;
        self.talk.take(item, &mut here.findings)
    }

    /// Takes in a gap of `missing` bytes at the place up to which was looked: what was begun becomes an item of `kind`
    /// that is not complete, then comes the gap. Reading goes on in the mode that the caller returns.
    pub(super) fn take_gap(&mut self, kind: ItemKind, missing: u64) {
        let (begun, gap_start) = (self.here.at, self.here.seen);
        if begun < gap_start {
            let bits = self.bits(gap_start - begun);
            self.find(Rule::StreamGap.says(bits, facts!("behind", missing)));
            self.emit(kind, gap_start, false);
        }
        let bits = self.bits(missing);
        self.find(Rule::StreamGap.says(bits, facts!("gap", missing, side = self.side)));
        self.here.lossy = true;
        self.emit(ItemKind::Gap, gap_start.saturating_add(missing), true);
    }

    /// From here on nothing is understood; `why` is said of the first bytes.
    pub(super) fn give_up(&mut self, why: Finding) -> Step {
        self.find(why);
        self.look_again();
        Step::To(Mode::Opaque)
    }

    /// Frames of this kind are expected from here on.
    pub(super) fn speak(&mut self, link: Link) -> Mode {
        self.look_again();
        link.mode(self.talk, self.side, self.here.lossy)
    }

    /// What was taken for hybi-06 is hybi-05.
    #[cold]
    pub(super) fn now_hybi5(&mut self) -> Option<Link> {
        let link = self.shared.agree(self.talk, Protocol::Hybi5, None, None);
        self.shared.guessed();
        self.talk.guess_again(Protocol::Hybi5);
        link.map(|link| Link { guessed: true, ..link })
    }

    /// The bytes that are in no item yet are to be looked at from their first on.
    pub(super) fn look_again(&mut self) {
        self.here.seen = self.here.at;
    }
}

/// Copies the bytes at `offset` to `buffer`, across chunks, and returns how many were there before a gap or the end.
pub(super) fn peek(stream: &Stream, store: &Store, offset: u64, hint: usize, buffer: &mut [u8]) -> usize {
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
