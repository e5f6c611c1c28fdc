//! The command palette: every command, found by a few letters of its name.

use egui::{Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use crate::app::command::{self, Command};
use crate::app::language::Speaks;
use crate::app::pass::Pass;

/// The command palette.
#[derive(Debug, Default)]
pub(super) struct Palette {
    search: String,
    chosen: usize,
}

impl Palette {
    /// Draws it; whether a command was chosen.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        if fresh {
            self.search.clear();
            self.chosen = 0;
        }
        // Before the text field takes the keys for itself.
        let (down, up, enter) = ui.input_mut(|input| {
            (
                input.consume_key(Modifiers::NONE, Key::ArrowDown),
                input.consume_key(Modifiers::NONE, Key::ArrowUp),
                input.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        let field = TextEdit::singleline(&mut self.search)
            .hint_text(ui.words().text("palette-hint"))
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name(ui.words().text("palette-hint"));
        if fresh {
            field.request_focus();
        }
        if field.changed() {
            self.chosen = 0;
        }
        let found: Vec<Command> = command::all(pass.state, pass.host)
            .into_iter()
            .filter(|command| fits(&command.name(ui.words()), &self.search))
            .collect();
        if found.is_empty() {
            ui.label(RichText::new(ui.words().text("palette-nothing")).weak());
            return false;
        }
        let last = found.len() - 1;
        self.chosen = self.chosen.min(last);
        if down {
            self.chosen = if self.chosen == last { 0 } else { self.chosen + 1 };
        }
        if up {
            self.chosen = self.chosen.checked_sub(1).unwrap_or(last);
        }
        let mut picked = enter.then_some(self.chosen);
        let room = ui.available_height().clamp(64.0, 360.0);
        ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show(ui, |ui| {
            for (at, command) in found.iter().enumerate() {
                let row = ui.horizontal(|ui| {
                    let response = ui.selectable_label(at == self.chosen, command.name(ui.words()));
                    if let Some(keys) = command.shortcut {
                        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                            ui.label(RichText::new(ui.ctx().format_shortcut(&keys)).weak());
                        });
                    }
                    response
                });
                if at == self.chosen && (down || up) {
                    row.inner.scroll_to_me(None);
                }
                if row.inner.clicked() {
                    picked = Some(at);
                }
            }
        });
        let Some(command) = picked.and_then(|at| found.into_iter().nth(at)) else { return false };
        pass.state.ask(command.action);
        true
    }
}

/// Whether every word of the search stands in the name, in any order.
fn fits(name: &str, search: &str) -> bool {
    let name = name.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn words_are_found_in_any_order() {
        assert!(fits("Connect as hixie-76…", "76 conn"));
        assert!(fits("Start the demo", ""));
        assert!(!fits("Start the demo", "demos"));
    }
}
