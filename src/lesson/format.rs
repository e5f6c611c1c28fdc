//! The file of a lesson, read.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::Deserialize;

use super::LessonError;
use super::reference::{Reference, Which};
use super::source::Source;
use crate::capture::Loader;
use crate::model::facts::Facts;
use crate::trace::Trace;
use crate::words::Words;

/// A lesson.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its name: the file's, without `.toml`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The chapter of the book that it belongs to, such as `masking`.
    pub chapter: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Where its bytes come from.
    pub source: Source,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The language in which it is given.
    pub(super) words: Words,
    /// The folder of a file that is not bundled.
    pub(super) folder: Option<PathBuf>,
}

/// One step of a lesson.
#[derive(Clone, Debug)]
pub enum Step {
    /// Says something.
    Say {
        /// The words, in Markdown.
        text: String,
        /// What is shown beside them.
        show: Option<Show>,
    },
    /// Asks something.
    Ask(Box<Question>),
}

/// What the window, or the terminal, shows beside a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Show {
    /// The conversation, counted from 1; the first where nothing is said.
    pub conversation: Option<usize>,
    /// The item.
    pub item: Option<Which>,
    /// A packet of the capture, counted from 1, in place of an item.
    pub packet: Option<u64>,
    /// A field of it.
    pub field: Option<String>,
    /// The view of it.
    pub tab: Option<Tab>,
}

/// The four ways to see an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tab {
    /// The bit diagram.
    Bits,
    /// The bytes.
    Hex,
    /// The field tree.
    Fields,
    /// The derivations.
    Follows,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The words, in Markdown.
    pub text: String,
    /// What is shown beside them.
    pub show: Option<Show>,
    /// What kind of answer it wants.
    pub kind: Kind,
    /// Of a bit: only the first bit of the place is right, because it is asked where the place begins.
    pub first: bool,
    /// Where the answer stands; of a choice, what the choices are compared with, if not each says it.
    pub answer: Option<Reference>,
    /// What the answer is, said once more: it must be the same.
    pub also: Option<toml::Value>,
    /// The choices.
    pub choices: Vec<Choice>,
    /// The rules to choose from, by their ids.
    pub among: Vec<String>,
    /// What must not be seen before this is answered.
    pub hide: Vec<Reference>,
    /// Said to a wrong answer that was not foreseen.
    pub hint: String,
    /// Said to the right answer.
    pub right: String,
    /// Wrong answers that were foreseen.
    pub wrong: Vec<Wrong>,
}

/// What kind of answer a question wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bytes, typed in hexadecimal.
    Bytes,
    /// A number.
    Number,
    /// Text.
    Text,
    /// One of the choices.
    Choice,
    /// A field, picked in the window or named by its id.
    Field,
    /// A bit, flipped or picked in the window, or named by its number in the item.
    Bit,
    /// A close code.
    CloseCode,
    /// A rule.
    Rule,
    /// An item, picked in the ladder or named by its number.
    Item,
}

/// One of the choices of a question.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Choice {
    /// The words.
    pub says: String,
    /// It is right if the answer is this.
    pub value: Option<toml::Value>,
    /// It is right if all of this holds.
    #[serde(default, rename = "if")]
    pub conditions: Vec<Reference>,
    /// Why it is wrong, if it is.
    #[serde(default)]
    pub why: String,
}

/// A wrong answer that was foreseen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// The answer.
    pub when: toml::Value,
    /// Why it is wrong.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    chapter: String,
    about: String,
    minutes: u32,
    source: Source,
    step: Vec<RawStep>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct RawStep {
    say: Option<String>,
    ask: Option<String>,
    show: Option<Show>,
    kind: Option<Kind>,
    first: bool,
    answer: Option<Reference>,
    also: Option<toml::Value>,
    choices: Vec<Choice>,
    among: Vec<String>,
    hide: Vec<Reference>,
    hint: String,
    right: String,
    wrong: Vec<Wrong>,
}

impl Lesson {
    /// Reads the text of a lesson's file.
    ///
    /// # Errors
    /// Where it is no lesson.
    pub fn parse(name: &str, text: &str) -> Result<Self, LessonError> {
        let file: File =
            toml::from_str(text).map_err(|error| LessonError::Format(name.to_owned(), Box::new(error)))?;
        let steps = file.step.into_iter().enumerate().map(|(at, step)| step.checked(at + 1));
        Ok(Self {
            name: name.to_owned(),
            title: file.title,
            chapter: file.chapter,
            about: file.about,
            minutes: file.minutes,
            source: file.source,
            steps: steps.collect::<Result<_, _>>()?,
            words: Words::english(),
            folder: None,
        })
    }

    /// The bytes that it is about: the same in every run.
    ///
    /// # Errors
    /// Where its source cannot be read or played.
    pub fn trace(&self) -> Result<Trace, LessonError> {
        self.source.trace(self.folder.as_deref())
    }

    /// The capture file that it is about, for its packets; empty where it is about something else.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn capture(&self) -> Result<Cow<'static, [u8]>, LessonError> {
        self.source.capture_bytes(self.folder.as_deref())
    }

    /// The capture that it is about, read to its end; none where it is about something else.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn loader(&self) -> Result<Option<Loader>, LessonError> {
        self.source.loader(self.folder.as_deref())
    }

    /// The language in which it is given.
    pub const fn words(&self) -> Words {
        self.words
    }

    /// How many of its steps ask something.
    pub fn questions(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Ask(_))).count()
    }
}

impl RawStep {
    fn checked(self, number: usize) -> Result<Step, LessonError> {
        let wrong = |form| Err(LessonError::Step(number, Facts::form(form)));
        match (self.say, self.ask, self.kind) {
            (Some(text), None, None) => Ok(Step::Say { text, show: self.show }),
            (None, Some(_), Some(Kind::Choice)) if self.choices.len() < 2 => wrong("choices"),
            (None, Some(_), Some(Kind::Rule)) if self.among.len() < 2 => wrong("among"),
            (None, Some(_), Some(kind)) if kind != Kind::Choice && self.answer.is_none() => wrong("answer"),
            (None, Some(_), Some(kind)) if self.first && kind != Kind::Bit => wrong("first"),
            (None, Some(_), Some(_)) if self.hint.is_empty() || self.right.is_empty() => wrong("hint"),
            (None, Some(text), Some(kind)) => Ok(Step::Ask(Box::new(Question {
                text,
                show: self.show,
                kind,
                first: self.first,
                answer: self.answer,
                also: self.also,
                choices: self.choices,
                among: self.among,
                hide: self.hide,
                hint: self.hint,
                right: self.right,
                wrong: self.wrong,
            }))),
            _ => wrong("step"),
        }
    }
}
