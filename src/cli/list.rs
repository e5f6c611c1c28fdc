//! `framescope list`: the conversations of captures, a row each.

use std::io::Write;
use std::path::Path;

use super::Failure;
use super::args::Detail;
use super::list_args::{ListArgs, ListFormat};
use super::output;
use super::source::{self, Round, Source};
use super::stop::Stop;
use crate::analysis::filter::Chosen;
use crate::analysis::overview::Overview;
use crate::analysis::statistics::ConversationStatistics;
use crate::capture;
use crate::export::{list, text};
use crate::trace::Trace;
use crate::view::outcome;
use crate::words::Words;

/// Packets between two rounds of counting.
const ROUND: usize = 512;

/// A round looks at each conversation. So of many, it has at least one packet for so many of them.
const TALKS_A_PACKET: usize = 8;

pub(super) fn run(args: &ListArgs, words: Words) -> Result<(), Failure> {
    let stop = Stop::listen(words)?;
    let clock = args.select.time.clock(words)?;
    let options = text::Options { clock, ..output::text_options(Detail::default(), words) };
    let mut out = output::stdout();
    if args.format == ListFormat::Csv {
        out.write_all(list::HEADER.as_bytes())?;
    }
    source::each(&args.files, &mut out, (&stop, words), |out, file, is_first| {
        write(out, file, is_first, args, &options, &stop)
    })
}

fn write(
    out: &mut impl Write,
    file: &Path,
    is_first: bool,
    args: &ListArgs,
    options: &text::Options,
    stop: &Stop,
) -> Result<(), Failure> {
    let words = options.words;
    let capture_options = capture::Options { decode_as: args.decode_as.clone() };
    let mut source = Source::open(file, &capture_options, false, stop, words)?;
    let (mut counted, damage) = count(&mut source, args, words);
    let trace = source.loader.trace();
    let about = source.about();
    counted.resize_with(trace.conversations().len(), Counted::default);
    let rows = counted.iter().zip(trace.conversations()).enumerate();
    let rows = rows.filter(|(_, (counted, _))| args.select.filter.is_empty() || counted.wanted);
    let mut rows: Vec<Overview> =
        rows.map(|(index, (counted, talk))| Overview::of(index, talk, &counted.statistics)).collect();
    rows.sort_by(|left, right| left.compare(right, args.sort));
    if args.reverse {
        rows.reverse();
    }
    match args.format {
        ListFormat::Json => list::write_document(out, &about, &trace.findings, &rows, words)?,
        ListFormat::Csv => {
            let mut lines = Vec::new();
            for row in &rows {
                list::push_csv(&mut lines, &about.file, row);
            }
            out.write_all(&lines)?;
        }
        ListFormat::Text => {
            if !is_first {
                writeln!(out)?;
            }
            text::write_file(out, &about, &trace.findings, options)?;
            if !rows.is_empty() {
                let outcome = |row: &Overview| {
                    let talk = trace.conversation(row.number - 1);
                    talk.map(|talk| outcome::told(words, talk, false)).unwrap_or_default()
                };
                list::write_table(out, &rows, &outcome, options)?;
            }
            write_count(out, rows.len(), trace, words)?;
        }
    }
    damage
}

/// Says how many conversations are shown, where these are not all, or none.
fn write_count(out: &mut impl Write, rows: usize, trace: &Trace, words: Words) -> Result<(), Failure> {
    let all = trace.conversations().len();
    if all == 0 {
        writeln!(out, "{}", words.text("talk-none"))?;
    } else if rows < all {
        let values = [
            ("shown", rows.to_string().into()),
            ("conversations", words.count("count-conversations", all as u64).into()),
        ];
        writeln!(out, "{}", words.with("list-shown", &values))?;
    }
    Ok(())
}

/// What was counted of a conversation.
#[derive(Default)]
struct Counted {
    statistics: ConversationStatistics,
    chosen: Chosen,
    /// Whether the filter wants something of it.
    wanted: bool,
    /// How many items and messages there were.
    seen: (usize, usize),
}

/// Reads the capture, counts what comes and forgets it. What was read before damage counts.
fn count(source: &mut Source, args: &ListArgs, words: Words) -> (Vec<Counted>, Result<(), Failure>) {
    let bar = output::progress(&source.loader, words);
    let filter = &args.select.filter;
    let mut counted: Vec<Counted> = Vec::new();
    let mut seen = 0;
    let damage = loop {
        let step = source.step(ROUND.max(counted.len() / TALKS_A_PACKET), words);
        let packets = source.loader.summary().packets;
        if matches!(step, Ok(Round::More)) && packets - seen < (counted.len() / TALKS_A_PACKET) as u64 {
            continue;
        }
        seen = packets;
        let trace = source.loader.trace_mut();
        counted.resize_with(trace.conversations().len(), Counted::default);
        for (index, counted) in counted.iter_mut().enumerate() {
            let Some(talk) = trace.conversation(index) else { continue };
            let now = (talk.items.len(), talk.messages.len());
            if now == counted.seen {
                continue;
            }
            counted.statistics.advance(talk, &trace.store);
            if !filter.is_empty() && !counted.wanted {
                let mut new = counted.seen.0..now.0;
                counted.wanted = new.any(|number| counted.chosen.item(filter, talk, &trace.store, number));
            }
            counted.seen = now;
            trace.forget_before(index, now.0, now.1);
        }
        source.loader.forget_unneeded();
        match step {
            Ok(Round::More | Round::Nothing) => bar.set_position(source.loader.progress().0),
            Ok(Round::Done) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    bar.finish_and_clear();
    (counted, damage)
}
