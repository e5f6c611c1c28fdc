//! The field tree: what every view draws.
//!
//! A [`Field`] is a named range of bits of one item, with a typed value. The children of a field tile it
//! exactly: no bit is left out and none is covered twice ([`Field::tiles`]). An item's tree is one field
//! that spans the item, so its leaves tile the whole item.

use std::fmt;
use std::ops::Range;

use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::model::spec::Section;

/// A half-open range of bits, counted from the item's first bit, the most significant bit of a byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BitRange {
    /// The first bit.
    pub start: u64,
    /// The bit after the last.
    pub end: u64,
}

impl BitRange {
    /// The bits `start..end`.
    pub const fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// The bits of the bytes `start..end` of an item.
    pub const fn bytes(start: usize, end: usize) -> Self {
        Self { start: start as u64 * 8, end: end as u64 * 8 }
    }

    /// The number of bits.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether there is no bit in it.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The bytes that hold these bits, whole or in part.
    pub const fn byte_range(self) -> Range<usize> {
        (self.start / 8) as usize..self.end.div_ceil(8) as usize
    }

    /// The same range `bits` later.
    #[must_use]
    pub const fn shifted(self, bits: u64) -> Self {
        Self { start: self.start + bits, end: self.end + bits }
    }

    /// Whether both have a bit in common, or one without bits stands between two bits of the other.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether all of `other` lies inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The values of these bits in an item's `bytes`, each with its number, as far as the bytes go.
    pub fn of(self, bytes: &[u8]) -> impl Iterator<Item = (u64, bool)> {
        (self.start..self.end).map_while(|bit| {
            let byte = bytes.get(usize::try_from(bit / 8).ok()?)?;
            Some((bit, byte >> (7 - bit % 8) & 1 == 1))
        })
    }
}

impl fmt::Display for BitRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl Serialize for BitRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.start)?;
        pair.serialize_element(&self.end)?;
        pair.end()
    }
}

/// What a field is, apart from any value: its stable id, its name, where it is specified. What it means
/// stands in the catalogue ([`Words::about`](crate::words::Words::about)).
///
/// Each is one `static` beside the parser that finds the field; [`view::catalogue`](crate::view::catalogue) lists all
/// of them.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldKind {
    /// The stable identifier, unique over all kinds: `fin`, `masking-key`.
    pub id: &'static str,
    /// The name as the specification writes it: `FIN`, `Masking-key`.
    pub name: &'static str,
    /// The section that defines it.
    pub section: Section,
    /// What part it plays: fields that play the same part have one colour in every view.
    pub role: Role,
    /// The page of the book that tells more.
    pub chapter: &'static str,
    /// The specification writes its numbers in hexadecimal, with all their digits.
    pub hex: bool,
}

impl FieldKind {
    /// A kind that plays no part of its own, told about where the book tells of the layers around a stream.
    pub const fn new(id: &'static str, name: &'static str, section: Section) -> Self {
        Self { id, name, section, role: Role::Other, chapter: "layers", hex: false }
    }

    /// The same with a part to play.
    #[must_use]
    pub const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// The same, told about on this page of the book.
    #[must_use]
    pub const fn chapter(self, chapter: &'static str) -> Self {
        Self { chapter, ..self }
    }

    /// The same with numbers in hexadecimal.
    #[must_use]
    pub const fn hex(self) -> Self {
        Self { hex: true, ..self }
    }
}

/// What part a field plays in its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// None of these: any fixed colour will do.
    Other,
    /// The bit that an item begins with: FIN, and the high bit of a hixie type.
    First,
    /// Reserved bits.
    Reserved,
    /// The number that says what an item is.
    Kind,
    /// A bit or byte that changes how what follows is read, or ends it.
    Mark,
    /// A length.
    Length,
    /// A length that is written in more bytes.
    LongLength,
    /// A key.
    Key,
    /// The data for which all else is there.
    Data,
    /// The header of a link.
    Link,
    /// The header of IP.
    Network,
    /// The header of TCP.
    Transport,
}

/// A field's value. The catalogue says it in words ([`Words::value`](crate::words::Words::value)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// No value of its own: the children say it.
    Group,
    /// One bit.
    Flag(bool),
    /// An unsigned number.
    Number(u64),
    /// A number with a name from a registry: opcode 1 is `text`, close code 1000 is `Normal Closure`.
    Named(u64, &'static str),
    /// A number that has no name, with the id of the message that says what it means: close code 4000 is for private
    /// use.
    Meant(u64, &'static str),
    /// Characters.
    Text(String),
    /// Bytes that are no text. Of a masked payload: unmasked.
    Bytes(Vec<u8>),
}

/// A named bit range of an item, with its value and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is.
    pub kind: &'static FieldKind,
    /// Where it is, in bits of the item.
    pub bits: BitRange,
    /// What it holds.
    pub value: Value,
    /// Its parts in order; empty, or tiling `bits` exactly.
    pub children: Vec<Field>,
    /// Of an item's own field, where a mask covers some of the bytes: all of them with the mask taken off.
    pub clear: Option<Box<[u8]>>,
}

impl Field {
    /// A field without parts.
    pub fn leaf(kind: &'static FieldKind, bits: BitRange, value: Value) -> Self {
        Self { kind, bits, value, children: Vec::new(), clear: None }
    }

    /// A field that is made of `children`, spanning them.
    pub fn group(kind: &'static FieldKind, bits: BitRange, children: Vec<Field>) -> Self {
        Self { kind, bits, value: Value::Group, children, clear: None }
    }

    /// Whether the children tile this field exactly, and so on down to the leaves.
    pub fn tiles(&self) -> bool {
        if self.children.is_empty() {
            return true;
        }
        let mut at = self.bits.start;
        for child in &self.children {
            if child.bits.start != at || child.bits.end < child.bits.start {
                return false;
            }
            at = child.bits.end;
        }
        at == self.bits.end && self.children.iter().all(Field::tiles)
    }

    /// The fields without parts, in order.
    pub fn leaves(&self) -> Vec<&Field> {
        let mut leaves = Vec::new();
        let mut stack = vec![self];
        while let Some(field) = stack.pop() {
            if field.children.is_empty() {
                leaves.push(field);
            } else {
                stack.extend(field.children.iter().rev());
            }
        }
        leaves
    }

    /// The first field with this id, depth first.
    pub fn find(&self, id: &str) -> Option<&Field> {
        if self.kind.id == id {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(id))
    }
}

/// Bytes as lower-case hexadecimal digits, two a byte, with a space between bytes: `e4 bd a0`.
pub fn spaced_hex(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let mut text = String::with_capacity(digits.len() * 3 / 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 2 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Bytes as lower-case hexadecimal digits, two a byte.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_overlap_where_they_share_a_bit() {
        let range = BitRange::new;
        assert!(range(0, 8).overlaps(range(7, 9)) && range(7, 9).overlaps(range(0, 8)));
        assert!(range(0, 8).overlaps(range(3, 4)));
        assert!(!range(0, 8).overlaps(range(8, 9)));
        assert!(range(0, 8).overlaps(range(4, 4)) && range(4, 4).overlaps(range(0, 8)));
        assert!(!range(0, 8).overlaps(range(0, 0)) && !range(8, 8).overlaps(range(0, 8)));
    }
}
