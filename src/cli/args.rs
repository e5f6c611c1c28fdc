//! What the command line takes. The words of `--help` and of the manual page stand here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::figure_args::FigureArgs;
use super::list_args::ListArgs;
use super::parsers::{decode_as, items, language, side};
use super::select_args::Select;
use crate::analysis::pointer::Pointer;
use crate::endpoint::listen_address;
use crate::endpoint::{FAULTS, Fault, SendError};
use crate::export::selection::Format as ExportFormat;
use crate::live::Speed;
use crate::model::dialect::UnknownProtocol;
use crate::model::protocol::{Protocol, Side};
use crate::trace::DecodeAs;
use crate::wire::close::{CloseBody, classify};
use crate::wire::frame::hybi::MAX_CONTROL;
use crate::wire::http::{field_value, header, token};
use crate::words::Words;

#[derive(Debug, Parser)]
#[command(name = "framescope", version, about = "See the WebSocket protocol, every version of it, down to each bit", long_about = None)]
pub(super) struct Arguments {
    /// A capture to open in the window
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// The language of everything that is said, as in `en`; also `FRAMESCOPE_LANGUAGE`
    #[arg(long, global = true, value_name = "TAG", value_parser = language)]
    pub(super) language: Option<Words>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take captures apart: every handshake, frame and message in them
    Dissect(DissectArgs),
    /// List the conversations of captures, a row each: who, where, how long, how much, how it ended
    List(ListArgs),
    /// Show packets with the headers around a stream's bytes: link layer, IP, TCP
    Packets(PacketsArgs),
    /// Explain bytes that you paste
    Decode(DecodeArgs),
    /// Run a server that speaks every version on one port, and echoes
    Serve(ServeArgs),
    /// Connect to a server as a client of a version of your choice
    Connect(ConnectArgs),
    /// Send the client's side of a recorded conversation again, and compare the answers
    Replay(ReplayArgs),
    /// Write a conversation of a capture, or items of it, as a file of its own
    Export(ExportArgs),
    /// Draw a figure as SVG, or make everything in the book that is generated
    Figure(FigureArgs),
    /// Take a lesson: bytes, questions about them, and why an answer is right or wrong
    Lesson(LessonArgs),
    /// Open the book in a browser
    Book {
        /// Print where it is, and open nothing
        #[arg(long)]
        print: bool,
    },
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
    /// Write the manual page (roff), of the whole or of one command
    Man {
        /// The command, such as dissect
        command: Option<String>,
    },
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
    /// One object a message, its text or else its bytes in base64
    MessagesJsonl,
    /// One row a message, safe to open in a spreadsheet
    MessagesCsv,
}

/// What text shows beside the ladder.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Detail {
    /// Show every field of every item, with its bits, value and section
    #[arg(long)]
    pub(super) fields: bool,
    /// Show every item as a hex dump, of a long one the beginning (--all shows the rest)
    #[arg(long)]
    pub(super) hex: bool,
    /// JSON: how values follow from the bytes, step by step (text shows it unless --brief)
    #[arg(long)]
    pub(super) derivations: bool,
    /// Text: one line an item, no diagrams
    #[arg(long)]
    pub(super) brief: bool,
    /// Text: fold nothing, however long it is; otherwise what is long is counted: payloads, derivations, items of which
    /// many were shown
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(super) struct DissectArgs {
    /// Captures: pcap, pcapng or snoop, also compressed with gzip, xz or zstd; `-` reads one from standard input while it grows
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) detail: Detail,
    #[command(flatten)]
    pub(super) select: Select,
    /// JSON: the payload of each message, in base64
    #[arg(long)]
    pub(super) payloads: bool,
    /// Only this conversation, counted from 1
    #[arg(long, value_name = "N")]
    pub(super) conversation: Option<usize>,
    /// Read on when the file's end was reached, because another program still writes it; an interrupt (Ctrl-C) ends it
    #[arg(long)]
    pub(super) follow: bool,
    /// What is spoken on a server's port, for recordings without a handshake, as in 8080=rfc6455; +deflate behind it where
    /// permessage-deflate was agreed
    #[arg(long, value_name = "PORT=PROTOCOL[+deflate]", value_parser = decode_as)]
    pub(super) decode_as: Vec<DecodeAs>,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// A capture: pcap, pcapng or snoop, also compressed with gzip, xz or zstd
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Which conversation, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) conversation: usize,
    /// Only these items of it, the first and the last, counted from 1, as in 3..7
    #[arg(long, value_name = "FIRST..LAST", value_parser = items)]
    pub(super) items: Option<(usize, usize)>,
    /// What to write: pcapng, json, csv or har (HTTP archive with `_webSocketMessages`); as the name of OUT ends without it
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<ExportFormat>,
    /// Where to; without it standard output
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: Option<PathBuf>,
    /// What is spoken on a server's port, for recordings without a handshake, as in 8080=rfc6455; +deflate behind it where
    /// permessage-deflate was agreed
    #[arg(long, value_name = "PORT=PROTOCOL[+deflate]", value_parser = decode_as)]
    pub(super) decode_as: Vec<DecodeAs>,
}

#[derive(Debug, Args)]
pub(super) struct PacketsArgs {
    /// A capture: pcap or pcapng, not compressed
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Only these packets, counted from 1, as dissect numbers them; without numbers all of them
    #[arg(value_name = "N")]
    pub(super) numbers: Vec<u64>,
    /// How to write them
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DecodeFormat,
    #[command(flatten)]
    pub(super) detail: Detail,
}

#[derive(Debug, Args)]
pub(super) struct DecodeArgs {
    /// The bytes, as you have them: hexadecimal, a dump (xxd, hexdump -C, Wireshark, tcpdump -x), strings and arrays of programs, base64, binary digits, decimals, a whole packet, or the text of a head. `-` reads them from standard input
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
    /// One document; of packets, one object a line
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where to listen, as in 127.0.0.1:9001, localhost:9001, or :9001 for everybody; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9001", value_parser = listen_address)]
    pub(super) listen: SocketAddr,
    /// The versions that are spoken; `auto` is all of them. May be repeated
    #[arg(long, value_name = "PROTOCOL", default_value = "auto", value_parser = versions)]
    pub(super) protocol: Vec<Versions>,
    /// Serve RFC 6455 with one mistake, for finding it: the name of a faulty peer, such as ping-with-ping
    #[arg(long, value_name = "NAME", value_parser = fault, conflicts_with_all = ["protocol", "flash_policy", "subprotocol", "deflate", "origin"])]
    pub(super) faulty: Option<&'static Fault>,
    /// Serve the Flash policy file at this address too; Flash Player asks port 843 first
    #[arg(long, value_name = "ADDRESS", value_parser = listen_address)]
    pub(super) flash_policy: Option<SocketAddr>,
    /// A subprotocol that the server speaks. May be repeated
    #[arg(long, value_name = "NAME", value_parser = token)]
    pub(super) subprotocol: Vec<String>,
    /// Agree to permessage-deflate
    #[arg(long)]
    pub(super) deflate: bool,
    /// Let only pages from this origin connect; others are refused with 403. May be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(super) origin: Vec<String>,
    /// Record every byte to this pcapng file
    #[arg(long, value_name = "FILE.pcapng")]
    pub(super) record: Option<PathBuf>,
    /// The largest message, in bytes; a larger one is answered with 1009
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub(super) max_message: u64,
    /// The largest head of a request, in bytes; a larger one is refused with 431
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 10)]
    pub(super) max_head: usize,
    /// How many connections may be open at once; more are told 503
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub(super) max_connections: usize,
    /// How long a handshake may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) handshake_timeout: Duration,
    /// After how many silent seconds a connection is closed
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub(super) idle_timeout: Duration,
    /// How to print what happens
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: ServeFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ServeFormat {
    /// A line for people for each event
    #[default]
    Text,
    /// One JSON object a line
    Jsonl,
}

/// What `--protocol` of a server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    All,
    One(Protocol),
}

#[derive(Debug, Args)]
pub(super) struct ConnectArgs {
    /// The server: ws://host:port/path
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// The version to speak
    #[arg(long, value_name = "PROTOCOL", default_value = "rfc6455", value_parser = version)]
    pub(super) protocol: Protocol,
    /// The origin of the page that a browser would connect for
    #[arg(long, value_name = "ORIGIN", value_parser = field_value)]
    pub(super) origin: Option<String>,
    /// A subprotocol to offer. May be repeated, the most wanted first
    #[arg(long, value_name = "NAME", value_parser = token)]
    pub(super) subprotocol: Vec<String>,
    /// A further header field. May be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub(super) header: Vec<(String, String)>,
    /// Offer permessage-deflate
    #[arg(long)]
    pub(super) deflate: bool,
    /// Send a text message. May be repeated; --send, --binary and --ping are sent in the order given. `-` sends each line
    /// of standard input, after the others; so does a pipe where nothing else is to be sent
    #[arg(long, value_name = "TEXT")]
    pub(super) send: Vec<String>,
    /// Send a binary message of these bytes
    #[arg(long, value_name = "HEX")]
    pub(super) binary: Vec<String>,
    /// Send a ping with this text
    #[arg(long, value_name = "TEXT", value_parser = ping)]
    pub(super) ping: Vec<String>,
    /// Close with this code and reason
    #[arg(long, value_name = "CODE[:REASON]", default_value = "1000", value_parser = close)]
    pub(super) close: (u16, String),
    /// Send back what comes, until the server closes
    #[arg(long)]
    pub(super) echo: bool,
    /// Stay and print what comes, until the server closes, or until the time of --timeout is up; without that, as long as
    /// it takes
    #[arg(long, conflicts_with_all = ["echo", "answers"])]
    pub(super) listen_only: bool,
    /// How many messages have to come after the last was sent; by default one for each message and ping
    #[arg(long, value_name = "N", conflicts_with = "echo")]
    pub(super) answers: Option<usize>,
    /// How long to wait for the handshake, and for answers [default: 10]; 0 waits for answers as long as it takes
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Make everything random from this number, so that each run sends the same bytes
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// The Sec-WebSocket-Key to send, in place of a random one (hybi-4 to rfc6455)
    #[arg(long, value_name = "BASE64", value_parser = field_value)]
    pub(super) key: Option<String>,
    /// Record every byte to this pcapng file
    #[arg(long, value_name = "FILE.pcapng")]
    pub(super) record: Option<PathBuf>,
    /// How to print what was on the wire
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DecodeFormat,
    #[command(flatten)]
    pub(super) detail: Detail,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The capture
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The server to send to: host:port
    #[arg(long, value_name = "ADDRESS", value_parser = host_and_port)]
    pub(super) to: String,
    /// Which conversation of the capture, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) conversation: usize,
    /// How long to wait for an answer that came when it was recorded, before the client goes on
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(super) wait: Duration,
    /// How fast: 1 is the capture's own pace, 10 ten times as fast, max as fast as the answers allow
    #[arg(long, value_name = "1|10|max", default_value = "1", value_parser = speed)]
    pub(super) speed: Speed,
    /// Send this header field in place of the recorded one. May be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub(super) set_header: Vec<(String, String)>,
    /// Ask with new keys in the handshake; that the server's proof is another is then no difference
    #[arg(long)]
    pub(super) fresh_key: bool,
    /// A value in JSON messages that does not count, as in /id or /data/time. May be repeated
    #[arg(long, value_name = "JSON-POINTER", value_parser = str::parse::<Pointer>)]
    pub(super) ignore: Vec<Pointer>,
    /// What is compared
    #[arg(long, value_enum, default_value_t)]
    pub(super) compare: CompareBy,
    /// How to print the comparison
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DecodeFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum CompareBy {
    /// Everything that the server sent: HTTP and each frame
    #[default]
    Frames,
    /// Its messages and its close, however they are cut into frames; pings and pongs do not count
    Messages,
}

#[derive(Debug, Args)]
pub(super) struct LessonArgs {
    /// The lesson, or a file with one; without a name, list them all with what you have done
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Play it here, in the terminal; answers come from standard input
    #[arg(long, requires = "name")]
    pub(super) text: bool,
    /// Say whether the bytes confirm every answer of the lesson, and what they are: for who writes one
    #[arg(long, requires = "name", conflicts_with_all = ["text", "reset"])]
    pub(super) check: bool,
    /// Ask before anything is shown that answers the question
    #[arg(long, requires = "name")]
    pub(super) challenge: bool,
    /// Write what you have done to this file, for a teacher
    #[arg(long, value_name = "FILE.md", conflicts_with_all = ["name", "reset"])]
    pub(super) progress: Option<PathBuf>,
    /// Forget what you have done, in one lesson or in all
    #[arg(long)]
    pub(super) reset: bool,
}

fn version(text: &str) -> Result<Protocol, String> {
    let protocol: Protocol = text.parse().map_err(|error: UnknownProtocol| error.to_string())?;
    if protocol.family().is_some() {
        Ok(protocol)
    } else {
        Err(format!("speak one of {}", Protocol::WEBSOCKET.map(Protocol::id).join(", ")))
    }
}

fn versions(text: &str) -> Result<Versions, String> {
    if text == "auto" { Ok(Versions::All) } else { version(text).map(Versions::One) }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("`{text}` is no length of time"))
}

/// A server with a mistake, by its name.
fn fault(text: &str) -> Result<&'static Fault, String> {
    let servers = || FAULTS.iter().filter(|fault| fault.side == Side::Server);
    servers().find(|fault| fault.name == text).ok_or_else(|| {
        let names: Vec<_> = servers().map(|fault| fault.name).collect();
        format!("no faulty server has this name; there are {}", names.join(", "))
    })
}

fn host_and_port(text: &str) -> Result<String, String> {
    let port =
        text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(text.to_owned()),
        _ => Err("write it as host:port, as in 127.0.0.1:9001".to_owned()),
    }
}

fn ping(text: &str) -> Result<String, String> {
    if text.len() > MAX_CONTROL {
        return Err(SendError::ControlTooLong(text.len()).to_string());
    }
    Ok(text.to_owned())
}

fn close(text: &str) -> Result<(u16, String), String> {
    let (code, reason) = text.split_once(':').unwrap_or((text, ""));
    let code = code.parse().map_err(|_| format!("`{code}` is no close code; write 1000 or 1000:reason"))?;
    if !classify(code).may_be_sent() {
        return Err(SendError::CloseCode(code).to_string());
    }
    let length = CloseBody::new(code, reason).encode().len();
    if length > MAX_CONTROL {
        return Err(SendError::ControlTooLong(length).to_string());
    }
    Ok((code, reason.to_owned()))
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if times.is_finite() && times > 0.0 => Ok(Speed::Times(times)),
        _ => Err("write a number such as 1 or 10, or max".to_owned()),
    }
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
