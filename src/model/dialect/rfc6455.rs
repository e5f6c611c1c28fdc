//! RFC 6455 (December 2011) and the drafts hybi-13 to -17 before it (`Sec-WebSocket-Version: 13`), with the registry
//! of close codes as it has grown since.

use super::closing::{self, Class, ClosingHandshake, code};
use super::{BadText, CloseCode, Closing, Dialect, Draft, Drafts, Origin, frames, opening};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// RFC 6455, with permessage-deflate (RFC 7692).
pub static RFC6455: Dialect = Dialect {
    protocol: Protocol::Rfc6455,
    id: "rfc6455",
    word: "version-rfc6455",
    drafts: Drafts::new(Draft::hybi(13), Draft::RFC6455),
    document: Document::Rfc6455,
    opening: opening::hybi(13, Origin { field: "Origin", read: &["Origin"], always: false }),
    frames: frames::hybi07(BadText::Fails),
    closing: Closing {
        handshake: ClosingHandshake::Frame,
        codes: CODES,
        too_large: 1009,
        ranges: closing::RANGES,
    },
    extensions: &["permessage-deflate"],
};

const CODES: &[CloseCode] = &[
    closing::NORMAL,
    closing::AWAY,
    closing::PROTOCOL,
    closing::UNSUPPORTED,
    code(1004, "Reserved", Class::Reserved),
    closing::NO_STATUS,
    closing::ABNORMAL,
    closing::BAD_PAYLOAD,
    code(1008, "Policy Violation", Class::Registered),
    code(1009, "Message Too Big", Class::Registered),
    code(1010, "Mandatory Ext.", Class::Registered),
    code(1011, "Internal Error", Class::Registered),
    code(1012, "Service Restart", Class::Registered),
    code(1013, "Try Again Later", Class::Registered),
    code(1014, "Bad Gateway", Class::Registered),
    code(1015, "TLS handshake", Class::NeverOnWire),
    code(3000, "Unauthorized", Class::Library),
    code(3003, "Forbidden", Class::Library),
    code(3008, "Timeout", Class::Library),
];
