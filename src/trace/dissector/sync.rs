//! Finding frames again where frames are spoken and nobody knows where one begins: behind a gap or garbage, and on a side
//! of which the other one tells. Whether they are spoken at all is guessed in `guess`.
//!
//! A place is believed when several frames in a row fit from it on. What counts: a frame with a payload whose header
//! keeps every rule, one more for text that is UTF-8, one more for a frame that ends where a segment ends. A place that fits so
//! is still a guess, and is said to be one.

use std::ops::Range;

use super::fit::{Trial, Way};
use super::guess::LONGEST;
use super::shared::Link;
use super::{Both, Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Family;
use crate::model::rule::Rule;
use crate::trace::DecodeAs;
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::{Piece, Stream};
use crate::wire::deflate::{Params, Unit};
use crate::wire::message::Reserved;

/// How many bytes are searched for a place before the first of them are given up.
pub(super) const WINDOW: u64 = 128 * 1024;

/// So many bytes of a stream are searched for a first place.
pub(super) const SEARCHED: u64 = 1 << 20;

/// The score that a place needs to be believed where a segment begins: senders mostly begin a frame there.
const AT_SEGMENT: u32 = 2;

/// The score that any other place needs: there are many more of them, so chance finds one more often.
const INSIDE: u32 = 5;

/// Bytes that are searched, up to the first gap or to the end of what is looked at in one go.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) range: Range<u64>,
    /// So many bytes are missing behind it.
    pub(super) gap: Option<u64>,
    /// It is as long as it may be.
    pub(super) is_full: bool,
    /// It will not grow.
    pub(super) is_last: bool,
}

impl Span {
    /// Whether there is nothing in it, and no gap behind it.
    pub(super) const fn is_empty(&self) -> bool {
        self.range.start == self.range.end && self.gap.is_none()
    }
}

/// The bytes from `begin` on that are searched in one go.
pub(super) fn span(stream: &Stream, store: &Store, begin: u64, hint: usize, over: bool) -> Span {
    let (mut end, mut hint, mut gap) = (begin, hint, None);
    while end - begin < WINDOW {
        match stream.piece(store, end, &mut hint) {
            Piece::Data([]) | Piece::End => break,
            Piece::Data(bytes) => end += bytes.len() as u64,
            Piece::Gap(missing) => {
                gap = Some(missing);
                break;
            }
        }
    }
    let is_full = end - begin >= WINDOW;
    Span { range: begin..end, gap, is_full, is_last: over || gap.is_some() || is_full }
}

/// The search for a place where frames begin. The next try is when the stream has `next_try` bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sync {
    next_try: u64,
    /// Where a long frame would end that may begin with the first byte; that byte itself if none may.
    awaited: Option<u64>,
}

impl Sync {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        // Where nobody says what is spoken, both sides are looked at together.
        let Some(link) = cx.shared.link.or_else(|| told(cx)) else { return Step::Wait };
        cx.look_again();
        let begin = cx.here.at;
        let Span { range, gap, is_full, is_last } =
            span(cx.stream(), cx.store, begin, cx.here.hint, cx.over());
        let end = range.end;
        cx.here.seen = end;
        let trial = trial(cx, link);
        if self.awaited.is_none() && is_full {
            // A long frame that would begin here may be one: its end is waited for.
            let long = trial.long_frame(cx.stream(), cx.store, begin);
            self.awaited = Some(long.filter(|long| long - begin <= LONGEST).unwrap_or(begin));
        }
        if self.awaited.is_some_and(|end| cx.stream().end() < end) && !cx.over() {
            cx.here.seen = cx.stream().end();
            return Step::Wait;
        }
        if end < self.next_try && !is_last {
            return Step::Wait;
        }
        if let Some(at) = find(&trial, cx.stream(), cx.store, &range) {
            return found(cx, at, link);
        }
        if !is_last {
            // Look again when there is half as much again: the work stays proportional to the bytes.
            self.next_try = end + (end - begin) / 2 + 1;
            return Step::Wait;
        }
        if begin == end && gap.is_none() {
            return Step::Wait;
        }
        if begin < end {
            let bits = cx.bits(end - begin);
            cx.find(Rule::StreamUnparsed.says(bits, facts!("nothing-fits")));
            cx.emit(ItemKind::Unparsed, end, true);
        }
        if let Some(missing) = gap {
            cx.take_gap(ItemKind::Unparsed, missing);
        }
        Step::To(Mode::sync())
    }
}

/// Frames fit from the offset `at` on.
pub(super) fn found(cx: &mut Cx<'_>, at: u64, link: Link) -> Step {
    cx.here.lossy = true;
    if cx.here.at < at {
        let bits = cx.bits(at - cx.here.at);
        cx.find(Rule::StreamUnparsed.says(bits, facts!("fits-again", at, side = cx.side)));
        cx.emit(ItemKind::Unparsed, at, true);
    }
    cx.find(Rule::StreamGuess.says(BitRange::bytes(0, 1), facts!("here")));
    // The other side may still wait for an answer that the recording does not hold.
    Step::Both(cx.speak(link), Both::Found(link))
}

/// What the user says is spoken here.
fn told(cx: &mut Cx<'_>) -> Option<Link> {
    let DecodeAs { protocol, deflate, .. } = cx.shared.told?;
    cx.shared.agree(cx.talk, protocol, deflate.then(Params::default), None)?;
    cx.shared.guessed();
    cx.talk.find(Rule::StreamGuess.about(facts!("told", protocol)));
    cx.shared.link
}

/// What frames of the lane's side are like.
fn trial(cx: &Cx<'_>, link: Link) -> Trial {
    let coding = cx.talk.coding(cx.side);
    let way = match link.family {
        Family::Hybi => Way::Hybi(*coding),
        Family::Hixie => Way::Hixie,
    };
    // Whether messages are compressed nobody knows where the handshake is missing.
    let perhaps = (link.guessed && coding.is_latest()).then_some(Unit::Message);
    let rsv1 = link.deflate.map(|params| params.unit).or(perhaps);
    Trial { side: cx.side, way, reserved: Reserved { rsv1, foreign: link.foreign }, strict: false }
}

/// The first place in `range` from which frames fit well enough; beginnings of segments are tried first.
fn find(trial: &Trial, stream: &Stream, store: &Store, range: &Range<u64>) -> Option<u64> {
    let score = |at: u64| trial.fit(stream, store, at).map(|fit| fit.score);
    let mut segments = stream.chunks_in(range.clone()).map(|chunk| chunk.offset().max(range.start)).take(64);
    let first = segments.find_map(|at| Some((at, score(at).filter(|score| *score >= AT_SEGMENT)?)));
    // An earlier place between segments is better evidence only if more frames fit there.
    let (until, needed) = first.map_or((range.end, INSIDE), |(at, score)| (at, INSIDE.max(score + 1)));
    let bytes = stream.bytes(store, range.start..until);
    let inside = (0..bytes.len()).zip(range.start..).find_map(|(index, at)| {
        let score = if trial.may_begin(bytes.get(index..)?) { score(at) } else { None };
        score.is_some_and(|score| score >= needed).then_some(at)
    });
    inside.or(first.map(|(at, _)| at))
}
