//! The versions of the protocol that were ever deployed, and the two ends that speak them.

use std::fmt;

/// What a conversation speaks.
///
/// The identifiers ([`Protocol::id`]) are stable: they stand in the command line's output and options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Protocol {
    /// draft-hixie-thewebsocketprotocol-75 (February 2010), the version of the Flash era.
    Hixie75,
    /// draft-hixie-thewebsocketprotocol-76 (May 2010), the same as draft-ietf-hybi-thewebsocketprotocol-00.
    Hixie76,
    /// draft-ietf-hybi-thewebsocketprotocol-01 to -03: the handshake of hixie-76, and the first frames with a bit MORE.
    Hybi2,
    /// draft-ietf-hybi-thewebsocketprotocol-04 (`Sec-WebSocket-Version: 4`).
    Hybi4,
    /// draft-ietf-hybi-thewebsocketprotocol-05 (`Sec-WebSocket-Version: 5`).
    Hybi5,
    /// draft-ietf-hybi-thewebsocketprotocol-06 (`Sec-WebSocket-Version: 6`).
    Hybi6,
    /// draft-ietf-hybi-thewebsocketprotocol-07 (`Sec-WebSocket-Version: 7`).
    Hybi7,
    /// draft-ietf-hybi-thewebsocketprotocol-08 to -12 (`Sec-WebSocket-Version: 8`).
    Hybi8,
    /// RFC 6455, and the drafts hybi-13 to -17 (`Sec-WebSocket-Version: 13`).
    Rfc6455,
    /// Flash Player's socket policy file, asked for before Flash may open a socket.
    FlashPolicy,
    /// HTTP that never became a WebSocket: polling, long polling, streaming, anything else.
    Http,
    /// HTTP/2: named, and not read further.
    Http2,
    /// TLS records; what is inside them is a conversation of its own.
    Tls,
    /// The PROXY protocol's header, before a connection that a proxy passes on.
    Proxy,
    /// SOCKS: what is said to a proxy before the connection that it passes on.
    Socks,
    /// Bytes that none of the above explains.
    Unknown,
}

/// How a version cuts its stream into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// hixie-75 and hixie-76: a type byte, then either text up to `FF` or a base-128 length.
    Hixie,
    /// hybi-01 to RFC 6455: FIN (or MORE), RSV, opcode, length, and from hybi-04 on a masking key.
    Hybi,
}

impl Protocol {
    /// Every value, in the order of time.
    pub const ALL: [Self; 16] = [
        Self::FlashPolicy,
        Self::Hixie75,
        Self::Hixie76,
        Self::Hybi2,
        Self::Hybi4,
        Self::Hybi5,
        Self::Hybi6,
        Self::Hybi7,
        Self::Hybi8,
        Self::Rfc6455,
        Self::Http,
        Self::Http2,
        Self::Tls,
        Self::Proxy,
        Self::Socks,
        Self::Unknown,
    ];

    /// The versions of the WebSocket protocol itself, in the order of time.
    pub const WEBSOCKET: [Self; 9] = [
        Self::Hixie75,
        Self::Hixie76,
        Self::Hybi2,
        Self::Hybi4,
        Self::Hybi5,
        Self::Hybi6,
        Self::Hybi7,
        Self::Hybi8,
        Self::Rfc6455,
    ];

    /// The version that is meant where nobody says which.
    pub const LATEST: Self = Self::Rfc6455;
}

/// One of the two ends of a conversation, and so one of its two byte streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The end that opened the TCP connection.
    Client,
    /// The end that accepted it.
    Server,
}

impl Side {
    /// Both sides, the client first.
    pub const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// 0 for the client and 1 for the server, to index a pair.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The stable identifier: `client` or `server`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
