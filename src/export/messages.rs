//! Messages as rows, one a message: what was said, by whom, when, on which connection. For spreadsheets and scripts.
//!
//! Text is text, everything else base64. Both forms have the same columns; CSV is safe to open in a spreadsheet.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::push;
use crate::trace::{
    Conversation, FrameFacts, Message, MessageKind, PayloadReader, Store, close_body, frames_of,
};

/// The first line of CSV, with its line end: the names of the columns, which are the keys of JSON lines too.
pub const HEADER: &str =
    "conversation,message,time,url,from,type,length,wire_length,compressed,text,base64,code,reason,items\n";

/// What is remembered from message to message of one conversation, so that compressed ones are inflated once.
#[derive(Debug, Default)]
pub struct Reading {
    reader: PayloadReader,
    /// The payload of a message, to be filled again.
    payload: Vec<u8>,
}

/// What appends a row: [`push_json`] or [`push_csv`].
pub type Push = fn(&mut Vec<u8>, usize, &Conversation, &Store, usize, &mut Reading);

/// So many bytes are kept to be filled again.
const KEPT: usize = 1 << 20;

/// What a row says.
struct Row<'a> {
    id: usize,
    number: usize,
    talk: &'a Conversation,
    message: &'a Message,
    wire_length: u64,
    url: Option<&'a str>,
    text: Option<&'a str>,
    binary: Option<&'a [u8]>,
    /// The code and the reason of a close message.
    close: Option<(u16, String)>,
    whole: bool,
    /// Why the payload is not whole, or what rule is broken in how it came.
    error: Option<String>,
}

/// Appends the row of message `number`, counted from 0, as an object of JSON and a line end; nothing where there is no
/// such message. `id` is the conversation's number, counted from 1. Messages are to be written in order.
///
/// A payload that cannot be had as a whole is there as far as it can, with the reason under the key `error`.
pub fn push_json(
    line: &mut Vec<u8>,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
) {
    row(id, talk, store, number, reading, |row| push_json_row(line, row));
}

/// The same as a row of CSV. Of a payload that cannot be had as a whole neither text nor bytes are there: nobody would
/// see that they are cut.
pub fn push_csv(
    line: &mut Vec<u8>,
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
) {
    row(id, talk, store, number, reading, |row| push_csv_row(line, row));
}

fn row(
    id: usize,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
    push: impl FnOnce(&Row<'_>),
) {
    let Some(message) = talk.messages.get(number) else { return };
    let Reading { reader, payload } = reading;
    payload.clear();
    let read = reader.read(talk, store, number, &mut |bytes| payload.extend_from_slice(bytes));
    let whole = read.is_ok();
    let noticed = reader.noticed().map(|noticed| noticed.to_string());
    let lengths = frames_of(talk, message).filter_map(|(_, item)| FrameFacts::of(talk, store, item));
    let wire_length = lengths.filter_map(|facts| facts.payload_length).sum();
    // A text that is not UTF-8 is no text that could be given back.
    let text = match message.kind {
        MessageKind::Text if !message.coded => simdutf8::basic::from_utf8(payload).ok(),
        _ => None,
    };
    let close = close_body(talk, store, message);
    let binary = Some(payload.as_slice()).filter(|_| text.is_none() && message.kind != MessageKind::Close);
    push(&Row {
        id,
        number,
        talk,
        message,
        wire_length,
        url: talk.url(),
        text,
        binary,
        close,
        whole,
        error: read.err().map_or(noticed, |error| Some(error.to_string())),
    });
    if reading.payload.capacity() > KEPT {
        reading.payload = Vec::new();
    }
}

fn push_json_row(line: &mut Vec<u8>, row: &Row<'_>) {
    fn quoted(line: &mut Vec<u8>, text: Option<&str>) {
        match text {
            Some(text) => {
                line.push(b'"');
                push::json_text(line, text);
                line.push(b'"');
            }
            None => line.extend_from_slice(b"null"),
        }
    }
    line.extend_from_slice(b"{\"conversation\":");
    push::number(line, row.id as u64);
    line.extend_from_slice(b",\"message\":");
    push::number(line, row.number as u64 + 1);
    line.extend_from_slice(b",\"time\":\"");
    push_time(line, row);
    line.extend_from_slice(b"\",\"url\":");
    quoted(line, row.url);
    line.extend_from_slice(b",\"from\":\"");
    line.extend_from_slice(row.message.side.id().as_bytes());
    line.extend_from_slice(b"\",\"type\":\"");
    line.extend_from_slice(row.message.kind.id().as_bytes());
    line.extend_from_slice(b"\",\"length\":");
    push::number(line, row.message.length);
    line.extend_from_slice(b",\"wire_length\":");
    push::number(line, row.wire_length);
    line.extend_from_slice(b",\"compressed\":");
    push_bool(line, row.message.compressed);
    line.extend_from_slice(b",\"text\":");
    quoted(line, row.text);
    line.extend_from_slice(b",\"base64\":");
    quoted(line, row.binary.map(|bytes| STANDARD.encode(bytes)).as_deref());
    line.extend_from_slice(b",\"code\":");
    match row.close {
        Some((code, _)) => push::number(line, code.into()),
        None => line.extend_from_slice(b"null"),
    }
    line.extend_from_slice(b",\"reason\":");
    quoted(line, row.close.as_ref().map(|(_, reason)| reason.as_str()));
    line.extend_from_slice(b",\"items\":[");
    push_items(line, row, b',');
    line.push(b']');
    if let Some(error) = &row.error {
        line.extend_from_slice(b",\"error\":");
        quoted(line, Some(error));
    }
    line.extend_from_slice(b"}\n");
}

fn push_csv_row(line: &mut Vec<u8>, row: &Row<'_>) {
    push::number(line, row.id as u64);
    line.push(b',');
    push::number(line, row.number as u64 + 1);
    line.push(b',');
    push_time(line, row);
    line.push(b',');
    push::csv_text(line, row.url.unwrap_or_default());
    line.push(b',');
    line.extend_from_slice(row.message.side.id().as_bytes());
    line.push(b',');
    line.extend_from_slice(row.message.kind.id().as_bytes());
    line.push(b',');
    push::number(line, row.message.length);
    line.push(b',');
    push::number(line, row.wire_length);
    line.push(b',');
    push_bool(line, row.message.compressed);
    line.push(b',');
    if row.whole {
        push::csv_text(line, row.text.unwrap_or_default());
    }
    line.push(b',');
    if let Some(bytes) = row.binary.filter(|_| row.whole) {
        push::csv_text(line, &STANDARD.encode(bytes));
    }
    line.push(b',');
    if let Some((code, _)) = row.close {
        push::number(line, code.into());
    }
    line.push(b',');
    push::csv_text(line, row.close.as_ref().map_or("", |(_, reason)| reason));
    line.push(b',');
    push_items(line, row, b' ');
    line.push(b'\n');
}

fn push_time(line: &mut Vec<u8>, row: &Row<'_>) {
    if let Some(item) = row.talk.items.get(row.message.last as usize) {
        push::seconds(line, row.talk.time_of(item), row.talk.digits);
    }
}

fn push_bool(line: &mut Vec<u8>, value: bool) {
    line.extend_from_slice(if value { b"true" } else { b"false" });
}

/// The numbers of the items that the message is made of, counted from 1.
fn push_items(line: &mut Vec<u8>, row: &Row<'_>, between: u8) {
    for (at, (number, _)) in frames_of(row.talk, row.message).enumerate() {
        if at > 0 {
            line.push(between);
        }
        push::number(line, number as u64 + 1);
    }
}
