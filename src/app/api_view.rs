//! What the WebSocket API of the client sees.

use egui::Ui;

use super::frame::Frame;

/// What the WebSocket API of the client sees.
#[derive(Debug, Default)]
pub struct ApiPanel {}

impl ApiPanel {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
