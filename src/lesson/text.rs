//! Bytes as people write them.

use serde::{Deserialize, Deserializer};

use crate::capture::typed::parse_hex;

/// Bytes, written as hexadecimal digits in a lesson's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        bytes_of(&text).map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not hexadecimal digits, two a byte"))
        })
    }
}

/// The bytes that hexadecimal digits stand for, if they do ([`parse_hex`]).
pub fn bytes_of(text: &str) -> Option<Vec<u8>> {
    parse_hex(text).ok()
}

/// The number that digits stand for: decimal with or without separators, or hexadecimal behind `0x`.
pub fn number_of(text: &str) -> Option<i64> {
    let text = text.trim().replace([' ', ',', '_', '\u{a0}', '\u{202f}'], "");
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_numbers_are_read_as_people_write_them() {
        assert_eq!(bytes_of("37 fa 21 3d"), Some(vec![0x37, 0xfa, 0x21, 0x3d]));
        assert_eq!(bytes_of("0x37, 0xFA"), Some(vec![0x37, 0xfa]));
        assert_eq!(bytes_of("0x81 0x5 0x48"), Some(vec![0x81, 0x05, 0x48]));
        assert_eq!((bytes_of("37f"), bytes_of("hello")), (None, None));
        assert_eq!(number_of("829,309,203"), Some(829_309_203));
        assert_eq!((number_of("0xff"), number_of("-3"), number_of("x")), (Some(255), Some(-3), None));
    }
}
