//! Reading the head of an HTTP message: where it ends, and what body it announces.

use super::body::{BodyMode, Rest};
use super::http::{answered, http_kind};
use super::shared::Exchange;
use super::{Both, Cx, Mode, Step, rest};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Rule};
use crate::trace::conversation::Handshake;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::http::{
    HTTP2_PREFACE_REST, Head, HeadEnd, MAX_HEAD, is_meant_as_head, leading_lines, parse_head,
};
use crate::wire::{Parse, handshake};

/// A head that is being read.
#[derive(Debug, Default)]
pub(super) struct HeadMode {
    search: HeadEnd,
    /// How many bytes there were when they were last found to be no head, or the beginning of one. They are looked at
    /// again when there are twice as many, so that a head that arrives byte by byte costs little more than a whole one.
    judged: u64,
    /// It is larger than a head may be: its end is looked for all the same, and what stands before is not kept.
    skips: bool,
}

/// A first line that is no head's is waited for no longer than this, in bytes.
const FIRST_LINE: u64 = 8 * 1024;

impl HeadMode {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let end = loop {
            match cx.piece() {
                Piece::Data(bytes) => {
                    let room = MAX_HEAD as u64 - cx.length();
                    if room == 0 {
                        return self.too_large(cx);
                    }
                    let bytes = bytes.get(..room as usize).unwrap_or(bytes);
                    if let Some(end) = self.search.feed(bytes) {
                        break cx.here.seen + end as u64;
                    }
                    cx.here.seen += bytes.len() as u64;
                }
                Piece::Gap(missing) => return gap(cx, missing),
                Piece::End => return self.end(cx),
            }
        };
        if self.skips {
            return unreadable(cx, end);
        }
        match parse_head(&cx.bytes(cx.here.at..end), cx.side, MAX_HEAD) {
            Parse::Done(head, _) => {
                cx.here.seen = end;
                match cx.side {
                    Side::Client => request(cx, head),
                    Side::Server => response(cx, head),
                }
            }
            Parse::Broken(finding) => {
                cx.here.seen = end;
                match not_http(cx, finding) {
                    Some(step) => step,
                    None => unreadable(cx, end),
                }
            }
            Parse::More => {
                // The empty line belongs to what the parser takes for leading blank lines: go on behind it.
                cx.here.seen = end;
                self.search = HeadEnd::new();
                Step::Stay
            }
        }
    }

    /// The bytes so far hold no end of the head.
    fn end(&mut self, cx: &mut Cx<'_>) -> Step {
        let (begun, over) = (cx.length(), cx.over());
        if begun == 0 || begun < self.judged.saturating_mul(2) && !over {
            return Step::Wait;
        }
        self.judged = begun;
        if !self.skips
            && let Parse::Broken(finding) = parse_head(&cx.begun(), cx.side, MAX_HEAD)
        {
            return match not_http(cx, finding) {
                Some(step) => step,
                None if over => unreadable(cx, cx.here.seen),
                None => Step::Wait,
            };
        }
        if !over {
            return Step::Wait;
        }
        if self.skips {
            return unreadable(cx, cx.here.seen);
        }
        let first = cx.begun().first().copied().unwrap_or_default();
        if cx.side == Side::Client && !first.is_ascii_uppercase() && !is_meant_as_head(&cx.begun(), cx.side) {
            return if cx.shared.searches() { search(cx) } else { rest::strange(cx, first) };
        }
        let (bits, what) = (cx.bits(begun), cx.what_ends());
        cx.find(Rule::StreamEndsInside.says(bits, facts!("head", what)));
        cx.emit(http_kind(cx.side), cx.here.seen, false);
        Step::Stay
    }

    /// Bytes without an empty line, as many as a head may have.
    fn too_large(&mut self, cx: &mut Cx<'_>) -> Step {
        if !self.skips
            && let Parse::Broken(finding) = parse_head(&cx.begun(), cx.side, MAX_HEAD)
            && finding.rule != Rule::HttpHeadTooLarge
            && let Some(step) = not_http(cx, finding)
        {
            return step;
        }
        let bits = BitRange::bytes(0, MAX_HEAD);
        let finding = Rule::HttpHeadTooLarge.says(bits, facts!("no-empty-line", limit = MAX_HEAD));
        if cx.side == Side::Server {
            // Without the head nobody knows how long the body is.
            return cx.give_up(finding);
        }
        if !self.skips {
            cx.find(finding);
        }
        self.skips = true;
        cx.emit(ItemKind::Unparsed, cx.here.seen, true);
        Step::Stay
    }
}

/// What follows where bytes are no head; none where they are meant as one all the same, and only its end is waited
/// for. What is decided depends on the first line alone, not on how much of it came at once.
fn not_http(cx: &mut Cx<'_>, finding: Finding) -> Option<Step> {
    if cx.shared.searches() {
        return Some(search(cx));
    }
    let begun = cx.begun();
    let line = begun.get(leading_lines(&begun)..).unwrap_or_default();
    let first = line.first().copied().unwrap_or_default();
    let (line, whole) = match memchr::memchr(b'\n', line) {
        Some(end) => (line.get(..end).unwrap_or(line), true),
        None => (line, false),
    };
    let is_text = line.iter().all(|byte| matches!(byte, b'\t' | b'\r' | b' '..=b'~'));
    if !whole && is_text && (line.len() as u64) < FIRST_LINE && !cx.over() {
        return Some(Step::Wait);
    }
    if whole && cx.side == Side::Client && is_meant_as_head(&begun, cx.side) {
        cx.here.findings.retain(|found| found.rule != Rule::HttpMalformed);
        cx.find(finding);
        return None;
    }
    Some(rest::strange(cx, first))
}

/// Frames are looked for from the head's first byte on.
fn search(cx: &mut Cx<'_>) -> Step {
    cx.look_again();
    Step::To(Mode::sync())
}

/// A request's head that cannot be read ends at `end`. What the client goes on with depends on the answer, as behind an
/// opening request: where the server says 101 all the same, frames follow.
fn unreadable(cx: &mut Cx<'_>, end: u64) -> Step {
    cx.emit(ItemKind::Unparsed, end, true);
    if let Some(link) = cx.shared.link {
        return Step::To(cx.speak(link));
    }
    if cx.talk.protocol == Protocol::Unknown {
        cx.talk.protocol = Protocol::Http;
    }
    cx.shared.unreadable = true;
    Step::To(Mode::Waiting)
}

/// A head that a gap cuts: where the status line still says 101, frames follow all the same.
fn gap(cx: &mut Cx<'_>, missing: u64) -> Step {
    let begun = cx.bytes(cx.here.at..cx.here.seen.min(cx.here.at + 16));
    let accepted =
        cx.side == Side::Server && begun.starts_with(b"HTTP/1.") && begun.get(8..12) == Some(b" 101");
    cx.take_gap(http_kind(cx.side), missing);
    if cx.side == Side::Server
        && let Some(exchange) = cx.shared.exchanges.pop_front()
        && let Some(protocol) = exchange.asks_for.filter(|_| accepted)
    {
        cx.talk.handshake = Handshake::Incomplete;
        if cx.shared.agree(cx.talk, protocol, None, None).is_some() {
            cx.shared.guessed();
        }
        if let Some(link) = cx.shared.link {
            return Step::Both(Mode::sync(), Both::Open(link, None));
        }
    }
    Step::To(Mode::sync())
}

/// The head of a request was read: what body follows, and what it asks for.
fn request(cx: &mut Cx<'_>, head: Head) -> Step {
    let asks_for = handshake::detect(&head);
    let rest = match asks_for {
        Some(protocol) => Rest::Length(handshake::request_body_length(protocol) as u64),
        None if head.is_http2_preface() => Rest::Length(HTTP2_PREFACE_REST),
        None => Rest::of(head.body(None), &mut cx.here.findings),
    };
    let head_length = head.raw().len() as u64;
    cx.shared.exchanges.push_back(Exchange::new(head, asks_for));
    Step::To(Mode::Body(Box::new(BodyMode { head: None, head_length, rest })))
}

/// The head of a response was read: what body follows.
fn response(cx: &mut Cx<'_>, head: Head) -> Step {
    let exchange = cx.shared.exchanges.front();
    let asked = exchange.and_then(|exchange| exchange.asks_for).or_else(|| answered(&head));
    let rest = match asked {
        Some(protocol) if head.status() == Some(101) => {
            Rest::Length(handshake::response_body_length(protocol, &head) as u64)
        }
        _ => Rest::of(head.body(exchange.map(|exchange| &exchange.head)), &mut cx.here.findings),
    };
    let head_length = head.raw().len() as u64;
    Step::To(Mode::Body(Box::new(BodyMode { head: Some(head), head_length, rest })))
}
