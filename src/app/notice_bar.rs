//! The lines that are told to the person, at the foot of the window.

use egui::{RichText, Ui};

use super::language::Speaks;
use super::pass::State;
use super::theme;

/// So many lines are shown at once, the newest.
const SHOWN: usize = 3;

/// Draws the lines; nothing where there are none.
pub(super) fn ui(ui: &mut Ui, state: &mut State) {
    if let Some(seconds) = state.notices.expire(ui.input(|input| input.time)) {
        ui.ctx().request_repaint_after_secs(seconds as f32);
    }
    if state.notices.all().is_empty() {
        return;
    }
    egui::Panel::bottom("notices").resizable(false).show(ui, |ui| {
        let all = state.notices.all();
        let first = all.len().saturating_sub(SHOWN);
        let mut away = None;
        for (at, notice) in all.iter().enumerate().skip(first) {
            ui.horizontal(|ui| {
                let colour = theme::severity(ui.visuals(), notice.severity);
                ui.label(RichText::new(theme::severity_sign(notice.severity)).color(colour));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.small_button(ui.words().text("notice-dismiss")).clicked() {
                        away = Some(at);
                    }
                    if ui.small_button(ui.words().text("notice-copy")).clicked() {
                        ui.copy_text(notice.words.clone());
                    }
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(&notice.words).wrap().selectable(true));
                    });
                });
            });
        }
        if let Some(at) = away {
            state.notices.dismiss(at);
        }
    });
}
