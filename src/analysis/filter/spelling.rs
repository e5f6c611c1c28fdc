//! How a filter is spelled: what ends a word, what joins words, what has to be quoted.

/// Whether a text can stand in a line as it is, without quotes.
pub(super) fn is_bare(text: &str) -> bool {
    let plain = |character: char| !ends_word(character) && !matches!(character, ':' | '"');
    !text.is_empty()
        && text.chars().all(plain)
        && !text.starts_with(['-', '/'])
        && word_operator(text).is_none()
        && !compares(text)
}

/// Puts a text into quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

pub(super) fn ends_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')')
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    And,
    Or,
    Not,
}

pub(super) fn word_operator(word: &str) -> Option<Operator> {
    [("and", Operator::And), ("or", Operator::Or), ("not", Operator::Not)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, operator)| operator)
}

/// Whether a word compares sizes: `size>125`.
fn compares(word: &str) -> bool {
    word.strip_prefix("size").is_some_and(|rest| rest.starts_with(['<', '>', '=']))
}
