//! The record of TLS: five bytes that say what follows and how long it is, and a fragment of it (RFC 8446 section 5.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------+-------------------------------+---------------+
//! | content type  |     legacy_record_version     |   length ...  |
//! +---------------+-------------------------------+---------------+
//! | ... length    |  fragment                                     |
//! +---------------+-----------------------------------------------+
//! ```

use super::content::Content;
use super::kinds::{ALERT, ALERT_DESCRIPTION, ALERT_LEVEL, CHANGE_CIPHER_SPEC, CONTENT_TYPE, CUT, HEARTBEAT};
use super::kinds::{OTHER, RECORD, RECORD_LENGTH, RECORD_VERSION, encrypted_kind};
use super::pen::Pen;
use super::{handshake, names};
use crate::model::field::{BitRange, Field};

/// `change_cipher_spec`, the content type.
pub const CHANGE_CIPHER_SPEC_TYPE: u8 = 20;
/// `alert`, the content type.
pub const ALERT_TYPE: u8 = 21;
/// `handshake`, the content type.
pub const HANDSHAKE_TYPE: u8 = 22;
/// `application_data`, the content type; in TLS 1.3 also that of everything encrypted.
pub const APPLICATION_DATA_TYPE: u8 = 23;
/// `heartbeat`, the content type (RFC 6520 section 3).
pub const HEARTBEAT_TYPE: u8 = 24;

/// The longest fragment in the clear, in bytes: 2^14 (RFC 8446 section 5.1).
pub const MAX_PLAIN: usize = 1 << 14;
/// The longest encrypted fragment of TLS 1.3, in bytes: 2^14 + 256 (RFC 8446 section 5.2).
pub const MAX_ENCRYPTED_13: usize = MAX_PLAIN + 256;
/// The longest encrypted fragment up to TLS 1.2, in bytes: 2^14 + 2048 (RFC 5246 section 6.2.3).
pub const MAX_ENCRYPTED: usize = MAX_PLAIN + 2048;

/// What stands before each fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// What the fragment is, as the sender says it in the clear.
    pub content_type: u8,
    /// The version as it stands in the record: in TLS 1.3 frozen at 0x0303.
    pub version: u16,
    /// The length of the fragment in bytes, as the header claims it.
    pub length: u16,
}

impl Header {
    /// The length of a header in bytes.
    pub const LENGTH: usize = 5;

    /// The header at the beginning of `bytes`; none while bytes are missing. Every five bytes can be read as one.
    #[inline]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[content_type, major, minor, high, low] = bytes.first_chunk::<{ Self::LENGTH }>()?;
        Some(Self {
            content_type,
            version: u16::from_be_bytes([major, minor]),
            length: u16::from_be_bytes([high, low]),
        })
    }

    /// The five bytes.
    pub const fn encode(self) -> [u8; Self::LENGTH] {
        let [major, minor] = self.version.to_be_bytes();
        let [high, low] = self.length.to_be_bytes();
        [self.content_type, major, minor, high, low]
    }

    /// The length of header and fragment together, in bytes.
    pub const fn record_length(self) -> usize {
        Self::LENGTH + self.length as usize
    }

    /// Whether a record may begin like this: a known type, a version of SSL 3.0 to TLS 1.3, a length within the limit,
    /// and 0 only for application data. For finding a record in the middle of a stream, where one header alone proves
    /// little: look for several in a row.
    pub const fn is_plausible(self) -> bool {
        let [major, minor] = self.version.to_be_bytes();
        matches!(self.content_type, CHANGE_CIPHER_SPEC_TYPE..=HEARTBEAT_TYPE)
            && major == 3
            && minor <= 4
            && self.length as usize <= MAX_ENCRYPTED
            && (self.length > 0 || self.content_type == APPLICATION_DATA_TYPE)
    }

    /// The bits of the content type.
    pub const TYPE_BITS: BitRange = BitRange::bytes(0, 1);
    /// The bits of the version.
    pub const VERSION_BITS: BitRange = BitRange::bytes(1, 3);
    /// The bits of the length.
    pub const LENGTH_BITS: BitRange = BitRange::bytes(3, 5);
}

/// Whether a stream is TLS, judged by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Beginning {
    /// It is not.
    No,
    /// All bytes so far fit; more are needed.
    More,
    /// It is.
    Yes,
}

/// Whether a stream that begins with `bytes` is TLS: the client's, with a `ClientHello`, the server's, with a
/// `ServerHello`, or either with an alert.
///
/// It takes 11 bytes to say yes to a hello: the header, the message's type and length, which have to fit each other,
/// and the version in the message. No byte of these is one that HTTP, SOCKS or a frame of any WebSocket version would
/// have there, and a length in front of binary messages would have to agree in all of them. The `ClientHello` in the
/// format of SSL 2.0 (RFC 5246 appendix E.2) is not a record and gets a no.
pub fn begins(bytes: &[u8]) -> Beginning {
    let wrong = |at: usize, fits: fn(u8) -> bool| bytes.get(at).is_some_and(|byte| !fits(*byte));
    let kind = bytes.first();
    if wrong(0, |kind| matches!(kind, HANDSHAKE_TYPE | ALERT_TYPE))
        || wrong(1, |major| major == 3)
        || wrong(2, |minor| minor <= 4)
    {
        return Beginning::No;
    }
    let Some(header) = Header::read(bytes) else { return Beginning::More };
    let fragment = bytes.get(Header::LENGTH..).unwrap_or_default();
    if kind == Some(&ALERT_TYPE) {
        return alert_begins(header, fragment);
    }
    let length = usize::from(header.length);
    if length == 0 || length > MAX_PLAIN {
        return Beginning::No;
    }
    hello_begins(length, fragment)
}

fn alert_begins(header: Header, fragment: &[u8]) -> Beginning {
    match fragment {
        _ if header.length != 2 => Beginning::No,
        [] | [1 | 2] => Beginning::More,
        [1 | 2, description, ..] if names::alert(*description).is_some() => Beginning::Yes,
        _ => Beginning::No,
    }
}

fn hello_begins(record: usize, fragment: &[u8]) -> Beginning {
    /// The shortest hello has a version, a random, a session id of no bytes, and (a server's) a suite and a method.
    const SHORTEST: usize = 2 + 32 + 1 + 2 + 1;
    const SIX: usize = 6;
    let inside = fragment.get(..record).unwrap_or(fragment);
    if inside.first().is_some_and(|kind| !matches!(kind, 1 | 2))
        || inside.get(1).is_some_and(|high| *high > 1)
    {
        return Beginning::No;
    }
    if let Some(&[_, a, b, c]) = inside.first_chunk::<4>()
        && u32::from_be_bytes([0, a, b, c]) < SHORTEST as u32
    {
        return Beginning::No;
    }
    if inside.get(4).is_some_and(|major| *major != 3) || inside.get(5).is_some_and(|minor| *minor > 4) {
        return Beginning::No;
    }
    if inside.len() >= SIX {
        return Beginning::Yes;
    }
    // A hello that is cut into records this short goes on in the next one.
    match fragment.get(record..).unwrap_or_default() {
        [HANDSHAKE_TYPE, 3, 0..=4, ..] => Beginning::Yes,
        [] | [HANDSHAKE_TYPE] | [HANDSHAKE_TYPE, 3] => Beginning::More,
        _ => Beginning::No,
    }
}

/// Describes the bytes of one record, from the first of its header to its last or to where the recording ends.
///
/// `content` is what [`Session::record`](super::Session::record) said of it. `before` is how many bytes at the
/// fragment's beginning belong to a handshake message that an earlier record began
/// ([`Borders::before`](super::Borders::before)).
pub fn fields(bytes: &[u8], content: Content, before: usize) -> Field {
    let mut pen = Pen::new(bytes);
    if bytes.len() < Header::LENGTH {
        pen.rest(&CUT);
        return pen.into_group(&RECORD);
    }
    pen.named(&CONTENT_TYPE, 1, |kind| names::content_type(kind as u8));
    pen.named(&RECORD_VERSION, 2, |version| names::version(version as u16));
    pen.number(&RECORD_LENGTH, 2);
    match content {
        Content::Handshake => handshake::fields(&mut pen, before),
        Content::Alert => alert(&mut pen),
        Content::ChangeCipherSpec => {
            pen.number(&CHANGE_CIPHER_SPEC, 1);
        }
        Content::Heartbeat => pen.rest(&HEARTBEAT),
        Content::Other => pen.rest(&OTHER),
        Content::Encrypted(inner) => pen.rest(encrypted_kind(inner)),
    }
    pen.into_group(&RECORD)
}

fn alert(pen: &mut Pen<'_>) {
    if pen.left() == 0 {
        return;
    }
    pen.group(&ALERT, 2, |pen| {
        pen.named(&ALERT_LEVEL, 1, |level| names::alert_level(level as u8));
        pen.named(&ALERT_DESCRIPTION, 1, |description| names::alert(description as u8));
    });
}
