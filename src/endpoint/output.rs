//! Bytes that wait to be written.

/// A buffer that is filled at the end and emptied from the beginning, without moving what is left.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) bytes: Vec<u8>,
    written: usize,
}

/// An empty buffer gives back what it has above this, so that one large message does not keep its memory.
const KEPT: usize = 256 * 1024;

impl Output {
    /// These bytes, none of them written.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, written: 0 }
    }

    /// What is not written yet.
    #[inline]
    pub(super) fn pending(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// The first `count` pending bytes were written.
    #[inline]
    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count;
        if self.written >= self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
            if self.bytes.capacity() > KEPT {
                self.bytes.shrink_to(KEPT);
            }
        }
    }

    /// All that is pending.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.drain(..self.written);
        self.written = 0;
        bytes
    }
}
