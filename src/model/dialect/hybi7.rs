//! draft-ietf-hybi-thewebsocketprotocol-07 (`Sec-WebSocket-Version: 7`), April 2011: the frame of RFC 6455 as far as
//! its bits go, and fewer duties.

use super::closing::{self, Class, ClosingHandshake, code};
use super::{BadText, CloseCode, Closing, Dialect, Draft, Drafts, Opening, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-7.
pub static HYBI7: Dialect = Dialect {
    protocol: Protocol::Hybi7,
    id: "hybi-7",
    word: "version-hybi-7",
    drafts: Drafts::only(Draft::hybi(7)),
    document: Document::Hybi07,
    opening: Opening {
        key_size_counts: false,
        ..opening::hybi(
            7,
            Origin {
                field: "Sec-WebSocket-Origin",
                read: &["Sec-WebSocket-Origin", "Origin"],
                always: false,
            },
        )
    },
    frames: frames::hybi07(BadText::Replaced),
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
    code(1004, "Message too large", Class::Registered),
];
