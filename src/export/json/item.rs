//! An item as an object of JSON.

use std::io;
use std::ops::Range;

use super::writer::Writer;
use super::{Options, Reading, Said};
use crate::model::derive::Derivation;
use crate::model::field::Field;
use crate::trace::{self, Chunk, Conversation, FrameFacts, Item, ItemKind, Layer, Store};

/// Writes item `number`, counted from 0; `null` where there is no such item.
pub(super) fn write(
    writer: &mut Writer<'_>,
    talk: &Conversation,
    store: &Store,
    number: usize,
    reading: &mut Reading,
    options: Options,
) -> io::Result<()> {
    let Some(item) = talk.items.get(number) else {
        writer.null();
        return Ok(());
    };
    writer.begin_object();
    writer.key(b",\"n\":");
    writer.number(number as u64 + 1);
    writer.key(b",\"from\":");
    writer.id(item.side.id());
    writer.key(b",\"time\":");
    writer.time(talk.time_of(item), talk.digits);
    writer.key(b",\"kind\":");
    writer.id(item.kind.id());
    writer.key(b",\"offset\":");
    writer.number(item.offset);
    writer.key(b",\"length\":");
    writer.number(item.length);
    writer.key(b",\"packets\":");
    packets(writer, talk, item);
    if let Some(from) = inflated_from(talk, item) {
        writer.key(b",\"inflated_from\":");
        writer.begin_array();
        for offset in [from.start, from.end] {
            writer.element();
            writer.number(offset);
        }
        writer.end_array();
    }
    if !item.complete {
        writer.key(b",\"complete\":");
        writer.bool(false);
    }
    if let Some(facts) = FrameFacts::of(talk, store, item) {
        writer.key(b",\"frame\":");
        frame(writer, &facts, item);
    }
    writer.key(b",\"findings\":");
    writer.begin_array();
    for finding in talk.findings_of(number) {
        writer.element();
        writer.value(&Said(finding, options.words))?;
    }
    writer.end_array();
    if options.fields {
        let fields: Vec<Field> = match trace::fields(talk, store, number) {
            Some(root) if !root.children.is_empty() => root.children,
            root => root.into_iter().collect(),
        };
        writer.key(b",\"fields\":");
        writer.value(&options.words.fields(&fields))?;
    }
    if options.derivations {
        let derivations: Vec<Derivation> =
            trace::derivations_in_order(talk, store, number, &mut reading.derivations);
        let told: Vec<_> = derivations.iter().map(|one| options.words.told(one)).collect();
        writer.key(b",\"derivations\":");
        writer.value(&told)?;
    }
    writer.end_object();
    Ok(())
}

/// Of an item of an inflated stream: the compressed bytes that hold it, as offsets in the stream of its carrier.
fn inflated_from(talk: &Conversation, item: &Item) -> Option<Range<u64>> {
    let carrier = talk.carrier.as_ref().filter(|_| talk.layer == Layer::DeflateStream)?;
    carrier.bytes_of(item.side, item.range())
}

/// The packets that hold bytes of it, each once where it follows itself.
fn packets(writer: &mut Writer<'_>, talk: &Conversation, item: &Item) {
    let write = |writer: &mut Writer<'_>, packet: u32| {
        if packet != 0 {
            writer.element();
            writer.number(packet.into());
        }
    };
    writer.begin_array();
    let stream = talk.stream(item.side);
    // Most items stand in one chunk, the one that holds their last byte: no search is needed.
    match stream.chunks().get(item.chunk as usize) {
        Some(chunk)
            if chunk.offset() <= item.offset && item.range().end <= chunk.end() && item.length > 0 =>
        {
            write(writer, chunk.packet());
        }
        _ => {
            let mut last = None;
            for packet in stream.chunks_in(item.range()).map(Chunk::packet) {
                if last.replace(packet) != Some(packet) {
                    write(writer, packet);
                }
            }
        }
    }
    writer.end_array();
}

/// The header of a frame. Every frame has every key: what the recording does not hold, or what an unmasked frame does
/// not have, is null.
fn frame(writer: &mut Writer<'_>, facts: &FrameFacts, item: &Item) {
    writer.begin_object();
    writer.key(b",\"opcode\":");
    writer.id(facts.opcode);
    if item.kind == ItemKind::HybiFrame {
        // These stand in the first byte, which is there even where the rest of the header is cut.
        let bit = |mask: u8| u64::from(item.first_byte & mask != 0);
        writer.key(b",\"fin\":");
        writer.bool(bit(0x80) == 1);
        writer.key(b",\"rsv\":");
        writer.begin_array();
        for mask in [0x40, 0x20, 0x10] {
            writer.element();
            writer.number(bit(mask));
        }
        writer.end_array();
        if facts.hybi.is_some_and(|header| header.rsv4) {
            writer.key(b",\"rsv4\":");
            writer.number(1);
        }
        writer.key(b",\"masked\":");
        match facts.hybi {
            Some(header) => writer.bool(header.mask.is_some()),
            None => writer.null(),
        }
        writer.key(b",\"mask\":");
        match facts.hybi.and_then(|header| header.mask) {
            Some(mask) => writer.hex(&mask),
            None => writer.null(),
        }
    } else {
        writer.key(b",\"type\":");
        writer.number(item.first_byte.into());
    }
    writer.key(b",\"payload_length\":");
    match facts.payload_length {
        Some(length) => writer.number(length),
        None => writer.null(),
    }
    writer.end_object();
}
