//! Painting the rows of a bit diagram.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Shape, Stroke, StrokeKind, Ui, pos2};

use super::super::text::{picture, short};
use super::rows::{Below, Remark, Sizes, beginning, below, blocks, height_below, is_covered};
use crate::app::language::Speaks;
use crate::app::marks::{Mark, Marks};
use crate::app::theme::{self, Strength};
use crate::model::field::{BitRange, Value, spaced_hex};
use crate::model::rule::Finding;
use crate::view::diagram::{Cell, Fold, Leaf, Plan, Row};
use crate::words::Words;

/// What painting needs.
pub(super) struct Draw<'d, 'a, 'b> {
    painter: Painter,
    visuals: egui::Visuals,
    words: Words,
    plan: &'d Plan<'a, 'b>,
    /// Sizes of what is drawn.
    pub(super) sizes: Sizes,
    left: f32,
    /// What is selected and what is hovered, in this order.
    lit: [(Option<Mark>, Strength); 2],
    findings: &'d [Finding],
    remarks: &'d [Remark],
    hidden: &'d [BitRange],
    digits: [Arc<Galley>; 2],
}

impl<'d, 'a, 'b> Draw<'d, 'a, 'b> {
    #[allow(clippy::too_many_arguments)] // All that painting needs, once a frame.
    pub(super) fn new(
        view: &Ui,
        plan: &'d Plan<'a, 'b>,
        sizes: Sizes,
        left: f32,
        item: usize,
        marks: &Marks,
        findings: &'d [Finding],
        remarks: &'d [Remark],
        hidden: &'d [BitRange],
    ) -> Self {
        let painter = view.painter().clone();
        let text = view.visuals().text_color();
        let digits = ["0", "1"]
            .map(|digit| painter.layout_no_wrap(digit.to_owned(), FontId::monospace(sizes.bits), text));
        let here = |mark: Option<Mark>| mark.filter(|mark| mark.item == item);
        let lit = [(here(marks.selected()), Strength::Selected), (here(marks.hovered()), Strength::Hovered)];
        Self {
            painter,
            visuals: view.visuals().clone(),
            words: view.words(),
            plan,
            sizes,
            left,
            lit,
            findings,
            remarks,
            hidden,
            digits,
        }
    }

    /// The bits of neighbouring cells of one leaf, and the leaf.
    pub(super) fn block(&self, cells: &[Cell]) -> Option<(BitRange, Leaf<'a>)> {
        let (first, last) = (cells.first()?, cells.last()?);
        Some((BitRange::new(first.bits.start, last.bits.end), *self.plan.leaves.get(first.leaf)?))
    }

    /// Whether nothing may be said about some of these bits.
    pub(super) fn is_hidden(&self, bits: BitRange) -> bool {
        self.hidden.iter().any(|hidden| !common(*hidden, bits).is_empty())
    }

    /// Where bits of a row stand.
    pub(super) fn rect_of(&self, row: &Row, rect: Rect, bits: BitRange) -> Rect {
        let x = |bit: u64| self.left + bit.saturating_sub(row.first_bit) as f32 * self.sizes.bit;
        Rect::from_x_y_ranges(x(bits.start)..=x(bits.end), rect.y_range())
    }

    /// Paints a row.
    pub(super) fn row(&self, row: &Row, rect: Rect, gutter: f32) {
        let bottom = rect.bottom() - height_below(row, self.remarks);
        self.remarks_below(row, rect, bottom);
        let rect = rect.with_max_y(bottom);
        self.number(row.first_bit / 8, rect, gutter);
        for cells in blocks(row) {
            if let Some((bits, leaf)) = self.block(cells) {
                self.field(row, rect, cells, bits, leaf);
            }
        }
        self.mark_findings(row, rect);
    }

    /// The number of a row's first byte.
    fn number(&self, byte: u64, rect: Rect, gutter: f32) {
        let at = pos2(rect.left() - gutter.min(6.0), rect.top() + self.sizes.bits_line() / 2.0);
        let font = FontId::proportional(self.sizes.text * 0.88);
        self.painter.text(at, Align2::RIGHT_CENTER, byte, font, self.visuals.weak_text_color());
    }

    fn field(&self, row: &Row, rect: Rect, cells: &[Cell], bits: BitRange, leaf: Leaf<'_>) {
        let kind = leaf.field.kind;
        let block = self.rect_of(row, rect, bits);
        self.painter.rect_filled(block, 0.0, theme::ground(&self.visuals, kind, Strength::Quiet));
        for (part, strength) in self.lit_in(bits) {
            let ground = theme::ground(&self.visuals, kind, strength);
            self.painter.rect_filled(self.rect_of(row, rect, part), 0.0, ground);
        }
        self.bits(row, block, cells);
        self.below(row, rect, cells, leaf);
        self.edges(block, cells, leaf);
        for (part, strength) in self.lit_in(bits) {
            let stroke = match strength {
                Strength::Selected => self.visuals.selection.stroke,
                _ => theme::edge(kind, strength),
            };
            let around = self.rect_of(row, rect, part);
            self.painter.rect_stroke(around, 0.0, stroke, StrokeKind::Inside);
        }
    }

    /// The parts of these bits that are selected or hovered.
    fn lit_in(&self, bits: BitRange) -> impl Iterator<Item = (BitRange, Strength)> {
        self.lit.into_iter().filter_map(move |(mark, strength)| {
            let part = common(mark?.bits, bits);
            (!part.is_empty()).then_some((part, strength))
        })
    }

    /// The values of the bits, with ticks between them; where a mask covers a header, what stands under it below.
    fn bits(&self, row: &Row, block: Rect, cells: &[Cell]) {
        let line = self.sizes.bits_line();
        let text = self.visuals.text_color();
        let tick = Stroke::new(1.0, text.gamma_multiply(0.16));
        for cell in cells {
            let column = cell.bits.start.saturating_sub(row.first_bit);
            let covered = cell.clear.is_some();
            for (place, bit) in cell.bit_values().enumerate() {
                let x = self.left + (column + place as u64) as f32 * self.sizes.bit;
                // Where the header is covered, its own bits are those under the mask.
                let strength = if covered { 0.5 } else { 1.0 };
                self.digit(bit, x, block.top(), strength);
                if place > 0 {
                    self.painter.vline(x, block.top() + 4.0..=block.top() + line - 3.0, tick);
                } else if x > block.left() + 1.0 {
                    // Between two bytes.
                    let down = block.top()..=(block.top() + line + self.sizes.line()).min(block.bottom());
                    self.painter.vline(x, down, Stroke::new(1.0, text.gamma_multiply(0.3)));
                }
            }
            let hidden = self.block(cells).is_some_and(|(bits, _)| self.is_hidden(bits));
            for (place, bit) in cell.clear_values().filter(|_| !hidden).into_iter().flatten().enumerate() {
                let x = self.left + (column + place as u64) as f32 * self.sizes.bit;
                self.digit(bit, x, block.top() + line, 1.0);
            }
        }
    }

    /// One bit, in a line of bits that begins at `top`.
    fn digit(&self, bit: bool, x: f32, top: f32, strength: f32) {
        let digit = &self.digits[usize::from(bit)];
        let at = pos2(
            x + (self.sizes.bit - digit.size().x) / 2.0,
            top + (self.sizes.bits_line() - digit.size().y) / 2.0 + 1.0,
        );
        let text = self.visuals.text_color().gamma_multiply(strength);
        let colour = if bit { text } else { text.gamma_multiply(0.78) };
        self.painter.add(egui::epaint::TextShape::new(at, Arc::clone(digit), colour));
    }

    fn below(&self, row: &Row, rect: Rect, cells: &[Cell], leaf: Leaf<'_>) {
        let Some((bits, _)) = self.block(cells) else { return };
        let block = self.rect_of(row, rect, bits);
        let under = if is_covered(cells) { self.sizes.bits_line() } else { 0.0 };
        let mut y = block.top() + self.sizes.bits_line() + under;
        let text = self.visuals.text_color();
        if self.is_hidden(bits) {
            self.line(block, y, "?", FontId::proportional(self.sizes.text), text);
            return;
        }
        match below(leaf, cells) {
            Below::Letters(letters) => {
                for letter in letters.chars() {
                    let at = pos2(block.center().x, y + self.sizes.letter() / 2.0);
                    let font = FontId::proportional(self.sizes.text * 0.95);
                    self.painter.text(at, Align2::CENTER_CENTER, letter, font, text);
                    y += self.sizes.letter();
                }
            }
            Below::Lines { bytes, name, value } => {
                if bytes {
                    for cell in cells {
                        let inside = self.rect_of(row, rect, cell.bits);
                        let font = FontId::monospace(self.sizes.text);
                        self.line(inside, y, &byte_label(cell, leaf.masked), font, text);
                    }
                    y += self.sizes.line();
                }
                if name {
                    let words = title(self.words, leaf, cells);
                    self.line(block, y, &words, FontId::proportional(self.sizes.text), text);
                    y += self.sizes.line();
                }
                if value {
                    let shown = value_of(self.words, leaf, cells, bits);
                    self.line(block, y, &shown, FontId::monospace(self.sizes.text), text);
                }
            }
        }
    }

    /// A line of text in the middle of `block`, cut where it is too long.
    fn line(&self, block: Rect, y: f32, text: &str, font: FontId, colour: Color32) {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
        job.wrap = TextWrapping::truncate_at_width((block.width() - 4.0).max(1.0));
        let galley = self.painter.layout_job(job);
        let at =
            pos2(block.center().x - galley.size().x / 2.0, y + (self.sizes.line() - galley.size().y) / 2.0);
        self.painter.galley(at, galley, colour);
    }

    /// The lines around a block: open where the field goes on in another row.
    fn edges(&self, block: Rect, cells: &[Cell], leaf: Leaf<'_>) {
        let stroke = theme::edge(leaf.field.kind, Strength::Quiet);
        self.painter.hline(block.x_range(), block.top(), stroke);
        self.painter.hline(block.x_range(), block.bottom(), stroke);
        let begins = cells.first().is_some_and(|cell| cell.begins);
        let ends = cells.last().is_some_and(|cell| cell.ends);
        for (closed, x) in [(begins, block.left()), (ends, block.right())] {
            if closed {
                self.painter.vline(x, block.y_range(), Stroke::new(2.0, stroke.color));
            } else {
                let ends = [pos2(x, block.top()), pos2(x, block.bottom())];
                self.painter.extend(Shape::dashed_line(&ends, stroke, 2.0, 4.0));
            }
        }
    }

    /// A bar under the bits that a finding is about.
    fn mark_findings(&self, row: &Row, rect: Rect) {
        let Some((first, last)) = row.cells.first().zip(row.cells.last()) else { return };
        let bits = BitRange::new(first.bits.start, last.bits.end);
        for finding in self.findings {
            let Some(place) = finding.bits else { continue };
            let part = common(place, bits);
            if part.is_empty() {
                continue;
            }
            let colour = theme::severity(&self.visuals, finding.severity());
            let under = self.rect_of(row, rect, part);
            let bar = Rect::from_min_max(pos2(under.left() + 1.0, under.bottom() - 3.0), under.max);
            self.painter.rect_filled(bar, 0.0, colour);
        }
    }

    /// What there is to say about the fields of a row, below it.
    fn remarks_below(&self, row: &Row, rect: Rect, top: f32) {
        let mut y = top;
        for remark in beginning(row, self.remarks) {
            // Under its bits, or as near to them as the row is wide.
            let under = self.rect_of(row, rect, remark.place()).left() + 1.0;
            let x = under.min(rect.right() - remark.words.size().x).max(rect.left());
            self.painter.galley(pos2(x, y + 1.0), Arc::clone(&remark.words), remark.colour);
            y += remark.height();
        }
    }

    /// Paints what is left out; its words and buttons stand above it.
    pub(super) fn fold(&self, fold: &Fold, rect: Rect, gutter: f32) {
        let Some(leaf) = self.plan.leaves.get(fold.leaf) else { return };
        let kind = leaf.field.kind;
        self.number(fold.bits.start / 8, rect, gutter);
        let lit = self.lit_in(fold.bits).last().map_or(Strength::Quiet, |(_, strength)| strength);
        if fold.recorded {
            self.painter.rect_filled(rect, 0.0, theme::ground(&self.visuals, kind, lit));
        }
        let corners =
            [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        self.painter.extend(Shape::dashed_line(&corners, theme::edge(kind, lit), 4.0, 4.0));
    }
}

/// The bits that two ranges share.
fn common(one: BitRange, other: BitRange) -> BitRange {
    BitRange::new(one.start.max(other.start), one.end.min(other.end))
}

fn byte_label(cell: &Cell, masked: bool) -> String {
    cell.byte.map_or_else(String::new, |byte| byte.label(masked, picture))
}

/// The field's name, and that it is masked or goes on from the row above.
fn title(words: Words, leaf: Leaf<'_>, cells: &[Cell]) -> String {
    let name = leaf.field.kind.name;
    if !cells.first().is_some_and(|cell| cell.begins) {
        words.with("inspector-bits-continued", &[("name", name.into())])
    } else if leaf.masked && !is_covered(cells) {
        words.with("inspector-bits-masked", &[("name", name.into())])
    } else {
        name.to_owned()
    }
}

/// The value, in the row where the field begins; of bytes those that stand in this row.
fn value_of(words: Words, leaf: Leaf<'_>, cells: &[Cell], part: BitRange) -> String {
    match &leaf.field.value {
        Value::Bytes(bytes) => {
            let start = leaf.field.bits.start;
            let from = (part.start.saturating_sub(start) / 8) as usize;
            let to = (part.end.saturating_sub(start) / 8) as usize;
            spaced_hex(bytes.get(from..to).unwrap_or_default())
        }
        _ if !cells.first().is_some_and(|cell| cell.begins) => String::new(),
        // Where the bits under the mask are shown they say it themselves.
        _ if leaf.masked && !is_covered(cells) => {
            words.with("inspector-bits-means", &[("value", short(words, leaf.field, 48).into())])
        }
        _ => short(words, leaf.field, 48),
    }
}
