//! Reading the body of an HTTP message, and what a whole message means: an opening handshake, or plain HTTP.

use std::borrow::Cow;

use super::chunks::Chunks;
use super::http::{answered, http_kind};
use super::rest::Skip;
use super::shared::Exchange;
use super::{Both, Cx, Mode, Onward, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::{Finding, Rule, Severity};
use crate::trace::conversation::Handshake;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::handshake;
use crate::wire::http::{Body, ChunkedProgress, ChunkedScanner, Head};

/// A body that is being read.
#[derive(Debug)]
pub(super) struct BodyMode {
    /// The response's head; a request's head is in its exchange.
    pub(super) head: Option<Head>,
    pub(super) head_length: u64,
    pub(super) rest: Rest,
}

/// How far a body still goes.
#[derive(Debug)]
pub(super) enum Rest {
    Length(u64),
    Chunked(Box<ChunkedScanner>),
    UntilClose,
}

impl Rest {
    /// How far the body behind a head goes; what cannot be said goes to the end of the connection.
    pub(super) fn of(body: Result<Body, Finding>, findings: &mut Vec<Finding>) -> Self {
        match body {
            Ok(Body::None) => Self::Length(0),
            Ok(Body::Length(length)) => Self::Length(length),
            Ok(Body::Chunked) => Self::Chunked(Box::default()),
            Ok(Body::UntilClose) => Self::UntilClose,
            Err(finding) => {
                findings.push(finding);
                Self::UntilClose
            }
        }
    }
}

impl BodyMode {
    /// Reads a body to its end.
    pub(super) fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        let complete = loop {
            if matches!(self.rest, Rest::Length(0)) {
                break true;
            }
            match cx.piece() {
                Piece::Data(bytes) => match &mut self.rest {
                    Rest::Length(left) => {
                        let take = (bytes.len() as u64).min(*left);
                        *left -= take;
                        cx.here.seen += take;
                    }
                    Rest::UntilClose => cx.here.seen += bytes.len() as u64,
                    Rest::Chunked(scanner) => match scanner.feed(bytes) {
                        ChunkedProgress::More => cx.here.seen += bytes.len() as u64,
                        ChunkedProgress::Done(taken) => {
                            cx.here.seen += taken as u64;
                            break true;
                        }
                        ChunkedProgress::Broken { at, finding } => {
                            cx.here.seen += at as u64;
                            let place = cx.length();
                            // The byte itself is none of this item's any more: it stands behind it.
                            let bits = BitRange::bytes(place as usize, place as usize);
                            cx.find(Rule::HttpBodyMalformed.says(bits, finding.facts));
                            break false;
                        }
                    },
                },
                Piece::Gap(missing) => return self.gap(cx, missing),
                Piece::End if cx.over() => break self.end(cx),
                Piece::End => return Step::Wait,
            }
        };
        match cx.side {
            Side::Client => self.request_complete(cx, complete),
            Side::Server => self.response_complete(cx, complete),
        }
    }

    /// Nothing more of the body will come; whether it is complete.
    fn end(&self, cx: &mut Cx<'_>) -> bool {
        if matches!(self.rest, Rest::UntilClose) {
            return true;
        }
        let awaits = cx.shared.exchanges.back();
        let is_key3 = cx.side == Side::Client && awaits.is_some_and(|exchange| exchange.asks_for.is_some());
        if !is_key3 {
            let (bits, what) = (cx.bits(cx.length()), cx.what_ends());
            let facts = match self.rest {
                Rest::Length(left) => facts!("before", what, left),
                _ => facts!("chunks", what),
            };
            cx.find(Rule::HttpBodyCut.says(bits, facts));
        }
        false
    }

    /// A gap in a body whose length is known does not cost the place of what comes behind it.
    fn gap(&self, cx: &mut Cx<'_>, missing: u64) -> Step {
        let body_end = match self.rest {
            Rest::Length(left) => Some(cx.here.seen.saturating_add(left)),
            Rest::Chunked(_) | Rest::UntilClose => None,
        };
        let gap_end = cx.here.seen + missing;
        cx.take_gap(http_kind(cx.side), missing);
        if cx.side == Side::Server {
            cx.shared.exchanges.pop_front();
        }
        Step::To(match body_end {
            Some(end) if gap_end <= end => Mode::Skip(Skip::new(end, Mode::Start)),
            _ => Mode::sync(),
        })
    }

    /// A request is whole, or cut.
    fn request_complete(&self, cx: &mut Cx<'_>, complete: bool) -> Step {
        let end = cx.here.seen;
        let opens = cx.shared.exchanges.back().is_some_and(|exchange| exchange.asks_for.is_some());
        let body = if opens { cx.bytes(cx.here.at + self.head_length..end) } else { Cow::default() };
        let mut next = Mode::Start;
        if let Some(exchange) = cx.shared.exchanges.back_mut() {
            cx.talk.note_request(&exchange.head, exchange.asks_for.is_some());
            if let Some(protocol) = exchange.asks_for {
                exchange.body = body.into_owned();
                let findings = handshake::check_request(&exchange.head, &exchange.body, protocol);
                cx.here.findings.extend(findings);
                if cx.shared.link.is_none() {
                    cx.talk.protocol = protocol;
                    cx.talk.handshake = Handshake::Incomplete;
                }
            } else {
                cx.here.findings.extend(exchange.head.findings().iter().cloned());
                if matches!(cx.talk.protocol, Protocol::Unknown | Protocol::FlashPolicy) {
                    cx.talk.protocol = Protocol::Http;
                }
            }
            if exchange.asks_for.is_some() || exchange.is_tunnel() {
                // The answer is there already where packets were recorded in another order than they were sent.
                next = match cx.shared.link.filter(|_| exchange.asks_for.is_some()) {
                    Some(link) => link.mode(cx.talk, Side::Client, cx.here.lossy),
                    None => Mode::Waiting,
                };
            }
        }
        let number = cx.emit(ItemKind::HttpRequest, end, complete);
        let mut http2 = false;
        if let Some(exchange) = cx.shared.exchanges.back_mut() {
            exchange.item = Some(number);
            http2 = exchange.head.is_http2_preface();
        }
        if http2 { Step::Both(Mode::Opaque, Both::Http2) } else { Step::To(next) }
    }

    /// A response is whole, or cut.
    fn response_complete(&mut self, cx: &mut Cx<'_>, complete: bool) -> Step {
        let status = self.head.as_ref().and_then(Head::status).unwrap_or_default();
        let asked = cx.shared.exchanges.front();
        if status == 101 && asked.is_some_and(|asked| asked.item.is_none()) && !cx.shared.over(Side::Client) {
            return Step::Wait; // The answer came before the eight bytes that it answers.
        }
        let Some(head) = self.head.take() else { return Step::To(Mode::Start) };
        let interim = matches!(status, 100 | 102..=199);
        let exchange = if interim { None } else { cx.shared.exchanges.pop_front() };
        let mut broken = false;
        if let Some(Exchange { asks_for: Some(protocol), head: request, body: challenge, .. }) = &exchange {
            let body = match self.rest {
                Rest::Length(_) if status == 101 => cx.bytes(cx.here.at + self.head_length..cx.here.seen),
                _ => Cow::default(),
            };
            let findings = handshake::check_response(*protocol, request, challenge, &head, &body);
            broken = findings.iter().any(|finding| finding.severity() == Severity::Error);
            cx.here.findings.extend(findings);
        } else {
            let asked = exchange.as_ref().map(|exchange| &exchange.head);
            cx.here.findings.extend(asked.and_then(|asked| handshake::check_switch(asked, &head)));
            plain_response(cx, &head, exchange.is_none());
        }
        let answered_at = cx.here.at;
        let number = cx.emit(ItemKind::HttpResponse, cx.here.seen, complete);
        if let Some(request) = exchange.as_ref().and_then(|exchange| exchange.item) {
            cx.talk.exchanges.push((request, number));
        }
        if interim {
            return Step::To(Mode::Start);
        }
        after_response(cx, exchange.as_ref(), &head, Answer { broken, at: answered_at })
    }
}

/// What is known of a response beyond its head.
#[derive(Clone, Copy)]
struct Answer {
    /// It breaks a rule of the handshake.
    broken: bool,
    /// Where it began.
    at: u64,
}

/// A response that no WebSocket was asked for.
fn plain_response(cx: &mut Cx<'_>, head: &Head, unasked: bool) {
    cx.here.findings.extend(head.findings().iter().cloned());
    if unasked && cx.shared.policies > 0 {
        cx.shared.policies -= 1;
        let status = head.status().unwrap_or_default();
        cx.find(Rule::PolicyNotXml.says(head.start_line_bits(), facts!("http", status)));
    }
    if cx.talk.protocol == Protocol::Unknown {
        cx.talk.protocol = Protocol::Http;
    }
}

/// What follows a response.
fn after_response(cx: &mut Cx<'_>, exchange: Option<&Exchange>, head: &Head, answer: Answer) -> Step {
    let status = head.status().unwrap_or_default();
    match (exchange, exchange.and_then(|exchange| exchange.asks_for)) {
        (Some(exchange), Some(protocol)) if status == 101 => {
            cx.talk.handshake = if answer.broken { Handshake::Invalid } else { Handshake::Accepted };
            open(cx, protocol, (&exchange.head, head), Some(answer.at))
        }
        (Some(_), Some(_)) => {
            cx.talk.handshake = Handshake::Rejected;
            cx.talk.note_refusal(status);
            Step::Both(Mode::Start, Both::GoOn)
        }
        (Some(exchange), None) if exchange.is_tunnel() && (200..300).contains(&status) => {
            Step::Both(Mode::Waiting, Both::HandOver(Onward::Tunnel(Box::new(exchange.tunnel_to()))))
        }
        // The proxy said no: the client begins something new.
        (Some(exchange), None) if exchange.is_tunnel() => Step::Both(Mode::Start, Both::GoOn),
        (Some(_), None) if status == 101 => {
            let websocket = || head.has_token("Upgrade", "websocket").then_some(Protocol::LATEST);
            let Some(protocol) = answered(head).or_else(websocket) else {
                let http2 = head.has_token("Upgrade", "h2c");
                return Step::Both(Mode::Start, if http2 { Both::Http2 } else { Both::Stranger });
            };
            // Nobody asked, and frames follow all the same: what the answer says counts.
            cx.talk.handshake = Handshake::Invalid;
            open(cx, protocol, (head, head), None)
        }
        (None, _) if status == 101 => {
            // The request was not recorded; the answer's own fields say which version it opens.
            let Some(protocol) = answered(head) else { return Step::To(Mode::Start) };
            let unreadable = std::mem::take(&mut cx.shared.unreadable);
            cx.talk.handshake = if unreadable { Handshake::Invalid } else { Handshake::Incomplete };
            open(cx, protocol, (head, head), None)
        }
        // A client that waits without a request sent one that could not be read.
        (None, _) => Step::Both(Mode::Start, Both::GoOn),
        _ => Step::To(Mode::Start),
    }
}

/// The server agreed: from here on both sides speak frames.
fn open(cx: &mut Cx<'_>, protocol: Protocol, (request, response): (&Head, &Head), at: Option<u64>) -> Step {
    let agreement = handshake::agreement(protocol, request, response);
    cx.talk.subprotocol = agreement.subprotocol;
    cx.talk.extensions = agreement.extensions;
    if let Some(name) = &agreement.foreign {
        cx.talk.find(Rule::ExtensionUnknown.about(facts!("agreed", name = name.as_str())));
    }
    cx.talk.foreign = agreement.foreign;
    match cx.shared.agree(cx.talk, protocol, agreement.deflate, agreement.connection) {
        Some(link) if response.tokens("Transfer-Encoding").last().is_some_and(|last| last == "chunked") => {
            cx.look_again();
            Step::Both(Mode::Chunks(Chunks::or(link)), Both::Open(link, at))
        }
        Some(link) if agreement.deflate_stream && link.family == Family::Hybi => {
            Step::Both(Mode::Waiting, Both::HandOver(Onward::Inflate))
        }
        Some(link) => Step::Both(cx.speak(link), Both::Open(link, at)),
        None => Step::To(Mode::Start),
    }
}
