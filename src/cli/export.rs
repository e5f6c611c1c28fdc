//! `framescope export`: a conversation of a capture, or items of it, as a file of its own.

use std::io::Write;
use std::path::Path;

use super::Failure;
use super::args::ExportArgs;
use super::output;
use crate::capture;
use crate::export::file;
use crate::export::json::About;
use crate::export::selection::{self, Format, Selection};

pub(super) fn run(args: &ExportArgs) -> Result<(), Failure> {
    let options = capture::Options { decode_as: args.decode_as.clone() };
    let mut loader = capture::open(&args.file, &options).map_err(Failure::said)?;
    // What stands before the damage is exported; that there is damage is said, and is no success.
    let damage = loader.read_all().err();
    let summary = loader.summary();
    let about = About {
        file: output::file_name(&args.file),
        packets: summary.packets,
        link_types: summary.link_types.clone(),
    };
    let trace = loader.into_trace();
    let number = args.conversation;
    let found = number.checked_sub(1).and_then(|index| Some((index, trace.conversations.get(index)?)));
    let Some((conversation, talk)) = found else {
        return Err(Failure::said(format!(
            "there is no conversation {number}: {} has {}, counted from 1",
            args.file.display(),
            trace.conversations.len()
        )));
    };
    let items = args.items.map(|(first, last)| first - 1..last);
    if let Some(items) = items.as_ref().filter(|items| items.end > talk.items.len()) {
        return Err(Failure::said(format!(
            "there is no item {}: conversation {number} has {}, counted from 1",
            items.end,
            talk.items.len()
        )));
    }
    let selection = Selection { conversation, items };
    let Some(format) = args.format.or_else(|| args.output.as_deref().and_then(format_of)) else {
        return Err(Failure::said("say --format pcapng, json, csv or har, or give -o a name that ends so"));
    };
    if format == Format::Har && talk.exchanges.is_empty() && talk.messages.is_empty() {
        return Err(Failure::said(format!(
            "conversation {number} has neither HTTP nor messages: there is nothing that a HAR could hold"
        )));
    }
    match &args.output {
        None => {
            let mut out = output::plain_stdout();
            selection::write(&mut out, &about, &trace, &selection, format)?;
            out.flush()?;
        }
        Some(path) => {
            file::write(path, |mut out| selection::write(&mut out, &about, &trace, &selection, format))
                .map_err(|error| Failure::said(format!("cannot write {}: {error}", path.display())))?;
        }
    }
    damage.map_or(Ok(()), |error| Err(Failure::said(error)))
}

/// The format that a file's name ends with.
fn format_of(path: &Path) -> Option<Format> {
    path.extension()?.to_str()?.parse().ok()
}
