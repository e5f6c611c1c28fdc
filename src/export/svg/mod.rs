//! Figures as SVG: bit diagrams, ladders, derivations, the layers of a packet.
//!
//! A figure is a card that reads on any page, in light and in dark, and printed without colours. It is the same on
//! every machine: widths are those of wide fonts, so that nothing overflows in any other, and nothing in it depends on
//! a clock or on chance.

mod bits;
mod canvas;
mod derivation;
mod findings;
mod ladder;
mod layers;
mod theme;

pub use bits::bits;
pub use derivation::derivations;
pub use ladder::ladder;
pub use layers::layers;
pub use theme::{Theme, UnknownTheme};

use crate::trace::{Conversation, Store};
use crate::view::line::Line;
use crate::words::Words;

/// What a figure is called, and how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What the figure shows, in a few words: its heading and its accessible name.
    pub title: String,
    /// One line below the heading; empty for none.
    pub below: String,
    /// The ground it is drawn on.
    pub theme: Theme,
    /// The language of everything that is said.
    pub words: Words,
}

/// An item in a few words, for the line below a heading: `text, 7 bytes from the client, hixie-76`.
pub fn caption(talk: &Conversation, store: &Store, number: usize, words: Words) -> String {
    let Some(item) = talk.items.get(number) else { return String::new() };
    let kind = Line::new(words, talk, store, number, item).kind();
    let bytes = words.count("count-bytes", item.length);
    let values = [
        ("kind", kind.into()),
        ("bytes", bytes.into()),
        ("side", item.side.id().into()),
        ("protocol", talk.protocol.id().into()),
    ];
    words.with("figure-caption", &values)
}
