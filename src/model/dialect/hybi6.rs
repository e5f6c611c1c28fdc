//! draft-ietf-hybi-thewebsocketprotocol-06 (`Sec-WebSocket-Version: 6`), February 2011: the frames of hybi-05, and
//! the first close codes.

use super::closing::{self, Class, ClosingHandshake, code};
use super::{BadText, CloseCode, Closing, Dialect, Draft, Drafts, HYBI05, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-6.
pub static HYBI6: Dialect = Dialect {
    protocol: Protocol::Hybi6,
    id: "hybi-6",
    word: "version-hybi-6",
    drafts: Drafts::only(Draft::hybi(6)),
    document: Document::Hybi06,
    opening: opening::hybi(
        6,
        Origin { field: "Sec-WebSocket-Origin", read: &["Sec-WebSocket-Origin", "Origin"], always: false },
    ),
    frames: frames::hybi(&HYBI05, BadText::Replaced),
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
