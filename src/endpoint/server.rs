//! A server: one connection, from its first byte to its last.

use std::collections::VecDeque;
use std::sync::Arc;

use super::command::Command;
use super::event::{Event, Options, SendError, Show};
use super::http::{self, Reply};
use super::link::{Link, common};
use super::output::Output;
use super::random::random;
use crate::facts;
use crate::model::dialect::Refusal;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Reaction, Rule, Severity};
use crate::wire::Parse;
use crate::wire::frame::hybi::Header;
use crate::wire::handshake::{Answer, Policy, answer, detect, refuse, request_body_length};
use crate::wire::http::{Body, Head, find_head_end, leading_lines, may_begin, parse_head};
use crate::wire::message::Kind;
use crate::wire::policy;
use crate::wire::tls::record;
use crate::words::Words;

/// What a server is willing to do. Its connections share it.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Versions, subprotocols, compression, origins.
    pub policy: Policy,
    /// The Flash policy file that is served to who asks for it; none for dropping who asks.
    pub flash_policy: Option<String>,
    /// The 16 bytes of `Sec-WebSocket-Nonce`, which hybi-04 asks for; none for random ones.
    pub nonce: Option<[u8; 16]>,
    /// Whether requests that ask for no WebSocket are answered with pages; if not, with 426.
    pub pages: bool,
    /// What it does by itself, and its limits.
    pub options: Options,
}

impl Default for ServerConfig {
    /// Every version, no subprotocol, no compression, any origin, the permissive policy file, and pages.
    fn default() -> Self {
        Self {
            policy: Policy {
                protocols: Protocol::WEBSOCKET.to_vec(),
                subprotocols: Vec::new(),
                deflate: None,
                origins: None,
                secure: false,
            },
            flash_policy: Some(policy::PERMISSIVE.to_owned()),
            nonce: None,
            pages: true,
            options: Options::default(),
        }
    }
}

/// The level of an alert that ends the connection (RFC 8446 section 6).
const FATAL: u8 = 2;

/// The description of an alert: no parameters were found that both ends accept (RFC 8446 section 6.2).
const HANDSHAKE_FAILURE: u8 = 40;

/// Says what was said last, whenever `/poll` is asked for: the caller knows what its connections share.
pub type Latest = Box<dyn Fn() -> Option<Arc<[u8]>> + Send>;

struct Poll(Latest);

impl std::fmt::Debug for Poll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Poll")
    }
}

/// The server's end of one connection. See the [module's text](super) for the loop around it.
#[derive(Debug)]
pub struct Server {
    config: Arc<ServerConfig>,
    options: Options,
    stage: Stage,
    /// What was received and belongs to nothing yet.
    received: Vec<u8>,
    out: Output,
    events: VecDeque<Event>,
    /// The message that `/poll` answers with.
    latest: Poll,
}

#[derive(Debug)]
enum Stage {
    /// Anything may come: the first byte decides, then the head.
    Start {
        searched: usize,
    },
    /// The head is there; key3 or a body is missing.
    Body(Box<Head>, BodyKind),
    /// A long poll waits for a message.
    LongPoll {
        keep: bool,
    },
    /// Messages are streamed as chunks.
    Streaming,
    Open(Link),
    /// Nothing more is read; TCP ends when the output is written.
    Over,
}

#[derive(Debug)]
enum BodyKind {
    /// The bytes of a handshake of this length.
    Handshake(Protocol, usize),
    Length(usize),
}

impl Server {
    /// The server's end of a new connection.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self {
            options: config.options,
            config,
            stage: Stage::Start { searched: 0 },
            received: Vec::new(),
            out: Output::default(),
            events: VecDeque::new(),
            latest: Poll(Box::new(|| None)),
        }
    }

    /// Takes in bytes of the client.
    #[inline]
    pub fn receive(&mut self, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Open(link) => link.receive(bytes, &mut self.out.bytes, &mut self.events),
            Stage::Over => {}
            _ => {
                self.received.extend_from_slice(bytes);
                self.read_opening();
            }
        }
    }

    /// Reads requests until one is not whole, or changes what the connection is.
    fn read_opening(&mut self) {
        loop {
            let moved = match &mut self.stage {
                Stage::Start { .. } => self.read_start(),
                Stage::Body(..) => self.read_body(),
                Stage::LongPoll { .. } | Stage::Streaming => {
                    // Requests may queue up behind an answer, but not without end.
                    if self.received.len() > self.options.max_head {
                        self.refuse(vec![Rule::HttpHeadTooLarge.about(facts!("queued"))]);
                    }
                    false
                }
                Stage::Open(_) | Stage::Over => false,
            };
            if !moved {
                return;
            }
        }
    }

    fn read_start(&mut self) -> bool {
        let Stage::Start { searched } = &mut self.stage else { return false };
        // They are passed over, however many come (RFC 9112 section 2.2): none of them is kept.
        let leading = leading_lines(&self.received);
        self.received.drain(..leading);
        *searched = searched.saturating_sub(leading);
        match self.received.first() {
            None => return false,
            Some(b'<') => return self.read_policy_request(),
            Some(_) => {}
        }
        match record::begins(&self.received) {
            record::Beginning::Yes => return self.answer_tls(),
            record::Beginning::More => return false,
            record::Beginning::No => {}
        }
        let limit = self.options.max_head;
        let end = find_head_end(&self.received, *searched);
        if end.is_none() && self.received.len() <= limit && may_begin(&self.received, Side::Client) {
            *searched = self.received.len();
            return false;
        }
        match parse_head(&self.received, Side::Client, limit) {
            Parse::More => false,
            Parse::Broken(finding) => {
                self.refuse(vec![finding]);
                false
            }
            Parse::Done(head, length) => {
                self.received.drain(..length);
                self.take_head(head);
                true
            }
        }
    }

    /// A client that takes this for a port of `wss:`. An alert is what it understands (RFC 8446 section 6.2): without TLS
    /// there are no parameters that both could agree on. Its version is that of the client's own record, which every
    /// client of any version reads.
    fn answer_tls(&mut self) -> bool {
        if let Some(hello) = record::Header::read(&self.received) {
            let alert = record::Header { content_type: record::ALERT_TYPE, length: 2, ..hello };
            self.out.bytes.extend(alert.encode());
            self.out.bytes.extend([FATAL, HANDSHAKE_FAILURE]);
        }
        let place = BitRange::bytes(0, record::Header::LENGTH);
        self.events
            .push_back(Event::Failed { findings: vec![Rule::TlsUnasked.says(place, facts!("hello"))] });
        self.stage = Stage::Over;
        false
    }

    /// Flash Player's question (web-socket-ruby tells it from HTTP by the first byte, too).
    fn read_policy_request(&mut self) -> bool {
        match (policy::parse_request(&self.received), &self.config.flash_policy) {
            (Parse::More, _) => {}
            (Parse::Done(..), Some(document)) => {
                self.out.bytes.extend(policy::Response::new(document.as_bytes()).encode());
                self.events.push_back(Event::PolicyServed);
                self.stage = Stage::Over;
            }
            (Parse::Done(..), None) => self.stage = Stage::Over,
            (Parse::Broken(finding), _) => {
                self.events.push_back(Event::Failed { findings: vec![finding] });
                self.stage = Stage::Over;
            }
        }
        false
    }

    fn take_head(&mut self, head: Head) {
        if let Some(protocol) = detect(&head) {
            let length = request_body_length(protocol);
            self.stage = Stage::Body(Box::new(head), BodyKind::Handshake(protocol, length));
            return;
        }
        if head.is_http2_preface() {
            // To a server of HTTP/1.1 it is a request of a major version that it does not speak (RFC 9110 section
            // 15.6.6); a GOAWAY would be a frame of HTTP/2, and claim that it is spoken here.
            return self.refuse(vec![Rule::Http2NotSpoken.says(head.bits(), facts!("served"))]);
        }
        // What a request means that breaks these rules, servers and proxies do not agree on (RFC 9112 section 11).
        let refused = |finding: &&Finding| {
            finding.severity() == Severity::Error && matches!(finding.reaction(), Reaction::Refuse(_))
        };
        let findings: Vec<Finding> = head.findings().iter().filter(refused).cloned().collect();
        if !findings.is_empty() {
            return self.refuse(findings);
        }
        let kind = match head.body(None) {
            Ok(Body::Length(length)) => match usize::try_from(length) {
                Ok(length) if length <= self.options.max_body => BodyKind::Length(length),
                _ => {
                    return self.page(
                        &head,
                        Reply::whole(413, http::TEXT, b"The body is too large\n"),
                        false,
                    );
                }
            },
            Ok(Body::Chunked) => {
                let words = b"Say the length of the body in Content-Length\n";
                return self.page(&head, Reply::whole(411, http::TEXT, words), false);
            }
            Ok(Body::None | Body::UntilClose) => BodyKind::Length(0),
            Err(finding) => {
                self.refuse(vec![finding]);
                return;
            }
        };
        self.stage = Stage::Body(Box::new(head), kind);
    }

    fn read_body(&mut self) -> bool {
        let Stage::Body(_, BodyKind::Handshake(_, length) | BodyKind::Length(length)) = self.stage else {
            return false;
        };
        if self.received.len() < length {
            return false;
        }
        let rest = self.received.split_off(length);
        let body = std::mem::replace(&mut self.received, rest);
        match std::mem::replace(&mut self.stage, Stage::Start { searched: 0 }) {
            Stage::Body(head, BodyKind::Handshake(protocol, _)) => self.open(&head, &body, protocol),
            Stage::Body(head, _) => self.serve(&head, &body),
            _ => {}
        }
        true
    }

    fn nonce(&self) -> [u8; 16] {
        self.config.nonce.unwrap_or_else(|| {
            let mut nonce = [0; 16];
            random()(&mut nonce);
            nonce
        })
    }

    /// Answers an opening request.
    fn open(&mut self, head: &Head, body: &[u8], protocol: Protocol) {
        match answer(head, body, &self.config.policy, self.nonce()) {
            Answer::Accept { bytes, agreement } => {
                if !self.received.is_empty() && protocol.dialect_or_latest().opening.waits {
                    // Rule 30: the server might have refused, and then these bytes would be a request.
                    let facts = facts!("bytes", count = self.received.len());
                    self.events.push_back(Event::Failed { findings: vec![Rule::EarlyData.about(facts)] });
                    self.stage = Stage::Over;
                    return;
                }
                self.out.bytes.extend(bytes);
                let hybi01 = self.config.policy.protocols.contains(&Protocol::Hybi2);
                let mut link = Link::new(Side::Server, &agreement, self.options, None, hybi01);
                self.events.push_back(Event::Open { agreement, resource: head.target().into_owned() });
                let rest = std::mem::take(&mut self.received);
                link.receive(&rest, &mut self.out.bytes, &mut self.events);
                self.stage = Stage::Open(link);
            }
            Answer::Close { findings } => {
                self.events.push_back(Event::Failed { findings });
                self.stage = Stage::Over;
            }
            Answer::Refuse { status: 426, findings, .. }
                if protocol.dialect_or_latest().opening.refusal == Refusal::Closes =>
            {
                self.out.bytes.extend(refuse(400, &said(&findings), &[]));
                self.events.push_back(Event::Refused { status: 400, findings });
                self.stage = Stage::Over;
            }
            Answer::Refuse { status, bytes, findings } => {
                self.out.bytes.extend(bytes);
                self.events.push_back(Event::Refused { status, findings });
                self.stage = Stage::Over;
            }
        }
    }

    /// Answers a request that asks for no WebSocket.
    fn serve(&mut self, head: &Head, body: &[u8]) {
        if self.config.pages {
            let reply = http::reply(head, body, (self.latest.0)().as_deref(), &self.config.policy.protocols);
            self.page(head, reply, http::keeps_alive(head));
        } else if let Answer::Refuse { status, bytes, findings } =
            answer(head, body, &self.config.policy, self.nonce())
        {
            self.out.bytes.extend(bytes);
            self.events.push_back(Event::Refused { status, findings });
            self.stage = Stage::Over;
        }
    }

    fn page(&mut self, head: &Head, reply: Reply, keep: bool) {
        let status = match &reply {
            Reply::Whole { status, .. } => *status,
            Reply::Stream => 200,
            Reply::LongPoll => 0,
        };
        let (method, target) = (head.method().to_owned(), head.target().into_owned());
        self.events.push_back(Event::Http { method, target, status });
        match reply {
            Reply::Whole { status, kind, body, said } => {
                self.out.bytes.extend(http::response(status, kind, &body, keep, head.method() == "HEAD"));
                self.events.extend(said.map(Event::Said));
                self.stage = if keep { Stage::Start { searched: 0 } } else { Stage::Over };
            }
            Reply::LongPoll => self.stage = Stage::LongPoll { keep },
            Reply::Stream => {
                self.out.bytes.extend(http::stream_head());
                self.stage = Stage::Streaming;
            }
        }
    }

    fn refuse(&mut self, findings: Vec<Finding>) {
        let status = match findings.first().map(Finding::reaction) {
            Some(Reaction::Refuse(status)) => status,
            _ => 400,
        };
        self.out.bytes.extend(refuse(status, &said(&findings), &[]));
        self.events.push_back(Event::Refused { status, findings });
        self.stage = Stage::Over;
    }

    /// Whether this connection waits for messages that others said: a long poll, or a stream. The caller hands them
    /// on with [`publish`](Self::publish).
    pub fn waits_for_messages(&self) -> bool {
        matches!(self.stage, Stage::LongPoll { .. } | Stage::Streaming)
    }

    /// Whether a long poll waits, which must not wait forever: [`poll_timed_out`](Self::poll_timed_out).
    pub fn is_polling(&self) -> bool {
        matches!(self.stage, Stage::LongPoll { .. })
    }

    /// How much of messages is shown from now on, in place of what the configuration says.
    pub fn set_show(&mut self, show: Show) {
        if show != self.options.show {
            self.options.show = show;
            if let Stage::Open(link) = &mut self.stage {
                link.set_show(show);
            }
        }
    }

    /// Where to ask what was said last. Without, nothing was.
    pub fn set_latest(&mut self, latest: Latest) {
        self.latest = Poll(latest);
    }

    /// Somebody said something: answers a long poll, or adds a chunk to a stream.
    pub fn publish(&mut self, message: &[u8]) {
        match self.stage {
            Stage::LongPoll { keep } => self.end_poll(200, message, keep),
            Stage::Streaming => http::chunk(message, &mut self.out.bytes),
            _ => {}
        }
    }

    /// Nobody said anything for as long as a long poll waits: it is answered with 204.
    pub fn poll_timed_out(&mut self) {
        if let Stage::LongPoll { keep } = self.stage {
            self.end_poll(204, b"", keep);
        }
    }

    fn end_poll(&mut self, status: u16, message: &[u8], keep: bool) {
        self.out.bytes.extend(http::response(status, http::TEXT, message, keep, false));
        self.stage = if keep { Stage::Start { searched: 0 } } else { Stage::Over };
        self.read_opening();
    }

    /// The client will send no more.
    pub fn end_of_input(&mut self) {
        match &mut self.stage {
            Stage::Open(link) => link.end_of_input(&mut self.events),
            Stage::Body(head, BodyKind::Handshake(..)) => {
                let end = BitRange::bytes(head.len(), head.len() + self.received.len());
                let findings = vec![Rule::Key3Short.says(end, facts!("came", count = self.received.len()))];
                self.events.push_back(Event::Failed { findings });
                self.stage = Stage::Over;
            }
            Stage::Start { .. } if self.received.is_empty() => self.stage = Stage::Over,
            // Flash Player is not the only one that forgets the NUL.
            Stage::Start { .. } if policy::finish_request(&self.received).is_some() => {
                if let Some((request, _)) = policy::finish_request(&self.received) {
                    self.events.extend(request.findings().into_iter().map(Event::Noticed));
                    self.received = policy::Request { terminated: true }.encode();
                    self.read_policy_request();
                }
                self.stage = Stage::Over;
            }
            Stage::Start { .. } | Stage::Body(..) => {
                let findings = vec![Rule::HandshakeIncomplete.about(facts!("request"))];
                self.events.push_back(Event::Failed { findings });
                self.stage = Stage::Over;
            }
            Stage::LongPoll { .. } | Stage::Streaming | Stage::Over => self.stage = Stage::Over,
        }
    }

    /// The server stops: says goodbye with 1001, or as the version has it; ends what waits. Then the caller waits for
    /// [`wants_close`](Self::wants_close), but not for long.
    pub fn shut_down(&mut self) {
        match &mut self.stage {
            Stage::Open(link) => {
                // An error says that it is closing already.
                let _ = link.close(Some(1001), "The server stops", &mut self.out.bytes);
            }
            Stage::LongPoll { .. } => {
                self.end_poll(204, b"", false);
                self.stage = Stage::Over;
            }
            Stage::Streaming => {
                self.out.bytes.extend_from_slice(http::LAST_CHUNK);
                self.stage = Stage::Over;
            }
            Stage::Start { .. } | Stage::Body(..) => self.stage = Stage::Over,
            Stage::Over => {}
        }
    }

    /// Whether the WebSocket is open and messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(&self.stage, Stage::Open(link) if !link.is_closed())
    }

    /// Whether no request has been answered yet: the time in which the handshake must come.
    pub fn is_opening(&self) -> bool {
        matches!(self.stage, Stage::Start { .. } | Stage::Body(..))
    }

    /// Whether the transport is to be closed, once all output is written.
    pub fn wants_close(&self) -> bool {
        match &self.stage {
            Stage::Open(link) => link.wants_close(),
            Stage::Over => true,
            _ => false,
        }
    }

    /// The open connection, and where its bytes go.
    fn link(&mut self) -> Result<(&mut Link, &mut Vec<u8>), SendError> {
        match &mut self.stage {
            Stage::Open(link) => Ok((link, &mut self.out.bytes)),
            Stage::Over => Err(SendError::Closing),
            _ => Err(SendError::NotOpen),
        }
    }
}

common!(Server);

/// What a refusal says: English, a line a finding.
fn said(findings: &[Finding]) -> String {
    findings.iter().map(|finding| Words::english().finding(finding)).collect::<Vec<_>>().join("\n")
}
