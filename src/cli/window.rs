//! The window, where the program was built with it.

use std::path::PathBuf;

use super::Failure;
use crate::words::Words;

/// Opens the window, with a capture in it if there is one.
#[cfg(feature = "window")]
pub(super) fn open(file: Option<PathBuf>, _: Words) -> Result<(), Failure> {
    use crate::app::{self, action::Action};
    app::run(file.map(Action::Open).into_iter().collect()).map_err(Failure::Said)
}

/// Opens the window at a lesson.
#[cfg(feature = "window")]
pub(super) fn open_lesson(name: &str, _: Words) -> Result<(), Failure> {
    use crate::app::{self, action::Action};
    app::run(vec![Action::Lesson(name.to_owned())]).map_err(Failure::Said)
}

/// Says that there is no window.
#[cfg(not(feature = "window"))]
pub(super) fn open(_: Option<PathBuf>, words: Words) -> Result<(), Failure> {
    Err(Failure::with(words, "cli-no-window", &[]))
}

/// Says that there is no window.
#[cfg(not(feature = "window"))]
pub(super) fn open_lesson(name: &str, words: Words) -> Result<(), Failure> {
    Err(Failure::with(words, "cli-no-window-lesson", &[("name", name)]))
}
