//! Frames that break one rule each: a beginning for who wants to see what the peer does.

use egui::Ui;

use super::Edit;
use super::sheet::Sheet;
use crate::app::language::Speaks;
use crate::model::protocol::Protocol;
use crate::wire::wrong::Wrong;

/// The menu of wrong frames.
pub(super) fn menu(ui: &mut Ui, sheet: &mut Sheet, protocol: Protocol, edit: &mut Edit) {
    let dialect = protocol.dialect_or_latest();
    ui.menu_button(ui.words().text("composer-wrong"), |ui| {
        let mut chosen = None;
        for wrong in Wrong::of(dialect) {
            if ui.button(ui.words().text(word(wrong))).clicked() {
                chosen = wrong.draft(dialect.family(), sheet.hybi.coding, sheet.side, sheet.hybi.key);
            }
        }
        if let Some(draft) = chosen {
            sheet.take(draft);
            edit.another();
            ui.close();
        }
    });
}

/// The message id of a mistake's name.
fn word(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Mask => "composer-wrong-mask",
        Wrong::Rsv => "composer-wrong-rsv",
        Wrong::Rsv4 => "composer-wrong-rsv4",
        Wrong::Opcode => "composer-wrong-opcode",
        Wrong::Continuation => "composer-wrong-continuation",
        Wrong::Utf8 => "composer-wrong-utf8",
        Wrong::LongPing => "composer-wrong-long-ping",
        Wrong::CutPing => "composer-wrong-cut-ping",
        Wrong::Form => "composer-wrong-form",
        Wrong::Length => "composer-wrong-length",
        Wrong::TopBit => "composer-wrong-top-bit",
        Wrong::Code => "composer-wrong-code",
        Wrong::Close => "composer-wrong-close",
        Wrong::Initiator => "composer-wrong-initiator",
        Wrong::Terminator => "composer-wrong-terminator",
        Wrong::Type => "composer-wrong-type",
        Wrong::LongLength => "composer-wrong-long-length",
    }
}
