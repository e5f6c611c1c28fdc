//! The bar that replays a conversation.

use egui::Ui;

use super::frame::Frame;

/// The bar that replays a conversation.
#[derive(Debug, Default)]
pub struct ReplayBar {
    /// Whether the bar is there.
    pub shown: bool,
}

impl ReplayBar {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
