//! The window, where the program was built with it.

use std::path::PathBuf;

use super::Failure;

/// Opens the window, with a capture in it if there is one.
#[cfg(feature = "window")]
pub(super) fn open(file: Option<PathBuf>) -> Result<(), Failure> {
    use crate::app::{self, action::Action};
    app::run(file.map(Action::Open).into_iter().collect()).map_err(Failure::Said)
}

/// Opens the window at a lesson.
#[cfg(feature = "window")]
pub(super) fn open_lesson(name: &str) -> Result<(), Failure> {
    use crate::app::{self, action::Action};
    app::run(vec![Action::Lesson(name.to_owned())]).map_err(Failure::Said)
}

#[cfg(not(feature = "window"))]
const NONE: &str = "this program was built without its window; framescope --help lists the commands, and a build \
                    with the feature `window` has it";

/// Says that there is no window.
#[cfg(not(feature = "window"))]
pub(super) fn open(_: Option<PathBuf>) -> Result<(), Failure> {
    Err(Failure::said(NONE))
}

/// Says that there is no window.
#[cfg(not(feature = "window"))]
pub(super) fn open_lesson(name: &str) -> Result<(), Failure> {
    Err(Failure::said(format!("{NONE}; `framescope lesson {name} --text` tells the lesson here")))
}
