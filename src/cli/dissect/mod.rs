//! `framescope dissect`: captures, taken apart.

mod lines;

use std::io::Write;
use std::path::Path;

use super::Failure;
use super::args::{DissectArgs, Format};
use super::output;
use super::source::{self, Round, Source};
use super::stop::Stop;
use crate::capture;
use crate::export::{csv, json, messages, text};
use crate::trace::Trace;
use crate::words::Words;
use lines::{CsvRows, JsonLines, Lines, MessageRows, TextLines, by_the_line};

/// Packets between two looks at the progress.
const STEP: usize = 16 * 1024;

pub(super) fn run(args: &DissectArgs, words: Words) -> Result<(), Failure> {
    if args.follow && args.files.len() > 1 {
        return Err(Failure::with(words, "dissect-follow-one", &[]));
    }
    let stop = Stop::listen(words)?;
    let mut out = output::stdout();
    source::each(&args.files, &mut out, (&stop, words), |out, file, is_first| {
        dissect(out, file, is_first, args, &stop, words)
    })
}

fn dissect(
    out: &mut impl Write,
    file: &Path,
    is_first: bool,
    args: &DissectArgs,
    stop: &Stop,
    words: Words,
) -> Result<(), Failure> {
    let options = capture::Options { decode_as: args.decode_as.clone() };
    let mut source = Source::open(file, &options, args.follow, stop, words)?;
    read_and_print(out, &mut source, is_first, args, (stop, words))?;
    // What is printed of a file that was cut meanwhile are zeros.
    source.still_whole(file, words)
}

fn read_and_print(
    out: &mut impl Write,
    source: &mut Source,
    is_first: bool,
    args: &DissectArgs,
    (stop, words): (&Stop, Words),
) -> Result<(), Failure> {
    match args.format {
        Format::Jsonl => lines(out, source, &mut JsonLines::new(args, words), args, words),
        Format::Csv => {
            if is_first {
                out.write_all(csv::HEADER.as_bytes())?;
            }
            lines(out, source, &mut CsvRows::new(args), args, words)
        }
        Format::MessagesJsonl => lines(out, source, &mut MessageRows::json(args), args, words),
        Format::MessagesCsv => {
            if is_first {
                out.write_all(messages::HEADER.as_bytes())?;
            }
            lines(out, source, &mut MessageRows::csv(args), args, words)
        }
        Format::Text if source.grows => lines(out, source, &mut TextLines::new(args, words)?, args, words),
        Format::Json | Format::Text => {
            let damage = read_all(source, words);
            let trace = source.loader.trace();
            check_conversation(trace, args, words)?;
            let about = source.about();
            let filter = &args.select.filter;
            if args.format == Format::Json {
                let options = output::json_options(args.detail, args.conversation, words);
                let options = json::Options { payloads: args.payloads, ..options };
                json::write_wanted(out, &about, trace, options, filter)?;
            } else {
                // Who asked for the end while it was read has what was read; who asks while it is written, enough.
                let asked = stop.asked();
                let options = text_options(args, words)?;
                text::write_wanted(out, &about, trace, &options, filter, &|| !asked && stop.asked())?;
            }
            damage
        }
    }
}

/// How text is to look.
fn text_options(args: &DissectArgs, words: Words) -> Result<text::Options, Failure> {
    let clock = args.select.time.clock(words)?;
    let options = output::text_options(args.detail, words);
    Ok(text::Options { conversation: args.conversation, clock, ..options })
}

/// Prints what was found line by line; that there is no such conversation is known at the end.
fn lines(
    out: &mut impl Write,
    source: &mut Source,
    lines: &mut impl Lines,
    args: &DissectArgs,
    words: Words,
) -> Result<(), Failure> {
    by_the_line(out, source, lines, words)?;
    check_conversation(source.loader.trace(), args, words)
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
fn read_all(source: &mut Source, words: Words) -> Result<(), Failure> {
    let bar = output::progress(&source.loader, words);
    let result = loop {
        match source.step(STEP, words) {
            Ok(Round::More | Round::Nothing) => bar.set_position(source.loader.progress().0),
            Ok(Round::Done) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    bar.finish_and_clear();
    result
}
