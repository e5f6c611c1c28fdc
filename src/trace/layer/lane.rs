//! One side's place in its stream, for layers.

use std::borrow::Cow;

use super::Cx;
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::trace::conversation::Conversation;
use crate::trace::item::{Item, ItemKind};
use crate::trace::store::Store;
use crate::trace::stream::Piece;

/// Bytes that nobody understands become an item at the latest when there are this many.
const UNPARSED_PIECE: u64 = 64 * 1024;

/// A side's place: everything before `at` is in items.
#[derive(Debug, Default)]
pub(in crate::trace) struct Lane {
    /// The offset of the first byte that is in no item yet.
    pub(in crate::trace) at: u64,
    /// The number of a chunk at or before `at`.
    hint: usize,
    /// Findings about the item that is being read.
    pub(in crate::trace) findings: Vec<Finding>,
}

impl Lane {
    /// At this offset of its stream.
    pub(in crate::trace) fn at(offset: u64) -> Self {
        Self { at: offset, ..Self::default() }
    }

    /// What stands at the lane's place.
    pub(in crate::trace) fn piece<'a>(&mut self, cx: &'a Cx<'_>, side: Side) -> Piece<'a> {
        cx.talk.stream(side).piece(cx.store, self.at, &mut self.hint)
    }

    /// Makes an item of the bytes up to `end`; `byte` is what the item keeps of its content.
    pub(in crate::trace) fn emit(
        &mut self,
        cx: &mut Cx<'_>,
        side: Side,
        kind: ItemKind,
        end: u64,
        (complete, byte): (bool, u8),
    ) {
        let stream = cx.talk.stream(side);
        stream.piece(cx.store, end.saturating_sub(1), &mut self.hint);
        let chunk = self.hint as u32;
        let item =
            Item { offset: self.at, length: end - self.at, chunk, kind, side, complete, first_byte: byte };
        cx.talk.take(item, &mut self.findings);
        self.at = end;
    }

    /// Takes in a gap of `missing` bytes that begins at `gap`: what was begun becomes an item of `kind` that is not
    /// complete, then comes the gap.
    pub(in crate::trace) fn take_gap(
        &mut self,
        cx: &mut Cx<'_>,
        side: Side,
        (kind, byte): (ItemKind, u8),
        gap: u64,
        missing: u64,
    ) {
        if self.at < gap {
            let bits = BitRange::bytes(0, (gap - self.at) as usize);
            self.findings.push(Rule::StreamGap.says(bits, facts!("behind", missing)));
            self.emit(cx, side, kind, gap, (false, byte));
        }
        self.findings
            .push(Rule::StreamGap.says(BitRange::bytes(0, missing as usize), facts!("gap", missing, side)));
        self.emit(cx, side, ItemKind::Gap, gap + missing, (true, 0));
    }

    /// Takes bytes that nobody understands: all that are there once there are many of them, or no more will come.
    /// Whether anything moved.
    pub(in crate::trace) fn take_unparsed(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        match self.piece(cx, side) {
            Piece::Gap(missing) => {
                self.take_gap(cx, side, (ItemKind::Unparsed, 0), self.at, missing);
                true
            }
            Piece::End => false,
            Piece::Data(_) => {
                let (at, end) = (self.at, cx.talk.stream(side).end());
                let there =
                    cx.talk.stream(side).bytes(cx.store, at..end.min(at + UNPARSED_PIECE)).len() as u64;
                if there == 0 || at + there == end && there < UNPARSED_PIECE && !cx.over(side) {
                    return false;
                }
                self.emit(cx, side, ItemKind::Unparsed, at + there, (true, 0));
                true
            }
        }
    }
}

/// The first `count` bytes from `at` on of a side, as far as they are there before a gap or the end.
pub(in crate::trace) fn peek_at<'a>(
    talk: &Conversation,
    store: &'a Store,
    side: Side,
    at: u64,
    count: u64,
) -> Cow<'a, [u8]> {
    let stream = talk.stream(side);
    stream.bytes(store, at..at.saturating_add(count).min(stream.end()))
}
