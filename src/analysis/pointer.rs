//! JSON pointers (RFC 6901): which value of a document is meant.

use std::str::FromStr;

use serde_json::Value;

use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// A place in a JSON document: `/items/0/id`. Empty for all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// A text is no JSON pointer: it does not begin with a slash, or a `~` stands before neither 0 nor 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointerError;

impl Tells for PointerError {
    fn message_id(&self) -> &'static str {
        "error-pointer"
    }

    fn facts(&self) -> Facts {
        Facts::NONE
    }
}

display_in_english!(PointerError);

impl std::error::Error for PointerError {}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let steps = text.strip_prefix('/').ok_or(PointerError)?.split('/');
        steps.map(unescaped).collect::<Option<_>>().map(Self).ok_or(PointerError)
    }
}

/// `~1` stands for a slash and `~0` for a tilde (section 3).
fn unescaped(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        match (part.strip_prefix('0'), part.strip_prefix('1')) {
            (Some(rest), _) => out.extend(['~'].into_iter().chain(rest.chars())),
            (_, Some(rest)) => out.extend(['/'].into_iter().chain(rest.chars())),
            _ => return None,
        }
    }
    Some(out)
}

impl Pointer {
    /// Takes the value out of a document; of a list, what follows moves up. Nothing happens where there is none.
    pub fn remove(&self, document: &mut Value) {
        let Some((last, path)) = self.0.split_last() else {
            *document = Value::Null;
            return;
        };
        let mut at = document;
        for step in path {
            let next = match at {
                Value::Object(map) => map.get_mut(step),
                Value::Array(list) => index(step).and_then(|index| list.get_mut(index)),
                _ => None,
            };
            let Some(next) = next else { return };
            at = next;
        }
        match at {
            Value::Object(map) => {
                map.remove(last);
            }
            Value::Array(list) => {
                if let Some(index) = index(last).filter(|index| *index < list.len()) {
                    list.remove(index);
                }
            }
            _ => {}
        }
    }
}

/// A number without a zero before it (section 4).
fn index(step: &str) -> Option<usize> {
    let digits = !step.is_empty() && step.bytes().all(|digit| digit.is_ascii_digit());
    if digits && (step == "0" || !step.starts_with('0')) { step.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_and_taken_out() {
        let without = |pointer: &str| {
            let mut document =
                json!({ "id": 7, "a/b": 1, "m~n": 2, "": 3, "list": [{ "at": 1, "x": 2 }, 5] });
            pointer.parse::<Pointer>().unwrap().remove(&mut document);
            document
        };
        let whole = without("/nothing/here");
        for (pointer, expected) in [
            ("/id", json!({ "a/b": 1, "m~n": 2, "": 3, "list": [{ "at": 1, "x": 2 }, 5] })),
            ("/a~1b", json!({ "id": 7, "m~n": 2, "": 3, "list": [{ "at": 1, "x": 2 }, 5] })),
            ("/m~0n", json!({ "id": 7, "a/b": 1, "": 3, "list": [{ "at": 1, "x": 2 }, 5] })),
            ("/", json!({ "id": 7, "a/b": 1, "m~n": 2, "list": [{ "at": 1, "x": 2 }, 5] })),
            ("/list/0/at", json!({ "id": 7, "a/b": 1, "m~n": 2, "": 3, "list": [{ "x": 2 }, 5] })),
            ("/list/1", json!({ "id": 7, "a/b": 1, "m~n": 2, "": 3, "list": [{ "at": 1, "x": 2 }] })),
            ("/list/01", whole.clone()),
            ("/list/9", whole.clone()),
            ("/id/x", whole),
            ("", Value::Null),
        ] {
            assert_eq!(without(pointer), expected, "{pointer}");
        }
        for wrong in ["id", "/a~", "/a~2"] {
            assert_eq!(wrong.parse::<Pointer>(), Err(PointerError), "{wrong}");
        }
    }
}
