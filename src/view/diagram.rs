//! The bit diagram of an item as data: rows of 32 bits, as the RFCs draw them, whatever draws them.
//!
//! A row holds cells; a cell is the part of one leaf of the field tree that stands in that row. Leaves that are
//! made of bytes (text, payloads) have one cell a byte. Of a long one the first rows are cells and the rest is a
//! [`Fold`], so that a diagram stays small whatever it describes.

use super::fit::push;
use crate::model::field::{BitRange, Field, Value};
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
    /// What the bits are under the mask, where one covers a part of a header (hybi-04 to -06).
    pub clear: Option<u32>,
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
        self.in_order(self.value)
    }

    /// What the bits are under a mask that covers a header, in order.
    pub fn clear_values(&self) -> Option<impl Iterator<Item = bool> + use<>> {
        self.clear.map(|clear| self.in_order(clear))
    }

    fn in_order(&self, value: u32) -> impl Iterator<Item = bool> + use<> {
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

impl Byte {
    /// `48 H`, and where it is masked `7f → 48 H`. `picture` says what stands for a character, if anything.
    pub fn label(&self, masked: bool, picture: impl Fn(char) -> Option<char>) -> String {
        let mut label = format!("{:02x}", self.wire);
        if masked {
            push(&mut label, format_args!(" → {:02x}", self.plain));
        }
        if let Some(picture) = self.character.and_then(picture) {
            label.push(' ');
            label.push(picture);
        }
        label
    }
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
    let plan = Plan::new(field, bytes, ROW_BITS, |_| options.rows);
    let lines = (0..plan.line_count()).filter_map(|number| plan.line(number)).collect();
    Diagram { leaves: plan.leaves, lines }
}

/// A diagram whose lines are made when they are looked at, so that one of a million rows costs what is seen of it.
#[derive(Clone, Debug)]
pub struct Plan<'a, 'b> {
    /// The fields without parts, in order.
    pub leaves: Vec<Leaf<'a>>,
    bytes: &'b [u8],
    columns: u64,
    mask: Option<Mask<'a>>,
    spans: Vec<Span>,
}

/// Lines that follow each other.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// The number of its first line.
    line: u64,
    what: SpanKind,
}

#[derive(Clone, Copy, Debug)]
enum SpanKind {
    /// Rows that hold these bits.
    Rows(BitRange),
    /// One line.
    Fold(Fold),
}

impl Span {
    fn bits(&self) -> BitRange {
        match self.what {
            SpanKind::Rows(bits) => bits,
            SpanKind::Fold(fold) => fold.bits,
        }
    }
}

impl<'a, 'b> Plan<'a, 'b> {
    /// Plans the diagram of an item in rows of `columns` bits (32, or 16 or 8 where there is little room). `rows` says of
    /// a leaf that is made of bytes in how many rows, at least one, it is shown before it is folded; none shows all.
    pub fn new(
        field: &'a Field,
        bytes: &'b [u8],
        columns: u64,
        rows: impl Fn(&Field) -> Option<u32>,
    ) -> Self {
        let mask = Mask::of(field);
        let fields = field.leaves();
        let leaves: Vec<Leaf<'a>> = fields
            .into_iter()
            .map(|field| Leaf {
                field,
                masked: mask.is_some_and(|mask| mask.from <= field.bits.start && !field.bits.is_empty()),
                bytewise: is_bytewise(field),
            })
            .collect();
        let mut plan = Self { leaves, bytes, columns: columns.clamp(1, ROW_BITS), mask, spans: Vec::new() };
        let recorded = bytes.len() as u64 * 8;
        let last = plan.leaves.len().saturating_sub(1);
        // The bits from here on are to stand in rows.
        let mut from = field.bits.start;
        for index in 0..plan.leaves.len() {
            let Some(leaf) = plan.leaves.get(index).copied() else { break };
            let bits = leaf.field.bits;
            let fold = Some(leaf.field).filter(|_| leaf.bytewise).and_then(&rows).and_then(|rows| {
                // Where the recording ends inside the leaf, nothing that was recorded comes behind.
                let shown = BitRange::new(bits.start, bits.end.min(recorded.max(bits.start)));
                fold_of(shown, rows, index == last || bits.end > recorded, plan.columns)
            });
            if let Some(fold) = fold {
                plan.push(SpanKind::Rows(BitRange::new(from, fold.start)));
                plan.push(SpanKind::Fold(Fold { leaf: index, bits: fold, recorded: true }));
                from = fold.end;
            }
            if bits.end > recorded {
                let rest = BitRange::new(bits.start.max(recorded), bits.end);
                plan.push(SpanKind::Rows(BitRange::new(from, rest.start)));
                plan.push(SpanKind::Fold(Fold { leaf: index, bits: rest, recorded: false }));
                from = rest.end;
            }
        }
        plan.push(SpanKind::Rows(BitRange::new(from, field.bits.end)));
        plan
    }

    fn push(&mut self, what: SpanKind) {
        let span = Span { line: self.line_count(), what };
        if !span.bits().is_empty() {
            self.spans.push(span);
        }
    }

    /// How many bits stand in a row.
    pub const fn columns(&self) -> u64 {
        self.columns
    }

    /// How many lines the diagram has.
    pub fn line_count(&self) -> u64 {
        self.spans.last().map_or(0, |span| match span.what {
            SpanKind::Rows(bits) => span.line + bits.end.div_ceil(self.columns) - bits.start / self.columns,
            SpanKind::Fold(_) => span.line + 1,
        })
    }

    /// A line by its number, counted from 0.
    pub fn line(&self, number: u64) -> Option<Line> {
        if number >= self.line_count() {
            return None;
        }
        let span = self.spans.get(self.spans.partition_point(|span| span.line <= number).checked_sub(1)?)?;
        Some(match span.what {
            SpanKind::Fold(fold) => Line::Fold(fold),
            SpanKind::Rows(bits) => {
                let first_bit = (bits.start / self.columns + (number - span.line)) * self.columns;
                let row = BitRange::new(first_bit.max(bits.start), (first_bit + self.columns).min(bits.end));
                Line::Row(Row { first_bit, cells: self.cells(row) })
            }
        })
    }

    /// The lines that are folds, with their numbers.
    pub fn folds(&self) -> impl Iterator<Item = (u64, Fold)> {
        self.spans.iter().filter_map(|span| match span.what {
            SpanKind::Fold(fold) => Some((span.line, fold)),
            SpanKind::Rows(_) => None,
        })
    }

    /// The number of the line in which a bit stands or is left out.
    pub fn line_of(&self, bit: u64) -> Option<u64> {
        let span = self.spans.get(self.spans.partition_point(|span| span.bits().end <= bit))?;
        Some(match span.what {
            SpanKind::Rows(bits) => {
                span.line + (bit / self.columns).saturating_sub(bits.start / self.columns)
            }
            SpanKind::Fold(_) => span.line,
        })
    }

    /// The leaf that holds a bit, with its place in [`leaves`](Self::leaves).
    pub fn leaf_at(&self, bit: u64) -> Option<(usize, Leaf<'a>)> {
        let index = self.leaves.partition_point(|leaf| leaf.field.bits.end <= bit);
        self.leaves.get(index).map(|leaf| (index, *leaf))
    }

    /// A byte of the item, with its mask taken off and the character that begins with it.
    pub fn byte(&self, at: usize) -> Option<Byte> {
        self.bytes.get(at)?;
        let (_, leaf) = self.leaf_at(at as u64 * 8)?;
        Some(self.byte_of(at, leaf))
    }

    /// The cells of bits that stand in one row and were recorded.
    fn cells(&self, row: BitRange) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut at = row.start;
        while let Some((index, leaf)) = self.leaf_at(at).filter(|_| at < row.end) {
            let bits = leaf.field.bits;
            let end = if leaf.bytewise { at + 8 } else { row.end };
            let cell = BitRange::new(at, end.min(bits.end).min(row.end));
            cells.push(Cell {
                leaf: index,
                bits: cell,
                value: bits_of(self.bytes, cell),
                clear: self
                    .mask
                    .filter(|mask| mask.header && leaf.masked && !leaf.bytewise)
                    .map(|mask| bits_of(mask.clear, cell)),
                begins: cell.start == bits.start,
                ends: cell.end == bits.end,
                byte: leaf.bytewise.then(|| self.byte_of((at / 8) as usize, leaf)),
            });
            at = cell.end;
        }
        cells
    }

    fn byte_of(&self, at: usize, leaf: Leaf<'_>) -> Byte {
        let field = leaf.field;
        let mask = self.mask.filter(|_| leaf.masked);
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

/// Whether a leaf is cut into bytes. The masking key is not: it is one number of 32 bits (RFC 6455 section 5.2).
fn is_bytewise(field: &Field) -> bool {
    matches!(field.value, Value::Text(_) | Value::Bytes(_) | Value::Group)
        && field.bits.start.is_multiple_of(8)
        && field.bits.end.is_multiple_of(8)
        && ![&hybi::MASKING_KEY, &hybi::FRAME_KEY, &hybi::FRAME_NONCE]
            .iter()
            .any(|key| field.kind.id == key.id)
}

/// What stands under the mask of a frame, and the bit from which on everything is masked.
#[derive(Clone, Copy, Debug)]
struct Mask<'a> {
    clear: &'a [u8],
    from: u64,
    /// It covers the header too.
    header: bool,
}

impl<'a> Mask<'a> {
    fn of(field: &'a Field) -> Option<Self> {
        let header = field.find(hybi::MASKING_KEY.id).is_none();
        Some(Self { clear: field.clear.as_deref()?, from: hybi::covered_from(field)?, header })
    }

    fn plain(self, at: usize, wire: u8) -> u8 {
        self.clear.get(at).copied().unwrap_or(wire)
    }
}

/// The bytes of a frame that a mask covers, and the same with the mask taken off. None where there are none.
pub fn under_mask<'a>(field: &'a Field, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mask = Mask::of(field)?;
    let from = (mask.from / 8) as usize;
    let covered = bytes.get(from..).filter(|covered| !covered.is_empty())?;
    Some((covered, mask.clear.get(from..)?))
}

/// What is left out of a leaf that is shown in `rows` rows: whole rows, so that what follows keeps its column, and
/// at least two of them, because the fold itself takes the place of one.
fn fold_of(bits: BitRange, rows: u32, is_last: bool, columns: u64) -> Option<BitRange> {
    let from = bits.start / columns + u64::from(rows.max(1));
    let to = if is_last { bits.end.div_ceil(columns) } else { bits.end / columns };
    (to >= from + 2).then(|| BitRange::new(from * columns, (to * columns).min(bits.end)))
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
