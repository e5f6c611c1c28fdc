//! All kinds of field and all rules by their stable ids, so that every id can be explained.

use crate::field::FieldKind;
use crate::rule::Rule;
use crate::{capture, trace, wire};

/// Every kind of field that an item or a packet can be made of.
pub fn field_kinds() -> impl Iterator<Item = &'static FieldKind> {
    let groups = [
        wire::policy::KINDS,
        wire::http::KINDS,
        wire::handshake::KINDS,
        wire::frame::hixie::KINDS,
        wire::frame::hybi::KINDS,
        wire::close::KINDS,
        trace::KINDS,
    ];
    groups.into_iter().flatten().copied().chain(capture::layers::kinds())
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
            assert!(!kind.name.is_empty() && kind.about.ends_with(['.', '?']), "{}: {}", kind.id, kind.about);
            assert!(kind.section.link().starts_with("https://"), "{}", kind.id);
        }
        for rule in Rule::ALL {
            assert!(!rule.title().is_empty() && rule.why().ends_with('.'), "{rule}");
        }
    }
}
