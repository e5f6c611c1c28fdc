//! Scrolling through what may be very long.
//!
//! The scroll areas of egui keep their offset as an `f32`, which cannot tell neighbouring points apart beyond some
//! millions of them. A message of a megabyte, drawn bit by bit, is longer than that.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};

use crate::words;

/// How far something is scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scroll {
    /// The first point that is seen, counted from the top.
    at: f64,
}

/// The width of the bar, and of the space before it.
const BAR: f32 = 10.0;
const SPACE: f32 = 4.0;
/// The least height of its handle.
const HANDLE: f32 = 28.0;

impl Scroll {
    /// Takes the wheel and draws the bar for what is `total` points high in `area`. Returns the part of the area that
    /// is left for it, and how far it is scrolled.
    pub(super) fn ui(&mut self, ui: &Ui, area: Rect, total: f64, id: Id) -> (Rect, f64) {
        let height = f64::from(area.height());
        if total <= height {
            self.at = 0.0;
            return (area, 0.0);
        }
        if ui.rect_contains_pointer(area) && ui.ctx().dragged_id().is_none() {
            let delta = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            self.at -= f64::from(delta);
        }
        let most = total - height;
        self.at = self.at.clamp(0.0, most);
        let bar = Rect::from_min_max(pos2(area.right() - BAR, area.top()), area.max);
        self.bar(ui, bar, total, id);
        self.at = self.at.clamp(0.0, most);
        let inner = area.with_max_x(bar.left() - SPACE);
        // On whole pixels, so that text stays sharp.
        let pixel = f64::from(ui.ctx().pixels_per_point());
        (inner, (self.at * pixel).round() / pixel)
    }

    fn bar(&mut self, ui: &Ui, bar: Rect, total: f64, id: Id) {
        let height = f64::from(bar.height());
        let most = total - height;
        let handle = (height * height / total).max(f64::from(HANDLE)).min(height);
        let way = (height - handle).max(1.0);
        let response = ui.interact(bar, id, Sense::CLICK | Sense::DRAG);
        if let Some(pointer) = response.interact_pointer_pos() {
            let top = self.at / most * way;
            let along = f64::from(pointer.y - bar.top());
            let on_handle = (top..=top + handle).contains(&along);
            if response.dragged() && !response.drag_started() {
                self.at += f64::from(response.drag_delta().y) / way * most;
            } else if (response.clicked() || response.drag_started()) && !on_handle {
                self.at = (along - handle / 2.0) / way * most;
            }
        }
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ScrollBar, true, words::text("inspector-scroll"));
            info.value = Some(self.at / most);
            info
        });
        let visuals = ui.style().interact(&response);
        let top = bar.top() + (self.at.clamp(0.0, most) / most * way) as f32;
        let handle =
            Rect::from_min_max(pos2(bar.left(), top), pos2(bar.right(), top + handle as f32)).shrink(1.0);
        let painter = ui.painter();
        painter.rect_filled(bar, BAR / 2.0, ui.visuals().extreme_bg_color);
        painter.rect_filled(handle, BAR / 2.0, visuals.fg_stroke.color.gamma_multiply(0.55));
    }

    /// Scrolls by so many points.
    pub(super) fn by(&mut self, points: f64) {
        self.at += points;
    }

    /// Scrolls as little as is needed to see what lies from `top` to `bottom` in a view of this height.
    pub(super) fn show(&mut self, top: f64, bottom: f64, height: f32) {
        let height = f64::from(height);
        if top < self.at {
            self.at = top;
        } else if bottom > self.at + height {
            // What is higher than the view is seen from its beginning.
            self.at = (bottom - height).min(top);
        }
    }
}
