//! Reads a header field by field, so that no bit is left out.

use crate::model::field::{BitRange, Field, FieldKind, Value};

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $document:ident $section:literal $($role:ident)?;)*) => {
        $( pub(super) static $name: $crate::model::field::FieldKind =
            $crate::model::field::FieldKind::new($id, $label, $document.section($section))
                $(.role($crate::model::field::Role::$role))?; )*

        /// The kinds of field that this file finds.
        pub(super) static KINDS: &[&$crate::model::field::FieldKind] = &[ $( &$name, )* ];
    };
}
pub(super) use kinds;

/// A place in a packet, and the fields up to it. What is asked for beyond the last byte reads as zeros and becomes
/// no field, so that a caller that looked at the length first loses nothing and one that did not cannot do harm.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: u64,
    fields: Vec<Field>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    /// The number of bytes of the packet.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The place, in bytes.
    pub(super) fn at(&self) -> usize {
        (self.at / 8) as usize
    }

    /// The bytes from the place on.
    pub(super) fn ahead(&self) -> &'a [u8] {
        self.bytes.get(self.at()..).unwrap_or_default()
    }

    pub(super) fn slice(&self, begin: usize, end: usize) -> &'a [u8] {
        self.bytes.get(begin..end).unwrap_or_default()
    }

    /// The next `bits` bits as a field, at most 64 of them, valued by `value`.
    pub(super) fn valued(
        &mut self,
        kind: &'static FieldKind,
        bits: u64,
        value: impl FnOnce(u64) -> Value,
    ) -> u64 {
        let range = BitRange::new(self.at, self.at + bits);
        let Some(bytes) = self.bytes.get(range.byte_range()) else { return 0 };
        let whole = bytes.iter().fold(0u128, |sum, &byte| sum << 8 | u128::from(byte));
        let behind = (8 - range.end % 8) % 8;
        let number = ((whole >> behind) & ((1u128 << bits) - 1)) as u64;
        self.at = range.end;
        self.fields.push(Field::leaf(kind, range, value(number)));
        number
    }

    pub(super) fn number(&mut self, kind: &'static FieldKind, bits: u64) -> u64 {
        self.valued(kind, bits, Value::Number)
    }

    /// The next bits as a number with a name, or with the id `value-…` of a message that says what it means.
    pub(super) fn named(
        &mut self,
        kind: &'static FieldKind,
        bits: u64,
        name: impl FnOnce(u64) -> Option<&'static str>,
    ) -> u64 {
        self.valued(kind, bits, |number| match name(number) {
            // The id of a message that explains the number, where it has no name.
            Some(id) if id.starts_with("value-") => Value::Meant(number, id),
            Some(name) => Value::Named(number, name),
            None => Value::Number(number),
        })
    }

    pub(super) fn flag(&mut self, kind: &'static FieldKind) -> bool {
        self.valued(kind, 1, |bit| Value::Flag(bit == 1)) == 1
    }

    /// The next `count` bytes as a field that `show` writes as text.
    pub(super) fn text(
        &mut self,
        kind: &'static FieldKind,
        count: usize,
        show: impl FnOnce(&[u8]) -> String,
    ) {
        let (begin, end) = (self.at(), self.at() + count);
        let Some(bytes) = self.bytes.get(begin..end) else { return };
        self.at = end as u64 * 8;
        self.fields.push(Field::leaf(kind, BitRange::bytes(begin, end), Value::Text(show(bytes))));
    }

    /// The next `count` bytes as they are; nothing where there are none.
    pub(super) fn opaque(&mut self, kind: &'static FieldKind, count: usize) {
        let begin = self.at();
        let Some(bytes) = self.bytes.get(begin..begin + count) else { return };
        self.at += count as u64 * 8;
        self.fields.extend(super::opaque(kind, begin, bytes));
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self, kind: &'static FieldKind) {
        self.opaque(kind, self.ahead().len());
    }

    /// Puts the fields that `read` finds into one field.
    pub(super) fn group<T>(&mut self, kind: &'static FieldKind, read: impl FnOnce(&mut Self) -> T) -> T {
        let (outer, begin) = (std::mem::take(&mut self.fields), self.at);
        let result = read(self);
        let children = std::mem::replace(&mut self.fields, outer);
        if self.at > begin {
            self.fields.push(Field::group(kind, BitRange::new(begin, self.at), children));
        }
        result
    }

    pub(super) fn finish(self) -> Vec<Field> {
        self.fields
    }
}
