//! What begins here: how the first bytes of a stream, or of what somebody pasted, tell what they are.

use memchr::memchr2;

use crate::model::protocol::Side;
use crate::wire::{prelude, tls};

/// What a stream can begin with where no frames are expected yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// An HTTP request.
    Request,
    /// An HTTP response.
    Response,
    /// Flash Player's question for a policy file.
    PolicyRequest,
    /// A policy file.
    PolicyFile,
    /// The header of a proxy before the connection proper (PROXY, version 1 or 2).
    Prelude,
    /// TLS, by a hello of this side, or by an alert of either.
    Tls(Option<Side>),
}

/// The methods that are known by name: a request is recognised by these before its first line is whole.
const METHODS: [&[u8]; 9] =
    [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"DELETE", b"PATCH", b"TRACE"];

/// No request line is looked for beyond so many bytes.
const LONGEST_LINE: usize = 8192;

/// What these bytes begin with; none where it is none of what has a beginning of its own. Frames have none: any byte
/// may be the first of a frame.
pub fn start_of(bytes: &[u8]) -> Option<Start> {
    // Empty lines before a request do no harm (RFC 9112 section 2.2).
    let empty = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let text = bytes.get(empty..).unwrap_or_default();
    if text.starts_with(b"HTTP/") {
        Some(Start::Response)
    } else if is_request(text) {
        Some(Start::Request)
    } else if bytes.starts_with(b"<policy") {
        Some(Start::PolicyRequest)
    } else if [b"<?xml".as_slice(), b"<cross-domain", b"<!DOCTYPE cross"]
        .iter()
        .any(|begin| bytes.starts_with(begin))
    {
        Some(Start::PolicyFile)
    } else if is_proxy_header(bytes) {
        Some(Start::Prelude)
    } else if tls::begins(bytes) == tls::Beginning::Yes {
        // The type of the message stands behind the header of its record (RFC 8446 section 4).
        Some(Start::Tls(match (bytes.first(), bytes.get(tls::Header::LENGTH)) {
            (Some(0x16), Some(1)) => Some(Side::Client),
            (Some(0x16), Some(2)) => Some(Side::Server),
            _ => None,
        }))
    } else {
        None
    }
}

impl Start {
    /// Who sends it; none where both may.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Request | Self::PolicyRequest | Self::Prelude => Some(Side::Client),
            Self::Response | Self::PolicyFile => Some(Side::Server),
            Self::Tls(side) => side,
        }
    }
}

/// SOCKS is left out: it says too little in its first bytes, which may be a frame's.
fn is_proxy_header(bytes: &[u8]) -> bool {
    matches!(prelude::begins(bytes), prelude::Beginning::Yes(prelude::Kind::ProxyV1 | prelude::Kind::ProxyV2))
}

/// A known method and a space, or a whole first line that ends as a request line does.
fn is_request(text: &[u8]) -> bool {
    let known = |method: &&[u8]| text.strip_prefix(*method).is_some_and(|rest| rest.first() == Some(&b' '));
    if METHODS.iter().any(known) {
        return true;
    }
    let text = text.get(..LONGEST_LINE).unwrap_or(text);
    let Some(line) = memchr2(b'\r', b'\n', text).and_then(|end| text.get(..end)) else { return false };
    let mut words = line.split(|byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let is_method = !method.is_empty() && method.iter().all(|byte| crate::wire::http::is_token_byte(*byte));
    is_method
        && words.count() >= 2
        && line.rsplit(|byte| *byte == b' ').next().is_some_and(|last| last.starts_with(b"HTTP/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_begins() {
        for (bytes, expected) in [
            (&b"GET /"[..], Some(Start::Request)),
            (b"\r\nGET / HTTP/1.1\r\n", Some(Start::Request)),
            (b"get /chat HTTP/1.1\r\n", Some(Start::Request)),
            (b"BREW /pot HTTP/1.0\n", Some(Start::Request)),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Start::Request)),
            (b"HTTP/1.1 101 \r\n", Some(Start::Response)),
            (b"<policy-file-request/>\0", Some(Start::PolicyRequest)),
            (b"<cross-domain-policy>", Some(Start::PolicyFile)),
            (b"PROXY TCP4 10.0.0.1 10.0.0.2 5 80\r\n", Some(Start::Prelude)),
            (&[0x15, 3, 3, 0, 2, 1, 0], Some(Start::Tls(None))),
            (&[0x81, 0x05, 0x48], None),
            // The first frame of a compressed message of several: RSV1, text, and a length.
            (b"A\x05\xf2\x48\xcd\xc9\xc9", None),
            (b"GETAWAY", None),
            (b"Hello HTTP/1.1 is a version\r\n", None),
            (b"", None),
        ] {
            assert_eq!(start_of(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
