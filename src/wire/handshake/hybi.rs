//! hybi-07 to RFC 6455: one key, and SHA-1 of it and a fixed GUID as the proof.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sha1::{Digest, Sha1};

use super::offer::Offer;
use crate::model::dialect::{Opening, Signal};
use crate::model::protocol::Protocol;
use crate::wire::http::{Head, HeadBuilder};

/// What the server puts behind the key before it hashes (RFC 6455 section 1.3). Nobody but a WebSocket server does.
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Base64 with padding; the bits that no byte needs may be set, because the length is all that is asked for.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// SHA-1 of the key, as it stands in the field, and the GUID.
pub fn digest(key: &str) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    hash.finalize().into()
}

/// The value of `Sec-WebSocket-Accept` that proves that the server read `key` (RFC 6455 section 4.2.2).
pub fn accept(key: &str) -> String {
    STANDARD.encode(digest(key))
}

/// A key of 16 random bytes from `fill`.
pub fn random_key(fill: &mut dyn FnMut(&mut [u8])) -> String {
    let mut nonce = [0; 16];
    fill(&mut nonce);
    STANDARD.encode(nonce)
}

/// How many bytes a key decodes to; none where it is not base64.
pub fn key_size(key: &str) -> Option<usize> {
    LENIENT.decode(key).ok().map(|bytes| bytes.len())
}

/// The number in `Sec-WebSocket-Version`: 0 to 255 without leading zeros (RFC 6455 section 4.3).
pub fn version_number(value: &str) -> Option<u8> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = value.len() > 1 && value.starts_with('0');
    if digits && !leading_zero { value.parse().ok() } else { None }
}

/// The version that the request asks for; none where its number is missing, unreadable or of no known version.
pub(super) fn asked_version(request: &Head) -> Option<Protocol> {
    Protocol::from_version_number(version_number(&request.get("Sec-WebSocket-Version")?)?)
}

/// The request (RFC 6455 section 4.1). Without a key its field is left out.
pub(super) fn request(opening: &Opening, offer: &Offer, key: Option<&str>) -> Vec<u8> {
    let list = |members: Vec<String>| (!members.is_empty()).then(|| members.join(", "));
    let subprotocols = list(offer.subprotocols.clone());
    let extensions = list(offer.extensions.iter().map(ToString::to_string).collect());
    let version = match opening.signal {
        Signal::Version(number) => Some(number.to_string()),
        Signal::Upgrade | Signal::Keys | Signal::Draft(_) => None,
    };
    HeadBuilder::request("GET", &offer.resource)
        .field("Host", &offer.host)
        .field("Upgrade", opening.upgrade)
        .field("Connection", "Upgrade")
        .maybe("Sec-WebSocket-Key", key)
        .maybe(opening.origin.field, offer.origin.as_deref())
        .maybe(opening.subprotocol, subprotocols.as_deref())
        .maybe("Sec-WebSocket-Version", version.as_deref())
        .maybe("Sec-WebSocket-Extensions", extensions.as_deref())
        .extend(offer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .finish()
}

/// The response of a server that accepts (RFC 6455 section 4.2.2).
pub(super) fn response(
    opening: &Opening,
    key: &str,
    subprotocol: Option<&str>,
    extension: Option<&str>,
    nonce: [u8; 16],
) -> Vec<u8> {
    let nonce = STANDARD.encode(nonce);
    HeadBuilder::response(101, opening.reason)
        .field("Upgrade", opening.upgrade)
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", &accept(key))
        .extend(opening.nonce.map(|name| (name, nonce.as_str())))
        .maybe(opening.subprotocol, subprotocol)
        .maybe("Sec-WebSocket-Extensions", extension)
        .finish()
}
