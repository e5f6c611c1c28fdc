//! Where each byte of the hex view stands.

use egui::{FontId, Pos2, Rect, Ui};

/// The places of offsets, hexadecimal digits and characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// How many bytes there are.
    pub(super) length: usize,
    /// How many stand in a row.
    pub(super) bytes: usize,
    /// How many digits an offset has.
    pub(super) digits: usize,
    /// The width of a character.
    pub(super) char: f32,
    /// The size of the text.
    pub(super) size: f32,
    /// The height of a row.
    pub(super) row: f32,
}

/// Sizes of text: the least with 16 bytes in a row, and the most.
const LEAST: f32 = 11.5;
const MOST: f32 = 17.0;
/// The room for the scroll bar.
const SCROLL: f32 = 14.0;

impl Grid {
    /// A grid as wide as there is room.
    pub(super) fn of(ui: &Ui, length: usize) -> Self {
        let digits = (length.max(2) - 1).ilog(16).max(3) as usize + 1;
        let of_size_one = ui.fonts_mut(|fonts| fonts.glyph_width(&FontId::monospace(100.0), '0')) / 100.0;
        let room = (ui.available_width() - SCROLL).max(100.0);
        let size = |bytes: usize| room / (columns(digits, bytes) * of_size_one);
        let bytes = if size(16) >= LEAST { 16 } else { 8 };
        let size = size(bytes).clamp(LEAST - 1.5, MOST);
        Self { length, bytes, digits, char: size * of_size_one, size, row: (size * 1.5).round() }
    }

    /// How many rows there are.
    pub(super) const fn rows(&self) -> usize {
        self.length.div_ceil(self.bytes)
    }

    /// The left edge of a byte's digits with the space around them, `eighths` of the byte further to the right.
    pub(super) fn hex(&self, column: usize, eighths: u64) -> f32 {
        let middle = if column >= self.bytes / 2 { 1.0 } else { 0.0 };
        (self.digits as f32 + 1.0 + middle + (column as f32 + eighths as f32 / 8.0) * 3.0) * self.char
    }

    /// The left edge of a byte's character, `eighths` of the byte further to the right.
    pub(super) fn text(&self, column: usize, eighths: u64) -> f32 {
        self.hex(self.bytes, 0) + (1.0 + column as f32 + eighths as f32 / 8.0) * self.char
    }

    /// The byte at this place, and whether its character stands there.
    pub(super) fn at(&self, pointer: Pos2, inner: Rect, offset: f64) -> Option<(usize, bool)> {
        let row = (f64::from(pointer.y - inner.top()) + offset) / f64::from(self.row);
        let x = pointer.x - inner.left();
        let as_text = x >= self.text(0, 0) - self.char / 2.0;
        let column = if as_text {
            (x - self.text(0, 0)) / self.char
        } else {
            let middle = if x >= self.hex(self.bytes / 2, 0) { self.char } else { 0.0 };
            (x - self.hex(0, 0) - middle) / (3.0 * self.char)
        };
        let column = (column.max(0.0) as usize).min(self.bytes - 1);
        let at = (row.max(0.0) as usize).saturating_mul(self.bytes).saturating_add(column);
        Some((at.min(self.length.checked_sub(1)?), as_text))
    }
}

/// How many characters a row is wide.
fn columns(digits: usize, bytes: usize) -> f32 {
    (digits + 1 + 1 + bytes * 3 + 1 + bytes + 1) as f32
}
