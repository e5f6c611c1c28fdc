//! Findings as sentences.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::{Value, Words, message_id};
use crate::model::dialect::Versions;
use crate::model::facts::{Fact, Facts};
use crate::model::rule::{Finding, Reaction, Rule, Severity};

impl Words {
    /// What these bytes have to do with the rule, in one line: the sentence that the finding's facts name, or the rule
    /// itself.
    pub fn finding(self, finding: &Finding) -> String {
        let facts = &finding.facts;
        if facts.which().is_empty() {
            let title = self.title(finding.rule);
            return if finding.severity() == Severity::Note {
                title.to_owned()
            } else {
                self.with("finding-broken", &[("title", title.into())])
            };
        }
        self.sentence(&message_id("finding", finding.rule.id()), facts)
    }

    /// The sentence that facts name, of the thing with this message id.
    pub fn sentence(self, id: &str, facts: &Facts) -> String {
        let values: Vec<(&str, Value<'_>)> =
            facts.values().iter().map(|(name, value)| (*name, self.fluent(value))).collect();
        match facts.which() {
            "" => self.with(id, &values),
            form => self.with(&format!("{id}.{form}"), &values),
        }
    }

    /// What an endpoint does when its peer breaks the rule, as a sentence.
    pub fn consequence(self, rule: Rule) -> String {
        // What a recording lacks, or how it was read, is nothing that an endpoint could answer.
        match rule.reaction() {
            Reaction::GoOn if rule.scope().is_recording() => self.text("consequence-recording").to_owned(),
            Reaction::GoOn => self.text("consequence-goes-on").to_owned(),
            Reaction::Close(code) => self.with("consequence-close", &[("code", code.to_string().into())]),
            Reaction::Refuse(status) => {
                self.with("consequence-refuse", &[("status", status.to_string().into())])
            }
            Reaction::Drop => self.text("consequence-drop").to_owned(),
        }
    }

    /// In which drafts a rule of the protocol binds, and from which on their texts say it without force; none of a rule
    /// that all versions have, or that is about something else.
    pub fn versions(self, rule: Rule) -> Option<String> {
        let versions = rule.versions();
        if versions == Versions::ALL {
            return None;
        }
        let (drafts, advised) = (versions.binding(), versions.advised());
        let form = match (drafts.first == drafts.last, advised < drafts.first) {
            (true, _) => "drafts-of-rule.one",
            (false, false) => "drafts-of-rule.range",
            (false, true) => "drafts-of-rule.advised",
        };
        let values = [
            ("first", drafts.first.to_string().into()),
            ("last", drafts.last.to_string().into()),
            ("advised", advised.to_string().into()),
        ];
        Some(self.with(form, &values))
    }

    /// A value of the wire as a sentence holds it: a word where it is empty, and as their numbers those characters that
    /// a terminal would obey or hide.
    pub fn wire(self, text: &str) -> Cow<'_, str> {
        let odd = |character: char| is_hidden(character) && !matches!(character, '\n' | '\t');
        if text.is_empty() {
            return self.text("finding-empty-value").into();
        }
        if !text.contains(odd) {
            return text.into();
        }
        let mut shown = String::with_capacity(text.len() + 8);
        for character in text.chars() {
            match u32::from(character) {
                number @ 0..0x80 if odd(character) => drop(write!(shown, "\\x{number:02x}")),
                number if odd(character) => drop(write!(shown, "\\u{{{number:x}}}")),
                _ => shown.push(character),
            }
        }
        shown.into()
    }

    /// A fact as Fluent takes it. Numbers are numbers, so that a sentence can choose between one and many.
    fn fluent(self, fact: &Fact) -> Value<'_> {
        match fact {
            // Fluent counts in floating point; beyond its whole numbers a number is only shown.
            Fact::Number(number) if *number < 1 << 53 => Value::from(*number),
            Fact::Number(number) => Value::from(number.to_string()),
            Fact::Text(text) => Value::from(self.wire(text)),
            Fact::Name(id) => Value::from(*id),
            Fact::Said(id, facts) => Value::from(self.sentence(id, facts)),
        }
    }
}

impl Words {
    /// A finding in one line, with its rule and section: `error: … [rfc6455.mask.client-must-mask, RFC 6455 section 5.1]`.
    pub fn finding_line(self, finding: &Finding) -> String {
        let (severity, said) = (self.severity(finding.severity()), self.finding(finding));
        format!("{severity}: {said} [{}, {}]", finding.rule.id(), self.section(finding.section()))
    }
}

/// Whether a character does something to a terminal or hides in it: controls, marks of the direction of writing,
/// characters without width that are no accents.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// In English: for logs and for errors that are passed on.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Words::english().finding_line(self))
    }
}

impl std::error::Error for Finding {}

#[cfg(test)]
impl Finding {
    /// In English.
    pub(crate) fn message(&self) -> String {
        Words::english().finding(self)
    }
}
