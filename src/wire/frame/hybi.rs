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

use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Step};
use crate::model::dialect::{Dialect, LastBit, Layout, RFC6455};
use crate::model::field::{BitRange, Field, FieldKind, Role, Value, hex};
use crate::model::spec::Document::Rfc6455;
use crate::wire::{Parse, close};

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
            opcode: Opcode::new(first),
            mask,
            payload_length,
            length_form,
        };
        Some((header, header.length()))
    }

    /// The same in the layout of a version: the sense of the first bit and the opcodes are turned into those of RFC
    /// 6455, so that what follows need not know the version.
    pub fn read_as(layout: &Layout, bytes: &[u8]) -> Option<(Self, usize)> {
        let (mut header, length) = Self::read(bytes)?;
        header.fin ^= layout.last == LastBit::More;
        header.opcode = Opcode::new(layout.opcode(header.opcode.bits()));
        Some((header, length))
    }

    /// Appends the header's bytes in the layout of a version.
    pub fn encode_as(&self, layout: &Layout, out: &mut Vec<u8>) {
        let fin = self.fin ^ (layout.last == LastBit::More);
        let opcode = Opcode::new(layout.bits(self.opcode.bits()));
        Self { fin, opcode, ..*self }.encode(out);
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

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $section:literal $role:ident $chapter:literal;)*) => {
        $( #[doc = concat!("The field ", $label, ".")] pub static $name: FieldKind =
            FieldKind::new($id, $label, Rfc6455.section($section)).role(Role::$role).chapter($chapter); )*

        /// The kinds of field that a frame of this family is made of.
        pub static KINDS: &[&FieldKind] = &[ $( &$name, )* ];
    };
}

kinds! {
    FRAME "frame" "Frame" "5.2" Other "frames";
    FIN "fin" "FIN" "5.2" First "frames";
    RSV1 "rsv1" "RSV1" "5.2" Reserved "deflate";
    RSV2 "rsv2" "RSV2" "5.2" Reserved "deflate";
    RSV3 "rsv3" "RSV3" "5.2" Reserved "deflate";
    OPCODE "opcode" "opcode" "5.2" Kind "frames";
    MASK "mask" "MASK" "5.2" Mark "masking";
    PAYLOAD_LEN "payload-len" "Payload len" "5.2" Length "frames";
    EXTENDED_LENGTH_16 "extended-payload-length-16" "Extended payload length" "5.2" LongLength "frames";
    EXTENDED_LENGTH_64 "extended-payload-length-64" "Extended payload length" "5.2" LongLength "frames";
    MASKING_KEY "masking-key" "Masking-key" "5.3" Key "masking";
    PAYLOAD "payload" "Payload data" "5.2" Data "frames";
    CUT "frame-cut" "Cut header" "5.2" Other "frames";
}

/// Describes the bytes of one frame, from its first byte to its last or to where the recording ends.
///
/// `compressed` says that the payload belongs to a compressed message, and so is not text itself.
pub fn fields(bytes: &[u8], compressed: bool) -> Field {
    fields_in(&RFC6455, bytes, compressed)
}

/// The same in the words of a version: opcodes and close codes are named as it names them.
pub fn fields_in(dialect: &Dialect, bytes: &[u8], compressed: bool) -> Field {
    let whole = BitRange::bytes(0, bytes.len());
    let Some(&first) = bytes.first() else { return Field::leaf(&CUT, whole, Value::Group) };
    let flag = |kind, byte: u8, mask: u8, at: u64| {
        Field::leaf(kind, BitRange::new(at, at + 1), Value::Flag(byte & mask != 0))
    };
    let bits = Opcode::new(first).bits();
    let opcode = Opcode::new(dialect.layout().opcode(bits));
    let mut children = vec![
        flag(&FIN, first, 0x80, 0),
        flag(&RSV1, first, 0x40, 1),
        flag(&RSV2, first, 0x20, 2),
        flag(&RSV3, first, 0x10, 3),
        Field::leaf(&OPCODE, BitRange::new(4, 8), Value::Named(u64::from(bits), opcode.name())),
    ];
    if let Some(&second) = bytes.get(1) {
        children.push(flag(&MASK, second, 0x80, 8));
        let length = u64::from(second & 0x7F);
        children.push(Field::leaf(&PAYLOAD_LEN, BitRange::new(9, 16), Value::Number(length)));
    }
    match Header::read(bytes) {
        None if bytes.len() > 2 => {
            let rest = bytes.get(2..).unwrap_or_default().to_vec();
            children.push(Field::leaf(&CUT, BitRange::bytes(2, bytes.len()), Value::Bytes(rest)));
        }
        None => {}
        Some((header, length)) => {
            let extra = header.length_form.extra();
            let kind = if extra == 2 { &EXTENDED_LENGTH_16 } else { &EXTENDED_LENGTH_64 };
            if extra > 0 {
                let value = Value::Number(header.payload_length);
                children.push(Field::leaf(kind, BitRange::bytes(2, 2 + extra), value));
            }
            if let Some(key) = header.mask {
                let bits = BitRange::bytes(2 + extra, length);
                children.push(Field::leaf(&MASKING_KEY, bits, Value::Bytes(key.to_vec())));
            }
            if let Some(payload) = bytes.get(length..).filter(|payload| !payload.is_empty()) {
                let plain = unmasked(payload, header.mask);
                let bits = header.payload_bits(bytes.len());
                children.push(payload_field(dialect, &plain, bits, opcode, compressed));
            }
        }
    }
    Field::group(&FRAME, whole, children)
}

fn payload_field(dialect: &Dialect, plain: &[u8], bits: BitRange, opcode: Opcode, compressed: bool) -> Field {
    if opcode == Opcode::CLOSE {
        return Field::group(&PAYLOAD, bits, close::fields(dialect, plain, bits.start));
    }
    let value = match std::str::from_utf8(plain) {
        Ok(text) if opcode != Opcode::BINARY && !compressed => Value::Text(text.to_owned()),
        _ => Value::Bytes(plain.to_vec()),
    };
    Field::leaf(&PAYLOAD, bits, value)
}

/// How the length follows from the header's bits (RFC 6455 section 5.2). None while the header is cut.
pub fn length_derivation(bytes: &[u8]) -> Option<Derivation> {
    let (header, _) = Header::read(bytes)?;
    let seven = bytes.get(1)? & 0x7F;
    let place = |bits| vec![Input::Bits { item: ItemRef::This, bits }];
    let mut steps = vec![Step {
        operation: "length",
        label: facts!("seven"),
        inputs: place(BitRange::new(9, 16)),
        shown: match header.length_form {
            LengthForm::Short => facts!("short", bits = format!("{seven:07b}"), number = seven),
            LengthForm::Medium => {
                facts!("next", bits = format!("{seven:07b}"), number = seven, count = 16_u8)
            }
            LengthForm::Long => facts!("next", bits = format!("{seven:07b}"), number = seven, count = 64_u8),
        }
        .into(),
        output: seven.to_string(),
        on_wire: None,
    }];
    let extra = header.length_form.extra();
    if extra > 0 {
        let written = bytes.get(2..2 + extra)?;
        steps.push(Step {
            operation: "length",
            label: facts!("next", count = extra * 8),
            inputs: place(BitRange::bytes(2, 2 + extra)),
            shown: format!("0x{} = {}", hex(written), header.payload_length).into(),
            output: header.payload_length.to_string(),
            on_wire: None,
        });
    }
    let bits = header.length_bits();
    Some(Derivation { id: "frame.length", section: Rfc6455.section("5.2"), bits, steps })
}

/// How many bytes [`unmask_derivation`] writes out one by one.
pub const UNMASK_STEPS: usize = 256;

/// How each payload byte follows from the masked byte and the key (RFC 6455 section 5.3). None for a frame that is
/// not masked or has no payload. At most [`UNMASK_STEPS`] bytes are written out; the last step says how many follow.
pub fn unmask_derivation(bytes: &[u8]) -> Option<Derivation> {
    let (header, length) = Header::read(bytes)?;
    let key = header.mask?;
    let payload = bytes.get(length..).filter(|payload| !payload.is_empty())?;
    let key_at = length - 4;
    let mut steps: Vec<Step> = payload
        .iter()
        .take(UNMASK_STEPS)
        .enumerate()
        .map(|(i, masked)| {
            let plain = masked ^ key[i % 4];
            let at = length + i;
            let bits =
                |from: usize| Input::Bits { item: ItemRef::This, bits: BitRange::bytes(from, from + 1) };
            let character =
                if plain.is_ascii_graphic() { format!(" '{}'", plain as char) } else { String::new() };
            Step {
                operation: "xor",
                label: facts!("byte", number = i, key = i % 4),
                inputs: vec![bits(at), bits(key_at + i % 4)],
                shown: format!("{masked:02x} ⊕ {:02x} = {plain:02x}{character}", key[i % 4]).into(),
                output: format!("{plain:02x}"),
                on_wire: None,
            }
        })
        .collect();
    if payload.len() > UNMASK_STEPS {
        let plain = unmasked(payload, header.mask);
        steps.push(Step {
            operation: "xor",
            label: facts!("rest", count = payload.len() - UNMASK_STEPS),
            inputs: vec![Input::Bits {
                item: ItemRef::This,
                bits: BitRange::bytes(length + UNMASK_STEPS, bytes.len()),
            }],
            shown: String::new().into(),
            output: hex(plain.get(UNMASK_STEPS..).unwrap_or_default()),
            on_wire: None,
        });
    }
    Some(Derivation {
        id: "frame.unmask",
        section: Rfc6455.section("5.3"),
        bits: header.payload_bits(bytes.len()),
        steps,
    })
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
                Header { fin, rsv, opcode: Opcode::new(opcode), mask, payload_length, length_form }
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
