//! The layers of a packet as boxes in each other: what carries what.

use egui::{Align2, FontId, Rect, Sense, StrokeKind, Ui, vec2};

use super::taken::Taken;
use crate::app::language::Speaks;
use crate::app::marks::Marks;
use crate::app::theme::{self, Strength};
use crate::model::field::Field;

/// How far a box stands inside the one around it, and how high a line in it is.
const INSIDE: f32 = 8.0;
const LINE: f32 = 24.0;

/// Draws the boxes. A click selects a layer.
pub(super) fn ui(ui: &mut Ui, taken: &Taken, item: usize, marks: &mut Marks) {
    let all = &taken.layers.tree.children;
    // What stands behind the innermost layer is carried by the outermost.
    let behind = |field: &&Field| field.kind.id == "packet-trailer";
    let inside: Vec<&Field> = all.iter().filter(|field| !behind(field)).collect();
    let trailer = all.iter().find(behind);
    let depth = inside.len() as f32;
    let lines = depth + if trailer.is_some() { 1.0 } else { 0.0 } + 1.0;
    let height = lines * LINE + (depth - 1.0).max(0.0) * INSIDE;
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let mut rect = whole;
    for (level, field) in inside.iter().enumerate() {
        layer(ui, field, rect, taken, marks);
        if level == 0
            && let Some(trailer) = trailer
        {
            let line = Rect::from_min_max(rect.left_bottom() - vec2(0.0, LINE), rect.right_bottom());
            layer(ui, trailer, line.shrink2(vec2(INSIDE, 2.0)), taken, marks);
            rect.max.y -= LINE;
        }
        if level + 1 == inside.len() {
            part(ui, taken, item, rect);
        }
        rect = Rect::from_min_max(rect.min + vec2(INSIDE, LINE), rect.max - vec2(INSIDE, INSIDE));
    }
}

fn layer(ui: &mut Ui, field: &Field, rect: Rect, taken: &Taken, marks: &mut Marks) {
    let number = taken.packet as usize;
    let id = ui.scope_id().with(("layer", field.bits.start, field.kind.id));
    let line = Rect::from_min_size(rect.min, vec2(rect.width(), LINE.min(rect.height())));
    let response = ui.interact(line, id, Sense::click());
    let bytes = ui.words().with("count-bytes", &[("count", (field.bits.len() / 8).into())]);
    let name = format!("{}, {bytes}", field.kind.name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &name));
    if response.clicked() {
        marks.select(number, field.bits);
        response.request_focus();
    }
    if response.hovered() {
        marks.hover(number, field.bits);
    }
    let strength = if response.hovered() || response.has_focus() {
        Strength::Hovered
    } else if marks.selected().is_some_and(|mark| mark.bits == field.bits) {
        Strength::Selected
    } else {
        Strength::Quiet
    };
    let painter = ui.painter();
    let fill = theme::ground(ui.visuals(), field.kind, strength);
    painter.rect(rect, 4.0, fill, theme::edge(field.kind, strength), StrokeKind::Inside);
    let text = ui.visuals().text_color();
    let at = line.left_center() + vec2(INSIDE, 0.0);
    let drawn =
        painter.text(at, Align2::LEFT_CENTER, field.kind.name, FontId::proportional(theme::TEXT), text);
    let at = drawn.right_center() + vec2(INSIDE, 0.0);
    painter.text(at, Align2::LEFT_CENTER, bytes, FontId::proportional(theme::SMALL), text);
    response.on_hover_text(ui.words().about(field.kind));
}

/// Which bytes of the innermost layer are the item's.
fn part(ui: &Ui, taken: &Taken, item: usize, rect: Rect) {
    let at = rect.left_top() + vec2(INSIDE, LINE * 1.5);
    let bytes = taken.part.byte_range();
    let words = ui.words().with(
        "packets-part",
        &[
            ("item", (item + 1).into()),
            ("first", bytes.start.into()),
            ("last", bytes.end.saturating_sub(1).into()),
        ],
    );
    let font = FontId::proportional(theme::SMALL);
    ui.painter().text(at, Align2::LEFT_CENTER, words, font, ui.visuals().text_color());
}
