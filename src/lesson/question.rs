//! The kinds of question, and how an answer is judged.

use super::LessonError;
use super::format::{Kind, Question};
use super::reference::{Evidence, Found, NotFound, Place};
use super::text::{bytes_of, number_of};
use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::{BitRange, spaced_hex};
use crate::model::rule::Rule;
use crate::said_in_english;
use crate::words::{Said, Words};

/// What a student answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Typed bytes.
    Bytes(Vec<u8>),
    /// A typed number, or a close code.
    Number(i64),
    /// Typed text.
    Text(String),
    /// The choice with this number, counted from 0.
    Choice(usize),
    /// A field: where it was picked, its item, counted from 0, and its bits; and its id.
    Field(Option<(usize, BitRange)>, String),
    /// A bit: its item, counted from 0, where it was picked in one, and its number in the item.
    Bit(Option<usize>, u64),
    /// A rule by its id.
    Rule(String),
    /// An item, counted from 0.
    Item(usize),
}

/// What was typed cannot be read as an answer to this question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(pub Kind);

impl std::error::Error for Unreadable {}

impl Said for Unreadable {
    /// What an answer of this kind looks like.
    fn said(&self, words: Words) -> String {
        let id = match self.0 {
            Kind::Bytes => "lesson-type-bytes",
            Kind::Number => "lesson-type-number",
            Kind::Text => "lesson-type-text",
            Kind::Choice => "lesson-type-choice",
            Kind::Field => "lesson-type-field",
            Kind::Bit => "lesson-type-bit",
            Kind::CloseCode => "lesson-type-close-code",
            Kind::Rule => "lesson-type-rule",
            Kind::Item => "lesson-type-item",
        };
        words.text(id).to_owned()
    }
}

said_in_english!(Unreadable);

/// How an answer was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is right.
    Right,
    /// It is wrong, and the lesson knows why somebody would say so.
    Foreseen,
    /// It is wrong.
    Wrong,
}

/// What is said to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is right, and if not, whether it was foreseen.
    pub outcome: Outcome,
    /// What is said, in Markdown.
    pub words: String,
}

impl Verdict {
    /// Whether the answer is right.
    pub fn is_right(&self) -> bool {
        self.outcome == Outcome::Right
    }
}

/// The answer to a question, found in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What stands where the answer is.
    pub found: Found,
    /// The right choice, counted from 0.
    pub choice: Option<usize>,
    /// What must not be seen before the question is answered.
    pub hidden: Vec<Place>,
}

impl Key {
    /// Finds the answer to a question.
    ///
    /// # Errors
    /// Where the answer is not in the bytes, or something in the file says otherwise.
    pub fn find(question: &Question, number: usize, evidence: Evidence<'_>) -> Result<Self, LessonError> {
        let not_found = |error: NotFound| LessonError::NotFound(number, error);
        let wrong = |facts: Facts| LessonError::Step(number, facts);
        if let Some(id) = question.among.iter().find(|id| Rule::from_id(id).is_none()) {
            return Err(wrong(facts!("rule", name = id.as_str())));
        }
        let found = match &question.answer {
            Some(answer) => answer.find(evidence).map_err(not_found)?,
            None => Found::default(),
        };
        if let Some(said) = &question.also
            && !found.is(said)
        {
            return Err(wrong(facts!("also", bytes = format!("{found:?}"), file = said.to_string())));
        }
        let choice = if question.kind == Kind::Choice {
            let mut right = Vec::new();
            for (at, choice) in question.choices.iter().enumerate() {
                let mut holds = !choice.conditions.is_empty();
                for condition in &choice.conditions {
                    holds &= condition.holds(evidence).map_err(not_found)?;
                }
                let is = choice.value.as_ref().map(|value| question.answer.is_some() && found.is(value));
                if is.unwrap_or(holds) {
                    right.push(at);
                }
            }
            let [one] = right[..] else {
                return Err(wrong(facts!("right", count = right.len().to_string())));
            };
            Some(one)
        } else {
            None
        };
        let hidden: Result<Vec<_>, _> =
            question.hide.iter().map(|what| what.find(evidence).map(|found| found.place)).collect();
        let key = Self { found, choice, hidden: hidden.map_err(not_found)? };
        match key.right(question) {
            Some(_) => Ok(key),
            None => Err(wrong(facts!("kind", kind = format!("{:?}", question.kind)))),
        }
    }

    /// Bytes as a student would type them: two digits a byte, with spaces between.
    pub fn spelled(bytes: &[u8]) -> String {
        spaced_hex(bytes)
    }

    /// An answer that is right.
    pub fn right(&self, question: &Question) -> Option<Given> {
        let place = &self.found.place;
        match question.kind {
            Kind::Bytes => self.found.bytes.clone().map(Given::Bytes),
            Kind::Number | Kind::CloseCode => self.found.number.map(Given::Number),
            Kind::Text => self.found.text.clone().map(Given::Text),
            Kind::Choice => self.choice.map(Given::Choice),
            Kind::Field => place.field.map(|id| Given::Field(place.item.zip(place.bits), id.to_owned())),
            Kind::Bit => place.bits.map(|bits| Given::Bit(place.item, bits.start)),
            Kind::Rule => self.found.text.clone().filter(|id| question.among.contains(id)).map(Given::Rule),
            Kind::Item => place.item.map(Given::Item),
        }
    }

    fn is_right(&self, question: &Question, given: &Given) -> bool {
        let place = &self.found.place;
        match (question.kind, given) {
            (Kind::Field, Given::Field(picked, id)) => {
                place.field == Some(id.as_str())
                    && (picked.is_none() || *picked == place.item.zip(place.bits))
            }
            (Kind::Bit, Given::Bit(item, bit)) => {
                let right = |bits: BitRange| {
                    if question.first { bits.start == *bit } else { (bits.start..bits.end).contains(bit) }
                };
                (item.is_none() || *item == place.item) && place.bits.is_some_and(right)
            }
            _ => self.right(question).as_ref() == Some(given),
        }
    }
}

impl Question {
    /// Reads a typed answer.
    ///
    /// # Errors
    /// Where the text is no answer of this kind; the error says what one looks like.
    pub fn read(&self, text: &str) -> Result<Given, Unreadable> {
        let text = text.trim();
        let number = || number_of(text);
        let unreadable = Unreadable(self.kind);
        // A letter or a number, counted from 1.
        let option = |count: usize| {
            let letter = match text.as_bytes() {
                [letter] if letter.is_ascii_alphabetic() => {
                    Some(usize::from(letter.to_ascii_lowercase() - b'a'))
                }
                _ => number().and_then(|number| usize::try_from(number).ok()?.checked_sub(1)),
            };
            letter.filter(|at| *at < count)
        };
        match self.kind {
            Kind::Bytes => {
                bytes_of(text).filter(|bytes| !bytes.is_empty()).map(Given::Bytes).ok_or(unreadable)
            }
            Kind::Number => number().map(Given::Number).ok_or(unreadable),
            Kind::CloseCode => number().map(Given::Number).ok_or(unreadable),
            Kind::Text if text.is_empty() => Err(unreadable),
            Kind::Text => Ok(Given::Text(text.trim_matches('"').to_owned())),
            Kind::Choice => option(self.choices.len()).map(Given::Choice).ok_or(unreadable),
            Kind::Field if text.is_empty() => Err(unreadable),
            Kind::Field => Ok(Given::Field(None, text.to_ascii_lowercase())),
            Kind::Bit => number()
                .and_then(|bit| u64::try_from(bit).ok())
                .map(|bit| Given::Bit(None, bit))
                .ok_or(unreadable),
            Kind::Rule => option(self.among.len())
                .and_then(|at| self.among.get(at).cloned())
                .or_else(|| self.among.iter().find(|id| *id == text).cloned())
                .map(Given::Rule)
                .ok_or(unreadable),
            Kind::Item => item_of(text).map(Given::Item).ok_or(unreadable),
        }
    }

    /// Judges an answer; what is not the lesson's own is said in these words.
    pub fn judge(&self, key: &Key, given: &Given, words: Words) -> Verdict {
        if key.is_right(self, given) {
            return Verdict { outcome: Outcome::Right, words: self.right.clone() };
        }
        if let Some(why) = self.foreseen(given, words) {
            return Verdict { outcome: Outcome::Foreseen, words: why };
        }
        let by_case = match (given, &key.found.text) {
            (Given::Text(text), Some(right)) => text.to_lowercase() == right.to_lowercase(),
            _ => false,
        };
        let words = if by_case { words.text("lesson-differs-by-case").to_owned() } else { self.hint.clone() };
        Verdict { outcome: Outcome::Wrong, words }
    }

    /// Why a wrong answer is wrong, where the lesson knows.
    fn foreseen(&self, given: &Given, words: Words) -> Option<String> {
        if let Given::Choice(at) = given {
            return self.choices.get(*at).map(|choice| choice.why.clone()).filter(|why| !why.is_empty());
        }
        let same = |when: &Given| match (when, given) {
            (Given::Field(None, id), Given::Field(_, other)) => id == other,
            (Given::Bit(None, bit), Given::Bit(_, other)) => bit == other,
            (when, given) => when == given,
        };
        let wrong = self.wrong.iter().find(|wrong| wrong.given(self).is_ok_and(|when| same(&when)));
        wrong.map(|wrong| wrong.why.clone()).or_else(|| match given {
            Given::Rule(id) => {
                Rule::from_id(id).map(|rule| format!("{}. {}", words.title(rule), words.why(rule)))
            }
            _ => None,
        })
    }
}

impl super::Wrong {
    /// The wrong answer as a student would give it.
    ///
    /// # Errors
    /// Where it is none.
    pub fn given(&self, question: &Question) -> Result<Given, Unreadable> {
        match &self.when {
            toml::Value::String(text) => question.read(text),
            other => question.read(&other.to_string()),
        }
    }
}

fn item_of(text: &str) -> Option<usize> {
    usize::try_from(number_of(text.trim_start_matches("item"))?).ok()?.checked_sub(1)
}
