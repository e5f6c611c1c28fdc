//! Dialogs: small windows beside the workspace. None of them blocks it.

mod connect;
mod export;
mod form;
mod palette;
mod paste;
mod path;
mod send_again;
mod server;
mod shortcuts;

use egui::{Rect, Ui, vec2};

use super::action::{Action, Dialog};
use super::pass::Pass;
use crate::analysis::compare::Compared;
use crate::app::language::Speaks;

/// The dialog that is open, and what each keeps from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Dialogs {
    open: Option<Dialog>,
    /// It was opened in this frame, so its first field takes the keyboard.
    fresh: bool,
    /// The screen on which it was placed last.
    placed: Option<Rect>,
    server: server::ServerDialog,
    connect: connect::ConnectDialog,
    paste: paste::PasteDialog,
    path: path::PathDialog,
    export: export::ExportDialog,
    send_again: send_again::SendAgainDialog,
    palette: palette::Palette,
}

/// How far below the window's upper edge a dialog stands, in points.
const TOP: f32 = 56.0;

/// What a dialog has around its content from top to bottom: its title, margins, and room below it.
const AROUND: f32 = 56.0;

impl Dialogs {
    /// Opens a dialog, in place of the one that is open.
    pub(super) fn open(&mut self, dialog: Dialog) {
        self.open = Some(dialog);
        self.fresh = true;
        self.export.forget_path();
    }

    /// Closes it. Whether there was one.
    pub(super) fn close(&mut self) -> bool {
        self.export.forget_path();
        self.open.take().is_some()
    }

    /// Asks for a path to save to, where the system has no dialog for it.
    pub(super) fn save_by_path(&mut self, action: Action, name: &str) {
        self.open(Dialog::Export);
        self.export.save_by_path(action, name);
    }

    /// Asks for the path of a capture; perhaps of one that is to be followed.
    pub(super) fn open_by_path(&mut self, follow: bool) {
        self.path.follow = follow;
        self.open(Dialog::Path);
    }

    /// Something could not be done; perhaps sending again.
    pub(super) fn failed(&mut self) {
        self.send_again.failed();
    }

    /// What came of sending a conversation again.
    pub(super) fn sent_again(&mut self, items: Vec<Compared>, sent: u64, unsent: u64) {
        self.send_again.report(items, sent, unsent);
        self.open(Dialog::SendAgain);
    }

    /// Draws the dialog that is open.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some(dialog) = self.open else { return };
        let fresh = std::mem::take(&mut self.fresh);
        let mut open = true;
        let mut done = false;
        let heading = if dialog == Dialog::Export { self.export.title() } else { title(dialog) };
        let screen = ui.ctx().content_rect();
        let room = screen.height() - TOP - AROUND;
        let mut window = egui::Window::new(ui.words().text(heading))
            .id(egui::Id::unique(("dialog", title(dialog))))
            .open(&mut open)
            .collapsible(false)
            .resizable([true, false])
            .default_width(460.0)
            .max_size(vec2(screen.width() - 48.0, room))
            .pivot(egui::Align2::CENTER_TOP);
        // It stays where it was moved to, but not where it was on another screen.
        if fresh || self.placed != Some(screen) {
            self.placed = Some(screen);
            let middle = screen.center_top() + vec2(0.0, TOP);
            // One that is moved by its title alone keeps the place that it had, whatever is said here.
            window = window.drag_area(egui::WindowDrag::Anywhere).current_pos(middle);
        }
        window.show(ui.ctx(), |ui| {
            ui.set_max_height(room);
            done = match dialog {
                Dialog::Server => self.server.ui(ui, pass, fresh),
                Dialog::Connect(protocol) => self.connect.ui(ui, pass, protocol, fresh),
                Dialog::Paste => self.paste.ui(ui, pass, fresh),
                Dialog::Path => self.path.ui(ui, pass, fresh),
                Dialog::Export => self.export.ui(ui, pass, fresh),
                Dialog::SendAgain => self.send_again.ui(ui, pass, fresh),
                Dialog::Palette => self.palette.ui(ui, pass, fresh),
                Dialog::Shortcuts => shortcuts::ui(ui, pass),
            };
        });
        if (done || !open) && self.open == Some(dialog) {
            self.open = None;
        }
    }
}

const fn title(dialog: Dialog) -> &'static str {
    match dialog {
        Dialog::Server => "dialog-server",
        Dialog::Connect(_) => "dialog-connect",
        Dialog::Paste => "dialog-paste",
        Dialog::Path => "dialog-path",
        Dialog::Export => "dialog-export",
        Dialog::SendAgain => "dialog-send-again",
        Dialog::Palette => "dialog-palette",
        Dialog::Shortcuts => "dialog-shortcuts",
    }
}
