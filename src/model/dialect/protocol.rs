//! What a [`Protocol`] says of itself by its table.

use std::fmt;
use std::str::FromStr;

use super::{
    ALL, Dialect, HIXIE75, HIXIE76, HYBI2, HYBI4, HYBI5, HYBI6, HYBI7, HYBI8, Opening, RFC6455, Signal,
};
use crate::model::protocol::{Family, Protocol};

impl Family {
    /// The latest version of the family: what frames without a handshake are taken for.
    pub fn latest(self) -> Protocol {
        let latest = ALL.iter().rev().find(|dialect| dialect.family() == self);
        latest.map_or(Protocol::LATEST, |dialect| dialect.protocol)
    }
}

impl Protocol {
    /// What this version is, as data; none for what is no WebSocket.
    pub const fn dialect(self) -> Option<&'static Dialect> {
        match self {
            Self::Hixie75 => Some(&HIXIE75),
            Self::Hixie76 => Some(&HIXIE76),
            Self::Hybi2 => Some(&HYBI2),
            Self::Hybi4 => Some(&HYBI4),
            Self::Hybi5 => Some(&HYBI5),
            Self::Hybi6 => Some(&HYBI6),
            Self::Hybi7 => Some(&HYBI7),
            Self::Hybi8 => Some(&HYBI8),
            Self::Rfc6455 => Some(&RFC6455),
            _ => None,
        }
    }

    /// The same, and RFC 6455 for what is no WebSocket: for who reads frames all the same.
    pub const fn dialect_or_latest(self) -> &'static Dialect {
        match self.dialect() {
            Some(dialect) => dialect,
            None => &RFC6455,
        }
    }

    /// The stable identifier, as in `--protocol hixie-76`.
    pub const fn id(self) -> &'static str {
        match (self.dialect(), self) {
            (Some(dialect), _) => dialect.id,
            (None, Self::FlashPolicy) => "flash-policy",
            (None, Self::Http) => "http",
            (None, Self::Http2) => "http2",
            (None, Self::Tls) => "tls",
            (None, Self::Proxy) => "proxy",
            (None, Self::Socks) => "socks",
            (None, _) => "unknown",
        }
    }

    /// The message id of its name for people.
    pub const fn word(self) -> &'static str {
        match (self.dialect(), self) {
            (Some(dialect), _) => dialect.word,
            (None, Self::FlashPolicy) => "version-flash-policy",
            (None, Self::Http) => "version-http",
            (None, Self::Http2) => "version-http2",
            (None, Self::Tls) => "version-tls",
            (None, Self::Proxy) => "version-proxy",
            (None, Self::Socks) => "version-socks",
            (None, _) => "version-unknown",
        }
    }

    /// How this version cuts its stream into frames; none for what is not a WebSocket.
    pub const fn family(self) -> Option<Family> {
        match self.dialect() {
            Some(dialect) => Some(dialect.family()),
            None => None,
        }
    }

    /// The value of `Sec-WebSocket-Version` with which a client asks for this version.
    pub const fn version_number(self) -> Option<u8> {
        match self.dialect() {
            Some(Dialect { opening: Opening { signal: Signal::Version(number), .. }, .. }) => Some(*number),
            _ => None,
        }
    }

    /// The version that a value of `Sec-WebSocket-Version` asks for.
    pub fn from_version_number(number: u8) -> Option<Self> {
        Self::WEBSOCKET.into_iter().find(|protocol| protocol.version_number() == Some(number))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A protocol identifier that is none of [`Protocol::ALL`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no protocol is called `{0}`; there are {versions}, flash-policy and http", versions = versions())]
pub struct UnknownProtocol(pub String);

fn versions() -> String {
    Protocol::WEBSOCKET.map(Protocol::id).join(", ")
}

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(text: &str) -> Result<Self, UnknownProtocol> {
        Self::ALL.into_iter().find(|p| p.id() == text).ok_or_else(|| UnknownProtocol(text.to_owned()))
    }
}
