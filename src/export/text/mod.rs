//! Traces as text, for people: a ladder of items, and under each item what its bits say.
//!
//! Everything is written while it is made. The functions for one item stand beside those for a whole trace, so that
//! a live server and a capture that is still growing print as they go.

mod detail;
pub(super) mod draw;
mod ladder;
mod live;
mod packet;
mod tree;

pub use draw::{WIDTH as DIAGRAM_WIDTH, diagram_text, unmasking_text};
pub use live::Live;
pub use packet::write_packet;

use std::io::{self, Write};

use anstyle::{Ansi256Color, Color, Style};

use super::json::About;
use crate::analysis::filter::{Chosen, Filter};
use crate::model::field::{Field, FieldKind};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Severity};
use crate::trace::{Conversation, End, Handshake, Item, ItemKind, PayloadReader, Store, Timestamp, Trace};
use crate::view::clock::Clock;
use crate::view::line::Beginning;
use crate::view::{clock, fit, fold, outcome, palette};
use crate::words::Words;

/// Whether text is coloured. Colour never says what the text does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// No colour: the text and nothing else.
    pub const PLAIN: Self = Self { on: false };
    /// Escape sequences of ANSI terminals.
    pub const COLOUR: Self = Self { on: true };

    fn style(self, style: Style) -> Style {
        if self.on { style } else { Style::new() }
    }

    pub(super) fn bold(self) -> Style {
        self.style(Style::new().bold())
    }

    pub(super) fn dim(self) -> Style {
        self.style(Style::new().dimmed())
    }

    fn field(self, kind: &FieldKind) -> Style {
        let colour = Ansi256Color(palette::colour_of(kind).ansi);
        self.style(Style::new().fg_color(Some(Color::Ansi256(colour))))
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        let colour = Ansi256Color(palette::severity_colour(severity).ansi);
        self.style(Style::new().bold().fg_color(Some(Color::Ansi256(colour))))
    }
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The ladder alone: one line an item, and its findings.
    pub brief: bool,
    /// The field tree of each item.
    pub fields: bool,
    /// A hex dump of each item.
    pub hex: bool,
    /// How values that are not on the wire follow from bytes that are.
    pub derivations: bool,
    /// Nothing is folded, however long it is.
    pub all: bool,
    /// How the time of an item is shown.
    pub clock: Clock,
    /// How many columns a line of the ladder may take; diagrams and what was recorded may take more.
    pub width: usize,
    /// Whether text is coloured.
    pub paint: Paint,
    /// Only the conversation with this number, counted from 1.
    pub conversation: Option<usize>,
    /// Items of several conversations are written in turn: each has its conversation's number before its own.
    pub interleaved: bool,
    /// The language of everything that is said.
    pub words: Words,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            brief: false,
            fields: false,
            hex: false,
            derivations: true,
            all: false,
            clock: Clock::Relative,
            width: 100,
            paint: Paint::PLAIN,
            conversation: None,
            interleaved: false,
            words: Words::english(),
        }
    }
}

/// Narrower ladders leave out the time since the item before, for the sake of what the items say.
const WIDE: usize = 96;

impl Options {
    /// Whether the time since the item before has a column.
    fn shows_later(&self) -> bool {
        let usual = Clock::Relative.width(clock::DIGITS);
        let more = self.clock.width(clock::DIGITS).saturating_sub(usual);
        self.width >= WIDE + more && !matches!(self.clock, Clock::Delta)
    }
}

/// What is remembered from item to item of one conversation.
#[derive(Debug, Default)]
pub struct Progress {
    reader: PayloadReader,
    /// Reads what derivations look back on; reading is cheap only in order, so each use has its own.
    explainer: PayloadReader,
    /// The beginning of the compressed message that was read last, with its number.
    inflated: Option<(usize, Beginning)>,
    first: Option<Timestamp>,
    previous: Option<Timestamp>,
    /// The kinds of field that were shown, in the order in which they first were.
    kinds: Vec<&'static FieldKind>,
    /// A line of the ladder, to be filled again.
    line: String,
    /// How many items were shown with their bits, how many of them for their findings, and how many of each kind.
    unfolded: [u32; 2],
    of_a_kind: Vec<((ItemKind, u8, Side), u32)>,
    /// How many items have their line alone.
    folded: u64,
}

impl Progress {
    /// The conversation's next item, which may stay unwritten. Times are counted from the first.
    pub fn pass(&mut self, talk: &Conversation, item: &Item) {
        self.first.get_or_insert_with(|| talk.time_of(item));
    }

    /// Adds what another conversation's was about, for what is written at the end of all.
    fn join(&mut self, other: Self) {
        self.folded += other.folded;
        for kind in other.kinds {
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
    }

    /// Whether an item is shown with its bits: one of the first, one of a kind of which few were, or one of the first
    /// that break a rule.
    fn unfolds(&mut self, talk: &Conversation, number: usize, item: &Item, options: &Options) -> bool {
        if options.all {
            return true;
        }
        // In the later versions the low half of the first byte says what a frame is, in hixie all of it.
        let which = if item.kind == ItemKind::HybiFrame { item.first_byte & 0x0F } else { item.first_byte };
        let kind = (item.kind, which, item.side);
        let at = self.of_a_kind.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
            self.of_a_kind.push((kind, 0));
            self.of_a_kind.len() - 1
        });
        let before = self.of_a_kind.get_mut(at).map_or(0, |(_, count)| {
            *count += 1;
            *count - 1
        });
        let [items, broken] = &mut self.unfolded;
        if *items < fold::ITEMS || before < fold::OF_A_KIND {
            *items += 1;
            return true;
        }
        if *broken < fold::ITEMS && talk.findings_of(number).next().is_some() {
            *broken += 1;
            return true;
        }
        self.folded += 1;
        false
    }

    fn note_kinds(&mut self, field: &Field) {
        if !self.kinds.contains(&field.kind) {
            self.kinds.push(field.kind);
        }
        field.children.iter().for_each(|child| self.note_kinds(child));
    }

    /// Writes how many items were folded, and what each kind of field is that was shown with [`Options::fields`], under
    /// its id; nothing without either.
    pub fn write_legend(&self, out: &mut dyn Write, options: &Options) -> io::Result<()> {
        if self.folded > 0 {
            let items = options.words.count("count-items", self.folded);
            let told = options.words.with("detail-folded", &[("items", items.into())]);
            writeln!(out, "  {told}")?;
        }
        if self.kinds.is_empty() {
            return Ok(());
        }
        writeln!(out, "  {}", options.words.text("detail-legend"))?;
        for kind in &self.kinds {
            let style = options.paint.field(kind);
            let about = fit::wrap(options.words.about(kind), options.width.saturating_sub(34).max(30));
            for (at, line) in about.iter().enumerate() {
                let id = if at == 0 { kind.id } else { "" };
                writeln!(out, "    {style}{id:<28}{style:#}  {line}")?;
            }
        }
        Ok(())
    }
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items.
    pub items: u64,
    /// Messages.
    pub messages: u64,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings that are notes.
    pub notes: u64,
}

impl Counts {
    /// Counts what a conversation holds, also what was let go of.
    pub fn of(talk: &Conversation) -> Self {
        let found = talk.counts();
        Self {
            items: talk.items.len() as u64,
            messages: talk.messages.len() as u64,
            errors: found.errors.into(),
            warnings: found.warnings.into(),
            notes: found.notes.into(),
        }
    }

    /// Counts one more finding.
    pub fn add(&mut self, finding: &Finding) {
        match finding.severity() {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            items: self.items + other.items,
            messages: self.messages + other.messages,
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            notes: self.notes + other.notes,
        }
    }

    /// `12 items, 4 messages, 1 error`
    pub fn told(self, words: Words) -> String {
        let mut parts =
            vec![words.count("count-items", self.items), words.count("count-messages", self.messages)];
        let findings =
            [(self.errors, "count-errors"), (self.warnings, "count-warnings"), (self.notes, "count-notes")];
        let found = findings.into_iter().filter(|(number, _)| *number > 0);
        parts.extend(found.map(|(number, id)| words.count(id, number)));
        if parts.len() == 2 {
            parts.push(words.text("count-no-findings").to_owned());
        }
        parts.join(", ")
    }
}

/// Writes a whole trace: what the file is, each conversation, and a summary.
pub fn write_trace(out: &mut dyn Write, about: &About, trace: &Trace, options: &Options) -> io::Result<()> {
    write_wanted(out, about, trace, options, &Filter::default(), &|| false)
}

/// The same of the items that `filter` wants; conversations in which there is none are left out. `stop` is asked before
/// each item whether somebody wants it to end.
pub fn write_wanted(
    out: &mut dyn Write,
    about: &About,
    trace: &Trace,
    options: &Options,
    filter: &Filter,
    stop: &dyn Fn() -> bool,
) -> io::Result<()> {
    write_file(out, about, &trace.findings, options)?;
    if trace.conversations().is_empty() {
        return writeln!(out, "\n{}", options.words.text("talk-none"));
    }
    let mut counts = Counts::default();
    let (mut shown, mut wanted, mut asked) = (0u64, 0u64, 0u64);
    trace.findings.iter().for_each(|finding| counts.add(finding));
    for (index, talk) in trace.conversations().iter().enumerate() {
        if options.conversation.is_some_and(|wanted| wanted != index + 1) {
            continue;
        }
        let items = write_items(out, trace, index, options, filter, stop)?;
        asked += talk.items.len() as u64;
        if items.is_some() {
            counts = counts.plus(Counts::of(talk));
            shown += 1;
        }
        wanted += items.unwrap_or_default();
        if stop() {
            return Ok(());
        }
    }
    if !filter.is_empty() {
        return write_matches(out, wanted, asked, shown, options);
    }
    match (options.conversation, shown) {
        (Some(wanted), 0) => {
            let last = trace.conversations().len();
            let numbers = [("number", wanted.to_string().into()), ("last", last.to_string().into())];
            writeln!(out, "\n{}", options.words.with("talk-unknown", &numbers))
        }
        (Some(_), _) | (None, 1) => Ok(()),
        (None, _) => {
            let shown = options.words.count("count-conversations", shown);
            writeln!(out, "\n{shown}: {}", counts.told(options.words))
        }
    }
}

/// Writes how many of the items a filter wanted, and in how many conversations they are.
fn write_matches(
    out: &mut dyn Write,
    wanted: u64,
    asked: u64,
    conversations: u64,
    options: &Options,
) -> io::Result<()> {
    let words = options.words;
    let values = [
        ("count", wanted.into()),
        ("shown", words.number(wanted).into()),
        ("items", words.count("count-items", asked).into()),
        ("conversations", words.count("count-conversations", conversations).into()),
    ];
    writeln!(out, "\n{}", words.with(if wanted == 0 { "talk-none-match" } else { "talk-match" }, &values))
}

/// Writes a conversation with the items that `filter` wants, and how many these are; nothing, and none, where it wants
/// none of it.
fn write_items(
    out: &mut dyn Write,
    trace: &Trace,
    index: usize,
    options: &Options,
    filter: &Filter,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<u64>> {
    let Some(talk) = trace.conversation(index) else { return Ok(None) };
    let mut progress = Progress::default();
    let mut chosen = Chosen::default();
    let mut written = None;
    if filter.is_empty() {
        writeln!(out)?;
        write_heading(out, index + 1, talk, options)?;
        written = Some(0);
    }
    for (number, item) in talk.items.iter() {
        if stop() {
            break;
        }
        progress.pass(talk, item);
        if !chosen.item(filter, talk, &trace.store, number) {
            continue;
        }
        if written.is_none() {
            writeln!(out)?;
            write_heading(out, index + 1, talk, options)?;
        }
        write_item(out, index + 1, talk, &trace.store, number, &mut progress, options)?;
        written = Some(written.unwrap_or_default() + 1);
    }
    if written.is_some() {
        progress.write_legend(out, options)?;
        write_ending(out, talk, options)?;
    }
    Ok(written)
}

/// Writes what is known of the file as a whole.
pub fn write_file(
    out: &mut dyn Write,
    about: &About,
    findings: &[Finding],
    options: &Options,
) -> io::Result<()> {
    let bold = options.paint.bold();
    write!(out, "{bold}{}{bold:#}", fit::visible(&about.file))?;
    if about.packets > 0 {
        write!(out, "  {}", options.words.count("count-packets", about.packets))?;
    }
    if !about.link_types.is_empty() {
        write!(out, ", {}", about.link_types.join(", "))?;
    }
    writeln!(out)?;
    findings.iter().try_for_each(|finding| ladder::write_finding(out, finding, "  ", options))
}

/// Writes one conversation of a trace: a heading, its items, how it ended. Nothing where there is no such one.
/// `index` is counted from 0.
pub fn write_conversation(
    out: &mut dyn Write,
    trace: &Trace,
    index: usize,
    options: &Options,
) -> io::Result<()> {
    let Some(talk) = trace.conversation(index) else { return Ok(()) };
    write_heading(out, index + 1, talk, options)?;
    let mut progress = Progress::default();
    for (number, _) in talk.items.iter() {
        write_item(out, index + 1, talk, &trace.store, number, &mut progress, options)?;
    }
    progress.write_legend(out, options)?;
    write_ending(out, talk, options)
}

/// Writes a conversation's heading: who speaks, what was agreed, and the findings about it as a whole. `id` is the
/// conversation's number, counted from 1.
pub fn write_heading(
    out: &mut dyn Write,
    id: usize,
    talk: &Conversation,
    options: &Options,
) -> io::Result<()> {
    write_title(out, id, talk, options)?;
    write_findings(out, &talk.findings, options)?;
    write_columns(out, talk, options)
}

/// What stands above the items: the columns' names where there is one line an item, otherwise an empty line.
pub fn write_columns(out: &mut dyn Write, talk: &Conversation, options: &Options) -> io::Result<()> {
    if options.brief { ladder::write_columns(out, talk, options) } else { writeln!(out) }
}

/// Writes who speaks and what was agreed, without the findings: of a conversation that goes on, they are not all there.
pub fn write_title(out: &mut dyn Write, id: usize, talk: &Conversation, options: &Options) -> io::Result<()> {
    let number = [("number", id.to_string().into())];
    let title = options.words.with("statistics-conversation", &number);
    let title = format!("{title}  {} → {}", talk.client, talk.server);
    let facts = facts_of(talk, options.words);
    let bold = options.paint.bold();
    if fit::width(&title) + 2 + fit::width(&facts) <= options.width {
        writeln!(out, "{bold}{title}{bold:#}  {facts}")?;
    } else {
        writeln!(out, "{bold}{title}{bold:#}")?;
        fit::wrap(&facts, options.width.saturating_sub(2))
            .iter()
            .try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

/// `hixie-76, accepted, subprotocol chat, permessage-deflate`
fn facts_of(talk: &Conversation, words: Words) -> String {
    let mut facts = talk.protocol.id().to_owned();
    if talk.protocol.family().is_some() {
        facts.push_str(", ");
        facts.push_str(words.text(handshake(talk.handshake)));
    }
    if let Some(name) = &talk.subprotocol {
        facts.push_str(", ");
        facts.push_str(&words.with("talk-subprotocol", &[("name", fit::visible(name).into())]));
    }
    for extension in &talk.extensions {
        facts.push_str(", ");
        facts.push_str(&fit::visible(extension));
    }
    for layer in crate::view::layers::facts(words, talk) {
        facts.push_str(", ");
        facts.push_str(&fit::visible(&layer));
    }
    facts
}

/// The id of the words for how a handshake ended.
pub(crate) const fn handshake(handshake: Handshake) -> &'static str {
    match handshake {
        Handshake::Missing => "talk-handshake-missing",
        Handshake::Incomplete => "talk-handshake-incomplete",
        Handshake::Accepted => "talk-handshake-accepted",
        Handshake::Rejected => "talk-handshake-rejected",
        Handshake::Invalid => "talk-handshake-invalid",
    }
}

/// Writes findings about a conversation as a whole, a line each.
pub fn write_findings(out: &mut dyn Write, findings: &[Finding], options: &Options) -> io::Result<()> {
    findings.iter().try_for_each(|finding| ladder::write_finding(out, finding, "  ", options))
}

/// Writes how a conversation ended, and how much it holds.
pub fn write_ending(out: &mut dyn Write, talk: &Conversation, options: &Options) -> io::Result<()> {
    let first = talk.items.iter().next().map(|(_, item)| talk.time_of(item)).or(talk.start());
    write_ending_since(out, talk, first, options)
}

/// The same with times since `first`, for a conversation whose first items were let go of.
fn write_ending_since(
    out: &mut dyn Write,
    talk: &Conversation,
    first: Option<Timestamp>,
    options: &Options,
) -> io::Result<()> {
    let words = options.words;
    let counts = match talk.hidden() {
        Some([client, server]) => words.count("talk-hidden", client + server),
        None if talk.items.is_empty() => words.text("talk-nothing-sent").to_owned(),
        None => Counts::of(talk).told(words),
    };
    let dim = options.paint.dim();
    writeln!(out, "  {dim}{counts}; {}{dim:#}", outcome::told(words, talk, false))?;
    if talk.ended().is_empty() {
        return Ok(());
    }
    let ends = talk.ended().iter().map(|ending| {
        let how = if ending.how == End::Fin { "FIN" } else { "RST" };
        let told = words.with("talk-ended", &[("side", ending.from.id().into()), ("how", how.into())]);
        // As in the columns of the ladder.
        let packet = (ending.packet > 0).then(|| format!("#{}", ending.packet));
        let digits = talk.digits.min(clock::DIGITS);
        let time = first.filter(|_| digits > 0).map(|first| Timestamp(ending.time.since(first)));
        let place = [packet, time.map(|time| time.seconds(digits).to_string())];
        let place: Vec<String> = place.into_iter().flatten().collect();
        if place.is_empty() { told } else { format!("{told} ({})", place.join(", ")) }
    });
    let ends: Vec<String> = ends.collect();
    let mut lines = fit::wrap(&ends.join(", "), options.width.saturating_sub(2)).into_iter();
    lines.try_for_each(|line| writeln!(out, "  {dim}{line}{dim:#}"))
}

/// Writes one item: its line in the ladder, its findings and, unless [`Options::brief`], what its bits say.
///
/// `id` is the conversation's number, counted from 1; `number` is the item's, counted from 0. Items are to be
/// written in order, with the same `progress` for all of a conversation.
pub fn write_item(
    out: &mut dyn Write,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    progress: &mut Progress,
    options: &Options,
) -> io::Result<()> {
    let Some(item) = talk.items.get(number) else { return Ok(()) };
    let row = ladder::Row::new(id, talk, store, number, item, options);
    row.write(out, progress)?;
    for finding in talk.findings_of(number) {
        ladder::write_finding(out, finding, ladder::INDENT, options)?;
    }
    let below = detail::write(out, &row, progress)?;
    if options.brief || !below { Ok(()) } else { writeln!(out) }
}

#[cfg(test)]
mod tests;
