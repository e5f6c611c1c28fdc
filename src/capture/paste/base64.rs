//! Base64 (RFC 4648), of either alphabet, in one piece or in lines of equal length.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const EITHER_WAY: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD_ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, EITHER_WAY);
const URL_ENGINE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, EITHER_WAY);

/// The bytes of a text in base64; none where it is none, or may as well be hexadecimal digits with a slip in them.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    // An address with the data in it (RFC 2397).
    let text = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,")?.1,
        None => text,
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let width = lines.peek()?.len();
    let mut joined = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        if line.len() > width || !is_last && line.len() < width {
            return None;
        }
        joined.push_str(line);
    }
    let padded = joined.ends_with('=');
    let digits = joined.trim_end_matches('=');
    let foreign = digits.bytes().filter(|byte| !byte.is_ascii_hexdigit()).count();
    let is_hyphenated =
        digits.split('-').all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()));
    if foreign * 4 < digits.len() || digits.len() < 2 || is_hyphenated {
        return None;
    }
    let has = |kind: fn(&u8) -> bool| digits.as_bytes().iter().any(kind);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) || has(u8::is_ascii_digit);
    if !padded && (!mixed || digits.len() < 3) {
        return None;
    }
    let engine = if digits.contains(['-', '_']) { &URL_ENGINE } else { &STANDARD_ENGINE };
    engine.decode(&joined).ok()
}
