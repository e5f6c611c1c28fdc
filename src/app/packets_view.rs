//! The packets of the item that is looked at.

use egui::Ui;

use super::frame::Frame;

/// The packets of the item that is looked at.
#[derive(Debug, Default)]
pub struct PacketsPanel {}

impl PacketsPanel {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
