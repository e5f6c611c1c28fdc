//! The header of a frame item, read without its payload.

use std::borrow::Cow;

use super::{Conversation, Item, ItemKind, Piece, Store};
use crate::wire::Parse;
use crate::wire::frame::{hixie, hybi};

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameFacts {
    /// What the frame is.
    pub opcode: &'static str,
    /// The header of the later versions; none in hixie, or where the recording ends inside it.
    pub hybi: Option<hybi::Header>,
    /// Where the payload begins in the item; none where the header is cut.
    pub header_length: Option<usize>,
    /// The payload's length as the header claims it, or as far as the delimiter.
    pub payload_length: Option<u64>,
}

impl FrameFacts {
    /// Reads the header of an item that is a frame. None for other items.
    #[inline]
    pub fn of(talk: &Conversation, store: &Store, item: &Item) -> Option<Self> {
        match item.kind {
            ItemKind::HybiFrame => {
                let read = talk.coding(item.side).read(&beginning(talk, store, item, hybi::Header::MAX));
                Some(Self {
                    opcode: hybi::Opcode::new(item.first_byte).name(),
                    hybi: read.map(|(header, _)| header),
                    header_length: read.map(|(_, length)| length),
                    payload_length: read.map(|(header, _)| header.payload_length),
                })
            }
            ItemKind::HixieFrame => {
                let bytes = beginning(talk, store, item, hixie::Header::MAX);
                let Parse::Done(header, length) = hixie::Header::parse(&bytes) else {
                    // The recording ends inside the length: only a frame that is not text has one.
                    let opcode = "binary";
                    return Some(Self { opcode, hybi: None, header_length: None, payload_length: None });
                };
                let payload_length = match header {
                    hixie::Header::Sized { length, .. } => length,
                    hixie::Header::Delimited { .. } => {
                        (item.length - length as u64).saturating_sub(u64::from(item.complete))
                    }
                };
                Some(Self {
                    opcode: header.name(talk.protocol),
                    hybi: None,
                    header_length: Some(length),
                    payload_length: Some(payload_length),
                })
            }
            _ => None,
        }
    }

    /// Whether it speaks about the connection: ping, pong, close.
    pub fn is_control(&self) -> bool {
        matches!(self.opcode, "ping" | "pong" | "close")
    }

    /// The first bytes of the payload, at most `limit`, without their mask.
    pub fn payload_beginning(
        &self,
        talk: &Conversation,
        store: &Store,
        item: &Item,
        limit: usize,
    ) -> Vec<u8> {
        let Some(header) = self.header_length else { return Vec::new() };
        let bytes = beginning(talk, store, item, header.saturating_add(limit));
        let mut payload = bytes.get(header..).unwrap_or_default().to_vec();
        if let Some(length) = self.payload_length {
            payload.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        }
        if let Some(header) = &self.hybi {
            talk.coding(item.side).mask(header, &mut payload, 0);
        }
        payload
    }
}

/// The first bytes of an item, at most `limit`; borrowed where they stand in one chunk.
#[inline]
pub(crate) fn beginning<'a>(
    talk: &Conversation,
    store: &'a Store,
    item: &Item,
    limit: usize,
) -> Cow<'a, [u8]> {
    let wanted = item.length.min(limit as u64);
    let stream = talk.stream(item.side);
    // Most items stand in one chunk, the one that holds their last byte: no search is needed.
    let mut hint = item.chunk as usize;
    if let Piece::Data(bytes) = stream.piece(store, item.offset, &mut hint)
        && let Some(bytes) = bytes.get(..wanted as usize)
    {
        return Cow::Borrowed(bytes);
    }
    stream.bytes(store, item.offset..item.offset + wanted)
}
