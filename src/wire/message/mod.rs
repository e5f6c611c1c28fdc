//! Frames to messages, for the hybi family (RFC 6455 sections 5.4 to 5.6, RFC 7692 section 7.2).
//!
//! The dissector and the live endpoints put messages together with the same [`Assembler`], so that they find the
//! same mistakes. An endpoint ends the connection at the first finding whose reaction says so; the dissector reads
//! on, and the assembler says below how it makes sense of what comes after a mistake:
//! - text that is not UTF-8 is reported once a message and handed on as it is;
//! - a message that does not inflate ends there, and the next one begins with an empty window;
//! - a message that is larger than the limit is not handed on beyond it;
//! - a continuation of nothing is read as a binary message, and a message that interrupts another replaces it;
//! - a frame with a reserved opcode belongs to no message.
//!
//! What an extension made of a message that this program does not know is not judged, and handed on as it is.

mod kind;
mod pairs;
mod rules;

pub use kind::{Complete, Kind};
pub use pairs::{CloseTracker, PingTracker, REMEMBERED_PINGS};
pub use rules::{Reserved, broken_rules, check_header};

use super::close::{self, CloseBody};
use super::deflate::{InflateError, Inflater, Params, Unit};
use super::frame::hybi::{Header, Opcode};
use super::utf8::Validator;
use crate::facts;
use crate::model::dialect::{Dialect, RFC6455};
use crate::model::facts::Facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::model::tells::Tells;

/// The longest payload of a control frame.
const CONTROL: usize = 125;

/// Puts together the messages that one side sends, and checks them.
///
/// For each frame: [`begin`](Self::begin), then [`data`](Self::data) for its payload in any pieces, then
/// [`end`](Self::end). What the findings are does not depend on the pieces. Nothing is kept of a message but the
/// state of its checks; the bits of the findings count from the frame's first bit.
#[derive(Debug)]
pub struct Assembler {
    sender: Side,
    dialect: &'static Dialect,
    deflate: Option<Params>,
    /// An extension was agreed on that nobody here knows.
    foreign: bool,
    max_message: u64,
    max_inflated: u64,
    closed: bool,
    /// Bytes were lost, so that a message may have begun in them.
    after_gap: bool,
    inflater: Option<Box<Inflater>>,
    /// Why the window lacks what the sender's holds.
    window: Window,
    message: Option<Open>,
    frame: Frame,
    /// The payload of the control frame that is being read.
    control: [u8; CONTROL],
}

/// Whether the inflater's window holds what the sender's holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    Known,
    /// A message did not inflate.
    Broken,
    /// Bytes were not recorded.
    Lost,
}

/// The data message that has begun.
#[derive(Clone, Copy, Debug)]
struct Open {
    kind: Kind,
    /// All of it, or some of its frames.
    compressed: bool,
    /// An extension that nobody here knows made its payload.
    coded: bool,
    /// Nothing was found wrong with its payload.
    whole: bool,
    /// Nothing more of it can be handed on.
    given_up: bool,
    text: Text,
    length: u64,
    frames: u32,
}

/// The check of a text message.
#[derive(Clone, Copy, Debug)]
enum Text {
    Checked(Validator),
    /// It is binary, or a mistake was reported already.
    Unchecked,
}

/// The frame that is being read.
#[derive(Clone, Copy, Debug)]
struct Frame {
    role: Role,
    fin: bool,
    /// Where its last bit (FIN) and its opcode stand.
    fin_bits: BitRange,
    opcode_bits: BitRange,
    /// The length of its header in bytes.
    header: u64,
    /// The length of its payload as the header claims it.
    claimed: u64,
    /// The bytes of its payload so far.
    read: u64,
    /// Its payload is to be inflated.
    compressed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A part of the message that has begun.
    Data,
    Control(Kind),
    /// Nobody knows: its opcode is reserved, or there is no frame.
    Nothing,
}

impl Frame {
    const NONE: Self = Self {
        role: Role::Nothing,
        fin: true,
        fin_bits: BitRange::new(0, 1),
        opcode_bits: BitRange::new(4, 8),
        header: 0,
        claimed: 0,
        read: 0,
        compressed: false,
    };

    /// The bits of the payload's bytes `start..end`.
    fn bits(&self, start: u64, end: u64) -> BitRange {
        let bit = |byte: u64| self.header.saturating_add(byte).saturating_mul(8);
        BitRange::new(bit(start), bit(end))
    }

    /// The bits of the whole payload, as the header claims it.
    fn payload(&self) -> BitRange {
        self.bits(0, self.claimed)
    }
}

impl Assembler {
    /// An assembler for the messages that `sender` sends after the handshake, in RFC 6455. `deflate` is what was agreed
    /// on about compression; `max_message` the largest message, inflated, that is handed on.
    pub fn new(sender: Side, deflate: Option<&Params>, max_message: u64) -> Self {
        Self {
            sender,
            dialect: &RFC6455,
            deflate: deflate.copied(),
            foreign: false,
            max_message,
            max_inflated: max_message,
            closed: false,
            after_gap: false,
            inflater: None,
            window: Window::Known,
            message: None,
            frame: Frame::NONE,
            control: [0; CONTROL],
        }
    }

    /// The same in another version.
    #[must_use]
    pub fn speaking(self, dialect: &'static Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// The same where an extension was agreed on that nobody here knows, if `foreign`.
    #[must_use]
    pub fn with_foreign_extension(self, foreign: bool) -> Self {
        Self { foreign, ..self }
    }

    /// What is made of the reserved bits.
    fn reserved(&self) -> Reserved {
        Reserved { rsv1: self.deflate.map(|params| params.unit), foreign: self.foreign }
    }

    /// Whether the sender has sent a close frame.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// The same with another limit for compressed messages: a reader of recordings takes messages of any size, but
    /// does not inflate without end.
    #[must_use]
    pub fn with_inflate_limit(self, max_inflated: u64) -> Self {
        Self { max_inflated, ..self }
    }

    /// The kind of the data message that has begun and is not complete.
    pub fn in_message(&self) -> Option<Kind> {
        self.message.as_ref().map(|message| message.kind)
    }

    /// Whether the payload that is being read is compressed, so that `out` gets other bytes than [`data`](Self::data).
    pub fn is_compressed(&self) -> bool {
        self.frame.role == Role::Data && self.frame.compressed
    }

    /// Bytes of the stream were lost, or reading begins in its middle. The message that had begun is forgotten. What
    /// cannot be judged any more is not reported: a continuation may continue what was lost, and a compressed
    /// message may copy from it.
    pub fn gap(&mut self) {
        self.after_gap = true;
        self.message = None;
        self.frame = Frame::NONE;
        self.window = Window::Lost;
        if let Some(inflater) = &mut self.inflater {
            inflater.forget();
        }
    }

    /// The header of a frame has been read. Checks all that it says, by itself and after the frames before it.
    #[inline]
    pub fn begin(&mut self, header: &Header, findings: &mut Vec<Finding>) {
        check_header(self.dialect, header, self.sender, self.reserved(), findings);
        // Control frames may follow: a ping is answered until the peer's close frame is there (section 5.5.2).
        if self.closed && !header.opcode.is_control() {
            let facts = facts!("sent", side = self.sender, kind = header.opcode.name());
            self.find(Rule::DataAfterClose.says(BitRange::bytes(0, header.length()), facts), findings);
        }
        self.frame = Frame {
            role: Role::Nothing,
            fin: header.fin,
            fin_bits: header.place(0, 1),
            opcode_bits: header.opcode_bits(),
            header: header.length() as u64,
            claimed: header.payload_length,
            read: 0,
            compressed: false,
        };
        match header.opcode {
            Opcode::TEXT => self.begin_message(Kind::Text, header, findings),
            Opcode::BINARY => self.begin_message(Kind::Binary, header, findings),
            Opcode::CONTINUATION => self.continue_message(findings),
            control => {
                if let Some(kind) = Kind::of_control(control) {
                    self.frame.role = Role::Control(kind);
                    self.closed |= kind == Kind::Close;
                }
            }
        }
        if self.frame.role == Role::Data {
            self.begin_data(header);
            self.check_size(header, findings);
        }
    }

    /// Adds what the version makes of a finding.
    fn find(&self, finding: Finding, findings: &mut Vec<Finding>) {
        findings.extend(finding.judged_in(self.dialect));
    }

    fn begin_message(&mut self, kind: Kind, header: &Header, findings: &mut Vec<Finding>) {
        if let Some(before) = &self.message {
            let facts = facts!("begins", kind = kind.id(), before = before.kind.id());
            findings
                .extend(Rule::FragmentInterrupted.says(header.opcode_bits(), facts).judged_in(self.dialect));
            let per_frame = self.deflate.is_some_and(|params| params.unit == Unit::Frame);
            if before.compressed && !per_frame && self.window == Window::Known {
                self.window = Window::Broken;
            }
        }
        self.after_gap = false;
        let per_message = self.deflate.is_some_and(|params| params.unit == Unit::Message);
        let compressed = header.rsv[0] && per_message;
        if compressed {
            self.begin_inflating();
        }
        let text = if kind == Kind::Text { Text::Checked(Validator::new()) } else { Text::Unchecked };
        self.frame.role = Role::Data;
        self.message = Some(Open {
            kind,
            compressed,
            coded: false,
            whole: true,
            given_up: false,
            text,
            length: 0,
            frames: 1,
        });
    }

    /// What is compressed by itself begins: a message or a frame.
    fn begin_inflating(&mut self) {
        let Some(params) = &self.deflate else { return };
        let (bits, takeover) = (params.window_bits(self.sender), params.context_takeover(self.sender));
        let first = self.inflater.is_none();
        let inflater = self.inflater.get_or_insert_with(|| Box::new(Inflater::new(bits, takeover)));
        if self.window == Window::Lost && first {
            inflater.forget();
        }
        inflater.begin_message();
        if inflater.knows_window() {
            self.window = Window::Known;
        }
    }

    /// What the reserved bits say of a part of a message.
    #[inline]
    fn begin_data(&mut self, header: &Header) {
        let unit = self.deflate.map(|params| params.unit);
        let Some(message) = &mut self.message else { return };
        self.frame.compressed = message.compressed && unit == Some(Unit::Message);
        if header.rsv == [false; 3] {
            return;
        }
        let own = [header.rsv[0] && unit.is_none(), header.rsv[1], header.rsv[2]];
        if self.foreign && own != [false; 3] {
            message.coded = true;
            message.text = Text::Unchecked;
        }
        if header.rsv[0] && unit == Some(Unit::Frame) {
            message.compressed = true;
            self.frame.compressed = true;
            if !message.given_up {
                self.begin_inflating();
            }
        }
    }

    fn continue_message(&mut self, findings: &mut Vec<Finding>) {
        self.frame.role = Role::Data;
        if let Some(message) = &mut self.message {
            message.frames = message.frames.saturating_add(1);
            return;
        }
        if !self.after_gap {
            self.find(Rule::NothingToContinue.says(self.frame.opcode_bits, facts!("nothing")), findings);
        }
        self.message = Some(Open {
            kind: Kind::Binary,
            compressed: false,
            coded: false,
            whole: false,
            given_up: false,
            text: Text::Unchecked,
            length: 0,
            frames: 1,
        });
    }

    /// What is not compressed says in its headers how large it is, so there is no need to wait for its bytes.
    fn check_size(&mut self, header: &Header, findings: &mut Vec<Finding>) {
        let compressed = self.frame.compressed;
        let Some(message) = self.message.as_mut().filter(|message| !compressed && !message.given_up) else {
            return;
        };
        let size = message.length.saturating_add(header.payload_length);
        if size > self.max_message {
            message.given_up = true;
            message.whole = false;
            let facts = facts!("large", size, limit = self.max_message);
            findings.extend(Rule::MessageTooLarge.says(header.length_bits(), facts).judged_in(self.dialect));
        }
    }

    /// The next bytes of the frame's payload, unmasked. `out` gets the message's payload: of a compressed message,
    /// inflated; of a control frame, that frame's payload.
    #[inline]
    pub fn data(&mut self, unmasked: &[u8], findings: &mut Vec<Finding>, out: &mut dyn FnMut(&[u8])) {
        match self.frame.role {
            Role::Data => {
                let language = self.language();
                let Some(message) = &mut self.message else { return };
                if self.frame.compressed {
                    self.inflate(unmasked, findings, out);
                } else {
                    if !message.given_up {
                        message.check_text(language, unmasked, &self.frame, findings);
                        message.length += unmasked.len() as u64;
                        out(unmasked);
                    }
                    self.frame.read += unmasked.len() as u64;
                }
            }
            Role::Control(_) => {
                let kept =
                    self.control.get_mut(self.frame.read.min(CONTROL as u64) as usize..).unwrap_or_default();
                for (slot, &byte) in kept.iter_mut().zip(unmasked) {
                    *slot = byte;
                }
                self.frame.read += unmasked.len() as u64;
                out(unmasked);
            }
            Role::Nothing => self.frame.read += unmasked.len() as u64,
        }
    }

    fn inflate(&mut self, deflated: &[u8], findings: &mut Vec<Finding>, out: &mut dyn FnMut(&[u8])) {
        let (frame, language) = (self.frame, self.language());
        self.frame.read += deflated.len() as u64;
        let (Some(message), Some(inflater)) = (&mut self.message, &mut self.inflater) else { return };
        if message.given_up {
            return;
        }
        // What the frames before inflated to counts, where each is compressed by itself.
        let before = message.length.saturating_sub(inflater.length());
        let limit = self.max_inflated.saturating_sub(before);
        let result = inflater.feed(deflated, limit, &mut |inflated| {
            message.check_inflated_text(language, inflated, &frame, findings);
            message.length += inflated.len() as u64;
            out(inflated);
        });
        self.notice(findings);
        if let Err(error) = result {
            self.give_up(error, findings);
        }
    }

    /// Says what was wrong with a message that inflates all the same.
    #[inline]
    fn notice(&mut self, findings: &mut Vec<Finding>) {
        let (Some(message), Some(inflater)) = (&mut self.message, &mut self.inflater) else { return };
        while let Some(error) = inflater.noticed() {
            message.whole = false;
            findings.push(error.rule().says(self.frame.payload(), error.facts()));
        }
    }

    /// The message does not inflate.
    fn give_up(&mut self, error: InflateError, findings: &mut Vec<Finding>) {
        let Some(message) = &mut self.message else { return };
        message.given_up = true;
        message.whole = false;
        let facts = match (error, self.window) {
            // The bytes were sent but not recorded: nobody is to blame.
            (InflateError::Lost { .. }, Window::Lost) => None,
            (InflateError::Lost { distance }, _) => Some(facts!("lost-before", distance)),
            (InflateError::Limit(_), _) => Some(InflateError::Limit(self.max_inflated).facts()),
            _ => Some(error.facts()),
        };
        if let Some(facts) = facts {
            findings.push(error.rule().says(self.frame.payload(), facts));
        }
        if self.window == Window::Known {
            self.window = Window::Broken;
        }
    }

    /// The frame's payload is complete. A message where this frame completes one; a control frame always does.
    #[inline]
    pub fn end(&mut self, findings: &mut Vec<Finding>, out: &mut dyn FnMut(&[u8])) -> Option<Complete> {
        // What a message inflates to is handed on as it comes, so that nothing is left for the end.
        let _ = out;
        let frame = std::mem::replace(&mut self.frame, Frame::NONE);
        match frame.role {
            Role::Data => {
                if frame.compressed {
                    self.frame = frame;
                    self.finish_inflating(findings);
                    self.frame = Frame::NONE;
                }
                if !frame.fin {
                    return None;
                }
                let mut message = self.message.take()?;
                message.check_end_of_text(self.language(), &frame, findings);
                let Open { kind, compressed, coded, whole, length, frames, .. } = message;
                Some(Complete { kind, length, compressed, coded, frames, whole, close: None })
            }
            Role::Nothing => None,
            Role::Control(kind) => {
                let close = if kind == Kind::Close { self.close_body(&frame, findings) } else { None };
                Some(Complete {
                    kind,
                    length: frame.read,
                    compressed: false,
                    coded: false,
                    frames: 1,
                    whole: true,
                    close,
                })
            }
        }
    }

    fn finish_inflating(&mut self, findings: &mut Vec<Finding>) {
        let whole = self.frame.fin || self.deflate.is_some_and(|params| params.unit == Unit::Frame);
        let (Some(message), Some(inflater)) = (&self.message, &mut self.inflater) else { return };
        if !whole || message.given_up {
            return;
        }
        let result = inflater.finish_message();
        self.notice(findings);
        if let Err(error) = result {
            self.give_up(error, findings);
        }
    }

    /// What judges texts.
    #[inline]
    fn language(&self) -> Language {
        Language { dialect: self.dialect, foreign: self.foreign }
    }

    fn close_body(&self, frame: &Frame, findings: &mut Vec<Finding>) -> Option<CloseBody> {
        let payload = self.control.get(..frame.read.min(CONTROL as u64) as usize)?;
        let first = findings.len();
        close::findings(self.dialect, payload, frame.bits(0, 0).start, findings);
        if frame.read > CONTROL as u64 {
            // The header check said that it is too long. Where the kept part ends says nothing about the reason.
            let kept = frame.bits(0, CONTROL as u64).end;
            let cut = |finding: &Finding| {
                finding.rule == Rule::CloseReasonNotUtf8 && finding.bits.is_some_and(|bits| bits.end == kept)
            };
            let found = findings.split_off(first.min(findings.len()));
            findings.extend(found.into_iter().filter(|finding| !cut(finding)));
        }
        (!payload.is_empty()).then(|| CloseBody::parse_in(self.dialect, payload))
    }
}

/// What judges texts: the version, unless an extension may have made them what they are.
#[derive(Clone, Copy)]
struct Language {
    dialect: &'static Dialect,
    foreign: bool,
}

impl Open {
    /// Text as it stands in the frame: the finding is at the very byte.
    #[inline]
    fn check_text(&mut self, language: Language, bytes: &[u8], frame: &Frame, findings: &mut Vec<Finding>) {
        if let Text::Checked(validator) = &mut self.text
            && let Err(bad) = validator.feed(bytes)
        {
            let at = frame.read + bad as u64;
            let facts = self.bad_byte("byte", bytes, bad);
            self.bad_text(language, frame.bits(at, at + 1), facts, findings);
        }
    }

    /// Inflated text: its bytes are nowhere in the frame, so the finding is at the payload.
    fn check_inflated_text(
        &mut self,
        language: Language,
        bytes: &[u8],
        frame: &Frame,
        findings: &mut Vec<Finding>,
    ) {
        if let Text::Checked(validator) = &mut self.text
            && let Err(bad) = validator.feed(bytes)
        {
            let facts = self.bad_byte("inflated", bytes, bad);
            self.bad_text(language, frame.payload(), facts, findings);
        }
    }

    #[cold]
    fn bad_byte(&self, form: &'static str, bytes: &[u8], bad: usize) -> Facts {
        let byte = bytes.get(bad).copied().unwrap_or_default();
        Facts::form(form).with("index", self.length + bad as u64).with("byte", format!("{byte:02x}"))
    }

    #[cold]
    fn bad_text(&mut self, language: Language, bits: BitRange, facts: Facts, findings: &mut Vec<Finding>) {
        self.text = Text::Unchecked;
        if language.foreign {
            self.coded = true;
            return;
        }
        self.whole = false;
        findings.extend(Rule::TextNotUtf8.says(bits, facts).judged_in(language.dialect));
    }

    fn check_end_of_text(&mut self, language: Language, frame: &Frame, findings: &mut Vec<Finding>) {
        let Text::Checked(validator) = &self.text else { return };
        if self.given_up {
            return;
        }
        if let Err(pending) = validator.finish() {
            if language.foreign {
                self.coded = true;
                return;
            }
            self.whole = false;
            let there = (pending as u64).min(frame.read);
            let bits = match (self.compressed, there) {
                (true, _) => frame.payload(),
                // The character began in an earlier frame; FIN says that nothing follows.
                (false, 0) => frame.fin_bits,
                (false, there) => frame.bits(frame.read - there, frame.read),
            };
            let facts = facts!("cut", count = pending);
            findings.extend(Rule::TextCutUtf8.says(bits, facts).judged_in(language.dialect));
        }
    }
}

#[cfg(test)]
mod tests;
