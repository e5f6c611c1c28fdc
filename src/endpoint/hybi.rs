//! An open connection of hybi-1 to RFC 6455.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use super::event::{Event, Options, Random, SendError, Show};
use crate::facts;
use crate::model::dialect::{BadText, Dialect};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Reaction, Rule};
use crate::wire::close::CloseBody;
use crate::wire::deflate::Deflater;
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hybi::{Header, MAX_CONTROL, Opcode};
use crate::wire::handshake::Agreement;
use crate::wire::message::{Assembler, CloseTracker, Complete, Kind, PingTracker};
use crate::words::Words;

/// The longest reason in a close frame: behind the two bytes of the code.
const MAX_REASON: usize = MAX_CONTROL - 2;

/// What an API reports where the peer's close frame has no code, and where none came (section 7.4.1).
const NO_CODE: u16 = 1005;
const ABNORMAL: u16 = 1006;

/// A buffer for messages gives back what it has above this.
const KEPT: usize = 256 * 1024;

/// One end of an open connection.
pub(super) struct Hybi {
    dialect: &'static Dialect,
    side: Side,
    /// How the peer's frames stand on the wire, and how ours do.
    reading: Coding,
    writing: Coding,
    options: Options,
    assembler: Assembler,
    deflater: Option<Deflater>,
    /// Masking keys; none for a server.
    keys: Option<Random>,
    /// The beginning of a header that is not whole yet.
    partial: Vec<u8>,
    frame: Option<Frame>,
    /// The compressed payload that came last, unmasked.
    scratch: Vec<u8>,
    /// The data message that is being put together.
    message: Vec<u8>,
    /// The payload of the control frame that is being read.
    control: Vec<u8>,
    pings: PingTracker,
    closing: CloseTracker,
    findings: Vec<Finding>,
    /// The body of the close frame that was sent.
    sent_close: Option<Vec<u8>>,
    /// The code of the peer's close frame; 1005, which never stands on the wire, where it has none.
    received_close: Option<u16>,
    /// What follows the peer's close frame.
    late: Late,
    failed: bool,
    over: bool,
}

/// What follows the peer's close frame.
#[derive(Clone, Copy)]
enum Late {
    /// Control frames so far; that many bytes of the last one are still to come.
    Reading { skip: u64 },
    /// Something that is not looked at.
    Deaf,
}

/// The frame whose payload is being read.
#[derive(Clone, Copy)]
struct Frame {
    header: Header,
    read: u64,
}

impl fmt::Debug for Hybi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hybi")
            .field("side", &self.side)
            .field("sent_close", &self.sent_close.is_some())
            .field("received_close", &self.received_close)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl Hybi {
    pub(super) fn new(side: Side, agreement: &Agreement, options: Options, keys: Option<Random>) -> Self {
        let dialect = agreement.protocol.dialect_or_latest();
        let deflate = agreement.deflate.as_ref();
        let coding = |sender| Coding::of(dialect, sender, agreement.connection);
        let deflater = deflate.map(|params| {
            Deflater::new(params.window_bits(side), params.context_takeover(side), options.deflate_level)
        });
        Self {
            dialect,
            side,
            reading: coding(side.other()),
            writing: coding(side),
            options,
            assembler: Assembler::new(side.other(), deflate, options.max_message).speaking(dialect),
            deflater,
            keys,
            partial: Vec::new(),
            frame: None,
            scratch: Vec::new(),
            message: Vec::new(),
            control: Vec::new(),
            pings: PingTracker::new(),
            closing: CloseTracker::new(),
            findings: Vec::new(),
            sent_close: None,
            received_close: None,
            late: Late::Reading { skip: 0 },
            failed: false,
            over: false,
        }
    }

    /// The peer writes frames so, whatever the version says.
    pub(super) const fn read_as(&mut self, coding: Coding) {
        self.reading = coding;
    }

    /// Takes in bytes of the peer.
    pub(super) fn receive(&mut self, mut bytes: &[u8], out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        while !bytes.is_empty() && !self.failed {
            if self.received_close.is_some() {
                return self.pass_over(bytes, events);
            }
            if self.frame.is_none() {
                let Some(rest) = self.read_header(bytes) else { return };
                bytes = rest;
                if self.judge(out, events) {
                    return;
                }
            }
            bytes = self.read_payload(bytes);
            if self.judge(out, events) {
                return;
            }
            self.end_frame(out, events);
        }
    }

    /// Passes over what follows the peer's close frame: control frames may, and nobody waits for them any more. With
    /// the first data frame, or what is no frame, the rest is not looked at (rule 17, section 5.5.1).
    fn pass_over(&mut self, mut bytes: &[u8], events: &mut VecDeque<Event>) {
        while let Late::Reading { skip } = self.late
            && !self.over
            && !bytes.is_empty()
        {
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
            bytes = bytes.get(skipped..).unwrap_or_default();
            self.late = Late::Reading { skip: skip - skipped as u64 };
            if bytes.is_empty() {
                return;
            }
            let before = self.partial.len();
            let room = (Header::MAX - before.min(Header::MAX)).min(bytes.len());
            self.partial.extend_from_slice(bytes.get(..room).unwrap_or_default());
            let Some((header, length)) = self.reading.read(&self.partial) else {
                return;
            };
            self.partial.clear();
            bytes = bytes.get(length - before..).unwrap_or_default();
            if header.opcode.is_control() {
                self.late = Late::Reading { skip: header.payload_length };
            } else {
                self.late = Late::Deaf;
                events.push_back(Event::Noticed(Rule::DataAfterClose.about(facts!("late"))));
            }
        }
    }

    /// Reads a header, and returns what stands behind it. None where more bytes are needed; these are kept.
    fn read_header<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (header, taken) = if self.partial.is_empty() {
            let Some(read) = self.reading.read(bytes) else {
                self.partial.extend_from_slice(bytes);
                return None;
            };
            read
        } else {
            let before = self.partial.len();
            let room = (Header::MAX - before.min(Header::MAX)).min(bytes.len());
            self.partial.extend_from_slice(bytes.get(..room).unwrap_or_default());
            let (header, length) = self.reading.read(&self.partial)?;
            self.partial.clear();
            (header, length - before)
        };
        self.frame = Some(Frame { header, read: 0 });
        self.control.clear();
        if matches!(header.opcode, Opcode::TEXT | Opcode::BINARY) {
            // Of a message that was interrupted, where the version lets that pass.
            self.message.clear();
        }
        self.assembler.begin(&header, &mut self.findings);
        bytes.get(taken..)
    }

    /// Reads as much of the payload as is there, and returns what stands behind it.
    fn read_payload<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(frame) = &mut self.frame else { return bytes };
        let left = frame.header.payload_length - frame.read;
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(take);
        let whole = if frame.header.opcode.is_control() { &mut self.control } else { &mut self.message };
        let start = whole.len();
        if self.assembler.is_compressed() {
            self.scratch.clear();
            self.scratch.extend_from_slice(payload);
            self.reading.mask(&frame.header, &mut self.scratch, frame.read);
            let mut inflated = |piece: &[u8]| whole.extend_from_slice(piece);
            self.assembler.data(&self.scratch, &mut self.findings, &mut inflated);
        } else {
            // Unmasked where it is kept.
            whole.extend_from_slice(payload);
            let plain = whole.get_mut(start..).unwrap_or_default();
            self.reading.mask(&frame.header, plain, frame.read);
            let mut kept = 0;
            self.assembler.data(plain, &mut self.findings, &mut |piece| kept += piece.len());
            whole.truncate(start + kept);
        }
        frame.read += take as u64;
        rest
    }

    /// Ends the frame where its payload is complete.
    fn end_frame(&mut self, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let Some(frame) = self.frame else { return };
        if frame.read < frame.header.payload_length {
            return;
        }
        self.frame = None;
        let whole = if frame.header.opcode.is_control() { &mut self.control } else { &mut self.message };
        let complete = self.assembler.end(&mut self.findings, &mut |piece| whole.extend_from_slice(piece));
        if self.judge(out, events) {
            return;
        }
        if let Some(complete) = complete {
            self.take_message(complete, out, events);
        }
    }

    fn take_message(&mut self, complete: Complete, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        match complete.kind {
            Kind::Text | Kind::Binary => self.take_data(complete.kind, out, events),
            Kind::Ping => {
                // Also behind our own close frame, until the peer's is there (section 5.5.2).
                if self.options.answer_pings {
                    let payload = std::mem::take(&mut self.control);
                    self.frame_out(Opcode::PONG, true, false, &payload, out);
                    self.control = payload;
                }
                events.push_back(Event::Ping(self.control.clone()));
            }
            Kind::Pong => {
                let place =
                    Header::new(Opcode::PONG, self.control.len() as u64).payload_bits(2 + self.control.len());
                if let Some(finding) = self.pings.pong(self.side.other(), &self.control, place) {
                    events.push_back(Event::Noticed(finding));
                }
                events.push_back(Event::Pong(self.control.clone()));
            }
            Kind::Close => self.take_close(complete.close, out, events),
        }
    }

    fn take_data(&mut self, kind: Kind, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let mut message = std::mem::take(&mut self.message);
        if kind == Kind::Text && self.dialect.frames.bad_text == BadText::Replaced {
            let replaced = match String::from_utf8_lossy(&message) {
                Cow::Owned(text) => Some(text),
                Cow::Borrowed(_) => None,
            };
            message = replaced.map_or(message, String::into_bytes);
        }
        if self.options.echo && self.sent_close.is_none() {
            self.message_out(kind, &message, out);
        }
        if self.options.show == Show::Whole {
            let length = message.len() as u64;
            events.push_back(Event::Message { kind, data: std::mem::take(&mut message), length });
        } else {
            self.options.show.tell(kind, &message, events);
        }
        message.clear();
        message.shrink_to(KEPT);
        self.message = message;
    }

    /// The peer closes, or answers (section 5.5.1).
    fn take_close(&mut self, body: Option<CloseBody>, out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let code = body.as_ref().and_then(|body| body.code);
        let reason = body.map(|body| body.reason_text()).unwrap_or_default();
        self.received_close = Some(code.unwrap_or(NO_CODE));
        self.closing.close(self.side.other());
        events.push_back(Event::CloseReceived { code, reason });
        if self.dialect.closing.repeats_body() {
            // One with another body than ours is no acknowledgement, and is acknowledged itself (hybi-04 section 4.5.1).
            let body = std::mem::take(&mut self.control);
            if self.sent_close.as_ref().is_none_or(|sent| *sent != body) {
                self.close_body_out(body, out);
            }
        } else if self.sent_close.is_none() {
            // "When sending a Close frame in response, the endpoint typically echos the status code it received."
            self.close_out(code, "", out);
        }
        if self.side == Side::Server {
            self.finish(events);
        }
    }

    /// Ends the connection where a rule is broken that asks for it; says the rest. Whether it ended.
    #[inline]
    fn judge(&mut self, out: &mut Vec<u8>, events: &mut VecDeque<Event>) -> bool {
        !self.findings.is_empty() && self.judge_closely(out, events)
    }

    #[cold]
    fn judge_closely(&mut self, out: &mut Vec<u8>, events: &mut VecDeque<Event>) -> bool {
        let mut findings = std::mem::take(&mut self.findings);
        let fatal = findings
            .iter()
            .position(|finding| matches!(finding.reaction(), Reaction::Close(_) | Reaction::Drop));
        let Some(fatal) = fatal else {
            events.extend(findings.into_iter().map(Event::Noticed));
            return false;
        };
        findings.swap(0, fatal);
        if let Some(finding) = findings.first()
            && let Reaction::Close(code) = finding.reaction()
            && self.sent_close.is_none()
        {
            // The words on the wire are English.
            let reason = format!("{}: {}", finding.rule.id(), Words::english().title(finding.rule));
            self.close_out(Some(code), cut(&reason), out);
        }
        self.failed = true;
        events.push_back(Event::Failed { findings });
        self.finish(events);
        true
    }

    /// The transport has ended, or is given up.
    pub(super) fn end_of_input(&mut self, events: &mut VecDeque<Event>) {
        if let Some(finding) = self.closing.end().filter(|_| !self.over && !self.failed) {
            events.push_back(Event::Noticed(finding));
        }
        self.finish(events);
    }

    fn finish(&mut self, events: &mut VecDeque<Event>) {
        if self.over {
            return;
        }
        self.over = true;
        let code = self.received_close.unwrap_or(ABNORMAL);
        let clean = self.closing.is_complete() && !self.failed;
        events.push_back(Event::Closed { clean, code });
    }

    /// Whether the transport is to be closed now: a server closes first (section 7.1.1).
    pub(super) fn wants_close(&self) -> bool {
        self.over
    }

    /// Whether both close frames are there; a client then waits for the server to close TCP.
    pub(super) fn is_closed(&self) -> bool {
        self.over || self.closing.is_complete()
    }

    pub(super) fn set_show(&mut self, show: Show) {
        self.options.show = show;
    }

    pub(super) fn may_send(&self) -> Result<(), SendError> {
        if self.sent_close.is_some() || self.failed || self.over { Err(SendError::Closing) } else { Ok(()) }
    }

    /// Sends a message in one frame.
    pub(super) fn message_out(&mut self, kind: Kind, payload: &[u8], out: &mut Vec<u8>) {
        match &mut self.deflater {
            Some(deflater) => {
                let compressed = deflater.compress(payload);
                self.frame_out(kind.opcode(), true, true, &compressed, out);
            }
            None => self.frame_out(kind.opcode(), true, false, payload, out),
        }
    }

    /// Sends a message in as many frames as there are parts. A compressed message is compressed as a whole and cut
    /// into as many pieces of the same size (RFC 7692 section 6.1).
    pub(super) fn fragments_out(&mut self, kind: Kind, parts: &[&[u8]], out: &mut Vec<u8>) {
        let compressed = self.deflater.as_mut().map(|deflater| deflater.compress(&parts.concat()));
        let count = parts.len().max(1);
        let pieces: Vec<&[u8]> = match &compressed {
            Some(bytes) => (0..count)
                .map(|at| {
                    bytes.get(bytes.len() * at / count..bytes.len() * (at + 1) / count).unwrap_or_default()
                })
                .collect(),
            None if parts.is_empty() => vec![&[]],
            None => parts.to_vec(),
        };
        for (at, piece) in pieces.iter().enumerate() {
            let opcode = if at == 0 { kind.opcode() } else { Opcode::CONTINUATION };
            self.frame_out(opcode, at + 1 == count, at == 0 && compressed.is_some(), piece, out);
        }
    }

    pub(super) fn ping_out(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), SendError> {
        short_enough(payload)?;
        self.pings.ping(self.side, payload);
        self.frame_out(Opcode::PING, true, false, payload, out);
        Ok(())
    }

    pub(super) fn pong_out(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), SendError> {
        short_enough(payload)?;
        self.frame_out(Opcode::PONG, true, false, payload, out);
        Ok(())
    }

    /// Begins the closing handshake.
    pub(super) fn close(
        &mut self,
        code: Option<u16>,
        reason: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let codes = self.dialect.closing.has_codes();
        if let Some(code) = code.filter(|code| codes && !self.dialect.closing.classify(*code).may_be_sent()) {
            return Err(SendError::CloseCode(code));
        }
        if reason.len() > MAX_REASON {
            return Err(SendError::ControlTooLong(2 + reason.len()));
        }
        self.close_out(code, reason, out);
        Ok(())
    }

    fn close_out(&mut self, code: Option<u16>, reason: &str, out: &mut Vec<u8>) {
        let payload = if self.dialect.closing.has_codes() {
            code.map(|code| CloseBody::new(code, reason).encode()).unwrap_or_default()
        } else {
            // Before there were codes a body is the sender's own; in hybi-05 its first byte says who began.
            self.dialect.closing.initiator(self.side).into_iter().chain(reason.bytes()).collect()
        };
        self.close_body_out(payload, out);
    }

    fn close_body_out(&mut self, payload: Vec<u8>, out: &mut Vec<u8>) {
        self.frame_out(Opcode::CLOSE, true, false, &payload, out);
        self.sent_close = Some(payload);
        self.closing.close(self.side);
    }

    fn frame_out(&mut self, opcode: Opcode, fin: bool, rsv1: bool, payload: &[u8], out: &mut Vec<u8>) {
        let mut header = Header::new(opcode, payload.len() as u64);
        header.fin = fin;
        header.rsv[0] = rsv1;
        header.mask = self.keys.as_mut().map(|keys| {
            let mut key = [0; 4];
            keys(&mut key);
            key
        });
        header.key_first = self.writing.covers_header();
        self.writing.write(&header, payload, out);
    }

    /// How this end writes frames.
    pub(super) const fn coding(&self) -> Coding {
        self.writing
    }

    /// Sends a frame with exactly this header, right or wrong.
    pub(super) fn raw_frame_out(&self, header: &Header, payload: &[u8], out: &mut Vec<u8>) {
        self.writing.write(header, payload, out);
    }
}

fn short_enough(payload: &[u8]) -> Result<(), SendError> {
    if payload.len() > MAX_CONTROL { Err(SendError::ControlTooLong(payload.len())) } else { Ok(()) }
}

/// As much of a reason as a close frame holds.
fn cut(reason: &str) -> &str {
    reason.get(..reason.floor_char_boundary(MAX_REASON)).unwrap_or_default()
}
