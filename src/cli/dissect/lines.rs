//! What is printed while a capture is read: a line an item, a line a message.

use std::io::{self, Write};
use std::ops::Range;

use crate::analysis::filter::{Chosen, Filter};
use crate::cli::Failure;
use crate::cli::args::DissectArgs;
use crate::cli::output;
use crate::cli::source::{Round, Source};
use crate::export::json::About;
use crate::export::{csv, json, messages, text};
use crate::trace::{Conversation, Held, Trace};
use crate::words::Words;

/// Packets between two rounds of printing: so few that what is printed was just read, and is still near the processor.
const ROUND: usize = 512;

/// A round looks at each conversation. So of many, it has at least one packet for so many of them.
const TALKS_A_PACKET: usize = 8;

/// So much is held back of what comes while it grows, while an item that belongs before it may still come. Of a file
/// all is: its bytes are there anyway.
const HELD: Held = Held { items: 4096, nanos: 1_000_000_000 };

/// What is printed while a capture is read.
pub(super) trait Lines {
    /// Prints what is new.
    fn round(&mut self, out: &mut dyn Write, trace: &Trace, new: &[New]) -> io::Result<()>;
    /// Prints what is known at the end.
    fn end(&mut self, out: &mut dyn Write, trace: &Trace, about: &About) -> io::Result<()>;
}

/// What is new in a conversation.
#[derive(Clone, Debug)]
pub(super) struct New {
    /// Its place in the trace.
    pub(super) index: usize,
    pub(super) items: Range<usize>,
    pub(super) messages: Range<usize>,
}

/// How far a conversation was printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Printed {
    items: usize,
    messages: usize,
    ended: bool,
}

/// Reads a capture and prints items as they become complete, in the order of time, forgetting what was printed.
pub(super) fn by_the_line(
    out: &mut impl Write,
    source: &mut Source,
    lines: &mut impl Lines,
    words: Words,
) -> Result<(), Failure> {
    let bar = output::progress(&source.loader, words);
    let held = if source.grows { HELD } else { Held::ALL };
    let mut printed: Vec<Printed> = Vec::new();
    let (mut new, mut seen) = (Vec::new(), 0);
    let damage = loop {
        let enough = ROUND.max(printed.len() / TALKS_A_PACKET);
        let step = source.step(enough, words);
        // A pipe brings a few packets at a time.
        let packets = source.loader.summary().packets;
        if matches!(step, Ok(Round::More)) && packets - seen < (printed.len() / TALKS_A_PACKET) as u64 {
            continue;
        }
        seen = packets;
        let trace = source.loader.trace_mut();
        printed.resize(trace.conversations().len(), Printed::default());
        new.clear();
        for (index, (done, talk)) in printed.iter_mut().zip(trace.conversations()).enumerate() {
            let ended = talk.ends.iter().all(Option::is_some);
            if talk.items.len() == done.items && ended == done.ended {
                continue;
            }
            let items = trace.settled(index, held).max(done.items);
            let messages = talk.messages.partition_point(|message| (message.last as usize) < items);
            let now = Printed { items, messages, ended };
            if now != *done {
                let (items, messages) = (done.items..now.items, done.messages..now.messages);
                new.push(New { index, items, messages });
                *done = now;
            }
        }
        if !new.is_empty() {
            lines.round(out, trace, &new)?;
            for New { index, items, messages } in &new {
                trace.forget_before(*index, items.end, messages.end);
            }
            source.loader.forget_unneeded();
        }
        match step {
            Ok(Round::More | Round::Nothing) => {
                if source.grows {
                    out.flush()?;
                }
                bar.set_position(source.loader.progress().0);
            }
            Ok(Round::Done) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    bar.finish_and_clear();
    lines.end(out, source.loader.trace(), &source.about())?;
    damage
}

/// Which items and messages are wanted.
struct Wanted {
    only: Option<usize>,
    filter: Filter,
    chosen: Vec<Chosen>,
    /// Whether something of each conversation was.
    some: Vec<bool>,
}

impl Wanted {
    fn new(args: &DissectArgs) -> Self {
        let filter = args.select.filter.clone();
        Self { only: args.conversation, filter, chosen: Vec::new(), some: Vec::new() }
    }

    /// Whether anything can be wanted of the conversation at this place.
    fn conversation(&self, index: usize) -> bool {
        self.only.is_none_or(|only| only == index + 1)
    }

    /// Whether something of it was wanted, or all is.
    fn any_of(&self, index: usize) -> bool {
        self.filter.is_empty() || self.some.get(index) == Some(&true)
    }

    fn item(&mut self, index: usize, talk: &Conversation, trace: &Trace, number: usize) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        if self.chosen.len() <= index {
            self.chosen.resize_with(index + 1, Chosen::default);
            self.some.resize(index + 1, false);
        }
        let Some(chosen) = self.chosen.get_mut(index) else { return false };
        let wanted = chosen.item(&self.filter, talk, &trace.store, number);
        if let Some(some) = self.some.get_mut(index) {
            *some |= wanted;
        }
        wanted
    }

    fn message(&mut self, index: usize, talk: &Conversation, number: usize) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let message = talk.messages.get(number);
        let chosen = self.chosen.get_mut(index);
        chosen.zip(message).is_some_and(|(chosen, message)| chosen.message(&self.filter, talk, message))
    }
}

/// One of each conversation where messages may depend on those before them, and one for all others.
#[derive(Default)]
struct Readings<T> {
    shared: T,
    own: Vec<Option<Box<T>>>,
}

impl<T: Default> Readings<T> {
    fn of(&mut self, index: usize, talk: &Conversation) -> &mut T {
        if talk.deflate.is_none() && talk.extensions.is_empty() {
            return &mut self.shared;
        }
        if self.own.len() <= index {
            self.own.resize_with(index + 1, || None);
        }
        match self.own.get_mut(index) {
            Some(own) => own.get_or_insert_default(),
            None => &mut self.shared,
        }
    }
}

/// What was put together is handed on when there is so much of it, in bytes.
const FULL: usize = 1 << 16;

fn hand_on(out: &mut dyn Write, rows: &mut Vec<u8>) -> io::Result<()> {
    if rows.len() >= FULL {
        out.write_all(rows)?;
        rows.clear();
    }
    Ok(())
}

/// One JSON object an item and a message.
pub(super) struct JsonLines {
    options: json::Options,
    wanted: Wanted,
    readings: Readings<json::Reading>,
    rows: Vec<u8>,
}

impl JsonLines {
    pub(super) fn new(args: &DissectArgs, words: Words) -> Self {
        let options = output::json_options(args.detail, args.conversation, words);
        let options = json::Options { payloads: args.payloads, ..options };
        Self { options, wanted: Wanted::new(args), readings: Readings::default(), rows: Vec::new() }
    }
}

impl Lines for JsonLines {
    fn round(&mut self, out: &mut dyn Write, trace: &Trace, new: &[New]) -> io::Result<()> {
        let Self { options, wanted, readings, rows } = self;
        for New { index, items, messages } in new.iter().cloned() {
            let Some(talk) = trace.conversation(index).filter(|_| wanted.conversation(index)) else {
                continue;
            };
            let reading = readings.of(index, talk);
            let mut message = messages.start;
            for number in items {
                if wanted.item(index, talk, trace, number) {
                    json::push_item_line(rows, index + 1, talk, &trace.store, number, reading, *options)?;
                }
                // A message follows the item that completes it.
                while talk.messages.get(message).is_some_and(|next| next.last as usize <= number) {
                    if wanted.message(index, talk, message) {
                        json::push_message_line(
                            rows,
                            index + 1,
                            talk,
                            &trace.store,
                            message,
                            reading,
                            *options,
                        )?;
                    }
                    message += 1;
                }
                hand_on(out, rows)?;
            }
        }
        out.write_all(rows)?;
        rows.clear();
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, trace: &Trace, about: &About) -> io::Result<()> {
        for (index, talk) in trace.conversations().iter().enumerate() {
            if self.wanted.conversation(index) && self.wanted.any_of(index) {
                json::write_about_line(out, index + 1, talk, self.options.words)?;
            }
        }
        json::write_file_line(out, about, &trace.findings, self.options.words)
    }
}

/// One row an item.
pub(super) struct CsvRows {
    wanted: Wanted,
    rows: Vec<u8>,
}

impl CsvRows {
    pub(super) fn new(args: &DissectArgs) -> Self {
        Self { wanted: Wanted::new(args), rows: Vec::new() }
    }
}

impl Lines for CsvRows {
    fn round(&mut self, out: &mut dyn Write, trace: &Trace, new: &[New]) -> io::Result<()> {
        let Self { wanted, rows } = self;
        for New { index, items, .. } in new.iter().cloned() {
            let Some(talk) = trace.conversation(index).filter(|_| wanted.conversation(index)) else {
                continue;
            };
            for number in items {
                if wanted.item(index, talk, trace, number) {
                    csv::push_row(rows, index + 1, talk, &trace.store, number);
                }
            }
            hand_on(out, rows)?;
        }
        out.write_all(rows)?;
        rows.clear();
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Trace, _: &About) -> io::Result<()> {
        Ok(())
    }
}

/// One row a message.
pub(super) struct MessageRows {
    wanted: Wanted,
    readings: Readings<messages::Reading>,
    push: messages::Push,
    rows: Vec<u8>,
}

impl MessageRows {
    pub(super) fn json(args: &DissectArgs) -> Self {
        Self::new(args, messages::push_json)
    }

    pub(super) fn csv(args: &DissectArgs) -> Self {
        Self::new(args, messages::push_csv)
    }

    fn new(args: &DissectArgs, push: messages::Push) -> Self {
        Self { wanted: Wanted::new(args), readings: Readings::default(), push, rows: Vec::new() }
    }
}

impl Lines for MessageRows {
    fn round(&mut self, out: &mut dyn Write, trace: &Trace, new: &[New]) -> io::Result<()> {
        let Self { wanted, readings, push, rows } = self;
        for New { index, items, messages } in new.iter().cloned() {
            let Some(talk) = trace.conversation(index).filter(|_| wanted.conversation(index)) else {
                continue;
            };
            if !wanted.filter.is_empty() {
                for number in items {
                    wanted.item(index, talk, trace, number);
                }
            }
            let reading = readings.of(index, talk);
            for number in messages {
                if wanted.message(index, talk, number) {
                    push(rows, index + 1, talk, &trace.store, number, reading);
                    hand_on(out, rows)?;
                }
            }
        }
        out.write_all(rows)?;
        rows.clear();
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Trace, _: &About) -> io::Result<()> {
        Ok(())
    }
}

/// Text, the items of all conversations in the order of time.
pub(super) struct TextLines {
    wanted: Wanted,
    live: text::Live,
}

impl TextLines {
    pub(super) fn new(args: &DissectArgs, words: Words) -> Result<Self, Failure> {
        let options = super::text_options(args, words)?;
        Ok(Self { wanted: Wanted::new(args), live: text::Live::new(options) })
    }
}

impl Lines for TextLines {
    fn round(&mut self, out: &mut dyn Write, trace: &Trace, new: &[New]) -> io::Result<()> {
        let Self { wanted, live } = self;
        let mut items: Vec<_> = Vec::new();
        for New { index, items: numbers, .. } in new {
            if let Some(talk) = trace.conversation(*index).filter(|_| wanted.conversation(*index)) {
                let times = numbers.clone().filter_map(|number| {
                    talk.items.get(number).map(|item| (talk.time_of(item), *index, number))
                });
                items.extend(times);
            }
        }
        // Those of a conversation stay in their order: none stands before one that was printed.
        items.sort_by_key(|(time, ..)| *time);
        let mut next: Vec<(usize, Range<usize>)> =
            new.iter().map(|new| (new.index, new.items.clone())).collect();
        for (_, index, _) in items {
            let Ok(at) = next.binary_search_by_key(&index, |(index, _)| *index) else { continue };
            let Some((_, numbers)) = next.get_mut(at) else { continue };
            let (Some(number), Some(talk)) = (numbers.next(), trace.conversation(index)) else { continue };
            let is_wanted = wanted.item(index, talk, trace, number);
            live.item(out, index, talk, &trace.store, number, is_wanted)?;
            if numbers.start >= numbers.end {
                live.ended(out, index, talk)?;
            }
        }
        // It may have ended without another item.
        for New { index, .. } in new {
            if let Some(talk) = trace.conversation(*index).filter(|_| wanted.conversation(*index)) {
                live.ended(out, *index, talk)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, trace: &Trace, about: &About) -> io::Result<()> {
        self.live.end(out, about, trace, !self.wanted.filter.is_empty())
    }
}
