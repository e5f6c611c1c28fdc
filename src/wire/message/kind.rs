//! What messages are, and what is known of one that is complete.

use crate::wire::close::CloseBody;
use crate::wire::frame::hybi::Opcode;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or is a sign of life.
    Pong,
    /// The closing handshake.
    Close,
}

impl Kind {
    /// The stable identifier: `text`, `binary`, `ping`, `pong`, `close`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Close => "close",
        }
    }

    /// The opcode of its first frame.
    pub const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::TEXT,
            Self::Binary => Opcode::BINARY,
            Self::Ping => Opcode::PING,
            Self::Pong => Opcode::PONG,
            Self::Close => Opcode::CLOSE,
        }
    }

    pub(super) const fn of_control(opcode: Opcode) -> Option<Self> {
        match opcode {
            Opcode::PING => Some(Self::Ping),
            Opcode::PONG => Some(Self::Pong),
            Opcode::CLOSE => Some(Self::Close),
            _ => None,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}

/// A message, complete. Its payload went to `out` as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// What it is.
    pub kind: Kind,
    /// The bytes that were handed on: the payload, inflated. Where `whole` is false there may have been more.
    pub length: u64,
    /// It was compressed, or some of its frames were.
    pub compressed: bool,
    /// An extension that this program does not know made its payload: what was handed on is what was on the wire.
    pub coded: bool,
    /// How many frames it had, control frames in between not counted.
    pub frames: u32,
    /// All of its payload was handed on, and nothing was wrong with it as text or as a compressed message.
    pub whole: bool,
    /// The body of a close frame; none for other kinds and for a close frame without payload.
    pub close: Option<CloseBody>,
}
