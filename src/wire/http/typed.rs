//! What a person types that is to stand in a head: names and values, checked before they are sent.

use super::is_token_byte;

/// A name of a field or of a subprotocol (RFC 9110 section 5.6.2).
///
/// # Errors
/// One line that says what a name consists of.
pub fn token(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(is_token_byte) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no name: it consists of ASCII letters, digits and !#$%&'*+-.^_`|~"))
    }
}

/// What may stand behind a field's name: nothing that ends the line (RFC 9110 section 5.5).
///
/// # Errors
/// One line that names the character that cannot stand there.
pub fn field_value(text: &str) -> Result<String, String> {
    match text.chars().find(|character| character.is_control() && *character != '\t') {
        Some(odd) => Err(format!("{odd:?} cannot stand in a header field")),
        None => Ok(text.to_owned()),
    }
}

/// A header field: `Name: value`.
///
/// # Errors
/// One line that says what is wrong with its form, its name or its value.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
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
