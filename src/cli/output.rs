//! Standard output, and what is written to it for people.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::Failure;
use super::args::Detail;
use crate::capture::Loader;
use crate::endpoint::Event;
use crate::export;
use crate::export::json::{Findings, Said};
use crate::export::text::{Options, Paint};
use crate::live::{Recorder, RecorderConfig};
use crate::model::field::spaced_hex;
use crate::model::rule::Finding;
use crate::wire::message::Kind;
use crate::words::Words;

/// Lines are this wide where nobody says how wide they may be.
const WIDTH: usize = 100;

/// Standard output with a buffer. Whether text has colours is decided by [`text_options`], so nothing has to be taken
/// out of it here.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
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
pub(super) fn text_options(detail: Detail, words: Words) -> Options {
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
        all: detail.all,
        width: width.unwrap_or(WIDTH).max(60),
        paint: if colours { Paint::COLOUR } else { Paint::PLAIN },
        words,
        ..Options::default()
    }
}

/// What JSON is to hold.
pub(super) fn json_options(
    detail: Detail,
    conversation: Option<usize>,
    words: Words,
) -> export::json::Options {
    export::json::Options {
        fields: detail.fields,
        derivations: detail.derivations,
        payloads: false,
        conversation,
        items: None,
        words,
    }
}

/// Files smaller than this are read before anybody could look at a progress bar.
const WORTH_A_BAR: u64 = 64 << 20;

/// A bar on standard error that says how much of a capture was read; hidden where nobody would see it.
pub(super) fn progress(loader: &Loader, words: Words) -> ProgressBar {
    match loader.progress() {
        (_, Some(total)) if total >= WORTH_A_BAR && io::stderr().is_terminal() => {
            let bar = ProgressBar::new(total);
            let values = [
                ("bytes", "{bytes}".into()),
                ("total", "{total_bytes}".into()),
                ("speed", "{bytes_per_sec}".into()),
                ("left", "{eta}".into()),
            ];
            let template = format!("{{bar:40}} {}", words.with("cli-progress", &values));
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        }
        _ => ProgressBar::hidden(),
    }
}

/// A recorder that writes a pcapng file, and keeps no trace.
pub(super) fn record_to(file: &Path, words: Words) -> Result<Recorder, Failure> {
    let cannot = |error| cannot(words, "cli-cannot-record-to", file, error);
    let out = BufWriter::new(File::create(file).map_err(cannot)?);
    let config = RecorderConfig { trace: false, file: Some(Box::new(out)), ..RecorderConfig::default() };
    Recorder::start(config).map_err(cannot)
}

/// A failure with a file: the message names it and what the system says.
#[allow(clippy::needless_pass_by_value)] // It stands behind `map_err`.
pub(super) fn cannot(words: Words, id: &str, file: &Path, error: io::Error) -> Failure {
    Failure::with(words, id, &[("name", &file.display().to_string()), ("error", &error.to_string())])
}

/// What sockets and timers run on.
pub(super) fn runtime(words: Words) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::with(words, "cli-no-threads", &[("error", &error.to_string())]))
}

/// An event of an endpoint as a name, as words for a person, and as further keys of a JSON object.
pub(super) fn describe_event(event: &Event, words: Words) -> (&'static str, String, Value) {
    let say = |id: &str, values: &[(&str, &str)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        words.with(id, &values)
    };
    match event {
        Event::PolicyServed => ("policy-served", words.text("event-policy-served").to_owned(), json!({})),
        Event::Http { method, target, status } => {
            let told = if *status == 0 {
                say("event-held-back", &[("method", method), ("target", target)])
            } else {
                format!("{method} {target}: {status}")
            };
            ("http", told, json!({ "method": method, "target": target, "status": status }))
        }
        Event::Said(data) => {
            let data = quoted(data, data.len() as u64, words);
            ("said", say("event-said", &[("data", &data.0)]), json!({ "length": data.1 }))
        }
        Event::Open { agreement, resource } => {
            let mut told = vec![agreement.protocol.id(), resource.as_str()];
            told.extend(agreement.subprotocol.iter().chain(&agreement.extensions).map(String::as_str));
            let more = json!({
                "protocol": agreement.protocol.id(), "resource": resource,
                "subprotocol": agreement.subprotocol, "extensions": agreement.extensions,
            });
            ("open", say("event-open", &[("agreed", &told.join(", "))]), more)
        }
        Event::Message { kind, data, length } => {
            let told = match kind {
                Kind::Text => format!("{} {}", kind.id(), quoted(data, *length, words).0),
                _ => format!("{} {}", kind.id(), bytes(*length, words)),
            };
            ("message", told, json!({ "type": kind.id(), "length": length }))
        }
        Event::Ping(data) => {
            let (told, length) = quoted(data, data.len() as u64, words);
            ("ping", format!("ping {told}"), json!({ "length": length }))
        }
        Event::Pong(data) => {
            let (told, length) = quoted(data, data.len() as u64, words);
            ("pong", format!("pong {told}"), json!({ "length": length }))
        }
        Event::CloseReceived { code, reason } => {
            let code_told = code.map_or(words.text("event-no-code").to_owned(), |code| code.to_string());
            let reason_told = if reason.is_empty() { String::new() } else { format!(" {reason:?}") };
            ("close", format!("close {code_told}{reason_told}"), json!({ "code": code, "reason": reason }))
        }
        Event::Refused { status, findings } => {
            let told = say(
                "event-refused",
                &[("status", &status.to_string()), ("finding", &first(findings, words))],
            );
            ("refused", told, json!({ "status": status, "findings": Findings(findings, words) }))
        }
        Event::Failed { findings } => {
            let told = say("event-failed", &[("finding", &first(findings, words))]);
            ("failed", told, json!({ "findings": Findings(findings, words) }))
        }
        Event::Noticed(finding) => {
            ("noticed", words.finding_line(finding), json!({ "finding": Said(finding, words) }))
        }
        Event::Closed { clean, code } => {
            let id = if *clean { "event-closed-cleanly" } else { "event-closed-uncleanly" };
            let told = say(id, &[("code", &code.to_string())]);
            ("closed", told, json!({ "clean": clean, "code": code }))
        }
    }
}

fn first(findings: &[Finding], words: Words) -> String {
    findings.first().map(|finding| words.finding_line(finding)).unwrap_or_default()
}

fn bytes(length: u64, words: Words) -> String {
    words.with("event-bytes", &[("count", length.into()), ("shown", length.to_string().into())])
}

/// The beginning of a payload as a person reads it, with its length; and how much of it was told.
fn quoted(data: &[u8], length: u64, words: Words) -> (String, usize) {
    let more = if (data.len() as u64) < length { "…" } else { "" };
    let told = match std::str::from_utf8(data) {
        Ok(text) => format!("{text:?}"),
        // Where the beginning ends, a character may be cut.
        Err(error) if !more.is_empty() && error.error_len().is_none() => {
            format!("{:?}", String::from_utf8_lossy(data.get(..error.valid_up_to()).unwrap_or_default()))
        }
        Err(_) => spaced_hex(data),
    };
    (format!("{told}{more}, {}", bytes(length, words)), data.len())
}
