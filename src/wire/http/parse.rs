//! Reading a head.

use memchr::{memchr, memrchr};

use super::head::{Fold, Head, HeaderField, Span, StartLine};
use super::head_end::{find_head_end, leading_lines};
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

/// What the first line of every response begins with.
const VERSION: &[u8] = b"HTTP/";

/// Reads a head: a request's for [`Side::Client`], a response's for [`Side::Server`].
///
/// [`Parse::More`] until the empty line is there. [`Parse::Broken`] as soon as the bytes cannot be a head any
/// more: at the first byte that no start line of HTTP can hold (`http.head.malformed`), or when there is no end within
/// `limit` bytes (`http.head.too-large`). Lines that are odd but can be told apart are kept, and
/// [`Head::findings`] names them: one wrong byte must not cost what stands behind it. Takes time linear in `bytes`:
/// callers that wait for more bytes look for the end with [`find_head_end`] first.
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
    let leading = Span::new(0, leading_lines(bytes));
    if let Some([b'\r']) = bytes.get(leading.end..) {
        return Ok(None);
    }
    let found = line(bytes, leading.end);
    let content = found.map_or(Span::new(leading.end, bytes.len()), |(content, _)| content);
    match side {
        Side::Client => check_request_start(bytes, content)?,
        Side::Server => check_response_start(bytes, content)?,
    }
    let Some((content, end)) = found else { return Ok(None) };
    // The line is whole and too short.
    if side == Side::Server && !content.of(bytes).starts_with(VERSION) {
        return Err(broken(content.end, content.end + 1, "response"));
    }
    let mut findings = Vec::new();
    if side == Side::Server && !leading.is_empty() {
        findings.push(broken(leading.start, leading.end, "empty-before"));
    }
    bare_feed(end, &mut findings);
    if let Some((offset, byte)) = content.of(bytes).iter().enumerate().find(|(_, byte)| is_control(**byte)) {
        let bits = Span::new(content.start + offset, content.start + offset + 1).bits();
        findings.push(Rule::HttpMalformed.says(bits, facts!("control", byte = format!("{byte:02x}"))));
    }
    let start = match side {
        Side::Client => request_line(bytes, content, end, &mut findings)?,
        Side::Server => status_line(bytes, content, end, &mut findings),
    };
    Ok(Some((leading, start, findings)))
}

/// What no line of a head may hold (RFC 9110 section 5.5): all control characters but the tab.
const fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
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
    for (offset, (byte, expected)) in content.of(bytes).iter().zip(VERSION).enumerate() {
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
    let leading = leading_lines(bytes);
    let bytes = bytes.get(..leading + MAX_METHOD + 4).unwrap_or(bytes);
    let line = Span::new(leading, bytes.len());
    match side {
        Side::Client => check_request_start(bytes, line).is_ok(),
        Side::Server => check_response_start(bytes, line).is_ok(),
    }
}

/// The methods of RFC 9110 section 9.3 and of RFC 5789: a line that begins with one is meant as a request, even where
/// its version is missing.
const METHODS: [&[u8]; 9] =
    [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH"];

/// Whether a first line that is whole is meant as HTTP's, however much is wrong in it: a request's ends with its version
/// or begins with a method that everybody knows, a response's begins with its version.
pub fn is_meant_as_head(bytes: &[u8], side: Side) -> bool {
    let at = leading_lines(bytes);
    let rest = bytes.get(at..).unwrap_or_default();
    let first = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match side {
        Side::Server => first.starts_with(VERSION),
        Side::Client => {
            let mut words = first.trim_ascii().split(|byte| *byte == b' ');
            let method = words.next().is_some_and(|word| METHODS.contains(&word));
            method || words.next_back().is_some_and(names_http)
        }
    }
}

/// Whether this is `HTTP/` and more; a request's version is, in whatever case of letters.
fn names_http(version: &[u8]) -> bool {
    version.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(VERSION))
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
    let mut version = Span::new(line.start + last + 1, line.end);
    if names_http(version.of(bytes)) {
        check_version(bytes, version, findings);
    } else if METHODS.contains(&method.of(bytes)) {
        // A request all the same: everything behind the method is its target.
        version = Span::new(line.end, line.end);
        findings.push(broken(line.end, end.end, "request-version"));
    } else {
        return Err(broken(version.start, version.end.max(version.start + 1), "request-version"));
    }
    let between = Span::new(method.end, version.start);
    let target = trimmed(bytes, between);
    if target.is_empty() {
        findings.push(broken(between.start, between.end, "no-target"));
    } else if !version.is_empty()
        && (target.start - method.end != 1
            || version.start - target.end != 1
            || target.of(bytes).iter().any(|b| is_blank(*b)))
    {
        findings.push(broken(between.start, between.end, "request-spaces"));
    }
    Ok(StartLine::Request { method, target, version, end })
}

/// The line begins with `HTTP/`. A status that is none is kept as what stands in its place.
fn status_line(bytes: &[u8], line: Span, end: Span, findings: &mut Vec<Finding>) -> StartLine {
    let text = line.of(bytes);
    let word = |from: usize| text.iter().skip(from).take_while(|byte| !is_blank(**byte)).count();
    let length = word(0);
    let version = Span::new(line.start, line.start + length);
    let blanks = text.iter().skip(length).take_while(|byte| is_blank(**byte)).count();
    let start = version.end + blanks;
    let status = Span::new(start, start + word(length + blanks));
    let is_number = status.len() == 3 && status.of(bytes).iter().all(u8::is_ascii_digit);
    if !is_number {
        findings.push(broken(start, status.end.max(start + 1), "status"));
    }
    let reason = if status.end < line.end {
        Span::new(status.end + 1, line.end)
    } else {
        if is_number {
            // RFC 9112 section 4: the space stands there even where no reason follows.
            findings.push(broken(status.start, end.end, "no-space"));
        }
        Span::new(line.end, line.end)
    };
    if blanks > 1 {
        findings.push(broken(version.end, status.start, "status-space"));
    }
    check_version(bytes, version, findings);
    StartLine::Response { version, status, reason, end }
}

fn check_version(bytes: &[u8], version: Span, findings: &mut Vec<Finding>) {
    if !matches!(version.of(bytes), [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']) {
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

/// RFC 9110 section 5.5: no control character but the tab stands in a value. CR and NUL are the dangerous ones, because
/// recipients read them differently.
fn check_value_bytes(raw: &[u8], content: Span, findings: &mut Vec<Finding>) {
    // One is enough: a line full of them must not make a list longer than itself.
    let Some((offset, byte)) = content.of(raw).iter().enumerate().find(|(_, byte)| is_control(**byte)) else {
        return;
    };
    let at = content.start + offset;
    findings.push(match byte {
        b'\r' => broken(at, at + 1, "carriage"),
        0 => broken(at, at + 1, "nul"),
        _ => {
            let facts = facts!("control-value", byte = format!("{byte:02x}"));
            Rule::HttpMalformed.says(Span::new(at, at + 1).bits(), facts)
        }
    });
}
