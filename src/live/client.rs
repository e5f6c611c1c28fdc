//! A client: connects, shakes hands, tells what happens.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::identity::Identity;
use super::limits::Limits;
use super::recorder::{Heard, Recorder};
use super::wire::{Step, Wire, is_reset};
use crate::endpoint::WsUrl;
use crate::endpoint::{self, Event, Options};
use crate::endpoint::{random, seeded};
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Finding;
use crate::said_in_english;
use crate::trace::ConnectionId;
use crate::wire::deflate;
use crate::wire::handshake::{Agreement, Offer, Secret};
use crate::words::{Said, Words};

/// What a client asks for, of whom, and how it behaves.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where the WebSocket is.
    pub url: WsUrl,
    /// The version to speak.
    pub protocol: Protocol,
    /// Where the page comes from. The hixie versions always name an origin: without one, that of the address.
    pub origin: Option<String>,
    /// The subprotocols, the most wanted first.
    pub subprotocols: Vec<String>,
    /// More header fields.
    pub headers: Vec<(String, String)>,
    /// What permessage-deflate is offered with; none for not at all. Only RFC 6455 has it.
    pub deflate: Option<deflate::Offer>,
    /// The keys of the handshake, for a run that can be repeated; none for random ones.
    pub secret: Option<Secret>,
    /// Makes all that is random the same in each run, masking keys included.
    pub seed: Option<u64>,
    /// What the endpoint does by itself, and its limits.
    pub options: Options,
    /// The limits of the socket: those for the handshake, for closing and for the write buffer count.
    pub limits: Limits,
    /// Records the connection.
    pub recorder: Option<Recorder>,
}

impl ClientConfig {
    /// A client of RFC 6455 that offers nothing.
    pub fn new(url: WsUrl) -> Self {
        Self {
            url,
            protocol: Protocol::LATEST,
            origin: None,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            deflate: None,
            secret: None,
            seed: None,
            options: Options::default(),
            limits: Limits::default(),
            recorder: None,
        }
    }

    fn offer(&self) -> Offer {
        Offer {
            protocol: self.protocol,
            resource: self.url.resource.clone(),
            host: self.url.host_field(),
            secure: false,
            origin: self.origin.clone(),
            subprotocols: self.subprotocols.clone(),
            extensions: self.deflate.iter().map(deflate::Offer::to_extension).collect(),
            headers: self.headers.clone(),
        }
        .fitted()
    }
}

/// Why there is no WebSocket.
#[derive(Debug)]
pub enum ConnectError {
    /// TCP did not connect.
    Tcp {
        /// Host and port.
        address: String,
        /// Why.
        error: io::Error,
    },
    /// The handshake took too long.
    TimedOut(Duration),
    /// The server answered, and not with 101.
    Refused {
        /// The status.
        status: u16,
        /// What is to be said about it.
        findings: Vec<Finding>,
    },
    /// The server's answer is none that a client may believe, or there is none.
    Invalid(Vec<Finding>),
    /// The connection broke.
    Broken(io::Error),
}

impl std::error::Error for ConnectError {}

impl Said for ConnectError {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Tcp { address, error } => {
                let error = error.to_string();
                words
                    .with("failure-connect", &[("address", address.as_str().into()), ("error", error.into())])
            }
            Self::TimedOut(time) => words.with("failure-no-answer", &[("time", format!("{time:?}").into())]),
            Self::Refused { status, .. } => {
                words.with("failure-refused", &[("status", status.to_string().into())])
            }
            Self::Invalid(findings) => {
                let finding = findings.first().map(|finding| words.finding_line(finding));
                words.with("failure-handshake", &[("finding", finding.unwrap_or_default().into())])
            }
            Self::Broken(error) => words.with("failure-broke", &[("error", error.to_string().into())]),
        }
    }
}

said_in_english!(ConnectError);

/// A client whose WebSocket is open. It moves only while [`next_event`](Self::next_event) is waited for.
#[derive(Debug)]
pub struct Client {
    machine: endpoint::Client,
    wire: Wire,
    agreement: Agreement,
    limits: Limits,
    local: SocketAddr,
    peer: SocketAddr,
    connection: ConnectionId,
    /// Kept while the connection is open and heard at its other end.
    _identity: Option<Identity>,
    /// Until then the server may answer the close frame, and then end TCP.
    closing: Option<Instant>,
    over: bool,
    ended: Option<TcpEnd>,
}

/// How TCP ended, seen from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TcpEnd {
    /// The server sends no more: FIN.
    Fin,
    /// The server broke the connection off: RST.
    Reset,
    /// Something else broke it; what the system says.
    Broken(String),
    /// Nothing came any more, and this end gave up waiting.
    Silent,
}

impl Client {
    /// Connects and shakes hands.
    ///
    /// # Errors
    /// Where there is no WebSocket in the end.
    pub async fn connect(config: ClientConfig) -> Result<Self, ConnectError> {
        let until = Instant::now() + config.limits.handshake;
        let mut client = Self::open_tcp(config, until).await?;
        client.shake_hands(until).await?;
        Ok(client)
    }

    /// Opens TCP. The opening request is in the output.
    pub(super) async fn open_tcp(config: ClientConfig, until: Instant) -> Result<Self, ConnectError> {
        let within = config.limits.handshake;
        let address = (config.url.host.as_str(), config.url.port);
        let named = || config.url.host_field();
        let stream = timeout_at(until, TcpStream::connect(address))
            .await
            .map_err(|_| ConnectError::TimedOut(within))?
            .map_err(|error| ConnectError::Tcp { address: named(), error })?;
        let (local, peer) = match (stream.local_addr(), stream.peer_addr()) {
            (Ok(local), Ok(peer)) => (local, peer),
            (Err(error), _) | (_, Err(error)) => return Err(ConnectError::Broken(error)),
        };
        let mut random = config.seed.map_or_else(random, seeded);
        let secret = config.secret.clone().unwrap_or_else(|| Secret::random(config.protocol, &mut random));
        let offer = config.offer();
        let endpoint_config = endpoint::ClientConfig { offer, options: config.options };
        let heard = config.recorder.as_ref().map(|recorder| recorder.client_tap(local, peer));
        let connection = heard.as_ref().map(Heard::connection).unwrap_or_default();
        let (tap, identity) = heard.map(Heard::split).unwrap_or_default();
        // A client that wants to write and does not read could wait for a server that does the same, forever. One that
        // only echoes has nothing of its own to write.
        let write_buffer = if config.options.echo { config.limits.write_buffer } else { usize::MAX };
        let none = Agreement {
            protocol: config.protocol,
            subprotocol: None,
            extensions: Vec::new(),
            deflate: None,
            deflate_stream: false,
            foreign: None,
            connection: None,
        };
        Ok(Self {
            machine: endpoint::Client::new(endpoint_config, secret, random),
            wire: Wire::new(stream, tap, Side::Client, write_buffer),
            agreement: none,
            limits: config.limits,
            local,
            peer,
            connection,
            _identity: identity,
            closing: None,
            over: false,
            ended: None,
        })
    }

    /// Sends the opening request, and believes the answer or not.
    pub(super) async fn shake_hands(&mut self, until: Instant) -> Result<(), ConnectError> {
        let opened = self.opens(until).await;
        if let Err(error) = &opened {
            if matches!(error, ConnectError::TimedOut(_)) {
                self.machine.end_of_input();
            }
            self.part().await;
        }
        opened
    }

    /// Leaves a connection without a WebSocket as it should be left: the server says to the end what it has to say, for
    /// as long as closing may take, and both ends of TCP are recorded.
    async fn part(&mut self) {
        self.begin_closing();
        while !self.over {
            let _ = self.next_event().await;
        }
    }

    async fn opens(&mut self, until: Instant) -> Result<(), ConnectError> {
        let within = self.limits.handshake;
        let answer =
            timeout_at(until, self.next_event()).await.map_err(|_| ConnectError::TimedOut(within))?;
        match answer.map_err(ConnectError::Broken)? {
            Some(Event::Open { agreement, .. }) => {
                self.agreement = agreement;
                Ok(())
            }
            Some(Event::Refused { status, findings }) => Err(ConnectError::Refused { status, findings }),
            Some(Event::Failed { findings }) => Err(ConnectError::Invalid(findings)),
            _ => Err(ConnectError::Invalid(Vec::new())),
        }
    }

    /// What both ends agreed on.
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// The connection, as in the trace of its recording.
    pub const fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// This end's address.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The server's address.
    pub const fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    /// The state machine, to send with. What it is told goes out while [`next_event`](Self::next_event) is waited for.
    pub fn endpoint(&mut self) -> &mut endpoint::Client {
        &mut self.machine
    }

    /// How TCP ended; none while it has not.
    pub fn how_ended(&self) -> Option<TcpEnd> {
        self.ended.clone()
    }

    /// From now on the server has only so long to answer the close frame and to end TCP.
    pub(super) fn begin_closing(&mut self) {
        self.closing.get_or_insert(Instant::now() + self.limits.closing);
    }

    /// What happens next; none after the end. Nothing is lost where the future is dropped.
    ///
    /// # Errors
    /// Where the connection breaks. After that comes [`Event::Closed`], which is not clean.
    pub async fn next_event(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(event) = self.machine.poll_event() {
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            if self.machine.is_closed() && self.closing.is_none() {
                self.closing = Some(Instant::now() + self.limits.closing);
            }
            if self.machine.wants_close() && self.machine.output().is_empty() && !self.wire.is_shut() {
                self.wire.shut_down().await;
            }
            // Asked here too: with a server that sends without a pause, time would never be up.
            if self.closing.is_some_and(|until| Instant::now() >= until) {
                self.end(TcpEnd::Silent).await;
                continue;
            }
            self.wire.room().await;
            let (wire, machine) = (&mut self.wire, &mut self.machine);
            let step = poll_fn(|context| wire.poll_step(machine, context));
            let step = match self.closing {
                Some(until) => timeout_at(until, step).await,
                None => Ok(step.await),
            };
            match step {
                Ok(Ok(Step::Moved)) => {}
                Ok(Ok(Step::Ended)) => self.end(TcpEnd::Fin).await,
                Err(_) => self.end(TcpEnd::Silent).await,
                Ok(Err(error)) => {
                    let how =
                        if is_reset(&error) { TcpEnd::Reset } else { TcpEnd::Broken(error.to_string()) };
                    self.end(how).await;
                    return Err(error);
                }
            }
        }
    }

    async fn end(&mut self, how: TcpEnd) {
        self.ended.get_or_insert(how);
        self.over = true;
        self.machine.end_of_input();
        self.wire.shut_down().await;
    }
}
