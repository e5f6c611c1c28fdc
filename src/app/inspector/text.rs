//! Values, characters and numbers as the inspector shows them.

use crate::model::field::{Value, spaced_hex};

/// A value in at most `most` characters or bytes of it; `…` stands for the rest. A payload of a megabyte costs what is
/// shown of it.
pub(super) fn short(value: &Value, most: usize) -> String {
    match value {
        Value::Text(text) => match text.char_indices().nth(most) {
            Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
            None => format!("{text:?}"),
        },
        Value::Bytes(bytes) => match bytes.get(..most / 2) {
            Some(first) if bytes.len() > first.len() => format!("{}…", spaced_hex(first)),
            _ => spaced_hex(bytes),
        },
        value => value.to_string(),
    }
}

/// What stands for a character: itself, or the picture of a control character; none where nothing can be seen.
/// A space is an open box here.
pub(super) fn picture(character: char) -> Option<char> {
    match character {
        ' ' => Some('␣'),
        character => crate::view::fit::picture(character),
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
        assert_eq!([7, 1_000, 1_048_576].map(crate::view::fit::with_commas), ["7", "1,000", "1,048,576"]);
    }

    #[test]
    fn what_cannot_be_seen_has_a_picture() {
        assert_eq!(
            ['A', ' ', '\r', '\u{202e}', '€'].map(picture),
            [Some('A'), Some('␣'), Some('␍'), None, Some('€')]
        );
    }
}
