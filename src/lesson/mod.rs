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
//! | `bundled` | the lessons and captures that are part of the program |
//! | `text` | bytes and numbers as people write them |
//!
//! Nothing here knows sockets or a window. `live` plays the same scripts over sockets.

pub mod bundled;
mod format;
mod found;
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

/// Why a lesson cannot be given. One line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The file is no lesson.
    #[error("{0}: {1}")]
    Format(String, Box<toml::de::Error>),
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(String, std::io::Error),
    /// No lesson has this name.
    #[error("there is no lesson `{0}`; framescope lesson lists them")]
    Unknown(String),
    /// The source names none or several of the three.
    #[error("the source of a lesson is one of capture, hex and talk")]
    Source,
    /// A name that is none.
    #[error("`{0}` is no {1}")]
    Name(String, &'static str),
    /// The capture cannot be read.
    #[error("the capture {0} cannot be read: {1}")]
    Capture(String, String),
    /// The script cannot be played.
    #[error("the script cannot be played: {0}")]
    Script(#[from] ScriptError),
    /// A step is neither `say` nor `ask`, or is not whole.
    #[error("step {0}: {1}")]
    Step(usize, String),
    /// A step names what is not in the bytes.
    #[error("step {0}: {1}")]
    NotFound(usize, NotFound),
}
