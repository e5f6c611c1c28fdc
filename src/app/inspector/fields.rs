//! The field tree with typed values, and findings beside their field.

use std::collections::HashSet;

use egui::{Align2, FontId, Key, Modifiers, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use super::text::short;
use crate::app::language::Speaks;
use crate::app::look::Look;
use crate::app::pass::{Pass, State};
use crate::app::text::visual;
use crate::app::theme::{self, Strength};
use crate::model::field::{BitRange, Field};
use crate::model::rule::Severity;
use crate::words::Words;

/// The tree of the item that is looked at.
#[derive(Debug, Default)]
pub(super) struct Fields {
    item: Option<usize>,
    /// The groups that are folded, by their bits and depth.
    folded: HashSet<(u64, u64, usize)>,
    /// The row that keys move from.
    row: usize,
}

/// The height of a row, in points.
const ROW: f32 = 24.0;
/// How much a part stands further right than its whole.
const INDENT: f32 = 16.0;
/// More characters of a value are not laid out: a row has no room for them.
const SHOWN: usize = 160;

/// A field that is to be seen.
struct Row<'a> {
    field: &'a Field,
    depth: usize,
    folded: bool,
}

impl Row<'_> {
    const fn key(&self) -> (u64, u64, usize) {
        (self.field.bits.start, self.field.bits.end, self.depth)
    }
}

impl Fields {
    /// Draws the tree.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(look) = pass.state.look.clone() else { return };
        if self.item != Some(look.number) {
            *self = Self { item: Some(look.number), ..Self::default() };
        }
        let mut rows = Vec::new();
        self.unfold(&look.tree, 0, &mut rows);
        let width = ui.available_width();
        let moved = self.keys(ui, pass.state, &rows, look.number);
        let mut toggled = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut area = ScrollArea::vertical().auto_shrink(false);
        if moved {
            let shown = ui.available_height();
            area = area.vertical_scroll_offset((self.row as f32 * ROW - shown / 2.0).max(0.0));
        }
        area.show_rows(ui, ROW, rows.len(), |ui, range| {
            for at in range {
                let Some(row) = rows.get(at) else { continue };
                if row_ui(ui, pass.state, &look, row, width) {
                    self.row = at;
                    toggled = toggled.or(ui
                        .input(|input| input.pointer.button_double_clicked(egui::PointerButton::Primary))
                        .then_some(row.key()));
                }
                if triangle(ui, row, at) {
                    toggled = Some(row.key());
                }
            }
        });
        if let Some(key) = toggled
            && !self.folded.remove(&key)
        {
            self.folded.insert(key);
        }
    }

    fn unfold<'a>(&self, field: &'a Field, depth: usize, rows: &mut Vec<Row<'a>>) {
        let folded = self.folded.contains(&(field.bits.start, field.bits.end, depth));
        rows.push(Row { field, depth, folded });
        if !folded {
            for child in &field.children {
                self.unfold(child, depth + 1, rows);
            }
        }
    }

    /// Arrow keys choose a row, and fold or unfold it. Whether another row was chosen.
    fn keys(&mut self, ui: &Ui, state: &mut State, rows: &[Row<'_>], item: usize) -> bool {
        let focus = egui::Id::unique("fields-keys");
        if !ui.memory(|memory| memory.has_focus(focus)) {
            return false;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let old = self.row;
        if pressed(Key::ArrowDown) {
            self.row = (self.row + 1).min(rows.len().saturating_sub(1));
        }
        if pressed(Key::ArrowUp) {
            self.row = self.row.saturating_sub(1);
        }
        let Some(row) = rows.get(self.row) else { return false };
        if pressed(Key::ArrowLeft) {
            self.folded.insert(row.key());
        }
        if pressed(Key::ArrowRight) {
            self.folded.remove(&row.key());
        }
        if old != self.row {
            state.marks.select(item, row.field.bits);
        }
        old != self.row
    }
}

/// Draws a row; whether it was clicked.
fn row_ui(ui: &mut Ui, state: &mut State, look: &Look, row: &Row<'_>, width: f32) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    let Row { field, depth, .. } = row;
    let bits = field.bits;
    let is_leaf = field.children.is_empty();
    let selected = state.marks.selected().is_some_and(|mark| mark.item == look.number && mark.bits == bits);
    let hovered = state.marks.is_hovered(look.number, bits) && is_leaf;
    if response.hovered() {
        state.marks.hover(look.number, bits);
    }
    if response.clicked() {
        state.marks.select(look.number, bits);
        ui.memory_mut(|memory| memory.request_focus(egui::Id::unique("fields-keys")));
    }
    let strength = match (hovered, selected) {
        (true, _) => Strength::Hovered,
        (false, true) => Strength::Selected,
        (false, false) => Strength::Quiet,
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if strength != Strength::Quiet {
        painter.rect_filled(rect, 3.0, theme::ground(ui.visuals(), field.kind, strength));
    }
    let left = rect.left() + 6.0 + *depth as f32 * INDENT;
    let chip = egui::Rect::from_center_size(pos2(left + 20.0, rect.center().y), vec2(10.0, 10.0));
    let edge = theme::edge(field.kind, Strength::Quiet);
    painter.rect(
        chip,
        2.0,
        theme::ground(ui.visuals(), field.kind, Strength::Selected),
        edge,
        egui::StrokeKind::Inside,
    );
    let text = ui.visuals().text_color();
    let weak = ui.visuals().weak_text_color();
    let body = FontId::proportional(theme::TEXT);
    let hidden = state.hides(look.number, field);
    let title = if hidden { "?" } else { field.kind.name };
    let name = painter.text(pos2(left + 32.0, rect.center().y), Align2::LEFT_CENTER, title, body, text);
    let place = bits_words(ui.words(), bits);
    let small = FontId::proportional(theme::SMALL);
    let right =
        painter.text(pos2(rect.right() - 6.0, rect.center().y), Align2::RIGHT_CENTER, &place, small, weak);
    let value = if hidden && is_leaf { "?".to_owned() } else { value_words(ui.words(), field) };
    let begin = name.right().max(rect.left() + 190.0) + 10.0;
    let room = egui::Rect::from_min_max(pos2(begin, rect.top()), pos2(right.left() - 8.0, rect.bottom()));
    let found = worst(look, field).filter(|_| !hidden);
    let mut at = begin;
    if let Some(severity) = found {
        let colour = theme::severity(ui.visuals(), severity);
        let sign = theme::severity_sign(severity);
        at = painter
            .text(
                pos2(begin, rect.center().y),
                Align2::LEFT_CENTER,
                sign,
                FontId::proportional(theme::SMALL),
                colour,
            )
            .right()
            + 6.0;
    }
    painter.with_clip_rect(room.intersect(ui.clip_rect())).text(
        pos2(at, rect.center().y),
        Align2::LEFT_CENTER,
        &value,
        FontId::monospace(theme::TEXT),
        text,
    );
    let spoken = ui
        .words()
        .with("fields-row", &[("name", title.into()), ("value", value.into()), ("place", place.into())]);
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::accesskit::Role::TreeItem, true, selected, &spoken));
    let clicked = response.clicked();
    if let Some(severity) = found {
        response.on_hover_ui(|ui| findings(ui, look, field, severity));
    }
    clicked
}

/// The sign that folds and unfolds a group; whether it was clicked.
fn triangle(ui: &mut Ui, row: &Row<'_>, at: usize) -> bool {
    if row.field.children.is_empty() {
        return false;
    }
    let last = ui.min_rect();
    let center = pos2(last.left() + 12.0 + row.depth as f32 * INDENT, last.bottom() - ROW / 2.0);
    let rect = egui::Rect::from_center_size(center, vec2(16.0, ROW));
    let id = ui.scope_id().with(("fold", at));
    let response = ui.interact(rect, id, Sense::click());
    let word = if row.folded { "fields-unfold" } else { "fields-fold" };
    let name = ui.words().with(word, &[("name", row.field.kind.name.into())]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &name));
    let sign = if row.folded { "▶" } else { "▼" };
    let colour = if response.hovered() { ui.visuals().text_color() } else { ui.visuals().weak_text_color() };
    ui.painter().text(center, Align2::CENTER_CENTER, sign, FontId::proportional(10.0), colour);
    response.clicked()
}

fn findings(ui: &mut Ui, look: &Look, field: &Field, _: Severity) {
    for finding in
        look.findings.iter().filter(|finding| finding.bits.is_some_and(|bits| bits.overlaps(field.bits)))
    {
        let colour = theme::severity(ui.visuals(), finding.rule.severity());
        ui.label(RichText::new(ui.words().finding(finding)).color(colour));
    }
}

/// How bad the worst of what is to be said about a field is. Of a group only what is about all of it.
fn worst(look: &Look, field: &Field) -> Option<Severity> {
    let bits = look.findings.iter().filter_map(|finding| Some((finding.bits?, finding.rule.severity())));
    let here = bits.filter(|(bits, _)| {
        if field.children.is_empty() { bits.overlaps(field.bits) } else { bits.contains(field.bits) }
    });
    here.map(|(_, severity)| severity).max()
}

fn value_words(words: Words, field: &Field) -> String {
    visual(&short(words, field, SHOWN)).into_owned()
}

/// `bit 8`, `bits 9–15`, `bytes 2–5`.
fn bits_words(words: Words, bits: BitRange) -> String {
    let whole = bits.start.is_multiple_of(8) && bits.end.is_multiple_of(8) && !bits.is_empty();
    let (word, first, last) = match bits.len() {
        1 => ("fields-bit", bits.start, bits.start),
        8 if whole => ("fields-byte", bits.start / 8, bits.start / 8),
        _ if whole => ("fields-bytes", bits.start / 8, bits.end / 8 - 1),
        _ => ("fields-bits", bits.start, bits.end.saturating_sub(1)),
    };
    words.with(word, &[("first", first.to_string().into()), ("last", last.to_string().into())])
}
