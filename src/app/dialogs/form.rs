//! A form: a line for each thing to fill in, what is wrong with it under it, and Enter that sends it off.

use egui::{Grid, Key, Response, RichText, ScrollArea, TextEdit, Ui};

use crate::app::language::Speaks;
use crate::app::theme;
use crate::model::rule::Severity;
use crate::words::Words;

/// A form while it is drawn. The first text field of one that was just opened takes the keyboard.
pub(super) struct Form<'u> {
    ui: &'u mut Ui,
    wants_focus: bool,
    entered: bool,
}

/// The width of a text field, in points.
const FIELD: f32 = 300.0;

/// The room for a line of text and a button below a form, in points.
const BELOW: f32 = 84.0;

/// What is too high for the window is scrolled; `below` points stay free for what must always be seen.
pub(super) fn body<T>(ui: &mut Ui, below: f32, add: impl FnOnce(&mut Ui) -> T) -> T {
    let room = (ui.available_height() - below).max(64.0);
    ScrollArea::vertical().max_height(room).show(ui, add).inner
}

/// Draws a form; gives back what was read from it, and whether Enter was pressed in one of its lines.
pub(super) fn show<T>(ui: &mut Ui, id: &str, fresh: bool, add: impl FnOnce(&mut Form<'_>) -> T) -> (T, bool) {
    // So that a window that does not know its width yet does not grow high instead.
    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
    let grid = Grid::new(id).num_columns(2).spacing([theme::GROUP, theme::GAP]);
    body(ui, BELOW, |ui| {
        grid.show(ui, |ui| {
            let mut form = Form { ui, wants_focus: fresh, entered: false };
            let read = add(&mut form);
            (read, form.entered)
        })
        .inner
    })
}

impl Form<'_> {
    /// The words of the language that the window speaks.
    pub(super) fn words(&self) -> Words {
        self.ui.words()
    }

    /// A line of text. What cannot be read is told under it, and nothing is read.
    pub(super) fn line<T, E: ToString>(
        &mut self,
        word: &str,
        text: &mut String,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.field(word, text, false, read)
    }

    /// Several lines of text, in which Enter begins another.
    pub(super) fn lines<T, E: ToString>(
        &mut self,
        word: &str,
        text: &mut String,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.field(word, text, true, read)
    }

    fn field<T, E: ToString>(
        &mut self,
        word: &str,
        text: &mut String,
        multiline: bool,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let label = self.label(word);
        let wants_focus = std::mem::take(&mut self.wants_focus);
        let (response, read) = self
            .ui
            .vertical(|ui| {
                let hint = ui.words().find(&format!("{word}.hint")).unwrap_or_default();
                let edit = if multiline {
                    TextEdit::multiline(text).desired_rows(2)
                } else {
                    TextEdit::singleline(text)
                };
                let response = ui.add(edit.hint_text(hint).desired_width(FIELD)).labelled_by(label.id);
                let read = read(text);
                if let Err(error) = &read {
                    wrong(ui, &error.to_string());
                }
                (response, read.ok())
            })
            .inner;
        self.ui.end_row();
        if wants_focus {
            response.request_focus();
        }
        self.entered |=
            !multiline && response.lost_focus() && self.ui.input(|input| input.key_pressed(Key::Enter));
        read
    }

    /// A row with a name and whatever is drawn behind it.
    pub(super) fn row<T>(&mut self, word: &str, add: impl FnOnce(&mut Ui, &Response) -> T) -> T {
        let label = self.label(word);
        let inner = self.ui.vertical(|ui| add(ui, &label)).inner;
        self.ui.end_row();
        inner
    }

    fn label(&mut self, word: &str) -> Response {
        let label = self.ui.label(self.words().text(word));
        match self.words().find(&format!("{word}.about")) {
            Some(about) => label.on_hover_text(about),
            None => label,
        }
    }
}

/// What is wrong with a line, under it.
pub(super) fn wrong(ui: &mut Ui, error: &str) {
    let colour = theme::severity(ui.visuals(), Severity::Error);
    let sign = theme::severity_sign(Severity::Error);
    let text = RichText::new(format!("{sign} {error}")).small().color(colour);
    ui.allocate_ui(egui::vec2(FIELD, 0.0), |ui| ui.add(egui::Label::new(text).wrap()));
}

/// A box to tick, with what it means behind it.
pub(super) fn tick(ui: &mut Ui, word: &str, on: &mut bool) {
    let response = ui.checkbox(on, ui.words().text(word));
    if let Some(about) = ui.words().find(&format!("{word}.about")) {
        response.on_hover_text(about);
    }
}

/// The button that sends the form off. Whether it was clicked.
pub(super) fn button(ui: &mut Ui, word: &str, ready: bool) -> bool {
    ui.add_space(theme::GAP);
    let button = egui::Button::new(RichText::new(ui.words().text(word)).strong());
    ui.add_enabled(ready, button).on_disabled_hover_text(ui.words().text("form-not-ready")).clicked()
}

/// Reads a list whose parts stand between commas.
pub(super) fn list<T, E>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, E> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
}

/// Reads a line that may be left empty.
pub(super) fn optional<T, E>(text: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}
