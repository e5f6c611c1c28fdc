//! What a client asks for, whatever the version.

use super::{detect, names_one_subprotocol, plain_extensions, subprotocol_field};
use crate::model::protocol::Protocol;
use crate::wire::extension::Extension;
use crate::wire::http::Head;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The version.
    pub protocol: Protocol,
    /// Path and query: `/chat?room=1`.
    pub resource: String,
    /// The host as the `Host` field names it, with the port where it is not the default one.
    pub host: String,
    /// Whether the connection is `wss:`.
    pub secure: bool,
    /// Where the page comes from; none for clients that show no page.
    pub origin: Option<String>,
    /// The subprotocols, the most wanted first. In the hixie versions there is one at most by the draft; more are sent
    /// as a list.
    pub subprotocols: Vec<String>,
    /// The extensions; the hixie versions have none.
    pub extensions: Vec<Extension>,
    /// More fields, name and value.
    pub headers: Vec<(String, String)>,
}

/// Fields that every request has, or that stand for something else in an offer.
const OWN: [&str; 5] = ["Host", "Upgrade", "Connection", "Origin", "WebSocket-Protocol"];

impl Offer {
    /// An offer of this version to `host`, as the `Host` field names it, for the path and query `resource`. Without
    /// origin, subprotocols and extensions; [`fitted`](Self::fitted) adds the origin where the version wants one.
    pub fn new(protocol: Protocol, host: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            protocol,
            resource: resource.into(),
            host: host.into(),
            secure: false,
            origin: None,
            subprotocols: Vec::new(),
            extensions: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The same as its version asks for it: with an origin where every client of the version names one, that of the
    /// address where there is none; without extensions that the version does not have.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        let dialect = self.protocol.dialect_or_latest();
        if self.origin.is_none() && dialect.opening.origin.always {
            self.origin = Some(format!("http://{}", self.host));
        }
        self.extensions.retain(|extension| dialect.has_extension(&extension.name));
        self
    }

    /// What a request asks for; none where it asks for no WebSocket. Keys are no part of it, and extensions only where
    /// they can be read.
    pub fn of(request: &Head) -> Option<Self> {
        let protocol = detect(request)?;
        let text = |name| request.get(name).map(std::borrow::Cow::into_owned);
        let subprotocols = subprotocol_field(protocol);
        let own = |name: &str| {
            let of_websocket =
                name.get(..14).is_some_and(|begin| begin.eq_ignore_ascii_case("Sec-WebSocket-"));
            of_websocket || OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let headers = request.fields().iter().map(|field| {
            let part = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (part(field.name.of(request.raw())), part(&field.value(request.raw())))
        });
        Some(Self {
            protocol,
            resource: request.target().into_owned(),
            host: text("Host").unwrap_or_default(),
            secure: false,
            origin: text("Origin").or_else(|| text("Sec-WebSocket-Origin")),
            subprotocols: if names_one_subprotocol(protocol) {
                // It may have commas in it.
                text(subprotocols).into_iter().collect()
            } else {
                request.tokens(subprotocols)
            },
            extensions: plain_extensions(request),
            headers: headers.filter(|(name, _)| !own(name)).collect(),
        })
    }
}
