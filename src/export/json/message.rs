//! A message as an object of JSON.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::writer::Writer;
use super::{Options, Reading};
use crate::trace::{self, Conversation, MessageKind, Store, close_body};

/// Writes message `number`, counted from 0; `null` where there is no such message.
pub(super) fn write(
    writer: &mut Writer<'_>,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
    options: Options,
) -> io::Result<()> {
    let Some(message) = talk.messages.get(number) else {
        writer.null();
        return Ok(());
    };
    let is_text = message.kind == MessageKind::Text && !message.coded;
    let Reading { messages, payload, .. } = reading;
    let mut digest = Sha256::new();
    payload.clear();
    let read = messages.read(talk, store, number, &mut |bytes| {
        digest.update(bytes);
        if is_text || options.payloads {
            payload.extend_from_slice(bytes);
        }
    });
    writer.begin_object();
    writer.key(b",\"n\":");
    writer.number(number as u64 + 1);
    writer.key(b",\"from\":");
    writer.id(message.side.id());
    writer.key(b",\"time\":");
    match talk.items.get(message.last as usize) {
        Some(item) => writer.time(talk.time_of(item), talk.digits),
        None => writer.null(),
    }
    writer.key(b",\"type\":");
    writer.id(message.kind.id());
    writer.key(b",\"length\":");
    writer.number(message.length);
    writer.key(b",\"sha256\":");
    match read {
        Ok(()) => {
            writer.hex(&digest.finalize());
            // The text is there, though a rule is broken in how it came.
            if let Some(noticed) = messages.noticed() {
                writer.key(b",\"error\":");
                writer.text(&noticed.to_string());
            }
        }
        Err(error) => {
            writer.null();
            writer.key(b",\"error\":");
            writer.text(&error.to_string());
        }
    }
    if is_text {
        writer.key(b",\"text\":");
        match simdutf8::basic::from_utf8(payload) {
            Ok(text) => writer.text(text),
            Err(_) => writer.text(&String::from_utf8_lossy(payload)),
        }
    }
    if options.payloads {
        writer.key(b",\"base64\":");
        writer.id(&STANDARD.encode(&*payload));
    }
    if message.kind == MessageKind::Close {
        let body = close_body(talk, store, message);
        writer.key(b",\"code\":");
        match &body {
            Some((code, _)) => writer.number(u64::from(*code)),
            None => writer.null(),
        }
        writer.key(b",\"reason\":");
        writer.text(body.as_ref().map_or("", |(_, reason)| reason));
    }
    writer.key(b",\"items\":");
    writer.begin_array();
    for (number, _) in trace::frames_of(talk, message) {
        writer.element();
        writer.number(number as u64 + 1);
    }
    writer.end_array();
    writer.key(b",\"compressed\":");
    writer.bool(message.compressed);
    if let Some(name) = talk.foreign.as_ref().filter(|_| message.coded) {
        writer.key(b",\"coded_by\":");
        writer.text(name);
    }
    if options.fields {
        let root = trace::message_fields(talk, store, number, &mut reading.fields);
        let fields = root.map(|root| root.children).unwrap_or_default();
        writer.key(b",\"fields\":");
        writer.value(&options.words.fields(&fields))?;
    }
    writer.end_object();
    // One large message does not stay in memory with every conversation.
    if reading.payload.capacity() > KEPT {
        reading.payload = Vec::new();
    }
    Ok(())
}

/// So many bytes are kept to be filled again.
const KEPT: usize = 1 << 20;
