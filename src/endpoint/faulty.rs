//! Peers that make one mistake each, for finding it.
//!
//! Each mistake was found in published text or code. A peer does everything else as RFC 6455 wants it, so that what
//! one sees on the wire is that one mistake and what follows from it. One row of [`FAULTS`] is one peer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::command::Command;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::wire::Parse;
use crate::wire::close::CloseBody;
use crate::wire::frame::hybi::{Header, LengthForm, MAX_CONTROL, Opcode, mask};
use crate::wire::handshake::hybi::GUID;
use crate::wire::http::{HeadBuilder, MAX_HEAD, parse_head, reason_phrase};
use crate::wire::message::Kind;
use crate::words::Words;

/// A peer with one mistake.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name, for scripts and the command line.
    pub name: &'static str,
    /// Which end makes the mistake.
    pub side: Side,
    /// The rule that its bytes break; none where they break none by themselves and only the reaction is wrong.
    pub rule: Option<Rule>,
    flaws: Flaws,
}

/// What can be wrong. [`RIGHT`] is a peer without a mistake.
#[derive(Debug, PartialEq, Eq)]
struct Flaws {
    /// What stands behind the key when the accept value is made.
    guid: &'static str,
    /// In the accept value the letter l is written as the digit 1.
    digit_for_letter: bool,
    /// The name of the field `Connection`, as it stands before the colon.
    connection: &'static str,
    /// Lengths of 16 bits are written low byte first, 65,535 bytes are "too long", and more are not sent.
    low_byte_first: bool,
    /// `length | 0x7f` in place of `length & 0x7f`: every frame claims a length of 64 bits.
    every_length_64: bool,
    /// The opcode of the answer to a ping.
    answers_ping_with: Opcode,
    /// A longer frame is answered with 1009.
    longest: u64,
    /// After its close frame it goes on as if nothing had happened.
    goes_on: bool,
    /// Looks at MASK, RSV, opcodes, UTF-8 and the length of control frames.
    checks: bool,
    /// Puts fragments together; otherwise they, unmasked frames, and all behind the first frame of a buffer are dropped
    /// without a word.
    joins: bool,
    /// A client's: the field that names the origin.
    origin: &'static str,
    /// A client's: the key lost a character.
    short_key: bool,
}

const RIGHT: Flaws = Flaws {
    guid: GUID,
    digit_for_letter: false,
    connection: "Connection",
    low_byte_first: false,
    every_length_64: false,
    answers_ping_with: Opcode::PONG,
    longest: 1 << 20,
    goes_on: false,
    checks: true,
    joins: true,
    origin: "Origin",
    short_key: false,
};

const fn server(name: &'static str, rule: Option<Rule>, flaws: Flaws) -> Fault {
    Fault { name, side: Side::Server, rule, flaws }
}

const fn client(name: &'static str, rule: Rule, flaws: Flaws) -> Fault {
    Fault { name, side: Side::Client, rule: Some(rule), flaws }
}

/// Every peer with a mistake.
#[rustfmt::skip] // One row a mistake.
pub static FAULTS: &[Fault] = &[
    server("guid-258eaf45", Some(Rule::AcceptWrong),
        Flaws { guid: "258EAF45-E914-47DA-95CA-C5AB0DC85B11", ..RIGHT }),
    server("guid-258eaf5", Some(Rule::AcceptWrong),
        Flaws { guid: "258EAF5-E914-47DA-95CA-C5AB0DC85B11", ..RIGHT }),
    server("accept-digit", Some(Rule::AcceptWrong),
        Flaws { digit_for_letter: true, ..RIGHT }),
    server("connection-space", Some(Rule::HttpSpaceBeforeColon),
        Flaws { connection: "Connection ", ..RIGHT }),
    server("low-byte-first", Some(Rule::LengthNotMinimal),
        Flaws { low_byte_first: true, ..RIGHT }),
    server("every-length-64", None,
        Flaws { every_length_64: true, ..RIGHT }),
    server("ping-with-ping", Some(Rule::PingNotAnswered),
        Flaws { answers_ping_with: Opcode::PING, ..RIGHT }),
    server("after-1009", Some(Rule::DataAfterClose),
        Flaws { longest: 125, goes_on: true, ..RIGHT }),
    server("no-checks", None,
        Flaws { checks: false, ..RIGHT }),
    server("ignores-fragments", None,
        Flaws { joins: false, ..RIGHT }),
    client("old-origin", Rule::OldOriginHeader,
        Flaws { origin: "Sec-WebSocket-Origin", ..RIGHT }),
    client("key-23", Rule::KeySize,
        Flaws { short_key: true, ..RIGHT }),
];

impl Fault {
    /// The peer with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }

    /// The mistake, in one line.
    pub fn title(&self, words: Words) -> &'static str {
        words.find(&format!("fault-{}", self.name)).unwrap_or(self.name)
    }

    /// The field in which a client names its origin.
    pub const fn origin_field(&self) -> &'static str {
        self.flaws.origin
    }

    /// The key that a client sends in place of `key`.
    pub fn key(&self, key: &str) -> String {
        // The fourth character: it was lost in the text where this was found.
        let lost = |(at, character): (usize, char)| (at != 3).then_some(character);
        if self.flaws.short_key { key.chars().enumerate().filter_map(lost).collect() } else { key.to_owned() }
    }
}

/// A server of RFC 6455 with one mistake, that echoes: one connection. Without I/O, as the other endpoints.
#[derive(Debug)]
pub struct FaultyServer {
    flaws: &'static Flaws,
    stage: Stage,
    received: Vec<u8>,
    out: Vec<u8>,
    /// The message that is being put together.
    message: Option<(Opcode, Vec<u8>)>,
    sent_close: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Open,
    Over,
}

impl FaultyServer {
    /// A server with this mistake. Of a client's mistake: a server without one.
    pub fn new(fault: &'static Fault) -> Self {
        Self {
            flaws: if fault.side == Side::Server { &fault.flaws } else { &RIGHT },
            stage: Stage::Opening,
            received: Vec::new(),
            out: Vec::new(),
            message: None,
            sent_close: false,
        }
    }

    /// Takes in bytes of the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        if self.stage == Stage::Opening {
            self.open();
        }
        while self.stage == Stage::Open && self.read_frame() {}
    }

    /// The client will send no more.
    pub fn end_of_input(&mut self) {
        self.stage = Stage::Over;
    }

    /// Takes all output at once.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Whether the transport is to be closed, once all output is written.
    pub fn wants_close(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Sends what it is told, whatever the state of the connection. A close frame without a code says 1000.
    pub fn command(&mut self, command: &Command) {
        match command {
            Command::Message(kind, payload) => self.message_out(opcode(*kind), payload),
            Command::Fragments(kind, parts) => {
                for (at, part) in parts.iter().enumerate() {
                    let opcode = if at == 0 { opcode(*kind) } else { Opcode::CONTINUATION };
                    self.part_out(opcode, at + 1 == parts.len(), part);
                }
            }
            Command::Ping(payload) => self.frame_out(Opcode::PING, payload),
            Command::Pong(payload) => self.frame_out(Opcode::PONG, payload),
            Command::Close(code, reason) => self.close(code.unwrap_or(1000), reason),
            Command::Frame(header, payload) => {
                header.encode(&mut self.out);
                let begin = self.out.len();
                self.out.extend_from_slice(payload);
                if let (Some(key), Some(masked)) = (header.mask, self.out.get_mut(begin..)) {
                    mask(masked, key, 0);
                }
            }
            Command::Raw(bytes) => self.out.extend_from_slice(bytes),
        }
    }

    fn close(&mut self, code: u16, reason: &str) {
        self.close_out(&CloseBody::new(code, reason).encode());
    }

    fn open(&mut self) {
        let (head, length) = match parse_head(&self.received, Side::Client, MAX_HEAD) {
            Parse::Done(head, length) => (head, length),
            Parse::More => return,
            Parse::Broken(_) => return self.stage = Stage::Over,
        };
        self.received.drain(..length);
        let Some(key) = head.get("Sec-WebSocket-Key") else { return self.stage = Stage::Over };
        let mut accept = STANDARD.encode(Sha1::digest(format!("{key}{}", self.flaws.guid)));
        if self.flaws.digit_for_letter {
            accept = accept.replacen('l', "1", 1);
        }
        let response = HeadBuilder::response(101, reason_phrase(101))
            .field("Upgrade", "websocket")
            .field(self.flaws.connection, "Upgrade")
            .field("Sec-WebSocket-Accept", &accept)
            .finish();
        self.out.extend(response);
        self.stage = Stage::Open;
    }

    /// Reads one frame; whether there may be another.
    fn read_frame(&mut self) -> bool {
        let Some((header, start)) = self.read_header() else { return false };
        let too_long = header.payload_length > self.flaws.longest;
        if too_long && !(self.flaws.goes_on && header.payload_length <= RIGHT.longest) {
            self.fail(1009);
            return false;
        }
        let end = start + header.payload_length as usize;
        let Some(payload) = self.received.get(start..end) else { return false };
        let mut payload = payload.to_vec();
        if too_long {
            self.close(1009, "");
        }
        if let Some(key) = header.mask {
            mask(&mut payload, key, 0);
        }
        self.received.drain(..end);
        if !self.flaws.joins {
            self.received.clear();
        }
        self.take_frame(&header, payload);
        true
    }

    fn read_header(&self) -> Option<(Header, usize)> {
        let (mut header, mut length) = Header::read(&self.received)?;
        if self.flaws.every_length_64 {
            header.length_form = LengthForm::Long;
            header.payload_length = u64::from_be_bytes(*self.received.get(2..)?.first_chunk()?);
            length = header.length();
        }
        Some((header, length))
    }

    fn take_frame(&mut self, header: &Header, payload: Vec<u8>) {
        if !self.flaws.joins
            && (header.mask.is_none() || !header.fin || header.opcode == Opcode::CONTINUATION)
        {
            return;
        }
        if self.flaws.checks && breaks_a_rule(header, self.message.is_some()) {
            return self.fail(1002);
        }
        match header.opcode {
            Opcode::CLOSE => {
                if !self.sent_close {
                    self.close_out(payload.get(..2).unwrap_or_default());
                }
                self.stage = Stage::Over;
            }
            Opcode::PING => self.frame_out(self.flaws.answers_ping_with, &payload),
            opcode if opcode.is_control() => {}
            opcode => {
                let (kind, mut whole) = self.message.take().unwrap_or((opcode, Vec::new()));
                whole.extend(payload);
                if !header.fin {
                    self.message = Some((kind, whole));
                } else if self.flaws.checks && kind == Opcode::TEXT && std::str::from_utf8(&whole).is_err() {
                    self.fail(1007);
                } else {
                    self.message_out(kind, &whole);
                }
            }
        }
    }

    fn fail(&mut self, code: u16) {
        if !self.sent_close {
            self.close(code, "");
        }
        self.stage = Stage::Over;
    }

    fn message_out(&mut self, opcode: Opcode, payload: &[u8]) {
        let too_long = usize::from(u16::MAX);
        match payload.len() {
            length if self.flaws.low_byte_first && length > too_long => {}
            length if self.flaws.low_byte_first && length == too_long => self.frame_out(opcode, b"too long"),
            _ => self.frame_out(opcode, payload),
        }
    }

    fn frame_out(&mut self, opcode: Opcode, payload: &[u8]) {
        self.part_out(opcode, true, payload);
    }

    fn part_out(&mut self, opcode: Opcode, fin: bool, payload: &[u8]) {
        let mut header = Header::new(opcode, payload.len() as u64);
        header.fin = fin;
        if self.flaws.low_byte_first && header.length_form == LengthForm::Medium {
            header.payload_length = u64::from((payload.len() as u16).swap_bytes());
        }
        header.encode(&mut self.out);
        self.out.extend_from_slice(payload);
    }

    fn close_out(&mut self, body: &[u8]) {
        self.frame_out(Opcode::CLOSE, body);
        self.sent_close = true;
    }
}

fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Text => Opcode::TEXT,
        Kind::Binary => Opcode::BINARY,
        Kind::Ping => Opcode::PING,
        Kind::Pong => Opcode::PONG,
        Kind::Close => Opcode::CLOSE,
    }
}

/// The rules about one frame's header that a server has to look at (RFC 6455 sections 5.1 to 5.5).
fn breaks_a_rule(header: &Header, inside_message: bool) -> bool {
    let control = header.opcode.is_control();
    header.mask.is_none()
        || header.rsv.contains(&true)
        || header.opcode.is_reserved()
        || header.length_form != LengthForm::minimal(header.payload_length)
        || (control && (!header.fin || header.payload_length > MAX_CONTROL as u64))
        || (!control && inside_message != (header.opcode == Opcode::CONTINUATION))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::endpoint::{Client, ClientConfig, Event, Options};
    use crate::model::protocol::Protocol;
    use crate::wire::handshake::{Offer, Secret};

    fn careful_client() -> Client {
        let offer = Offer {
            protocol: Protocol::Rfc6455,
            resource: "/".to_owned(),
            host: "example.com".to_owned(),
            secure: false,
            origin: None,
            subprotocols: Vec::new(),
            extensions: Vec::new(),
            headers: Vec::new(),
        };
        let secret = Secret::Hybi("mh3xLXeRuIWNPwq7ATG9jA==".to_owned());
        let keys = Box::new(|key: &mut [u8]| key.fill(0x37));
        Client::new(ClientConfig { offer, options: Options::default() }, secret, keys)
    }

    fn talk(client: &mut Client, server: &mut FaultyServer) -> Vec<Event> {
        for _ in 0..8 {
            server.receive(&client.take_output());
            client.receive(&server.take_output());
        }
        std::iter::from_fn(|| client.poll_event()).collect()
    }

    #[test]
    fn names_are_unique_and_each_fault_differs_from_right() {
        let mut names = HashSet::new();
        for fault in FAULTS {
            assert!(names.insert(fault.name), "{}", fault.name);
            assert_ne!(fault.flaws, RIGHT, "{}", fault.name);
            assert!(!fault.title(Words::english()).ends_with('.'), "{}", fault.name);
        }
    }

    #[test]
    fn a_careful_client_refuses_what_is_wrong_in_the_handshake() {
        for name in ["guid-258eaf45", "guid-258eaf5", "accept-digit"] {
            let fault = Fault::find(name).unwrap();
            let mut server = FaultyServer::new(fault);
            let events = talk(&mut careful_client(), &mut server);
            let failed = events.iter().any(|event| {
                matches!(event, Event::Failed { findings } if findings.iter().any(|f| Some(f.rule) == fault.rule))
            });
            assert!(failed, "{name}: {events:?}");
        }
    }

    #[test]
    fn a_peer_of_the_other_side_echoes_as_it_should() {
        let mut server = FaultyServer::new(Fault::find("key-23").unwrap());
        let mut client = careful_client();
        talk(&mut client, &mut server);
        client.send_text("Hello").unwrap();
        client.ping(b"?").unwrap();
        let events = talk(&mut client, &mut server);
        assert!(
            matches!(&events[..], [Event::Message { data, .. }, Event::Pong(_)] if data == b"Hello"),
            "{events:?}"
        );
        client.send_raw(&[0x81, 0x01, b'!']);
        let events = talk(&mut client, &mut server);
        assert!(matches!(events.first(), Some(Event::CloseReceived { code: Some(1002), .. })), "{events:?}");
        assert!(server.wants_close());
    }

    #[test]
    fn a_short_key_has_23_characters() {
        let fault = Fault::find("key-23").unwrap();
        assert_eq!(fault.key("dGhlIHNhbXBsZSBub25jZQ=="), "dGhIHNhbXBsZSBub25jZQ==");
    }
}
