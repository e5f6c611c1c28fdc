//! Values appended to a buffer of bytes, with nothing allocated for them: a capture has a million rows.

use crate::trace::Timestamp;

/// Appends a number in decimal digits.
#[inline]
pub(super) fn number(row: &mut Vec<u8>, number: u64) {
    row.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a time as [`Timestamp::seconds`] shows it, without the cost of formatting.
pub(super) fn seconds(row: &mut Vec<u8>, time: Timestamp, digits: u8) {
    const SECOND: u64 = 1_000_000_000;
    let digits = digits.min(9);
    if time.0 < 0 {
        row.push(b'-');
    }
    let nanos = time.0.unsigned_abs();
    number(row, nanos / SECOND);
    if digits > 0 {
        row.push(b'.');
        let fraction = nanos % SECOND / 10u64.pow(9 - u32::from(digits));
        let mut buffer = itoa::Buffer::new();
        let fraction = buffer.format(fraction);
        row.extend(std::iter::repeat_n(b'0', usize::from(digits) - fraction.len()));
        row.extend_from_slice(fraction.as_bytes());
    }
}

/// Appends two hexadecimal digits a byte.
pub(super) fn hex(row: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        row.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]]);
    }
}

/// Appends a text as it stands between the quotes of JSON.
pub(super) fn json_text(row: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = first_special(bytes, from) {
        row.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        match bytes.get(at).copied().unwrap_or_default() {
            b'"' => row.extend_from_slice(b"\\\""),
            b'\\' => row.extend_from_slice(b"\\\\"),
            b'\n' => row.extend_from_slice(b"\\n"),
            b'\r' => row.extend_from_slice(b"\\r"),
            b'\t' => row.extend_from_slice(b"\\t"),
            0x08 => row.extend_from_slice(b"\\b"),
            0x0C => row.extend_from_slice(b"\\f"),
            byte => {
                row.extend_from_slice(b"\\u00");
                hex(row, &[byte]);
            }
        }
        from = at + 1;
    }
    row.extend_from_slice(bytes.get(from..).unwrap_or_default());
}

/// The place of the first byte from `from` on that JSON escapes: a control character, `"` or `\`.
fn first_special(bytes: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // Eight bytes at once. The lowest bit that is set stands in a byte that is meant; those above it may not.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let (words, rest) = bytes.get(from..)?.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let special = below(word, 0x20)
            | below(word ^ (ONES * u64::from(b'"')), 1)
            | below(word ^ (ONES * u64::from(b'\\')), 1);
        if special != 0 {
            return Some(from + number * 8 + special.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\'))?;
    Some(bytes.len() - rest.len() + at)
}

/// Appends a value of CSV: in quotes where it holds a comma, a quote or a line end (RFC 4180). What a spreadsheet would
/// take for a formula has an apostrophe before it, which spreadsheets take for *text follows*: a message is written by
/// a stranger, and opened by whoever exported it.
pub(super) fn csv_text(row: &mut Vec<u8>, text: &str) {
    let begins_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let quoted = begins_formula
        || text.bytes().any(|byte| matches!(byte, b',' | b';' | b'"' | b'\n' | b'\r' | b'\t'))
        || text.starts_with([' ', '\''])
        || text.ends_with(' ');
    if !quoted {
        row.extend_from_slice(text.as_bytes());
        return;
    }
    row.push(b'"');
    if begins_formula {
        row.push(b'\'');
    }
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr(b'"', rest) {
        row.extend_from_slice(rest.get(..=at).unwrap_or_default());
        row.push(b'"');
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    row.extend_from_slice(rest);
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pushed(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut row = Vec::new();
        push(&mut row);
        String::from_utf8(row).unwrap()
    }

    #[test]
    fn formulas_are_text() {
        let csv = |text: &str| pushed(|row| csv_text(row, text));
        assert_eq!(csv("Hello"), "Hello");
        assert_eq!(csv("a,b"), "\"a,b\"");
        assert_eq!(csv("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(csv("two\nlines"), "\"two\nlines\"");
        assert_eq!(csv("=1+1"), "\"'=1+1\"");
        assert_eq!(csv("-2"), "\"'-2\"");
        assert_eq!(csv("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(csv("\t=1"), "\"'\t=1\"");
        assert_eq!(csv("＝1"), "\"'＝1\"");
        assert_eq!(csv("a=1"), "a=1");
        assert_eq!(csv(""), "");
    }

    proptest! {
        #[test]
        fn times_are_those_of_seconds(nanos: i64, digits in 0..12u8) {
            let row = pushed(|row| seconds(row, Timestamp(nanos), digits));
            prop_assert_eq!(row, Timestamp(nanos).seconds(digits).to_string());
        }

        #[test]
        fn numbers_are_decimal(value: u64) {
            prop_assert_eq!(pushed(|row| number(row, value)), value.to_string());
        }

        #[test]
        fn texts_are_those_of_serde(text in "[ -~\\x00-\\x1f\"\\\\äß日\u{2028}]{0,40}") {
            let row = pushed(|row| json_text(row, &text));
            prop_assert_eq!(format!("\"{row}\""), serde_json::to_string(&text).unwrap());
        }
    }
}
