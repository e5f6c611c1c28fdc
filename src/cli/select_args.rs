//! What several commands take: which items are wanted, and how times are shown.

use clap::{Args, ValueEnum};

use super::Failure;
use super::zone;
use crate::analysis::filter::Filter;
use crate::view::clock::Clock;
use crate::words::Words;

/// Which items are wanted, and how their times are shown.
#[derive(Clone, Debug, Args)]
pub(super) struct Select {
    /// Only items that fit, of all conversations, and the messages they are part of, as in 'from:client opcode:text
    /// (Hello or /w.rld/i) -finding:any'. Terms: from: kind: opcode: text: hex: finding: message: masked: fin: size>
    /// size< size=, a word, /regex/; or, not, parentheses
    #[arg(long, value_name = "EXPR", default_value = "", hide_default_value = true)]
    pub(super) filter: Filter,
    /// Text: how times are shown
    #[arg(long, value_enum, value_name = "CLOCK", default_value_t)]
    pub(super) time: Time,
}

/// How times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Time {
    /// Seconds since the conversation's first item
    #[default]
    Relative,
    /// Seconds since the item shown before
    Delta,
    /// Date and time in UTC
    Utc,
    /// Date and time where this computer is
    Local,
    /// Seconds since 1970
    Epoch,
}

impl Time {
    /// The clock that shows times so.
    pub(super) fn clock(self, words: Words) -> Result<Clock, Failure> {
        Ok(match self {
            Self::Relative => Clock::Relative,
            Self::Delta => Clock::Delta,
            Self::Utc => Clock::Utc,
            Self::Local => Clock::Local(zone::local(words)?),
            Self::Epoch => Clock::Epoch,
        })
    }
}
