//! A reader of DEFLATE (RFC 1951) that says what it reads: blocks, literals, copies.
//!
//! It keeps no window and makes no output. Messages are inflated elsewhere; this reader shows how, and it knows
//! the distance of every copy, which tells whether a peer keeps to the window that was agreed.

use std::ops::{ControlFlow, Range};
use std::sync::LazyLock;

use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// How a block's data are written (RFC 1951 section 3.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// BTYPE 00: as they are; this many bytes.
    Stored(u16),
    /// BTYPE 01: with the codes of the specification.
    Fixed,
    /// BTYPE 10: with codes that the block itself describes.
    Dynamic,
}

/// One thing that a DEFLATE stream says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A block begins.
    Block {
        /// BFINAL: the stream ends with this block.
        last: bool,
        /// BTYPE.
        kind: BlockKind,
    },
    /// One byte, coded.
    Literal(u8),
    /// One byte of a block without compression.
    Stored(u8),
    /// Bytes that stand in the window.
    Copy {
        /// How many: 3 to 258.
        length: u16,
        /// How far back from here the first of them stands: 1 to 32,768.
        distance: u16,
    },
    /// The block ends.
    End,
}

impl Token {
    /// How many bytes it adds to the output.
    pub const fn length(self) -> u64 {
        match self {
            Self::Literal(_) | Self::Stored(_) => 1,
            Self::Copy { length, .. } => length as u64,
            Self::Block { .. } | Self::End => 0,
        }
    }
}

/// Why bits are no DEFLATE stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// BTYPE 11 is reserved.
    BlockType,
    /// LEN and NLEN of a block without compression are not complements.
    StoredLength,
    /// The description of a block's codes contradicts itself.
    Codes,
    /// Bits that are no code, or the code of nothing.
    Symbol,
}

impl Tells for Broken {
    fn message_id(&self) -> &'static str {
        "error-deflate"
    }

    fn facts(&self) -> Facts {
        Facts::form(match self {
            Self::BlockType => "block-type",
            Self::StoredLength => "stored-length",
            Self::Codes => "codes",
            Self::Symbol => "symbol",
        })
    }
}

display_in_english!(Broken);

impl std::error::Error for Broken {}

/// Reads a DEFLATE stream piece by piece.
///
/// After a block with BFINAL the next block begins at the next byte, as in a message of several streams
/// (RFC 7692 section 7.2.3.4).
#[derive(Clone, Debug)]
pub struct Reader {
    /// What is not read yet: less than one token's bytes, and the piece that just came.
    buffer: Vec<u8>,
    /// The next bit of it.
    at: usize,
    /// How many bits stood before the buffer.
    before: u64,
    state: State,
    last: bool,
    codes: Box<Codes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Stored(u16),
    Fixed,
    Dynamic,
}

/// So many bytes of a piece are looked at in one go, so that little is copied.
const PIECE: usize = 4096;

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader at the beginning of a stream.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            before: 0,
            state: State::Header,
            last: false,
            codes: Box::new(Codes::empty()),
        }
    }

    /// Whether the stream so far ends between two blocks.
    pub fn between_blocks(&self) -> bool {
        self.state == State::Header
    }

    /// The place of the next token, in bits of the stream.
    pub(super) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Reads the stream's next bytes and hands each token to `each`, with its place in the stream. The place counts
    /// bits in the order of DEFLATE, the least significant bit of a byte first. `each` may stop the reading.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Token, Range<u64>) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        for piece in bytes.chunks(PIECE) {
            self.buffer.extend_from_slice(piece);
            loop {
                let start = self.at;
                match self.token() {
                    Ok(token) => {
                        let place = self.before + start as u64..self.before + self.at as u64;
                        if each(token, place).is_break() {
                            return Ok(());
                        }
                    }
                    Err(Stop::More) => break,
                    Err(Stop::Broken(broken)) => return Err(broken),
                }
            }
            let read = (self.at / 8).min(self.buffer.len());
            self.buffer.drain(..read);
            self.at -= read * 8;
            self.before += read as u64 * 8;
        }
        Ok(())
    }

    fn token(&mut self) -> Result<Token, Stop> {
        let mut bits = Bits { bytes: &self.buffer, at: self.at };
        let (token, state) = match self.state {
            State::Header => {
                let (last, kind, codes) = header(&mut bits)?;
                self.last = last;
                if let Some(codes) = codes {
                    *self.codes = codes;
                }
                let state = match kind {
                    BlockKind::Stored(length) => State::Stored(length),
                    BlockKind::Fixed => State::Fixed,
                    BlockKind::Dynamic => State::Dynamic,
                };
                (Token::Block { last, kind }, state)
            }
            State::Stored(0) => (Token::End, State::Header),
            State::Stored(left) => (Token::Stored(bits.take(8)? as u8), State::Stored(left - 1)),
            coded => {
                let codes = if coded == State::Fixed { &FIXED } else { &*self.codes };
                match codes.token(&mut bits)? {
                    Token::End => (Token::End, State::Header),
                    other => (other, coded),
                }
            }
        };
        if token == Token::End && self.last {
            bits.align();
        }
        self.at = bits.at;
        self.state = state;
        Ok(token)
    }
}

/// Why there is no token.
enum Stop {
    More,
    Broken(Broken),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// Bits in the order of DEFLATE (RFC 1951 section 3.1.1).
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// At least the next 16 bits, the first the least significant, and how many of them are there.
    fn peek(&self) -> (u32, usize) {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let mut word = 0_u32;
        for (index, &byte) in rest.iter().take(4).enumerate() {
            word |= u32::from(byte) << (index * 8);
        }
        let skip = self.at % 8;
        (word >> skip, (rest.len().min(4) * 8).saturating_sub(skip))
    }

    /// The next `count` bits as a number, at most 16.
    fn take(&mut self, count: usize) -> Result<u32, Stop> {
        let (word, there) = self.peek();
        if there < count {
            return Err(Stop::More);
        }
        self.at += count;
        Ok(word & ((1 << count) - 1))
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

/// A Huffman code: how many codes there are of each length, and their symbols in the order of the codes
/// (RFC 1951 section 3.2.2).
#[derive(Clone, Debug)]
struct Huffman {
    count: [u16; 16],
    symbols: Vec<u16>,
}

impl Huffman {
    /// The code whose symbols have codes of these lengths. A code that leaves bit patterns unused is right only
    /// where there is at most one code, of one bit; one that uses a pattern twice is never right.
    fn new(lengths: &[u8], may_be_single: bool) -> Result<Self, Broken> {
        let mut count = [0_u16; 16];
        for &length in lengths {
            *count.get_mut(usize::from(length)).ok_or(Broken::Codes)? += 1;
        }
        count[0] = 0;
        let mut left = 1_i32;
        for &codes in &count[1..] {
            left = left * 2 - i32::from(codes);
            if left < 0 {
                return Err(Broken::Codes);
            }
        }
        let used: u16 = count.iter().sum();
        let single = used == 0 || (used == 1 && count[1] == 1);
        if left > 0 && !(may_be_single && single) {
            return Err(Broken::Codes);
        }
        let mut symbols: Vec<u16> =
            (0..).zip(lengths).filter(|&(_, &length)| length != 0).map(|(symbol, _)| symbol).collect();
        symbols.sort_by_key(|&symbol| lengths.get(usize::from(symbol)).copied());
        Ok(Self { count, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, Stop> {
        let (mut word, there) = bits.peek();
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for (length, &codes) in self.count.iter().enumerate().skip(1) {
            if length > there {
                return Err(Stop::More);
            }
            code |= i32::from(word & 1 == 1);
            word >>= 1;
            let codes = i32::from(codes);
            if code - first < codes {
                bits.at += length;
                let found = usize::try_from(index + code - first).ok().and_then(|at| self.symbols.get(at));
                return found.copied().ok_or(Stop::Broken(Broken::Symbol));
            }
            index += codes;
            first = (first + codes) << 1;
            code <<= 1;
        }
        Err(Stop::Broken(Broken::Symbol))
    }
}

/// The two codes of a block.
#[derive(Clone, Debug)]
struct Codes {
    literals: Huffman,
    distances: Huffman,
}

/// The codes of the specification. They are complete, so they are never empty.
static FIXED: LazyLock<Codes> = LazyLock::new(|| Codes::fixed().unwrap_or_else(|_| Codes::empty()));

/// Length codes 257 to 285: the least length and the number of extra bits (RFC 1951 section 3.2.5).
#[rustfmt::skip] // A table, not a list.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1),
    (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4),
    (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
];

/// Distance codes 0 to 29: the least distance and the number of extra bits (RFC 1951 section 3.2.5).
#[rustfmt::skip] // A table, not a list.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4),
    (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9),
    (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
];

/// The order in which a block gives the lengths of its code length codes (RFC 1951 section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Codes {
    const fn empty() -> Self {
        Self {
            literals: Huffman { count: [0; 16], symbols: Vec::new() },
            distances: Huffman { count: [0; 16], symbols: Vec::new() },
        }
    }

    /// The codes of the specification (RFC 1951 section 3.2.6).
    fn fixed() -> Result<Self, Broken> {
        let literals: Vec<u8> = (0..288_u16)
            .map(|symbol| match symbol {
                0..=143 => 8,
                144..=255 => 9,
                256..=279 => 7,
                _ => 8,
            })
            .collect();
        // 30 and 31 have codes but no meaning.
        Ok(Self { literals: Huffman::new(&literals, false)?, distances: Huffman::new(&[5; 32], false)? })
    }

    /// The codes that a block describes (RFC 1951 section 3.2.7).
    fn dynamic(bits: &mut Bits<'_>) -> Result<Self, Stop> {
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let code_lengths = bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Broken::Codes.into());
        }
        let mut lengths = [0_u8; 19];
        for &symbol in ORDER.iter().take(code_lengths) {
            let length = bits.take(3)? as u8;
            if let Some(slot) = lengths.get_mut(symbol) {
                *slot = length;
            }
        }
        let code = Huffman::new(&lengths, false)?;
        let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
        while lengths.len() < literals + distances {
            let (length, times) = match code.symbol(bits)? {
                16 => (*lengths.last().ok_or(Broken::Codes)?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            lengths.extend(std::iter::repeat_n(length, times as usize));
        }
        if lengths.len() > literals + distances || lengths.get(256) == Some(&0) {
            return Err(Broken::Codes.into());
        }
        let (literals, distances) = lengths.split_at_checked(literals).ok_or(Broken::Codes)?;
        Ok(Self { literals: Huffman::new(literals, true)?, distances: Huffman::new(distances, true)? })
    }

    fn token(&self, bits: &mut Bits<'_>) -> Result<Token, Stop> {
        let symbol = self.literals.symbol(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            return Ok(Token::Literal(byte));
        }
        if symbol == 256 {
            return Ok(Token::End);
        }
        let length = with_extra(&LENGTHS, symbol - 257, bits)?;
        let distance = self.distances.symbol(bits)?;
        Ok(Token::Copy { length, distance: with_extra(&DISTANCES, distance, bits)? })
    }
}

fn with_extra(table: &[(u16, u8)], code: u16, bits: &mut Bits<'_>) -> Result<u16, Stop> {
    let &(least, extra) = table.get(usize::from(code)).ok_or(Broken::Symbol)?;
    Ok(least + bits.take(usize::from(extra))? as u16)
}

/// A block's header (RFC 1951 section 3.2.3), and the codes of a block that describes some.
fn header(bits: &mut Bits<'_>) -> Result<(bool, BlockKind, Option<Codes>), Stop> {
    let last = bits.take(1)? == 1;
    Ok(match bits.take(2)? {
        0b00 => {
            bits.align();
            let length = bits.take(16)?;
            if bits.take(16)? != length ^ 0xFFFF {
                return Err(Broken::StoredLength.into());
            }
            (last, BlockKind::Stored(length as u16), None)
        }
        0b01 => (last, BlockKind::Fixed, None),
        0b10 => (last, BlockKind::Dynamic, Some(Codes::dynamic(bits)?)),
        _ => return Err(Broken::BlockType.into()),
    })
}

#[cfg(test)]
mod tests;
