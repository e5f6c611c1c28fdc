//! A client's set-up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use egui::{ComboBox, RichText, Ui};

use super::form;
use crate::app::action::Action;
use crate::app::host::ClientSetup;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::endpoint::WsUrl;
use crate::model::protocol::{Family, Protocol};
use crate::wire::deflate;
use crate::wire::http::{field_value, header, token};

/// A client's set-up, as it is being filled in.
#[derive(Debug)]
pub(super) struct ConnectDialog {
    /// It was filled with what is remembered.
    filled: bool,
    /// The server whose address was written into the URL, so that a newer one can follow.
    followed: Option<SocketAddr>,
    url: String,
    protocol: Protocol,
    origin: String,
    subprotocols: String,
    headers: String,
    deflate: bool,
    key: String,
    seed: String,
    echo: bool,
}

impl Default for ConnectDialog {
    fn default() -> Self {
        Self {
            filled: false,
            followed: None,
            url: String::new(),
            protocol: Protocol::LATEST,
            origin: String::new(),
            subprotocols: String::new(),
            headers: String::new(),
            deflate: false,
            key: String::new(),
            seed: String::new(),
            echo: false,
        }
    }
}

impl ConnectDialog {
    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, protocol: Protocol, fresh: bool) -> bool {
        if !std::mem::replace(&mut self.filled, true) {
            self.fill(&pass.state.settings.client);
        }
        if fresh {
            self.protocol = protocol;
        }
        let listening = pass.host.listening();
        if listening != self.followed {
            if let Some(address) = listening {
                self.follow(address);
            }
            self.followed = listening;
        }
        let (setup, entered) = form::show(ui, "connect", fresh, |form| self.read(form));
        if listening.is_none() {
            ui.label(RichText::new(ui.words().text("connect-no-server")).weak());
        }
        let wanted = form::button(ui, "connect-connect", setup.is_some()) || entered;
        let Some(setup) = setup.filter(|_| wanted) else { return false };
        pass.state.ask(Action::Connect(Box::new(setup)));
        true
    }

    fn fill(&mut self, setup: &ClientSetup) {
        self.url.clone_from(&setup.url);
        self.origin = setup.origin.clone().unwrap_or_default();
        self.subprotocols = setup.subprotocols.join(", ");
        let headers = setup.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        self.headers = headers.collect::<Vec<_>>().join("\n");
        self.deflate = setup.deflate;
        self.key = setup.key.clone().unwrap_or_default();
        self.seed = setup.seed.map(|seed| seed.to_string()).unwrap_or_default();
        self.echo = setup.echo;
    }

    /// Puts the running server's address into the URL; path and query stay.
    fn follow(&mut self, mut address: SocketAddr) {
        // Who listens everywhere is reached here.
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                IpAddr::V4(Ipv4Addr::LOCALHOST)
            } else {
                IpAddr::V6(Ipv6Addr::LOCALHOST)
            });
        }
        let resource = self.url.parse::<WsUrl>().map_or_else(|_| "/".to_owned(), |url| url.resource);
        self.url = format!("ws://{address}{resource}");
    }

    /// Draws the lines and reads them; none while something in them is wrong.
    fn read(&mut self, form: &mut form::Form<'_>) -> Option<ClientSetup> {
        let words = form.words();
        let url = form.line("connect-url", &mut self.url, |text| {
            text.trim().parse::<WsUrl>().map(|url| url.to_string())
        });
        form.row("connect-version", |ui, label| {
            let chosen = ComboBox::from_id_salt("connect-version")
                .selected_text(ui.words().text(self.protocol.word()))
                .width(FIELD)
                .show_ui(ui, |ui| {
                    for version in Protocol::WEBSOCKET {
                        ui.selectable_value(&mut self.protocol, version, ui.words().text(version.word()));
                    }
                });
            chosen.response.labelled_by(label.id);
        });
        let origin = form.line("connect-origin", &mut self.origin, |text| form::optional(text, field_value));
        let subprotocols =
            form.line("connect-subprotocols", &mut self.subprotocols, |text| form::list(text, token));
        let headers = form.lines("connect-headers", &mut self.headers, |text| {
            text.lines().filter(|line| !line.trim().is_empty()).map(header).collect::<Result<Vec<_>, _>>()
        });
        let hybi = self.protocol.family() == Some(Family::Hybi);
        // The hixie versions have other keys, and only RFC 6455 has the extension.
        let key = if hybi {
            form.line("connect-key", &mut self.key, |text| form::optional(text, field_value))
        } else {
            Some(None)
        };
        let seed = form.line("connect-seed", &mut self.seed, |text| {
            form::optional(text, |text| {
                text.parse::<u64>().map_err(|_| words.text("connect-seed-wrong").to_owned())
            })
        });
        let may_deflate = self.protocol.dialect_or_latest().has_extension(deflate::NAME);
        form.row("connect-behaviour", |ui, _| {
            form::tick(ui, "connect-echo", &mut self.echo);
            if may_deflate {
                form::tick(ui, "connect-deflate", &mut self.deflate);
            }
        });
        Some(ClientSetup {
            url: url?,
            protocol: self.protocol,
            origin: origin?,
            subprotocols: subprotocols?,
            headers: headers?,
            deflate: self.deflate && may_deflate,
            key: key?,
            seed: seed?,
            echo: self.echo,
        })
    }
}

/// The width of the list of versions, in points: as the lines beside it.
const FIELD: f32 = 300.0;
