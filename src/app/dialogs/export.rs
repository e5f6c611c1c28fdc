//! Saving and exporting.

use egui::{Key, Modifiers, RichText, TextEdit, Ui};

use super::form;
use super::path::expanded;
use crate::app::action::{Action, Export, Picture};
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::export::selection::Format;
use crate::model::protocol::Side;
use crate::model::rule::Severity;
use crate::trace::{Conversation, Trace};
use crate::view::fit::grouped;

/// Saving and exporting.
#[derive(Debug, Default)]
pub(super) struct ExportDialog {
    what: What,
    format: Chosen,
    picture: Chosen,
    /// What is to be saved by its path, and the path.
    by_path: Option<(Action, String)>,
}

/// What is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    #[default]
    Conversation,
    Items,
    Diagram,
    Source,
}

/// The place of a format among those that are offered.
type Chosen = usize;

/// The lengths of more items than these are not added up in every frame.
const MOST_ADDED: usize = 10_000;

const FORMATS: [(Format, &str); 4] = [
    (Format::Pcapng, "export-pcapng"),
    (Format::Json, "export-json"),
    (Format::Csv, "export-csv"),
    (Format::Har, "export-har"),
];
const PICTURES: [(Picture, &str); 2] = [(Picture::Svg, "export-svg"), (Picture::Png, "export-png")];

impl ExportDialog {
    /// Asks for a path to save to.
    pub(super) fn save_by_path(&mut self, action: Action, name: &str) {
        let folder = directories::UserDirs::new();
        let folder = folder.as_ref().map(|dirs| dirs.document_dir().unwrap_or_else(|| dirs.home_dir()));
        let path = folder.map_or_else(|| name.into(), |folder| folder.join(name));
        self.by_path = Some((action, path.display().to_string()));
    }

    /// Asks for no path any more.
    pub(super) fn forget_path(&mut self) {
        self.by_path = None;
    }

    /// The message id of its title.
    pub(super) const fn title(&self) -> &'static str {
        if self.is_to_record() { "dialog-record" } else { "dialog-export" }
    }

    /// Whether a path is asked for that live traffic is recorded to.
    const fn is_to_record(&self) -> bool {
        matches!(self.by_path, Some((Action::Record(_), _)))
    }

    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        if self.by_path.is_some() {
            return self.path(ui, pass, fresh);
        }
        let Some((trace, talk)) = pass.talk() else {
            ui.label(RichText::new(ui.words().text("export-no-conversation")).weak());
            return false;
        };
        if fresh {
            self.what = if pass.state.chosen.is_some() { What::Items } else { What::Conversation };
        }
        // The size and the button stand below.
        let what = form::body(ui, 64.0, |ui| self.choices(ui, pass, trace, fresh));
        ui.label(RichText::new(self.size(talk, pass)).weak());
        if ui.button(ui.words().text("export-save")).clicked() {
            if self.what == What::Conversation {
                // What is exported are the chosen items, where there are any.
                pass.state.chosen = None;
            }
            pass.state.ask(Action::Export(what));
            return true;
        }
        false
    }

    /// What can be exported, and in which formats.
    fn choices(&mut self, ui: &mut Ui, pass: &Pass<'_>, trace: &Trace, fresh: bool) -> Export {
        let chosen = pass.state.chosen;
        let number = pass.state.at.map_or(1, |at| at.conversation + 1);
        let conversation = ui.words().with("export-conversation", &[("number", number.into())]);
        let first = ui.radio_value(&mut self.what, What::Conversation, conversation);
        if fresh {
            first.request_focus();
        }
        if let Some((first, last)) = chosen {
            let items = [("first", (first + 1).into()), ("last", (last + 1).into())];
            ui.radio_value(&mut self.what, What::Items, ui.words().with("export-items", &items));
        } else if self.what == What::Items {
            self.what = What::Conversation;
        }
        let item = pass.state.item;
        let diagram = match item {
            Some(item) => ui.words().with("export-diagram", &[("number", (item + 1).into())]),
            None => ui.words().text("export-diagram-none").to_owned(),
        };
        ui.add_enabled_ui(item.is_some(), |ui| ui.radio_value(&mut self.what, What::Diagram, diagram));
        if item.is_none() && self.what == What::Diagram {
            self.what = What::Conversation;
        }
        let source = ui.words().with("export-source", &[("count", trace.conversations().len().into())]);
        ui.radio_value(&mut self.what, What::Source, source);
        ui.separator();
        self.format(ui)
    }

    fn format(&mut self, ui: &mut Ui) -> Export {
        let mut rows = |chosen: &mut Chosen, names: &[&'static str]| {
            for (at, name) in names.iter().enumerate() {
                let about = ui.words().text(name);
                ui.radio_value(chosen, at, about);
            }
        };
        match self.what {
            What::Conversation | What::Items => {
                rows(&mut self.format, &FORMATS.map(|(_, name)| name));
                Export::Conversation(FORMATS.get(self.format).map_or(Format::Pcapng, |(format, _)| *format))
            }
            What::Diagram => {
                rows(&mut self.picture, &PICTURES.map(|(_, name)| name));
                Export::Diagram(PICTURES.get(self.picture).map_or(Picture::Svg, |(picture, _)| *picture))
            }
            What::Source => {
                ui.label(ui.words().text("export-pcapng"));
                Export::Source
            }
        }
    }

    /// How much it is, as far as that can be told without making it.
    fn size(&self, talk: &Conversation, pass: &Pass<'_>) -> String {
        let bytes = |talk: &Conversation| Side::BOTH.map(|side| talk.stream(side).end()).iter().sum::<u64>();
        let (items, bytes) = match self.what {
            What::Conversation => (talk.items.len() as u64, bytes(talk)),
            What::Items => {
                let (first, last) = pass.state.chosen.unwrap_or_default();
                let count = (last + 1).saturating_sub(first);
                if count > MOST_ADDED {
                    return pass
                        .words()
                        .with("export-size-items", &[("items", grouped(count as u64).into())]);
                }
                let items = talk.items.iter_from(first).take(count);
                (count as u64, items.map(|(_, item)| item.length).sum())
            }
            What::Diagram => return String::new(),
            What::Source => {
                let Some((trace, _)) = pass.talk() else { return String::new() };
                let items = trace.conversations().iter().map(|talk| talk.items.len() as u64).sum();
                (items, trace.conversations().iter().map(bytes).sum())
            }
        };
        pass.words()
            .with("export-size", &[("items", grouped(items).into()), ("bytes", grouped(bytes).into())])
    }

    /// The path to save to, where there is no dialog of the system.
    fn path(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        let records = self.is_to_record();
        let Some((action, text)) = &mut self.by_path else { return true };
        let about = if records { "export-record-about" } else { "export-path-about" };
        ui.label(RichText::new(ui.words().text(about)).weak());
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let field = TextEdit::singleline(text).code_editor().desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name(ui.words().text("export-path"));
        if fresh {
            field.request_focus();
        }
        let path = expanded(text.trim());
        let folder = path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
        let problem = match () {
            () if path.is_dir() => Some("export-is-folder"),
            () if !folder => Some("export-no-folder"),
            () => None,
        };
        let replaces = problem.is_none() && path.exists();
        if let Some(word) = problem {
            let colour = theme::severity(ui.visuals(), Severity::Error);
            ui.label(RichText::new(ui.words().text(word)).color(colour));
        } else if replaces {
            let colour = theme::severity(ui.visuals(), Severity::Warning);
            ui.label(RichText::new(ui.words().text("export-exists")).color(colour));
        }
        let mut done = false;
        ui.horizontal(|ui| {
            let word = match () {
                () if replaces => "export-replace",
                () if records => "export-record-here",
                () => "export-save-here",
            };
            let ready = problem.is_none() && !text.trim().is_empty();
            let save = ui.add_enabled(ready, egui::Button::new(ui.words().text(word)));
            // A file is never replaced by a key that was meant for the field.
            if save.clicked() || enter && ready && !replaces {
                let action = match action.clone() {
                    Action::Export(what) => Action::ExportTo(what, path.clone()),
                    Action::Report(_) => Action::Report(path.clone()),
                    _ => Action::Record(Some(path.clone())),
                };
                pass.state.ask(action);
                done = true;
            }
            if ui.button(ui.words().text("export-cancel")).clicked() {
                done = true;
            }
        });
        if done {
            self.by_path = None;
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn every_format_says_how_its_files_end() {
        for (format, word) in FORMATS {
            assert!(Words::english().text(word).to_lowercase().contains(format.id()), "{word}");
        }
    }
}
