//! draft-hixie-thewebsocketprotocol-76: two keys in the head, a third behind it, and MD5 as the proof.
//!
//! Each key hides a number in its digits, multiplied by the count of its spaces. A server that can divide has read
//! the key as a WebSocket server reads it; a proxy or a form that echoes bytes has not.

use md5::{Digest, Md5};

use super::hixie75;
use super::offer::Offer;
use crate::model::dialect::{DRAFT_FIELD, Opening, Signal, Subprotocols};
use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::wire::http::{Head, HeadBuilder, Span};
use crate::words::display_in_english;

/// The bytes of key3, behind the request's head.
pub const KEY3_LENGTH: usize = 8;

/// The bytes of the answer, behind the response's head.
pub const ANSWER_LENGTH: usize = 16;

/// The names of the two keys' fields.
pub const KEY_FIELDS: [&str; 2] = ["Sec-WebSocket-Key1", "Sec-WebSocket-Key2"];

/// What a key says (draft-hixie-76 section 5.2, steps 4 to 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReading {
    /// The digits in the key, in order, all else left out.
    pub digits: String,
    /// The digits as a number; none without digits, or where they do not fit in 64 bits.
    pub number: Option<u64>,
    /// How many spaces (U+0020) there are.
    pub spaces: u32,
}

/// Why a key gives no number for the challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// Nothing to divide.
    NoDigits,
    /// More than 4,294,967,295, the largest number that a client starts from.
    NumberTooLarge,
    /// Nothing to divide by.
    NoSpaces,
    /// The division leaves a rest.
    NotMultiple,
}

impl Tells for KeyFault {
    fn message_id(&self) -> &'static str {
        "error-key"
    }

    fn facts(&self) -> Facts {
        Facts::form(match self {
            Self::NoDigits => "no-digits",
            Self::NumberTooLarge => "too-large",
            Self::NoSpaces => "no-spaces",
            Self::NotMultiple => "not-multiple",
        })
    }
}

display_in_english!(KeyFault);

impl std::error::Error for KeyFault {}

impl KeyReading {
    /// Reads a key, every byte of it.
    pub fn read(key: &[u8]) -> Self {
        let digits: String =
            key.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        let spaces = u32::try_from(memchr::memchr_iter(b' ', key).count()).unwrap_or(u32::MAX);
        Self { number: digits.parse().ok(), digits, spaces }
    }

    /// The number divided by the spaces: the key's part of the challenge.
    pub fn quotient(&self) -> Result<u32, KeyFault> {
        if self.digits.is_empty() {
            return Err(KeyFault::NoDigits);
        }
        let number =
            self.number.and_then(|number| u32::try_from(number).ok()).ok_or(KeyFault::NumberTooLarge)?;
        match number.checked_rem(self.spaces) {
            None => Err(KeyFault::NoSpaces),
            Some(0) => Ok(number / self.spaces),
            Some(_) => Err(KeyFault::NotMultiple),
        }
    }
}

/// The place of key 1 (`index` 0) or key 2 in a request: everything behind the colon and one space, because a space
/// that was trimmed would be missing from the count.
pub fn key_span(request: &Head, index: usize) -> Option<Span> {
    let field = request.named(KEY_FIELDS.get(index)?).next()?;
    Some(field.value_raw(request.raw()))
}

/// The reading of key 1 (`index` 0) or key 2 of a request.
pub fn key_reading(request: &Head, index: usize) -> Option<KeyReading> {
    Some(KeyReading::read(key_span(request, index)?.of(request.raw())))
}

/// The 16 bytes that MD5 is made of: both quotients in four bytes each, the most significant first, and key3.
pub fn challenge(quotient1: u32, quotient2: u32, key3: [u8; KEY3_LENGTH]) -> [u8; 16] {
    let mut challenge = [0; 16];
    let parts = quotient1.to_be_bytes().into_iter().chain(quotient2.to_be_bytes()).chain(key3);
    for (place, byte) in challenge.iter_mut().zip(parts) {
        *place = byte;
    }
    challenge
}

/// MD5 of the challenge: what the server proves itself with.
pub fn answer(challenge: [u8; 16]) -> [u8; ANSWER_LENGTH] {
    Md5::digest(challenge).into()
}

/// The answer that a request with these bytes behind its head expects; none where the keys cannot be read.
pub fn expected_answer(request: &Head, body: &[u8]) -> Option<[u8; ANSWER_LENGTH]> {
    let quotient = |index| key_reading(request, index)?.quotient().ok();
    Some(answer(challenge(quotient(0)?, quotient(1)?, *body.first_chunk()?)))
}

/// What a client makes up for one handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The value of `Sec-WebSocket-Key1`.
    pub key1: String,
    /// The value of `Sec-WebSocket-Key2`.
    pub key2: String,
    /// The bytes behind the head.
    pub key3: [u8; KEY3_LENGTH],
    /// In which order the fields are sent: the draft wants it random. 0 is the order in which the draft lists them.
    pub order: u64,
}

impl Keys {
    /// Makes keys as the draft says (section 4.1, steps 16 to 26), with randomness from `fill`.
    pub fn random(fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let (key1, key2) = (random_key(fill), random_key(fill));
        let mut key3 = [0; KEY3_LENGTH];
        fill(&mut key3);
        Self { key1, key2, key3, order: random_word(fill) }
    }
}

fn random_word(fill: &mut dyn FnMut(&mut [u8])) -> u64 {
    let mut word = [0; 8];
    fill(&mut word);
    u64::from_be_bytes(word)
}

/// A number from 0 up to and without `bound`. 64 random bits against at most 2^32 values: the bias is below 2^-32.
fn below(bound: u64, fill: &mut dyn FnMut(&mut [u8])) -> u64 {
    random_word(fill).checked_rem(bound).unwrap_or_default()
}

fn random_key(fill: &mut dyn FnMut(&mut [u8])) -> String {
    let spaces = 1 + below(12, fill);
    let number = below(u64::from(u32::MAX) / spaces + 1, fill);
    let mut key = (number * spaces).to_string();
    // U+0021 to U+002F and U+003A to U+007E: everything printable but digits and the space.
    let noise: Vec<char> = ('!'..='/').chain(':'..='~').collect();
    for _ in 0..=below(12, fill) {
        let character = noise.get(below(noise.len() as u64, fill) as usize).copied().unwrap_or('!');
        key.insert(below(key.len() as u64 + 1, fill) as usize, character);
    }
    for _ in 0..spaces {
        // Neither first nor last, where HTTP would trim it.
        key.insert(1 + below(key.len() as u64 - 1, fill) as usize, ' ');
    }
    key
}

/// The request (section 4.1, steps 3 to 27), key3 behind it. Without keys their fields are left out.
pub(super) fn request(opening: &Opening, offer: &Offer, keys: Option<&Keys>) -> Vec<u8> {
    let between = if opening.subprotocols == Subprotocols::Spaces { " " } else { ", " };
    let protocol = (!offer.subprotocols.is_empty()).then(|| offer.subprotocols.join(between));
    let mut fields =
        vec![("Upgrade", opening.upgrade), ("Connection", "Upgrade"), ("Host", offer.host.as_str())];
    fields.extend(offer.origin.as_deref().map(|origin| (opening.origin.field, origin)));
    fields.extend(protocol.as_deref().map(|protocol| (opening.subprotocol, protocol)));
    let draft = match opening.signal {
        Signal::Draft(numbers) => numbers.first().map(ToString::to_string),
        _ => None,
    };
    fields.extend(draft.as_deref().map(|number| (DRAFT_FIELD, number)));
    fields.extend(offer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if let Some(keys) = keys {
        fields.extend([(KEY_FIELDS[0], keys.key1.as_str()), (KEY_FIELDS[1], keys.key2.as_str())]);
        shuffle(&mut fields, keys.order);
    }
    let mut bytes = HeadBuilder::request("GET", &offer.resource).extend(fields).finish();
    bytes.extend(keys.iter().flat_map(|keys| keys.key3));
    bytes
}

/// The permutation with this number; 0 leaves all in place. Up to 20 fields every order can be reached.
fn shuffle<T>(items: &mut [T], mut order: u64) {
    for last in (1..items.len()).rev() {
        let choices = last as u64 + 1;
        // Counted from the item's own place, so that 0 moves nothing.
        let back = (order % choices) as usize;
        order /= choices;
        items.swap(last, last - back);
    }
}

/// The response of a server that accepts (section 5.2), the answer behind it.
pub(super) fn response(
    opening: &Opening,
    request: &Head,
    secure: bool,
    subprotocol: Option<&str>,
    answer: [u8; ANSWER_LENGTH],
) -> Vec<u8> {
    let mut bytes = hixie75::response(opening, request, secure, subprotocol);
    bytes.extend(answer);
    bytes
}
