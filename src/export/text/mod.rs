//! Traces as text, for people.

mod draw;
mod words;

pub use draw::{WIDTH as DIAGRAM_WIDTH, diagram_text, unmasking_text};

use anstyle::{Ansi256Color, Color, Style};

use super::palette;
use crate::field::FieldKind;
use crate::rule::Severity;

/// Whether text is coloured. Colour never says what the text does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// No colour: the text and nothing else.
    pub const PLAIN: Self = Self { on: false };
    /// Escape sequences of ANSI terminals.
    pub const COLOUR: Self = Self { on: true };

    fn style(self, style: Style) -> Style {
        if self.on { style } else { Style::new() }
    }

    fn bold(self) -> Style {
        self.style(Style::new().bold())
    }

    fn dim(self) -> Style {
        self.style(Style::new().dimmed())
    }

    fn field(self, kind: &FieldKind) -> Style {
        let colour = Ansi256Color(palette::colour_of(kind).ansi);
        self.style(Style::new().fg_color(Some(Color::Ansi256(colour))))
    }

    fn severity(self, severity: Severity) -> Style {
        let colour = Ansi256Color(palette::severity_colour(severity).ansi);
        self.style(Style::new().bold().fg_color(Some(Color::Ansi256(colour))))
    }
}
