//! Whether the lengths inside a handshake message fit each other and the message.

use super::hello::{ClientHello, Reader, ServerHello};
use super::names;

/// The messages that are read whole, by their types.
pub(super) mod message {
    pub(in super::super) const HELLO_REQUEST: u8 = 0;
    pub(in super::super) const CLIENT_HELLO: u8 = 1;
    pub(in super::super) const SERVER_HELLO: u8 = 2;
    pub(in super::super) const NEW_SESSION_TICKET: u8 = 4;
    pub(in super::super) const CERTIFICATE: u8 = 11;
    pub(in super::super) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(in super::super) const CERTIFICATE_REQUEST: u8 = 13;
    pub(in super::super) const SERVER_HELLO_DONE: u8 = 14;
    pub(in super::super) const CERTIFICATE_VERIFY: u8 = 15;
    pub(in super::super) const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub(in super::super) const FINISHED: u8 = 20;
    pub(in super::super) const CERTIFICATE_STATUS: u8 = 22;
}

/// What a message says in the clear, where it is one that says something about the connection.
pub(super) enum Said {
    Client(Box<ClientHello>),
    Server(Box<ServerHello>),
    Nothing,
}

/// Reads a message of this type; none where a length in it does not fit. Messages whose form depends on what was agreed
/// are not judged.
pub(super) fn read(kind: u8, body: &[u8]) -> Option<Said> {
    match kind {
        message::CLIENT_HELLO => Some(Said::Client(Box::new(ClientHello::read(body)?))),
        message::SERVER_HELLO => Some(Said::Server(Box::new(ServerHello::read(body)?))),
        message::HELLO_REQUEST | message::SERVER_HELLO_DONE => body.is_empty().then_some(Said::Nothing),
        message::CERTIFICATE => {
            let mut from = Reader(body);
            let mut list = Reader(from.vector24()?);
            while !list.0.is_empty() {
                list.vector24()?;
            }
            from.0.is_empty().then_some(Said::Nothing)
        }
        _ => Some(Said::Nothing),
    }
}

/// Whether these bytes can be the beginning of handshake messages in the clear: whole messages of known types, and
/// perhaps one at the end that goes on elsewhere. For records of which it is not known whether they are encrypted;
/// one in some thousands of encrypted ones looks like this too.
pub(super) fn looks_plain(mut fragment: &[u8]) -> bool {
    /// No message in the clear but a certificate is longer, and few of those.
    const LONG: usize = 1 << 16;
    let whole = fragment.len();
    while let Some((&[kind, a, b, c], rest)) = fragment.split_first_chunk::<4>() {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if names::handshake(kind).is_none() || (kind == message::HELLO_REQUEST && whole > 4) {
            return false;
        }
        match rest.get(length..) {
            Some(rest) => fragment = rest,
            None => return length < LONG,
        }
    }
    whole >= 4 && fragment.first().is_none_or(|kind| names::handshake(*kind).is_some())
}
