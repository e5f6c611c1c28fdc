//! Frames of hybi-04, masked again: their masks come from a key that client and server make together in the handshake, and
//! the server has another half of it each time.

use std::ops::Range;

use super::Piece;
use crate::model::protocol::Side;
use crate::trace::{Conversation, ItemKind, Store, Trace};
use crate::wire::frame::coding::Coding;

/// How the client's frames were masked when they were recorded, and where they stand in its stream.
pub(super) struct Masks {
    recorded: Coding,
    /// Each frame's place, and the nonce that it begins with; in order.
    frames: Vec<(Range<u64>, [u8; 4])>,
}

impl Masks {
    /// None where masks do not depend on the handshake.
    pub(super) fn of(talk: &Conversation, store: &Store) -> Option<Self> {
        let recorded = *talk.coding(Side::Client);
        if !recorded.has_nonce() {
            return None;
        }
        let own = talk.items.iter().filter(|(_, item)| item.side == Side::Client);
        let frames = own.filter(|(_, item)| item.kind == ItemKind::HybiFrame).filter_map(|(_, item)| {
            let nonce = talk.bytes_of(store, item).first_chunk::<4>().copied()?;
            Some((item.range(), nonce))
        });
        Some(Self { recorded, frames: frames.collect() })
    }

    /// The bytes of a piece, masked as the handshake of this time says. Before it is over they stay as they were.
    pub(super) fn apply(&self, piece: &Piece, again: &Trace) -> Vec<u8> {
        let mut bytes = piece.bytes.clone();
        let now = again.conversations().first().map(|talk| *talk.coding(Side::Client));
        let Some(now) = now.filter(Coding::has_nonce) else { return bytes };
        // What was wrong in the recording stays wrong.
        let now = if self.recorded.connection().is_none() { now.without_hash() } else { now };
        let first = self.frames.partition_point(|(range, _)| range.end <= piece.offset);
        for (range, nonce) in self.frames.get(first..).unwrap_or_default() {
            // The nonce stands in clear.
            let covered = range.start + 4;
            let begin = covered.max(piece.offset);
            let end = range.end.min(piece.offset + piece.recorded);
            if range.start >= piece.offset + piece.recorded {
                break;
            }
            let at = (begin - piece.offset) as usize + piece.moved;
            if begin < end
                && let Some(part) = bytes.get_mut(at..at + (end - begin) as usize)
            {
                self.recorded.stream(*nonce).apply(part, begin - covered);
                now.stream(*nonce).apply(part, begin - covered);
            }
        }
        bytes
    }
}
