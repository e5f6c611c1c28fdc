//! Compressing each frame by itself: `deflate-frame` and what came of it, 2011 to 2013.
//!
//! draft-tyoshino-hybi-websocket-perframe-deflate had browsers and servers before permessage-deflate replaced it: RSV1 says
//! of each frame, also of a continuation, whether it is compressed. A frame is deflated and flushed, and its last four
//! bytes `00 00 FF FF` are cut off. The window runs on from frame to frame.

use super::negotiate::{Params, Unit};
use crate::wire::extension::Extension;

/// The names of the extension: that of the drafts, `WebKit`'s, and Jetty's.
pub const PER_FRAME: [&str; 3] = ["deflate-frame", "x-webkit-deflate-frame", "x-deflate-frame"];

/// What an answer with one of [`PER_FRAME`] agrees to, with the client's offers. None for another extension.
///
/// Parameters bind the other side: what the client offers limits the server, what the server answers limits the client.
/// Early drafts call the window `window_bits`, later ones `max_window_bits`. What cannot be read counts as absent.
pub fn per_frame(offers: &[Extension], answer: &Extension) -> Option<Params> {
    if !PER_FRAME.contains(&answer.name.as_str()) {
        return None;
    }
    let offer = offers.iter().find(|offer| offer.name == answer.name);
    let server = offer.map(limits).unwrap_or_default();
    let client = limits(answer);
    Some(Params {
        server_no_context_takeover: server.alone,
        client_no_context_takeover: client.alone,
        server_max_window_bits: server.bits,
        client_max_window_bits: client.bits,
        unit: Unit::Frame,
    })
}

/// What one side asks of the other.
#[derive(Clone, Copy)]
struct Limits {
    alone: bool,
    bits: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { alone: false, bits: 15 }
    }
}

fn limits(extension: &Extension) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in &extension.params {
        match name.as_str() {
            "no_context_takeover" => limits.alone = true,
            "max_window_bits" | "window_bits" => {
                let bits = value.as_deref().and_then(|value| value.parse().ok());
                limits.bits = bits.filter(|bits| (8..=15).contains(bits)).unwrap_or(limits.bits);
            }
            _ => {}
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::protocol::Side;

    #[test]
    fn each_side_is_bound_by_what_the_other_says() {
        let offers = Extension::parse_list(
            "permessage-deflate, deflate-frame; max_window_bits=10, x-webkit-deflate-frame; no_context_takeover",
        )
        .unwrap();
        let agreed = |answer: &str| per_frame(&offers, &Extension::parse_list(answer).unwrap()[0]);
        let params = agreed("deflate-frame; no_context_takeover; window_bits=\"9\"").unwrap();
        assert_eq!(params.unit, Unit::Frame);
        assert_eq!([Side::Client, Side::Server].map(|side| params.window_bits(side)), [9, 10]);
        assert_eq!([Side::Client, Side::Server].map(|side| params.context_takeover(side)), [false, true]);
        let params = agreed("x-webkit-deflate-frame; max_window_bits=20").unwrap();
        assert_eq!([Side::Client, Side::Server].map(|side| params.window_bits(side)), [15, 15]);
        assert_eq!([Side::Client, Side::Server].map(|side| params.context_takeover(side)), [true, false]);
        assert_eq!(agreed("permessage-deflate"), None);
    }
}
