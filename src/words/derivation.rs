//! Derivations as sentences.

use std::borrow::Cow;

use serde::Serialize;

use super::{Words, message_id};
use crate::model::derive::{Derivation, Input, Shown, Step};
use crate::model::field::BitRange;

impl Words {
    /// What follows, as a title: `the accept value`.
    pub fn derivation(self, derivation: &Derivation) -> &'static str {
        self.find(&message_id("derivation", derivation.id)).unwrap_or(derivation.id)
    }

    /// What a step does: `count the spaces of key 1`.
    pub fn step(self, step: &Step) -> String {
        self.sentence(&format!("step-{}", step.operation), &step.label)
    }

    /// A step's operation written out: `4146546015 ÷ 5 = 829309203`. Empty where [`step`](Self::step) says it all.
    pub fn shown(self, step: &Step) -> Cow<'_, str> {
        self.written_out(step.operation, &step.shown)
    }

    /// A step's result; a word where it has none. Where [`shown`](Self::shown) says it,
    /// [`result_shown`](crate::model::derive::result_shown) finds it.
    pub fn output(self, step: &Step) -> &str {
        if step.output.is_empty() { self.text("step-no-result") } else { &step.output }
    }

    /// The derivation with its words in it, for JSON.
    pub fn told(self, derivation: &Derivation) -> Told<'_> {
        let steps = derivation.steps.iter().map(|step| ToldStep {
            operation: step.operation,
            label: self.step(step),
            inputs: &step.inputs,
            shown: self.shown(step),
            output: self.output(step),
            on_wire: step.on_wire.as_deref(),
        });
        Told {
            id: derivation.id,
            title: self.derivation(derivation),
            section: derivation.section.to_string(),
            bits: derivation.bits,
            steps: steps.collect(),
        }
    }

    fn written_out<'a>(self, operation: &str, shown: &'a Shown) -> Cow<'a, str> {
        match shown {
            Shown::Formula(formula) => formula.into(),
            Shown::Words(facts) => self.sentence(&format!("shown-{operation}"), facts).into(),
            Shown::Parts(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.written_out(operation, part)).collect();
                parts.join(" ").into()
            }
        }
    }
}

/// A derivation and its words.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    id: &'static str,
    title: &'static str,
    section: String,
    bits: BitRange,
    steps: Vec<ToldStep<'a>>,
}

#[derive(Debug, Serialize)]
struct ToldStep<'a> {
    operation: &'static str,
    label: String,
    inputs: &'a [Input],
    shown: Cow<'a, str>,
    output: &'a str,
    on_wire: Option<&'a str>,
}
