//! Values, characters and numbers as the inspector shows them.

use crate::field::{Value, hex};

/// A value in at most `most` characters or bytes of it; `…` stands for the rest. A payload of a megabyte costs what is
/// shown of it.
pub(super) fn short(value: &Value, most: usize) -> String {
    match value {
        Value::Text(text) => match text.char_indices().nth(most) {
            Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
            None => format!("{text:?}"),
        },
        Value::Bytes(bytes) => match bytes.get(..most / 2) {
            Some(first) if bytes.len() > first.len() => format!("{}…", spaced(first)),
            _ => spaced(bytes),
        },
        value => value.to_string(),
    }
}

/// `37 fa 21 3d`
pub(super) fn spaced(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let mut text = String::with_capacity(digits.len() * 3 / 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 2 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A number with commas: `65,536`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What stands for a character: itself, or the picture of a control character; none where nothing can be seen.
pub(super) fn picture(character: char) -> Option<char> {
    match character {
        ' ' => Some('␣'),
        ..'\u{21}' => char::from_u32(0x2400 + character as u32),
        '\u{7f}' => Some('\u{2421}'),
        _ if character.is_control() || unicode_width::UnicodeWidthChar::width(character) == Some(0) => None,
        // Marks of the direction of writing would turn what stands beside them.
        '\u{ad}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut() {
        assert_eq!(short(&Value::Text("Hello".into()), 5), "\"Hello\"");
        assert_eq!(short(&Value::Text("你好世界".into()), 2), "\"你好\"…");
        assert_eq!(short(&Value::Bytes(vec![1, 2, 3]), 6), "01 02 03");
        assert_eq!(short(&Value::Bytes(vec![1, 2, 3]), 4), "01 02…");
        assert_eq!([7, 1_000, 1_048_576].map(grouped), ["7", "1,000", "1,048,576"]);
    }

    #[test]
    fn what_cannot_be_seen_has_a_picture() {
        assert_eq!(
            ['A', ' ', '\r', '\u{202e}', '€'].map(picture),
            [Some('A'), Some('␣'), Some('␍'), None, Some('€')]
        );
    }
}
