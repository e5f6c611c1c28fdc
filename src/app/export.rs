//! What is written to files.

use std::io;

use super::action::{Action, Export, Format, Picture};
use super::frame::State;
use super::source::{Kind, Origin, Source};
use super::{copy, fonts};
use crate::export::pcapng::{self, Writer};
use crate::export::{csv, diagram, json, png, svg};
use crate::trace::{Conversation, Trace};
use crate::words;

/// How many pixels of a picture stand for one of its points.
const SHARP: f32 = 2.0;

/// The name that is proposed for a file: the source's, the conversation, the item.
pub(super) fn proposed_name(action: &Action, state: &State, source: Option<&Source>) -> String {
    let stem = stem(source.map_or("", |source| &source.name));
    let number = state.at.map_or(1, |at| at.conversation + 1);
    let talk = match state.chosen {
        Some((first, last)) => format!("{stem}-{number}-items-{}-{}", first + 1, last + 1),
        None => format!("{stem}-{number}"),
    };
    let item = state.item.map_or(1, |item| item + 1);
    match action {
        Action::Export(Export::Conversation(format)) => format!("{talk}.{}", ending(*format)),
        Action::Export(Export::Diagram(Picture::Svg)) => format!("{stem}-{number}-item-{item}.svg"),
        Action::Export(Export::Diagram(Picture::Png)) => format!("{stem}-{number}-item-{item}.png"),
        Action::Export(Export::Source) => match source {
            Some(source) if is_mapped(source) => source.name.clone(),
            _ => format!("{stem}.pcapng"),
        },
        _ => format!("{stem}.pcapng"),
    }
}

/// How files of a format end.
pub(super) const fn ending(format: Format) -> &'static str {
    match format {
        Format::Pcapng => "pcapng",
        Format::Json => "json",
        Format::Csv => "csv",
        Format::Har => "har",
    }
}

/// Whether the file that the source was read from lies before us, byte by byte.
fn is_mapped(source: &Source) -> bool {
    let packed = source.name.to_lowercase().ends_with(".gz");
    matches!(source.origin, Some(Origin::File(..))) && !packed
}

/// A source's name as the beginning of a file name.
fn stem(name: &str) -> String {
    let mut name = name.rsplit('/').next().unwrap_or_default();
    for ending in [".gz", ".pcapng", ".pcap", ".cap"] {
        name = name.strip_suffix(ending).unwrap_or(name);
    }
    let safe: String = name
        .chars()
        .map(
            |character| {
                if character.is_alphanumeric() || "-_.".contains(character) { character } else { '-' }
            },
        )
        .collect();
    let safe = safe.trim_matches(['-', '.']);
    if safe.is_empty() { "framescope".to_owned() } else { safe.to_owned() }
}

/// The bytes of a file. What cannot be written is one line for the person.
pub(super) fn bytes(
    what: Export,
    trace: &Trace,
    conversation: usize,
    state: &State,
    source: &Source,
) -> Result<Vec<u8>, String> {
    match what {
        Export::Source if trace.store.mapped().is_empty() => {
            written(|out| write_captures(out, trace, 0..trace.conversations.len()))
        }
        // As it was recorded, with all that no conversation holds.
        Export::Source => Ok(trace.store.mapped().to_vec()),
        Export::Conversation(format) => talk(format, trace, conversation, state.chosen, source),
        Export::Diagram(picture) => {
            let svg = drawing(trace, conversation, state)?;
            match picture {
                Picture::Svg => Ok(svg.into_bytes()),
                Picture::Png => png::of_svg(&svg, SHARP, &fonts::files(), fonts::FAMILIES),
            }
        }
    }
}

fn talk(
    format: Format,
    trace: &Trace,
    conversation: usize,
    chosen: Option<(usize, usize)>,
    source: &Source,
) -> Result<Vec<u8>, String> {
    let Some(talk) = trace.conversations.get(conversation) else {
        return Err(words::text("export-no-conversation").to_owned());
    };
    // Rows are on their own; all else needs the items to be a conversation of their own.
    if let (Format::Csv, Some((first, last))) = (format, chosen) {
        return Ok(rows(talk, trace, conversation, first..=last));
    }
    let part = chosen.and_then(|(first, last)| copy::items(trace, conversation, first, last));
    let (trace, conversation) = part.as_ref().map_or((trace, conversation), |part| (part, 0));
    match format {
        Format::Pcapng => written(|out| write_captures(out, trace, conversation..conversation + 1)),
        Format::Csv => written(|out| csv::write_trace(out, trace, Some(conversation + 1))),
        Format::Json => {
            let options =
                json::Options { fields: true, conversation: Some(conversation + 1), ..Default::default() };
            written(|out| json::write_document(out, &about(source), trace, options))
        }
        Format::Har => Err(words::text("export-no-har").to_owned()),
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    write(&mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn about(source: &Source) -> json::About {
    let file = source.name.clone();
    match &source.kind {
        Kind::Capture(opening) => {
            let summary = &opening.facts().summary;
            json::About { file, packets: summary.packets, link_types: summary.link_types.clone() }
        }
        Kind::Live | Kind::Made(_) => json::About { file, ..json::About::default() },
    }
}

fn rows(
    talk: &Conversation,
    trace: &Trace,
    conversation: usize,
    items: std::ops::RangeInclusive<usize>,
) -> Vec<u8> {
    let mut rows = csv::HEADER.as_bytes().to_vec();
    for item in items {
        csv::push_row(&mut rows, conversation + 1, talk, &trace.store, item);
    }
    rows
}

/// Writes conversations as a capture.
fn write_captures(out: &mut Vec<u8>, trace: &Trace, wanted: std::ops::Range<usize>) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    writer.hold_back(usize::MAX);
    for conversation in wanted {
        let Some(talk) = trace.conversations.get(conversation) else { continue };
        if talk.client == talk.server {
            // Typed bytes have no addresses; a copy has.
            let Some(copied) = copy::conversation(trace, conversation) else { continue };
            for talk in &copied.conversations {
                pcapng::write_conversation(&copied, talk, &mut writer)?;
            }
        } else {
            pcapng::write_conversation(trace, talk, &mut writer)?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// The bit diagram of the item that is looked at.
fn drawing(trace: &Trace, conversation: usize, state: &State) -> Result<String, String> {
    let look = state.look.as_ref().filter(|look| Some(look.number) == state.item);
    let (Some(look), Some(talk)) = (look, trace.conversations.get(conversation)) else {
        return Err(words::text("export-no-item").to_owned());
    };
    let options = svg::Options {
        title: words::with("export-diagram-title", &[("number", (look.number + 1).into())]),
        below: svg::caption(talk, &trace.store, look.number),
        theme: svg::Theme::Light,
    };
    let findings: Vec<_> = look.findings.iter().collect();
    Ok(svg::bits(&look.tree, &look.bytes, &findings, diagram::Options::default(), &options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::bundled;
    use crate::capture::{self, Options};
    use crate::protocol::{Protocol, Side};
    use crate::trace::trace_of;

    fn opened(bytes: Vec<u8>) -> Trace {
        let mut loader = capture::from_reader(io::Cursor::new(bytes), "test", &Options::default());
        loader.read_all().unwrap();
        loader.into_trace()
    }

    fn items(talk: &Conversation) -> Vec<(Side, &'static str, u64, u64, bool)> {
        let items = talk.items.iter();
        items.map(|(_, item)| (item.side, item.kind.id(), item.offset, item.length, item.complete)).collect()
    }

    #[test]
    fn a_copy_has_the_same_items() {
        for name in bundled::names() {
            let mut loader = bundled::open(name).unwrap();
            loader.read_all().unwrap();
            let trace = loader.into_trace();
            for (index, talk) in trace.conversations.iter().enumerate() {
                let copied = copy::conversation(&trace, index).unwrap();
                assert_eq!(
                    items(&copied.conversations[0]),
                    items(talk),
                    "{name}, conversation {}",
                    index + 1
                );
                assert_eq!(copied.conversations[0].messages.len(), talk.messages.len(), "{name}");
            }
        }
    }

    #[test]
    fn an_exported_capture_opens_with_the_same_items() {
        for name in bundled::names() {
            let mut loader = bundled::open(name).unwrap();
            loader.read_all().unwrap();
            let trace = loader.into_trace();
            for (index, talk) in trace.conversations.iter().enumerate() {
                let bytes = written(|out| write_captures(out, &trace, index..index + 1)).unwrap();
                let again = opened(bytes);
                assert_eq!(again.conversations.len(), 1, "{name}, conversation {}", index + 1);
                // A connection that was open before the recording is exported with an opening.
                if talk.findings.is_empty() {
                    assert_eq!(
                        items(&again.conversations[0]),
                        items(talk),
                        "{name}, conversation {}",
                        index + 1
                    );
                }
            }
        }
    }

    #[test]
    fn chosen_frames_take_their_handshake_with_them() {
        let mut loader = bundled::open("h76-jsclient-ws04.pcapng").unwrap();
        loader.read_all().unwrap();
        let trace = loader.into_trace();
        let copied = copy::items(&trace, 0, 3, 3).unwrap();
        let kinds: Vec<_> = copied.conversations[0].items.iter().map(|(_, item)| item.kind.id()).collect();
        assert_eq!(kinds, ["http-request", "http-response", "frame"]);
        assert_eq!(copied.conversations[0].protocol, Protocol::Hixie76);
    }

    #[test]
    fn typed_bytes_get_addresses() {
        let trace = trace_of(&[0x81, 5, b'H', b'e', b'l', b'l', b'o'], None, None, false);
        let copied = copy::conversation(&trace, 0).unwrap();
        let talk = &copied.conversations[0];
        assert_ne!(talk.client, talk.server);
        assert_eq!(items(talk), items(&trace.conversations[0]));
    }

    #[test]
    fn names_of_files_hold_no_signs_of_paths() {
        assert_eq!(stem("captures/hard-gzip.pcap.gz"), "hard-gzip");
        assert_eq!(stem("Pasted, 7 bytes"), "Pasted--7-bytes");
        assert_eq!(stem(""), "framescope");
        assert_eq!(stem("../.."), "framescope");
    }
}
