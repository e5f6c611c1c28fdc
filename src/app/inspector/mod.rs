//! One item, in four ways, with the explanation of what is selected below.

pub mod bits;
mod copy;
mod explanation;
mod fields;
mod follows;
mod hex;
mod text;

use egui::{Label, RichText, Ui};

use self::bits::{Bits, BitsState};
use self::explanation::Explanation;
use self::fields::Fields;
use self::follows::Follows;
use self::hex::Hex;
use super::action::{Action, At};
use super::look::Look;
use super::pass::{Pass, State};
use super::settings::Tab;
use super::theme;
use crate::app::language::Speaks;
use crate::view::fit::with_commas;
use crate::words::Words;

/// One item, in four ways.
#[derive(Debug, Default)]
pub struct Inspector {
    /// What the ways below are of.
    of: Option<(At, usize)>,
    bits: BitsState,
    hex: Hex,
    fields: Fields,
    follows: Follows,
    explanation: Explanation,
}

/// The height of the explanation at first, and the least.
const EXPLANATION: f32 = 170.0;
const LEAST: f32 = 60.0;
/// The largest part of the height that the explanation takes; on a projector there is little of it.
const MOST: f32 = 0.45;
const MOST_PROJECTED: f32 = 0.25;
/// From this width on, the heading stands beside the tabs.
const WIDE: f32 = 620.0;

impl Inspector {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(look) = &pass.state.look else {
            empty(ui, pass.state.at.is_some());
            return;
        };
        let of = pass.state.at.map(|at| (at, look.number));
        if self.of != of {
            self.of = of;
            self.bits = BitsState::default();
            self.hex.look_elsewhere();
        }
        if ui.available_width() < WIDE {
            heading(ui, look);
            tabs(ui, pass.state);
        } else {
            let words = heading_words(ui.words(), look);
            ui.horizontal(|ui| {
                tabs(ui, pass.state);
                ui.separator();
                ui.add(Label::new(RichText::new(words).strong()).truncate());
            });
        }
        self.explanation(ui, pass);
        ui.add_space(theme::GAP);
        match pass.state.settings.tab {
            Tab::Bits => self.bits(ui, pass.state),
            Tab::Hex => self.hex(ui, pass.state),
            Tab::Fields => self.fields.ui(ui, pass),
            Tab::Follows => self.follows.ui(ui, pass),
        }
    }

    /// The explanation, below: one line where what is explained needs the room, until a person unfolds it.
    fn explanation(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let settings = &pass.state.settings;
        let (projector, follows) = (settings.projector, settings.tab == Tab::Follows);
        self.explanation.folds = projector || follows;
        let margin = egui::Margin { top: 6, ..egui::Margin::ZERO };
        let around = egui::Frame::new().inner_margin(margin);
        if self.explanation.is_folded() {
            egui::Panel::bottom("explanation-line")
                .resizable(false)
                .frame(around)
                .show(ui, |ui| self.explanation.line(ui, pass));
            return;
        }
        // What is explained is to be seen, too.
        let part = if projector { MOST_PROJECTED } else { MOST };
        let most = (ui.available_height() * part).max(LEAST);
        egui::Panel::bottom("explanation")
            .resizable(true)
            .default_size(EXPLANATION.min(most))
            .size_range(LEAST..=most)
            .frame(around)
            .show(ui, |ui| self.explanation.ui(ui, pass));
    }

    fn bits(&mut self, ui: &mut Ui, state: &mut State) {
        let hidden = state.look.as_ref().map(|look| state.hidden_bits(look.number)).unwrap_or_default();
        let State { look, marks, .. } = state;
        if let Some(look) = look {
            let bits = Bits::new(&look.tree, &look.bytes, look.number).findings(&look.findings);
            bits.hidden(&hidden).ui(ui, &mut self.bits, marks);
        }
    }

    fn hex(&mut self, ui: &mut Ui, state: &mut State) {
        let hidden = state.look.as_ref().is_some_and(|look| !state.hidden_bits(look.number).is_empty());
        let State { look, marks, notices, .. } = state;
        if let Some(copied) = look.as_ref().and_then(|look| self.hex.ui(ui, look, marks, hidden)) {
            ui.ctx().copy_text(copied);
            notices.note(ui.words().text("inspector-copied"));
        }
    }
}

/// `Item 4 · frame · text · 11 bytes`
fn heading(ui: &mut Ui, look: &Look) {
    ui.add(Label::new(RichText::new(heading_words(ui.words(), look)).strong()).truncate());
}

fn heading_words(words: Words, look: &Look) -> String {
    let mut parts = vec![
        words.with("inspector-item", &[("number", (look.number + 1).to_string().into())]),
        words.text(&format!("inspector-kind-{}", look.item.kind.id())).to_owned(),
    ];
    if let Some((_, message)) = look.message {
        parts.push(words.text(&format!("inspector-message-{}", message.kind.id())).to_owned());
    }
    let count = look.item.length;
    parts.push(
        words.with("inspector-bytes", &[("count", count.into()), ("shown", with_commas(count).into())]),
    );
    parts.join(" · ")
}

fn tabs(ui: &mut Ui, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        let all = [
            (Tab::Bits, "inspector-tab-bits"),
            (Tab::Hex, "inspector-tab-hex"),
            (Tab::Fields, "inspector-tab-fields"),
            (Tab::Follows, "inspector-tab-follows"),
        ];
        for (tab, word) in all {
            let chosen = state.settings.tab == tab;
            let response = ui.selectable_label(chosen, ui.words().text(word));
            if response.on_hover_text(ui.words().text(&format!("{word}.tip"))).clicked() {
                state.ask(Action::Tab(tab));
            }
        }
    });
}

/// What to do when nothing is looked at.
fn empty(ui: &mut Ui, conversation: bool) {
    ui.add_space(theme::GROUP);
    ui.vertical_centered(|ui| {
        ui.strong(ui.words().text("inspector-empty"));
        let word = if conversation { "inspector-empty-item" } else { "inspector-empty-conversation" };
        ui.label(RichText::new(ui.words().text(word)).weak());
    });
}

/// How far something is scrolled, in points, on whole pixels, so that text stays sharp.
fn on_pixels(ui: &Ui, position: f64) -> f64 {
    let pixel = f64::from(ui.ctx().pixels_per_point());
    (position * pixel).round() / pixel
}

/// Gives the keys to what was clicked. What has them already keeps them: asking again would forget which keys it
/// keeps for itself. It says so when it is drawn once more, before the next key.
fn take_focus(response: &egui::Response) {
    if !response.has_focus() {
        response.request_focus();
        response.ctx.request_repaint();
    }
}
