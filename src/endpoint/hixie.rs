//! An open connection of hixie-75 or hixie-76.

use std::collections::VecDeque;

use super::event::{Event, Options, SendError, Show};
use crate::facts;
use crate::model::dialect::Dialect;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Reaction, Rule};
use crate::wire::Parse;
use crate::wire::frame::hixie::{self, CLOSE, Header, TERMINATOR, check_header, encode_sized};
use crate::wire::message::Kind;

/// The type byte with which servers sent binary data.
const BINARY: u8 = 0x80;

/// One end of an open connection.
#[derive(Debug)]
pub(super) struct Hixie {
    dialect: &'static Dialect,
    side: Side,
    options: Options,
    /// The beginning of a header that is not whole yet.
    partial: Vec<u8>,
    frame: Option<Reading>,
    payload: Vec<u8>,
    sent_close: bool,
    received_close: bool,
    failed: bool,
    over: bool,
}

/// The frame that is being read.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// Up to `FF`.
    Delimited { text: bool },
    /// That many bytes more.
    Sized { left: u64 },
}

impl Hixie {
    pub(super) fn new(dialect: &'static Dialect, side: Side, options: Options) -> Self {
        Self {
            dialect,
            side,
            options,
            partial: Vec::new(),
            frame: None,
            payload: Vec::new(),
            sent_close: false,
            received_close: false,
            failed: false,
            over: false,
        }
    }

    pub(super) const fn protocol(&self) -> Protocol {
        self.dialect.protocol
    }

    /// Whether the version says goodbye with `FF 00`.
    fn says_goodbye(&self) -> bool {
        self.dialect.closing.is_answered()
    }

    /// Takes in bytes of the peer.
    pub(super) fn receive(&mut self, mut bytes: &[u8], out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        while !bytes.is_empty() && !self.failed && !self.received_close {
            bytes = match self.frame {
                None => match self.read_header(bytes, out, events) {
                    Some(rest) => rest,
                    None => return,
                },
                Some(Reading::Delimited { text }) => self.read_delimited(text, bytes, out, events),
                Some(Reading::Sized { left }) => self.read_sized(left, bytes, out, events),
            };
        }
    }

    fn read_header<'a>(
        &mut self,
        bytes: &'a [u8],
        out: &mut Vec<u8>,
        events: &mut VecDeque<Event>,
    ) -> Option<&'a [u8]> {
        let before = self.partial.len();
        let room = (Header::MAX - before.min(Header::MAX)).min(bytes.len());
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let (header, length) = match Header::parse(&self.partial) {
            Parse::Done(header, length) => (header, length),
            Parse::More => return None,
            Parse::Broken(finding) => {
                self.fail(finding, out, events);
                return None;
            }
        };
        self.partial.clear();
        let mut findings = Vec::new();
        check_header(header, self.dialect.protocol, self.side.other(), &mut findings);
        for finding in findings {
            events.push_back(self.noticed(finding));
        }
        self.payload.clear();
        let rest = bytes.get(length - before..).unwrap_or_default();
        match header {
            Header::Delimited { frame_type } => {
                self.frame = Some(Reading::Delimited { text: frame_type == 0 });
            }
            _ if header.is_close() => {
                if self.says_goodbye() {
                    self.take_close(out, events);
                }
            }
            Header::Sized { length, length_bytes, .. } => {
                if length > self.options.max_message {
                    let end = 1 + usize::from(length_bytes);
                    self.too_large(BitRange::bytes(1, end), length, out, events);
                    return None;
                }
                self.frame = Some(Reading::Sized { left: length });
                if length == 0 {
                    self.read_sized(0, &[], out, events);
                }
            }
        }
        Some(rest)
    }

    fn read_delimited<'a>(
        &mut self,
        text: bool,
        bytes: &'a [u8],
        out: &mut Vec<u8>,
        events: &mut VecDeque<Event>,
    ) -> &'a [u8] {
        let end = memchr::memchr(TERMINATOR, bytes);
        let (piece, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        // Frames of other types are read and dropped (draft-hixie-76 section 4.2).
        if text {
            let length = self.payload.len() as u64 + piece.len() as u64;
            if length > self.options.max_message {
                self.too_large(BitRange::bytes(0, 1), length, out, events);
                return &[];
            }
            self.payload.extend_from_slice(piece);
        }
        if end.is_none() {
            return &[];
        }
        self.frame = None;
        if text {
            self.take_text(out, events);
        }
        rest.get(1..).unwrap_or_default()
    }

    fn read_sized<'a>(
        &mut self,
        left: u64,
        bytes: &'a [u8],
        out: &mut Vec<u8>,
        events: &mut VecDeque<Event>,
    ) -> &'a [u8] {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (piece, rest) = bytes.split_at(take);
        self.payload.extend_from_slice(piece);
        let left = left - take as u64;
        self.frame = (left > 0).then_some(Reading::Sized { left });
        if left == 0 {
            let payload = std::mem::take(&mut self.payload);
            self.take_message(Kind::Binary, payload, out, events);
        }
        rest
    }

    /// Each byte that is not UTF-8 becomes U+FFFD, as a client must read it; a server may do what it likes (section 5.4
    /// of both drafts), and this one does the same.
    fn take_text(&mut self, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let mut payload = std::mem::take(&mut self.payload);
        if let Err(error) = std::str::from_utf8(&payload) {
            let at = 1 + error.valid_up_to();
            let facts = facts!("byte", at, side = self.side.other());
            events.push_back(self.noticed(Rule::HixieTextNotUtf8.says(BitRange::bytes(at, at + 1), facts)));
            payload = String::from_utf8_lossy(&payload).into_owned().into_bytes();
        }
        self.take_message(Kind::Text, payload, out, events);
    }

    fn take_message(
        &mut self,
        kind: Kind,
        mut payload: Vec<u8>,
        out: &mut Vec<u8>,
        events: &mut VecDeque<Event>,
    ) {
        if self.options.echo && self.may_send().is_ok() && (kind == Kind::Text || self.side == Side::Server) {
            write_message(kind, &payload, out);
        }
        if self.options.show == Show::Whole {
            let length = payload.len() as u64;
            events.push_back(Event::Message { kind, data: payload, length });
            return;
        }
        self.options.show.tell(kind, &payload, events);
        payload.clear();
        self.payload = payload;
    }

    fn noticed(&self, finding: Finding) -> Event {
        Event::Noticed(finding.cited_in(self.dialect, self.side.other()))
    }

    fn take_close(&mut self, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        self.received_close = true;
        events.push_back(Event::CloseReceived { code: None, reason: String::new() });
        if !self.sent_close {
            out.extend_from_slice(&CLOSE);
            self.sent_close = true;
        }
        if self.side == Side::Server {
            self.finish(events);
        }
    }

    fn too_large(&mut self, bits: BitRange, length: u64, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let facts = facts!("large", size = length, limit = self.options.max_message);
        self.fail(Rule::MessageTooLarge.says(bits, facts), out, events);
    }

    /// There is no code that could be sent: `FF 00` where the version has it, then the end of TCP.
    fn fail(&mut self, finding: Finding, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let says = matches!(finding.reaction(), Reaction::Close(_));
        if says && self.says_goodbye() && !self.sent_close {
            out.extend_from_slice(&CLOSE);
            self.sent_close = true;
        }
        self.failed = true;
        let finding = finding.cited_in(self.dialect, self.side.other());
        events.push_back(Event::Failed { findings: vec![finding] });
        self.finish(events);
    }

    /// The transport has ended, or is given up.
    pub(super) fn end_of_input(&mut self, events: &mut VecDeque<Event>) {
        if self.over {
            return;
        }
        if matches!(self.frame, Some(Reading::Delimited { .. })) {
            let finding = Rule::HixieUnterminated.about(facts!("connection"));
            let finding = finding.cited_in(self.dialect, self.side.other());
            // It says why the end is not clean.
            self.failed = true;
            events.push_back(Event::Failed { findings: vec![finding] });
        } else if self.frame.is_some() || !self.partial.is_empty() {
            self.failed = true;
        } else if self.says_goodbye() && self.sent_close && !self.received_close {
            events.push_back(self.noticed(hixie::not_answered(None, self.side.other())));
        }
        self.finish(events);
    }

    fn finish(&mut self, events: &mut VecDeque<Event>) {
        if self.over {
            return;
        }
        self.over = true;
        // hixie-75 has no closing handshake: the end of TCP between two frames is how it closes.
        let said = !self.says_goodbye() || (self.sent_close && self.received_close);
        let clean = said && !self.failed;
        events.push_back(Event::Closed { clean, code: if clean { 1005 } else { 1006 } });
    }

    /// Whether the transport is to be closed now.
    pub(super) fn wants_close(&self) -> bool {
        self.over || (!self.says_goodbye() && self.sent_close)
    }

    /// Whether both ends said goodbye.
    pub(super) fn is_closed(&self) -> bool {
        self.over || (self.sent_close && (self.received_close || !self.says_goodbye()))
    }

    pub(super) fn set_show(&mut self, show: Show) {
        self.options.show = show;
    }

    pub(super) fn may_send(&self) -> Result<(), SendError> {
        if self.sent_close || self.failed || self.over { Err(SendError::Closing) } else { Ok(()) }
    }

    /// Sends a message. Binary data only a server sends, as some of the time did.
    pub(super) fn message_out(
        &mut self,
        kind: Kind,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        if kind != Kind::Text && self.side == Side::Client {
            return Err(SendError::NoBinary(self.dialect.protocol));
        }
        write_message(kind, payload, out);
        Ok(())
    }

    /// Says goodbye: with `FF 00`, or in hixie-75 by closing the transport.
    pub(super) fn close(&mut self, out: &mut Vec<u8>) {
        if self.says_goodbye() {
            out.extend_from_slice(&CLOSE);
        }
        self.sent_close = true;
    }
}

fn write_message(kind: Kind, payload: &[u8], out: &mut Vec<u8>) {
    if kind == Kind::Text {
        out.push(0x00);
        out.extend_from_slice(payload);
        out.push(TERMINATOR);
    } else {
        encode_sized(BINARY, payload, out);
    }
}
