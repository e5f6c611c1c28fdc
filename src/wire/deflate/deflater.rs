//! Messages to compressed payloads (RFC 7692 section 7.2.1).

use std::ops::ControlFlow;

use flate2::{Compress, Compression, FlushCompress};

use super::TAIL;
use super::tokens::{Reader, Token};

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
