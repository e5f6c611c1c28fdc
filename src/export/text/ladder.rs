//! The ladder: a line an item, the client on the left and the server on the right.

use std::io::{self, Write};

use anstyle::Style;

use super::{Options, Progress};
use crate::export::hexdump;
use crate::model::protocol::Side;
use crate::model::rule::Finding;
use crate::model::spec::Section;
use crate::trace::{self, Chunk, Conversation, FrameFacts, Item, ItemKind, Message, Store};
use crate::view::clock;
use crate::view::fit::{self, push, width};
use crate::view::line::{self, Beginning, LONGEST_CHARACTER, Line, duration, place};
use crate::wire::frame::hybi;
use crate::words::Words;

/// What stands below an item stands behind this.
pub(super) const INDENT: &str = "      ";

const SPACES: &str = "                                                                ";

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
        // One buffer for all lines of a conversation: there can be a million of them.
        let mut line = std::mem::take(&mut progress.line);
        line.clear();
        let mut digits = itoa::Buffer::new();
        let mut styles = if self.options.interleaved {
            let number = format!("{}.{}", self.id, self.number + 1);
            styled(&mut line, bold, |line| push_right(line, &number, 8))
        } else {
            let number = digits.format(self.number + 1);
            styled(&mut line, bold, |line| push_right(line, number, number_width(self.talk)))
        };
        styles += styled(&mut line, dim, |line| self.when(line, progress));
        line.push_str("  ");
        line.push_str(self.arrow());
        line.push_str("  ");
        push_left(&mut line, self.line.kind(), 14);
        line.push(' ');
        let unit = self.options.words.find("unit-byte").unwrap_or("B");
        if self.item.length < 10_000 {
            let number = digits.format(self.item.length);
            fit::spaces(&mut line, 7usize.saturating_sub(number.len() + 1 + width(unit)));
            line.push_str(number);
            line.push(' ');
            line.push_str(unit);
        } else {
            push_right(&mut line, &format!("{} {unit}", self.options.words.number(self.item.length)), 7);
        }
        line.push_str("  ");
        let taken = width(&line).saturating_sub(styles);
        let content = self.content(progress, self.options.width.saturating_sub(taken).max(12));
        line.push_str(&content);
        line.truncate(line.trim_end().len());
        line.push('\n');
        let written = out.write_all(line.as_bytes());
        progress.line = line;
        written
    }

    /// The packets and the times, where there are any.
    fn when(&self, text: &mut String, progress: &mut Progress) {
        let last_packet = last_packet(self.talk);
        if last_packet > 0 {
            text.push(' ');
            let from = text.len();
            match self.packets() {
                (0, _) => {}
                (first, last) if first == last => push(text, format_args!("#{first}")),
                (first, last) => push(text, format_args!("#{first}–{last}")),
            }
            let taken = text.get(from..).map_or(0, |packets| packets.chars().count());
            let missing = packet_width(last_packet).saturating_sub(taken);
            text.insert_str(from, SPACES.get(..missing).unwrap_or(SPACES));
        }
        let digits = self.talk.digits.min(clock::DIGITS);
        if digits > 0 {
            let time = self.talk.time_of(self.item);
            let first = *progress.first.get_or_insert(time);
            let clock = self.options.clock;
            text.push(' ');
            push_right(text, &clock.show(time, first, progress.previous, digits), clock.width(digits));
            if self.options.shows_later() {
                text.push(' ');
                let step = progress.previous.map_or(String::new(), |previous| duration(time.since(previous)));
                push_right(text, &step, 8);
            }
            progress.previous = Some(time);
        }
    }

    /// The first and the last packet that hold bytes of it; 0 where there is none.
    fn packets(&self) -> (u32, u32) {
        let stream = self.talk.stream(self.item.side);
        // Most items stand in one chunk, the one that holds their last byte: no search is needed.
        if let Some(chunk) = stream.chunks().get(self.item.chunk as usize)
            && chunk.offset() <= self.item.offset
            && self.item.range().end <= chunk.end()
        {
            return (chunk.packet(), chunk.packet());
        }
        let packets = stream.chunks_in(self.item.range()).map(Chunk::packet);
        packets.fold((0, 0), |(first, _), packet| if first == 0 { (packet, packet) } else { (first, packet) })
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
        let w = packet_width(last_packet(talk));
        push(&mut line, format_args!(" {:>w$}", words.text("column-packet")));
    }
    if talk.digits > 0 {
        let w = options.clock.width(talk.digits.min(clock::DIGITS));
        push(&mut line, format_args!(" {:>w$}", words.text("column-time")));
        if options.shows_later() {
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
fn packet_width(last: u32) -> usize {
    (digits(last.into()) + 1).max(7)
}

fn last_packet(talk: &Conversation) -> u32 {
    talk.streams
        .iter()
        .filter_map(|stream| stream.chunks().last())
        .map(Chunk::packet)
        .max()
        .unwrap_or_default()
}

/// Appends what `text` appends, in this style. How many bytes the style takes, none of which takes a column.
fn styled(line: &mut String, style: Style, text: impl FnOnce(&mut String)) -> usize {
    if style.is_plain() {
        text(line);
        return 0;
    }
    let from = line.len();
    push(line, format_args!("{style}"));
    let begun = line.len();
    text(line);
    let ended = line.len();
    push(line, format_args!("{style:#}"));
    begun - from + line.len() - ended
}

/// Appends a text at the right of a column of this width.
fn push_right(line: &mut String, text: &str, columns: usize) {
    fit::spaces(line, columns.saturating_sub(width(text)));
    line.push_str(text);
}

/// The same at the left.
fn push_left(line: &mut String, text: &str, columns: usize) {
    line.push_str(text);
    fit::spaces(line, columns.saturating_sub(width(text)));
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
pub(super) fn dump(out: &mut dyn Write, bytes: &[u8], lines: usize, words: Words) -> io::Result<()> {
    hexdump::write_beginning(out, bytes, 0, INDENT, lines, words)
}
