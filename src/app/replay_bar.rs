//! The bar that replays a conversation, and says what was found in it.

use egui::{Align, ComboBox, Layout, RichText, Slider, Ui};

use super::action::{Action, At, ReplayStep};
use super::language::Speaks;
use super::numbers::moment;
use super::pass::Pass;
use super::replay::SPEEDS;
use super::theme;
use crate::model::rule::Severity;
use crate::trace::Conversation;

/// The bar that replays a conversation.
#[derive(Debug)]
pub struct ReplayBar {
    /// Whether the bar is there.
    pub shown: bool,
    findings: Findings,
    /// How wide all but the slider was when it was drawn last.
    taken: f32,
}

impl Default for ReplayBar {
    fn default() -> Self {
        Self { shown: true, findings: Findings::default(), taken: 0.0 }
    }
}

/// How many findings there are about what is shown, counted when there is more of it.
#[derive(Debug, Default)]
struct Findings {
    of: Option<At>,
    /// How many findings of items there were in all, and how many of them are counted.
    known: usize,
    counted: usize,
    /// Notes, warnings, errors.
    counts: [usize; 3],
}

/// In the order in which they are told.
const SEVERITIES: [(Severity, &str); 3] = [
    (Severity::Error, "count-errors"),
    (Severity::Warning, "count-warnings"),
    (Severity::Note, "count-notes"),
];

/// The least room for the slider, in points; with less it has a row of its own.
const SLIDER: f32 = 120.0;

impl ReplayBar {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        ui.add_space(3.0);
        let (Some(at), Some((_, talk))) = (pass.state.at, pass.talk()) else {
            ui.label(RichText::new(ui.words().text("replay-none")).weak());
            ui.add_space(3.0);
            return;
        };
        let shown = pass.state.replay.shown(talk);
        self.findings.count(at, talk, shown);
        let (now, whole) = pass.state.replay.times(talk);
        let times = ui.words().with(
            "replay-times",
            &[("now", moment(now, whole).into()), ("whole", moment(whole, whole).into())],
        );
        let gap = ui.spacing().item_spacing.x;
        let mut taken = 0.0;
        if self.taken + SLIDER <= ui.available_width() {
            ui.horizontal(|ui| {
                taken += buttons(ui, pass) + speed(ui, pass);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    taken += self.findings.ui(ui, pass, talk);
                    taken += ui.separator().rect.width() + gap;
                    taken += ui.label(times).rect.width() + gap;
                    slider(ui, pass, now, whole);
                });
            });
        } else {
            ui.horizontal_wrapped(|ui| {
                taken += buttons(ui, pass) + speed(ui, pass);
                taken += ui.separator().rect.width() + gap;
                taken += self.findings.ui(ui, pass, talk);
            });
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    taken += ui.label(times).rect.width() + gap;
                    slider(ui, pass, now, whole);
                });
            });
        }
        if (self.taken - taken).abs() > 0.5 {
            self.taken = taken;
            ui.ctx().request_discard("the replay bar has other room");
        }
        ui.add_space(3.0);
    }
}

/// A button, its tooltip, what it asks for.
type Button = (&'static str, &'static str, ReplayStep);

/// Gives back how wide they are, as those below do.
fn buttons(ui: &mut Ui, pass: &mut Pass<'_>) -> f32 {
    let gap = ui.spacing().item_spacing.x;
    let mut width = 0.0;
    let (sign, word) =
        if pass.state.replay.is_playing() { ("⏸", "replay-pause") } else { ("▶", "replay-play") };
    let buttons: [Button; 4] = [
        ("⏮", "replay-to-start", ReplayStep::ToStart),
        ("◀", "replay-back", ReplayStep::Back),
        (sign, word, ReplayStep::PlayPause),
        ("⏭", "replay-forward", ReplayStep::Forward),
    ];
    for (sign, word, step) in buttons {
        let name = ui.words().text(word);
        let button = ui.button(sign).on_hover_text(name).accessible_name(name);
        width += button.rect.width() + gap;
        if button.clicked() {
            pass.state.ask(Action::Replay(step));
        }
    }
    let leave = egui::Button::new(ui.words().text("replay-leave"));
    let about = ui.words().text("replay-leave-about");
    let response = ui.add_enabled(pass.state.replay.is_on(), leave).on_hover_text(about);
    width += response.rect.width() + gap;
    if response.accessible_name(about).clicked() {
        pass.state.ask(Action::Replay(ReplayStep::Leave));
    }
    width
}

fn speed(ui: &mut Ui, pass: &mut Pass<'_>) -> f32 {
    let speed = pass.state.replay.speed();
    let response = ComboBox::from_id_salt("speed")
        .width(56.0)
        .selected_text(speed_name(speed))
        .show_ui(ui, |ui| {
            for offered in SPEEDS {
                let chosen = (offered - speed).abs() < f64::EPSILON;
                if ui.selectable_label(chosen, speed_name(offered)).clicked() {
                    pass.state.ask(Action::Replay(ReplayStep::Speed(offered)));
                }
            }
        })
        .response;
    let name = ui.words().text("replay-speed");
    let response = response.on_hover_text(name).accessible_name(name);
    response.rect.width() + ui.spacing().item_spacing.x
}

fn speed_name(speed: f64) -> String {
    match speed {
        0.25 => "¼×".to_owned(),
        0.5 => "½×".to_owned(),
        _ => format!("{speed}×"),
    }
}

fn slider(ui: &mut Ui, pass: &mut Pass<'_>, now: i64, whole: i64) {
    ui.spacing_mut().slider_width = (ui.available_width() - theme::GAP).max(SLIDER);
    let mut at = now as f64;
    let slider = Slider::new(&mut at, 0.0..=(whole.max(1)) as f64).show_value(false).trailing_fill(true);
    let name = ui.words().text("replay-place");
    let response = ui.add_enabled(whole > 0, slider).on_hover_text(name).accessible_name(name);
    if response.changed() {
        pass.state.ask(Action::Replay(ReplayStep::Seek(at as i64)));
    }
}

impl Findings {
    fn count(&mut self, at: At, talk: &Conversation, shown: usize) {
        let findings = &talk.item_findings;
        let upto = findings.partition_point(|(item, _)| (*item as usize) < shown);
        if self.of != Some(at) || self.known != findings.len() || upto < self.counted {
            *self = Self { of: Some(at), known: findings.len(), ..Self::default() };
        }
        for (_, finding) in findings.get(self.counted..upto).unwrap_or_default() {
            self.counts[finding.severity() as usize] += 1;
        }
        self.counted = upto;
    }

    /// The worst first, whichever way the line runs.
    fn ui(&self, ui: &mut Ui, pass: &mut Pass<'_>, talk: &Conversation) -> f32 {
        let gap = ui.spacing().item_spacing.x;
        let mut width = 0.0;
        let mut order = SEVERITIES;
        if ui.layout().prefer_right_to_left() {
            order.reverse();
        }
        for (severity, word) in order {
            let whole = talk.findings.iter().filter(|finding| finding.severity() == severity).count();
            let count = self.counts[severity as usize] + whole;
            if count == 0 {
                continue;
            }
            let words = ui.words().with(word, &[("count", count.into())]);
            let colour = theme::severity(ui.visuals(), severity);
            let text = RichText::new(format!("{} {words}", theme::severity_sign(severity))).color(colour);
            let button = ui.button(text).on_hover_text(ui.words().text("replay-next-finding"));
            width += button.rect.width() + gap;
            if button.clicked()
                && let Some(item) = next_finding(talk, pass.state.item, severity)
            {
                pass.state.ask(Action::Select(item, None));
            }
        }
        if width == 0.0 {
            width = ui.label(RichText::new(ui.words().text("replay-no-findings")).weak()).rect.width() + gap;
        }
        width
    }
}

/// The next item with such a finding; behind the last one the first.
fn next_finding(talk: &Conversation, from: Option<usize>, severity: Severity) -> Option<usize> {
    let findings = &talk.item_findings;
    let behind = from.map_or(0, |from| findings.partition_point(|(item, _)| (*item as usize) <= from));
    let (before, after) = findings.split_at(behind.min(findings.len()));
    let mut round = after.iter().chain(before);
    round.find(|(_, finding)| finding.severity() == severity).map(|(item, _)| *item as usize)
}
