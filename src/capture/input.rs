//! Where the bytes of a capture come from: a mapped file, or a stream that is read as it grows.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::packing::Packing;
use crate::trace::Store;

/// How much is asked for at a time. A read returns what is there; it does not wait for so much.
const READ: usize = 64 << 10;

/// The bytes of a capture that are not yet consumed.
#[derive(Debug)]
pub(super) enum Input {
    /// The store's map, from this address on.
    Mapped(usize),
    Stream(Stream),
}

impl Input {
    /// The bytes from the current position on, as far as they are there.
    #[inline]
    pub(super) fn window<'a>(&'a self, store: &'a Store) -> &'a [u8] {
        match self {
            Self::Mapped(at) => store.mapped().get(*at..).unwrap_or_default(),
            Self::Stream(stream) => stream.buffer.get(stream.start..).unwrap_or_default(),
        }
    }

    /// How many bytes of the (unpacked) file come before the window.
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Mapped(at) => *at as u64,
            Self::Stream(stream) => stream.position,
        }
    }

    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        match self {
            Self::Mapped(at) => *at += count,
            Self::Stream(stream) => {
                stream.start = (stream.start + count).min(stream.buffer.len());
                stream.position += count as u64;
            }
        }
    }
}

/// A stream, and what was read of it and is not yet consumed.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    pub(super) buffer: Vec<u8>,
    pub(super) start: usize,
    pub(super) position: u64,
    /// How many bytes were read from the source, before unpacking.
    count: Arc<AtomicU64>,
    total: Option<u64>,
    /// How it was packed, if it was.
    pub(super) packed: Option<Packing>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("position", &self.position).finish_non_exhaustive()
    }
}

impl Stream {
    pub(super) fn new(reader: impl Read + Send + 'static, total: Option<u64>) -> Self {
        let count = Arc::new(AtomicU64::new(0));
        let reader = Box::new(Counting { reader, count: Arc::clone(&count) });
        Self { reader, buffer: Vec::new(), start: 0, position: 0, count, total, packed: None }
    }

    /// What was read is packed: it, and what follows, is unpacked from now on.
    pub(super) fn unpack(&mut self, packing: Packing) {
        let begun = io::Cursor::new(std::mem::take(&mut self.buffer));
        let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = packing.unpack(begun.chain(rest));
        self.start = 0;
        self.packed = Some(packing);
    }

    /// Reads once, and waits only if nothing is there. Returns how many bytes came; 0 is the end.
    pub(super) fn read(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        // A record that is larger than the buffer makes the buffer grow with what is there, never with what it claims.
        let filled = self.buffer.len();
        self.buffer.resize(filled + READ.max(filled), 0);
        let result = loop {
            match self.reader.read(self.buffer.get_mut(filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.buffer.truncate(filled + result.as_ref().map_or(0, |&count| count));
        result
    }

    /// How much of the source was read, and how much there is, if that is known.
    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        (self.count.load(Ordering::Relaxed), self.total)
    }
}

struct Counting<R> {
    reader: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
