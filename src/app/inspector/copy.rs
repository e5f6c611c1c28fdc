//! Bytes as text to be pasted elsewhere.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::field::spaced_hex;

/// A way to write bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyAs {
    /// `81 85 37 fa`
    Hex,
    /// An array in C.
    C,
    /// An array in Rust.
    Rust,
    /// RFC 4648 section 4.
    Base64,
    /// The characters; what is not UTF-8 becomes U+FFFD.
    Text,
}

/// How many bytes stand in a line of an array.
const LINE: usize = 12;

impl CopyAs {
    /// All of them, with the message ids of their names.
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Hex, "inspector-copy-hex"),
        (Self::C, "inspector-copy-c"),
        (Self::Rust, "inspector-copy-rust"),
        (Self::Base64, "inspector-copy-base64"),
        (Self::Text, "inspector-copy-text"),
    ];

    /// The bytes, written so.
    pub(super) fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => spaced_hex(bytes),
            Self::C => format!("const unsigned char bytes[{}] = {{\n{}}};\n", bytes.len(), elements(bytes)),
            Self::Rust => format!("const BYTES: [u8; {}] = [\n{}];\n", bytes.len(), elements(bytes)),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

fn elements(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 6 + bytes.len() / LINE * 5 + 8);
    for line in bytes.chunks(LINE) {
        text.push_str("   ");
        for byte in line {
            // Writing to a String cannot fail.
            let _ = write!(text, " 0x{byte:02x},");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_each_way() {
        let bytes = "Hé!".as_bytes();
        let all = CopyAs::ALL.map(|(way, _)| way.write(bytes));
        assert_eq!(
            all,
            [
                "48 c3 a9 21",
                "const unsigned char bytes[4] = {\n    0x48, 0xc3, 0xa9, 0x21,\n};\n",
                "const BYTES: [u8; 4] = [\n    0x48, 0xc3, 0xa9, 0x21,\n];\n",
                "SMOpIQ==",
                "Hé!",
            ]
        );
    }
}
