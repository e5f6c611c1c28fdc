//! `framescope replay`: the client's side of a recording, sent again.

use std::io::Write;

use serde_json::{Value, json};

use super::Failure;
use super::args::{CompareBy, DecodeFormat, ReplayArgs};
use super::output;
use super::serve::asked_to_stop;
use crate::analysis::compare::{By, Compared, Terms};
use crate::capture;
use crate::live::{ReplayConfig, Report, replay_until};
use crate::trace::{Conversation, Trace};
use crate::words::{Said, Words};

pub(super) fn run(args: &ReplayArgs, words: Words) -> Result<(), Failure> {
    let mut loader = capture::open(&args.file, &capture::Options::default())
        .map_err(|error| Failure::of(&error, words))?;
    loader.read_all().map_err(|error| Failure::of(&error, words))?;
    let trace = loader.into_trace();
    let Some(index) = args.conversation.checked_sub(1).filter(|index| *index < trace.conversations().len())
    else {
        let (name, count) = (args.file.display().to_string(), trace.conversations().len().to_string());
        let values: [(&str, &str); 3] =
            [("number", &args.conversation.to_string()), ("name", &name), ("count", &count)];
        return Err(Failure::with(words, "cli-no-conversation-of", &values));
    };
    let by = match args.compare {
        CompareBy::Frames => By::Frames,
        CompareBy::Messages => By::Messages,
    };
    let config = ReplayConfig {
        speed: args.speed,
        wait: args.wait,
        headers: args.set_header.clone(),
        fresh_key: args.fresh_key,
        terms: Terms { by, ignore: args.ignore.clone(), ..Terms::default() },
        ..ReplayConfig::new(args.to.clone())
    };
    let report = output::runtime(words)?
        .block_on(replay_until(&trace, index, &config, asked_to_stop()))
        .map_err(|error| Failure::of(&error, words))?;
    let mut out = output::stdout();
    match args.format {
        DecodeFormat::Text => write_text(&mut out, &trace, index, &report, words)?,
        DecodeFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &as_json(args, &trace, index, &report, words))
                .map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    // In what they differ is said already.
    if report.is_same() { Ok(()) } else { Err(Failure::Silent) }
}

/// What an item is, in a few words.
fn name(talk: Option<&Conversation>, number: Option<usize>, words: Words) -> String {
    let item = talk.zip(number).and_then(|(talk, number)| talk.items.get(number));
    item.map_or(words.text("replay-nothing").to_owned(), |item| {
        let bytes = item.length.to_string();
        words.with("replay-item", &[("kind", item.kind.id().into()), ("bytes", bytes.into())])
    })
}

fn write_text(
    out: &mut dyn Write,
    trace: &Trace,
    index: usize,
    report: &Report,
    words: Words,
) -> std::io::Result<()> {
    let counted = |id: &str, count: u64| words.with(id, &[("count", count.to_string().into())]);
    let recorded = trace.conversation(index);
    let answered = report.trace.conversations().first();
    writeln!(out, "{}", counted("replay-sent", report.sent))?;
    if report.unsent > 0 {
        writeln!(out, "{}", counted("send-again-unsent", report.unsent))?;
    }
    if report.stopped {
        writeln!(out, "{}", words.text("replay-stopped"))?;
    }
    if report.waited_in_vain > 0 {
        writeln!(out, "{}", counted("replay-in-vain", report.waited_in_vain.into()))?;
    }
    for compared in &report.items {
        let was = compared.recorded.map_or("-".to_owned(), |number| (number + 1).to_string());
        let is = compared.answered.map_or("-".to_owned(), |number| (number + 1).to_string());
        let verdict = words.text(if compared.is_same() { "send-again-same" } else { "send-again-differs" });
        let item = words.text("column-item");
        let name_of_it = name(recorded, compared.recorded, words);
        writeln!(out, "  {item} {was:>4} → {is:>4}  {verdict:<8} {name_of_it}")?;
        if compared.recorded.is_none() || compared.answered.is_none() {
            let values = [
                ("recorded", name(recorded, compared.recorded, words).into()),
                ("answered", name(answered, compared.answered, words).into()),
            ];
            writeln!(out, "         {}", words.with("replay-missing", &values))?;
        }
        for difference in &compared.differences {
            let [recorded, answered] =
                [&difference.recorded, &difference.answered].map(|what| format!("{:?}", what.said(words)));
            let values = [
                ("what", difference.what.said(words).into()),
                ("recorded", recorded.into()),
                ("answered", answered.into()),
            ];
            writeln!(out, "         {}", words.with("send-again-difference", &values))?;
        }
    }
    let different = report.items.iter().filter(|compared| !compared.is_same()).count();
    match different {
        0 if report.unsent == 0 && !report.stopped => {
            writeln!(out, "{}", counted("replay-all-same", report.items.len() as u64))
        }
        _ => {
            let values = [
                ("different", different.to_string().into()),
                ("count", report.items.len().to_string().into()),
            ];
            writeln!(out, "{}", words.with("send-again-different", &values))
        }
    }
}

fn as_json(args: &ReplayArgs, trace: &Trace, index: usize, report: &Report, words: Words) -> Value {
    let one = |number: Option<usize>| number.map(|number| number + 1);
    let kind = |talk: Option<&Conversation>, number: Option<usize>| {
        talk.zip(number).and_then(|(talk, number)| talk.items.get(number)).map(|item| item.kind.id())
    };
    let item = |compared: &Compared| {
        let differences: Vec<Value> = compared
            .differences
            .iter()
            .map(|difference| json!({ "what": difference.what.to_string(), "recorded": difference.recorded.said(words), "answered": difference.answered.said(words) }))
            .collect();
        json!({
            "recorded": one(compared.recorded),
            "answered": one(compared.answered),
            "kind": kind(trace.conversation(index), compared.recorded)
                .or_else(|| kind(report.trace.conversations().first(), compared.answered)),
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
        "stopped": report.stopped,
        "compared": match args.compare {
            CompareBy::Frames => By::Frames.id(),
            CompareBy::Messages => By::Messages.id(),
        },
        "same": report.is_same(),
        "items": report.items.iter().map(item).collect::<Vec<_>>(),
    })
}
