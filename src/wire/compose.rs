//! Drafts of frames: fields in, bytes out, also wrong ones; and bytes back into fields.
//!
//! A draft says of each field what is to stand there. What is not said (how long the payload is, how the length is
//! written) follows from the rest as the specification wants it; what is said stands there, right or wrong.

use std::borrow::Cow;
use std::sync::Arc;

use super::Parse;
use super::deflate::Deflater;
use super::frame::coding::Coding;
use super::frame::hixie::{self, TERMINATOR, encode_length};
use super::frame::hybi::{self, LengthForm, Opcode};
use crate::model::protocol::{Family, Side};

/// Something to be sent: a frame of either family, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// A frame of hybi-01 to RFC 6455.
    Hybi(HybiDraft),
    /// A frame of hixie-75 or hixie-76.
    Hixie(HixieDraft),
    /// Bytes.
    Raw(Vec<u8>),
}

impl Draft {
    /// An empty text frame that is as it should be when `side` sends it; without a family no bytes at all.
    pub fn new(family: Option<Family>, side: Side) -> Self {
        match family {
            Some(Family::Hybi) => Self::Hybi(HybiDraft::new(side)),
            Some(Family::Hixie) => Self::Hixie(HixieDraft::default()),
            None => Self::Raw(Vec::new()),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Hybi(draft) => draft.bytes(),
            Self::Hixie(draft) => draft.bytes(),
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    /// The draft of these bytes: of the same form as this one if they fit it, otherwise raw.
    #[must_use]
    pub fn follow(&self, bytes: Vec<u8>) -> Self {
        let read = match self {
            Self::Hybi(before) => HybiDraft::read(&bytes, before).map(Self::Hybi),
            Self::Hixie(before) => HixieDraft::read(&bytes, before).map(Self::Hixie),
            Self::Raw(_) => None,
        };
        read.unwrap_or(Self::Raw(bytes))
    }

    /// The draft whose bytes differ in one bit, counted from the first, the most significant of a byte first. A bit
    /// that is not there changes nothing.
    #[must_use]
    pub fn flip(&self, bit: u64) -> Self {
        let mut bytes = self.bytes();
        let place = usize::try_from(bit / 8).ok();
        match place.and_then(|place| bytes.get_mut(place)) {
            Some(byte) => *byte ^= 0x80 >> (bit % 8),
            None => return self.clone(),
        }
        self.follow(bytes)
    }
}

/// A frame of hybi-01 to RFC 6455, as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HybiDraft {
    /// How it stands on the wire.
    pub coding: Coding,
    /// This is the message's last frame.
    pub fin: bool,
    /// The reserved bits, RSV1 first.
    pub rsv: [bool; 3],
    /// The fourth reserved bit, before hybi-07.
    pub rsv4: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// The key stands in the frame and the payload is masked with it.
    pub masked: bool,
    /// The masking key.
    pub key: [u8; 4],
    /// How the length is written; none for the shortest way.
    pub length_form: Option<LengthForm>,
    /// What the header says about the payload's length; none for the truth.
    pub claimed: Option<u64>,
    /// What the frame carries, before it is deflated and masked.
    pub payload: Arc<[u8]>,
    /// The payload is deflated, as a message of its own, with a window of so many bits.
    pub deflated: Option<u8>,
}

impl HybiDraft {
    /// An empty text message of RFC 6455, masked as `side` must.
    pub fn new(side: Side) -> Self {
        Self::written_as(Coding::LATEST, side)
    }

    /// The same as it stands on the wire in another version.
    pub fn written_as(coding: Coding, side: Side) -> Self {
        Self {
            coding,
            fin: true,
            rsv: [false; 3],
            rsv4: false,
            opcode: Opcode::TEXT,
            masked: matches!(side, Side::Client) && (coding.has_mask_bit() || coding.covers_header()),
            key: [0; 4],
            length_form: None,
            claimed: None,
            payload: Arc::default(),
            deflated: None,
        }
    }

    /// The frames of a message, one a part (RFC 6455 section 5.4).
    pub fn message(coding: Coding, opcode: Opcode, parts: &[Vec<u8>], side: Side, key: [u8; 4]) -> Vec<Self> {
        let last = parts.len().saturating_sub(1);
        let frame = |(at, part): (usize, &Vec<u8>)| Self {
            fin: at == last,
            opcode: if at == 0 { opcode } else { Opcode::CONTINUATION },
            key,
            payload: part.as_slice().into(),
            ..Self::written_as(coding, side)
        };
        parts.iter().enumerate().map(frame).collect()
    }

    /// The payload as it goes out but for the mask.
    fn carried(&self) -> Cow<'_, [u8]> {
        match self.deflated {
            Some(window_bits) => Cow::Owned(Deflater::new(window_bits, false, LEVEL).compress(&self.payload)),
            None => Cow::Borrowed(&self.payload),
        }
    }

    /// What the header says about the length if nothing else is claimed: the payload's length as it goes out.
    pub fn true_length(&self) -> u64 {
        self.carried().len() as u64
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let carried = self.carried();
        let payload_length = self.claimed.unwrap_or(carried.len() as u64);
        let header = hybi::Header {
            fin: self.fin,
            rsv: self.rsv,
            rsv4: self.rsv4,
            opcode: self.opcode,
            mask: (self.masked || self.coding.covers_header()).then_some(self.key),
            key_first: self.coding.covers_header(),
            payload_length,
            length_form: self.length_form.unwrap_or_else(|| LengthForm::minimal(payload_length)),
        };
        let mut bytes = Vec::new();
        self.coding.write(&header, &carried, &mut bytes);
        bytes
    }

    /// The draft that has these bytes. What the bytes do not tell (a key where nothing is masked, what was deflated)
    /// stays as it was. None where they end inside the header.
    pub fn read(bytes: &[u8], before: &Self) -> Option<Self> {
        let (header, length) = before.coding.read(bytes)?;
        let mut carried = bytes.get(length..)?.to_vec();
        before.coding.mask(&header, &mut carried, 0);
        let deflated = before.deflated.filter(|_| *before.carried() == *carried);
        let claimed = header.payload_length;
        Some(Self {
            coding: before.coding,
            fin: header.fin,
            rsv: header.rsv,
            rsv4: header.rsv4,
            opcode: header.opcode,
            masked: header.mask.is_some(),
            key: header.mask.unwrap_or(before.key),
            length_form: (header.length_form != LengthForm::minimal(claimed)).then_some(header.length_form),
            claimed: (claimed != carried.len() as u64).then_some(claimed),
            payload: if deflated.is_some() { Arc::clone(&before.payload) } else { carried.as_slice().into() },
            deflated,
        })
    }
}

/// How hard a payload is deflated.
const LEVEL: u32 = 6;

/// A frame of hixie-75 or hixie-76, as it is to be. The default is an empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HixieDraft {
    /// The type byte. With its high bit a length stands before the data; without it `FF` stands behind.
    pub frame_type: u8,
    /// What the frame carries.
    pub data: Arc<[u8]>,
    /// `FF` stands behind the data of a frame without a length.
    pub terminated: bool,
    /// What a frame with a length says; none for the truth.
    pub claimed: Option<u64>,
    /// The least number of bytes that the length takes, up to 10: more than are needed are 0 in base 128.
    pub digits: u8,
}

impl Default for HixieDraft {
    fn default() -> Self {
        Self { frame_type: 0x00, data: Arc::default(), terminated: true, claimed: None, digits: 1 }
    }
}

impl HixieDraft {
    /// The most bytes that a length may take.
    pub const MAX_DIGITS: u8 = 10;

    /// Whether the frame has a length, by its type.
    pub const fn is_sized(&self) -> bool {
        self.frame_type & 0x80 != 0
    }

    /// The closing frame of hixie-76.
    pub fn close() -> Self {
        Self { frame_type: 0xFF, ..Self::default() }
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.frame_type];
        if self.is_sized() {
            let mut length = Vec::new();
            encode_length(self.claimed.unwrap_or(self.data.len() as u64), &mut length);
            let zeros = usize::from(self.digits.min(Self::MAX_DIGITS)).saturating_sub(length.len());
            // A digit that is 0 and says that another one follows.
            bytes.extend(std::iter::repeat_n(0x80, zeros));
            bytes.append(&mut length);
        }
        bytes.extend_from_slice(&self.data);
        if !self.is_sized() && self.terminated {
            bytes.push(TERMINATOR);
        }
        bytes
    }

    /// The draft that has these bytes. What they do not tell stays as it was. None where there is no byte, and where
    /// the length does not end or is none.
    pub fn read(bytes: &[u8], before: &Self) -> Option<Self> {
        let Parse::Done(header, length) = hixie::Header::parse(bytes) else { return None };
        let rest = bytes.get(length..)?;
        Some(match header {
            hixie::Header::Delimited { frame_type } => {
                let data = rest.strip_suffix(&[TERMINATOR]);
                Self {
                    frame_type,
                    data: data.unwrap_or(rest).into(),
                    terminated: data.is_some(),
                    ..before.clone()
                }
            }
            hixie::Header::Sized { frame_type, length, length_bytes } => Self {
                frame_type,
                data: rest.into(),
                claimed: (length != rest.len() as u64).then_some(length),
                digits: length_bytes,
                ..before.clone()
            },
        })
    }
}

/// A payload in parts of at most `size` bytes, at least one of them.
pub fn split(payload: &[u8], size: usize) -> Vec<Vec<u8>> {
    if payload.is_empty() {
        return vec![Vec::new()];
    }
    payload.chunks(size.max(1)).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..300)
    }

    fn families() -> impl Strategy<Value = Draft> {
        prop::sample::select(vec![
            Draft::new(Some(Family::Hybi), Side::Client),
            Draft::new(Some(Family::Hixie), Side::Client),
            Draft::new(None, Side::Server),
        ])
    }

    #[test]
    fn every_field_can_be_wrong() {
        let right = HybiDraft { payload: (*b"Hello").into(), ..HybiDraft::new(Side::Server) };
        assert_eq!(right.bytes(), b"\x81\x05Hello");
        let wrong = HybiDraft {
            fin: false,
            rsv: [true, false, true],
            opcode: Opcode::new(0xB),
            length_form: Some(LengthForm::Medium),
            claimed: Some(200),
            ..right.clone()
        };
        assert_eq!(wrong.bytes(), b"\x5b\x7e\x00\xc8Hello");
        let deflated = HybiDraft { rsv: [true, false, false], deflated: Some(15), ..right.clone() };
        // The compressed "Hello" of RFC 7692 section 7.2.3.1.
        assert_eq!(deflated.bytes(), b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
        let long = HybiDraft { opcode: Opcode::PING, payload: vec![0; 200].into(), ..right };
        assert_eq!(long.bytes().len(), 204);
    }

    #[test]
    fn hixie_lengths_can_be_padded_and_lie() {
        let right = HixieDraft { frame_type: 0x80, data: (*b"abc").into(), ..HixieDraft::default() };
        assert_eq!(right.bytes(), b"\x80\x03abc");
        let padded = HixieDraft { digits: 3, ..right.clone() };
        assert_eq!(padded.bytes(), b"\x80\x80\x80\x03abc");
        let lying = HixieDraft { claimed: Some(300), ..right };
        assert_eq!(lying.bytes(), b"\x80\x82\x2cabc");
        let open = HixieDraft { data: (*b"abc").into(), terminated: false, ..HixieDraft::default() };
        assert_eq!(open.bytes(), b"\x00abc");
        assert_eq!(HixieDraft::close().bytes(), hixie::CLOSE);
    }

    #[test]
    fn a_flipped_bit_is_read_back_into_the_form() {
        let draft = Draft::Hybi(HybiDraft { payload: (*b"Hello").into(), ..HybiDraft::new(Side::Server) });
        let Draft::Hybi(flipped) = draft.flip(1) else { panic!("the bytes still fit the form") };
        assert_eq!((flipped.rsv, &*flipped.payload), ([true, false, false], &b"Hello"[..]));
        // The length says one more than there is.
        let Draft::Hybi(lying) = draft.flip(14) else { panic!("the bytes still fit the form") };
        assert_eq!(lying.claimed, Some(7));
        // MASK takes four bytes of the payload for the key.
        let Draft::Hybi(masked) = draft.flip(8) else { panic!("the bytes still fit the form") };
        assert_eq!((masked.key, &*masked.payload), (*b"Hell", &[b'o' ^ b'H'][..]));
        // With MASK, one byte is no key.
        let short = Draft::Hybi(HybiDraft { payload: (*b"!").into(), ..HybiDraft::new(Side::Server) });
        assert_eq!(short.flip(8), Draft::Raw(b"\x81\x81!".to_vec()));
        assert_eq!(short.flip(24), short);
    }

    #[test]
    fn what_was_deflated_stays_deflated_while_its_bytes_do() {
        let draft =
            HybiDraft { payload: (*b"Hello").into(), deflated: Some(15), ..HybiDraft::new(Side::Client) };
        let Draft::Hybi(flipped) = Draft::Hybi(draft.clone()).flip(1) else { panic!("it fits") };
        assert_eq!(flipped, HybiDraft { rsv: [true, false, false], ..draft.clone() });
        let payload_bit = (draft.bytes().len() as u64 - 1) * 8;
        let Draft::Hybi(flipped) = Draft::Hybi(draft).flip(payload_bit) else { panic!("it fits") };
        assert_eq!(flipped.deflated, None);
    }

    #[test]
    fn a_message_is_cut_into_frames() {
        let parts = split(b"Hello", 2);
        let frames = HybiDraft::message(Coding::LATEST, Opcode::TEXT, &parts, Side::Server, [0; 4]);
        let bytes: Vec<u8> = frames.iter().flat_map(HybiDraft::bytes).collect();
        assert_eq!(bytes, b"\x01\x02He\x00\x02ll\x80\x01o");
        assert_eq!(split(b"", 3), [b""]);
    }

    proptest! {
        #[test]
        fn bytes_that_fit_come_back(bytes in bytes(), before in families()) {
            prop_assert_eq!(before.follow(bytes.clone()).bytes(), bytes);
        }

        #[test]
        fn flipping_twice_changes_nothing(bytes in bytes(), before in families(), bit in 0..2600u64) {
            let draft = before.follow(bytes.clone());
            prop_assert_eq!(draft.flip(bit).flip(bit).bytes(), bytes);
        }

        #[test]
        fn a_frame_that_says_the_truth_is_read_as_it_was(
            payload in bytes(), fin: bool, rsv: [bool; 3], opcode in 0..16u8, masked: bool, key: [u8; 4],
        ) {
            let draft = HybiDraft {
                fin, rsv, opcode: Opcode::new(opcode), masked, key, payload: payload.into(), ..HybiDraft::new(Side::Client)
            };
            prop_assert_eq!(HybiDraft::read(&draft.bytes(), &draft), Some(draft));
        }

        #[test]
        fn any_lie_can_be_told(payload in bytes(), claimed: u64, digits in 1..=10u8, frame_type: u8) {
            let claimed = Some(claimed);
            let hybi = HybiDraft { claimed, payload: payload.clone().into(), ..HybiDraft::new(Side::Client) };
            prop_assert_eq!(hybi::Header::read(&hybi.bytes()).map(|(header, _)| header.payload_length), claimed);
            let hixie = HixieDraft { claimed, data: payload.into(), digits, frame_type, ..HixieDraft::default() };
            prop_assert_eq!(hixie.bytes().first().copied(), Some(frame_type));
        }

        #[test]
        fn parts_make_the_whole(payload in bytes(), size in 0..40usize) {
            prop_assert_eq!(split(&payload, size).concat(), payload);
        }
    }
}
