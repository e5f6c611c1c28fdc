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

use crate::field::{BitRange, Field, FieldKind, Value};
use crate::protocol::Side;
use crate::rule::{Finding, Rule};
use crate::spec::Document::Rfc6455;
use crate::wire::Parse;

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
    /// What the frame is.
    pub opcode: Opcode,
    /// The key that the payload is masked with; none where MASK is 0.
    pub mask: Option<[u8; 4]>,
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
            opcode,
            mask: None,
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

    /// The header at the beginning of `bytes` and its length in bytes; none while bytes are missing.
    #[inline]
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
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
            opcode: Opcode::new(first),
            mask,
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
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut first = self.opcode.bits();
        for (flag, bit) in [(self.fin, 0x80), (self.rsv[0], 0x40), (self.rsv[1], 0x20), (self.rsv[2], 0x10)] {
            if flag {
                first |= bit;
            }
        }
        out.push(first);
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        match self.length_form {
            LengthForm::Short => out.push(mask_bit | (self.payload_length as u8 & 0x7F)),
            LengthForm::Medium => {
                out.push(mask_bit | 126);
                out.extend_from_slice(&(self.payload_length as u16).to_be_bytes());
            }
            LengthForm::Long => {
                out.push(mask_bit | 127);
                out.extend_from_slice(&self.payload_length.to_be_bytes());
            }
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }

    /// The bits of the length, the 7 and the extended ones together as a place for findings.
    pub const fn length_bits(&self) -> BitRange {
        BitRange::new(9, 16 + self.length_form.extra() as u64 * 8)
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
