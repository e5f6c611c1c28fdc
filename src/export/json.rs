//! The dissection as JSON (`framescope.dissection/1`), whole or one object a line.
//!
//! Everything is made while it is written: a capture of a million items needs no second copy in memory.

mod item;
mod message;
mod writer;

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::analysis::filter::{Chosen, Filter};
use crate::model::protocol::Side;
use crate::model::rule::Finding;
use crate::trace::{self, Conversation, PayloadReader, Store, Trace};
use crate::words::Words;
use writer::{Entries, Writer};

/// The schema's name and version, the first key of every document.
pub const SCHEMA: &str = "framescope.dissection/1";

/// What is written beside the items.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The field tree of each item, and of each message in its own space.
    pub fields: bool,
    /// How values that are not on the wire follow from bytes that are.
    pub derivations: bool,
    /// The payload of each message, in base64.
    pub payloads: bool,
    /// Only the conversation with this number, counted from 1.
    pub conversation: Option<usize>,
    /// Only the items from this one up to that one, counted from 0, the second not included; and the messages that end
    /// in them.
    pub items: Option<(usize, usize)>,
    /// The language of messages.
    pub words: Words,
}

/// What is remembered from item to item and message to message of one conversation, so that compressed messages are
/// inflated once.
#[derive(Debug, Default)]
pub struct Reading {
    messages: PayloadReader,
    /// The fields of a message are made behind its text: each reader goes through the messages once.
    fields: PayloadReader,
    /// Derivations look back on their own: reading is cheap only in order.
    derivations: PayloadReader,
    /// The payload of a message, to be filled again.
    payload: Vec<u8>,
}

/// What is known of the file that a trace was read from.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The file's name as the user gave it.
    pub file: String,
    /// How many packets the file holds.
    pub packets: u64,
    /// The link types of its interfaces, by their names at tcpdump.org.
    pub link_types: Vec<String>,
}

/// Writes one document.
pub fn write_document(out: &mut dyn Write, about: &About, trace: &Trace, options: Options) -> io::Result<()> {
    document(out, about, trace, options, &[], &Filter::default())
}

/// Writes one document with further keys.
pub fn write_document_with(
    out: &mut dyn Write,
    about: &About,
    trace: &Trace,
    options: Options,
    more: &[(&str, serde_json::Value)],
) -> io::Result<()> {
    document(out, about, trace, options, more, &Filter::default())
}

/// Writes one document of the items that `filter` wants, of all conversations, with the messages in which one of them
/// is. A conversation of which nothing is wanted is left out.
pub fn write_wanted(
    out: &mut dyn Write,
    about: &About,
    trace: &Trace,
    options: Options,
    filter: &Filter,
) -> io::Result<()> {
    document(out, about, trace, options, &[], filter)
}

fn document(
    out: &mut dyn Write,
    about: &About,
    trace: &Trace,
    options: Options,
    more: &[(&str, serde_json::Value)],
    filter: &Filter,
) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(2 * FULL);
    let mut writer = Writer::new(&mut buffer, true);
    writer.begin_object();
    file_entries(&mut Entries(&mut writer), about, &trace.findings, options.words)?;
    for (key, value) in more {
        Entries(&mut writer).serialize_entry(key, value)?;
    }
    writer.key(b",\"conversations\":");
    writer.begin_array();
    for (index, talk) in trace.conversations().iter().enumerate() {
        if options.conversation.is_none_or(|wanted| wanted == index + 1) {
            write_conversation(out, &mut writer, index + 1, talk, &trace.store, options, filter)?;
        }
    }
    writer.end_array();
    writer.end_object();
    buffer.push(b'\n');
    out.write_all(&buffer)
}

/// What was put together is handed on when there is so much of it, in bytes.
const FULL: usize = 1 << 16;

fn hand_on(out: &mut dyn Write, writer: &mut Writer<'_>) -> io::Result<()> {
    let buffer = writer.buffer();
    if buffer.len() >= FULL {
        out.write_all(buffer)?;
        buffer.clear();
    }
    Ok(())
}

fn write_conversation(
    out: &mut dyn Write,
    writer: &mut Writer<'_>,
    id: usize,
    talk: &Conversation,
    store: &Store,
    options: Options,
    filter: &Filter,
) -> io::Result<()> {
    let mut chosen = Chosen::default();
    let in_range = |item: usize| options.items.is_none_or(|(from, to)| from <= item && item < to);
    let numbers = talk.items.iter().map(|(number, _)| number).filter(|number| in_range(*number));
    // A filter may want nothing of it.
    let wanted: Box<dyn Iterator<Item = usize>> = if filter.is_empty() {
        Box::new(numbers)
    } else {
        let wanted: Vec<_> = numbers.filter(|number| chosen.item(filter, talk, store, *number)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        Box::new(wanted.into_iter())
    };
    let mut reading = Reading::default();
    writer.element();
    writer.begin_object();
    writer.key(b",\"id\":");
    writer.number(id as u64);
    ConversationAbout(talk, options.words).entries(&mut Entries(writer))?;
    writer.key(b",\"items\":");
    writer.begin_array();
    for number in wanted {
        writer.element();
        item::write(writer, talk, store, number, &mut reading, options)?;
        hand_on(out, writer)?;
    }
    writer.end_array();
    writer.key(b",\"messages\":");
    writer.begin_array();
    for (number, message) in talk.messages.iter() {
        if in_range(message.last as usize) && chosen.message(filter, talk, message) {
            writer.element();
            message::write(writer, talk, store, number, &mut reading, options)?;
            hand_on(out, writer)?;
        }
    }
    writer.end_array();
    writer.end_object();
    Ok(())
}

/// Appends `{"conversation": id, "item": {…}}` and a line end. Items are to be written in order.
pub fn push_item_line(
    line: &mut Vec<u8>,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
    options: Options,
) -> io::Result<()> {
    push_line(line, id, b",\"item\":", |writer| item::write(writer, talk, store, number, reading, options))
}

/// Appends `{"conversation": id, "message": {…}}` and a line end. Messages are to be written in order.
pub fn push_message_line(
    line: &mut Vec<u8>,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
    options: Options,
) -> io::Result<()> {
    push_line(line, id, b",\"message\":", |writer| {
        message::write(writer, talk, store, number, reading, options)
    })
}

/// Writes `{"conversation": id, "about": {…}}`: everything about a conversation but its items and messages.
pub fn write_about_line(out: &mut dyn Write, id: usize, talk: &Conversation, words: Words) -> io::Result<()> {
    let mut line = Vec::new();
    push_line(&mut line, id, b",\"about\":", |writer| writer.value(&ConversationAbout(talk, words)))?;
    out.write_all(&line)
}

/// Writes `{"file": {…}}`: what the document says of the file as a whole.
pub fn write_file_line(
    out: &mut dyn Write,
    about: &About,
    findings: &[Finding],
    words: Words,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut writer = Writer::new(&mut line, false);
    writer.begin_object();
    file_entries(&mut Entries(&mut writer), about, findings, words)?;
    writer.end_object();
    line.push(b'\n');
    out.write_all(&line)
}

fn file_entries<M: SerializeMap>(
    map: &mut M,
    about: &About,
    findings: &[Finding],
    words: Words,
) -> Result<(), M::Error> {
    map.serialize_entry("schema", SCHEMA)?;
    map.serialize_entry("file", &about.file)?;
    map.serialize_entry("packets", &about.packets)?;
    map.serialize_entry("link_types", &about.link_types)?;
    map.serialize_entry("findings", &Findings(findings, words))
}

fn push_line(
    line: &mut Vec<u8>,
    id: usize,
    key: &'static [u8],
    value: impl FnOnce(&mut Writer<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = Writer::new(line, false);
    writer.begin_object();
    writer.key(b",\"conversation\":");
    writer.number(id as u64);
    writer.key(key);
    value(&mut writer)?;
    writer.end_object();
    line.push(b'\n');
    Ok(())
}

/// A finding with its sentence.
pub struct Said<'a>(pub &'a Finding, pub Words);

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(finding, words) = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("severity", finding.severity().id())?;
        map.serialize_entry("rule", finding.rule.id())?;
        map.serialize_entry("spec", &finding.section().to_string())?;
        map.serialize_entry("bits", &finding.bits)?;
        map.serialize_entry("message", &words.finding(finding))?;
        // What is said without facts has none.
        if !finding.facts.values().is_empty() && finding.facts.which() != "said" {
            map.serialize_entry("facts", &finding.facts)?;
        }
        map.end()
    }
}

/// Findings with their sentences.
pub struct Findings<'a>(pub &'a [Finding], pub Words);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|finding| Said(finding, self.1)))
    }
}

struct ConversationAbout<'a>(&'a Conversation, Words);

impl ConversationAbout<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let talk = self.0;
        map.serialize_entry("client", &talk.client.to_string())?;
        map.serialize_entry("server", &talk.server.to_string())?;
        map.serialize_entry("layer", talk.layer.id())?;
        map.serialize_entry("carrier", &talk.carrier.as_ref().map(CarrierView))?;
        map.serialize_entry("protocol", talk.protocol.id())?;
        if let Some(tls) = &talk.tls {
            map.serialize_entry("tls", &TlsView(tls))?;
        }
        if let Some(told) = &talk.told {
            map.serialize_entry("proxy", &ToldView(told))?;
        }
        map.serialize_entry("subprotocol", &talk.subprotocol)?;
        map.serialize_entry("extensions", &talk.extensions)?;
        map.serialize_entry("handshake", talk.handshake.id())?;
        map.serialize_entry("url", &talk.url())?;
        map.serialize_entry("start", &talk.start().map(|time| time.seconds(talk.digits).to_string()))?;
        map.serialize_entry("state", talk.state().id())?;
        map.serialize_entry("close", &talk.close().as_ref().map(CloseView))?;
        let ended: Vec<_> = talk.ended().iter().map(|ending| EndingView(ending, talk.digits)).collect();
        map.serialize_entry("ended", &ended)?;
        map.serialize_entry("findings", &Findings(&talk.findings, self.1))
    }
}

/// How a WebSocket was closed.
struct CloseView<'a>(&'a trace::Close);

impl Serialize for CloseView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let trace::Close { clean, code, reason, by } = self.0;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("clean", clean)?;
        map.serialize_entry("code", code)?;
        map.serialize_entry("reason", reason)?;
        map.serialize_entry("by", &by.map(Side::id))?;
        map.end()
    }
}

/// Who ended the connection, and how. The number is that of the digits of a second that the clock has.
struct EndingView<'a>(&'a trace::Ending, u8);

impl Serialize for EndingView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let trace::Ending { from, how, packet, time } = *self.0;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("from", from.id())?;
        map.serialize_entry("how", how.id())?;
        map.serialize_entry("time", &time.seconds(self.1).to_string())?;
        map.serialize_entry("packet", &(packet > 0).then_some(packet))?;
        map.end()
    }
}

/// What carries a conversation, by its number in the document.
struct CarrierView<'a>(&'a trace::Carrier);

impl Serialize for CarrierView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("conversation", &(self.0.conversation + 1))?;
        map.serialize_entry("stream", &None::<u32>)?;
        map.end()
    }
}

/// What is known of a conversation's TLS.
struct TlsView<'a>(&'a trace::TlsFacts);

impl Serialize for TlsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let trace::TlsFacts { agreement, keys, hidden } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &agreement.version_name())?;
        map.serialize_entry("cipher", &agreement.suite_name())?;
        map.serialize_entry("sni", &agreement.server_name)?;
        map.serialize_entry("alpn", &agreement.alpn_chosen)?;
        map.serialize_entry("alpn_offered", &agreement.alpn_offered)?;
        map.serialize_entry("keys", keys.id())?;
        map.serialize_entry("hidden_bytes", hidden)?;
        map.end()
    }
}

/// What a proxy was told.
struct ToldView<'a>(&'a crate::wire::prelude::Told);

impl Serialize for ToldView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("source", &self.0.source.map(|source| source.to_string()))?;
        map.serialize_entry("destination", &self.0.destination.as_ref().map(ToString::to_string))?;
        map.end()
    }
}

impl Serialize for ConversationAbout<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}
