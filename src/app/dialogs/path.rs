//! A capture, opened by its path.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use egui::{Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::capture;
use crate::model::rule::Severity;

/// A capture, opened by its path.
#[derive(Debug, Default)]
pub(super) struct PathDialog {
    text: String,
    /// How the path can go on.
    found: Vec<String>,
    /// Whether it is read on while it grows.
    pub(super) follow: bool,
    /// What stood in the way of the last try.
    error: Option<String>,
}

/// So many entries of a folder are looked at, and so many are proposed.
const READ: usize = 10_000;
const PROPOSED: usize = 200;

impl PathDialog {
    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        // Before the text field takes the keys for itself.
        let (enter, tab) = ui.input_mut(|input| {
            let one = self.found.len() == 1;
            (
                input.consume_key(Modifiers::NONE, Key::Enter),
                one && input.consume_key(Modifiers::NONE, Key::Tab),
            )
        });
        let field = TextEdit::singleline(&mut self.text)
            .hint_text(ui.words().text("path-hint"))
            .code_editor()
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name(ui.words().text("path-field"));
        if fresh {
            field.request_focus();
            self.error = None;
        }
        if field.changed() || fresh {
            self.complete();
            self.error = None;
        }
        if let Some(error) = &self.error {
            let colour = theme::severity(ui.visuals(), Severity::Error);
            ui.label(RichText::new(error).color(colour));
        }
        let mut picked = None;
        // The button stands below.
        let room = (ui.available_height() - 40.0).clamp(64.0, 240.0);
        ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show(ui, |ui| {
            for path in &self.found {
                if ui.selectable_label(false, path).clicked() {
                    picked = Some(path.clone());
                }
            }
        });
        if tab {
            picked = self.found.first().cloned();
        }
        if let Some(path) = picked {
            self.text = path;
            self.error = None;
            self.complete();
            field.request_focus();
            cursor_to_end(ui, field.id, self.text.chars().count());
        }
        let open =
            ui.add_enabled(!self.text.trim().is_empty(), egui::Button::new(ui.words().text("path-open")));
        ui.checkbox(&mut self.follow, ui.words().text("path-follow"))
            .on_hover_text(ui.words().text("path-follow-about"));
        (open.clicked() || enter) && self.open(pass)
    }

    /// Opens it, if it can be. What stands in the way is said here, where the path is.
    fn open(&mut self, pass: &mut Pass<'_>) -> bool {
        let path = expanded(self.text.trim());
        let opened = if self.follow { capture::follow } else { capture::open };
        match opened(&path, &capture::Options::default()) {
            Ok(_) => {
                pass.state.ask(if self.follow { Action::Follow(path) } else { Action::Open(path) });
                true
            }
            Err(error) => {
                self.error = Some(error.to_string());
                false
            }
        }
    }

    /// Looks which folders and captures begin so.
    fn complete(&mut self) {
        self.found.clear();
        let path = expanded(&self.text);
        let whole = self.text.is_empty() || self.text.ends_with(MAIN_SEPARATOR);
        let (folder, begin) = match path.parent() {
            Some(parent) if !whole => (parent.to_owned(), path.file_name().unwrap_or_default().to_owned()),
            _ => (path.clone(), std::ffi::OsString::new()),
        };
        let begin = begin.to_string_lossy().to_lowercase();
        let read = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let Ok(entries) = std::fs::read_dir(read) else { return };
        for entry in entries.take(READ).flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let hidden = name.starts_with('.') && !begin.starts_with('.');
            if hidden || !name.to_lowercase().starts_with(&begin) {
                continue;
            }
            let is_folder = entry.path().is_dir();
            if is_folder || is_capture(name) {
                let mut path = folder.join(name).display().to_string();
                if is_folder {
                    path.push(MAIN_SEPARATOR);
                }
                self.found.push(path);
            }
        }
        self.found.sort_by_key(|path| (path.ends_with(MAIN_SEPARATOR), path.to_lowercase()));
        self.found.truncate(PROPOSED);
    }
}

/// Behind what was put in, so that typing goes on there.
fn cursor_to_end(ui: &Ui, id: egui::Id, length: usize) {
    let Some(mut state) = TextEdit::load_state(ui.ctx(), id) else { return };
    let end = egui::text::CCursor::new(length);
    state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
    state.store(ui.ctx(), id);
}

fn is_capture(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = [".gz", ".xz", ".zst"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    [".pcap", ".pcapng", ".cap", ".ntar", ".snoop"].iter().any(|ending| name.ends_with(ending))
}

/// The path with the person's home in place of a leading `~`.
pub(super) fn expanded(text: &str) -> PathBuf {
    let home = || directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', MAIN_SEPARATOR]) => {
            let Some(home) = home() else { return PathBuf::from(text) };
            home.join(rest.trim_start_matches(['/', MAIN_SEPARATOR]))
        }
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tilde_is_home() {
        let home = directories::UserDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(expanded("~"), home);
        assert_eq!(expanded("~/captures/a.pcap"), home.join("captures/a.pcap"));
        assert_eq!(expanded("~other/a.pcap"), PathBuf::from("~other/a.pcap"));
        assert_eq!(expanded("/a~"), PathBuf::from("/a~"));
    }

    #[test]
    fn captures_and_folders_are_proposed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["one.pcap", "only.txt", "other.pcapng.gz"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        std::fs::create_dir(folder.path().join("older")).unwrap();
        let begin = format!("{}/o", folder.path().display());
        let mut dialog = PathDialog { text: begin, ..PathDialog::default() };
        dialog.complete();
        let names: Vec<&str> =
            dialog.found.iter().filter_map(|path| path.strip_prefix(folder.path().to_str()?)).collect();
        assert_eq!(names, ["/one.pcap", "/other.pcapng.gz", "/older/"]);
    }
}
