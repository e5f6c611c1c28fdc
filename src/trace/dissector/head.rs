//! Reading the head of an HTTP message: where it ends, and what body it announces.

use super::body::{BodyMode, Rest};
use super::http::{answered, http_kind};
use super::shared::Exchange;
use super::{Both, Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::trace::conversation::Handshake;
use crate::trace::stream::Piece;
use crate::wire::http::{Head, HeadEnd, MAX_HEAD, parse_head};
use crate::wire::{Parse, handshake};

/// A head that is being read.
#[derive(Debug, Default)]
pub(super) struct HeadMode {
    search: HeadEnd,
    /// How many bytes there were when they were last found to be no head, or the beginning of one. They are looked at
    /// again when there are twice as many, so that a head that arrives byte by byte costs little more than a whole one.
    judged: u64,
}

impl HeadMode {
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let end = loop {
            match cx.piece() {
                Piece::Data(bytes) => {
                    let room = MAX_HEAD as u64 - cx.length();
                    if room == 0 {
                        return too_large(cx);
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
        match parse_head(&cx.bytes(cx.here.at..end), cx.side, MAX_HEAD) {
            Parse::Done(head, _) => {
                cx.here.seen = end;
                match cx.side {
                    Side::Client => request(cx, head),
                    Side::Server => response(cx, head),
                }
            }
            Parse::Broken(finding) => not_http(cx, finding),
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
        if let Parse::Broken(finding) = parse_head(&cx.begun(), cx.side, MAX_HEAD) {
            return not_http(cx, finding);
        }
        if !over {
            return Step::Wait;
        }
        let (bits, what) = (cx.bits(begun), cx.what_ends());
        cx.find(Rule::StreamEndsInside.says(bits, facts!("head", what)));
        cx.emit(http_kind(cx.side), cx.here.seen, false);
        Step::Stay
    }
}

/// Bytes without an empty line, as many as a head may have.
fn too_large(cx: &mut Cx<'_>) -> Step {
    match parse_head(&cx.begun(), cx.side, MAX_HEAD) {
        Parse::Broken(finding) if finding.rule != Rule::HttpHeadTooLarge => not_http(cx, finding),
        _ => {
            let bits = BitRange::bytes(0, MAX_HEAD);
            cx.give_up(Rule::HttpHeadTooLarge.says(bits, facts!("no-empty-line", limit = MAX_HEAD)))
        }
    }
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
        if let Some(link) = cx.shared.agree(cx.talk, protocol, None) {
            return Step::Both(Mode::sync(), Both::Open(link, None));
        }
    }
    Step::To(Mode::sync())
}

fn not_http(cx: &mut Cx<'_>, finding: Finding) -> Step {
    if cx.shared.begins_inside {
        cx.look_again();
        Step::To(Mode::sync())
    } else {
        cx.give_up(finding)
    }
}

/// The head of a request was read: what body follows, and what it asks for.
fn request(cx: &mut Cx<'_>, head: Head) -> Step {
    let asks_for = handshake::detect(&head);
    let rest = match asks_for {
        Some(protocol) => Rest::Length(handshake::request_body_length(protocol) as u64),
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
