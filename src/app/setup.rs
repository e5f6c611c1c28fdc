//! From what a person filled in to what the endpoints take.

use super::host::{ClientSetup, ServerSetup};
use crate::endpoint::WsUrl;
use crate::endpoint::{self, Options};
use crate::wire::deflate;
use crate::wire::handshake::{Offer, Policy};

/// The server's side of a set-up.
pub(super) fn server_config(setup: &ServerSetup) -> endpoint::ServerConfig {
    let policy = Policy {
        protocols: setup.protocols.clone(),
        subprotocols: setup.subprotocols.clone(),
        deflate: setup.deflate.then(deflate::Params::default),
        origins: (!setup.origins.is_empty()).then(|| setup.origins.clone()),
        secure: false,
    };
    let options = Options { echo: setup.echo, ..Options::default() };
    endpoint::ServerConfig { policy, options, ..endpoint::ServerConfig::default() }
}

/// permessage-deflate as a client offers it that wants it; none for one that does not.
pub(super) fn deflate_offer(setup: &ClientSetup) -> Option<deflate::Offer> {
    setup.deflate.then(|| deflate::Offer { client_max_window_bits: Some(None), ..deflate::Offer::default() })
}

/// The opening request of a client.
pub(super) fn client_offer(setup: &ClientSetup, url: &WsUrl) -> Offer {
    Offer {
        protocol: setup.protocol,
        resource: url.resource.clone(),
        host: url.host_field(),
        secure: false,
        origin: setup.origin.clone(),
        subprotocols: setup.subprotocols.clone(),
        extensions: deflate_offer(setup).iter().map(deflate::Offer::to_extension).collect(),
        headers: setup.headers.clone(),
    }
    .fitted()
}
