//! Bytes as people write them: hex of every kind, dumps of `xxd`, `hexdump -C` and Wireshark, byte strings and arrays of
//! programs, and the text of a handshake.

use crate::capture::typed::parse_hex;

/// Reads bytes from text.
///
/// # Errors
/// One line that says what is in the way, and where.
pub(super) fn read(text: &str) -> Result<Vec<u8>, String> {
    if is_head(text) {
        return Ok(head(text));
    }
    if let Some(bytes) = dump(text) {
        return Ok(bytes);
    }
    // Signs around the numbers give way to spaces, one for one, so that a place in an error stays the place in the text.
    let plain = text.replace("vec!", "    ").replace("b\"", " \"").replace("b'", " '");
    let plain = plain.replace(['{', '}', '[', ']', '(', ')', '"', '\'', '&'], " ");
    parse_hex(&plain).map_err(|error| error.to_string())
}

/// Whether it begins as a handshake or a policy file does, and not as hexadecimal digits.
pub(super) fn is_head(text: &str) -> bool {
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default();
    let method = first.split(' ').next().unwrap_or_default();
    let is_method = method.len() > 2 && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_request = is_method && first.contains(" HTTP/");
    is_request || first.starts_with("HTTP/") || text.starts_with('<')
}

/// The bytes of a head that was copied as text: its lines end as they do on the wire, and an empty line ends it.
fn head(text: &str) -> Vec<u8> {
    let text = text.trim_start();
    if text.starts_with('<') {
        // The line end behind what was copied is none of the policy file's.
        let mut bytes = text.trim_end().replace("\\0", "\0").into_bytes();
        if bytes.last() != Some(&0) {
            bytes.push(0);
        }
        return bytes;
    }
    let lines = text.replace("\r\n", "\n");
    let (head, body) = lines.split_once("\n\n").unwrap_or((lines.trim_end_matches('\n'), ""));
    let mut bytes = head.replace('\n', "\r\n").into_bytes();
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

/// The most bytes that a line of a dump has, where no next line says how many.
const LINE: usize = 16;

/// The bytes of a dump: each line has an offset, bytes, and perhaps the characters. None where it is no dump.
fn dump(text: &str) -> Option<Vec<u8>> {
    let lines: Vec<(u64, &str)> =
        text.lines().filter(|line| !line.trim().is_empty()).map(offset).collect::<Option<_>>()?;
    let (first, _) = *lines.first()?;
    // One line alone could as well begin with two bytes.
    if first != 0 && lines.len() == 1 {
        return None;
    }
    let mut bytes = Vec::new();
    for (at, (offset, rest)) in lines.iter().enumerate() {
        // Offsets that do not fit are bytes: it is no dump.
        if offset.checked_sub(first)? != bytes.len() as u64 {
            return None;
        }
        let next = lines.get(at + 1).map(|(next, _)| next.checked_sub(*offset));
        let most = match next {
            Some(next) => usize::try_from(next?).ok().filter(|most| (1..=64).contains(most))?,
            None => LINE,
        };
        // The last line may be short: then its characters stand behind a wider space, or between bars.
        let rest = rest.split('|').next().unwrap_or_default();
        let rest = if next.is_none() { rest.split("   ").next().unwrap_or_default() } else { rest };
        let end = bytes.len() + most;
        for word in rest.split_whitespace() {
            match parse_hex(word) {
                Ok(some) if word.len() % 2 == 0 && bytes.len() + some.len() <= end => bytes.extend(some),
                _ => break,
            }
            if bytes.len() == end {
                break;
            }
        }
    }
    Some(bytes)
}

/// A line's offset, and what stands behind it. The last line of `hexdump -C` is nothing but an offset.
fn offset(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start();
    let end = line.find([' ', '\t', ':']).unwrap_or(line.len());
    let (offset, rest) = line.split_at_checked(end)?;
    let apart = rest.is_empty() || [":", "  ", "\t"].iter().any(|sign| rest.starts_with(sign));
    if !apart || !(4..=16).contains(&offset.len()) {
        return None;
    }
    Some((u64::from_str_radix(offset, 16).ok()?, rest.trim_start_matches([':', ' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    const HELLO: [u8; 7] = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];

    #[test]
    fn hex_is_read_as_programs_write_it() {
        for text in [
            "81 05 48 65 6c 6c 6f",
            "81:05:48:65:6C:6C:6F",
            "{0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}",
            "vec![0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]",
            r#"b"\x81\x05\x48\x65\x6c\x6c\x6f""#,
            "00000000: 8105 4865 6c6c 6f                        ..Hello",
            "00000000  81 05 48 65 6c 6c 6f                              |..Hello|\n00000007",
            "0000   81 05 48 65 6c 6c 6f   ..Hello",
        ] {
            assert_eq!(read(text).as_deref(), Ok(&HELLO[..]), "{text}");
        }
        assert_eq!(read("81 0g"), Err("`g` at position 5 is no hexadecimal digit".to_owned()));
    }

    #[test]
    fn a_dump_of_several_lines_leaves_out_its_characters() {
        let bytes: Vec<u8> = (0x60..0x85).collect();
        let mut text = String::new();
        for (at, line) in bytes.chunks(16).enumerate() {
            let hex: Vec<String> = line.chunks(2).map(crate::model::field::hex).collect();
            let characters: String =
                line.iter().map(|byte| if *byte < 0x7f { *byte as char } else { '.' }).collect();
            writeln!(text, "{:08x}: {:<40} {characters}", at * 16, hex.join(" ")).unwrap();
        }
        assert_eq!(read(&text), Ok(bytes), "{text}");
    }

    #[test]
    fn a_head_is_read_as_text() {
        let bytes = read("GET /demo HTTP/1.1\nHost: localhost\nUpgrade: websocket\n").unwrap();
        assert_eq!(bytes, b"GET /demo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!(read("<policy-file-request/>\n").unwrap(), b"<policy-file-request/>\0");
        assert!(read("HTTP/1.1 101 Switching Protocols\r\n\r\n").unwrap().ends_with(b"\r\n\r\n"));
        // Digits that are letters are no head.
        assert_eq!(read("FF 00"), Ok(vec![0xFF, 0]));
        assert_eq!(read("DEADBEEF"), Ok(vec![0xDE, 0xAD, 0xBE, 0xEF]));
    }
}
