//! draft-ietf-hybi-thewebsocketprotocol-04 (`Sec-WebSocket-Version: 4`), January 2011: one key and SHA-1 in the
//! handshake, and a mask over the whole frame.
//!
//! Both ends bring half of a key for the connection: the client in `Sec-WebSocket-Key`, the server in
//! `Sec-WebSocket-Nonce`. A frame of the client begins with a nonce of its own; what SHA-1 makes of it and of that key
//! covers the frame, the header too.

use super::closing::{ClosingHandshake, without_codes};
use super::{BadText, Dialect, Draft, Drafts, HYBI04, Opening, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-4.
pub static HYBI4: Dialect = Dialect {
    protocol: Protocol::Hybi4,
    id: "hybi-4",
    word: "version-hybi-4",
    drafts: Drafts::only(Draft::hybi(4)),
    document: Document::Hybi04,
    opening: Opening {
        nonce: Some("Sec-WebSocket-Nonce"),
        ..opening::hybi(
            4,
            Origin { field: "Sec-WebSocket-Origin", read: &["Sec-WebSocket-Origin", "Origin"], always: true },
        )
    },
    frames: frames::hybi(&HYBI04, BadText::Replaced),
    closing: without_codes(ClosingHandshake::Echo),
    extensions: &[],
};
