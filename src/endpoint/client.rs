//! A client: asks, believes the answer or not, then speaks.

use std::collections::VecDeque;

use super::command::Command;
use super::event::{Event, Options, Random, SendError};
use super::link::{Link, common};
use super::output::Output;
use super::rest::Rest;
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;
use crate::wire::frame::hybi::Header;
use crate::wire::handshake::{Offer, Secret, request, response_body_length, verify};
use crate::wire::http::{Head, find_head_end, may_begin, parse_head};
use crate::wire::message::Kind;
use crate::wire::tls::record;

/// What a client asks for and how it behaves.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The opening request.
    pub offer: Offer,
    /// What it does by itself, and its limits.
    pub options: Options,
}

/// A client of one version. See the [module's text](super) for the loop around it.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    secret: Secret,
    stage: Stage,
    out: Output,
    events: VecDeque<Event>,
}

enum Stage {
    /// The response is not whole yet.
    Opening(Box<Opening>),
    Open(Link),
    /// There is no WebSocket, or none any more; the rest of an answer that refused it may follow.
    Over(Rest),
}

struct Opening {
    request: Option<Head>,
    received: Vec<u8>,
    searched: usize,
    keys: Random,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opening(opening) => write!(f, "Opening({} bytes)", opening.received.len()),
            Self::Open(link) => link.fmt(f),
            Self::Over(rest) => write!(f, "Over({rest:?})"),
        }
    }
}

impl Client {
    /// A client whose opening request is in the output. `keys` gives the masking keys.
    pub fn new(config: ClientConfig, secret: Secret, keys: Random) -> Self {
        let bytes = request(&config.offer, &secret);
        let request = match parse_head(&bytes, Side::Client, usize::MAX) {
            Parse::Done(head, _) => Some(head),
            Parse::More | Parse::Broken(_) => None,
        };
        let opening = Opening { request, received: Vec::new(), searched: 0, keys };
        Self {
            config,
            secret,
            stage: Stage::Opening(Box::new(opening)),
            out: Output::of(bytes),
            events: VecDeque::new(),
        }
    }

    /// The version that was asked for.
    pub fn protocol(&self) -> Protocol {
        self.config.offer.protocol
    }

    /// Takes in bytes of the server.
    pub fn receive(&mut self, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Open(link) => link.receive(bytes, &mut self.out.bytes, &mut self.events),
            Stage::Opening(opening) => {
                opening.received.extend_from_slice(bytes);
                self.read_response();
            }
            Stage::Over(rest) => rest.take(bytes),
        }
    }

    fn read_response(&mut self) {
        while let Stage::Opening(opening) = &mut self.stage {
            let limit = self.config.options.max_head;
            let received = &opening.received;
            match record::begins(received) {
                record::Beginning::Yes => {
                    let facts = facts!("answer", side = Side::Server);
                    let place = BitRange::bytes(0, record::Header::LENGTH);
                    return self.fail(vec![Rule::TlsUnasked.says(place, facts)]);
                }
                record::Beginning::More if !received.is_empty() => return,
                record::Beginning::More | record::Beginning::No => {}
            }
            let head = match find_head_end(received, opening.searched) {
                None if received.len() <= limit && may_begin(received, Side::Server) => {
                    opening.searched = received.len();
                    return;
                }
                _ => parse_head(received, Side::Server, limit),
            };
            let (head, length) = match head {
                Parse::Done(head, length) => (head, length),
                Parse::More => return,
                Parse::Broken(finding) => return self.fail(vec![finding]),
            };
            if head.status().is_some_and(|status| (100..200).contains(&status) && status != 101) {
                // An interim response: the final one follows (RFC 9110 section 15.2).
                opening.received.drain(..length);
                opening.searched = 0;
                continue;
            }
            let body = response_body_length(self.config.offer.protocol, &head);
            let Some(proof) = opening.received.get(length..length + body) else { return };
            let Some(request) = &opening.request else {
                return self.fail(vec![Rule::HttpMalformed.about(facts!("sent"))]);
            };
            match verify(&self.config.offer, &self.secret, request, &head, proof) {
                Ok(agreement) => {
                    let rest = opening.received.split_off(length + body);
                    let resource = self.config.offer.resource.clone();
                    let keys = std::mem::replace(&mut opening.keys, Box::new(|_| ()));
                    let mut link =
                        Link::new(Side::Client, &agreement, self.config.options, Some(keys), false);
                    self.events.push_back(Event::Open { agreement, resource });
                    link.receive(&rest, &mut self.out.bytes, &mut self.events);
                    self.stage = Stage::Open(link);
                }
                Err(findings) => match head.status() {
                    Some(status) if status != 101 => {
                        let mut rest = head.body(Some(request)).map_or(Rest::Nothing, Rest::of);
                        rest.take(opening.received.get(length..).unwrap_or_default());
                        self.events.push_back(Event::Refused { status, findings });
                        self.stage = Stage::Over(rest);
                    }
                    _ => self.fail(findings),
                },
            }
            return;
        }
    }

    fn fail(&mut self, findings: Vec<Finding>) {
        self.events.push_back(Event::Failed { findings });
        self.stage = Stage::Over(Rest::Nothing);
    }

    /// The server will send no more, or the caller gives up waiting for it.
    pub fn end_of_input(&mut self) {
        match &mut self.stage {
            Stage::Open(link) => link.end_of_input(&mut self.events),
            Stage::Opening(opening) => {
                let facts = match opening.received.len() {
                    0 => facts!("no-answer"),
                    count => facts!("cut-answer", count),
                };
                self.fail(vec![Rule::HandshakeIncomplete.about(facts)]);
            }
            Stage::Over(rest) => *rest = Rest::Nothing,
        }
    }

    /// Whether the handshake is over and messages can be sent.
    pub fn is_open(&self) -> bool {
        matches!(&self.stage, Stage::Open(link) if !link.is_closed())
    }

    /// Whether both ends said goodbye. A client then waits for the server to close TCP, for a while.
    pub fn is_closed(&self) -> bool {
        match &self.stage {
            Stage::Opening(_) => false,
            Stage::Open(link) => link.is_closed(),
            Stage::Over(_) => true,
        }
    }

    /// Whether the transport is to be closed, once all output is written.
    pub fn wants_close(&self) -> bool {
        match &self.stage {
            Stage::Opening(_) => false,
            Stage::Open(link) => link.wants_close(),
            Stage::Over(rest) => rest.is_over(),
        }
    }

    /// The open connection, and where its bytes go.
    fn link(&mut self) -> Result<(&mut Link, &mut Vec<u8>), SendError> {
        match &mut self.stage {
            Stage::Open(link) => Ok((link, &mut self.out.bytes)),
            Stage::Opening(_) | Stage::Over(_) => Err(SendError::NotOpen),
        }
    }
}

common!(Client);
