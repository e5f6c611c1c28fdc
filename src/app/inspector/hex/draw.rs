//! Painting the rows of the hex view.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use egui::{Color32, FontId, Galley, Painter, Rect, Stroke, StrokeKind, Ui, pos2};

use super::super::text::picture;
use super::grid::Grid;
use crate::app::look::Look;
use crate::app::marks::{Mark, Marks};
use crate::app::theme::{self, Strength};
use crate::model::field::BitRange;
use crate::model::rule::Finding;
use crate::view::diagram::Plan;

/// What painting needs, with the texts that were laid out in this frame.
pub(super) struct Draw<'d, 'a, 'b> {
    painter: Painter,
    visuals: egui::Visuals,
    plan: &'d Plan<'a, 'b>,
    grid: &'d Grid,
    findings: &'d [Finding],
    lit: [(Option<Mark>, Strength); 2],
    unmasked: bool,
    bytes: HashMap<u8, Arc<Galley>>,
    characters: HashMap<char, Arc<Galley>>,
}

impl<'d, 'a, 'b> Draw<'d, 'a, 'b> {
    pub(super) fn new(
        view: &Ui,
        plan: &'d Plan<'a, 'b>,
        grid: &'d Grid,
        look: &'d Look,
        marks: &Marks,
        unmasked: bool,
    ) -> Self {
        let here = |mark: Option<Mark>| mark.filter(|mark| mark.item == look.number);
        Self {
            painter: view.painter().clone(),
            visuals: view.visuals().clone(),
            plan,
            grid,
            findings: &look.findings,
            lit: [(here(marks.selected()), Strength::Selected), (here(marks.hovered()), Strength::Hovered)],
            unmasked,
            bytes: HashMap::new(),
            characters: HashMap::new(),
        }
    }

    /// Paints a row.
    pub(super) fn row(&mut self, number: usize, rect: Rect) {
        let from = number * self.grid.bytes;
        let to = (from + self.grid.bytes).min(self.grid.length);
        self.grounds(BitRange::bytes(from, to), rect);
        let weak = self.visuals.weak_text_color();
        let text = self.visuals.text_color();
        let middle = rect.center().y;
        let offset = format!("{from:0width$x}", width = self.grid.digits);
        self.painter.text(
            pos2(rect.left(), middle),
            egui::Align2::LEFT_CENTER,
            offset,
            FontId::monospace(self.grid.size),
            weak,
        );
        for at in from..to {
            let Some(byte) = self.plan.byte(at) else { continue };
            let value = if self.unmasked { byte.plain } else { byte.wire };
            let left = rect.left() + self.grid.hex(at - from, 0);
            let galley = self.byte(value);
            self.centred(&galley, left..left + 3.0 * self.grid.char, middle, text);
            self.character(at, from..to, rect);
        }
        self.mark_findings(BitRange::bytes(from, to), rect);
    }

    fn byte(&mut self, byte: u8) -> Arc<Galley> {
        let (painter, size) = (&self.painter, self.grid.size);
        let galley = self.bytes.entry(byte).or_insert_with(|| {
            painter.layout_no_wrap(format!("{byte:02x}"), FontId::monospace(size), Color32::PLACEHOLDER)
        });
        Arc::clone(galley)
    }

    fn centred(&self, galley: &Arc<Galley>, x: Range<f32>, middle: f32, colour: Color32) {
        let size = galley.size();
        let at = pos2((x.start + x.end - size.x) / 2.0, middle - size.y / 2.0);
        self.painter.galley(at, Arc::clone(galley), colour);
    }

    /// A character, over all bytes that it is made of; a point for a byte that is none.
    fn character(&mut self, at: usize, row: Range<usize>, rect: Rect) {
        let sequence =
            if self.unmasked || !self.is_masked(at) { sequence(self.plan, at) } else { at..at + 1 };
        let shown = sequence.start.max(row.start)..sequence.end.min(row.end);
        if at != shown.start {
            return;
        }
        let x = |at: usize| rect.left() + self.grid.text(at - row.start, 0);
        let span = x(shown.start)..x(shown.end);
        if sequence.len() > 1 {
            let around =
                Rect::from_x_y_ranges(span.start..=span.end, rect.y_range()).shrink2(egui::vec2(0.5, 2.0));
            let stroke = Stroke::new(1.0, self.visuals.weak_text_color());
            self.painter.rect_stroke(around, 2.0, stroke, StrokeKind::Inside);
        }
        let character = self.shown(sequence.start);
        // Where a character goes on in the next row, it stands in the first.
        if sequence.start < row.start {
            return;
        }
        let colour =
            if character.is_some() { self.visuals.text_color() } else { self.visuals.weak_text_color() };
        let (painter, size) = (&self.painter, self.grid.size);
        let character = character.unwrap_or('·');
        let galley = self.characters.entry(character).or_insert_with(|| {
            painter.layout_no_wrap(character.to_string(), FontId::monospace(size), Color32::PLACEHOLDER)
        });
        let galley = Arc::clone(galley);
        self.centred(&galley, span, rect.center().y, colour);
    }

    fn is_masked(&self, at: usize) -> bool {
        self.plan.leaf_at(at as u64 * 8).is_some_and(|(_, leaf)| leaf.masked)
    }

    /// The character that begins with a byte, as far as it can be seen.
    fn shown(&self, at: usize) -> Option<char> {
        let byte = self.plan.byte(at)?;
        if self.is_masked(at) && !self.unmasked {
            return Some(char::from(byte.wire)).filter(char::is_ascii_graphic);
        }
        byte.character.and_then(picture)
    }

    /// The colours of the fields, of bits where a byte holds several.
    fn grounds(&self, row: BitRange, rect: Rect) {
        let mut at = row.start;
        while let Some((_, leaf)) = self.plan.leaf_at(at).filter(|_| at < row.end) {
            let bits = BitRange::new(at, leaf.field.bits.end.min(row.end));
            let kind = leaf.field.kind;
            self.fill(row, bits, rect, theme::ground(&self.visuals, kind, Strength::Quiet));
            for (mark, strength) in self.lit {
                let Some(mark) = mark else { continue };
                let part = BitRange::new(bits.start.max(mark.bits.start), bits.end.min(mark.bits.end));
                if !part.is_empty() {
                    self.fill(row, part, rect, theme::ground(&self.visuals, kind, strength));
                }
            }
            at = bits.end;
        }
    }

    /// The places of bits of a row: among the digits, and among the characters.
    fn places(&self, row: BitRange, bits: BitRange, rect: Rect) -> [Rect; 2] {
        let (first, last) = (bits.start - row.start, bits.end - row.start);
        // The end of a byte, not the beginning of the next: between the halves of a row there is a space.
        let (end, eighths) = ((last - 1) / 8, (last - 1) % 8 + 1);
        let (begin, skipped) = (first / 8, first % 8);
        let hex = self.grid.hex(begin as usize, skipped)..=self.grid.hex(end as usize, eighths);
        let text = self.grid.text(begin as usize, skipped)..=self.grid.text(end as usize, eighths);
        [hex, text].map(|x| {
            let x = rect.left() + x.start()..=rect.left() + x.end();
            Rect::from_x_y_ranges(x, rect.top() + 0.5..=rect.bottom() - 0.5)
        })
    }

    fn fill(&self, row: BitRange, bits: BitRange, rect: Rect, colour: Color32) {
        for place in self.places(row, bits, rect) {
            self.painter.rect_filled(place, 0.0, colour);
        }
    }

    fn mark_findings(&self, row: BitRange, rect: Rect) {
        for finding in self.findings {
            let Some(place) = finding.bits else { continue };
            let part = BitRange::new(place.start.max(row.start), place.end.min(row.end));
            if part.is_empty() {
                continue;
            }
            let colour = theme::severity(&self.visuals, finding.severity());
            for place in self.places(row, part, rect) {
                let bar = place.with_min_y(place.bottom() - 2.0);
                self.painter.rect_filled(bar, 0.0, colour);
            }
        }
    }

    /// The byte that the arrow keys move from.
    pub(super) fn head(&self, head: usize, inner: Rect, offset: f64) {
        let row = head / self.grid.bytes;
        let top = inner.top() + (row as f64 * f64::from(self.grid.row) - offset) as f32;
        let rect = Rect::from_x_y_ranges(inner.x_range(), top..=top + self.grid.row);
        let from = row * self.grid.bytes;
        let row = BitRange::bytes(from, from + self.grid.bytes);
        for place in self.places(row, BitRange::bytes(head, head + 1), rect) {
            self.painter.rect_stroke(place, 0.0, self.visuals.selection.stroke, StrokeKind::Inside);
        }
    }
}

/// The bytes of the character that a byte is part of; a byte that is part of none stands alone.
pub(super) fn sequence(plan: &Plan<'_, '_>, at: usize) -> Range<usize> {
    (at.saturating_sub(3)..=at)
        .rev()
        .find_map(|start| {
            let length = plan.byte(start)?.character?.len_utf8();
            Some(start..start + length)
        })
        .filter(|sequence| sequence.contains(&at))
        .unwrap_or(at..at + 1)
}
