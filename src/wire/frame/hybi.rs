//! The frame of hybi-07 to RFC 6455 (section 5.2).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
//! |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
//! |N|V|V|V|       |S|             |   (if payload len==126/127)   |
//! | |1|2|3|       |K|             |                               |
//! +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
//! ```

use std::borrow::Cow;

pub use super::derive::{UNMASK_STEPS, length_derivation, unmask_derivation};
pub use super::fields::*;
use crate::model::field::BitRange;
use crate::wire::Parse;

/// The longest payload of a control frame (RFC 6455 section 5.5).
pub const MAX_CONTROL: usize = 125;

/// The four bits that say what a frame is (RFC 6455 section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(u8);

impl Opcode {
    /// A fragment of the message that has begun.
    pub const CONTINUATION: Self = Self(0x0);
    /// A text message, or its first fragment.
    pub const TEXT: Self = Self(0x1);
    /// A binary message, or its first fragment.
    pub const BINARY: Self = Self(0x2);
    /// The closing handshake.
    pub const CLOSE: Self = Self(0x8);
    /// Asks for a pong.
    pub const PING: Self = Self(0x9);
    /// Answers a ping.
    pub const PONG: Self = Self(0xA);

    /// The opcode in the low four bits of `bits`.
    pub const fn new(bits: u8) -> Self {
        Self(bits & 0x0F)
    }

    /// The four bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the frame controls the connection: the opcode's first bit is set.
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether no specification says what the opcode means.
    pub const fn is_reserved(self) -> bool {
        !matches!(self.0, 0x0..=0x2 | 0x8..=0xA)
    }

    /// The name: `text`, `close`, `reserved-3`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x0 => "continuation",
            0x1 => "text",
            0x2 => "binary",
            0x3 => "reserved-3",
            0x4 => "reserved-4",
            0x5 => "reserved-5",
            0x6 => "reserved-6",
            0x7 => "reserved-7",
            0x8 => "close",
            0x9 => "ping",
            0xA => "pong",
            0xB => "reserved-b",
            0xC => "reserved-c",
            0xD => "reserved-d",
            0xE => "reserved-e",
            _ => "reserved-f",
        }
    }
}

/// How many bytes the length takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthForm {
    /// In the 7 bits of the second byte: 0 to 125.
    Short,
    /// 126, and 16 bits behind it.
    Medium,
    /// 127, and 64 bits behind it.
    Long,
}

impl LengthForm {
    /// The shortest form that can say `length`: the only one that the specification allows.
    pub const fn minimal(length: u64) -> Self {
        match length {
            0..=125 => Self::Short,
            126..=0xFFFF => Self::Medium,
            _ => Self::Long,
        }
    }

    /// The number of bytes behind the second byte.
    pub const fn extra(self) -> usize {
        match self {
            Self::Short => 0,
            Self::Medium => 2,
            Self::Long => 8,
        }
    }
}

/// The header of a frame: everything before the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// This is the message's last frame.
    pub fin: bool,
    /// The reserved bits, RSV1 first.
    pub rsv: [bool; 3],
    /// The fourth reserved bit, where MASK stands since hybi-07; false from then on.
    pub rsv4: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// The four bytes that the frame is masked with, or from which its mask is computed; none where nothing is masked.
    pub mask: Option<[u8; 4]>,
    /// The key stands before the rest of the header (hybi-04 to hybi-06), not behind the length.
    pub key_first: bool,
    /// The length of the payload in bytes, as the header claims it.
    pub payload_length: u64,
    /// How the length is written.
    pub length_form: LengthForm,
}

impl Header {
    /// The longest header: 2 bytes, 8 of length, 4 of key.
    pub const MAX: usize = 14;

    /// A final frame without mask, its length written as short as can be.
    pub const fn new(opcode: Opcode, payload_length: u64) -> Self {
        Self {
            fin: true,
            rsv: [false; 3],
            rsv4: false,
            opcode,
            mask: None,
            key_first: false,
            payload_length,
            length_form: LengthForm::minimal(payload_length),
        }
    }

    /// Reads a header. Every two bytes begin one, so this is never [`Parse::Broken`].
    #[inline]
    pub fn parse(bytes: &[u8]) -> Parse<Self> {
        match Self::read(bytes) {
            Some((header, length)) => Parse::Done(header, length),
            None => Parse::More,
        }
    }

    /// What [`parse`](Self::parse) says, for code that has no use for its third answer: the header and its length in
    /// bytes; none while bytes are missing.
    #[inline]
    pub(crate) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
        let (length_form, payload_length, rest) = match second & 0x7F {
            126 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (LengthForm::Medium, u64::from(u16::from_be_bytes(*length)), rest)
            }
            127 => {
                let (length, rest) = rest.split_first_chunk::<8>()?;
                (LengthForm::Long, u64::from_be_bytes(*length), rest)
            }
            short => (LengthForm::Short, u64::from(short), rest),
        };
        let mask = if second & 0x80 == 0 { None } else { Some(*rest.first_chunk::<4>()?) };
        let header = Self {
            fin: first & 0x80 != 0,
            rsv: [first & 0x40 != 0, first & 0x20 != 0, first & 0x10 != 0],
            rsv4: false,
            opcode: Opcode::new(first),
            mask,
            key_first: false,
            payload_length,
            length_form,
        };
        Some((header, header.length()))
    }

    /// The length of the header itself, in bytes.
    pub const fn length(&self) -> usize {
        2 + self.length_form.extra() + if self.mask.is_some() { 4 } else { 0 }
    }

    /// Appends the header's bytes. A length that does not fit its form is cut to the form's bits, so that
    /// wrong frames can be made on purpose.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let [rsv1, rsv2, rsv3] = self.rsv;
        let first = flag(self.fin, 0x80) | flag(rsv1, 0x40) | flag(rsv2, 0x20) | flag(rsv3, 0x10);
        let first = first | self.opcode.bits();
        let masked = flag(self.mask.is_some(), 0x80);
        match self.length_form {
            LengthForm::Short => {
                out.extend_from_slice(&[first, masked | (self.payload_length as u8 & 0x7F)]);
            }
            LengthForm::Medium => {
                let [a, b] = (self.payload_length as u16).to_be_bytes();
                out.extend_from_slice(&[first, masked | 0x7E, a, b]);
            }
            LengthForm::Long => {
                out.extend_from_slice(&[first, masked | 0x7F]);
                out.extend_from_slice(&self.payload_length.to_be_bytes());
            }
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }

    /// The bits at this place of the header, counted from FIN on: behind the key, where that comes first.
    pub const fn place(&self, first: u64, end: u64) -> BitRange {
        let before = if self.key_first && self.mask.is_some() { 32 } else { 0 };
        BitRange::new(before + first, before + end)
    }

    /// The bits of the length, the 7 and the extended ones together as a place for findings.
    pub const fn length_bits(&self) -> BitRange {
        self.place(9, 16 + self.length_form.extra() as u64 * 8)
    }

    /// The bits of the opcode.
    pub const fn opcode_bits(&self) -> BitRange {
        self.place(4, 8)
    }

    /// The bits of the payload, as far as `recorded` bytes of the frame are there.
    pub const fn payload_bits(&self, recorded: usize) -> BitRange {
        let start = self.length();
        BitRange::bytes(start, if recorded < start { start } else { recorded })
    }
}

/// XORs `payload` with the key, the first byte with `key[offset % 4]` (RFC 6455 section 5.3).
/// Masking and unmasking are the same operation.
#[inline]
pub fn mask(payload: &mut [u8], key: [u8; 4], offset: u64) {
    let turn = (offset % 4) as usize;
    let key = [key[turn], key[(turn + 1) % 4], key[(turn + 2) % 4], key[(turn + 3) % 4]];
    let word = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        if let Ok(bytes) = <[u8; 8]>::try_from(&*chunk) {
            chunk.copy_from_slice(&(u64::from_ne_bytes(bytes) ^ word).to_ne_bytes());
        }
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// The bytes of a payload as they were before masking; borrowed where nothing is masked.
pub fn unmasked(payload: &[u8], key: Option<[u8; 4]>) -> Cow<'_, [u8]> {
    match key {
        None => Cow::Borrowed(payload),
        Some(key) => {
            let mut copy = payload.to_vec();
            mask(&mut copy, key, 0);
            Cow::Owned(copy)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_header() -> impl Strategy<Value = Header> {
        (any::<bool>(), any::<[bool; 3]>(), 0..16u8, any::<Option<[u8; 4]>>(), 0..3, any::<u64>()).prop_map(
            |(fin, rsv, opcode, mask, form, length)| {
                let (length_form, payload_length) = match form {
                    0 => (LengthForm::Short, length % 126),
                    1 => (LengthForm::Medium, length & 0xFFFF),
                    _ => (LengthForm::Long, length),
                };
                let header = Header::new(Opcode::new(opcode), payload_length);
                Header { fin, rsv, mask, length_form, ..header }
            },
        )
    }

    proptest! {
        #[test]
        fn encode_then_parse_gives_the_header_back(header in any_header()) {
            let mut bytes = Vec::new();
            header.encode(&mut bytes);
            prop_assert_eq!(Header::parse(&bytes), Parse::Done(header, bytes.len()));
            for cut in 0..bytes.len() {
                prop_assert_eq!(Header::parse(&bytes[..cut]), Parse::More);
            }
        }

        #[test]
        fn parse_then_encode_gives_the_bytes_back(bytes in prop::collection::vec(any::<u8>(), 14)) {
            let (header, length) = Header::read(&bytes).unwrap();
            let mut again = Vec::new();
            header.encode(&mut again);
            prop_assert_eq!(&again, &bytes[..length]);
        }

        #[test]
        fn fields_tile_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), compressed: bool) {
            let field = fields(&bytes, compressed);
            prop_assert!(field.tiles());
            prop_assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
        }

        #[test]
        fn masking_works_from_any_offset(payload in prop::collection::vec(any::<u8>(), 0..64), key: [u8; 4], cut in 0..64usize) {
            let cut = cut.min(payload.len());
            let mut pieces = payload.clone();
            mask(&mut pieces[..cut], key, 0);
            mask(&mut pieces[cut..], key, cut as u64);
            let expected: Vec<u8> = payload.iter().enumerate().map(|(i, b)| b ^ key[i % 4]).collect();
            prop_assert_eq!(pieces, expected);
        }
    }
}
