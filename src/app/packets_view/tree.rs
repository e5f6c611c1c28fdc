//! The fields of a packet, layer by layer.

use egui::{CollapsingHeader, CornerRadius, Frame, Label, Margin, RichText, Sense, Ui};

use crate::app::language::Speaks;
use crate::app::marks::Marks;
use crate::app::theme::{self, Strength};
use crate::model::field::{BitRange, Field, Value, hex};
use crate::words::Words;

/// So many bytes of a value are shown.
const SHOWN: usize = 24;

/// Draws the fields. A click selects one.
pub(super) fn ui(ui: &mut Ui, tree: &Field, packet: usize, hidden: &[BitRange], marks: &mut Marks) {
    for field in &tree.children {
        branch(ui, field, packet, hidden, marks);
    }
}

fn branch(ui: &mut Ui, field: &Field, packet: usize, hidden: &[BitRange], marks: &mut Marks) {
    if field.children.is_empty() {
        leaf(ui, field, packet, hidden, marks);
        return;
    }
    let header = CollapsingHeader::new(RichText::new(field.kind.name).strong())
        .id_salt((field.kind.id, field.bits.start))
        .default_open(true)
        .show(ui, |ui| {
            for child in &field.children {
                branch(ui, child, packet, hidden, marks);
            }
        });
    if header.header_response.hovered() {
        marks.hover(packet, field.bits);
    }
}

fn leaf(ui: &mut Ui, field: &Field, packet: usize, hidden: &[BitRange], marks: &mut Marks) {
    let strength = if marks.is_hovered(packet, field.bits) {
        Strength::Hovered
    } else if marks.is_selected(packet, field.bits) {
        Strength::Selected
    } else {
        Strength::Quiet
    };
    let is_hidden = hidden.iter().any(|bits| bits.overlaps(field.bits));
    let (title, value) =
        if is_hidden { ("?", "?".to_owned()) } else { (field.kind.name, value(ui.words(), field)) };
    let name = format!("{title}: {value}");
    let row = Frame::new()
        .fill(theme::ground(ui.visuals(), field.kind, strength))
        .inner_margin(Margin::symmetric(6, 2))
        .corner_radius(CornerRadius::same(3))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_min_width(ui.available_width());
                ui.label(title);
                ui.add(Label::new(RichText::new(value).monospace()).truncate());
            });
        });
    let response =
        ui.interact(row.response.rect, ui.scope_id().with((field.bits.start, field.kind.id)), Sense::click());
    let selected = marks.selected().is_some_and(|mark| mark.item == packet && mark.bits == field.bits);
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::accesskit::Role::TreeItem, true, selected, &name));
    if response.hovered() {
        marks.hover(packet, field.bits);
    }
    if response.clicked() {
        marks.select(packet, field.bits);
    }
    if !is_hidden {
        response.on_hover_text(ui.words().about(field.kind));
    }
}

fn value(words: Words, field: &Field) -> String {
    match &field.value {
        Value::Bytes(bytes) => match bytes.get(..SHOWN) {
            Some(first) if bytes.len() > SHOWN => format!("{}…", hex(first)),
            _ => hex(bytes),
        },
        _ => words.field_value(field).into_owned(),
    }
}
