//! The words of the interface and of the explanations, from the catalogue in `assets/words`.
//!
//! A language is a folder of [Fluent](https://projectfluent.org) files; a second language is a second folder and one
//! line in [`Language::ALL`]. A message is named by its id; an attribute stands behind a full stop: `field-fin.why`.
//! Ids of fields and rules become message ids by [`message_id`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::model::field::FieldKind;
use crate::model::rule::Rule;

mod derivation;
mod error;
mod finding;
mod languages;
mod number;
pub(crate) mod pseudo;
mod said;
mod value;

pub use derivation::Told;
pub(crate) use error::display_in_english;
pub(crate) use finding::is_hidden;
pub use languages::Language;
#[cfg(feature = "window")]
pub(crate) use number::separated;
pub use said::Said;
pub use value::ToldFields;

/// A value that stands in a message's place `{ $name }`.
pub type Value<'a> = FluentValue<'a>;

/// The words of one language. What a language does not have is said in English.
#[derive(Clone, Copy, Debug)]
pub struct Words(&'static Loaded);

/// The messages of one language.
struct Loaded {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
    /// The messages and attributes without places, formatted once.
    plain: HashMap<String, String>,
}

static WORDS: LazyLock<Vec<Loaded>> = LazyLock::new(|| {
    Language::ALL.iter().filter(|language| language.tag != Language::ENGLISH.tag).map(Loaded::load).collect()
});

static ENGLISH: LazyLock<Loaded> = LazyLock::new(|| Loaded::load(&Language::ENGLISH));

static PSEUDO: LazyLock<Loaded> = LazyLock::new(|| Loaded::load(&Language::PSEUDO));

impl Words {
    /// English: what everything is written in first.
    pub fn english() -> Self {
        Self(&ENGLISH)
    }

    /// A language that nobody speaks, made of the English words with marks around them: what is shown without marks
    /// does not come from the catalogue. For tests.
    pub fn pseudo() -> Self {
        Self(&PSEUDO)
    }

    /// The language with this tag, as in `en`. The pseudo language is not among those that are listed, and is there.
    pub fn of(tag: &str) -> Option<Self> {
        if tag == Language::PSEUDO.tag {
            return Some(Self::pseudo());
        }
        // English is there already: whatever others lack is said in it.
        if tag == Language::ENGLISH.tag {
            return Some(Self::english());
        }
        WORDS.iter().find(|words| words.tag == tag).map(Self)
    }

    /// Whether this is the language that nobody speaks.
    pub fn is_pseudo(self) -> bool {
        self.0.tag == Language::PSEUDO.tag
    }

    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The text of a message without places. One that does not exist is shown as its id.
    pub fn text(self, id: &str) -> &str {
        self.find(id).unwrap_or_else(|| {
            debug_assert!(false, "the catalogue has no message `{id}`");
            id
        })
    }

    /// The text of a message without places, if there is one.
    pub fn find(self, id: &str) -> Option<&'static str> {
        self.0.plain.get(id).or_else(|| ENGLISH.plain.get(id)).map(String::as_str)
    }

    /// The text of a message with its places filled: `with("ladder-items", &[("count", 3.into())])`.
    ///
    /// A number in the place `$count` chooses between one and many; `$shown` is the same number as a person reads it.
    pub fn with(self, id: &str, values: &[(&str, Value<'_>)]) -> String {
        let mut args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        if args.get("shown").is_none()
            && let Some(shown) = number::shown(self, values)
        {
            args.set("shown", shown);
        }
        let formatted = self.0.format(id, Some(&args)).or_else(|| ENGLISH.format(id, Some(&args)));
        formatted.unwrap_or_else(|| self.text(id).to_owned())
    }

    /// What a field is, in one sentence that a student understands.
    pub fn about(self, kind: &FieldKind) -> &'static str {
        self.find(&message_id("field", kind.id)).unwrap_or(kind.name)
    }

    /// A rule in one line.
    pub fn title(self, rule: Rule) -> &'static str {
        self.find(&format!("{}.title", message_id("rule", rule.id()))).unwrap_or(rule.id())
    }

    /// Why a rule exists and what breaks without it, for a student.
    pub fn why(self, rule: Rule) -> &'static str {
        self.find(&message_id("rule", rule.id())).unwrap_or(rule.id())
    }

    /// Every message and attribute id that this language has of its own.
    pub fn ids(self) -> impl Iterator<Item = &'static str> {
        self.0.plain.keys().map(String::as_str)
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.0.tag == other.0.tag
    }
}

impl Eq for Words {}

impl Default for Words {
    fn default() -> Self {
        Self::english()
    }
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// The message id for the id of a field or a rule: full stops become underscores.
pub fn message_id(group: &str, id: &str) -> String {
    format!("{group}-{}", id.replace('.', "_"))
}

impl Loaded {
    fn load(language: &Language) -> Self {
        let tag: LanguageIdentifier = language.tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is filled in would stand in copied text and in the names that screen readers read.
        bundle.set_use_isolating(false);
        let mut ids = Vec::new();
        for (name, source) in language.files {
            let resource =
                FluentResource::try_new(language.source(source)).unwrap_or_else(|(resource, errors)| {
                    debug_assert!(false, "assets/words/{}/{name}: {errors:?}", language.tag);
                    resource
                });
            ids.extend(ids_of(&resource));
            if let Err(errors) = bundle.add_resource(resource) {
                debug_assert!(false, "assets/words/{}/{name}: {errors:?}", language.tag);
            }
        }
        let mut words = Self { tag: language.tag, bundle, plain: HashMap::new() };
        let plain = ids.into_iter().map(|id| {
            let text = words.format(&id, None).unwrap_or_default();
            (id, text)
        });
        words.plain = plain.collect();
        words
    }

    /// The text of a message or attribute; none where it does not exist.
    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let (id, attribute) = id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)));
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        // What is missing is shown by its name; a test fails on it.
        let text: Cow<'_, str> = self.bundle.format_pattern(pattern, args, &mut Vec::new());
        Some(text.into_owned())
    }
}

fn ids_of(resource: &FluentResource) -> Vec<String> {
    resource
        .entries()
        .filter_map(|entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some(message),
            _ => None,
        })
        .flat_map(|message| {
            let id = message.id.name.to_owned();
            let attributes: Vec<String> =
                message.attributes.iter().map(|attribute| format!("{id}.{}", attribute.id.name)).collect();
            message.value.as_ref().map(|_| id).into_iter().chain(attributes)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_attributes_are_found() {
        let words = Words::english();
        assert_eq!(words.text("app-name"), "Framescope");
        assert_eq!(words.with("count-bytes", &[("count", 1.into())]), "1 byte");
        assert_eq!(words.with("count-bytes", &[("count", 5.into())]), "5 bytes");
        assert_eq!(words.find("there-is-no-such-message"), None);
        assert_eq!(message_id("rule", "rfc6455.length.minimal"), "rule-rfc6455_length_minimal");
    }

    #[test]
    fn no_message_is_empty() {
        let words = Words::english();
        for id in words.ids() {
            assert!(!words.text(id).trim().is_empty(), "{id}");
        }
    }
}
