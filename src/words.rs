//! The words of the interface and of the explanations, from the catalogue in `assets/words`.
//!
//! A language is a folder of [Fluent](https://projectfluent.org) files; a second language is a second folder and one
//! line in [`Language::ALL`]. A message is named by its id; an attribute stands behind a full stop: `field-fin.why`.
//! Ids of fields and rules become message ids by [`message_id`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::field::FieldKind;
use crate::rule::Rule;

mod languages;

pub use languages::Language;

/// A value that stands in a message's place `{ $name }`.
pub type Value<'a> = FluentValue<'a>;

/// The messages of one language.
struct Words {
    bundle: FluentBundle<FluentResource>,
    /// The messages and attributes without places, formatted once.
    plain: HashMap<String, String>,
}

static CURRENT: AtomicUsize = AtomicUsize::new(0);

static WORDS: LazyLock<Vec<Words>> = LazyLock::new(|| Language::ALL.iter().map(Words::load).collect());

/// Chooses the language by its place in [`Language::ALL`]; what is not there is ignored.
pub fn choose(language: usize) {
    if language < Language::ALL.len() {
        CURRENT.store(language, Ordering::Relaxed);
    }
}

/// The chosen language's place in [`Language::ALL`].
pub fn chosen() -> usize {
    CURRENT.load(Ordering::Relaxed)
}

fn current() -> Option<&'static Words> {
    WORDS.get(chosen())
}

/// The text of a message without places. One that does not exist is shown as its id.
pub fn text(id: &str) -> &'static str {
    find(id).unwrap_or_else(|| {
        debug_assert!(false, "the catalogue has no message `{id}`");
        // The few ids that could ever get here are not worth giving back.
        String::leak(id.to_owned())
    })
}

/// The text of a message without places, if there is one.
pub fn find(id: &str) -> Option<&'static str> {
    current()?.plain.get(id).map(String::as_str)
}

/// The text of a message with its places filled: `with("ladder-items", &[("count", 3.into())])`.
pub fn with(id: &str, values: &[(&str, Value<'_>)]) -> String {
    let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
    current().and_then(|words| words.format(id, Some(&args))).unwrap_or_else(|| text(id).to_owned())
}

/// The message id for the id of a field or a rule: full stops become underscores.
pub fn message_id(group: &str, id: &str) -> String {
    format!("{group}-{}", id.replace('.', "_"))
}

/// What a field is, in one sentence that a student understands.
pub fn about(kind: &FieldKind) -> &'static str {
    text(&message_id("field", kind.id))
}

/// Why a rule exists and what breaks without it, for a student.
pub fn why(rule: Rule) -> &'static str {
    text(&message_id("rule", rule.id()))
}

/// Every message and attribute id of the chosen language.
pub fn ids() -> impl Iterator<Item = &'static str> {
    current().into_iter().flat_map(|words| words.plain.keys().map(String::as_str))
}

impl Words {
    fn load(language: &Language) -> Self {
        let tag: LanguageIdentifier = language.tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is filled in would stand in copied text and in the names that screen readers read.
        bundle.set_use_isolating(false);
        let mut ids = Vec::new();
        for (name, source) in language.files {
            let resource =
                FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, errors)| {
                    debug_assert!(false, "assets/words/{}/{name}: {errors:?}", language.tag);
                    resource
                });
            ids.extend(ids_of(&resource));
            if let Err(errors) = bundle.add_resource(resource) {
                debug_assert!(false, "assets/words/{}/{name}: {errors:?}", language.tag);
            }
        }
        let mut words = Self { bundle, plain: HashMap::new() };
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
        assert_eq!(text("app-name"), "Framescope");
        assert_eq!(with("count-bytes", &[("count", 1.into())]), "1 byte");
        assert_eq!(with("count-bytes", &[("count", 5.into())]), "5 bytes");
        assert_eq!(find("there-is-no-such-message"), None);
        assert_eq!(message_id("rule", "rfc6455.length.minimal"), "rule-rfc6455_length_minimal");
    }

    #[test]
    fn no_message_is_empty() {
        for id in ids() {
            assert!(!text(id).trim().is_empty(), "{id}");
        }
    }
}
