//! Scrolling through what may be very long, with the one scroll bar that the window draws itself.
//!
//! The scroll areas of egui keep their offset in points as an `f32`, which cannot tell neighbouring points apart beyond
//! some millions of them. A message of a megabyte, drawn bit by bit, is longer than that, and so is a list of a hundred
//! thousand rows.

use egui::accesskit::Role;
use egui::{CornerRadius, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme;

/// How far something is scrolled, in units of its own: rows of a list, or points.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scroll {
    /// The first unit that is seen; its fraction is out of sight.
    position: f64,
    /// How many units fit, as they were drawn last.
    page: f64,
    /// Where on the handle of the scroll bar the pointer holds it, in points.
    grip: Option<f32>,
}

/// The shortest handle that can be held, in points.
const HANDLE: f32 = 24.0;

impl Scroll {
    /// The first unit that is seen; its fraction is out of sight.
    pub(super) const fn position(&self) -> f64 {
        self.position
    }

    /// How many units fit.
    pub(super) const fn page(&self) -> f64 {
        self.page
    }

    /// Puts the end at the lower edge.
    pub(super) const fn go_to_end(&mut self) {
        self.position = f64::MAX;
    }

    /// Scrolls by so many units.
    pub(super) fn by(&mut self, units: f64) {
        self.position += units;
    }

    /// Scrolls as little as is needed to see what lies from `top` to `bottom`, where `page` units fit. What is longer than
    /// that is seen from its beginning.
    pub(super) fn show(&mut self, top: f64, bottom: f64, page: f64) {
        if top < self.position {
            self.position = top;
        } else if bottom > self.position + page {
            self.position = (bottom - page).min(top).max(0.0);
        }
    }

    /// Takes the wheel and draws the bar for what is `total` units long in `rect`; a unit is `unit` points high. Returns
    /// the part of `rect` that is left for it. `name` is the scroll bar's.
    pub(super) fn ui(&mut self, ui: &Ui, id: Id, rect: Rect, unit: f32, total: f64, name: &str) -> Rect {
        self.page = f64::from(rect.height() / unit);
        let last = (total - self.page).max(0.0);
        self.position = self.position.clamp(0.0, last);
        // What can be seen whole leaves the wheel to whatever is around it.
        if last <= 0.0 {
            return rect;
        }
        if ui.rect_contains_pointer(rect) && ui.ctx().dragged_id().is_none() {
            let wheel = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            self.position -= f64::from(wheel / unit);
        }
        let area = rect.with_max_x(rect.right() - theme::SCROLL_BAR);
        let track = Rect::from_min_max(pos2(area.right(), rect.top()), rect.max);
        self.bar(ui, id, track, last, name);
        self.position = self.position.clamp(0.0, last);
        area
    }

    fn bar(&mut self, ui: &Ui, id: Id, track: Rect, last: f64, name: &str) {
        let length = (track.height() * (self.page / (last + self.page)) as f32)
            .clamp(HANDLE, track.height().max(HANDLE));
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
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ScrollBar, true, name);
            info.value = Some(self.position.clamp(0.0, last) / last);
            info
        });
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
