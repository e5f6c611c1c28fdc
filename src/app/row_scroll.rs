//! Scrolling through rows of one height, however many there are.

#![allow(clippy::cast_sign_loss)] // Positions and sizes are never negative.

use std::ops::Range;

use egui::{CornerRadius, Id, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme;

/// Where a list stands.
///
/// The position is counted in rows and not in points: a million rows are more points than `f32` can tell apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowScroll {
    /// The first row that is seen; its fraction is out of sight.
    position: f64,
    /// How many rows fit, as they were drawn last.
    page: f64,
    /// Where on the handle of the scroll bar the pointer holds it, in points.
    grip: Option<f32>,
}

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

/// The shortest handle that can be held, in points.
const HANDLE: f32 = 24.0;

impl RowScroll {
    /// How many whole rows fit.
    pub(super) const fn page(&self) -> usize {
        self.page as usize
    }

    /// Puts the end of the list at the lower edge.
    pub(super) const fn go_to_end(&mut self) {
        self.position = f64::MAX;
    }

    /// Moves as little as is needed to see this row whole.
    pub(super) fn reveal(&mut self, row: usize) {
        let row = row as f64;
        if row < self.position {
            self.position = row;
        } else if row + 1.0 > self.position + self.page {
            self.position = (row + 1.0 - self.page).max(0.0);
        }
    }

    /// Takes the wheel and draws the scroll bar; says what is to be drawn. `name` is the scroll bar's.
    pub(super) fn ui(&mut self, ui: &Ui, id: Id, rect: Rect, height: f32, count: usize, name: &str) -> Shown {
        self.page = f64::from(rect.height() / height);
        let last = (count as f64 - self.page).max(0.0);
        let before = self.position.clamp(0.0, last);
        self.position = before;
        if ui.rect_contains_pointer(rect) {
            let wheel = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            self.position -= f64::from(wheel / height);
        }
        let mut area = rect;
        if last > 0.0 {
            area.max.x -= theme::SCROLL_BAR;
            let track = Rect::from_min_max(pos2(area.max.x, rect.top()), rect.max);
            self.bar(ui, id.with("bar"), track, last, name);
        }
        self.position = self.position.clamp(0.0, last);
        let first = self.position.floor();
        let end = (self.position + self.page).ceil() as usize;
        Shown {
            area,
            rows: first as usize..end.min(count),
            went_back: self.position < before,
            first_top: rect.top() - (self.position - first) as f32 * height,
            height,
        }
    }

    fn bar(&mut self, ui: &Ui, id: Id, track: Rect, last: f64, name: &str) {
        let length = (track.height() * (self.page / (last + self.page)) as f32).clamp(HANDLE, track.height());
        let room = f64::from((track.height() - length).max(1.0));
        let response = ui.interact(track, id, Sense::CLICK | Sense::DRAG);
        let top = |position: f64| track.top() + (position.clamp(0.0, last) / last * room) as f32;
        if let Some(pointer) = response.interact_pointer_pos() {
            let handle = top(self.position);
            let inside = (handle..handle + length).contains(&pointer.y);
            // A press beside the handle brings its middle to the pointer.
            let grip = *self.grip.get_or_insert(if inside { pointer.y - handle } else { length / 2.0 });
            self.position = f64::from(pointer.y - grip - track.top()) / room * last;
        }
        if !response.is_pointer_button_down_on() {
            self.grip = None;
        }
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, name));
        let handle = Rect::from_min_size(pos2(track.left(), top(self.position)), vec2(track.width(), length));
        let visuals = ui.style().interact(&response);
        ui.painter().rect_filled(track, CornerRadius::same(4), ui.visuals().faint_bg_color);
        ui.painter().rect_filled(
            handle.shrink2(vec2(1.5, 1.0)),
            CornerRadius::same(4),
            visuals.fg_stroke.color.gamma_multiply(0.45),
        );
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
