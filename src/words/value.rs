//! Values as a person reads them.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Words;
use crate::model::field::{Field, Value, hex};

impl Words {
    /// What a number of a field means: its name in a registry, or an explanation. None for values that say all by
    /// themselves.
    pub fn meaning(self, value: &Value) -> Option<&'static str> {
        match value {
            Value::Named(_, name) => Some(*name),
            Value::Meant(_, id) => Some(self.find(id).unwrap_or(*id)),
            _ => None,
        }
    }

    /// Fields as JSON holds them.
    pub const fn fields(self, fields: &[Field]) -> ToldFields<'_> {
        ToldFields(fields, self)
    }

    /// The value of a field in one line, its number written as the specification does: `0x0303 TLS 1.2`.
    pub fn field_value(self, field: &Field) -> Cow<'_, str> {
        match field.value {
            Value::Number(number) | Value::Named(number, _) | Value::Meant(number, _) if field.kind.hex => {
                let digits = field.bits.len().div_ceil(4) as usize;
                match self.meaning(&field.value) {
                    Some(meaning) => format!("0x{number:0digits$x} {meaning}").into(),
                    None => format!("0x{number:0digits$x}").into(),
                }
            }
            _ => self.value(&field.value),
        }
    }

    /// The value in one line: `1000 Normal Closure`, `"Hello"`, `81 05`. Empty where the field's parts say it.
    pub fn value(self, value: &Value) -> Cow<'_, str> {
        match value {
            Value::Group => "".into(),
            Value::Flag(flag) => (if *flag { "1" } else { "0" }).into(),
            Value::Number(number) => number.to_string().into(),
            Value::Named(number, _) | Value::Meant(number, _) => {
                format!("{number} {}", self.meaning(value).unwrap_or_default()).into()
            }
            Value::Text(text) => format!("{text:?}").into(),
            Value::Bytes(bytes) => hex(bytes).into(),
        }
    }
}

/// In English: for logs and for programs.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Words::english().value(self))
    }
}

/// Fields with their parts and words, for JSON.
#[derive(Clone, Copy, Debug)]
pub struct ToldFields<'a>(&'a [Field], Words);

impl Serialize for ToldFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|field| ToldField(field, self.1)))
    }
}

struct ToldField<'a>(&'a Field, Words);

impl Serialize for ToldField<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(field, words) = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", field.kind.id)?;
        map.serialize_entry("bits", &field.bits)?;
        match &field.value {
            Value::Group => map.serialize_entry("value", &())?,
            Value::Flag(flag) => map.serialize_entry("value", flag)?,
            Value::Number(number) | Value::Named(number, _) | Value::Meant(number, _) => {
                map.serialize_entry("value", number)?;
            }
            Value::Text(text) => map.serialize_entry("value", text)?,
            Value::Bytes(bytes) => map.serialize_entry("value", &hex(bytes))?,
        }
        if let Some(meaning) = words.meaning(&field.value) {
            map.serialize_entry("meaning", meaning)?;
        }
        map.serialize_entry("children", &words.fields(&field.children))?;
        map.end()
    }
}
