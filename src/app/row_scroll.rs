//! Scrolling through rows of one height, however many there are.

#![allow(clippy::cast_sign_loss)] // Positions and sizes are never negative.

use std::ops::Range;

use egui::{Id, Key, Rect, Ui, pos2, vec2};

use super::scroll::Scroll;

/// Where a list stands, counted in rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowScroll(Scroll);

/// What is seen of a list.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Where rows are drawn: without the scroll bar.
    pub(super) area: Rect,
    /// The rows that are seen, whole or in part.
    pub(super) rows: Range<usize>,
    /// A person scrolled towards the beginning.
    pub(super) went_back: bool,
    first_top: f32,
    height: f32,
}

impl Shown {
    /// Where a row that is seen is drawn.
    pub(super) fn rect(&self, row: usize) -> Rect {
        let top = self.first_top + row.saturating_sub(self.rows.start) as f32 * self.height;
        Rect::from_min_size(pos2(self.area.left(), top), vec2(self.area.width(), self.height))
    }
}

impl RowScroll {
    /// How many whole rows fit.
    pub(super) const fn page(&self) -> usize {
        self.0.page() as usize
    }

    /// The keys that go through a list, and by how many rows.
    pub(super) fn moves(&self) -> [(Key, isize); 6] {
        let page = self.page().max(2).cast_signed() - 1;
        [
            (Key::ArrowDown, 1),
            (Key::ArrowUp, -1),
            (Key::PageDown, page),
            (Key::PageUp, -page),
            (Key::Home, isize::MIN),
            (Key::End, isize::MAX),
        ]
    }

    /// Puts the end of the list at the lower edge.
    pub(super) const fn go_to_end(&mut self) {
        self.0.go_to_end();
    }

    /// Moves as little as is needed to see this row whole.
    pub(super) fn reveal(&mut self, row: usize) {
        // Before it was drawn nobody knows how many rows fit.
        let page = self.0.page().max(1.0);
        self.0.show(row as f64, row as f64 + 1.0, page);
    }

    /// Takes the wheel and draws the scroll bar; says what is to be drawn. `name` is the scroll bar's.
    pub(super) fn ui(&mut self, ui: &Ui, id: Id, rect: Rect, height: f32, count: usize, name: &str) -> Shown {
        let before = self.0.position();
        let area = self.0.ui(ui, id.with("bar"), rect, height, count as f64, name);
        let (position, page) = (self.0.position(), self.0.page());
        let first = position.floor();
        let end = (position + page).ceil() as usize;
        Shown {
            area,
            rows: first as usize..end.min(count),
            // Behind its end nobody has scrolled.
            went_back: position < before.min((count as f64 - page).max(0.0)),
            first_top: rect.top() - (position - first) as f32 * height,
            height,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a list of a million rows of 36 points in 360 points.
    fn draw(scroll: &mut RowScroll) -> Shown {
        let mut seen = None;
        egui::__run_test_ui(|ui| {
            let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 360.0));
            seen = Some(scroll.ui(ui, Id::unique("list"), rect, 36.0, 1_000_000, "place"));
        });
        seen.expect("it was drawn")
    }

    #[test]
    fn rows_far_down_stand_exactly_below_each_other() {
        let mut scroll = RowScroll::default();
        scroll.go_to_end();
        let seen = draw(&mut scroll);
        assert_eq!(seen.rows, 999_990..1_000_000);
        assert!((seen.rect(999_999).bottom() - 360.0).abs() < 0.01);
        assert!((seen.rect(999_990).top()).abs() < 0.01);
    }

    #[test]
    fn what_is_revealed_before_anything_was_drawn_is_seen() {
        let mut scroll = RowScroll::default();
        scroll.reveal(0);
        assert_eq!(draw(&mut scroll).rows, 0..10);
    }

    #[test]
    fn revealing_moves_as_little_as_is_needed() {
        let mut scroll = RowScroll::default();
        draw(&mut scroll);
        scroll.reveal(9);
        assert_eq!(draw(&mut scroll).rows, 0..10);
        scroll.reveal(500_000);
        assert_eq!(draw(&mut scroll).rows, 499_991..500_001);
        scroll.reveal(499_995);
        assert_eq!(draw(&mut scroll).rows, 499_991..500_001);
        scroll.reveal(7);
        assert_eq!(draw(&mut scroll).rows.start, 7);
    }
}
