//! The sources and the conversations in them.

use std::path::Path;

use egui::{EventFilter, Id, Modifiers, Rect, RichText, Ui};

use super::action::{Action, At};
use super::language::Speaks;
use super::opening::Progress;
use super::panel::Panel;
use super::pass::Pass;
use super::row_scroll::RowScroll;
use super::source::{Kind, LIVE, Origin, Source};
use super::theme;
use crate::model::protocol::Protocol;
use crate::model::rule::Severity;
use crate::trace::{Conversation, Handshake, Layer};
use crate::view::{layers, outcome};
use crate::words::Words;

/// The list of conversations.
#[derive(Debug, Default)]
pub struct Conversations {
    scroll: RowScroll,
    /// The conversation that was looked at when the list was drawn last: one that is chosen elsewhere is scrolled to.
    at: Option<At>,
    /// The conversation whose row has the keys.
    focus: Option<At>,
}

/// The height of a row, in points.
const ROW: f32 = 46.0;

impl Conversations {
    /// Draws the list.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let rows = Rows::of(pass);
        if rows.count == 1 && rows.talks == 0 {
            live_lines(ui, pass);
            ui.add_space(theme::GROUP);
            ui.label(RichText::new(ui.words().text("conversations-none")).weak());
            return;
        }
        let area = ui.available_rect_before_wrap();
        let id = ui.scope_id().with("conversations");
        if self.at != pass.state.at {
            self.at = pass.state.at;
            if let Some(row) = self.at.and_then(|at| rows.row_of(pass, at)) {
                self.scroll.reveal(row);
            }
        }
        self.keys(ui, pass, id, &rows);
        let height = ROW + ui.spacing().item_spacing.y;
        let name = ui.words().text("conversations-scroll-bar");
        let seen = self.scroll.ui(ui, id, area, height, rows.count, name);
        let mut list = ui.new_child(egui::UiBuilder::new().max_rect(seen.area).id_salt("rows"));
        list.set_clip_rect(area.intersect(ui.clip_rect()));
        self.focus = None;
        for number in seen.rows.clone() {
            let Some(row) = rows.get(number) else { break };
            let mut rect = seen.rect(number);
            rect.set_height(ROW);
            match row {
                Row::Source(at) => {
                    let builder = egui::UiBuilder::new().max_rect(rect).id_salt(number);
                    source_row(&mut list.new_child(builder), pass, at);
                }
                Row::Talk(at, index) => {
                    self.talk_row(&mut list, pass, (at, index), id, rect);
                }
            }
        }
        ui.advance_cursor_after_rect(area);
    }

    /// Draws a conversation.
    fn talk_row(
        &mut self,
        ui: &mut Ui,
        pass: &mut Pass<'_>,
        (at, index): (usize, usize),
        id: Id,
        rect: Rect,
    ) {
        let (Some(source), Some(trace)) = (pass.sources.get(at), pass.traces.at(at)) else { return };
        let Some(talk) = trace.conversation(index) else { return };
        let here = At { source: source.id, conversation: index };
        let chosen = pass.state.at == Some(here);
        let worst = talk.counts().worst();
        let live = match &source.kind {
            Kind::Live => true,
            Kind::Capture(opening) => opening.progress().goes_on(),
            Kind::Made(_) => false,
        };
        let state = state_word(ui.words(), talk, live);
        let name = ui.words().with(
            "conversations-row",
            &[
                ("number", (index + 1).into()),
                ("protocol", talk.protocol.id().into()),
                ("state", state.as_str().into()),
                ("client", talk.client.to_string().into()),
            ],
        );
        let outside = source.id == LIVE && !pass.state.own_clients.contains(&talk.connection);
        let name =
            if outside { format!("{name}, {}", ui.words().text("conversations-outside")) } else { name };
        let response = ui.interact(rect, id.with(here), egui::Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::accesskit::Role::ListBoxOption, true, chosen, &name)
        });
        if response.clicked() {
            response.request_focus();
            pass.state.ask(Action::LookAt(here));
        }
        let visuals = ui.style().interact_selectable(&response, chosen);
        if chosen || response.hovered() || response.has_focus() {
            ui.painter().rect(
                rect,
                visuals.corner_radius,
                visuals.weak_bg_fill,
                visuals.bg_stroke,
                egui::StrokeKind::Inside,
            );
        }
        let inner = rect.shrink2(egui::vec2(8.0, 3.0));
        let mut line = ui.new_child(
            egui::UiBuilder::new().max_rect(inner).layout(egui::Layout::top_down(egui::Align::Min)),
        );
        line.spacing_mut().item_spacing.y = 1.0;
        // Two lines fit into a row only if the first is no higher than its letters.
        line.spacing_mut().interact_size.y = 0.0;
        line.horizontal(|ui| {
            ui.label(RichText::new(format!("{}", index + 1)).weak());
            if let Some(carrier) = &talk.carrier {
                // What is carried stands under what it came out of, by its number.
                ui.label(RichText::new(format!("└ {}", carrier.conversation + 1)).weak());
            }
            ui.label(RichText::new(speaks(talk)).strong());
            ui.label(state);
            if outside {
                ui.label(RichText::new(ui.words().text("conversations-outside")).small().weak());
            }
            if let Some(worst) = worst {
                let colour = theme::severity(ui.visuals(), worst);
                ui.label(RichText::new(theme::severity_sign(worst)).color(colour).small());
            }
        });
        line.add(egui::Label::new(RichText::new(about(ui.words(), talk)).small().weak()).truncate());
        let mut about = format!("{} → {}", talk.client, talk.server);
        for layer in layers::facts(ui.words(), talk) {
            about = format!("{about}\n{layer}");
        }
        if outside {
            about = format!("{about}\n{}", ui.words().text("conversations-outside-about"));
        }
        if response.has_focus() {
            self.focus = Some(here);
        }
        response.on_hover_text(about);
    }

    /// The arrow keys go from conversation to conversation, while one of them has the keys.
    fn keys(&mut self, ui: &Ui, pass: &mut Pass<'_>, id: Id, rows: &Rows) {
        let Some(here) = self.focus.filter(|at| ui.memory(|memory| memory.has_focus(id.with(at)))) else {
            return;
        };
        let Some(from) = rows.row_of(pass, here) else { return };
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id.with(here), filter));
        for (key, by) in self.scroll.moves() {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
                && let Some((row, at)) = rows.talk_near(pass, from.saturating_add_signed(by), by > 0)
            {
                self.scroll.reveal(row);
                ui.memory_mut(|memory| memory.request_focus(id.with(at)));
                pass.state.ask(Action::LookAt(at));
            }
        }
    }
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// A source, by its place.
    Source(usize),
    /// A conversation of it.
    Talk(usize, usize),
}

/// The rows that there are, without making them: as many parts as there are sources.
#[derive(Debug, Default)]
struct Rows {
    parts: Vec<Part>,
    count: usize,
    /// How many of them are conversations.
    talks: usize,
}

/// The rows of a source.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The first row.
    first: usize,
    /// The source's place.
    at: usize,
    /// Whether the source itself has one.
    head: bool,
    talks: usize,
}

impl Rows {
    fn of(pass: &Pass<'_>) -> Self {
        let mut rows = Self::default();
        for (at, source) in pass.sources.iter().enumerate() {
            let talks = pass.traces.count(at);
            let quiet = pass.host.listening().is_none() && pass.host.recording().is_none();
            let unused = source.id == LIVE && talks == 0 && quiet;
            rows.push(at, !unused || pass.sources.len() == 1, talks);
        }
        rows
    }

    fn push(&mut self, at: usize, head: bool, talks: usize) {
        self.parts.push(Part { first: self.count, at, head, talks });
        self.count += usize::from(head) + talks;
        self.talks += talks;
    }

    fn get(&self, row: usize) -> Option<Row> {
        let part = self.parts.get(self.parts.partition_point(|part| part.first <= row).checked_sub(1)?)?;
        let inside = row - part.first;
        match inside.checked_sub(usize::from(part.head)) {
            None => Some(Row::Source(part.at)),
            Some(index) => (index < part.talks).then_some(Row::Talk(part.at, index)),
        }
    }

    /// The row of a conversation.
    fn row_of(&self, pass: &Pass<'_>, at: At) -> Option<usize> {
        let place = pass.sources.iter().position(|source| source.id == at.source)?;
        let part = self.parts.iter().find(|part| part.at == place)?;
        (at.conversation < part.talks).then(|| part.first + usize::from(part.head) + at.conversation)
    }

    /// The conversation at this row, or at the next one forwards or backwards that has one; where there is none, the
    /// nearest in the other direction.
    fn talk_near(&self, pass: &Pass<'_>, row: usize, forwards: bool) -> Option<(usize, At)> {
        let row = row.min(self.count.checked_sub(1)?);
        let found = |row: usize| match self.get(row)? {
            Row::Talk(at, conversation) => Some((row, At { source: pass.sources.get(at)?.id, conversation })),
            Row::Source(_) => None,
        };
        let (ahead, behind) = (|| (row..self.count).find_map(found), || (0..=row).rev().find_map(found));
        if forwards { ahead().or_else(behind) } else { behind().or_else(ahead) }
    }
}

/// What a conversation speaks. What is inside TLS without keys is named by that.
fn speaks(talk: &Conversation) -> &'static str {
    match talk.layer {
        Layer::Tls if talk.protocol == Protocol::Unknown => Layer::Tls.id(),
        _ => talk.protocol.id(),
    }
}

fn source_row(ui: &mut Ui, pass: &mut Pass<'_>, at: usize) {
    let Some(source) = pass.sources.get(at) else { return };
    match &source.kind {
        Kind::Live => live_lines(ui, pass),
        Kind::Capture(opening) => {
            capture_line(ui, pass, source, &opening.progress(), opening.findings());
        }
        Kind::Made(_) => capture_line(ui, pass, source, &Progress::Whole, (0, None)),
    }
}

/// The live source: the server, and the file that is recorded to.
fn live_lines(ui: &mut Ui, pass: &mut Pass<'_>) {
    // Both have room in one row.
    ui.spacing_mut().item_spacing.y = 1.0;
    server_line(ui, pass);
    if let Some(file) = pass.host.recording() {
        recording_line(ui, pass, &file);
    }
}

fn recording_line(ui: &mut Ui, pass: &mut Pass<'_>, file: &Path) {
    let stopped = running(ui, Severity::Error, "conversations-stop-recording", |ui| {
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let words = ui.words().with("conversations-recording", &[("file", name.into_owned().into())]);
        ui.add(egui::Label::new(words).truncate()).on_hover_text(file.display().to_string());
    });
    if stopped {
        pass.state.ask(Action::StopRecording);
    }
}

fn server_line(ui: &mut Ui, pass: &mut Pass<'_>) {
    let Some(address) = pass.host.listening() else {
        ui.strong(ui.words().text("conversations-live"));
        return;
    };
    let stopped = running(ui, Severity::Note, "conversations-stop", |ui| {
        let words = ui.words().with("conversations-server", &[("address", address.to_string().into())]);
        let label = ui.add(egui::Label::new(RichText::new(words).strong()).truncate());
        // With very many messages not each is told; the recording has them all.
        let sampled = pass.host.sampled();
        if sampled > 0 {
            let words = ui.words().with("conversations-sampled", &[("count", sampled.into())]);
            ui.label(RichText::new("≈").weak()).on_hover_text(&words).accessible_name(words.clone());
            label.on_hover_text(words);
        }
    });
    if stopped {
        pass.state.ask(Action::StopServer);
    }
}

/// A line about what runs: a dot in the colour of `severity`, what is said of it, and at the end a button that stops it.
/// Whether it was clicked.
fn running(ui: &mut Ui, severity: Severity, stop: &str, say: impl FnOnce(&mut Ui)) -> bool {
    ui.horizontal(|ui| {
        ui.colored_label(theme::severity(ui.visuals(), severity), "●");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let stopped = stop_button(ui, stop);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), say);
            stopped
        })
        .inner
    })
    .inner
}

/// A small button that says in full what it stops where that is asked. Whether it was clicked.
fn stop_button(ui: &mut Ui, word: &str) -> bool {
    let mut button = ui.small_button(ui.words().text(word));
    if let Some(about) = ui.words().find(&format!("{word}.about")) {
        button = button.on_hover_text(about).accessible_name(about);
    }
    button.clicked()
}

fn capture_line(
    ui: &mut Ui,
    pass: &mut Pass<'_>,
    source: &Source,
    progress: &Progress,
    (findings, worst): (usize, Option<Severity>),
) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = ui.words().with("conversations-close", &[("name", source.name.as_str().into())]);
            if ui.small_button("✖").on_hover_text(&close).accessible_name(close.clone()).clicked() {
                pass.state.ask(Action::Close(source.id));
            }
            if matches!(progress, Progress::Following(_)) {
                if stop_button(ui, "conversations-stop-following") {
                    pass.state.ask(Action::StopOpening(source.id));
                }
                let words = ui.words().text("conversations-following");
                ui.colored_label(theme::severity(ui.visuals(), Severity::Note), "●")
                    .on_hover_text(words)
                    .accessible_name(words);
            }
            if let Progress::Reading(read, whole) = progress {
                if ui.small_button(ui.words().text("conversations-stop-opening")).clicked() {
                    pass.state.ask(Action::StopOpening(source.id));
                }
                let part = whole.filter(|whole| *whole > 0).map(|whole| *read as f32 / whole as f32);
                let bar = egui::ProgressBar::new(part.unwrap_or(0.0)).desired_width(60.0);
                ui.add(bar.animate(part.is_none()));
            }
            if let Some(worst) = worst {
                let sign =
                    RichText::new(theme::severity_sign(worst)).color(theme::severity(ui.visuals(), worst));
                let name = ui.words().with("captures-file-findings", &[("count", findings.into())]);
                let button =
                    ui.add(egui::Button::new(sign).small()).on_hover_text(&name).accessible_name(name);
                if button.clicked() {
                    pass.state.ask(Action::Show(Panel::Statistics));
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(RichText::new(&source.name).strong()).truncate());
            });
        });
    });
    let followed = matches!(&source.origin, Some(Origin::Followed(_)));
    if matches!(progress, Progress::Stopped) && !followed {
        let colour = theme::severity(ui.visuals(), Severity::Warning);
        let words = ui.words().text("captures-stopped");
        ui.add(egui::Label::new(RichText::new(words).small().color(colour)).truncate());
    }
    if let Progress::Broken(error) = progress {
        let reason = error.to_string();
        let broken = ui.words().with("captures-broken", &[("reason", reason.as_str().into())]);
        let colour = theme::severity(ui.visuals(), Severity::Error);
        ui.add(egui::Label::new(RichText::new(broken).small().color(colour)).truncate())
            .on_hover_text(reason);
    }
}

/// What became of it, in a word or two. `live` says that more may come.
fn state_word(words: Words, talk: &Conversation, live: bool) -> String {
    match talk.handshake {
        _ if talk.protocol.family().is_none() => {}
        Handshake::Invalid => return words.text("state-invalid").to_owned(),
        Handshake::Incomplete if talk.ended().is_empty() => {
            return words.text("state-incomplete").to_owned();
        }
        _ => {}
    }
    outcome::told(words, talk, live)
}

fn about(words: Words, talk: &Conversation) -> String {
    let items = words.with("count-items", &[("count", talk.items.len().into())]);
    match &talk.subprotocol {
        Some(subprotocol) => format!("{} · {items} · {subprotocol}", talk.client),
        None => format!("{} · {items}", talk.client),
    }
}
