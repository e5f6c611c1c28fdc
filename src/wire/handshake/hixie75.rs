//! draft-hixie-thewebsocketprotocol-75: a request, an answer that repeats origin and address, and no proof.

use super::offer::Offer;
use crate::model::dialect::Opening;
use crate::wire::http::{Head, HeadBuilder};

/// The request in the order that the draft fixes (section 4.1): a server may compare bytes.
pub(super) fn request(opening: &Opening, offer: &Offer) -> Vec<u8> {
    let protocol = (!offer.subprotocols.is_empty()).then(|| offer.subprotocols.join(", "));
    HeadBuilder::request("GET", &offer.resource)
        .field("Upgrade", opening.upgrade)
        .field("Connection", "Upgrade")
        .field("Host", &offer.host)
        .maybe(opening.origin.field, offer.origin.as_deref())
        .maybe(opening.subprotocol, protocol.as_deref())
        .extend(offer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .finish()
}

/// The head of the response of a server that accepts, in hixie-75 (section 5.1) and in hixie-76 (section 5.2).
pub(super) fn response(
    opening: &Opening,
    request: &Head,
    secure: bool,
    subprotocol: Option<&str>,
) -> Vec<u8> {
    let origin = request.get(opening.origin.field);
    let repeated = opening.repeated_origin.zip(origin.as_deref());
    let location = opening.location.map(|name| (name, location(request, secure)));
    HeadBuilder::response(101, opening.reason)
        .field("Upgrade", opening.upgrade)
        .field("Connection", "Upgrade")
        .extend(repeated)
        .extend(location.as_ref().map(|(name, value)| (*name, value.as_str())))
        .maybe(opening.subprotocol, subprotocol)
        .finish()
}

/// The address that the server repeats: `ws://`, the host as the client named it, the resource.
pub fn location(request: &Head, secure: bool) -> String {
    let scheme = if secure { "wss" } else { "ws" };
    let target = request.target();
    format!("{scheme}://{}{}", request.get("Host").unwrap_or_default(), resource(&target))
}

/// Whether `location` is the address that `request` asked for (draft-hixie-76 section 4.1). Where `secure` is not
/// known, both schemes fit. A default port may be written or left out.
pub fn is_location(location: &str, request: &Head, secure: Option<bool>) -> bool {
    let (wss, rest) = match (location.strip_prefix("ws://"), location.strip_prefix("wss://")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return false,
    };
    if secure.is_some_and(|secure| secure != wss) {
        return false;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let default_port = if wss { ":443" } else { ":80" };
    let host = |text: &str| {
        let lower = text.to_ascii_lowercase();
        lower.strip_suffix(default_port).map_or_else(|| lower.clone(), str::to_owned)
    };
    // Without Host there is nothing to compare with; that it is missing is the request's fault.
    let same_host = request.get("Host").is_none_or(|asked| host(asked.trim()) == host(authority));
    same_host && path == resource(&request.target())
}

/// Path and query of a target, also of one that a proxy was given (`http://host/path`).
fn resource(target: &str) -> &str {
    if target.starts_with('/') {
        return target;
    }
    let Some((_, rest)) = target.split_once("://") else { return target };
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
}
