//! HTTP messages as field trees.

use super::body::{Body, BodyPart, ChunkedProgress, ChunkedScanner};
use super::head::{Head, HeaderField, Span, StartLine};
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::protocol::Side;
use crate::model::spec::Document::{Rfc9110, Rfc9112};

macro_rules! kinds {
    ($( $constant:ident $id:literal $name:literal $document:ident $section:literal )*) => {
        $( static $constant: FieldKind =
            FieldKind::new($id, $name, $document.section($section)).chapter("accept-value"); )*
        /// The kinds of the fields of HTTP messages.
        pub static KINDS: &[&FieldKind] = &[ $( &$constant, )* ];
    };
}

kinds! {
    REQUEST "http-request" "HTTP request" Rfc9112 "2.1"
    RESPONSE "http-response" "HTTP response" Rfc9112 "2.1"
    HEAD "http-head" "head" Rfc9112 "2.1"
    LEADING "http-leading-line" "empty lines before" Rfc9112 "2.2"
    REQUEST_LINE "http-request-line" "request-line" Rfc9112 "3"
    STATUS_LINE "http-status-line" "status-line" Rfc9112 "4"
    METHOD "http-method" "method" Rfc9110 "9"
    TARGET "http-target" "request-target" Rfc9112 "3.2"
    VERSION "http-version" "HTTP-version" Rfc9112 "2.3"
    STATUS "http-status" "status-code" Rfc9110 "15"
    REASON "http-reason" "reason-phrase" Rfc9112 "4"
    SPACE "http-space" "SP" Rfc9112 "3"
    LINE_END "http-line-end" "CRLF" Rfc9112 "2.2"
    HEADER "http-field" "field-line" Rfc9112 "5"
    NAME "http-field-name" "field-name" Rfc9110 "5.1"
    NAME_SPACE "http-field-space" "space before the colon" Rfc9112 "5.1"
    COLON "http-colon" ":" Rfc9112 "5"
    OWS "http-ows" "OWS" Rfc9110 "5.6.3"
    VALUE "http-field-value" "field-value" Rfc9110 "5.5"
    FOLD "http-fold" "obs-fold" Rfc9112 "5.2"
    ODD_LINE "http-odd-line" "line without a colon" Rfc9112 "5"
    EMPTY_LINE "http-empty-line" "empty line" Rfc9112 "2.1"
    BODY "http-body" "message-body" Rfc9112 "6"
    DATA "http-body-data" "content" Rfc9110 "6.4"
    CHUNK "http-chunk" "chunk" Rfc9112 "7.1"
    LAST_CHUNK "http-last-chunk" "last-chunk" Rfc9112 "7.1"
    CHUNK_SIZE "http-chunk-size" "chunk-size" Rfc9112 "7.1"
    CHUNK_EXTENSION "http-chunk-extension" "chunk-ext" Rfc9112 "7.1.1"
    CHUNK_DATA "http-chunk-data" "chunk-data" Rfc9112 "7.1"
    CHUNK_END "http-chunk-end" "CRLF" Rfc9112 "7.1"
    TRAILER "http-trailer" "trailer field" Rfc9112 "7.1.2"
    BODY_END "http-body-end" "empty line" Rfc9112 "7.1"
    SURPLUS "http-body-surplus" "bytes beyond the body" Rfc9112 "6"
}

/// Bytes as text where they are UTF-8.
pub(crate) fn text_or_bytes(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    }
}

/// Collects the children of one group: leaves that follow each other, the empty ones left out.
struct Leaves<'a> {
    raw: &'a [u8],
    children: Vec<Field>,
}

impl<'a> Leaves<'a> {
    const fn new(raw: &'a [u8]) -> Self {
        Self { raw, children: Vec::new() }
    }

    fn with(mut self, kind: &'static FieldKind, span: Span) -> Self {
        if !span.is_empty() {
            self.children.push(Field::leaf(kind, span.bits(), text_or_bytes(span.of(self.raw))));
        }
        self
    }
}

/// The whole message: the head, and behind it the body, or what is there of it.
pub fn message_field(head: &Head, body: &[u8], kind: Body) -> Field {
    message(head, body_field(body, kind, head.bits().end))
}

/// A message made of its head and of `body`, which is left out where it is empty.
pub(crate) fn message(head: &Head, body: Field) -> Field {
    let root = match head.side() {
        Side::Client => &REQUEST,
        Side::Server => &RESPONSE,
    };
    let bits = BitRange::new(0, body.bits.end);
    let mut children = vec![head_field(head)];
    if !body.bits.is_empty() {
        children.push(body);
    }
    Field::group(root, bits, children)
}

/// The head alone.
pub fn head_field(head: &Head) -> Field {
    let raw = head.raw();
    let mut parts = Leaves::new(raw).with(&LEADING, head.leading_lines());
    parts.children.push(start_line(head));
    parts.children.extend(head.fields().iter().map(|field| header(raw, field)));
    let parts = parts.with(&EMPTY_LINE, head.empty_line());
    Field::group(&HEAD, head.bits(), parts.children)
}

fn start_line(head: &Head) -> Field {
    let raw = head.raw();
    let from = head.leading_lines().end;
    let between = |before: Span, after: Span| Span::new(before.end, after.start);
    let (kind, parts) = match *head.start() {
        StartLine::Request { method, target, version, end } => (
            &REQUEST_LINE,
            Leaves::new(raw)
                .with(&METHOD, method)
                .with(&SPACE, between(method, target))
                .with(&TARGET, target)
                .with(&SPACE, between(target, version))
                .with(&VERSION, version)
                .with(&LINE_END, end),
        ),
        StartLine::Response { version, status, reason, end } => {
            let mut parts = Leaves::new(raw).with(&VERSION, version).with(&SPACE, between(version, status));
            match head.status() {
                Some(number) => {
                    parts.children.push(Field::leaf(
                        &STATUS,
                        status.bits(),
                        Value::Number(u64::from(number)),
                    ));
                }
                None => parts = parts.with(&STATUS, status),
            }
            (
                &STATUS_LINE,
                parts.with(&SPACE, between(status, reason)).with(&REASON, reason).with(&LINE_END, end),
            )
        }
    };
    Field::group(kind, BitRange::bytes(from, head.start().end().end), parts.children)
}

fn header(raw: &[u8], field: &HeaderField) -> Field {
    let value_kind = if field.colon.is_empty() { &ODD_LINE } else { &VALUE };
    let mut parts = Leaves::new(raw)
        .with(&NAME, field.name)
        .with(&NAME_SPACE, field.space)
        .with(&COLON, field.colon)
        .with(&OWS, field.leading)
        .with(value_kind, field.value)
        .with(&OWS, field.trailing)
        .with(&LINE_END, field.end);
    for fold in &field.folds {
        let line = Leaves::new(raw)
            .with(&OWS, fold.leading)
            .with(&VALUE, fold.value)
            .with(&OWS, fold.trailing)
            .with(&LINE_END, fold.end);
        let bits = BitRange::bytes(fold.leading.start, fold.end.end);
        parts.children.push(Field::group(&FOLD, bits, line.children));
    }
    Field::group(&HEADER, field.line.bits(), parts.children)
}

/// The body, or what is there of it, as a group whose first bit is `offset` in the item.
pub fn body_field(bytes: &[u8], kind: Body, offset: u64) -> Field {
    let bits = BitRange::bytes(0, bytes.len()).shifted(offset);
    let (mut children, used) = match kind {
        Body::None => (Vec::new(), 0),
        Body::Length(length) => {
            let used = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
            (plain(bytes, used, offset), used)
        }
        Body::UntilClose => (plain(bytes, bytes.len(), offset), bytes.len()),
        Body::Chunked => chunked(bytes, offset),
    };
    if let Some(field) = piece(&SURPLUS, bytes, used, bytes.len(), offset) {
        children.push(field);
    }
    Field::group(&BODY, bits, children)
}

/// The bytes `start..end` of a body as a leaf; none where there are none.
fn piece(kind: &'static FieldKind, bytes: &[u8], start: usize, end: usize, offset: u64) -> Option<Field> {
    let piece = bytes.get(start..end).filter(|piece| !piece.is_empty())?;
    Some(Field::leaf(kind, BitRange::bytes(start, end).shifted(offset), text_or_bytes(piece)))
}

fn plain(bytes: &[u8], used: usize, offset: u64) -> Vec<Field> {
    piece(&DATA, bytes, 0, used, offset).into_iter().collect()
}

fn chunked(bytes: &[u8], offset: u64) -> (Vec<Field>, usize) {
    // Neighbouring pieces of the same part become one.
    let mut parts: Vec<(BodyPart, Span)> = Vec::new();
    let mut used = 0;
    let progress = ChunkedScanner::new().visit(bytes, |part, range| {
        used = range.end;
        match parts.last_mut() {
            Some((last, span)) if *last == part => span.end = range.end,
            _ => parts.push((part, Span::new(range.start, range.end))),
        }
    });
    debug_assert!(!matches!(progress, ChunkedProgress::Done(end) if end != used));

    let mut fields: Vec<Field> = Vec::new();
    for (part, span) in parts {
        let leaf =
            Field::leaf(leaf_kind(part), span.bits().shifted(offset), part_value(part, span.of(bytes)));
        let bits = leaf.bits;
        match part {
            BodyPart::Size => {
                let last = matches!(leaf.value, Value::Number(0));
                fields.push(Field::group(if last { &LAST_CHUNK } else { &CHUNK }, bits, vec![leaf]));
            }
            BodyPart::Trailer => fields.push(Field::group(&TRAILER, bits, vec![leaf])),
            BodyPart::End => fields.push(leaf),
            BodyPart::Extension
            | BodyPart::SizeEnd
            | BodyPart::Data
            | BodyPart::DataEnd
            | BodyPart::TrailerEnd => match fields.last_mut() {
                Some(group) => {
                    group.bits.end = bits.end;
                    group.children.push(leaf);
                }
                None => fields.push(leaf),
            },
        }
    }
    (fields, used)
}

const fn leaf_kind(part: BodyPart) -> &'static FieldKind {
    match part {
        BodyPart::Size => &CHUNK_SIZE,
        BodyPart::Extension => &CHUNK_EXTENSION,
        BodyPart::SizeEnd | BodyPart::TrailerEnd => &LINE_END,
        BodyPart::Data => &CHUNK_DATA,
        BodyPart::DataEnd => &CHUNK_END,
        BodyPart::Trailer => &VALUE,
        BodyPart::End => &BODY_END,
    }
}

fn part_value(part: BodyPart, bytes: &[u8]) -> Value {
    let size = || u64::from_str_radix(str::from_utf8(bytes).ok()?, 16).ok();
    match part {
        BodyPart::Size => size().map_or_else(|| text_or_bytes(bytes), Value::Number),
        _ => text_or_bytes(bytes),
    }
}
