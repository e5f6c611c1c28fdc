//! JSON (RFC 8259) as a field tree: every value, name, sign and space with its place.

use super::fields::{ARRAY, LITERAL, MEMBER, NAME, NUMBER, OBJECT, SIGN, SPACE, STRING};
use crate::model::field::{BitRange, Field, FieldKind, Value};

/// What is nested deeper is not taken apart.
const MAX_DEPTH: usize = 128;

/// A text with more fields than this is not taken apart.
const MAX_FIELDS: usize = 100_000;

/// Reads a text that is one JSON object or array, with spaces around it: the fields that tile it. None for every other
/// text, also for a string or a number alone, which anybody may say without meaning JSON; and for what is too deep or
/// has too many parts to be looked at.
pub(crate) fn read(text: &str) -> Option<Vec<Field>> {
    let mut reader = Reader { text, at: 0, fields: 0 };
    let mut parts = Vec::new();
    reader.space(&mut parts);
    if !matches!(reader.next()?, b'{' | b'[') {
        return None;
    }
    parts.push(reader.value(0)?);
    reader.space(&mut parts);
    (reader.at == text.len()).then_some(parts)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    fields: usize,
}

impl<'a> Reader<'a> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the next byte if it is this one.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    fn since(&self, start: usize) -> (BitRange, &'a str) {
        (BitRange::bytes(start, self.at), self.text.get(start..self.at).unwrap_or_default())
    }

    /// A value. Nested no deeper than [`MAX_DEPTH`].
    fn value(&mut self, depth: usize) -> Option<Field> {
        self.fields += 1;
        if depth > MAX_DEPTH || self.fields > MAX_FIELDS {
            return None;
        }
        match self.next()? {
            b'{' => self.list(&OBJECT, b'}', depth),
            b'[' => self.list(&ARRAY, b']', depth),
            b'"' => self.string(&STRING),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.literal(),
        }
    }

    /// An object or an array.
    fn list(&mut self, kind: &'static FieldKind, end: u8, depth: usize) -> Option<Field> {
        let start = self.at;
        let mut parts = Vec::new();
        self.sign(&mut parts);
        self.space(&mut parts);
        if self.next()? == end {
            self.sign(&mut parts);
            return Some(Field::group(kind, self.since(start).0, parts));
        }
        loop {
            parts.push(if end == b'}' { self.member(depth)? } else { self.value(depth + 1)? });
            self.space(&mut parts);
            match self.next()? {
                b',' => {
                    self.sign(&mut parts);
                    self.space(&mut parts);
                }
                last if last == end => {
                    self.sign(&mut parts);
                    return Some(Field::group(kind, self.since(start).0, parts));
                }
                _ => return None,
            }
        }
    }

    /// A name, a colon, a value. The member is called by its name.
    fn member(&mut self, depth: usize) -> Option<Field> {
        let start = self.at;
        let name = self.string(&NAME)?;
        let value = name.value.clone();
        let mut parts = vec![name];
        self.space(&mut parts);
        if self.next()? != b':' {
            return None;
        }
        self.sign(&mut parts);
        self.space(&mut parts);
        parts.push(self.value(depth + 1)?);
        Some(Field { value, ..Field::group(&MEMBER, self.since(start).0, parts) })
    }

    /// A string with its quotes.
    fn string(&mut self, kind: &'static FieldKind) -> Option<Field> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..=0x1F => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let (bits, text) = self.since(start);
        // An escape may name half a character, which no text can hold: then it is shown as it is written.
        let value = serde_json::from_str(text)
            .unwrap_or_else(|_| text.get(1..text.len() - 1).unwrap_or_default().to_owned());
        Some(Field::leaf(kind, bits, Value::Text(value)))
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                let digits = self.text.as_bytes().get(self.at + 1..self.at + 5)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 5;
            }
            _ => return None,
        }
        Some(())
    }

    /// A number (RFC 8259 section 6).
    fn number(&mut self) -> Option<Field> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        let (bits, text) = self.since(start);
        let value = text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number);
        Some(Field::leaf(&NUMBER, bits, value))
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.next(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn literal(&mut self) -> Option<Field> {
        let start = self.at;
        let rest = self.text.get(start..)?;
        let literal = ["true", "false", "null"].into_iter().find(|literal| rest.starts_with(literal))?;
        self.at += literal.len();
        Some(Field::leaf(&LITERAL, self.since(start).0, Value::Text(literal.to_owned())))
    }

    /// One of `{}[],:`.
    fn sign(&mut self, parts: &mut Vec<Field>) {
        self.at += 1;
        self.leaf(&SIGN, self.at - 1, parts);
    }

    /// Spaces and line ends, where there are some.
    fn space(&mut self, parts: &mut Vec<Field>) {
        let start = self.at;
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        if start < self.at {
            self.leaf(&SPACE, start, parts);
        }
    }

    fn leaf(&mut self, kind: &'static FieldKind, start: usize, parts: &mut Vec<Field>) {
        self.fields += 1;
        let (bits, text) = self.since(start);
        parts.push(Field::leaf(kind, bits, Value::Text(text.to_owned())));
    }
}
