//! How the frames of one side stand on the wire: in which layout, and what a mask covers.
//!
//! | drafts | on the wire |
//! |---|---|
//! | hybi-01 to -03 | header, payload; nothing is masked |
//! | hybi-04, client | four bytes of nonce, then header and payload, both XOR 20 bytes that SHA-1 makes |
//! | hybi-05 and -06, client | four bytes of key, then header and payload, both XOR the key |
//! | hybi-04 to -06, server | header, payload |
//! | hybi-07 on | header with MASK and key, then the payload, XOR the key where MASK is 1 |
//!
//! A header is read into the sense and the opcodes of RFC 6455, whatever the draft, so that what follows need not know.

use sha1::{Digest, Sha1};

use super::hybi::{Header, Opcode};
use crate::model::dialect::{Dialect, HYBI07, LastBit, Layout, Masking};
use crate::model::protocol::Side;

/// What hybi-04 hashes behind `Sec-WebSocket-Key` and `Sec-WebSocket-Nonce` (section 4.2).
pub const MASKING_GUID: &str = "61AC5F19-FBBA-4540-B96F-6561F1AB40A8";

/// The key of a connection of hybi-04, 20 bytes: SHA-1 of both fields as they stand in the heads, and a GUID
/// (draft-ietf-hybi-thewebsocketprotocol-04 section 4.2).
pub type ConnectionKey = [u8; 20];

/// The connection's key from the values of `Sec-WebSocket-Key` and `Sec-WebSocket-Nonce`.
pub fn connection_key(key: &str, nonce: &str) -> ConnectionKey {
    let mut hash = Sha1::new();
    for part in [key, nonce, MASKING_GUID] {
        hash.update(part);
    }
    hash.finalize().into()
}

/// What covers a frame of hybi-04: SHA-1 of the frame's nonce and the connection's key (section 4.2).
pub fn frame_key(nonce: [u8; 4], connection: &ConnectionKey) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(nonce);
    hash.update(connection);
    hash.finalize().into()
}

/// How the frames of one side stand on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    layout: &'static Layout,
    cover: Cover,
}

/// What a mask covers, and with what it is combined by XOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    /// The payload with the key behind the length, where the MASK bit says so.
    ByBit,
    /// Nothing. Where later drafts have MASK stands RSV4.
    Nothing,
    /// The frame with the four bytes before it.
    Frame,
    /// The frame with SHA-1 of the four bytes before it and the connection's key.
    Hashed(ConnectionKey),
    /// The frame with the connection's key itself, as libwebsockets did with hybi-04: the four bytes before it are not
    /// used.
    Connection(ConnectionKey),
}

impl Coding {
    /// As in hybi-07 to RFC 6455.
    pub const LATEST: Self = Self { layout: &HYBI07, cover: Cover::ByBit };

    /// How `sender` writes frames in a version. `connection` is the connection's key of hybi-04; where it is not known,
    /// four bytes before a frame are taken for a key as in hybi-05, and nothing sensible will be read.
    pub const fn of(dialect: &Dialect, sender: Side, connection: Option<ConnectionKey>) -> Self {
        let layout = dialect.layout();
        let cover = match (layout.masking, sender, connection) {
            (Masking::Payload, _, _) => Cover::ByBit,
            (Masking::None, _, _) | (_, Side::Server, _) => Cover::Nothing,
            (Masking::Frame, Side::Client, _) | (Masking::HashedFrame, Side::Client, None) => Cover::Frame,
            (Masking::HashedFrame, Side::Client, Some(key)) => Cover::Hashed(key),
        };
        Self { layout, cover }
    }

    /// A frame in this layout whose mask, if its bit says so, covers the payload.
    pub const fn masked_by_bit(layout: &'static Layout) -> Self {
        Self { layout, cover: Cover::ByBit }
    }

    /// A frame in this layout without a mask.
    pub const fn bare(layout: &'static Layout) -> Self {
        Self { layout, cover: Cover::Nothing }
    }

    /// The same, covered with the connection's key itself in place of a hash of it.
    #[must_use]
    pub const fn without_hash(self) -> Self {
        match self.cover {
            Cover::Hashed(key) => Self { cover: Cover::Connection(key), ..self },
            _ => self,
        }
    }

    /// The bits of the header.
    pub const fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// Whether this is how hybi-07 to RFC 6455 write frames.
    #[inline]
    pub fn is_latest(&self) -> bool {
        std::ptr::eq(self.layout, &raw const HYBI07)
    }

    /// Whether the mask stands before the frame and covers all of it.
    pub const fn covers_header(&self) -> bool {
        matches!(self.cover, Cover::Frame | Cover::Hashed(_) | Cover::Connection(_))
    }

    /// Whether the four bytes before a frame are a nonce, from which its mask is computed.
    pub const fn has_nonce(&self) -> bool {
        matches!(self.cover, Cover::Hashed(_) | Cover::Connection(_))
    }

    /// Whether a mask is made by hashing the nonce with the connection's key.
    pub const fn connection(&self) -> Option<&ConnectionKey> {
        match &self.cover {
            Cover::Hashed(key) => Some(key),
            _ => None,
        }
    }

    /// Whether MASK stands where RSV4 stood.
    pub const fn has_mask_bit(&self) -> bool {
        matches!(self.cover, Cover::ByBit)
    }

    /// Reads a header and returns it with its length, key included; none while bytes are missing.
    #[inline]
    pub fn read(&self, bytes: &[u8]) -> Option<(Header, usize)> {
        if self.is_latest() { Header::read(bytes) } else { self.read_older(bytes) }
    }

    fn read_older(&self, bytes: &[u8]) -> Option<(Header, usize)> {
        let (mut header, length) = match self.cover {
            Cover::ByBit => Header::read(bytes)?,
            Cover::Nothing => read_bare(bytes.get(..bytes.len().min(Header::MAX))?)?,
            Cover::Frame | Cover::Hashed(_) | Cover::Connection(_) => {
                let (key, covered) = bytes.split_first_chunk::<4>()?;
                let mut clear = covered.get(..covered.len().min(Header::MAX - 4))?.to_vec();
                self.stream(*key).apply(&mut clear, 0);
                let (mut header, length) = read_bare(&clear)?;
                header.mask = Some(*key);
                header.key_first = true;
                (header, length + 4)
            }
        };
        header.fin ^= self.layout.last == LastBit::More;
        header.opcode = Opcode::new(self.layout.opcode(header.opcode.bits()));
        Some((header, length))
    }

    /// What the first byte of a frame says, in the sense and the opcodes of RFC 6455; none while it is not there.
    pub fn first_byte(&self, bytes: &[u8]) -> Option<u8> {
        let first = if self.covers_header() {
            let (key, covered) = bytes.split_first_chunk::<4>()?;
            let mut clear = [*covered.first()?];
            self.stream(*key).apply(&mut clear, 0);
            clear[0]
        } else {
            *bytes.first()?
        };
        let last = if self.layout.last == LastBit::More { first ^ 0x80 } else { first };
        Some(last & 0xF0 | self.layout.opcode(first))
    }

    /// The bytes of a frame without what covers them; the key before them stays as it is. `bytes` begin where the frame
    /// does.
    pub fn uncovered(&self, bytes: &[u8]) -> Vec<u8> {
        let mut clear = bytes.to_vec();
        if self.covers_header()
            && let Some((key, covered)) = clear.split_first_chunk_mut::<4>()
        {
            self.stream(*key).apply(covered, 0);
        } else if let Some((header, length)) = self.read(bytes)
            && let Some(payload) = clear.get_mut(length..)
        {
            self.mask(&header, payload, 0);
        }
        clear
    }

    /// XORs a part of the payload, the first byte of which is the payload's byte number `offset`, with what covers it.
    /// Masking and unmasking are the same.
    #[inline]
    pub fn mask(&self, header: &Header, payload: &mut [u8], offset: u64) {
        if let Some(key) = header.mask {
            match self.cover {
                Cover::ByBit => super::hybi::mask(payload, key, offset),
                _ if header.key_first => {
                    let before = header.length() as u64 - 4;
                    self.stream(key).apply(payload, before.wrapping_add(offset));
                }
                _ => {}
            }
        }
    }

    /// What covers a frame, byte by byte from its header on.
    pub(crate) fn stream(&self, key: [u8; 4]) -> Stream {
        match &self.cover {
            Cover::ByBit | Cover::Nothing | Cover::Frame => Stream::short(key),
            Cover::Hashed(connection) => Stream { bytes: frame_key(key, connection), period: 20 },
            Cover::Connection(connection) => Stream { bytes: *connection, period: 20 },
        }
    }

    /// Appends a frame with exactly this header, right or wrong. The header's key is written where this coding has one.
    pub fn write(&self, header: &Header, payload: &[u8], out: &mut Vec<u8>) {
        out.reserve(Header::MAX + payload.len());
        let turned = Header {
            fin: header.fin ^ (self.layout.last == LastBit::More),
            opcode: Opcode::new(self.layout.bits(header.opcode.bits())),
            ..*header
        };
        if self.has_mask_bit() {
            turned.encode(out);
            let start = out.len();
            out.extend_from_slice(payload);
            if let Some(written) = out.get_mut(start..) {
                self.mask(header, written, 0);
            }
            return;
        }
        let start = out.len();
        let key = header.mask.filter(|_| self.covers_header());
        out.extend(key.iter().flatten());
        let frame = out.len();
        Header { mask: None, key_first: false, ..turned }.encode(out);
        if let Some(second) = out.get_mut(frame + 1).filter(|_| header.rsv4) {
            *second |= 0x80;
        }
        out.extend_from_slice(payload);
        if let (Some(key), Some(covered)) = (key, out.get_mut(start + 4..)) {
            self.stream(key).apply(covered, 0);
        }
    }
}

/// A header without a mask, in which the second byte begins with RSV4.
fn read_bare(bytes: &[u8]) -> Option<(Header, usize)> {
    let mut bytes = bytes.to_vec();
    let second = bytes.get_mut(1)?;
    let rsv4 = *second & 0x80 != 0;
    *second &= 0x7F;
    let (mut header, length) = Header::read(&bytes)?;
    header.rsv4 = rsv4;
    Some((header, length))
}

/// Bytes that repeat: 4 or 20 of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    bytes: [u8; 20],
    period: usize,
}

impl Stream {
    fn short(key: [u8; 4]) -> Self {
        let mut bytes = [0; 20];
        for (byte, key) in bytes.iter_mut().zip(key) {
            *byte = key;
        }
        Self { bytes, period: 4 }
    }

    /// One period.
    pub(crate) fn period(&self) -> &[u8] {
        self.bytes.get(..self.period).unwrap_or_default()
    }

    /// XORs bytes, the first with the one at `offset`.
    pub(crate) fn apply(&self, bytes: &mut [u8], offset: u64) {
        if let Ok(key) = <[u8; 4]>::try_from(self.period()) {
            return super::hybi::mask(bytes, key, offset);
        }
        let start = (offset % self.period as u64) as usize;
        for (byte, key) in bytes.iter_mut().zip(self.period().iter().cycle().skip(start)) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::dialect::{HYBI2, HYBI4, HYBI5, HYBI05_LATER_MASK, RFC6455};

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn frame(opcode: Opcode, fin: bool, length: u64) -> Header {
        Header { fin, mask: Some([0x37, 0xFA, 0x21, 0x3D]), key_first: true, ..Header::new(opcode, length) }
    }

    fn written(coding: &Coding, header: &Header, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        coding.write(header, payload, &mut out);
        out
    }

    #[test]
    fn hybi_05_covers_the_header_with_its_key() {
        let client = Coding::of(&HYBI5, Side::Client, None);
        let vectors: [(Header, &[u8], &str); 4] = [
            (frame(Opcode::TEXT, true, 5), b"Hello", "37fa213db3ff69585b964e"),
            (frame(Opcode::TEXT, false, 3), b"Hel", "37fa213d33f969585b"),
            (frame(Opcode::CONTINUATION, true, 2), b"lo", "37fa213db7f84d52"),
            (frame(Opcode::CLOSE, true, 2), &[0x03, 0xE8], "37fa213db6f822d5"),
        ];
        for (header, payload, wire) in vectors {
            assert_eq!(written(&client, &header, payload), bytes(wire));
            assert_eq!(client.read(&bytes(wire)), Some((header, 6)));
            let mut plain = bytes(wire).split_off(6);
            client.mask(&header, &mut plain, 0);
            assert_eq!(plain, payload);
        }
        let long = bytes("37fa213db284203d");
        assert_eq!(
            client.read(&long).map(|(header, length)| (header.payload_length, length)),
            Some((256, 8))
        );
    }

    #[test]
    fn hybi_04_hashes_nonce_and_connection_key() {
        let key = connection_key("dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC==");
        assert_eq!(key[..], bytes("41e14f78311e4c34283e6d8b363b8848d58591a7"));
        let client = Coding::of(&HYBI4, Side::Client, Some(key));
        assert_eq!(
            frame_key([0x37, 0xFA, 0x21, 0x3D], &key)[..],
            bytes("824035ac55463da62257d6fb167d1cdc73da0f8e")
        );
        let hello = bytes("37fa213d06457dc9392a52");
        assert_eq!(written(&client, &frame(Opcode::TEXT, true, 5), b"Hello"), hello);
        assert_eq!(client.uncovered(&hello)[4..], *b"\x84\x05Hello");
        assert_eq!(client.first_byte(&hello), Some(0x81));
        // 25 bytes: the 20 begin again.
        let wrapped = bytes("37fa213d065754ce362258c0453fbf917d1171b21caa7efcf13440da22");
        let letters = b"abcdefghijklmnopqrstuvw";
        assert_eq!(written(&client, &frame(Opcode::TEXT, true, 23), letters), wrapped);
        // As libwebsockets wrote it, with the connection's key in place of the hash.
        let lws = connection_key("5GlGVMGy4EyaZwdRYH4R8w==", "7lo4oyzWYrdlFwzDCqs81A==");
        let lws = Coding::of(&HYBI4, Side::Client, Some(lws));
        let wire = bytes("b45d2aa4fe25fb578d0cdc");
        assert_eq!(lws.uncovered(&wire)[4..], bytes("dc8fd99e50696c"));
        assert_eq!(lws.without_hash().uncovered(&wire)[4..], *b"\x84\x05Hello");
    }

    #[test]
    fn hybi_01_has_more_and_no_mask() {
        let either = Coding::of(&HYBI2, Side::Client, None);
        let read = |wire: &str| {
            either.read(&bytes(wire)).map(|(header, _)| (header.opcode, header.fin, header.payload_length))
        };
        assert_eq!(read("040548656c6c6f"), Some((Opcode::TEXT, true, 5)));
        assert_eq!(read("840348656c"), Some((Opcode::TEXT, false, 3)));
        assert_eq!(read("00026c6f"), Some((Opcode::CONTINUATION, true, 2)));
        assert_eq!(read("0204"), Some((Opcode::PING, true, 4)));
        assert_eq!(read("057e0100"), Some((Opcode::BINARY, true, 256)));
        assert_eq!(
            either.read(&bytes("0485")).map(|(header, _)| (header.rsv4, header.payload_length)),
            Some((true, 5))
        );
        assert_eq!(either.first_byte(&[0x84]), Some(0x01));
    }

    #[test]
    fn a_program_masked_as_later_drafts_do() {
        let gem = Coding::masked_by_bit(&HYBI05_LATER_MASK);
        let wire = bytes("848537fa213d7f9f4d5158");
        let (header, length) = gem.read(&wire).unwrap();
        assert_eq!((header.opcode, header.fin, length), (Opcode::TEXT, true, 6));
        assert_eq!(gem.uncovered(&wire)[6..], *b"Hello");
    }

    fn any_coding() -> impl Strategy<Value = Coding> {
        prop_oneof![
            Just(Coding::LATEST),
            Just(Coding::of(&HYBI2, Side::Client, None)),
            Just(Coding::of(&HYBI5, Side::Client, None)),
            Just(Coding::of(&HYBI5, Side::Server, None)),
            Just(Coding::masked_by_bit(&HYBI05_LATER_MASK)),
            any::<[u8; 20]>().prop_map(|key| Coding::of(&HYBI4, Side::Client, Some(key))),
            any::<[u8; 20]>().prop_map(|key| Coding::of(&HYBI4, Side::Client, Some(key)).without_hash()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(
            coding in any_coding(),
            bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let Some((header, length)) = coding.read(&bytes) else { return Ok(()) };
            prop_assert_eq!(coding.first_byte(&bytes).map(|byte| byte & 0x0F), Some(header.opcode.bits()));
            let mut payload = bytes.get(length..).unwrap_or_default().to_vec();
            coding.mask(&header, &mut payload, 0);
            let clear = coding.uncovered(&bytes);
            prop_assert_eq!(&clear[length..], &payload[..]);
            prop_assert_eq!(written(&coding, &header, &payload), bytes);
        }

        #[test]
        fn a_mask_works_from_any_offset(coding in any_coding(), payload in prop::collection::vec(any::<u8>(), 0..64), cut in 0..64usize) {
            let header = Header { key_first: coding.covers_header(), ..frame(Opcode::TEXT, true, payload.len() as u64) };
            let (mut whole, mut parts) = (payload.clone(), payload.clone());
            let cut = cut.min(payload.len());
            coding.mask(&header, &mut whole, 0);
            coding.mask(&header, &mut parts[..cut], 0);
            coding.mask(&header, &mut parts[cut..], cut as u64);
            prop_assert_eq!(whole, parts);
        }
    }

    #[test]
    fn the_latest_is_that_of_the_rfc() {
        assert!(Coding::of(&RFC6455, Side::Client, None).is_latest());
        assert_eq!(Coding::of(&RFC6455, Side::Server, None), Coding::LATEST);
    }
}
