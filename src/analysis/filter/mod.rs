//! Filters: which items a list shows.
//!
//! A filter is one line. Terms that stand side by side must all hold; `or` needs one of its sides; `not` or `-` turns
//! the term behind it round; parentheses group.
//!
//! ```text
//! from:client opcode:text (Hello or /w[oö]rld/i) -finding:any
//! ```
//!
//! | file | what |
//! |---|---|
//! | `term` | the single terms, and when an item fits them |
//! | `chosen` | the items and messages that a filter wants, asked while a conversation is read |
//! | `parse` | a line becomes a filter, or says where it does not |

mod chosen;
mod parse;
mod spelling;
mod term;

use std::fmt;
use std::str::FromStr;

pub use chosen::Chosen;
pub use parse::FilterError;

use crate::trace::{Conversation, PayloadReader, Store};
use term::{Look, Term};

/// Examples of all terms, each with the id of the words that explain it.
pub const HELP: &[(&str, &str)] = &[
    ("Hello", "filter-help-word"),
    ("text:\"two words\"", "filter-help-text"),
    ("/colou?r/i", "filter-help-regex"),
    ("hex:48656c", "filter-help-hex"),
    ("from:client", "filter-help-from"),
    ("kind:frame", "filter-help-kind"),
    ("opcode:ping", "filter-help-opcode"),
    ("opcode:0x9", "filter-help-opcode-number"),
    ("finding:any", "filter-help-finding"),
    ("finding:rfc6455.mask", "filter-help-rule"),
    ("size>125", "filter-help-size"),
    ("message:3", "filter-help-message"),
    ("masked:yes", "filter-help-masked"),
    ("fin:no", "filter-help-fin"),
    ("from:server opcode:text", "filter-help-and"),
    ("opcode:ping or opcode:pong", "filter-help-or"),
    ("-opcode:pong", "filter-help-not"),
    ("from:client (kind:gap or kind:unparsed)", "filter-help-group"),
];

/// Says which items of a conversation are wanted. The empty line wants all.
///
/// It is read with [`FromStr`]; what [`Display`](fmt::Display) writes is read as the same filter again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    root: Option<Node>,
}

/// A filter, or a part of one. [`Node::all`] and [`Node::any`] see to it that no group stands in one of its own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Term(Term),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

impl Filter {
    /// Whether every item is wanted.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Whether item `number`, counted from 0, is wanted; never one that does not exist.
    ///
    /// `reader` is to be used for this conversation alone; asking in the order of items costs least, since a compressed
    /// message is inflated after those before it.
    pub fn matches(
        &self,
        talk: &Conversation,
        store: &Store,
        number: usize,
        reader: &mut PayloadReader,
    ) -> bool {
        let Some(item) = talk.items.get(number) else { return false };
        let mut look = Look::new(talk, store, number, item, reader);
        self.root.as_ref().is_none_or(|root| root.matches(&mut look))
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(line: &str) -> Result<Self, FilterError> {
        Ok(Self { root: parse::parse(line)? })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(f))
    }
}

impl Node {
    /// All of these must hold; none where there are none.
    fn all(nodes: Vec<Self>) -> Option<Self> {
        let flat = nodes.into_iter().flat_map(|node| match node {
            Self::All(inner) => inner,
            other => vec![other],
        });
        Self::group(flat.collect(), Self::All)
    }

    /// One of these must hold; none where there are none.
    fn any(nodes: Vec<Self>) -> Option<Self> {
        let flat = nodes.into_iter().flat_map(|node| match node {
            Self::Any(inner) => inner,
            other => vec![other],
        });
        Self::group(flat.collect(), Self::Any)
    }

    fn group(mut nodes: Vec<Self>, of: fn(Vec<Self>) -> Self) -> Option<Self> {
        if nodes.len() > 1 { Some(of(nodes)) } else { nodes.pop() }
    }

    fn matches(&self, look: &mut Look<'_>) -> bool {
        match self {
            Self::Term(term) => term.matches(look),
            Self::Not(node) => !node.matches(look),
            Self::All(nodes) => nodes.iter().all(|node| node.matches(look)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(look)),
        }
    }

    /// Writes it where a group needs parentheses: behind `-`, and of `or` inside terms that must all hold.
    fn fmt_inside(&self, f: &mut fmt::Formatter<'_>, grouped: bool) -> fmt::Result {
        if grouped { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Not(node) => {
                f.write_str("-")?;
                node.fmt_inside(f, matches!(**node, Self::All(_) | Self::Any(_)))
            }
            Self::All(nodes) => {
                for (at, node) in nodes.iter().enumerate() {
                    f.write_str(if at > 0 { " " } else { "" })?;
                    node.fmt_inside(f, matches!(node, Self::Any(_)))?;
                }
                Ok(())
            }
            Self::Any(nodes) => {
                for (at, node) in nodes.iter().enumerate() {
                    f.write_str(if at > 0 { " or " } else { "" })?;
                    node.fmt_inside(f, false)?;
                }
                Ok(())
            }
        }
    }
}
