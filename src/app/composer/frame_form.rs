//! A frame, field by field, right or wrong.

use egui::{ComboBox, DragValue, TextEdit, Ui};

use super::Edit;
use super::entry::wrong;
use super::sheet::{HIXIE_TYPES, Sheet, opcode_name};
use crate::app::language::Speaks;
use crate::app::pass::State;
use crate::endpoint::random;
use crate::model::protocol::{Family, Protocol};
use crate::wire::compose::HixieDraft;
use crate::wire::frame::hybi::{LengthForm, Opcode};

/// The width of the claimed length.
const CLAIMED: f32 = 90.0;

/// Draws the form of the version's family.
pub(super) fn ui(
    ui: &mut Ui,
    sheet: &mut Sheet,
    protocol: Protocol,
    window_bits: u8,
    edit: &mut Edit,
    state: &mut State,
) {
    if protocol.family() == Some(Family::Hixie) {
        hixie_fields(ui, sheet, edit);
    } else {
        hybi_fields(ui, sheet, window_bits, edit);
    }
    sheet.carried.ui(ui, ui.words().text("composer-payload"), edit, state);
    if edit.is_any() {
        sheet.carry();
    }
}

fn hybi_fields(ui: &mut Ui, sheet: &mut Sheet, window_bits: u8, edit: &mut Edit) {
    ui.horizontal_wrapped(|ui| {
        edit.tick(ui, &mut sheet.hybi.fin, "composer-fin");
        for (bit, word) in sheet.hybi.rsv.iter_mut().zip(["composer-rsv1", "composer-rsv2", "composer-rsv3"])
        {
            edit.tick(ui, bit, word);
        }
        let coding = sheet.hybi.coding;
        if !coding.has_mask_bit() {
            edit.tick(ui, &mut sheet.hybi.rsv4, "composer-rsv4");
        }
        let opcode_name = |opcode: Opcode| opcode_name(opcode, coding.layout().bits(opcode.bits()));
        let list = ComboBox::from_id_salt("opcode").selected_text(opcode_name(sheet.hybi.opcode)).width(96.0);
        let list = list.show_ui(ui, |ui| {
            for opcode in (0..16).map(Opcode::new) {
                edit.choice(ui, &mut sheet.hybi.opcode, opcode, &opcode_name(opcode));
            }
        });
        let name = ui.words().text("composer-opcode");
        list.response.on_hover_text(name).accessible_name(name);
    });

    ui.horizontal_wrapped(|ui| {
        mask_ui(ui, sheet, edit);
        let mut deflated = sheet.hybi.deflated.is_some();
        if edit.tick(ui, &mut deflated, "composer-deflated") {
            sheet.hybi.deflated = deflated.then_some(window_bits);
            // What marks a compressed message (RFC 7692 section 6).
            sheet.hybi.rsv[0] = deflated;
        }
    });

    ui.horizontal_wrapped(|ui| {
        ui.label(ui.words().text("composer-length"));
        for (form, word) in [
            (None, "composer-length-shortest"),
            (Some(LengthForm::Short), "composer-length-7"),
            (Some(LengthForm::Medium), "composer-length-16"),
            (Some(LengthForm::Long), "composer-length-64"),
        ] {
            edit.choice(ui, &mut sheet.hybi.length_form, form, ui.words().text(word));
        }
        let mut claimed = sheet.hybi.claimed;
        let truth = || sheet.hybi.true_length();
        claimed_ui(ui, &mut claimed, &mut sheet.claimed, truth, edit);
        sheet.hybi.claimed = claimed;
    });
}

fn mask_ui(ui: &mut Ui, sheet: &mut Sheet, edit: &mut Edit) {
    // Without a MASK bit the version decides.
    ui.add_enabled_ui(sheet.hybi.coding.has_mask_bit(), |ui| {
        edit.tick(ui, &mut sheet.hybi.masked, "composer-masked");
    });
    let field = TextEdit::singleline(&mut sheet.key).desired_width(90.0).font(egui::TextStyle::Monospace);
    let field = ui.add_enabled(sheet.hybi.masked, field).accessible_name(ui.words().text("composer-key"));
    edit.typed(&field);
    let key = sheet.key();
    if let Some(key) = key {
        sheet.hybi.key = key;
    }
    let button = ui.add_enabled(sheet.hybi.masked, egui::Button::new(ui.words().text("composer-random")));
    if button.on_hover_text(ui.words().text("composer-random.about")).clicked() {
        random()(&mut sheet.hybi.key);
        sheet.key = crate::model::field::hex(&sheet.hybi.key);
        edit.clicked();
    }
    if key.is_none() {
        wrong(ui, ui.words().text("composer-key-wrong"));
    }
}

/// What the length says, if it lies. `truth` finds what it says otherwise.
fn claimed_ui(
    ui: &mut Ui,
    claimed: &mut Option<u64>,
    typed: &mut String,
    truth: impl Fn() -> u64,
    edit: &mut Edit,
) {
    let mut lies = claimed.is_some();
    if edit.tick(ui, &mut lies, "composer-lies") {
        *claimed = lies.then_some(truth().saturating_add(1));
        *typed = claimed.map(|length| length.to_string()).unwrap_or_default();
    }
    if !lies {
        return;
    }
    let field = ui.add(TextEdit::singleline(typed).desired_width(CLAIMED));
    edit.typed(&field.accessible_name(ui.words().text("composer-claimed")));
    match typed.trim().parse() {
        Ok(length) => *claimed = Some(length),
        Err(_) => wrong(ui, ui.words().text("composer-claimed-wrong")),
    }
}

fn hixie_fields(ui: &mut Ui, sheet: &mut Sheet, edit: &mut Edit) {
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(ui.words().text("composer-type"));
        let draft = &mut sheet.hixie;
        for frame_type in HIXIE_TYPES {
            edit.choice(ui, &mut draft.frame_type, frame_type, &format!("{frame_type:02X}"));
        }
        let number = DragValue::new(&mut draft.frame_type).hexadecimal(2, false, true).speed(0.1);
        edit.typed(&ui.add(number).labelled_by(label.id));
    });
    ui.horizontal_wrapped(|ui| {
        if sheet.hixie.is_sized() {
            ui.label(ui.words().text("composer-length"));
            let length = sheet.hixie.data.len() as u64;
            claimed_ui(ui, &mut sheet.hixie.claimed, &mut sheet.claimed, || length, edit);
            let label = ui.label(ui.words().text("composer-digits"));
            let digits = DragValue::new(&mut sheet.hixie.digits).range(1..=HixieDraft::MAX_DIGITS).speed(0.1);
            edit.typed(&ui.add(digits).labelled_by(label.id));
        } else {
            ui.label(ui.words().text("composer-end"));
            edit.tick(ui, &mut sheet.hixie.terminated, "composer-terminated");
        }
    });
}
