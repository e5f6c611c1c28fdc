//! The payload of a message: unmasked, inflated, put together. Made when it is looked at.

use super::conversation::Conversation;
use super::item::{Item, ItemKind, Message, MessageKind};
use super::message::read_json;
use super::store::Store;
use crate::facts;
use crate::model::derive::Derivation;
use crate::model::facts::Facts;
use crate::model::field::Field;
use crate::model::protocol::Side;
use crate::model::tells::Tells;
use crate::wire::Parse;
use crate::wire::deflate::stream::StreamInflater;
use crate::wire::deflate::{InflateError, Inflater, Unit, of_stream};
use crate::wire::frame::hixie;

use crate::words::display_in_english;

/// No message is inflated to more bytes than this.
const LIMIT: u64 = super::INFLATE_LIMIT;

/// So many bytes of a compressed stream are read in one go.
const STREAM_PIECE: u64 = 64 * 1024;

/// How many bytes of earlier messages a compressed one can refer to (RFC 1951 section 2).
const WINDOW: usize = 32 * 1024;

/// Why a payload is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// The compressed bytes do not inflate, not any further than is allowed, or those before them are missing.
    Inflate(InflateError),
    /// The items that hold it were let go of.
    Forgotten,
    /// The message is too large to be looked at as a whole; [`PayloadReader::read`] passes it on in pieces.
    TooLarge,
}

impl Tells for PayloadError {
    fn message_id(&self) -> &'static str {
        match self {
            Self::Inflate(error) => error.message_id(),
            Self::Forgotten | Self::TooLarge => "error-payload",
        }
    }

    fn facts(&self) -> Facts {
        match self {
            Self::Inflate(error) => error.facts(),
            Self::Forgotten => Facts::form("forgotten"),
            Self::TooLarge => facts!("too-large", limit = LIMIT.to_string()),
        }
    }
}

display_in_english!(PayloadError);

impl std::error::Error for PayloadError {}

/// Reads the payloads of a conversation's messages.
///
/// Reading in order costs each byte once. A compressed message depends on those before it, so going back begins
/// again at the first.
#[derive(Debug, Default)]
pub struct PayloadReader {
    lanes: [Lane; 2],
    /// What broke a rule in the message that was read last, though it inflated.
    noticed: Option<InflateError>,
    /// Where compressed streams were read to.
    streams: [Option<Box<StreamAt>>; 2],
}

/// A compressed stream, read as far as an offset of the side's bytes.
#[derive(Debug)]
struct StreamAt {
    offset: u64,
    inflater: StreamInflater,
}

#[derive(Debug, Default)]
struct Lane {
    inflater: Option<Inflater>,
    /// The number of the first message that the inflater has not seen as a whole.
    next: usize,
    /// Where each frame is compressed by itself: of that message it has seen the frames before this item.
    seen: u32,
    /// What the last messages inflated to, for explanations.
    history: Vec<u8>,
}

impl PayloadReader {
    /// Passes the payload of message `number` to `out`, in pieces.
    ///
    /// # Errors
    /// Where the payload does not inflate, or its bytes are no longer there; `out` got what could be had.
    pub fn read(
        &mut self,
        talk: &Conversation,
        store: &Store,
        number: usize,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), PayloadError> {
        self.noticed = None;
        let message = *talk.messages.get(number).ok_or(PayloadError::Forgotten)?;
        if !message.compressed {
            return frames_of(talk, &message).try_for_each(|(_, item)| {
                out(&frame_payload(talk, store, item).ok_or(PayloadError::Forgotten)?);
                Ok(())
            });
        }
        self.catch_up(talk, store, number, message.side);
        self.inflate(talk, store, number, &message, out)
    }

    /// What broke a rule in the message that was read last, though it inflated: its bytes are all there.
    pub const fn noticed(&self) -> Option<InflateError> {
        self.noticed
    }

    /// The payload of message `number` as a whole.
    ///
    /// # Errors
    /// As [`read`](Self::read), and of a message above 64 MiB.
    pub fn bytes(
        &mut self,
        talk: &Conversation,
        store: &Store,
        number: usize,
    ) -> Result<Vec<u8>, PayloadError> {
        if talk.messages.get(number).is_some_and(|message| message.length > LIMIT) {
            return Err(PayloadError::TooLarge);
        }
        let mut bytes = Vec::new();
        self.read(talk, store, number, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// The payload of message `number` as text; none where it is not UTF-8. Errors as [`bytes`](Self::bytes).
    pub fn text(
        &mut self,
        talk: &Conversation,
        store: &Store,
        number: usize,
    ) -> Result<Option<String>, PayloadError> {
        self.bytes(talk, store, number).map(|bytes| String::from_utf8(bytes).ok())
    }

    /// The payload of message `number` as JSON: the fields of an object or array and of the spaces around it, which
    /// tile the message in its own space. None where it is something else. Errors as [`bytes`](Self::bytes).
    pub fn json(
        &mut self,
        talk: &Conversation,
        store: &Store,
        number: usize,
    ) -> Result<Option<Vec<Field>>, PayloadError> {
        Ok(self.text(talk, store, number)?.and_then(|text| read_json(&text)))
    }

    /// The bytes that the compressed message `number` can refer to: what the messages before it inflated to, up to
    /// 32,768 bytes. A sender that begins each message with an empty window does not refer to them, but may not keep
    /// its word.
    pub fn history(&mut self, talk: &Conversation, store: &Store, number: usize) -> Vec<u8> {
        let Some(message) = talk.messages.get(number).copied() else { return Vec::new() };
        self.catch_up(talk, store, number, message.side);
        self.lanes[message.side.index()].history.clone()
    }

    /// How a piece of a compressed stream inflates. None where what stands before it is no longer there. Reading in order
    /// costs each byte once; going back begins again at the first.
    pub(super) fn stream_derivation(
        &mut self,
        talk: &Conversation,
        store: &Store,
        item: &Item,
    ) -> Option<Derivation> {
        let begin = talk.carried_from?[item.side.index()];
        let slot = &mut self.streams[item.side.index()];
        let new = || Box::new(StreamAt { offset: begin, inflater: StreamInflater::default() });
        if slot.as_ref().is_some_and(|read| read.offset > item.offset) {
            *slot = None;
        }
        let read = slot.get_or_insert_with(new);
        while read.offset < item.offset {
            let end = item.offset.min(read.offset + STREAM_PIECE);
            let bytes = talk.stream(item.side).bytes(store, read.offset..end);
            if bytes.is_empty() || read.inflater.feed(&bytes, u64::MAX, &mut |_| ()).is_err() {
                *slot = None;
                return None;
            }
            read.offset += bytes.len() as u64;
        }
        Some(of_stream(&read.inflater, item.offset - begin, &talk.bytes_of(store, item)))
    }

    /// The same for the frame that is item `item` of message `number`, where each frame is compressed by itself.
    pub(super) fn history_of_frame(
        &mut self,
        talk: &Conversation,
        store: &Store,
        (number, message): (usize, &Message),
        item: u32,
    ) -> Vec<u8> {
        let lane = &self.lanes[message.side.index()];
        if lane.next != number || lane.seen == 0 || lane.seen > item {
            self.catch_up(talk, store, number, message.side);
        }
        let _ = self.inflate_frames(talk, store, message, item, &mut |_| ());
        let lane = &mut self.lanes[message.side.index()];
        lane.seen = item;
        lane.history.clone()
    }

    /// Brings the inflater of `side` to where it must be before message `number`.
    fn catch_up(&mut self, talk: &Conversation, store: &Store, number: usize, side: Side) {
        let lane = &mut self.lanes[side.index()];
        if lane.next > number || (lane.next == number && lane.seen > 0) || lane.inflater.is_none() {
            let params = talk.deflate.unwrap_or_default();
            lane.inflater = Some(Inflater::new(params.window_bits(side), params.context_takeover(side)));
            lane.next = 0;
            lane.seen = 0;
            lane.history.clear();
        }
        for earlier in self.lanes[side.index()].next.max(talk.messages.first_kept())..number {
            if let Some(message) =
                talk.messages.get(earlier).filter(|m| m.side == side && m.compressed).copied()
            {
                // What went wrong there is said where that message is read.
                let _ = self.inflate(talk, store, earlier, &message, &mut |_| ());
            }
        }
    }

    fn inflate(
        &mut self,
        talk: &Conversation,
        store: &Store,
        number: usize,
        message: &Message,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), PayloadError> {
        if talk.deflate.is_some_and(|params| params.unit == Unit::Frame) {
            let read = self.inflate_frames(talk, store, message, u32::MAX, out);
            let lane = &mut self.lanes[message.side.index()];
            (lane.next, lane.seen) = (number + 1, 0);
            return read;
        }
        let Self { lanes, noticed, .. } = self;
        let Lane { inflater, next, history, .. } = &mut lanes[message.side.index()];
        *next = number + 1;
        let inflater = inflater.as_mut().ok_or(PayloadError::Inflate(InflateError::Data))?;
        inflater.begin_message();
        let mut sink = |bytes: &[u8]| {
            remember(history, bytes);
            out(bytes);
        };
        for (_, item) in frames_of(talk, message) {
            let payload = frame_payload(talk, store, item).ok_or(PayloadError::Forgotten)?;
            let fed = inflater.feed(&payload, LIMIT, &mut sink);
            *noticed = noticed.or(inflater.noticed());
            fed.map_err(PayloadError::Inflate)?;
        }
        let finished = inflater.finish_message();
        *noticed = noticed.or(inflater.noticed());
        finished.map_err(PayloadError::Inflate)
    }

    /// Inflates the frames of a message, each by itself, from the first that the inflater has not seen to item `to`.
    fn inflate_frames(
        &mut self,
        talk: &Conversation,
        store: &Store,
        message: &Message,
        to: u32,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), PayloadError> {
        let Self { lanes, noticed, .. } = self;
        let Lane { inflater, seen, history, .. } = &mut lanes[message.side.index()];
        let inflater = inflater.as_mut().ok_or(PayloadError::Inflate(InflateError::Data))?;
        let mut left = LIMIT;
        for (number, item) in frames_from(talk, message, *seen) {
            if number as u32 >= to {
                break;
            }
            let payload = frame_payload(talk, store, item).ok_or(PayloadError::Forgotten)?;
            if !is_compressed_frame(item) {
                out(&payload);
                left = left.saturating_sub(payload.len() as u64);
                continue;
            }
            inflater.begin_message();
            let result = inflater.feed(&payload, left, &mut |bytes| {
                remember(history, bytes);
                out(bytes);
            });
            let result = result.and_then(|()| inflater.finish_message());
            *noticed = noticed.or(inflater.noticed());
            result.map_err(PayloadError::Inflate)?;
            left = left.saturating_sub(inflater.length());
        }
        Ok(())
    }
}

/// Whether RSV1 stands on a frame: where each frame is compressed by itself, it is.
pub(super) const fn is_compressed_frame(item: &Item) -> bool {
    item.first_byte & 0x40 != 0
}

/// Keeps the last [`WINDOW`] bytes.
fn remember(history: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = bytes.get(bytes.len().saturating_sub(WINDOW)..).unwrap_or_default();
    let surplus = (history.len() + bytes.len()).saturating_sub(WINDOW);
    history.drain(..surplus);
    history.extend_from_slice(bytes);
}

/// The frames that a message was made of, in order, with their numbers.
pub fn frames_of<'a>(
    talk: &'a Conversation,
    message: &Message,
) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
    frames_from(talk, message, 0)
}

/// The same from item `from` on.
fn frames_from<'a>(
    talk: &'a Conversation,
    message: &Message,
    from: u32,
) -> impl Iterator<Item = (usize, &'a Item)> + use<'a> {
    let alone = message.first == message.last;
    let whole = if alone { None } else { talk.fragments.of_item(message.side, message.last) };
    let fragments = whole.map(|whole| talk.fragments.items(message.side, whole, from));
    let numbers = alone
        .then_some(message.last)
        .filter(|last| *last >= from)
        .into_iter()
        .chain(fragments.into_iter().flatten());
    numbers.filter_map(|number| Some((number as usize, talk.items.get(number as usize)?)))
}

/// The payload of a frame, unmasked but not inflated. None for an item that is no whole frame.
pub(crate) fn frame_payload<'a>(
    talk: &Conversation,
    store: &'a Store,
    item: &Item,
) -> Option<std::borrow::Cow<'a, [u8]>> {
    use std::borrow::Cow;
    let bytes = talk.bytes_of(store, item);
    if bytes.len() as u64 != item.length {
        return None;
    }
    let (from, to, header) = match item.kind {
        ItemKind::HybiFrame => {
            let (header, length) = talk.coding(item.side).read(&bytes)?;
            (length, bytes.len(), header.mask.map(|_| header))
        }
        ItemKind::HixieFrame => match hixie::Header::parse(&bytes) {
            Parse::Done(hixie::Header::Delimited { .. }, length) => {
                (length, bytes.len().checked_sub(1)?, None)
            }
            Parse::Done(_, length) => (length, bytes.len(), None),
            Parse::More | Parse::Broken(_) => return None,
        },
        _ => return None,
    };
    let Some(header) = header else {
        return Some(match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(from..to)?),
            Cow::Owned(bytes) => Cow::Owned(bytes.get(from..to)?.to_vec()),
        });
    };
    let mut plain = bytes.get(from..to)?.to_vec();
    talk.coding(item.side).mask(&header, &mut plain, 0);
    Some(Cow::Owned(plain))
}

/// The code and the reason of a close message; no code where the body is empty, as always in hixie-76.
pub fn close_body(talk: &Conversation, store: &Store, message: &Message) -> Option<(u16, String)> {
    if message.kind != MessageKind::Close {
        return None;
    }
    let (_, item) = frames_of(talk, message).next().filter(|(_, item)| item.kind == ItemKind::HybiFrame)?;
    if !talk.protocol.dialect_or_latest().closing.has_codes() {
        return None;
    }
    let payload = frame_payload(talk, store, item)?;
    let (code, reason) = payload.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*code), String::from_utf8_lossy(reason).into_owned()))
}
