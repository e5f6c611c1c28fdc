//! Numbers about a conversation and its source.

use egui::Ui;

use super::frame::Frame;

/// Numbers about a conversation and its source.
#[derive(Debug, Default)]
pub struct StatisticsPanel {}

impl StatisticsPanel {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
