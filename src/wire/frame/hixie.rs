//! The frame of hixie-75 and hixie-76 (draft-hixie-thewebsocketprotocol-76 section 4.2).
//!
//! The first byte is the type. With its high bit 0, data follows up to a byte `FF`, which no UTF-8 text holds. With
//! its high bit 1, a length follows in base 128, then that many bytes. `FF 00` is the closing frame of hixie-76.

use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Step};
use crate::model::dialect::ClosingHandshake;
use crate::model::field::{BitRange, Field, FieldKind, Role, Value};
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Rule, Severity};
use crate::model::spec::Document::Hixie76;
use crate::wire::Parse;

/// The byte behind the data of a frame without a length.
pub const TERMINATOR: u8 = 0xFF;

/// What stands before the data of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Header {
    /// Type `00` to `7F`: data up to `FF`. Only `00`, text, has a meaning.
    Delimited {
        /// The type byte.
        frame_type: u8,
    },
    /// Type `80` to `FF`: a length, and that many bytes.
    Sized {
        /// The type byte.
        frame_type: u8,
        /// The number of bytes that follow the length.
        length: u64,
        /// How many bytes the length itself takes, 1 to 10.
        length_bytes: u8,
    },
}

impl Header {
    /// The longest header: the type and a 64-bit length in groups of 7 bits.
    pub const MAX: usize = 1 + LONGEST_LENGTH;

    /// Reads a header. Broken only where a length does not fit in 64 bits.
    pub fn parse(bytes: &[u8]) -> Parse<Self> {
        let Some((&frame_type, rest)) = bytes.split_first() else { return Parse::More };
        if frame_type & 0x80 == 0 {
            return Parse::Done(Self::Delimited { frame_type }, 1);
        }
        match read_length(rest) {
            Parse::More => Parse::More,
            Parse::Done(length, taken) => {
                Parse::Done(Self::Sized { frame_type, length, length_bytes: taken as u8 }, 1 + taken)
            }
            Parse::Broken(finding) => Parse::Broken(finding.shifted(8)),
        }
    }

    /// The length of the header itself, in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Delimited { .. } => 1,
            Self::Sized { length_bytes, .. } => 1 + length_bytes as usize,
        }
    }

    /// The type byte.
    pub const fn frame_type(self) -> u8 {
        match self {
            Self::Delimited { frame_type } | Self::Sized { frame_type, .. } => frame_type,
        }
    }

    /// Whether these are the bytes `FF 00`, which close a connection of hixie-76.
    pub const fn is_close(self) -> bool {
        matches!(self, Self::Sized { frame_type: 0xFF, length: 0, length_bytes: 1 })
    }

    /// What the frame is, in the words of the later opcodes.
    pub const fn name(self, protocol: Protocol) -> &'static str {
        match self {
            Self::Delimited { frame_type: 0 } => "text",
            Self::Delimited { .. } => "reserved",
            Self::Sized { .. } if self.is_close() && knows_close(protocol) => "close",
            Self::Sized { .. } => "binary",
        }
    }
}

/// Writes a text frame: `00`, the text, `FF`.
pub fn encode_text(text: &str, out: &mut Vec<u8>) {
    out.push(0x00);
    out.extend_from_slice(text.as_bytes());
    out.push(TERMINATOR);
}

/// Writes a frame with a length, as some servers used it for binary data: `80`, the length, the data.
pub fn encode_sized(frame_type: u8, data: &[u8], out: &mut Vec<u8>) {
    out.push(frame_type | 0x80);
    encode_length(data.len() as u64, out);
    out.extend_from_slice(data);
}

/// The closing frame of hixie-76.
pub const CLOSE: [u8; 2] = [0xFF, 0x00];

/// 64 bits in groups of 7.
const LONGEST_LENGTH: usize = 10;

/// Reads a length in base 128: seven bits a byte, the most significant first, the high bit set on all but the last.
pub fn read_length(bytes: &[u8]) -> Parse<u64> {
    let mut length: u64 = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at >= LONGEST_LENGTH || length > u64::MAX >> 7 {
            let facts = facts!("bytes", count = at);
            return Parse::Broken(Rule::HixieLengthOverflow.says(BitRange::bytes(at, at + 1), facts));
        }
        length = length << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Parse::Done(length, at + 1);
        }
    }
    Parse::More
}

/// Writes a length in base 128 with as few bytes as can be.
pub fn encode_length(length: u64, out: &mut Vec<u8>) {
    let groups = (64 - length.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let bits = (length >> (group * 7)) as u8 & 0x7F;
        out.push(if group == 0 { bits } else { bits | 0x80 });
    }
}

/// What a header breaks: both kinds of frame types are kept for the future alike (sections 1.2 and 4.2), and `FF 00`
/// closes in hixie-76 alone.
pub fn check_header(header: Header, protocol: Protocol, sender: Side, findings: &mut Vec<Finding>) {
    let type_bits = BitRange::bytes(0, 1);
    match header {
        Header::Delimited { frame_type: 0 } => {}
        Header::Delimited { frame_type } => {
            let facts = facts!("dropped", number = format!("{frame_type:02x}"), side = sender);
            findings.push(Rule::HixieFrameType.says(type_bits, facts));
        }
        Header::Sized { .. } if header.is_close() => {
            if !knows_close(protocol) {
                findings.push(Rule::HixieCloseIn75.at(BitRange::bytes(0, 2)));
            }
        }
        Header::Sized { frame_type, length, .. } => {
            let facts = facts!("skipped", number = format!("{frame_type:02x}"), length, side = sender);
            findings.push(Rule::HixieBinary.says(type_bits, facts));
        }
    }
}

/// Whether `FF 00` says goodbye in this version.
/// That `silent` never answered `FF 00`. A client must (section 4.2); no text orders a server to (section 5.3).
pub fn not_answered(bits: Option<BitRange>, silent: Side) -> Finding {
    let facts = facts!("never", side = silent);
    let finding = match bits {
        Some(bits) => Rule::HixieCloseNotAnswered.says(bits, facts),
        None => Rule::HixieCloseNotAnswered.about(facts),
    };
    if silent == Side::Server { finding.at_most(Severity::Note) } else { finding }
}

const fn knows_close(protocol: Protocol) -> bool {
    !matches!(protocol.dialect_or_latest().closing.handshake, ClosingHandshake::None)
}

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $role:ident;)*) => {
        $( #[doc = concat!("The field ", $label, ".")] pub static $name: FieldKind =
            FieldKind::new($id, $label, Hixie76.section("4.2")).role(Role::$role).chapter("flash-era"); )*

        /// The kinds of field that a frame of this family is made of.
        pub static KINDS: &[&FieldKind] = &[ $( &$name, )* ];
    };
}

kinds! {
    FRAME "hixie-frame" "Frame" Other;
    KIND_BIT "hixie-sized" "high bit" First;
    TYPE "hixie-type" "frame type" Kind;
    LENGTH "hixie-length" "length" Other;
    LENGTH_MORE "hixie-length-more" "more" Mark;
    LENGTH_DIGIT "hixie-length-digit" "digit" Length;
    TEXT "hixie-text" "text" Data;
    DATA "hixie-data" "data" Data;
    END "hixie-terminator" "FF" Mark;
}

/// Describes the bytes of one frame, from its type byte to its last byte or to where the recording ends.
pub fn fields(bytes: &[u8]) -> Field {
    let whole = BitRange::bytes(0, bytes.len());
    let Some(&frame_type) = bytes.first() else { return Field::leaf(&DATA, whole, Value::Group) };
    let sized = frame_type & 0x80 != 0;
    let mut children = vec![
        Field::leaf(&KIND_BIT, BitRange::new(0, 1), Value::Flag(sized)),
        Field::leaf(&TYPE, BitRange::new(1, 8), Value::Number(u64::from(frame_type & 0x7F))),
    ];
    let mut at = 1;
    if sized {
        let rest = bytes.get(1..).unwrap_or_default();
        let digits = rest.iter().take(LONGEST_LENGTH).position(|byte| byte & 0x80 == 0);
        let taken = digits.map_or(rest.len().min(LONGEST_LENGTH), |last| last + 1);
        if taken > 0 {
            children.push(length_field(rest.get(..taken).unwrap_or_default()));
        }
        at += taken;
    }
    let ended = !sized && bytes.len() > 1 && bytes.last() == Some(&TERMINATOR);
    let data_end = bytes.len() - usize::from(ended);
    if let Some(data) = bytes.get(at..data_end).filter(|data| !data.is_empty()) {
        let value = match std::str::from_utf8(data) {
            Ok(text) if !sized => Value::Text(text.to_owned()),
            _ => Value::Bytes(data.to_vec()),
        };
        children.push(Field::leaf(if sized { &DATA } else { &TEXT }, BitRange::bytes(at, data_end), value));
    }
    if ended {
        children.push(Field::leaf(&END, BitRange::bytes(data_end, bytes.len()), Value::Number(0xFF)));
    }
    Field::group(&FRAME, whole, children)
}

fn length_field(digits: &[u8]) -> Field {
    let mut children = Vec::with_capacity(digits.len() * 2);
    for (i, digit) in digits.iter().enumerate() {
        let bits = BitRange::bytes(1 + i, 2 + i);
        let more = Value::Flag(digit & 0x80 != 0);
        children.push(Field::leaf(&LENGTH_MORE, BitRange::new(bits.start, bits.start + 1), more));
        let value = Value::Number(u64::from(digit & 0x7F));
        children.push(Field::leaf(&LENGTH_DIGIT, BitRange::new(bits.start + 1, bits.end), value));
    }
    let mut field = Field::group(&LENGTH, BitRange::bytes(1, 1 + digits.len()), children);
    if let Parse::Done(length, _) = read_length(digits) {
        field.value = Value::Number(length);
    }
    field
}

/// How the length follows from its digits in base 128. None for a frame without a length.
pub fn length_derivation(bytes: &[u8]) -> Option<Derivation> {
    let Parse::Done(Header::Sized { length_bytes, .. }, _) = Header::parse(bytes) else { return None };
    let digits = bytes.get(1..1 + usize::from(length_bytes))?;
    let mut total: u64 = 0;
    let steps = digits
        .iter()
        .enumerate()
        .map(|(i, digit)| {
            let before = total;
            total = before << 7 | u64::from(digit & 0x7F);
            Step {
                operation: "length",
                label: if digit & 0x80 == 0 {
                    facts!("last-digit", number = i)
                } else {
                    facts!("digit", number = i)
                },
                inputs: vec![Input::Bits { item: ItemRef::This, bits: BitRange::bytes(1 + i, 2 + i) }],
                shown: format!("{before} × 128 + {} = {total}", digit & 0x7F).into(),
                output: total.to_string(),
                on_wire: None,
            }
        })
        .collect();
    Some(Derivation {
        id: "hixie.length",
        section: Hixie76.section("4.2"),
        bits: BitRange::bytes(1, 1 + digits.len()),
        steps,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_the_draft() {
        let vectors: &[(u64, &[u8])] = &[
            (0, &[0x00]),
            (127, &[0x7f]),
            (128, &[0x81, 0x00]),
            (300, &[0x82, 0x2c]),
            (16383, &[0xff, 0x7f]),
            (16384, &[0x81, 0x80, 0x00]),
            (65535, &[0x83, 0xff, 0x7f]),
            (65536, &[0x84, 0x80, 0x00]),
        ];
        for (length, bytes) in vectors {
            let mut written = Vec::new();
            encode_length(*length, &mut written);
            assert_eq!(written, *bytes);
            assert_eq!(read_length(bytes), Parse::Done(*length, bytes.len()));
        }
    }

    #[test]
    fn a_length_that_never_ends_is_broken() {
        assert_eq!(read_length(&[0x80; 10]), Parse::More);
        assert!(matches!(read_length(&[0x80; 11]), Parse::Broken(f) if f.rule == Rule::HixieLengthOverflow));
        assert!(matches!(read_length(&[0xFF; 10]), Parse::Broken(f) if f.rule == Rule::HixieLengthOverflow));
    }

    #[test]
    fn ff_00_closes_in_76_and_is_unknown_in_75() {
        let Parse::Done(header, 2) = Header::parse(&CLOSE) else { panic!("FF 00 is a header") };
        assert!(header.is_close());
        let found = |protocol| {
            let mut findings = Vec::new();
            check_header(header, protocol, Side::Server, &mut findings);
            findings.iter().map(|f| f.rule).collect::<Vec<_>>()
        };
        assert_eq!(found(Protocol::Hixie76), []);
        assert_eq!(found(Protocol::Hixie75), [Rule::HixieCloseIn75]);
    }

    proptest! {
        #[test]
        fn lengths_come_back(length: u64) {
            let mut bytes = Vec::new();
            encode_length(length, &mut bytes);
            prop_assert_eq!(read_length(&bytes), Parse::Done(length, bytes.len()));
        }

        #[test]
        fn fields_tile_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let field = fields(&bytes);
            prop_assert!(field.tiles());
            prop_assert_eq!(field.bits, BitRange::bytes(0, bytes.len()));
        }

        #[test]
        fn text_never_holds_the_terminator(text: String) {
            let mut bytes = Vec::new();
            encode_text(&text, &mut bytes);
            prop_assert_eq!(memchr::memchr(TERMINATOR, &bytes), Some(bytes.len() - 1));
        }
    }
}
