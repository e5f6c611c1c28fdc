//! Reading frames of hybi-07 to RFC 6455.

use super::{Dissector, Lane, Link, Mode, peek};
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule, Severity};
use crate::trace::conversation::Conversation;
use crate::trace::item::{ItemKind, Message};
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::frame::hybi::{Header, MAX_CONTROL, Opcode, mask};
use crate::wire::message::{Assembler, Kind, check_header};

/// How many bytes a message may inflate to before the dissector stops inflating it (rule 34).
pub(crate) const INFLATE_LIMIT: u64 = 64 << 20;

/// Payload is unmasked in pieces of this many bytes.
const PIECE: usize = 4096;

/// A lane of frames: the frame that is being read, and what the frames add up to.
#[derive(Debug)]
pub(super) struct HybiLane {
    assembler: Assembler,
    header: Option<Header>,
    /// How many bytes of the payload were read.
    done: u64,
    /// The first item of the message whose fragments are arriving.
    first: u32,
    /// The payload of the control frame that is being read.
    control: Vec<u8>,
    /// Room to unmask a piece of payload in.
    plain: Vec<u8>,
}

impl HybiLane {
    /// The first item of the message whose fragments are still arriving.
    pub(super) fn unfinished(&self) -> Option<u32> {
        self.assembler.in_message().map(|_| self.first)
    }

    fn new(side: Side, link: Link) -> Self {
        Self {
            assembler: Assembler::new(side, link.deflate.as_ref(), u64::MAX)
                .with_inflate_limit(INFLATE_LIMIT),
            header: None,
            done: 0,
            first: 0,
            control: Vec::new(),
            plain: Vec::new(),
        }
    }
}

/// What became of the attempt to read a header.
enum Begun {
    Yes,
    NeedMore,
    Gap(u64),
    Garbage(Finding),
}

impl Dissector {
    pub(super) fn step_hybi(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let Self { lanes, link, .. } = self;
        let lane = &mut lanes[side.index()];
        let Mode::Hybi(frames) = &mut lane.mode else { return false };
        if frames.header.is_none() {
            let rsv1 = link.is_some_and(|link| link.deflate.is_some());
            let findings = &mut lane.findings;
            match begin(frames, findings, talk, store, side, lane.at, &mut lane.hint, rsv1) {
                Begun::Yes => {
                    if let Some(header) = frames.header {
                        lane.seen = lane.at + header.length() as u64;
                    }
                }
                Begun::NeedMore => {
                    lane.seen = talk.stream(side).end();
                    return self.over(side) && self.end_inside(talk, store, side);
                }
                Begun::Gap(before) => return self.gap_in_header(talk, store, side, before),
                Begun::Garbage(finding) => {
                    // Before the rules that the first bytes would break.
                    lane.findings.insert(0, finding);
                    lane.mode = Mode::Sync(0);
                    lane.lossy = true;
                    return true;
                }
            }
        }
        self.read_payload(talk, store, side)
    }

    fn read_payload(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let Mode::Hybi(frames) = &mut lane.mode else { return false };
        let Some(header) = frames.header else { return false };
        let stream = &talk.streams[side.index()];
        let HybiLane { assembler, done, control, plain, .. } = &mut **frames;
        let keep_control = header.opcode.is_control();
        let mut sink = |bytes: &[u8]| {
            if keep_control && control.len() + bytes.len() <= MAX_CONTROL {
                control.extend_from_slice(bytes);
            }
        };
        while *done < header.payload_length {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    let left = header.payload_length - *done;
                    let take = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    if let Some(key) = header.mask {
                        for piece in bytes[..take].chunks(PIECE) {
                            plain.clear();
                            plain.extend_from_slice(piece);
                            mask(plain, key, *done);
                            assembler.data(plain, &mut lane.findings, &mut sink);
                            *done += piece.len() as u64;
                        }
                    } else {
                        assembler.data(&bytes[..take], &mut lane.findings, &mut sink);
                        *done += take as u64;
                    }
                    lane.seen += take as u64;
                }
                Piece::Gap(missing) => return self.gap_in_payload(talk, store, side, missing),
                Piece::End => return self.over(side) && self.end_inside(talk, store, side),
            }
        }
        let complete = assembler.end(&mut lane.findings, &mut sink);
        frames.header = None;
        self.frame_is_complete(talk, store, side, header, complete)
    }

    /// Turns a complete frame into an item and, where it ends one, a message.
    fn frame_is_complete(
        &mut self,
        talk: &mut Conversation,
        store: &Store,
        side: Side,
        header: Header,
        complete: Option<crate::wire::message::Complete>,
    ) -> bool {
        let Self { lanes, pings, .. } = self;
        let lane = &mut lanes[side.index()];
        let Mode::Hybi(frames) = &mut lane.mode else { return false };
        match header.opcode {
            Opcode::PING => {
                pings.ping(side, &frames.control);
                lane.pinged = Some(talk.items.len() as u32);
            }
            Opcode::PONG => {
                let payload = header.payload_bits(header.length() + frames.control.len());
                let place = if payload.is_empty() { header.length_bits() } else { payload };
                // Of a recording of one side alone nobody knows what the other side asked.
                let heard = talk.streams[side.other().index()].end() > 0;
                lane.findings.extend(pings.pong(side, &frames.control, place).filter(|_| heard));
            }
            _ => {}
        }
        frames.control.clear();
        let end = lane.seen;
        let number = self.emit(talk, store, side, ItemKind::HybiFrame, end, true);
        let lane = &mut self.lanes[side.index()];
        if let Mode::Hybi(frames) = &mut lane.mode {
            let first = if header.opcode.is_control() {
                number
            } else {
                if header.opcode != Opcode::CONTINUATION || complete.as_ref().is_some_and(|c| c.frames == 1) {
                    frames.first = number;
                }
                frames.first
            };
            if let Some(complete) = complete {
                if complete.kind == Kind::Close {
                    lane.closed.get_or_insert(number);
                }
                talk.messages.push(Message {
                    length: complete.length,
                    first,
                    last: number,
                    kind: complete.kind,
                    side,
                    compressed: complete.compressed,
                });
            }
        }
        true
    }

    fn gap_in_header(&mut self, talk: &mut Conversation, store: &Store, side: Side, before: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        lane.seen = lane.at + before;
        let mut hint = lane.hint;
        let Piece::Gap(missing) = talk.stream(side).piece(store, lane.seen, &mut hint) else { return false };
        self.take_gap(talk, store, side, ItemKind::HybiFrame, missing);
        self.lanes[side.index()].mode = Mode::Sync(0);
        true
    }

    /// The frame's end is known from its header: if the gap ends before it, reading goes on there without a guess.
    fn gap_in_payload(&mut self, talk: &mut Conversation, store: &Store, side: Side, missing: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        let Mode::Hybi(frames) = &mut lane.mode else { return false };
        let Some(header) = frames.header.take() else { return false };
        let frame_end = lane.at.saturating_add(header.length() as u64).saturating_add(header.payload_length);
        let gap_end = lane.seen + missing;
        self.take_gap(talk, store, side, ItemKind::HybiFrame, missing);
        if gap_end > frame_end {
            self.lanes[side.index()].mode = Mode::Sync(0);
        } else if let Some(link) = self.link {
            self.speak(side, link);
            let lane = &mut self.lanes[side.index()];
            if gap_end < frame_end {
                lane.mode = Mode::Skip(frame_end, Box::new(std::mem::take(&mut lane.mode)));
            }
        }
        true
    }

    /// The recording ends inside a frame.
    fn end_inside(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let end = talk.stream(side).end();
        if lane.at >= end {
            return false;
        }
        let recorded = end - lane.at;
        let bits = BitRange::bytes(0, recorded as usize);
        let message = match &lane.mode {
            Mode::Hybi(frames) if let Some(header) = frames.header => format!(
                "the header promises {} bytes of payload, and {} ends after {}",
                header.payload_length,
                talk.what_ends(side),
                recorded.saturating_sub(header.length() as u64)
            ),
            _ => format!("{} ends inside the frame's header", talk.what_ends(side)),
        };
        lane.findings.push(Rule::StreamEndsInside.says(bits, message));
        if let Mode::Hybi(frames) = &mut lane.mode {
            frames.header = None;
        }
        self.emit(talk, store, side, ItemKind::HybiFrame, end, false);
        true
    }
}

/// Reads the header at `at` and says what it breaks.
#[allow(clippy::too_many_arguments)] // The lane's parts are borrowed apart from its mode.
fn begin(
    frames: &mut HybiLane,
    findings: &mut Vec<Finding>,
    talk: &Conversation,
    store: &Store,
    side: Side,
    at: u64,
    hint: &mut usize,
    rsv1: bool,
) -> Begun {
    let stream = talk.stream(side);
    let direct = match stream.piece(store, at, hint) {
        Piece::Data(bytes) => Header::read(bytes),
        Piece::Gap(_) => return Begun::Gap(0),
        Piece::End => return Begun::NeedMore,
    };
    let header = if let Some((header, _)) = direct {
        header
    } else {
        let mut buffer = [0u8; Header::MAX];
        let filled = peek(stream, store, at, *hint, &mut buffer);
        match Header::read(&buffer[..filled]) {
            Some((header, _)) => header,
            None if matches!(stream.piece(store, at + filled as u64, &mut { *hint }), Piece::Gap(_)) => {
                return Begun::Gap(filled as u64);
            }
            None => return Begun::NeedMore,
        }
    };
    let before = findings.len();
    frames.assembler.begin(&header, findings);
    if findings.len() > before && is_garbage(&header, talk, store, side, at, rsv1) {
        let broken = findings.len() - before;
        let message = format!(
            "from byte {at} of the {side}'s stream on these are no frames: the first would break {broken} rules"
        );
        return Begun::Garbage(Rule::StreamUnparsed.says(BitRange::bytes(0, header.length()), message));
    }
    frames.header = Some(header);
    frames.done = 0;
    Begun::Yes
}

/// Whether the bytes at `at` are no frame at all, rather than a frame that breaks a rule: a header that breaks three
/// rules at once, or two with a broken header behind it.
fn is_garbage(header: &Header, talk: &Conversation, store: &Store, side: Side, at: u64, rsv1: bool) -> bool {
    let count = |header: &Header| {
        let mut broken = Vec::new();
        check_header(header, side, rsv1, &mut broken);
        broken.iter().filter(|finding| finding.severity() == Severity::Error).count()
    };
    match count(header) {
        0 | 1 => false,
        2 => {
            let next = at.saturating_add(header.length() as u64).saturating_add(header.payload_length);
            let stream = talk.stream(side);
            if next >= stream.end() {
                return false;
            }
            let mut buffer = [0u8; Header::MAX];
            let hint = stream.chunk_at(next).unwrap_or_default();
            let filled = peek(stream, store, next, hint, &mut buffer);
            Header::read(&buffer[..filled]).is_some_and(|(next, _)| count(&next) > 0)
        }
        _ => true,
    }
}

impl Lane {
    /// Makes this a lane of frames.
    pub(super) fn speak_hybi(&mut self, side: Side, link: Link) {
        let mut frames = HybiLane::new(side, link);
        if self.lossy {
            frames.assembler.gap();
        }
        self.mode = Mode::Hybi(Box::new(frames));
        self.seen = self.at;
    }
}
