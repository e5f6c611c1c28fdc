//! The book's manifests: `book/figures/*.toml`, one a chapter.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, Figure, Kind, Source};
use crate::export::svg::Theme;
use crate::model::protocol::{Protocol, Side};
use crate::words::{Said, Words};

/// What one chapter shows that is made by the program.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) figure: Vec<FigureEntry>,
    #[serde(default)]
    pub(super) output: Vec<OutputEntry>,
    #[serde(default)]
    pub(super) table: Vec<TableEntry>,
}

impl Manifest {
    pub(super) fn parse(text: &str, words: Words) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .map_or(1, |span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
            let values: [(&str, &str); 2] = [("line", &line.to_string()), ("error", error.message())];
            Error::with(words, "manifest-line", &values)
        })
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FigureKind {
    Bits,
    Ladder,
    Derivation,
    Layers,
}

/// A figure: `name` makes `src/figures/NAME.svg`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FigureEntry {
    pub(super) name: String,
    kind: FigureKind,
    title: String,
    hex: Option<String>,
    protocol: Option<String>,
    from: Option<String>,
    #[serde(default)]
    deflate: bool,
    capture: Option<PathBuf>,
    conversation: Option<usize>,
    item: Option<usize>,
    items: Option<(usize, usize)>,
    derivation: Option<String>,
    packet: Option<u64>,
    rows: Option<u32>,
}

impl FigureEntry {
    /// The figure; captures are looked for in `folder`.
    pub(super) fn figure(&self, folder: &Path, words: Words) -> Result<Figure, Error> {
        let item = self.item.unwrap_or(1);
        let (kind, takes): (_, &[&str]) = match self.kind {
            FigureKind::Bits => (Kind::Bits { item, rows: Some(self.rows.unwrap_or(4)) }, &["item", "rows"]),
            FigureKind::Ladder => (Kind::Ladder { items: self.items }, &["items"]),
            FigureKind::Derivation => {
                (Kind::Derivation { item, id: self.derivation.clone() }, &["item", "derivation"])
            }
            FigureKind::Layers => {
                let packet = self.packet.ok_or_else(|| Error::say(words, "manifest-needs-packet"))?;
                (Kind::Layers { packet }, &["packet"])
            }
        };
        let given = [
            ("item", self.item.is_some()),
            ("items", self.items.is_some()),
            ("derivation", self.derivation.is_some()),
            ("packet", self.packet.is_some()),
            ("rows", self.rows.is_some()),
        ];
        if let Some((key, _)) = given.iter().find(|(key, given)| *given && !takes.contains(key)) {
            return Err(Error::with(words, "manifest-no-meaning", &[("key", key)]));
        }
        Ok(Figure {
            source: self.source(folder, words)?,
            kind,
            title: Some(self.title.clone()),
            theme: Theme::Auto,
        })
    }

    fn source(&self, folder: &Path, words: Words) -> Result<Source, Error> {
        match (&self.hex, &self.capture) {
            (Some(hex), None) if self.conversation.is_none() => {
                let protocol = self.protocol.as_deref().map(str::parse::<Protocol>);
                let from = match self.from.as_deref() {
                    None => None,
                    Some(id) => Some(
                        Side::BOTH
                            .into_iter()
                            .find(|side| side.id() == id)
                            .ok_or_else(|| Error::say(words, "manifest-from"))?,
                    ),
                };
                let protocol = protocol.transpose().map_err(|error| Error(error.said(words)))?;
                Ok(Source::Typed { hex: hex.clone(), protocol, from, deflate: self.deflate })
            }
            (None, Some(file)) if self.protocol.is_none() && self.from.is_none() && !self.deflate => {
                let conversation = self.conversation.unwrap_or(1);
                Ok(Source::Capture { file: folder.join(file), conversation })
            }
            (Some(_), None) => Err(Error::say(words, "manifest-conversation")),
            (None, Some(_)) => Err(Error::say(words, "manifest-typed")),
            _ => Err(Error::say(words, "manifest-source")),
        }
    }
}

/// What a command prints: `name` makes `src/generated/NAME.txt`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputEntry {
    pub(super) name: String,
    pub(super) command: String,
    /// The first and the last line to show, counted from 1; without it all of them.
    pub(super) lines: Option<(usize, usize)>,
    /// The command is to fail, and what it says about it is shown too.
    #[serde(default)]
    pub(super) fails: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TableKind {
    Opcodes,
    #[serde(rename = "opcodes-hybi-04")]
    OpcodesHybi04,
    CloseCodes,
    Headers,
    Fields,
    Rules,
    CommandLine,
    Statistics,
    Versions,
}

/// A table: `name` makes `src/generated/NAME.md`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    pub(super) name: String,
    pub(super) kind: TableKind,
    pub(super) capture: Option<PathBuf>,
    pub(super) conversation: Option<usize>,
}

/// The words of a command line: split at spaces, but for what stands between quotes.
pub(super) fn split_words(command: &str, said: Words) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(Error::say(said, "manifest-quote"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_people_write_them() {
        let words = |command| split_words(command, Words::english()).unwrap();
        assert_eq!(words("framescope decode 81 05"), ["framescope", "decode", "81", "05"]);
        assert_eq!(words("a 'b  c'd \"\" e"), ["a", "b  cd", "", "e"]);
        assert!(split_words("a 'b", Words::english()).is_err());
    }

    #[test]
    fn a_manifest_says_what_is_wrong_with_it() {
        let figure = |more: &str| {
            let text = format!("[[figure]]\nname = \"a\"\nkind = \"bits\"\ntitle = \"A\"\n{more}");
            Manifest::parse(&text, Words::english())
                .and_then(|manifest| manifest.figure[0].figure(Path::new("."), Words::english()))
                .map(|f| f.kind)
        };
        assert_eq!(figure("hex = \"8100\""), Ok(Kind::Bits { item: 1, rows: Some(4) }));
        assert_eq!(figure("capture = \"a\"\nitem = 3\nrows = 2"), Ok(Kind::Bits { item: 3, rows: Some(2) }));
        for (more, says) in [
            ("", "either"),
            ("hex = \"81\"\ncapture = \"a\"", "either"),
            ("hex = \"81\"\nconversation = 1", "conversation"),
            ("capture = \"a\"\ndeflate = true", "deflate"),
            ("hex = \"81\"\npacket = 1", "packet"),
            ("hex = \"81\"\nfrom = \"me\"", "client or server"),
            ("hex = \"81\"\nprotocol = \"ws\"", "ws"),
            ("hexx = \"81\"", "line 5"),
        ] {
            let error = figure(more).unwrap_err().to_string();
            assert!(error.contains(says), "{more:?}: {error}");
        }
    }
}
