//! Reading a head.

use memchr::{memchr, memrchr};

use super::head::{Fold, Head, HeaderField, Span, StartLine};
use super::head_end::find_head_end;
use crate::facts;
use crate::model::facts::Facts;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::wire::Parse;

/// A limit for heads that fits real ones with room to spare, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// The longest method that is taken for one, in bytes. The longest registered method has 17
/// (`UPDATEREDIRECTREF`); bytes that go on without a space are not HTTP.
pub const MAX_METHOD: usize = 32;

/// Reads a head: a request's for [`Side::Client`], a response's for [`Side::Server`].
///
/// [`Parse::More`] until the empty line is there. [`Parse::Broken`] as soon as the bytes cannot be a head any
/// more: at the first byte that no start line can hold (`http.head.malformed`), or when there is no end within
/// `limit` bytes (`http.head.too-large`). Lines that are odd but can be told apart are kept, and
/// [`Head::findings`] names them. Takes time linear in `bytes`: callers that wait for more bytes look for the
/// end with [`find_head_end`] first.
pub fn parse_head(bytes: &[u8], side: Side, limit: usize) -> Parse<Head> {
    let (leading, start, mut findings) = match start_line(bytes, side) {
        Ok(Some(line)) => line,
        Ok(None) if bytes.len() > limit => return too_large(limit),
        Ok(None) => return Parse::More,
        Err(finding) => return Parse::Broken(finding),
    };
    // The start line's own end may be the line feed before the empty line.
    let end = match find_head_end(bytes, start.end().end) {
        Some(end) if end <= limit => end,
        None if bytes.len() <= limit => return Parse::More,
        _ => return too_large(limit),
    };
    let raw = bytes.get(..end).unwrap_or_default().to_vec();
    let (fields, empty) = field_lines(&raw, start.end().end, &mut findings);
    let mut head = Head { raw, side, leading, start, fields, empty, findings };
    let framing = head.framing_findings();
    head.findings.extend(framing);
    head.findings.sort_by_key(|finding| finding.bits.map(|bits| bits.start));
    Parse::Done(head, end)
}

fn too_large(limit: usize) -> Parse<Head> {
    Parse::Broken(Rule::HttpHeadTooLarge.says(Span::new(limit, limit).bits(), facts!("no-end", limit)))
}

fn broken(start: usize, end: usize, form: &'static str) -> Finding {
    Rule::HttpMalformed.says(Span::new(start, end).bits(), Facts::form(form))
}

/// Whether a token, such as a field's name, may hold this byte (RFC 9110 section 5.6.2).
pub const fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A line's content and its end; none while the line feed is missing.
fn line(bytes: &[u8], from: usize) -> Option<(Span, Span)> {
    let feed = from + memchr(b'\n', bytes.get(from..)?)?;
    let carriage = feed > from && bytes.get(feed - 1) == Some(&b'\r');
    let end = feed - usize::from(carriage);
    Some((Span::new(from, end), Span::new(end, feed + 1)))
}

type Started = (Span, StartLine, Vec<Finding>);

fn start_line(bytes: &[u8], side: Side) -> Result<Option<Started>, Finding> {
    // RFC 9112 section 2.2: a server ignores an empty line before the request line.
    let leading = match (side, bytes) {
        (Side::Client, [b'\r', b'\n', ..]) => Span::new(0, 2),
        (Side::Client, [b'\n', ..]) => Span::new(0, 1),
        (Side::Client, [b'\r']) => return Ok(None),
        _ => Span::default(),
    };
    let found = line(bytes, leading.end);
    let content = found.map_or(Span::new(leading.end, bytes.len()), |(content, _)| content);
    match side {
        Side::Client => check_request_start(bytes, content)?,
        Side::Server => check_response_start(bytes, content)?,
    }
    for at in content.start..content.end {
        match bytes.get(at) {
            // A carriage return may be half of the line's end that is still to come.
            Some(b'\r') if found.is_none() && at + 1 == bytes.len() => {}
            Some(b'\t' | 0x20..=0x7E | 0x80..) | None => {}
            Some(_) => return Err(broken(at, at + 1, "control")),
        }
    }
    let Some((content, end)) = found else { return Ok(None) };
    let mut findings = Vec::new();
    bare_feed(end, &mut findings);
    let start = match side {
        Side::Client => request_line(bytes, content, end, &mut findings)?,
        Side::Server => status_line(bytes, content, end, &mut findings)?,
    };
    Ok(Some((leading, start, findings)))
}

/// Refuses what cannot become a request line, however much of it is there.
fn check_request_start(bytes: &[u8], content: Span) -> Result<(), Finding> {
    let text = content.of(bytes);
    let method = text.iter().take_while(|byte| is_token_byte(**byte)).count();
    let at = content.start + method;
    if method > MAX_METHOD {
        return Err(broken(content.start + MAX_METHOD, at, "method-long"));
    }
    match text.get(method) {
        // A carriage return that ends what is there is judged when the line is whole.
        None | Some(b'\r') => Ok(()),
        Some(b' ') if method > 0 => Ok(()),
        Some(_) => Err(broken(at, at + 1, "method")),
    }
}

/// Refuses what cannot become a status line, however much of it is there.
fn check_response_start(bytes: &[u8], content: Span) -> Result<(), Finding> {
    for (offset, (byte, expected)) in content.of(bytes).iter().zip(b"HTTP/").enumerate() {
        if byte != expected {
            let at = content.start + offset;
            return Err(broken(at, at + 1, "response"));
        }
    }
    Ok(())
}

/// Whether the bytes may still become a head, by their first word: for who waits for more of them. Cheap, however many
/// there are; [`parse_head`] says what is wrong.
pub fn may_begin(bytes: &[u8], side: Side) -> bool {
    let bytes = bytes.get(..MAX_METHOD + 4).unwrap_or(bytes);
    let leading = match (side, bytes) {
        (Side::Client, [b'\r', b'\n', ..]) => 2,
        (Side::Client, [b'\n', ..]) => 1,
        _ => 0,
    };
    let line = Span::new(leading, bytes.len());
    match side {
        Side::Client => check_request_start(bytes, line).is_ok(),
        Side::Server => check_response_start(bytes, line).is_ok(),
    }
}

fn request_line(
    bytes: &[u8],
    line: Span,
    end: Span,
    findings: &mut Vec<Finding>,
) -> Result<StartLine, Finding> {
    let text = line.of(bytes);
    let (Some(first), Some(last)) = (memchr(b' ', text), memrchr(b' ', text)) else {
        return Err(broken(line.end, end.end, "request-line"));
    };
    let method = Span::new(line.start, line.start + first);
    let version = Span::new(line.start + last + 1, line.end);
    if !version.of(bytes).starts_with(b"HTTP/") {
        return Err(broken(version.start, version.end.max(version.start + 1), "request-version"));
    }
    let between = Span::new(method.end, version.start);
    let target = trimmed(bytes, between);
    if target.is_empty() {
        return Err(broken(between.start, between.end, "no-target"));
    }
    if target.start - method.end != 1
        || version.start - target.end != 1
        || target.of(bytes).iter().any(|b| is_blank(*b))
    {
        findings.push(broken(between.start, between.end, "request-spaces"));
    }
    check_version(bytes, version, findings);
    Ok(StartLine::Request { method, target, version, end })
}

fn status_line(
    bytes: &[u8],
    line: Span,
    end: Span,
    findings: &mut Vec<Finding>,
) -> Result<StartLine, Finding> {
    let text = line.of(bytes);
    let length = text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len());
    let version = Span::new(line.start, line.start + length);
    let blanks = text.iter().skip(length).take_while(|byte| is_blank(**byte)).count();
    let start = version.end + blanks;
    let digits = text.iter().skip(length + blanks).take_while(|byte| byte.is_ascii_digit()).count();
    let status = Span::new(start, start + digits);
    if digits != 3 {
        return Err(broken(start, status.end.max(start + 1), "status"));
    }
    let reason = match bytes.get(status.end..line.end) {
        Some([b' ' | b'\t', ..]) => Span::new(status.end + 1, line.end),
        // RFC 9112 section 4: the space stands there even where no reason follows.
        Some([]) => {
            findings.push(broken(status.start, end.end, "no-space"));
            Span::new(line.end, line.end)
        }
        _ => return Err(broken(status.end, status.end + 1, "status")),
    };
    if blanks != 1 {
        findings.push(broken(version.end, status.start, "status-space"));
    }
    check_version(bytes, version, findings);
    Ok(StartLine::Response { version, status, reason, end })
}

fn check_version(bytes: &[u8], version: Span, findings: &mut Vec<Finding>) {
    if !matches!(version.of(bytes), [_, _, _, _, _, b'0'..=b'9', b'.', b'0'..=b'9']) {
        findings.push(broken(version.start, version.end, "version"));
    }
}

fn bare_feed(end: Span, findings: &mut Vec<Finding>) {
    if end.len() == 1 {
        findings.push(Rule::HttpBareLf.says(end.bits(), facts!("alone")));
    }
}

/// `span` without the blanks around it.
fn trimmed(bytes: &[u8], span: Span) -> Span {
    let text = span.of(bytes);
    let leading = text.iter().take_while(|byte| is_blank(**byte)).count();
    let trailing = text.iter().skip(leading).rev().take_while(|byte| is_blank(**byte)).count();
    Span::new(span.start + leading, span.end - trailing)
}

/// The fields from `at` on, and the empty line, which the caller has found to be there.
fn field_lines(raw: &[u8], mut at: usize, findings: &mut Vec<Finding>) -> (Vec<HeaderField>, Span) {
    let mut fields: Vec<HeaderField> = Vec::new();
    while let Some((content, end)) = line(raw, at) {
        bare_feed(end, findings);
        if content.is_empty() {
            return (fields, end);
        }
        at = end.end;
        check_value_bytes(raw, content, findings);
        let folded = raw.get(content.start).is_some_and(|byte| is_blank(*byte));
        match fields.last_mut() {
            Some(field) if folded => {
                let value = trimmed(raw, content);
                let leading = Span::new(content.start, value.start);
                field.folds.push(Fold { leading, value, trailing: Span::new(value.end, content.end), end });
                field.line.end = end.end;
                findings.push(Rule::HttpFolded.says(content.bits(), facts!("goes-on")));
            }
            _ => fields.push(field_line(raw, content, end, findings)),
        }
    }
    (fields, Span::new(at, raw.len()))
}

fn field_line(raw: &[u8], content: Span, end: Span, findings: &mut Vec<Finding>) -> HeaderField {
    let line = Span::new(content.start, end.end);
    let nowhere = Span::new(content.start, content.start);
    let Some(offset) = memchr(b':', content.of(raw)) else {
        findings.push(broken(content.start, content.end, "no-colon"));
        let value = trimmed(raw, content);
        let leading = Span::new(content.start, value.start);
        let trailing = Span::new(value.end, content.end);
        return HeaderField {
            line,
            name: nowhere,
            space: nowhere,
            colon: nowhere,
            leading,
            value,
            trailing,
            end,
            folds: Vec::new(),
        };
    };
    let colon = Span::new(content.start + offset, content.start + offset + 1);
    let before = Span::new(content.start, colon.start);
    // A blank before the name is no part that HTTP knows: it stays in the name and makes it malformed.
    let blanks = before.of(raw).iter().rev().take_while(|byte| is_blank(**byte)).count();
    let name = Span::new(before.start, before.end - blanks);
    let space = Span::new(name.end, colon.start);
    let rest = Span::new(colon.end, content.end);
    let value = trimmed(raw, rest);
    if name.is_empty() {
        findings.push(broken(content.start, colon.end, "no-name"));
    } else if !name.of(raw).iter().all(|byte| is_token_byte(*byte)) {
        findings.push(broken(name.start, name.end, "name"));
    }
    if !space.is_empty() {
        findings.push(Rule::HttpSpaceBeforeColon.says(space.bits(), facts!("here")));
    }
    HeaderField {
        line,
        name,
        space,
        colon,
        leading: Span::new(rest.start, value.start),
        value,
        trailing: Span::new(value.end, rest.end),
        end,
        folds: Vec::new(),
    }
}

/// RFC 9110 section 5.5: CR and NUL in a value are dangerous, because recipients read them differently.
fn check_value_bytes(raw: &[u8], content: Span, findings: &mut Vec<Finding>) {
    for (offset, byte) in content.of(raw).iter().enumerate() {
        let at = content.start + offset;
        match byte {
            b'\r' => findings.push(broken(at, at + 1, "carriage")),
            0 => findings.push(broken(at, at + 1, "nul")),
            _ => continue,
        }
        // One is enough: a line full of them must not make a list longer than itself.
        return;
    }
}
