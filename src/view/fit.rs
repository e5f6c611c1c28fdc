//! Text that fits: widths, cuts, wraps, and bytes made visible.
//!
//! What was recorded is written by strangers. Before it reaches a terminal everything that would move the cursor,
//! turn the direction of writing or hide itself becomes a visible escape.

use std::borrow::Cow;
use std::fmt::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(crate) use crate::words::is_hidden;

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    if is_plain(text.as_bytes()) { text.len() } else { text.width() }
}

/// Whether each byte is a character of ASCII that can be seen, or a space: a column each, and nothing to escape.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// How many columns a character takes.
pub(crate) fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Appends `count` spaces.
pub(crate) fn spaces(text: &mut String, count: usize) {
    const SOME: &str = "                                                                ";
    let mut left = count;
    while let Some(piece) = SOME.get(..left.min(SOME.len())).filter(|piece| !piece.is_empty()) {
        text.push_str(piece);
        left -= piece.len();
    }
}

/// Appends formatted text.
pub(crate) fn push(text: &mut String, shown: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(shown);
}

/// The text in the middle of `columns` columns; cut if it is longer.
pub(crate) fn centred(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let free = columns - width(&text);
    let mut line = String::with_capacity(text.len() + free);
    spaces(&mut line, free / 2);
    line.push_str(&text);
    spaces(&mut line, free - free / 2);
    line
}

/// The text in at most `columns` columns; `…` stands for what was cut off.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let kept = text.get(..fitting(text, columns - 1)).unwrap_or_default();
    Cow::Owned(format!("{kept}…"))
}

/// How many bytes of the text fit in `columns` columns; at least one character, so that cutting again and again ends.
fn fitting(text: &str, columns: usize) -> usize {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    // The width of a text is not the sum of its characters' widths: some change the one before them.
    let fits = ends.clone().take_while(|&end| text.get(..end).is_some_and(|part| width(part) <= columns));
    fits.last().or(ends.clone().next()).unwrap_or_default()
}

/// The text in lines of at most `columns` columns, broken at spaces; a word that is longer is broken with a hyphen.
/// Several spaces in a row stay as they are: the keys of hixie-76 are made of them.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for (number, word) in text.split(' ').enumerate() {
        let space = usize::from(number > 0 && !line.is_empty());
        if width(&line) + space + width(word) <= columns {
            line.push_str(if space == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.trim_end().is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line.clear();
        let mut rest = word;
        while width(rest) > columns && columns > 1 {
            let (piece, behind) = rest.split_at(fitting(rest, columns - 1));
            lines.push(format!("{piece}-"));
            rest = behind;
        }
        line.push_str(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The number; from five digits on with commas.
#[cfg(feature = "window")]
pub(crate) fn grouped(number: u64) -> String {
    if number < 10_000 { number.to_string() } else { with_commas(number) }
}

/// The number with commas: `1,048,576`.
#[cfg(feature = "window")]
pub(crate) fn with_commas(number: u64) -> String {
    crate::words::separated(number, ",")
}

/// What stands for a character; the picture of a space or a control character; none where nothing can be seen.
pub(crate) fn picture(character: char) -> Option<char> {
    match character {
        ..'\u{21}' => char::from_u32(0x2400 + character as u32),
        '\u{7f}' => Some('\u{2421}'),
        _ if is_hidden(character) || char_width(character) == 0 => None,
        _ => Some(character),
    }
}

fn push_visible(text: &mut String, character: char) {
    if is_hidden(character) {
        match character {
            '\0' => text.push_str("\\0"),
            '\t' | '\n' | '\r' => text.extend(character.escape_default()),
            ..'\u{80}' => push(text, format_args!("\\x{:02x}", character as u32)),
            _ => text.extend(character.escape_unicode()),
        }
    } else {
        text.push(character);
    }
}

/// The text with everything visible.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hidden) {
        let mut shown = String::with_capacity(text.len() + 8);
        text.chars().for_each(|character| push_visible(&mut shown, character));
        Cow::Owned(shown)
    } else {
        Cow::Borrowed(text)
    }
}

/// Bytes as text with everything visible: what is not UTF-8 as `\xff`.
pub(crate) fn visible_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| push_visible(&mut shown, character));
        for byte in chunk.invalid() {
            push(&mut shown, format_args!("\\x{byte:02x}"));
        }
    }
    shown
}

/// The beginning of a text in quotes, in at most `columns` columns. `whole` says that `bytes` is all of it; if not,
/// or if it does not fit, `…` stands behind the closing quote.
pub(crate) fn quoted(bytes: &[u8], whole: bool, columns: usize) -> String {
    // Most texts are plain: nothing has to be looked at twice.
    let room = columns.saturating_sub(3);
    if let Some(text) = plain_beginning(bytes, columns) {
        let fits = whole && text.len() == bytes.len() && text.len() + 2 <= columns;
        return if fits {
            format!("\"{text}\"")
        } else {
            format!("\"{}\"…", text.get(..room).unwrap_or(text))
        };
    }
    let bytes = if whole { bytes } else { without_cut_character(bytes) };
    let shown = visible_bytes(bytes);
    if whole && width(&shown) + 2 <= columns {
        return format!("\"{shown}\"");
    }
    let inner =
        if width(&shown) <= room { &shown } else { shown.get(..fitting(&shown, room)).unwrap_or_default() };
    format!("\"{inner}\"…")
}

/// As many first bytes as can be in so many columns, where all of these are plain.
fn plain_beginning(bytes: &[u8], columns: usize) -> Option<&str> {
    let start = bytes.get(..columns.max(1)).unwrap_or(bytes);
    if is_plain(start) { std::str::from_utf8(start).ok() } else { None }
}

/// The bytes without the beginning of a character at their end.
fn without_cut_character(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or(bytes),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("Extended payload length", 15), ["Extended", "payload length"]);
        assert_eq!(wrap("0 continuation", 7), ["0", "contin-", "uation"]);
        assert_eq!(wrap("opcode", 7), ["opcode"]);
        assert_eq!(wrap("", 7), [""; 0]);
        assert_eq!(wrap("a  b   c d", 9), ["a  b   c", "d"]);
    }

    #[test]
    fn quotes_hold_what_fits() {
        assert_eq!(quoted(b"Hello", true, 7), "\"Hello\"");
        assert_eq!(quoted(b"Hello", true, 6), "\"Hel\"…");
        assert_eq!(quoted(b"Hello", false, 80), "\"Hello\"…");
        assert_eq!(quoted("日本".as_bytes(), true, 5), "\"日\"…");
        assert_eq!(quoted(&"日本".as_bytes()[..5], false, 80), "\"日\"…");
        assert_eq!(quoted(b"a\x1b[2Jb\xff\0", true, 80), "\"a\\x1b[2Jb\\xff\\0\"");
        assert_eq!(quoted("\u{202e}abc".as_bytes(), true, 80), "\"\\u{202e}abc\"");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text: String, columns in 5..40usize) {
            let shown = visible(&text).into_owned();
            prop_assert!(width(&cut(&shown, columns)) <= columns);
            prop_assert_eq!(width(&centred(&shown, columns)), columns);
            prop_assert!(width(&quoted(text.as_bytes(), true, columns)) <= columns);
            prop_assert!(!shown.chars().any(char::is_control));
        }

        /// The short way of plain texts says what the long way says.
        #[test]
        fn plain_texts_are_quoted_alike(text in "[ -~]{0,30}", whole: bool, columns in 5..40usize) {
            let shown = visible_bytes(text.as_bytes());
            let room = columns - 3;
            let long = match whole && width(&shown) + 2 <= columns {
                true => format!("\"{shown}\""),
                false if width(&shown) <= room => format!("\"{shown}\"…"),
                false => format!("\"{}\"…", &shown[..fitting(&shown, room)]),
            };
            prop_assert_eq!(quoted(text.as_bytes(), whole, columns), long);
        }

        #[test]
        fn wrapping_loses_no_letter(text in "[a-z]{1,20}( [a-z]{1,20}){0,5}", columns in 3..30usize) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns), "{:?}", lines);
            let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
