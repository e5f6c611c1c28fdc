//! `framescope dissect`: captures, taken apart.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::args::{DissectArgs, Format};
use super::output;
use crate::capture::{self, Loader, Status};
use crate::export::{csv, json, text};
use crate::trace::Trace;
use crate::words::Words;

/// Packets between two looks at the progress.
const STEP: usize = 16 * 1024;

/// Packets between two rounds of printing: so few that what is printed was just read, and is still near the processor.
const ROUND: usize = 512;

/// Files smaller than this are read before anybody could look at a progress bar.
const WORTH_A_BAR: u64 = 64 << 20;

pub(super) fn run(args: &DissectArgs, words: Words) -> Result<(), Failure> {
    match args.format {
        Format::Text => dissect_all(&mut output::stdout(), args, words),
        Format::Json | Format::Jsonl | Format::Csv => dissect_all(&mut output::plain_stdout(), args, words),
    }
}

fn dissect_all(out: &mut impl Write, args: &DissectArgs, words: Words) -> Result<(), Failure> {
    let mut failed = false;
    for (index, file) in args.files.iter().enumerate() {
        if let Err(failure) = dissect(out, file, index == 0, args, words) {
            if let Failure::Output(_) = failure {
                return Err(failure);
            }
            out.flush()?;
            anstream::eprintln!("framescope: {}", failure.told(words));
            failed = true;
        }
    }
    out.flush()?;
    if failed { Err(Failure::Silent) } else { Ok(()) }
}

fn dissect(
    out: &mut impl Write,
    file: &Path,
    is_first: bool,
    args: &DissectArgs,
    words: Words,
) -> Result<(), Failure> {
    let options = capture::Options { decode_as: args.decode_as.clone() };
    let mut loader = if file.as_os_str() == "-" {
        capture::from_reader(io::stdin(), "-", &options)
    } else {
        capture::open(file, &options).map_err(|error| Failure::of(&error, words))?
    };
    match args.format {
        Format::Jsonl => by_the_line(out, &mut loader, file, &mut JsonLines::new(args, words), words),
        Format::Csv => {
            if is_first {
                out.write_all(csv::HEADER.as_bytes())?;
            }
            let mut rows = CsvRows { only: args.conversation, rows: Vec::new() };
            by_the_line(out, &mut loader, file, &mut rows, words)
        }
        Format::Json | Format::Text => {
            let damage = read_all(&mut loader, words);
            check_conversation(loader.trace(), args, words)?;
            let about = about(&loader, file);
            if args.format == Format::Json {
                let options = output::json_options(args.detail, args.conversation, words);
                json::write_document(out, &about, loader.trace(), options)?;
            } else {
                let options = output::text_options(args.detail, words);
                let options = text::Options { conversation: args.conversation, ..options };
                text::write_trace(out, &about, loader.trace(), &options)?;
            }
            damage
        }
    }
}

fn about(loader: &Loader, file: &Path) -> json::About {
    let summary = loader.summary();
    json::About {
        file: output::file_name(file),
        packets: summary.packets,
        link_types: summary.link_types.clone(),
    }
}

fn check_conversation(trace: &Trace, args: &DissectArgs, words: Words) -> Result<(), Failure> {
    match args.conversation {
        Some(wanted) if wanted == 0 || wanted > trace.conversations().len() => {
            let values: [(&str, &str); 2] =
                [("number", &wanted.to_string()), ("count", &trace.conversations().len().to_string())];
            Err(Failure::with(words, "cli-no-conversation", &values))
        }
        _ => Ok(()),
    }
}

/// Reads the whole capture, with a bar on a terminal where it takes long. What was read before damage stays.
fn read_all(loader: &mut Loader, words: Words) -> Result<(), Failure> {
    let bar = progress(loader, words);
    let result = loop {
        match loader.step(STEP) {
            Ok(Status::More) => bar.set_position(loader.progress().0),
            Ok(Status::Done) => break Ok(()),
            Err(error) => break Err(Failure::of(&error, words)),
        }
    };
    bar.finish_and_clear();
    result
}

fn progress(loader: &Loader, words: Words) -> ProgressBar {
    match loader.progress() {
        (_, Some(total)) if total >= WORTH_A_BAR && io::stderr().is_terminal() => {
            let bar = ProgressBar::new(total);
            let values = [
                ("bytes", "{bytes}".into()),
                ("total", "{total_bytes}".into()),
                ("speed", "{bytes_per_sec}".into()),
                ("left", "{eta}".into()),
            ];
            let template = format!("{{bar:40}} {}", words.with("cli-progress", &values));
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        }
        _ => ProgressBar::hidden(),
    }
}

/// What is printed while a capture is read.
trait Lines {
    /// Prints what is new in a conversation: items from `item` on, messages from `message` on.
    fn conversation(
        &mut self,
        out: &mut dyn Write,
        trace: &Trace,
        index: usize,
        item: usize,
        message: usize,
    ) -> io::Result<()>;
    /// Prints what is known at the end.
    fn end(&mut self, out: &mut dyn Write, loader: &Loader, file: &Path) -> io::Result<()>;
}

/// Reads a capture and prints items as they become complete, forgetting what was printed.
fn by_the_line(
    out: &mut impl Write,
    loader: &mut Loader,
    file: &Path,
    lines: &mut impl Lines,
    words: Words,
) -> Result<(), Failure> {
    let bar = progress(loader, words);
    let mut printed: Vec<(usize, usize)> = Vec::new();
    let damage = loop {
        let step = loader.step(ROUND);
        let trace = loader.trace_mut();
        printed.resize(trace.conversations().len(), (0, 0));
        for (index, done) in printed.iter_mut().enumerate() {
            let now = trace.conversation(index).map_or(*done, |talk| (talk.items.len(), talk.messages.len()));
            if now == *done {
                continue;
            }
            lines.conversation(out, trace, index, done.0, done.1)?;
            *done = now;
            trace.forget_before(index, now.0, now.1);
        }
        loader.forget_unneeded();
        match step {
            Ok(Status::More) => {
                out.flush()?;
                bar.set_position(loader.progress().0);
            }
            Ok(Status::Done) => break Ok(()),
            Err(error) => break Err(Failure::of(&error, words)),
        }
    };
    bar.finish_and_clear();
    lines.end(out, loader, file)?;
    damage
}

/// One JSON object an item and a message.
struct JsonLines {
    options: json::Options,
    readings: Vec<json::Reading>,
}

impl JsonLines {
    fn new(args: &DissectArgs, words: Words) -> Self {
        let options = output::json_options(args.detail, args.conversation, words);
        Self { options, readings: Vec::new() }
    }
}

impl Lines for JsonLines {
    fn conversation(
        &mut self,
        out: &mut dyn Write,
        trace: &Trace,
        index: usize,
        item: usize,
        message: usize,
    ) -> io::Result<()> {
        if self.options.conversation.is_some_and(|only| only != index + 1) {
            return Ok(());
        }
        if self.readings.len() <= index {
            self.readings.resize_with(index + 1, json::Reading::default);
        }
        let (Some(talk), Some(reading)) = (trace.conversation(index), self.readings.get(index)) else {
            return Ok(());
        };
        let mut message = message;
        for number in item..talk.items.len() {
            json::write_item_line(out, index + 1, talk, &trace.store, number, reading, self.options)?;
            // A message follows the item that completes it.
            while talk.messages.get(message).is_some_and(|next| next.last as usize <= number) {
                json::write_message_line(out, index + 1, talk, &trace.store, message, reading, self.options)?;
                message += 1;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, loader: &Loader, file: &Path) -> io::Result<()> {
        for (index, talk) in loader.trace().conversations().iter().enumerate() {
            if self.options.conversation.is_none_or(|only| only == index + 1) {
                json::write_about_line(out, index + 1, talk, self.options.words)?;
            }
        }
        json::write_file_line(out, &about(loader, file), &loader.trace().findings, self.options.words)
    }
}

/// One row an item.
struct CsvRows {
    only: Option<usize>,
    rows: Vec<u8>,
}

impl Lines for CsvRows {
    fn conversation(
        &mut self,
        out: &mut dyn Write,
        trace: &Trace,
        index: usize,
        item: usize,
        _: usize,
    ) -> io::Result<()> {
        let Some(talk) = trace.conversation(index) else { return Ok(()) };
        if self.only.is_some_and(|only| only != index + 1) {
            return Ok(());
        }
        self.rows.clear();
        for number in item..talk.items.len() {
            csv::push_row(&mut self.rows, index + 1, talk, &trace.store, number);
        }
        out.write_all(&self.rows)
    }

    fn end(&mut self, _: &mut dyn Write, _: &Loader, _: &Path) -> io::Result<()> {
        Ok(())
    }
}
