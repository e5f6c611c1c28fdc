//! The bit diagram of an item as data: rows of 32 bits, as the RFCs draw them, whatever draws them.
//!
//! A row holds cells; a cell is the part of one leaf of the field tree that stands in that row. Leaves that are
//! made of bytes (text, payloads) have one cell a byte. Of a long one the first rows are cells and the rest is a
//! [`Fold`], so that a diagram stays small whatever it describes.

use crate::field::{BitRange, Field, Value};
use crate::wire::frame::hybi;

/// How many bits stand in a row.
pub const ROW_BITS: u64 = 32;

/// How a diagram is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// In how many rows, at least one, a leaf that is made of bytes is shown before it is folded. None shows all.
    pub rows: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rows: Some(4) }
    }
}

/// The layout of a bit diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram<'a> {
    /// The fields without parts, in order.
    pub leaves: Vec<Leaf<'a>>,
    /// Rows and folds, from the first bit to the last.
    pub lines: Vec<Line>,
}

/// A leaf of the field tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// The field.
    pub field: &'a Field,
    /// Whether its bits are masked on the wire while its value is not (RFC 6455 section 5.3).
    pub masked: bool,
    /// Whether it has one cell a byte.
    pub bytewise: bool,
}

/// A line of a diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Up to 32 bits.
    Row(Row),
    /// Bits that are left out.
    Fold(Fold),
}

/// Up to 32 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The item's bit in the row's first column: a multiple of 32.
    pub first_bit: u64,
    /// The cells, from left to right, without a hole.
    pub cells: Vec<Cell>,
}

/// The part of a leaf that stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The leaf, as an index of [`Diagram::leaves`].
    pub leaf: usize,
    /// The bits of the item: 1 to 32 of them.
    pub bits: BitRange,
    /// The bits' values, the last bit of the cell in the lowest bit.
    pub value: u32,
    /// Whether the leaf begins in this cell.
    pub begins: bool,
    /// Whether the leaf ends in this cell.
    pub ends: bool,
    /// The byte, where the leaf has one cell a byte.
    pub byte: Option<Byte>,
}

impl Cell {
    /// The cell's first column, 0 to 31.
    pub const fn column(&self) -> u64 {
        self.bits.start % ROW_BITS
    }

    /// The bits' values in order.
    pub fn bit_values(&self) -> impl Iterator<Item = bool> + use<> {
        let value = self.value;
        (0..self.bits.len()).rev().map(move |place| value >> place & 1 == 1)
    }
}

/// A byte of text or of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Byte {
    /// The byte on the wire.
    pub wire: u8,
    /// The byte without its mask; the same where nothing is masked.
    pub plain: u8,
    /// The character that begins with this byte, without its mask. Outside text only those of ASCII that can be seen.
    pub character: Option<char>,
}

/// Bits that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The leaf, as an index of [`Diagram::leaves`].
    pub leaf: usize,
    /// The bits that are left out.
    pub bits: BitRange,
    /// Whether the recording holds them.
    pub recorded: bool,
}

impl Fold {
    /// How many bytes are left out.
    pub const fn bytes(&self) -> u64 {
        self.bits.len() / 8
    }
}

/// Lays out the diagram of an item: `field` is its tree, `bytes` are its bytes as they were recorded.
pub fn layout<'a>(field: &'a Field, bytes: &[u8], options: Options) -> Diagram<'a> {
    let mask = Mask::of(field, bytes);
    let fields = field.leaves();
    let last = fields.len().saturating_sub(1);
    let mut layout = Layout { bytes, leaves: Vec::with_capacity(fields.len()), lines: Vec::new() };
    for (index, &field) in fields.iter().enumerate() {
        let masked = mask.filter(|mask| mask.from <= field.bits.start && !field.bits.is_empty());
        let leaf = Leaf { field, masked: masked.is_some(), bytewise: is_bytewise(field) };
        layout.leaves.push(leaf);
        layout.place(index, leaf, masked, index == last, options);
    }
    Diagram { leaves: layout.leaves, lines: layout.lines }
}

/// Whether a leaf is cut into bytes. The masking key is not: it is one number of 32 bits (RFC 6455 section 5.2).
fn is_bytewise(field: &Field) -> bool {
    matches!(field.value, Value::Text(_) | Value::Bytes(_) | Value::Group)
        && field.bits.start.is_multiple_of(8)
        && field.bits.end.is_multiple_of(8)
        && field.kind.id != hybi::MASKING_KEY.id
}

/// The key of a masked frame, and the bit behind it, from which on everything is masked.
#[derive(Clone, Copy)]
struct Mask {
    key: [u8; 4],
    from: u64,
}

impl Mask {
    fn of(field: &Field, bytes: &[u8]) -> Option<Self> {
        let bits = field.find(hybi::MASKING_KEY.id)?.bits;
        let key = bytes.get(bits.byte_range())?.first_chunk::<4>()?;
        Some(Self { key: *key, from: bits.end })
    }

    fn plain(self, at: usize, wire: u8) -> u8 {
        wire ^ self.key[(at - (self.from / 8) as usize) % 4]
    }
}

struct Layout<'a, 'b> {
    bytes: &'b [u8],
    leaves: Vec<Leaf<'a>>,
    lines: Vec<Line>,
}

impl Layout<'_, '_> {
    /// Appends the cells and the folds of one leaf.
    fn place(&mut self, index: usize, leaf: Leaf<'_>, mask: Option<Mask>, is_last: bool, options: Options) {
        let bits = leaf.field.bits;
        let fold = options.rows.filter(|_| leaf.bytewise).and_then(|rows| fold_of(bits, rows, is_last));
        let recorded = self.bytes.len() as u64 * 8;
        let mut at = bits.start;
        while at < bits.end {
            if let Some(fold) = fold.filter(|fold| fold.start == at) {
                self.lines.push(Line::Fold(Fold { leaf: index, bits: fold, recorded: fold.end <= recorded }));
                at = fold.end;
                continue;
            }
            if at >= recorded {
                let rest = BitRange::new(at, bits.end);
                self.lines.push(Line::Fold(Fold { leaf: index, bits: rest, recorded: false }));
                return;
            }
            let step = if leaf.bytewise { 8 } else { ROW_BITS - at % ROW_BITS };
            let cell = BitRange::new(at, (at + step).min(bits.end).min(recorded));
            self.push(Cell {
                leaf: index,
                bits: cell,
                value: bits_of(self.bytes, cell),
                begins: cell.start == bits.start,
                ends: cell.end == bits.end,
                byte: leaf.bytewise.then(|| self.byte((at / 8) as usize, leaf.field, mask)),
            });
            at = cell.end;
        }
    }

    /// Appends a cell to the row that it belongs to.
    fn push(&mut self, cell: Cell) {
        let first_bit = cell.bits.start - cell.column();
        match self.lines.last_mut() {
            Some(Line::Row(row)) if row.first_bit == first_bit => row.cells.push(cell),
            _ => self.lines.push(Line::Row(Row { first_bit, cells: vec![cell] })),
        }
    }

    fn byte(&self, at: usize, field: &Field, mask: Option<Mask>) -> Byte {
        let plain_at = |at: usize| {
            let wire = self.bytes.get(at).copied()?;
            Some(mask.map_or(wire, |mask| mask.plain(at, wire)))
        };
        let wire = self.bytes.get(at).copied().unwrap_or_default();
        let plain = plain_at(at).unwrap_or_default();
        let end = (field.bits.end / 8) as usize;
        // An address has a text as its value, but its bytes are not that text's.
        let is_address =
            matches!(&field.value, Value::Text(text) if text.len() as u64 * 8 != field.bits.len());
        let is_text = matches!(field.value, Value::Text(_)) && !is_address;
        let character = match plain {
            b'!'..=b'~' if !is_address => Some(char::from(plain)),
            ..0x80 if is_text => Some(char::from(plain)),
            0xC2.. if is_text => {
                let length = if plain < 0xE0 { 2 } else { 3 + usize::from(plain >= 0xF0) };
                let encoded: Vec<u8> = (at..end.min(at + length)).filter_map(plain_at).collect();
                std::str::from_utf8(&encoded).ok().and_then(|text| text.chars().next())
            }
            _ => None,
        };
        Byte { wire, plain, character }
    }
}

/// What is left out of a leaf that is shown in `rows` rows: whole rows, so that what follows keeps its column, and
/// at least two of them, because the fold itself takes the place of one.
fn fold_of(bits: BitRange, rows: u32, is_last: bool) -> Option<BitRange> {
    let from = bits.start / ROW_BITS + u64::from(rows.max(1));
    let to = if is_last { bits.end.div_ceil(ROW_BITS) } else { bits.end / ROW_BITS };
    (to >= from + 2).then(|| BitRange::new(from * ROW_BITS, (to * ROW_BITS).min(bits.end)))
}

/// The values of at most 32 bits.
fn bits_of(bytes: &[u8], bits: BitRange) -> u32 {
    let whole = bytes.get(bits.byte_range()).unwrap_or_default();
    let joined = whole.iter().fold(0u64, |joined, &byte| joined << 8 | u64::from(byte));
    let behind = whole.len() as u64 * 8 - (bits.start % 8 + bits.len());
    (joined >> behind & ((1 << bits.len()) - 1)) as u32
}

#[cfg(test)]
mod tests;
