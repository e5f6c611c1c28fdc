//! Whether something was changed in the composer, and how.

use crate::app::language::Speaks;
use egui::{Id, Response, Ui};

/// Whether something was changed in this frame, and how.
#[derive(Debug, Default)]
pub(super) struct Edit {
    pub(super) changed: Change,
}

/// How something was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Change {
    /// Not at all.
    #[default]
    None,
    /// At once.
    Clicked,
    /// At once, and it is another frame now.
    Another,
    /// By typing into this text.
    Typed(Id),
}

impl Edit {
    /// Whether something was changed.
    pub(super) const fn is_any(&self) -> bool {
        !matches!(self.changed, Change::None)
    }

    /// Something was changed by a click.
    pub(super) const fn clicked(&mut self) {
        self.changed = Change::Clicked;
    }

    /// Something else is composed now.
    pub(super) const fn another(&mut self) {
        self.changed = Change::Another;
    }

    /// A text or a number, into which something may have been typed.
    pub(super) fn typed(&mut self, response: &Response) {
        if response.changed() {
            self.changed = Change::Typed(response.id);
        }
    }

    /// A box to tick. Whether it was.
    pub(super) fn tick(&mut self, ui: &mut Ui, on: &mut bool, word: &str) -> bool {
        let mut response = ui.checkbox(on, ui.words().text(word));
        if let Some(about) = ui.words().find(&format!("{word}.about")) {
            response = response.on_hover_text(about);
        }
        if response.changed() {
            self.clicked();
        }
        response.changed()
    }

    /// One value of several.
    pub(super) fn choice<T: PartialEq>(&mut self, ui: &mut Ui, value: &mut T, this: T, name: &str) {
        if ui.selectable_label(*value == this, name).clicked() && *value != this {
            *value = this;
            self.clicked();
        }
    }
}
