//! A conversation, or items of it that belong together, as a file.

use std::io::{self, Write};
use std::ops::Range;
use std::str::FromStr;

use super::{csv, har, json, pcapng};
use crate::said_in_english;
use crate::trace::{Conversation, Item, Store, Timestamp, Trace};
use crate::words::{Said, Words};

/// What a selection can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A capture, its TCP made up as a recorder makes it up.
    Pcapng,
    /// One document, as `framescope dissect --format json` writes it.
    Json,
    /// One row an item.
    Csv,
    /// An HTTP archive with `_webSocketMessages`.
    Har,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pcapng, Self::Json, Self::Csv, Self::Har];

    /// The stable identifier, which is also how names of such files end.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pcapng => "pcapng",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Har => "har",
        }
    }
}

/// A name that is none of [`Format::ALL`].
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownFormat(pub String);

impl std::error::Error for UnknownFormat {}

impl Said for UnknownFormat {
    fn said(&self, words: Words) -> String {
        words.with("failure-export-format", &[("name", self.0.as_str().into())])
    }
}

said_in_english!(UnknownFormat);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.id() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The conversation's index in its trace.
    pub conversation: usize,
    /// The numbers of its items, counted from 0; none for all of it.
    pub items: Option<Range<usize>>,
}

/// Writes a selection of a trace; nothing where there is no such conversation.
///
/// A capture of chosen items begins with the opening handshake, without which they cannot be read, and leaves out what
/// stands between the two; the file says so. Compressed messages may need those before them.
///
/// # Errors
/// If the output fails.
pub fn write(
    out: &mut dyn Write,
    about: &json::About,
    trace: &Trace,
    selection: &Selection,
    format: Format,
    words: Words,
) -> io::Result<()> {
    let Some(talk) = trace.conversation(selection.conversation) else { return Ok(()) };
    let items = selection.items.as_ref().map(|items| (items.start, items.end));
    match format {
        Format::Json => {
            let options = json::Options {
                fields: true,
                derivations: false,
                payloads: false,
                conversation: Some(selection.conversation + 1),
                items,
                words,
            };
            json::write_document(out, about, trace, options)
        }
        Format::Csv => {
            let mut rows = csv::HEADER.as_bytes().to_vec();
            let items = selection.items.clone().unwrap_or(0..talk.items.len());
            for number in items.start..items.end.min(talk.items.len()) {
                csv::push_row(&mut rows, selection.conversation + 1, talk, &trace.store, number);
            }
            out.write_all(&rows)
        }
        Format::Har => har::write(out, &[(talk, &trace.store)], items, words),
        Format::Pcapng => match &selection.items {
            None => {
                // What is carried is recorded with what carries it: packets hold nothing else.
                let outermost = trace.outermost(selection.conversation);
                let talk = trace.conversation(outermost).unwrap_or(talk);
                let mut writer = pcapng::Writer::new(out)?;
                writer.hold_back(BUFFER);
                pcapng::write_conversation(trace, talk, &mut writer)?;
                writer.finish().map(drop)
            }
            Some(items) => {
                let comment = comment(selection.conversation, talk, items, words);
                write_items(out, talk, &trace.store, items, &comment)
            }
        },
    }
}

/// Packets are handed on when there are so many bytes of them.
const BUFFER: usize = 64 * 1024;

/// What the file says about itself.
fn comment(index: usize, talk: &Conversation, items: &Range<usize>, words: Words) -> String {
    let values = [
        ("first", (items.start + 1).to_string().into()),
        ("last", items.end.min(talk.items.len()).to_string().into()),
        ("conversation", (index + 1).to_string().into()),
    ];
    words.with("export-comment", &values)
}

fn write_items(
    out: &mut dyn Write,
    talk: &Conversation,
    store: &Store,
    items: &Range<usize>,
    comment: &str,
) -> io::Result<()> {
    let last = items.end.min(talk.items.len());
    let mut writer = pcapng::Writer::with_comment(out, Some(comment))?;
    writer.hold_back(BUFFER);
    let opening = talk.exchanges.last().filter(|_| talk.protocol.family().is_some());
    let opening = opening.into_iter().flat_map(|&(request, response)| [request as usize, response as usize]);
    let mut numbers: Vec<usize> = opening.filter(|number| *number < items.start).collect();
    numbers.sort_unstable();
    numbers.extend(items.start..last);
    let chosen: Vec<&Item> = numbers.iter().filter_map(|number| talk.items.get(*number)).collect();
    let begin = chosen.first().map_or(Timestamp::default(), |item| talk.time_of(item));
    let id = if talk.begins_inside() {
        writer.open_inside(talk.client, talk.server)?
    } else {
        writer.open(talk.client, talk.server, begin)?
    };
    let mut time = begin;
    for item in chosen {
        for chunk in talk.stream(item.side).chunks_in(item.range()) {
            let from = item.offset.max(chunk.offset());
            let to = item.range().end.min(chunk.end());
            time = time.max(chunk.time());
            if chunk.is_gap() {
                writer.gap(id, item.side, (to - from) as u32, chunk.time())?;
            } else {
                let start = (from - chunk.offset()) as usize;
                let bytes = chunk.bytes(store).get(start..start + (to - from) as usize).unwrap_or_default();
                writer.data(id, item.side, bytes, chunk.time())?;
            }
        }
    }
    if last == talk.items.len() {
        pcapng::write_ends(talk, &mut writer, id, time)?;
    }
    writer.finish().map(drop)
}
