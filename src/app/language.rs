//! In which language the window speaks.
//!
//! A person chooses it in the settings. The shell says it to the context at the beginning of each pass, and whoever draws
//! asks the context: `ui.words().text("panel-ladder")`.

use egui::{Context, Id};

use super::settings::Settings;
use crate::words::{Language, Words};

/// What can be asked for the words of the language that the window speaks. A context cannot be asked inside a closure to
/// which it lends something of its own, nor in one that tells what a widget is.
pub trait Speaks {
    /// The words of the language that the window speaks.
    fn words(&self) -> Words;
}

impl Speaks for Context {
    fn words(&self) -> Words {
        self.data(|data| data.get_temp(place())).unwrap_or_default()
    }
}

impl Speaks for Settings {
    fn words(&self) -> Words {
        let found = Words::of(&self.language);
        // For tests; nobody can choose it.
        found.unwrap_or_else(|| if self.language == PSEUDO { Words::pseudo() } else { Words::english() })
    }
}

/// The tag of [`Words::pseudo`].
const PSEUDO: &str = "en-XA";

/// Speaks this language from now on.
pub(super) fn speak(ctx: &Context, words: Words) {
    ctx.data_mut(|data| data.insert_temp(place(), words));
}

/// Whether there is more than one language to choose from.
pub(super) const fn is_choice() -> bool {
    Language::ALL.len() > 1
}

fn place() -> Id {
    Id::unique("language")
}
