//! What stands at a place of the bytes, and where that is.

use super::text::{bytes_of, number_of};
use crate::model::facts::Facts;
use crate::model::field::{BitRange, Value};
use crate::said_in_english;
use crate::trace::Trace;
use crate::words::{Said, Words};

/// What a lesson is about.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The conversations.
    pub trace: &'a Trace,
    /// The capture file, for its packets; empty where there is none.
    pub capture: &'a [u8],
}

/// What stands at a place, as far as it can be said in each way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// As a number.
    pub number: Option<i64>,
    /// As text.
    pub text: Option<String>,
    /// As bytes.
    pub bytes: Option<Vec<u8>>,
    /// Where it stands.
    pub place: Place,
}

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The conversation, counted from 0.
    pub conversation: usize,
    /// The item, counted from 0.
    pub item: Option<usize>,
    /// The packet, counted from 1.
    pub packet: Option<u64>,
    /// The field's id.
    pub field: Option<&'static str>,
    /// The derivation, and its step, counted from 0; none for all of it.
    pub step: Option<(String, Option<usize>)>,
    /// The message, counted from 0.
    pub message: Option<usize>,
    /// The bits of the item.
    pub bits: Option<BitRange>,
}

/// Why a reference leads nowhere: what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound(pub Facts);

impl std::error::Error for NotFound {}

impl Said for NotFound {
    fn said(&self, words: Words) -> String {
        words.sentence("failure-missing", &self.0)
    }
}

said_in_english!(NotFound);

impl Found {
    pub(super) fn number(number: impl TryInto<i64>) -> Self {
        Self { number: number.try_into().ok(), ..Self::default() }
    }

    /// Text, which may also be read as digits or as bytes.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { number: number_of(&text), bytes: bytes_of(&text), text: Some(text), place: Place::default() }
    }

    pub(super) fn bytes(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes.clone()).ok();
        Self { number: None, text, bytes: Some(bytes), place: Place::default() }
    }

    pub(super) fn value(value: &Value) -> Self {
        match value {
            Value::Group => Self::default(),
            Value::Flag(flag) => Self::number(u8::from(*flag)),
            Value::Number(number) => Self::number(*number),
            // Answers are compared with those of the file, which are written in English.
            Value::Named(number, _) | Value::Meant(number, _) => {
                Self { text: Words::english().meaning(value).map(str::to_owned), ..Self::number(*number) }
            }
            Value::Text(text) => Self { number: number_of(text), ..Self::bytes(text.clone().into_bytes()) },
            Value::Bytes(bytes) => Self::bytes(bytes.clone()),
        }
    }

    /// Whether it is what a file says: the same number, the same text, or the same bytes.
    pub fn is(&self, said: &toml::Value) -> bool {
        match said {
            toml::Value::Integer(number) => self.number == Some(*number),
            toml::Value::Boolean(flag) => self.number == Some(i64::from(*flag)),
            toml::Value::String(text) => {
                self.text.as_ref() == Some(text)
                    || (self.bytes.is_some() && self.bytes == bytes_of(text))
                    || (self.number.is_some() && self.number == number_of(text))
            }
            _ => false,
        }
    }

    /// Whether both say the same in a way that both know.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self { number: Some(a), .. }, Self { number: Some(b), .. }) => a == b,
            (Self { bytes: Some(a), .. }, Self { bytes: Some(b), .. }) => a == b,
            (Self { text: Some(a), .. }, Self { text: Some(b), .. }) => a == b,
            _ => false,
        }
    }
}
