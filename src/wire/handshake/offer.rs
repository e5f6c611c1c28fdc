//! What a client asks for, whatever the version.

use crate::protocol::Protocol;
use crate::wire::extension::Extension;

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
