//! What is left: the rest of an item that a gap cut, and bytes that nobody understands.

use super::{Cx, Mode, Step, sync};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::rule::Rule;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::tls::record;

/// Bytes that nobody understands become an item at the latest when there are this many.
const UNPARSED_PIECE: u64 = 64 * 1024;

/// The rest of an item that a gap cut: its end is known, its beginning is in an item before the gap.
#[derive(Debug)]
pub(super) struct Skip {
    until: u64,
    /// What follows there.
    then: Box<Mode>,
}

impl Skip {
    /// Everything up to the offset `until`; then comes `then`.
    pub(super) fn new(until: u64, then: Mode) -> Self {
        Self { until, then: Box::new(then) }
    }

    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        while cx.here.seen < self.until {
            match cx.piece() {
                Piece::Data(bytes) => {
                    cx.here.seen += (bytes.len() as u64).min(self.until - cx.here.seen);
                }
                Piece::Gap(missing) => {
                    cx.take_gap(ItemKind::Unparsed, missing);
                    return if cx.here.at > self.until { Step::To(Mode::sync()) } else { Step::Stay };
                }
                Piece::End if cx.over() => break,
                Piece::End => return Step::Wait,
            }
        }
        if cx.length() > 0 {
            let bits = cx.bits(cx.length());
            cx.find(Rule::StreamUnparsed.says(bits, facts!("rest")));
            cx.emit(ItemKind::Unparsed, cx.here.seen, true);
        }
        Step::To(std::mem::take(&mut *self.then))
    }
}

/// Makes an item of all that is there of bytes that nobody understands.
pub(super) fn take_all(cx: &mut Cx<'_>) {
    loop {
        match cx.piece() {
            Piece::Data(bytes) => cx.here.seen += bytes.len() as u64,
            Piece::Gap(missing) => cx.take_gap(ItemKind::Unparsed, missing),
            Piece::End => break,
        }
    }
    if cx.length() > 0 {
        cx.emit(ItemKind::Unparsed, cx.here.seen, true);
    }
}

/// Bytes before the place from which on frames fit.
#[derive(Debug)]
pub(super) struct Before {
    until: u64,
}

impl Before {
    /// Everything up to the offset `until`.
    pub(super) const fn new(until: u64) -> Self {
        Self { until }
    }

    pub(super) fn step(&self, cx: &mut Cx<'_>) -> Step {
        // The bytes are there, but may be shown one after the other; no gap stands among them.
        match cx.shared.link {
            _ if cx.stream().end() <= self.until => Step::Wait,
            Some(link) => sync::found(cx, self.until, link),
            None => Step::To(Mode::sync()),
        }
    }
}

/// Collects bytes that nobody understands.
pub(super) fn opaque(cx: &mut Cx<'_>) -> Step {
    while cx.length() < UNPARSED_PIECE {
        match cx.piece() {
            Piece::Data(bytes) => {
                cx.here.seen += (bytes.len() as u64).min(UNPARSED_PIECE - cx.length());
            }
            Piece::Gap(missing) => {
                cx.take_gap(ItemKind::Unparsed, missing);
                return Step::Stay;
            }
            Piece::End if cx.over() && cx.length() > 0 => break,
            Piece::End => return Step::Wait,
        }
    }
    cx.emit(ItemKind::Unparsed, cx.here.seen, true);
    Step::Stay
}

/// Nothing begins like this that is known.
pub(super) fn strange(cx: &mut Cx<'_>, first: u8) -> Step {
    let (side, at, byte) = (cx.side, cx.here.at, format!("{first:02x}"));
    let facts = match (at, first) {
        (0, record::HANDSHAKE_TYPE) => facts!("first-tls", side, byte),
        (0, _) => facts!("first", side, byte),
        (_, record::HANDSHAKE_TYPE) => facts!("begins-tls", side, at, byte),
        (_, _) => facts!("begins", side, at, byte),
    };
    cx.give_up(Rule::StreamUnparsed.says(BitRange::bytes(0, 1), facts))
}
