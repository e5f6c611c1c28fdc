//! The bit diagram: rows of 32 bits as the RFCs draw them, each bit with its value, each field with its name and colour.
//!
//! A widget for every view that shows bits. Where it has less room than it is high it scrolls by itself; in a scroll
//! area it takes all the height it needs. Only the rows that are seen are laid out.
//!
//! What is hovered and selected is told to and taken from [`Marks`]. A click selects a field, or a byte of a payload; a
//! second click a bit of it. Arrow keys go from field to field, with Shift from bit to bit, with Ctrl over all bytes of
//! a field.

mod draw;
mod keys;
mod rows;

use egui::accesskit::Role;
use egui::{Id, Rect, RectAlign, Response, Sense, Tooltip, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::text::{picture, short};
use super::{on_pixels, take_focus};
use crate::app::language::Speaks;
use crate::app::marks::{Mark, Marks};
use crate::app::scroll::Scroll;
use crate::app::theme;
use crate::model::field::{BitRange, Field, spaced_hex};
use crate::model::rule::Finding;
use crate::view::diagram::{Cell, Fold, Leaf, Line, Plan, Row};
use crate::view::fit::with_commas;
use crate::words::Words;
use draw::Draw;
use rows::{Heights, Remark, Sizes, blocks};

/// A bit diagram to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    tree: &'a Field,
    bytes: &'a [u8],
    item: usize,
    findings: &'a [Finding],
    hidden: &'a [BitRange],
    rows: Option<u32>,
    flips: bool,
}

/// What a bit diagram keeps from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct BitsState {
    /// Of fields that were unfolded: the first bit, and how many rows more are shown; none shows all.
    unfolded: Vec<(u64, Option<u32>)>,
    scroll: Scroll,
    /// What was selected in the frame before.
    seen: Option<Mark>,
}

impl BitsState {
    /// Of a diagram that shows its beginning at first, though this is selected in it.
    pub fn resting_on(mark: Mark) -> Self {
        Self { seen: Some(mark), ..Self::default() }
    }
}

/// What a person did with a bit diagram.
#[derive(Debug)]
pub struct BitsResponse {
    /// The widget's own response.
    pub response: Response,
    /// The bit that is to be flipped, in a diagram that [flips](Bits::flips).
    pub flipped: Option<u64>,
}

/// The numbers of bits that a row may have, widest first, and the least width of a bit.
const COLUMNS: [u64; 3] = [32, 16, 8];
const LEAST_BIT: f32 = 14.5;
const MOST_BIT: f32 = 30.0;
/// How many rows of a field of bytes are shown before it is folded, and how many more at a time.
const ROWS: u32 = 4;
const MORE_ROWS: u32 = 1000;
/// The height that it takes in any case.
const LEAST_HEIGHT: f32 = 24.0;
/// A tooltip stands below where there is so much room.
const TOOLTIP_ROOM: f32 = 150.0;
/// The room that the number of a row takes before it.
const ROW_NUMBER: f32 = 24.0;
/// The room for the scroll bar.
const SCROLL: f32 = 14.0;

impl<'a> Bits<'a> {
    /// The diagram of an item: its tree, its bytes as they were recorded, and its number for marks.
    pub const fn new(tree: &'a Field, bytes: &'a [u8], item: usize) -> Self {
        Self { tree, bytes, item, findings: &[], hidden: &[], rows: Some(ROWS), flips: false }
    }

    /// Marks these findings on their bits.
    #[must_use]
    pub const fn findings(mut self, findings: &'a [Finding]) -> Self {
        self.findings = findings;
        self
    }

    /// Says nothing about these bits but what they are: a question asks what they mean.
    #[must_use]
    pub const fn hidden(mut self, hidden: &'a [BitRange]) -> Self {
        self.hidden = hidden;
        self
    }

    /// In how many rows a field of bytes is shown before it is folded; none shows all.
    #[must_use]
    pub const fn rows(mut self, rows: Option<u32>) -> Self {
        self.rows = rows;
        self
    }

    /// A click on a bit is to flip it: see [`BitsResponse::flipped`].
    #[must_use]
    pub const fn flips(mut self) -> Self {
        self.flips = true;
        self
    }

    /// Draws the diagram.
    pub fn ui(self, ui: &mut Ui, state: &mut BitsState, marks: &mut Marks) -> BitsResponse {
        let id = ui.make_persistent_id("bits");
        if !state.unfolded.is_empty() && ui.button(ui.words().text("inspector-fold-again")).clicked() {
            state.unfolded.clear();
        }
        let (gutter, columns, sizes) = self.measure(ui.available_width());
        let plan = Plan::new(self.tree, self.bytes, columns, |field| {
            let unfolded = state.unfolded.iter().find(|(start, _)| *start == field.bits.start);
            unfolded.map_or(self.rows, |(_, more)| Some(self.rows?.saturating_add((*more)?)))
        });
        let remarks = Remark::all(ui, self.findings, sizes, columns as f32 * sizes.bit);
        let heights = Heights::of(&plan, sizes, &remarks);
        let left = ui.available_rect_before_wrap().left() + gutter;
        self.ruler(ui, left, columns, sizes);

        let room = f64::from(ui.available_height().max(LEAST_HEIGHT));
        let size = vec2(ui.available_width(), heights.total().min(room).ceil() as f32);
        let (_, area) = ui.allocate_space(size);
        let response = ui.interact(area, id, Sense::click());
        let name = ui.words().text("inspector-bits-about");
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, name));
        if response.clicked() {
            take_focus(&response);
        }
        let mut done = BitsResponse { response, flipped: None };
        if done.response.has_focus() {
            keys::lock(ui, id);
            let here = marks.selected().filter(|mark| mark.item == self.item).map(|mark| mark.bits);
            if let Some(bits) = keys::moved(ui, &plan, here) {
                marks.select(self.item, bits);
            }
            if self.flips && keys::flips(ui) {
                done.flipped = here.filter(|bits| bits.len() == 1).map(|bits| bits.start);
            }
            state.scroll.by(keys::paged(ui) * f64::from(area.height()));
        }
        self.follow_selection(ui, state, marks, &plan, &heights, area);

        let name = ui.words().text("inspector-scroll");
        let inner = state.scroll.ui(ui, id.with("scroll"), area, 1.0, heights.total(), name);
        let offset = on_pixels(ui, state.scroll.position());
        let mut view = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("rows"));
        view.set_clip_rect(ui.clip_rect().intersect(inner.expand(1.0)));
        let seen = view.clip_rect();
        let draw =
            Draw::new(&view, &plan, sizes, left, self.item, marks, self.findings, &remarks, self.hidden);
        let mut number = heights.line_at(offset + f64::from((seen.top() - inner.top()).max(0.0)));
        while let (Some((top, height)), Some(line)) = (heights.of_line(number), plan.line(number)) {
            let y = inner.top() + (top - offset) as f32;
            if y > seen.bottom() {
                break;
            }
            let rect = Rect::from_min_max(
                pos2(left, y),
                pos2(left + columns as f32 * sizes.bit, y + Sizes::without_gap(height)),
            );
            match &line {
                Line::Row(row) => {
                    draw.row(row, rect, gutter);
                    self.touch_row(&mut view, id, &draw, row, rect, marks, &mut done);
                }
                Line::Fold(fold) => {
                    draw.fold(fold, rect, gutter);
                    self.touch_fold(&mut view, id, &plan, fold, rect, state);
                }
            }
            number += 1;
        }
        if done.response.has_focus() {
            let stroke = ui.visuals().selection.stroke;
            ui.painter().rect_stroke(area.expand(1.0), 3.0, stroke, egui::StrokeKind::Outside);
        }
        done
    }

    /// The room for the rows' byte numbers, how many bits stand in a row, and sizes.
    fn measure(&self, width: f32) -> (f32, u64, Sizes) {
        let digits = self.bytes.len().max(1).ilog10() as f32 + 1.0;
        let gutter = (digits * 8.0 + 8.0).max(24.0);
        let room = width - gutter - SCROLL;
        let columns = COLUMNS.into_iter().find(|columns| room / *columns as f32 >= LEAST_BIT).unwrap_or(8);
        let bit = (room / columns as f32).clamp(8.0, MOST_BIT);
        (gutter, columns, Sizes::of(bit))
    }

    /// The numbers of the columns.
    #[allow(clippy::unused_self)]
    fn ruler(self, ui: &mut Ui, left: f32, columns: u64, sizes: Sizes) {
        let size = sizes.text * 0.88;
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), size * 1.3));
        let colour = ui.visuals().weak_text_color();
        for column in 0..columns {
            let at = pos2(left + (column as f32 + 0.5) * sizes.bit, rect.bottom());
            ui.painter().text(
                at,
                egui::Align2::CENTER_BOTTOM,
                column,
                egui::FontId::proportional(size),
                colour,
            );
        }
    }

    /// Scrolls to what was selected elsewhere or by a key.
    fn follow_selection(
        self,
        ui: &Ui,
        state: &mut BitsState,
        marks: &Marks,
        plan: &Plan<'_, '_>,
        heights: &Heights,
        area: Rect,
    ) {
        if state.seen == marks.selected() {
            return;
        }
        state.seen = marks.selected();
        let mark = marks.selected().filter(|mark| mark.item == self.item);
        let line = mark.and_then(|mark| plan.line_of(mark.bits.start)).and_then(|line| heights.of_line(line));
        let Some((top, height)) = line else { return };
        state.scroll.show(top, top + f64::from(height), area.height().into());
        if heights.total() <= f64::from(area.height()) {
            let top = area.top() + top as f32;
            ui.scroll_to_rect(Rect::from_x_y_ranges(area.x_range(), top..=top + height), None);
        }
    }

    /// What the pointer does with the fields of a row.
    #[allow(clippy::too_many_arguments)]
    fn touch_row(
        self,
        view: &mut Ui,
        id: Id,
        draw: &Draw<'_, '_, '_>,
        row: &Row,
        rect: Rect,
        marks: &mut Marks,
        done: &mut BitsResponse,
    ) {
        for cells in blocks(row) {
            let Some((bits, leaf)) = draw.block(cells) else { continue };
            let block = draw.rect_of(row, rect, bits);
            // Not a stop for the Tab key each: the arrow keys go through them.
            let response = view.interact(block, id.with((row.first_bit, bits.start)), Sense::CLICK);
            let selected = marks.is_selected(self.item, bits);
            let words = view.words();
            response.widget_info(|| {
                let name = if draw.is_hidden(bits) {
                    hidden_name(words, bits)
                } else {
                    name_of(words, leaf, bits, cells)
                };
                WidgetInfo::selected(Role::GridCell, true, selected, name)
            });
            let pointer = response.hover_pos().or_else(|| response.interact_pointer_pos());
            let cell = pointer
                .and_then(|pointer| {
                    let column = ((pointer.x - rect.left()) / draw.sizes.bit).floor().max(0.0) as u64;
                    let bit = (row.first_bit + column).clamp(bits.start, bits.end.saturating_sub(1));
                    Some((bit, cells.iter().find(|cell| cell.bits.end > bit)?))
                })
                .or_else(|| cells.first().map(|cell| (cell.bits.start, cell)));
            let Some((bit, cell)) = cell else { continue };
            let unit = if leaf.bytewise { cell.bits } else { leaf.field.bits };
            let on_bits = pointer.is_some_and(|pointer| pointer.y < rect.top() + draw.sizes.bits_line());
            let alone = BitRange::new(bit, bit + 1);
            if response.hovered() {
                let flips = self.flips && on_bits;
                marks.hover(self.item, if flips { alone } else { unit });
                if flips {
                    view.set_cursor_icon(egui::CursorIcon::PointingHand);
                }
            }
            if response.clicked() {
                take_focus(&done.response);
                let again = marks.selected() == Some(Mark { item: self.item, bits: unit });
                let bits = if again || self.flips && on_bits { alone } else { unit };
                marks.select(self.item, bits);
                if self.flips && on_bits {
                    done.flipped = Some(bit);
                }
            }
            tooltip(&response, rect, |ui| about(ui, leaf, unit, self.findings));
        }
    }

    /// The words and the buttons of a fold.
    fn touch_fold(
        self,
        view: &mut Ui,
        id: Id,
        plan: &Plan<'_, '_>,
        fold: &Fold,
        rect: Rect,
        state: &mut BitsState,
    ) {
        let Some(leaf) = plan.leaves.get(fold.leaf) else { return };
        let name = leaf.field.kind.name;
        let bytes = with_commas(fold.bytes());
        let values = [("name", name.into()), ("bytes", bytes.into())];
        let word = if fold.recorded { "inspector-fold" } else { "inspector-not-recorded" };
        let builder = UiBuilder::new()
            .max_rect(rect.shrink2(vec2(8.0, 2.0)))
            // The buttons have their room first; the words are cut where there is little left.
            .layout(egui::Layout::right_to_left(egui::Align::Center))
            .id_salt(id.with(fold.bits.start));
        let mut line = view.new_child(builder);
        if fold.recorded {
            self.unfolding(&mut line, plan, fold, leaf, state);
        }
        line.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(ui.words().with(word, &values)).truncate());
        });
    }

    /// The buttons that show more of what is folded.
    #[allow(clippy::unused_self)]
    fn unfolding(
        self,
        line: &mut Ui,
        plan: &Plan<'_, '_>,
        fold: &Fold,
        leaf: &Leaf<'_>,
        state: &mut BitsState,
    ) {
        let start = leaf.field.bits.start;
        let mut show = |more: Option<u32>| {
            state.unfolded.retain(|(at, _)| *at != start);
            state.unfolded.push((start, more));
        };
        if line.button(line.words().text("inspector-unfold-all")).clicked() {
            show(None);
        }
        let columns = plan.columns();
        let more = line_count(fold.bits, columns) > u64::from(MORE_ROWS);
        if more && line.button(line.words().text("inspector-unfold-more")).clicked() {
            let shown = fold.bits.start.div_ceil(columns) - start / columns;
            show(Some((shown as u32).saturating_add(MORE_ROWS)));
        }
    }
}

/// How many rows bits take.
const fn line_count(bits: BitRange, columns: u64) -> u64 {
    bits.len().div_ceil(columns)
}

/// What a screen reader says of a block: `FIN, bit 0, value 1`.
fn name_of(words: Words, leaf: Leaf<'_>, bits: BitRange, cells: &[Cell]) -> String {
    let value = if leaf.bytewise {
        let plain: Vec<u8> = cells.iter().filter_map(|cell| Some(cell.byte?.plain)).collect();
        let text: String = cells.iter().filter_map(|cell| cell.byte?.character).filter_map(picture).collect();
        format!("{} {text}", spaced_hex(&plain))
    } else {
        short(words, leaf.field, 64)
    };
    let values = [
        ("name", leaf.field.kind.name.into()),
        ("first", bits.start.into()),
        ("last", bits.end.saturating_sub(1).into()),
        ("value", value.trim_end().into()),
    ];
    words.with(if bits.len() == 1 { "inspector-bit" } else { "inspector-bits" }, &values)
}

/// What a screen reader says of bits of which nothing may be said.
fn hidden_name(words: Words, bits: BitRange) -> String {
    let values = [("first", bits.start.into()), ("last", bits.end.saturating_sub(1).into())];
    words.with("inspector-hidden", &values)
}

/// Shows more of a block below its row; where there is no room, beside the rows rather than over the bits above.
fn tooltip(response: &Response, row: Rect, content: impl FnOnce(&mut Ui)) {
    let mut tooltip = Tooltip::for_enabled(response);
    let below = response.ctx.content_rect().bottom() - row.bottom();
    if below < TOOLTIP_ROOM {
        let beside = row.with_min_x(row.left() - ROW_NUMBER);
        let sides = &[RectAlign::RIGHT_END, RectAlign::TOP_START];
        tooltip.popup = tooltip.popup.anchor(beside).align(RectAlign::LEFT_END).align_alternatives(sides);
    }
    tooltip.show(content);
}

/// What is said of a block.
fn about(ui: &mut Ui, leaf: Leaf<'_>, unit: BitRange, findings: &[Finding]) {
    ui.set_max_width(360.0);
    let field = leaf.field;
    ui.strong(field.kind.name);
    let value = short(ui.words(), field, 48);
    if !value.is_empty() {
        ui.monospace(value);
    }
    ui.label(ui.words().about(field.kind));
    for finding in findings {
        if finding.bits.is_some_and(|bits| bits.overlaps(unit)) {
            let severity = finding.severity();
            let sign = theme::severity_sign(severity);
            ui.colored_label(
                theme::severity(ui.visuals(), severity),
                format!("{sign} {}", ui.words().finding(finding)),
            );
        }
    }
}
