//! The sources and the conversations in them.

use std::path::Path;

use egui::{RichText, ScrollArea, Ui};

use super::action::{Action, At};
use super::opening::Progress;
use super::panel::Panel;
use super::pass::Pass;
use super::source::{Kind, LIVE, Source};
use super::theme;
use crate::model::rule::{Finding, Severity};
use crate::trace::Conversation;
use crate::words;

/// The list of conversations.
#[derive(Debug, Default)]
pub struct Conversations {}

/// The height of a row, in points.
const ROW: f32 = 46.0;

impl Conversations {
    /// Draws the list.
    #[allow(clippy::unused_self)] // As all views are drawn.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let rows = rows(pass);
        if rows.len() == 1 && pass.traces.iter().all(|trace| trace.conversations.is_empty()) {
            live_lines(ui, pass);
            ui.add_space(theme::GROUP);
            ui.label(RichText::new(words::text("conversations-none")).weak());
            return;
        }
        // Rows of one height, so that a capture of a hundred thousand conversations costs what is seen of it.
        let height = ROW + ui.spacing().item_spacing.y;
        ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, viewport| {
            ui.set_height(height * rows.len() as f32);
            #[allow(clippy::cast_sign_loss)] // Neither is below 0.
            let [first, last] = [(viewport.min.y / height).floor(), (viewport.max.y / height).ceil()]
                .map(|row| row.max(0.0) as usize);
            for (number, row) in rows.iter().enumerate().take(last.min(rows.len())).skip(first) {
                let top = ui.max_rect().top() + number as f32 * height;
                let rect = egui::Rect::from_min_size(
                    egui::pos2(ui.max_rect().left(), top),
                    egui::vec2(ui.available_width(), ROW),
                );
                let mut row_ui = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt(number));
                match row {
                    Row::Source(at) => source_row(&mut row_ui, pass, *at),
                    Row::Talk(at, index) => talk_row(&mut row_ui, pass, *at, *index),
                }
            }
        });
    }
}

#[derive(Clone, Copy)]
enum Row {
    /// A source, by its place.
    Source(usize),
    /// A conversation of it.
    Talk(usize, usize),
}

fn rows(pass: &Pass<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, (source, trace)) in pass.sources.iter().zip(pass.traces).enumerate() {
        let quiet = pass.host.listening().is_none() && pass.host.recording().is_none();
        let unused = source.id == LIVE && trace.conversations.is_empty() && quiet;
        if !unused || pass.sources.len() == 1 {
            rows.push(Row::Source(at));
        }
        rows.extend((0..trace.conversations.len()).map(|index| Row::Talk(at, index)));
    }
    rows
}

fn source_row(ui: &mut Ui, pass: &mut Pass<'_>, at: usize) {
    let Some(source) = pass.sources.get(at) else { return };
    match &source.kind {
        Kind::Live => live_lines(ui, pass),
        Kind::Capture(opening) => {
            let findings = pass.traces.get(at).map(|trace| trace.findings.as_slice()).unwrap_or_default();
            capture_line(ui, pass, source, &opening.progress(), findings);
        }
        Kind::Made(_) => capture_line(ui, pass, source, &Progress::Whole, &[]),
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
        let words = words::with("conversations-recording", &[("file", name.into_owned().into())]);
        ui.add(egui::Label::new(words).truncate()).on_hover_text(file.display().to_string());
    });
    if stopped {
        pass.state.ask(Action::StopRecording);
    }
}

fn server_line(ui: &mut Ui, pass: &mut Pass<'_>) {
    let Some(address) = pass.host.listening() else {
        ui.strong(words::text("conversations-live"));
        return;
    };
    let stopped = running(ui, Severity::Note, "conversations-stop", |ui| {
        let words = words::with("conversations-server", &[("address", address.to_string().into())]);
        let label = ui.add(egui::Label::new(RichText::new(words).strong()).truncate());
        // With very many messages not each is told; the recording has them all.
        let sampled = pass.host.sampled();
        if sampled > 0 {
            let words = words::with("conversations-sampled", &[("count", sampled.into())]);
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
    let mut button = ui.small_button(words::text(word));
    if let Some(about) = words::find(&format!("{word}.about")) {
        button = button.on_hover_text(about).accessible_name(about);
    }
    button.clicked()
}

fn capture_line(
    ui: &mut Ui,
    pass: &mut Pass<'_>,
    source: &Source,
    progress: &Progress,
    findings: &[Finding],
) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = words::with("conversations-close", &[("name", source.name.as_str().into())]);
            if ui.small_button("✖").on_hover_text(&close).accessible_name(close.clone()).clicked() {
                pass.state.ask(Action::Close(source.id));
            }
            if let Progress::Reading(read, whole) = progress {
                if ui.small_button(words::text("conversations-stop-opening")).clicked() {
                    pass.state.ask(Action::StopOpening(source.id));
                }
                let part = whole.filter(|whole| *whole > 0).map(|whole| *read as f32 / whole as f32);
                let bar = egui::ProgressBar::new(part.unwrap_or(0.0)).desired_width(60.0);
                ui.add(bar.animate(part.is_none()));
            }
            if let Some(worst) = findings.iter().map(Finding::severity).max() {
                let sign =
                    RichText::new(theme::severity_sign(worst)).color(theme::severity(ui.visuals(), worst));
                let name = words::with("captures-file-findings", &[("count", findings.len().into())]);
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
    if matches!(progress, Progress::Stopped) {
        let colour = theme::severity(ui.visuals(), Severity::Warning);
        let words = words::text("captures-stopped");
        ui.add(egui::Label::new(RichText::new(words).small().color(colour)).truncate());
    }
    if let Progress::Broken(error) = progress {
        let reason = error.to_string();
        let broken = words::with("captures-broken", &[("reason", reason.as_str().into())]);
        let colour = theme::severity(ui.visuals(), Severity::Error);
        ui.add(egui::Label::new(RichText::new(broken).small().color(colour)).truncate())
            .on_hover_text(reason);
    }
}

fn talk_row(ui: &mut Ui, pass: &mut Pass<'_>, at: usize, index: usize) {
    let (Some(source), Some(trace)) = (pass.sources.get(at), pass.traces.get(at)) else { return };
    let Some(talk) = trace.conversations.get(index) else { return };
    let here = At { source: source.id, conversation: index };
    let chosen = pass.state.at == Some(here);
    let worst = talk.item_findings.iter().map(|(_, finding)| finding).chain(&talk.findings);
    let worst = worst.map(|finding| finding.rule.severity()).max();
    let state = state_word(talk);
    let name = words::with(
        "conversations-row",
        &[
            ("number", (index + 1).into()),
            ("protocol", talk.protocol.id().into()),
            ("state", state.into()),
            ("client", talk.client.to_string().into()),
        ],
    );
    let outside = source.id == LIVE && !pass.state.own_clients.contains(&talk.connection);
    let name = if outside { format!("{name}, {}", words::text("conversations-outside")) } else { name };
    let (rect, response) = ui.allocate_exact_size(ui.max_rect().size(), egui::Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::accesskit::Role::ListBoxOption, true, chosen, &name)
    });
    if response.clicked() {
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
    let mut line =
        ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(egui::Layout::top_down(egui::Align::Min)));
    line.spacing_mut().item_spacing.y = 1.0;
    // Two lines fit into a row only if the first is no higher than its letters.
    line.spacing_mut().interact_size.y = 0.0;
    line.horizontal(|ui| {
        ui.label(RichText::new(format!("{}", index + 1)).weak());
        ui.label(RichText::new(talk.protocol.id()).strong());
        ui.label(state);
        if outside {
            ui.label(RichText::new(words::text("conversations-outside")).small().weak());
        }
        if let Some(worst) = worst {
            let colour = theme::severity(ui.visuals(), worst);
            ui.label(RichText::new(theme::severity_sign(worst)).color(colour).small());
        }
    });
    line.add(egui::Label::new(RichText::new(about(talk)).small().weak()).truncate());
    let mut about = format!("{} → {}", talk.client, talk.server);
    if outside {
        about = format!("{about}\n{}", words::text("conversations-outside-about"));
    }
    response.on_hover_text(about);
}

/// What became of it, in a word.
fn state_word(talk: &Conversation) -> &'static str {
    use crate::trace::Handshake::{Accepted, Incomplete, Invalid, Missing, Rejected};
    let over = talk.ends.iter().all(Option::is_some);
    words::text(match talk.handshake {
        _ if talk.protocol.family().is_none() => {
            if over {
                "state-over"
            } else {
                "state-going-on"
            }
        }
        Accepted | Missing if over => "state-closed",
        Accepted => "state-open",
        Missing => "state-no-handshake",
        Incomplete => "state-incomplete",
        Invalid => "state-invalid",
        Rejected => "state-rejected",
    })
}

fn about(talk: &Conversation) -> String {
    let items = words::with("count-items", &[("count", talk.items.len().into())]);
    match &talk.subprotocol {
        Some(subprotocol) => format!("{} · {items} · {subprotocol}", talk.client),
        None => format!("{} · {items}", talk.client),
    }
}
