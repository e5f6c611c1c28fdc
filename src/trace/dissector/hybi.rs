//! Reading frames of hybi-01 to RFC 6455.

use super::rest::Skip;
use super::{Cx, Link, Mode, Step};
use crate::facts;
use crate::model::dialect::HYBI5;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::fragments::Part;
use crate::trace::item::{ItemKind, Message};
use crate::trace::order::Renumbering;
use crate::trace::stream::Piece;
use crate::wire::deflate::Unit;
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hybi::{Header, MAX_CONTROL, Opcode};
use crate::wire::message::{Assembler, Complete, Kind, Reserved, broken_rules};

/// How many bytes a message may inflate to before the dissector stops inflating it (rule 34).
pub(crate) const INFLATE_LIMIT: u64 = 64 << 20;

/// Payload is unmasked in pieces of this many bytes.
const PIECE: usize = 4096;

/// A lane of frames: the frame that is being read, and what the frames add up to.
#[derive(Debug)]
pub(super) struct HybiFrames {
    /// Whose frames they are, and what is made of their reserved bits.
    side: Side,
    coding: Coding,
    /// A close frame is acknowledged by one with the same body.
    repeats_body: bool,
    reserved: Reserved,
    assembler: Assembler,
    header: Option<Header>,
    /// How many bytes of the payload were read.
    done: u64,
    /// The frame that is being read begins a message.
    begins: bool,
    /// What is said of the frame's header makes it doubtful that this is one: what follows it decides.
    doubt: Option<Doubt>,
    /// The first item of the message whose fragments are arriving.
    first: u32,
    /// The payload of the control frame that is being read.
    control: Vec<u8>,
    /// Room to unmask a piece of payload in.
    plain: Vec<u8>,
}

/// What was said of a header that may be none.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    /// So many rules it would break.
    broken: usize,
    /// So many findings there were with those.
    found: usize,
}

/// Whether bytes are a frame.
enum Verdict {
    Frame,
    Garbage,
    /// What follows them is not there yet.
    Unknown,
}

impl HybiFrames {
    /// Frames of `side`; `lossy` where bytes before them are missing.
    pub(super) fn new(side: Side, link: Link, coding: Coding, lossy: bool) -> Self {
        let dialect = link.protocol.dialect_or_latest();
        let mut assembler = Assembler::new(side, link.deflate.as_ref(), u64::MAX)
            .speaking(dialect)
            .with_foreign_extension(link.foreign)
            .with_inflate_limit(INFLATE_LIMIT);
        if lossy {
            assembler.gap();
        }
        Self {
            side,
            coding,
            repeats_body: dialect.closing.repeats_body(),
            reserved: Reserved { rsv1: link.deflate.map(|params| params.unit), foreign: link.foreign },
            assembler,
            header: None,
            done: 0,
            begins: false,
            doubt: None,
            first: 0,
            control: Vec::new(),
            plain: Vec::new(),
        }
    }

    /// The first item of the message whose fragments are still arriving.
    pub(super) fn unfinished(&self) -> Option<u32> {
        self.assembler.in_message().map(|_| self.first)
    }

    /// Items have new numbers.
    pub(super) fn renumber(&mut self, numbers: &Renumbering) {
        numbers.renumber(&mut self.first);
    }

    #[inline]
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let header = match self.header {
            Some(header) => header,
            None => match self.begin(cx) {
                Ok(header) => header,
                Err(step) => return step,
            },
        };
        self.read_payload(cx, header)
    }

    /// Reads the header at the lane's place and says what it breaks.
    #[inline]
    fn begin(&mut self, cx: &mut Cx<'_>) -> Result<Header, Step> {
        let at = cx.here.at;
        let stream = cx.stream();
        let mut hint = cx.here.hint;
        let direct = match stream.piece(cx.store, at, &mut hint) {
            Piece::Data(bytes) => self.coding.read(bytes),
            Piece::Gap(_) => return Err(gap_in_header(cx, ItemKind::HybiFrame, 0)),
            Piece::End => return Err(needs_more(cx, ItemKind::HybiFrame)),
        };
        cx.here.hint = hint;
        let header = if let Some((header, _)) = direct {
            header
        } else {
            let mut buffer = [0u8; Header::MAX];
            let filled = cx.peek(at, hint, &mut buffer);
            let Some((header, _)) = self.coding.read(&buffer[..filled]) else {
                // What a mask covers says nothing before its first byte is there.
                let begun = self.coding.first_byte(&buffer[..filled]);
                let kind = if begun.is_some() { ItemKind::HybiFrame } else { ItemKind::Unparsed };
                if !self.coding.is_latest() {
                    cx.here.first_byte = begun;
                }
                let gap = is_gap(cx, at + filled as u64, hint);
                return Err(if gap { gap_in_header(cx, kind, filled as u64) } else { needs_more(cx, kind) });
            };
            header
        };
        self.begins = match header.opcode {
            Opcode::CONTINUATION => self.assembler.in_message().is_none(),
            opcode => matches!(opcode, Opcode::TEXT | Opcode::BINARY),
        };
        self.doubt = None;
        if header.rsv[0]
            && !header.opcode.is_control()
            && !header.opcode.is_reserved()
            && self.reserved.rsv1 != Some(Unit::Frame)
        {
            self.compressed_after_all(cx, header.opcode);
        }
        if header.opcode == Opcode::CLOSE && !self.coding.is_latest() && !self.names_who_closed(cx, &header) {
            cx.here.seen = cx.stream().end();
            return Err(Step::Wait);
        }
        let before = cx.here.findings.len();
        self.assembler.begin(&header, &mut cx.here.findings);
        if cx.here.findings.len() > before {
            self.doubt(cx, &header, before)?;
        }
        if !self.coding.is_latest() {
            cx.here.first_byte = Some(first_byte(&header));
        }
        self.header = Some(header);
        self.done = 0;
        cx.here.seen = at + header.length() as u64;
        Ok(header)
    }

    /// hybi-05 and hybi-06 write frames alike, and no handshake says which is spoken: in hybi-05 a close frame begins with the
    /// letter of the side that closed first. False while that byte is not there.
    #[cold]
    fn names_who_closed(&mut self, cx: &mut Cx<'_>, header: &Header) -> bool {
        let guessed = cx.shared.link.filter(|link| link.guessed && cx.shared.told.is_none());
        let Some(link) = guessed.filter(|link| matches!(link.protocol, Protocol::Hybi5 | Protocol::Hybi6))
        else {
            return true;
        };
        if header.payload_length == 0 {
            return true;
        }
        let mut letter = [0];
        let at = cx.here.at + header.length() as u64;
        if cx.peek(at, cx.here.hint, &mut letter) == 0 {
            return cx.over() || is_gap(cx, at, cx.here.hint);
        }
        self.coding.mask(header, &mut letter, 0);
        let closing = &HYBI5.closing;
        if !Side::BOTH.iter().any(|side| closing.initiator(*side) == Some(letter[0])) {
            return true;
        }
        let link = if link.protocol == Protocol::Hybi6 { cx.now_hybi5() } else { Some(link) };
        if let Some(link) = link.filter(|_| !self.repeats_body) {
            let (first, lossy) = (self.first, self.assembler.in_message().is_some());
            *self = Self { first, ..Self::new(self.side, link, self.coding, lossy) };
        }
        true
    }

    /// No handshake says whether messages are compressed, or whether each frame is by itself, and here is one that is.
    #[cold]
    fn compressed_after_all(&mut self, cx: &mut Cx<'_>, opcode: Opcode) {
        let guessed = cx.shared.link.as_mut().filter(|link| link.guessed && self.coding.is_latest());
        let Some(link) = guessed else { return };
        let unit = if opcode == Opcode::CONTINUATION { Unit::Frame } else { Unit::Message };
        if self.reserved.rsv1 == Some(unit) || self.reserved.foreign {
            return;
        }
        let deflate = link.deflate.get_or_insert_default();
        if unit == Unit::Frame {
            deflate.unit = unit;
        }
        cx.talk.deflate = Some(*deflate);
        if self.assembler.in_message().is_none() || unit == Unit::Frame {
            // What compressed messages copy from may not have been recorded.
            let first = self.first;
            *self = Self { begins: self.begins, first, ..Self::new(self.side, *link, self.coding, true) };
        }
    }

    fn read_payload(&mut self, cx: &mut Cx<'_>, header: Header) -> Step {
        let Self { assembler, coding, done, control, plain, .. } = self;
        let keep_control = header.opcode.is_control();
        let mut sink = |bytes: &[u8]| {
            if keep_control && control.len() + bytes.len() <= MAX_CONTROL {
                control.extend_from_slice(bytes);
            }
        };
        while *done < header.payload_length {
            match cx.piece() {
                Piece::Data(bytes) => {
                    let left = header.payload_length - *done;
                    let take = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let findings = &mut cx.here.findings;
                    if header.mask.is_some() {
                        for piece in bytes[..take].chunks(PIECE) {
                            plain.clear();
                            plain.extend_from_slice(piece);
                            coding.mask(&header, plain, *done);
                            assembler.data(plain, findings, &mut sink);
                            *done += piece.len() as u64;
                        }
                    } else {
                        assembler.data(&bytes[..take], findings, &mut sink);
                        *done += take as u64;
                    }
                    cx.here.seen += take as u64;
                }
                Piece::Gap(missing) => return gap_in_payload(cx, header, missing),
                Piece::End => return self.end_inside(cx),
            }
        }
        if self.doubt.is_some() {
            match self.resolve(cx, &header) {
                Verdict::Frame => {}
                Verdict::Garbage => return self.garbage(cx, &header),
                Verdict::Unknown => return Step::Wait,
            }
        }
        let Self { assembler, control, .. } = self;
        let mut sink = |bytes: &[u8]| {
            if keep_control && control.len() + bytes.len() <= MAX_CONTROL {
                control.extend_from_slice(bytes);
            }
        };
        let complete = assembler.end(&mut cx.here.findings, &mut sink);
        self.header = None;
        self.complete(cx, header, complete);
        Step::Stay
    }

    /// Turns a complete frame into an item and, where it ends one, a message.
    fn complete(&mut self, cx: &mut Cx<'_>, header: Header, complete: Option<Complete>) {
        let side = self.side;
        match header.opcode {
            Opcode::CLOSE if self.repeats_body => self.acknowledge(cx, &header),
            Opcode::PING => {
                cx.shared.pings.ping(side, &self.control);
                cx.here.pinged = Some(cx.talk.items.len() as u32);
            }
            Opcode::PONG => {
                let payload = header.payload_bits(header.length() + self.control.len());
                let place = if payload.is_empty() { header.length_bits() } else { payload };
                // Of a recording of one side alone nobody knows what the other side asked.
                let heard = cx.talk.streams[side.other().index()].end() > 0;
                let finding = cx.shared.pings.pong(side, &self.control, place);
                cx.here.findings.extend(finding.filter(|_| heard));
            }
            _ => {}
        }
        let closing = (header.opcode == Opcode::CLOSE).then(|| std::mem::take(&mut self.control));
        self.control.clear();
        let number = cx.emit(ItemKind::HybiFrame, cx.here.seen, true);
        if let Some(body) = closing {
            let (code, reason) = match body.split_first_chunk::<2>() {
                Some((code, reason)) => (Some(u16::from_be_bytes(*code)), reason),
                None => (None, &[][..]),
            };
            cx.talk.note_close(number, code, &String::from_utf8_lossy(reason));
        }
        let data = !header.opcode.is_control() && !header.opcode.is_reserved();
        if self.begins {
            self.first = number;
        }
        if data && !(self.begins && header.fin) {
            cx.talk.fragments.push(side, number, if self.begins { Part::First } else { Part::Later });
        }
        let Some(complete) = complete else { return };
        if complete.kind == Kind::Close {
            cx.here.closed.get_or_insert(number);
        }
        let first = if data { self.first } else { number };
        if first != number {
            cx.talk.fragments.complete(side, cx.talk.messages.len() as u32);
        }
        cx.talk.messages.push(Message {
            length: complete.length,
            first,
            last: number,
            kind: complete.kind,
            side,
            compressed: complete.compressed,
            coded: complete.coded,
        });
    }

    /// A close frame acknowledges the other side's with the same body.
    #[cold]
    fn acknowledge(&self, cx: &mut Cx<'_>, header: &Header) {
        let (own, other) = (self.side.index(), self.side.other().index());
        if let Some(other) = &cx.shared.closes[other]
            && cx.shared.closes[own].is_none()
            && **other != *self.control
        {
            let bits = header.payload_bits(header.length() + self.control.len());
            let bits = if bits.is_empty() { header.length_bits() } else { bits };
            cx.find(Rule::CloseBodyDiffers.says(bits, facts!("differs", side = self.side)));
        }
        cx.shared.closes[own].get_or_insert_with(|| self.control.clone().into());
    }

    /// The header breaks rules: perhaps it is none.
    #[cold]
    fn doubt(&mut self, cx: &mut Cx<'_>, header: &Header, before: usize) -> Result<(), Step> {
        match self.broken(header) {
            0 | 1 => Ok(()),
            many => {
                let found = cx.here.findings.len();
                self.doubt = Some(Doubt { broken: found - before, found });
                if many > 2 { Err(self.garbage(cx, header)) } else { Ok(()) }
            }
        }
    }

    /// How many errors a header has by itself.
    fn broken(&self, header: &Header) -> usize {
        broken_rules(header, self.side, self.reserved, self.coding.has_mask_bit())
    }

    /// Bytes are no frame at all, rather than a frame that breaks a rule, where a header breaks three rules at once, or
    /// two with a broken header behind it: here, at the end of a frame that breaks two.
    #[cold]
    fn resolve(&self, cx: &Cx<'_>, header: &Header) -> Verdict {
        let next = cx.here.at.saturating_add(header.length() as u64).saturating_add(header.payload_length);
        let mut buffer = [0u8; Header::MAX];
        let filled = cx.peek(next, cx.here.hint, &mut buffer);
        match self.coding.read(&buffer[..filled]) {
            Some((next, _)) if self.broken(&next) > 0 => Verdict::Garbage,
            Some(_) => Verdict::Frame,
            None if cx.over() || is_gap(cx, next + filled as u64, cx.here.hint) => Verdict::Frame,
            None => Verdict::Unknown,
        }
    }

    /// The lane's bytes are no frames: places that fit are looked for.
    #[cold]
    fn garbage(&mut self, cx: &mut Cx<'_>, header: &Header) -> Step {
        if let Some(Doubt { broken, found }) = self.doubt.take() {
            let facts = facts!("no-frames", side = self.side, at = cx.here.at, broken);
            let bits = cx.bits(header.length() as u64);
            cx.here.findings.truncate(found);
            // Before the rules that the first bytes would break.
            cx.here.findings.insert(0, Rule::StreamUnparsed.says(bits, facts));
        }
        cx.look_again();
        cx.here.lossy = true;
        Step::To(Mode::sync())
    }

    /// The recording may end inside a frame.
    #[cold]
    fn end_inside(&mut self, cx: &mut Cx<'_>) -> Step {
        if !cx.over() {
            return Step::Wait;
        }
        ends_inside(cx, ItemKind::HybiFrame, self.header.take())
    }
}

/// A header's first byte in the sense and the opcodes of RFC 6455.
fn first_byte(header: &Header) -> u8 {
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    let [rsv1, rsv2, rsv3] = header.rsv;
    let flags = flag(header.fin, 0x80) | flag(rsv1, 0x40) | flag(rsv2, 0x20) | flag(rsv3, 0x10);
    flags | header.opcode.bits()
}

/// More bytes are needed to read a header.
#[cold]
fn needs_more(cx: &mut Cx<'_>, kind: ItemKind) -> Step {
    cx.here.seen = cx.stream().end();
    if cx.over() { ends_inside(cx, kind, None) } else { Step::Wait }
}

/// The recording ends inside a frame, with this header where it is whole.
fn ends_inside(cx: &mut Cx<'_>, kind: ItemKind, header: Option<Header>) -> Step {
    let end = cx.stream().end();
    if cx.here.at >= end {
        return Step::Wait;
    }
    let recorded = end - cx.here.at;
    let (bits, what) = (cx.bits(recorded), cx.what_ends());
    let facts = match header {
        Some(header) => {
            let there = recorded.saturating_sub(header.length() as u64);
            facts!("payload", promised = header.payload_length, what, there)
        }
        None => facts!("frame-header", what),
    };
    cx.find(Rule::StreamEndsInside.says(bits, facts));
    cx.emit(kind, end, false);
    Step::Stay
}

fn is_gap(cx: &Cx<'_>, offset: u64, hint: usize) -> bool {
    matches!(cx.stream().piece(cx.store, offset, &mut { hint }), Piece::Gap(_))
}

/// A gap cuts a header behind its first `before` bytes.
#[cold]
fn gap_in_header(cx: &mut Cx<'_>, kind: ItemKind, before: u64) -> Step {
    cx.here.seen = cx.here.at + before;
    let Piece::Gap(missing) = cx.piece() else { return Step::Wait };
    cx.take_gap(kind, missing);
    Step::To(Mode::sync())
}

/// The frame's end is known from its header: if the gap ends before it, reading goes on there without a guess.
#[cold]
fn gap_in_payload(cx: &mut Cx<'_>, header: Header, missing: u64) -> Step {
    let frame_end = cx.here.at.saturating_add(header.length() as u64).saturating_add(header.payload_length);
    let gap_end = cx.here.seen + missing;
    cx.take_gap(ItemKind::HybiFrame, missing);
    let Some(link) = cx.shared.link.filter(|_| gap_end <= frame_end) else { return Step::To(Mode::sync()) };
    let frames = cx.speak(link);
    Step::To(if gap_end < frame_end { Mode::Skip(Skip::new(frame_end, frames)) } else { frames })
}
