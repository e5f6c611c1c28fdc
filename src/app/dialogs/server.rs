//! The server's set-up.

use egui::{RichText, Ui};

use super::form;
use crate::app::action::Action;
use crate::app::host::ServerSetup;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::endpoint::listen_address;
use crate::model::protocol::Protocol;
use crate::wire::http::{field_value, token};

/// The server's set-up, as it is being filled in.
#[derive(Debug, Default)]
pub(super) struct ServerDialog {
    listen: String,
    versions: [bool; Protocol::WEBSOCKET.len()],
    subprotocols: String,
    deflate: bool,
    echo: bool,
    flash_policy: String,
    origins: String,
    record: String,
}

impl ServerDialog {
    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        if fresh {
            let recording = pass.host.recording();
            self.fill(&pass.state.settings.server);
            self.record = recording.map(|file| file.display().to_string()).unwrap_or_default();
        }
        let (setup, entered) = form::show(ui, "server", fresh, |form| self.read(form));
        if pass.host.listening().is_some() {
            ui.label(RichText::new(ui.words().text("server-runs")).weak());
        }
        let wanted = form::button(ui, "server-start", setup.is_some()) || entered;
        let Some(setup) = setup.filter(|_| wanted) else { return false };
        let record = self.record.trim();
        if !record.is_empty() && pass.host.recording().as_deref() != Some(record.as_ref()) {
            pass.state.ask(Action::Record(Some(record.into())));
        }
        pass.state.ask(Action::StartServer(setup));
        true
    }

    fn fill(&mut self, setup: &ServerSetup) {
        self.listen = setup.listen.to_string();
        self.versions = Protocol::WEBSOCKET.map(|version| setup.protocols.contains(&version));
        self.subprotocols = setup.subprotocols.join(", ");
        self.deflate = setup.deflate;
        self.echo = setup.echo;
        self.flash_policy = setup.flash_policy.map(|address| address.to_string()).unwrap_or_default();
        self.origins = setup.origins.join(", ");
    }

    /// Draws the lines and reads them; none while something in them is wrong.
    fn read(&mut self, form: &mut form::Form<'_>) -> Option<ServerSetup> {
        let listen = form.line("server-address", &mut self.listen, |text| listen_address(text.trim()));
        let protocols = form.row("server-versions", |ui, _| {
            for (version, on) in Protocol::WEBSOCKET.iter().zip(&mut self.versions) {
                ui.checkbox(on, ui.words().text(version.word()));
            }
            let chosen = Protocol::WEBSOCKET.into_iter().zip(self.versions);
            let chosen: Vec<Protocol> = chosen.filter_map(|(version, on)| on.then_some(version)).collect();
            if chosen.is_empty() {
                form::wrong(ui, ui.words().text("server-no-version"));
            }
            Some(chosen).filter(|chosen| !chosen.is_empty())
        });
        let subprotocols =
            form.line("server-subprotocols", &mut self.subprotocols, |text| form::list(text, token));
        form.row("server-behaviour", |ui, _| {
            form::tick(ui, "server-echo", &mut self.echo);
            form::tick(ui, "server-deflate", &mut self.deflate);
        });
        let origins = form.line("server-origins", &mut self.origins, |text| form::list(text, field_value));
        let flash_policy =
            form.line("server-policy", &mut self.flash_policy, |text| form::optional(text, listen_address));
        form.line("server-record", &mut self.record, |_| Ok::<_, String>(()));
        Some(ServerSetup {
            listen: listen?,
            protocols: protocols?,
            subprotocols: subprotocols?,
            deflate: self.deflate,
            flash_policy: flash_policy?,
            origins: origins?,
            echo: self.echo,
        })
    }
}
