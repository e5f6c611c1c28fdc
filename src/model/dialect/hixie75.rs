//! draft-hixie-thewebsocketprotocol-75 (February 2010), the version of the Flash era.

use super::closing::{ClosingHandshake, without_codes};
use super::{Dialect, Draft, Drafts, Opening, Origin, Proof, Refusal, Signal, Subprotocols, frames};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hixie-75: no proof, fields without `Sec-`, no closing handshake.
pub static HIXIE75: Dialect = Dialect {
    protocol: Protocol::Hixie75,
    id: "hixie-75",
    word: "version-hixie-75",
    drafts: Drafts::only(Draft::HIXIE_75),
    document: Document::Hixie75,
    opening: Opening {
        proof: Proof::Nothing,
        signal: Signal::Upgrade,
        upgrade: "WebSocket",
        by_the_letter: true,
        // 44 bytes and 41 (section 4.1, steps 12 and 13; for the server section 5.1).
        invariant: "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n",
        // "Web Socket" as two words (section 4.1).
        reason: "Web Socket Protocol Handshake",
        origin: Origin { field: "Origin", read: &["Origin"], always: true },
        keys: &[],
        key_size_counts: true,
        request_body: 0,
        response_body: 0,
        accept: None,
        nonce: None,
        repeated_origin: Some("WebSocket-Origin"),
        location: Some("WebSocket-Location"),
        subprotocol: "WebSocket-Protocol",
        subprotocols: Subprotocols::One,
        extensions: None,
        refusal: Refusal::Closes,
        waits: false,
    },
    frames: frames::HIXIE,
    closing: without_codes(ClosingHandshake::None),
    extensions: &[],
};
