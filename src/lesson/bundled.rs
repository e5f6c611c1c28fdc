//! The lessons that are part of the program, so that they are there wherever it runs.

use std::path::Path;

use super::{Lesson, LessonError, overlay};
use crate::words::Words;

macro_rules! lessons {
    ($($name:literal)*) => {
        /// The bundled lessons, in the order of the book: name and text.
        static LESSONS: &[(&str, &str)] =
            &[ $( ($name, include_str!(concat!("../../assets/lessons/", $name, ".toml"))), )* ];
    };
}

lessons! {
    "byte-in-a-packet"
    "polling-cost"
    "flash-policy"
    "hixie-75-first-words"
    "hixie-76-by-hand"
    "accept-by-hand"
    "negotiate-a-version"
    "frame-bit-by-bit"
    "three-lengths"
    "unmask-by-hand"
    "frame-that-hid-its-header"
    "ping-in-the-middle"
    "who-closes-first"
    "close-codes"
    "deflate-second-message"
    "negotiate-a-subprotocol"
    "api-states"
    "through-a-proxy"
    "old-and-new-peers"
    "broken-guid"
    "broken-accept-digit"
    "broken-connection-space"
    "broken-low-byte-first"
    "broken-every-length-64"
    "broken-ping-with-ping"
    "broken-after-1009"
    "broken-no-masks-checked"
    "broken-ignores-fragments"
    "broken-old-origin"
    "origin-matters"
    "strangers-capture"
}

/// The names of the bundled lessons, in the order of the book.
pub fn names() -> impl Iterator<Item = &'static str> {
    LESSONS.iter().map(|(name, _)| *name)
}

/// The bundled lessons in these words, in the order of the book.
///
/// # Errors
/// Where one is no lesson.
pub fn lessons(words: Words) -> Result<Vec<Lesson>, LessonError> {
    LESSONS.iter().map(|(name, text)| read(name, text, words)).collect()
}

/// A bundled lesson in these words; none where there is none of that name.
pub fn lesson(name: &str, words: Words) -> Option<Result<Lesson, LessonError>> {
    LESSONS.iter().find(|(known, _)| *known == name).map(|(name, text)| read(name, text, words))
}

/// What other languages say in place of the English texts: the language's tag, the lesson's name, and the text of
/// `assets/lessons/TAG/NAME.toml`.
static OVERLAYS: &[(&str, &str, &str)] = &[];

fn read(name: &str, text: &str, words: Words) -> Result<Lesson, LessonError> {
    let mut lesson = Lesson::parse(name, text)?;
    let laid = OVERLAYS.iter().find(|(tag, of, _)| *tag == words.tag() && *of == name);
    if let Some((_, _, text)) = laid {
        overlay::lay(&mut lesson, text)?;
    } else if words.is_pseudo() {
        overlay::mark(&mut lesson);
    }
    lesson.words = words;
    Ok(lesson)
}

impl Lesson {
    /// A bundled lesson by its name, in these words as far as it was translated, or the lesson in a file of that name.
    ///
    /// # Errors
    /// Where there is none, or it is none.
    pub fn open(name: &str, words: Words) -> Result<Self, LessonError> {
        if let Some(lesson) = lesson(name, words) {
            return lesson;
        }
        let path = Path::new(name);
        if path.extension().is_none_or(|extension| extension != "toml") {
            return Err(LessonError::Unknown(name.to_owned()));
        }
        let text =
            std::fs::read_to_string(path).map_err(|error| LessonError::Read(name.to_owned(), error))?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut lesson = Self::parse(stem.as_deref().unwrap_or(name), &text)?;
        lesson.words = words;
        lesson.folder = path.parent().map(Path::to_path_buf);
        Ok(lesson)
    }
}
