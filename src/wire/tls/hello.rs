//! `ClientHello` and `ServerHello` as values: what the two ends offer and choose (RFC 8446 section 4.1, RFC 5246 section
//! 7.4.1).

use super::names;

/// The numbers of the extensions that are read here.
pub(super) mod number {
    pub(in super::super) const SERVER_NAME: u16 = 0;
    pub(in super::super) const ALPN: u16 = 16;
    pub(in super::super) const EARLY_DATA: u16 = 42;
    pub(in super::super) const PRE_SHARED_KEY: u16 = 41;
    pub(in super::super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(in super::super) const ENCRYPTED_CLIENT_HELLO: u16 = 0xFE0D;
}

/// The random of a `ServerHello` that is a request to try again: the SHA-256 of "HelloRetryRequest" (RFC 8446 section
/// 4.1.3).
pub const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
    0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// What a client says first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The highest version that it speaks; from TLS 1.3 on frozen at TLS 1.2.
    pub legacy_version: u16,
    /// Its random bytes. A key log names a connection by them.
    pub random: [u8; 32],
    /// The cipher suites that it offers, the one it likes best first, GREASE among them.
    pub suites: Vec<u16>,
    /// The versions in `supported_versions`, without GREASE; empty where there is no such extension.
    pub versions: Vec<u16>,
    /// The name of the server that it wants to reach.
    pub server_name: Option<String>,
    /// The protocols that it would speak inside, without GREASE.
    pub alpn: Vec<String>,
    /// It offers a key from an earlier connection.
    pub pre_shared_key: bool,
    /// Encrypted data follows before the server has answered.
    pub early_data: bool,
    /// The real hello is encrypted within this one, or it looks so (RFC 9849).
    pub encrypted_client_hello: bool,
}

/// What a server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen; from TLS 1.3 on frozen at TLS 1.2.
    pub legacy_version: u16,
    /// Its random bytes.
    pub random: [u8; 32],
    /// The cipher suite chosen.
    pub suite: u16,
    /// The version in `supported_versions`: TLS 1.3 or later was chosen.
    pub selected_version: Option<u16>,
    /// The protocol chosen for what is inside, where the hello says it (up to TLS 1.2).
    pub alpn: Option<String>,
    /// One of the keys from earlier connections was taken (TLS 1.3).
    pub pre_shared_key: bool,
}

impl ClientHello {
    /// Reads the body of the message; none where a length in it does not fit.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut from = Reader(body);
        let mut hello = Self { legacy_version: from.number()?, random: *from.array()?, ..Self::default() };
        from.vector8()?;
        let suites = from.vector16()?;
        hello.suites = pairs(suites)?;
        from.vector8()?;
        for (number, content) in from.extensions()? {
            let mut content = Reader(content);
            match number {
                number::SERVER_NAME => {
                    let mut list = Reader(content.vector16()?);
                    while !list.0.is_empty() {
                        let kind = list.byte()?;
                        let name = list.vector16()?;
                        if kind == 0 && hello.server_name.is_none() {
                            hello.server_name = Some(text(name));
                        }
                    }
                }
                number::ALPN => hello.alpn = protocols(content.vector16()?)?,
                number::SUPPORTED_VERSIONS => {
                    hello.versions = pairs(content.vector8()?)?;
                    hello.versions.retain(|version| !names::is_grease(*version));
                }
                number::PRE_SHARED_KEY => hello.pre_shared_key = true,
                number::EARLY_DATA => hello.early_data = true,
                number::ENCRYPTED_CLIENT_HELLO => hello.encrypted_client_hello = true,
                _ => {}
            }
        }
        Some(hello)
    }
}

impl ServerHello {
    /// Reads the body of the message; none where a length in it does not fit.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut from = Reader(body);
        let mut hello = Self { legacy_version: from.number()?, random: *from.array()?, ..Self::default() };
        from.vector8()?;
        hello.suite = from.number()?;
        from.byte()?;
        for (number, content) in from.extensions()? {
            let mut content = Reader(content);
            match number {
                number::SUPPORTED_VERSIONS => hello.selected_version = Some(content.number()?),
                number::ALPN => hello.alpn = protocols(content.vector16()?)?.into_iter().next(),
                number::PRE_SHARED_KEY => hello.pre_shared_key = true,
                _ => {}
            }
        }
        Some(hello)
    }

    /// The version that both ends speak from here on.
    pub fn version(&self) -> u16 {
        self.selected_version.unwrap_or(self.legacy_version)
    }

    /// Whether the server asks for another `ClientHello` instead of choosing.
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }
}

/// Takes numbers and vectors from the beginning of bytes; none where there are too few.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub(super) fn number(&mut self) -> Option<u16> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    pub(super) fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    pub(super) fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::from(length))
    }

    pub(super) fn vector24(&mut self) -> Option<&'a [u8]> {
        let [a, b, c] = *self.array()?;
        self.take(u32::from_be_bytes([0, a, b, c]) as usize)
    }

    /// The extensions, up to the message's end; a message that ends before them has none.
    fn extensions(&mut self) -> Option<Vec<(u16, &'a [u8])>> {
        if self.0.is_empty() {
            return Some(Vec::new());
        }
        let mut list = Reader(self.vector16()?);
        if !self.0.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        while !list.0.is_empty() {
            found.push((list.number()?, list.vector16()?));
        }
        Some(found)
    }
}

/// Numbers of 16 bits; none where a byte is left over.
fn pairs(bytes: &[u8]) -> Option<Vec<u16>> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

/// The names in a list of protocols, without GREASE (RFC 7301 section 3.1, RFC 8701 section 3.1).
fn protocols(list: &[u8]) -> Option<Vec<String>> {
    let mut list = Reader(list);
    let mut found = Vec::new();
    while !list.0.is_empty() {
        let name = list.vector8()?;
        let grease = matches!(*name, [high, low] if names::is_grease(u16::from_be_bytes([high, low])));
        if !grease {
            found.push(text(name));
        }
    }
    Some(found)
}

/// Bytes as text; what is not UTF-8 becomes U+FFFD.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
