//! Bytes that a person types or pastes.

use egui::Ui;

use crate::app::frame::Frame;

/// Bytes that a person types or pastes.
#[derive(Debug, Default)]
pub(super) struct PasteDialog {}

impl PasteDialog {
    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, fresh: bool) -> bool {
        let _ = (ui, frame, fresh);
        false
    }
}
