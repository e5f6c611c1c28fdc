//! What may stand before the first byte of a conversation proper: a proxy's words about whom it speaks for, or a
//! client's words to a proxy about whom it wants to speak with.
//!
//! - PROXY protocol, version 1 (a line of text) and version 2 (binary): the client, which is a proxy, sends one header.
//!   Everything behind it is carried; the server sends nothing of its own.
//! - SOCKS 4, 4a and 5: client and proxy talk in turn until the proxy has connected; then both streams are carried.
//!
//! [`begins`] decides whether a connection opens with one of them, [`Exchange`] reads the messages in turn, and
//! [`fields`] describes the bytes of one. A carried stream may begin with another prelude: ask again there.

mod exchange;
mod proxy_v1;
mod proxy_v2;
mod reader;
mod socks4;
mod socks5;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use crate::model::field::{Field, FieldKind};
use crate::model::protocol::Side;

pub use exchange::{Exchange, State, Taken};

/// The kinds of field that preludes are made of.
pub fn kinds() -> impl Iterator<Item = &'static FieldKind> {
    [proxy_v1::KINDS, proxy_v2::KINDS, socks4::KINDS, socks5::KINDS].into_iter().flatten().copied()
}

/// A protocol of preludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// PROXY protocol, version 1.
    ProxyV1,
    /// PROXY protocol, version 2.
    ProxyV2,
    /// SOCKS 4, and 4a, which names its target.
    Socks4,
    /// SOCKS 5 (RFC 1928).
    Socks5,
}

/// What the first bytes of a connection's client say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Beginning {
    /// No prelude of these protocols, whatever follows.
    No,
    /// More bytes decide.
    More,
    /// A prelude of this protocol, whatever follows.
    Yes(Kind),
}

/// Whether a client that sends these bytes first opens with a prelude.
///
/// Decided on as few bytes as are safe, and the same for every longer piece of the same stream. The PROXY headers are
/// unmistakable. A SOCKS client says little: of random openings of ten bytes, one in a million looks like it, and
/// binary data in which a length of 4 or 5 stands first may too (`05 01 00`). The proxy's answer tells: where
/// [`Exchange::take`] finds the first message of the server broken, there was no prelude.
pub fn begins(client: &[u8]) -> Beginning {
    match client.first() {
        None => Beginning::More,
        Some(b'P') => proxy_v1::begins(client),
        Some(b'\r') => proxy_v2::begins(client),
        Some(4) => socks4::begins(client),
        Some(5) => socks5::begins(client),
        Some(_) => Beginning::No,
    }
}

/// A message of a prelude: which, of which protocol. An item keeps it in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Message {
    /// The header line of PROXY version 1.
    ProxyV1,
    /// The header of PROXY version 2.
    ProxyV2,
    /// What a SOCKS 4 client asks for.
    Socks4Request,
    /// The answer of a SOCKS 4 proxy.
    Socks4Reply,
    /// A SOCKS 5 client's list of authentication methods.
    Socks5Greeting,
    /// The proxy's choice among them.
    Socks5Method,
    /// User name and password (RFC 1929).
    Socks5AuthRequest,
    /// Whether they are right (RFC 1929).
    Socks5AuthReply,
    /// What a SOCKS 5 client asks for.
    Socks5Request,
    /// The answer of a SOCKS 5 proxy.
    Socks5Reply,
}

impl Message {
    /// Every message.
    pub const ALL: [Self; 10] = [
        Self::ProxyV1,
        Self::ProxyV2,
        Self::Socks4Request,
        Self::Socks4Reply,
        Self::Socks5Greeting,
        Self::Socks5Method,
        Self::Socks5AuthRequest,
        Self::Socks5AuthReply,
        Self::Socks5Request,
        Self::Socks5Reply,
    ];

    /// The message as one byte.
    pub const fn to_byte(self) -> u8 {
        self as u8
    }

    /// The message that [`to_byte`](Self::to_byte) wrote as this byte.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// The protocol that it belongs to.
    pub const fn kind(self) -> Kind {
        match self {
            Self::ProxyV1 => Kind::ProxyV1,
            Self::ProxyV2 => Kind::ProxyV2,
            Self::Socks4Request | Self::Socks4Reply => Kind::Socks4,
            _ => Kind::Socks5,
        }
    }

    /// Who sends it.
    pub const fn side(self) -> Side {
        match self {
            Self::Socks4Reply | Self::Socks5Method | Self::Socks5AuthReply | Self::Socks5Reply => {
                Side::Server
            }
            _ => Side::Client,
        }
    }

    /// What it is in a few words without a language: `PROXY v1 header`, `SOCKS5 request`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProxyV1 => "PROXY v1 header",
            Self::ProxyV2 => "PROXY v2 header",
            Self::Socks4Request => "SOCKS4 request",
            Self::Socks4Reply => "SOCKS4 reply",
            Self::Socks5Greeting => "SOCKS5 greeting",
            Self::Socks5Method => "SOCKS5 method",
            Self::Socks5AuthRequest => "SOCKS5 password",
            Self::Socks5AuthReply => "SOCKS5 password reply",
            Self::Socks5Request => "SOCKS5 request",
            Self::Socks5Reply => "SOCKS5 reply",
        }
    }
}

/// Where a conversation goes: a name or an address, and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// A host name, or an address of IPv4 or IPv6 as text, without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

/// `example.com:443`, `[::1]:80`.
impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// What a prelude told about the conversation that it carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The real client, before the proxy: from a PROXY header. None where it says `LOCAL` or `UNKNOWN`.
    pub source: Option<SocketAddr>,
    /// The real destination: of a PROXY header, or the target that a SOCKS client asked for.
    pub destination: Option<Target>,
}

/// Describes the bytes of one message, or what is there of it. The leaves tile the bytes, whatever they are.
pub fn fields(message: Message, bytes: &[u8]) -> Field {
    match message {
        Message::ProxyV1 => proxy_v1::fields(bytes),
        Message::ProxyV2 => proxy_v2::fields(bytes),
        Message::Socks4Request => socks4::request_fields(bytes),
        Message::Socks4Reply => socks4::reply_fields(bytes),
        Message::Socks5Greeting => socks5::greeting_fields(bytes),
        Message::Socks5Method => socks5::choice_fields(bytes),
        Message::Socks5AuthRequest => socks5::auth_request_fields(bytes),
        Message::Socks5AuthReply => socks5::auth_reply_fields(bytes),
        Message::Socks5Request => socks5::request_fields(bytes),
        Message::Socks5Reply => socks5::reply_fields(bytes),
    }
}
