//! One item, in four ways.

mod explanation;
mod fields;
mod follows;

use egui::Ui;

use super::frame::Frame;
use super::settings::Tab;

/// One item, in four ways.
#[derive(Debug, Default)]
pub struct Inspector {
    fields: fields::Fields,
    follows: follows::Follows,
    explanation: explanation::Explanation,
}

impl Inspector {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        egui::Panel::bottom("explanation")
            .resizable(true)
            .default_size(200.0)
            .show(ui, |ui| self.explanation.ui(ui, frame));
        match frame.state.settings.tab {
            Tab::Fields => self.fields.ui(ui, frame),
            _ => self.follows.ui(ui, frame),
        }
    }
}
