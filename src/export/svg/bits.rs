//! The bit diagram, drawn: 32 bits a row, each with its value, each field with its name, value and colour.

use super::Options;
use super::canvas::{Anchor, Canvas, INNER, MARGIN, Style};
use super::findings;
use super::theme;
use crate::export::text::draw::{fold_label, part_of};
use crate::model::field::{BitRange, Field, Value};
use crate::model::rule::Finding;
use crate::view::diagram::{self, Cell, Diagram, Fold, Leaf, Line, ROW_BITS, Row, layout, under_mask};
use crate::view::fit::{self, picture};
use crate::view::line::place;
use crate::wire::frame::hybi;
use crate::words::Words;

/// The width of a bit.
const BIT: f32 = 23.75;
/// The room for the number of a row's first byte.
const GUTTER: f32 = 48.0;
/// Where the first column begins.
const LEFT: f32 = MARGIN + GUTTER;
const RIGHT: f32 = LEFT + BIT * ROW_BITS as f32;

const BITS: Style = Style::mono(15.0).centred();
const COVERED_BITS: Style = Style::mono(15.0).centred().dim();
const BYTES: Style = Style::mono(13.0).centred();
const NAME: Style = Style::sans(13.0).centred();
const VALUE: Style = Style::mono(12.5).centred();
const DOWNWARDS: Style = Style::mono(11.5).centred();
const NUMBER: Style = Style::mono(11.0).dim();

/// How high the lines of a row are.
const BITS_HEIGHT: f32 = 25.0;
const BYTES_HEIGHT: f32 = 19.0;
const TEXT_HEIGHT: f32 = 16.5;
const DOWNWARDS_HEIGHT: f32 = 12.5;
const FOLD_HEIGHT: f32 = 34.0;

/// How many lines of 16 bytes are unmasked below the diagram.
const UNMASKED_LINES: usize = crate::view::fold::LINES;

/// Draws an item's bits. `field` is its tree, `bytes` are its bytes as they were recorded, `findings` what is to be said
/// about it, with places in bits of the item.
pub fn bits(
    field: &Field,
    bytes: &[u8],
    findings: &[&Finding],
    how: diagram::Options,
    options: &Options,
) -> String {
    let diagram = layout(field, bytes, how);
    let mut canvas = Canvas::new();
    let mut y = canvas.heading(&options.title, &options.below);
    let words = options.words;
    ruler(&mut canvas, words, y + 10.0);
    // The marks of findings reach over the first row.
    y += if findings.is_empty() { 15.0 } else { 23.0 };
    for line in &diagram.lines {
        let height = match line {
            Line::Row(row) => draw_row(&mut canvas, &diagram, row, words, y),
            Line::Fold(fold) => draw_fold(&mut canvas, &diagram, *fold, words, y),
        };
        mark(&mut canvas, line, findings, y);
        y += height;
    }
    y += 4.0;
    y = unmasking(&mut canvas, field, bytes, words, y);
    if !findings.is_empty() {
        y = findings::legend(&mut canvas, findings, words, y + 4.0);
    }
    canvas.finish(y, options.theme, &options.title, &description(&diagram, findings, options))
}

/// What stands in the figure, for those who hear it.
fn description(diagram: &Diagram<'_>, findings: &[&Finding], options: &Options) -> String {
    const MOST: usize = 40;
    let mut text = if options.below.is_empty() { String::new() } else { format!("{}. ", options.below) };
    let leaves: Vec<String> = diagram
        .leaves
        .iter()
        .filter(|leaf| !leaf.field.bits.is_empty())
        .map(|leaf| told(*leaf, options.words))
        .collect();
    text.push_str(&leaves.get(..MOST).unwrap_or(&leaves).join("; "));
    if leaves.len() > MOST {
        let more = options.words.count("count-more-fields", (leaves.len() - MOST) as u64);
        let more = options.words.with("figure-and-more", &[("more", more.into())]);
        fit::push(&mut text, format_args!("; {more}"));
    }
    text.push('.');
    for finding in findings {
        text.push(' ');
        text.push_str(&findings::sentence(finding, options.words));
    }
    text
}

/// `bits 4–7: opcode 1 text`
fn told(leaf: Leaf<'_>, words: Words) -> String {
    let value = words.field_value(leaf.field);
    let value = fit::cut(&value, 60).into_owned();
    format!("{}: {} {}", place(words, leaf.field.bits), leaf.field.kind.name, fit::visible(&value))
        .trim_end()
        .to_owned()
}

fn ruler(canvas: &mut Canvas, words: Words, y: f32) {
    canvas.text(LEFT - 10.0, y, words.text("figure-byte"), NUMBER.anchored(Anchor::End));
    for bit in 0..ROW_BITS {
        canvas.text(x_of(bit) + BIT / 2.0, y, &bit.to_string(), NUMBER.centred());
    }
}

fn x_of(column: u64) -> f32 {
    LEFT + BIT * column as f32
}

/// What stands in neighbouring cells of one leaf.
struct Block<'a> {
    words: Words,
    leaf: Leaf<'a>,
    cells: &'a [Cell],
    /// Lines of text below the bits and bytes.
    lines: Vec<(String, Style)>,
}

impl<'a> Block<'a> {
    fn new(leaf: Leaf<'a>, cells: &'a [Cell], words: Words) -> Self {
        let mut block = Self { words, leaf, cells, lines: Vec::new() };
        block.fill();
        block
    }

    fn columns(&self) -> u64 {
        self.cells.iter().map(|cell| cell.bits.len()).sum()
    }

    fn begins(&self) -> bool {
        self.cells.first().is_some_and(|cell| cell.begins)
    }

    fn ends(&self) -> bool {
        self.cells.last().is_some_and(|cell| cell.ends)
    }

    /// A field's name stands in its first row, its value where that has room for it.
    fn fill(&mut self) {
        let Leaf { field, masked, bytewise } = self.leaf;
        // Where the bits under the mask are shown they say it themselves.
        let masked = masked && !self.cells.iter().any(|cell| cell.clear.is_some());
        let name = field.kind.name;
        if self.columns() == 1 && self.begins() {
            // Written downwards, as the RFC does. What the bit is for is clear without the word.
            let letters = fit::visible(name.trim_end_matches(" bit")).into_owned();
            self.lines.extend(letters.chars().map(|letter| (letter.to_string(), DOWNWARDS)));
            return;
        }
        match (self.begins(), bytewise) {
            (true, _) if masked => {
                self.push(&self.words.with("inspector-bits-masked", &[("name", name.into())]), NAME);
            }
            (true, _) => self.push(name, NAME),
            (false, false) if self.columns() > 1 => {
                self.push(&self.words.with("inspector-bits-continued", &[("name", name.into())]), NAME);
            }
            (false, _) => {}
        }
        let Some(first) = self.cells.first().filter(|_| !bytewise && self.columns() > 1) else { return };
        match &field.value {
            Value::Bytes(bytes) => self.push(&part_of(bytes, field.bits, first.bits), VALUE),
            _ if !first.begins => {}
            _ if masked => {
                let value = self.words.field_value(field).into_owned();
                self.push(&self.words.with("inspector-bits-means", &[("value", value.into())]), VALUE);
            }
            _ => self.push(&self.words.field_value(field), VALUE),
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        let room = BIT * self.columns() as f32 - 6.0;
        self.lines.extend(style.wrap(text, room).into_iter().map(|line| (line, style)));
    }

    fn height(&self) -> f32 {
        let bytes = if self.leaf.bytewise { BYTES_HEIGHT } else { 0.0 };
        BITS_HEIGHT
            + self.under()
            + bytes
            + self.lines.iter().map(|(_, style)| line_height(*style)).sum::<f32>()
            + 5.0
    }

    /// The height of what stands under a mask that covers a header.
    fn under(&self) -> f32 {
        if self.cells.iter().any(|cell| cell.clear.is_some()) { BITS_HEIGHT } else { 0.0 }
    }

    fn draw(&self, canvas: &mut Canvas, y: f32, height: f32) {
        let (Some(first), Some(last)) = (self.cells.first(), self.cells.last()) else { return };
        let (left, right) = (x_of(first.column()), x_of(last.column() + last.bits.len()));
        let kind = self.leaf.field.kind;
        let colour = theme::number_of(kind);
        canvas.group(Some(kind.id), &told(self.leaf, self.words));
        canvas.rect(left, y, right - left, height, &format!("f{colour}"));
        for (at, cell) in self.cells.iter().enumerate() {
            if at > 0 {
                let x = x_of(cell.column());
                // What is written across all bytes is not crossed.
                let end = if self.lines.is_empty() { height } else { BITS_HEIGHT + BYTES_HEIGHT };
                canvas.line((x, y), (x, y + end), "open thin");
            }
            draw_bits(
                canvas,
                cell,
                y,
                cell.bit_values(),
                if cell.clear.is_some() { COVERED_BITS } else { BITS },
            );
            if let Some(clear) = cell.clear_values() {
                draw_bits(canvas, cell, y + BITS_HEIGHT, clear, BITS);
            }
            if self.leaf.bytewise {
                let middle = x_of(cell.column()) + BIT * cell.bits.len() as f32 / 2.0;
                canvas.text(middle, y + BITS_HEIGHT + 13.0, &byte_label(cell, self.leaf.masked), BYTES);
            }
        }
        let mut text_y = y + BITS_HEIGHT + self.under() + if self.leaf.bytewise { BYTES_HEIGHT } else { 0.0 };
        for (line, style) in &self.lines {
            canvas.text(f32::midpoint(left, right), text_y + style.size * 0.95, line, *style);
            text_y += line_height(*style);
        }
        // A field that goes on in the next row is open there.
        let border = format!("edge b{colour}");
        let open = format!("open b{colour}");
        let side = |closed: bool| if closed { border.as_str() } else { open.as_str() };
        canvas.line((left, y), (right, y), side(self.begins() || first.column() > 0));
        canvas.line((left, y + height), (right, y + height), side(self.ends()));
        canvas.line((left, y), (left, y + height), side(self.begins()));
        canvas.line((right, y), (right, y + height), side(self.ends()));
        canvas.end_group();
    }
}

fn line_height(style: Style) -> f32 {
    if style.size < VALUE.size { DOWNWARDS_HEIGHT } else { TEXT_HEIGHT }
}

fn draw_row(canvas: &mut Canvas, diagram: &Diagram<'_>, row: &Row, words: Words, y: f32) -> f32 {
    let blocks: Vec<Block<'_>> = row
        .cells
        .chunk_by(|one, next| one.leaf == next.leaf)
        .filter_map(|cells| Some(Block::new(*diagram.leaves.get(cells.first()?.leaf)?, cells, words)))
        .collect();
    let height = blocks.iter().map(Block::height).fold(0.0, f32::max);
    let number = (row.first_bit / 8).to_string();
    canvas.text(LEFT - 10.0, y + 17.0, &number, NUMBER.anchored(Anchor::End));
    for block in &blocks {
        block.draw(canvas, y, height);
    }
    height
}

/// The bits of a cell, with short strokes between them.
fn draw_bits(canvas: &mut Canvas, cell: &Cell, y: f32, bits: impl Iterator<Item = bool>, style: Style) {
    for (column, bit) in (cell.column()..).zip(bits) {
        let x = x_of(column);
        if column > cell.column() {
            canvas.line((x, y), (x, y + 5.0), "tick");
            canvas.line((x, y + BITS_HEIGHT - 5.0), (x, y + BITS_HEIGHT - 1.0), "tick");
        }
        canvas.text(x + BIT / 2.0, y + 18.0, if bit { "1" } else { "0" }, style);
    }
}

fn byte_label(cell: &Cell, masked: bool) -> String {
    cell.byte.map_or_else(String::new, |byte| byte.label(masked, picture))
}

fn draw_fold(canvas: &mut Canvas, diagram: &Diagram<'_>, fold: Fold, words: Words, y: f32) -> f32 {
    let Some(leaf) = diagram.leaves.get(fold.leaf) else { return 0.0 };
    let text = fold_label(&fold, leaf.field.kind.name, words);
    let class = if fold.recorded { "open" } else { "edge gone" };
    let colour = theme::number_of(leaf.field.kind);
    canvas.group(Some(leaf.field.kind.id), &told(*leaf, words));
    canvas.text(LEFT - 10.0, y + 21.0, &(fold.bits.start / 8).to_string(), NUMBER.anchored(Anchor::End));
    canvas.rect(LEFT, y, RIGHT - LEFT, FOLD_HEIGHT, &format!("f{colour}"));
    let middle = f32::midpoint(LEFT, RIGHT);
    canvas.text(middle, y + 21.0, &NAME.fit(&text, RIGHT - LEFT - 20.0), NAME);
    for x in [LEFT, RIGHT] {
        canvas.line((x, y), (x, y + FOLD_HEIGHT), &format!("{class} b{colour}"));
    }
    if !fold.recorded {
        for y in [y, y + FOLD_HEIGHT] {
            canvas.line((LEFT, y), (RIGHT, y), &format!("{class} b{colour}"));
        }
    }
    canvas.end_group();
    FOLD_HEIGHT
}

/// Marks the bits that findings are about with a stroke below them, and with the finding's number where they begin.
fn mark(canvas: &mut Canvas, line: &Line, findings: &[&Finding], y: f32) {
    let (first, last) = match line {
        Line::Row(row) => (row.first_bit, row.cells.last().map_or(row.first_bit, |cell| cell.bits.end)),
        Line::Fold(fold) => (fold.bits.start, fold.bits.end),
    };
    let mut marked: Vec<u64> = Vec::new();
    for (number, finding) in (1..).zip(findings) {
        let Some(BitRange { start, end }) = finding.bits else { continue };
        let (from, to) = (start.max(first), end.min(last));
        let is_point = start == end && first <= start && start <= last;
        if from >= to && !is_point {
            continue;
        }
        let class = theme::stroke_of(finding.severity());
        // Several findings about the same bits stand beside each other.
        let shift = marked.iter().filter(|known| **known == from).count() as f32 * 18.0;
        marked.push(from);
        let (x, mark_y) = match line {
            Line::Row(row) => {
                let (x, end) = (x_of(from - row.first_bit), x_of((to - row.first_bit).min(ROW_BITS)));
                if from < to {
                    canvas.line((x + 1.5, y + BITS_HEIGHT - 1.0), (end - 1.5, y + BITS_HEIGHT - 1.0), class);
                }
                (x, y)
            }
            Line::Fold(_) => (LEFT, y + FOLD_HEIGHT / 2.0),
        };
        if from == start {
            canvas.badge(x + shift, mark_y + 1.0, &format!("{number}"), theme::fill_of(finding.severity()));
        }
    }
}

/// What stands under the mask: the bytes on the wire, the key over and over, the plain bytes. Nothing for a frame
/// with nothing under its mask. Returns the height below it.
fn unmasking(canvas: &mut Canvas, field: &Field, bytes: &[u8], words: Words, mut y: f32) -> f32 {
    const LINE: usize = 16;
    const CELL: f32 = 42.0;
    const ROW: f32 = 21.0;
    let Some((payload, clear)) = under_mask(field, bytes) else { return y };
    let (masked, keyed) = (theme::number_of(&hybi::PAYLOAD), theme::number_of(&hybi::MASKING_KEY));
    let left = MARGIN + INNER - CELL * LINE as f32;
    y += 14.0;
    let header_too = field.find(hybi::MASKING_KEY.id).is_none();
    let heading = words.text(if header_too { "figure-uncovering" } else { "figure-unmasking" });
    canvas.text(MARGIN, y + 12.0, heading, Style::sans(13.0).bold());
    y += 22.0;
    for (part, plain) in payload.chunks(LINE).zip(clear.chunks(LINE)).take(UNMASKED_LINES) {
        let repeated: Vec<u8> = part.iter().zip(plain).map(|(byte, plain)| byte ^ plain).collect();
        let rows = [
            ("", "diagram-masked", part, masked),
            ("⊕ ", "diagram-key", &repeated, keyed),
            ("= ", "diagram-plain", plain, masked),
        ];
        for (sign, id, bytes, colour) in rows {
            let label = format!("{sign}{}", words.text(id));
            canvas.text(left - 10.0, y + 15.0, &label, Style::mono(12.5).anchored(Anchor::End));
            for (at, byte) in bytes.iter().enumerate() {
                let x = left + CELL * at as f32;
                canvas.rect(x, y, CELL, ROW, &format!("f{colour}"));
                canvas.rect(x, y, CELL, ROW, &format!("edge b{colour}"));
                let picture = picture(char::from(*byte)).filter(|_| id == "diagram-plain" && byte.is_ascii());
                let text = picture.map_or(format!("{byte:02x}"), |picture| format!("{byte:02x} {picture}"));
                canvas.text(x + CELL / 2.0, y + 15.0, &text, BYTES);
            }
            y += ROW + 2.0;
        }
        y += 6.0;
    }
    let hidden = payload.len().saturating_sub(UNMASKED_LINES * LINE);
    if hidden > 0 {
        let bytes = words.count("count-more-bytes", hidden as u64);
        let text = words.with("diagram-same-way", &[("bytes", bytes.into())]);
        canvas.text(left, y + 12.0, &text, Style::sans(13.0).dim());
        y += 18.0;
    }
    y
}
