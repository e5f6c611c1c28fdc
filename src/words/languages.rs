//! The languages there are.

use super::pseudo;

/// A language: the folder `assets/words/TAG`.
#[derive(Debug)]
pub struct Language {
    /// The language tag, as in `en`.
    pub tag: &'static str,
    /// The language's own name for itself.
    pub name: &'static str,
    /// The files with their text.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! files {
    ($tag:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/words/", $tag, "/", $name))),)*]
    };
}

/// In the order in which they are read.
const ENGLISH: &[(&str, &str)] = files!("en":
    "app.ftl"
    "panels.ftl"
    "commands.ftl"
    "ladder.ftl"
    "inspector.ftl"
    "explanation.ftl"
    "composer.ftl"
    "live.ftl"
    "captures.ftl"
    "fields.ftl"
    "encapsulation.ftl"
    "tls.ftl"
    "prelude.ftl"
    "rules.ftl"
    "findings.ftl"
    "layers.ftl"
    "derivations.ftl"
    "errors.ftl"
    "lessons.ftl"
    "text.ftl"
    "cli.ftl"
    "figures.ftl"
    "failures.ftl"
);

impl Language {
    /// The language that everything is written in first.
    pub const ENGLISH: Self = Self { tag: "en", name: "English", files: ENGLISH };

    /// English with marks, for tests ([`Words::pseudo`](super::Words::pseudo)).
    pub(super) const PSEUDO: Self = Self { tag: "en-XA", name: "[Ẽñĝļíšĥ]", files: ENGLISH };

    /// All that a person can choose; the first is used where none was chosen.
    pub const ALL: &'static [Self] = &[Self::ENGLISH];

    /// The text of one of its files.
    pub(super) fn source(&self, text: &str) -> String {
        if self.tag == Self::PSEUDO.tag { pseudo::marked(text) } else { text.to_owned() }
    }
}
