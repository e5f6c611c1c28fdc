//! The bytes of an item in hexadecimal and as characters, coloured by field.
//!
//! Only the rows that are seen are laid out. A drag or Shift with the arrow keys selects bytes; what is selected here is
//! what is selected in every view.

mod draw;
mod grid;

use egui::accesskit::Role;
use egui::{Event, EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::copy::CopyAs;
use super::text::picture;
use super::{on_pixels, take_focus};
use crate::app::language::Speaks;
use crate::app::look::Look;
use crate::app::marks::{Mark, Marks};
use crate::app::scroll::Scroll;
use crate::model::field::{BitRange, spaced_hex};
use crate::view::diagram::{Plan, ROW_BITS};
use crate::view::fit::with_commas;
use draw::Draw;
use grid::Grid;

/// The hex view.
#[derive(Debug, Default)]
pub(super) struct Hex {
    scroll: Scroll,
    /// Where the selection began, and the byte to which it was drawn.
    anchor: usize,
    head: usize,
    /// What was selected in the frame before.
    seen: Option<Mark>,
    /// Masked bytes are shown with their mask taken off.
    unmasked: bool,
}

impl Hex {
    /// Begins anew with another item; whether masks are taken off stays.
    pub(super) fn look_elsewhere(&mut self) {
        *self = Self { unmasked: self.unmasked, ..Self::default() };
    }

    /// Draws it. Returns what is to be copied. Where a question is open, masks stay on: taking them off may be the answer.
    pub(super) fn ui(&mut self, ui: &mut Ui, look: &Look, marks: &mut Marks, hidden: bool) -> Option<String> {
        self.unmasked &= !hidden;
        // Rows are of no matter here: the plan knows leaves, masks and characters.
        let plan = Plan::new(&look.tree, &look.bytes, ROW_BITS, |_| None);
        let copied = self.tools(ui, look, marks, &plan);
        if look.bytes.is_empty() {
            ui.label(ui.words().text("inspector-hex-none"));
            return copied;
        }
        let grid = Grid::of(ui, look.bytes.len());
        let id = ui.make_persistent_id("hex");
        let total = grid.rows() as f64 * f64::from(grid.row);
        let room = f64::from(ui.available_height().max(grid.row));
        let (_, area) = ui.allocate_space(vec2(ui.available_width(), total.min(room) as f32));
        let response = ui.interact(area, id, Sense::click_and_drag());
        let name = ui.words().text("inspector-hex-about");
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, name));

        let mut copy = copied;
        self.take_selection(look.number, marks, &grid, area);
        if response.has_focus() {
            let filter =
                EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            let page = (area.height() / grid.row) as usize;
            if let Some((head, extend)) = self.pressed(ui, &grid, page.max(1)) {
                self.select(look.number, head, extend, marks);
                self.show_head(&grid, area);
            }
            if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
                self.select(look.number, 0, false, marks);
                self.select(look.number, look.bytes.len() - 1, true, marks);
            }
            if ui.input(|input| input.events.contains(&Event::Copy)) {
                copy = Some(CopyAs::Hex.write(&self.chosen(look, marks, &plan)));
            }
        }
        let name = ui.words().text("inspector-scroll");
        let inner = self.scroll.ui(ui, id.with("scroll"), area, 1.0, total, name);
        let offset = on_pixels(ui, self.scroll.position());
        self.point(ui, &response, &grid, inner, offset, look.number, &plan, marks);

        let mut view = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("rows"));
        view.set_clip_rect(ui.clip_rect().intersect(inner.expand(1.0)));
        let seen = view.clip_rect();
        let mut draw = Draw::new(&view, &plan, &grid, look, marks, self.unmasked);
        let first =
            ((offset + f64::from((seen.top() - inner.top()).max(0.0))) / f64::from(grid.row)) as usize;
        for number in first..grid.rows() {
            let y = inner.top() + (number as f64 * f64::from(grid.row) - offset) as f32;
            if y > seen.bottom() {
                break;
            }
            let rect = Rect::from_x_y_ranges(inner.x_range(), y..=y + grid.row);
            draw.row(number, rect);
            self.name_row(&view, id, number, rect, &grid, &plan);
        }
        if response.has_focus() {
            draw.head(self.head, inner, offset);
            let stroke = ui.visuals().selection.stroke;
            ui.painter().rect_stroke(area.expand(1.0), 3.0, stroke, egui::StrokeKind::Outside);
        }
        copy
    }

    /// Copying, the switch between masked and unmasked, and what is selected in numbers.
    fn tools(&mut self, ui: &mut Ui, look: &Look, marks: &Marks, plan: &Plan<'_, '_>) -> Option<String> {
        let mut copied = None;
        ui.horizontal_wrapped(|ui| {
            ui.menu_button(ui.words().text("inspector-copy"), |ui| {
                for (way, word) in CopyAs::ALL {
                    if ui.button(ui.words().text(word)).clicked() {
                        copied = Some(way.write(&self.chosen(look, marks, plan)));
                        ui.close();
                    }
                }
            });
            if plan.leaves.iter().any(|leaf| leaf.masked) {
                ui.selectable_value(&mut self.unmasked, false, ui.words().text("inspector-hex-wire"));
                ui.selectable_value(&mut self.unmasked, true, ui.words().text("inspector-hex-unmasked"));
            }
            if let Some(mark) = marks.selected().filter(|mark| mark.item == look.number) {
                let bytes = mark.bits.byte_range();
                let count = bytes.len() as u64;
                let values = [
                    ("first", with_commas(bytes.start as u64).into()),
                    ("count", count.into()),
                    ("shown", with_commas(count).into()),
                ];
                ui.weak(ui.words().with("inspector-hex-selected", &values));
            }
        });
        copied
    }

    /// The bytes that are to be copied: those that are selected, otherwise all.
    fn chosen(&self, look: &Look, marks: &Marks, plan: &Plan<'_, '_>) -> Vec<u8> {
        let all = 0..look.bytes.len();
        let mark = marks.selected().filter(|mark| mark.item == look.number);
        let chosen = mark.map_or(all, |mark| mark.bits.byte_range());
        chosen
            .filter_map(|at| plan.byte(at))
            .map(|byte| if self.unmasked { byte.plain } else { byte.wire })
            .collect()
    }

    /// Takes over what was selected in another view.
    fn take_selection(&mut self, item: usize, marks: &Marks, grid: &Grid, area: Rect) {
        if self.seen == marks.selected() {
            return;
        }
        self.seen = marks.selected();
        if let Some(mark) = marks.selected().filter(|mark| mark.item == item) {
            let bytes = mark.bits.byte_range();
            self.anchor = bytes.end.saturating_sub(1);
            self.head = bytes.start;
            self.show_head(grid, area);
        }
    }

    fn show_head(&mut self, grid: &Grid, area: Rect) {
        let top = (self.head / grid.bytes) as f64 * f64::from(grid.row);
        self.scroll.show(top, top + f64::from(grid.row), area.height().into());
    }

    /// Selects up to a byte.
    fn select(&mut self, item: usize, head: usize, extend: bool, marks: &mut Marks) {
        if !extend {
            self.anchor = head;
        }
        self.head = head;
        let (from, to) = (self.anchor.min(head), self.anchor.max(head));
        marks.select(item, BitRange::bytes(from, to + 1));
        self.seen = marks.selected();
    }

    /// The byte to which a key moves, and whether the selection is extended to it.
    fn pressed(&self, ui: &Ui, grid: &Grid, page: usize) -> Option<(usize, bool)> {
        let last = grid.length.checked_sub(1)?;
        let here = self.head.min(last);
        let row = here / grid.bytes * grid.bytes;
        let moves = [
            (Modifiers::COMMAND, Key::Home, 0),
            (Modifiers::COMMAND, Key::End, last),
            (Modifiers::NONE, Key::ArrowLeft, here.saturating_sub(1)),
            (Modifiers::NONE, Key::ArrowRight, here + 1),
            (Modifiers::NONE, Key::ArrowUp, here.checked_sub(grid.bytes).unwrap_or(here)),
            (
                Modifiers::NONE,
                Key::ArrowDown,
                if here + grid.bytes > last { here } else { here + grid.bytes },
            ),
            (Modifiers::NONE, Key::Home, row),
            (Modifiers::NONE, Key::End, row + grid.bytes - 1),
            (Modifiers::NONE, Key::PageUp, here.saturating_sub(page * grid.bytes)),
            (Modifiers::NONE, Key::PageDown, here + page * grid.bytes),
        ];
        ui.input_mut(|input| {
            for (modifiers, key, to) in moves {
                for extend in [true, false] {
                    let modifiers = if extend { modifiers | Modifiers::SHIFT } else { modifiers };
                    if input.consume_key(modifiers, key) {
                        return Some((to.min(last), extend));
                    }
                }
            }
            None
        })
    }

    /// What the pointer does.
    #[allow(clippy::too_many_arguments)]
    fn point(
        &mut self,
        ui: &Ui,
        response: &Response,
        grid: &Grid,
        inner: Rect,
        offset: f64,
        item: usize,
        plan: &Plan<'_, '_>,
        marks: &mut Marks,
    ) {
        if let Some(pointer) = response.hover_pos()
            && let Some((at, as_text)) = grid.at(pointer, inner, offset)
        {
            let bytes = if as_text { draw::sequence(plan, at) } else { at..at + 1 };
            marks.hover(item, BitRange::bytes(bytes.start, bytes.end));
        }
        if !response.is_pointer_button_down_on() {
            return;
        }
        let Some(pointer) = response.interact_pointer_pos() else { return };
        let (pressed, shift) = ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        if pressed {
            take_focus(response);
        }
        if !ui.input(|input| input.pointer.primary_down()) {
            return;
        }
        // Beyond its edge a drag scrolls on.
        if !pressed && !inner.y_range().contains(pointer.y) {
            let beyond = pointer.y - pointer.y.clamp(inner.top(), inner.bottom());
            self.scroll.by(f64::from(beyond.clamp(-grid.row, grid.row)));
            ui.ctx().request_repaint();
        }
        let within = pointer.clamp(inner.min, inner.max - vec2(0.0, 1.0));
        if let Some((at, _)) = grid.at(within, inner, offset) {
            self.select(item, at, !pressed || shift, marks);
        }
    }

    /// The row for a screen reader.
    fn name_row(&self, view: &Ui, id: Id, number: usize, rect: Rect, grid: &Grid, plan: &Plan<'_, '_>) {
        let response = view.interact(rect, id.with(number), Sense::HOVER);
        // The context is not to be asked while the node is made.
        let words = view.words();
        response.widget_info(|| {
            let from = number * grid.bytes;
            let all = (from..grid.length.min(from + grid.bytes)).filter_map(|at| plan.byte(at));
            let bytes: Vec<u8> =
                all.clone().map(|byte| if self.unmasked { byte.plain } else { byte.wire }).collect();
            let text: String = all.filter_map(|byte| byte.character).filter_map(picture).collect();
            let values = [("offset", from.into()), ("hex", spaced_hex(&bytes).into()), ("text", text.into())];
            WidgetInfo::labeled(Role::Row, true, words.with("inspector-hex-row", &values))
        });
    }
}
