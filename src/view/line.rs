//! What an item says, in one line. The ladders of the command line and of the window say the same.

use super::fit::{self, push, quoted, width};
use super::layers;
use crate::model::field::BitRange;
use crate::trace::{
    self, Conversation, FrameFacts, Item, ItemKind, Message, MessageKind, PayloadReader, Store, beginning,
};
use crate::wire::frame::hybi::Opcode;
use crate::wire::http::{MAX_HEAD, leading_lines};
use crate::wire::prelude::Message as PreludeMessage;
use crate::wire::tls::Content;
use crate::words::Words;

/// How many bytes of UTF-8 a character takes at most.
pub(crate) const LONGEST_CHARACTER: usize = 4;

/// One item, to be told in one line.
#[derive(Debug)]
pub struct Line<'a> {
    words: Words,
    talk: &'a Conversation,
    store: &'a Store,
    number: usize,
    item: &'a Item,
    facts: Option<FrameFacts>,
}

/// The beginning of a compressed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Its first bytes.
    Bytes(Vec<u8>),
    /// The first bytes of what inflated; the rest does not.
    Part(Vec<u8>),
    /// None of it inflates.
    Broken,
    /// Nobody has inflated it yet.
    NotYet,
}

/// Inflates a message and keeps at most `limit` of its first bytes.
pub fn inflate(
    reader: &mut PayloadReader,
    talk: &Conversation,
    store: &Store,
    message: usize,
    limit: usize,
) -> Beginning {
    let mut start: Vec<u8> = Vec::new();
    let read = reader.read(talk, store, message, &mut |bytes| {
        let room = limit.saturating_sub(start.len());
        start.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    });
    match read {
        Ok(()) => Beginning::Bytes(start),
        Err(_) if start.is_empty() => Beginning::Broken,
        Err(_) => Beginning::Part(start),
    }
}

impl<'a> Line<'a> {
    /// The line of item `number`, counted from 0, in these words.
    pub fn new(
        words: Words,
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        item: &'a Item,
    ) -> Self {
        Self { words, talk, store, number, item, facts: FrameFacts::of(talk, store, item) }
    }

    /// What the header says, where the item is a frame.
    pub const fn facts(&self) -> Option<FrameFacts> {
        self.facts
    }

    /// What it is: `text`, `ping`, `HTTP request`.
    pub fn kind(&self) -> &'static str {
        let id = match self.item.kind {
            ItemKind::PolicyRequest => "inspector-kind-policy-request",
            ItemKind::PolicyResponse => "inspector-kind-policy-response",
            ItemKind::HttpRequest => "inspector-kind-http-request",
            ItemKind::HttpResponse => "inspector-kind-http-response",
            ItemKind::HybiFrame | ItemKind::HixieFrame => match self.facts {
                Some(facts) => return facts.opcode,
                None => "inspector-kind-frame",
            },
            ItemKind::Prelude => "inspector-kind-prelude",
            ItemKind::TlsRecord => "inspector-kind-tls-record",
            ItemKind::DeflateStream => "inspector-kind-deflate-stream",
            ItemKind::Gap => "inspector-kind-gap",
            ItemKind::Unparsed => "inspector-kind-unparsed",
        };
        self.words.find(id).unwrap_or(self.item.kind.id())
    }

    /// What it says, in at most `columns` columns. `inflated` gives the beginning of a compressed message.
    pub fn content(&self, columns: usize, inflated: &mut dyn FnMut(usize) -> Beginning) -> String {
        let limit = columns * LONGEST_CHARACTER;
        match self.item.kind {
            ItemKind::Gap => self.words.text("line-not-recorded").to_owned(),
            ItemKind::HttpRequest | ItemKind::HttpResponse => {
                let mut bytes = beginning(self.talk, self.store, self.item, limit);
                // Empty lines may stand before the first.
                let mut leading = leading_lines(&bytes);
                if leading > 0 {
                    bytes = beginning(self.talk, self.store, self.item, MAX_HEAD);
                    leading = leading_lines(&bytes);
                }
                let rest = bytes.get(leading..).unwrap_or_default();
                let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                fit::cut(&fit::visible_bytes(line), columns).into_owned()
            }
            ItemKind::PolicyRequest
            | ItemKind::PolicyResponse
            | ItemKind::DeflateStream
            | ItemKind::Unparsed => {
                let bytes = beginning(self.talk, self.store, self.item, limit);
                text_or_hex(&bytes, bytes.len() as u64 == self.item.length, columns)
            }
            ItemKind::HybiFrame | ItemKind::HixieFrame => self.frame_content(inflated, columns, limit),
            ItemKind::Prelude | ItemKind::TlsRecord => self.layer_content(columns),
        }
    }

    /// What a record or a message of a prelude holds.
    fn layer_content(&self, columns: usize) -> String {
        let words = self.words;
        let Some(field) = trace::fields(self.talk, self.store, self.number) else { return String::new() };
        let said = if self.item.kind == ItemKind::TlsRecord {
            layers::record(words, Content::from_byte(self.item.first_byte), &field)
        } else {
            PreludeMessage::from_byte(self.item.first_byte)
                .map(|message| layers::prelude(words, message))
                .unwrap_or_default()
        };
        fit::cut(&said, columns).into_owned()
    }

    /// The messages that this item completes, with their numbers.
    pub fn completed(&self) -> impl Iterator<Item = (usize, &'a Message)> + use<'a> {
        let messages = &self.talk.messages;
        let number = self.number;
        let from = messages.partition_point(|message| (message.last as usize) < number);
        messages.iter_from(from).take_while(move |(_, message)| message.last as usize == number)
    }

    /// The beginning of a message as text in quotes, or as hex, in at most `columns` columns.
    pub fn preview(
        &self,
        number: usize,
        message: &Message,
        columns: usize,
        inflated: &mut dyn FnMut(usize) -> Beginning,
    ) -> String {
        let start = if message.compressed {
            inflated(number)
        } else {
            Beginning::Bytes(self.message_beginning(message, columns * LONGEST_CHARACTER))
        };
        let (start, remark) = match start {
            Beginning::Bytes(start) => (start, None),
            Beginning::Part(start) => (start, Some(self.words.text("line-inflates-in-part"))),
            Beginning::Broken => {
                return fit::cut(self.words.text("line-does-not-inflate"), columns).into_owned();
            }
            Beginning::NotYet => return "…".to_owned(),
        };
        let room = remark.map_or(columns, |remark| columns.saturating_sub(width(remark) + 1).max(8));
        let whole = start.len() as u64 == message.length;
        let mut said = if message.kind == MessageKind::Text && !message.coded {
            quoted(&start, whole, room)
        } else {
            text_or_hex(&start, whole, room)
        };
        if let Some(remark) = remark {
            push(&mut said, format_args!(" {remark}"));
        }
        fit::cut(&said, columns).into_owned()
    }

    /// At most `limit` first bytes of a message that is not compressed.
    fn message_beginning(&self, message: &Message, limit: usize) -> Vec<u8> {
        let mut start: Vec<u8> = Vec::new();
        for (_, item) in trace::frames_of(self.talk, message) {
            let room = limit.saturating_sub(start.len());
            let Some(facts) = FrameFacts::of(self.talk, self.store, item).filter(|_| room > 0) else {
                break;
            };
            start.extend(facts.payload_beginning(self.talk, self.store, item, room));
        }
        start
    }

    fn frame_content(
        &self,
        inflated: &mut dyn FnMut(usize) -> Beginning,
        columns: usize,
        limit: usize,
    ) -> String {
        let Some(facts) = self.facts else { return String::new() };
        let mut remarks: Vec<String> = Vec::new();
        let opcode = Opcode::new(self.item.first_byte);
        let (mut compressed, mut coded) = (false, false);
        if let Some(header) = facts.hybi {
            compressed = trace::is_compressed(self.talk, self.number, self.item);
            for (number, set) in (1..).zip(header.rsv) {
                if set && !(number == 1 && compressed) {
                    remarks.push(format!("RSV{number}"));
                }
            }
            coded = self.talk.foreign.is_some()
                && trace::message_of(self.talk, self.number).is_some_and(|(_, message)| message.coded);
            if let Some(name) = self.talk.foreign.as_deref().filter(|_| coded) {
                remarks.push(self.words.with("line-coded", &[("extension", name.into())]));
            }
            if compressed {
                remarks.push(self.words.text("line-compressed").to_owned());
            }
            if !header.fin {
                remarks.push(self.words.text("line-not-final").to_owned());
            } else if opcode == Opcode::CONTINUATION {
                let done = self.completed().next();
                let frames = done.iter().flat_map(|(_, message)| trace::frames_of(self.talk, message));
                let frames: Vec<usize> = frames.map(|(number, _)| number).collect();
                remarks.push(if frames.len() > 1 {
                    self.words.with("line-final-of", &[("items", items(self.words, &frames).into())])
                } else {
                    self.words.text("line-final").to_owned()
                });
            }
        }
        if !self.item.complete {
            remarks.push(self.words.text("line-cut").to_owned());
        }
        let mut text = remarks.join(", ");
        if !text.is_empty() {
            text.push_str("  ");
        }
        let room = columns.saturating_sub(width(&text)).max(8);
        if compressed {
            // What the bytes mean is known when the message is complete.
            if let Some((number, message)) = self.completed().next() {
                text.push_str(&self.preview(number, message, room, inflated));
            }
            return fit::cut(&text, columns).into_owned();
        }
        let payload = facts.payload_beginning(self.talk, self.store, self.item, limit);
        let whole = facts.payload_length == Some(payload.len() as u64);
        let is_close = facts.opcode == "close" && facts.hybi.is_some();
        match payload.split_first_chunk::<2>().filter(|_| is_close) {
            Some((code, reason)) => {
                let code = u16::from_be_bytes(*code);
                let closing = &self.talk.protocol.dialect_or_latest().closing;
                push(&mut text, format_args!("{}", self.words.value(&closing.value(code))));
                if !reason.is_empty() {
                    let room = columns.saturating_sub(width(&text) + 1).max(8);
                    push(&mut text, format_args!(" {}", quoted(reason, whole, room)));
                }
            }
            None if facts.opcode == "text" && !coded => text.push_str(&quoted(&payload, whole, room)),
            None if self.item.kind == ItemKind::HixieFrame && facts.opcode == "close" => {
                text.push_str("FF 00");
            }
            None if facts.payload_length == Some(0) => {}
            None => text.push_str(&text_or_hex(&payload, whole, room)),
        }
        fit::cut(&text, columns).into_owned()
    }
}

/// Bytes in quotes if they can be read, or else in hex.
fn text_or_hex(bytes: &[u8], whole: bool, columns: usize) -> String {
    let readable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..);
    // The NUL that ends a policy, and UTF-8, can be read too.
    let body = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let is_utf8 = match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(error) => !whole && error.error_len().is_none(),
    };
    if is_utf8 && !body.is_empty() && body.iter().all(readable) {
        return quoted(bytes, whole, columns);
    }
    let fits =
        if whole && bytes.len() * 3 <= columns + 1 { bytes.len() } else { columns.saturating_sub(1) / 3 };
    let mut text = String::new();
    for byte in bytes.iter().take(fits) {
        push(&mut text, format_args!("{byte:02x} "));
    }
    if fits < bytes.len() || !whole {
        text.push('…');
    }
    text.trim_end().to_owned()
}

/// `+1.21 ms`: three digits that matter.
pub fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { '−' } else { '+' };
    let size = nanos.unsigned_abs();
    let (unit, name) = match size {
        0..1_000 => return format!("{sign}{size} ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let rounded = |digits: u64| (u128::from(size) * u128::from(digits) + unit / 2) / unit;
    // Two numbers of three digits are as near: the one that the nearest number of 64 bits is nearer to.
    if [100, 10, 1].iter().any(|digits| u128::from(size) * digits * 2 % (unit * 2) == unit) {
        let number = size as f64 / unit as f64;
        let digits = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
        return format!("{sign}{number:.digits$} {name}");
    }
    match (rounded(100), rounded(10)) {
        (hundredths @ ..1_000, _) => {
            format!("{sign}{}.{:02} {name}", hundredths / 100, hundredths % 100)
        }
        (_, tenths @ ..1_000) => format!("{sign}{}.{} {name}", tenths / 10, tenths % 10),
        _ => format!("{sign}{} {name}", rounded(1)),
    }
}

/// `items 4–6`, `items 4, 6, 9`, `item 4`. Numbers are counted from 1.
pub fn items(words: Words, numbers: &[usize]) -> String {
    const MOST: usize = 8;
    let list = |numbers: &[usize]| numbers.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(", ");
    let several = |numbers: String| words.with("list-items", &[("numbers", numbers.into())]);
    match numbers {
        [] => words.text("list-no-items").to_owned(),
        [one] => words.with("list-item", &[("numbers", (one + 1).to_string().into())]),
        [first, .., last] if last - first == numbers.len() - 1 => {
            several(format!("{}–{}", first + 1, last + 1))
        }
        many if many.len() > MOST => {
            let shown = list(many.get(..MOST).unwrap_or(many));
            let more = many.len() - MOST;
            words.with("list-items-others", &[("numbers", shown.into()), ("count", more.into())])
        }
        many => several(list(many)),
    }
}

/// Bits as people count them: whole bytes as `byte 0`, `bytes 2–6`, others as `bit 8`, `bits 9–15`.
pub fn place(words: Words, bits: BitRange) -> String {
    let BitRange { start, end } = bits;
    let whole = start.is_multiple_of(8) && end.is_multiple_of(8);
    let (first, end) = if whole { (start / 8, end / 8) } else { (start, end) };
    let id = match (end.saturating_sub(first), whole) {
        // A place between two bytes: what should stand there is missing.
        (0, true) => "place-at-byte",
        (0, false) => "place-at-bit",
        (1, true) => "fields-byte",
        (1, false) => "fields-bit",
        (_, true) => "fields-bytes",
        (_, false) => "fields-bits",
    };
    let last = end.saturating_sub(1);
    words.with(id, &[("first", first.to_string().into()), ("last", last.to_string().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        let shown = [
            0,
            999,
            1_000,
            9_994,
            213_000,
            1_214_000,
            99_940_000,
            999_000_000,
            3_200_000_000,
            123_456_000_000,
        ];
        let shown: Vec<String> = shown.into_iter().map(duration).collect();
        assert_eq!(
            shown,
            [
                "+0 ns",
                "+999 ns",
                "+1.00 µs",
                "+9.99 µs",
                "+213 µs",
                "+1.21 ms",
                "+99.9 ms",
                "+999 ms",
                "+3.20 s",
                "+123 s"
            ]
        );
        assert_eq!(duration(-1_500), "−1.50 µs");
    }

    #[test]
    fn places_are_told_as_people_count() {
        assert_eq!(place(Words::english(), BitRange::new(8, 9)), "bit 8");
        assert_eq!(place(Words::english(), BitRange::new(9, 16)), "bits 9–15");
        assert_eq!(place(Words::english(), BitRange::bytes(0, 1)), "byte 0");
        assert_eq!(place(Words::english(), BitRange::bytes(2, 7)), "bytes 2–6");
        assert_eq!(place(Words::english(), BitRange::bytes(3, 3)), "at byte 3");
        assert_eq!(place(Words::english(), BitRange::new(9, 80)), "bits 9–79");
    }

    #[test]
    fn items_are_counted_from_one() {
        assert_eq!(items(Words::english(), &[3]), "item 4");
        assert_eq!(items(Words::english(), &[3, 4, 5]), "items 4–6");
        assert_eq!(items(Words::english(), &[3, 5]), "items 4, 6");
        assert_eq!(
            items(Words::english(), &[0, 2, 4, 6, 8, 10, 12, 14, 16]),
            "items 1, 3, 5, 7, 9, 11, 13, 15 and 1 other"
        );
    }
}
