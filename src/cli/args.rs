//! What the command line takes. The words of `--help` and of the manual page stand here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::protocol::{Protocol, Side};

/// What `framescope` says when it is asked nothing.
pub(super) const WELCOME: &str = "\
Framescope shows the WebSocket protocol, every version of it, down to each bit.

The window comes next. Until then the command line does the work:

  framescope dissect captures/h76-jsclient-ws04.pcapng      take a bundled capture apart
  framescope decode 81 85 37 fa 21 3d 7f 9f 4d 51 58        explain bytes that you type
  framescope serve                                          a server for every version, on 127.0.0.1:9001
  framescope connect ws://127.0.0.1:9001/ --send Hello      a client of a version of your choice

framescope --help lists everything; captures/README.md says what is in the bundled captures.";

#[derive(Debug, Parser)]
#[command(name = "framescope", version, about = "See the WebSocket protocol, every version of it, down to each bit", long_about = None)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take captures apart: every handshake, frame and message in them
    Dissect(DissectArgs),
    /// Explain bytes that you paste
    Decode(DecodeArgs),
    /// Say what a field or a rule is, by its id; without an id, list them all
    Explain {
        /// Ids of fields or rules, such as masking-key or rfc6455.length.minimal
        ids: Vec<String>,
    },
    /// Write a completion script for your shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page (roff)
    Man,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: a ladder of items, bit diagrams, findings
    #[default]
    Text,
    /// One document a file
    Json,
    /// One object a line, written while the capture is read
    Jsonl,
    /// One row an item
    Csv,
}

/// What text shows beside the ladder.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Detail {
    /// Show every field of every item, with its bits, value and section
    #[arg(long)]
    pub(super) fields: bool,
    /// Show every item as a hex dump
    #[arg(long)]
    pub(super) hex: bool,
    /// Show how values follow from the bytes, step by step
    #[arg(long)]
    pub(super) derivations: bool,
    /// Text: one line an item, no diagrams
    #[arg(long)]
    pub(super) brief: bool,
}

#[derive(Debug, Args)]
pub(super) struct DissectArgs {
    /// Captures: pcap or pcapng, also gzip-compressed; `-` reads one from standard input while it grows
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) detail: Detail,
    /// Only this conversation, counted from 1
    #[arg(long, value_name = "N")]
    pub(super) conversation: Option<usize>,
    /// What is spoken on a server's port, for recordings without a handshake, as in 8080=rfc6455
    #[arg(long, value_name = "PORT=PROTOCOL", value_parser = decode_as)]
    pub(super) decode_as: Vec<(u16, Protocol)>,
}

#[derive(Debug, Args)]
pub(super) struct DecodeArgs {
    /// The bytes in hexadecimal; white space, 0x, \x and commas do not matter. `-` reads them from standard input
    #[arg(required = true, value_name = "HEX")]
    #[arg(id = "bytes")]
    pub(super) hex: Vec<String>,
    /// The version that the bytes are of; by default rfc6455 frames, or HTTP and policy requests by their first byte
    #[arg(long, value_name = "PROTOCOL")]
    pub(super) protocol: Option<Protocol>,
    /// Who sent the bytes; by default the client if the first frame is masked, otherwise the server
    #[arg(long, value_name = "SIDE", value_parser = side)]
    pub(super) from: Option<Side>,
    /// Standard input holds the bytes themselves, not hexadecimal digits
    #[arg(long)]
    pub(super) raw: bool,
    /// permessage-deflate was agreed: RSV1 marks compressed messages
    #[arg(long)]
    pub(super) deflate: bool,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DecodeFormat,
    #[command(flatten)]
    pub(super) detail: Detail,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DecodeFormat {
    /// For people
    #[default]
    Text,
    /// One document
    Json,
}

fn decode_as(text: &str) -> Result<(u16, Protocol), String> {
    let (port, protocol) = text.split_once('=').ok_or("write it as PORT=PROTOCOL, such as 8080=rfc6455")?;
    let port = port.parse().map_err(|_| format!("`{port}` is no port number"))?;
    let protocol: Protocol = protocol.parse().map_err(|error: crate::protocol::UnknownProtocol| error.to_string())?;
    Ok((port, protocol))
}

fn side(text: &str) -> Result<Side, String> {
    Side::BOTH.into_iter().find(|side| side.id() == text).ok_or_else(|| "write client or server".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
