//! draft-ietf-hybi-thewebsocketprotocol-05 (`Sec-WebSocket-Version: 5`), February 2011: the key stands before the frame
//! and covers all of it; a close frame says who began.
//!
//! The draft still demands `Sec-WebSocket-Nonce` of the server and has no use for it; servers left it out.

use super::closing::{ClosingHandshake, without_codes};
use super::{BadText, Dialect, Draft, Drafts, HYBI05, Opening, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-5.
pub static HYBI5: Dialect = Dialect {
    protocol: Protocol::Hybi5,
    id: "hybi-5",
    word: "version-hybi-5",
    drafts: Drafts::only(Draft::hybi(5)),
    document: Document::Hybi05,
    opening: Opening {
        nonce: Some("Sec-WebSocket-Nonce"),
        ..opening::hybi(
            5,
            Origin {
                field: "Sec-WebSocket-Origin",
                read: &["Sec-WebSocket-Origin", "Origin"],
                always: false,
            },
        )
    },
    frames: frames::hybi(&HYBI05, BadText::Replaced),
    closing: without_codes(ClosingHandshake::Initiator),
    extensions: &[],
};
