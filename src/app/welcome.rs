//! An empty window is an invitation.

use egui::{RichText, ScrollArea, Ui};

use super::action::{Action, Dialog};
use super::language::Speaks;
use super::panel::Panel;
use super::pass::Pass;
use super::{bundled, theme};

/// Draws the invitation.
pub(super) fn ui(ui: &mut Ui, pass: &mut Pass<'_>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = ((ui.available_width() - 900.0) / 2.0).max(16.0) as i8;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 24)).show(ui, |ui| {
            ui.label(RichText::new(ui.words().text("app-name")).size(34.0).strong());
            ui.label(RichText::new(ui.words().text("welcome-what")).size(17.0));
            ui.add_space(theme::GROUP);
            for (word, about, action) in [
                ("command-demo", "welcome-demo", Action::StartDemo),
                ("command-open", "welcome-open", Action::PickCapture),
                ("command-paste", "welcome-paste", Action::Dialog(Dialog::Paste)),
                ("welcome-book", "welcome-book-about", Action::Show(Panel::Book)),
                ("welcome-lessons", "welcome-lessons-about", Action::Show(Panel::Lesson)),
            ] {
                ui.horizontal(|ui| {
                    let button = egui::Button::new(RichText::new(ui.words().text(word)).size(17.0));
                    let size = egui::vec2(210.0, 38.0);
                    if ui.add_sized(size, button).clicked() {
                        pass.state.ask(action);
                    }
                    ui.add(egui::Label::new(RichText::new(ui.words().text(about)).weak()).wrap());
                });
            }
            if !pass.state.settings.recent.is_empty() {
                ui.add_space(theme::GROUP);
                ui.strong(ui.words().text("welcome-recent"));
                for path in pass.state.settings.recent.clone() {
                    if ui.link(path.display().to_string()).clicked() {
                        pass.state.ask(Action::Open(path));
                    }
                }
            }
            ui.add_space(theme::GROUP);
            ui.strong(ui.words().text("welcome-bundled"));
            ui.label(RichText::new(ui.words().text("welcome-bundled-about")).weak());
            list(ui, pass, &bundled::names());
            ui.add_space(theme::GAP);
            egui::CollapsingHeader::new(ui.words().text("welcome-museum")).show(ui, |ui| {
                ui.label(RichText::new(ui.words().text("welcome-museum-about")).weak());
                list(ui, pass, &bundled::museum());
            });
        });
    });
}

fn list(ui: &mut Ui, pass: &mut Pass<'_>, names: &[&str]) {
    let width = 285.0;
    let columns = ((ui.available_width() / width) as usize).clamp(1, 4);
    let rows = names.len().div_ceil(columns);
    egui::Grid::new(("welcome", names.first())).num_columns(columns).min_col_width(width - 20.0).show(
        ui,
        |ui| {
            for row in 0..rows {
                for column in 0..columns {
                    // Down the columns, so that the order of time is read from top to bottom.
                    if let Some(name) = names.get(column * rows + row)
                        && ui.link(name.strip_prefix("museum/").unwrap_or(name)).clicked()
                    {
                        pass.state.ask(Action::OpenBundled((*name).to_owned()));
                    }
                }
                ui.end_row();
            }
        },
    );
}
