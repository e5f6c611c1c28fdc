//! The items of a conversation, time running down.

use egui::Ui;

use super::frame::{Frame, State};

/// The items of a conversation, time running down.
#[derive(Debug, Default)]
pub struct Ladder {}

impl Ladder {
    /// Chooses the item that stands so many rows further down.
    #[allow(clippy::unused_self)]
    pub fn step(&mut self, by: isize, state: &mut State) {
        let _ = (by, state);
    }

    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
