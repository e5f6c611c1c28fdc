//! Sending the conversation that is looked at again.

use egui::Ui;

use crate::app::frame::Frame;
use crate::live::Compared;

/// Sending the conversation that is looked at again.
#[derive(Debug, Default)]
pub(super) struct SendAgainDialog {}

impl SendAgainDialog {
    /// Takes what came of it.
    pub(super) fn report(&mut self, items: Vec<Compared>, sent: u64, unsent: u64) {
        let _ = (items, sent, unsent);
    }

    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, fresh: bool) -> bool {
        let _ = (ui, frame, fresh);
        false
    }
}
