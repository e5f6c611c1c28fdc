//! Bytes as a person enters them: as text, as hex, or from a file.

use std::borrow::Cow;
use std::sync::Arc;

use egui::{RichText, TextEdit, Ui};

use super::Edit;
use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::pass::State;
use crate::app::theme;
use crate::capture::typed::parse_hex;
use crate::model::field::spaced_hex;
use crate::model::rule::Severity;

/// How bytes are entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Text,
    Hex,
    File,
}

/// Bytes as a person enters them. What was typed stays as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    form: Form,
    /// Text, hexadecimal digits, or the path of a file.
    typed: String,
    /// What was read from the file.
    file: Option<Arc<[u8]>>,
}

/// Larger contents are shown as a file: nobody edits that many bytes by hand.
const MOST_TYPED: usize = 16 * 1024;

impl Entry {
    /// This text.
    pub(super) fn text(text: &str) -> Self {
        Self { typed: text.to_owned(), ..Self::default() }
    }

    /// Bytes as hexadecimal digits.
    pub(super) fn hex(bytes: &[u8]) -> Self {
        let mut entry = Self { form: Form::Hex, ..Self::default() };
        entry.show(bytes);
        entry
    }

    /// The bytes of a file.
    pub(super) fn load(&mut self, path: String, bytes: Vec<u8>) {
        *self = Self { form: Form::File, typed: path, file: Some(bytes.into()) };
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> Result<Cow<'_, [u8]>, String> {
        match self.form {
            Form::Text => Ok(Cow::Borrowed(self.typed.as_bytes())),
            Form::Hex => parse_hex(&self.typed).map(Cow::Owned).map_err(|error| error.to_string()),
            Form::File => Ok(Cow::Borrowed(self.file.as_deref().unwrap_or_default())),
        }
    }

    /// The bytes, to be kept.
    pub(super) fn shared(&self) -> Result<Arc<[u8]>, String> {
        match (&self.file, self.form) {
            (Some(file), Form::File) => Ok(Arc::clone(file)),
            _ => self.bytes().map(|bytes| (*bytes).into()),
        }
    }

    /// These are the bytes now. What was typed stays if it means them.
    pub(super) fn follow(&mut self, bytes: &[u8]) {
        if !self.bytes().is_ok_and(|typed| *typed == *bytes) {
            self.show(bytes);
        }
    }

    fn show(&mut self, bytes: &[u8]) {
        if bytes.len() > MOST_TYPED {
            self.load(String::new(), bytes.to_vec());
            return;
        }
        self.file = None;
        match std::str::from_utf8(bytes) {
            Ok(text) if self.form != Form::Hex => {
                self.form = Form::Text;
                text.clone_into(&mut self.typed);
            }
            _ => {
                self.form = Form::Hex;
                self.typed = spaced_hex(bytes);
            }
        }
    }

    fn turn(&mut self, form: Form) {
        let bytes = self.bytes().map(Cow::into_owned).unwrap_or_default();
        self.form = form;
        match form {
            Form::File => self.load(String::new(), bytes),
            Form::Text | Form::Hex => self.show(&bytes),
        }
    }

    /// Draws it. `name` is what it is called.
    pub(super) fn ui(&mut self, ui: &mut Ui, name: &str, edit: &mut Edit, state: &mut State) {
        ui.horizontal_wrapped(|ui| {
            ui.label(name);
            let read = self.bytes();
            let length = read.as_ref().map_or(0, |bytes| bytes.len());
            let small = length <= MOST_TYPED;
            let is_text = small && read.is_ok_and(|bytes| std::str::from_utf8(&bytes).is_ok());
            for (form, word, can) in [
                (Form::Text, "composer-as-text", is_text),
                (Form::Hex, "composer-as-hex", small),
                (Form::File, "composer-as-file", true),
            ] {
                let chosen = self.form == form;
                let button = egui::Button::selectable(chosen, ui.words().text(word));
                let clicked = ui.add_enabled(can || chosen, button);
                if clicked.on_disabled_hover_text(ui.words().text("composer-as-not")).clicked() && !chosen {
                    self.turn(form);
                    edit.clicked();
                }
            }
            let count = RichText::new(ui.words().with("count-bytes", &[("count", length.into())])).weak();
            ui.add(egui::Label::new(count).extend());
        });
        if self.form == Form::File {
            self.file_ui(ui, edit, state);
            return;
        }
        let field = TextEdit::multiline(&mut self.typed)
            .desired_rows(1)
            .desired_width(f32::INFINITY)
            .font(egui::TextStyle::Monospace);
        let field = ui.add(field).accessible_name(name);
        edit.typed(&field);
        if let Err(error) = self.bytes() {
            wrong(ui, &error);
        }
    }

    fn file_ui(&mut self, ui: &mut Ui, edit: &mut Edit, state: &mut State) {
        ui.horizontal_wrapped(|ui| {
            let field = TextEdit::singleline(&mut self.typed)
                .hint_text(ui.words().text("composer-file-hint"))
                .desired_width((ui.available_width() - 150.0).max(120.0));
            let field = ui.add(field).accessible_name(ui.words().text("composer-file"));
            edit.typed(&field);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let path = self.typed.trim();
            let read =
                ui.add_enabled(!path.is_empty(), egui::Button::new(ui.words().text("composer-file-read")));
            if read.clicked() || entered && !path.is_empty() {
                state.ask(Action::ReadPayload(path.into()));
            }
            if ui.button(ui.words().text("composer-file-choose")).clicked() {
                state.ask(Action::PickPayload);
            }
        });
    }
}

/// What is wrong, in one line.
pub(super) fn wrong(ui: &mut Ui, error: &str) {
    let colour = theme::severity(ui.visuals(), Severity::Error);
    let sign = theme::severity_sign(Severity::Error);
    ui.label(RichText::new(format!("{sign} {error}")).small().color(colour));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_while_it_means_the_bytes() {
        let mut entry = Entry { form: Form::Hex, typed: "0x48,0x69".to_owned(), file: None };
        entry.follow(b"Hi");
        assert_eq!(entry.typed, "0x48,0x69");
        entry.follow(b"Hi!");
        assert_eq!(entry.typed, "48 69 21");
        let mut text = Entry::text("Hi");
        text.follow(b"H\xFF");
        assert_eq!((text.form, text.typed.as_str()), (Form::Hex, "48 ff"));
        text.turn(Form::Text);
        assert_eq!(text.form, Form::Hex, "bytes that are no text stay hex");
    }

    #[test]
    fn many_bytes_are_held_as_a_file() {
        let entry = Entry::hex(&vec![7; MOST_TYPED + 1]);
        assert_eq!(entry.form, Form::File);
        assert_eq!(entry.bytes().map(|bytes| bytes.len()), Ok(MOST_TYPED + 1));
    }
}
