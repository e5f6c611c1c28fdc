//! Reads a header field by field, so that no bit is left out.

use crate::model::field::{BitRange, Field, FieldKind, Value};

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $document:ident $section:literal $($role:ident)? $(= $with:ident)?;)*) => {
        $( pub(super) static $name: $crate::model::field::FieldKind =
            $crate::model::field::FieldKind::new($id, $label, $document.section($section))
                $(.role($crate::model::field::Role::$role))?$( .$with() )?; )*

        /// The kinds of field that this file finds.
        pub(super) static KINDS: &[&$crate::model::field::FieldKind] = &[ $( &$name, )* ];
    };
}
pub(super) use kinds;

/// A place in a packet, and the fields up to it. What is asked for beyond the last byte reads as zeros and becomes
/// no field, so that a caller that looked at the length first loses nothing and one that did not cannot do harm.
///
/// A reader that is `quiet` keeps no fields: the same description of a header then finds what stands behind it, for the
/// many packets that nobody looks at.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Nothing behind this byte belongs to what is read now.
    limit: usize,
    /// In bits.
    at: u64,
    fields: Vec<Field>,
    quiet: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], quiet: bool) -> Self {
        Self { bytes, limit: bytes.len(), at: 0, fields: Vec::new(), quiet }
    }

    /// The place behind the last byte that may be read.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Nothing behind this place is read, until [`widen`](Self::widen).
    pub(super) fn narrow(&mut self, limit: usize) {
        self.limit = self.limit.min(limit).max(self.at());
    }

    /// The limit is this place again.
    pub(super) fn widen(&mut self, limit: usize) {
        self.limit = limit.min(self.bytes.len());
    }

    /// The place, in bytes.
    pub(super) fn at(&self) -> usize {
        (self.at / 8) as usize
    }

    /// All bytes of the packet.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes from the place on.
    pub(super) fn ahead(&self) -> &'a [u8] {
        self.bytes.get(self.at()..self.limit).unwrap_or_default()
    }

    /// Whether so many bytes are there.
    pub(super) fn has(&self, count: usize) -> bool {
        self.ahead().len() >= count
    }

    /// The next bytes, without going on.
    pub(super) fn peek<const N: usize>(&self) -> Option<[u8; N]> {
        self.ahead().first_chunk::<N>().copied()
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
        let bytes = range.byte_range();
        let Some(bytes) = self.bytes.get(bytes.clone()).filter(|_| bytes.end <= self.limit) else { return 0 };
        let whole = bytes.iter().fold(0u128, |sum, &byte| sum << 8 | u128::from(byte));
        let behind = (8 - range.end % 8) % 8;
        let number = ((whole >> behind) & ((1u128 << bits) - 1)) as u64;
        self.at = range.end;
        if !self.quiet {
            self.fields.push(Field::leaf(kind, range, value(number)));
        }
        number
    }

    pub(super) fn number(&mut self, kind: &'static FieldKind, bits: u64) -> u64 {
        self.valued(kind, bits, Value::Number)
    }

    /// The next `count` bytes, at most 8, as a number whose first byte is the lowest.
    pub(super) fn little(&mut self, kind: &'static FieldKind, count: usize) -> u64 {
        self.little_named(kind, count, |_| None)
    }

    /// The same as a number with a name.
    pub(super) fn little_named(
        &mut self,
        kind: &'static FieldKind,
        count: usize,
        name: impl FnOnce(u64) -> Option<&'static str>,
    ) -> u64 {
        let reversed = |number: u64| number.swap_bytes() >> (64 - count as u64 * 8);
        reversed(self.valued(kind, count as u64 * 8, |number| named(reversed(number), name)))
    }

    /// The next bits as a number with a name, or with the id `value-…` of a message that says what it means.
    pub(super) fn named(
        &mut self,
        kind: &'static FieldKind,
        bits: u64,
        name: impl FnOnce(u64) -> Option<&'static str>,
    ) -> u64 {
        self.valued(kind, bits, |number| named(number, name))
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
        let Some(bytes) = self.bytes.get(begin..end).filter(|_| end <= self.limit) else { return };
        self.at = end as u64 * 8;
        if !self.quiet {
            self.fields.push(Field::leaf(kind, BitRange::bytes(begin, end), Value::Text(show(bytes))));
        }
    }

    /// The next `count` bytes as they are; nothing where there are none.
    pub(super) fn opaque(&mut self, kind: &'static FieldKind, count: usize) {
        let begin = self.at();
        let end = begin + count;
        let Some(bytes) = self.bytes.get(begin..end).filter(|_| end <= self.limit) else { return };
        self.at = end as u64 * 8;
        if !self.quiet && count > 0 {
            let value = Value::Bytes(bytes.to_vec());
            self.fields.push(Field::leaf(kind, BitRange::bytes(begin, end), value));
        }
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self, kind: &'static FieldKind) {
        self.opaque(kind, self.ahead().len());
    }

    /// Puts the fields that `read` finds into one field.
    pub(super) fn group<T>(&mut self, kind: &'static FieldKind, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.quiet {
            return read(self);
        }
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

fn named(number: u64, name: impl FnOnce(u64) -> Option<&'static str>) -> Value {
    match name(number) {
        // The id of a message that explains the number, where it has no name.
        Some(id) if id.starts_with("value-") => Value::Meant(number, id),
        Some(name) => Value::Named(number, name),
        None => Value::Number(number),
    }
}

/// `00:1b:21:3c:9d:f8`.
pub(super) fn address(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.join(":")
}
