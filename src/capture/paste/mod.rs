//! Bytes in the forms that people have in the clipboard.
//!
//! [`read`] recognises the form and says what it took the text for. Where a text could be several things, these rules
//! decide, the first that fits:
//!
//! 1. **A head.** The first line is a request line or a status line of HTTP, or it is Flash's policy request or file:
//!    the characters are the bytes. Lines end as they do on the wire, an empty line ends the head.
//! 2. **A dump.** Lines of an offset, bytes and perhaps their characters (`xxd`, `hexdump -C`, Wireshark, `tcpdump -x`,
//!    `od`), in which each offset counts the bytes before it. One line alone has to begin with offset 0, a colon or two
//!    spaces behind it: `0000 81 05` is four bytes.
//! 3. **A program's text.** Strings with `\x81\x05` in them, arrays of numbers, `<Buffer 81 05>`. Of several the one
//!    with most bytes counts; strings side by side are one. A string without a backslash and without `b` before it is
//!    read by these rules itself. `\u0081` is the byte 81, as in the binary strings of JavaScript. In an array a number
//!    is decimal unless it begins with `0x`, `0b` or `0o`; an array in which all have two digits, one a letter or a
//!    zero first, is hexadecimal.
//! 4. **Binary digits.** Zeros and ones alone: in groups of eight, in one run of 16 or more, or in groups that are no
//!    hexadecimal bytes.
//! 5. **Decimals.** Numbers up to 255 with commas or spaces between them, one of which has three digits and none of
//!    which begins with a zero.
//! 6. **Base64.** Nothing but its alphabet, the right length, and at least one character in four that is no hexadecimal
//!    digit; without `=` at its end also small and capital letters, or a digit. `81-05-48` is hexadecimal.
//! 7. **Hexadecimal digits**, two a byte, with anything of ` ,;:-` between them.
//!
//! Where the bytes are a whole packet with TCP in it, what it carries is taken ([`Packet`]).

mod base64;
mod digits;
mod dump;
mod error;
mod head;
mod packet;
mod said;
mod source;

use std::borrow::Cow;

pub use error::{Problem, Unread};
pub use packet::Packet;

/// No text longer than this is read, and no dump that says it stands for more, in bytes: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// What a text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Hexadecimal digits.
    Hex,
    /// A dump: offsets, bytes, characters.
    Dump,
    /// A dump of 16-bit words, the low byte first, as `hexdump` and `od -x` write it.
    Words,
    /// Binary digits.
    Binary,
    /// Decimal numbers, a byte each.
    Decimal,
    /// Base64, of either alphabet (RFC 4648 sections 4 and 5).
    Base64,
    /// A string in a program or a log, with escapes.
    Escaped,
    /// An array of numbers in a program or a log.
    Array,
    /// An HTTP message as text, or Flash's policy request or file.
    Head,
}

/// Bytes that were read from a text, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What the text was taken for.
    pub form: Form,
    /// The text itself says that it goes on (`… 50 more bytes`): by so many bytes, 0 where it does not say how many.
    pub cut: Option<u64>,
    /// The packets that carried the bytes, where whole packets were pasted; their headers are left out.
    pub packets: Vec<Packet>,
}

impl Form {
    /// The form's name in JSON and in the catalogue: `hex`, `hex-dump`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Dump => "hex-dump",
            Self::Words => "word-dump",
            Self::Binary => "binary",
            Self::Decimal => "decimal",
            Self::Base64 => "base64",
            Self::Escaped => "string",
            Self::Array => "array",
            Self::Head => "head",
        }
    }
}

impl From<Form> for crate::model::facts::Fact {
    fn from(form: Form) -> Self {
        Self::Name(form.id())
    }
}

/// Bytes and what they were taken for, before packets are looked for in them.
type Taken = (Vec<u8>, Form, Option<u64>);

/// Reads bytes from text, in whatever form they are.
///
/// # Errors
/// What is in the way, and where.
pub fn read(text: &str) -> Result<Pasted, Unread> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(Problem::TooLong(MAX_BYTES).at(text, 0));
    }
    if let Some(bytes) = head::read(text) {
        return Ok(Pasted { bytes, form: Form::Head, cut: None, packets: Vec::new() });
    }
    if let Some(dump) = dump::read(text)? {
        return packet::of_dump(text, dump);
    }
    let (bytes, form, cut) = match source::read(text)? {
        Some(taken) => taken,
        None => plain(text)?,
    };
    Ok(packet::of_bytes(bytes, form, cut))
}

/// What the characters of a string say that is none of bytes itself: digits, base64, a head. A string in it has other
/// quotes than those around it, so this goes no deeper than there are kinds of quotes.
fn text_of_string(content: &str) -> Result<Taken, Unread> {
    if let Some(bytes) = head::read(content) {
        return Ok((bytes, Form::Head, None));
    }
    match source::read(content)? {
        Some(taken) => Ok(taken),
        None => plain(content),
    }
}

/// Digits and letters with nothing of a program around them.
fn plain(text: &str) -> Result<Taken, Unread> {
    let text = &without_comments(text);
    if let Some(bytes) = digits::binary(text) {
        return Ok((bytes, Form::Binary, None));
    }
    if let Some(bytes) = digits::decimal(text) {
        return Ok((bytes, Form::Decimal, None));
    }
    if let Some(bytes) = base64::read(text) {
        return Ok((bytes, Form::Base64, None));
    }
    Ok((digits::hex(text)?, Form::Hex, None))
}

/// The same text with spaces in place of `/* … */` and `// …`: places stay what they are. Only where `0x` stands in it:
/// base64 has slashes of its own.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !(text.contains("0x") && (text.contains("/*") || text.contains("//"))) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with("/*") {
            from.find("*/").map_or(from.len(), |end| end + 2)
        } else {
            out.push('/');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        let (comment, after) = from.split_at(length);
        out.extend(comment.chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
