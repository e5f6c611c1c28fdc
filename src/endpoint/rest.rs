//! What follows the head of an answer that refuses: its body. A client reads it before it closes, since it may say why.

use crate::wire::http::{Body, ChunkedProgress, ChunkedScanner};

/// What is still to come.
#[derive(Debug)]
pub(super) enum Rest {
    /// Nothing.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked(ChunkedScanner),
    /// Whatever comes until the server closes.
    UntilClose,
}

impl Rest {
    pub(super) fn of(body: Body) -> Self {
        match body {
            Body::None => Self::Nothing,
            Body::Length(length) => Self::Length(length),
            Body::Chunked => Self::Chunked(ChunkedScanner::new()),
            Body::UntilClose => Self::UntilClose,
        }
    }

    /// Passes over bytes of it.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Length(left) => *left = left.saturating_sub(bytes.len() as u64),
            Self::Chunked(scanner) => {
                if !matches!(scanner.feed(bytes), ChunkedProgress::More) {
                    *self = Self::Nothing;
                }
            }
            Self::Nothing | Self::UntilClose => {}
        }
    }

    /// Whether all of it was there.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self, Self::Nothing | Self::Length(0))
    }
}
