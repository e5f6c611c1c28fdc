//! Where recorded bytes are kept: a mapped file, and memory behind it.

use std::collections::VecDeque;
use std::fs::File;
use std::io;

use super::mapped::Mapped;

/// Where recorded bytes are in a [`Store`], and how far behind the beginning of their packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address in the store.
    pub at: u64,
    /// How many bytes before `at` the packet begins with its link layer; none where the bytes do not stand in a
    /// packet (a live socket, typed bytes, a packet put together from IP fragments).
    pub headers: Option<u16>,
}

/// The recorded bytes: first those of a mapped file, behind them those that were appended.
///
/// Addresses never change. What was appended can be forgotten from the beginning on.
#[derive(Debug, Default)]
pub struct Store {
    map: Option<Mapped>,
    blocks: VecDeque<Block>,
    end: u64,
    inflating: Inflating,
}

/// How much was inflated and is kept here.
#[derive(Debug, Default)]
struct Inflating {
    /// Compressed bytes.
    read: u64,
    /// What they inflated to.
    written: u64,
}

/// Bytes of compressed streams may inflate to so many. What comes out may be frames of two bytes each, and all of them are
/// items.
const INFLATED: u64 = 4 << 20;

/// And to so many for each compressed byte.
const INFLATED_A_BYTE: u64 = 32;

#[derive(Debug)]
struct Block {
    at: u64,
    bytes: Vec<u8>,
}

/// Blocks are as large as this, or as one append that is larger.
const BLOCK: usize = 1 << 20;

impl Store {
    /// A store over a file, mapped and not read.
    pub fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::default()); // An empty file cannot be mapped.
        }
        let map = Mapped::new(file)?;
        let end = map.len() as u64;
        Ok(Self { map: Some(map), end, ..Self::default() })
    }

    /// The mapped file's bytes; empty where no file is mapped.
    pub fn mapped(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }

    /// The first byte of the mapped file that is not there any more, because another program cut the file, or it cannot be
    /// read there; none while all are. From there on zeros stand in its place.
    pub fn lost_from(&self) -> Option<u64> {
        self.map.as_ref().and_then(Mapped::lost_from)
    }

    /// Keeps a copy of `bytes` and returns its address.
    pub fn append(&mut self, bytes: &[u8]) -> u64 {
        let at = self.end;
        self.end += bytes.len() as u64;
        match self.blocks.back_mut() {
            Some(block) if block.bytes.capacity() - block.bytes.len() >= bytes.len() => {
                block.bytes.extend_from_slice(bytes);
            }
            _ => {
                let mut block = Vec::with_capacity(bytes.len().max(BLOCK));
                block.extend_from_slice(bytes);
                self.blocks.push_back(Block { at, bytes: block });
            }
        }
        at
    }

    /// So many bytes more may be inflated and kept, now that so many more compressed bytes were read: 4 MiB in all, and
    /// 32 times what was read.
    pub(super) fn room_to_inflate(&mut self, read: u64) -> u64 {
        self.inflating.read = self.inflating.read.saturating_add(read);
        let most = self.inflating.read.saturating_mul(INFLATED_A_BYTE).saturating_add(INFLATED);
        most.saturating_sub(self.inflating.written)
    }

    /// Keeps what was inflated, and returns its address.
    pub(super) fn append_inflated(&mut self, bytes: &[u8]) -> u64 {
        self.inflating.written += bytes.len() as u64;
        self.append(bytes)
    }

    /// How many bytes were inflated and kept.
    pub(super) const fn inflated(&self) -> u64 {
        self.inflating.written
    }

    /// The `len` bytes at an address, all of which were kept by one append or stand in the map; empty if not.
    #[inline]
    pub fn bytes(&self, at: u64, len: usize) -> &[u8] {
        let mapped = self.mapped();
        if at < mapped.len() as u64 {
            return mapped.get(at as usize..at as usize + len).unwrap_or_default();
        }
        let block = self.blocks.partition_point(|block| block.at <= at);
        let Some(block) = block.checked_sub(1).and_then(|index| self.blocks.get(index)) else { return &[] };
        let from = (at - block.at) as usize;
        block.bytes.get(from..from + len).unwrap_or_default()
    }

    /// How many bytes were appended and are not forgotten.
    pub fn appended(&self) -> u64 {
        self.blocks.iter().map(|block| block.bytes.len() as u64).sum()
    }

    /// Lets go of appended bytes before this address, in whole blocks.
    pub fn forget_before(&mut self, at: u64) {
        while self.blocks.front().is_some_and(|block| block.at + block.bytes.len() as u64 <= at) {
            self.blocks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_bytes_keep_their_address() {
        let mut store = Store::default();
        let first = store.append(b"abc");
        let large = store.append(&vec![7; BLOCK + 1]);
        let last = store.append(b"xyz");
        assert_eq!(store.bytes(first, 3), b"abc");
        assert_eq!(store.bytes(large, BLOCK + 1).len(), BLOCK + 1);
        assert_eq!(store.bytes(last, 3), b"xyz");
        store.forget_before(last);
        assert_eq!(store.bytes(first, 3), b"");
        assert_eq!(store.bytes(last, 3), b"xyz");
    }

    #[test]
    fn addresses_outside_are_empty() {
        let store = Store::default();
        assert_eq!(store.bytes(0, 1), b"");
        assert_eq!(store.bytes(u64::MAX - 8, 4), b"");
    }
}
