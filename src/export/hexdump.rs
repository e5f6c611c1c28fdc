//! Hex dumps: offset, bytes, characters.

use std::io::{self, Write};

use crate::words::Words;

/// How many bytes stand in a line.
pub const LINE: usize = 16;

/// Writes `bytes`, 16 a line, each line behind `indent`: the offset (of the first byte: `offset`), the bytes in hex,
/// their characters in ASCII. A dot stands for every other byte.
pub fn write(out: &mut dyn Write, bytes: &[u8], offset: u64, indent: &str) -> io::Result<()> {
    // One buffer for all lines: a dump can be as long as a capture.
    let mut line = String::with_capacity(indent.len() + 80);
    for (number, part) in bytes.chunks(LINE).enumerate() {
        line.clear();
        line.push_str(indent);
        push_line(&mut line, offset + (number * LINE) as u64, part);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Like [`write()`], but no more than `lines` lines; a last line says how many bytes are left out.
pub fn write_beginning(
    out: &mut dyn Write,
    bytes: &[u8],
    offset: u64,
    indent: &str,
    lines: usize,
    words: Words,
) -> io::Result<()> {
    let shown = bytes.len().min(lines.saturating_mul(LINE));
    write(out, bytes.get(..shown).unwrap_or(bytes), offset, indent)?;
    match bytes.len() - shown {
        0 => Ok(()),
        more => {
            let values = [("count", more.into()), ("shown", more.to_string().into())];
            writeln!(out, "{indent}… {}", words.with("count-more-bytes", &values))
        }
    }
}

/// The character that stands for a byte: itself in printable ASCII, a dot for every other.
pub const fn character(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { byte as char } else { '.' }
}

/// Appends two digits a byte with spaces between them, and a wider one in the middle of a line of 16.
pub(super) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in bytes.iter().enumerate() {
        match at {
            0 => {}
            8 => text.push_str("  "),
            _ => text.push(' '),
        }
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0xF)]));
    }
}

/// The width of 16 bytes in hex.
pub(super) const HEX_WIDTH: usize = LINE * 3;

fn push_line(text: &mut String, offset: u64, bytes: &[u8]) {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = write!(text, "{offset:08x}  ");
    let begin = text.len();
    push_hex(text, bytes);
    while text.len() - begin < HEX_WIDTH {
        text.push(' ');
    }
    text.push_str("  |");
    text.extend(bytes.iter().map(|&byte| character(byte)));
    text.push('|');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(bytes: &[u8], offset: u64, lines: usize) -> String {
        let mut out = Vec::new();
        write_beginning(&mut out, bytes, offset, "", lines, Words::english()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_have_offset_bytes_and_characters() {
        insta::assert_snapshot!(dump(b"\x81\x12Hello, bit fields\xff", 0x10, 9), @r"
        00000010  81 12 48 65 6c 6c 6f 2c  20 62 69 74 20 66 69 65  |..Hello, bit fie|
        00000020  6c 64 73 ff                                       |lds.|
        ");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert!(dump(&[0; 33], 0, 2).ends_with("… 1 more byte\n"));
        assert!(dump(&[0; 34], 0, 2).ends_with("… 2 more bytes\n"));
        assert_eq!(dump(&[0; 32], 0, 2).lines().count(), 2);
        assert_eq!(dump(&[], 0, 2), "");
    }
}
