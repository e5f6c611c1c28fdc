//! A message taken apart: the field tree of its payload.

use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::spec::Document::{Rfc3629, Rfc6455, Rfc8259};
use crate::trace::conversation::Conversation;
use crate::trace::item::MessageKind;
use crate::trace::payload::PayloadReader;
use crate::trace::store::Store;
use crate::wire::close;

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $document:ident $section:literal;)*) => {
        $( #[doc = concat!("The field ", $label, ".")] pub(super) static $name: FieldKind =
            FieldKind::new($id, $label, $document.section($section)); )*

        /// The kinds of field in messages.
        pub static KINDS: &[&FieldKind] = &[ $( &$name, )* ];
    };
}

kinds! {
    MESSAGE "message" "Message" Rfc6455 "5.6";
    DATA "message-data" "Application data" Rfc6455 "5.6";
    TEXT "message-text" "Text" Rfc6455 "5.6";
    LINE "text-line" "Line" Rfc6455 "5.6";
    CHARACTER "text-character" "Character" Rfc3629 "3";
    OBJECT "json-object" "Object" Rfc8259 "4";
    MEMBER "json-member" "Member" Rfc8259 "4";
    NAME "json-name" "Name" Rfc8259 "4";
    ARRAY "json-array" "Array" Rfc8259 "5";
    STRING "json-string" "String" Rfc8259 "7";
    NUMBER "json-number" "Number" Rfc8259 "6";
    LITERAL "json-literal" "Literal name" Rfc8259 "3";
    SIGN "json-sign" "Structural character" Rfc8259 "2";
    SPACE "json-space" "Insignificant whitespace" Rfc8259 "2";
}

/// A larger message is one field without a value.
const MAX_TREE: usize = 1 << 20;

/// A larger text is not cut into lines.
const MAX_LINES: usize = 64 * 1024;

/// A larger text is not cut into characters.
const MAX_CHARACTERS: usize = 256;

/// Describes a message's payload in its own space ([`Space::Message`](super::Space::Message)); the leaves tile it. Of a
/// payload that does not inflate: what could be had of it. None where there is no such message.
///
/// A close message is its code and its reason. A text that is a JSON object or array is taken apart down to each value;
/// any other text into lines and characters, as long as it is short.
pub fn message_fields(
    talk: &Conversation,
    store: &Store,
    number: usize,
    reader: &mut PayloadReader,
) -> Option<Field> {
    let message = talk.messages.get(number)?;
    let kind = message.kind;
    let mut payload = Vec::new();
    let mut length = 0;
    // What went wrong is said by the one who reads the payload.
    let _ = reader.read(talk, store, number, &mut |piece| {
        length += piece.len() as u64;
        let room = MAX_TREE.saturating_sub(payload.len());
        payload.extend_from_slice(piece.get(..room).unwrap_or(piece));
    });
    let whole = BitRange::new(0, length.saturating_mul(8));
    if length > MAX_TREE as u64 {
        let part = if kind == MessageKind::Text { &TEXT } else { &DATA };
        return Some(Field::group(&MESSAGE, whole, vec![Field::leaf(part, whole, Value::Group)]));
    }
    let parts = match kind {
        _ if payload.is_empty() => Vec::new(),
        MessageKind::Close => close::fields(talk.protocol.dialect_or_latest(), &payload, 0),
        MessageKind::Text if message.coded => vec![Field::leaf(&DATA, whole, Value::Bytes(payload))],
        MessageKind::Text => match str::from_utf8(&payload) {
            Ok(text) => super::read_json(text).unwrap_or_else(|| vec![text_field(text)]),
            Err(_) => vec![Field::leaf(&DATA, whole, Value::Bytes(payload))],
        },
        MessageKind::Binary | MessageKind::Ping | MessageKind::Pong => {
            vec![Field::leaf(&DATA, whole, Value::Bytes(payload))]
        }
    };
    Some(Field::group(&MESSAGE, whole, parts))
}

fn text_field(text: &str) -> Field {
    let lines = text.split_inclusive('\n').count();
    let single = |character: bool| character && text.len() <= MAX_CHARACTERS;
    let children = if lines > 1 && text.len() <= MAX_LINES {
        let mut at = 0;
        let line = |line: &str| {
            let start = at;
            at += line.len();
            let children = if single(true) { characters(line, start) } else { Vec::new() };
            let value = Value::Text(line.trim_end_matches(['\r', '\n']).to_owned());
            Field { value, ..Field::group(&LINE, BitRange::bytes(start, at), children) }
        };
        text.split_inclusive('\n').map(line).collect()
    } else if single(text.chars().nth(1).is_some()) {
        characters(text, 0)
    } else {
        Vec::new()
    };
    Field {
        value: Value::Text(text.to_owned()),
        ..Field::group(&TEXT, BitRange::bytes(0, text.len()), children)
    }
}

/// The characters of a text that begins at the message's byte `start`.
fn characters(text: &str, start: usize) -> Vec<Field> {
    let character = |(at, character): (usize, char)| {
        let bits = BitRange::bytes(start + at, start + at + character.len_utf8());
        Field::leaf(&CHARACTER, bits, Value::Text(character.to_string()))
    };
    text.char_indices().map(character).collect()
}
