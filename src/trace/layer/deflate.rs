//! The deflate-stream layer: behind the opening handshake each side's bytes are one DEFLATE stream (hybi-10 section 9.2.1).
//!
//! The carried conversation holds the bytes of the frames. An item of the carrier is what stands between two flushes, as
//! most senders flush behind each write; what was never flushed is cut into pieces. Bits of two blocks may share a byte, so
//! bytes that stand on the border of two items belong to what either carries.

use super::lane::{Lane, peek_at};
use super::{Cx, Machine, Out};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::trace::item::ItemKind;
use crate::trace::store::Place;
use crate::trace::stream::{Chunk, Piece};
use crate::wire::deflate::stream::{Part, StreamError, StreamInflater};

/// An item has at most so many bytes.
const LONGEST: u64 = 64 * 1024;

/// So many bytes are inflated in one go.
const STEP: usize = 64 * 1024;

/// Inflates both sides.
#[derive(Debug)]
pub(super) struct DeflateStream {
    sides: [Inflating; 2],
}

/// One side.
#[derive(Debug)]
struct Inflating {
    lane: Lane,
    /// Where the compressed stream begins.
    begin: u64,
    /// How far it was read.
    fed: u64,
    hint: usize,
    stream: StreamInflater,
    /// Nothing more can be inflated.
    dead: bool,
}

/// What came out of a step, and where of the stream it was.
#[derive(Clone, Copy)]
enum Found {
    Bytes(Place, u32, u64, u64),
    Flush(u64),
}

impl DeflateStream {
    /// From these offsets on, the client's first, the bytes are compressed.
    pub(super) fn new(from: [u64; 2]) -> Self {
        let side = |begin| Inflating {
            lane: Lane::at(begin),
            begin,
            fed: begin,
            hint: 0,
            stream: StreamInflater::default(),
            dead: false,
        };
        Self { sides: from.map(side) }
    }
}

impl Inflating {
    /// Reads the next bytes of the side; whether there were any.
    fn step(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        if self.dead {
            return self.lane.take_unparsed(cx, side);
        }
        let piece = cx.talk.stream(side).piece(cx.store, self.fed, &mut self.hint);
        let bytes = match piece {
            Piece::Data(bytes) => bytes.get(..STEP).unwrap_or(bytes).to_vec(),
            Piece::Gap(missing) => {
                self.gap(cx, side, missing);
                return true;
            }
            Piece::End => return self.end(cx, side),
        };
        let Some(chunk) = cx.talk.stream(side).chunks().get(self.hint).copied() else { return false };
        let room = cx.store.room_to_inflate(bytes.len() as u64);
        let mut found = Vec::new();
        let store = &mut *cx.store;
        let result = self.stream.feed(&bytes, room, &mut |part| match part {
            Part::Bytes { bytes, from, to } => {
                let place = Place { at: store.append_inflated(bytes), headers: None };
                found.push(Found::Bytes(place, bytes.len() as u32, from, to));
            }
            Part::Flush(at) => found.push(Found::Flush(at)),
        });
        self.fed += bytes.len() as u64;
        for found in found {
            self.take(cx, side, &chunk, found);
        }
        if let Err(error) = result {
            self.fail(cx, side, error);
        }
        while self.fed - self.lane.at >= LONGEST && !self.dead {
            self.emit(cx, side, self.lane.at + LONGEST);
        }
        true
    }

    fn take(&mut self, cx: &mut Cx<'_>, side: Side, chunk: &Chunk, found: Found) {
        match found {
            Found::Bytes(place, len, from, to) => cx.out.push(Out::Data {
                side,
                place,
                len,
                packet: chunk.packet(),
                time: chunk.time(),
                from: self.begin + from,
                whole: to - from,
            }),
            Found::Flush(at) => {
                let end = self.begin + at;
                while end.saturating_sub(self.lane.at) > LONGEST {
                    self.emit(cx, side, self.lane.at + LONGEST);
                }
                if end > self.lane.at {
                    self.emit(cx, side, end);
                }
            }
        }
    }

    /// Makes an item of the compressed bytes up to `end`.
    fn emit(&mut self, cx: &mut Cx<'_>, side: Side, end: u64) {
        let mark = self.mark(cx);
        self.lane.emit(cx, side, ItemKind::DeflateStream, end, (true, mark));
    }

    /// What an item that begins here keeps: 1 where a zlib header stands at its beginning.
    fn mark(&mut self, cx: &Cx<'_>) -> u8 {
        let header = self.lane.at == self.begin && self.stream.has_header();
        if header {
            let finding = Rule::DeflateStreamHeader.says(BitRange::bytes(0, 2), facts!("zlib"));
            self.lane.findings.extend(finding.judged_in(cx.talk.protocol.dialect_or_latest()));
        }
        u8::from(header)
    }

    /// The stream cannot be inflated any further.
    fn fail(&mut self, cx: &mut Cx<'_>, side: Side, error: StreamError) {
        self.dead = true;
        let at = self.begin + self.stream.failed_at().unwrap_or_default();
        if at > self.lane.at {
            self.emit(cx, side, at);
        }
        let bits = BitRange::bytes(0, 1);
        let finding = match error {
            StreamError::Limit => {
                Rule::InflateLimit.says(bits, facts!("stream", limit = cx.store.inflated()))
            }
            _ => Rule::DeflateStreamBroken.says(bits, error.facts()),
        };
        self.lane.findings.push(finding);
    }

    /// Bytes are missing: the place of everything behind them is unknown, and so is what it looks back into.
    fn gap(&mut self, cx: &mut Cx<'_>, side: Side, missing: u64) {
        self.dead = true;
        let mark = if self.lane.at < self.fed { self.mark(cx) } else { 0 };
        let gap = self.fed;
        self.lane.take_gap(cx, side, (ItemKind::DeflateStream, mark), gap, missing);
        let chunk = cx.talk.stream(side).chunks().get(self.hint).copied();
        if let Some(chunk) = chunk {
            let (packet, time) = (chunk.packet(), chunk.time());
            for gap_chunk in Chunk::gaps(missing, packet, time) {
                let len = (gap_chunk.end() - gap_chunk.offset()) as u32;
                cx.out.push(Out::Gap { side, len, packet, time, from: gap, whole: missing });
            }
        }
        self.lane.findings.push(Rule::DeflateStreamBroken.says(BitRange::bytes(0, 1), facts!("behind-gap")));
    }

    /// There are no more bytes; what is left becomes an item when no more will come.
    fn end(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        let left = peek_at(cx.talk, cx.store, side, self.lane.at, 1).len();
        if !cx.over(side) || left == 0 || self.fed <= self.lane.at {
            return false;
        }
        let end = self.fed;
        self.emit(cx, side, end);
        true
    }
}

impl Machine for DeflateStream {
    fn advance(&mut self, cx: &mut Cx<'_>) {
        for side in Side::BOTH {
            while self.sides[side.index()].step(cx, side) {}
        }
    }

    fn finish(&mut self, cx: &mut Cx<'_>) {
        self.advance(cx);
    }

    fn needed_from(&self, side: Side) -> u64 {
        self.sides[side.index()].lane.at
    }
}
