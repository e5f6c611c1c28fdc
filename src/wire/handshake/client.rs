//! The client's side: asking, and believing the answer or not.

use super::check::check_response_for;
use super::offer::Offer;
use super::{Agreement, agreement, hixie75, hixie76, hybi, is_fatal};
use crate::model::dialect::Proof;
use crate::model::protocol::Protocol;
use crate::model::rule::Finding;
use crate::wire::http::{Head, HeadBuilder};

/// What the client makes up so that the server can prove that it read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// hixie-75 asks for no proof.
    None,
    /// Two keys and eight bytes.
    Hixie76(hixie76::Keys),
    /// The value of `Sec-WebSocket-Key`.
    Hybi(String),
}

impl Secret {
    /// What `protocol` needs, with randomness from `fill`, which fills a slice with random bytes.
    pub fn random(protocol: Protocol, fill: &mut dyn FnMut(&mut [u8])) -> Self {
        match protocol.dialect().map(|dialect| dialect.opening.proof) {
            Some(Proof::Md5Challenge) => Self::Hixie76(hixie76::Keys::random(fill)),
            Some(Proof::Sha1Accept) => Self::Hybi(hybi::random_key(fill)),
            Some(Proof::Nothing) | None => Self::None,
        }
    }

    /// The bytes that follow the request's head: key3 of hixie-76.
    pub fn body(&self) -> &[u8] {
        match self {
            Self::Hixie76(keys) => &keys.key3,
            Self::None | Self::Hybi(_) => &[],
        }
    }
}

/// The opening request, with the bytes behind its head. A secret of another version is left out, so that requests
/// without keys can be made on purpose. What is no WebSocket version gives a plain GET.
pub fn request(offer: &Offer, secret: &Secret) -> Vec<u8> {
    let Some(dialect) = offer.protocol.dialect() else {
        return HeadBuilder::request("GET", &offer.resource)
            .field("Host", &offer.host)
            .maybe("Origin", offer.origin.as_deref())
            .extend(offer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .finish();
    };
    let opening = &dialect.opening;
    match (opening.proof, secret) {
        (Proof::Nothing, _) => hixie75::request(opening, offer),
        (Proof::Md5Challenge, Secret::Hixie76(keys)) => hixie76::request(opening, offer, Some(keys)),
        (Proof::Md5Challenge, _) => hixie76::request(opening, offer, None),
        (Proof::Sha1Accept, Secret::Hybi(key)) => hybi::request(opening, offer, Some(key)),
        (Proof::Sha1Accept, _) => hybi::request(opening, offer, None),
    }
}

/// Whether the response opens the WebSocket that was asked for. `request` is the head that was sent, `body` are the
/// bytes behind the response's head ([`response_body_length`](super::response_body_length)).
///
/// The findings where a client has to give up; all of them, those that alone would not matter included.
pub fn verify(
    offer: &Offer,
    secret: &Secret,
    request: &Head,
    response: &Head,
    body: &[u8],
) -> Result<Agreement, Vec<Finding>> {
    let secure = Some(offer.secure);
    let findings = check_response_for(offer.protocol, request, secret.body(), response, body, secure);
    if findings.iter().any(is_fatal) {
        return Err(findings);
    }
    Ok(agreement(offer.protocol, request, response))
}
