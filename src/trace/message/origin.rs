//! Where a message's bits come from: the bits of the frames that made them.

use std::ops::{ControlFlow, Range};

use crate::model::field::BitRange;
use crate::trace::conversation::Conversation;
use crate::trace::frame::FrameFacts;
use crate::trace::item::Message;
use crate::trace::payload::{frame_payload, frames_of, is_compressed_frame};
use crate::trace::store::Store;
use crate::wire::deflate::tokens::{Reader, Token};
use crate::wire::deflate::{TAIL, Unit};

/// The bits of items that made these bits of a message, in order, each with its item's number.
///
/// Unmasking keeps every bit at its place, so bits of a message that was not compressed have their own bits in a frame's
/// payload. A byte of a compressed message comes from the token of the DEFLATE stream that wrote it: a literal, or the
/// copy that took it from the window. Bits that came from nowhere, because the message is shorter or its stream broken,
/// have no origin.
pub fn origin(talk: &Conversation, store: &Store, message: usize, bits: BitRange) -> Vec<(usize, BitRange)> {
    let Some(message) = talk.messages.get(message) else { return Vec::new() };
    let parts = Parts::of(talk, store, message);
    let mut found = Vec::new();
    if message.compressed {
        inflated(talk, store, message, bits, &parts, &mut found);
        // Codes of two tokens may share a byte: the later one stands before the earlier there.
        found.sort_unstable();
        for (item, bits) in std::mem::take(&mut found) {
            add(&mut found, item, bits);
        }
    } else {
        parts.place(bits, &mut found);
    }
    found
}

/// Where the payload of a message stands, unmasked but not inflated.
struct Parts(Vec<Part>);

struct Part {
    item: usize,
    /// The payload's bits in the item.
    bits: BitRange,
    /// The bit of the joined payload with which it begins.
    start: u64,
}

impl Parts {
    fn of(talk: &Conversation, store: &Store, message: &Message) -> Self {
        let mut start = 0;
        let part = |(item, frame)| {
            let facts = FrameFacts::of(talk, store, frame)?;
            let first = facts.header_length? as u64 * 8;
            let bits = BitRange::new(first, first + facts.payload_length?.saturating_mul(8));
            let part = Part { item, bits, start };
            start += bits.len();
            Some(part)
        };
        Self(frames_of(talk, message).filter_map(part).collect())
    }

    /// The bits of the items in which these bits of the joined payload stand.
    fn place(&self, bits: BitRange, found: &mut Vec<(usize, BitRange)>) {
        let from = self.0.partition_point(|part| part.start + part.bits.len() <= bits.start);
        for part in self.0.get(from..).unwrap_or_default() {
            if part.start >= bits.end {
                return;
            }
            let first = bits.start.saturating_sub(part.start);
            let last = (bits.end - part.start).min(part.bits.len());
            add(found, part.item, BitRange::new(part.bits.start + first, part.bits.start + last));
        }
    }

    /// The same for bits that are counted as DEFLATE does, the least significant of each byte first: they stand apart in
    /// the bytes where they begin and end.
    fn deflated(&self, bits: Range<u64>, found: &mut Vec<(usize, BitRange)>) {
        let (first, last) = (bits.start / 8, bits.end.div_ceil(8));
        for byte in first..last {
            let from = bits.start.saturating_sub(byte * 8);
            let to = (bits.end - byte * 8).min(8);
            self.place(BitRange::new(byte * 8 + 8 - to, byte * 8 + 8 - from), found);
        }
    }
}

/// Adds a place behind the others; one that touches the last is one with it.
fn add(found: &mut Vec<(usize, BitRange)>, item: usize, bits: BitRange) {
    match found.last_mut() {
        Some((before, last)) if *before == item && last.end == bits.start => last.end = bits.end,
        _ if bits.is_empty() => {}
        _ => found.push((item, bits)),
    }
}

/// The places of the tokens that wrote these bits of the message; of a frame that is not compressed among others that
/// are, its own bits.
fn inflated(
    talk: &Conversation,
    store: &Store,
    message: &Message,
    bits: BitRange,
    parts: &Parts,
    found: &mut Vec<(usize, BitRange)>,
) {
    let per_frame = talk.deflate.is_some_and(|params| params.unit == Unit::Frame);
    let mut reader = Reader::new();
    let mut places = Places { bits, written: 0, found: Vec::new() };
    // The place of the stream's first bit among the joined payloads.
    let mut base = 0;
    let mut end = 0;
    for (_, frame) in frames_of(talk, message) {
        let Some(payload) = frame_payload(talk, store, frame) else { break };
        let length = payload.len() as u64 * 8;
        end += length;
        if per_frame && !is_compressed_frame(frame) {
            let from = places.written.saturating_mul(8);
            let (first, last) = (bits.start.max(from), bits.end.min(from + length));
            if first < last {
                parts.place(BitRange::new(end - length + first - from, end - length + last - from), found);
            }
            places.written += length / 8;
            continue;
        }
        if per_frame {
            (reader, base) = (Reader::new(), end - length);
        }
        if reader.feed(&payload, |token, place| places.hear(token, place)).is_err() {
            break;
        }
        if per_frame {
            let _ = reader.feed(&TAIL, |token, place| places.hear(token, place));
            places.hand_over(base, end, parts, found);
        }
    }
    if !per_frame {
        // The tail is on no wire, but a code may be complete only with it.
        let _ = reader.feed(&TAIL, |token, place| places.hear(token, place));
    }
    places.hand_over(base, end, parts, found);
}

/// The places in a compressed stream of the tokens that wrote wanted bits.
struct Places {
    bits: BitRange,
    /// So many bytes of the message were written.
    written: u64,
    found: Vec<Range<u64>>,
}

impl Places {
    fn hear(&mut self, token: Token, place: Range<u64>) -> ControlFlow<()> {
        let from = self.written.saturating_mul(8);
        self.written += token.length();
        let to = self.written.saturating_mul(8);
        if from < self.bits.end && self.bits.start < to {
            match self.found.last_mut() {
                Some(last) if last.end == place.start => last.end = place.end,
                _ => self.found.push(place),
            }
        }
        if to < self.bits.end { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Says where they stand, of a stream that takes the bits `base..end` of the joined payloads.
    fn hand_over(&mut self, base: u64, end: u64, parts: &Parts, found: &mut Vec<(usize, BitRange)>) {
        for place in self.found.drain(..) {
            parts.deflated(base + place.start..(base + place.end).min(end), found);
        }
    }
}
