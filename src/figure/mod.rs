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
use crate::trace::{self, Conversation, Handshake, Trace};
use crate::view::diagram;
use crate::words::{Said, Words};

/// Why a figure cannot be drawn: one line for a person, in the language of the figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

impl Error {
    /// The message of the catalogue with this id.
    fn say(words: Words, id: &str) -> Self {
        Self(words.text(id).to_owned())
    }

    /// The same with places, each a name and a text.
    fn with(words: Words, id: &str, values: &[(&str, &str)]) -> Self {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        Self(words.with(id, &values))
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
    /// Reads the source and draws the figure as SVG, in these words.
    pub fn draw(&self, words: Words) -> Result<String, Error> {
        Drawing { figure: self, words }.draw()
    }
}

/// A figure that is being drawn.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    figure: &'a Figure,
    words: Words,
}

impl Drawing<'_> {
    fn draw(self) -> Result<String, Error> {
        let (trace, number) = self.read()?;
        if let Kind::Layers { packet } = self.figure.kind {
            return self.layers(&trace, packet);
        }
        let Some(talk) = trace.conversation(number.wrapping_sub(1)) else {
            let values: [(&str, &str); 3] = [
                ("number", &number.to_string()),
                ("name", &self.name()),
                ("count", &trace.conversations().len().to_string()),
            ];
            return Err(Error::with(self.words, "cli-no-conversation-of", &values));
        };
        match &self.figure.kind {
            Kind::Bits { item, rows } => self.bits(&trace, talk, *item, *rows),
            Kind::Ladder { items } => self.ladder(&trace, talk, *items),
            Kind::Derivation { item, id } => self.derivation(&trace, talk, *item, id.as_deref()),
            Kind::Layers { packet } => self.layers(&trace, *packet),
        }
    }

    /// The trace, and which of its conversations is meant, counted from 1.
    fn read(self) -> Result<(Trace, usize), Error> {
        match &self.figure.source {
            Source::Typed { hex, protocol, from, deflate } => {
                let bytes =
                    crate::capture::typed::parse_hex(hex).map_err(|error| Error(error.said(self.words)))?;
                if bytes.is_empty() {
                    return Err(Error::say(self.words, "figure-no-bytes"));
                }
                Ok((crate::capture::typed::trace_of(&bytes, *protocol, *from, *deflate), 1))
            }
            Source::Capture { file, conversation } => Ok((read_capture(file, self.words)?, *conversation)),
        }
    }

    fn name(self) -> String {
        match &self.figure.source {
            Source::Typed { .. } => self.words.text("figure-typed").to_owned(),
            Source::Capture { file, .. } => file_name(file),
        }
    }

    fn options(self, title: &str, below: String) -> svg::Options {
        let title = self.figure.title.clone().unwrap_or_else(|| self.words.text(title).to_owned());
        svg::Options { title, below, theme: self.figure.theme, words: self.words }
    }

    /// What an item is and where it stands, for the line below the heading.
    fn below(self, trace: &Trace, talk: &Conversation, number: usize) -> String {
        let caption = svg::caption(talk, &trace.store, number, self.words);
        if matches!(self.figure.source, Source::Typed { .. }) && talk.items.len() == 1 {
            return caption;
        }
        let values = [("number", (number + 1).to_string().into()), ("caption", caption.into())];
        let below = self.words.with("figure-below-item", &values);
        match &self.figure.source {
            Source::Typed { .. } => below,
            Source::Capture { file, .. } => format!("{below} · {}", file_name(file)),
        }
    }

    fn bits(
        self,
        trace: &Trace,
        talk: &Conversation,
        item: usize,
        rows: Option<u32>,
    ) -> Result<String, Error> {
        let number = self.item(talk, item)?;
        let (Some(field), Some(found)) = (trace::fields(talk, &trace.store, number), talk.items.get(number))
        else {
            return Err(Error::with(self.words, "figure-no-fields", &[("number", &item.to_string())]));
        };
        let bytes = talk.bytes_of(&trace.store, found);
        let findings: Vec<_> = talk.findings_of(number).collect();
        let options = self.options("figure-title-bits", self.below(trace, talk, number));
        Ok(svg::bits(&field, &bytes, &findings, diagram::Options { rows }, &options))
    }

    fn ladder(
        self,
        trace: &Trace,
        talk: &Conversation,
        items: Option<(usize, usize)>,
    ) -> Result<String, Error> {
        let (first, last) = items.unwrap_or((1, talk.items.len().max(1)));
        if last < first {
            let values: [(&str, &str); 2] = [("first", &first.to_string()), ("last", &last.to_string())];
            return Err(Error::with(self.words, "figure-wrong-order", &values));
        }
        let range = self.item(talk, first)?..self.item(talk, last)? + 1;
        let mut below = talk.protocol.to_string();
        if let Source::Capture { file, conversation } = &self.figure.source {
            let values = [("file", file_name(file).into()), ("number", conversation.to_string().into())];
            let place = self.words.with("figure-below-conversation", &values);
            let handshake = self.words.text(handshake(talk.handshake));
            below = format!("{below}, {handshake} · {place}");
        }
        let options = self.options("figure-title-ladder", below);
        Ok(svg::ladder(talk, &trace.store, range, &options))
    }

    fn derivation(
        self,
        trace: &Trace,
        talk: &Conversation,
        item: usize,
        id: Option<&str>,
    ) -> Result<String, Error> {
        let number = self.item(talk, item)?;
        let mut derivations = trace::derivations(talk, &trace.store, number);
        let known: Vec<&str> = derivations.iter().map(|derivation| derivation.id).collect();
        if known.is_empty() {
            return Err(Error::with(self.words, "figure-no-derivations", &[("number", &item.to_string())]));
        }
        if let Some(id) = id {
            if !known.contains(&id) {
                let values: [(&str, &str); 3] =
                    [("number", &item.to_string()), ("id", id), ("known", &known.join(", "))];
                return Err(Error::with(self.words, "figure-no-derivation", &values));
            }
            derivations.retain(|derivation| derivation.id == id);
        }
        let options = self.options("figure-title-derivation", self.below(trace, talk, number));
        Ok(svg::derivations(talk, &trace.store, number, &derivations, &options))
    }

    fn layers(self, trace: &Trace, number: u64) -> Result<String, Error> {
        let bytes = trace.store.mapped();
        if bytes.is_empty() {
            return Err(Error::with(self.words, "figure-no-packets", &[("name", &self.name())]));
        }
        let mut count = 0;
        let packet =
            capture::packets(bytes).inspect(|packet| count = packet.number).find(|p| p.number == number);
        let Some(packet) = packet else {
            let values: [(&str, &str); 3] =
                [("number", &number.to_string()), ("name", &self.name()), ("count", &count.to_string())];
            return Err(Error::with(self.words, "figure-no-packet", &values));
        };
        let values = [
            ("number", number.to_string().into()),
            ("bytes", packet.original.to_string().into()),
            ("name", self.name().into()),
        ];
        let options = self.options("figure-title-layers", self.words.with("figure-below-packet", &values));
        let layers = capture::layers(packet.link, packet.bytes);
        Ok(svg::layers(&packet, &layers, &carried(trace, number, self.words), &options))
    }

    /// The number of an item, counted from 0.
    fn item(self, talk: &Conversation, item: usize) -> Result<usize, Error> {
        if let Some(number) = item.checked_sub(1).filter(|number| *number < talk.items.len()) {
            return Ok(number);
        }
        let values: [(&str, &str); 3] =
            [("number", &item.to_string()), ("name", &self.name()), ("count", &talk.items.len().to_string())];
        Err(Error::with(self.words, "figure-no-item", &values))
    }
}

/// The id of the words for how a handshake ended, below a heading.
const fn handshake(how: Handshake) -> &'static str {
    match how {
        Handshake::Missing => "figure-handshake-missing",
        how => crate::export::text::handshake(how),
    }
}

/// Which items of which conversations a packet carries, in words.
fn carried(trace: &Trace, packet: u64, words: Words) -> Vec<String> {
    let mut carried = Vec::new();
    for (index, talk) in trace.conversations().iter().enumerate() {
        for (number, item) in talk.items.iter() {
            let chunks = || talk.stream(item.side).chunks_in(item.range());
            if !chunks().any(|chunk| u64::from(chunk.packet()) == packet) {
                continue;
            }
            let part = if chunks().count() > 1 { "part" } else { "whole" };
            let values = [
                ("part", part.into()),
                ("number", (number + 1).to_string().into()),
                ("conversation", (index + 1).to_string().into()),
                ("caption", svg::caption(talk, &trace.store, number, words).into()),
            ];
            carried.push(words.with("figure-carries", &values));
        }
    }
    carried
}

fn read_capture(file: &Path, words: Words) -> Result<Trace, Error> {
    let cannot = |error: capture::Error| Error(error.said(words));
    let mut loader = capture::open(file, &capture::Options::default()).map_err(cannot)?;
    loader.read_all().map_err(cannot)?;
    Ok(loader.into_trace())
}

fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}
