//! The book, read beside the workspace.

use egui::Ui;

use super::frame::Frame;

/// The book, read beside the workspace.
#[derive(Debug, Default)]
pub struct BookPanel {}

impl BookPanel {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
