//! What `framescope list` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::parsers::decode_as;
use super::select_args::Select;
use crate::analysis::overview::Column;
use crate::trace::DecodeAs;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Captures: pcap, pcapng or snoop, also compressed with gzip, xz or zstd; `-` reads one from standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How to write the list
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ListFormat,
    /// Sort by this column: text and times from the first on, amounts from the largest down
    #[arg(long, value_name = "KEY", value_parser = column, default_value = "conversation")]
    pub(super) sort: Column,
    /// The other way round
    #[arg(long)]
    pub(super) reverse: bool,
    #[command(flatten)]
    pub(super) select: Select,
    /// What is spoken on a server's port, for recordings without a handshake, as in 8080=rfc6455; +deflate behind it where
    /// permessage-deflate was agreed
    #[arg(long, value_name = "PORT=PROTOCOL[+deflate]", value_parser = decode_as)]
    pub(super) decode_as: Vec<DecodeAs>,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people: a table as wide as the terminal
    #[default]
    Text,
    /// One document a file
    Json,
    /// One row a conversation
    Csv,
}

fn column(text: &str) -> Result<Column, String> {
    Column::ALL.into_iter().find(|column| column.id() == text).ok_or_else(|| {
        let known: Vec<_> = Column::ALL.iter().map(|column| column.id()).collect();
        format!("there is no such column; there are {}", known.join(", "))
    })
}
