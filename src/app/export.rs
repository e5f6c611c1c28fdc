//! What is written to files.

use std::io;
use std::net::SocketAddr;

use super::action::{Action, Export, Picture};
use super::pass::State;
use super::source::{Kind, Origin, Source};
use crate::export::pcapng::{self, Writer};
use crate::export::selection::{self, Format, Selection};
use crate::export::{json, png, svg};
use crate::trace::Trace;
use crate::view::diagram;
use crate::words::Words;

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
        Action::Export(Export::Conversation(format)) => format!("{talk}.{}", format.id()),
        Action::Export(Export::Diagram(Picture::Svg)) => format!("{stem}-{number}-item-{item}.svg"),
        Action::Export(Export::Diagram(Picture::Png)) => format!("{stem}-{number}-item-{item}.png"),
        Action::Export(Export::Source) => match source {
            Some(source) if is_mapped(source) => source.name.clone(),
            _ => format!("{stem}.pcapng"),
        },
        Action::Report(_) => "progress.md".to_owned(),
        // What is recorded is not what is looked at.
        _ => "live.pcapng".to_owned(),
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
    for ending in [".gz", ".xz", ".zst", ".pcapng", ".pcap", ".cap"] {
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
        Export::Source if trace.store.mapped().is_empty() => whole(trace),
        // As it was recorded, with all that no conversation holds.
        Export::Source => Ok(trace.store.mapped().to_vec()),
        Export::Conversation(format) => {
            talk(format, trace, conversation, state.chosen, source, state.words())
        }
        Export::Diagram(picture) => {
            let svg = drawing(trace, conversation, state)?;
            match picture {
                Picture::Svg => Ok(svg.into_bytes()),
                Picture::Png => png::render(&svg, SHARP).map_err(|error| error.to_string()),
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
    words: Words,
) -> Result<Vec<u8>, String> {
    let Some(talk) = trace.conversation(conversation) else {
        return Err(words.text("export-no-conversation").to_owned());
    };
    // A capture tells the sides by their addresses, and typed bytes have none; a copy has.
    let nowhere = format == Format::Pcapng && talk.client == talk.server;
    let copied = nowhere.then(|| with_addresses(trace, conversation)).flatten();
    let (trace, conversation) = copied.as_ref().map_or((trace, conversation), |copied| (copied, 0));
    let items = chosen.map(|(first, last)| first..last + 1);
    written(|out| {
        selection::write(out, &about(source), trace, &Selection { conversation, items }, format, words)
    })
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
            let summary = opening.summary();
            json::About { file, packets: summary.packets, link_types: summary.link_types.clone() }
        }
        Kind::Live | Kind::Made(_) => json::About { file, ..json::About::default() },
    }
}

/// All conversations as a capture.
pub(super) fn whole(trace: &Trace) -> Result<Vec<u8>, String> {
    written(|out| write_all(out, trace))
}

/// Writes all conversations as a capture.
fn write_all(out: &mut Vec<u8>, trace: &Trace) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    writer.hold_back(usize::MAX);
    // What is carried is written with what carries it.
    let connections = trace.conversations().iter().enumerate().filter(|(_, talk)| talk.carrier.is_none());
    for (index, talk) in connections {
        if talk.client == talk.server {
            let Some(copied) = with_addresses(trace, index) else { continue };
            for talk in copied.conversations() {
                pcapng::write_conversation(&copied, talk, &mut writer)?;
            }
        } else {
            pcapng::write_conversation(trace, talk, &mut writer)?;
        }
    }
    writer.finish().map(drop)
}

/// A copy of typed bytes that pretends to have been spoken somewhere.
fn with_addresses(trace: &Trace, conversation: usize) -> Option<Trace> {
    let mut copy = trace.alone(conversation)?;
    for talk in copy.conversations_mut() {
        talk.client = SocketAddr::from(([127, 0, 0, 1], 50_001));
        talk.server = SocketAddr::from(([127, 0, 0, 1], 80));
    }
    Some(copy)
}

/// The bit diagram of the item that is looked at.
fn drawing(trace: &Trace, conversation: usize, state: &State) -> Result<String, String> {
    let words = state.words();
    let look = state.look.as_ref().filter(|look| Some(look.number) == state.item);
    let (Some(look), Some(talk)) = (look, trace.conversation(conversation)) else {
        return Err(words.text("export-no-item").to_owned());
    };
    let options = svg::Options {
        title: words.with("export-diagram-title", &[("number", (look.number + 1).into())]),
        below: svg::caption(talk, &trace.store, look.number, words),
        theme: svg::Theme::Light,
        words,
    };
    let findings: Vec<_> = look.findings.iter().collect();
    Ok(svg::bits(&look.tree, &look.bytes, &findings, diagram::Options::default(), &options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::bundled;
    use crate::capture::typed::trace_of;
    use crate::capture::{self, Options};
    use crate::model::protocol::Side;
    use crate::trace::Conversation;

    fn opened(bytes: Vec<u8>) -> Trace {
        let mut loader = capture::from_reader(io::Cursor::new(bytes), "test", &Options::default());
        loader.read_all().unwrap();
        loader.into_trace()
    }

    /// The items in their order.
    fn items(talk: &Conversation) -> Vec<(Side, u64, &'static str, u64, bool)> {
        let items = talk.items.iter();
        items.map(|(_, item)| (item.side, item.offset, item.kind.id(), item.length, item.complete)).collect()
    }

    #[test]
    fn an_exported_source_opens_with_the_same_items() {
        for name in bundled::names() {
            let mut loader = bundled::open(name).unwrap();
            loader.read_all().unwrap();
            let trace = loader.into_trace();
            let again = opened(written(|out| write_all(out, &trace)).unwrap());
            assert_eq!(again.conversations().len(), trace.conversations().len(), "{name}");
            for (talk, again) in trace.conversations().iter().zip(again.conversations()) {
                assert_eq!(items(again), items(talk), "{name}");
            }
        }
    }

    #[test]
    fn chosen_frames_take_their_handshake_with_them() {
        let mut loader = bundled::open("h76-jsclient-ws04.pcapng").unwrap();
        loader.read_all().unwrap();
        let source =
            Source { id: crate::app::source::LIVE, name: "test".to_owned(), kind: Kind::Live, origin: None };
        let bytes = talk(Format::Pcapng, loader.trace(), 0, Some((3, 3)), &source, Words::english()).unwrap();
        let again = opened(bytes);
        let kinds: Vec<_> = again.conversations()[0].items.iter().map(|(_, item)| item.kind.id()).collect();
        assert_eq!(kinds, ["http-request", "http-response", "frame"]);
        for (format, begin) in [(Format::Json, "{"), (Format::Csv, "conversation,"), (Format::Har, "{")] {
            let bytes = talk(format, loader.trace(), 0, Some((3, 3)), &source, Words::english()).unwrap();
            assert!(bytes.starts_with(begin.as_bytes()), "{}", format.id());
        }
    }

    #[test]
    fn typed_bytes_get_addresses() {
        let trace = trace_of(&[0x81, 5, b'H', b'e', b'l', b'l', b'o'], None, None, false);
        let copied = with_addresses(&trace, 0).unwrap();
        let talk = &copied.conversations()[0];
        assert_ne!(talk.client, talk.server);
        assert_eq!(items(talk), items(&trace.conversations()[0]));
    }

    #[test]
    fn names_of_files_hold_no_signs_of_paths() {
        assert_eq!(stem("captures/hard-gzip.pcap.gz"), "hard-gzip");
        assert_eq!(stem("Pasted, 7 bytes"), "Pasted--7-bytes");
        assert_eq!(stem(""), "framescope");
        assert_eq!(stem("../.."), "framescope");
    }
}
