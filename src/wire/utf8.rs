//! UTF-8 (RFC 3629), checked as it arrives: a text message may be cut anywhere between two frames.
//!
//! RFC 6455 section 8.1 lets a receiver fail the connection at the first byte that no valid text can have at
//! its place, without waiting for the end of the message. [`Validator`] finds that byte.

use crate::facts;
use crate::model::derive::{Derivation, Input, ItemRef, Step};
use crate::model::field::{BitRange, spaced_hex};
use crate::model::spec::Document::Rfc3629;

/// Checks UTF-8 piece by piece and finds the first byte that cannot continue any valid sequence.
///
/// Overlong forms, surrogates and numbers above U+10FFFF are refused at the earliest byte that decides it
/// (RFC 3629 section 4): `C0` at once, `ED A0` at `A0`, `F4 90` at `90`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validator {
    /// How many bytes the sequence that has begun still needs; 0 between characters.
    missing: u8,
    /// How many bytes of it are there.
    pending: u8,
    /// The least value of its next byte.
    low: u8,
    /// The greatest value of its next byte.
    high: u8,
    /// How many bytes of a character stood before the byte that was refused last.
    broken: u8,
}

/// From here on the vectorised check is worth its start.
const BULK: usize = 64;

/// Whether shorter texts are ASCII is looked at first. Those that are not mostly show it at their beginning.
const LONG: usize = 2048;

impl Default for Validator {
    fn default() -> Self {
        Self::new()
    }
}

impl Validator {
    /// A validator at the beginning of a text.
    pub const fn new() -> Self {
        Self { missing: 0, pending: 0, low: 0x80, high: 0xBF, broken: 0 }
    }

    /// Whether the text so far ends at the end of a character.
    pub const fn is_boundary(&self) -> bool {
        self.missing == 0
    }

    /// The number of bytes of a character that has begun and is not complete: 0 to 3.
    pub const fn pending(&self) -> usize {
        self.pending as usize
    }

    /// After an error of [`feed`](Self::feed): how many bytes before the refused one began a character that it does not
    /// continue, 0 to 3. A reader that goes on puts one U+FFFD in their place.
    pub const fn broken(&self) -> usize {
        self.broken as usize
    }

    /// The text's next bytes. The error is the index in `bytes` of the first byte that cannot stand there; the
    /// validator then stands at a boundary again, so that a caller who reads on can.
    #[inline]
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), usize> {
        if self.missing == 0 && bytes.len() < LONG && bytes.is_ascii() {
            return Ok(());
        }
        self.feed_any(bytes)
    }

    fn feed_any(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while self.missing != 0 {
            let Some(&byte) = bytes.get(at) else { return Ok(()) };
            self.step(byte).ok_or(at)?;
            at += 1;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.len() >= BULK {
            let whole = rest.get(..rest.len() - cut_at_end(rest)).unwrap_or_default();
            at += match simdutf8::basic::from_utf8(whole) {
                Ok(_) => whole.len(),
                // The steps below find the byte: it is at most three behind the last good character.
                Err(_) => simdutf8::compat::from_utf8(whole).err().map_or(whole.len(), |e| e.valid_up_to()),
            };
        }
        for (index, &byte) in bytes.iter().enumerate().skip(at) {
            self.step(byte).ok_or(index)?;
        }
        Ok(())
    }

    /// Whether the text may end here. The error is the number of bytes of the character that was cut.
    pub const fn finish(&self) -> Result<(), usize> {
        if self.missing == 0 { Ok(()) } else { Err(self.pending as usize) }
    }

    /// Takes one byte; none where it cannot stand here.
    #[inline]
    fn step(&mut self, byte: u8) -> Option<()> {
        if self.missing == 0 {
            if byte.is_ascii() {
                return Some(());
            }
            let Some((missing, low, high)) = lead(byte) else {
                *self = Self::new();
                return None;
            };
            *self = Self { missing, pending: 1, low, high, broken: 0 };
            return Some(());
        }
        if byte < self.low || byte > self.high {
            *self = Self { broken: self.pending, ..Self::new() };
            return None;
        }
        self.missing -= 1;
        self.pending = if self.missing == 0 { 0 } else { self.pending + 1 };
        (self.low, self.high) = (0x80, 0xBF);
        Some(())
    }
}

/// What may follow a first byte: how many bytes, and the range of the next one (RFC 3629 section 4).
const fn lead(byte: u8) -> Option<(u8, u8, u8)> {
    match byte {
        0xC2..=0xDF => Some((1, 0x80, 0xBF)),
        0xE0 => Some((2, 0xA0, 0xBF)), // Below A0: overlong.
        0xED => Some((2, 0x80, 0x9F)), // From A0 on: surrogates.
        0xE1..=0xEF => Some((2, 0x80, 0xBF)),
        0xF0 => Some((3, 0x90, 0xBF)), // Below 90: overlong.
        0xF1..=0xF3 => Some((3, 0x80, 0xBF)),
        0xF4 => Some((3, 0x80, 0x8F)), // From 90 on: above U+10FFFF.
        _ => None,
    }
}

/// How many bytes at the end begin a character that is not complete: 0 to 3. Says nothing about their validity.
fn cut_at_end(bytes: &[u8]) -> usize {
    for (back, &byte) in (1_usize..=3).zip(bytes.iter().rev()) {
        if byte & 0xC0 != 0x80 {
            return if lead(byte).is_some_and(|(missing, ..)| usize::from(missing) >= back) {
                back
            } else {
                0
            };
        }
    }
    0
}

/// The most characters that a derivation shows one by one.
pub const DERIVED_CHARACTERS: usize = 256;

/// How text follows from bytes, character by character: `utf8.decode`.
///
/// `bytes` is the payload, unmasked; `payload` are its bits in the item. A byte that cannot stand at its place
/// ends the derivation with a step that says so. Only the first [`DERIVED_CHARACTERS`] characters are shown; where
/// there are more, the last step says so.
pub fn derivation(bytes: &[u8], payload: BitRange) -> Derivation {
    let mut steps = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let place = |length: usize| {
            let bits = BitRange::bytes(at, at + length).shifted(payload.start);
            vec![Input::Bits { item: ItemRef::This, bits }]
        };
        let rest = bytes.get(at..).unwrap_or_default();
        if steps.len() == DERIVED_CHARACTERS {
            steps.push(Step {
                operation: "utf8",
                label: facts!("rest", count = rest.len()),
                inputs: place(rest.len()),
                shown: facts!("rest", count = DERIVED_CHARACTERS).into(),
                output: String::from_utf8_lossy(rest).chars().take(64).collect(),
                on_wire: None,
            });
            break;
        }
        let (step, length) = match first_character(rest) {
            Ok(character) => {
                let length = character.len_utf8();
                let sequence = rest.get(..length).unwrap_or_default();
                let step = Step {
                    operation: "utf8",
                    label: facts!("character", number = steps.len() + 1, count = length),
                    inputs: place(length),
                    shown: format!(
                        "{} = {} → U+{:04X} {}",
                        spaced_hex(sequence),
                        marked(sequence),
                        u32::from(character),
                        visible(character)
                    )
                    .into(),
                    output: visible(character),
                    on_wire: None,
                };
                (step, Some(length))
            }
            Err(good) => {
                let shown_bytes = rest.get(..good + 1).unwrap_or(rest);
                let bytes = spaced_hex(shown_bytes);
                let (label, shown) = match rest.get(good) {
                    Some(bad) => (facts!("bad"), facts!("bad", bytes, bad = format!("{bad:02x}"))),
                    None => (facts!("cut"), facts!("cut", bytes)),
                };
                let step = Step {
                    operation: "utf8",
                    label,
                    inputs: place(shown_bytes.len()),
                    shown: shown.into(),
                    output: char::REPLACEMENT_CHARACTER.to_string(),
                    on_wire: None,
                };
                (step, None)
            }
        };
        steps.push(step);
        match length {
            Some(length) => at += length,
            None => break,
        }
    }
    Derivation { id: "utf8.decode", section: Rfc3629.section("3"), bits: payload, steps }
}

/// The first character, or how many bytes of a sequence were good before the bad byte or the end.
fn first_character(bytes: &[u8]) -> Result<char, usize> {
    let mut validator = Validator::new();
    for (index, &byte) in bytes.iter().enumerate().take(4) {
        validator.step(byte).ok_or(index)?;
        if validator.is_boundary() {
            let sequence = bytes.get(..=index).unwrap_or_default();
            return std::str::from_utf8(sequence).ok().and_then(|text| text.chars().next()).ok_or(index);
        }
    }
    Err(bytes.len())
}

/// The bits of a sequence, the marks apart from the number: `1110|0100 10|111101 10|100000`.
fn marked(sequence: &[u8]) -> String {
    let mark = |byte: u8| match byte {
        0x00..=0x7F => 1,
        0x80..=0xBF => 2,
        0xC0..=0xDF => 3,
        0xE0..=0xEF => 4,
        _ => 5,
    };
    let one = |&byte: &u8| {
        let bits = format!("{byte:08b}");
        let (sign, number) = bits.split_at(mark(byte));
        format!("{sign}|{number}")
    };
    sequence.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A character that can be shown: itself, or its escape.
fn visible(character: char) -> String {
    if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::words::Words;

    fn bad_byte(bytes: &[u8]) -> Option<usize> {
        Validator::new().feed(bytes).err()
    }

    #[test]
    fn fails_at_the_first_bad_byte() {
        for (bytes, bad) in [
            (&b"\xC0\x80"[..], 0),
            (b"\xC1\xBF", 0),
            (b"a\x80", 1),
            (b"\xE0\x9F\xBF", 1),
            (b"\xED\xA0\x80", 1),
            (b"\xF0\x8F\xBF\xBF", 1),
            (b"\xF4\x90\x80\x80", 1),
            (b"\xF5", 0),
            (b"\xFF", 0),
            (b"\xE4\xBDx", 2),
            (b"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80edited", 12),
        ] {
            assert_eq!(bad_byte(bytes), Some(bad), "{bytes:02x?}");
            // The same far inside a long text, where the vectorised check runs.
            let long: Vec<u8> = [&[b'x'; 200][..], "ü".as_bytes(), bytes, &[b'y'; 200]].concat();
            assert_eq!(bad_byte(&long), Some(202 + bad), "{bytes:02x?}");
        }
    }

    #[test]
    fn the_edges_of_the_ranges_are_valid() {
        for text in [
            "\0",
            "\u{7f}",
            "\u{80}",
            "\u{7ff}",
            "\u{800}",
            "\u{d7ff}",
            "\u{e000}",
            "\u{ffff}",
            "\u{10000}",
            "\u{10ffff}",
        ] {
            let mut validator = Validator::new();
            assert_eq!(validator.feed(text.as_bytes()), Ok(()), "{text:?}");
            assert_eq!(validator.finish(), Ok(()));
        }
    }

    #[test]
    fn a_cut_character_is_pending() {
        let mut validator = Validator::new();
        assert_eq!(validator.feed("你".as_bytes().split_at(2).0), Ok(()));
        assert!(!validator.is_boundary());
        assert_eq!(validator.finish(), Err(2));
        assert_eq!(validator.feed(b"\xA0"), Ok(()));
        assert_eq!(validator.finish(), Ok(()));
    }

    fn shown(step: &Step) -> Cow<'_, str> {
        Words::english().shown(step)
    }

    #[test]
    fn the_derivation_shows_marks_and_number() {
        let derivation = derivation("h你".as_bytes(), BitRange::new(16, 48));
        assert_eq!(shown(&derivation.steps[0]), "68 = 0|1101000 → U+0068 h");
        assert_eq!(shown(&derivation.steps[1]), "e4 bd a0 = 1110|0100 10|111101 10|100000 → U+4F60 你");
        assert_eq!(
            derivation.steps[1].inputs,
            [Input::Bits { item: ItemRef::This, bits: BitRange::new(24, 48) }]
        );
    }

    #[test]
    fn the_derivation_stops_at_a_bad_byte_and_at_its_limit() {
        let bad = derivation(b"a\xED\xA0\x80", BitRange::bytes(0, 4));
        assert_eq!(bad.steps.len(), 2);
        assert_eq!(shown(&bad.steps[1]), "ed a0: a0 cannot stand here");
        let cut = derivation(b"\xE4\xBD", BitRange::bytes(0, 2));
        assert_eq!(shown(&cut.steps[0]), "e4 bd: the character is cut off");
        let long = derivation(&[b'x'; 1000], BitRange::bytes(0, 1000));
        assert_eq!(long.steps.len(), DERIVED_CHARACTERS + 1);
        assert!(Words::english().step(&long.steps[DERIVED_CHARACTERS]).contains("744"));
    }

    /// The first bad byte as the standard library's error tells it: all that is good, then the byte after the
    /// longest beginning of a sequence.
    fn expected(bytes: &[u8]) -> Result<usize, usize> {
        match std::str::from_utf8(bytes) {
            Ok(_) => Ok(0),
            Err(error) => match error.error_len() {
                None => Ok(bytes.len() - error.valid_up_to()),
                // One byte too short to be a sequence: the byte itself is bad unless it can begin one.
                Some(length) => {
                    let first = bytes[error.valid_up_to()];
                    let lone = length == 1 && lead(first).is_none();
                    Err(error.valid_up_to() + if lone { 0 } else { length })
                }
            },
        }
    }

    fn nearly_text() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => ".{0,40}".prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..4),
            2 => "[a-z]{50,120}".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(bytes in nearly_text()) {
            let mut validator = Validator::new();
            let found = validator.feed(&bytes).map(|()| validator.pending());
            prop_assert_eq!(found, expected(&bytes));
        }

        #[test]
        fn cuts_change_nothing(bytes in nearly_text(), cuts in proptest::collection::vec(1_usize..100, 1..20)) {
            let mut validator = Validator::new();
            let (mut at, mut sizes) = (0, cuts.iter().cycle());
            let mut found = Ok(());
            while at < bytes.len() && found.is_ok() {
                let end = bytes.len().min(at + sizes.next().unwrap());
                found = validator.feed(&bytes[at..end]).map_err(|bad| at + bad);
                at = end;
            }
            let found = found.map(|()| validator.pending());
            prop_assert_eq!(found, expected(&bytes));
        }

        #[test]
        fn derivations_of_anything_stay_inside(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let payload = BitRange::bytes(6, 6 + bytes.len());
            for step in derivation(&bytes, payload).steps {
                for input in step.inputs {
                    let Input::Bits { bits, .. } = input else { panic!("only bits") };
                    prop_assert!(payload.contains(bits));
                }
            }
        }
    }
}
