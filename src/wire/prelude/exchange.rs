//! The two sides of a prelude, message by message.

use super::reader::Read;
use super::{Kind, Message, Told, proxy_v1, proxy_v2, socks4, socks5};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// How far an exchange is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// A message is expected ([`Exchange::next`]).
    Going,
    /// The next byte of either side belongs to the carried conversation.
    Done,
    /// The proxy said no: nothing is carried.
    Refused,
    /// What follows is no plain carried conversation: datagrams are relayed elsewhere (`UDP ASSOCIATE`), or an
    /// authentication that is not read here comes next.
    Opaque,
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub message: Message,
    /// What is to be said about it, with places in bits of the message.
    pub findings: Vec<Finding>,
}

/// Reads the messages of a prelude in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    next: Option<Message>,
    state: State,
    told: Told,
    /// What a SOCKS client asked for.
    command: u8,
    /// Whether the first of the two replies to BIND has come.
    bound: bool,
    offered: socks5::Methods,
}

impl Exchange {
    /// At the connection's first byte.
    pub fn new(kind: Kind) -> Self {
        let first = match kind {
            Kind::ProxyV1 => Message::ProxyV1,
            Kind::ProxyV2 => Message::ProxyV2,
            Kind::Socks4 => Message::Socks4Request,
            Kind::Socks5 => Message::Socks5Greeting,
        };
        Self {
            next: Some(first),
            state: State::Going,
            told: Told::default(),
            command: socks5::CONNECT,
            bound: false,
            offered: socks5::Methods::default(),
        }
    }

    /// Whose message comes next, and which. None when the exchange is over.
    pub fn next(&self) -> Option<(Side, Message)> {
        self.next.map(|message| (message.side(), message))
    }

    /// How far it is.
    pub const fn state(&self) -> State {
        self.state
    }

    /// What has been told so far.
    pub const fn told(&self) -> &Told {
        &self.told
    }

    /// Reads the next message from the bytes of its side that have not been taken yet; `over` says that the stream
    /// ends behind them.
    ///
    /// [`Parse::More`] where bytes are missing, where it is not this side's turn, and where the exchange is over.
    /// [`Parse::Broken`] where the bytes are no such message, or where the stream is over in the middle of one; the
    /// exchange then stays where it is.
    pub fn take(&mut self, side: Side, bytes: &[u8], over: bool) -> Parse<Taken> {
        let Some(message) = self.next.filter(|message| message.side() == side && !bytes.is_empty()) else {
            return Parse::More;
        };
        let read = match message {
            Message::ProxyV1 => proxy_v1::read(bytes),
            Message::ProxyV2 => proxy_v2::read(bytes),
            Message::Socks4Request => socks4::read_request(bytes),
            Message::Socks4Reply => socks4::read_reply(bytes),
            Message::Socks5Greeting => socks5::read_greeting(bytes),
            Message::Socks5Method => socks5::read_choice(bytes, self.offered),
            Message::Socks5AuthRequest => socks5::read_auth_request(bytes),
            Message::Socks5AuthReply => socks5::read_auth_reply(bytes),
            Message::Socks5Request => socks5::read_request(bytes),
            Message::Socks5Reply => socks5::read_reply(bytes),
        };
        match read {
            Parse::Done(read, length) => {
                if message == Message::Socks5Greeting {
                    self.offered = socks5::Methods::of(bytes.get(..length).unwrap_or_default());
                }
                let findings = self.advance(message, read);
                Parse::Done(Taken { message, findings }, length)
            }
            Parse::More if over => Parse::Broken(cut(message, bytes.len())),
            Parse::More => Parse::More,
            Parse::Broken(finding) => Parse::Broken(finding),
        }
    }

    /// Goes on behind a message that was read.
    fn advance(&mut self, message: Message, read: Read) -> Vec<Finding> {
        self.told.source = read.source.or(self.told.source);
        if read.destination.is_some() {
            self.told.destination = read.destination;
        }
        match (message, read.code) {
            (Message::ProxyV1 | Message::ProxyV2, _) => self.end(State::Done),
            (Message::Socks4Request, command) => {
                self.command = command;
                self.next = Some(Message::Socks4Reply);
            }
            (Message::Socks5Request, command) => {
                self.command = command;
                self.next = Some(Message::Socks5Reply);
            }
            (Message::Socks4Reply, socks4::GRANTED) | (Message::Socks5Reply, 0) => self.granted(),
            (Message::Socks4Reply | Message::Socks5Reply, _) => self.end(State::Refused),
            (Message::Socks5Greeting, _) => self.next = Some(Message::Socks5Method),
            (Message::Socks5Method, socks5::NO_AUTHENTICATION) | (Message::Socks5AuthReply, 0) => {
                self.next = Some(Message::Socks5Request);
            }
            (Message::Socks5Method, socks5::PASSWORD) => self.next = Some(Message::Socks5AuthRequest),
            (Message::Socks5Method, socks5::NO_METHOD) | (Message::Socks5AuthReply, _) => {
                self.end(State::Refused);
            }
            (Message::Socks5Method, _) => self.end(State::Opaque),
            (Message::Socks5AuthRequest, _) => self.next = Some(Message::Socks5AuthReply),
        }
        read.findings
    }

    /// The proxy does what it was asked for. BIND has two replies: the proxy listens, and somebody came.
    fn granted(&mut self) {
        match self.command {
            socks5::CONNECT => self.end(State::Done),
            socks5::BIND if self.bound => self.end(State::Done),
            socks5::BIND => self.bound = true,
            _ => self.end(State::Opaque),
        }
    }

    fn end(&mut self, state: State) {
        self.next = None;
        self.state = state;
    }
}

/// A message that the end of its stream cut off.
fn cut(message: Message, length: usize) -> Finding {
    let rule = match message.kind() {
        Kind::ProxyV1 | Kind::ProxyV2 => Rule::ProxyMalformed,
        Kind::Socks4 | Kind::Socks5 => Rule::SocksMalformed,
    };
    rule.says(BitRange::bytes(0, length), facts!("cut", length))
}
