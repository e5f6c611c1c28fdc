//! Standard output, and what is written to it for people.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::Failure;
use super::args::Detail;
use crate::endpoint::Event;
use crate::export;
use crate::export::text::{Options, Paint};
use crate::live::{Recorder, RecorderConfig};
use crate::model::rule::Finding;
use crate::wire::message::Kind;

/// Lines are this wide where nobody says how wide they may be.
const WIDTH: usize = 100;

/// Standard output with a buffer. Whether text has colours is decided by [`text_options`], so nothing has to be taken
/// out of it here.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Standard output with a buffer, for what programs read: there are no colours to be removed.
pub(super) fn plain_stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Prints a text and a line end.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// A file's name without its folder, as the output shows it.
pub(super) fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// How text is to look: as wide as the terminal, and in colour where it has colours.
pub(super) fn text_options(detail: Detail) -> Options {
    let stdout = io::stdout();
    let colours = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    let width = terminal_size::terminal_size()
        .filter(|_| stdout.is_terminal())
        .map(|(width, _)| usize::from(width.0));
    Options {
        brief: detail.brief,
        fields: detail.fields,
        hex: detail.hex,
        derivations: !detail.brief,
        width: width.unwrap_or(WIDTH).max(60),
        paint: if colours { Paint::COLOUR } else { Paint::PLAIN },
        ..Options::default()
    }
}

/// What JSON is to hold.
pub(super) fn json_options(detail: Detail, conversation: Option<usize>) -> export::json::Options {
    export::json::Options {
        fields: detail.fields,
        derivations: detail.derivations,
        conversation,
        items: None,
    }
}

/// A recorder that writes a pcapng file, and keeps no trace.
pub(super) fn record_to(file: &Path) -> Result<Recorder, Failure> {
    let cannot = |error| Failure::said(format!("cannot write the recording {}: {error}", file.display()));
    let out = BufWriter::new(File::create(file).map_err(cannot)?);
    let config = RecorderConfig { trace: false, file: Some(Box::new(out)), ..RecorderConfig::default() };
    Recorder::start(config).map_err(cannot)
}

/// What sockets and timers run on.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::said(format!("cannot start the threads that sockets need: {error}")))
}

/// An event of an endpoint as a name, as words for a person, and as further keys of a JSON object.
pub(super) fn describe_event(event: &Event) -> (&'static str, String, Value) {
    match event {
        Event::PolicyServed => ("policy-served", "was sent the Flash policy file".to_owned(), json!({})),
        Event::Http { method, target, status } => {
            let words = format!(
                "{method} {target}: {}",
                if *status == 0 { "held back".to_owned() } else { status.to_string() }
            );
            ("http", words, json!({ "method": method, "target": target, "status": status }))
        }
        Event::Said(data) => {
            ("said", format!("said {}", quoted(data, data.len() as u64)), json!({ "length": data.len() }))
        }
        Event::Open { agreement, resource } => {
            let mut words = format!("open: {}, {resource}", agreement.protocol);
            for name in agreement.subprotocol.iter().chain(&agreement.extensions) {
                words.push_str(", ");
                words.push_str(name);
            }
            let more = json!({
                "protocol": agreement.protocol.id(), "resource": resource,
                "subprotocol": agreement.subprotocol, "extensions": agreement.extensions,
            });
            ("open", words, more)
        }
        Event::Message { kind, data, length } => {
            let words = match kind {
                Kind::Text => format!("{} {}", kind.id(), quoted(data, *length)),
                _ => format!("{} {length} bytes", kind.id()),
            };
            ("message", words, json!({ "type": kind.id(), "length": length }))
        }
        Event::Ping(data) => {
            ("ping", format!("ping {}", quoted(data, data.len() as u64)), json!({ "length": data.len() }))
        }
        Event::Pong(data) => {
            ("pong", format!("pong {}", quoted(data, data.len() as u64)), json!({ "length": data.len() }))
        }
        Event::CloseReceived { code, reason } => {
            let code_words = code.map_or("without a code".to_owned(), |code| code.to_string());
            let reason_words = if reason.is_empty() { String::new() } else { format!(" {reason:?}") };
            ("close", format!("close {code_words}{reason_words}"), json!({ "code": code, "reason": reason }))
        }
        Event::Refused { status, findings } => (
            "refused",
            format!("refused with {status}: {}", said(findings)),
            json!({ "status": status, "findings": findings }),
        ),
        Event::Failed { findings } => {
            ("failed", format!("failed: {}", said(findings)), json!({ "findings": findings }))
        }
        Event::Noticed(finding) => ("noticed", finding.to_string(), json!({ "finding": finding })),
        Event::Closed { clean, code } => {
            let words = format!("closed {}, {code}", if *clean { "cleanly" } else { "uncleanly" });
            ("closed", words, json!({ "clean": clean, "code": code }))
        }
    }
}

fn said(findings: &[Finding]) -> String {
    findings.first().map(ToString::to_string).unwrap_or_default()
}

/// The beginning of a payload as a person reads it, and its length.
fn quoted(data: &[u8], length: u64) -> String {
    let text = String::from_utf8_lossy(data);
    let more = if (data.len() as u64) < length { "…" } else { "" };
    format!("{text:?}{more}, {length} bytes")
}
