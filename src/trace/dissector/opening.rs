//! Who speaks what: the first byte of a lane, and the opening handshake.

use super::http::{BodyScan, HeadScan, Rest, rest_of};
use super::{Dissector, Link, Mode};
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::{Rule, Severity};
use crate::trace::conversation::{Conversation, Handshake};
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::handshake;
use crate::wire::http::Head;

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) head: Head,
    /// The version that the request asks for; none for plain HTTP.
    pub(super) asks_for: Option<Protocol>,
    /// The bytes behind the head that belong to the handshake (key3).
    body: Vec<u8>,
    /// The request's item, once it is complete.
    item: Option<u32>,
}

impl Exchange {
    /// The exchange that this request begins.
    pub(super) fn new(head: Head, asks_for: Option<Protocol>) -> Self {
        Self { head, asks_for, body: Vec::new(), item: None }
    }

    /// The request's item, once it is complete.
    pub(super) fn item(&self) -> Option<u32> {
        self.item
    }

    fn is_tunnel(&self) -> bool {
        self.head.method() == "CONNECT"
    }
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

    /// The head of a request was read: what body follows, and what it asks for.
    pub(super) fn request_head(&mut self, head: Head) {
        let asks_for = handshake::detect(&head);
        let lane = &mut self.lanes[Side::Client.index()];
        let rest = match asks_for {
            Some(protocol) => Rest::Length(handshake::request_body_length(protocol) as u64),
            None => rest_of(head.body(None), &mut lane.findings),
        };
        let head_length = head.raw().len() as u64;
        lane.mode = Mode::Body(Box::new(BodyScan { head: None, head_length, rest }));
        self.exchanges.push_back(Exchange::new(head, asks_for));
    }

    /// The head of a response was read: what body follows.
    pub(super) fn response_head(&mut self, head: Head) {
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

    /// A request is whole, or cut.
    pub(super) fn request_complete(
        &mut self,
        talk: &mut Conversation,
        store: &Store,
        complete: bool,
    ) -> bool {
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

    /// A response is whole, or cut.
    pub(super) fn response_complete(
        &mut self,
        talk: &mut Conversation,
        store: &Store,
        complete: bool,
    ) -> bool {
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
            (Some(exchange), None) if exchange.is_tunnel() && (200..300).contains(&status) => {
                self.hand_over = Some([self.lanes[0].at, self.lanes[1].at]);
                self.lanes[1].mode = Mode::Waiting;
            }
            // The proxy said no: the client begins something new.
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

    /// The same where what came before was not recorded.
    pub(in crate::trace) fn join(
        &mut self,
        talk: &mut Conversation,
        protocol: Protocol,
        deflate: Option<crate::wire::deflate::Params>,
    ) {
        for side in Side::BOTH {
            self.lanes[side.index()].lossy = true;
            self.pings.gap(side);
        }
        self.open(talk, protocol, deflate);
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

/// What a connection that begins with this byte may be.
fn stranger(first: u8) -> &'static str {
    match first {
        0x16 => "a TLS record, so this may be wss, and what is inside is encrypted",
        _ => "no policy request, no HTTP",
    }
}
