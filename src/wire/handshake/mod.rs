//! The opening handshakes of every version: who asks for what, what the answer agrees to, and what proves it.
//!
//! A handshake is an HTTP request and a response; hixie-76 adds bytes behind both heads. One set of checks
//! ([`check_request`], [`check_response`]) serves the dissector, which goes on, and the endpoints, which refuse.

mod check;
mod client;
mod derive;
mod fields;
pub mod hixie75;
pub mod hixie76;
pub mod hybi;
mod lists;
mod offer;
mod server;

#[cfg(test)]
mod tests;

pub use check::{check_request, check_response, check_switch};
pub use client::{Secret, request, verify};
pub use derive::derivations;
pub use fields::{KINDS, item_fields};
pub use offer::Offer;
pub use server::{Answer, Policy, answer, refuse};

use super::deflate;
use super::extension::{Extension, Placed};
use super::frame::coding::{ConnectionKey, connection_key};
use super::http::Head;
use crate::model::dialect::{self, DRAFT_FIELD, Dialect, Signal, Subprotocols};
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Finding, Reaction, Rule, Severity};

/// Which WebSocket version a request asks for; none for HTTP that asks for no WebSocket.
///
/// Decided as servers of the time decided: a `Sec-WebSocket-Key` or `Sec-WebSocket-Version` makes it one of the hybi
/// versions, by its number; two numbered keys make it hixie-76; `Upgrade: WebSocket` alone makes it hixie-75. A
/// number that is unknown, or missing, counts as RFC 6455, and [`check_request`] says so.
pub fn detect(request: &Head) -> Option<Protocol> {
    if request.side() != Side::Client {
        return None;
    }
    let two_keys = dialect::HIXIE76.opening.keys.iter().all(|key| request.has(key));
    if request.has("Sec-WebSocket-Key") || request.has("Sec-WebSocket-Version") && !two_keys {
        return Some(hybi::asked_version(request).unwrap_or(Protocol::LATEST));
    }
    let asks = |dialect: &&&Dialect| match dialect.opening.signal {
        Signal::Version(_) => false,
        Signal::Draft(_) => {
            let keys = dialect.opening.keys.iter().all(|key| request.has(key));
            keys && request.get(DRAFT_FIELD).is_some_and(|number| number != "0")
        }
        Signal::Keys => dialect.opening.keys.iter().all(|key| request.has(key)),
        Signal::Upgrade => {
            request.has_token("Upgrade", "websocket") && request.has_token("Connection", "upgrade")
        }
    };
    // The later a version, the more its requests say.
    dialect::ALL.iter().rev().find(asks).map(|dialect| dialect.protocol)
}

/// How many bytes of handshake follow the request's head: key3 of hixie-76.
pub const fn request_body_length(protocol: Protocol) -> usize {
    match protocol.dialect() {
        Some(dialect) => dialect.opening.request_body,
        None => 0,
    }
}

/// How many bytes of handshake follow the response's head: the answer of hixie-76, where the response is a 101.
pub fn response_body_length(protocol: Protocol, response: &Head) -> usize {
    let dialect = protocol.dialect().filter(|_| response.status() == Some(101));
    dialect.map_or(0, |dialect| dialect.opening.response_body)
}

/// What both ends agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The version that they speak from now on.
    pub protocol: Protocol,
    /// The subprotocol that the client offered and the server chose.
    pub subprotocol: Option<String>,
    /// The extensions as the server named them, with their parameters.
    pub extensions: Vec<String>,
    /// How messages or frames are compressed, where permessage-deflate or deflate-frame was agreed on.
    pub deflate: Option<deflate::Params>,
    /// All that follows is compressed, as deflate-stream says.
    pub deflate_stream: bool,
    /// The first extension of those agreed on that this program does not know.
    pub foreign: Option<String>,
    /// The key with which the client's frames of hybi-04 are masked, where both heads have their half of it.
    pub connection: Option<ConnectionKey>,
}

/// What this request and this response agree on. Where the response is no 101 they agree on nothing but the
/// version that was asked for. What the server chose though it was not offered is left out: no client takes it.
pub fn agreement(protocol: Protocol, request: &Head, response: &Head) -> Agreement {
    let mut agreement = Agreement {
        protocol,
        subprotocol: None,
        extensions: Vec::new(),
        deflate: None,
        deflate_stream: false,
        foreign: None,
        connection: None,
    };
    if response.status() != Some(101) {
        return agreement;
    }
    let name = subprotocol_field(protocol);
    let chosen = response.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    if let Some(name) = protocol.dialect().and_then(Dialect::masking_nonce)
        && let Some(key) = request.get("Sec-WebSocket-Key")
    {
        agreement.connection = response.get(name).map(|nonce| connection_key(&key, &nonce));
    }
    agreement.subprotocol = chosen.filter(|chosen| offers_subprotocol(protocol, request, chosen));
    if protocol.dialect().is_some_and(|dialect| dialect.opening.extensions.is_some()) {
        let offers = plain_extensions(request);
        for answer in plain_extensions(response) {
            if !offers.iter().any(|offer| offer.name == answer.name) {
                continue;
            }
            if answer.name == deflate::NAME {
                agreement.deflate = agreement.deflate.or(deflate::agreed(&offers, &answer).ok());
            } else if let Some(params) = deflate::per_frame(&offers, &answer) {
                agreement.deflate.get_or_insert(params);
            } else if answer.name == deflate::stream::NAME {
                agreement.deflate_stream = true;
            } else {
                agreement.foreign.get_or_insert_with(|| answer.name.clone());
            }
            agreement.extensions.push(answer.to_string());
        }
    }
    agreement
}

/// The field that names subprotocols: hixie-75 knows no `Sec-`.
const fn subprotocol_field(protocol: Protocol) -> &'static str {
    protocol.dialect_or_latest().opening.subprotocol
}

/// Whether that field holds one name in a request.
fn names_one_subprotocol(protocol: Protocol) -> bool {
    protocol.dialect_or_latest().opening.subprotocols != Subprotocols::Commas
}

/// Whether the request offers this subprotocol. In hixie the field holds one name, which may have commas in it;
/// clients of the time that wrote a list all the same had one member of it answered.
fn offers_subprotocol(protocol: Protocol, request: &Head, chosen: &str) -> bool {
    let name = subprotocol_field(protocol);
    let whole = names_one_subprotocol(protocol) && request.get(name).is_some_and(|value| value == chosen);
    let spaces = protocol.dialect_or_latest().opening.subprotocols == Subprotocols::Spaces
        && request.get(name).is_some_and(|value| value.split(' ').any(|offered| offered == chosen));
    whole || spaces || request.tokens(name).iter().any(|offered| offered == chosen)
}

/// The extensions in all `Sec-WebSocket-Extensions` of a head, each with its place in bits of the head; so is the
/// finding's.
fn extensions(head: &Head) -> Result<Vec<Placed>, Finding> {
    let mut all = Vec::new();
    for field in head.named(lists::EXTENSIONS) {
        let text = field.value(head.raw());
        let value = field.value_span().bits();
        // Places are in bits of the value, where it stands in one piece.
        let there = |bits: BitRange| {
            let there = bits.shifted(value.start);
            if field.folds.is_empty() && value.contains(there) { there } else { value }
        };
        let list = Extension::parse_places(&String::from_utf8_lossy(&text)).map_err(|mut finding| {
            finding.bits = Some(finding.bits.map_or(value, there));
            finding
        })?;
        all.extend(list.into_iter().map(|placed| placed.moved(there)));
    }
    Ok(all)
}

/// The same without places; none where they cannot be read.
fn plain_extensions(head: &Head) -> Vec<Extension> {
    extensions(head).unwrap_or_default().into_iter().map(|placed| placed.extension).collect()
}

/// Whether an endpoint gives up over a finding: a MUST is broken, and its rule does not say to go on.
fn is_fatal(finding: &Finding) -> bool {
    // A response that is no 101 breaks no rule, and yet there is no WebSocket.
    finding.rule == Rule::ResponseStatus
        || (finding.severity() == Severity::Error && finding.reaction() != Reaction::GoOn)
}
