//! The shortcut sheet.

use egui::{Grid, RichText, ScrollArea, Ui};

use crate::app::command;
use crate::app::language::Speaks;
use crate::app::pass::Pass;

/// Keys that belong to a view, not to a command.
const OF_VIEWS: [(&str, &str); 6] = [
    ("shortcuts-filter-keys", "shortcuts-filter"),
    ("shortcuts-ladder-keys", "shortcuts-ladder"),
    ("shortcuts-bits-keys", "shortcuts-bits"),
    ("shortcuts-hex-keys", "shortcuts-hex"),
    ("shortcuts-tab-keys", "shortcuts-tab"),
    ("shortcuts-escape-keys", "shortcuts-escape"),
];

/// Draws it. It is done with when it is closed.
pub(super) fn ui(ui: &mut Ui, pass: &mut Pass<'_>) -> bool {
    ScrollArea::vertical().show(ui, |ui| {
        Grid::new("shortcuts").num_columns(2).striped(true).spacing([24.0, 4.0]).show(ui, |ui| {
            for command in command::all(pass.state, pass.host) {
                let Some(keys) = command.shortcut else { continue };
                ui.label(RichText::new(ui.ctx().format_shortcut(&keys)).monospace());
                ui.label(command.name(ui.words()));
                ui.end_row();
            }
            for (keys, what) in OF_VIEWS {
                ui.label(RichText::new(ui.words().text(keys)).monospace());
                ui.label(ui.words().text(what));
                ui.end_row();
            }
        });
    });
    false
}
