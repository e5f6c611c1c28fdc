//! The commands that have a name: what the palette lists, the shortcut sheet shows, and keys do.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::action::{Action, Dialog, Export, Picture, ReplayStep};
use super::host::Host;
use super::panel::Panel;
use super::pass::State;
use super::settings::{Tab, ThemeChoice};
use crate::export::selection::Format;
use crate::model::protocol::Protocol;
use crate::words::Words;

/// A command.
#[derive(Clone, Debug)]
pub struct Command {
    /// The message id of its name.
    word: &'static str,
    /// A panel or version whose name is part of the command's.
    of: Option<&'static str>,
    /// The key that does it.
    pub shortcut: Option<KeyboardShortcut>,
    /// What is done.
    pub action: Action,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

impl Command {
    /// Its name in the chosen language.
    pub fn name(&self, words: Words) -> String {
        match self.of {
            Some(of) => words.with(self.word, &[("name", of.into())]),
            None => words.text(self.word).to_owned(),
        }
    }
}

fn plain(word: &'static str, keys: Option<(Modifiers, Key)>, action: Action) -> Command {
    let shortcut = keys.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key));
    Command { word, of: None, shortcut, action }
}

/// Every command as things are: what switches something says what it switches to.
pub fn all(state: &State, host: &dyn Host) -> Vec<Command> {
    let settings = &state.settings;
    let none = Modifiers::NONE;
    let mut commands = vec![
        plain("command-demo", Some((CTRL, Key::D)), Action::StartDemo),
        plain("command-server", Some((CTRL, Key::L)), Action::Dialog(Dialog::Server)),
        plain("command-open", Some((CTRL, Key::O)), Action::PickCapture),
        plain("command-follow", None, Action::PickFollowed),
        plain("command-open-path", Some((SHIFT, Key::O)), Action::Dialog(Dialog::Path)),
        plain("command-paste", Some((SHIFT, Key::V)), Action::Dialog(Dialog::Paste)),
        plain("command-record", None, Action::Record(None)),
        plain("command-clear", None, Action::Clear),
        plain("command-export", Some((CTRL, Key::E)), Action::Dialog(Dialog::Export)),
        plain("command-save-source", Some((CTRL, Key::S)), Action::Export(Export::Source)),
        plain("command-export-json", None, Action::Export(Export::Conversation(Format::Json))),
        plain("command-export-csv", None, Action::Export(Export::Conversation(Format::Csv))),
        plain("command-export-har", None, Action::Export(Export::Conversation(Format::Har))),
        plain("command-export-pcapng", None, Action::Export(Export::Conversation(Format::Pcapng))),
        plain("command-svg", None, Action::Export(Export::Diagram(Picture::Svg))),
        plain("command-png", None, Action::Export(Export::Diagram(Picture::Png))),
        plain("command-send-again", None, Action::Dialog(Dialog::SendAgain)),
        plain("command-next", Some((none, Key::J)), Action::Step(1)),
        plain("command-previous", Some((none, Key::K)), Action::Step(-1)),
        plain("command-bits", Some((CTRL, Key::Num1)), Action::Tab(Tab::Bits)),
        plain("command-hex", Some((CTRL, Key::Num2)), Action::Tab(Tab::Hex)),
        plain("command-fields", Some((CTRL, Key::Num3)), Action::Tab(Tab::Fields)),
        plain("command-follows", Some((CTRL, Key::Num4)), Action::Tab(Tab::Follows)),
        plain("command-play", Some((none, Key::F5)), Action::Replay(ReplayStep::PlayPause)),
        plain("command-step-forward", Some((none, Key::F8)), Action::Replay(ReplayStep::Forward)),
        plain("command-step-back", Some((none, Key::F7)), Action::Replay(ReplayStep::Back)),
        plain("command-to-start", Some((none, Key::F6)), Action::Replay(ReplayStep::ToStart)),
        plain("command-leave-replay", None, Action::Replay(ReplayStep::Leave)),
        plain("command-zoom-in", Some((CTRL, Key::Plus)), Action::Zoom(1.1)),
        plain("command-zoom-out", Some((CTRL, Key::Minus)), Action::Zoom(1.0 / 1.1)),
        plain("command-zoom-reset", Some((CTRL, Key::Num0)), Action::ResetZoom),
        plain("command-theme-system", None, Action::Theme(ThemeChoice::System)),
        plain("command-theme-light", None, Action::Theme(ThemeChoice::Light)),
        plain("command-theme-dark", None, Action::Theme(ThemeChoice::Dark)),
        plain("command-reset-layout", None, Action::ResetLayout),
        plain("command-palette", Some((CTRL, Key::K)), Action::Dialog(Dialog::Palette)),
        plain("command-shortcuts", Some((none, Key::F1)), Action::Dialog(Dialog::Shortcuts)),
    ];
    let word = if settings.projector { "command-projector-off" } else { "command-projector" };
    let projector = Action::Projector(!settings.projector);
    commands.push(plain(word, Some((none, Key::F11)), projector));
    if host.listening().is_some() {
        commands.push(plain("command-stop-server", None, Action::StopServer));
    }
    if host.recording().is_some() {
        commands.push(plain("command-stop-recording", None, Action::StopRecording));
    }
    if let Some(item) = state.item {
        commands.push(plain("command-edit-resend", Some((CTRL, Key::R)), Action::EditAndResend(item)));
    }
    for protocol in Protocol::WEBSOCKET {
        let action = Action::Dialog(Dialog::Connect(protocol));
        commands.push(Command { word: "command-connect", of: Some(protocol.id()), shortcut: None, action });
    }
    for panel in Panel::ALL {
        let action = Action::Show(panel);
        commands.push(Command {
            word: "command-show",
            of: Some(panel.name(state.words())),
            shortcut: None,
            action,
        });
    }
    commands
}

/// What the keys that were pressed in this frame ask for. Keys without Ctrl belong to a text that is being edited.
pub fn pressed(ctx: &egui::Context, state: &State, host: &dyn Host) -> Vec<Action> {
    let editing = ctx.text_edit_focused();
    let mut actions = Vec::new();
    let mut commands = all(state, host);
    // A shortcut with more modifiers is asked first, so that Ctrl+Shift+V is not taken for Ctrl+V.
    commands.sort_by_key(|command| std::cmp::Reverse(command.shortcut.map(|keys| keys.modifiers.shift)));
    for command in commands {
        let Some(keys) = command.shortcut else { continue };
        let function = keys.logical_key.name().starts_with('F') && keys.logical_key.name().len() > 1;
        if editing && keys.modifiers.is_none() && !function {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&keys)) {
            actions.push(command.action);
        }
    }
    // Ctrl and = is the same key as Ctrl and + on many keyboards.
    if ctx.input_mut(|input| input.consume_key(CTRL, Key::Equals)) {
        actions.push(Action::Zoom(1.1));
    }
    // A menu that is open closes itself by the same key.
    if !ctx.any_popup_open() && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::Escape);
    }
    actions
}
