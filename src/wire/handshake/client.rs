//! The client's side: asking, and believing the answer or not.

use super::check::check_response_for;
use super::offer::Offer;
use super::{Agreement, agreement, hixie75, hixie76, hybi, is_fatal};
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
        match protocol {
            Protocol::Hixie76 => Self::Hixie76(hixie76::Keys::random(fill)),
            Protocol::Hybi7 | Protocol::Hybi8 | Protocol::Rfc6455 => Self::Hybi(hybi::random_key(fill)),
            _ => Self::None,
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
    match (offer.protocol, secret) {
        (Protocol::Hixie75, _) => hixie75::request(offer),
        (Protocol::Hixie76, Secret::Hixie76(keys)) => hixie76::request(offer, Some(keys)),
        (Protocol::Hixie76, _) => hixie76::request(offer, None),
        (Protocol::Hybi7 | Protocol::Hybi8 | Protocol::Rfc6455, secret) => {
            let key = if let Secret::Hybi(key) = secret { Some(key.as_str()) } else { None };
            hybi::request(offer.protocol, offer, key)
        }
        (
            Protocol::FlashPolicy
            | Protocol::Http
            | Protocol::Tls
            | Protocol::Proxy
            | Protocol::Socks
            | Protocol::Unknown,
            _,
        ) => HeadBuilder::request("GET", &offer.resource)
            .field("Host", &offer.host)
            .maybe("Origin", offer.origin.as_deref())
            .extend(offer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .finish(),
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
