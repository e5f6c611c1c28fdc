//! The line above the ladder that says which items it shows.

use egui::{Key, Popup, PopupCloseBehavior, RichText, TextEdit, Ui};

use super::rows::Rows;
use crate::analysis::filter::{Filter, FilterError, HELP};
use crate::app::language::Speaks;
use crate::app::settings::Settings;
use crate::app::theme;
use crate::model::rule::Severity;
use crate::words::Words;

/// The filter as it is typed.
#[derive(Debug, Default)]
pub(super) struct FilterLine {
    line: String,
    /// What was read last without an error.
    filter: Filter,
    error: Option<FilterError>,
    /// The keys go to the line next.
    focus: bool,
}

impl FilterLine {
    /// The items that are wanted.
    pub(super) const fn filter(&self) -> &Filter {
        &self.filter
    }

    fn set(&mut self, line: String) {
        self.line = line;
        self.read();
    }

    /// A line that is wrong leaves the filter that was there, so that the list stands still while it is typed.
    fn read(&mut self) {
        match self.line.parse() {
            Ok(filter) => (self.filter, self.error) = (filter, None),
            Err(error) => self.error = Some(error),
        }
    }

    /// Draws the line, and the switches under it.
    pub(super) fn ui(&mut self, ui: &mut Ui, settings: &mut Settings, rows: &Rows, items: usize) {
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.help(ui);
                if !self.line.is_empty() {
                    let clear = ui.words().text("ladder-filter-clear");
                    if ui.button("✖").on_hover_text(clear).accessible_name(clear).clicked() {
                        self.set(String::new());
                    }
                }
                let edit = TextEdit::singleline(&mut self.line)
                    .id_salt("filter")
                    .hint_text(ui.words().text("ladder-filter-hint"))
                    .background_color(ui.visuals().faint_bg_color)
                    .desired_width(ui.available_width());
                let response = ui.add(edit).on_hover_text(ui.words().text("ladder-filter-about"));
                let response = response.accessible_name(ui.words().text("ladder-filter"));
                if response.changed() {
                    self.read();
                }
                if ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, Key::F)) || self.focus {
                    self.focus = false;
                    response.request_focus();
                }
            });
        });
        if let Some(error) = &self.error {
            let colour = theme::severity(ui.visuals(), Severity::Error);
            let words = ui.words().with(
                "ladder-filter-error",
                &[("place", (error.at + 1).into()), ("error", error.message(ui.words()).into())],
            );
            ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            ui.checkbox(&mut settings.follow, ui.words().text("ladder-follow"))
                .on_hover_text(ui.words().text("ladder-follow-about"));
            ui.checkbox(&mut settings.hide_control, ui.words().text("ladder-hide-control"))
                .on_hover_text(ui.words().text("ladder-hide-control-about"));
            let counted = RichText::new(counted(ui.words(), rows, items)).weak();
            ui.add(egui::Label::new(counted).extend());
        });
    }

    fn help(&mut self, ui: &mut Ui) {
        let name = ui.words().text("ladder-filter-help");
        let button = ui.button("?").on_hover_text(name).accessible_name(name);
        Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            ui.label(ui.words().text("ladder-filter-help-about"));
            let room = ui.ctx().content_rect().height() * 0.6;
            egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
                egui::Grid::new("filter-help").num_columns(2).spacing([theme::GROUP, 2.0]).show(ui, |ui| {
                    for (example, about) in HELP {
                        if ui.button(RichText::new(*example).monospace()).clicked() {
                            self.set((*example).to_owned());
                            self.focus = true;
                            ui.close();
                        }
                        ui.label(ui.words().text(about));
                        ui.end_row();
                    }
                });
            });
        });
    }
}

/// How many items are there to be seen.
fn counted(words: Words, rows: &Rows, items: usize) -> String {
    let found = ("found", rows.count().into());
    match rows.progress() {
        Some(percent) => words.with("ladder-count-looking", &[found, ("percent", percent.into())]),
        None if rows.is_part() => words.with("ladder-count-part", &[found, ("items", items.into())]),
        None => words.with("count-items", &[("count", items.into())]),
    }
}
