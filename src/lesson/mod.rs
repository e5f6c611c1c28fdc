//! Lessons: bytes, questions about them, and answers that the bytes themselves confirm.
//!
//! A lesson is one TOML file (`assets/lessons`; the README there says how to write one). It names a source of bytes
//! and has steps that say something or ask something. An answer is never written into the file alone: the file says
//! where the answer stands, and what stands there is the answer.
//!
//! | file | what |
//! |---|---|
//! | `format` | the file, read |
//! | `source` | where the bytes come from: a capture, typed bytes, or a script |
//! | `script`, `run` | what a client and a server are to do, and how it is played |
//! | `reference`, `found` | where in the bytes an answer stands, and what stands there |
//! | `question` | the kinds of question, and how an answer is judged |
//! | `player` | where a student is in a lesson |
//! | `progress` | what a student has done, kept in a file and told to a teacher |
//! | `overlay` | the same lesson in another language |
//! | `bundled`, `captures` | the lessons that are part of the program, and the captures that they are about |
//! | `text` | bytes and numbers as people write them |
//!
//! Nothing here knows sockets or a window. `live` plays the same scripts over sockets.

pub mod bundled;
pub mod captures;
mod format;
mod found;
mod overlay;
mod player;
mod progress;
mod question;
pub mod reference;
pub mod run;
pub mod script;
mod source;
pub mod text;

pub use format::{Choice, Kind, Lesson, Question, Show, Step, Tab, Wrong};
pub use player::{Mode, Player, View};
pub use progress::{Done, Progress};
pub use question::{Given, Key, Outcome, Unreadable, Verdict};
pub use source::Source;

use reference::NotFound;
use script::ScriptError;

use crate::model::facts::Facts;
use crate::said_in_english;
use crate::words::{Said, Words};

/// Why a lesson cannot be given. One line that says what to change.
#[derive(Debug)]
pub enum LessonError {
    /// The file is no lesson.
    Format(String, Box<toml::de::Error>),
    /// The file cannot be read.
    Read(String, std::io::Error),
    /// No lesson has this name.
    Unknown(String),
    /// The source names none or several of the three.
    Source,
    /// A name that is none of that kind: a protocol, a side.
    Name(String, &'static str),
    /// The capture cannot be read.
    Capture(String, crate::capture::Error),
    /// The script cannot be played.
    Script(ScriptError),
    /// A step is neither `say` nor `ask`, or is not whole.
    Step(usize, Facts),
    /// A step names what is not in the bytes.
    NotFound(usize, NotFound),
}

impl std::error::Error for LessonError {}

impl From<ScriptError> for LessonError {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

impl Said for LessonError {
    fn said(&self, words: Words) -> String {
        let named = |id: &str, name: &str, error: String| {
            words.with(id, &[("name", name.into()), ("error", error.into())])
        };
        let step = |number: &usize, error: String| {
            words.with(
                "failure-lesson-step",
                &[("number", number.to_string().into()), ("error", error.into())],
            )
        };
        match self {
            // Where the mistake is and what it is, the reader of TOML says on several lines.
            Self::Format(name, error) => format!("{name}: {error}"),
            Self::Read(name, error) => named("failure-cannot-read", name, error.to_string()),
            Self::Unknown(name) => named("failure-lesson-unknown", name, String::new()),
            Self::Source => words.text("failure-lesson-source").to_owned(),
            Self::Name(name, kind) => {
                words.with("failure-no-name", &[("name", name.as_str().into()), ("kind", (*kind).into())])
            }
            Self::Capture(name, error) => named("failure-lesson-capture", name, error.said(words)),
            Self::Script(error) => words.with("failure-script", &[("error", error.said(words).into())]),
            Self::Step(number, facts) => step(number, words.sentence("failure-lesson", facts)),
            Self::NotFound(number, error) => step(number, error.said(words)),
        }
    }
}

said_in_english!(LessonError);
