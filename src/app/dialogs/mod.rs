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
mod typed;

use egui::Ui;

use super::action::{Action, Dialog};
use super::frame::Frame;
use crate::live::Compared;
use crate::words;

/// The dialog that is open, and what each keeps from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Dialogs {
    open: Option<Dialog>,
    /// It was opened in this frame, so its first field takes the keyboard.
    fresh: bool,
    server: server::ServerDialog,
    connect: connect::ConnectDialog,
    paste: paste::PasteDialog,
    path: path::PathDialog,
    export: export::ExportDialog,
    send_again: send_again::SendAgainDialog,
    palette: palette::Palette,
}

impl Dialogs {
    /// Opens a dialog, in place of the one that is open.
    pub(super) fn open(&mut self, dialog: Dialog) {
        self.open = Some(dialog);
        self.fresh = true;
        self.export.forget_path();
    }

    /// Closes it. Whether there was one.
    pub(super) fn close(&mut self) -> bool {
        self.open.take().is_some()
    }

    /// Asks for a path to save to, where the system has no dialog for it.
    pub(super) fn save_by_path(&mut self, action: Action, name: &str) {
        self.open(Dialog::Export);
        self.export.save_by_path(action, name);
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
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>) {
        let Some(dialog) = self.open else { return };
        let fresh = std::mem::take(&mut self.fresh);
        let mut open = true;
        let mut done = false;
        let heading = if dialog == Dialog::Export { self.export.title() } else { title(dialog) };
        let window = egui::Window::new(words::text(heading))
            .id(egui::Id::unique(("dialog", title(dialog))))
            .open(&mut open)
            .collapsible(false)
            .resizable(true)
            .default_width(460.0)
            .max_height(ui.ctx().content_rect().height() - 60.0)
            .pivot(egui::Align2::CENTER_TOP)
            .default_pos(ui.ctx().content_rect().center_top() + egui::vec2(0.0, 56.0));
        window.show(ui.ctx(), |ui| {
            done = match dialog {
                Dialog::Server => self.server.ui(ui, frame, fresh),
                Dialog::Connect(protocol) => self.connect.ui(ui, frame, protocol, fresh),
                Dialog::Paste => self.paste.ui(ui, frame, fresh),
                Dialog::Path => self.path.ui(ui, frame, fresh),
                Dialog::Export => self.export.ui(ui, frame, fresh),
                Dialog::SendAgain => self.send_again.ui(ui, frame, fresh),
                Dialog::Palette => self.palette.ui(ui, frame, fresh),
                Dialog::Shortcuts => shortcuts::ui(ui, frame),
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
