//! Frames that break one rule each: a beginning for who wants to see what a peer does about it.

use super::close::CloseBody;
use super::compose::{Draft, HixieDraft, HybiDraft};
use super::frame::coding::Coding;
use super::frame::hybi::{LengthForm, Opcode};
use crate::model::dialect::{Dialect, Masking};
use crate::model::protocol::{Family, Side};

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wrong {
    /// A client's frame without a mask, or a server's with one.
    Mask,
    /// RSV2, which no extension uses.
    Rsv,
    /// RSV4, which was reserved before MASK stood in its place.
    Rsv4,
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
    /// A close frame of hybi-05 that does not say who began.
    Initiator,
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
    Wrong::Rsv4,
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
    Wrong::Initiator,
];

const HIXIE: &[Wrong] = &[Wrong::Utf8, Wrong::Terminator, Wrong::Type, Wrong::Length, Wrong::LongLength];

impl Wrong {
    /// What can be wrong in the frames of a version.
    pub fn of(dialect: &Dialect) -> impl Iterator<Item = Self> + use<> {
        let all = match dialect.family() {
            Family::Hybi => HYBI,
            Family::Hixie => HIXIE,
        };
        let (mask_bit, closing) = (dialect.layout().masking == Masking::Payload, &dialect.closing);
        let (codes, initiator) = (closing.has_codes(), closing.initiator(Side::Client).is_some());
        all.iter().copied().filter(move |wrong| match wrong {
            Self::Mask => mask_bit,
            Self::Rsv4 => !mask_bit,
            Self::Code | Self::Close => codes,
            Self::Initiator => initiator,
            _ => true,
        })
    }

    /// The stable identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Rsv => "rsv",
            Self::Rsv4 => "rsv4",
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
            Self::Initiator => "initiator",
            Self::Terminator => "terminator",
            Self::Type => "type",
            Self::LongLength => "long-length",
        }
    }

    /// A frame that `side` sends with this mistake in it, written as `coding` says; a client masks with `key`. None where
    /// the family has no such mistake.
    pub fn draft(self, family: Family, coding: Coding, side: Side, key: [u8; 4]) -> Option<Draft> {
        match family {
            Family::Hybi => {
                let payload = (*b"Hello").into();
                let mut draft = HybiDraft { key, payload, ..HybiDraft::written_as(coding, side) };
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
            Self::Rsv4 => draft.rsv4 = true,
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
            Self::Initiator => {
                draft.opcode = Opcode::CLOSE;
                draft.payload = (*b"bye").into();
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
    use crate::model::protocol::Protocol;

    #[test]
    fn every_mistake_of_a_family_makes_a_frame_unlike_the_right_one() {
        for dialect in Protocol::WEBSOCKET.map(Protocol::dialect_or_latest) {
            let family = dialect.family();
            for side in Side::BOTH {
                let coding = Coding::of(dialect, side, Some([7; 20]));
                let right = match family {
                    Family::Hybi => Draft::Hybi(HybiDraft {
                        key: [1, 2, 3, 4],
                        payload: (*b"Hello").into(),
                        ..HybiDraft::written_as(coding, side)
                    }),
                    Family::Hixie => {
                        Draft::Hixie(HixieDraft { data: (*b"Hello").into(), ..HixieDraft::default() })
                    }
                };
                let mut made = vec![right.bytes()];
                for wrong in Wrong::of(dialect) {
                    let draft = wrong.draft(family, coding, side, [1, 2, 3, 4]);
                    let bytes = draft.unwrap_or_else(|| panic!("{}", wrong.id())).bytes();
                    assert!(!made.contains(&bytes), "{} {}", dialect.id, wrong.id());
                    made.push(bytes);
                }
            }
        }
        let coding = Coding::LATEST;
        assert_eq!(Wrong::Terminator.draft(Family::Hybi, coding, Side::Client, [0; 4]), None);
    }
}
