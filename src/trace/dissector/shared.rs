//! What concerns both sides of a conversation: questions that wait for their answers, and what was agreed.

use std::collections::VecDeque;

use super::Mode;
use super::hixie::HixieFrames;
use super::hybi::HybiFrames;
use crate::model::protocol::{Family, Protocol, Side};
use crate::trace::DecodeAs;
use crate::trace::conversation::{Conversation, End, Handshake};
use crate::wire::deflate::Params;
use crate::wire::frame::coding::{Coding, ConnectionKey};
use crate::wire::frame::first;
use crate::wire::http::Head;
use crate::wire::message::PingTracker;
use crate::wire::prelude::{Target, Told};

/// Why the rest of the bytes is another conversation's.
#[derive(Debug)]
pub(in crate::trace) enum Onward {
    /// A proxy opened a tunnel.
    Tunnel(Box<Told>),
    /// They are compressed, and inflate to frames.
    Inflate,
}

/// What both lanes know.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Requests that are not answered yet, oldest first.
    pub(super) exchanges: VecDeque<Exchange>,
    /// Policy requests that are not answered yet.
    pub(super) policies: u32,
    /// HTTP/2 is spoken from here on, by whoever does not speak HTTP/1.1.
    pub(super) http2: bool,
    /// The client sent an opening that is meant as HTTP and cannot be read, and its answer is not there yet.
    pub(super) unreadable: bool,
    /// The recording does not hold the connection's first bytes.
    pub(super) begins_inside: bool,
    /// What the user says is spoken here.
    pub(super) told: Option<DecodeAs>,
    /// What both sides speak, once that is known.
    pub(super) link: Option<Link>,
    pub(super) pings: PingTracker,
    /// The body of each side's first close frame, where one is acknowledged by another with the same body.
    pub(super) closes: [Option<Box<[u8]>>; 2],
    /// No more bytes will come: what is there is completed as far as it goes.
    pub(super) finishing: bool,
    /// From these offsets on, the client's first, the bytes are another conversation's.
    pub(super) hand_over: Option<([u64; 2], Onward)>,
    /// What can be said only at the end was said.
    pub(super) judged: bool,
    /// How each direction ended.
    pub(super) ended: [Option<End>; 2],
}

impl Shared {
    /// Whether frames are looked for where no head begins: the recording has no opening, or the user says that there is
    /// none.
    pub(super) const fn searches(&self) -> bool {
        self.begins_inside || self.told.is_some()
    }

    /// Whether no more bytes of `side` will come.
    #[inline]
    pub(super) fn over(&self, side: Side) -> bool {
        self.finishing || self.ended[side.index()].is_some()
    }

    /// What was agreed is not known from a handshake.
    pub(super) const fn guessed(&mut self) {
        if let Some(link) = &mut self.link {
            link.guessed = true;
        }
    }

    /// From here on both sides speak frames. None where the protocol has none.
    pub(super) fn agree(
        &mut self,
        talk: &mut Conversation,
        protocol: Protocol,
        deflate: Option<Params>,
        connection: Option<ConnectionKey>,
    ) -> Option<Link> {
        let dialect = protocol.dialect()?;
        let foreign = talk.foreign.is_some();
        let link = Link { protocol, family: dialect.family(), deflate, foreign, guessed: false };
        self.link = Some(link);
        talk.codings = Side::BOTH.map(|side| Coding::of(dialect, side, connection));
        talk.protocol = protocol;
        talk.deflate = deflate;
        Some(link)
    }
}

/// What was agreed, or guessed, about the frames of both sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) protocol: Protocol,
    pub(super) family: Family,
    pub(super) deflate: Option<Params>,
    /// An extension was agreed on that nobody here knows.
    pub(super) foreign: bool,
    /// No handshake says so: compression may turn out to have been agreed.
    pub(super) guessed: bool,
}

impl Link {
    /// How frames of `side` are read from here on; `lossy` where bytes before them are missing.
    pub(super) fn mode(self, talk: &Conversation, side: Side, lossy: bool) -> Mode {
        let coding = *talk.coding(side);
        // An answer alone does not say what was asked for.
        let unasked = talk.handshake == Handshake::Incomplete && self.protocol == Protocol::LATEST;
        if !lossy && (unasked || first::is_needed(self.protocol, side)) {
            Mode::First
        } else {
            self.frames(side, coding, lossy)
        }
    }

    /// How frames of `side` are read that stand on the wire like this.
    pub(super) fn frames(self, side: Side, coding: Coding, lossy: bool) -> Mode {
        match self.family {
            Family::Hybi => Mode::Hybi(Box::new(HybiFrames::new(side, self, coding, lossy))),
            Family::Hixie => Mode::Hixie(HixieFrames::default()),
        }
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) head: Head,
    /// The version that the request asks for; none for plain HTTP.
    pub(super) asks_for: Option<Protocol>,
    /// The bytes behind the head that belong to the handshake (key3).
    pub(super) body: Vec<u8>,
    /// The request's item, once it is complete.
    pub(super) item: Option<u32>,
}

impl Exchange {
    /// The exchange that this request begins.
    pub(super) fn new(head: Head, asks_for: Option<Protocol>) -> Self {
        Self { head, asks_for, body: Vec::new(), item: None }
    }

    /// Where a tunnel goes that this request asks for.
    pub(super) fn tunnel_to(&self) -> Told {
        let target = self.head.target();
        let destination = target.rsplit_once(':').and_then(|(host, port)| {
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            Some(Target { host, port: port.parse().ok()? })
        });
        Told { source: None, destination }
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.head.method() == "CONNECT"
    }
}
