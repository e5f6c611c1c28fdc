//! The lessons and the captures that are part of the program, so that they are there wherever it runs.

use super::{Lesson, LessonError, overlay};
use crate::words::Words;

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

captures! {
    "comet-sio4-upgrade.pcapng"
    "h76-pyws079-txws05.pcapng"
    "pmd-ws8-ws8.pcap"
    "rfc-nginx-proxy.pcap"
    "rfc-ws8-srvping-srvfrag.pcap"
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

/// The bytes of a capture that a bundled lesson is about, by its name, with or without its folder.
pub fn capture(name: &str) -> Option<&'static [u8]> {
    let name = name.strip_prefix("captures/").unwrap_or(name);
    CAPTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}
