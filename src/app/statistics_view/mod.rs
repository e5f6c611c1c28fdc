//! Numbers about a conversation and its source, and what is to be said about them.

mod count;

use egui::{Align, Grid, Label, Layout, RichText, ScrollArea, Ui};

use self::count::{Count, Found, OfTalk};
use super::action::{Action, At};
use super::numbers::{duration, percent};
use super::opening::Progress;
use super::pass::Pass;
use super::source::{LIVE, Origin, Source};
use super::theme;
use crate::analysis::statistics::{ITEM_KINDS, MESSAGE_KINDS, SideStatistics, Spread, Tally, Total};
use crate::app::language::Speaks;
use crate::model::protocol::Protocol;
use crate::model::rule::Finding;
use crate::trace::{Conversation, Handshake, ItemKind, Timestamp};
use crate::view::fit::grouped;
use crate::words::Words;

/// Numbers about a conversation and its source.
#[derive(Debug, Default)]
pub struct StatisticsPanel {
    /// All of the source is shown, not the conversation alone.
    whole: bool,
    count: Count,
    of_talk: OfTalk,
}

/// What the numbers are of.
struct Numbers<'a> {
    sides: [SideStatistics; 2],
    times: Option<(Timestamp, Timestamp)>,
    round_trips: usize,
    round_trip: Option<Spread>,
    /// Of a source: its conversations by version.
    versions: &'a [(Protocol, Total)],
}

impl StatisticsPanel {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(((trace, talk), source)) = pass.talk().zip(pass.source()) else {
            without_talk(ui, pass);
            return;
        };
        let Some(at) = pass.state.at else { return };
        self.count.advance(ui, source, trace);
        self.of_talk.refresh(trace, at, &self.count.statistics);
        ui.horizontal_wrapped(|ui| {
            let talk =
                ui.words().with("statistics-conversation", &[("number", (at.conversation + 1).into())]);
            ui.selectable_value(&mut self.whole, false, talk);
            let name = name_of(ui.words(), source);
            let whole = ui.words().with("statistics-source", &[("name", name.into())]);
            ui.selectable_value(&mut self.whole, true, whole);
        });
        ui.separator();
        ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            if self.whole {
                of_file(ui, source, &trace.findings);
                findings(ui, pass, &self.count.found, trace.conversations().len() > 1);
                ui.add_space(theme::GROUP);
                let total = &self.count.total;
                let numbers = Numbers {
                    sides: total.sides,
                    times: total.times,
                    round_trips: self.count.round_trips,
                    round_trip: total.round_trip,
                    versions: &self.count.by_protocol,
                };
                numbers.ui(ui);
            } else {
                findings(ui, pass, &self.of_talk.found, false);
                ui.add_space(theme::GROUP);
                about(ui, talk);
                if let Some(talk) = self.count.statistics.conversations.get(at.conversation) {
                    let numbers = Numbers {
                        sides: talk.sides,
                        times: talk.times,
                        round_trips: talk.round_trips.len(),
                        round_trip: self.of_talk.round_trip,
                        versions: &[],
                    };
                    numbers.ui(ui);
                }
                ui.add_space(theme::GROUP);
                of_file(ui, source, &trace.findings);
            }
        });
    }
}

/// Where nothing is looked at: captures without a conversation have findings all the same.
fn without_talk(ui: &mut Ui, pass: &Pass<'_>) {
    ui.label(RichText::new(ui.words().text("statistics-none")).weak());
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        for (at, source) in pass.sources.iter().enumerate() {
            if source.id != LIVE
                && pass.traces.count(at) == 0
                && let Some(trace) = pass.traces.at(at)
            {
                ui.add_space(theme::GROUP);
                ui.strong(name_of(ui.words(), source));
                of_file(ui, source, &trace.findings);
            }
        }
    });
}

fn name_of(words: Words, source: &Source) -> String {
    if source.id == LIVE { words.text("conversations-live").to_owned() } else { source.name.clone() }
}

/// What is to be said about the file: there is no item that it could be said of.
fn of_file(ui: &mut Ui, source: &Source, findings: &[Finding]) {
    let Some(opening) = source.opening() else { return };
    let summary = opening.summary();
    let words = ui.words().with(
        "statistics-packets",
        &[
            ("packets", grouped(summary.packets).into()),
            ("tcp", grouped(summary.tcp).into()),
            ("links", summary.link_types.join(", ").into()),
        ],
    );
    ui.label(words);
    let followed = matches!(&source.origin, Some(Origin::Followed(_)));
    if !followed && let Progress::Stopped = opening.progress() {
        ui.label(ui.words().text("statistics-stopped"));
    }
    if findings.is_empty() {
        return;
    }
    ui.add_space(theme::GAP);
    heading(ui, "statistics-of-file");
    for finding in findings {
        ui.horizontal_top(|ui| {
            sign(ui, finding.rule.severity());
            ui.vertical(|ui| {
                ui.add(Label::new(ui.words().finding(finding)).wrap());
                ui.add(Label::new(RichText::new(finding.rule.id()).small().weak()));
            });
        });
    }
}

fn sign(ui: &mut Ui, severity: crate::model::rule::Severity) {
    let sign = RichText::new(theme::severity_sign(severity)).color(theme::severity(ui.visuals(), severity));
    ui.label(sign).on_hover_text(ui.words().text(&format!("severity-{severity}")));
}

/// The findings by rule; a click goes to the first of each.
fn findings(ui: &mut Ui, pass: &mut Pass<'_>, found: &[Found], several: bool) {
    ui.add_space(theme::GAP);
    heading(ui, "statistics-findings");
    if found.is_empty() {
        ui.label(RichText::new(ui.words().text("statistics-no-findings")).weak());
        return;
    }
    let Some(at) = pass.state.at else { return };
    for found in found {
        ui.horizontal_top(|ui| {
            sign(ui, found.rule.severity());
            ui.add_sized(
                [36.0, 0.0],
                Label::new(RichText::new(format!("{}×", grouped(found.count))).monospace()),
            );
            ui.vertical(|ui| {
                let place = match (several, found.item) {
                    (true, Some((item, _))) => ui.words().with(
                        "statistics-place-in",
                        &[("conversation", (found.conversation + 1).into()), ("item", (item + 1).into())],
                    ),
                    (true, None) => ui
                        .words()
                        .with("statistics-place-of", &[("conversation", (found.conversation + 1).into())]),
                    (false, Some((item, _))) => {
                        ui.words().with("statistics-place", &[("item", (item + 1).into())])
                    }
                    (false, None) => ui.words().text("statistics-place-whole").to_owned(),
                };
                let title = ui.words().with("titled-rule", &[("title", ui.words().title(found.rule).into())]);
                ui.add(Label::new(title).wrap()).on_hover_text(ui.words().why(found.rule));
                ui.horizontal_wrapped(|ui| {
                    ui.add(Label::new(RichText::new(ui.words().finding(&found.first)).small()).wrap());
                });
                ui.horizontal_wrapped(|ui| {
                    let link = ui.link(RichText::new(&place).small());
                    let link = link.accessible_name(format!("{}: {place}", ui.words().title(found.rule)));
                    if link.clicked() {
                        let here = At { source: at.source, conversation: found.conversation };
                        if here != at {
                            pass.state.ask(Action::LookAt(here));
                        }
                        if let Some((item, bits)) = found.item {
                            pass.state.ask(Action::Select(item, bits));
                        }
                    }
                    ui.label(RichText::new(found.rule.id()).small().weak());
                });
            });
        });
    }
}

fn heading(ui: &mut Ui, word: &str) {
    ui.label(RichText::new(ui.words().text(word)).size(theme::SUBHEADING).strong());
}

/// A line of the grid: what, and how much.
fn line(ui: &mut Ui, word: &str, value: impl Into<egui::WidgetText>) {
    ui.label(RichText::new(ui.words().text(word)).weak());
    ui.label(value);
    ui.end_row();
}

fn about(ui: &mut Ui, talk: &Conversation) {
    Grid::new("about").num_columns(2).spacing([theme::GROUP, 4.0]).show(ui, |ui| {
        line(ui, "statistics-version", talk.protocol.id());
        let handshake = ui.words().text(handshake_word(talk.handshake));
        line(ui, "statistics-handshake", handshake);
        if let Some(subprotocol) = &talk.subprotocol {
            line(ui, "statistics-subprotocol", subprotocol);
        }
        if !talk.extensions.is_empty() {
            line(ui, "statistics-extensions", talk.extensions.join(", "));
        }
    });
}

impl Numbers<'_> {
    fn ui(&self, ui: &mut Ui) {
        let [client, server] = &self.sides;
        let mut both = *client;
        both += server;
        heading(ui, "statistics-numbers");
        Grid::new("numbers").num_columns(2).spacing([theme::GROUP, 4.0]).show(ui, |ui| {
            let length = self.times.map_or(0, |(first, last)| last.since(first));
            line(ui, "statistics-duration", duration(length));
            let recorded = both.recorded();
            line(ui, "statistics-items", grouped(recorded.count));
            let messages = MESSAGE_KINDS.into_iter().map(|kind| both.messages_of(kind).count).sum();
            line(ui, "statistics-messages", grouped(messages));
            line(ui, "statistics-bytes", grouped(recorded.bytes));
            let lost = both.items_of(ItemKind::Gap);
            if lost.bytes > 0 {
                line(ui, "statistics-lost", grouped(lost.bytes));
            }
            line(ui, "statistics-overhead", part_of(ui.words(), both.overhead(), recorded.bytes));
            line(
                ui,
                "statistics-frame-overhead",
                part_of(ui.words(), both.frame_overhead(), both.frames().bytes),
            );
            line(ui, "statistics-compression", compression(ui.words(), &both));
            line(ui, "statistics-round-trips", self.trips(ui.words()));
        });
        ui.add_space(theme::GROUP);
        self.kinds(ui, &both);
        if !self.versions.is_empty() {
            ui.add_space(theme::GROUP);
            self.by_version(ui);
        }
    }

    fn trips(&self, words: Words) -> String {
        match self.round_trip {
            Some(Spread { min, median, max }) => words.with(
                "statistics-trips",
                &[
                    ("count", self.round_trips.into()),
                    ("min", duration(min).into()),
                    ("median", duration(median).into()),
                    ("max", duration(max).into()),
                ],
            ),
            None => words.text("statistics-no-trips").to_owned(),
        }
    }

    /// Items and messages by kind and side: how many, and how many bytes.
    fn kinds(&self, ui: &mut Ui, both: &SideStatistics) {
        let [client, server] = &self.sides;
        Grid::new("kinds").striped(true).spacing([10.0, 4.0]).show(ui, |ui| {
            head(ui, "statistics-item-kinds");
            for kind in ITEM_KINDS {
                let tallies = [client, server, both].map(|side| side.items_of(kind));
                kind_row(ui, item_word(ui.words(), kind), &tallies);
            }
            if MESSAGE_KINDS.into_iter().any(|kind| both.messages_of(kind).count > 0) {
                head(ui, "statistics-message-kinds");
            }
            for kind in MESSAGE_KINDS {
                let tallies = [client, server, both].map(|side| side.messages_of(kind));
                kind_row(ui, kind.id(), &tallies);
            }
        });
    }

    fn by_version(&self, ui: &mut Ui) {
        Grid::new("versions").striped(true).spacing([10.0, 4.0]).show(ui, |ui| {
            ui.strong(ui.words().text("statistics-by-version"));
            for word in ["statistics-conversations", "statistics-items", "statistics-bytes"] {
                right(ui, RichText::new(ui.words().text(word)).small().weak());
            }
            ui.end_row();
            for (protocol, total) in self.versions {
                let [mut both, server] = total.sides;
                both += &server;
                let recorded = both.recorded();
                ui.label(protocol.id());
                for number in [total.conversations, recorded.count, recorded.bytes] {
                    right(ui, RichText::new(grouped(number)));
                }
                ui.end_row();
            }
        });
    }
}

/// `38 of 50 (76.0 %)`
fn part_of(words: Words, part: u64, whole: u64) -> String {
    match percent(part, whole) {
        Some(percent) => words.with(
            "statistics-part",
            &[("part", grouped(part).into()), ("whole", grouped(whole).into()), ("percent", percent.into())],
        ),
        None => words.text("statistics-no-frames").to_owned(),
    }
}

fn compression(words: Words, both: &SideStatistics) -> String {
    match both.compression_ratio() {
        Some(ratio) => words.with(
            "statistics-ratio",
            &[
                ("ratio", format!("{ratio:.2}").into()),
                ("before", grouped(both.inflated).into()),
                ("after", grouped(both.compressed.bytes).into()),
            ],
        ),
        None => words.text("statistics-no-compression").to_owned(),
    }
}

fn head(ui: &mut Ui, word: &str) {
    ui.strong(ui.words().text(word));
    for side in ["side-client", "side-server", "statistics-both"] {
        right(ui, RichText::new(ui.words().text(side)).small().weak());
        right(ui, RichText::new(ui.words().text("statistics-column-bytes")).small().weak());
    }
    ui.end_row();
}

/// A row of the table; none where there is nothing of that kind.
fn kind_row(ui: &mut Ui, word: &str, tallies: &[Tally; 3]) {
    if tallies.iter().all(|tally| tally.count == 0) {
        return;
    }
    ui.label(word);
    for tally in tallies {
        right(ui, RichText::new(grouped(tally.count)));
        right(ui, RichText::new(grouped(tally.bytes)).weak());
    }
    ui.end_row();
}

/// A number at the right of its column, so that digits of one worth stand below each other.
fn right(ui: &mut Ui, text: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
}

/// What a kind of item is called: both families have frames.
fn item_word(words: Words, kind: ItemKind) -> &'static str {
    words.text(match kind {
        ItemKind::PolicyRequest => "statistics-policy-request",
        ItemKind::PolicyResponse => "statistics-policy-response",
        ItemKind::HttpRequest => "statistics-http-request",
        ItemKind::HttpResponse => "statistics-http-response",
        ItemKind::HybiFrame => "statistics-hybi-frame",
        ItemKind::HixieFrame => "statistics-hixie-frame",
        ItemKind::Prelude => "statistics-prelude",
        ItemKind::TlsRecord => "statistics-tls-record",
        ItemKind::DeflateStream => "statistics-deflate-stream",
        ItemKind::Gap => "statistics-gap",
        ItemKind::Unparsed => "statistics-unparsed",
    })
}

/// The message id of what became of the opening handshake.
const fn handshake_word(handshake: Handshake) -> &'static str {
    match handshake {
        Handshake::Accepted => "handshake-accepted",
        Handshake::Rejected => "handshake-rejected",
        Handshake::Incomplete => "handshake-incomplete",
        Handshake::Invalid => "handshake-invalid",
        Handshake::Missing => "handshake-missing",
    }
}
