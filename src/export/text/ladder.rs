//! The ladder: a line an item, the client on the left and the server on the right.

use std::io::{self, Write};

use super::{Options, Progress};
use crate::export::hexdump;
use crate::model::protocol::Side;
use crate::model::rule::Finding;
use crate::model::spec::Section;
use crate::trace::{self, Chunk, Conversation, FrameFacts, Item, ItemKind, Message, Store, Timestamp};
use crate::view::fit::{self, push, width};
use crate::view::line::{self, Beginning, LONGEST_CHARACTER, Line, duration, place};
use crate::wire::frame::hybi;
use crate::words::Words;

/// What stands below an item stands behind this.
pub(super) const INDENT: &str = "      ";

/// Times are written no finer than microseconds, whatever the clock.
pub(super) const TIME_DIGITS: u8 = 6;

/// Narrower ladders leave out the time since the item before, for the sake of what the items say.
const WIDE: usize = 96;

/// One item, with what is known of it.
pub(super) struct Row<'a> {
    id: usize,
    pub(super) talk: &'a Conversation,
    pub(super) store: &'a Store,
    pub(super) number: usize,
    pub(super) item: &'a Item,
    line: Line<'a>,
    pub(super) options: &'a Options,
}

impl<'a> Row<'a> {
    pub(super) fn new(
        id: usize,
        talk: &'a Conversation,
        store: &'a Store,
        number: usize,
        item: &'a Item,
        options: &'a Options,
    ) -> Self {
        let line = Line::new(options.words, talk, store, number, item);
        Self { id, talk, store, number, item, line, options }
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
        let words = self.options.words;
        let size = format!("{} {}", words.number(self.item.length), words.text("unit-byte"));
        let what = format!("{:<14} {size:>7}", self.line.kind());
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

    /// The messages that this item completes, with their numbers.
    pub(super) fn completed(&self) -> impl Iterator<Item = (usize, &'a Message)> + use<'a> {
        self.line.completed()
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
        self.line.preview(number, message, columns, &mut |number| self.inflated(progress, number))
    }

    /// What the item says, in at most `columns` columns.
    fn content(&self, progress: &mut Progress, columns: usize) -> String {
        self.line.content(columns, &mut |number| self.inflated(progress, number))
    }

    /// As many bytes of a compressed message as a line can show.
    fn inflated(&self, progress: &mut Progress, number: usize) -> Beginning {
        let (last, start) = match progress.inflated.take() {
            Some(read) if read.0 == number => read,
            _ => {
                let limit = self.options.width * LONGEST_CHARACTER;
                (number, line::inflate(&mut progress.reader, self.talk, self.store, number, limit))
            }
        };
        progress.inflated = Some((last, start.clone()));
        start
    }

    /// The length of a frame's payload as its header claims it.
    pub(super) fn payload_length(&self, item: &Item) -> u64 {
        FrameFacts::of(self.talk, self.store, item).and_then(|facts| facts.payload_length).unwrap_or_default()
    }

    /// The header, where the item is a frame of hybi-07 or later.
    pub(super) fn hybi(&self) -> Option<hybi::Header> {
        self.line.facts().and_then(|facts| facts.hybi)
    }
}

/// Writes what the columns of the ladder are.
pub(super) fn write_columns(out: &mut dyn Write, talk: &Conversation, options: &Options) -> io::Result<()> {
    if talk.items.is_empty() || options.interleaved {
        return Ok(());
    }
    let words = options.words;
    let mut line = format!("{:>w$}", words.text("column-item"), w = number_width(talk));
    if last_packet(talk) > 0 {
        push(&mut line, format_args!(" {:>w$}", words.text("column-packet"), w = packet_width(talk)));
    }
    if talk.digits > 0 {
        let w = usize::from(talk.digits.min(TIME_DIGITS)) + 4;
        push(&mut line, format_args!(" {:>w$}", words.text("column-time")));
        if options.width >= WIDE {
            push(&mut line, format_args!(" {:>8}", words.text("column-later")));
        }
    }
    let dim = options.paint.dim();
    let (what, size) = (words.text("column-what"), words.text("column-size"));
    writeln!(out, "{dim}{line}           {what:<14} {size:>7}{dim:#}")
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

/// Numbers stay with their words when a line is wrapped.
const FIXED: &str = "\u{a0}";

/// `RFC 6455 section 5.1`, which may be broken before `section` alone.
fn fixed(section: Section, words: Words) -> String {
    let text = words.section(section).replace("RFC ", "RFC\u{a0}");
    match section.number {
        "" => text,
        number => text.replace(&format!(" {number}"), &format!("{FIXED}{number}")),
    }
}

/// Writes a finding: how bad it is, in words what is wrong, the rule, where it stands, and which bits.
pub(super) fn write_finding(
    out: &mut dyn Write,
    finding: &Finding,
    indent: &str,
    options: &Options,
) -> io::Result<()> {
    let severity = finding.severity();
    let style = options.paint.severity(severity);
    let words = options.words;
    let message = words.finding(finding);
    let message = fit::visible(&message);
    let section = fixed(finding.section(), words);
    let mut told = format!("{message} [{}, {section}", finding.rule.id());
    if let Some(bits) = finding.bits {
        push(&mut told, format_args!(", {}", place(words, bits).replace(' ', FIXED)));
    }
    told.push(']');
    let label = words.severity(severity);
    let hanging = indent.len() + width(label) + 2;
    for (at, line) in fit::wrap(&told, options.width.saturating_sub(hanging).max(30)).iter().enumerate() {
        let line = line.replace(FIXED, " ");
        if at == 0 {
            writeln!(out, "{indent}{style}{label}:{style:#} {line}")?;
        } else {
            writeln!(out, "{:hanging$}{line}", "")?;
        }
    }
    Ok(())
}

/// The hex dump of an item, or its beginning.
pub(super) fn dump(out: &mut dyn Write, bytes: &[u8], lines: Option<usize>, words: Words) -> io::Result<()> {
    hexdump::write_beginning(out, bytes, 0, INDENT, lines.unwrap_or(usize::MAX), words)
}
