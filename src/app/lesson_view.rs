//! The lesson that is being worked through.

use egui::Ui;

use super::frame::Frame;

/// The lesson that is being worked through.
#[derive(Debug, Default)]
pub struct LessonPanel {}

impl LessonPanel {
    /// Opens a lesson.
    #[allow(clippy::unused_self)]
    pub fn open(&mut self, name: &str) {
        let _ = name;
    }

    /// Draws it.
    #[allow(clippy::unused_self)]
    pub fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let _ = (ui, frame);
    }
}
