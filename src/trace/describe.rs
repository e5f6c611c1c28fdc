//! One item taken apart: its field tree and its derivations. Made when it is looked at.

use super::conversation::Conversation;
use super::item::{Item, ItemKind, Message};
use super::payload::{PayloadReader, frame_payload, frames_of, is_compressed_frame};
use super::store::Store;
use crate::model::derive::{Derivation, ItemRef};
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::protocol::Side;
use crate::model::spec::Document::{Rfc6455, Rfc9293};
use crate::wire::deflate::Unit;
use crate::wire::frame::{hixie, hybi};
use crate::wire::http::{Body, HTTP2_PREFACE_REST, Head, MAX_HEAD, parse_head};
use crate::wire::{Parse, deflate, handshake, policy, prelude, tls, utf8};

/// Bytes that were sent but not recorded.
pub static GAP: FieldKind = FieldKind::new("gap", "Gap", Rfc9293.section("3.4")).chapter("reading-a-capture");

/// Bytes that nobody understands.
pub static UNPARSED: FieldKind =
    FieldKind::new("unparsed", "Unparsed bytes", Rfc6455.section("5")).chapter("reading-a-capture");

/// The kinds of field that items of other rooms are made of.
pub static KINDS: &[&FieldKind] = &[&GAP, &UNPARSED];

/// Texts longer than this are not explained character by character.
const EXPLAINED_TEXT: usize = 4096;

/// Describes an item's bytes; the leaves tile the item. None where there is no such item.
pub fn fields(talk: &Conversation, store: &Store, number: usize) -> Option<Field> {
    let item = talk.items.get(number)?;
    let whole = BitRange::new(0, item.length.saturating_mul(8));
    if item.kind == ItemKind::Gap {
        return Some(Field::leaf(&GAP, whole, Value::Group));
    }
    let bytes = talk.bytes_of(store, item);
    let described = match item.kind {
        ItemKind::HybiFrame => {
            let dialect = talk.protocol.dialect_or_latest();
            Some(hybi::fields_in(dialect, talk.coding(item.side), &bytes, !is_plain(talk, number, item)))
        }
        ItemKind::HixieFrame => Some(hixie::fields(&bytes)),
        ItemKind::PolicyRequest => policy::finish_request(&bytes).map(|(request, _)| request.field()),
        ItemKind::PolicyResponse => policy::finish_response(&bytes).map(|(response, _)| response.field()),
        ItemKind::HttpRequest | ItemKind::HttpResponse => http_fields(talk, store, number, item.side, &bytes),
        ItemKind::Prelude => {
            prelude::Message::from_byte(item.first_byte).map(|message| prelude::fields(message, &bytes))
        }
        ItemKind::TlsRecord => {
            let content = tls::Content::from_byte(item.first_byte);
            Some(tls::record::fields(&bytes, content, record_begins(talk, store, number)))
        }
        ItemKind::DeflateStream => Some(deflate::stream::fields(&bytes, item.first_byte == 1)),
        ItemKind::Gap | ItemKind::Unparsed => None,
    };
    let unparsed = || Field::leaf(&UNPARSED, whole, Value::Bytes(bytes.to_vec()));
    Some(described.filter(|field| field.bits == whole).unwrap_or_else(unparsed))
}

/// How what the item means follows from its bytes, and from those of the items that it depends on.
pub fn derivations(talk: &Conversation, store: &Store, number: usize) -> Vec<Derivation> {
    derivations_in_order(talk, store, number, &mut PayloadReader::default())
}

/// The same for one item after the other: what compressed messages refer to is inflated once for all of them.
/// `reader` is to be used for nothing else.
pub fn derivations_in_order(
    talk: &Conversation,
    store: &Store,
    number: usize,
    reader: &mut PayloadReader,
) -> Vec<Derivation> {
    let Some(item) = talk.items.get(number) else { return Vec::new() };
    let bytes = talk.bytes_of(store, item);
    match item.kind {
        ItemKind::HybiFrame => {
            let mut derivations = Vec::new();
            let coding = talk.coding(item.side);
            derivations.extend(hybi::length_derivation(coding, &bytes));
            derivations.extend(hybi::unmask_derivation(coding, &bytes));
            derivations.extend(message_derivation(talk, store, number, reader));
            derivations
        }
        ItemKind::HixieFrame => {
            let text =
                bytes.get(1..bytes.len().saturating_sub(1)).filter(|_| item.first_byte == 0 && item.complete);
            let place = BitRange::bytes(1, bytes.len().saturating_sub(1));
            let text = text.filter(|text| !text.is_empty() && text.len() <= EXPLAINED_TEXT);
            hixie::length_derivation(&bytes)
                .into_iter()
                .chain(text.map(|text| utf8::derivation(text, place)))
                .collect()
        }
        ItemKind::DeflateStream => reader.stream_derivation(talk, store, item).into_iter().collect(),
        ItemKind::HttpResponse => answer_derivations(talk, store, number, &bytes),
        _ => Vec::new(),
    }
}

/// Whether a frame's payload is compressed: as a part of its message, where RSV1 stands on the message's first frame only,
/// or by itself.
pub(crate) fn is_compressed(talk: &Conversation, number: usize, item: &Item) -> bool {
    let Some(params) = talk.deflate else { return false };
    let whole = || message_of(talk, number).is_some_and(|(_, message)| message.compressed);
    !hybi::Opcode::new(item.first_byte).is_control()
        && (is_compressed_frame(item) || (params.unit == Unit::Message && whole()))
}

/// Whether a frame's payload is what its message says: neither compressed nor an unknown extension's own.
fn is_plain(talk: &Conversation, number: usize, item: &Item) -> bool {
    let coded =
        || talk.foreign.is_some() && message_of(talk, number).is_some_and(|(_, message)| message.coded);
    !is_compressed(talk, number, item) && !coded()
}

/// The message that an item belongs to, with its number.
pub fn message_of(talk: &Conversation, item: usize) -> Option<(usize, &Message)> {
    // Messages stand in the order of their last items.
    let ends = talk.messages.partition_point(|message| (message.last as usize) < item);
    if let Some(message) = talk.messages.get(ends)
        && message.last as usize == item
    {
        return Some((ends, message));
    }
    let whole = talk.fragments.of_item(talk.items.get(item)?.side, item as u32)?;
    Some((whole.message as usize, talk.messages.get(whole.message as usize)?))
}

/// The message of several frames of `side` within which an item of either side stands: it is the message's first frame
/// or its last, or comes between them.
pub fn message_around(talk: &Conversation, side: Side, item: usize) -> Option<&Message> {
    let whole = talk.fragments.around(side, item as u32)?;
    talk.messages.get(whole.message as usize)
}

/// The other half of an HTTP exchange: the request that a response answers.
fn request_of(talk: &Conversation, store: &Store, response: usize) -> Option<(Head, Vec<u8>)> {
    let at = talk.exchanges.partition_point(|(_, answer)| (*answer as usize) < response);
    let (request, _) = talk.exchanges.get(at).filter(|(_, answer)| *answer as usize == response)?;
    let bytes = talk.bytes_of(store, talk.items.get(*request as usize)?);
    let Parse::Done(head, length) = parse_head(&bytes, Side::Client, MAX_HEAD) else { return None };
    Some((head, bytes.get(length..).unwrap_or_default().to_vec()))
}

fn http_fields(talk: &Conversation, store: &Store, number: usize, side: Side, bytes: &[u8]) -> Option<Field> {
    let Parse::Done(head, length) = parse_head(bytes, side, MAX_HEAD) else { return None };
    let body = bytes.get(length..)?;
    let request =
        if side == Side::Server { request_of(talk, store, number).map(|(head, _)| head) } else { None };
    let protocol = handshake::detect(request.as_ref().unwrap_or(&head));
    let kind = if head.is_http2_preface() {
        Body::Length(HTTP2_PREFACE_REST)
    } else {
        head.body(request.as_ref()).unwrap_or(Body::UntilClose)
    };
    Some(handshake::item_fields(side, &head, body, protocol, kind))
}

fn answer_derivations(talk: &Conversation, store: &Store, number: usize, bytes: &[u8]) -> Vec<Derivation> {
    let Some((request, request_body)) = request_of(talk, store, number) else { return Vec::new() };
    let Some(protocol) = handshake::detect(&request) else { return Vec::new() };
    let Parse::Done(response, length) = parse_head(bytes, Side::Server, MAX_HEAD) else { return Vec::new() };
    if response.status() != Some(101) {
        return Vec::new();
    }
    handshake::derivations(
        protocol,
        &request,
        &request_body,
        &response,
        bytes.get(length..).unwrap_or_default(),
    )
}

/// Inflating and UTF-8, told at the frame that completes the message.
fn message_derivation(
    talk: &Conversation,
    store: &Store,
    number: usize,
    reader: &mut PayloadReader,
) -> Vec<Derivation> {
    let Some((at, message)) = message_of(talk, number) else { return Vec::new() };
    let params = talk.deflate.unwrap_or_default();
    let window = deflate::Window {
        bits: params.window_bits(message.side),
        kept: params.context_takeover(message.side),
        unit: params.unit,
    };
    if message.compressed && params.unit == Unit::Frame {
        let frame = talk.items.get(number).filter(|frame| is_compressed(talk, number, frame));
        let payload = frame.and_then(|frame| Some((frame, frame_payload(talk, store, frame)?)));
        let Some((frame, payload)) = payload else { return Vec::new() };
        let start = frame.length as usize - payload.len();
        let parts = [(ItemRef::This, BitRange::bytes(start, frame.length as usize))];
        let history = reader.history_of_frame(talk, store, (at, message), number as u32);
        return vec![deflate::derivation(&payload, &parts, &history, window)];
    }
    if message.last as usize != number {
        return Vec::new();
    }
    let frames: Vec<Item> = frames_of(talk, message).map(|(_, item)| *item).collect();
    let mut joined = Vec::new();
    let mut parts = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let Some(payload) = frame_payload(talk, store, frame) else { return Vec::new() };
        joined.extend_from_slice(&payload);
        let later = (frames.len() - 1 - index) as u32;
        let item = if later == 0 { ItemRef::This } else { ItemRef::Earlier(later) };
        let start = frame.length as usize - payload.len();
        parts.push((item, BitRange::bytes(start, frame.length as usize)));
    }
    let mut derivations = Vec::new();
    if message.compressed {
        let history = reader.history(talk, store, at);
        derivations.push(deflate::derivation(&joined, &parts, &history, window));
        return derivations;
    }
    if let ([(ItemRef::This, bits)], super::MessageKind::Text) = (parts.as_slice(), message.kind)
        && !message.coded
        && !joined.is_empty()
        && joined.len() <= EXPLAINED_TEXT
    {
        derivations.push(utf8::derivation(&joined, *bits));
    }
    derivations
}

/// How many bytes at the beginning of a record belong to a handshake message that began in an earlier one.
fn record_begins(talk: &Conversation, store: &Store, number: usize) -> usize {
    let Some(this) = talk.items.get(number) else { return 0 };
    // Messages in the clear stand at the beginning of a connection, in few records.
    let plain = talk.items.iter().take_while(|(at, _)| *at < number).filter(|(_, item)| {
        item.side == this.side
            && item.kind == ItemKind::TlsRecord
            && tls::Content::from_byte(item.first_byte) == tls::Content::Handshake
    });
    let fragment = |item: &Item| {
        let bytes = talk.bytes_of(store, item);
        bytes.get(tls::record::Header::LENGTH..).unwrap_or_default().to_vec()
    };
    let earlier: Vec<Vec<u8>> = plain.map(|(_, item)| fragment(item)).collect();
    tls::Borders::before(earlier.iter().map(Vec::as_slice), &fragment(this))
}
