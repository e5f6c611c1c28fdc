//! The head of a message: start line, fields, empty line.

use std::borrow::Cow;

use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::Finding;

/// The bytes of HTTP/2's preface behind what reads as a head.
pub const HTTP2_PREFACE_REST: u64 = 6;

/// A half-open range of bytes of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The number of bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether there is no byte in it.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The same place in bits.
    pub const fn bits(self) -> BitRange {
        BitRange::bytes(self.start, self.end)
    }

    /// These bytes of `bytes`; empty where they are not there.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }
}

/// The first line: of a request method, target and version; of a response version, status and reason.
///
/// Between the spans stands white space; behind the last the line's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// RFC 9112 section 3.
    Request {
        /// `GET`.
        method: Span,
        /// `/chat?room=1`, as sent: not decoded, and whatever stands between the first space and the last.
        target: Span,
        /// `HTTP/1.1`; empty where the line has none.
        version: Span,
        /// CRLF or LF.
        end: Span,
    },
    /// RFC 9112 section 4.
    Response {
        /// `HTTP/1.1`.
        version: Span,
        /// Three digits, or whatever stands in their place.
        status: Span,
        /// Everything behind the space after the status; may be empty.
        reason: Span,
        /// CRLF or LF.
        end: Span,
    },
}

impl StartLine {
    /// The line's end.
    pub const fn end(&self) -> Span {
        match self {
            Self::Request { end, .. } | Self::Response { end, .. } => *end,
        }
    }

    /// The version's place.
    pub const fn version(&self) -> Span {
        match self {
            Self::Request { version, .. } | Self::Response { version, .. } => *version,
        }
    }
}

/// A continuation line of a field: obsolete folding (RFC 9112 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The white space that makes it a continuation.
    pub leading: Span,
    /// What it adds to the value.
    pub value: Span,
    /// White space behind.
    pub trailing: Span,
    /// CRLF or LF.
    pub end: Span,
}

/// One field line and its continuations. The spans, in this order, tile [`HeaderField::line`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// All of it, with the line ends.
    pub line: Span,
    /// The name as sent; empty where the line has no colon.
    pub name: Span,
    /// White space between name and colon, where none belongs.
    pub space: Span,
    /// The colon; empty where there is none, and then all of the line is the value.
    pub colon: Span,
    /// White space before the value.
    pub leading: Span,
    /// The value on the first line, without white space around it. What is inside is untouched.
    pub value: Span,
    /// White space behind the value.
    pub trailing: Span,
    /// CRLF or LF.
    pub end: Span,
    /// The continuation lines.
    pub folds: Vec<Fold>,
}

impl HeaderField {
    /// The value's place from its first byte to its last, the continuation lines and the ends between included.
    pub fn value_span(&self) -> Span {
        Span::new(self.value.start, self.folds.last().map_or(self.value.end, |fold| fold.value.end))
    }

    /// The value as the hixie drafts read it: everything on the line behind the colon and exactly one space.
    ///
    /// HTTP cuts off white space around a value. The keys of hixie-76 are made of spaces, and every one of them
    /// counts (draft-hixie-76 section 4.1).
    pub fn value_raw(&self, raw: &[u8]) -> Span {
        let one_space =
            usize::from(raw.get(self.colon.end) == Some(&b' ') && self.colon.end < self.end.start);
        Span::new(self.colon.end + one_space, self.end.start)
    }

    /// The value; continuation lines are joined with one space (RFC 9112 section 5.2).
    pub fn value<'a>(&self, raw: &'a [u8]) -> Cow<'a, [u8]> {
        if self.folds.is_empty() {
            return Cow::Borrowed(self.value.of(raw));
        }
        let mut joined = self.value.of(raw).to_vec();
        for fold in &self.folds {
            joined.push(b' ');
            joined.extend_from_slice(fold.value.of(raw));
        }
        Cow::Owned(joined)
    }
}

/// A member of a comma list (RFC 9110 section 5.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// What it says, without the blanks around it, bytes that are not UTF-8 replaced; empty where two commas follow each
    /// other.
    pub text: String,
    /// Its place in bits of the head.
    pub bits: BitRange,
}

/// A head, with all its bytes and the place of everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(super) raw: Vec<u8>,
    pub(super) side: Side,
    /// Empty lines before the start line (RFC 9112 section 2.2).
    pub(super) leading: Span,
    pub(super) start: StartLine,
    pub(super) fields: Vec<HeaderField>,
    /// The empty line.
    pub(super) empty: Span,
    pub(super) findings: Vec<Finding>,
}

impl Head {
    /// All bytes, with the empty line.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The number of bytes, and so the place where the body begins.
    #[allow(clippy::len_without_is_empty, reason = "a head is never empty")]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whose head it is: the client's is a request, the server's a response.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The places in the first line.
    pub const fn start(&self) -> &StartLine {
        &self.start
    }

    /// Empty lines before the start line; mostly there are none.
    pub const fn leading_lines(&self) -> Span {
        self.leading
    }

    /// The fields in the order they were sent.
    pub fn fields(&self) -> &[HeaderField] {
        &self.fields
    }

    /// The place of the empty line that ends the head.
    pub const fn empty_line(&self) -> Span {
        self.empty
    }

    /// What is odd about the form of the head, in bits of the head.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The method; empty for a response.
    pub fn method(&self) -> &str {
        match self.start {
            // A method is a token and so ASCII: the parser refuses all else.
            StartLine::Request { method, .. } => str::from_utf8(method.of(&self.raw)).unwrap_or_default(),
            StartLine::Response { .. } => "",
        }
    }

    /// Whether it is the first part of what an HTTP/2 client begins with where it knows that the server speaks it:
    /// `PRI * HTTP/2.0`, chosen so that servers of HTTP/1.1 do not go on (RFC 9113 section 3.4). `SM` and two line ends
    /// follow, [`HTTP2_PREFACE_REST`] bytes.
    pub fn is_http2_preface(&self) -> bool {
        self.raw == *b"PRI * HTTP/2.0\r\n\r\n"
    }

    /// The target as sent, bytes that are not UTF-8 replaced; empty for a response.
    pub fn target(&self) -> Cow<'_, str> {
        match self.start {
            StartLine::Request { target, .. } => String::from_utf8_lossy(target.of(&self.raw)),
            StartLine::Response { .. } => Cow::Borrowed(""),
        }
    }

    /// The version as sent: `HTTP/1.1`.
    pub fn version(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.start.version().of(&self.raw))
    }

    /// The version's two digits; none where it does not have the form `HTTP/d.d`.
    pub fn version_number(&self) -> Option<(u8, u8)> {
        match self.start.version().of(&self.raw) {
            &[b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
                Some((major - b'0', minor - b'0'))
            }
            _ => None,
        }
    }

    /// The status; none for a request, and where it has not three digits.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Request { .. } => None,
            StartLine::Response { status, .. } => match *status.of(&self.raw) {
                [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
                    Some([a, b, c].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
                }
                _ => None,
            },
        }
    }

    /// The reason phrase; empty for a request.
    pub fn reason(&self) -> Cow<'_, str> {
        match self.start {
            StartLine::Request { .. } => Cow::Borrowed(""),
            StartLine::Response { reason, .. } => String::from_utf8_lossy(reason.of(&self.raw)),
        }
    }

    /// The fields with this name, whatever the case of its letters.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeaderField> {
        self.fields.iter().filter(move |field| self.is_named(field, name))
    }

    fn is_named(&self, field: &HeaderField, name: &str) -> bool {
        !field.colon.is_empty() && field.name.of(&self.raw).eq_ignore_ascii_case(name.as_bytes())
    }

    /// How many fields have this name.
    pub fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// Whether a field has this name.
    pub fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// The value of the first field with this name.
    pub fn get_bytes(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        let raw = &self.raw;
        self.fields
            .iter()
            .find(|f| !f.colon.is_empty() && f.name.of(raw).eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value(raw))
    }

    /// The value of the first field with this name as text, bytes that are not UTF-8 replaced.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get_bytes(name).map(lossy)
    }

    /// The values of all fields with this name, in order, as text.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        self.named(name).map(|field| lossy(field.value(&self.raw)))
    }

    /// The members of the comma lists in all fields with this name, in order (RFC 9110 section 5.6.1).
    pub fn tokens(&self, name: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        for value in self.get_all(name) {
            tokens
                .extend(value.split(',').map(str::trim).filter(|token| !token.is_empty()).map(str::to_owned));
        }
        tokens
    }

    /// The members of the comma lists in all fields with this name, in order, those that are empty included. Each with
    /// its place; of an empty one that of the commas around it, and all of a value that is continued on other lines.
    pub fn elements(&self, name: &str) -> Vec<Element> {
        let mut elements = Vec::new();
        for field in self.fields.iter().filter(|field| self.is_named(field, name)) {
            let value = field.value(&self.raw);
            let whole = field.value_span();
            let mut start = 0;
            for part in value.split(|byte| *byte == b',') {
                let end = start + part.len();
                let blanks = part.len() - part.trim_ascii_start().len();
                let text = part.trim_ascii();
                let span = if !field.folds.is_empty() {
                    whole
                } else if text.is_empty() {
                    let behind = end + usize::from(end < value.len());
                    Span::new(whole.start + start.saturating_sub(1), whole.start + behind)
                } else {
                    let begin = whole.start + start + blanks;
                    Span::new(begin, begin + text.len())
                };
                let text = String::from_utf8_lossy(text).into_owned();
                elements.push(Element { text, bits: span.bits() });
                start = end + 1;
            }
        }
        elements
    }

    /// Whether the comma lists in all fields with this name have this member, whatever the case of its letters.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.get_all(name)
            .any(|value| value.split(',').any(|member| member.trim().eq_ignore_ascii_case(token)))
    }

    /// The place of the value of the first field with this name.
    pub fn value_bits(&self, name: &str) -> Option<BitRange> {
        self.named(name).next().map(|field| field.value_span().bits())
    }

    /// The place of the whole first field with this name, line end included.
    pub fn field_bits(&self, name: &str) -> Option<BitRange> {
        self.named(name).next().map(|field| field.line.bits())
    }

    /// The place of the start line without its end.
    pub fn start_line_bits(&self) -> BitRange {
        BitRange::bytes(self.leading.end, self.start.end().start)
    }

    /// The place of the empty line: where a field that is missing would have to stand at the latest.
    pub fn end_bits(&self) -> BitRange {
        self.empty.bits()
    }

    /// All bits of the head.
    pub fn bits(&self) -> BitRange {
        BitRange::bytes(0, self.raw.len())
    }
}

fn lossy(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}
