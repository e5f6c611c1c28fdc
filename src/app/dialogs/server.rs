//! The server's set-up.

use egui::Ui;

use crate::app::frame::Frame;

/// The server's set-up.
#[derive(Debug, Default)]
pub(super) struct ServerDialog {}

impl ServerDialog {
    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, fresh: bool) -> bool {
        let _ = (ui, frame, fresh);
        false
    }
}
