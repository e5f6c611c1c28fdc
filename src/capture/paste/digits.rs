//! Digits with nothing of a program around them: binary, decimal, hexadecimal.

use super::error::Unread;
use crate::capture::typed::parse_hex;

fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | ';')
}

/// Zeros and ones in groups of eight, each perhaps behind `0b`, or in other groups that hexadecimal bytes cannot have.
pub(super) fn binary(text: &str) -> Option<Vec<u8>> {
    let mut groups = 0;
    let (mut eights, mut odd, mut prefixed, mut one) = (true, false, false, false);
    let mut bytes = Vec::with_capacity(text.len() / 8);
    let (mut byte, mut count) = (0u8, 0usize);
    for group in text.split(|character| is_between(character) || matches!(character, '_' | '|')) {
        let digits = group.strip_prefix("0b").or_else(|| group.strip_prefix("0B"));
        prefixed |= digits.is_some();
        let digits = digits.unwrap_or(group);
        if digits.is_empty() {
            continue;
        }
        groups += 1;
        eights &= digits.len() == 8;
        odd |= digits.len() % 2 == 1;
        for digit in digits.bytes() {
            let bit = match digit {
                b'0' => 0,
                b'1' => 1,
                _ => return None,
            };
            one |= bit == 1;
            byte = byte << 1 | bit;
            count += 1;
            if count.is_multiple_of(8) {
                bytes.push(byte);
            }
        }
    }
    // One long run is hexadecimal as well as binary; so long a number in hexadecimal has other digits too.
    let long = groups == 1 && count >= 16;
    let binary = count > 0 && count.is_multiple_of(8) && one && (prefixed || eights || odd || long);
    binary.then_some(bytes)
}

/// Numbers up to 255, one of which has three digits and none of which begins with a zero.
pub(super) fn decimal(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut long = false;
    for number in text.split(is_between).filter(|number| !number.is_empty()) {
        if number.len() > 3
            || number.len() > 1 && number.starts_with('0')
            || !number.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        long |= number.len() == 3;
        bytes.push(number.parse::<u8>().ok()?);
    }
    // One number of three digits is a byte of which a digit was forgotten.
    (long && bytes.len() > 1).then_some(bytes)
}

/// Hexadecimal digits, also with hyphens between the bytes.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, Unread> {
    let is_hyphenated = text.trim().split('-').all(|byte| byte.trim().len() == 2);
    let plain = if is_hyphenated { text.replace('-', " ") } else { text.to_owned() };
    parse_hex(&plain).map_err(|error| Unread::hex(text, error))
}
