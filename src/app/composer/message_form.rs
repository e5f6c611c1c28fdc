//! A message: what is to be said. The endpoint makes the frames.

use egui::{ComboBox, DragValue, TextEdit, Ui};

use super::sheet::{Sheet, Way};
use super::{Edit, entry};
use crate::app::language::Speaks;
use crate::app::pass::State;
use crate::model::dialect::Closing;
use crate::model::protocol::Protocol;
use crate::wire::message::Kind;

/// So many bytes stand in a fragment at first.
const FRAGMENT: usize = 2;

/// Draws the form.
pub(super) fn ui(ui: &mut Ui, sheet: &mut Sheet, protocol: Protocol, edit: &mut Edit, state: &mut State) {
    let hybi = protocol.dialect_or_latest().frames.pings;
    let before = sheet.kind;
    ui.horizontal_wrapped(|ui| {
        for (kind, word) in [
            (Kind::Text, "composer-text"),
            (Kind::Binary, "composer-binary"),
            (Kind::Ping, "composer-ping"),
            (Kind::Close, "composer-close"),
        ] {
            // The first versions have no ping.
            if kind != Kind::Ping || hybi {
                edit.choice(ui, &mut sheet.kind, kind, ui.words().text(word));
            }
        }
        ui.separator();
        if ui.button(ui.words().text("composer-to-frame")).clicked() {
            sheet.turn(Way::Frame, protocol);
            edit.clicked();
        }
    });
    if sheet.kind != before {
        edit.another();
    }
    if sheet.kind == Kind::Close {
        if hybi {
            close_ui(ui, sheet, &protocol.dialect_or_latest().closing, edit);
        } else {
            ui.label(ui.words().text("composer-close-hixie"));
        }
        return;
    }
    sheet.said.ui(ui, ui.words().text("composer-payload"), edit, state);
    if hybi && matches!(sheet.kind, Kind::Text | Kind::Binary) {
        ui.horizontal_wrapped(|ui| {
            let mut cut = sheet.fragments.is_some();
            if edit.tick(ui, &mut cut, "composer-fragments") {
                sheet.fragments = cut.then_some(FRAGMENT);
            }
            if let Some(size) = &mut sheet.fragments {
                let drag = ui.add(DragValue::new(size).range(1..=1_000_000));
                edit.typed(&drag.accessible_name(ui.words().text("composer-fragment-size")));
                ui.label(ui.words().text("composer-fragment-bytes"));
            }
        });
    }
}

fn close_ui(ui: &mut Ui, sheet: &mut Sheet, closing: &'static Closing, edit: &mut Edit) {
    ui.horizontal_wrapped(|ui| {
        let mut with_code = sheet.code.is_some();
        if edit.tick(ui, &mut with_code, "composer-code") {
            sheet.code = with_code.then_some(1000);
        }
        let Some(code) = &mut sheet.code else { return };
        let drag = ui.add(DragValue::new(code).range(0..=u16::MAX).speed(0.1));
        edit.typed(&drag.accessible_name(ui.words().text("composer-code-number")));
        let meaning = ui.words().meaning(&closing.value(*code)).unwrap_or_default();
        let list = ComboBox::from_id_salt("codes").selected_text(meaning).width(210.0);
        let list = list.show_ui(ui, |ui| {
            for named in closing.codes {
                edit.choice(ui, code, named.code, &format!("{} {}", named.code, named.name));
            }
        });
        list.response.accessible_name(ui.words().text("composer-code-list"));
    });
    let Some(code) = sheet.code else { return };
    ui.horizontal(|ui| {
        let label = ui.label(ui.words().text("composer-reason"));
        let field = ui.add(TextEdit::singleline(&mut sheet.reason).desired_width(f32::INFINITY));
        edit.typed(&field.labelled_by(label.id));
    });
    if !closing.classify(code).may_be_sent() {
        entry::wrong(ui, ui.words().text("composer-code-refused"));
    }
}
