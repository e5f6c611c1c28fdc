//! Bytes that a person types or pastes.

use egui::{ComboBox, Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use crate::app::action::Action;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::capture::paste;
use crate::capture::typed::trace_of;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Severity;
use crate::view::line::Line;
use crate::wire::start::start_of;
use crate::words::{Said, Words};

/// Bytes that a person types or pastes.
#[derive(Debug, Default)]
pub(super) struct PasteDialog {
    text: String,
    /// The version; none for as it looks.
    protocol: Option<Protocol>,
    /// Who sent them; none for as it looks.
    from: Option<Side>,
    deflate: bool,
    /// What they are read as; none before it was looked at.
    preview: Option<Result<Preview, String>>,
}

/// So many items are named in the preview.
const SHOWN: usize = 6;

/// What typed bytes are read as.
#[derive(Clone, Debug)]
struct Preview {
    bytes: Vec<u8>,
    protocol: Protocol,
    from: Side,
    /// What the text was taken for; empty where there is none.
    taken: String,
    line: String,
}

impl PasteDialog {
    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        ui.label(RichText::new(ui.words().text("paste-about")).weak());
        // Before the text field takes the key; with Shift it is a line end of a head.
        let enter =
            ui.input_mut(|input| !input.modifiers.shift && input.consume_key(Modifiers::NONE, Key::Enter));
        let mut changed = false;
        // The choices, what the bytes are read as, and the buttons stand below.
        let room = (ui.available_height() - 150.0).clamp(64.0, 220.0);
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            let field = TextEdit::multiline(&mut self.text)
                .code_editor()
                .hint_text(ui.words().text("paste-hint"))
                .desired_rows(5)
                .desired_width(f32::INFINITY);
            let field = ui.add(field).accessible_name(ui.words().text("paste-field"));
            if fresh {
                field.request_focus();
            }
            changed |= field.changed();
        });
        changed |= self.options(ui);
        if changed || self.preview.is_none() {
            self.preview = Some(self.read(ui.words()));
        }
        let mut done = false;
        let ready = match &self.preview {
            Some(Ok(preview)) => {
                if !preview.taken.is_empty() {
                    ui.label(RichText::new(&preview.taken).weak());
                }
                ui.label(&preview.line);
                !preview.bytes.is_empty()
            }
            Some(Err(words)) => {
                let colour = theme::severity(ui.visuals(), Severity::Error);
                ui.label(RichText::new(words).color(colour));
                false
            }
            None => false,
        };
        ui.horizontal(|ui| {
            let button = ui.add_enabled(ready, egui::Button::new(ui.words().text("paste-decode")));
            if (button.clicked() || enter && ready)
                && let Some(Ok(preview)) = &self.preview
            {
                pass.state.ask(Action::Decode {
                    bytes: preview.bytes.clone(),
                    protocol: preview.protocol,
                    from: preview.from,
                    deflate: self.deflate,
                });
                done = true;
            }
            if ui.button(ui.words().text("paste-clear")).clicked() {
                self.text.clear();
                self.preview = None;
            }
        });
        done
    }

    /// Version, side, compression. Whether one of them was changed.
    fn options(&mut self, ui: &mut Ui) -> bool {
        let before = (self.protocol, self.from, self.deflate);
        ui.horizontal_wrapped(|ui| {
            let words = ui.words();
            let word =
                |protocol: Option<Protocol>| words.text(protocol.map_or("paste-as-it-looks", Protocol::word));
            ui.label(ui.words().text("paste-version"));
            let chosen =
                ComboBox::from_id_salt("paste-version").selected_text(word(self.protocol)).width(200.0);
            let chosen = chosen.show_ui(ui, |ui| {
                ui.selectable_value(&mut self.protocol, None, word(None));
                for protocol in Protocol::WEBSOCKET {
                    ui.selectable_value(&mut self.protocol, Some(protocol), word(Some(protocol)));
                }
            });
            chosen.response.accessible_name(ui.words().text("paste-version"));
            let word = |side: Option<Side>| {
                words.text(match side {
                    None => "paste-as-it-looks",
                    Some(Side::Client) => "side-client",
                    Some(Side::Server) => "side-server",
                })
            };
            ui.label(ui.words().text("paste-side"));
            let chosen = ComboBox::from_id_salt("paste-side").selected_text(word(self.from)).width(100.0);
            let chosen = chosen.show_ui(ui, |ui| {
                for side in [None, Some(Side::Client), Some(Side::Server)] {
                    ui.selectable_value(&mut self.from, side, word(side));
                }
            });
            chosen.response.accessible_name(ui.words().text("paste-side"));
            let compressible = self.protocol.is_none_or(|protocol| protocol.family() == Some(Family::Hybi));
            ui.add_enabled(
                compressible,
                egui::Checkbox::new(&mut self.deflate, ui.words().text("paste-deflate")),
            )
            .on_hover_text(ui.words().text("paste-deflate-about"));
        });
        (self.protocol, self.from, self.deflate) != before
    }

    fn read(&self, words: Words) -> Result<Preview, String> {
        if self.text.trim().is_empty() {
            let line = words.text("paste-nothing").to_owned();
            let (protocol, from) = (Protocol::LATEST, Side::Client);
            return Ok(Preview { bytes: Vec::new(), protocol, from, taken: String::new(), line });
        }
        let pasted = paste::read(&self.text).map_err(|error| error.said(words))?;
        let (taken, bytes) = (pasted.said(words), pasted.bytes);
        // A handshake says its version itself.
        let is_head =
            pasted.form == paste::Form::Head || self.protocol.is_none() && start_of(&bytes).is_some();
        let told = if is_head { None } else { self.protocol };
        let trace = trace_of(&bytes, told, self.from, self.deflate);
        let Some(talk) = trace.conversations().first().filter(|_| !bytes.is_empty()) else {
            let line = words.text("paste-nothing").to_owned();
            return Ok(Preview { bytes, protocol: Protocol::LATEST, from: Side::Client, taken, line });
        };
        let from = talk.items.get(0).map_or(Side::Client, |item| item.side);
        let mut kinds: Vec<&str> = Vec::new();
        for (number, item) in talk.items.iter().take(SHOWN) {
            kinds.push(Line::new(words, talk, &trace.store, number, item).kind());
        }
        if talk.items.len() > kinds.len() {
            kinds.push("…");
        }
        let line = words.with(
            "paste-preview",
            &[
                ("count", bytes.len().into()),
                ("protocol", talk.protocol.id().into()),
                ("side", from.id().into()),
                ("items", kinds.join(", ").into()),
            ],
        );
        let protocol = if is_head { Protocol::Http } else { told.unwrap_or(Protocol::LATEST) };
        Ok(Preview { bytes, protocol, from, taken, line })
    }
}
