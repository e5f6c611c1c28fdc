//! Why a text is not bytes.

use crate::capture::typed::HexError;
use crate::facts;
use crate::model::facts::{Fact, Facts};
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// Why a text is not bytes, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The line, from 1; none where the text has only one.
    pub line: Option<usize>,
    /// The character in the line, from 1.
    pub position: usize,
    /// What is in the way.
    pub problem: Problem,
}

/// What is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A character that is no digit and stands between no two bytes.
    NoDigit(char),
    /// A byte has one digit: before this place the other is missing.
    OneDigit,
    /// A number that is no byte.
    NoByte(String),
    /// A quote that nothing closes.
    Unclosed(char),
    /// A backslash and something that no language has behind it.
    Escape(String),
    /// A line of a dump whose offset does not count the bytes before it.
    Offset {
        /// The offset as it stands there.
        stands: String,
        /// The bytes before it.
        bytes: usize,
    },
    /// A dump begins anew, and what it holds are no packets with TCP.
    Again,
    /// A packet that another end sent than the first packet, or on another connection.
    OtherWay,
    /// Bytes that no packet carries stand between a packet's and those before: so many.
    Missing(u32),
    /// All packets are whole, and none carries a byte.
    NothingCarried,
    /// More than this many bytes, which is all that is taken.
    TooLong(usize),
}

impl Problem {
    /// The problem at this byte of a text.
    pub(super) fn at(self, text: &str, byte: usize) -> Unread {
        let text = text.trim_end();
        let before = text.get(..byte.min(text.len())).unwrap_or_default();
        let line = text.contains('\n').then(|| 1 + before.matches('\n').count());
        let position = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        Unread { line, position, problem: self }
    }
}

impl Unread {
    /// The error of hexadecimal digits, whose places are counted in characters of all of the text.
    pub(super) fn hex(text: &str, error: HexError) -> Self {
        let (problem, position) = match error {
            HexError::NoDigit { character, position } => (Problem::NoDigit(character), position),
            HexError::OneDigit { position } => (Problem::OneDigit, position),
        };
        let byte = text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
        problem.at(text, byte)
    }
}

impl Tells for Unread {
    fn message_id(&self) -> &'static str {
        "error-paste"
    }

    fn facts(&self) -> Facts {
        let position = self.position.to_string();
        let place = Fact::Said(
            "paste-place",
            match self.line {
                Some(line) => facts!("line", line = line.to_string(), position),
                None => facts!("position", position),
            },
        );
        match &self.problem {
            Problem::NoDigit(character) => facts!("no-digit", character = *character, place),
            Problem::OneDigit => facts!("one-digit", place),
            Problem::NoByte(number) => facts!("no-byte", number = number.as_str(), place),
            Problem::Unclosed(quote) => facts!("unclosed", quote = *quote, place),
            Problem::Escape(escape) => facts!("escape", escape = escape.as_str(), place),
            Problem::Offset { stands, bytes } => {
                facts!(
                    "offset",
                    stands = stands.as_str(),
                    count = *bytes,
                    expected = format!("{bytes:x}"),
                    place
                )
            }
            Problem::Again => facts!("again", place),
            Problem::OtherWay => facts!("other-way", place),
            Problem::Missing(count) => facts!("missing", count = *count, place),
            Problem::NothingCarried => facts!("nothing-carried"),
            Problem::TooLong(most) => facts!("too-long", most = most.to_string()),
        }
    }
}

display_in_english!(Unread);

impl std::error::Error for Unread {}
