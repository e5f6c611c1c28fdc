//! Reading what comes before frames: policy requests, HTTP, and the opening handshake.

use super::{Dissector, Link, Mode};
use crate::field::BitRange;
use crate::protocol::{Family, Protocol, Side};
use crate::rule::{Rule, Severity};
use crate::trace::conversation::{Conversation, Handshake};
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::Parse;
use crate::wire::handshake;
use crate::wire::http::{Body, ChunkedProgress, ChunkedScanner, Head, MAX_HEAD, parse_head};
use crate::wire::policy;

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    head: Head,
    /// The version that the request asks for; none for plain HTTP.
    asks_for: Option<Protocol>,
    /// The bytes behind the head that belong to the handshake (key3).
    body: Vec<u8>,
    /// The request's item, once it is complete.
    item: Option<u32>,
}

impl Exchange {
    /// The request's item, once it is complete.
    pub(super) fn item(&self) -> Option<u32> {
        self.item
    }

    fn is_tunnel(&self) -> bool {
        self.head.method() == "CONNECT"
    }
}

/// The search for the empty line that ends a head.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    /// The last line feed was followed by nothing, or by a carriage return only.
    after_line: bool,
    /// The first bytes were looked at and may begin a head.
    plausible: bool,
}

impl HeadScan {
    /// The number of bytes up to the head's end, if it is in `bytes`.
    fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.after_line => return Some(at + 1),
                b'\n' => self.after_line = true,
                b'\r' => {}
                _ => self.after_line = false,
            }
        }
        None
    }
}

/// A body that is being read.
#[derive(Debug)]
pub(super) struct BodyScan {
    /// The response's head; a request's head is in its exchange.
    head: Option<Head>,
    head_length: u64,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    Length(u64),
    Chunked(Box<ChunkedScanner>),
    UntilClose,
}

impl Dissector {
    /// The first byte says what begins here.
    pub(super) fn step_start(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        if side == Side::Server && matches!(self.lanes[0].mode, Mode::Policy) && !self.over(Side::Client) {
            self.take_unended_policy_request(talk, store);
        }
        let lane = &mut self.lanes[side.index()];
        let first = match talk.streams[side.index()].piece(store, lane.at, &mut lane.hint) {
            Piece::Data(bytes) => bytes.first().copied().unwrap_or_default(),
            Piece::Gap(missing) => {
                self.take_gap(talk, store, side, ItemKind::Unparsed, missing);
                self.lanes[side.index()].mode = Mode::Sync(0);
                return true;
            }
            Piece::End => return false,
        };
        let answers_policy = side == Side::Server && self.policies > 0;
        lane.mode = match first {
            b'<' if side == Side::Client => Mode::Policy,
            // An HTTP server may answer the policy request with 400.
            _ if answers_policy && first != b'H' => Mode::Policy,
            b'A'..=b'Z' => Mode::Head(HeadScan::default()),
            b'\r' | b'\n' if side == Side::Client => Mode::Head(HeadScan::default()),
            _ if self.begins_inside || self.told.is_some() => Mode::Sync(0),
            _ => {
                let place = match lane.at {
                    0 => format!("the {side}'s first byte"),
                    at => format!("byte {at} of the {side}'s stream"),
                };
                let message = format!("{place} is {first:02x}: {}", stranger(first));
                self.give_up(side, Rule::StreamUnparsed.says(BitRange::bytes(0, 1), message));
                return true;
            }
        };
        true
    }

    /// The server answers a policy request that has no NUL: the request is as long as it is.
    fn take_unended_policy_request(&mut self, talk: &mut Conversation, store: &Store) {
        let lane = &mut self.lanes[Side::Client.index()];
        let bytes = talk.stream(Side::Client).bytes(store, lane.at..lane.seen);
        if let Some((request, length)) = policy::finish_request(&bytes) {
            lane.findings.extend(request.findings());
            lane.mode = Mode::Start;
            self.policies += 1;
            let end = lane.at + length as u64;
            talk.protocol = Protocol::FlashPolicy;
            self.emit(talk, store, Side::Client, ItemKind::PolicyRequest, end, false);
        }
    }

    /// At the end of the recording: a client that sent on without waiting for the answer to its opening request.
    pub(super) fn give_up_waiting(&mut self, talk: &Conversation) {
        let lane = &mut self.lanes[Side::Client.index()];
        if !matches!(lane.mode, Mode::Waiting) || lane.at >= talk.stream(Side::Client).end() {
            return;
        }
        let asked = self.exchanges.front().and_then(|exchange| exchange.asks_for);
        let Some((protocol, family)) = asked.and_then(|protocol| Some((protocol, protocol.family()?))) else {
            return;
        };
        if talk.stream(Side::Server).end() == 0 && talk.ends[1].is_none() && talk.ends[0].is_none() {
            // The server's side was not recorded at all: nothing says that the client did not wait.
        } else if family == Family::Hybi {
            lane.findings.push(Rule::EarlyData.at(BitRange::bytes(0, 1)));
        }
        let link = Link { protocol, family, deflate: None };
        self.link.get_or_insert(link);
        self.speak(Side::Client, link);
    }

    /// Looks for the end of a head, then reads it.
    pub(super) fn step_head(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let Mode::Head(scan) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        let end = loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    if let Some(end) = scan.feed(bytes) {
                        break lane.seen + end as u64;
                    }
                    lane.seen += bytes.len() as u64;
                    if lane.seen - lane.at > MAX_HEAD as u64 {
                        let bits = BitRange::bytes(0, MAX_HEAD);
                        self.give_up(
                            side,
                            Rule::HttpHeadTooLarge.says(bits, format!("no empty line in {MAX_HEAD} bytes")),
                        );
                        return true;
                    }
                }
                Piece::Gap(missing) => return self.gap_in_head(talk, store, side, missing),
                Piece::End => {
                    let begun = lane.seen - lane.at;
                    if begun == 0 {
                        return false;
                    }
                    if !scan.plausible || over {
                        scan.plausible = true;
                        let bytes = stream.bytes(store, lane.at..lane.seen);
                        if let Parse::Broken(finding) = parse_head(&bytes, side, MAX_HEAD) {
                            return self.not_http(side, finding);
                        }
                        if over {
                            let bits = BitRange::bytes(0, begun as usize);
                            lane.findings.push(
                                Rule::StreamEndsInside.says(bits, "the recording ends inside this head"),
                            );
                            let end = lane.seen;
                            self.emit(talk, store, side, http_kind(side), end, false);
                            return true;
                        }
                    }
                    return false;
                }
            }
        };
        let bytes = stream.bytes(store, lane.at..end);
        match parse_head(&bytes, side, MAX_HEAD) {
            Parse::Done(head, _) => {
                lane.seen = end;
                match side {
                    Side::Client => self.request_head(head),
                    Side::Server => self.response_head(head),
                }
                true
            }
            Parse::Broken(finding) => self.not_http(side, finding),
            Parse::More => {
                // The empty line belongs to what the parser takes for leading blank lines: go on behind it.
                lane.seen = end;
                if let Mode::Head(scan) = &mut lane.mode {
                    scan.after_line = false;
                }
                true
            }
        }
    }

    /// A head that a gap cuts: where the status line still says 101, frames follow all the same.
    fn gap_in_head(&mut self, talk: &mut Conversation, store: &Store, side: Side, missing: u64) -> bool {
        let lane = &self.lanes[side.index()];
        let begun = talk.stream(side).bytes(store, lane.at..lane.seen.min(lane.at + 16));
        let accepted =
            side == Side::Server && begun.starts_with(b"HTTP/1.") && begun.get(8..12) == Some(b" 101");
        self.take_gap(talk, store, side, http_kind(side), missing);
        if side == Side::Server
            && let Some(exchange) = self.exchanges.pop_front()
            && let Some(protocol) = exchange.asks_for.filter(|_| accepted)
        {
            talk.handshake = Handshake::Incomplete;
            self.open(talk, protocol, None);
        }
        self.lanes[side.index()].mode = Mode::Sync(0);
        true
    }

    fn not_http(&mut self, side: Side, finding: crate::rule::Finding) -> bool {
        if self.begins_inside {
            self.lanes[side.index()].mode = Mode::Sync(0);
            self.lanes[side.index()].seen = self.lanes[side.index()].at;
        } else {
            self.give_up(side, finding);
        }
        true
    }

    fn request_head(&mut self, head: Head) {
        let asks_for = handshake::detect(&head);
        let lane = &mut self.lanes[Side::Client.index()];
        let rest = match asks_for {
            Some(protocol) => Rest::Length(handshake::request_body_length(protocol) as u64),
            None => rest_of(head.body(None), &mut lane.findings),
        };
        let head_length = head.raw().len() as u64;
        lane.mode = Mode::Body(Box::new(BodyScan { head: None, head_length, rest }));
        self.exchanges.push_back(Exchange { head, asks_for, body: Vec::new(), item: None });
    }

    fn response_head(&mut self, head: Head) {
        let lane = &mut self.lanes[Side::Server.index()];
        let exchange = self.exchanges.front();
        let asked = exchange.and_then(|exchange| exchange.asks_for).or_else(|| answered(&head));
        let rest = match asked {
            Some(protocol) if head.status() == Some(101) => {
                Rest::Length(handshake::response_body_length(protocol, &head) as u64)
            }
            _ => rest_of(head.body(exchange.map(|exchange| &exchange.head)), &mut lane.findings),
        };
        let head_length = head.raw().len() as u64;
        lane.mode = Mode::Body(Box::new(BodyScan { head: Some(head), head_length, rest }));
    }

    /// Reads a body to its end.
    pub(super) fn step_body(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let Mode::Body(scan) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        let complete = loop {
            if matches!(scan.rest, Rest::Length(0)) {
                break true;
            }
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => match &mut scan.rest {
                    Rest::Length(left) => {
                        let take = (bytes.len() as u64).min(*left);
                        *left -= take;
                        lane.seen += take;
                    }
                    Rest::UntilClose => lane.seen += bytes.len() as u64,
                    Rest::Chunked(scanner) => match scanner.feed(bytes) {
                        ChunkedProgress::More => lane.seen += bytes.len() as u64,
                        ChunkedProgress::Done(taken) => {
                            lane.seen += taken as u64;
                            break true;
                        }
                        ChunkedProgress::Broken { at, finding } => {
                            lane.seen += at as u64;
                            let place = lane.seen - lane.at;
                            // The byte itself is none of this item's any more: it stands behind it.
                            let bits = BitRange::bytes(place as usize, place as usize);
                            lane.findings.push(Rule::HttpBodyMalformed.says(bits, finding.message));
                            break false;
                        }
                    },
                },
                Piece::Gap(missing) => return self.gap_in_body(talk, store, side, missing),
                Piece::End if over => {
                    let is_key3 =
                        side == Side::Client && self.exchanges.back().is_some_and(|e| e.asks_for.is_some());
                    if !matches!(scan.rest, Rest::UntilClose) && !is_key3 {
                        let bits = BitRange::bytes(0, (lane.seen - lane.at) as usize);
                        let message = match &scan.rest {
                            Rest::Length(left) => {
                                format!("the recording ends {left} bytes before the body does")
                            }
                            _ => "the recording ends before the last chunk".to_owned(),
                        };
                        lane.findings.push(Rule::HttpBodyCut.says(bits, message));
                        break false;
                    }
                    break matches!(scan.rest, Rest::UntilClose);
                }
                Piece::End => return false,
            }
        };
        match side {
            Side::Client => self.request_complete(talk, store, complete),
            Side::Server => self.response_complete(talk, store, complete),
        }
    }

    /// A gap in a body whose length is known does not cost the place of what comes behind it.
    fn gap_in_body(&mut self, talk: &mut Conversation, store: &Store, side: Side, missing: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        let Mode::Body(scan) = &lane.mode else { return false };
        let body_end = match scan.rest {
            Rest::Length(left) => Some(lane.seen + left),
            Rest::Chunked(_) | Rest::UntilClose => None,
        };
        let gap_end = lane.seen + missing;
        self.take_gap(talk, store, side, http_kind(side), missing);
        if side == Side::Server {
            self.exchanges.pop_front();
        }
        self.lanes[side.index()].mode = match body_end {
            Some(end) if gap_end <= end => Mode::Skip(end, Box::new(Mode::Start)),
            _ => Mode::Sync(0),
        };
        true
    }

    fn request_complete(&mut self, talk: &mut Conversation, store: &Store, complete: bool) -> bool {
        let lane = &mut self.lanes[Side::Client.index()];
        let Mode::Body(scan) = std::mem::take(&mut lane.mode) else { return false };
        let end = lane.seen;
        if let Some(exchange) = self.exchanges.back_mut() {
            if let Some(protocol) = exchange.asks_for {
                exchange.body =
                    talk.stream(Side::Client).bytes(store, lane.at + scan.head_length..end).into_owned();
                let findings = handshake::check_request(&exchange.head, &exchange.body, protocol);
                lane.findings.extend(findings);
                talk.protocol = protocol;
                talk.handshake = Handshake::Incomplete;
            } else {
                lane.findings.extend(exchange.head.findings().iter().cloned());
                if matches!(talk.protocol, Protocol::Unknown | Protocol::FlashPolicy) {
                    talk.protocol = Protocol::Http;
                }
            }
            let waits = exchange.asks_for.is_some() || exchange.is_tunnel();
            lane.mode = if waits { Mode::Waiting } else { Mode::Start };
        }
        let number = self.emit(talk, store, Side::Client, ItemKind::HttpRequest, end, complete);
        if let Some(exchange) = self.exchanges.back_mut() {
            exchange.item = Some(number);
        }
        true
    }

    fn response_complete(&mut self, talk: &mut Conversation, store: &Store, complete: bool) -> bool {
        let client_over = self.over(Side::Client);
        let lane = &mut self.lanes[Side::Server.index()];
        let Mode::Body(scan) = &mut lane.mode else { return false };
        let end = lane.seen;
        let status = scan.head.as_ref().and_then(Head::status).unwrap_or_default();
        let needs_key3 =
            status == 101 && self.exchanges.front().is_some_and(|exchange| exchange.item.is_none());
        if needs_key3 && !client_over {
            return false; // The answer came before the eight bytes that it answers.
        }
        let Some(head) = scan.head.take() else { return false };
        let body = match &scan.rest {
            Rest::Length(_) if status == 101 => {
                talk.stream(Side::Server).bytes(store, lane.at + scan.head_length..end).into_owned()
            }
            _ => Vec::new(),
        };
        let interim = matches!(status, 100 | 102..=199);
        let exchange = if interim { None } else { self.exchanges.pop_front() };
        lane.mode = Mode::Start;
        let asked = exchange.as_ref().and_then(|exchange| Some((exchange, exchange.asks_for?)));
        let mut broken = false;
        if let Some((exchange, protocol)) = asked {
            let findings = handshake::check_response(protocol, &exchange.head, &exchange.body, &head, &body);
            broken = findings.iter().any(|finding| finding.severity() == Severity::Error);
            lane.findings.extend(findings);
        } else {
            lane.findings.extend(head.findings().iter().cloned());
            if exchange.is_none() && self.policies > 0 {
                self.policies -= 1;
                let message = format!(
                    "a policy request is answered with HTTP ({status}): Flash Player takes that for no"
                );
                lane.findings.push(Rule::PolicyNotXml.says(head.start_line_bits(), message));
            }
            if talk.protocol == Protocol::Unknown {
                talk.protocol = Protocol::Http;
            }
        }
        let answered_at = lane.at;
        let request_item = exchange.as_ref().and_then(|exchange| exchange.item);
        let number = self.emit(talk, store, Side::Server, ItemKind::HttpResponse, end, complete);
        if let Some(request) = request_item {
            talk.exchanges.push((request, number));
        }
        match (&exchange, asked.map(|(_, protocol)| protocol)) {
            _ if interim => {}
            (Some(exchange), Some(protocol)) if status == 101 => {
                talk.handshake = if broken { Handshake::Invalid } else { Handshake::Accepted };
                let agreement = handshake::agreement(protocol, &exchange.head, &head);
                talk.subprotocol = agreement.subprotocol;
                talk.extensions = agreement.extensions;
                if protocol.family() == Some(Family::Hybi) {
                    self.judge_early_data(talk, answered_at);
                }
                self.open(talk, protocol, agreement.deflate);
            }
            (Some(_), Some(_)) => {
                talk.handshake = Handshake::Rejected;
                self.client_goes_on();
            }
            // A tunnel was opened, or not: either way the client begins something new.
            (Some(exchange), None) if exchange.is_tunnel() => self.client_goes_on(),
            (None, _) if status == 101 => {
                // The request was not recorded; the answer's own fields say which version it opens.
                if let Some(protocol) = answered(&head) {
                    talk.handshake = Handshake::Incomplete;
                    let agreement = handshake::agreement(protocol, &head, &head);
                    talk.subprotocol = agreement.subprotocol;
                    talk.extensions = agreement.extensions;
                    self.open(talk, protocol, agreement.deflate);
                }
            }
            (Some(_), None) if status == 101 => {
                let why = "the connection was upgraded to something that is not a WebSocket";
                for side in Side::BOTH {
                    self.give_up(side, Rule::StreamUnparsed.says(BitRange::bytes(0, 1), why));
                }
            }
            _ => {}
        }
        true
    }

    /// After a refusal, or inside a tunnel, the client's next bytes begin something new.
    fn client_goes_on(&mut self) {
        let lane = &mut self.lanes[Side::Client.index()];
        if matches!(lane.mode, Mode::Waiting) {
            lane.mode = Mode::Start;
        }
    }

    /// From here on both sides speak frames.
    pub(in crate::trace) fn open(
        &mut self,
        talk: &mut Conversation,
        protocol: Protocol,
        deflate: Option<crate::wire::deflate::Params>,
    ) {
        let Some(family) = protocol.family() else { return };
        let link = Link { protocol, family, deflate };
        self.link = Some(link);
        talk.protocol = protocol;
        talk.deflate = deflate;
        for side in Side::BOTH {
            let client_is_elsewhere = side == Side::Client
                && !matches!(self.lanes[0].mode, Mode::Waiting | Mode::Start | Mode::Sync(_));
            if !client_is_elsewhere {
                self.speak(side, link);
            }
        }
    }

    /// Makes a lane one of frames.
    pub(super) fn speak(&mut self, side: Side, link: Link) {
        let lane = &mut self.lanes[side.index()];
        match link.family {
            Family::Hybi => lane.speak_hybi(side, link),
            Family::Hixie => {
                lane.mode = Mode::Hixie(super::HixieLane::default());
                lane.seen = lane.at;
            }
        }
    }

    /// Rule 30: bytes of the client that were recorded before the 101 began.
    fn judge_early_data(&mut self, talk: &Conversation, answered_at: u64) {
        let lane = &mut self.lanes[Side::Client.index()];
        let (client, server) = (talk.stream(Side::Client), talk.stream(Side::Server));
        let chunk = |stream: &crate::trace::stream::Stream, offset| {
            stream.chunk_at(offset).and_then(|number| stream.chunks().get(number)).copied()
        };
        let (Some(early), Some(answer)) = (chunk(client, lane.at), chunk(server, answered_at)) else {
            return;
        };
        if (early.time(), early.packet()) < (answer.time(), answer.packet()) {
            lane.findings.push(Rule::EarlyData.at(BitRange::bytes(0, 1)));
        }
    }

    /// Flash's request for the policy file, and the answer.
    pub(super) fn step_policy(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let stream = &talk.streams[side.index()];
        let (end, terminated) = loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    if let Some(at) = memchr::memchr(0, bytes) {
                        break (lane.seen + at as u64 + 1, true);
                    }
                    lane.seen += bytes.len() as u64;
                    if lane.seen - lane.at > policy::MAX_POLICY as u64 {
                        break (lane.seen, false);
                    }
                }
                Piece::Gap(missing) => {
                    self.take_gap(talk, store, side, ItemKind::Unparsed, missing);
                    self.lanes[side.index()].mode = Mode::Opaque;
                    return true;
                }
                Piece::End if over && lane.seen > lane.at => break (lane.seen, false),
                Piece::End => return false,
            }
        };
        let bytes = stream.bytes(store, lane.at..end);
        let kind = match side {
            Side::Client => ItemKind::PolicyRequest,
            Side::Server => ItemKind::PolicyResponse,
        };
        let findings = match side {
            Side::Client if policy::finish_request(&bytes).is_none() => {
                let message = "these bytes begin with <, but they do not ask for a policy file";
                self.give_up(side, Rule::StreamUnparsed.says(BitRange::bytes(0, 1), message));
                return true;
            }
            Side::Client => policy::finish_request(&bytes).map(|(request, _)| request.findings()),
            Side::Server => policy::finish_response(&bytes).map(|(response, _)| response.findings()),
        }
        .unwrap_or_else(|| vec![Rule::PolicyNotXml.at(BitRange::bytes(0, bytes.len()))]);
        lane.findings.extend(findings);
        lane.mode = Mode::Start;
        match side {
            Side::Client => self.policies += 1,
            Side::Server => self.policies = self.policies.saturating_sub(1),
        }
        if talk.protocol == Protocol::Unknown {
            talk.protocol = Protocol::FlashPolicy;
        }
        self.emit(talk, store, side, kind, end, terminated);
        true
    }
}

const fn http_kind(side: Side) -> ItemKind {
    match side {
        Side::Client => ItemKind::HttpRequest,
        Side::Server => ItemKind::HttpResponse,
    }
}

/// The version that a 101 opens, by its own fields; for recordings without the request.
fn answered(head: &Head) -> Option<Protocol> {
    if head.has("Sec-WebSocket-Accept") {
        Some(Protocol::Rfc6455)
    } else if head.has("Sec-WebSocket-Location") {
        Some(Protocol::Hixie76)
    } else if head.has("WebSocket-Location") {
        Some(Protocol::Hixie75)
    } else {
        None
    }
}

fn rest_of(body: Result<Body, crate::rule::Finding>, findings: &mut Vec<crate::rule::Finding>) -> Rest {
    match body {
        Ok(Body::None) => Rest::Length(0),
        Ok(Body::Length(length)) => Rest::Length(length),
        Ok(Body::Chunked) => Rest::Chunked(Box::default()),
        Ok(Body::UntilClose) => Rest::UntilClose,
        Err(finding) => {
            findings.push(finding);
            Rest::UntilClose
        }
    }
}

/// What a connection that begins with this byte may be.
fn stranger(first: u8) -> &'static str {
    match first {
        0x16 => "a TLS record, so this may be wss, and what is inside is encrypted",
        _ => "no policy request, no HTTP",
    }
}
