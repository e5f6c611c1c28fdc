//! Figures by name: what `framescope figure` draws, and what the book's manifests ask for.
//!
//! A [`Figure`] names a source (typed bytes or a capture) and a place in it; [`Figure::draw`] reads the source and
//! gives the SVG. [`book`] makes everything in the book that is generated.

pub mod book;
mod manifest;
mod tables;

use std::path::{Path, PathBuf};

use crate::capture;
use crate::export::svg::{self, Theme};
use crate::model::protocol::{Protocol, Side};
use crate::trace::{self, Conversation, Trace};
use crate::view::diagram;

/// Why a figure cannot be drawn: one line for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

impl Error {
    fn new(words: impl std::fmt::Display) -> Self {
        Self(words.to_string())
    }
}

/// Where the bytes of a figure come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Bytes that somebody typed.
    Typed {
        /// The bytes, in hexadecimal.
        hex: String,
        /// The version that they are of; guessed without it.
        protocol: Option<Protocol>,
        /// Who sent them; guessed without it.
        from: Option<Side>,
        /// Whether permessage-deflate was agreed.
        deflate: bool,
    },
    /// A capture file.
    Capture {
        /// The file.
        file: PathBuf,
        /// The conversation, counted from 1.
        conversation: usize,
    },
}

/// What a figure shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The bits of an item.
    Bits {
        /// The item, counted from 1.
        item: usize,
        /// In how many rows a long payload is shown before it is folded; none shows all of it.
        rows: Option<u32>,
    },
    /// A ladder of items.
    Ladder {
        /// The first and the last item, counted from 1; none for all.
        items: Option<(usize, usize)>,
    },
    /// How the values of an item follow.
    Derivation {
        /// The item, counted from 1.
        item: usize,
        /// The id of one derivation; none for all that the item has.
        id: Option<String>,
    },
    /// A packet, layer by layer.
    Layers {
        /// The packet's number in the file, counted from 1.
        packet: u64,
    },
}

/// A figure, not yet drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Where the bytes come from.
    pub source: Source,
    /// What is shown of them.
    pub kind: Kind,
    /// The heading; one that says what is shown without it.
    pub title: Option<String>,
    /// The ground it is drawn on.
    pub theme: Theme,
}

impl Figure {
    /// Reads the source and draws the figure as SVG.
    pub fn draw(&self) -> Result<String, Error> {
        let (trace, number) = self.read()?;
        if let Kind::Layers { packet } = self.kind {
            return self.layers(&trace, packet);
        }
        let Some(talk) = trace.conversations.get(number.wrapping_sub(1)) else {
            return Err(Error(format!(
                "there is no conversation {number}: {} has {}, counted from 1",
                self.name(),
                trace.conversations.len()
            )));
        };
        match &self.kind {
            Kind::Bits { item, rows } => self.bits(&trace, talk, *item, *rows),
            Kind::Ladder { items } => self.ladder(&trace, talk, *items),
            Kind::Derivation { item, id } => self.derivation(&trace, talk, *item, id.as_deref()),
            Kind::Layers { .. } => Err(Error::new("a packet belongs to no conversation")),
        }
    }

    /// The trace, and which of its conversations is meant, counted from 1.
    fn read(&self) -> Result<(Trace, usize), Error> {
        match &self.source {
            Source::Typed { hex, protocol, from, deflate } => {
                let bytes =
                    crate::capture::typed::parse_hex(hex).map_err(|error| Error(error.to_string()))?;
                if bytes.is_empty() {
                    return Err(Error::new("there are no bytes to draw: give them as hexadecimal digits"));
                }
                Ok((crate::capture::typed::trace_of(&bytes, *protocol, *from, *deflate), 1))
            }
            Source::Capture { file, conversation } => Ok((read_capture(file)?, *conversation)),
        }
    }

    fn name(&self) -> String {
        match &self.source {
            Source::Typed { .. } => "what was typed".to_owned(),
            Source::Capture { file, .. } => file_name(file),
        }
    }

    fn options(&self, title: &str, below: String) -> svg::Options {
        let title = self.title.clone().unwrap_or_else(|| title.to_owned());
        svg::Options { title, below, theme: self.theme }
    }

    /// What an item is and where it stands, for the line below the heading.
    fn below(&self, trace: &Trace, talk: &Conversation, number: usize) -> String {
        let caption = svg::caption(talk, &trace.store, number);
        match &self.source {
            Source::Typed { .. } if talk.items.len() == 1 => caption,
            Source::Typed { .. } => format!("item {}: {caption}", number + 1),
            Source::Capture { file, .. } => format!("item {}: {caption} · {}", number + 1, file_name(file)),
        }
    }

    fn bits(
        &self,
        trace: &Trace,
        talk: &Conversation,
        item: usize,
        rows: Option<u32>,
    ) -> Result<String, Error> {
        let number = self.item(talk, item)?;
        let (Some(field), Some(found)) = (trace::fields(talk, &trace.store, number), talk.items.get(number))
        else {
            return Err(Error(format!("item {item} cannot be described")));
        };
        let bytes = talk.bytes_of(&trace.store, found);
        let findings: Vec<_> = talk.findings_of(number).collect();
        let options = self.options("Every bit of it", self.below(trace, talk, number));
        Ok(svg::bits(&field, &bytes, &findings, diagram::Options { rows }, &options))
    }

    fn ladder(
        &self,
        trace: &Trace,
        talk: &Conversation,
        items: Option<(usize, usize)>,
    ) -> Result<String, Error> {
        let (first, last) = items.unwrap_or((1, talk.items.len().max(1)));
        if last < first {
            return Err(Error(format!("the last item, {last}, comes before the first, {first}")));
        }
        let range = self.item(talk, first)?..self.item(talk, last)? + 1;
        let mut below = format!("{}, handshake {}", talk.protocol, talk.handshake.id());
        if let Source::Capture { file, conversation } = &self.source {
            below = format!("{below} · {}, conversation {conversation}", file_name(file));
        } else {
            below = talk.protocol.to_string();
        }
        let options = self.options("Who sent what, and when", below);
        Ok(svg::ladder(talk, &trace.store, range, &options))
    }

    fn derivation(
        &self,
        trace: &Trace,
        talk: &Conversation,
        item: usize,
        id: Option<&str>,
    ) -> Result<String, Error> {
        let number = self.item(talk, item)?;
        let mut derivations = trace::derivations(talk, &trace.store, number);
        let known: Vec<&str> = derivations.iter().map(|derivation| derivation.id).collect();
        if known.is_empty() {
            return Err(Error(format!("item {item} has no derivations: all its values are on the wire")));
        }
        if let Some(id) = id {
            if !known.contains(&id) {
                return Err(Error(format!(
                    "item {item} has no derivation called `{id}`; it has {}",
                    known.join(", ")
                )));
            }
            derivations.retain(|derivation| derivation.id == id);
        }
        let options = self.options("How it follows", self.below(trace, talk, number));
        Ok(svg::derivations(talk, &trace.store, number, &derivations, &options))
    }

    fn layers(&self, trace: &Trace, number: u64) -> Result<String, Error> {
        let bytes = trace.store.mapped();
        if bytes.is_empty() {
            return Err(Error(format!(
                "{} has no packets that can be looked at: give a capture that is not compressed",
                self.name()
            )));
        }
        let mut count = 0;
        let packet =
            capture::packets(bytes).inspect(|packet| count = packet.number).find(|p| p.number == number);
        let Some(packet) = packet else {
            return Err(Error(format!(
                "there is no packet {number}: {} has {count}, counted from 1",
                self.name()
            )));
        };
        let below = format!("packet {number} of {} bytes · {}", packet.original, self.name());
        let options = self.options("A packet, layer by layer", below);
        let layers = capture::layers(packet.link, packet.bytes);
        Ok(svg::layers(&packet, &layers, &carried(trace, number), &options))
    }

    /// The number of an item, counted from 0.
    fn item(&self, talk: &Conversation, item: usize) -> Result<usize, Error> {
        match item.checked_sub(1).filter(|number| *number < talk.items.len()) {
            Some(number) => Ok(number),
            None => Err(Error(format!(
                "there is no item {item}: this conversation of {} has {}, counted from 1",
                self.name(),
                talk.items.len()
            ))),
        }
    }
}

/// Which items of which conversations a packet carries, in words.
fn carried(trace: &Trace, packet: u64) -> Vec<String> {
    let mut carried = Vec::new();
    for (index, talk) in trace.conversations.iter().enumerate() {
        for (number, item) in talk.items.iter() {
            let chunks = || talk.stream(item.side).chunks_in(item.range());
            if !chunks().any(|chunk| u64::from(chunk.packet()) == packet) {
                continue;
            }
            let part = if chunks().count() > 1 { "part of item" } else { "item" };
            let caption = svg::caption(talk, &trace.store, number);
            carried.push(format!("{part} {} of conversation {}: {caption}", number + 1, index + 1));
        }
    }
    carried
}

fn read_capture(file: &Path) -> Result<Trace, Error> {
    let mut loader = capture::open(file, &capture::Options::default()).map_err(Error::new)?;
    loader.read_all().map_err(Error::new)?;
    Ok(loader.into_trace())
}

fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}
