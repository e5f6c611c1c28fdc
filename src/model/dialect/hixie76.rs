//! draft-hixie-thewebsocketprotocol-76 (May 2010), the same text as draft-ietf-hybi-thewebsocketprotocol-00.

use super::closing::{ClosingHandshake, without_codes};
use super::opening::SEC_PROTOCOL;
use super::{Dialect, Draft, Drafts, Opening, Origin, Proof, Refusal, Signal, Subprotocols, frames};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hixie-76: an MD5 challenge of two keys and eight bytes behind the head, and the closing handshake `FF 00`.
pub static HIXIE76: Dialect = Dialect {
    protocol: Protocol::Hixie76,
    id: "hixie-76",
    word: "version-hixie-76",
    drafts: Drafts::only(Draft::HIXIE_76),
    document: Document::Hixie76,
    opening: Opening {
        proof: Proof::Md5Challenge,
        signal: Signal::Keys,
        upgrade: "WebSocket",
        by_the_letter: true,
        invariant: "",
        // "WebSocket" as one word (section 5.2).
        reason: "WebSocket Protocol Handshake",
        origin: Origin { field: "Origin", read: &["Origin"], always: true },
        keys: &["Sec-WebSocket-Key1", "Sec-WebSocket-Key2"],
        key_size_counts: true,
        request_body: 8,
        response_body: 16,
        accept: None,
        nonce: None,
        repeated_origin: Some("Sec-WebSocket-Origin"),
        location: Some("Sec-WebSocket-Location"),
        subprotocol: SEC_PROTOCOL,
        subprotocols: Subprotocols::One,
        extensions: None,
        refusal: Refusal::Closes,
        waits: false,
    },
    frames: frames::HIXIE,
    closing: without_codes(ClosingHandshake::Bytes),
    extensions: &[],
};
