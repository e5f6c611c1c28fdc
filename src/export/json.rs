//! The dissection as JSON (`framescope.dissection/1`), whole or one object a line.
//!
//! Everything is made while it is written: a capture of a million items needs no second copy in memory.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use sha2::{Digest, Sha256};

use crate::model::derive::Derivation;
use crate::model::field::{Field, hex};
use crate::model::protocol::Side;
use crate::model::rule::Finding;
use crate::trace::{
    self, Conversation, FrameFacts, Item, ItemKind, Message, MessageKind, PayloadReader, Store, Timestamp,
    Trace, close_body,
};
use crate::words::Words;

/// The schema's name and version, the first key of every document.
pub const SCHEMA: &str = "framescope.dissection/1";

/// What is written beside the items.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The field tree of each item, and of each message in its own space.
    pub fields: bool,
    /// How values that are not on the wire follow from bytes that are.
    pub derivations: bool,
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
    messages: RefCell<PayloadReader>,
    /// The fields of a message are made behind its text: each reader goes through the messages once.
    fields: RefCell<PayloadReader>,
    /// Derivations look back on their own: reading is cheap only in order.
    derivations: RefCell<PayloadReader>,
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
    write_document_with(out, about, trace, options, &[])
}

/// Writes one document with further keys.
pub fn write_document_with(
    out: &mut dyn Write,
    about: &About,
    trace: &Trace,
    options: Options,
    more: &[(&str, serde_json::Value)],
) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::pretty(&mut *out);
    Document { about, trace, options, more }.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Writes `{"conversation": id, "item": {…}}` and a line end. Items are to be written in order.
pub fn write_item_line(
    out: &mut dyn Write,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &Reading,
    options: Options,
) -> io::Result<()> {
    let Some(item) = ItemView::new(talk, store, number, reading, options) else { return Ok(()) };
    write_line(out, id, "item", &item)
}

/// Writes `{"conversation": id, "message": {…}}` and a line end. Messages are to be written in order.
pub fn write_message_line(
    out: &mut dyn Write,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &Reading,
    options: Options,
) -> io::Result<()> {
    let Some(message) = talk.messages.get(number) else { return Ok(()) };
    write_line(out, id, "message", &MessageView { talk, store, number, message, reading, options })
}

/// Writes `{"conversation": id, "about": {…}}`: everything about a conversation but its items and messages.
pub fn write_about_line(out: &mut dyn Write, id: usize, talk: &Conversation, words: Words) -> io::Result<()> {
    write_line(out, id, "about", &ConversationAbout(talk, words))
}

/// Writes `{"file": {…}}`: what the document says of the file as a whole.
pub fn write_file_line(
    out: &mut dyn Write,
    about: &About,
    findings: &[Finding],
    words: Words,
) -> io::Result<()> {
    struct Line<'a>(&'a About, Findings<'a>);
    impl Serialize for Line<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("schema", SCHEMA)?;
            map.serialize_entry("file", &self.0.file)?;
            map.serialize_entry("packets", &self.0.packets)?;
            map.serialize_entry("link_types", &self.0.link_types)?;
            map.serialize_entry("findings", &self.1)?;
            map.end()
        }
    }
    serde_json::to_writer(&mut *out, &Line(about, Findings(findings, words)))?;
    out.write_all(b"\n")
}

fn write_line(out: &mut dyn Write, id: usize, key: &str, value: &impl Serialize) -> io::Result<()> {
    struct Line<'a, T>(usize, &'a str, &'a T);
    impl<T: Serialize> Serialize for Line<'_, T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("conversation", &self.0)?;
            map.serialize_entry(self.1, self.2)?;
            map.end()
        }
    }
    serde_json::to_writer(&mut *out, &Line(id, key, value))?;
    out.write_all(b"\n")
}

struct Document<'a> {
    about: &'a About,
    trace: &'a Trace,
    options: Options,
    more: &'a [(&'a str, serde_json::Value)],
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("file", &self.about.file)?;
        map.serialize_entry("packets", &self.about.packets)?;
        map.serialize_entry("link_types", &self.about.link_types)?;
        map.serialize_entry("findings", &Findings(&self.trace.findings, self.options.words))?;
        for (key, value) in self.more {
            map.serialize_entry(key, value)?;
        }
        let wanted = |id: usize| self.options.conversation.is_none_or(|wanted| wanted == id);
        let views = self.trace.conversations().iter().enumerate().filter(|(index, _)| wanted(index + 1));
        let views = views.map(|(index, talk)| ConversationView {
            id: index + 1,
            talk,
            store: &self.trace.store,
            options: self.options,
        });
        map.serialize_entry("conversations", &Sequence(RefCell::new(views)))?;
        map.end()
    }
}

/// Serializes an iterator once, without collecting it.
struct Sequence<I>(RefCell<I>);

impl<I: Iterator<Item: Serialize>> Serialize for Sequence<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for element in &mut *self.0.borrow_mut() {
            sequence.serialize_element(&element)?;
        }
        sequence.end()
    }
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
        let ended = talk.ended().iter().map(|ending| EndingView(ending, talk.digits));
        map.serialize_entry("ended", &Sequence(RefCell::new(ended)))?;
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

struct ConversationView<'a> {
    id: usize,
    talk: &'a Conversation,
    store: &'a Store,
    options: Options,
}

impl Serialize for ConversationView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, talk, store, options } = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &id)?;
        ConversationAbout(talk, options.words).entries(&mut map)?;
        let reading = &Reading::default();
        let wanted = |item: usize| options.items.is_none_or(|(from, to)| from <= item && item < to);
        let items = talk.items.iter().filter(|(number, _)| wanted(*number));
        let items = items.filter_map(|(number, _)| ItemView::new(talk, store, number, reading, options));
        map.serialize_entry("items", &Sequence(RefCell::new(items)))?;
        let messages = talk.messages.iter().filter(|(_, message)| wanted(message.last as usize));
        let messages =
            messages.map(|(number, message)| MessageView { talk, store, number, message, reading, options });
        map.serialize_entry("messages", &Sequence(RefCell::new(messages)))?;
        map.end()
    }
}

/// An item, ready to be serialized.
struct ItemView<'a> {
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
    item: &'a Item,
    reading: &'a Reading,
    options: Options,
}

impl<'a> ItemView<'a> {
    fn new(
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        reading: &'a Reading,
        options: Options,
    ) -> Option<Self> {
        Some(Self { talk, store, number, item: talk.items.get(number)?, reading, options })
    }
}

impl Serialize for ItemView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { talk, store, number, item, reading, options } = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &(number + 1))?;
        map.serialize_entry("from", item.side.id())?;
        map.serialize_entry("time", &seconds(talk, item))?;
        map.serialize_entry("kind", item.kind.id())?;
        map.serialize_entry("offset", &item.offset)?;
        map.serialize_entry("length", &item.length)?;
        let mut packets: Vec<u32> =
            talk.stream(item.side).chunks_in(item.range()).map(trace::Chunk::packet).collect();
        packets.dedup();
        packets.retain(|packet| *packet != 0);
        map.serialize_entry("packets", &packets)?;
        if !item.complete {
            map.serialize_entry("complete", &false)?;
        }
        if let Some(facts) = FrameFacts::of(talk, store, item) {
            map.serialize_entry("frame", &FrameView { facts, item })?;
        }
        let findings: Vec<Said<'_>> =
            talk.findings_of(number).map(|finding| Said(finding, options.words)).collect();
        map.serialize_entry("findings", &findings)?;
        if options.fields {
            let root = trace::fields(talk, store, number);
            let fields: Vec<Field> = match root {
                Some(root) if !root.children.is_empty() => root.children,
                root => root.into_iter().collect(),
            };
            map.serialize_entry("fields", &options.words.fields(&fields))?;
        }
        if options.derivations {
            let derivations: Vec<Derivation> =
                trace::derivations_in_order(talk, store, number, &mut reading.derivations.borrow_mut());
            let told: Vec<_> = derivations.iter().map(|one| options.words.told(one)).collect();
            map.serialize_entry("derivations", &told)?;
        }
        map.end()
    }
}

fn seconds(talk: &Conversation, item: &Item) -> String {
    let time: Timestamp = talk.time_of(item);
    time.seconds(talk.digits).to_string()
}

/// The header of a frame. Every frame has every key: what the recording does not hold, or what an unmasked frame does
/// not have, is null.
struct FrameView<'a> {
    facts: FrameFacts,
    item: &'a Item,
}

impl Serialize for FrameView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { facts, item } = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("opcode", facts.opcode)?;
        if item.kind == ItemKind::HybiFrame {
            // These stand in the first byte, which is there even where the rest of the header is cut.
            let bit = |mask: u8| u8::from(item.first_byte & mask != 0);
            map.serialize_entry("fin", &(bit(0x80) == 1))?;
            map.serialize_entry("rsv", &[bit(0x40), bit(0x20), bit(0x10)])?;
            map.serialize_entry("masked", &facts.hybi.map(|header| header.mask.is_some()))?;
            map.serialize_entry("mask", &facts.hybi.and_then(|header| header.mask).map(|key| hex(&key)))?;
        } else {
            map.serialize_entry("type", &item.first_byte)?;
        }
        map.serialize_entry("payload_length", &facts.payload_length)?;
        map.end()
    }
}

struct MessageView<'a> {
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
    message: &'a Message,
    reading: &'a Reading,
    options: Options,
}

impl Serialize for MessageView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { talk, store, number, message, reading, options } = *self;
        let mut digest = Sha256::new();
        let mut text = Vec::new();
        let is_text = message.kind == MessageKind::Text;
        let mut reader = reading.messages.borrow_mut();
        let read = reader.read(talk, store, number, &mut |bytes| {
            digest.update(bytes);
            if is_text {
                text.extend_from_slice(bytes);
            }
        });
        let noticed = reader.noticed();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &(number + 1))?;
        map.serialize_entry("from", message.side.id())?;
        map.serialize_entry("time", &talk.items.get(message.last as usize).map(|item| seconds(talk, item)))?;
        map.serialize_entry("type", message.kind.id())?;
        map.serialize_entry("length", &message.length)?;
        match read {
            Ok(()) => {
                map.serialize_entry("sha256", &hex(&digest.finalize()))?;
                // The text is there, though a rule is broken in how it came.
                if let Some(noticed) = noticed {
                    map.serialize_entry("error", &noticed.to_string())?;
                }
            }
            Err(error) => {
                map.serialize_entry("sha256", &())?;
                map.serialize_entry("error", &error.to_string())?;
            }
        }
        if is_text {
            map.serialize_entry("text", &String::from_utf8_lossy(&text))?;
        }
        if message.kind == MessageKind::Close {
            let body = close_body(talk, store, message);
            map.serialize_entry("code", &body.as_ref().map(|(code, _)| code))?;
            map.serialize_entry("reason", &body.map_or(String::new(), |(_, reason)| reason))?;
        }
        let items: Vec<usize> = trace::frames_of(talk, message).map(|(number, _)| number + 1).collect();
        map.serialize_entry("items", &items)?;
        map.serialize_entry("compressed", &message.compressed)?;
        if options.fields {
            let root = trace::message_fields(talk, store, number, &mut reading.fields.borrow_mut());
            let fields = root.map(|root| root.children).unwrap_or_default();
            map.serialize_entry("fields", &options.words.fields(&fields))?;
        }
        map.end()
    }
}
