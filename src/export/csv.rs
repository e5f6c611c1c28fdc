//! Items as CSV (RFC 4180), one row an item.
//!
//! No value holds a comma, a quote or a line end, so nothing is quoted. Rows are put together in one reused buffer
//! with nothing allocated for a row: a capture has a million of them.

use std::io::{self, Write};

use super::push;
use crate::trace::{Conversation, FrameFacts, Store, Trace};

/// The first line, with its line end.
pub const HEADER: &str =
    "conversation,item,from,time,kind,opcode,fin,masked,length,payload_length,findings\n";

/// Rows are handed on when there are this many bytes of them.
const BUFFER: usize = 64 * 1024;

/// Writes the header and a row for each item of each conversation, or of the one with this number, counted from 1.
pub fn write_trace(out: &mut dyn Write, trace: &Trace, conversation: Option<usize>) -> io::Result<()> {
    let mut rows = Vec::with_capacity(BUFFER + 1024);
    rows.extend_from_slice(HEADER.as_bytes());
    for (index, talk) in trace.conversations().iter().enumerate() {
        let id = index + 1;
        if conversation.is_some_and(|wanted| wanted != id) {
            continue;
        }
        for (number, _) in talk.items.iter() {
            push_row(&mut rows, id, talk, &trace.store, number);
            if rows.len() >= BUFFER {
                out.write_all(&rows)?;
                rows.clear();
            }
        }
    }
    out.write_all(&rows)
}

/// Appends the row of item `number`, counted from 0, with its line end, to `row`. `id` is the conversation's number,
/// counted from 1. Nothing is appended where there is no such item.
pub fn push_row(row: &mut Vec<u8>, id: usize, talk: &Conversation, store: &Store, number: usize) {
    let Some(item) = talk.items.get(number) else { return };
    push::number(row, id as u64);
    row.push(b',');
    push::number(row, number as u64 + 1);
    row.push(b',');
    row.extend_from_slice(item.side.id().as_bytes());
    row.push(b',');
    push::seconds(row, talk.time_of(item), talk.digits);
    row.push(b',');
    row.extend_from_slice(item.kind.id().as_bytes());
    row.push(b',');
    let facts = FrameFacts::of(talk, store, item);
    if let Some(facts) = &facts {
        row.extend_from_slice(facts.opcode.as_bytes());
    }
    row.push(b',');
    let header = facts.and_then(|facts| facts.hybi);
    if let Some(header) = header {
        row.extend_from_slice(if header.fin { b"true" } else { b"false" });
    }
    row.push(b',');
    if let Some(header) = header {
        row.extend_from_slice(if header.mask.is_some() { b"true" } else { b"false" });
    }
    row.push(b',');
    push::number(row, item.length);
    row.push(b',');
    if let Some(length) = facts.and_then(|facts| facts.payload_length) {
        push::number(row, length);
    }
    row.push(b',');
    for (at, finding) in talk.findings_of(number).enumerate() {
        if at > 0 {
            row.push(b' ');
        }
        row.extend_from_slice(finding.rule.id().as_bytes());
    }
    row.push(b'\n');
}
