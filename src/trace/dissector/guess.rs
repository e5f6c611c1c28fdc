//! Guessing what is spoken where the recording does not say it: it begins inside a connection, or lost the handshake.
//!
//! Both sides are looked at together. Frames are believed only if bytes of another protocol would hardly look so by chance
//! ([`Fit::bits`]), in the order and of the kinds that real traffic has, the client's with masks and the server's
//! without, and only where the other side speaks nothing else. Nothing is made of the bytes until that is settled; then
//! both sides are read in the order of time, as if the recording had just come in.

use std::ops::Range;

use super::fit::{Fit, Trial, Way};
use super::rest::Before;
use super::sync::{SEARCHED, Span, WINDOW, span};
use super::{Cx, Dissector, Lane, Mode};
use crate::facts;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::conversation::{Conversation, Spoken};
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::{Chunk, Stream};
use crate::wire::deflate::{Params, Unit};
use crate::wire::message::Reserved;
use crate::wire::tls::record::Header as TlsRecord;

/// So many bits are needed where frames of both sides fit.
const BOTH: u32 = 36;

/// So many where the other side says nothing, or nothing of it was recorded.
const ALONE: u32 = 60;

/// So many where all that is there is a server's frames, none of which has fragments or a long length: a type and a length
/// are before the messages of many protocols.
const BARE_ALONE: u32 = 90;

/// So many where the other side's bytes are nothing that is known: they may stand in the middle of a long frame.
const BESIDE: u32 = 72;

/// So many in hybi-01 to -03, where nothing but small numbers says that they are frames: many protocols begin their
/// messages with a type and a length, so something that only frames have must be there too.
const BARE: u32 = 48;

/// A side speaks frames if its bytes say so with so many bits.
const EACH: u32 = 10;

/// From so many bits on the first place is taken, and no better one looked for.
const GOOD: u32 = 24;

/// Between the beginnings of segments there are many more places, so chance finds one more often: by so many bits.
const INSIDE: u32 = 14;

/// At most so many beginnings of segments are tried.
const SEGMENTS: usize = 64;

/// A frame that goes on beyond what is there is waited for if it is no longer than this.
pub(super) const LONGEST: u64 = 64 << 20;

/// When both sides are looked at again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guess {
    /// When this many bytes are there that are in no item.
    next_try: u64,
}

/// What looking at both sides came to.
pub(super) enum Guessed {
    /// Nothing yet.
    Nothing,
    /// Bytes became an item that nobody understands, or are another thing than frames.
    Moved,
    /// What is spoken is known now.
    Frames,
}

/// What a side's bytes may be.
#[derive(Clone, Copy, Debug)]
enum Standing {
    /// There are none.
    Silent,
    /// Frames, from this place on.
    Frames(u64, Fit),
    /// Anything.
    Unexplained,
    /// Something else, or perhaps something else.
    Strange,
}

impl Dissector {
    /// Whether a side's frames are looked for, and nobody knows whether there are any.
    pub(super) fn is_guessing(&self) -> bool {
        self.shared.link.is_none() && self.lanes.iter().any(|lane| matches!(lane.mode, Mode::Sync(_)))
    }

    /// Looks at both sides for what is spoken.
    #[cold]
    pub(super) fn guess(&mut self, talk: &mut Conversation, store: &Store) -> Guessed {
        let spans = Side::BOTH.map(|side| {
            let Lane { here, mode } = &self.lanes[side.index()];
            let over = self.shared.over(side);
            let searched = matches!(mode, Mode::Sync(_));
            searched.then(|| span(talk.stream(side), store, here.at, here.hint, over))
        });
        let unread = |side: Side| talk.stream(side).end() - self.lanes[side.index()].here.at;
        let total: u64 = Side::BOTH.into_iter().map(unread).sum();
        let last = Side::BOTH.map(|side| {
            let Some(span) = spans[side.index()].as_ref().filter(|span| !span.is_empty()) else {
                return false;
            };
            // A long frame that would begin here may be one: its end is waited for.
            span.is_last && !(span.is_full && self.awaits_long_frame(talk, store, side, span.range.start))
        });
        if total < self.guess.next_try && last == [false; 2] {
            return Guessed::Nothing;
        }
        // Look again when there is half as much again: the work stays proportional to the bytes.
        self.guess.next_try = total + total / 2 + 1;
        let asked = self.asked();
        let turnable = talk.begins_inside() && talk.items.is_empty();
        let all = asked.map_or_else(|| CANDIDATES.to_vec(), |asked| vec![(asked, false)]);
        for (protocol, turned) in all {
            if turned && !turnable {
                continue;
            }
            let standings = Side::BOTH.map(|side| {
                let role = if turned { side.other() } else { side };
                self.standing(talk, store, (side, role), protocol, spans[side.index()].as_ref())
            });
            let [first, second] = standings;
            let standings = if turned { [second, first] } else { [first, second] };
            if !believed(&standings, protocol, asked.is_some()) {
                continue;
            }
            if turned {
                // The recording does not say who opened the connection. Masks do: only clients mask.
                talk.turn();
                self.lanes.swap(0, 1);
                self.shared.ended.swap(0, 1);
            }
            self.speak(talk, protocol, standings);
            return Guessed::Frames;
        }
        let mut moved = false;
        for side in Side::BOTH {
            if self.is_in_head(side.other()) {
                // What the other side says is not there yet: nothing is settled by its silence.
                continue;
            }
            if let Some(span) = &spans[side.index()] {
                moved |= self.other_than_frames(talk, store, side, span, last[side.index()]);
            }
        }
        if moved { Guessed::Moved } else { Guessed::Nothing }
    }

    /// Whether a side has begun a head, and more of it may come.
    fn is_in_head(&self, side: Side) -> bool {
        matches!(self.lanes[side.index()].mode, Mode::Head(_)) && !self.shared.over(side)
    }

    /// What the client asked to speak, where the answer is lost.
    fn asked(&self) -> Option<Protocol> {
        let waits = matches!(self.lanes[0].mode, Mode::Waiting);
        self.shared.exchanges.front().filter(|_| waits)?.asks_for
    }

    /// Whether the first bytes that are searched would be a long frame, and what follows it is not there yet.
    fn awaits_long_frame(&self, talk: &Conversation, store: &Store, side: Side, at: u64) -> bool {
        let stream = talk.stream(side);
        let mut ends = Side::BOTH.into_iter().filter_map(|role| {
            let possible = role == side || talk.begins_inside() && talk.items.is_empty();
            possible.then(|| trial(Protocol::LATEST, role).long_frame(stream, store, at))?
        });
        !self.shared.over(side) && ends.any(|end| end - at <= LONGEST && end + WINDOW > stream.end())
    }

    /// What the bytes of `side` may be, if it is the one that `role` says.
    fn standing(
        &self,
        talk: &Conversation,
        store: &Store,
        (side, role): (Side, Side),
        protocol: Protocol,
        span: Option<&Span>,
    ) -> Standing {
        let Lane { here, mode } = &self.lanes[side.index()];
        let stream = talk.stream(side);
        let Some(span) = span else {
            // Who waits for the answer to its opening request speaks frames behind it.
            let silent = match mode {
                Mode::Waiting => self.asked().is_some(),
                Mode::Start => here.at >= stream.end() && self.shared.exchanges.is_empty() && here.at == 0,
                _ => false,
            };
            return if silent { Standing::Silent } else { Standing::Strange };
        };
        if span.is_empty() || span.range.is_empty() {
            return Standing::Silent;
        }
        let own = trial(protocol, role);
        match best(stream, store, &own, is_searched(protocol), &span.range) {
            Some((at, fit)) if fit.bits >= EACH => Standing::Frames(at, fit),
            _ if is_strange(stream, store, &trial(protocol, role.other()), span.range.start) => {
                Standing::Strange
            }
            _ => Standing::Unexplained,
        }
    }

    /// From here on both sides speak frames; where they begin on each side is known, or is looked for.
    fn speak(&mut self, talk: &mut Conversation, protocol: Protocol, standings: [Standing; 2]) {
        let compressed = |one: &Standing| matches!(one, Standing::Frames(_, fit) if fit.compressed);
        let deflate = standings.iter().any(compressed).then(Params::default);
        if self.shared.agree(talk, protocol, deflate, None).is_none() {
            return;
        }
        self.shared.guessed();
        let Some(link) = self.shared.link else { return };
        talk.find(Rule::StreamGuess.about(facts!("bytes", protocol)));
        for (side, standing) in Side::BOTH.into_iter().zip(standings) {
            // What was asked before the recording began nobody knows.
            self.shared.pings.gap(side);
            let Lane { here, mode } = &mut self.lanes[side.index()];
            here.seen = here.at;
            match standing {
                Standing::Frames(at, _) => *mode = Mode::Before(Before::new(at)),
                // The first frame follows the request.
                _ if matches!(mode, Mode::Waiting) => *mode = link.mode(talk, side, here.lossy),
                _ if matches!(mode, Mode::Start | Mode::Sync(_)) => *mode = Mode::sync(),
                _ => {}
            }
        }
    }

    /// Of bytes that are searched: the head of an HTTP message further on is read, and of what will not come to anything
    /// an item is made. Whether anything moved.
    fn other_than_frames(
        &mut self,
        talk: &mut Conversation,
        store: &Store,
        side: Side,
        span: &Span,
        last: bool,
    ) -> bool {
        let head = head_in(talk.stream(side), store, side, &span.range);
        if head.is_none() && !last {
            return false;
        }
        let Self { lanes, shared, .. } = self;
        let Lane { here, mode } = &mut lanes[side.index()];
        let mut cx = Cx { talk, store, side, here, shared };
        cx.look_again();
        let (begin, end) = (span.range.start, head.unwrap_or(span.range.end));
        if begin < end {
            let bits = cx.bits(end - begin);
            cx.find(Rule::StreamUnparsed.says(bits, facts!("nothing-fits")));
            cx.emit(ItemKind::Unparsed, end, true);
        }
        if head.is_some() {
            *mode = Mode::Start;
            return true;
        }
        if let Some(missing) = span.gap {
            cx.take_gap(ItemKind::Unparsed, missing);
        }
        // Most connections whose opening is missing are no WebSockets: they are not searched to their end.
        *mode = if cx.here.at > SEARCHED { Mode::Opaque } else { Mode::sync() };
        true
    }

    /// Reads what both sides have that is in no item yet, in the order in which it was recorded.
    #[cold]
    pub(super) fn advance_in_order(&mut self, talk: &mut Conversation, store: &Store) {
        let ends = Side::BOTH.map(|side| talk.stream(side).end());
        let from = Side::BOTH.map(|side| self.lanes[side.index()].here.at);
        let first = Side::BOTH.map(|side| {
            let stream = talk.stream(side);
            stream.chunk_at(from[side.index()]).unwrap_or_else(|| stream.chunks().len())
        });
        let chunks: Vec<(Side, u64)> =
            talk.in_order_from(first).map(|(side, chunk)| (side, Chunk::end(chunk))).collect();
        // Nobody has ended before all of it was read.
        let ended = std::mem::take(&mut self.shared.ended);
        let finishing = std::mem::take(&mut self.shared.finishing);
        for side in Side::BOTH {
            talk.streams[side.index()].show(from[side.index()]);
            self.lanes[side.index()].here.fed = from[side.index()];
        }
        for (side, end) in chunks {
            talk.streams[side.index()].show(end);
            self.advance(talk, store);
        }
        (self.shared.ended, self.shared.finishing) = (ended, finishing);
        for side in Side::BOTH {
            talk.streams[side.index()].show(ends[side.index()]);
        }
        self.advance(talk, store);
    }
}

/// What may be spoken, the likeliest first: a version for each way to write frames, and whether client and server may have
/// been taken for each other, which only masks tell. hybi-02 stands for hybi-01 to -03, hybi-06 for hybi-05. What clients of
/// hybi-04 send cannot be read without the heads; it is what is left where the server's frames are like those of hybi-06.
const CANDIDATES: [(Protocol, bool); 7] = [
    (Protocol::LATEST, false),
    (Protocol::Hixie76, false),
    (Protocol::LATEST, true),
    (Protocol::Hybi6, false),
    (Protocol::Hybi6, true),
    (Protocol::Hybi2, false),
    (Protocol::Hybi4, false),
];

/// How frames of `side` would stand on the wire.
pub(super) fn trial(protocol: Protocol, side: Side) -> Trial {
    let way = match protocol.family() {
        Some(Family::Hybi) => Way::Hybi(*Spoken::new(protocol, None).coding(side)),
        _ => Way::Hixie,
    };
    let compresses = matches!(&way, Way::Hybi(coding) if coding.is_latest());
    let reserved = Reserved { rsv1: compresses.then_some(Unit::Message), foreign: false };
    Trial { side, way, reserved, strict: true }
}

/// Whether frames of this version are looked for between the beginnings of segments too. The old drafts are rare, and
/// their programs began a segment with a frame.
fn is_searched(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::LATEST | Protocol::Hixie76)
}

/// Whether what both sides' bytes may be, the client's first, is enough to say that they are frames of this version.
/// `asked`: the client asked for them.
fn believed(standings: &[Standing; 2], protocol: Protocol, asked: bool) -> bool {
    use Standing::{Frames, Silent, Unexplained};
    let sum = |count: fn(&Fit) -> u32| -> u32 {
        let fits = standings.iter().filter_map(|standing| match standing {
            Frames(_, fit) => Some(fit),
            _ => None,
        });
        fits.map(count).sum()
    };
    let needed = match (standings, protocol) {
        (_, _) if asked => EACH,
        // Opcodes that mean something else in other drafts prove nothing: those of messages do not.
        (_, Protocol::Hybi2 | Protocol::Hybi4 | Protocol::Hybi6) if sum(|fit| fit.data) < 2 => return false,
        ([Frames(_, client), Frames(_, server)], Protocol::Hybi2) => {
            let answers = |ping: Option<u64>, pong: Option<u64>| ping.is_some() && ping == pong;
            let answered = answers(client.pinged, server.ponged) || answers(server.pinged, client.ponged);
            if !answered && !client.is_telling && !server.is_telling {
                return false;
            }
            BARE
        }
        (_, Protocol::Hybi2) => return false,
        ([Unexplained, Frames(..)], Protocol::Hybi4) => BESIDE,
        (_, Protocol::Hybi4) => return false,
        ([Unexplained, Frames(..)], Protocol::Hybi6) => return false,
        ([Frames(..), Frames(..)], _) => BOTH,
        ([Silent, Frames(_, fit)], _) if !fit.is_telling => BARE_ALONE,
        ([Frames(..), Silent] | [Silent, Frames(..)], _) => ALONE,
        ([Frames(..), Unexplained] | [Unexplained, Frames(..)], _) => BESIDE,
        _ => return false,
    };
    sum(|fit| fit.bits) >= needed
}

/// The place in `range` from which frames fit best; beginnings of segments are tried first, and the places between them
/// only if `everywhere`. The bits of a place between them are fewer by [`INSIDE`].
fn best(
    stream: &Stream,
    store: &Store,
    trial: &Trial,
    everywhere: bool,
    range: &Range<u64>,
) -> Option<(u64, Fit)> {
    let mut found: Option<(u64, Fit)> = None;
    let segments = stream.chunks_in(range.clone()).map(|chunk| chunk.offset().max(range.start));
    for at in segments.take(SEGMENTS) {
        let Some(fit) = trial.fit(stream, store, at) else { continue };
        if found.is_none_or(|(_, best)| fit.bits > best.bits) {
            found = Some((at, fit));
        }
        if fit.bits >= GOOD {
            break;
        }
    }
    let good = found.filter(|(_, fit)| fit.bits >= GOOD);
    if !everywhere {
        return found;
    }
    let until = good.map_or(range.end, |(at, _)| at);
    let bytes = stream.bytes(store, range.start..until);
    let inside = (1..bytes.len()).zip(range.start + 1..).find_map(|(index, at)| {
        if !trial.may_begin(bytes.get(index..)?) {
            return None;
        }
        let mut fit = trial.fit(stream, store, at)?;
        fit.bits = fit.bits.saturating_sub(INSIDE);
        (fit.bits >= GOOD).then_some((at, fit))
    });
    inside.or(good).or(found)
}

/// Whether bytes that are no frames are plainly something else: text, TLS records, or frames of the other side.
fn is_strange(stream: &Stream, store: &Store, other: &Trial, at: u64) -> bool {
    let bytes = stream.bytes(store, at..(at + 64).min(stream.end()));
    let printable = bytes.iter().filter(|byte| matches!(byte, 0x20..=0x7E | b'\r' | b'\n' | b'\t')).count();
    let text = bytes.len() >= 4 && printable * 10 >= bytes.len() * 9;
    let record = TlsRecord::read(&bytes).is_some_and(TlsRecord::is_plausible);
    text || record || other.fit(stream, store, at).is_some_and(|fit| fit.bits >= EACH)
}

/// Where in `range`, behind its beginning, a segment begins with the head of an HTTP message.
fn head_in(stream: &Stream, store: &Store, side: Side, range: &Range<u64>) -> Option<u64> {
    let mut begins = stream.chunks_in(range.clone()).map(Chunk::offset).filter(|at| *at > range.start);
    begins.find(|at| {
        let bytes = |count: u64| stream.bytes(store, *at..(at + count).min(stream.end()));
        let first = bytes(16);
        if side == Side::Server {
            return first.starts_with(b"HTTP/1.") && first.get(8) == Some(&b' ');
        }
        let method = first.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        (3..=10).contains(&method) && first.get(method) == Some(&b' ') && {
            let head = bytes(2048);
            let line = head.get(..memchr::memchr(b'\n', &head).unwrap_or_default());
            line.is_some_and(|line| memchr::memmem::find(line, b" HTTP/1.").is_some())
        }
    })
}
