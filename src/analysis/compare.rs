//! Compares what a server answered with what it answered when it was recorded.
//!
//! What counts is said in [`Terms`]. Dates and masking keys are new each time and no difference. Neither is how a message is
//! compressed: what counts is what it inflates to.

use std::collections::HashMap;
use std::fmt;

use super::pointer::Pointer;
use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::hex;
use crate::model::protocol::Side;
use crate::trace::{Conversation, Handshake, Item, ItemKind, MessageKind, PayloadReader, Store};
use crate::wire::Parse;
use crate::wire::http::{Head, parse_head};
use crate::words::{Said, Words};

/// The recorded item and the one of this time, in the order of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The recorded item's number in its conversation, from 0; none where the server sent more this time.
    pub recorded: Option<usize>,
    /// This time's item's number in the report's trace, from 0; none where the server sent less this time.
    pub answered: Option<usize>,
    /// In what they differ; empty where they are the same or one is missing.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Whether both are there and say the same.
    pub fn is_same(&self) -> bool {
        self.recorded.is_some() && self.answered.is_some() && self.differences.is_empty()
    }
}

/// In what two items differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub what: Part,
    /// As it was recorded.
    pub recorded: Shown,
    /// As it was this time.
    pub answered: Shown,
}

/// A part of an item that can differ. Its `Display` is the stable identifier: `kind`, `status`, `header NAME`, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The kind of item.
    Kind,
    /// The status of an HTTP response.
    Status,
    /// A header field, by its name in small letters.
    Header(String),
    /// The body of an HTTP response.
    Body,
    /// The first byte of a frame.
    FirstByte,
    /// The payload of a message or a fragment.
    Payload,
    /// Whether the message is complete.
    Message,
    /// All bytes.
    Bytes,
}

impl Part {
    const fn id(&self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Header(_) => "header",
            Self::Body => "body",
            Self::FirstByte => "first byte",
            Self::Payload => "payload",
            Self::Message => "message",
            Self::Bytes => "bytes",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "{} {name}", self.id()),
            _ => f.write_str(self.id()),
        }
    }
}

impl Said for Part {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Header(name) => words.with("compare-header", &[("name", name.as_str().into())]),
            _ => words.text(&format!("compare-{}", self.id().replace(' ', "-"))).to_owned(),
        }
    }
}

/// One of two things that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it stands there.
    Text(String),
    /// What is to be said about it.
    Facts(Facts),
}

impl Said for Shown {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Facts(facts) => words.sentence("compare-shown", facts),
        }
    }
}

/// What is compared, and what does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Item by item, or message by message.
    pub by: By,
    /// Values of messages that are JSON documents which do not count, such as times and numbers of requests.
    pub ignore: Vec<Pointer>,
    /// The client asked with other keys: how the server proves that it read them is no difference, where the proof holds.
    pub fresh_key: bool,
}

/// By what answers are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum By {
    /// Everything that the server sent: HTTP, each frame.
    #[default]
    Frames,
    /// Text and binary messages and closes, however they are cut into frames.
    Messages,
}

impl By {
    /// `frames` or `messages`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Messages => "messages",
        }
    }
}

/// A conversation, and where its bytes are.
pub type Source<'a> = (&'a Conversation, &'a Store);

/// Compares the server's items. What is the same on both sides is paired first, so that one item more or less does not
/// make all that follow differ; what stands between is paired in its order.
pub fn compare(recorded: Source<'_>, answered: Source<'_>, terms: &Terms) -> Vec<Compared> {
    let items = [recorded, answered].map(|(talk, _)| match terms.by {
        By::Frames => server_items(talk).collect::<Vec<_>>(),
        By::Messages => server_messages(talk).collect(),
    });
    let [old, new] = [Reader::new(recorded, terms), Reader::new(answered, terms)];
    let [old, new] = [(old, &items[0]), (new, &items[1])]
        .map(|(mut reader, items)| items.iter().map(|&number| reader.essence(number)).collect::<Vec<_>>());
    let (mut left, mut right) = (Reader::new(recorded, terms), Reader::new(answered, terms));
    let mut compared = Vec::new();
    for run in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        let (mut was, mut is) = (run.old_range(), run.new_range());
        loop {
            let at = (was.next(), is.next());
            let pair = (
                at.0.and_then(|at| items[0].get(at)).copied(),
                at.1.and_then(|at| items[1].get(at)).copied(),
            );
            let differences = match pair {
                (None, None) => break,
                (Some(was), Some(is)) => differences(&mut left, was, &mut right, is),
                _ => Vec::new(),
            };
            compared.push(Compared { recorded: pair.0, answered: pair.1, differences });
        }
    }
    compared
}

/// The server's items that are waited for and compared: a gap is nothing that could come again.
pub fn server_items(talk: &Conversation) -> impl Iterator<Item = usize> {
    talk.items
        .iter()
        .filter(|(_, item)| item.side == Side::Server && item.kind != ItemKind::Gap)
        .map(|(number, _)| number)
}

/// The server's items that complete a message or a close. Pings and pongs come when they come.
fn server_messages(talk: &Conversation) -> impl Iterator<Item = usize> {
    let said = talk.messages.iter().filter(|(_, message)| {
        let counts = matches!(message.kind, MessageKind::Text | MessageKind::Binary | MessageKind::Close);
        message.side == Side::Server && counts
    });
    said.map(|(_, message)| message.last as usize)
}

/// Reads items and payloads of one conversation.
struct Reader<'a> {
    talk: &'a Conversation,
    store: &'a Store,
    payloads: PayloadReader,
    /// The message that each item completes.
    messages: HashMap<u32, usize>,
    terms: &'a Terms,
}

impl<'a> Reader<'a> {
    fn new((talk, store): Source<'a>, terms: &'a Terms) -> Self {
        let server = talk.messages.iter().filter(|(_, message)| message.side == Side::Server);
        let messages = server.map(|(number, message)| (message.last, number)).collect();
        Self { talk, store, payloads: PayloadReader::default(), messages, terms }
    }

    fn item(&self, number: usize) -> Option<(Item, Vec<u8>)> {
        let item = *self.talk.items.get(number)?;
        Some((item, self.talk.bytes_of(self.store, &item).into_owned()))
    }

    /// By what an item is recognised on the other side: of a frame that completes a message, the message; of a
    /// fragment, its payload; of HTTP, the status.
    fn essence(&mut self, number: usize) -> Vec<u8> {
        let Some((item, bytes)) = self.item(number) else { return Vec::new() };
        if self.terms.by == By::Messages {
            let mut essence = vec![self.kind(number).map_or(0, |kind| kind as u8)];
            essence.extend(self.message(number).unwrap_or_default());
            return essence;
        }
        let mut essence = vec![item.kind as u8];
        match item.kind {
            ItemKind::HttpResponse => essence.extend_from_slice(bytes.get(..12).unwrap_or(&bytes)),
            ItemKind::HybiFrame | ItemKind::HixieFrame => {
                let message = self.message(number);
                essence.push(u8::from(message.is_some()));
                essence.extend(message.unwrap_or_else(|| self.plain(item, &bytes)));
            }
            _ => essence.extend(bytes),
        }
        essence
    }

    /// The frame's payload, without its mask; of other frames, all bytes.
    fn plain(&self, item: Item, bytes: &[u8]) -> Vec<u8> {
        let coding = self.talk.coding(item.side);
        let header = coding.read(bytes).filter(|_| item.kind == ItemKind::HybiFrame);
        let Some((header, length)) = header else { return bytes.to_vec() };
        let mut payload = bytes.get(length..).unwrap_or_default().to_vec();
        coding.mask(&header, &mut payload, 0);
        payload
    }

    /// What the message is that this item completes.
    fn kind(&self, item: usize) -> Option<MessageKind> {
        let number = *self.messages.get(&u32::try_from(item).ok()?)?;
        Some(self.talk.messages.get(number)?.kind)
    }

    /// The payload of the message that this item completes, without what does not count; none where it completes none.
    fn message(&mut self, item: usize) -> Option<Vec<u8>> {
        let number = *self.messages.get(&u32::try_from(item).ok()?)?;
        let mut payload = Vec::new();
        // What does not inflate is compared as far as it goes.
        let _ =
            self.payloads.read(self.talk, self.store, number, &mut |piece| payload.extend_from_slice(piece));
        if !self.terms.ignore.is_empty()
            && let Ok(mut document) = serde_json::from_slice(&payload)
        {
            self.terms.ignore.iter().for_each(|pointer| pointer.remove(&mut document));
            payload = document.to_string().into_bytes();
        }
        Some(payload)
    }
}

fn differences(left: &mut Reader<'_>, was: usize, right: &mut Reader<'_>, is: usize) -> Vec<Difference> {
    let (Some((old, old_bytes)), Some((new, new_bytes))) = (left.item(was), right.item(is)) else {
        return Vec::new();
    };
    let mut list = List(Vec::new());
    if left.terms.by == By::Messages {
        let kind = |kind: Option<MessageKind>| kind.map_or("", MessageKind::id);
        list.add(Part::Kind, kind(left.kind(was)), kind(right.kind(is)));
        let [old, new] = [left.message(was), right.message(is)].map(Option::unwrap_or_default);
        list.bytes(Part::Payload, &old, &new);
        return list.0;
    }
    list.add(Part::Kind, old.kind.id(), new.kind.id());
    if old.kind != new.kind {
        return list.0;
    }
    match old.kind {
        ItemKind::HttpResponse | ItemKind::HttpRequest => {
            let proved = left.terms.fresh_key && right.talk.handshake == Handshake::Accepted;
            responses(&old_bytes, &new_bytes, proved, &mut list);
        }
        ItemKind::HybiFrame | ItemKind::HixieFrame => {
            list.add(Part::FirstByte, &hex(&[old.first_byte]), &hex(&[new.first_byte]));
            match (left.message(was), right.message(is)) {
                (Some(old), Some(new)) => list.bytes(Part::Payload, &old, &new),
                // A fragment. Where the message is compressed, the pieces may differ and mean the same.
                (None, None) if left.talk.deflate.is_none() && right.talk.deflate.is_none() => {
                    list.bytes(Part::Payload, &left.plain(old, &old_bytes), &right.plain(new, &new_bytes));
                }
                (None, None) => {}
                (old, _) => {
                    let says = |complete| if complete { facts!("complete") } else { facts!("goes-on") };
                    list.push(Part::Message, says(old.is_some()), says(old.is_none()));
                }
            }
        }
        _ => list.bytes(Part::Bytes, &old_bytes, &new_bytes),
    }
    list.0
}

/// With `proved` the proof of the handshake is another, as it should be: a field's value, or the 16 bytes behind the head
/// of hixie-76.
fn responses(old: &[u8], new: &[u8], proved: bool, list: &mut List) {
    let (Parse::Done(old_head, old_length), Parse::Done(new_head, new_length)) =
        (parse_head(old, Side::Server, usize::MAX), parse_head(new, Side::Server, usize::MAX))
    else {
        return list.bytes(Part::Bytes, old, new);
    };
    let status = |head: &Head| head.status().map(|status| status.to_string()).unwrap_or_default();
    list.add(Part::Status, &status(&old_head), &status(&new_head));
    let mut names: Vec<String> = names(&old_head);
    names.extend(self::names(&new_head));
    names.sort_unstable();
    names.dedup();
    // The server's half of what masks are made of in hybi-04 is new each time too.
    let is_new = |name: &String| {
        name == "date" || name == "sec-websocket-nonce" || proved && name == "sec-websocket-accept"
    };
    for name in names.into_iter().filter(|name| !is_new(name)) {
        let value = |head: &Head| head.get_all(&name).collect::<Vec<_>>().join(", ");
        let (old, new) = (value(&old_head), value(&new_head));
        list.add(Part::Header(name), &old, &new);
    }
    if proved && new_head.status() == Some(101) {
        return;
    }
    list.bytes(
        Part::Body,
        old.get(old_length..).unwrap_or_default(),
        new.get(new_length..).unwrap_or_default(),
    );
}

fn names(head: &Head) -> Vec<String> {
    let name =
        |span: crate::wire::http::Span| String::from_utf8_lossy(span.of(head.raw())).to_ascii_lowercase();
    head.fields().iter().map(|field| name(field.name)).collect()
}

struct List(Vec<Difference>);

/// So many bytes of a payload are shown from where it differs.
const SHOWN: usize = 24;

impl List {
    fn add(&mut self, what: Part, recorded: &str, answered: &str) {
        if recorded != answered {
            let [recorded, answered] = [recorded, answered].map(|text| Shown::Text(text.to_owned()));
            self.0.push(Difference { what, recorded, answered });
        }
    }

    fn push(&mut self, what: Part, recorded: Facts, answered: Facts) {
        let [recorded, answered] = [recorded, answered].map(Shown::Facts);
        self.0.push(Difference { what, recorded, answered });
    }

    fn bytes(&mut self, what: Part, recorded: &[u8], answered: &[u8]) {
        if recorded == answered {
            return;
        }
        let same = recorded.iter().zip(answered).take_while(|(old, new)| old == new).count();
        let shown = |bytes: &[u8]| {
            let rest = bytes.get(same..).unwrap_or_default();
            let piece = rest.get(..SHOWN).unwrap_or(rest);
            let more = if piece.len() < rest.len() { "…" } else { "" };
            let piece = match std::str::from_utf8(piece) {
                Ok(text) if !text.is_empty() => format!("{text:?}"),
                _ => hex(piece),
            };
            let (length, from) = (bytes.len().to_string(), same.to_string());
            facts!("bytes", length, from, piece = format!("{piece}{more}"))
        };
        self.push(what, shown(recorded), shown(answered));
    }
}
