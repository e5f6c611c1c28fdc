//! The text of an HTTP message, or of Flash's policy request or file.

use std::borrow::Cow;

use crate::wire::start::{Start, start_of};

/// The bytes of a head that was copied as text; none where it is none.
///
/// Its lines end as they do on the wire, whatever the clipboard made of them, and an empty line ends it. The lines may
/// be indented alike, as they are in specifications, or stand behind `> ` or `< `, as `curl -v` writes them.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let begun = text.trim_start();
    // Escapes in a first line: it is a string of a program.
    if begun.lines().next().unwrap_or_default().contains("\\r\\n") {
        return None;
    }
    let plain = plain_lines(text);
    // A line alone may be all that was copied.
    let line_end = format!("{plain}\n");
    match start_of(line_end.as_bytes())? {
        Start::Request | Start::Response if has_version(&plain) => Some(message(&plain)),
        Start::PolicyRequest | Start::PolicyFile => Some(policy(&plain)),
        _ => None,
    }
}

/// A first line of HTTP names its version: what begins with a method alone may be a sentence.
fn has_version(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.starts_with("HTTP/") || line.contains(" HTTP/"))
}

/// The text without what stands before each of its lines.
fn plain_lines(text: &str) -> Cow<'_, str> {
    let text = text.trim_start_matches(['\n', '\r']);
    let first = text.lines().next().unwrap_or_default();
    let indent = first.len() - first.trim_start().len();
    let (prefix, rest) = first.split_at_checked(indent).unwrap_or(("", first));
    let arrow = ["> ", "< "].into_iter().find(|arrow| rest.starts_with(arrow));
    let prefix = match arrow {
        Some(arrow) if indent == 0 => arrow,
        _ if indent == 0 => return Cow::Borrowed(text),
        _ => prefix,
    };
    let bare = prefix.trim_end();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let stripped =
            line.strip_prefix(prefix).or_else(|| line.strip_prefix(bare).filter(|_| arrow.is_some()));
        out.push_str(stripped.unwrap_or(line));
    }
    Cow::Owned(out)
}

fn policy(text: &str) -> Vec<u8> {
    // The line end behind what was copied is none of the policy file's.
    let mut bytes = text.trim_end().replace("\\0", "\0").into_bytes();
    if bytes.last() != Some(&0) {
        bytes.push(0);
    }
    bytes
}

fn message(text: &str) -> Vec<u8> {
    let end = ["\r\n\r\n", "\n\n"].iter().filter_map(|end| Some((text.find(end)?, end.len()))).min();
    let (head, body) = match end {
        Some((at, length)) => (text.get(..at).unwrap_or(text), text.get(at + length..).unwrap_or_default()),
        None => (text.trim_end_matches(['\r', '\n']), ""),
    };
    let mut bytes = Vec::with_capacity(text.len() + 64);
    for line in head.lines() {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    // What hixie-76 has behind its heads are 8 and 16 bytes; the line end behind them is the clipboard's.
    let body = match body.strip_suffix('\n').map(|body| body.strip_suffix('\r').unwrap_or(body)) {
        Some(keys) if keys.is_empty() || matches!(keys.len(), 8 | 16) => keys,
        _ => body,
    };
    bytes.extend_from_slice(body.as_bytes());
    bytes
}
