//! What an endpoint can be told to send: one type for sockets, the window, lessons and the command line.

use super::event::SendError;
use crate::model::dialect::Binary;
use crate::model::protocol::{Protocol, Side};
use crate::wire::frame::hybi::{Header, MAX_CONTROL};
use crate::wire::message::Kind;
use crate::wire::utf8::Validator;

/// Something that an endpoint is told to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A message in one frame. Text has to be UTF-8.
    Message(Kind, Vec<u8>),
    /// A message in as many frames as there are parts. Not in the hixie versions.
    Fragments(Kind, Vec<Vec<u8>>),
    /// A ping. Not in the hixie versions.
    Ping(Vec<u8>),
    /// A pong that nobody asked for. Not in the hixie versions.
    Pong(Vec<u8>),
    /// The closing handshake, with a code and a reason where the version has them.
    Close(Option<u16>, String),
    /// One frame with exactly this header, right or wrong; the payload is masked with the header's key. Not in the hixie
    /// versions.
    Frame(Header, Vec<u8>),
    /// Bytes, right or wrong, at any time. The endpoint takes no notice of what they mean.
    Raw(Vec<u8>),
}

impl Command {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Message(Kind::Text, text.into().into_bytes())
    }

    /// A binary message.
    pub fn binary(data: impl Into<Vec<u8>>) -> Self {
        Self::Message(Kind::Binary, data.into())
    }

    /// A message of these parts: whole where it has one.
    pub fn parts(kind: Kind, mut parts: Vec<Vec<u8>>) -> Self {
        match parts.len() {
            1 => Self::Message(kind, parts.pop().unwrap_or_default()),
            _ => Self::Fragments(kind, parts),
        }
    }

    /// Whether a server that echoes answers it: a message or a ping.
    pub const fn is_answered(&self) -> bool {
        matches!(self, Self::Message(..) | Self::Fragments(..) | Self::Ping(_))
    }

    /// Whether it begins the closing handshake.
    pub const fn closes(&self) -> bool {
        matches!(self, Self::Close(..))
    }

    /// Whether an endpoint of `side` can ever carry this out in this version; what it refuses besides depends on the
    /// state of its connection.
    ///
    /// # Errors
    /// Where the version has no way to say it, or no version has.
    pub fn fits(&self, protocol: Protocol, side: Side) -> Result<(), SendError> {
        let dialect = protocol.dialect_or_latest();
        let frames = &dialect.frames;
        match self {
            Self::Message(Kind::Binary, _) if frames.binary != Binary::Both && side == Side::Client => {
                Err(SendError::NoBinary(protocol))
            }
            Self::Message(Kind::Text, text) => is_text(std::iter::once(text.as_slice())),
            Self::Fragments(..) if !frames.fragments => Err(SendError::NoFragments(protocol)),
            Self::Fragments(Kind::Text, parts) => is_text(parts.iter().map(Vec::as_slice)),
            Self::Ping(_) | Self::Pong(_) if !frames.pings => Err(SendError::NoPing(protocol)),
            Self::Ping(payload) | Self::Pong(payload) if payload.len() > MAX_CONTROL => {
                Err(SendError::ControlTooLong(payload.len()))
            }
            Self::Close(Some(code), _)
                if dialect.closing.has_codes() && !dialect.closing.classify(*code).may_be_sent() =>
            {
                Err(SendError::CloseCode(*code))
            }
            // The versions that have fragments have headers with an opcode.
            Self::Frame(..) if !frames.fragments => Err(SendError::NoSuchFrame(protocol)),
            _ => Ok(()),
        }
    }
}

/// Whether these parts together are UTF-8.
fn is_text<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Result<(), SendError> {
    let (mut validator, mut before) = (Validator::new(), 0);
    for part in parts {
        validator.feed(part).map_err(|at| SendError::NotText(before + at))?;
        before += part.len();
    }
    validator.finish().map_err(|cut| SendError::NotText(before - cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_what_it_has() {
        let fits = |command: Command, protocol| command.fits(protocol, Side::Client);
        let (old, new) = (Protocol::Hixie76, Protocol::Rfc6455);
        let parts = |text: &[u8]| Command::parts(Kind::Text, text.chunks(1).map(<[u8]>::to_vec).collect());
        assert_eq!(fits(Command::text("Hello"), old), Ok(()));
        assert_eq!(fits(Command::binary([0]), old), Err(SendError::NoBinary(old)));
        assert_eq!(Command::binary([0]).fits(old, Side::Server), Ok(()));
        assert_eq!(fits(Command::Ping(Vec::new()), old), Err(SendError::NoPing(old)));
        assert_eq!(fits(parts("ab".as_bytes()), old), Err(SendError::NoFragments(old)));
        assert_eq!(fits(parts(b"a"), old), Ok(()), "one part is a message");
        assert_eq!(fits(Command::Pong(vec![0; 126]), new), Err(SendError::ControlTooLong(126)));
        assert_eq!(fits(Command::Close(Some(1005), String::new()), new), Err(SendError::CloseCode(1005)));
        assert_eq!(fits(Command::Close(Some(1005), String::new()), old), Ok(()), "which has no codes");
        assert_eq!(fits(parts("grün".as_bytes()), new), Ok(()), "a character over two parts");
        assert_eq!(fits(parts(b"gr\xc3"), new), Err(SendError::NotText(2)));
        assert_eq!(fits(Command::Message(Kind::Text, b"a\xff".to_vec()), new), Err(SendError::NotText(1)));
    }
}
