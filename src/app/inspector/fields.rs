//! The field tree with its values.

use egui::Ui;

use crate::app::frame::Frame;

/// The field tree.
#[derive(Debug, Default)]
pub(super) struct Fields {}

impl Fields {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
