//! Builds frames and sends them: also wrong ones.
//!
//! | file | what |
//! |---|---|
//! | `sheet` | all that is filled in |
//! | `edit` | whether something was changed, and how |
//! | `entry` | bytes as text, as hex, or from a file |
//! | `message_form`, `frame_form` | the two ways to fill it in; raw bytes are an entry |
//! | `wrong_frames` | frames that break one rule each |
//! | `preview` | the bytes taken apart, with bits to flip |
//! | `reaction` | what came after it was sent |
//! | `history` | undo and redo |

mod edit;
mod entry;
mod frame_form;
mod history;
mod message_form;
mod preview;
mod reaction;
mod sheet;
mod wrong_frames;

use egui::{ComboBox, Key, KeyboardShortcut, Modifiers, RichText, ScrollArea, Ui};

use self::edit::{Change, Edit};
use self::history::History;
use self::preview::{Preview, Reading};
use self::reaction::{Sent, side_word};
use self::sheet::{Sheet, Way};
use super::action::{Action, At};
use super::host::ClientSetup;
use super::pass::Pass;
use super::source::LIVE;
use super::theme;
use crate::analysis::api;
use crate::app::language::Speaks;
use crate::model::protocol::{Family, Protocol, Side};
use crate::trace::{Conversation, ItemKind, Spoken};
use crate::wire::compose::{Draft, HixieDraft, HybiDraft};
use crate::wire::deflate::{self, Params};
use crate::wire::frame::coding::Coding;

/// Builds frames and sends them.
#[derive(Debug)]
pub struct Composer {
    sheet: Sheet,
    /// The sheet as it was before the change that is being made.
    kept: Sheet,
    history: History<Sheet>,
    /// The version, where no conversation says it.
    version: Protocol,
    /// The conversation for which the side was chosen.
    of: Option<At>,
    /// An item that is to be edited.
    editing: Option<usize>,
    preview: Option<Preview>,
    /// Something was changed since the bytes were taken apart.
    stale: bool,
    sent: Option<Sent>,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            sheet: Sheet::default(),
            kept: Sheet::default(),
            history: History::default(),
            version: Protocol::LATEST,
            of: None,
            editing: None,
            preview: None,
            stale: true,
            sent: None,
        }
    }
}

/// What the composed is for.
#[derive(Clone, Copy, Debug)]
struct About {
    protocol: Protocol,
    deflate: Option<Params>,
    /// How frames of either side stand on the wire.
    codings: [Coding; 2],
    /// The conversation says the version.
    told: bool,
}

/// A column is at least so wide, in points.
const COLUMN: f32 = 330.0;
/// The space between the lines of a form.
const TIGHT: f32 = 3.0;
/// The largest part of the height that what came after takes where it stands above other things.
const REACTION: f32 = 0.4;

const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
const REDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);

impl Composer {
    /// Takes an item of the conversation that is looked at, to be changed and sent again.
    pub fn edit(&mut self, item: usize) {
        self.editing = Some(item);
    }

    /// Takes the bytes of a file as the payload of what is composed.
    pub fn load(&mut self, path: String, bytes: Vec<u8>) {
        self.sheet.entry().load(path, bytes);
        self.sheet.carry();
        self.keep(&Edit { changed: Change::Clicked }, 0.0);
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let about = self.about(pass);
        let time = ui.input(|input| input.time);
        self.choose_side(pass);
        if let Some(item) = self.editing.take() {
            self.take_item(pass, item, time);
        }
        self.keys(ui);
        let mut edit = Edit::default();
        let ready = self.refresh(about);
        self.top(ui, pass, about, ready, &mut edit);
        ui.add(egui::Separator::default().spacing(TIGHT));
        self.body(ui, pass, about, &mut edit);
        self.keep(&edit, time);
        if self.stale {
            // The bytes follow in the next frame.
            ui.ctx().request_repaint();
        }
    }

    fn about(&self, pass: &Pass<'_>) -> About {
        let talk = pass.talk().map(|(_, talk)| talk).filter(|talk| talk.protocol.family().is_some());
        About {
            protocol: talk.map_or(self.version, |talk| talk.protocol),
            deflate: talk.and_then(|talk| talk.deflate),
            codings: talk.map_or_else(|| Spoken::new(self.version, None), Spoken::as_in).codings,
            told: talk.is_some(),
        }
    }

    /// Of another conversation that end speaks which is ours.
    fn choose_side(&mut self, pass: &Pass<'_>) {
        if self.of == pass.state.at {
            return;
        }
        self.of = pass.state.at;
        self.sent = None;
        self.forget_marks();
        let can = |side| pass.speaker(side).is_some();
        if !can(self.sheet.side) && can(self.sheet.side.other()) {
            self.sheet.speak_as(self.sheet.side.other());
            self.kept = self.sheet.clone();
            self.stale = true;
        }
    }

    /// The bytes and what they would be; whether they can be read.
    fn refresh(&mut self, about: About) -> bool {
        self.sheet.write_as(about.codings[self.sheet.side.index()]);
        let spoken = Spoken { protocol: about.protocol, deflate: about.deflate, codings: about.codings };
        let reading = Reading {
            spoken,
            side: self.sheet.side,
            opening: self.sheet.way == Way::Raw && self.sheet.opening,
        };
        let read_so = self.preview.as_ref().is_some_and(|preview| preview.is_read_as(reading));
        if std::mem::take(&mut self.stale) || !read_so {
            let bytes = self.sheet.drafts(about.protocol).iter().flat_map(Draft::bytes).collect();
            self.preview = Preview::of(bytes, reading, self.preview.take());
        }
        self.sheet.is_readable()
    }

    fn take_item(&mut self, pass: &Pass<'_>, number: usize, time: f64) {
        let Some((trace, talk)) = pass.talk() else { return };
        let Some(item) = talk.items.get(number) else { return };
        let bytes = talk.bytes_of(&trace.store, item).into_owned();
        self.sheet.speak_as(item.side);
        let before = match item.kind {
            ItemKind::HybiFrame => Draft::Hybi(HybiDraft { deflated: None, ..self.sheet.hybi.clone() }),
            ItemKind::HixieFrame => Draft::Hixie(HixieDraft::default()),
            _ => Draft::new(None, item.side),
        };
        self.sheet.take(before.follow(bytes));
        self.sheet.opening = !item.kind.is_frame();
        self.keep(&Edit { changed: Change::Another }, time);
    }

    /// Keeps what was before a change.
    fn keep(&mut self, edit: &Edit, time: f64) {
        let typed = match edit.changed {
            Change::None => return,
            Change::Clicked => None,
            Change::Another => {
                self.forget_marks();
                None
            }
            Change::Typed(text) => Some(text),
        };
        self.stale = true;
        if self.sheet != self.kept {
            let before = std::mem::replace(&mut self.kept, self.sheet.clone());
            self.history.record(before, typed, time);
        }
    }

    /// What was marked is of a frame that is no longer composed.
    fn forget_marks(&mut self) {
        if let Some(preview) = &mut self.preview {
            preview.forget_marks();
        }
    }

    /// Undo and redo by key, while nothing outside has the keyboard.
    fn keys(&mut self, ui: &Ui) {
        // Not without need: asking for a response takes the keyboard from what was clicked in this frame.
        if !ui.input(|input| input.modifiers.command) {
            return;
        }
        let focused = ui.memory(egui::Memory::focused).and_then(|id| ui.ctx().read_response(id));
        let mine = focused.is_none_or(|focused| {
            focused.layer_id == ui.layer_id() && ui.max_rect().contains(focused.rect.center())
        });
        if !mine {
            return;
        }
        // The one with more modifiers first: the other takes it too.
        if ui.input_mut(|input| input.consume_shortcut(&REDO)) {
            self.redo();
        }
        if ui.input_mut(|input| input.consume_shortcut(&UNDO)) {
            self.undo();
        }
    }

    fn undo(&mut self) {
        if let Some(before) = self.history.undo(self.sheet.clone()) {
            self.kept = before.clone();
            self.sheet = before;
            self.stale = true;
        }
    }

    fn redo(&mut self) {
        if let Some(after) = self.history.redo(self.sheet.clone()) {
            self.kept = after.clone();
            self.sheet = after;
            self.stale = true;
        }
    }

    fn top(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, about: About, ready: bool, edit: &mut Edit) {
        ui.horizontal_wrapped(|ui| {
            self.send_ui(ui, pass, about, ready);
            ui.separator();
            ui.label(ui.words().text("composer-as"));
            for side in Side::BOTH {
                let mut chosen = self.sheet.side;
                edit.choice(ui, &mut chosen, side, ui.words().text(side_word(side)));
                if chosen != self.sheet.side {
                    self.sheet.speak_as(chosen);
                }
            }
            if about.told {
                ui.weak(ui.words().text(about.protocol.word()));
            } else {
                let list = ComboBox::from_id_salt("version");
                let list = list.selected_text(ui.words().text(about.protocol.word())).show_ui(ui, |ui| {
                    for version in Protocol::WEBSOCKET {
                        ui.selectable_value(&mut self.version, version, ui.words().text(version.word()));
                    }
                });
                list.response.accessible_name(ui.words().text("composer-version"));
            }
            ui.separator();
            for (way, word) in [
                (Way::Message, "composer-message"),
                (Way::Frame, "composer-frame"),
                (Way::Raw, "composer-raw"),
            ] {
                let chosen = ui.selectable_label(self.sheet.way == way, ui.words().text(word));
                if chosen.clicked() && self.sheet.way != way {
                    self.sheet.turn(way, about.protocol);
                    edit.another();
                }
            }
            wrong_frames::menu(ui, &mut self.sheet, about.protocol, edit);
            ui.separator();
            let undo =
                ui.add_enabled(self.history.can_undo(), egui::Button::new(ui.words().text("composer-undo")));
            if undo.on_hover_text(ui.ctx().format_shortcut(&UNDO)).clicked() {
                self.undo();
            }
            let redo =
                ui.add_enabled(self.history.can_redo(), egui::Button::new(ui.words().text("composer-redo")));
            if redo.on_hover_text(ui.ctx().format_shortcut(&REDO)).clicked() {
                self.redo();
            }
        });
    }

    fn send_ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, about: About, ready: bool) {
        let speaker = pass.speaker(self.sheet.side);
        let why = if speaker.is_none() { Some(why_not(pass, self.sheet.side)) } else { None };
        let button = egui::Button::new(RichText::new(ui.words().text("composer-send")).strong());
        let sent = ui.add_enabled(speaker.is_some() && ready, button);
        if sent.on_disabled_hover_text(why.unwrap_or_else(|| ui.words().text("form-not-ready"))).clicked()
            && let Some(speaker) = speaker
        {
            self.sent = Sent::now(pass, self.sheet.side);
            pass.state.ask(Action::Send(speaker, self.sheet.command(about.protocol)));
        }
        let Some(why) = why else { return };
        ui.weak(why);
        let over =
            pass.talk().map(|(_, talk)| talk).filter(|talk| talk.ends[self.sheet.side.index()].is_some());
        let Some(talk) = over.filter(|_| pass.state.at.is_some_and(|at| at.source == LIVE)) else { return };
        // Only a client can begin, and only of a server that is ours it is known that it still listens.
        let listens = pass.host.listening().is_some_and(|address| address.port() == talk.server.port());
        if listens && about.told && ui.button(ui.words().text("composer-again")).clicked() {
            let setup = again(pass, talk);
            pass.state.ask(Action::Connect(Box::new(setup)));
        }
    }

    fn body(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, about: About, edit: &mut Edit) {
        let columns = ((ui.available_width() / COLUMN) as usize).clamp(1, 3);
        let mut flipped = None;
        if columns == 1 {
            self.reaction_above(ui, pass);
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                self.form(ui, pass, about, edit);
                ui.separator();
                flipped = self.preview_ui(ui, about);
            });
        } else {
            let third = columns == 3 && self.sent.is_some();
            let all = ui.available_rect_before_wrap();
            let shares: &[f32] = if third { &[0.36, 0.40, 0.24] } else { &[0.42, 0.58] };
            let mut left = all.left();
            for (number, share) in shares.iter().enumerate() {
                let width = all.width() * share;
                let rect = egui::Rect::from_min_size(
                    egui::pos2(left, all.top()),
                    egui::vec2(width - theme::GROUP, all.height()),
                );
                left += width;
                let builder = egui::UiBuilder::new().max_rect(rect).id_salt(number);
                let mut column = ui.new_child(builder);
                column.shrink_clip_rect(rect.expand(2.0));
                if number == 1 && !third {
                    self.reaction_above(&mut column, pass);
                }
                ScrollArea::vertical().auto_shrink(false).show(&mut column, |ui| match number {
                    0 => self.form(ui, pass, about, edit),
                    1 => flipped = self.preview_ui(ui, about),
                    _ => self.reaction(ui, pass),
                });
            }
            ui.advance_cursor_after_rect(all);
        }
        if let Some(bit) = flipped {
            self.sheet.flip(about.protocol, bit);
            edit.clicked();
        }
    }

    fn form(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, about: About, edit: &mut Edit) {
        // There is little height below the other panels: all of the form is to be seen in it.
        let spacing = ui.spacing_mut();
        spacing.item_spacing.y = TIGHT;
        spacing.button_padding.y = TIGHT - 1.0;
        spacing.interact_size.y = theme::TEXT * 1.5;
        let sheet = &mut self.sheet;
        match sheet.way {
            Way::Message => message_form::ui(ui, sheet, about.protocol, edit, pass.state),
            Way::Frame => {
                let window = about.deflate.unwrap_or_default().window_bits(sheet.side);
                frame_form::ui(ui, sheet, about.protocol, window, edit, pass.state);
                let takeover = about.deflate.is_some_and(|params| params.context_takeover(sheet.side));
                if sheet.hybi.deflated.is_some() && takeover {
                    ui.add(
                        egui::Label::new(RichText::new(ui.words().text("composer-takeover")).weak()).wrap(),
                    );
                }
            }
            Way::Raw => {
                if sheet.outgrown {
                    ui.add(egui::Label::new(ui.words().text("composer-outgrown")).wrap());
                }
                sheet.raw.ui(ui, ui.words().text("composer-bytes"), edit, pass.state);
                edit.tick(ui, &mut sheet.opening, "composer-opening");
            }
        }
    }

    fn preview_ui(&mut self, ui: &mut Ui, about: About) -> Option<u64> {
        let preview = self.preview.as_mut()?;
        let count = ui.words().with("count-bytes", &[("count", preview.bytes.len().into())]);
        ui.spacing_mut().item_spacing.y = TIGHT;
        ui.horizontal(|ui| {
            ui.strong(ui.words().text("composer-preview"));
            ui.weak(count);
            if preview.findings().next().is_none() && !preview.bytes.is_empty() {
                ui.label(ui.words().text("composer-no-finding"));
            }
            if self.sheet.way == Way::Message && about.protocol.family() == Some(Family::Hybi) {
                let example = RichText::new(ui.words().text("composer-example")).weak().small();
                ui.add(egui::Label::new(example).truncate());
            }
        });
        preview.ui(ui)
    }

    /// What came after, before all else, where it has no column of its own.
    fn reaction_above(&self, ui: &mut Ui, pass: &mut Pass<'_>) {
        if self.sent.is_none() {
            return;
        }
        let most = ui.available_height() * REACTION;
        ScrollArea::vertical()
            .id_salt("after")
            .max_height(most)
            .auto_shrink([false, true])
            .show(ui, |ui| self.reaction(ui, pass));
        ui.separator();
    }

    fn reaction(&self, ui: &mut Ui, pass: &mut Pass<'_>) {
        if let Some(sent) = self.sent {
            sent.ui(ui, pass);
        }
    }
}

/// The set-up of a client that asks for what the client of this conversation asked for.
fn again(pass: &Pass<'_>, talk: &Conversation) -> ClientSetup {
    let before = pass.state.settings.client.clone();
    let asked = pass.talk().and_then(|(trace, talk)| api::asked(talk, &trace.store));
    let Some(asked) = asked else {
        // Its opening was not recorded.
        return ClientSetup {
            url: format!("ws://{}/", talk.server),
            protocol: talk.protocol,
            subprotocols: talk.subprotocol.iter().cloned().collect(),
            deflate: talk.deflate.is_some(),
            key: None,
            ..before
        };
    };
    // A request to a proxy names the host too.
    let resource = if asked.resource.starts_with('/') { asked.resource.as_str() } else { "/" };
    ClientSetup {
        url: format!("ws://{}{resource}", talk.server),
        protocol: asked.protocol,
        origin: asked.origin,
        subprotocols: asked.subprotocols,
        headers: asked.headers,
        deflate: asked.extensions.iter().any(|extension| extension.name == deflate::NAME),
        key: None,
        ..before
    }
}

/// Why nothing can be sent as `side`.
fn why_not(pass: &Pass<'_>, side: Side) -> &'static str {
    pass.words().text(match (pass.state.at, pass.talk()) {
        (None, _) | (_, None) => "composer-not-connected",
        (Some(at), _) if at.source != LIVE => "composer-not-live",
        (_, Some((_, talk))) if talk.ends[side.index()].is_some() => "composer-over",
        _ => "composer-not-ours",
    })
}
