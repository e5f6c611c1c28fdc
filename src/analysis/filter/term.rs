//! The single terms of a filter, and when an item fits them.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::spelling::{is_bare, quote};
use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::hex;
use crate::model::protocol::Side;
use crate::model::rule::Severity;
use crate::trace::frame_payload;
use crate::trace::{Conversation, FrameFacts, Item, ItemKind, MessageKind, PayloadReader, Store, message_of};
use crate::wire::frame::hybi::Opcode;

/// A compiled pattern takes at most this much memory, in bytes, and so does the machine that runs it.
const PATTERN_LIMIT: usize = 1 << 20;

/// The kinds of item that `kind:` knows: each id of [`ItemKind::id`], and what two of them have in common.
pub(super) const KINDS: &[&str] = &[
    "frame",
    "http",
    "http-request",
    "http-response",
    "policy",
    "policy-request",
    "policy-response",
    "gap",
    "unparsed",
];

/// The names that `opcode:` knows.
pub(super) const OPCODES: &[&str] = &["continuation", "text", "binary", "close", "ping", "pong", "reserved"];

/// What one item must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    From(Side),
    /// One of [`KINDS`].
    Kind(&'static str),
    Opcode(OpcodeTerm),
    /// A text, whatever its capital letters.
    Text(Pattern),
    Regex(Pattern),
    Hex(Vec<u8>),
    Finding(FindingTerm),
    Size(Comparison, u64),
    /// The message's number, counted from 1.
    Message(u64),
    Masked(bool),
    Fin(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpcodeTerm {
    /// One of [`OPCODES`].
    Named(&'static str),
    /// The four bits; in the hixie versions the type byte.
    Number(u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FindingTerm {
    Any,
    Severity(Severity),
    /// The beginning of a rule's id.
    Rule(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Comparison {
    /// Each with its sign, so that no sign stands before one that it begins with.
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::LessOrEqual, "<="),
        (Self::GreaterOrEqual, ">="),
        (Self::Less, "<"),
        (Self::Equal, "="),
        (Self::Greater, ">"),
    ];

    const fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }
}

/// A text or a regular expression, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    source: String,
    ignore_case: bool,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.ignore_case == other.ignore_case
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// A text to be looked for. The error says why it cannot be, in one line.
    pub(super) fn text(text: &str) -> Result<Self, Facts> {
        let regex = compile(&regex::escape(text), true)?;
        Ok(Self { source: text.to_owned(), ignore_case: true, regex })
    }

    /// A regular expression. The error says why it is none, in one line.
    pub(super) fn regex(source: &str, ignore_case: bool) -> Result<Self, Facts> {
        Ok(Self { source: source.to_owned(), ignore_case, regex: compile(source, ignore_case)? })
    }
}

fn compile(source: &str, ignore_case: bool) -> Result<Regex, Facts> {
    let mut builder = RegexBuilder::new(source);
    builder.case_insensitive(ignore_case).size_limit(PATTERN_LIMIT).dfa_size_limit(PATTERN_LIMIT);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => facts!("memory"),
        // The parser draws the place on several lines; its last one says what is wrong.
        error => {
            let words = error.to_string();
            let last = words.lines().next_back().unwrap_or_default();
            facts!("regex", error = last.strip_prefix("error: ").unwrap_or(last))
        }
    })
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yes = |yes: bool| if yes { "yes" } else { "no" };
        match self {
            Self::From(side) => write!(f, "from:{}", side.id()),
            Self::Kind(kind) => write!(f, "kind:{kind}"),
            Self::Opcode(OpcodeTerm::Named(name)) => write!(f, "opcode:{name}"),
            Self::Opcode(OpcodeTerm::Number(number)) => write!(f, "opcode:{number:#x}"),
            Self::Text(pattern) if is_bare(&pattern.source) => f.write_str(&pattern.source),
            Self::Text(pattern) => f.write_str(&quote(&pattern.source)),
            Self::Regex(pattern) => {
                let flags = if pattern.ignore_case { "i" } else { "" };
                write!(f, "/{}/{flags}", pattern.source.replace('/', "\\/"))
            }
            Self::Hex(bytes) => write!(f, "hex:{}", hex(bytes)),
            Self::Finding(FindingTerm::Any) => f.write_str("finding:any"),
            Self::Finding(FindingTerm::Severity(severity)) => write!(f, "finding:{}", severity.id()),
            Self::Finding(FindingTerm::Rule(beginning)) => write!(f, "finding:{beginning}"),
            Self::Size(comparison, size) => {
                let sign = Comparison::ALL.iter().find(|(some, _)| some == comparison);
                write!(f, "size{}{size}", sign.map_or("", |(_, sign)| sign))
            }
            Self::Message(number) => write!(f, "message:{number}"),
            Self::Masked(masked) => write!(f, "masked:{}", yes(*masked)),
            Self::Fin(fin) => write!(f, "fin:{}", yes(*fin)),
        }
    }
}

/// An item that is looked at, and the plain text that was made of it.
pub(super) struct Look<'a> {
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
    item: &'a Item,
    reader: &'a mut PayloadReader,
    plain: Option<Vec<Cow<'a, [u8]>>>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        item: &'a Item,
        reader: &'a mut PayloadReader,
    ) -> Self {
        Self { talk, store, number, item, reader, plain: None }
    }

    fn facts(&self) -> Option<FrameFacts> {
        FrameFacts::of(self.talk, self.store, self.item)
    }

    /// The number of bytes that the frame carries; of another item, all its bytes.
    fn size(&self) -> u64 {
        self.facts().and_then(|facts| facts.payload_length).unwrap_or(self.item.length)
    }

    fn opcode_fits(&self, wanted: OpcodeTerm) -> bool {
        match (self.item.kind, wanted) {
            (ItemKind::HybiFrame, OpcodeTerm::Number(number)) => {
                Opcode::new(self.item.first_byte).bits() == number
            }
            (ItemKind::HixieFrame, OpcodeTerm::Number(number)) => self.item.first_byte == number,
            (_, OpcodeTerm::Number(_)) => false,
            (_, OpcodeTerm::Named(name)) => self.facts().is_some_and(|facts| {
                facts.opcode == name || (name == "reserved" && facts.opcode.starts_with(name))
            }),
        }
    }

    /// Whether one of the pieces of plain text that the item stands for is wanted: the payload of the frame; at the
    /// frame that completes a message, that of the message, put together and inflated; of any other item, its bytes.
    fn any_plain(&mut self, mut wanted: impl FnMut(&[u8]) -> bool) -> bool {
        if self.plain.is_none() {
            self.plain = Some(self.make_plain());
        }
        self.plain.iter().flatten().any(|plain| wanted(plain))
    }

    fn make_plain(&mut self) -> Vec<Cow<'a, [u8]>> {
        if !self.item.kind.is_frame() {
            return vec![self.talk.bytes_of(self.store, self.item)];
        }
        let message = message_of(self.talk, self.number).map(|(number, message)| (number, *message));
        let mut plain = Vec::new();
        if message.is_none_or(|(_, message)| !message.compressed) {
            let part = frame_payload(self.talk, self.store, self.item);
            let part = part.or_else(|| {
                let facts = self.facts()?; // The frame is cut: what there is of it.
                Some(facts.payload_beginning(self.talk, self.store, self.item, usize::MAX).into())
            });
            plain.extend(part.map(|part| match message {
                Some((_, message)) if message.kind == MessageKind::Close => without_code(part),
                _ => part,
            }));
        }
        if let Some((number, message)) = message
            && message.last as usize == self.number
            && (message.compressed || message.first != message.last)
        {
            let mut whole = Vec::new();
            // What does not inflate is looked through as far as it does.
            let _ =
                self.reader.read(self.talk, self.store, number, &mut |bytes| whole.extend_from_slice(bytes));
            plain.push(whole.into());
        }
        plain
    }
}

/// The reason of a close frame's body.
fn without_code(body: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match body {
        Cow::Borrowed(body) => Cow::Borrowed(body.get(2..).unwrap_or_default()),
        Cow::Owned(mut body) => {
            body.drain(..body.len().min(2));
            Cow::Owned(body)
        }
    }
}

impl Term {
    pub(super) fn matches(&self, look: &mut Look<'_>) -> bool {
        match self {
            Self::From(side) => look.item.side == *side,
            Self::Kind(wanted) => {
                let kind = look.item.kind.id();
                kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            Self::Opcode(opcode) => look.opcode_fits(*opcode),
            Self::Text(pattern) | Self::Regex(pattern) => {
                look.any_plain(|plain| pattern.regex.is_match(plain))
            }
            Self::Hex(bytes) => {
                memmem::find(&look.talk.bytes_of(look.store, look.item), bytes).is_some()
                    || look.any_plain(|plain| memmem::find(plain, bytes).is_some())
            }
            Self::Finding(wanted) => look.talk.findings_of(look.number).any(|finding| match wanted {
                FindingTerm::Any => true,
                FindingTerm::Severity(severity) => finding.severity() == *severity,
                FindingTerm::Rule(beginning) => finding.rule.id().starts_with(beginning.as_str()),
            }),
            Self::Size(comparison, size) => comparison.holds(look.size(), *size),
            Self::Message(wanted) => {
                let of = message_of(look.talk, look.number).filter(|_| look.item.kind.is_frame());
                of.is_some_and(|(number, _)| number as u64 + 1 == *wanted)
            }
            Self::Masked(masked) => look
                .facts()
                .and_then(|facts| facts.hybi)
                .is_some_and(|header| header.mask.is_some() == *masked),
            Self::Fin(fin) => {
                look.item.kind == ItemKind::HybiFrame && (look.item.first_byte & 0x80 != 0) == *fin
            }
        }
    }
}
