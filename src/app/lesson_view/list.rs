//! The lessons there are, and what is done of each.

use std::path::PathBuf;

use egui::{RichText, ScrollArea, Ui};

use super::LessonPanel;
use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::lesson::{Progress, bundled};

impl LessonPanel {
    /// Draws the list.
    pub(super) fn list(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let lessons = match bundled::lessons(ui.words()) {
            Ok(lessons) => lessons,
            Err(error) => {
                ui.label(error.to_string());
                return;
            }
        };
        ui.horizontal_wrapped(|ui| {
            ui.checkbox(&mut self.challenge, ui.words().text("lesson-challenge"))
                .on_hover_text(ui.words().text("lesson-challenge-about"));
            if ui.button(ui.words().text("lesson-report")).clicked() {
                pass.state.ask(Action::Report(PathBuf::new()));
            }
            // It cannot be undone, so it takes two clicks.
            let word = if self.resets { "lesson-really-reset" } else { "lesson-reset" };
            if ui.button(ui.words().text(word)).clicked() {
                if self.resets {
                    self.progress = Progress::default();
                    self.save(pass.state);
                }
                self.resets = !self.resets;
            }
            if self.resets && ui.button(ui.words().text("lesson-keep")).clicked() {
                self.resets = false;
            }
        });
        ui.separator();
        ScrollArea::vertical().id_salt("lessons").auto_shrink(false).show(ui, |ui| {
            for lesson in &lessons {
                let (done, all) = (self.progress.answered(lesson), lesson.questions());
                ui.horizontal_wrapped(|ui| {
                    let mark = if done == all { "✓" } else { "○" };
                    ui.label(RichText::new(mark).strong());
                    if ui.link(RichText::new(&lesson.title).strong()).clicked() {
                        pass.state.ask(Action::Lesson(lesson.name.clone()));
                    }
                    let state = ui.words().with(
                        "lesson-state",
                        &[("done", done.into()), ("count", all.into()), ("minutes", lesson.minutes.into())],
                    );
                    ui.label(RichText::new(state).weak());
                });
                ui.add(egui::Label::new(RichText::new(&lesson.about).weak()).wrap());
                ui.add_space(theme::GAP);
            }
        });
    }
}
