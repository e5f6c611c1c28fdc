//! Finding frames again where nobody knows where one begins: in a recording that begins in the middle, and behind a
//! gap or garbage.
//!
//! A place is believed when several frames in a row fit from it on. What counts: a frame with a payload whose header
//! keeps every rule, one more for text that is UTF-8, one more for a frame that ends where a segment ends. A place that fits so
//! is still a guess, and is said to be one.

use std::ops::Range;

use super::cx::peek;
use super::{Both, Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::conversation::Spoken;
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::{Piece, Stream};
use crate::wire::deflate::Params;
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hixie::TERMINATOR;
use crate::wire::frame::hybi::{Header, LengthForm, Opcode};

/// How many bytes are searched for a place before the first of them are given up.
const WINDOW: u64 = 128 * 1024;

/// So many bytes of a stream are searched for a first place.
const SEARCHED: u64 = 1 << 20;

/// No more frames than this are tried in a row.
const FRAMES: u32 = 6;

/// The score that a place needs to be believed.
#[derive(Clone, Copy)]
struct Needed {
    /// Where a segment begins: senders mostly begin a frame there.
    at_segment: u32,
    /// Anywhere else: there are many more such places, so chance finds one more often.
    inside: u32,
}

impl Needed {
    /// `sure` says that the family is known, from the other side or from the user; `over` that nothing more will come.
    const fn new(sure: bool, over: bool) -> Self {
        match (sure, over) {
            (true, _) => Self { at_segment: 2, inside: 5 },
            (false, true) => Self { at_segment: 3, inside: 7 },
            (false, false) => Self { at_segment: 4, inside: 7 },
        }
    }
}

/// How much of a text is looked at.
const TEXT: usize = 256;

/// What a place may be the beginning of.
#[derive(Clone, Copy)]
struct Fit {
    family: Family,
    score: u32,
    compressed: bool,
}

/// The search for a place where frames begin. The next try is when the stream has `next_try` bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sync {
    next_try: u64,
}

impl Sync {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let told = cx.shared.told.and_then(Protocol::family);
        let known = cx.shared.link.map(|link| link.family).or(told);
        let sure = cx.shared.link.is_some() || told.is_some();
        // A gap inside the searched bytes ends the search before it.
        let begin = cx.here.at;
        cx.look_again();
        let mut hint = cx.here.hint;
        let mut gap = None;
        while cx.length() < WINDOW {
            match cx.stream().piece(cx.store, cx.here.seen, &mut hint) {
                Piece::Data(bytes) => cx.here.seen += bytes.len() as u64,
                Piece::Gap(missing) => {
                    gap = Some(missing);
                    break;
                }
                Piece::End => break,
            }
        }
        let end = cx.here.seen;
        let final_try = cx.over() || gap.is_some() || cx.length() >= WINDOW;
        if end < self.next_try && !final_try {
            return Step::Wait;
        }
        let deflate = cx.shared.link.is_some_and(|link| link.deflate.is_some());
        let codings = if cx.shared.link.is_some() {
            cx.talk.codings
        } else {
            Spoken::new(cx.shared.told.unwrap_or(Protocol::LATEST), None).codings
        };
        let needed = Needed::new(sure, cx.over());
        let search = Search { side: cx.side, family: known, needed, deflate, codings };
        if let Some((at, fit)) = search.find(cx.stream(), cx.store, begin..end) {
            return found(cx, at, fit);
        }
        if !sure && cx.shared.begins_inside && cx.talk.items.is_empty() {
            // The recording does not say who opened the connection. Masks do: only clients mask.
            let other = Search { side: cx.side.other(), deflate: false, ..search };
            let other = other.find(cx.stream(), cx.store, begin..end);
            if other.is_some_and(|(_, fit)| fit.family == Family::Hybi) {
                return Step::Both(Mode::Sync(*self), Both::Turn);
            }
        }
        if !final_try {
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
        // Most connections whose opening is missing are no WebSockets: they are not searched to their end.
        let hopeless = cx.shared.link.is_none() && cx.shared.told.is_none() && cx.here.at > SEARCHED;
        Step::To(if hopeless { Mode::Opaque } else { Mode::sync() })
    }
}

/// Frames fit from the offset `at` on.
fn found(cx: &mut Cx<'_>, at: u64, fit: Fit) -> Step {
    cx.here.lossy = true;
    if cx.here.at < at {
        let bits = cx.bits(at - cx.here.at);
        cx.find(Rule::StreamUnparsed.says(bits, facts!("fits-again", at, side = cx.side)));
        cx.emit(ItemKind::Unparsed, at, true);
    }
    cx.find(Rule::StreamGuess.says(BitRange::bytes(0, 1), facts!("here")));
    let link = cx.shared.link.or_else(|| {
        let guessed = fit.family.latest();
        let told = cx.shared.told;
        let protocol = told.filter(|told| told.family() == Some(fit.family)).unwrap_or(guessed);
        let facts = if told.is_some() { facts!("told", protocol) } else { facts!("bytes", protocol) };
        let link = cx.shared.agree(cx.talk, protocol, fit.compressed.then(Params::default), None);
        cx.talk.find(Rule::StreamGuess.about(facts));
        link
    });
    // The other side may still wait for an answer that the recording does not hold.
    match link {
        Some(link) => Step::Both(cx.speak(link), Both::Found(link)),
        None => Step::Wait,
    }
}

/// What is looked for.
#[derive(Clone, Copy)]
struct Search {
    side: Side,
    /// None where either family may be spoken.
    family: Option<Family>,
    needed: Needed,
    /// permessage-deflate was agreed.
    deflate: bool,
    /// How each side's frames stand on the wire.
    codings: [Coding; 2],
}

impl Search {
    /// The first place in `range` from which frames fit well enough; beginnings of segments are tried first.
    fn find(&self, stream: &Stream, store: &Store, range: Range<u64>) -> Option<(u64, Fit)> {
        let fits = |at: u64, needed: u32| -> Option<Fit> {
            let hybi = self.family.is_none_or(|family| family == Family::Hybi);
            let hixie = self.family.is_none_or(|family| family == Family::Hixie);
            let rsv1 = self.deflate || self.family.is_none();
            let fit = if hybi {
                fit_hybi(stream, store, (self.side, &self.codings[self.side.index()]), at, rsv1)
            } else {
                None
            };
            fit.filter(|fit| fit.score >= needed).or_else(|| {
                if hixie { fit_hixie(stream, store, at).filter(|fit| fit.score >= needed) } else { None }
            })
        };
        let segments = stream.chunks_in(range.clone()).map(|chunk| chunk.offset().max(range.start));
        let first = segments.take(64).find_map(|at| fits(at, self.needed.at_segment).map(|fit| (at, fit)));
        let inside = |end: u64| {
            let bytes = stream.bytes(store, range.start..end);
            bytes.iter().zip(range.start..).find_map(|(byte, at)| {
                let covered = self.codings[self.side.index()].covers_header();
                let opcode = self.codings[self.side.index()].layout().opcode(*byte);
                let plausible =
                    covered || *byte == 0x00 || *byte == 0xFF || !Opcode::new(opcode).is_reserved();
                if plausible { fits(at, self.needed.inside).map(|fit| (at, fit)) } else { None }
            })
        };
        match first {
            // An earlier place between segments would be better evidence only if more frames fit there.
            Some((at, fit)) => {
                Some(inside(at).filter(|(_, earlier)| earlier.score > fit.score).unwrap_or((at, fit)))
            }
            None => inside(range.end),
        }
    }
}

fn ends_segment(stream: &Stream, end: u64) -> bool {
    end == stream.end()
        || stream.chunk_at(end).and_then(|n| stream.chunks().get(n)).is_some_and(|c| c.offset() == end)
}

/// How well frames of hybi fit from `at` on; none if one of them breaks a rule.
fn fit_hybi(
    stream: &Stream,
    store: &Store,
    (side, coding): (Side, &Coding),
    at: u64,
    rsv1: bool,
) -> Option<Fit> {
    let mut fit = Fit { family: Family::Hybi, score: 0, compressed: false };
    let mut at = at;
    for _ in 0..FRAMES {
        let hint = stream.chunk_at(at).unwrap_or(usize::MAX);
        let mut buffer = [0u8; Header::MAX + TEXT];
        let filled = peek(stream, store, at, hint, &mut buffer);
        let Some((header, length)) = coding.read(&buffer[..filled]) else { break };
        let data_begins = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
        let ok = !header.opcode.is_reserved()
            && !header.rsv[1]
            && !header.rsv[2]
            && (!header.rsv[0] || rsv1 && data_begins)
            && !header.rsv4
            && (!coding.has_mask_bit() || header.mask.is_some() == (side == Side::Client))
            && header.length_form == LengthForm::minimal(header.payload_length)
            && header.payload_length >> 63 == 0
            && !(header.opcode.is_control() && (!header.fin || header.length_form != LengthForm::Short));
        if !ok {
            return None;
        }
        let end = at.checked_add(length as u64)?.checked_add(header.payload_length)?;
        let inside = usize::try_from(header.payload_length).unwrap_or(usize::MAX);
        let shown = buffer.get_mut(length..filled.min(length.saturating_add(inside)))?;
        if header.opcode == Opcode::TEXT && !header.rsv[0] {
            coding.mask(&header, shown, 0);
            match std::str::from_utf8(shown) {
                Ok(text) => fit.score += u32::from(!text.is_empty()),
                // A character may be cut where the looked-at bytes end.
                Err(error) if error.error_len().is_none() => fit.score += 1,
                Err(_) => return None,
            }
        }
        fit.compressed |= header.rsv[0];
        if end > stream.end() {
            break;
        }
        // An empty frame says little: runs of zeros look like many.
        if header.payload_length > 0 || header.opcode.is_control() {
            fit.score += 1 + u32::from(ends_segment(stream, end));
        }
        at = end;
        if at == stream.end() {
            break;
        }
    }
    Some(fit)
}

/// How well frames of hixie fit from `at` on: `00`, UTF-8, `FF`; and `FF 00`.
fn fit_hixie(stream: &Stream, store: &Store, at: u64) -> Option<Fit> {
    let mut fit = Fit { family: Family::Hixie, score: 0, compressed: false };
    let mut at = at;
    for _ in 0..FRAMES {
        let window = stream.bytes(store, at..(at + 4096).min(stream.end()));
        let Some((&first, rest)) = window.split_first() else { break };
        let end = match first {
            0x00 => {
                let Some(length) = memchr::memchr(TERMINATOR, rest) else { break };
                std::str::from_utf8(rest.get(..length)?).ok()?;
                fit.score += u32::from(length > 0);
                at + length as u64 + 2
            }
            0xFF if rest.first() == Some(&0) => at + 2,
            0xFF if rest.is_empty() => break,
            _ => return None,
        };
        fit.score += 1 + u32::from(ends_segment(stream, end));
        at = end;
    }
    (fit.score > 0).then_some(fit)
}
