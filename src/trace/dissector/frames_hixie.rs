//! Reading frames of hixie-75 and hixie-76.

use std::ops::Range;

use super::{Dissector, Mode, peek};
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::conversation::Conversation;
use crate::trace::item::{ItemKind, Message};
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::Parse;
use crate::wire::frame::hixie::{Header, TERMINATOR, check_header};
use crate::wire::message::Kind;
use crate::wire::utf8::Validator;

/// A lane of frames: the frame that is being read.
#[derive(Debug, Default)]
pub(super) struct HixieLane {
    header: Option<Header>,
    utf8: Validator,
    bad_utf8: bool,
}

impl Dissector {
    pub(super) fn step_hixie(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let protocol = self.link.map_or(Protocol::Hixie76, |link| link.protocol);
        let lane = &mut self.lanes[side.index()];
        let Mode::Hixie(frames) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        if frames.header.is_none() {
            let mut buffer = [0u8; Header::MAX];
            let filled = peek(stream, store, lane.at, lane.hint, &mut buffer);
            match Header::parse(&buffer[..filled]) {
                Parse::Done(header, length) => {
                    check_header(header, protocol, &mut lane.findings);
                    *frames = HixieLane { header: Some(header), ..HixieLane::default() };
                    lane.seen = lane.at + length as u64;
                }
                Parse::Broken(finding) => {
                    self.give_up(side, finding);
                    return true;
                }
                Parse::More => {
                    lane.seen = lane.at + filled as u64;
                    let mut hint = lane.hint;
                    return match stream.piece(store, lane.seen, &mut hint) {
                        Piece::Gap(missing) => {
                            self.take_gap(talk, store, side, ItemKind::HixieFrame, missing);
                            self.lanes[side.index()].mode = Mode::Sync(0);
                            true
                        }
                        _ => self.over(side) && self.hixie_ends_inside(talk, store, side),
                    };
                }
            }
        }
        match frames.header {
            Some(Header::Delimited { .. }) => self.read_delimited(talk, store, side),
            Some(Header::Sized { .. }) => self.read_sized(talk, store, side),
            None => false,
        }
    }

    fn read_delimited(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let Mode::Hixie(frames) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        let is_text = frames.header.is_some_and(|header| header.frame_type() == 0);
        loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    let found = memchr::memchr(TERMINATOR, bytes);
                    let data = &bytes[..found.unwrap_or(bytes.len())];
                    let data_at = (lane.seen - lane.at) as usize;
                    lane.seen += data.len() as u64;
                    if is_text
                        && !frames.bad_utf8
                        && let Some(bad) = replaced(&mut frames.utf8, data, data_at, found.is_some())
                    {
                        frames.bad_utf8 = true;
                        let words = match bad.len() {
                            1 => format!("byte {} of the frame is not UTF-8: it is", bad.start),
                            _ => format!(
                                "bytes {} to {} of the frame are not UTF-8: they are",
                                bad.start,
                                bad.end - 1
                            ),
                        };
                        let bits = BitRange::bytes(bad.start, bad.end);
                        lane.findings
                            .push(Rule::HixieTextNotUtf8.says(bits, format!("{words} read as U+FFFD")));
                    }
                    if found.is_some() {
                        break;
                    }
                }
                Piece::Gap(missing) => {
                    self.take_gap(talk, store, side, ItemKind::HixieFrame, missing);
                    self.lanes[side.index()].mode = Mode::Sync(0);
                    return true;
                }
                Piece::End => return self.over(side) && self.hixie_ends_inside(talk, store, side),
            }
        }
        frames.header = None;
        let length = lane.seen - lane.at - 1;
        let end = lane.seen + 1;
        let number = self.emit(talk, store, side, ItemKind::HixieFrame, end, true);
        if is_text {
            push_message(talk, side, Kind::Text, length, number);
        }
        true
    }

    fn read_sized(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let protocol = self.link.map_or(Protocol::Hixie76, |link| link.protocol);
        let lane = &mut self.lanes[side.index()];
        let Mode::Hixie(frames) = &mut lane.mode else { return false };
        let Some(header @ Header::Sized { length, .. }) = frames.header else { return false };
        let frame_end = lane.at.saturating_add(header.length() as u64).saturating_add(length);
        let stream = &talk.streams[side.index()];
        while lane.seen < frame_end {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => lane.seen += (bytes.len() as u64).min(frame_end - lane.seen),
                Piece::Gap(missing) => {
                    let gap_end = lane.seen + missing;
                    self.take_gap(talk, store, side, ItemKind::HixieFrame, missing);
                    let then = Mode::Hixie(HixieLane::default());
                    self.lanes[side.index()].mode = match gap_end.cmp(&frame_end) {
                        std::cmp::Ordering::Less => Mode::Skip(frame_end, Box::new(then)),
                        std::cmp::Ordering::Equal => then,
                        std::cmp::Ordering::Greater => Mode::Sync(0),
                    };
                    return true;
                }
                Piece::End => return self.over(side) && self.hixie_ends_inside(talk, store, side),
            }
        }
        frames.header = None;
        let number = self.emit(talk, store, side, ItemKind::HixieFrame, frame_end, true);
        if !header.is_close() {
            push_message(talk, side, Kind::Binary, length, number);
        } else if protocol == Protocol::Hixie76 {
            self.lanes[side.index()].closed.get_or_insert(number);
            push_message(talk, side, Kind::Close, 0, number);
        }
        true
    }

    /// Rule 43, and sized frames that are cut.
    fn hixie_ends_inside(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let end = talk.stream(side).end();
        if lane.at >= end {
            return false;
        }
        let bits = BitRange::bytes(0, (end - lane.at) as usize);
        let Mode::Hixie(frames) = &mut lane.mode else { return false };
        lane.findings.push(match frames.header.take() {
            Some(Header::Delimited { .. }) => {
                Rule::HixieUnterminated.says(bits, "the stream ends before the FF that ends the text")
            }
            Some(Header::Sized { length, .. }) => Rule::StreamEndsInside.says(
                bits,
                format!("the frame promises {length} bytes; {} ends before", talk.what_ends(side)),
            ),
            None => Rule::StreamEndsInside
                .says(bits, format!("{} ends inside the frame's header", talk.what_ends(side))),
        });
        self.emit(talk, store, side, ItemKind::HixieFrame, end, false);
        true
    }
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

fn push_message(talk: &mut Conversation, side: Side, kind: Kind, length: u64, item: u32) {
    talk.messages.push(Message { length, first: item, last: item, kind, side, compressed: false });
}
