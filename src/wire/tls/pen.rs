//! Writes fields over bytes, one behind the other, so that whatever the bytes say the fields tile them.

use super::kinds::{CUT, LENGTH, SURPLUS};
use crate::model::field::{BitRange, Field, FieldKind, Value};

/// Stands at a byte of a record, within the innermost structure that has been entered, and adds fields behind those
/// that are there. It never goes beyond the structure's end: what is cut is described as far as it goes.
pub(super) struct Pen<'a> {
    bytes: &'a [u8],
    from: usize,
    at: usize,
    end: usize,
    fields: Vec<Field>,
}

impl<'a> Pen<'a> {
    /// At the first byte of a record.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, from: 0, at: 0, end: bytes.len(), fields: Vec::new() }
    }

    /// How many bytes are left in this structure.
    pub(super) const fn left(&self) -> usize {
        self.end - self.at
    }

    /// The bytes that are left in this structure.
    pub(super) fn ahead(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    fn leaf(&mut self, kind: &'static FieldKind, length: usize, value: Value) {
        let bits = BitRange::bytes(self.at, self.at + length);
        self.at += length;
        self.fields.push(Field::leaf(kind, bits, value));
    }

    /// A number of `width` bytes, at most 8; where fewer are left, those as a cut field.
    fn read(&mut self, width: usize) -> Option<u64> {
        let bytes = self.ahead();
        let Some(number) = bytes.get(..width) else {
            self.rest(&CUT);
            return None;
        };
        Some(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The number in the next `width` bytes, which stay ahead; 0 where they are cut.
    pub(super) fn peek(&self, width: usize) -> usize {
        let bytes = self.ahead().get(..width).unwrap_or_default();
        bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    /// A number of `width` bytes.
    pub(super) fn number(&mut self, kind: &'static FieldKind, width: usize) -> Option<u64> {
        let number = self.read(width)?;
        self.leaf(kind, width, Value::Number(number));
        Some(number)
    }

    /// A number of `width` bytes with a name from a registry.
    pub(super) fn named(
        &mut self,
        kind: &'static FieldKind,
        width: usize,
        name: impl Fn(u64) -> Option<&'static str>,
    ) -> Option<u64> {
        let number = self.read(width)?;
        let value = name(number).map_or(Value::Number(number), |name| Value::Named(number, name));
        self.leaf(kind, width, value);
        Some(number)
    }

    /// The length of what follows, in `width` bytes; 0 where it is cut.
    pub(super) fn length(&mut self, width: usize) -> usize {
        self.number(&LENGTH, width).unwrap_or_default() as usize
    }

    /// `length` bytes, or as many as there are.
    pub(super) fn bytes(&mut self, kind: &'static FieldKind, length: usize) {
        let bytes = self.ahead();
        let bytes = bytes.get(..length).unwrap_or(bytes);
        if !bytes.is_empty() {
            self.leaf(kind, bytes.len(), Value::Bytes(bytes.to_vec()));
        }
    }

    /// `length` bytes, or as many as there are, as text where they are UTF-8.
    pub(super) fn text(&mut self, kind: &'static FieldKind, length: usize) {
        let bytes = self.ahead();
        let bytes = bytes.get(..length).unwrap_or(bytes);
        if !bytes.is_empty() {
            self.leaf(kind, bytes.len(), crate::wire::http::text_or_bytes(bytes));
        }
    }

    /// All that is left.
    pub(super) fn rest(&mut self, kind: &'static FieldKind) {
        self.bytes(kind, usize::MAX);
    }

    /// Bytes with their length in `width` bytes before them.
    pub(super) fn vector(&mut self, kind: &'static FieldKind, width: usize) {
        let length = self.length(width);
        self.bytes(kind, length);
    }

    /// A list with its length in `width` bytes before it: `item` is asked for one more until the list is full.
    /// Bytes behind the list stay for whoever comes next.
    pub(super) fn list(&mut self, width: usize, item: impl FnMut(&mut Self)) {
        let length = self.length(width);
        self.within(length, item);
    }

    /// Items until `length` bytes are used up.
    pub(super) fn within(&mut self, length: usize, mut item: impl FnMut(&mut Self)) {
        let outer = self.end;
        self.end = outer.min(self.at.saturating_add(length));
        while self.left() > 0 {
            let at = self.at;
            item(self);
            if self.at == at {
                self.rest(&SURPLUS);
            }
        }
        self.end = outer;
    }

    /// A structure of `length` bytes, or as many as there are. What `parts` leaves is surplus. Nothing is added where
    /// there are no bytes.
    pub(super) fn group(&mut self, kind: &'static FieldKind, length: usize, parts: impl FnOnce(&mut Self)) {
        if self.left().min(length) == 0 {
            return;
        }
        let end = self.end.min(self.at.saturating_add(length));
        let mut inner = Self { bytes: self.bytes, from: self.at, at: self.at, end, fields: Vec::new() };
        parts(&mut inner);
        self.at = end;
        self.fields.push(inner.into_group(kind));
    }

    /// The whole as one field; what is left is surplus.
    pub(super) fn into_group(mut self, kind: &'static FieldKind) -> Field {
        self.rest(&SURPLUS);
        let bits = BitRange::bytes(self.from, self.end);
        if self.fields.is_empty() {
            Field::leaf(kind, bits, Value::Group)
        } else {
            Field::group(kind, bits, self.fields)
        }
    }
}
