//! Builds frames and sends them.

use egui::Ui;

use super::frame::Frame;

/// Builds frames and sends them.
#[derive(Debug, Default)]
pub struct Composer {}

impl Composer {
    /// Takes an item of the conversation that is looked at, to be changed and sent again.
    #[allow(clippy::unused_self)]
    pub fn edit(&mut self, item: usize) {
        let _ = item;
    }

    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
