//! What a person types that is to stand in a head: names and values, checked before they are sent.

use super::is_token_byte;
use crate::facts;
use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// Why a text cannot stand in a head.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// No name: the text.
    Name(String),
    /// A character that no field's value may hold.
    Character(char),
    /// No colon.
    Colon,
}

impl Tells for FieldError {
    fn message_id(&self) -> &'static str {
        "error-header"
    }

    fn facts(&self) -> Facts {
        match self {
            Self::Name(text) => facts!("name", text = format!("{text:?}")),
            Self::Character(character) => facts!("character", character = format!("{character:?}")),
            Self::Colon => facts!("colon"),
        }
    }
}

display_in_english!(FieldError);

impl std::error::Error for FieldError {}

/// A name of a field or of a subprotocol (RFC 9110 section 5.6.2).
///
/// # Errors
/// Where it holds something else than a name consists of.
pub fn token(text: &str) -> Result<String, FieldError> {
    if !text.is_empty() && text.bytes().all(is_token_byte) {
        Ok(text.to_owned())
    } else {
        Err(FieldError::Name(text.to_owned()))
    }
}

/// What may stand behind a field's name: nothing that ends the line (RFC 9110 section 5.5).
///
/// # Errors
/// The character that cannot stand there.
pub fn field_value(text: &str) -> Result<String, FieldError> {
    match text.chars().find(|character| character.is_control() && *character != '\t') {
        Some(odd) => Err(FieldError::Character(odd)),
        None => Ok(text.to_owned()),
    }
}

/// A header field: `Name: value`.
///
/// # Errors
/// What is wrong with its form, its name or its value.
pub fn header(text: &str) -> Result<(String, String), FieldError> {
    let (name, value) = text.split_once(':').ok_or(FieldError::Colon)?;
    Ok((token(name)?, field_value(value.trim_start())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        assert_eq!(header("Cookie:  a=b; c"), Ok(("Cookie".to_owned(), "a=b; c".to_owned())));
        assert_eq!(header("X:"), Ok(("X".to_owned(), String::new())));
        for wrong in ["no colon", ": value", "a b: c", "Name: two\r\nlines"] {
            assert!(header(wrong).is_err(), "{wrong:?}");
        }
    }
}
