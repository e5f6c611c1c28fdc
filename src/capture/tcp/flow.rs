//! One direction of a connection: which byte comes next, and what came too early.

use std::collections::VecDeque;

use super::context::Context;
use crate::capture::checksum::Checksum;
use crate::capture::packet::Segment;
use crate::trace::{Place, Timestamp};

/// Positions are sequence numbers that do not wrap: 64 bits, of which the low 32 are the sequence number. They begin
/// here, so that a position a little before the first one is no negative number.
const BASE: u64 = 1 << 40;

/// Sequence numbers up to this far behind the next one are old; all others are ahead.
const BEHIND: u32 = 1 << 30;

/// How far ahead of the next byte a segment may be that is taken for this stream's on the strength of its number.
pub(super) const NEAR: u64 = 1 << 20;

/// How many segments, and how many bytes, are held behind a hole before it is given up.
const MAX_HELD: usize = 4096;
const MAX_HELD_BYTES: u64 = 16 << 20;

/// Once the other end has acknowledged what is missing, how much may still come before the hole is given up: that
/// many held bytes, packets of the connection, or nanoseconds. Captures whose packets are slightly out of order show
/// an acknowledgment before the bytes it is about.
const LATE_BYTES: u64 = 64 << 10;
const LATE_PACKETS: u32 = 256;
const LATE_TIME: i64 = 1_000_000_000;

/// Bytes of a stream that stand together in a packet. `recorded` of `length` bytes are there, the rest was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: u64,
    pub(super) length: u32,
    pub(super) recorded: u32,
    pub(super) place: Place,
    pub(super) packet: u32,
    pub(super) time: Timestamp,
}

impl Piece {
    pub(super) fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }

    /// The part from `position` on, which must lie inside.
    pub(super) fn from(mut self, position: u64) -> Self {
        let skip = (position - self.start) as u32;
        let recorded = skip.min(self.recorded);
        self.start = position;
        self.length -= skip;
        self.recorded -= recorded;
        self.place.at += u64::from(recorded);
        self.place.headers =
            self.place.headers.and_then(|headers| headers.checked_add(u16::try_from(recorded).ok()?));
        self
    }

    /// The part before `position`, which must lie inside.
    pub(super) fn until(mut self, position: u64) -> Self {
        self.length = (position - self.start) as u32;
        self.recorded = self.recorded.min(self.length);
        self
    }
}

/// What is known of a stream's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Unknown,
    /// The recording began inside the connection, and an acknowledgment told what comes next.
    Expected,
    /// The stream's beginning, or its first recorded bytes, were there.
    Known,
}

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) state: State,
    /// The sequence number of the SYN, if it was seen.
    pub(super) initial: Option<u32>,
    /// The sequence number of an acknowledgment without bytes, while nothing else of this end was seen.
    pub(super) hint: Option<u32>,
    /// The position of the stream's first byte.
    pub(super) origin: u64,
    /// The position behind all that was delivered.
    pub(super) next: u64,
    /// The position of the FIN, with its packet and time.
    pub(super) fin: Option<(u64, u32, Timestamp)>,
    /// Whether the trace was told of the end.
    pub(super) ended: bool,
    /// The highest position that the other end acknowledged beyond `next`, with its packet and time.
    pub(super) acknowledged: Option<(u64, u32, Timestamp)>,
    /// What came too early, in order and without overlap.
    held: Vec<Piece>,
    held_bytes: u64,
    /// How many packets of the connection came since the hole before `held` is the first one.
    packets: u32,
    /// What the checksums of this end's segments are worth.
    pub(super) sums: Sums,
    /// Segments whose checksum does not fit, in the order in which they came, until it is known what to do with them.
    pub(super) doubtful: VecDeque<(Segment, Context)>,
}

/// What the checksums of one end's segments are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sums {
    /// None was right so far: perhaps whoever recorded stands before the network card that finishes them.
    Untried,
    /// One was right, so one that does not fit is damage.
    Trusted,
    /// One that did not fit was received all the same: they say nothing.
    Worthless,
}

impl Flow {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Unknown,
            initial: None,
            hint: None,
            origin: BASE,
            next: BASE,
            fin: None,
            ended: false,
            acknowledged: None,
            held: Vec::new(),
            held_bytes: 0,
            packets: 0,
            sums: Sums::Untried,
            doubtful: VecDeque::new(),
        }
    }

    /// The stream begins, or is expected to go on, with this sequence number.
    pub(super) fn begin(&mut self, seq: u32, state: State) {
        self.state = state;
        self.origin = BASE | u64::from(seq);
        self.next = self.origin;
    }

    /// The position of a sequence number.
    #[inline]
    pub(super) fn position(&self, seq: u32) -> u64 {
        let ahead = seq.wrapping_sub(self.next as u32);
        let behind = ahead.wrapping_neg();
        if ahead != 0 && behind <= BEHIND {
            self.next - u64::from(behind)
        } else {
            self.next + u64::from(ahead)
        }
    }

    /// Whether a sequence number is among those that were seen, or not far ahead of them.
    pub(super) fn is_near(&self, seq: u32) -> bool {
        let position = self.position(seq);
        self.state != State::Unknown && position >= self.origin && position <= self.next + NEAR
    }

    /// Whether bytes before this number were sent that are not there yet, as far as the stream's beginning is known. One
    /// more than there is may be a FIN.
    #[inline]
    pub(super) fn is_behind(&self, seq: u32) -> bool {
        let ahead = seq.wrapping_sub(self.next as u32);
        self.state == State::Known
            && ahead > 0
            && u64::from(ahead) <= NEAR
            && !(ahead == 1 && self.fin.is_some())
    }

    /// The other end acknowledges everything before `seq`.
    #[inline]
    pub(super) fn acknowledge(&mut self, seq: u32, packet: u32, time: Timestamp) {
        let ahead = seq.wrapping_sub(self.next as u32);
        if ahead == 0 || ahead > BEHIND {
            return; // What was delivered, or long ago: no news.
        }
        let position = self.next + u64::from(ahead);
        if self.acknowledged.is_none_or(|(highest, ..)| position > highest) {
            self.acknowledged = Some((position, packet, time));
        }
    }

    /// Whether something came, bytes or FIN, before which bytes are missing.
    #[inline]
    pub(super) fn has_hole(&self) -> bool {
        !self.held.is_empty() || self.fin.is_some_and(|(fin, ..)| fin > self.next)
    }

    /// What stands behind the first hole: its position, packet and time.
    pub(super) fn behind_hole(&self) -> Option<(u64, u32, Timestamp)> {
        let held = self.held.first().map(|piece| (piece.start, piece.packet, piece.time));
        held.or_else(|| self.fin.filter(|&(fin, ..)| fin > self.next))
    }

    /// Takes note of a segment's checksum. Returns whether it says that the segment is damaged.
    #[inline]
    pub(super) fn judge(&mut self, checksum: Checksum) -> bool {
        if checksum == Checksum::Fits && self.sums == Sums::Untried {
            self.sums = Sums::Trusted;
        }
        checksum == Checksum::Differs && self.sums == Sums::Trusted
    }

    /// The pieces at the beginning of `held` that follow without a hole, removed.
    pub(super) fn take_run(&mut self) -> Vec<Piece> {
        let mut next = self.next;
        let count = self
            .held
            .iter()
            .take_while(|piece| {
                let fits = piece.start <= next;
                next = piece.end();
                fits
            })
            .count();
        if count > 0 {
            self.packets = 0;
        }
        let run: Vec<Piece> = self.held.drain(..count).collect();
        self.held_bytes -= run.iter().map(|piece| u64::from(piece.length)).sum::<u64>();
        run
    }

    /// The lowest address in the store that something held stands at.
    pub(super) fn lowest_address(&self) -> Option<u64> {
        let doubtful = self.doubtful.iter().map(|(_, context)| context.place.at);
        self.held.iter().map(|piece| piece.place.at).chain(doubtful).min()
    }

    /// Keeps a piece, less what is held already: what was recorded first stays. Calls `overlap` with the held and
    /// the new bytes where both are there.
    pub(super) fn hold(&mut self, piece: Piece, mut overlap: impl FnMut(Piece, Piece)) {
        let mut at = match self.held.last() {
            Some(last) if last.end() > piece.start => {
                self.held.partition_point(|held| held.end() <= piece.start)
            }
            _ => self.held.len(),
        };
        let mut rest = piece;
        while let Some(&held) = self.held.get(at) {
            if held.start >= rest.end() {
                break;
            }
            if rest.start < held.start {
                self.insert(at, rest.until(held.start));
                at += 1;
                rest = rest.from(held.start);
            }
            let end = rest.end().min(held.end());
            overlap(held.from(rest.start).until(end), rest.until(end));
            if rest.end() <= held.end() {
                return;
            }
            rest = rest.from(held.end());
            at += 1;
        }
        self.insert(at, rest);
    }

    fn insert(&mut self, at: usize, piece: Piece) {
        if piece.length > 0 {
            self.held.insert(at, piece);
            self.held_bytes += u64::from(piece.length);
        }
    }

    /// Counts a packet of the connection; returns whether the hole will never be filled.
    pub(super) fn hole_is_lost(&mut self, now: Timestamp) -> bool {
        let Some((position, _, since)) = self.behind_hole() else { return false };
        if self.held.len() > MAX_HELD || self.held_bytes > MAX_HELD_BYTES {
            return true;
        }
        self.packets = self.packets.saturating_add(1);
        let acknowledged = self.acknowledged.is_some_and(|(acknowledged, ..)| acknowledged >= position);
        acknowledged
            && (self.held_bytes >= LATE_BYTES
                || self.packets >= LATE_PACKETS
                || now.since(since) >= LATE_TIME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(start: u64, length: u32) -> Piece {
        Piece {
            start,
            length,
            recorded: length,
            place: Place { at: start, headers: Some(54) },
            packet: 1,
            time: Timestamp(0),
        }
    }

    #[test]
    fn positions_go_on_where_sequence_numbers_wrap() {
        let mut flow = Flow::new();
        flow.begin(u32::MAX - 1, State::Known);
        assert_eq!(flow.position(3), flow.next + 5);
        flow.next += 5;
        assert_eq!(flow.position(3), flow.next);
        assert_eq!(flow.position(u32::MAX - 1), flow.origin);
    }

    #[test]
    fn held_pieces_never_overlap_and_the_first_stays() {
        let mut flow = Flow::new();
        flow.begin(0, State::Known);
        let at = |offset: u64| BASE + offset;
        flow.hold(piece(at(10), 5), |_, _| panic!());
        flow.hold(piece(at(20), 5), |_, _| panic!());
        let mut overlaps = Vec::new();
        flow.hold(piece(at(8), 20), |old, new| overlaps.push((old.start, old.length, new.start, new.length)));
        assert_eq!(overlaps, [(at(10), 5, at(10), 5), (at(20), 5, at(20), 5)]);
        let spans: Vec<_> = flow.held.iter().map(|held| (held.start - BASE, held.length)).collect();
        assert_eq!(spans, [(8, 2), (10, 5), (15, 5), (20, 5), (25, 3)]);
        assert_eq!(flow.held_bytes, 20);
        assert!(flow.held.iter().all(|held| held.place.at == held.start || held.place.at > at(8)));
        assert!(flow.take_run().is_empty());
        flow.next = at(8);
        assert_eq!(flow.take_run().len(), 5);
        assert_eq!(flow.held_bytes, 0);
    }

    #[test]
    fn a_piece_keeps_its_place_when_it_is_cut() {
        let mut cut = piece(100, 10);
        cut.recorded = 4;
        let tail = cut.from(102);
        assert_eq!((tail.length, tail.recorded, tail.place.at, tail.place.headers), (8, 2, 102, Some(56)));
        let missing = cut.from(107);
        assert_eq!((missing.length, missing.recorded), (3, 0));
        assert_eq!(cut.until(103).recorded, 3);
    }
}
