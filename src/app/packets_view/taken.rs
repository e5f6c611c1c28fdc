//! One packet, taken apart once and kept until another is looked at.

use crate::app::action::At;
use crate::app::source::Source;
use crate::capture::{Layers, layers};
use crate::model::field::BitRange;
use crate::trace::{Chunk, Item, Store, Stream};

/// A packet with its bytes, its layers, and the bytes in it that belong to the item.
#[derive(Debug)]
pub(super) struct Taken {
    /// The conversation, the item, and the chunk of the stream that came in the packet.
    pub(super) key: (At, usize, usize),
    /// The packet's number in the file.
    pub(super) packet: u32,
    /// What is recorded of it, from the link layer on.
    pub(super) bytes: Vec<u8>,
    pub(super) layers: Layers,
    /// The item's bytes in the packet.
    pub(super) part: BitRange,
    /// The first of them in the item, in bits.
    pub(super) from: u64,
    /// The packet was cut when it was recorded: so many bytes of its payload are missing.
    pub(super) cut: u64,
}

impl Taken {
    /// Takes the packet of a chunk apart. None where the chunk is a gap, did not come in a packet of its own, or the
    /// capture's link types are not known yet.
    pub(super) fn of(
        key: (At, usize, usize),
        item: &Item,
        stream: &Stream,
        store: &Store,
        source: &Source,
    ) -> Option<Self> {
        let chunk = stream.chunks().get(key.2)?;
        let place = chunk.place()?;
        let headers = u64::from(place.headers?);
        let link = source.opening()?.link_of(chunk.packet())?;
        let payload = chunk.end() - chunk.offset();
        let bytes = store.bytes(place.at - headers, (headers + payload) as usize).to_vec();
        let first = item.offset.max(chunk.offset());
        let last = item.range().end.min(chunk.end());
        let begin = (headers + first - chunk.offset()) as usize;
        Some(Self {
            key,
            packet: chunk.packet(),
            layers: layers(link, &bytes),
            bytes,
            part: BitRange::bytes(begin, begin + last.saturating_sub(first) as usize),
            from: (first - item.offset) * 8,
            cut: missing_behind(stream, key.2, chunk),
        })
    }

    /// Bits of the packet as bits of the item; none where they are not the item's alone.
    pub(super) fn in_item(&self, bits: BitRange) -> Option<BitRange> {
        self.part.contains(bits).then(|| {
            BitRange::new(bits.start - self.part.start + self.from, bits.end - self.part.start + self.from)
        })
    }

    /// Bits of the item as bits of the packet; none where it holds none of them.
    pub(super) fn in_packet(&self, bits: BitRange) -> Option<BitRange> {
        let end = self.from + self.part.len();
        let (start, stop) = (bits.start.max(self.from), bits.end.min(end));
        let place = |bit: u64| bit - self.from + self.part.start;
        (start < stop).then(|| BitRange::new(place(start), place(stop)))
    }
}

/// How many bytes of a chunk's packet are missing behind the chunk.
fn missing_behind(stream: &Stream, number: usize, chunk: &Chunk) -> u64 {
    let next = stream.chunks().get(number + 1);
    let next = next.filter(|next| next.is_gap() && next.packet() == chunk.packet());
    next.map_or(0, |gap| gap.end() - gap.offset())
}
