//! The two sides of a prelude, message by message.

use super::{Kind, Message, Told};
use crate::model::protocol::Side;
use crate::model::rule::Finding;
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
        Self { next: Some(first), state: State::Going, told: Told::default() }
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
    pub fn take(&mut self, _side: Side, _bytes: &[u8], _over: bool) -> Parse<Taken> {
        Parse::More
    }
}
