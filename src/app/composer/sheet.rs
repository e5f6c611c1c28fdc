//! All that is filled in: what undo takes back.

use std::borrow::Cow;
use std::sync::Arc;

use super::entry::Entry;
use crate::capture::typed::parse_hex;
use crate::endpoint::Command;
use crate::model::protocol::{Family, Protocol, Side};
use crate::wire::close::CloseBody;
use crate::wire::compose::{Draft, HixieDraft, HybiDraft, split};
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hixie;
use crate::wire::frame::hybi::Opcode;
use crate::wire::message::Kind;

/// How something is composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// What is to be said; the endpoint makes the frames.
    Message,
    /// A frame, field by field.
    Frame,
    /// Bytes.
    Raw,
}

/// All that is filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Who speaks.
    pub(super) side: Side,
    pub(super) way: Way,
    /// What a message is.
    pub(super) kind: Kind,
    /// A message's payload.
    pub(super) said: Entry,
    /// In how many bytes a fragment a message is cut, if it is.
    pub(super) fragments: Option<usize>,
    /// The close code; none for a close frame without a body.
    pub(super) code: Option<u16>,
    pub(super) reason: String,
    /// A frame of the later versions.
    pub(super) hybi: HybiDraft,
    /// A frame of the first versions.
    pub(super) hixie: HixieDraft,
    /// The payload of the frame.
    pub(super) carried: Entry,
    /// The masking key in hexadecimal digits, and the length that is claimed, as typed.
    pub(super) key: String,
    pub(super) claimed: String,
    pub(super) raw: Entry,
    /// The raw bytes are read as what a connection begins with.
    pub(super) opening: bool,
    /// The raw bytes were a frame until a bit was flipped.
    pub(super) outgrown: bool,
}

/// The key of RFC 6455's examples (section 5.7), until another one is wanted.
const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

impl Default for Sheet {
    fn default() -> Self {
        let hello = "Hello";
        let payload: Arc<[u8]> = hello.as_bytes().into();
        let hybi = HybiDraft { key: KEY, payload: Arc::clone(&payload), ..HybiDraft::new(Side::Client) };
        let hixie = HixieDraft { data: payload, ..HixieDraft::default() };
        let raw = Entry::hex(&hybi.bytes());
        Self {
            side: Side::Client,
            way: Way::Message,
            kind: Kind::Text,
            said: Entry::text(hello),
            fragments: None,
            code: Some(1000),
            reason: String::new(),
            hybi,
            hixie,
            carried: Entry::text(hello),
            key: crate::model::field::hex(&KEY),
            claimed: String::new(),
            raw,
            opening: false,
            outgrown: false,
        }
    }
}

impl Sheet {
    /// Another side speaks: it masks as it must.
    pub(super) fn speak_as(&mut self, side: Side) {
        self.side = side;
        self.hybi.masked = HybiDraft::written_as(self.hybi.coding, side).masked;
    }

    /// A frame stands on the wire like this.
    pub(super) fn write_as(&mut self, coding: Coding) {
        if self.hybi.coding != coding {
            let side = if self.hybi.masked { Side::Client } else { self.side };
            self.hybi.masked = HybiDraft::written_as(coding, side).masked;
            self.hybi.coding = coding;
        }
    }

    /// What it is, as drafts of frames: of a message what an endpoint would send.
    pub(super) fn drafts(&self, protocol: Protocol) -> Vec<Draft> {
        let hixie = protocol.family() == Some(Family::Hixie);
        match self.way {
            Way::Frame if hixie => vec![Draft::Hixie(self.hixie.clone())],
            Way::Frame => vec![Draft::Hybi(self.hybi.clone())],
            Way::Raw => {
                vec![Draft::Raw(self.raw.bytes().map(Cow::into_owned).unwrap_or_default())]
            }
            Way::Message if hixie => vec![Draft::Hixie(self.hixie_message())],
            Way::Message => {
                let frames = HybiDraft::message(
                    self.hybi.coding,
                    self.kind.opcode(),
                    &self.parts(),
                    self.side,
                    self.hybi.key,
                );
                frames.into_iter().map(Draft::Hybi).collect()
            }
        }
    }

    fn hixie_message(&self) -> HixieDraft {
        let data = self.said.shared().unwrap_or_default();
        match self.kind {
            Kind::Close => HixieDraft::close(),
            Kind::Text => HixieDraft { data, ..HixieDraft::default() },
            Kind::Binary | Kind::Ping | Kind::Pong => {
                HixieDraft { frame_type: 0x80, data, ..HixieDraft::default() }
            }
        }
    }

    /// The parts of the message, one a frame.
    fn parts(&self) -> Vec<Vec<u8>> {
        let payload = match self.kind {
            Kind::Close => self.close_body(),
            _ => self.said.bytes().map(Cow::into_owned).unwrap_or_default(),
        };
        match self.fragments.filter(|_| matches!(self.kind, Kind::Text | Kind::Binary)) {
            Some(size) => split(&payload, size),
            None => vec![payload],
        }
    }

    fn close_body(&self) -> Vec<u8> {
        self.code.map(|code| CloseBody::new(code, &self.reason).encode()).unwrap_or_default()
    }

    /// What is sent.
    pub(super) fn command(&self, protocol: Protocol) -> Command {
        match (self.way, self.kind) {
            (Way::Message, Kind::Close) => Command::Close(self.code, self.reason.clone()),
            (Way::Message, Kind::Ping) => Command::Ping(self.parts().concat()),
            (Way::Message, kind) => {
                let whole = protocol.family() == Some(Family::Hixie);
                Command::parts(kind, if whole { vec![self.parts().concat()] } else { self.parts() })
            }
            _ => Command::Raw(self.drafts(protocol).iter().flat_map(Draft::bytes).collect()),
        }
    }

    /// Turns to another way to compose, and takes along what it is as far as it can be.
    pub(super) fn turn(&mut self, way: Way, protocol: Protocol) {
        let drafts = self.drafts(protocol);
        match (way, drafts.as_slice()) {
            // Of several fragments the first: a form holds one frame.
            (Way::Frame, [draft, ..]) if self.way == Way::Message => self.take(draft.clone()),
            (Way::Frame, [Draft::Raw(bytes)]) => {
                let before = match protocol.family() {
                    Some(Family::Hixie) => Draft::Hixie(self.hixie.clone()),
                    _ => Draft::Hybi(self.hybi.clone()),
                };
                match before.follow(bytes.clone()) {
                    // Bytes that are no frame leave the form as it was.
                    Draft::Raw(_) => self.way = Way::Frame,
                    draft => self.take(draft),
                }
            }
            (Way::Raw, drafts) => {
                self.take(Draft::Raw(drafts.iter().flat_map(Draft::bytes).collect()));
                self.opening = false;
            }
            (way, _) => self.way = way,
        }
        self.outgrown = false;
    }

    /// Whether all that was typed can be read.
    pub(super) fn is_readable(&self) -> bool {
        match self.way {
            Way::Message => self.kind == Kind::Close || self.said.bytes().is_ok(),
            Way::Frame => self.carried.bytes().is_ok() && self.key().is_some() && self.claims_a_number(),
            Way::Raw => self.raw.bytes().is_ok(),
        }
    }

    /// The masking key as typed.
    pub(super) fn key(&self) -> Option<[u8; 4]> {
        parse_hex(&self.key).ok().and_then(|key| key.try_into().ok())
    }

    fn claims_a_number(&self) -> bool {
        self.claimed.trim().is_empty() || self.claimed.trim().parse::<u64>().is_ok()
    }

    /// Takes a draft: the form that fits it shows it.
    pub(super) fn take(&mut self, draft: Draft) {
        self.outgrown = false;
        match draft {
            Draft::Hybi(draft) => {
                self.way = Way::Frame;
                self.carried.follow(&draft.payload);
                self.key = crate::model::field::hex(&draft.key);
                self.claimed = draft.claimed.map(|length| length.to_string()).unwrap_or_default();
                self.hybi = draft;
            }
            Draft::Hixie(draft) => {
                self.way = Way::Frame;
                self.carried.follow(&draft.data);
                self.claimed = draft.claimed.map(|length| length.to_string()).unwrap_or_default();
                self.hixie = draft;
            }
            Draft::Raw(bytes) => {
                self.way = Way::Raw;
                self.raw.follow(&bytes);
            }
        }
    }

    /// Flips a bit of all the bytes. What no longer fits the form becomes raw bytes.
    pub(super) fn flip(&mut self, protocol: Protocol, bit: u64) {
        let drafts = self.drafts(protocol);
        let was_raw = self.way == Way::Raw;
        let draft = match drafts.as_slice() {
            [draft] => draft.flip(bit),
            drafts => Draft::Raw(drafts.iter().flat_map(Draft::bytes).collect()).flip(bit),
        };
        self.take(draft);
        self.outgrown = self.way == Way::Raw && !was_raw;
        if self.outgrown {
            self.opening = false;
        }
    }

    /// The payload of the form that is shown, to be filled from a file.
    pub(super) fn entry(&mut self) -> &mut Entry {
        match self.way {
            Way::Message => &mut self.said,
            Way::Frame => &mut self.carried,
            Way::Raw => &mut self.raw,
        }
    }

    /// What was entered as the frame's payload goes into its drafts.
    pub(super) fn carry(&mut self) {
        if let Ok(bytes) = self.carried.shared() {
            self.hybi.payload = Arc::clone(&bytes);
            self.hixie.data = bytes;
        }
    }
}

/// The name of an opcode with its number: `1 text`.
pub(super) fn opcode_name(opcode: Opcode, bits: u8) -> String {
    format!("{bits:X} {}", opcode.name())
}

/// The types that hixie frames were used with.
pub(super) const HIXIE_TYPES: [u8; 4] = [0x00, 0x80, hixie::TERMINATOR, 0x01];
