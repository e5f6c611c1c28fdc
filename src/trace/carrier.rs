//! Who carries whom: layers, carriers, and the way from an offset of a carried stream to the bytes that carried it.
//!
//! A conversation is two byte streams at one [`Layer`]. One that is carried (what was inside TLS records, what a proxy
//! passed on) names its [`Carrier`], and a sorted map says for each of its bytes where in the carrier's stream it was.

use std::ops::Range;

use super::log::Log;
use crate::model::protocol::Side;

/// The identity of a connection: given by whoever brings its bytes (a tap on a socket, TCP reassembly, a lesson), and
/// the same for all conversations that the connection carries. Addresses are none: a port is used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What the two byte streams of a conversation are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// The bytes of a TCP connection; of one through a proxy, those that it passed on.
    #[default]
    Tcp,
    /// What was inside TLS records.
    Tls,
    /// What each side sent behind its handshake, inflated: see [`deflate::stream`](crate::wire::deflate::stream).
    DeflateStream,
}

impl Layer {
    /// The stable identifier, as in JSON: `tcp`, `tls` or `deflate-stream`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::DeflateStream => "deflate-stream",
        }
    }
}

/// What carries a conversation.
#[derive(Debug)]
pub struct Carrier {
    /// The carrying conversation's index in the trace.
    pub conversation: usize,
    maps: [OffsetMap; 2],
}

impl Carrier {
    pub(super) fn new(conversation: usize) -> Self {
        Self { conversation, maps: [OffsetMap::default(), OffsetMap::default()] }
    }

    /// The way from the offsets of the carried stream of `side` to those of the carrier's.
    pub fn map(&self, side: Side) -> &OffsetMap {
        &self.maps[side.index()]
    }

    /// The bytes of the carrier's stream of `side` that carried these bytes, with whatever else they carried. None where
    /// nothing did.
    pub fn bytes_of(&self, side: Side, range: Range<u64>) -> Option<Range<u64>> {
        let sources = self.map(side).sources(range);
        sources.reduce(|all, next| all.start.min(next.start)..all.end.max(next.end))
    }

    pub(super) fn map_mut(&mut self, side: Side) -> &mut OffsetMap {
        &mut self.maps[side.index()]
    }
}

/// A sorted map from offsets of a carried stream to ranges of the stream that carries it, in bytes.
#[derive(Debug, Default)]
pub struct OffsetMap {
    spans: Log<Span>,
}

/// The bytes of a carried stream from `at` on, up to the next span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    at: u64,
    from: u64,
    /// The carrier's bytes that carry the span as a whole (a record of ciphertext); 0 where each byte stands for
    /// itself, as behind a proxy.
    whole: u64,
}

impl OffsetMap {
    /// From `at` on each byte of the carried stream is a byte of the carrier's, from `from` on.
    pub(super) fn shift(&mut self, at: u64, from: u64) {
        self.spans.push(Span { at, from, whole: 0 });
    }

    /// What the carried stream holds from `at` on came out of these bytes of the carrier's, as a whole.
    pub(super) fn within(&mut self, at: u64, from: Range<u64>) {
        self.spans.push(Span { at, from: from.start, whole: from.end - from.start });
    }

    /// The ranges of the carrier's stream that carried the bytes of `range`, in order. Empty for what nothing carried.
    pub fn sources(&self, range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let first = self.spans.partition_point(|span| span.at <= range.start).saturating_sub(1);
        let spans = self.spans.iter_from(first).take_while(move |(_, span)| span.at < range.end);
        spans.filter_map(move |(number, span)| {
            let end = self.spans.get(number + 1).map_or(u64::MAX, |next| next.at);
            let (start, end) = (range.start.max(span.at), range.end.min(end));
            if start >= end {
                return None;
            }
            Some(if span.whole > 0 {
                span.from..span.from + span.whole
            } else {
                span.from + (start - span.at)..span.from + (end - span.at)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(map: &OffsetMap, range: Range<u64>) -> Vec<(u64, u64)> {
        map.sources(range).map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn behind_a_prelude_each_byte_stands_for_itself() {
        let mut map = OffsetMap::default();
        map.shift(0, 107);
        assert_eq!(sources(&map, 0..1), [(107, 108)]);
        assert_eq!(sources(&map, 1_000..1_010), [(1_107, 1_117)]);
        assert_eq!(sources(&map, 5..5), []);
    }

    #[test]
    fn what_was_in_records_came_out_of_whole_records() {
        let mut map = OffsetMap::default();
        map.within(0, 500..600);
        map.within(80, 700..750);
        map.within(100, 750..800);
        assert_eq!(sources(&map, 0..10), [(500, 600)]);
        assert_eq!(sources(&map, 79..81), [(500, 600), (700, 750)]);
        assert_eq!(sources(&map, 90..101), [(700, 750), (750, 800)]);
        assert_eq!(sources(&OffsetMap::default(), 0..10), []);
    }
}
