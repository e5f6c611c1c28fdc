//! Values, characters and numbers as the inspector shows them.

use crate::model::field::{Field, Value, spaced_hex};
use crate::words::Words;

/// A value in at most `most` characters or bytes of it; `…` stands for the rest. A payload of a megabyte costs what is
/// shown of it.
pub(super) fn short(words: Words, field: &Field, most: usize) -> String {
    match &field.value {
        Value::Text(text) => match text.char_indices().nth(most) {
            Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
            None => format!("{text:?}"),
        },
        Value::Bytes(bytes) => match bytes.get(..most / 2) {
            Some(first) if bytes.len() > first.len() => format!("{}…", spaced_hex(first)),
            _ => spaced_hex(bytes),
        },
        _ => words.field_value(field).into_owned(),
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
    use crate::model::field::BitRange;

    #[test]
    fn values_are_cut() {
        let cut = |value: Value, most| {
            let field = Field::leaf(&crate::wire::close::REASON, BitRange::bytes(0, 2), value);
            short(Words::english(), &field, most)
        };
        assert_eq!(cut(Value::Text("Hello".into()), 5), "\"Hello\"");
        assert_eq!(cut(Value::Text("你好世界".into()), 2), "\"你好\"…");
        assert_eq!(cut(Value::Bytes(vec![1, 2, 3]), 6), "01 02 03");
        assert_eq!(cut(Value::Bytes(vec![1, 2, 3]), 4), "01 02…");
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
