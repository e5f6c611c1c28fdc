//! How a conversation began and ended: what the ends of its connection were, who closed it, and what became of it.
//!
//! What is needed is noted while the conversation is read, so that it is known too where items were let go of.

use super::carrier::Layer;
use super::conversation::{Conversation, End, Handshake, Keys};
use super::order::Moment;
use super::stream::Chunk;
use super::time::Timestamp;
use crate::model::dialect::ClosingHandshake;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::wire::http::Head;

/// Someone ended the connection, or its own direction of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Who sent the FIN or the RST.
    pub from: Side,
    /// Which of them it was. A RST ends both directions.
    pub how: End,
    /// The number of the packet in the file, counted from 1; 0 where there are no packets.
    pub packet: u32,
    /// When it was recorded.
    pub time: Timestamp,
}

/// What became of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum State {
    /// It goes on, or did when the recording ended.
    Open,
    /// It was closed as its protocol says, or a close frame was there before the connection ended. Of what is no
    /// WebSocket: its connection ended.
    Closed,
    /// The connection ended, and nobody had said so with a close frame; or it was thrown away with RST.
    Died,
    /// The server said no to the opening request.
    Refused,
}

impl State {
    /// The stable identifier, as in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Died => "died",
            Self::Refused => "refused",
        }
    }
}

/// How a WebSocket was closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// Whether both sides sent their close frame. Not known where one side is not in the recording.
    pub clean: Option<bool>,
    /// The code of the close frame that came first; none where there is no such frame, or it has no code.
    pub code: Option<u16>,
    /// The reason in that frame.
    pub reason: String,
    /// Who sent that frame; none where there is none.
    pub by: Option<Side>,
}

/// What a close frame said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CloseSaid {
    /// Where it stands.
    pub(super) at: Moment,
    pub(super) code: Option<u16>,
    pub(super) reason: String,
}

/// What is noted of a conversation's beginning and end.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) start: Option<Timestamp>,
    /// Where the latest opening request, or else the first request, went.
    pub(super) url: Option<Box<str>>,
    /// The status with which the server refused the latest opening request.
    pub(super) refused: Option<u16>,
    /// The first close frame of each side.
    pub(super) closes: [Option<Box<CloseSaid>>; 2],
    /// Of whom bytes were recorded, or that it ended the connection; the client first.
    pub(super) heard: [bool; 2],
    /// Where bytes are missing in them.
    pub(super) gaps: [bool; 2],
}

impl Course {
    pub(super) fn turn(&mut self) {
        self.closes.swap(0, 1);
        self.heard.swap(0, 1);
        self.gaps.swap(0, 1);
    }

    /// Bytes of `side` came, or were found to be missing.
    #[inline]
    pub(super) fn note(&mut self, side: Side, chunk: &Chunk) {
        if self.start.is_none() {
            self.start = Some(chunk.time());
        }
        let noted = if chunk.is_gap() { &mut self.gaps } else { &mut self.heard };
        noted[side.index()] = true;
    }
}

impl Conversation {
    /// When the recording has the first of it; none before there is anything, and where it stays hidden.
    pub fn start(&self) -> Option<Timestamp> {
        self.course.start.filter(|_| self.hidden().is_none())
    }

    /// Of a conversation inside TLS that stays hidden for want of keys: how many bytes of records hide it, the client's
    /// first. None where anything of it is known.
    pub fn hidden(&self) -> Option<[u64; 2]> {
        let tls = self.tls.as_ref().filter(|_| self.layer == Layer::Tls && self.items.is_empty())?;
        (tls.keys == Keys::None).then_some(tls.hidden)
    }

    /// Where its opening request went, as a URL with the scheme `ws` or `wss`; of plain HTTP where the first request
    /// went. None where no request was recorded.
    pub fn url(&self) -> Option<&str> {
        self.course.url.as_deref()
    }

    /// Who ended the connection, with what and when, in the order of time: a FIN of each side, and a RST.
    pub fn ended(&self) -> &[Ending] {
        &self.ended
    }

    /// Who threw the connection away, if somebody did.
    pub fn reset_by(&self) -> Option<Side> {
        self.ended.iter().find(|ending| ending.how == End::Reset).map(|ending| ending.from)
    }

    /// Whether this side is in the recording: bytes of it, or that it ended the connection. Of a capture that saw one
    /// direction alone nothing can be said that depends on the other.
    pub const fn is_heard(&self, side: Side) -> bool {
        self.course.heard[side.index()]
    }

    /// Whether bytes of this side are known to be missing.
    pub const fn has_gaps(&self, side: Side) -> bool {
        self.course.gaps[side.index()]
    }

    /// The status with which the server refused the opening request, if it did.
    pub fn refused_with(&self) -> Option<u16> {
        self.course.refused.filter(|_| self.handshake == Handshake::Rejected)
    }

    /// Takes down where a request goes: the latest that asks for a WebSocket, or the first of others.
    pub(super) fn note_request(&mut self, head: &Head, opens: bool) {
        if !opens && self.course.url.is_some() || head.method() == "CONNECT" {
            return;
        }
        let target = head.target();
        let url = match (target.starts_with('/'), head.get("Host")) {
            // A proxy is given a whole URL.
            (false, _) | (_, None) => target.into_owned(),
            (true, Some(host)) => {
                let scheme = match (opens, self.tls.is_some()) {
                    (true, true) => "wss",
                    (true, false) => "ws",
                    (false, true) => "https",
                    (false, false) => "http",
                };
                format!("{scheme}://{host}{target}")
            }
        };
        self.course.url = Some(url.into_boxed_str());
    }

    /// Takes down the status with which an opening request was refused.
    pub(super) const fn note_refusal(&mut self, status: u16) {
        self.course.refused = Some(status);
    }

    /// Takes down what the item with this number says, a close frame.
    pub(super) fn note_close(&mut self, number: u32, code: Option<u16>, reason: &str) {
        let Some(item) = self.items.get(number as usize) else { return };
        let stream = self.stream(item.side);
        let at = stream
            .chunks()
            .get(item.chunk as usize)
            .map_or_else(Moment::default, |chunk| stream.moment(chunk));
        let said = || Box::new(CloseSaid { at, code, reason: reason.to_owned() });
        self.course.closes[item.side.index()].get_or_insert_with(said);
    }

    /// Whether what is spoken was guessed from the bytes.
    fn is_guess(&self) -> bool {
        let guessed =
            |finding: &Finding| finding.rule == Rule::StreamGuess && finding.facts.which() != "told";
        self.findings.iter().any(guessed)
    }

    /// What became of it.
    pub fn state(&self) -> State {
        if self.handshake == Handshake::Rejected {
            return State::Refused;
        }
        let reset = self.reset_by().is_some();
        // What carries the frames is a connection like any other; how they ended is said of what it carries.
        if self.protocol.family().is_none() || self.carried_from.is_some() {
            return match self.ended.is_empty() {
                true => State::Open,
                false if reset => State::Died,
                false if self.ends.contains(&None) => State::Open,
                false => State::Closed,
            };
        }
        let [client, server] = &self.course.closes;
        let closes = usize::from(client.is_some()) + usize::from(server.is_some());
        let handshake = self.protocol.dialect_or_latest().closing.handshake;
        match (closes, self.ended.is_empty()) {
            (2, _) | (1, false) => State::Closed,
            (_, true) => State::Open,
            // This version has no other way to close than to end the connection.
            _ if handshake == ClosingHandshake::None && !reset => State::Closed,
            // Frames alone do not tell hixie-75, which has no other way, from hixie-76.
            _ if handshake == ClosingHandshake::Bytes && !reset && self.is_guess() => State::Closed,
            // The close frames may have been on the side that was not recorded.
            _ if !reset && Side::BOTH.iter().any(|side| !self.is_heard(*side)) => State::Closed,
            _ => State::Died,
        }
    }

    /// How the WebSocket was closed; none where it is none.
    pub fn close(&self) -> Option<Close> {
        self.protocol.family().filter(|_| self.carried_from.is_none())?;
        let [client, server] = &self.course.closes;
        let (by, first) = match (client, server) {
            (Some(client), Some(server)) if server.at < client.at => (Side::Server, server),
            (Some(client), _) => (Side::Client, client),
            (None, Some(server)) => (Side::Server, server),
            (None, None) => {
                let unheard = Side::BOTH.iter().any(|side| !self.is_heard(*side));
                return Some(Close { clean: (!unheard).then_some(false), ..Close::default() });
            }
        };
        let clean = match self.course.closes[by.other().index()] {
            Some(_) => Some(true),
            None if self.is_heard(by.other()) => Some(false),
            None => None,
        };
        Some(Close { clean, code: first.code, reason: first.reason.clone(), by: Some(by) })
    }
}
