//! `framescope export`: a conversation of a capture, or items of it, as a file of its own.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::Failure;
use super::args::ExportArgs;
use super::output;
use crate::capture;
use crate::export::json::About;
use crate::export::selection::{self, Selection};

pub(super) fn run(args: &ExportArgs) -> Result<(), Failure> {
    let options = capture::Options { decode_as: args.decode_as.clone() };
    let mut loader = capture::open(&args.file, &options).map_err(Failure::said)?;
    loader.read_all().map_err(Failure::said)?;
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
    let Some(file) = &args.output else {
        let mut out = output::plain_stdout();
        selection::write(&mut out, &about, &trace, &selection, args.format)?;
        return Ok(out.flush()?);
    };
    let write = || {
        let mut out = BufWriter::new(File::create(file)?);
        selection::write(&mut out, &about, &trace, &selection, args.format)?;
        out.flush()
    };
    write().map_err(|error| Failure::said(format!("cannot write {}: {error}", file.display())))
}
