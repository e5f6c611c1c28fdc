//! Where an answer stands in the bytes.
//!
//! A lesson's file names a place; what stands there is the answer. So no answer can be wrong about the bytes.

use serde::Deserialize;

pub use super::found::{Evidence, Found, NotFound, Place};
use crate::analysis::api::{ApiEvent, ApiView};
use crate::capture::{layers, packets};
use crate::facts;
use crate::model::derive::Derivation;
use crate::model::facts::Facts;
use crate::model::field::{BitRange, Field};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Reaction, Rule};
use crate::trace::{
    Conversation, Item, ItemKind, Message, MessageKind, PayloadReader, Store, close_body, derivations,
    fields, frames_of,
};
use crate::wire::Parse;
use crate::wire::frame::{hixie, hybi};
use crate::wire::http::{Head, MAX_HEAD, parse_head};
use crate::words::Words;

/// Names an item: by its number, counted from 1, or by what it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Which {
    /// The number, counted from 1, as the program numbers items.
    Number(usize),
    /// The first that fits, or the one with that number among them.
    Query(Query),
}

/// Says which items are meant. What is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Query {
    /// The kind: `frame`, `http-request`, `http-response`, `policy-request`, …
    pub kind: Option<String>,
    /// The frame's opcode by name: `text`, `ping`, `close`, … In hixie: `text`, `binary`, `close`.
    pub opcode: Option<String>,
    /// Who sent it.
    pub from: Option<String>,
    /// A rule that it breaks; `any` for any.
    pub finding: Option<String>,
    /// Which of those that fit, counted from 1.
    pub nth: Option<usize>,
}

/// Names a value in the trace, by where it stands. In a `choices` entry it may also say what it must be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reference {
    /// The conversation, counted from 1; the first where nothing is said.
    pub conversation: Option<usize>,
    /// The item.
    pub item: Option<Which>,
    /// A packet of the capture by its number, counted from 1, in place of an item.
    pub packet: Option<u64>,
    /// A field of the item, or of the packet, by its id.
    pub field: Option<String>,
    /// Which of several fields with that id, counted from 1.
    pub nth: Option<usize>,
    /// A header field of the item, by its name.
    pub header: Option<String>,
    /// The bytes as they stand on the wire, where the value is unmasked.
    pub wire: bool,
    /// Only these bytes of the value: first and end.
    pub bytes: Option<[usize; 2]>,
    /// How many bytes the value has, in place of the value.
    pub length: bool,
    /// A derivation of the item, by its id.
    pub derivation: Option<String>,
    /// The step of the derivation, counted from 1; the last where nothing is said.
    pub step: Option<usize>,
    /// What the wire holds where the step's result should be.
    pub on_wire: bool,
    /// A finding by its rule's id; `any` for the first.
    pub finding: Option<String>,
    /// A message by its number, counted from 1.
    pub message: Option<usize>,
    /// What of the item or of the message.
    pub of: Option<Of>,
    /// What of the conversation.
    pub talk: Option<OfTalk>,
    /// An event of the client's WebSocket object, by its name: `open`, `message`, `error`, `close`; `nth` says which.
    pub event: Option<String>,
    /// How many events of that name fire.
    pub events: Option<String>,
    /// `readyState` of the client's WebSocket object behind this item.
    pub state: Option<Which>,
    /// How many items there are like this.
    pub count: Option<Query>,
    /// How many bytes the items like this have together.
    pub total: Option<Query>,
    /// This much less.
    pub minus: Option<Box<Reference>>,
    /// It must be this: a number, or text, or bytes in hexadecimal.
    pub is: Option<toml::Value>,
    /// It must not be this.
    pub is_not: Option<toml::Value>,
    /// It must be the same as this.
    pub same: Option<Box<Reference>>,
    /// It must differ from this.
    pub differs: Option<Box<Reference>>,
    /// It must be less than this.
    pub less: Option<i64>,
    /// It must be more than this.
    pub more: Option<i64>,
}

/// A part of an item or of a message that is no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The number of bytes; of a message: unmasked, inflated, put together.
    Length,
    /// The number of bytes that are not payload.
    Overhead,
    /// The number of the item.
    Number,
    /// Who sent it.
    From,
    /// The kind of the item or of the message.
    Kind,
    /// The message's text.
    Text,
    /// The close code of a message; 1005 where there is none. Of a finding: the code, or the HTTP status, that answers
    /// it.
    Code,
    /// The reason in a close frame.
    Reason,
    /// How many frames the message was made of.
    Frames,
    /// 1 if the message was compressed.
    Compressed,
    /// The number of the item that completes the message.
    Last,
    /// 1 if the `close` event has `wasClean`.
    Clean,
}

/// A part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfTalk {
    /// What it speaks: `rfc6455`.
    Protocol,
    /// The subprotocol that was agreed; `none` without one.
    Subprotocol,
    /// The extensions that were agreed; `none` without one.
    Extensions,
    /// `accepted`, `rejected`, …
    Handshake,
    /// How many items it has.
    Items,
    /// How many messages it has.
    Messages,
    /// The server's port.
    Port,
}

/// There is nothing of this kind with this name or number.
fn missing(kind: &'static str, name: impl std::fmt::Display) -> NotFound {
    NotFound(Facts::form(kind).with("name", name.to_string()))
}

impl Reference {
    /// What stands there.
    ///
    /// # Errors
    /// Where there is no such place, or it holds no such value.
    pub fn find(&self, evidence: Evidence<'_>) -> Result<Found, NotFound> {
        let trace = evidence.trace;
        let conversation = self.conversation.unwrap_or(1);
        let talk = conversation
            .checked_sub(1)
            .and_then(|index| trace.conversation(index))
            .ok_or_else(|| missing("conversation", conversation))?;
        let mut found = match self.packet {
            Some(number) => self.find_in_packet(evidence.capture, number)?,
            None => self.find_in(talk, &trace.store)?,
        };
        found.place.conversation = conversation - 1;
        found.place.packet = self.packet;
        if let Some([from, to]) = self.bytes {
            let text = found.text.as_ref().map(String::as_bytes);
            let bytes = found.bytes.as_deref().or(text).and_then(|bytes| bytes.get(from..to));
            let bytes = bytes.ok_or_else(|| missing("byte", to))?.to_vec();
            let bits = found.place.bits.filter(|_| found.place.step.is_none());
            let bits = bits.map(|bits| BitRange::bytes(from, to).shifted(bits.start));
            found = Found { place: Place { bits, ..found.place }, ..Found::bytes(bytes) };
        }
        if self.length {
            let text = found.text.as_ref().map(String::len);
            let length = text.or(found.bytes.as_ref().map(Vec::len)).ok_or_else(|| missing("length", ""))?;
            found = Found { place: found.place, ..Found::number(length) };
        }
        if let Some(other) = &self.minus {
            let less = other.find(evidence)?.number.ok_or_else(|| missing("subtrahend", ""))?;
            let number = found.number.ok_or_else(|| missing("minuend", ""))?;
            found = Found { place: found.place, ..Found::number(number - less) };
        }
        Ok(found)
    }

    /// Whether what stands there is as it must be. False where it says nothing about that.
    ///
    /// # Errors
    /// Where there is no such place.
    pub fn holds(&self, evidence: Evidence<'_>) -> Result<bool, NotFound> {
        // Of a finding it can be asked whether there is one.
        if self.finding.is_some()
            && let Some(toml::Value::Boolean(wanted)) = self.is
        {
            return Ok(self.find(evidence).is_ok() == wanted);
        }
        let found = self.find(evidence)?;
        let mut checks = Vec::new();
        checks.extend(self.is.as_ref().map(|said| found.is(said)));
        checks.extend(self.is_not.as_ref().map(|said| !found.is(said)));
        for (other, wanted) in
            self.same.iter().map(|r| (r, true)).chain(self.differs.iter().map(|r| (r, false)))
        {
            checks.push(found.same(&other.find(evidence)?) == wanted);
        }
        checks.extend(self.less.map(|bound| found.number.is_some_and(|number| number < bound)));
        checks.extend(self.more.map(|bound| found.number.is_some_and(|number| number > bound)));
        Ok(!checks.is_empty() && checks.iter().all(|check| *check))
    }

    fn find_in(&self, talk: &Conversation, store: &Store) -> Result<Found, NotFound> {
        if let Some(part) = self.talk {
            return Ok(of_talk(talk, part));
        }
        if let Some(found) = self.of_api(talk, store)? {
            return Ok(found);
        }
        if let Some(query) = &self.count {
            return Ok(Found::number(query.all(talk).count()));
        }
        if let Some(query) = &self.total {
            return Ok(Found::number(query.all(talk).map(|(_, item)| item.length).sum::<u64>()));
        }
        if let Some(number) = self.message {
            let index = number.checked_sub(1);
            let message = index.and_then(|index| talk.messages.get(index));
            let (index, message) = index.zip(message).ok_or_else(|| missing("message", number))?;
            return of_message(talk, store, index, message, self.of.unwrap_or(Of::Text));
        }
        let Some(which) = &self.item else {
            let rule = self.finding.as_ref().ok_or_else(|| missing("place", ""))?;
            let found = talk.findings.iter().find(|finding| fits(finding, rule));
            return found.map(|finding| of_finding(finding, self.of)).ok_or_else(|| missing("rule", rule));
        };
        let (index, item) = which.find(talk)?;
        let mut found = self.find_in_item(talk, store, index, item)?;
        found.place.item = Some(index);
        Ok(found)
    }

    fn find_in_item(
        &self,
        talk: &Conversation,
        store: &Store,
        index: usize,
        item: &Item,
    ) -> Result<Found, NotFound> {
        if let Some(rule) = &self.finding {
            let found = talk.findings_of(index).find(|finding| fits(finding, rule));
            return found.map(|finding| of_finding(finding, self.of)).ok_or_else(|| missing("rule", rule));
        }
        if let Some(id) = &self.derivation {
            let all = derivations(talk, store, index);
            let derivation = all.iter().find(|derivation| derivation.id == id);
            return self.of_derivation(derivation.ok_or_else(|| missing("id", id))?);
        }
        if let Some(name) = &self.header {
            return of_header(&talk.bytes_of(store, item), item.side, name);
        }
        if let Some(id) = &self.field {
            let tree = fields(talk, store, index).ok_or_else(|| missing("id", id))?;
            return self.of_field(&tree, &talk.bytes_of(store, item), id);
        }
        let whole = Place { bits: Some(BitRange::new(0, item.length * 8)), ..Place::default() };
        let found = match self.of {
            None => Found {
                text: None,
                number: i64::try_from(index + 1).ok(),
                ..Found::bytes(talk.bytes_of(store, item).into_owned())
            },
            Some(Of::Length) => Found::number(item.length),
            Some(Of::Number) => Found::number(index + 1),
            Some(Of::From) => Found::text(item.side.id()),
            Some(Of::Kind) => Found::text(item.kind.id()),
            Some(Of::Overhead) => {
                let tree = fields(talk, store, index).ok_or_else(|| missing("overhead", ""))?;
                let payload =
                    ["payload", "hixie-text", "hixie-data", "http-body"].iter().find_map(|id| tree.find(id));
                Found::number((item.length * 8 - payload.map_or(0, |field| field.bits.len())) / 8)
            }
            Some(_) => return Err(missing("part", "")),
        };
        Ok(Found { place: whole, ..found })
    }

    /// What the page saw, where that is asked for.
    fn of_api(&self, talk: &Conversation, store: &Store) -> Result<Option<Found>, NotFound> {
        let mut view = ApiView::default();
        if let Some(which) = &self.state {
            let (item, _) = which.find(talk)?;
            view.advance_to(talk, store, item + 1);
            let state = view.state().ok_or_else(|| missing("state", ""))?;
            let found = Found { text: Some(state.name().to_owned()), ..Found::number(state.number()) };
            return Ok(Some(Found { place: Place { item: Some(item), ..Place::default() }, ..found }));
        }
        let Some(name) = self.event.as_ref().or(self.events.as_ref()) else { return Ok(None) };
        view.advance_to(talk, store, usize::MAX);
        let mut named = view.events().iter().filter(|event| event.what.name() == name);
        if self.events.is_some() {
            return Ok(Some(Found::number(named.count())));
        }
        let event = named.nth(self.nth.unwrap_or(1).saturating_sub(1));
        let event = event.ok_or_else(|| missing("event", name))?;
        let found = match (&event.what, self.of) {
            (ApiEvent::Close { was_clean, .. }, Some(Of::Clean)) => Found::number(u8::from(*was_clean)),
            (ApiEvent::Close { reason, .. }, Some(Of::Reason)) => Found::text(&**reason),
            (ApiEvent::Close { code, .. }, _) => Found::number(*code),
            (ApiEvent::Message { length, .. }, _) => Found::number(*length),
            (event, _) => Found::text(event.name()),
        };
        Ok(Some(Found { place: Place { item: event.item, ..Place::default() }, ..found }))
    }

    fn find_in_packet(&self, capture: &[u8], number: u64) -> Result<Found, NotFound> {
        let packet = packets(capture).find(|packet| packet.number == number);
        let packet = packet.ok_or_else(|| missing("packet", number))?;
        match &self.field {
            Some(id) => self.of_field(&layers(packet.link, packet.bytes).tree, packet.bytes, id),
            None => Ok(Found::bytes(packet.bytes.to_vec())),
        }
    }

    fn of_field(&self, tree: &Field, bytes: &[u8], id: &str) -> Result<Found, NotFound> {
        let field = nth(tree, id, self.nth.unwrap_or(1)).ok_or_else(|| missing("field", id))?;
        let on_wire = bytes.get(field.bits.byte_range()).unwrap_or_default();
        let mut found = if self.wire { Found::bytes(on_wire.to_vec()) } else { Found::value(&field.value) };
        if found.bytes.is_none() && field.bits.start.is_multiple_of(8) && field.bits.end.is_multiple_of(8) {
            found.bytes = Some(on_wire.to_vec());
        }
        found.place = Place { field: Some(field.kind.id), bits: Some(field.bits), ..Place::default() };
        Ok(found)
    }

    fn of_derivation(&self, derivation: &Derivation) -> Result<Found, NotFound> {
        let count = derivation.steps.len();
        let number = self.step.unwrap_or(count);
        let step = number.checked_sub(1).and_then(|index| derivation.steps.get(index));
        let step = step
            .ok_or_else(|| NotFound(facts!("step", name = number.to_string(), derivation = derivation.id)))?;
        // Answers are compared with the file's, which is written in English.
        let result = Words::english().output(step);
        let output = if self.on_wire { step.on_wire.as_deref() } else { Some(result) };
        let output = output.ok_or_else(|| missing("on-wire", number))?;
        let place = Place {
            step: Some((derivation.id.to_owned(), self.step.map(|_| number - 1))),
            bits: Some(derivation.bits),
            ..Place::default()
        };
        Ok(Found { place, ..Found::text(output) })
    }
}

impl Which {
    /// The item, with its number counted from 0.
    ///
    /// # Errors
    /// Where there is none.
    pub fn find<'a>(&'a self, talk: &'a Conversation) -> Result<(usize, &'a Item), NotFound> {
        match self {
            Self::Number(number) => number
                .checked_sub(1)
                .and_then(|index| Some((index, talk.items.get(index)?)))
                .ok_or_else(|| missing("item", number)),
            Self::Query(query) => query
                .all(talk)
                .nth(query.nth.unwrap_or(1).saturating_sub(1))
                .ok_or_else(|| missing("item-like", "")),
        }
    }
}

impl Query {
    fn all<'a>(&'a self, talk: &'a Conversation) -> impl Iterator<Item = (usize, &'a Item)> + 'a {
        talk.items.iter().filter(move |(index, item)| self.fits(talk, *index, item))
    }

    fn fits(&self, talk: &Conversation, index: usize, item: &Item) -> bool {
        self.kind.as_ref().is_none_or(|kind| kind == item.kind.id())
            && self.opcode.as_ref().is_none_or(|opcode| opcode_name(item) == Some(opcode.as_str()))
            && self.from.as_ref().is_none_or(|from| from == item.side.id())
            && self.finding.as_ref().is_none_or(|rule| talk.findings_of(index).any(|found| fits(found, rule)))
    }
}

fn opcode_name(item: &Item) -> Option<&'static str> {
    match item.kind {
        ItemKind::HybiFrame => Some(hybi::Opcode::new(item.first_byte).name()),
        ItemKind::HixieFrame => Some(match item.first_byte {
            hixie::TERMINATOR => "close",
            0x80.. => "binary",
            _ => "text",
        }),
        _ => None,
    }
}

fn fits(finding: &Finding, rule: &str) -> bool {
    rule == "any" || finding.rule.id() == rule
}

fn of_finding(finding: &Finding, of: Option<Of>) -> Found {
    let place = Place { bits: finding.bits, ..Place::default() };
    let found = match of {
        Some(Of::Code) => Found { number: code_of(finding.rule), ..Found::default() },
        _ => Found { text: Some(finding.rule.id().to_owned()), ..Found::default() },
    };
    Found { place, ..found }
}

/// The close code or the HTTP status with which a peer that keeps the rules answers.
fn code_of(rule: Rule) -> Option<i64> {
    match rule.reaction() {
        Reaction::Close(code) | Reaction::Refuse(code) => Some(i64::from(code)),
        Reaction::GoOn | Reaction::Drop => None,
    }
}

fn of_talk(talk: &Conversation, part: OfTalk) -> Found {
    let or_none = |text: Option<String>| Found::text(text.unwrap_or_else(|| "none".to_owned()));
    match part {
        OfTalk::Protocol => Found::text(talk.protocol.id()),
        OfTalk::Handshake => Found::text(talk.handshake.id()),
        OfTalk::Subprotocol => or_none(talk.subprotocol.clone()),
        OfTalk::Extensions => or_none(Some(talk.extensions.join(", ")).filter(|all| !all.is_empty())),
        OfTalk::Items => Found::number(talk.items.len()),
        OfTalk::Messages => Found::number(talk.messages.len()),
        OfTalk::Port => Found::number(talk.server.port()),
    }
}

fn of_message(
    talk: &Conversation,
    store: &Store,
    index: usize,
    message: &Message,
    of: Of,
) -> Result<Found, NotFound> {
    let found = match of {
        Of::Length => Found::number(message.length),
        Of::Number => Found::number(index + 1),
        Of::From => Found::text(message.side.id()),
        Of::Kind => Found::text(message.kind.id()),
        Of::Frames => Found::number(frames_of(talk, message).count()),
        Of::Compressed => Found::number(u8::from(message.compressed)),
        Of::Last => Found::number(message.last + 1),
        Of::Overhead => {
            let bytes: u64 = frames_of(talk, message).map(|(_, item)| item.length).sum();
            let length = i64::try_from(message.length).ok();
            Found {
                number: i64::try_from(bytes).ok().zip(length).map(|(all, own)| all - own),
                ..Found::default()
            }
        }
        Of::Code if message.kind == MessageKind::Close => {
            Found::number(close_body(talk, store, message).map_or(1005, |(code, _)| code))
        }
        Of::Reason if message.kind == MessageKind::Close => {
            Found::text(close_body(talk, store, message).map(|(_, reason)| reason).unwrap_or_default())
        }
        Of::Code | Of::Reason | Of::Clean => {
            return Err(missing("close", ""));
        }
        Of::Text => {
            let mut payload = Vec::new();
            PayloadReader::default()
                .read(talk, store, index, &mut |piece| payload.extend_from_slice(piece))
                .map_err(|error| missing("payload", error))?;
            Found::bytes(payload)
        }
    };
    let place = Place { message: Some(index), item: Some(message.last as usize), ..Place::default() };
    Ok(Found { place, ..found })
}

fn of_header(bytes: &[u8], side: Side, name: &str) -> Result<Found, NotFound> {
    let Parse::Done(head, _) = parse_head(bytes, side, MAX_HEAD) else { return Err(missing("head", "")) };
    let head: &Head = &head;
    let value = head.get(name).ok_or_else(|| missing("header", name))?;
    let place = Place { field: Some("http-field-value"), bits: head.value_bits(name), ..Place::default() };
    // What a header says is text, also where its letters could be hexadecimal digits.
    Ok(Found { place, bytes: Some(value.as_bytes().to_vec()), ..Found::text(value.into_owned()) })
}

/// The `n`th field with this id, counted from 1, depth first.
fn nth<'a>(tree: &'a Field, id: &str, n: usize) -> Option<&'a Field> {
    fn walk<'a>(field: &'a Field, id: &str, left: &mut usize) -> Option<&'a Field> {
        if field.kind.id == id {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Some(field);
            }
        }
        field.children.iter().find_map(|child| walk(child, id, left))
    }
    walk(tree, id, &mut n.max(1))
}
