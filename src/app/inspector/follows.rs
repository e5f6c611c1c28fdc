//! How values follow from the bytes, step by step.

use egui::Ui;

use crate::app::frame::Frame;

/// The derivations.
#[derive(Debug, Default)]
pub(super) struct Follows {}

impl Follows {
    /// Draws it.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
