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
use crate::words::Words;

pub(super) fn run(args: &ExportArgs, words: Words) -> Result<(), Failure> {
    let options = capture::Options { decode_as: args.decode_as.clone() };
    let mut loader = capture::open(&args.file, &options).map_err(|error| Failure::of(&error, words))?;
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
    let found = number.checked_sub(1).and_then(|index| Some((index, trace.conversation(index)?)));
    let Some((conversation, talk)) = found else {
        let (name, count) = (args.file.display().to_string(), trace.conversations().len().to_string());
        let values: [(&str, &str); 3] = [("number", &number.to_string()), ("name", &name), ("count", &count)];
        return Err(Failure::with(words, "cli-no-conversation-of", &values));
    };
    let items = args.items.map(|(first, last)| first - 1..last);
    if let Some(items) = items.as_ref().filter(|items| items.end > talk.items.len()) {
        let values: [(&str, &str); 3] = [
            ("number", &items.end.to_string()),
            ("conversation", &number.to_string()),
            ("count", &talk.items.len().to_string()),
        ];
        return Err(Failure::with(words, "export-no-such-item", &values));
    }
    let selection = Selection { conversation, items };
    let Some(format) = args.format.or_else(|| args.output.as_deref().and_then(format_of)) else {
        return Err(Failure::with(words, "export-say-format", &[]));
    };
    if format == Format::Har && talk.exchanges.is_empty() && talk.messages.is_empty() {
        return Err(Failure::with(words, "export-no-har", &[("number", &number.to_string())]));
    }
    match &args.output {
        None => {
            let mut out = output::stdout();
            selection::write(&mut out, &about, &trace, &selection, format, words)?;
            out.flush()?;
        }
        Some(path) => {
            file::write(path, |mut out| {
                selection::write(&mut out, &about, &trace, &selection, format, words)
            })
            .map_err(|error| output::cannot(words, "cli-cannot-write", path, error))?;
        }
    }
    let damage = damage.or_else(|| capture::Error::lost(&args.file.display().to_string(), &trace.store));
    damage.map_or(Ok(()), |error| Err(Failure::of(&error, words)))
}

/// The format that a file's name ends with.
fn format_of(path: &Path) -> Option<Format> {
    path.extension()?.to_str()?.parse().ok()
}
