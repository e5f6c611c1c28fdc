//! permessage-deflate (RFC 7692): negotiation, deflating and inflating.

use super::extension::Extension;
use crate::protocol::Side;
use crate::rule::Finding;

/// What both ends agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// The server begins each message with an empty window.
    pub server_no_context_takeover: bool,
    /// The client begins each message with an empty window.
    pub client_no_context_takeover: bool,
    /// The server's window, 8 to 15 bits.
    pub server_max_window_bits: u8,
    /// The client's window, 8 to 15 bits.
    pub client_max_window_bits: u8,
}

impl Params {
    /// The window of the messages that `side` sends, in bits.
    pub fn window_bits(&self, side: Side) -> u8 {
        let _ = side;
        todo!()
    }

    /// Whether `side` keeps its window from message to message.
    pub fn context_takeover(&self, side: Side) -> bool {
        let _ = side;
        todo!()
    }

    /// The extension as a server's response names it.
    pub fn to_extension(&self) -> Extension {
        todo!()
    }
}

/// Server side: chooses among the client's offers what it can keep, bounded by its own wishes.
/// None where no offer is for permessage-deflate or none is acceptable.
pub fn negotiate(offers: &[Extension], wishes: &Params) -> Option<Params> {
    let _ = (offers, wishes);
    todo!()
}

/// Client side, and the dissector: what the server's answer agrees to, checked against the offers.
pub fn agreed(offers: &[Extension], answer: &Extension) -> Result<Params, Finding> {
    let _ = (offers, answer);
    todo!()
}
