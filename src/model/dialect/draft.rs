//! Points in the line of drafts from hixie-75 to RFC 6455, and what holds from which point on.

use std::fmt;

use super::Dialect;

/// A draft, or RFC 6455 at the end of them, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Draft(u8);

impl Draft {
    /// draft-hixie-thewebsocketprotocol-75.
    pub const HIXIE_75: Self = Self(0);
    /// draft-hixie-thewebsocketprotocol-76; draft-ietf-hybi-thewebsocketprotocol-00 is the same text.
    pub const HIXIE_76: Self = Self(1);
    /// RFC 6455, behind draft-ietf-hybi-thewebsocketprotocol-17.
    pub const RFC6455: Self = Self(19);

    /// draft-ietf-hybi-thewebsocketprotocol with this number, 0 to 17; 0 is [`Draft::HIXIE_76`].
    pub const fn hybi(number: u8) -> Self {
        Self(if number > 17 { 18 } else { number + 1 })
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::HIXIE_75 => f.pad("hixie-75"),
            Self::HIXIE_76 => f.pad("hixie-76"),
            Self::RFC6455 => f.pad("RFC 6455"),
            Self(number) => f.pad(&format!("hybi-{:02}", number - 1)),
        }
    }
}

/// Drafts from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Drafts {
    /// The oldest.
    pub first: Draft,
    /// The newest.
    pub last: Draft,
}

impl Drafts {
    /// One draft alone.
    pub const fn only(draft: Draft) -> Self {
        Self { first: draft, last: draft }
    }

    /// The drafts from `first` to `last`.
    pub const fn new(first: Draft, last: Draft) -> Self {
        Self { first, last }
    }

    /// Whether the draft is one of these.
    pub fn contains(self, draft: Draft) -> bool {
        self.first <= draft && draft <= self.last
    }
}

impl fmt::Display for Drafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{} to {}", self.first, self.last)
    }
}

/// How much a rule counts in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// The texts say it, and do not say that it must be so, or what follows where it is not.
    Advised,
    /// The number on the wire stands for several drafts, and only the later of them bind: nobody can tell by the bytes
    /// whether the rule was broken. Endpoints do as the later drafts say.
    InPart,
    /// The rule binds.
    Binding,
}

/// The drafts that have a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    /// The drafts in which it binds.
    binding: Drafts,
    /// The first draft whose text says it, where that is older.
    advised: Draft,
}

impl Versions {
    /// Every version; also what is about something else than WebSocket.
    pub const ALL: Self = Self::between(Draft::HIXIE_75, Draft::RFC6455);
    /// hixie-75 alone.
    pub const HIXIE_75: Self = Self::between(Draft::HIXIE_75, Draft::HIXIE_75);
    /// hixie-76 alone.
    pub const HIXIE_76: Self = Self::between(Draft::HIXIE_76, Draft::HIXIE_76);
    /// The two versions with a type byte before each frame.
    pub const HIXIE: Self = Self::between(Draft::HIXIE_75, Draft::HIXIE_76);
    /// RFC 6455, and what builds on it.
    pub const RFC6455: Self = Self::between(Draft::RFC6455, Draft::RFC6455);

    /// The drafts from `first` to `last`.
    pub const fn between(first: Draft, last: Draft) -> Self {
        Self { binding: Drafts::new(first, last), advised: first }
    }

    /// From hybi-`number` to RFC 6455.
    pub const fn since(number: u8) -> Self {
        Self::between(Draft::hybi(number), Draft::RFC6455)
    }

    /// The same, and said without force in the texts from hybi-`number` on.
    #[must_use]
    pub const fn advised_since(mut self, number: u8) -> Self {
        self.advised = Draft::hybi(number);
        self
    }

    /// The drafts in which the rule binds.
    pub const fn binding(self) -> Drafts {
        self.binding
    }

    /// The first draft whose text says the rule, with force or without.
    pub const fn advised(self) -> Draft {
        self.advised
    }

    /// How much the rule counts in a version; none where the version does not have it.
    ///
    /// A version that ended as an RFC is judged by the RFC, whatever drafts had the same number.
    pub fn standing(self, dialect: &Dialect) -> Option<Standing> {
        let drafts = match dialect.drafts.last {
            Draft::RFC6455 => Drafts::only(Draft::RFC6455),
            _ => dialect.drafts,
        };
        if self.binding.contains(drafts.first) && self.binding.contains(drafts.last) {
            Some(Standing::Binding)
        } else if self.binding.contains(drafts.last) {
            Some(Standing::InPart)
        } else if self.advised <= drafts.last && drafts.last < self.binding.first {
            Some(Standing::Advised)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dialect::{HIXIE75, HIXIE76, HYBI7, HYBI8, RFC6455};

    #[test]
    fn drafts_have_an_order_and_names() {
        let names = [Draft::HIXIE_75, Draft::hybi(0), Draft::hybi(9), Draft::hybi(17), Draft::RFC6455];
        assert!(names.is_sorted());
        assert_eq!(
            names.map(|draft| draft.to_string()),
            ["hixie-75", "hixie-76", "hybi-09", "hybi-17", "RFC 6455"]
        );
        assert_eq!(Drafts::new(Draft::hybi(8), Draft::hybi(12)).to_string(), "hybi-08 to hybi-12");
    }

    #[test]
    fn a_rule_stands_in_the_versions_whose_drafts_have_it() {
        let all = [&HIXIE75, &HIXIE76, &HYBI7, &HYBI8, &RFC6455];
        let standing = |versions: Versions| all.map(|dialect| versions.standing(dialect));
        let binding = Some(Standing::Binding);
        assert_eq!(standing(Versions::ALL), [binding; 5]);
        assert_eq!(standing(Versions::HIXIE), [binding, binding, None, None, None]);
        assert_eq!(standing(Versions::since(14)), [None, None, None, None, binding]);
        assert_eq!(standing(Versions::since(9)), [None, None, None, Some(Standing::InPart), binding]);
        let advised = Some(Standing::Advised);
        assert_eq!(standing(Versions::since(15).advised_since(4)), [None, None, advised, advised, binding]);
    }
}
