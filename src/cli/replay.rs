//! `framescope replay`: the client's side of a recording, sent again.

use std::io::Write;

use serde_json::{Value, json};

use super::Failure;
use super::args::{DecodeFormat, ReplayArgs};
use super::output;
use crate::analysis::compare::Compared;
use crate::capture;
use crate::live::{ReplayConfig, Report, replay};
use crate::trace::{Conversation, Trace};

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let mut loader = capture::open(&args.file, &capture::Options::default()).map_err(Failure::said)?;
    loader.read_all().map_err(Failure::said)?;
    let trace = loader.into_trace();
    let Some(index) = args.conversation.checked_sub(1).filter(|index| *index < trace.conversations.len())
    else {
        return Err(Failure::said(format!(
            "there is no conversation {}: {} has {}, counted from 1",
            args.conversation,
            args.file.display(),
            trace.conversations.len()
        )));
    };
    let config = ReplayConfig { speed: args.speed, wait: args.wait, ..ReplayConfig::new(args.to.clone()) };
    let report = output::runtime()?.block_on(replay(&trace, index, &config)).map_err(Failure::said)?;
    let mut out = output::stdout();
    match args.format {
        DecodeFormat::Text => write_text(&mut out, &trace, index, &report)?,
        DecodeFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &as_json(args, &trace, index, &report))
                .map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// What an item is, in a few words.
fn name(talk: Option<&Conversation>, number: Option<usize>) -> String {
    let item = talk.zip(number).and_then(|(talk, number)| talk.items.get(number));
    item.map_or("nothing".to_owned(), |item| format!("{} of {} bytes", item.kind.id(), item.length))
}

fn write_text(out: &mut dyn Write, trace: &Trace, index: usize, report: &Report) -> std::io::Result<()> {
    let recorded = trace.conversations.get(index);
    let answered = report.trace.conversations.first();
    writeln!(out, "sent {} bytes of the client", report.sent)?;
    if report.unsent > 0 {
        writeln!(out, "{} bytes were not sent: the server ended the connection", report.unsent)?;
    }
    if report.waited_in_vain > 0 {
        writeln!(out, "{} answers were waited for in vain", report.waited_in_vain)?;
    }
    for compared in &report.items {
        let was = compared.recorded.map_or("-".to_owned(), |number| (number + 1).to_string());
        let is = compared.answered.map_or("-".to_owned(), |number| (number + 1).to_string());
        let verdict = if compared.is_same() { "same" } else { "differs" };
        writeln!(out, "  item {was:>4} → {is:>4}  {verdict:<8} {}", name(recorded, compared.recorded))?;
        if compared.recorded.is_none() || compared.answered.is_none() {
            writeln!(
                out,
                "         recorded: {}; now: {}",
                name(recorded, compared.recorded),
                name(answered, compared.answered)
            )?;
        }
        for difference in &compared.differences {
            writeln!(
                out,
                "         {}: {:?} was recorded, now {:?}",
                difference.what, difference.recorded, difference.answered
            )?;
        }
    }
    let different = report.items.iter().filter(|compared| !compared.is_same()).count();
    match different {
        0 if report.unsent == 0 => {
            writeln!(out, "the server answered as it did: {} items", report.items.len())
        }
        _ => writeln!(out, "{different} of {} answers differ", report.items.len()),
    }
}

fn as_json(args: &ReplayArgs, trace: &Trace, index: usize, report: &Report) -> Value {
    let one = |number: Option<usize>| number.map(|number| number + 1);
    let kind = |talk: Option<&Conversation>, number: Option<usize>| {
        talk.zip(number).and_then(|(talk, number)| talk.items.get(number)).map(|item| item.kind.id())
    };
    let item = |compared: &Compared| {
        let differences: Vec<Value> = compared
            .differences
            .iter()
            .map(|difference| json!({ "what": difference.what, "recorded": difference.recorded, "answered": difference.answered }))
            .collect();
        json!({
            "recorded": one(compared.recorded),
            "answered": one(compared.answered),
            "kind": kind(trace.conversations.get(index), compared.recorded)
                .or_else(|| kind(report.trace.conversations.first(), compared.answered)),
            "same": compared.is_same(),
            "differences": differences,
        })
    };
    json!({
        "schema": "framescope.replay/1",
        "file": output::file_name(&args.file),
        "conversation": args.conversation,
        "to": args.to,
        "sent": report.sent,
        "unsent": report.unsent,
        "same": report.is_same(),
        "items": report.items.iter().map(item).collect::<Vec<_>>(),
    })
}
