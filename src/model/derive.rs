//! Derivations: how a value that is not on the wire follows from bytes that are.
//!
//! A derivation is a list of steps. Each step names its inputs (bits of this item, bits of another item, the
//! result of an earlier step, or a constant of a specification), its operation, and its output. Where the wire
//! holds a value to compare with, the step carries it, and the first step that differs is the mistake.

use std::ops::Range;

use serde::Serialize;

use crate::model::facts::Facts;
use crate::model::field::BitRange;
use crate::model::spec::Section;

/// Which item a bit range belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemRef {
    /// The item that the derivation belongs to.
    This,
    /// The opening request of the same conversation.
    Request,
    /// The message's earlier frame, that many frames before this one.
    Earlier(u32),
}

/// Where a step takes a value from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Bits that are on the wire.
    Bits {
        /// The item that holds them.
        item: ItemRef,
        /// The bits of that item.
        bits: BitRange,
    },
    /// The output of an earlier step, counted from 0.
    Step(usize),
    /// A constant of a specification, by its name, such as the GUID.
    Constant(&'static str),
}

/// An operation written out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// What has no language: `4146546015 ÷ 5 = 829309203`. Empty where the label says it all.
    Formula(String),
    /// A sentence of the operation's, named by its form.
    Words(Facts),
    /// Several behind each other, with a space between two.
    Parts(Vec<Shown>),
}

impl From<String> for Shown {
    fn from(formula: String) -> Self {
        Self::Formula(formula)
    }
}

impl From<Facts> for Shown {
    fn from(words: Facts) -> Self {
        Self::Words(words)
    }
}

/// One step of a derivation. The catalogue says it in words: [`Words::step`](crate::words::Words::step),
/// [`Words::shown`](crate::words::Words::shown), [`Words::output`](crate::words::Words::output).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The operation's stable id: `digits`, `spaces`, `divide`, `be32`, `concat`, `md5`, `sha1`, `base64`, `xor`,
    /// `length`, `inflate`, `utf8`.
    pub operation: &'static str,
    /// What is done: `count the spaces of key 1`.
    pub label: Facts,
    /// What it is done to.
    pub inputs: Vec<Input>,
    /// The operation written out.
    pub shown: Shown,
    /// The result: text, a number in digits, or bytes in hex. Empty where the operation has none.
    pub output: String,
    /// What the wire holds where this result should be; none where nothing is to be compared.
    pub on_wire: Option<String>,
}

impl Step {
    /// Whether the wire holds something else than what follows.
    pub fn differs(&self) -> bool {
        self.on_wire.as_ref().is_some_and(|wire| *wire != self.output)
    }

    /// Which characters of its input the operation picks out, where it picks some.
    pub fn picks(&self) -> Option<fn(char) -> bool> {
        match self.operation {
            "digits" => Some(|character| character.is_ascii_digit()),
            "spaces" => Some(|character| matches!(character, ' ' | '␣')),
            _ => None,
        }
    }
}

/// How a value follows, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The stable id: `hixie76.answer`, `rfc6455.accept`, `frame.unmask`, `frame.uncover`, `frame.length`, `hixie.length`,
    /// `deflate.inflate`, `utf8.decode`. The catalogue says what follows
    /// ([`Words::derivation`](crate::words::Words::derivation)).
    pub id: &'static str,
    /// Where it is specified.
    pub section: Section,
    /// The bits of this item that the derivation is about.
    pub bits: BitRange,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Derivation {
    /// The first step whose result is not what the wire holds, counted from 0.
    pub fn first_difference(&self) -> Option<usize> {
        self.steps.iter().position(Step::differs)
    }
}

/// Where an operation that is written out says its result: behind its last `=` or `→`. None where it does not.
pub fn result_shown(shown: &str, output: &str) -> Option<Range<usize>> {
    let at = ["= ", "→ "].iter().filter_map(|sign| Some(shown.rfind(sign)? + sign.len())).max()?;
    let rest = shown.get(at..)?.strip_prefix(output)?;
    let ends = rest.is_empty() || rest.starts_with(' ');
    (ends && !output.is_empty()).then(|| at..at + output.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_found_where_it_is_shown() {
        let told = |shown: &'static str, output: &str| {
            result_shown(shown, output).and_then(|range| shown.get(range))
        };
        assert_eq!(told("20 ÷ 5 = 4", "4"), Some("4"));
        assert_eq!(told("20 = 00000014 in hexadecimal", "00000014"), Some("00000014"));
        assert_eq!(told("1 = 2 → 12", "12"), Some("12"));
        assert_eq!(told("20 ÷ 5 = 42", "4"), None);
        assert_eq!(told("ab ‖ cd", "abcd"), None);
        assert_eq!(told("a =", ""), None);
    }
}
