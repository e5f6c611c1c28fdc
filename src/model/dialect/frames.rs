//! What differs between the frames of the versions.

/// The frames of a version, and what may be sent in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Frames {
    /// The bits of a header; none for hixie, whose frames begin with a type byte and end with `FF`.
    pub layout: Option<&'static Layout>,
    /// How a length is written.
    pub lengths: Lengths,
    /// Who may send binary messages.
    pub binary: Binary,
    /// Whether a message may be cut into several frames.
    pub fragments: bool,
    /// Whether there are ping and pong.
    pub pings: bool,
    /// What becomes of text that is not UTF-8.
    pub bad_text: BadText,
}

/// The bits of a frame's header in the hybi family.
///
/// A header is read into the sense and the opcodes of RFC 6455, whatever the draft: what follows need not know.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// What the first bit says.
    pub last: LastBit,
    /// What each opcode means.
    pub opcodes: [Meaning; 16],
    /// Where the mask stands, and what it covers. Only clients mask.
    pub masking: Masking,
}

/// What the first bit of a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastBit {
    /// FIN: 1 on the last frame of a message.
    Fin,
    /// MORE: 0 on the last frame of a message (hybi-01 to hybi-03).
    More,
}

/// What an opcode means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A fragment of the message that has begun.
    Continuation,
    /// Text, or its first fragment.
    Text,
    /// Bytes, or their first fragment.
    Binary,
    /// The closing handshake.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// Nothing yet.
    Reserved,
}

/// Where the mask of a client's frame stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Masking {
    /// There is none.
    None,
    /// A MASK bit says whether the key is there, behind the length; it covers the payload.
    Payload,
    /// The key stands before the frame and covers all of it, the header too (hybi-05 and hybi-06).
    Frame,
    /// A nonce stands before the frame. SHA-1 of it and of a key of the connection covers all of the frame, the header
    /// too (hybi-04).
    HashedFrame,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lengths {
    /// Seven bits a byte, and none for text, which ends with `FF`.
    Base128,
    /// In 7, 16 or 64 bits.
    SevenSixteenSixtyFour,
}

/// Who may send binary messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// Nobody by the text; some servers did.
    ServersDid,
    /// Both ends.
    Both,
}

/// What becomes of text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BadText {
    /// Each bad byte is read as U+FFFD, and the connection goes on (up to hybi-09).
    Replaced,
    /// The connection is failed (since hybi-10).
    Fails,
}

use Meaning::{Binary as Bytes, Close, Continuation, Ping, Pong, Reserved, Text};

/// The opcodes of hybi-01 to hybi-06: nothing tells control frames from data.
const OLD: [Meaning; 16] = {
    let mut opcodes = [Reserved; 16];
    opcodes[0] = Continuation;
    opcodes[1] = Close;
    opcodes[2] = Ping;
    opcodes[3] = Pong;
    opcodes[4] = Text;
    opcodes[5] = Bytes;
    opcodes
};

/// The header of hybi-01 to hybi-03: MORE, and no mask.
pub static HYBI01: Layout = Layout { last: LastBit::More, opcodes: OLD, masking: Masking::None };

/// The header of hybi-04: FIN, and a mask over the whole frame that a hash makes. The draft's prose and figure say FIN;
/// its grammar and its examples still have MORE (sections 4.3 and 4.7), and the programs of the time took FIN.
pub static HYBI04: Layout = Layout { last: LastBit::Fin, opcodes: OLD, masking: Masking::HashedFrame };

/// The header of hybi-05 and hybi-06: FIN, and a mask over the whole frame.
pub static HYBI05: Layout = Layout { last: LastBit::Fin, opcodes: OLD, masking: Masking::Frame };

/// What no draft describes: the opcodes before hybi-07 with the mask of hybi-07, as the Ruby gem `websocket` writes
/// frames of versions 5 and 6.
pub static HYBI05_LATER_MASK: Layout = Layout { last: LastBit::Fin, opcodes: OLD, masking: Masking::Payload };

/// The header of hybi-07 to RFC 6455.
pub static HYBI07: Layout = Layout {
    last: LastBit::Fin,
    opcodes: [
        Continuation,
        Text,
        Bytes,
        Reserved,
        Reserved,
        Reserved,
        Reserved,
        Reserved, // 0 to 7
        Close,
        Ping,
        Pong,
        Reserved,
        Reserved,
        Reserved,
        Reserved,
        Reserved, // 8 to F
    ],
    masking: Masking::Payload,
};

/// The frames of hybi-07 to RFC 6455; in `bad_text` they differ.
pub(super) const fn hybi07(bad_text: BadText) -> Frames {
    hybi(&HYBI07, bad_text)
}

/// The frames of hybi with this layout.
pub(super) const fn hybi(layout: &'static Layout, bad_text: BadText) -> Frames {
    Frames {
        layout: Some(layout),
        lengths: Lengths::SevenSixteenSixtyFour,
        binary: Binary::Both,
        fragments: true,
        pings: true,
        bad_text,
    }
}

/// The frames of hixie-75 and hixie-76.
pub(super) const HIXIE: Frames = Frames {
    layout: None,
    lengths: Lengths::Base128,
    binary: Binary::ServersDid,
    fragments: false,
    pings: false,
    bad_text: BadText::Replaced,
};

impl Meaning {
    /// The opcode of RFC 6455 with this meaning; none for what is reserved.
    const fn latest(self) -> Option<u8> {
        match self {
            Continuation => Some(0x0),
            Text => Some(0x1),
            Bytes => Some(0x2),
            Close => Some(0x8),
            Ping => Some(0x9),
            Pong => Some(0xA),
            Reserved => None,
        }
    }
}

/// The opcodes that RFC 6455 reserves.
const RESERVED: [u8; 10] = [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF];

impl Layout {
    /// The opcode of RFC 6455 that means what `bits` mean here. Both leave ten reserved: the first stands for the first.
    #[inline]
    pub fn opcode(&self, bits: u8) -> u8 {
        let bits = usize::from(bits & 0x0F);
        let meaning = self.opcodes.get(bits).copied().unwrap_or(Reserved);
        meaning.latest().unwrap_or_else(|| self.reserved(bits))
    }

    fn reserved(&self, bits: usize) -> u8 {
        let before = self.opcodes.iter().take(bits).filter(|meaning| **meaning == Reserved).count();
        RESERVED.get(before).copied().unwrap_or(0x0F)
    }

    /// The bits that mean here what the `opcode` of RFC 6455 means.
    pub fn bits(&self, opcode: u8) -> u8 {
        if self.opcode(opcode) == opcode & 0x0F {
            return opcode & 0x0F;
        }
        (0..16).find(|bits| self.opcode(*bits) == opcode & 0x0F).unwrap_or(opcode & 0x0F)
    }
}
