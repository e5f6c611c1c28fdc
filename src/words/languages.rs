//! The languages there are.

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
    "rules.ftl"
    "lessons.ftl"
);

impl Language {
    /// All of them; the first is used where none was chosen.
    pub const ALL: &'static [Self] = &[Self { tag: "en", name: "English", files: ENGLISH }];
}
