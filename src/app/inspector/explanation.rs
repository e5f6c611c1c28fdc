//! What the selected field is, why it is there, and where it is written.

use egui::Ui;

use crate::app::frame::Frame;

/// The explanation.
#[derive(Debug, Default)]
pub(super) struct Explanation {}

impl Explanation {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
