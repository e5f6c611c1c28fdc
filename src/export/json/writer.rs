//! JSON, put together in one buffer: objects and arrays as they go, values of serde within them.

use std::io;

use serde::ser::{Serialize, SerializeMap};
use serde_json::ser::Formatter;

use crate::export::push;
use crate::trace::Timestamp;

/// Appends JSON to a buffer: on one line, or indented by two spaces as serde does it.
///
/// A key is given with the comma before it and the colon behind it, as in `,"from":`. So it is appended at once where
/// nothing is indented; a capture has a million objects of twenty keys.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    pretty: bool,
    depth: usize,
    /// Nothing stands yet in the object or array that was begun last.
    first: bool,
}

impl<'a> Writer<'a> {
    /// Appends to `out`; indented where `pretty` says so.
    pub(super) fn new(out: &'a mut Vec<u8>, pretty: bool) -> Self {
        Self { out, pretty, depth: 0, first: true }
    }

    /// What was written and is not yet handed on.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        self.out
    }

    #[inline]
    pub(super) fn begin_object(&mut self) {
        self.begin(b'{');
    }

    #[inline]
    pub(super) fn end_object(&mut self) {
        self.end(b'}');
    }

    #[inline]
    pub(super) fn begin_array(&mut self) {
        self.begin(b'[');
    }

    #[inline]
    pub(super) fn end_array(&mut self) {
        self.end(b']');
    }

    #[inline]
    fn begin(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.depth += 1;
        self.first = true;
    }

    #[inline]
    fn end(&mut self, bracket: u8) {
        self.depth -= 1;
        if self.pretty && !self.first {
            self.line();
        }
        self.out.push(bracket);
        self.first = false;
    }

    /// A key of an object, written as `,"key":`. Its value comes next.
    #[inline]
    pub(super) fn key(&mut self, key: &'static [u8]) {
        if !self.pretty && !self.first {
            self.out.extend_from_slice(key);
            return;
        }
        self.element();
        self.out.extend_from_slice(key.get(1..).unwrap_or_default());
        if self.pretty {
            self.out.push(b' ');
        }
    }

    /// The next element of an array comes next.
    #[inline]
    pub(super) fn element(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        if self.pretty {
            self.line();
        }
    }

    fn line(&mut self) {
        self.out.push(b'\n');
        self.out.extend(std::iter::repeat_n(b' ', 2 * self.depth));
    }

    #[inline]
    pub(super) fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    #[inline]
    pub(super) fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    #[inline]
    pub(super) fn number(&mut self, value: u64) {
        push::number(self.out, value);
    }

    /// A text that has nothing to escape: an identifier.
    #[inline]
    pub(super) fn id(&mut self, id: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(id.as_bytes());
        self.out.push(b'"');
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.push(b'"');
        push::json_text(self.out, text);
        self.out.push(b'"');
    }

    /// Two digits a byte, in quotes.
    pub(super) fn hex(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        push::hex(self.out, bytes);
        self.out.push(b'"');
    }

    /// Seconds since the epoch, in quotes: no number of JSON has so many digits.
    pub(super) fn time(&mut self, time: Timestamp, digits: u8) {
        self.out.push(b'"');
        push::seconds(self.out, time, digits);
        self.out.push(b'"');
    }

    /// Whatever serde can serialize.
    ///
    /// # Errors
    /// If the value says that it cannot be serialized; none of this crate does.
    pub(super) fn value(&mut self, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        let style = Style { pretty: self.pretty, depth: self.depth, empty: true };
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut *self.out, style))?;
        Ok(())
    }
}

/// The keys of an object that serde writes into one that is begun already.
pub(super) struct Entries<'a, 'b>(pub(super) &'a mut Writer<'b>);

impl SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Self::Error> {
        self.0.element();
        self.0.value(key).map_err(serde_json::Error::io)?;
        self.0.out.extend_from_slice(if self.0.pretty { b": " } else { b":" });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.0.value(value).map_err(serde_json::Error::io)
    }

    fn end(self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// How serde indents what stands inside of something that was indented already.
struct Style {
    pretty: bool,
    depth: usize,
    empty: bool,
}

impl Style {
    fn line(&self, out: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        if self.pretty { write!(out, "\n{:1$}", "", 2 * self.depth) } else { Ok(()) }
    }

    fn begin(&mut self, out: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        out.write_all(bracket)
    }

    fn end(&mut self, out: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if !self.empty {
            self.line(out)?;
        }
        self.empty = false;
        out.write_all(bracket)
    }

    fn next(&mut self, out: &mut (impl io::Write + ?Sized), first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }
}

impl Formatter for Style {
    fn begin_array<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.pretty { b": " } else { b":" })
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is written by hand, and what serde writes within it, looks as if serde had written all of it.
    #[test]
    fn it_is_what_serde_writes() {
        let inner = json!({ "a": [1, { "b": [] }, {}], "c": null });
        let whole = json!({ "n": 7, "rows": [true, inner, []], "text": "\"\\\n\u{1}ä", "z": {} });
        for pretty in [false, true] {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out, pretty);
            writer.begin_object();
            writer.key(b",\"n\":");
            writer.number(7);
            writer.key(b",\"rows\":");
            writer.begin_array();
            writer.element();
            writer.bool(true);
            writer.element();
            writer.value(&inner).unwrap();
            writer.element();
            writer.begin_array();
            writer.end_array();
            writer.end_array();
            Entries(&mut writer).serialize_entry("text", "\"\\\n\u{1}ä").unwrap();
            writer.key(b",\"z\":");
            writer.begin_object();
            writer.end_object();
            writer.end_object();
            let text = String::from_utf8(out).unwrap();
            let expected =
                if pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) };
            assert_eq!(text, expected.unwrap());
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), whole);
        }
    }
}
