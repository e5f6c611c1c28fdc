//! draft-ietf-hybi-thewebsocketprotocol-01 to -03 (August to October 2010): the handshake of hixie-76, and the first
//! frames with opcodes, a length in 7, 16 or 64 bits, and a bit MORE in place of FIN.
//!
//! hybi-01 says nothing of itself on the wire; its first frame tells it from hixie-76. hybi-02 and hybi-03 both send
//! `Sec-WebSocket-Draft: 2`; libraries wrote 1 and 3 as well. Where the three differ the table has what hybi-03 says, and
//! a rule that only it has holds [in part](super::Standing::InPart).

use super::closing::{ClosingHandshake, without_codes};
use super::opening::SEC_PROTOCOL;
use super::{
    BadText, Dialect, Draft, Drafts, HYBI01, Opening, Origin, Proof, Refusal, Signal, Subprotocols, frames,
};
use crate::model::protocol::Protocol;
use crate::model::spec::Document;

/// hybi-1 to hybi-3.
pub static HYBI2: Dialect = Dialect {
    protocol: Protocol::Hybi2,
    id: "hybi-2",
    word: "version-hybi-2",
    drafts: Drafts::new(Draft::hybi(1), Draft::hybi(3)),
    document: Document::Hybi03,
    opening: Opening {
        proof: Proof::Md5Challenge,
        signal: Signal::Draft(&[2, 1, 3]),
        upgrade: "WebSocket",
        // Case does not count since hybi-02.
        by_the_letter: false,
        invariant: "",
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
        subprotocols: Subprotocols::Spaces,
        extensions: None,
        refusal: Refusal::Closes,
        waits: false,
    },
    frames: frames::hybi(&HYBI01, BadText::Replaced),
    closing: without_codes(ClosingHandshake::Echo),
    extensions: &[],
};
