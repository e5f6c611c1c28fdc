//! One item, in four ways.

use egui::Ui;

use super::frame::Frame;

/// One item, in four ways.
#[derive(Debug, Default)]
pub struct Inspector {}

impl Inspector {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
