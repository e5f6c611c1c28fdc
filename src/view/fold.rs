//! How much of what is long is shown before the rest is folded and counted. Text, figures and window fold alike.

use std::borrow::Cow;

use super::fit;
use crate::words::Words;

/// How many lines of 16 bytes of a payload, a body or unparsed bytes are shown.
pub const LINES: usize = 4;

/// How many lines of 16 bytes of a hex dump are shown, which somebody asked for.
pub const DUMP_LINES: usize = 256;

/// How many steps of a derivation are shown.
pub const STEPS: usize = 24;

/// How many characters of what a step works on, and of what comes out, are shown.
pub const STEP_CHARACTERS: usize = 480;

/// So many items of a conversation are shown with their bits; those behind have a line each.
pub const ITEMS: u32 = 64;

/// So many of a kind are shown with their bits even behind those.
pub const OF_A_KIND: u32 = 4;

/// The text, or its beginning and how much there is more.
pub fn text(text: &str, most: usize, words: Words) -> Cow<'_, str> {
    // A character has a byte at least.
    let Some((end, _)) = text.char_indices().nth(most).filter(|_| text.len() > most) else {
        return Cow::Borrowed(text);
    };
    let (shown, rest) = text.split_at(end);
    let more = rest.chars().count();
    // A few characters take no more room than the words that say that they are missing.
    if more <= 32 {
        return Cow::Borrowed(text);
    }
    let more = words.count("count-more-characters", more as u64);
    Cow::Owned(format!("{} … {more}", fit::visible(shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_counted() {
        let words = Words::english();
        assert_eq!(text("Hello", 5, words), "Hello");
        assert_eq!(text(&"ä".repeat(40), 10, words), "ä".repeat(40));
        assert_eq!(text(&"ä".repeat(50), 10, words), format!("{} … 40 more characters", "ä".repeat(10)));
        assert_eq!(text(&"a".repeat(12_010), 10, words), "aaaaaaaaaa … 12,000 more characters");
    }
}
