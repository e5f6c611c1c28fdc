//! Numbers, counts and sections as people read them.

use std::borrow::Cow;

use super::{Value, Words};
use crate::model::rule::Severity;
use crate::model::spec::Section;

impl Words {
    /// So many of something, by the id of a message with a plural: `count("count-bytes", 65_536)` is `65,536 bytes`.
    pub fn count(self, id: &str, number: u64) -> String {
        self.with(id, &[("count", number.into()), ("shown", self.number(number).into())])
    }

    /// The number; from five digits on with separators: `4096`, `65,536`.
    pub fn number(self, number: u64) -> String {
        if number < 10_000 { number.to_string() } else { separated(number, self.text("number-separator")) }
    }

    /// Where something is specified: `RFC 6455 section 5.1`.
    pub fn section(self, section: Section) -> Cow<'static, str> {
        let document = section.document.name();
        if section.number.is_empty() {
            return document.into();
        }
        self.with("spec-section", &[("document", document.into()), ("number", section.number.into())]).into()
    }

    /// How bad a finding is, as the word that stands before it.
    pub fn severity(self, severity: Severity) -> &'static str {
        let id = match severity {
            Severity::Error => "label-error",
            Severity::Warning => "label-warning",
            Severity::Note => "label-note",
        };
        self.find(id).unwrap_or(severity.id())
    }
}

/// The number with separators between groups of three digits: `1,048,576`.
pub(crate) fn separated(number: u64, separator: &str) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    text
}

/// A count as a person reads it, for sentences that were given the count alone.
pub(super) fn shown(words: Words, values: &[(&str, Value<'_>)]) -> Option<String> {
    let count = values.iter().find(|(name, _)| *name == "count")?;
    match &count.1 {
        Value::Number(number) if number.value >= 0.0 && number.value.fract() == 0.0 => {
            Some(words.number(number.value as u64))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_from_five_digits_on() {
        let words = Words::english();
        assert_eq!(words.count("count-bytes", 1), "1 byte");
        assert_eq!(words.count("count-bytes", 4096), "4096 bytes");
        assert_eq!(words.count("count-bytes", 65_536), "65,536 bytes");
        assert_eq!(words.number(1_234_567), "1,234,567");
        assert_eq!(words.with("count-bytes", &[("count", 65_536.into())]), "65,536 bytes");
    }
}
