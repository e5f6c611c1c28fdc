//! A client's set-up.

use egui::Ui;

use crate::app::frame::Frame;
use crate::protocol::Protocol;

/// A client's set-up.
#[derive(Debug, Default)]
pub(super) struct ConnectDialog {}

impl ConnectDialog {
    /// Draws it; whether it is done with.
    #[allow(clippy::unused_self)]
    pub(super) fn ui(&mut self, ui: &mut Ui, frame: &mut Frame<'_>, protocol: Protocol, fresh: bool) -> bool {
        let _ = (ui, frame, fresh, protocol);
        false
    }
}
