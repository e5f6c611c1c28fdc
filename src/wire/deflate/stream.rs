//! `deflate-stream` (hybi-03 to -10): all that one side sends behind its head is one DEFLATE stream (hybi-10 section
//! 9.2.1).
//!
//! Frames are not aligned with anything in it: a byte may hold the end of one and the beginning of the next, and no flush
//! need stand between them. The drafts say that the stream has no header; libwebsockets of early 2011 sent that of zlib.

use std::ops::{ControlFlow, Range};

use super::tokens::{Broken, Reader, Token};
use crate::facts;
use crate::model::facts::{Fact, Facts};
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::spec::Document::{Hybi10, Rfc1951};

/// The extension's name.
pub const NAME: &str = "deflate-stream";

/// The compressed bytes of one side.
pub static STREAM: FieldKind =
    FieldKind::new("deflate-stream", "Compressed stream", Hybi10.section("9.2.1")).chapter("deflate");
/// The header of zlib before the stream.
pub static ZLIB_HEADER: FieldKind =
    FieldKind::new("zlib-header", "zlib header", Hybi10.section("9.2.1")).chapter("deflate");
/// Bits of DEFLATE blocks.
pub static DEFLATED: FieldKind =
    FieldKind::new("deflate-bits", "DEFLATE", Rfc1951.section("3.2.3")).chapter("deflate");
/// The lengths of an empty block: a flush.
pub static FLUSH: FieldKind =
    FieldKind::new("deflate-flush", "Flush", Rfc1951.section("3.2.4")).chapter("deflate");

/// The kinds of field of compressed streams.
pub static KINDS: &[&FieldKind] = &[&STREAM, &ZLIB_HEADER, &DEFLATED, &FLUSH];

/// The length of a zlib header (RFC 1950 section 2.2).
const HEADER: usize = 2;

/// The length of the checksum behind a stream of zlib.
const CHECKSUM: u64 = 4;

/// The largest window of DEFLATE.
const WINDOW: usize = 1 << 15;

/// What was inflated is handed on in pieces of at most so many bytes.
const PIECE: usize = 16 * 1024;

/// The fields of a piece of a compressed stream; `header` says that it begins with a zlib header.
pub fn fields(bytes: &[u8], header: bool) -> Field {
    let whole = BitRange::bytes(0, bytes.len());
    let flushed = bytes.ends_with(&super::TAIL);
    let ends = [
        if header { HEADER.min(bytes.len()) } else { 0 },
        if flushed { bytes.len() - 4 } else { bytes.len() },
    ];
    let ends = [ends[0], ends[1].max(ends[0]), bytes.len()];
    let mut from = 0;
    let mut children = Vec::new();
    for (kind, end) in [&ZLIB_HEADER, &DEFLATED, &FLUSH].into_iter().zip(ends) {
        if let Some(part) = bytes.get(from..end).filter(|part| !part.is_empty()) {
            children.push(Field::leaf(kind, BitRange::bytes(from, end), Value::Bytes(part.to_vec())));
        }
        from = end;
    }
    Field::group(&STREAM, whole, children)
}

/// What comes out of a compressed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Inflated bytes, and the bytes of the stream that hold the codes of them.
    Bytes {
        /// What was inflated.
        bytes: &'a [u8],
        /// The first byte of the stream that has a part in them.
        from: u64,
        /// Behind the last.
        to: u64,
    },
    /// The stream was flushed: an empty block ended in the byte before this one.
    Flush(u64),
}

/// Why a stream cannot be inflated any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError {
    /// Its bits are no DEFLATE stream.
    Broken(Broken),
    /// A copy looks back further than there is anything.
    Distance {
        /// How far back, in bytes.
        distance: u16,
        /// How many bytes there are.
        there: u64,
    },
    /// More came out than was allowed.
    Limit,
    /// A stream with a zlib header has ended, and something stands behind it.
    Ended,
}

impl StreamError {
    /// What is said of it, as a form of a finding.
    pub fn facts(self) -> Facts {
        match self {
            Self::Broken(broken) => facts!("broken", why = Fact::said(&broken)),
            Self::Distance { distance, there } => facts!("distance", distance, there),
            Self::Limit => facts!("limit"),
            Self::Ended => facts!("ended"),
        }
    }
}

/// What a stream begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// Nothing was read.
    Nothing,
    /// This byte, which may be the first of a zlib header.
    Half(u8),
    /// The stream itself.
    None,
    Zlib,
}

/// Inflates the stream of one side. Costs what its bytes and what comes out of them cost.
#[derive(Clone, Debug)]
pub struct StreamInflater {
    reader: Reader,
    head: Head,
    out: Output,
    /// So many bytes were read behind the header.
    fed: u64,
    /// The block being read is empty so far.
    empty: bool,
    /// The block being read has BFINAL.
    last: bool,
    /// Where a stream of zlib ended.
    ended: Option<u64>,
    /// Why nothing more comes, and from which byte of the stream on.
    failed: Option<(u64, StreamError)>,
}

impl Default for StreamInflater {
    fn default() -> Self {
        Self {
            reader: Reader::new(),
            head: Head::Nothing,
            out: Output::default(),
            fed: 0,
            empty: true,
            last: false,
            ended: None,
            failed: None,
        }
    }
}

impl StreamInflater {
    /// Whether the stream began with the header of zlib.
    pub fn has_header(&self) -> bool {
        self.head == Head::Zlib
    }

    /// The last bytes that were inflated: what the stream can look back into.
    pub fn window(&self) -> &[u8] {
        self.out.window.get(self.out.window.len().saturating_sub(WINDOW)..).unwrap_or_default()
    }

    /// From which byte of the stream on nothing more comes out of it.
    pub fn failed_at(&self) -> Option<u64> {
        self.failed.map(|(at, _)| at)
    }

    /// Where it stands in the blocks.
    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The bytes before the first block.
    pub(super) fn header_length(&self) -> u64 {
        if self.has_header() { HEADER as u64 } else { 0 }
    }

    /// Whether a zlib header may still come.
    pub(super) fn is_at_beginning(&self) -> bool {
        matches!(self.head, Head::Nothing | Head::Half(_))
    }

    /// The next bytes of the stream; at most `room` bytes may come out of them. After an error nothing more does.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        room: u64,
        each: &mut dyn FnMut(Part<'_>),
    ) -> Result<(), StreamError> {
        if let Some((_, error)) = self.failed {
            return Err(error);
        }
        let mut room = room;
        while let (Head::Nothing | Head::Half(_), Some((&byte, rest))) = (self.head, bytes.split_first()) {
            match self.head {
                Head::Nothing if byte & 0x0F == 8 && byte >> 4 <= 7 => {
                    self.head = Head::Half(byte);
                    bytes = rest;
                }
                Head::Half(first)
                    if u16::from_be_bytes([first, byte]).is_multiple_of(31) && byte & 0x20 == 0 =>
                {
                    self.head = Head::Zlib;
                    bytes = rest;
                }
                Head::Half(first) => {
                    self.head = Head::None;
                    self.read(&[first], &mut room, each)?;
                }
                _ => self.head = Head::None,
            }
        }
        self.read(bytes, &mut room, each)
    }

    fn read(
        &mut self,
        bytes: &[u8],
        room: &mut u64,
        each: &mut dyn FnMut(Part<'_>),
    ) -> Result<(), StreamError> {
        self.fed += bytes.len() as u64;
        let before = self.header_length();
        let zlib = self.has_header();
        let mut error = None;
        if self.ended.is_none() {
            let Self { reader, out, empty, last, ended, .. } = self;
            let read = reader.feed(bytes, |token, place| {
                error = out.take(token, &place, room).err().map(|error| (place.start, error));
                if error.is_some() {
                    return ControlFlow::Break(());
                }
                match token {
                    Token::Block { last: bfinal, .. } => (*last, *empty) = (bfinal, true),
                    Token::End => {
                        out.hand_on(before, each);
                        let end = before + place.end.div_ceil(8);
                        if *empty {
                            each(Part::Flush(end));
                        }
                        if *last && zlib {
                            *ended = Some(end);
                            return ControlFlow::Break(());
                        }
                    }
                    Token::Literal(_) | Token::Stored(_) | Token::Copy { .. } => *empty = false,
                }
                if out.waiting() >= PIECE {
                    out.hand_on(before, each);
                }
                ControlFlow::Continue(())
            });
            out.hand_on(before, each);
            let broken = |broken| (reader.position(), StreamError::Broken(broken));
            error = error.or(read.err().map(broken));
        }
        // Behind the end of a zlib stream stands its checksum.
        let behind = self.ended.map(|end| end + CHECKSUM).filter(|end| before + self.fed > *end);
        let error = error.map(|(bits, error)| (before + bits / 8, error));
        self.failed = error.or(behind.map(|end| (end, StreamError::Ended)));
        self.failed.map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// What was inflated: the window, and in it what is not handed on.
#[derive(Clone, Debug, Default)]
struct Output {
    window: Vec<u8>,
    /// From here on it was not handed on.
    handed: usize,
    /// So many bytes were inflated.
    length: u64,
    /// The bits of the stream, behind its header, that what is not handed on came out of.
    span: (u64, u64),
}

impl Output {
    /// How many bytes are not handed on.
    fn waiting(&self) -> usize {
        self.window.len() - self.handed
    }

    /// Adds what a token says.
    fn take(&mut self, token: Token, place: &Range<u64>, room: &mut u64) -> Result<(), StreamError> {
        let adds = token.length();
        if adds == 0 {
            return Ok(());
        }
        *room = room.checked_sub(adds).ok_or(StreamError::Limit)?;
        if self.waiting() == 0 {
            self.span.0 = place.start;
        }
        self.span.1 = place.end;
        if let Token::Copy { length, distance } = token {
            let there = self.length;
            let from = self.window.len().checked_sub(usize::from(distance));
            let from = from.ok_or(StreamError::Distance { distance, there })?;
            let mut left = usize::from(length);
            while left > 0 {
                // A copy may reach into what it just wrote: that is how DEFLATE repeats.
                let take = left.min(self.window.len() - from);
                self.window.extend_from_within(from..from + take);
                left -= take;
            }
        } else if let Token::Literal(byte) | Token::Stored(byte) = token {
            self.window.push(byte);
        }
        self.length += adds;
        Ok(())
    }

    /// Hands on what was not yet; `before` bytes stand before the first block.
    fn hand_on(&mut self, before: u64, each: &mut dyn FnMut(Part<'_>)) {
        if let Some(bytes) = self.window.get(self.handed..).filter(|bytes| !bytes.is_empty()) {
            let (from, to) = self.span;
            each(Part::Bytes { bytes, from: before + from / 8, to: before + to.div_ceil(8) });
        }
        if self.window.len() > 2 * WINDOW {
            self.window.drain(..self.window.len() - WINDOW);
        }
        self.handed = self.window.len();
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;

    use super::*;

    /// What comes out, where each byte came from, and where the stream was flushed.
    type Read = (Vec<u8>, Vec<(u64, u64)>, Vec<u64>, Result<(), StreamError>);

    fn inflate(stream: &[u8], piece: usize, room: u64) -> Read {
        let mut inflater = StreamInflater::default();
        let (mut out, mut from_to, mut flushes, mut result) = (Vec::new(), Vec::new(), Vec::new(), Ok(()));
        for bytes in stream.chunks(piece) {
            let left = room - out.len() as u64;
            result = inflater.feed(bytes, left, &mut |part| match part {
                Part::Bytes { bytes, from, to } => {
                    out.extend_from_slice(bytes);
                    from_to.extend(bytes.iter().map(|_| (from, to)));
                }
                Part::Flush(at) => flushes.push(at),
            });
            if result.is_err() {
                break;
            }
        }
        (out, from_to, flushes, result)
    }

    fn hex(text: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn a_recorded_stream_with_sync_flushes() {
        // The server of pywebsocket 0.6b1 with version 8.
        let stream = hex("6a64f548cdc9c907000000ffff6a845000000000ffffea60627e01000000ffff");
        for piece in [1, 2, 13, 100] {
            let (out, from_to, flushes, result) = inflate(&stream, piece, 1000);
            assert_eq!(result, Ok(()));
            assert_eq!(out, b"\x81\x05Hello\x81\x05Hello\x88\x02\x03\xe8");
            assert_eq!(flushes, [13, 22, 32]);
            let frames = [(0..7, 0..9), (7..14, 13..18), (14..18, 22..28)];
            for (frame, bytes) in frames {
                for (from, to) in &from_to[frame] {
                    assert!(bytes.start <= *from && *to <= bytes.end, "{from}..{to} in {bytes:?}");
                }
            }
        }
    }

    #[test]
    fn a_stream_in_the_format_of_zlib() {
        let mut out = Vec::with_capacity(100);
        Compress::new(Compression::default(), true)
            .compress_vec(b"Hello, Hello", &mut out, FlushCompress::Finish)
            .unwrap();
        for piece in [1, 3, 100] {
            let (inflated, .., result) = inflate(&out, piece, 100);
            assert_eq!((inflated, result), (b"Hello, Hello".to_vec(), Ok(())));
            let (.., result) = inflate(&[&out[..], b"x"].concat(), piece, 100);
            assert_eq!(result, Err(StreamError::Ended));
        }
    }

    #[test]
    fn what_is_wrong_is_found_and_a_bomb_stops_at_the_limit() {
        assert_eq!(inflate(b"\x07", 1, 10).3, Err(StreamError::Broken(Broken::BlockType)));
        let again = b"\xf2\x00\x11\x00\x00";
        assert_eq!(inflate(again, 1, 10).3, Err(StreamError::Distance { distance: 5, there: 1 }));
        let mut bomb = Vec::with_capacity(20_000);
        Compress::new(Compression::best(), false)
            .compress_vec(&vec![0; 1_000_000], &mut bomb, FlushCompress::Sync)
            .unwrap();
        let (out, .., result) = inflate(&bomb, 100, 12_345);
        assert_eq!(result, Err(StreamError::Limit));
        assert!((12_000..=12_345).contains(&out.len()));
        assert_eq!(inflate(&bomb, 100, 1_000_000).3, Ok(()));
    }

    #[test]
    fn a_piece_of_a_stream_is_tiled_by_its_fields() {
        for (bytes, header, parts) in [
            (&b"\x78\x9c\xf2\x48\x00\x00\xff\xff"[..], true, 3),
            (b"\x00\x00\xff\xff", false, 1),
            (b"\xf2\x48", false, 1),
            (b"\x78", true, 1),
        ] {
            let field = fields(bytes, header);
            assert!(field.tiles() && field.bits == BitRange::bytes(0, bytes.len()));
            assert_eq!(field.children.len(), parts);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_compressed_comes_out_of_its_own_bytes(
            texts in proptest::collection::vec("[a-d ]{0,300}", 1..6), zlib in any::<bool>(),
            partial in any::<bool>(), level in 0_u32..=9, piece in 1_usize..300,
        ) {
            let mut deflate = Compress::new(Compression::new(level), zlib);
            let (mut stream, mut ends) = (Vec::with_capacity(10_000), Vec::new());
            let flush = if partial { FlushCompress::Partial } else { FlushCompress::Sync };
            for text in &texts {
                deflate.compress_vec(text.as_bytes(), &mut stream, flush).unwrap();
                ends.push(stream.len() as u64);
            }
            let text = texts.concat().into_bytes();
            let (out, from_to, flushes, result) = inflate(&stream, piece, text.len() as u64);
            prop_assert_eq!(result, Ok(()));
            prop_assert!(text.starts_with(&out));
            prop_assert!(partial || out.len() == text.len());
            prop_assert!(flushes.is_sorted() && flushes.iter().all(|at| *at <= stream.len() as u64));
            // No byte came out of bytes that the sender had not yet written, or had written long before.
            let mut at = 0;
            for (number, text) in texts.iter().enumerate() {
                let begin = number.checked_sub(1).map_or(0, |before| ends[before]);
                for (from, to) in from_to.get(at..at + text.len()).unwrap_or_default() {
                    prop_assert!(from + 1 >= begin && *to <= ends[number] + u64::from(partial));
                }
                at += text.len();
            }
        }

        #[test]
        fn pieces_change_nothing(stream in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..50) {
            let (whole, _, flushes, result) = inflate(&stream, 1000, 10_000);
            let (cut, _, cut_flushes, cut_result) = inflate(&stream, piece, 10_000);
            prop_assert_eq!((whole, flushes, result), (cut, cut_flushes, cut_result));
        }
    }
}
