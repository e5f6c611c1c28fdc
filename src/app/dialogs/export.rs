//! Saving and exporting.

use egui::Ui;

use crate::app::frame::Frame;

/// Saving and exporting.
#[derive(Debug, Default)]
pub(super) struct ExportDialog {}

impl ExportDialog {
    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, fresh: bool) -> bool {
        let _ = (ui, frame, fresh);
        false
    }
}
