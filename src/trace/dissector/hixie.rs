//! Reading frames of hixie-75 and hixie-76.

use std::cmp::Ordering;
use std::ops::Range;

use super::rest::Skip;
use super::{Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol};
use crate::model::rule::Rule;
use crate::trace::item::{ItemKind, Message};
use crate::trace::stream::Piece;
use crate::wire::Parse;
use crate::wire::frame::hixie::{Header, TERMINATOR, check_header};
use crate::wire::message::Kind;
use crate::wire::utf8::Validator;

/// A lane of frames: the frame that is being read.
#[derive(Debug, Default)]
pub(super) struct HixieFrames {
    header: Option<Header>,
    utf8: Validator,
    bad_utf8: bool,
}

impl HixieFrames {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let protocol = cx.shared.link.map_or_else(|| Family::Hixie.latest(), |link| link.protocol);
        let header = match self.header {
            Some(header) => header,
            None => match self.begin(cx, protocol) {
                Ok(header) => header,
                Err(step) => return step,
            },
        };
        match header {
            Header::Delimited { .. } => self.read_delimited(cx, header.frame_type() == 0),
            Header::Sized { length, .. } => self.read_sized(cx, header, length, protocol),
        }
    }

    fn begin(&mut self, cx: &mut Cx<'_>, protocol: Protocol) -> Result<Header, Step> {
        let mut buffer = [0u8; Header::MAX];
        let filled = cx.peek(cx.here.at, cx.here.hint, &mut buffer);
        match Header::parse(&buffer[..filled]) {
            Parse::Done(header, length) => {
                check_header(header, protocol, cx.side, &mut cx.here.findings);
                *self = Self { header: Some(header), ..Self::default() };
                cx.here.seen = cx.here.at + length as u64;
                Ok(header)
            }
            Parse::Broken(finding) => Err(cx.give_up(finding)),
            Parse::More => {
                cx.here.seen = cx.here.at + filled as u64;
                Err(match cx.piece() {
                    Piece::Gap(missing) => gap(cx, missing),
                    _ => self.end_inside(cx),
                })
            }
        }
    }

    fn read_delimited(&mut self, cx: &mut Cx<'_>, is_text: bool) -> Step {
        loop {
            match cx.piece() {
                Piece::Data(bytes) => {
                    let found = memchr::memchr(TERMINATOR, bytes);
                    let data = &bytes[..found.unwrap_or(bytes.len())];
                    let data_at = cx.length() as usize;
                    cx.here.seen += data.len() as u64;
                    if is_text
                        && !self.bad_utf8
                        && let Some(bad) = replaced(&mut self.utf8, data, data_at, found.is_some())
                    {
                        self.bad_utf8 = true;
                        let facts = match bad.len() {
                            1 => facts!("byte", at = bad.start, side = cx.side),
                            _ => facts!("bytes", first = bad.start, last = bad.end - 1, side = cx.side),
                        };
                        cx.find(Rule::HixieTextNotUtf8.says(BitRange::bytes(bad.start, bad.end), facts));
                    }
                    if found.is_some() {
                        break;
                    }
                }
                Piece::Gap(missing) => return gap(cx, missing),
                Piece::End => return self.end_inside(cx),
            }
        }
        self.header = None;
        let length = cx.length() - 1;
        let number = cx.emit(ItemKind::HixieFrame, cx.here.seen + 1, true);
        if is_text {
            push_message(cx, Kind::Text, length, number);
        }
        Step::Stay
    }

    fn read_sized(&mut self, cx: &mut Cx<'_>, header: Header, length: u64, protocol: Protocol) -> Step {
        let frame_end = cx.here.at.saturating_add(header.length() as u64).saturating_add(length);
        while cx.here.seen < frame_end {
            match cx.piece() {
                Piece::Data(bytes) => {
                    cx.here.seen += (bytes.len() as u64).min(frame_end - cx.here.seen);
                }
                Piece::Gap(missing) => {
                    let gap_end = cx.here.seen + missing;
                    cx.take_gap(ItemKind::HixieFrame, missing);
                    let then = Mode::Hixie(Self::default());
                    return Step::To(match gap_end.cmp(&frame_end) {
                        Ordering::Less => Mode::Skip(Skip::new(frame_end, then)),
                        Ordering::Equal => then,
                        Ordering::Greater => Mode::sync(),
                    });
                }
                Piece::End => return self.end_inside(cx),
            }
        }
        self.header = None;
        let number = cx.emit(ItemKind::HixieFrame, frame_end, true);
        if !header.is_close() {
            push_message(cx, Kind::Binary, length, number);
        } else if protocol.dialect_or_latest().closing.is_answered() {
            cx.here.closed.get_or_insert(number);
            cx.talk.note_close(number, None, "");
            push_message(cx, Kind::Close, 0, number);
        }
        Step::Stay
    }

    /// The recording may end inside a frame. Rule 43, and sized frames that are cut.
    fn end_inside(&mut self, cx: &mut Cx<'_>) -> Step {
        let end = cx.stream().end();
        if !cx.over() || cx.here.at >= end {
            return Step::Wait;
        }
        let (bits, what) = (cx.bits(end - cx.here.at), cx.what_ends());
        cx.find(match self.header.take() {
            Some(Header::Delimited { .. }) => Rule::HixieUnterminated.says(bits, facts!("before-ff")),
            Some(Header::Sized { length, .. }) => {
                Rule::StreamEndsInside.says(bits, facts!("sized", promised = length, what))
            }
            None => Rule::StreamEndsInside.says(bits, facts!("frame-header", what)),
        });
        cx.emit(ItemKind::HixieFrame, end, false);
        Step::Stay
    }
}

/// A gap in a frame whose end nobody knows.
fn gap(cx: &mut Cx<'_>, missing: u64) -> Step {
    cx.take_gap(ItemKind::HixieFrame, missing);
    Step::To(Mode::sync())
}

/// The first bytes of the frame for which a reader puts a U+FFFD: a byte that begins no character, or a character that
/// was begun and not completed. `data` stands `at` bytes into the frame; `last`: the terminator follows it.
fn replaced(utf8: &mut Validator, data: &[u8], at: usize, last: bool) -> Option<Range<usize>> {
    match utf8.feed(data) {
        Err(refused) => {
            let refused = at + refused;
            Some(match utf8.broken() {
                0 => refused..refused + 1,
                begun => refused.saturating_sub(begun)..refused,
            })
        }
        Ok(()) if last => {
            let end = at + data.len();
            utf8.finish().err().map(|begun| end.saturating_sub(begun)..end)
        }
        Ok(()) => None,
    }
}

fn push_message(cx: &mut Cx<'_>, kind: Kind, length: u64, item: u32) {
    let side = cx.side;
    cx.talk.messages.push(Message {
        length,
        first: item,
        last: item,
        kind,
        side,
        compressed: false,
        coded: false,
    });
}
