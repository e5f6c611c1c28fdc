//! draft-ietf-hybi-thewebsocketprotocol-08 to -12 (`Sec-WebSocket-Version: 8`), July to August 2011.
//!
//! Five drafts share the number. Where they differ the table has what the later ones say, and a rule that only they
//! have holds [in part](super::Standing::InPart). hybi-11 and -12 name the origin in `Origin` again; what is sent here
//! is the older name, which the browsers of the time sent.

use super::closing::{self, Class, ClosingHandshake, code};
use super::{BadText, CloseCode, Closing, Dialect, Draft, Drafts, Opening, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-8.
pub static HYBI8: Dialect = Dialect {
    protocol: Protocol::Hybi8,
    id: "hybi-8",
    word: "version-hybi-8",
    drafts: Drafts::new(Draft::hybi(8), Draft::hybi(12)),
    document: Document::Hybi10,
    opening: Opening {
        key_size_counts: false,
        ..opening::hybi(
            8,
            Origin {
                field: "Sec-WebSocket-Origin",
                read: &["Sec-WebSocket-Origin", "Origin"],
                always: false,
            },
        )
    },
    frames: frames::hybi07(BadText::Fails),
    closing: Closing {
        handshake: ClosingHandshake::Frame,
        codes: CODES,
        too_large: 1004,
        ranges: closing::RANGES,
    },
    extensions: &[],
};

const CODES: &[CloseCode] = &[
    closing::NORMAL,
    closing::AWAY,
    closing::PROTOCOL,
    closing::UNSUPPORTED,
    code(1004, "Frame too large", Class::Registered),
    closing::NO_STATUS,
    closing::ABNORMAL,
    closing::BAD_PAYLOAD,
];
