//! What `framescope figure` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::parsers::{items, side};
use crate::export::svg::Theme;
use crate::figure::Source;
use crate::model::protocol::{Protocol, Side};

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(super) struct FigureArgs {
    #[command(subcommand)]
    pub(super) kind: Option<FigureCommand>,
    /// Make everything in the book of this folder that is generated, as its figures/*.toml say
    #[arg(long, value_name = "FOLDER", required = true)]
    pub(super) book: Option<PathBuf>,
    /// Write nothing: fail if anything is out of date
    #[arg(long, requires = "book")]
    pub(super) check: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum FigureCommand {
    /// Every bit of an item, 32 a row
    Bits {
        #[command(flatten)]
        from: SourceArgs,
        /// The item, counted from 1
        #[arg(long, value_name = "N", default_value_t = 1)]
        item: usize,
        /// In how many rows a long payload is shown before it is folded; 0 shows all of it
        #[arg(long, value_name = "N", default_value_t = 4)]
        rows: u32,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Who sent what, time running down
    Ladder {
        #[command(flatten)]
        from: SourceArgs,
        /// Only these items, counted from 1, as in 3..8
        #[arg(long, value_name = "A..B", value_parser = items)]
        items: Option<(usize, usize)>,
        #[command(flatten)]
        look: LookArgs,
    },
    /// How values that are not on the wire follow from bytes that are
    Derivation {
        #[command(flatten)]
        from: SourceArgs,
        /// The item, counted from 1
        #[arg(long, value_name = "N", default_value_t = 1)]
        item: usize,
        /// Only this derivation, such as rfc6455.accept or frame.unmask
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        #[command(flatten)]
        look: LookArgs,
    },
    /// A packet, each layer in the layer that carries it
    Layers {
        /// A capture: pcap or pcapng, not compressed
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The packet's number in the file, counted from 1
        #[arg(long, value_name = "N")]
        packet: u64,
        #[command(flatten)]
        look: LookArgs,
    },
}

/// Where the bytes come from.
#[derive(Debug, Args)]
pub(super) struct SourceArgs {
    /// A capture: pcap or pcapng
    #[arg(value_name = "FILE", required_unless_present = "hex")]
    pub(super) file: Option<PathBuf>,
    /// The conversation of the capture, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) conversation: usize,
    /// Bytes in hexadecimal in place of a capture
    #[arg(long, value_name = "HEX", conflicts_with_all = ["file", "conversation"])]
    pub(super) hex: Option<String>,
    /// The version that typed bytes are of
    #[arg(long, value_name = "PROTOCOL", requires = "hex")]
    pub(super) protocol: Option<Protocol>,
    /// Who sent typed bytes
    #[arg(long, value_name = "SIDE", value_parser = side, requires = "hex")]
    pub(super) from: Option<Side>,
    /// permessage-deflate was agreed for typed bytes
    #[arg(long, requires = "hex")]
    pub(super) deflate: bool,
}

impl SourceArgs {
    pub(super) fn source(&self) -> Source {
        match (&self.hex, &self.file) {
            (None, Some(file)) => Source::Capture { file: file.clone(), conversation: self.conversation },
            (hex, _) => Source::Typed {
                hex: hex.clone().unwrap_or_default(),
                protocol: self.protocol,
                from: self.from,
                deflate: self.deflate,
            },
        }
    }
}

/// What the figure is called, how it looks, and where it goes.
#[derive(Debug, Args)]
pub(super) struct LookArgs {
    /// The heading
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// light, dark, or auto: as the reader prefers, and light on paper
    #[arg(long, value_name = "THEME", default_value = "auto")]
    pub(super) theme: Theme,
    /// Write to this file, as SVG or PNG by its ending; SVG to standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
