//! A capture, opened by its path.

use egui::Ui;

use crate::app::frame::Frame;

/// A capture, opened by its path.
#[derive(Debug, Default)]
pub(super) struct PathDialog {}

impl PathDialog {
    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, fresh: bool) -> bool {
        let _ = (ui, frame, fresh);
        false
    }
}
