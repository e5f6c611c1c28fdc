//! Derivations: how a value that is not on the wire follows from bytes that are.
//!
//! A derivation is a list of steps. Each step names its inputs (bits of this item, bits of another item, the
//! result of an earlier step, or a constant of a specification), its operation, and its output. Where the wire
//! holds a value to compare with, the step carries it, and the first step that differs is the mistake.

use std::ops::Range;

use serde::Serialize;

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

/// One step of a derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The operation's stable id: `digits`, `spaces`, `divide`, `be32`, `concat`, `md5`, `sha1`, `base64`, `xor`,
    /// `length`, `inflate`, `utf8`.
    pub operation: &'static str,
    /// What is done, in words: `count the spaces of key 1`.
    pub label: String,
    /// What it is done to.
    pub inputs: Vec<Input>,
    /// The operation written out: `4146546015 ÷ 5 = 829309203`.
    pub shown: String,
    /// The result: text, a number in digits, or bytes in hex.
    pub output: String,
    /// What the wire holds where this result should be; none where nothing is to be compared.
    pub on_wire: Option<String>,
}

impl Step {
    /// Whether the wire holds something else than what follows.
    pub fn differs(&self) -> bool {
        self.on_wire.as_ref().is_some_and(|wire| *wire != self.output)
    }

    /// Where [`shown`](Self::shown) says the result: behind its last `=` or `→`. None where it does not.
    pub fn result_shown(&self) -> Option<Range<usize>> {
        let at = ["= ", "→ "].iter().filter_map(|sign| Some(self.shown.rfind(sign)? + sign.len())).max()?;
        let rest = self.shown.get(at..)?.strip_prefix(self.output.as_str())?;
        let ends = rest.is_empty() || rest.starts_with(' ');
        (ends && !self.output.is_empty()).then(|| at..at + self.output.len())
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Derivation {
    /// The stable id: `hixie76.answer`, `rfc6455.accept`, `frame.unmask`, `frame.length`, `hixie.length`,
    /// `deflate.inflate`, `utf8.decode`.
    pub id: &'static str,
    /// What follows, in words: `the hixie-76 answer`.
    pub title: &'static str,
    /// Where it is specified.
    #[serde(serialize_with = "section_text")]
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

fn section_text<S: serde::Serializer>(section: &Section, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(shown: &str, output: &str) -> Step {
        let (shown, output) = (shown.to_owned(), output.to_owned());
        Step { operation: "divide", label: String::new(), inputs: Vec::new(), shown, output, on_wire: None }
    }

    #[test]
    fn a_step_knows_whether_it_shows_its_result() {
        let told = |shown, output| {
            let step = step(shown, output);
            step.result_shown().and_then(|range| step.shown.get(range).map(str::to_owned))
        };
        assert_eq!(told("20 ÷ 5 = 4", "4").as_deref(), Some("4"));
        assert_eq!(told("20 = 00000014 in hexadecimal", "00000014").as_deref(), Some("00000014"));
        assert_eq!(told("1 = 2 → 12", "12").as_deref(), Some("12"));
        assert_eq!(told("20 ÷ 5 = 42", "4"), None);
        assert_eq!(told("ab ‖ cd", "abcd"), None);
        assert_eq!(told("a =", ""), None);
    }
}
