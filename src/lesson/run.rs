//! A script while it is played: the same bytes in every run.
//!
//! [`Run`] plays a [`Talk`] without I/O: it says which bytes go from whom to whom, and whoever carries them (memory
//! here, sockets in `live`) tells it when they have arrived. Nothing is done before all that went before has arrived,
//! so items always come in the same order.

use std::collections::VecDeque;
use std::sync::Arc;

use super::script::{Action, ClientSide, Frame, ScriptError, ServerSide, Talk};
use super::text::Bytes;
use crate::endpoint::{
    Client, ClientConfig, Command, Endpoint, Fault, FaultyServer, Move, Options, Pair, Random, SendError,
    Server, ServerConfig,
};
use crate::model::dialect::Proof;
use crate::model::protocol::{Protocol, Side};
use crate::trace::{End, Place, Timestamp, Trace};
use crate::wire::deflate;
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hybi::{Header, LengthForm, Opcode};
use crate::wire::handshake::hixie76::Keys;
use crate::wire::handshake::{Offer, Policy, Secret};
use crate::wire::message::Kind;

/// A connection while it is played.
#[derive(Debug)]
pub struct Run {
    pair: Pair<Machine, Machine>,
    masks: [Vec<[u8; 4]>; 2],
    actions: VecDeque<(usize, Action)>,
    acted: bool,
}

#[derive(Debug)]
enum Machine {
    Client(Box<Client>),
    Server(Box<Server>),
    Faulty(Box<FaultyServer>),
    /// Sends what it is told, and listens to nothing.
    Raw(Vec<u8>, bool),
}

impl Run {
    /// The beginning of a connection.
    ///
    /// # Errors
    /// Where a name or a key of the script is wrong.
    pub fn new(talk: &Talk) -> Result<Self, ScriptError> {
        let masks = masks(&talk.client)?;
        Ok(Self {
            pair: Pair::new(client(&talk.client, masks.clone())?, server(&talk.server)?),
            masks: [masks, Vec::new()],
            actions: talk.actions.iter().cloned().enumerate().map(|(at, action)| (at + 1, action)).collect(),
            acted: false,
        })
    }

    /// What goes over next; none at the end. [`arrived`](Self::arrived) is to be told before this is asked again.
    ///
    /// # Errors
    /// Where the script wants what cannot be done.
    pub fn next_move(&mut self) -> Result<Option<Move>, ScriptError> {
        self.acted = false;
        loop {
            if let Some(next) = self.pair.next_move() {
                return Ok(Some(next));
            }
            let Some((number, action)) = self.actions.pop_front() else { return Ok(None) };
            self.act(number, &action)?;
            self.acted = true;
        }
    }

    /// Whether the last move begins something new, rather than answers.
    pub const fn begins(&self) -> bool {
        self.acted
    }

    /// The other end has it.
    pub fn arrived(&mut self, what: &Move) {
        self.pair.arrived(what);
    }

    fn act(&mut self, number: usize, action: &Action) -> Result<(), ScriptError> {
        let side = match action.by.as_deref() {
            None | Some("client") => Side::Client,
            Some("server") => Side::Server,
            Some(other) => return Err(ScriptError::Name(other.to_owned(), "side")),
        };
        let end = match side {
            Side::Client => &mut self.pair.client,
            Side::Server => &mut self.pair.server,
        };
        let doings = doings(action, end.coding(), self.masks[side.index()].first().copied())?;
        let [doing] = &doings[..] else { return Err(ScriptError::Kinds(number, doings.len())) };
        end.act(doing).map_err(|error| match error {
            Some(error) => ScriptError::Send(number, error),
            None => ScriptError::Cannot(number),
        })
    }
}

/// What an action comes to.
enum Doing {
    Send(Command),
    /// Ends TCP without a word.
    HangUp,
}

fn doings(action: &Action, coding: Coding, mask: Option<[u8; 4]>) -> Result<Vec<Doing>, ScriptError> {
    let mut commands = Vec::new();
    commands.extend(action.text.clone().map(Command::text));
    let letters = |count| "abcdefghij".chars().cycle().take(count).collect::<String>();
    commands.extend(action.letters.map(|count| Command::text(letters(count))));
    commands.extend(action.binary.clone().map(|bytes| Command::binary(bytes.0)));
    commands.extend(action.ping.clone().map(|text| Command::Ping(text.into_bytes())));
    let parts = |parts: Vec<String>| parts.into_iter().map(String::into_bytes).collect();
    commands.extend(action.fragments.clone().map(|texts| Command::Fragments(Kind::Text, parts(texts))));
    for frames in action.frame.iter().map(std::slice::from_ref).chain(action.frames.as_deref()) {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.write(&coding, mask, &mut bytes)?;
        }
        commands.push(Command::Raw(bytes));
    }
    commands.extend(action.raw.clone().map(|bytes| Command::Raw(bytes.0)));
    commands.extend(action.raw_text.clone().map(|text| Command::Raw(text.into_bytes())));
    let reason = || action.reason.clone();
    commands.extend(action.close.map(|code| Command::Close((code != 0).then_some(code), reason())));
    let doings = commands.into_iter().map(Doing::Send);
    Ok(doings.chain(action.hang_up.then_some(Doing::HangUp)).collect())
}

impl Frame {
    /// Appends the frame as `coding` puts it on the wire.
    fn write(
        &self,
        coding: &Coding,
        mask_key: Option<[u8; 4]>,
        out: &mut Vec<u8>,
    ) -> Result<(), ScriptError> {
        let known = (0..16).map(Opcode::new).find(|opcode| opcode.name() == self.opcode);
        // A number is the one that the version writes.
        let number = || self.opcode.parse().ok().filter(|number| *number < 16);
        let numbered = || number().map(|number| Opcode::new(coding.layout().opcode(number)));
        let opcode =
            known.or_else(numbered).ok_or_else(|| ScriptError::Name(self.opcode.clone(), "opcode"))?;
        let payload = [self.text.as_bytes(), &self.bytes.0].concat();
        let mut header = Header::new(opcode, self.length.unwrap_or(payload.len() as u64));
        header.fin = self.fin;
        for (at, bit) in header.rsv.iter_mut().enumerate() {
            *bit = self.rsv.iter().any(|rsv| usize::from(*rsv) == at + 1);
        }
        header.rsv4 = self.rsv.contains(&4);
        header.key_first = coding.covers_header();
        header.length_form = match self.length_bits {
            None => header.length_form,
            Some(7) => LengthForm::Short,
            Some(16) => LengthForm::Medium,
            Some(64) => LengthForm::Long,
            Some(other) => return Err(ScriptError::Name(other.to_string(), "length-bits")),
        };
        header.mask = match &self.mask {
            Some(key) => Some(key_of(key)?),
            None if self.masked == Some(false) => None,
            None => mask_key,
        };
        coding.write(&header, &payload, out);
        Ok(())
    }
}

fn key_of(bytes: &Bytes) -> Result<[u8; 4], ScriptError> {
    bytes.0.as_slice().try_into().map_err(|_| ScriptError::Length("masking-key", bytes.0.len(), 4))
}

fn masks(side: &ClientSide) -> Result<Vec<[u8; 4]>, ScriptError> {
    side.masks.iter().map(key_of).collect()
}

fn version(name: &str) -> Result<Protocol, ScriptError> {
    let known = name.parse().ok().filter(|protocol: &Protocol| protocol.family().is_some());
    known.ok_or_else(|| ScriptError::Name(name.to_owned(), "version"))
}

fn fault(name: &str, side: Side) -> Result<&'static Fault, ScriptError> {
    let found = Fault::find(name).filter(|fault| fault.side == side);
    found.ok_or_else(|| ScriptError::Name(name.to_owned(), "fault"))
}

fn client(side: &ClientSide, masks: Vec<[u8; 4]>) -> Result<Machine, ScriptError> {
    if side.version == "none" {
        return Ok(Machine::Raw(Vec::new(), false));
    }
    let protocol = version(&side.version)?;
    let fault = side.faulty.as_deref().map(|name| fault(name, Side::Client)).transpose()?;
    let key3 = side.key3.0.as_slice();
    let secret = match protocol.dialect_or_latest().opening.proof {
        Proof::Nothing => Secret::None,
        Proof::Md5Challenge => Secret::Hixie76(Keys {
            key1: side.key1.clone(),
            key2: side.key2.clone(),
            key3: key3.try_into().map_err(|_| ScriptError::Length("key3", key3.len(), 8))?,
            order: 0,
        }),
        Proof::Sha1Accept => {
            Secret::Hybi(fault.map_or_else(|| side.key.clone(), |fault| fault.key(&side.key)))
        }
    };
    let mut offer = Offer {
        protocol,
        resource: side.resource.clone(),
        host: side.host.clone(),
        secure: false,
        origin: side.origin.clone(),
        subprotocols: side.subprotocols.clone(),
        extensions: side.deflate.then(|| deflate::Offer::default().to_extension()).into_iter().collect(),
        headers: side.headers.clone(),
    }
    .fitted();
    if let Some(field) = fault.map(Fault::origin_field).filter(|field| *field != "Origin") {
        let moved = offer.origin.take().map(|origin| (field.to_owned(), origin));
        offer.headers.extend(moved);
    }
    let config = ClientConfig { offer, options: Options::default() };
    Ok(Machine::Client(Box::new(Client::new(config, secret, in_turn(masks)))))
}

/// The keys in turn. Only for lessons: a real key must be one that nobody can foresee (RFC 6455 section 10.3).
fn in_turn(masks: Vec<[u8; 4]>) -> Random {
    let mut masks = masks.into_iter().cycle();
    Box::new(move |bytes| {
        for (byte, key) in bytes.iter_mut().zip(masks.next().unwrap_or_default()) {
            *byte = key;
        }
    })
}

fn server(side: &ServerSide) -> Result<Machine, ScriptError> {
    if let Some(name) = &side.faulty {
        return Ok(Machine::Faulty(Box::new(FaultyServer::new(fault(name, Side::Server)?))));
    }
    let versions: Result<Vec<_>, _> = side.versions.iter().map(|name| version(name)).collect();
    let versions = Some(versions?).filter(|versions| !versions.is_empty());
    let nonce = side.nonce.0.as_slice();
    let config = ServerConfig {
        nonce: Some(nonce.try_into().map_err(|_| ScriptError::Length("nonce", nonce.len(), 16))?),
        policy: Policy {
            protocols: versions.unwrap_or_else(|| Protocol::WEBSOCKET.to_vec()),
            subprotocols: side.subprotocols.clone(),
            deflate: side.deflate.then(deflate::Params::default),
            origins: Some(side.origins.clone()).filter(|origins| !origins.is_empty()),
            secure: false,
        },
        options: Options { echo: side.echo, max_message: side.max_message, ..Options::default() },
        ..ServerConfig::default()
    };
    Ok(Machine::Server(Box::new(Server::new(Arc::new(config)))))
}

impl Endpoint for Machine {
    fn receive(&mut self, bytes: &[u8]) {
        match self {
            Self::Client(client) => {
                client.receive(bytes);
                while client.poll_event().is_some() {}
            }
            Self::Server(server) => {
                server.receive(bytes);
                while server.poll_event().is_some() {}
            }
            Self::Faulty(server) => server.receive(bytes),
            Self::Raw(..) => {}
        }
    }

    fn end_of_input(&mut self) {
        match self {
            Self::Client(client) => client.end_of_input(),
            Self::Server(server) => server.end_of_input(),
            Self::Faulty(server) => server.end_of_input(),
            Self::Raw(_, over) => *over = true,
        }
    }

    fn take_output(&mut self) -> Vec<u8> {
        match self {
            Self::Client(client) => client.take_output(),
            Self::Server(server) => server.take_output(),
            Self::Faulty(server) => server.take_output(),
            Self::Raw(out, _) => std::mem::take(out),
        }
    }

    fn ends(&self, _: bool) -> bool {
        match self {
            Self::Client(client) => client.wants_close(),
            Self::Server(server) => server.wants_close(),
            Self::Faulty(server) => server.wants_close(),
            Self::Raw(_, over) => *over,
        }
    }
}

impl Machine {
    /// How this end writes frames: as its version does, where it has agreed on one that has such frames, and otherwise
    /// as RFC 6455.
    fn coding(&self) -> Coding {
        let agreed = match self {
            Self::Client(client) => client.coding(),
            Self::Server(server) => server.coding(),
            Self::Faulty(_) | Self::Raw(..) => None,
        };
        agreed.unwrap_or(Coding::LATEST)
    }

    /// The error is none where this end has no such thing.
    fn act(&mut self, doing: &Doing) -> Result<(), Option<SendError>> {
        match (self, doing) {
            (Self::Client(client), Doing::Send(command)) => client.command(command).map_err(Some),
            (Self::Server(server), Doing::Send(command)) => server.command(command).map_err(Some),
            (Self::Faulty(server), Doing::Send(command)) => {
                server.command(command);
                Ok(())
            }
            (Self::Raw(out, _), Doing::Send(Command::Raw(bytes))) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            (Self::Raw(..), Doing::Send(_)) => Err(None),
            (end, Doing::HangUp) => {
                end.end_of_input();
                Ok(())
            }
        }
    }
}

/// Every lesson happens at the same time: the first of the month in which RFC 6455 came out, December 2011.
const BEGINNING: Timestamp = Timestamp(1_322_697_600_000_000_000);
/// So long bytes are on their way, in nanoseconds.
const WAY: i64 = 20_000_000;
/// So long nobody does anything before an action, in nanoseconds.
const PAUSE: i64 = 1_000_000_000;
/// The clock has so many digits.
const DIGITS: u8 = 3;

/// Plays connections through memory, with a clock that is the same in every run.
///
/// # Errors
/// Where a script cannot be played.
pub fn rehearse(talks: &[Talk]) -> Result<Trace, ScriptError> {
    let mut trace = Trace::default();
    let mut now = BEGINNING;
    for (number, talk) in (0u16..).zip(talks) {
        let (client, server) = addresses(number);
        let index = trace.open(client, server, false, DIGITS);
        let mut run = Run::new(talk)?;
        while let Some(step) = run.next_move()? {
            now.0 += if run.begins() { PAUSE } else { WAY };
            match &step {
                Move::Data(side, bytes) => {
                    let at = trace.store.append(bytes);
                    trace.data(index, *side, Place { at, headers: None }, bytes.len() as u32, 0, now);
                }
                Move::End(side) => trace.end(index, *side, End::Fin, 0, now),
            }
            run.arrived(&step);
        }
        now.0 += PAUSE;
    }
    trace.finish();
    Ok(trace)
}

fn addresses(number: u16) -> (std::net::SocketAddr, std::net::SocketAddr) {
    (([127, 0, 0, 1], 50_001 + number % 1000).into(), ([127, 0, 0, 1], 9001).into())
}
