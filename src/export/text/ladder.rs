//! The ladder: a line an item, the client on the left and the server on the right.

use std::io::{self, Write};

use super::words::{self, count, grouped, push, quoted, width};
use super::{Options, Progress};
use crate::export::hexdump;
use crate::field::BitRange;
use crate::protocol::Side;
use crate::rule::Finding;
use crate::trace::{
    self, Chunk, Conversation, FrameFacts, Item, ItemKind, Message, MessageKind, Store, Timestamp, beginning,
};
use crate::wire::close;
use crate::wire::frame::hybi::{self, Opcode};

/// What stands below an item stands behind this.
pub(super) const INDENT: &str = "      ";

/// Times are written no finer than microseconds, whatever the clock.
const TIME_DIGITS: u8 = 6;

/// How many bytes of UTF-8 a character takes at most.
const LONGEST_CHARACTER: usize = 4;

/// Narrower ladders leave out the time since the item before, for the sake of what the items say.
const WIDE: usize = 96;

/// One item, with what is known of it.
pub(in crate::export) struct Row<'a> {
    id: usize,
    pub(super) talk: &'a Conversation,
    pub(super) store: &'a Store,
    pub(super) number: usize,
    pub(super) item: &'a Item,
    facts: Option<FrameFacts>,
    pub(super) options: &'a Options,
}

impl<'a> Row<'a> {
    pub(in crate::export) fn new(
        id: usize,
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        item: &'a Item,
        options: &'a Options,
    ) -> Self {
        let facts = FrameFacts::of(talk, store, item);
        Self { id, talk, store, number, item, facts, options }
    }

    /// Writes the line.
    pub(super) fn write(&self, out: &mut dyn Write, progress: &mut Progress) -> io::Result<()> {
        let (bold, dim) = (self.options.paint.bold(), self.options.paint.dim());
        let number = if self.options.interleaved {
            format!("{:>8}", format!("{}.{}", self.id, self.number + 1))
        } else {
            format!("{:>w$}", self.number + 1, w = number_width(self.talk))
        };
        let when = self.when(progress);
        let what = format!("{:<14} {:>7}", self.kind(), format!("{} B", grouped(self.item.length)));
        let taken = width(&number) + width(&when) + width(self.arrow()) + width(&what) + 6;
        let content = self.content(progress, self.options.width.saturating_sub(taken).max(12));
        let line = format!("{bold}{number}{bold:#}{dim}{when}{dim:#}  {}  {what}  {content}", self.arrow());
        writeln!(out, "{}", line.trim_end())
    }

    /// The packets and the times, where there are any.
    fn when(&self, progress: &mut Progress) -> String {
        let mut text = String::new();
        let chunks = self.talk.stream(self.item.side).chunks_in(self.item.range());
        let packets = chunks
            .map(Chunk::packet)
            .fold((0, 0), |(first, _), packet| if first == 0 { (packet, packet) } else { (first, packet) });
        let packets = match packets {
            (0, _) => String::new(),
            (first, last) if first == last => format!("#{first}"),
            (first, last) => format!("#{first}–{last}"),
        };
        if last_packet(self.talk) > 0 {
            push(&mut text, format_args!(" {packets:>w$}", w = packet_width(self.talk)));
        }
        let digits = self.talk.digits.min(TIME_DIGITS);
        if digits > 0 {
            let time = self.talk.time_of(self.item);
            let since_first = Timestamp(time.since(*progress.first.get_or_insert(time)));
            push(
                &mut text,
                format_args!(" {:>w$}", since_first.seconds(digits).to_string(), w = usize::from(digits) + 4),
            );
            if self.options.width >= WIDE {
                let step = progress.previous.map_or(String::new(), |previous| duration(time.since(previous)));
                push(&mut text, format_args!(" {step:>8}"));
            }
            progress.previous = Some(time);
        }
        text
    }

    fn arrow(&self) -> &'static str {
        match (self.item.side, self.item.kind) {
            (Side::Client, ItemKind::Gap) => "C ╌╌▶ S",
            (Side::Server, ItemKind::Gap) => "C ◀╌╌ S",
            (Side::Client, _) => "C ──▶ S",
            (Side::Server, _) => "C ◀── S",
        }
    }

    pub(in crate::export) fn kind(&self) -> &'static str {
        match self.item.kind {
            ItemKind::PolicyRequest => "policy request",
            ItemKind::PolicyResponse => "policy file",
            ItemKind::HttpRequest => "HTTP request",
            ItemKind::HttpResponse => "HTTP response",
            ItemKind::HybiFrame | ItemKind::HixieFrame => self.facts.map_or("frame", |facts| facts.opcode),
            ItemKind::Gap => "gap",
            ItemKind::Unparsed => "unparsed",
        }
    }

    /// What the item says, in at most `columns` columns.
    pub(in crate::export) fn content(&self, progress: &mut Progress, columns: usize) -> String {
        let limit = columns * LONGEST_CHARACTER;
        match self.item.kind {
            ItemKind::Gap => "not recorded".to_owned(),
            ItemKind::HttpRequest | ItemKind::HttpResponse => {
                let bytes = beginning(self.talk, self.store, self.item, limit);
                let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                words::cut(&words::visible_bytes(line), columns).into_owned()
            }
            ItemKind::PolicyRequest | ItemKind::PolicyResponse | ItemKind::Unparsed => {
                let bytes = beginning(self.talk, self.store, self.item, limit);
                text_or_hex(&bytes, bytes.len() as u64 == self.item.length, columns)
            }
            ItemKind::HybiFrame | ItemKind::HixieFrame => self.frame_content(progress, columns, limit),
        }
    }

    fn frame_content(&self, progress: &mut Progress, columns: usize, limit: usize) -> String {
        let Some(facts) = self.facts else { return String::new() };
        let mut remarks: Vec<String> = Vec::new();
        let opcode = Opcode::new(self.item.first_byte);
        let mut compressed = false;
        let done = self.completed().next();
        if let Some(header) = facts.hybi {
            let rsv1 = header.rsv[0];
            compressed = self.talk.deflate.is_some()
                && !opcode.is_control()
                && (rsv1
                    || crate::trace::message_of(self.talk, self.number).is_some_and(|(_, m)| m.compressed));
            for (number, set) in (1..).zip(header.rsv) {
                if set && !(number == 1 && compressed) {
                    remarks.push(format!("RSV{number}"));
                }
            }
            if compressed {
                remarks.push("compressed".to_owned());
            }
            if !header.fin {
                remarks.push("not final".to_owned());
            } else if opcode == Opcode::CONTINUATION {
                let frames = done.iter().flat_map(|(_, message)| self.frames_of(message));
                let frames: Vec<usize> = frames.map(|(number, _)| number).collect();
                remarks.push(if frames.len() > 1 {
                    format!("final of {}", items(&frames))
                } else {
                    "final".to_owned()
                });
            }
        }
        if !self.item.complete {
            remarks.push("cut".to_owned());
        }
        let mut text = remarks.join(", ");
        if !text.is_empty() {
            text.push_str("  ");
        }
        let room = columns.saturating_sub(width(&text)).max(8);
        if compressed {
            // What the bytes mean is known when the message is complete.
            if let Some((number, message)) = done {
                text.push_str(&self.message_preview(progress, number, message, room));
            }
            return words::cut(&text, columns).into_owned();
        }
        let payload = facts.payload_beginning(self.talk, self.store, self.item, limit);
        let whole = facts.payload_length == Some(payload.len() as u64);
        let is_close = facts.opcode == "close" && facts.hybi.is_some();
        match payload.split_first_chunk::<2>().filter(|_| is_close) {
            Some((code, reason)) => {
                let code = u16::from_be_bytes(*code);
                push(&mut text, format_args!("{code} {}", close::name(code)));
                if !reason.is_empty() {
                    let room = columns.saturating_sub(width(&text) + 1).max(8);
                    push(&mut text, format_args!(" {}", quoted(reason, whole, room)));
                }
            }
            None if facts.opcode == "text" => text.push_str(&quoted(&payload, whole, room)),
            None if self.item.kind == ItemKind::HixieFrame && facts.opcode == "close" => {
                text.push_str("FF 00");
            }
            None if facts.payload_length == Some(0) => {}
            None => text.push_str(&text_or_hex(&payload, whole, room)),
        }
        words::cut(&text, columns).into_owned()
    }

    /// The messages that this item completes, with their numbers.
    pub(super) fn completed(&self) -> impl Iterator<Item = (usize, &'a Message)> + use<'a> {
        let messages = &self.talk.messages;
        let number = self.number;
        let from = messages.partition_point(|message| (message.last as usize) < number);
        messages.iter_from(from).take_while(move |(_, message)| message.last as usize == number)
    }

    /// The frames that a message was made of, by number.
    pub(super) fn frames_of(&self, message: &Message) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
        trace::frames_of(self.talk, message)
    }

    /// The beginning of a message as text in quotes, or as hex, in at most `columns` columns.
    pub(super) fn message_preview(
        &self,
        progress: &mut Progress,
        number: usize,
        message: &Message,
        columns: usize,
    ) -> String {
        let Some(start) = self.message_beginning(progress, number, message) else {
            return words::cut("(does not inflate)", columns).into_owned();
        };
        let whole = start.len() as u64 == message.length;
        if message.kind == MessageKind::Text {
            quoted(&start, whole, columns)
        } else {
            text_or_hex(&start, whole, columns)
        }
    }

    /// As many bytes of a message as a line can show. None where it does not inflate.
    fn message_beginning(
        &self,
        progress: &mut Progress,
        number: usize,
        message: &Message,
    ) -> Option<Vec<u8>> {
        let limit = self.options.width * LONGEST_CHARACTER;
        let mut start: Vec<u8> = Vec::new();
        if !message.compressed {
            for (_, item) in self.frames_of(message) {
                let room = limit.saturating_sub(start.len());
                let Some(facts) = FrameFacts::of(self.talk, self.store, item).filter(|_| room > 0) else {
                    break;
                };
                start.extend(facts.payload_beginning(self.talk, self.store, item, room));
            }
            return Some(start);
        }
        if let Some((_, start)) = progress.inflated.as_ref().filter(|(last, _)| *last == number) {
            return start.clone();
        }
        let read = progress.reader.read(self.talk, self.store, number, &mut |bytes| {
            let room = limit.saturating_sub(start.len());
            start.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        });
        let start = read.is_ok().then_some(start);
        progress.inflated = Some((number, start.clone()));
        start
    }

    /// The length of a frame's payload as its header claims it.
    pub(super) fn payload_length(&self, item: &Item) -> u64 {
        FrameFacts::of(self.talk, self.store, item).and_then(|facts| facts.payload_length).unwrap_or_default()
    }

    /// The header, where the item is a frame of hybi-07 or later.
    pub(super) fn hybi(&self) -> Option<hybi::Header> {
        self.facts.and_then(|facts| facts.hybi)
    }
}

/// Writes what the columns of the ladder are.
pub(super) fn write_columns(out: &mut dyn Write, talk: &Conversation, options: &Options) -> io::Result<()> {
    if talk.items.is_empty() || options.interleaved {
        return Ok(());
    }
    let mut line = format!("{:>w$}", "item", w = number_width(talk));
    if last_packet(talk) > 0 {
        push(&mut line, format_args!(" {:>w$}", "packet", w = packet_width(talk)));
    }
    if talk.digits > 0 {
        push(&mut line, format_args!(" {:>w$}", "time", w = usize::from(talk.digits.min(TIME_DIGITS)) + 4));
        line.push_str(if options.width >= WIDE { "    later" } else { "" });
    }
    let dim = options.paint.dim();
    writeln!(out, "{dim}{line}           {:<14} {:>7}{dim:#}", "what", "size")
}

/// The width of the numbers of items, as far as they are known.
fn number_width(talk: &Conversation) -> usize {
    digits(talk.items.len() as u64).max(4)
}

/// The width of the numbers of packets: wide enough for any one, and for two of a short capture.
fn packet_width(talk: &Conversation) -> usize {
    (digits(last_packet(talk).into()) + 1).max(7)
}

fn last_packet(talk: &Conversation) -> u32 {
    talk.streams
        .iter()
        .filter_map(|stream| stream.chunks().last())
        .map(Chunk::packet)
        .max()
        .unwrap_or_default()
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or_default() as usize + 1
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
pub(in crate::export) fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { '−' } else { '+' };
    let size = nanos.unsigned_abs();
    let (unit, name) = match size {
        0..1_000 => return format!("{sign}{size} ns"),
        1_000..1_000_000 => (1e3, "µs"),
        1_000_000..1_000_000_000 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    let number = size as f64 / unit;
    let digits = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{sign}{number:.digits$} {name}")
}

/// Writes a finding: how bad it is, in words what is wrong, the rule, where it stands, and which bits.
pub(super) fn write_finding(
    out: &mut dyn Write,
    finding: &Finding,
    indent: &str,
    options: &Options,
) -> io::Result<()> {
    /// Numbers stay with their words when the line is wrapped.
    const FIXED: &str = "\u{a0}";
    let severity = finding.severity();
    let style = options.paint.severity(severity);
    let message = words::visible(&finding.message);
    let section =
        finding.rule.section().to_string().replace("RFC ", "RFC\u{a0}").replace("section ", "section\u{a0}");
    let mut told = format!("{message} [{}, {section}", finding.rule.id());
    if let Some(bits) = finding.bits {
        push(&mut told, format_args!(", {}", place(bits).replace(' ', FIXED)));
    }
    told.push(']');
    let label = severity.id();
    let hanging = indent.len() + label.len() + 2;
    for (at, line) in words::wrap(&told, options.width.saturating_sub(hanging).max(30)).iter().enumerate() {
        let line = line.replace(FIXED, " ");
        if at == 0 {
            writeln!(out, "{indent}{style}{label}:{style:#} {line}")?;
        } else {
            writeln!(out, "{:hanging$}{line}", "")?;
        }
    }
    Ok(())
}

/// Bits as people count them: whole bytes as `byte 0`, `bytes 2–6`, others as `bit 8`, `bits 9–15`.
pub(in crate::export) fn place(bits: BitRange) -> String {
    let BitRange { start, end } = bits;
    let (unit, start, end) = if start.is_multiple_of(8) && end.is_multiple_of(8) {
        ("byte", start / 8, end / 8)
    } else {
        ("bit", start, end)
    };
    match end.saturating_sub(start) {
        // A place between two bytes: what should stand there is missing.
        0 => format!("at {unit} {start}"),
        1 => format!("{unit} {start}"),
        _ => format!("{unit}s {start}–{}", end - 1),
    }
}

/// `items 4–6`, `items 4, 6, 9`, `item 4`. Numbers are counted from 1.
pub(super) fn items(numbers: &[usize]) -> String {
    const MOST: usize = 8;
    let list = |numbers: &[usize]| numbers.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(", ");
    match numbers {
        [] => "no items".to_owned(),
        [one] => format!("item {}", one + 1),
        [first, .., last] if last - first == numbers.len() - 1 => format!("items {}–{}", first + 1, last + 1),
        many if many.len() > MOST => {
            let more = count((many.len() - MOST) as u64, "other");
            format!("items {} and {more}", list(many.get(..MOST).unwrap_or(many)))
        }
        many => format!("items {}", list(many)),
    }
}

/// The hex dump of an item, or its beginning.
pub(super) fn dump(out: &mut dyn Write, bytes: &[u8], lines: Option<usize>) -> io::Result<()> {
    hexdump::write_beginning(out, bytes, 0, INDENT, lines.unwrap_or(usize::MAX))
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
        assert_eq!(place(BitRange::new(8, 9)), "bit 8");
        assert_eq!(place(BitRange::new(9, 16)), "bits 9–15");
        assert_eq!(place(BitRange::bytes(0, 1)), "byte 0");
        assert_eq!(place(BitRange::bytes(2, 7)), "bytes 2–6");
        assert_eq!(place(BitRange::bytes(3, 3)), "at byte 3");
        assert_eq!(place(BitRange::new(9, 80)), "bits 9–79");
    }

    #[test]
    fn items_are_counted_from_one() {
        assert_eq!(items(&[3]), "item 4");
        assert_eq!(items(&[3, 4, 5]), "items 4–6");
        assert_eq!(items(&[3, 5]), "items 4, 6");
        assert_eq!(items(&[0, 2, 4, 6, 8, 10, 12, 14, 16]), "items 1, 3, 5, 7, 9, 11, 13, 15 and 1 other");
    }
}
