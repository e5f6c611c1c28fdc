//! All kinds of field and all rules by their stable ids, so that every id can be explained.

use crate::model::field::FieldKind;
use crate::model::rule::Rule;
use crate::{capture, trace, wire};

/// Every kind of field that an item, a message or a packet can be made of.
pub fn field_kinds() -> impl Iterator<Item = &'static FieldKind> {
    let groups = [
        wire::policy::KINDS,
        wire::http::KINDS,
        wire::handshake::KINDS,
        wire::frame::hixie::KINDS,
        wire::frame::hybi::KINDS,
        wire::close::KINDS,
        wire::deflate::stream::KINDS,
        wire::tls::KINDS,
        trace::KINDS,
        trace::MESSAGE_KINDS,
    ];
    groups.into_iter().flatten().copied().chain(wire::prelude::kinds()).chain(capture::layers::kinds())
}

/// What an id stands for.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// A kind of field.
    Field(&'static FieldKind),
    /// A rule.
    Rule(Rule),
}

/// What this id stands for.
pub fn find(id: &str) -> Option<Entry> {
    let field = || field_kinds().find(|kind| kind.id == id).map(Entry::Field);
    Rule::from_id(id).map(Entry::Rule).or_else(field)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::words::{Words, message_id};

    fn english() -> Words {
        Words::english()
    }

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let rules = Rule::ALL.iter().map(|rule| rule.id());
        let mut seen = HashSet::new();
        for id in field_kinds().map(|kind| kind.id).chain(rules) {
            assert!(seen.insert(id), "{id} is there twice");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
            assert!(!id.is_empty() && id.chars().all(plain), "{id}");
        }
    }

    #[test]
    fn everything_is_explained() {
        for kind in field_kinds() {
            let about = english().about(kind);
            assert!(!kind.name.is_empty() && about.ends_with(['.', '?']), "{}: {about}", kind.id);
            for part in ["why", "breaks"] {
                let id = format!("{}.{part}", message_id("field", kind.id));
                let text = english().find(&id).unwrap_or_else(|| panic!("no {id}"));
                assert!(text.ends_with(['.', '?']), "{id}: {text}");
            }
            assert!(kind.section.link().starts_with("https://"), "{}", kind.id);
        }
        for rule in Rule::ALL {
            assert!(!english().title(*rule).is_empty() && english().why(*rule).ends_with('.'), "{rule}");
        }
    }

    #[test]
    fn every_chapter_is_in_the_book() {
        let fields = field_kinds().map(|kind| kind.chapter);
        for page in fields.chain(Rule::ALL.iter().map(|rule| rule.scope().chapter())) {
            let path = format!("{}/book/src/{page}.md", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{page}");
        }
    }

    #[test]
    fn nothing_is_explained_that_does_not_exist() {
        let known: HashSet<String> = field_kinds()
            .map(|kind| message_id("field", kind.id))
            .chain(Rule::ALL.iter().map(|rule| message_id("rule", rule.id())))
            .collect();
        for id in english().ids().filter(|id| id.starts_with("field-") || id.starts_with("rule-")) {
            let message = id.split('.').next().unwrap_or(id);
            assert!(known.contains(message), "{id}");
        }
    }
}
