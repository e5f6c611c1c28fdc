//! Facts: what is to be said about bytes, without the words.
//!
//! The core names a sentence and the values that stand in it. The sentence itself is in the catalogue, in the reader's
//! language ([`Words`](crate::words::Words)).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::protocol::{Protocol, Side};

/// A value that stands in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// A number, written with the reader's separators where the sentence asks for it.
    Number(u64),
    /// Something that has no language: what was on the wire, a number in hexadecimal, a name from a registry.
    Text(String),
    /// One of a few identifiers between which the sentence chooses: `client` or `server`.
    Name(&'static str),
    /// Another sentence that stands in this one: the id of its message, and its facts.
    Said(&'static str, Facts),
}

/// Which sentence is said of a thing, and what stands in it.
///
/// A thing (a rule, an operation) has one sentence by itself, and may have others for special cases, its *forms*.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    form: &'static str,
    values: Vec<(&'static str, Fact)>,
}

impl Facts {
    /// Nothing beyond the thing's own sentence.
    pub const NONE: Self = Self { form: "", values: Vec::new() };

    /// The sentence of this form, without values yet. [`facts!`](crate::facts) says the same with values.
    pub const fn form(form: &'static str) -> Self {
        Self { form, values: Vec::new() }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Fact>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// The form of the sentence; empty for the thing's own.
    pub const fn which(&self) -> &'static str {
        self.form
    }

    /// The values, by the names that the sentence knows them by.
    pub fn values(&self) -> &[(&'static str, Fact)] {
        &self.values
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.values.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// `facts!("form", missing, side = talk.side)`: a sentence's form and the values that stand in it.
#[macro_export]
macro_rules! facts {
    ($form:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::model::facts::Facts::form($form)$(.with(stringify!($name), $crate::facts!(@ $name $(= $value)?)))*
    };
    (@ $name:ident = $value:expr) => { $value };
    (@ $name:ident) => { $name };
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (name, value) in &self.values {
            match value {
                Fact::Number(number) => map.serialize_entry(name, number)?,
                Fact::Text(text) => map.serialize_entry(name, text)?,
                Fact::Name(id) => map.serialize_entry(name, id)?,
                Fact::Said(_, facts) => map.serialize_entry(name, facts)?,
            }
        }
        map.end()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => { $(
        impl From<$number> for Fact {
            fn from(number: $number) -> Self {
                Self::Number(number as u64)
            }
        }
    )* };
}

numbers!(u8 u16 u32 u64 usize);

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<char> for Fact {
    fn from(character: char) -> Self {
        Self::Text(character.into())
    }
}

impl From<Side> for Fact {
    fn from(side: Side) -> Self {
        Self::Name(side.id())
    }
}

impl From<Protocol> for Fact {
    fn from(protocol: Protocol) -> Self {
        Self::Name(protocol.id())
    }
}
