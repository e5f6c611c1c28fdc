//! The bit diagram in characters, as the RFCs draw it.
//!
//! A bit takes two columns, so that 32 of them and the borders take 65. Dashed lines run inside a field that goes on
//! in the next row, colons stand between the bytes of one field.

use super::Paint;
use crate::model::field::{BitRange, Field, Value};
use crate::view::diagram::{Cell, Diagram, Fold, Leaf, Line, ROW_BITS, Row, under_mask};
use crate::view::fit::{centred, picture, push, spaces, width, wrap};
use crate::wire::frame::hybi;
use crate::words::Words;

/// The width of every line of a diagram, in columns.
pub const WIDTH: usize = 2 * COLUMNS + 1;

const COLUMNS: usize = ROW_BITS as usize;

/// Draws a diagram. Every line ends with a line end and is [`WIDTH`] columns wide.
pub fn diagram_text(diagram: &Diagram<'_>, paint: Paint, words: Words) -> String {
    let mut text = String::new();
    let mut above: Option<Edges> = None;
    for (index, line) in diagram.lines.iter().enumerate() {
        if index == 0 {
            push_ruler(&mut text, paint);
        }
        let edges = Edges::of(line);
        push_separator(&mut text, above.as_ref(), Some(&edges));
        match line {
            Line::Row(row) => push_row(&mut text, diagram, row, paint, words),
            Line::Fold(fold) => push_fold(&mut text, diagram, fold, paint, words),
        }
        above = Some(edges);
    }
    if above.is_some() {
        push_separator(&mut text, above.as_ref(), None);
    }
    text
}

/// The numbers of the bits: tens above, ones below.
fn push_ruler(text: &mut String, paint: Paint) {
    let dim = paint.dim();
    for tens in [true, false] {
        let mut line = String::with_capacity(WIDTH);
        for bit in 0..COLUMNS {
            let digit = if tens { bit / 10 } else { bit % 10 };
            line.push(' ');
            line.push(if tens && bit % 10 != 0 { ' ' } else { char::from(b'0' + digit as u8) });
        }
        line.push(' ');
        push(text, format_args!("{dim}{line}{dim:#}\n"));
    }
}

/// Where a line of the diagram has borders, and which leaf stands in each column.
struct Edges {
    leaves: [Option<usize>; COLUMNS],
    /// Whether a border stands before column 0, 1, … and behind the last.
    borders: [bool; COLUMNS + 1],
}

impl Edges {
    fn of(line: &Line) -> Self {
        let mut edges = Self { leaves: [None; COLUMNS], borders: [false; COLUMNS + 1] };
        match line {
            Line::Row(row) => {
                for cell in &row.cells {
                    let (from, to) =
                        (cell.column() as usize, cell.column() as usize + cell.bits.len() as usize);
                    edges.leaves.iter_mut().take(to).skip(from).for_each(|leaf| *leaf = Some(cell.leaf));
                    for at in [from, to] {
                        edges.borders.get_mut(at).into_iter().for_each(|border| *border = true);
                    }
                }
            }
            Line::Fold(fold) => {
                edges.leaves = [Some(fold.leaf); COLUMNS];
                edges.borders[0] = true;
                edges.borders[COLUMNS] = true;
            }
        }
        edges
    }
}

fn push_separator(text: &mut String, above: Option<&Edges>, below: Option<&Edges>) {
    let leaf = |edges: Option<&Edges>, column: usize| edges.and_then(|edges| *edges.leaves.get(column)?);
    let border = |column: usize| {
        [above, below].into_iter().flatten().any(|edges| edges.borders.get(column) == Some(&true))
    };
    let drawn = |column: usize| leaf(above, column).is_some() || leaf(below, column).is_some();
    for column in 0..COLUMNS {
        let behind = column > 0 && drawn(column - 1);
        text.push(if border(column) {
            '+'
        } else if drawn(column) || behind {
            '-'
        } else {
            ' '
        });
        let goes_on = leaf(above, column).is_some() && leaf(above, column) == leaf(below, column);
        text.push(if drawn(column) && !goes_on { '-' } else { ' ' });
    }
    text.push(if border(COLUMNS) { '+' } else { ' ' });
    text.push('\n');
}

/// What stands in one or more cells of the same leaf, line by line.
struct Block {
    /// The first cell's column and the number of columns, in bits.
    columns: usize,
    leaf: usize,
    lines: Vec<BlockLine>,
}

enum BlockLine {
    /// One text a cell, of the cell's width.
    Cells(Vec<String>),
    /// One text over all cells.
    Across(String),
}

fn push_row(text: &mut String, diagram: &Diagram<'_>, row: &Row, paint: Paint, words: Words) {
    let blocks: Vec<Block> = row
        .cells
        .chunk_by(|one, next| one.leaf == next.leaf)
        .filter_map(|cells| {
            let index = cells.first()?.leaf;
            Some(block(index, diagram.leaves.get(index)?, cells, words))
        })
        .collect();
    let height = blocks.iter().map(|block| block.lines.len()).max().unwrap_or_default();
    for line in 0..height {
        let mut used = 0;
        for block in &blocks {
            text.push('|');
            let style =
                diagram.leaves.get(block.leaf).map(|leaf| paint.field(leaf.field.kind)).unwrap_or_default();
            let inner = 2 * block.columns - 1;
            match block.lines.get(line) {
                Some(BlockLine::Across(label)) => {
                    push(text, format_args!("{style}{}{style:#}", centred(label, inner)));
                }
                Some(BlockLine::Cells(cells)) => {
                    for (at, cell) in cells.iter().enumerate() {
                        if at > 0 {
                            text.push(':');
                        }
                        push(text, format_args!("{style}{cell}{style:#}"));
                    }
                }
                None => spaces(text, inner),
            }
            used += block.columns;
        }
        text.push('|');
        spaces(text, 2 * COLUMNS.saturating_sub(used));
        text.push('\n');
    }
}

fn block(index: usize, leaf: &Leaf<'_>, cells: &[Cell], words: Words) -> Block {
    let columns = cells.iter().map(|cell| cell.bits.len() as usize).sum();
    let inner = 2 * columns - 1;
    let mut lines = vec![BlockLine::Cells(cells.iter().map(bits_of).collect())];
    // A covered header: what stands under the mask.
    let covered = cells.iter().any(|cell| cell.clear.is_some());
    if covered {
        let clear = |cell: &Cell| spaced_bits(cell.clear_values().into_iter().flatten());
        lines.push(BlockLine::Cells(cells.iter().map(clear).collect()));
    }
    let first = cells.first().filter(|cell| cell.begins);
    if leaf.bytewise {
        lines.push(BlockLine::Cells(cells.iter().map(|cell| byte_label(cell, leaf.masked)).collect()));
    }
    let across = |lines: &mut Vec<BlockLine>, text: &str| {
        lines.extend(wrap(text, inner).into_iter().map(BlockLine::Across));
    };
    let name = leaf.field.kind.name;
    match (first, columns) {
        (Some(_), 1) => {
            // Written downwards, as the RFC does. What the bit is for is clear without the word.
            let name = name.trim_end_matches(" bit");
            lines.extend(name.chars().map(|character| BlockLine::Across(character.to_string())));
        }
        (Some(_), _) => {
            let masked = || words.with("inspector-bits-masked", &[("name", name.into())]);
            across(&mut lines, &if leaf.masked && !covered { masked() } else { name.to_owned() });
        }
        (None, _) if leaf.bytewise => {}
        (None, 1) => {}
        (None, _) => {
            across(&mut lines, &words.with("inspector-bits-continued", &[("name", name.into())]));
        }
    }
    if !leaf.bytewise && columns > 1 {
        let value = match (&leaf.field.value, cells.first()) {
            (Value::Bytes(bytes), Some(cell)) => part_of(bytes, leaf.field.bits, cell.bits),
            (_, Some(cell)) if !cell.begins => String::new(),
            _ if leaf.masked && !covered => {
                words.with("inspector-bits-means", &[("value", words.field_value(leaf.field).into())])
            }
            _ => words.field_value(leaf.field).into_owned(),
        };
        across(&mut lines, &value);
    }
    Block { columns, leaf: index, lines }
}

/// `0 1 1 0`
fn bits_of(cell: &Cell) -> String {
    spaced_bits(cell.bit_values())
}

fn spaced_bits(bits: impl Iterator<Item = bool>) -> String {
    let mut text = String::with_capacity(2 * COLUMNS);
    for bit in bits {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push(if bit { '1' } else { '0' });
    }
    text
}

fn byte_label(cell: &Cell, masked: bool) -> String {
    let Some(byte) = cell.byte else { return String::new() };
    centred(&byte.label(masked, picture), 2 * cell.bits.len() as usize - 1)
}

/// The bytes of a value that stand in `part` of the field's bits, in hex.
pub(in crate::export) fn part_of(bytes: &[u8], whole: BitRange, part: BitRange) -> String {
    let from = (part.start.saturating_sub(whole.start) / 8) as usize;
    let to = (part.end.saturating_sub(whole.start) / 8) as usize;
    let mut text = String::new();
    for byte in bytes.get(from..to).unwrap_or_default() {
        if !text.is_empty() {
            text.push(' ');
        }
        push(&mut text, format_args!("{byte:02x}"));
    }
    text
}

fn push_fold(text: &mut String, diagram: &Diagram<'_>, fold: &Fold, paint: Paint, words: Words) {
    let Some(leaf) = diagram.leaves.get(fold.leaf) else { return };
    let style = paint.field(leaf.field.kind);
    let name = leaf.field.kind.name;
    let label = fold_label(fold, name, words);
    push(text, format_args!(":{style}{}{style:#}:\n", centred(&label, WIDTH - 2)));
}

/// What is left out, in words.
pub(in crate::export) fn fold_label(fold: &Fold, name: &str, words: Words) -> String {
    let (id, count) = if fold.recorded {
        ("diagram-fold", "count-more-bytes")
    } else {
        ("diagram-not-recorded", "count-bytes")
    };
    words.with(id, &[("name", name.into()), ("bytes", words.count(count, fold.bytes()).into())])
}

/// Shows under the diagram of a masked frame what stands under the mask: three lines for 16 bytes, the masked
/// bytes, the key over and over, and the plain bytes with their characters. Nothing for a frame without mask, or with
/// nothing under it. No more than `lines` times 16 bytes are shown.
pub fn unmasking_text(field: &Field, bytes: &[u8], lines: usize, paint: Paint, words: Words) -> String {
    use crate::export::hexdump::{HEX_WIDTH, LINE, character, push_hex};
    let Some((payload, clear)) = under_mask(field, bytes) else { return String::new() };
    let (masked, keyed) = (paint.field(&hybi::PAYLOAD), paint.field(&hybi::MASKING_KEY));
    let labels = ["diagram-masked", "diagram-key", "diagram-plain"].map(|id| words.text(id));
    let column = labels.map(width).into_iter().max().unwrap_or_default();
    let signs = [" ", "⊕", "="];
    let mut text = String::new();
    for (part, plain) in payload.chunks(LINE).zip(clear.chunks(LINE)).take(lines) {
        let repeated: Vec<u8> = part.iter().zip(plain).map(|(byte, plain)| byte ^ plain).collect();
        let rows = [(part, masked), (&repeated[..], keyed), (plain, masked)];
        for (at, (bytes, style)) in rows.into_iter().enumerate() {
            let (sign, label) = (signs[at], labels[at]);
            let mut hex = String::with_capacity(HEX_WIDTH);
            push_hex(&mut hex, bytes);
            push(&mut text, format_args!("{sign} {label}"));
            spaces(&mut text, column - width(label) + 2);
            push(&mut text, format_args!("{style}{hex}{style:#}"));
            if at == 2 {
                let full = if payload.len() > LINE { HEX_WIDTH } else { width(&hex) };
                spaces(&mut text, full - width(&hex) + 2);
                text.push('|');
                text.extend(bytes.iter().map(|&byte| character(byte)));
                text.push('|');
            }
            text.push('\n');
        }
    }
    let hidden = payload.len().saturating_sub(lines.saturating_mul(LINE));
    if hidden > 0 {
        let bytes = words.count("count-more-bytes", hidden as u64);
        let more = words.with("diagram-same-way", &[("bytes", bytes.into())]);
        push(&mut text, format_args!("  {more}\n"));
    }
    text
}

#[cfg(test)]
mod tests;
