//! Frames that break one rule each: a beginning for who wants to see what a peer does about it.

use super::close::CloseBody;
use super::compose::{Draft, HixieDraft, HybiDraft};
use super::frame::hybi::{LengthForm, Opcode};
use crate::model::protocol::{Family, Side};

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wrong {
    /// A client's frame without a mask, or a server's with one.
    Mask,
    /// RSV2, which no extension uses.
    Rsv,
    /// An opcode that means nothing.
    Opcode,
    /// A continuation of nothing.
    Continuation,
    /// A text that is not UTF-8.
    Utf8,
    /// A ping of more than 125 bytes.
    LongPing,
    /// A ping that is a fragment.
    CutPing,
    /// A short length in 16 bits.
    Form,
    /// A length that claims more than there is.
    Length,
    /// A 64-bit length whose highest bit is set.
    TopBit,
    /// A close code that may not be sent.
    Code,
    /// A close frame with one byte.
    Close,
    /// A hixie text without its end.
    Terminator,
    /// A hixie frame of a type that is neither text nor sized.
    Type,
    /// A hixie length of many digits.
    LongLength,
}

/// What a length that lies claims of a payload of five bytes.
const CLAIMED: u64 = 10;

const HYBI: &[Wrong] = &[
    Wrong::Mask,
    Wrong::Rsv,
    Wrong::Opcode,
    Wrong::Continuation,
    Wrong::Utf8,
    Wrong::LongPing,
    Wrong::CutPing,
    Wrong::Form,
    Wrong::Length,
    Wrong::TopBit,
    Wrong::Code,
    Wrong::Close,
];

const HIXIE: &[Wrong] = &[Wrong::Utf8, Wrong::Terminator, Wrong::Type, Wrong::Length, Wrong::LongLength];

impl Wrong {
    /// What can be wrong in the frames of a family.
    pub const fn of(family: Family) -> &'static [Self] {
        match family {
            Family::Hybi => HYBI,
            Family::Hixie => HIXIE,
        }
    }

    /// The stable identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Rsv => "rsv",
            Self::Opcode => "opcode",
            Self::Continuation => "continuation",
            Self::Utf8 => "utf8",
            Self::LongPing => "long-ping",
            Self::CutPing => "cut-ping",
            Self::Form => "form",
            Self::Length => "length",
            Self::TopBit => "top-bit",
            Self::Code => "code",
            Self::Close => "close",
            Self::Terminator => "terminator",
            Self::Type => "type",
            Self::LongLength => "long-length",
        }
    }

    /// A frame that `side` sends with this mistake in it; a client masks with `key`. None where the family has no such
    /// mistake.
    pub fn draft(self, family: Family, side: Side, key: [u8; 4]) -> Option<Draft> {
        match family {
            Family::Hybi => {
                let mut draft = HybiDraft { key, payload: (*b"Hello").into(), ..HybiDraft::new(side) };
                self.hybi(&mut draft, side).then_some(Draft::Hybi(draft))
            }
            Family::Hixie => {
                let mut draft = HixieDraft { data: (*b"Hello").into(), ..HixieDraft::default() };
                self.hixie(&mut draft).then_some(Draft::Hixie(draft))
            }
        }
    }

    /// Makes the mistake; whether there is one of this kind.
    fn hybi(self, draft: &mut HybiDraft, side: Side) -> bool {
        match self {
            Self::Mask => draft.masked = side == Side::Server,
            Self::Rsv => draft.rsv = [false, true, false],
            Self::Opcode => draft.opcode = Opcode::new(0x3),
            Self::Continuation => draft.opcode = Opcode::CONTINUATION,
            Self::Utf8 => draft.payload = (*b"caf\xE9").into(),
            Self::LongPing => {
                draft.opcode = Opcode::PING;
                draft.payload = vec![b'a'; 200].into();
            }
            Self::CutPing => {
                draft.opcode = Opcode::PING;
                draft.fin = false;
            }
            Self::Form => draft.length_form = Some(LengthForm::Medium),
            Self::Length => draft.claimed = Some(CLAIMED),
            Self::TopBit => {
                draft.length_form = Some(LengthForm::Long);
                draft.claimed = Some(1 << 63);
            }
            Self::Code => {
                draft.opcode = Opcode::CLOSE;
                draft.payload = CloseBody::new(1006, "").encode().into();
            }
            Self::Close => {
                draft.opcode = Opcode::CLOSE;
                draft.payload = [0x03].into();
            }
            Self::Terminator | Self::Type | Self::LongLength => return false,
        }
        true
    }

    fn hixie(self, draft: &mut HixieDraft) -> bool {
        match self {
            Self::Utf8 => draft.data = (*b"caf\xE9").into(),
            Self::Terminator => draft.terminated = false,
            Self::Type => draft.frame_type = 0x01,
            Self::Length => {
                draft.frame_type = 0x80;
                draft.claimed = Some(CLAIMED);
            }
            Self::LongLength => {
                draft.frame_type = 0x80;
                draft.claimed = Some(1 << 62);
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_family_makes_a_frame_unlike_the_right_one() {
        for family in [Family::Hybi, Family::Hixie] {
            for side in Side::BOTH {
                for wrong in Wrong::of(family) {
                    let draft =
                        wrong.draft(family, side, [1, 2, 3, 4]).unwrap_or_else(|| panic!("{}", wrong.id()));
                    assert_ne!(draft.bytes(), Draft::new(Some(family), side).bytes(), "{}", wrong.id());
                }
            }
        }
        assert_eq!(Wrong::Terminator.draft(Family::Hybi, Side::Client, [0; 4]), None);
    }
}
