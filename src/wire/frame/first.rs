//! The first frame of a side, where the version does not say for sure how it stands on the wire.
//!
//! hybi-01 has the handshake of hixie-76 and other frames; and programs of the time agreed on a draft and wrote the
//! frames of another. What fits is decided by the first frame alone: its header, and as much of its payload as tells.
//! The version's own way is tried first and taken where nothing else fits better.

use super::coding::Coding;
use super::hixie::CLOSE;
use super::hybi::{Header, Opcode};
use crate::model::dialect::{HYBI01, HYBI05_LATER_MASK};
use crate::model::facts::Facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::{Finding, Rule};
use crate::wire::message::{Reserved, broken_rules};

/// How much of a payload is looked at.
const PAYLOAD: usize = 128;

/// As many bytes as are looked at.
pub const LOOKED_AT: usize = Header::MAX + PAYLOAD;

/// A way to write frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Header and payload.
    Hybi(Coding),
    /// A type byte, and text up to `FF`.
    Hixie,
}

/// A way, and by which name the catalogue speaks of it; the version's own has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The frames are written so.
    pub way: Way,
    form: &'static str,
}

/// What the first bytes of a stream are in one way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// This frame, or its beginning. `ends`: it ends where the bytes do.
    Yes {
        ends: bool,
    },
    No,
    /// There are too few.
    Unknown,
}

/// Whether there are other ways than the version's own.
pub const fn is_needed(protocol: Protocol, side: Side) -> bool {
    match protocol {
        Protocol::Hixie76 | Protocol::Hybi2 => true,
        Protocol::Hybi4 | Protocol::Hybi5 | Protocol::Hybi6 => matches!(side, Side::Client),
        _ => false,
    }
}

/// The other ways in which programs wrote frames of this version, the likeliest first.
fn others(protocol: Protocol, own: &Coding) -> Vec<Choice> {
    let hybi = |form, coding| Choice { way: Way::Hybi(coding), form };
    match protocol {
        Protocol::Hixie76 => vec![hybi("hybi-01", Coding::bare(&HYBI01))],
        Protocol::Hybi2 => vec![Choice { way: Way::Hixie, form: "hixie" }],
        Protocol::Hybi4 => {
            vec![hybi("connection-key", own.without_hash()), hybi("bare", Coding::bare(own.layout()))]
        }
        Protocol::Hybi5 | Protocol::Hybi6 => vec![
            hybi("later-mask", Coding::masked_by_bit(&HYBI05_LATER_MASK)),
            hybi("bare", Coding::bare(own.layout())),
        ],
        _ => Vec::new(),
    }
}

/// How a side writes its frames.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// What was agreed on.
    pub protocol: Protocol,
    /// Whose frames they are.
    pub side: Side,
    /// How this side writes them by the version's text.
    pub own: Coding,
}

impl First {
    fn own(&self) -> Choice {
        let hybi = self.protocol.dialect_or_latest().family() == Family::Hybi;
        Choice { way: if hybi { Way::Hybi(self.own) } else { Way::Hixie }, form: "" }
    }

    fn choices(&self) -> impl Iterator<Item = Choice> {
        std::iter::once(self.own()).chain(others(self.protocol, &self.own))
    }

    /// The way in which the first bytes of a stream are written; none where more must be there to tell. `whole`: no more
    /// of the first [`LOOKED_AT`] bytes will come. The answer does not depend on how the stream came in pieces.
    pub fn choose(&self, bytes: &[u8], whole: bool) -> Option<Choice> {
        for choice in self.choices() {
            match self.fit(choice, bytes, whole) {
                Fit::Unknown => return None,
                Fit::No => {}
                Fit::Yes { .. } => return Some(choice),
            }
        }
        Some(self.own())
    }

    /// The same for who answers. It waits for nothing but the version's own frame: a way in which a frame ends just where
    /// the bytes end is believed more than one in which something is still to come, since the other end may wait for an
    /// answer; and what is no frame of the version is no reason to wait either.
    pub fn choose_now(&self, bytes: &[u8]) -> Option<Choice> {
        let whole = bytes.len() >= LOOKED_AT;
        let fits = |choice: &Choice| self.fit(*choice, bytes, whole);
        if let Some(choice) = self.choices().find(|choice| fits(choice) == Fit::Yes { ends: true }) {
            return Some(choice);
        }
        let own = self.own();
        match fits(&own) {
            Fit::Yes { .. } => Some(own),
            Fit::Unknown => None,
            Fit::No => {
                let begun = |choice: &Choice| {
                    matches!(choice.way, Way::Hybi(_)) && fits(choice) == Fit::Yes { ends: false }
                };
                self.choices().find(begun).or(Some(own))
            }
        }
    }

    /// Whether the first frame may be written this way. For the version's own, less evidence is enough.
    fn fit(&self, choice: Choice, bytes: &[u8], whole: bool) -> Fit {
        let coding = match choice.way {
            Way::Hybi(coding) => coding,
            Way::Hixie => return fit_hixie(bytes, whole),
        };
        let Some((header, length)) = coding.read(bytes) else {
            return if whole { Fit::No } else { Fit::Unknown };
        };
        let begins = header.opcode != Opcode::CONTINUATION;
        if !begins || broken_rules(&header, self.side, Reserved::default(), coding.has_mask_bit()) > 0 {
            return Fit::No;
        }
        let wanted = usize::try_from(header.payload_length).unwrap_or(usize::MAX).min(PAYLOAD);
        let mut payload = bytes.get(length..).unwrap_or_default().to_vec();
        if payload.len() < wanted {
            match (whole, choice.form.is_empty()) {
                (false, _) => return Fit::Unknown,
                (true, false) => return Fit::No,
                (true, true) => {}
            }
        }
        let ends = payload.len() as u64 == header.payload_length;
        payload.truncate(wanted);
        let cut = header.payload_length > payload.len() as u64;
        coding.mask(&header, &mut payload, 0);
        let fits = match header.opcode {
            Opcode::TEXT => match std::str::from_utf8(&payload) {
                Ok(_) => true,
                // A character may be cut where the looked-at bytes end.
                Err(error) => cut && error.error_len().is_none(),
            },
            Opcode::CLOSE => self.fits_close(&payload),
            _ => true,
        };
        if fits { Fit::Yes { ends } } else { Fit::No }
    }

    fn fits_close(&self, payload: &[u8]) -> bool {
        let closing = &self.protocol.dialect_or_latest().closing;
        let initiator = |byte: u8| Side::BOTH.iter().any(|side| closing.initiator(*side) == Some(byte));
        match (payload.first_chunk::<2>(), payload.first()) {
            (Some(code), _) if closing.has_codes() => {
                closing.classify(u16::from_be_bytes(*code)).may_be_sent()
            }
            (None, Some(_)) if closing.has_codes() => false,
            (_, Some(first)) if closing.initiator(Side::Client).is_some() => initiator(*first),
            _ => true,
        }
    }

    /// What is to be said of a way that is not the version's own. It stands on the frame's first byte.
    pub fn finding(&self, choice: Choice) -> Option<Finding> {
        let place = BitRange::bytes(0, 1);
        match choice.form {
            "" => None,
            "hybi-01" => Some(Rule::VersionByFrame.says(place, Facts::form("more"))),
            form => {
                let facts = Facts::form(form).with("side", self.side).with("protocol", self.protocol);
                let finding = Rule::OtherFrames.says(place, facts);
                Some(finding.cited_in(self.protocol.dialect_or_latest(), self.side))
            }
        }
    }
}

/// Text, the closing frame, or the binary frames that some servers of hixie-76 sent.
fn fit_hixie(bytes: &[u8], whole: bool) -> Fit {
    match bytes {
        [0x00 | 0x80, ..] => Fit::Yes { ends: bytes.last() == Some(&0xFF) },
        [] | [0xFF] if !whole => Fit::Unknown,
        _ if bytes.starts_with(&CLOSE) => Fit::Yes { ends: true },
        _ => Fit::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(protocol: Protocol) -> First {
        let own = Coding::of(protocol.dialect_or_latest(), Side::Client, Some([0x5A; 20]));
        First { protocol, side: Side::Client, own }
    }

    fn forms(protocol: Protocol, bytes: &[u8]) -> [Option<&'static str>; 2] {
        let first = first(protocol);
        [first.choose(bytes, false), first.choose_now(bytes)].map(|choice| choice.map(|choice| choice.form))
    }

    #[test]
    fn the_first_frame_tells_how_a_program_writes() {
        let covered = b"\x37\xFA\x21\x3D\xB3\xFF\x69\x58\x5B\x96\x4E";
        let later = b"\x84\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58";
        let bare = b"\x84\x05Hello";
        let hixie = b"\0Hello\xFF";
        for (protocol, bytes, form) in [
            (Protocol::Hybi5, covered.as_slice(), ""),
            (Protocol::Hybi6, later, "later-mask"),
            (Protocol::Hybi6, bare, "bare"),
            (Protocol::Hybi4, bare, "bare"),
            (Protocol::Hybi2, b"\x04\x05Hello", ""),
            (Protocol::Hybi2, hixie, "hixie"),
            (Protocol::Hixie76, hixie, ""),
            (Protocol::Hixie76, b"\x04\x05Hello", "hybi-01"),
        ] {
            assert_eq!(forms(protocol, bytes), [Some(form); 2], "{protocol}");
        }
        assert_eq!(forms(Protocol::Hybi5, &covered[..8]), [None; 2]);
        // A continuation that continues nothing is no text of hixie-76 that somebody could wait for.
        assert_eq!(forms(Protocol::Hybi2, b"\0\x05Hello"), [Some("hixie"), Some("")]);
    }

    #[test]
    fn a_character_may_lie_where_no_more_is_looked_at() {
        for protocol in [Protocol::Hybi2, Protocol::Hybi4, Protocol::Hybi5, Protocol::Hybi6] {
            let first = first(protocol);
            let text = "a".repeat(PAYLOAD - 1) + "\u{4F60}\u{597D}";
            let mask = first.own.covers_header().then_some([1, 2, 3, 4]);
            let header =
                Header { mask, key_first: mask.is_some(), ..Header::new(Opcode::TEXT, text.len() as u64) };
            let mut bytes = Vec::new();
            first.own.write(&header, text.as_bytes(), &mut bytes);
            for length in [LOOKED_AT - 5, LOOKED_AT, bytes.len()] {
                let bytes = &bytes[..length.min(bytes.len())];
                for choice in [first.choose(bytes, true), first.choose_now(bytes)] {
                    assert!(
                        choice.is_none_or(|choice| choice.form.is_empty()),
                        "{protocol}, {length}: {choice:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn who_answers_does_not_wait_for_what_the_key_of_another_draft_seems_to_announce() {
        // With this key the covered header would be that of a text of 80 bytes.
        let key = [0x12, 0x34, 0x00, 0xD5];
        let mut bytes = [&[0x84, 0x85], &key[..], b"Hello"].concat();
        crate::wire::frame::hybi::mask(&mut bytes[6..], key, 0);
        assert_eq!(forms(Protocol::Hybi5, &bytes), [None, Some("later-mask")]);
    }
}
