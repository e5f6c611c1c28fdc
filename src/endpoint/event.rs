//! What endpoints say, what they can be told, and why they refuse to send.

use std::collections::VecDeque;

use crate::model::protocol::Protocol;
use crate::model::rule::Finding;
use crate::said_in_english;
use crate::wire::handshake::Agreement;
use crate::wire::http::MAX_HEAD;
use crate::wire::message::Kind;
use crate::words::{Said, Words};

/// Fills a slice with random bytes. A seeded generator makes runs repeatable.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;

/// What an endpoint tells its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The Flash policy file was asked for and is in the output.
    PolicyServed,
    /// A request that asks for no WebSocket was answered with this status.
    Http {
        /// The method.
        method: String,
        /// Path and query.
        target: String,
        /// The status of the answer; 0 while it is held back (long polling).
        status: u16,
    },
    /// Somebody posted a message to `/say`, for those who poll.
    Said(Vec<u8>),
    /// The WebSocket is open.
    Open {
        /// What both ends agreed on.
        agreement: Agreement,
        /// Path and query that were asked for.
        resource: String,
    },
    /// A message is complete.
    Message {
        /// [`Kind::Text`] or [`Kind::Binary`].
        kind: Kind,
        /// The payload; its beginning only where [`Options::show`] says so.
        data: Vec<u8>,
        /// The length of the whole payload in bytes.
        length: u64,
    },
    /// A ping came; it is answered where [`Options::answer_pings`] says so.
    Ping(Vec<u8>),
    /// A pong came.
    Pong(Vec<u8>),
    /// The closing handshake was begun or answered by the peer.
    CloseReceived {
        /// The code; none where the close frame has no body, as always in hixie-76.
        code: Option<u16>,
        /// The reason.
        reason: String,
    },
    /// The opening request was refused: by this server, or by the server that this client asked.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        findings: Vec<Finding>,
    },
    /// The peer broke a rule over which the connection ends.
    Failed {
        /// The rules, the one that decided first.
        findings: Vec<Finding>,
    },
    /// The peer broke a rule, or did something worth knowing, and the connection goes on.
    Noticed(Finding),
    /// The WebSocket is over. The last event.
    Closed {
        /// Both ends said goodbye as their version wants it.
        clean: bool,
        /// The code that an API reports: the one that was received, 1005 where the peer's close frame had none, 1006
        /// where none came. The hixie versions have no codes: 1005 when clean, otherwise 1006.
        code: u16,
    },
}

/// How much of a message goes into [`Event::Message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// No event at all: for a server that only echoes.
    Nothing,
    /// At most this many bytes of the payload.
    Head(usize),
    /// The same, but a message whose event nobody has taken yet makes room for the next of its kind: for who wants to
    /// know what was said last, and no more.
    Last(usize),
    /// All of it.
    Whole,
}

impl Show {
    /// Says that a message is complete.
    pub(super) fn tell(self, kind: Kind, message: &[u8], events: &mut VecDeque<Event>) {
        let shown = match self {
            Self::Nothing => return,
            Self::Head(most) | Self::Last(most) => message.get(..most).unwrap_or(message),
            Self::Whole => message,
        };
        let new_length = message.len() as u64;
        match events.back_mut() {
            Some(Event::Message { kind: before, data, length })
                if matches!(self, Self::Last(_)) && *before == kind =>
            {
                data.clear();
                data.extend_from_slice(shown);
                *length = new_length;
            }
            _ => events.push_back(Event::Message { kind, data: shown.to_vec(), length: new_length }),
        }
    }
}

/// What an endpoint does by itself, and its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Sends every message back.
    pub echo: bool,
    /// Answers pings with pongs (RFC 6455 section 5.5.2). Off only to be wrong on purpose.
    pub answer_pings: bool,
    /// How much of a message is shown.
    pub show: Show,
    /// How hard messages are compressed where that was agreed, 0 to 9.
    pub deflate_level: u32,
    /// The largest head, in bytes: 64 KiB.
    pub max_head: usize,
    /// The largest message, inflated, in bytes: 64 MiB.
    pub max_message: u64,
    /// The largest body of a plain HTTP request, in bytes: 64 KiB.
    pub max_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            echo: false,
            answer_pings: true,
            show: Show::Whole,
            deflate_level: 6,
            max_head: MAX_HEAD,
            max_message: 64 << 20,
            max_body: 64 << 10,
        }
    }
}

/// Why something cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The handshake is not over, or there is none.
    NotOpen,
    /// After a close frame nothing may follow (RFC 6455 section 5.5.1).
    Closing,
    /// Only servers ever sent binary data in the hixie versions.
    NoBinary(Protocol),
    /// The hixie versions have no ping.
    NoPing(Protocol),
    /// The hixie versions have no fragments.
    NoFragments(Protocol),
    /// The hixie versions know text and nothing else.
    NoSuchFrame(Protocol),
    /// A control frame's payload has at most 125 bytes (RFC 6455 section 5.5).
    ControlTooLong(usize),
    /// The code may not stand on the wire (RFC 6455 section 7.4).
    CloseCode(u16),
    /// A text message is UTF-8.
    NotText(usize),
}

impl std::error::Error for SendError {}

impl Said for SendError {
    fn said(&self, words: Words) -> String {
        let of = |id: &str, version: &Protocol| words.with(id, &[("version", version.id().into())]);
        match self {
            Self::NotOpen => words.text("send-not-open").to_owned(),
            Self::Closing => words.text("send-closing").to_owned(),
            Self::NoBinary(version) => of("send-no-binary", version),
            Self::NoPing(version) => of("send-no-ping", version),
            Self::NoFragments(version) => of("send-no-fragments", version),
            Self::NoSuchFrame(version) => of("send-no-such-frame", version),
            Self::ControlTooLong(bytes) => {
                words.with("send-control-too-long", &[("bytes", bytes.to_string().into())])
            }
            Self::CloseCode(code) => words.with("send-close-code", &[("code", code.to_string().into())]),
            Self::NotText(at) => words.with("send-not-text", &[("at", at.to_string().into())]),
        }
    }
}

said_in_english!(SendError);
