//! One direction of a conversation: the bytes in stream order, with the packet and the time of each chunk.

use std::borrow::Cow;
use std::ops::Range;

use super::log::Log;
use super::order::Moment;
use super::store::{Place, Store};
use super::time::Timestamp;

/// Consecutive bytes of a stream that came together, or that are missing.
///
/// 32 bytes, because a capture has one for each segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    offset: u64,
    /// The address in the low 48 bits and the distance to the packet's first byte in the high 16.
    place: u64,
    time: Timestamp,
    len: u32,
    packet: u32,
}

/// No gap has more bytes than this: 256 TiB.
pub const MAX_GAP: u64 = 1 << 48;

const GAP: u64 = u64::MAX;
const ADDRESS_BITS: u32 = 48;
const NO_HEADERS: u64 = 0xFFFE;

impl Chunk {
    /// A chunk of recorded bytes. The offset is given by the stream that it is pushed to.
    pub fn data(place: Place, len: u32, packet: u32, time: Timestamp) -> Self {
        let headers = place.headers.map_or(NO_HEADERS, |headers| u64::from(headers).min(NO_HEADERS));
        let place = headers << ADDRESS_BITS | place.at & ((1 << ADDRESS_BITS) - 1);
        Self { offset: 0, place, time, len, packet }
    }

    /// A chunk of bytes that were sent but not recorded.
    pub fn gap(len: u32, packet: u32, time: Timestamp) -> Self {
        Self { offset: 0, place: GAP, time, len, packet }
    }

    /// The chunks of a gap of any length up to [`MAX_GAP`]: one, but for a gap of 4 GiB or more.
    pub fn gaps(len: u64, packet: u32, time: Timestamp) -> impl Iterator<Item = Self> {
        let mut left = len.min(MAX_GAP);
        std::iter::from_fn(move || {
            let next = u32::try_from(left).unwrap_or(u32::MAX);
            left -= u64::from(next);
            (next > 0).then(|| Self::gap(next, packet, time))
        })
    }

    /// Whether the bytes are missing.
    #[inline]
    pub const fn is_gap(&self) -> bool {
        self.place == GAP
    }

    /// Where the bytes are; none for a gap.
    pub fn place(&self) -> Option<Place> {
        (!self.is_gap()).then(|| {
            let headers = self.place >> ADDRESS_BITS;
            Place {
                at: self.place & ((1 << ADDRESS_BITS) - 1),
                headers: (headers != NO_HEADERS).then_some(headers as u16),
            }
        })
    }

    /// The first byte's offset in the stream.
    #[inline]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The offset behind the last byte.
    #[inline]
    pub const fn end(&self) -> u64 {
        self.offset + self.len as u64
    }

    /// The part of it that stands at `offset` of its stream or behind; none where it ends before. As a chunk that is to
    /// be pushed to another stream.
    pub(super) fn behind(&self, offset: u64) -> Option<Self> {
        let skipped = offset.saturating_sub(self.offset).min(u64::from(self.len)) as u32;
        let len = self.len - skipped;
        let rest = match self.place() {
            None => Self::gap(len, self.packet, self.time),
            Some(Place { at, headers }) => {
                let headers = headers.and_then(|headers| u16::try_from(u32::from(headers) + skipped).ok());
                Self::data(Place { at: at + u64::from(skipped), headers }, len, self.packet, self.time)
            }
        };
        (len > 0).then_some(rest)
    }

    /// The number of the packet in the file, counted from 1; 0 where there are no packets.
    pub const fn packet(&self) -> u32 {
        self.packet
    }

    /// When it was recorded.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// The recorded bytes; empty for a gap.
    #[inline]
    pub fn bytes<'a>(&self, store: &'a Store) -> &'a [u8] {
        if self.is_gap() {
            return &[];
        }
        store.bytes(self.place & ((1 << ADDRESS_BITS) - 1), self.len as usize)
    }
}

/// What stands at an offset of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes, up to the end of their chunk.
    Data(&'a [u8]),
    /// That many bytes are missing, up to the next that was recorded.
    Gap(u64),
    /// Nothing yet.
    End,
}

/// One direction of a conversation.
#[derive(Debug, Default)]
pub struct Stream {
    chunks: Log<Chunk>,
    end: u64,
    /// Whether the packets of the recording were sorted by time.
    pub(super) by_time: bool,
    /// The latest moment of a chunk so far.
    latest: Moment,
    /// Chunks that were recorded before some that stand before them, in order: few streams have any.
    held_up: Vec<HeldUp>,
}

/// Chunks that a receiver had to wait with, because bytes before them came later.
#[derive(Clone, Copy, Debug)]
struct HeldUp {
    first: usize,
    last: usize,
    /// When those bytes came.
    until: Moment,
}

impl Stream {
    /// Appends a chunk; its offset is where the stream ended.
    pub fn push(&mut self, mut chunk: Chunk) {
        if chunk.len == 0 {
            return;
        }
        chunk.offset = self.end;
        self.end = chunk.end();
        let moment = self.moment(&chunk);
        let number = self.chunks.push(chunk);
        if moment >= self.latest {
            self.latest = moment;
        } else {
            self.hold_up(number);
        }
    }

    /// Where a chunk stands in the recording.
    #[inline]
    pub(super) fn moment(&self, chunk: &Chunk) -> Moment {
        Moment::new(self.by_time, chunk.packet, chunk.time)
    }

    #[cold]
    fn hold_up(&mut self, number: usize) {
        match self.held_up.last_mut() {
            Some(run) if run.last + 1 == number && run.until == self.latest => run.last = number,
            _ => self.held_up.push(HeldUp { first: number, last: number, until: self.latest }),
        }
    }

    /// When the bytes of the chunk with this number were there, and all before them: a receiver has to wait for what comes
    /// out of order.
    #[inline]
    pub(super) fn arrived(&self, number: usize) -> Moment {
        if !self.held_up.is_empty()
            && let Some(run) = self.held_up.get(self.held_up.partition_point(|run| run.last < number))
            && run.first <= number
        {
            return run.until;
        }
        self.chunks.get(number).map_or_else(Moment::default, |chunk| self.moment(chunk))
    }

    /// Lets nothing be read from `end` on, a place between two chunks, until more is shown.
    pub(super) const fn show(&mut self, end: u64) {
        self.end = end;
    }

    /// The chunks in order.
    pub fn chunks(&self) -> &Log<Chunk> {
        &self.chunks
    }

    /// The offset behind the last byte: how many bytes were sent so far, recorded or not.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// The number of the chunk that holds the byte at `offset`.
    pub fn chunk_at(&self, offset: u64) -> Option<usize> {
        let number = self.chunks.partition_point(|chunk| chunk.end() <= offset);
        (number < self.chunks.len()).then_some(number)
    }

    /// What stands at `offset`. `hint` is the number of a chunk at or before it, and is moved along, so that reading
    /// forward costs no search.
    #[inline]
    pub fn piece<'a>(&self, store: &'a Store, offset: u64, hint: &mut usize) -> Piece<'a> {
        if offset >= self.end {
            return Piece::End;
        }
        let mut number = (*hint).max(self.chunks.first_kept());
        let mut steps = 0;
        loop {
            let Some(chunk) = self.chunks.get(number) else { return Piece::End };
            if offset < chunk.offset() || steps > 8 {
                match self.chunk_at(offset) {
                    Some(found) => number = found,
                    None => return Piece::End,
                }
                steps = 0;
                continue;
            }
            if offset < chunk.end() {
                *hint = number;
                let into = offset - chunk.offset();
                return if chunk.is_gap() {
                    Piece::Gap(self.gap_end(number) - offset)
                } else {
                    Piece::Data(chunk.bytes(store).get(into as usize..).unwrap_or_default())
                };
            }
            number += 1;
            steps += 1;
        }
    }

    /// Where the gap ends that begins at or before the chunk with this number: a long one has several chunks.
    #[cold]
    fn gap_end(&self, number: usize) -> u64 {
        let gap = self.chunks.iter_from(number).take_while(|(_, chunk)| chunk.is_gap());
        gap.last().map_or(self.end, |(_, chunk)| chunk.end())
    }

    /// The recorded bytes from `range`, up to the first gap or the end; borrowed where they stand in one chunk.
    pub fn bytes<'a>(&self, store: &'a Store, range: Range<u64>) -> Cow<'a, [u8]> {
        let mut hint = self.chunk_at(range.start).unwrap_or(usize::MAX);
        let wanted = range.end.saturating_sub(range.start);
        let mut joined: Vec<u8> = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let Piece::Data(piece) = self.piece(store, at, &mut hint) else { break };
            if piece.is_empty() {
                break; // The bytes were let go of.
            }
            let take = piece.len().min((range.end - at) as usize);
            let piece = &piece[..take];
            if at == range.start && take as u64 == wanted {
                return Cow::Borrowed(piece);
            }
            joined.extend_from_slice(piece);
            at += take as u64;
        }
        Cow::Owned(joined)
    }

    /// The chunks that hold bytes of `range`.
    pub fn chunks_in(&self, range: Range<u64>) -> impl Iterator<Item = &Chunk> {
        let from = self.chunks.partition_point(|chunk| chunk.end() <= range.start);
        let chunks = self.chunks.iter_from(from).map(|(_, chunk)| chunk);
        chunks.take_while(move |chunk| chunk.offset() < range.end)
    }

    /// Where the first bytes are that are still kept.
    pub fn first_place(&self) -> Option<Place> {
        self.chunks.iter().find_map(|(_, chunk)| chunk.place())
    }

    /// Lets go of the chunks that end at or before `offset`.
    pub fn forget_before(&mut self, offset: u64) {
        let number = self.chunks.partition_point(|chunk| chunk.end() <= offset);
        self.chunks.forget_before(number);
        self.held_up.drain(..self.held_up.partition_point(|run| run.last < number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(parts: &[&[u8]]) -> (Store, Stream) {
        let (mut store, mut stream) = (Store::default(), Stream::default());
        for (number, part) in parts.iter().enumerate() {
            let packet = number as u32 + 1;
            let chunk = if *part == b"-" {
                Chunk::gap(10, packet, Timestamp(i64::from(packet)))
            } else {
                let at = store.append(part);
                Chunk::data(
                    Place { at, headers: None },
                    part.len() as u32,
                    packet,
                    Timestamp(i64::from(packet)),
                )
            };
            stream.push(chunk);
        }
        (store, stream)
    }

    #[test]
    fn bytes_join_chunks_and_stop_at_a_gap() {
        let (store, stream) = stream(&[b"abc", b"def", b"-", b"ghi"]);
        assert_eq!(&*stream.bytes(&store, 0..3), b"abc");
        assert_eq!(&*stream.bytes(&store, 1..5), b"bcde");
        assert_eq!(&*stream.bytes(&store, 4..18), b"ef");
        assert_eq!(&*stream.bytes(&store, 16..19), b"ghi");
        assert_eq!(stream.end(), 19);
        let mut hint = 0;
        assert_eq!(stream.piece(&store, 8, &mut hint), Piece::Gap(8));
        assert_eq!(stream.piece(&store, 19, &mut hint), Piece::End);
        assert_eq!(stream.piece(&store, 0, &mut hint), Piece::Data(b"abc"));
    }

    #[test]
    fn chunks_in_names_the_packets_of_a_range() {
        let (_, stream) = stream(&[b"abc", b"def", b"ghi"]);
        let packets = |range| stream.chunks_in(range).map(Chunk::packet).collect::<Vec<_>>();
        assert_eq!(packets(0..3), [1]);
        assert_eq!(packets(2..7), [1, 2, 3]);
        assert_eq!(packets(9..12), [0; 0]);
    }

    #[test]
    fn a_chunk_is_small() {
        assert_eq!(size_of::<Chunk>(), 32);
    }
}
