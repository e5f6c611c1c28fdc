//! What stands behind a backslash.

use super::{Problem, Unread};

/// An escape that no language has.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where it stands in the string.
    at: usize,
    escape: String,
}

impl Wrong {
    /// The error where the string begins at this place of a text.
    pub(super) fn within(self, text: &str, at: usize) -> Unread {
        Problem::Escape(self.escape).at(text, at + self.at)
    }
}

/// Whether a word is one escape that stands for a byte: `\x81`, `\5`, `\u0081`.
pub(super) fn is_byte(word: &str) -> bool {
    let mut bytes = Vec::new();
    word.starts_with('\\')
        && word.matches('\\').count() == 1
        && unescape(word, &mut bytes).is_ok()
        && bytes.len() == 1
}

/// Appends the bytes that a string stands for. What is no escape stands for itself, in UTF-8.
///
/// `\x` has two digits as in Python and Rust, or one before what is no digit; `\u0081` is the byte 81 as in the binary
/// strings of JavaScript; digits of an octal number are at most three.
pub(super) fn unescape(raw: &str, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let mut at = 0;
    while let Some(rest) = raw.get(at..) {
        let Some(backslash) = rest.find('\\') else {
            out.extend_from_slice(rest.as_bytes());
            return Ok(());
        };
        let (before, escape) = rest.split_at(backslash);
        out.extend_from_slice(before.as_bytes());
        at += backslash;
        match one(escape, out) {
            Some(length) => at += length,
            None => return Err(Wrong { at, escape: escape.chars().take(2).collect() }),
        }
    }
    Ok(())
}

/// Appends what one escape stands for; its length.
fn one(escape: &str, out: &mut Vec<u8>) -> Option<usize> {
    let kind = escape.get(1..)?.chars().next()?;
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = escape.get(from..).unwrap_or_default();
        let end = digits.char_indices().take(most).find(|(_, c)| !c.is_digit(radix)).map(|(at, _)| at);
        let digits = digits.get(..end.unwrap_or_else(|| digits.len().min(most)))?;
        Some((u32::from_str_radix(digits, radix).ok()?, from + digits.len()))
    };
    let simple = match kind {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0C,
        'v' => 0x0B,
        'e' => 0x1B,
        '\\' | '\'' | '"' | '`' | '/' | '?' | '$' | ' ' => kind as u8,
        'x' | 'X' => {
            let (value, length) = digits(2, 2, 16)?;
            out.push(value as u8);
            return Some(length);
        }
        '0'..='7' => {
            let (value, length) = digits(1, 3, 8)?;
            out.push(u8::try_from(value).ok()?);
            return Some(length);
        }
        'u' if escape.get(2..)?.starts_with('{') => {
            let end = escape.get(..12).unwrap_or(escape).find('}')?;
            let character = char::from_u32(u32::from_str_radix(escape.get(3..end)?, 16).ok()?)?;
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(end + 1);
        }
        'u' | 'U' => {
            let most = if kind == 'u' { 4 } else { 8 };
            let (value, length) = digits(2, most, 16).filter(|(_, length)| *length == 2 + most)?;
            return Some(length + code_unit(value, escape.get(length..)?, out)?);
        }
        '\n' => return Some(2),
        '\r' => return Some(if escape.get(2..)?.starts_with('\n') { 3 } else { 2 }),
        _ => return None,
    };
    out.push(simple);
    Some(2)
}

/// Appends a code unit: a byte, or a character, for which two may be needed. How much of what follows was taken.
fn code_unit(value: u32, follows: &str, out: &mut Vec<u8>) -> Option<usize> {
    if let Ok(byte) = u8::try_from(value) {
        out.push(byte);
        return Some(0);
    }
    let low = || {
        let digits = follows.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok().filter(|low| (0xDC00..0xE000).contains(low))
    };
    let (value, taken) = match value {
        0xD800..0xDC00 => (0x1_0000 + ((value - 0xD800) << 10) + (low()? - 0xDC00), 6),
        value => (value, 0),
    };
    out.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
    Some(taken)
}
