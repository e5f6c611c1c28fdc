//! Messages to compressed payloads and back (RFC 7692 section 7.2).

use std::fmt;
use std::ops::ControlFlow;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::TAIL;
use super::tokens::{Reader, Token};
use crate::facts;
use crate::model::facts::Facts;
use crate::model::rule::Rule;
use crate::model::tells::Tells;
use crate::words::display_in_english;

/// Compresses the messages of one sender.
#[derive(Debug)]
pub struct Deflater {
    raw: Compress,
    takeover: bool,
    window: u64,
}

impl Deflater {
    /// A compressor with a window of `window_bits` (8 to 15; others are brought into that range) that keeps it from
    /// message to message if `context_takeover`. `level` is 0 (store) to 9 (smallest).
    pub fn new(window_bits: u8, context_takeover: bool, level: u32) -> Self {
        let window_bits = window_bits.clamp(8, 15);
        // zlib has no window of 8 bits for a raw stream. With 9 bits it looks back at most 512 - 262 = 250 bytes,
        // so its copies keep to the 256 bytes of 8 bits; `compress` makes sure of it.
        let raw = Compress::new_with_window_bits(Compression::new(level.min(9)), false, window_bits.max(9));
        Self { raw, takeover: context_takeover, window: 1 << window_bits }
    }

    /// The payload of a message, without the [`TAIL`].
    pub fn compress(&mut self, payload: &[u8]) -> Vec<u8> {
        if payload.is_empty() {
            // An empty block without compression, its tail removed (RFC 7692 section 7.2.3.6).
            return vec![0x00];
        }
        if !self.takeover {
            self.raw.reset();
        }
        match self.deflate(payload) {
            Some(out) if self.window >= 512 || keeps_to(&out, self.window) => out,
            _ => stored(payload),
        }
    }

    /// None where the compressor refuses, which it has no reason to do.
    fn deflate(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(payload.len() / 2 + 64);
        let mut rest = payload;
        loop {
            let before = self.raw.total_in();
            self.raw.compress_vec(rest, &mut out, FlushCompress::Sync).ok()?;
            rest = rest.get((self.raw.total_in() - before) as usize..)?;
            if rest.is_empty() && out.len() < out.capacity() {
                break;
            }
            out.reserve(out.len().max(256));
        }
        let message = out.strip_suffix(&TAIL)?.len();
        out.truncate(message);
        Some(out)
    }
}

/// Whether no copy looks back further than `window` bytes.
fn keeps_to(deflated: &[u8], window: u64) -> bool {
    let mut kept = true;
    let read = Reader::new().feed(deflated, |token, _| {
        kept &= !matches!(token, Token::Copy { distance, .. } if u64::from(distance) > window);
        ControlFlow::Continue(())
    });
    kept && read.is_ok()
}

/// The payload in blocks without compression (RFC 1951 section 3.2.4).
fn stored(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + payload.len() / 0xFFFF * 5 + 6);
    for block in payload.chunks(0xFFFF) {
        let length = block.len() as u16;
        out.push(0x00);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.push(0x00);
    out
}

/// Why a message does not inflate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// The bytes are no DEFLATE stream, or copy from before its beginning.
    Data,
    /// A copy looks back into bytes that were lost: see [`Inflater::forget`].
    Lost {
        /// How far back, in bytes.
        distance: u16,
    },
    /// A copy looks back further than the window that was agreed.
    Window {
        /// How far back, in bytes.
        distance: u16,
        /// The window, in bytes.
        window: u16,
    },
    /// The message ends in the middle of a block.
    Cut,
    /// The message is larger than this limit.
    Limit(u64),
}

impl InflateError {
    /// The rule that is broken.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Data | Self::Lost { .. } | Self::Window { .. } | Self::Cut => Rule::InflateFailed,
            Self::Limit(_) => Rule::InflateLimit,
        }
    }
}

impl Tells for InflateError {
    /// A finding of its rule says the same.
    fn message_id(&self) -> &'static str {
        match self {
            Self::Limit(_) => "finding-rfc7692_inflate_limit",
            _ => "finding-rfc7692_inflate_failed",
        }
    }

    fn facts(&self) -> Facts {
        match *self {
            Self::Data => facts!("data"),
            Self::Lost { distance } => facts!("lost", distance),
            Self::Window { distance, window } => facts!("window", distance, window),
            Self::Cut => facts!("cut"),
            Self::Limit(limit) => facts!("inflated", limit),
        }
    }
}

display_in_english!(InflateError);

impl std::error::Error for InflateError {}

/// Inflates the messages of one sender, piece by piece.
///
/// A message is [`begin_message`](Self::begin_message), any number of [`feed`](Self::feed) and
/// [`finish_message`](Self::finish_message). After an error the rest of the message is not to be fed; the next
/// message begins with an empty window, and what it copies from there is [`InflateError::Lost`].
pub struct Inflater {
    /// Always with the full window: the agreed one is watched by `watch`, wherever the pieces end.
    raw: Decompress,
    takeover: bool,
    /// The agreed window in bytes.
    window: u16,
    /// None where the full window was agreed and all of it is known.
    watch: Option<Box<Watch>>,
    buffer: Box<[u8]>,
    /// Bytes of this message so far.
    length: u64,
    /// The message is not finished, or went wrong: the window is not to be used again.
    dirty: bool,
}

/// The largest window.
const FULL_WINDOW: u16 = 1 << 15;

/// The inflated bytes are handed on in pieces of at most this size.
const BUFFER: usize = 8 * 1024;

/// An empty block without compression: it changes nothing, where a block may begin.
const EMPTY_BLOCK: [u8; 5] = [0x00, 0x00, 0x00, 0xFF, 0xFF];

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("takeover", &self.takeover)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Inflater {
    /// An inflater for a sender whose window has `window_bits` (8 to 15; others are brought into that range) and is
    /// kept from message to message if `context_takeover`.
    pub fn new(window_bits: u8, context_takeover: bool) -> Self {
        let mut inflater = Self {
            raw: Decompress::new(false),
            takeover: context_takeover,
            window: 1 << window_bits.clamp(8, 15),
            watch: None,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            length: 0,
            dirty: false,
        };
        inflater.restart();
        inflater
    }

    /// The bytes of this message so far, inflated.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// A message begins.
    pub fn begin_message(&mut self) {
        if !self.takeover {
            self.restart();
        } else if self.dirty {
            self.forget();
        } else if self.window == FULL_WINDOW && self.knows_window() {
            self.watch = None;
        }
        if let Some(watch) = &mut self.watch {
            watch.length = 0;
        }
        self.length = 0;
        self.dirty = true;
    }

    /// The sender begins with an empty window.
    fn restart(&mut self) {
        self.raw.reset(false);
        self.watch = (self.window < FULL_WINDOW).then(|| Box::new(Watch::new(self.window, u64::MAX)));
        self.dirty = false;
    }

    /// Messages were lost: the sender's window holds what this one does not.
    pub fn forget(&mut self) {
        self.restart();
        if self.takeover {
            self.watch = Some(Box::new(Watch::new(self.window, 0)));
        }
    }

    /// Whether the window holds what the sender's holds: nothing was lost, or so much came since that it is of no
    /// matter.
    pub fn knows_window(&self) -> bool {
        self.watch.as_ref().is_none_or(|watch| watch.known >= u64::from(self.window))
    }

    /// The next bytes of the message's payload. What they inflate to goes to `out`, up to `limit` bytes a message;
    /// nothing is kept but the window.
    pub fn feed(&mut self, input: &[u8], limit: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        if let Some(watch) = &mut self.watch {
            watch.feed(input);
        }
        let mut rest = input;
        loop {
            let (read_before, written_before) = (self.raw.total_in(), self.raw.total_out());
            let status = self.raw.decompress(rest, &mut self.buffer, FlushDecompress::None);
            let read = (self.raw.total_in() - read_before) as usize;
            let written = (self.raw.total_out() - written_before) as usize;
            rest = rest.get(read..).unwrap_or_default();
            self.hand_on(written, limit, out)?;
            match status {
                Err(_) => {
                    let wrong = self.wrong().filter(|(at, _)| *at == self.length);
                    return Err(wrong.map_or(InflateError::Data, |(_, error)| error));
                }
                // BFINAL ends the stream, not the message: another stream may follow (RFC 7692 section 7.2.3.4).
                Ok(Status::StreamEnd) => {
                    self.raw.reset(false);
                    if rest.is_empty() {
                        return Ok(());
                    }
                }
                Ok(Status::Ok | Status::BufError) => {
                    let drained = written < self.buffer.len();
                    if drained && (rest.is_empty() || read == 0) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The first copy beyond the agreed window: how many bytes of the message stand before it, and the error.
    fn wrong(&self) -> Option<(u64, InflateError)> {
        self.watch.as_ref().and_then(|watch| watch.wrong)
    }

    /// Hands on what stands in the buffer, as far as it is within the limit and the agreed window.
    fn hand_on(
        &mut self,
        written: usize,
        limit: u64,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), InflateError> {
        let (end, error) = match self.wrong() {
            Some((at, error)) if at <= limit => (at, error),
            _ => (limit, InflateError::Limit(limit)),
        };
        let good = (written as u64).min(end.saturating_sub(self.length)) as usize;
        if good > 0 {
            out(self.buffer.get(..good).unwrap_or_default());
            self.length += good as u64;
        }
        if good == written { Ok(()) } else { Err(error) }
    }

    /// The message's payload is complete: puts the [`TAIL`] back. The error is [`InflateError::Cut`].
    pub fn finish_message(&mut self) -> Result<(), InflateError> {
        // With the tail, the message must end between two blocks. There neither the tail nor an empty block
        // behind it says anything; inside a block they would be read as its data.
        let length = self.length;
        let mut more = false;
        for bytes in [&TAIL[..], &EMPTY_BLOCK] {
            self.feed(bytes, u64::MAX, &mut |_| more = true).map_err(|_| InflateError::Cut)?;
        }
        self.length = length;
        if more {
            return Err(InflateError::Cut);
        }
        self.dirty = false;
        Ok(())
    }
}

/// Watches how far back a message's copies look.
///
/// zlib itself looks back into whatever it holds, which depends on how the bytes were cut into pieces.
struct Watch {
    reader: Reader,
    window: u16,
    /// How many bytes before this one are known. More than any window where nothing was lost.
    known: u64,
    /// Inflated bytes of the message that the reader has seen.
    length: u64,
    /// The block being read is the last of its stream.
    last: bool,
    /// The first copy that looks back too far, and how many bytes of the message stand before it.
    wrong: Option<(u64, InflateError)>,
    /// The reader met what is no DEFLATE stream. The inflater will, too.
    broken: bool,
}

impl Watch {
    fn new(window: u16, known: u64) -> Self {
        Self { reader: Reader::new(), window, known, length: 0, last: false, wrong: None, broken: false }
    }

    fn feed(&mut self, bytes: &[u8]) {
        if self.broken || self.wrong.is_some() {
            return;
        }
        let Self { reader, window, known, length, last, wrong, .. } = self;
        let result = reader.feed(bytes, |token, _| {
            match token {
                Token::Block { last: bfinal, .. } => *last = bfinal,
                // Behind the end of a stream the sender itself begins with an empty window.
                Token::End if *last => *known = u64::MAX,
                Token::Copy { distance, .. } => {
                    let error = if distance > *window {
                        Some(InflateError::Window { distance, window: *window })
                    } else {
                        (u64::from(distance) > *known).then_some(InflateError::Lost { distance })
                    };
                    if let Some(error) = error {
                        *wrong = Some((*length, error));
                        return ControlFlow::Break(());
                    }
                }
                Token::End | Token::Literal(_) | Token::Stored(_) => {}
            }
            *length += token.length();
            *known = known.saturating_add(token.length());
            ControlFlow::Continue(())
        });
        self.broken = result.is_err();
    }
}
