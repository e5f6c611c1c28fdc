//! Frames that break one rule each: a beginning for who wants to see what the peer does.

use egui::Ui;

use super::Edit;
use super::sheet::Sheet;
use crate::model::protocol::{Family, Protocol, Side};
use crate::wire::close::CloseBody;
use crate::wire::compose::{Draft, HixieDraft, HybiDraft};
use crate::wire::frame::hybi::{LengthForm, Opcode};
use crate::words;

/// A wrong frame of the later versions, made of a right one: the message id of its name, and what is changed.
type Wrong = (&'static str, fn(&mut HybiDraft, Side));

/// What a length that lies claims of a payload of five bytes.
const CLAIMED: u64 = 10;

const HYBI: [Wrong; 12] = [
    ("composer-wrong-mask", |draft, side| draft.masked = side == Side::Server),
    ("composer-wrong-rsv", |draft, _| draft.rsv = [false, true, false]),
    ("composer-wrong-opcode", |draft, _| draft.opcode = Opcode::new(0x3)),
    ("composer-wrong-continuation", |draft, _| draft.opcode = Opcode::CONTINUATION),
    ("composer-wrong-utf8", |draft, _| draft.payload = (*b"caf\xE9").into()),
    ("composer-wrong-long-ping", |draft, _| {
        draft.opcode = Opcode::PING;
        draft.payload = vec![b'a'; 200].into();
    }),
    ("composer-wrong-cut-ping", |draft, _| {
        draft.opcode = Opcode::PING;
        draft.fin = false;
    }),
    ("composer-wrong-form", |draft, _| draft.length_form = Some(LengthForm::Medium)),
    ("composer-wrong-length", |draft, _| draft.claimed = Some(CLAIMED)),
    ("composer-wrong-top-bit", |draft, _| {
        draft.length_form = Some(LengthForm::Long);
        draft.claimed = Some(1 << 63);
    }),
    ("composer-wrong-code", |draft, _| {
        draft.opcode = Opcode::CLOSE;
        draft.payload = CloseBody::new(1006, "").encode().into();
    }),
    ("composer-wrong-close", |draft, _| {
        draft.opcode = Opcode::CLOSE;
        draft.payload = [0x03].into();
    }),
];

/// A wrong frame of the first versions: the message id of its name, and how it is made.
type WrongHixie = (&'static str, fn() -> HixieDraft);

const HIXIE: [WrongHixie; 5] = [
    ("composer-wrong-utf8", || HixieDraft { data: (*b"caf\xE9").into(), ..HixieDraft::default() }),
    ("composer-wrong-terminator", || HixieDraft {
        data: (*b"Hello").into(),
        terminated: false,
        ..HixieDraft::default()
    }),
    ("composer-wrong-type", || HixieDraft {
        frame_type: 0x01,
        data: (*b"Hello").into(),
        ..HixieDraft::default()
    }),
    ("composer-wrong-length", || HixieDraft {
        frame_type: 0x80,
        data: (*b"Hello").into(),
        claimed: Some(CLAIMED),
        ..HixieDraft::default()
    }),
    ("composer-wrong-long-length", || HixieDraft {
        frame_type: 0x80,
        data: (*b"Hello").into(),
        claimed: Some(1 << 62),
        ..HixieDraft::default()
    }),
];

/// The menu of wrong frames.
pub(super) fn menu(ui: &mut Ui, sheet: &mut Sheet, protocol: Protocol, edit: &mut Edit) {
    ui.menu_button(words::text("composer-wrong"), |ui| {
        let mut chosen = None;
        if protocol.family() == Some(Family::Hixie) {
            for (word, make) in HIXIE {
                if ui.button(words::text(word)).clicked() {
                    chosen = Some(Draft::Hixie(make()));
                }
            }
        } else {
            for (word, change) in HYBI {
                if ui.button(words::text(word)).clicked() {
                    chosen = Some(Draft::Hybi(wrong(sheet, change)));
                }
            }
        }
        if let Some(draft) = chosen {
            sheet.take(draft);
            edit.another();
            ui.close();
        }
    });
}

fn wrong(sheet: &Sheet, change: fn(&mut HybiDraft, Side)) -> HybiDraft {
    let mut draft =
        HybiDraft { key: sheet.hybi.key, payload: (*b"Hello").into(), ..HybiDraft::new(sheet.side) };
    change(&mut draft, sheet.side);
    draft
}
