//! Takes a message apart field by field, as far as its bytes go, so that no byte is left out.

use std::net::{IpAddr, SocketAddr};

use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::Finding;

use super::Target;

macro_rules! kinds {
    ($($name:ident $id:literal $label:literal $document:ident $section:literal;)*) => {
        $( pub(super) static $name: $crate::model::field::FieldKind = $crate::model::field::FieldKind::new(
            $id, $label, $crate::model::spec::Document::$document.section($section),
        ).chapter("proxies"); )*

        /// The kinds of field that messages of this protocol are made of.
        pub(super) static KINDS: &[&$crate::model::field::FieldKind] = &[ $( &$name, )* ];
    };
}
pub(super) use kinds;

/// Some bits of a byte: what they are, how many, and what they mean.
type Bits = (&'static FieldKind, u32, fn(u8) -> Value);

/// What reading a whole message found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// With places in bits of the message.
    pub(super) findings: Vec<Finding>,
    pub(super) source: Option<SocketAddr>,
    pub(super) destination: Option<Target>,
    /// What the exchange goes by: a command, a method, a status or a reply code.
    pub(super) code: u8,
}

/// A place in a message, and the fields up to it.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: Vec<Field>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    /// From this place of a larger message on, up to `end`.
    pub(super) fn part(&self, end: usize) -> Self {
        let end = end.clamp(self.at, self.bytes.len());
        Self { bytes: self.bytes.get(..end).unwrap_or_default(), at: self.at, fields: Vec::new() }
    }

    /// The place, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The bytes from the place on.
    pub(super) fn ahead(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next `length` bytes as a field with the value that `value` makes of them. None where fewer are there:
    /// nothing is taken then. No field where `length` is 0.
    pub(super) fn leaf(
        &mut self,
        kind: &'static FieldKind,
        length: usize,
        value: impl FnOnce(&[u8]) -> Value,
    ) -> Option<&'a [u8]> {
        let bytes = self.ahead().get(..length)?;
        if length > 0 {
            let bits = BitRange::bytes(self.at, self.at + length);
            self.fields.push(Field::leaf(kind, bits, value(bytes)));
        }
        self.at += length;
        Some(bytes)
    }

    /// The next `length` bytes, at most 8, as a number.
    pub(super) fn number(&mut self, kind: &'static FieldKind, length: usize) -> Option<u64> {
        self.leaf(kind, length, |bytes| Value::Number(big_endian(bytes))).map(big_endian)
    }

    /// The next byte as a number with a name.
    pub(super) fn named(
        &mut self,
        kind: &'static FieldKind,
        name: impl FnOnce(u8) -> &'static str,
    ) -> Option<u8> {
        let byte = *self.ahead().first()?;
        self.leaf(kind, 1, |_| Value::Named(u64::from(byte), name(byte)))?;
        Some(byte)
    }

    /// The next `length` bytes as text, or as bytes where they are none.
    pub(super) fn text(&mut self, kind: &'static FieldKind, length: usize) -> Option<&'a [u8]> {
        self.leaf(kind, length, crate::wire::http::text_or_bytes)
    }

    /// The next `length` bytes as an address: 4 or 16.
    pub(super) fn address(&mut self, kind: &'static FieldKind, length: usize) -> Option<IpAddr> {
        self.leaf(kind, length, |bytes| match ip(bytes) {
            Some(address) => Value::Text(address.to_string()),
            None => Value::Bytes(bytes.to_vec()),
        })
        .and_then(ip)
    }

    /// The next byte, cut into fields of these many bits, which are 8 together.
    pub(super) fn bits<const N: usize>(&mut self, parts: [Bits; N]) -> Option<u8> {
        let byte = *self.ahead().first()?;
        let mut start = self.at as u64 * 8;
        let mut left = 8;
        for (kind, width, value) in parts {
            left -= width;
            let part = (u32::from(byte) >> left & ((1 << width) - 1)) as u8;
            let end = start + u64::from(width);
            self.fields.push(Field::leaf(kind, BitRange::new(start, end), value(part)));
            start = end;
        }
        self.at += 1;
        Some(byte)
    }

    /// A field that was made elsewhere; the next place is behind it.
    pub(super) fn push(&mut self, field: Field) {
        self.at = field.bits.byte_range().end;
        self.fields.push(field);
    }

    /// What is left, as a field of this kind.
    pub(super) fn rest(&mut self, kind: &'static FieldKind) {
        let _ = self.leaf(kind, self.ahead().len(), |bytes| Value::Bytes(bytes.to_vec()));
    }

    /// The fields as one that begins at `start` bytes.
    pub(super) fn group(self, kind: &'static FieldKind, start: usize) -> Field {
        Field::group(kind, BitRange::bytes(start, self.at), self.fields)
    }

    /// The whole message: what is left goes into a field of the kind `rest`.
    pub(super) fn finish(mut self, kind: &'static FieldKind, rest: &'static FieldKind) -> Field {
        self.rest(rest);
        self.group(kind, 0)
    }
}

/// Up to 8 bytes as a number.
pub(super) fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

/// 4 or 16 bytes as an address.
pub(super) fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let four = || <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    let sixteen = || <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from);
    four().or_else(sixteen)
}

/// The byte at `at`, as a place.
pub(super) const fn byte(at: usize) -> BitRange {
    BitRange::bytes(at, at + 1)
}
