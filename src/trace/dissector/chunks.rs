//! What follows a 101 that announces a chunked body, which no 101 may have: frames all the same, or chunks, where a server
//! passes what it means as frames through the code that writes its other bodies.

use super::shared::Link;
use super::{Cx, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::rule::Rule;

/// A chunk's size has no more digits than this: 64 bits.
const DIGITS: usize = 16;

/// The first bytes behind the head decide.
#[derive(Debug)]
pub(super) struct Chunks {
    link: Link,
}

impl Chunks {
    /// Chunks, or frames as they were agreed.
    pub(super) const fn or(link: Link) -> Self {
        Self { link }
    }

    pub(super) fn step(&self, cx: &mut Cx<'_>) -> Step {
        let mut buffer = [0; DIGITS + 2];
        let filled = cx.peek(cx.here.at, cx.here.hint, &mut buffer);
        let begun = &buffer[..filled];
        let digits = begun.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let size = begun.get(..digits).unwrap_or_default();
        match begun.get(digits..) {
            // A frame that begins with a hexadecimal digit has RSV2 set, or is of a kind that nobody starts with.
            Some([b'\r', b'\n', ..]) if digits > 0 => {
                let facts = facts!("chunks", size = &*String::from_utf8_lossy(size));
                cx.give_up(Rule::StreamUnparsed.says(BitRange::bytes(0, digits + 2), facts))
            }
            // Nothing yet, or the beginning of such a line.
            Some(rest)
                if digits <= DIGITS
                    && !decided(cx, filled)
                    && (rest.is_empty() || digits > 0 && rest == b"\r") =>
            {
                Step::Wait
            }
            _ => Step::To(cx.speak(self.link)),
        }
    }
}

/// Whether no more bytes follow those that are there: a gap does, or nothing.
fn decided(cx: &Cx<'_>, filled: usize) -> bool {
    cx.over() || cx.here.at + (filled as u64) < cx.stream().end()
}
