//! How long a body is (RFC 9112 section 6), and the chunked coding (section 7.1).

use std::ops::Range;

use memchr::memchr;

use super::head::Head;
use crate::facts;
use crate::model::facts::Facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// There is none.
    None,
    /// After this many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

impl Head {
    /// How the body behind this head ends (RFC 9112 section 6.3). A response needs the `request` that it answers:
    /// HEAD and CONNECT are answered without a body.
    ///
    /// `http.body.malformed` where nobody can say: a Content-Length that is no number or several different ones,
    /// or a request whose last transfer coding is not chunked.
    pub fn body(&self, request: Option<&Head>) -> Result<Body, Finding> {
        if let Some(status) = self.status() {
            let method = request.map(Head::method).unwrap_or_default();
            let tunnel = method == "CONNECT" && (200..300).contains(&status);
            if method == "HEAD" || tunnel || matches!(status, 100..=199 | 204 | 304) {
                return Ok(Body::None);
            }
        }
        if let Some(last) = self.tokens("Transfer-Encoding").last() {
            return match (last.eq_ignore_ascii_case("chunked"), self.side()) {
                (true, _) => Ok(Body::Chunked),
                (false, Side::Server) => Ok(Body::UntilClose),
                (false, Side::Client) => Err(Rule::HttpBodyMalformed.says(
                    self.value_bits("Transfer-Encoding").unwrap_or(self.end_bits()),
                    facts!("not-chunked"),
                )),
            };
        }
        match (self.content_length()?, self.side()) {
            (Some(length), _) => Ok(Body::Length(length)),
            (None, Side::Client) => Ok(Body::None),
            (None, Side::Server) => Ok(Body::UntilClose),
        }
    }

    /// The value of Content-Length; several equal ones count as one (RFC 9110 section 8.6).
    fn content_length(&self) -> Result<Option<u64>, Finding> {
        let mut length = None;
        for field in self.named("Content-Length") {
            let bits = field.value_span().bits();
            let value = field.value(self.raw());
            for member in value.split(|byte| *byte == b',') {
                let member = member.trim_ascii();
                let digits = !member.is_empty() && member.iter().all(u8::is_ascii_digit);
                let Some(number) =
                    str::from_utf8(member).ok().filter(|_| digits).and_then(|t| t.parse().ok())
                else {
                    return Err(Rule::HttpBodyMalformed.says(bits, facts!("length-no-number")));
                };
                if length.is_some_and(|earlier| earlier != number) {
                    return Err(Rule::HttpBodyMalformed.says(bits, facts!("lengths-differ")));
                }
                length = Some(number);
            }
        }
        Ok(length)
    }

    /// Both ways to say the length at once: how requests are smuggled (RFC 9112 section 6.1). And either of them where no
    /// body can be: behind the head of a 101 stand frames, whatever it says.
    pub(super) fn framing_findings(&self) -> Vec<Finding> {
        let (coding, length) = (self.value_bits("Transfer-Encoding"), self.value_bits("Content-Length"));
        if let Some(status @ (100..=199 | 204)) = self.status() {
            let coding = coding.map(|bits| Rule::HttpCodingHere.says(bits, facts!("status", status)));
            let length = length.map(|bits| Rule::HttpLengthHere.says(bits, facts!("status", status)));
            return coding.into_iter().chain(length).collect();
        }
        match length {
            Some(bits) if coding.is_some() => vec![Rule::HttpBodyMalformed.says(bits, facts!("both"))],
            _ => Vec::new(),
        }
    }
}

/// The data of a chunked body, as far as it is one.
pub fn chunked_data(body: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(body.len());
    ChunkedScanner::new().visit(body, |part, range| {
        if part == BodyPart::Data {
            data.extend_from_slice(body.get(range).unwrap_or_default());
        }
    });
    data
}

/// What a byte of a chunked body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyPart {
    /// The hexadecimal digits of a chunk's size.
    Size,
    /// Everything between the size and the line's end.
    Extension,
    /// The end of the line with the size.
    SizeEnd,
    /// The chunk's data.
    Data,
    /// The line end behind the data.
    DataEnd,
    /// A trailer line.
    Trailer,
    /// A trailer line's end.
    TrailerEnd,
    /// The empty line that ends the body.
    End,
}

/// What a [`ChunkedScanner`] says about the bytes it was fed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkedProgress {
    /// The body goes on behind these bytes.
    More,
    /// The body ended; this many of the bytes belong to it.
    Done(usize),
    /// The bytes from `at` on, counted in this feed, are not a chunked body.
    Broken {
        /// How many of the bytes fitted.
        at: usize,
        /// Why; its bits are counted from the body's first.
        finding: Finding,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size {
        digits: bool,
        value: u64,
    },
    Extension {
        size: u64,
    },
    /// A carriage return has been read, its line feed must follow.
    SizeFeed {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataEnd,
    DataFeed,
    TrailerStart,
    Trailer,
    TrailerFeed,
    EndFeed,
    Done,
}

/// Finds the end of a chunked body in bytes that arrive piece by piece. Holds nothing but where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkedScanner {
    state: State,
    /// Bytes of the body so far.
    position: u64,
}

impl Default for ChunkedScanner {
    fn default() -> Self {
        Self::new()
    }
}

impl ChunkedScanner {
    /// At the body's first byte.
    pub const fn new() -> Self {
        Self { state: State::Size { digits: false, value: 0 }, position: 0 }
    }

    /// Reads the bytes that follow those of the last call.
    pub fn feed(&mut self, bytes: &[u8]) -> ChunkedProgress {
        self.visit(bytes, |_, _| {})
    }

    /// As [`feed`](Self::feed), and tells `part` which bytes are what. A part may come in several pieces.
    pub(super) fn visit(
        &mut self,
        bytes: &[u8],
        mut part: impl FnMut(BodyPart, Range<usize>),
    ) -> ChunkedProgress {
        let mut at = 0;
        while self.state != State::Done {
            let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
                return ChunkedProgress::More;
            };
            match self.step(rest) {
                Ok((kind, length)) => {
                    part(kind, at..at + length);
                    at += length;
                    self.position = self.position.saturating_add(length as u64);
                }
                Err(form) => {
                    let start = self.position.saturating_mul(8);
                    let bits = BitRange::new(start, start.saturating_add(8));
                    return ChunkedProgress::Broken {
                        at,
                        finding: Rule::HttpBodyMalformed.says(bits, Facts::form(form)),
                    };
                }
            }
        }
        ChunkedProgress::Done(at)
    }

    /// One part, or the piece of it that is there. `rest` is not empty; at least one byte is taken. The error is the form
    /// of what the finding says.
    fn step(&mut self, rest: &[u8]) -> Result<(BodyPart, usize), &'static str> {
        let byte = rest.first().copied().unwrap_or_default();
        let (part, length, next) = match (self.state, byte) {
            (State::Size { value, .. }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = u64::from(char::from(byte).to_digit(16).unwrap_or_default());
                let value = value
                    .checked_mul(16)
                    .and_then(|shifted| shifted.checked_add(digit))
                    .ok_or("chunk-size-large")?;
                (BodyPart::Size, 1, State::Size { digits: true, value })
            }
            (State::Size { digits: false, .. }, _) => {
                return Err("chunk-size");
            }
            (State::Size { value, .. }, b'\r') => (BodyPart::SizeEnd, 1, State::SizeFeed { size: value }),
            (State::Size { value, .. } | State::SizeFeed { size: value }, b'\n') => {
                (BodyPart::SizeEnd, 1, after_size(value))
            }
            (State::Size { value, .. }, b';' | b' ' | b'\t') => {
                (BodyPart::Extension, 1, State::Extension { size: value })
            }
            (State::Size { .. }, _) => return Err("chunk-line"),
            (State::Extension { size }, b'\r') => (BodyPart::SizeEnd, 1, State::SizeFeed { size }),
            (State::Extension { size }, b'\n') => (BodyPart::SizeEnd, 1, after_size(size)),
            (State::Extension { .. }, _) => (BodyPart::Extension, until_line_end(rest), self.state),
            (State::Data { left }, _) => {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                let left = left - here as u64;
                (BodyPart::Data, here, if left == 0 { State::DataEnd } else { State::Data { left } })
            }
            (State::DataEnd, b'\r') => (BodyPart::DataEnd, 1, State::DataFeed),
            (State::DataEnd | State::DataFeed, b'\n') => {
                (BodyPart::DataEnd, 1, State::Size { digits: false, value: 0 })
            }
            (State::DataEnd, _) => return Err("chunk-data"),
            (State::TrailerStart, b'\r') => (BodyPart::End, 1, State::EndFeed),
            (State::TrailerStart | State::EndFeed, b'\n') => (BodyPart::End, 1, State::Done),
            (State::TrailerStart, _) => (BodyPart::Trailer, until_line_end(rest), State::Trailer),
            (State::Trailer, b'\r') => (BodyPart::TrailerEnd, 1, State::TrailerFeed),
            (State::Trailer | State::TrailerFeed, b'\n') => (BodyPart::TrailerEnd, 1, State::TrailerStart),
            (State::Trailer, _) => (BodyPart::Trailer, until_line_end(rest), State::Trailer),
            (State::SizeFeed { .. } | State::DataFeed | State::TrailerFeed | State::EndFeed, _) => {
                return Err("carriage");
            }
            (State::Done, _) => return Err("ended"),
        };
        self.state = next;
        Ok((part, length))
    }
}

const fn after_size(size: u64) -> State {
    if size == 0 { State::TrailerStart } else { State::Data { left: size } }
}

/// The bytes before the first CR or LF. `rest` begins with neither.
fn until_line_end(rest: &[u8]) -> usize {
    let line = memchr(b'\n', rest).unwrap_or(rest.len());
    memchr(b'\r', rest.get(..line).unwrap_or(rest)).unwrap_or(line)
}
