//! The lessons and the captures that are part of the program, so that they are there wherever it runs.

use super::{Lesson, LessonError};

macro_rules! lessons {
    ($($name:literal)*) => {
        /// The bundled lessons, in the order of the book: name and text.
        static LESSONS: &[(&str, &str)] =
            &[ $( ($name, include_str!(concat!("../../assets/lessons/", $name, ".toml"))), )* ];
    };
}

macro_rules! captures {
    ($($name:literal)*) => {
        /// The captures that bundled lessons are about.
        static CAPTURES: &[(&str, &[u8])] =
            &[ $( ($name, include_bytes!(concat!("../../captures/", $name))), )* ];
    };
}

lessons! {
    "accept-by-hand"
    "unmask-by-hand"
}

captures! {}

/// The names of the bundled lessons, in the order of the book.
pub fn names() -> impl Iterator<Item = &'static str> {
    LESSONS.iter().map(|(name, _)| *name)
}

/// The bundled lessons, in the order of the book.
///
/// # Errors
/// Where one is no lesson.
pub fn lessons() -> Result<Vec<Lesson>, LessonError> {
    LESSONS.iter().map(|(name, text)| Lesson::parse(name, text)).collect()
}

/// The text of a bundled lesson.
pub fn lesson(name: &str) -> Option<&'static str> {
    LESSONS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The bytes of a capture that a bundled lesson is about, by its name, with or without its folder.
pub fn capture(name: &str) -> Option<&'static [u8]> {
    let name = name.strip_prefix("captures/").unwrap_or(name);
    CAPTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}
