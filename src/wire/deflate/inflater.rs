//! Compressed payloads to messages (RFC 7692 section 7.2.2).

use std::fmt;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::TAIL;
use super::fault::InflateError;
use super::watch::{Watch, first_before_beginning};

/// Inflates the messages of one sender, piece by piece.
///
/// A message is [`begin_message`](Self::begin_message), any number of [`feed`](Self::feed) and
/// [`finish_message`](Self::finish_message). After an error the rest of the message is not to be fed; the next
/// message begins with an empty window, and what it copies from there is [`InflateError::Lost`].
///
/// What breaks a rule and can be inflated all the same is: [`noticed`](Self::noticed) says what it was.
pub struct Inflater {
    /// Always with the full window: the agreed one is watched by `watch`, wherever the pieces end.
    raw: Inflate,
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
    /// The payload of this message.
    payload: Payload,
    /// What was inflated last, where the sender says that it begins each message with an empty window. It may not.
    history: Vec<u8>,
    /// The sender keeps its window, though it was to begin each message with an empty one.
    keeps: bool,
    /// So many bytes of output were handed on already.
    again: u64,
    noticed: Vec<InflateError>,
}

/// What is kept of a message's payload.
#[derive(Debug, Default)]
struct Payload {
    /// Its beginning, as far as it may have to be read again.
    begun: Vec<u8>,
    /// Its last bytes.
    last: [u8; 4],
    /// How many there were.
    length: u64,
    /// A zlib header was passed over.
    header: bool,
    /// Its stream ended with BFINAL, and nothing stands behind that.
    ended: bool,
    /// So many bytes behind the stream are zlib's checksum.
    checksum: usize,
}

impl Payload {
    fn note(&mut self, input: &[u8], room: usize) {
        self.length += input.len() as u64;
        if let Some(last) = input.last_chunk() {
            self.last = *last;
        } else {
            self.last.rotate_left(input.len());
            for (slot, &byte) in self.last.iter_mut().rev().zip(input.iter().rev()) {
                *slot = byte;
            }
        }
        let room = room.saturating_sub(self.begun.len());
        self.begun.extend_from_slice(input.get(..room).unwrap_or(input));
    }
}

/// The largest window.
const FULL_WINDOW: u16 = 1 << 15;

/// The inflated bytes are handed on in pieces of at most this size.
const BUFFER: usize = 8 * 1024;

/// An empty block without compression: it changes nothing, where a block may begin. The byte behind it is not read
/// where [`InflateFlush::Block`] stops between two blocks.
const EMPTY_BLOCK: [u8; 6] = [0x00, 0x00, 0x00, 0xFF, 0xFF, 0x00];

/// The [`TAIL`], likewise.
const TAIL_AND_MORE: [u8; 5] = [TAIL[0], TAIL[1], TAIL[2], TAIL[3], 0x00];

/// The length of a zlib header.
const HEADER: usize = 2;

/// A message whose first bytes are a zlib header shows that within so many bytes: they are read as the lengths of a block
/// without compression, and these are not complements.
const HEADER_ROOM: usize = 8;

/// A message that looks into an earlier one shows that within its first 32,768 bytes of output. Compressed they are kept
/// as long as there are no more than so many.
const ALONE_ROOM: usize = 64 * 1024;

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
            raw: Inflate::new(false, 15),
            takeover: context_takeover,
            window: 1 << window_bits.clamp(8, 15),
            watch: None,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            length: 0,
            dirty: false,
            payload: Payload::default(),
            history: Vec::new(),
            keeps: false,
            again: 0,
            noticed: Vec::new(),
        };
        inflater.restart();
        inflater
    }

    /// The bytes of this message so far, inflated.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// What breaks a rule in the message so far, though it inflates; each is said once.
    pub fn noticed(&mut self) -> Option<InflateError> {
        if self.noticed.is_empty() { None } else { Some(self.noticed.remove(0)) }
    }

    /// A message begins.
    pub fn begin_message(&mut self) {
        if self.dirty {
            self.history.clear();
            self.forget();
        } else if !self.takeover && !self.keeps {
            self.restart();
        } else if self.takeover && self.window == FULL_WINDOW && self.knows_window() {
            self.watch = None;
        }
        if let Some(watch) = &mut self.watch {
            watch.begin_message();
        }
        let mut begun = std::mem::take(&mut self.payload.begun);
        begun.clear();
        self.payload = Payload { begun, ..Payload::default() };
        self.noticed.clear();
        self.length = 0;
        self.dirty = true;
    }

    /// The sender begins with an empty window.
    fn restart(&mut self) {
        self.raw.reset(false);
        self.watch = (self.window < FULL_WINDOW).then(|| Box::new(Watch::new(self.window, u64::MAX)));
        self.dirty = false;
        self.keeps = false;
        self.again = 0;
    }

    /// Messages were lost: the sender's window holds what this one does not.
    pub fn forget(&mut self) {
        self.restart();
        self.history.clear();
        if self.takeover {
            self.watch = Some(Box::new(Watch::new(self.window, 0)));
        }
    }

    /// Whether the window holds what the sender's holds: nothing was lost, or so much came since that it is of no
    /// matter.
    pub fn knows_window(&self) -> bool {
        self.watch.as_ref().is_none_or(|watch| watch.knows_window())
    }

    /// The next bytes of the message's payload. What they inflate to goes to `out`, up to `limit` bytes a message;
    /// nothing is kept but the window.
    pub fn feed(&mut self, input: &[u8], limit: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        if input.is_empty() {
            return Ok(());
        }
        let before = self.payload.begun.len();
        let alone = !self.takeover && !self.keeps && self.length <= u64::from(FULL_WINDOW);
        self.payload.note(input, if alone { ALONE_ROOM } else { HEADER_ROOM });
        match self.run(input, limit, out) {
            Err(InflateError::Data) => self.once_more(before, input, limit, out),
            other => other,
        }
    }

    /// What stands before this piece of payload, and the piece, did not inflate. Where the reason is one that can be got
    /// over, they are read again.
    #[cold]
    fn once_more(
        &mut self,
        before: usize,
        input: &[u8],
        limit: u64,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), InflateError> {
        if self.payload.length != (before + input.len()) as u64 {
            return Err(InflateError::Data); // Some of it is gone.
        }
        let begun = self.payload.begun.get(..before).unwrap_or_default().to_vec();
        if self.may_have_header() {
            self.pass_header();
            let skip = begun.len().min(HEADER);
            self.run(begun.get(skip..).unwrap_or_default(), limit, out)?;
            self.run(input.get(HEADER - skip..).unwrap_or_default(), limit, out)?;
            if self.length > 0 {
                self.notice_header();
            }
            return Ok(());
        }
        if self.takeover || self.keeps || self.payload.header {
            return Err(InflateError::Data);
        }
        let found = first_before_beginning([&begun, input], self.length, ALONE_ROOM);
        let Some((distance, own)) = found.filter(|(_, own)| *own == self.length) else {
            return Err(InflateError::Data);
        };
        let error = InflateError::Kept { distance, own };
        if usize::from(distance) > self.history.len() {
            return Err(error);
        }
        self.keep_window()?;
        self.run(&begun, limit, out)?;
        self.run(input, limit, out)
    }

    /// The sender keeps its window though it was not to: from here on this one keeps it, too.
    fn keep_window(&mut self) -> Result<(), InflateError> {
        self.raw.reset(false);
        // Without what came of this message: that comes again.
        let end = self.history.len().saturating_sub(self.length as usize);
        let window = end.saturating_sub(usize::from(FULL_WINDOW));
        let dictionary = self.history.get(window..end).unwrap_or_default();
        self.raw.set_dictionary(dictionary).map_err(|_| InflateError::Data)?;
        self.history = Vec::new();
        self.keeps = true;
        self.again = self.length;
        let told = self.watch.as_ref().is_some_and(|watch| watch.told());
        self.watch = Some(Box::new(Watch::new(self.window, u64::MAX).alone(told)));
        Ok(())
    }

    /// Whether the payload begins with a zlib header (RFC 1950 section 2.2), without a dictionary.
    fn may_have_header(&self) -> bool {
        let Some(&[method, flags]) = self.payload.begun.first_chunk::<HEADER>() else { return false };
        let says_deflate = method & 0x0F == 8 && method >> 4 <= 7 && flags & 0x20 == 0;
        self.length == 0
            && !self.payload.header
            && says_deflate
            && u16::from_be_bytes([method, flags]).is_multiple_of(31)
    }

    /// A zlib header stands here: a new stream begins behind it.
    fn pass_header(&mut self) {
        self.restart();
        self.dirty = true;
        self.payload.header = true;
    }

    fn notice_header(&mut self) {
        if !self.noticed.contains(&InflateError::Header) {
            self.noticed.push(InflateError::Header);
        }
    }

    fn run(&mut self, input: &[u8], limit: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        let result = self.inflate(input, limit, out);
        if let Some(watch) = &mut self.watch {
            // Of what is not handed on nothing is said.
            let end = self.length + u64::from(matches!(result, Err(InflateError::Lost { .. })));
            self.noticed.extend(watch.beyond(end));
        }
        result
    }

    fn inflate(&mut self, input: &[u8], limit: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), InflateError> {
        let checksum = self.payload.checksum.min(input.len());
        self.payload.checksum -= checksum;
        let mut rest = input.get(checksum..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
        self.payload.ended = false;
        if let Some(watch) = &mut self.watch {
            watch.feed(rest);
        }
        loop {
            let (read_before, written_before) = (self.raw.total_in(), self.raw.total_out());
            let status = self.raw.decompress(rest, &mut self.buffer, InflateFlush::NoFlush);
            let read = (self.raw.total_in() - read_before) as usize;
            let written = (self.raw.total_out() - written_before) as usize;
            rest = rest.get(read..).unwrap_or_default();
            self.hand_on(written, limit, out)?;
            match status {
                Err(_) => {
                    let lost = self.lost().filter(|(at, _)| *at == self.length);
                    return Err(lost.map_or(InflateError::Data, |(_, error)| error));
                }
                // BFINAL ends the stream, not the message: another stream may follow (RFC 7692 section 7.2.3.4).
                Ok(Status::StreamEnd) => {
                    self.raw.reset(false);
                    if self.payload.header {
                        self.payload.checksum = 4_usize.saturating_sub(rest.len());
                        rest = rest.get(4..).unwrap_or_default();
                    }
                    if rest.is_empty() {
                        self.payload.ended = true;
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

    /// The first copy of what was lost: how many bytes of the message stand before it, and the error.
    fn lost(&self) -> Option<(u64, InflateError)> {
        self.watch.as_ref().and_then(|watch| watch.lost())
    }

    /// Hands on what stands in the buffer, as far as it is within the limit and known.
    fn hand_on(
        &mut self,
        written: usize,
        limit: u64,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), InflateError> {
        let known = (written as u64).min(self.again) as usize;
        self.again -= known as u64;
        let new = written - known;
        let (end, error) = match self.lost() {
            Some((at, error)) if at <= limit => (at, error),
            _ => (limit, InflateError::Limit(limit)),
        };
        let good = (new as u64).min(end.saturating_sub(self.length)) as usize;
        if good > 0 {
            let bytes = self.buffer.get(known..known + good).unwrap_or_default();
            if !self.takeover && !self.keeps {
                remember(&mut self.history, bytes);
            }
            out(bytes);
            self.length += good as u64;
        }
        if good == new { Ok(()) } else { Err(error) }
    }

    /// The message's payload is complete: puts the [`TAIL`] back. The error is [`InflateError::Cut`].
    pub fn finish_message(&mut self) -> Result<(), InflateError> {
        if !self.ends_here() {
            // So short a payload may be a header, and nothing was wrong with it up to here.
            if self.payload.length > HEADER_ROOM as u64 || !self.may_have_header() {
                return Err(InflateError::Cut);
            }
            self.pass_header();
            let begun = std::mem::take(&mut self.payload.begun);
            let behind = begun.get(HEADER..).unwrap_or_default();
            let nothing = self.run(behind, 0, &mut |_| ()).is_ok();
            if !nothing || !self.ends_here() {
                return Err(InflateError::Cut);
            }
        }
        if self.payload.header {
            self.notice_header();
        }
        self.dirty = false;
        Ok(())
    }

    fn ends_here(&mut self) -> bool {
        let Payload { last, header, ended, length, .. } = self.payload;
        if ended {
            if !header {
                self.noticed.push(InflateError::Final);
            }
            return true;
        }
        if last == TAIL && length >= TAIL.len() as u64 {
            // A payload that is as it should be never ends so: its last bits are a block's header, and BTYPE in it is 00.
            let whole = self.between_blocks();
            if whole {
                self.noticed.push(InflateError::TailLeft);
            }
            return whole;
        }
        // With the tail, the message must end between two blocks. There an empty block behind it says nothing; inside a
        // block either would be read as its data.
        let whole = self.reaches_end_of_block(&TAIL_AND_MORE) && self.between_blocks();
        if let Some(watch) = self.watch.as_mut().filter(|_| whole) {
            watch.feed(&TAIL);
        }
        whole
    }

    /// Whether a block could begin here, at the first bit of a byte.
    fn between_blocks(&mut self) -> bool {
        self.reaches_end_of_block(&EMPTY_BLOCK)
    }

    /// Whether a block ends just before the last of these bytes, and nothing comes out of them. With
    /// [`InflateFlush::Block`] the inflater stops there.
    fn reaches_end_of_block(&mut self, bytes: &[u8]) -> bool {
        let (read, written) = (self.raw.total_in(), self.raw.total_out());
        let status = self.raw.decompress(bytes, &mut self.buffer, InflateFlush::Block);
        status == Ok(Status::Ok)
            && self.raw.total_in() - read == bytes.len() as u64 - 1
            && self.raw.total_out() == written
    }
}

/// Keeps at least the last 32,768 bytes.
fn remember(history: &mut Vec<u8>, bytes: &[u8]) {
    let window = usize::from(FULL_WINDOW);
    if history.len() + bytes.len() > 2 * window {
        let surplus = history.len().saturating_sub(window);
        history.drain(..surplus);
    }
    history.extend_from_slice(bytes);
}
