//! What can be wrong with a compressed message.

use crate::facts;
use crate::model::facts::Facts;
use crate::model::rule::Rule;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// Why a message does not inflate, or should not have done so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// The bytes are no DEFLATE stream, or copy from before its beginning.
    Data,
    /// A copy looks back into bytes that were lost: see [`Inflater::forget`](super::Inflater::forget).
    Lost {
        /// How far back, in bytes.
        distance: u16,
    },
    /// A copy looks back further than the window that was agreed.
    Window {
        /// How far back, in bytes.
        distance: u16,
        /// The window, in bytes.
        window: u16,
    },
    /// A copy looks back into an earlier message, but the sender was to begin each with an empty window.
    Kept {
        /// How far back, in bytes.
        distance: u16,
        /// How many bytes of its own message stand before it.
        own: u64,
    },
    /// A zlib header (RFC 1950) stands before the DEFLATE stream.
    Header,
    /// The sender left the [`TAIL`](super::TAIL) on.
    TailLeft,
    /// The stream ends with BFINAL, and the 00 is missing that begins the block whose rest the receiver puts back.
    Final,
    /// The message ends in the middle of a block.
    Cut,
    /// The message is larger than this limit.
    Limit(u64),
}

impl InflateError {
    /// The rule that is broken.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Limit(_) => Rule::InflateLimit,
            _ => Rule::InflateFailed,
        }
    }
}

/// The window, in bits, that a copy from so far back takes.
fn bits(distance: u16) -> u64 {
    u64::from(u16::BITS - distance.saturating_sub(1).leading_zeros()).max(8)
}

impl Tells for InflateError {
    /// A finding of its rule says the same.
    fn message_id(&self) -> &'static str {
        match self {
            Self::Limit(_) => "finding-rfc7692_inflate_limit",
            _ => "finding-rfc7692_inflate_failed",
        }
    }

    fn facts(&self) -> Facts {
        match *self {
            Self::Data => facts!("data"),
            Self::Lost { distance } => facts!("lost", distance),
            Self::Window { distance, window } => {
                facts!("window", distance, window, needed = bits(distance), agreed = bits(window))
            }
            Self::Kept { distance, own } => facts!("kept", distance, own),
            Self::Header => facts!("header"),
            Self::TailLeft => facts!("tail-left"),
            Self::Final => facts!("final"),
            Self::Cut => facts!("cut"),
            Self::Limit(limit) => facts!("inflated", limit),
        }
    }
}

display_in_english!(InflateError);

impl std::error::Error for InflateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_takes_the_window_that_just_holds_it() {
        for (distance, needed) in [(1, 8), (256, 8), (257, 9), (512, 9), (513, 10), (600, 10), (1 << 15, 15)]
        {
            assert_eq!(bits(distance), needed, "{distance}");
        }
    }
}
