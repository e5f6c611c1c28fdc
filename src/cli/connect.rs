//! `framescope connect`: a client of a version of your choice.
//!
//! What is printed is dissected from what was recorded, not told by the client.

use std::io::{BufWriter, Write};

use clap::ArgMatches;
use serde_json::json;

use super::Failure;
use super::args::{ConnectArgs, DecodeFormat};
use super::output;
use crate::capture::typed::{HexError, parse_hex};
use crate::endpoint::{Event, Options, SendError};
use crate::endpoint::{UrlError, WsUrl};
use crate::export::file::Whole;
use crate::export::pcapng::{self, Writer};
use crate::export::{json as json_export, text};
use crate::live::{
    Action, Client, ClientConfig, ConnectError, Limits, Outcome, Recorder, RecorderConfig, Script,
};
use crate::model::dialect::Binary;
use crate::trace::Trace;
use crate::wire::deflate;
use crate::wire::handshake::Secret;
use crate::words::{Said, Words};

pub(super) fn run(args: &ConnectArgs, matches: Option<&ArgMatches>, words: Words) -> Result<(), Failure> {
    // Said before the server is bothered.
    let frames = &args.protocol.dialect_or_latest().frames;
    if !args.binary.is_empty() && frames.binary != Binary::Both {
        return Err(Failure::of(&SendError::NoBinary(args.protocol), words));
    }
    if !args.ping.is_empty() && !frames.pings {
        return Err(Failure::of(&SendError::NoPing(args.protocol), words));
    }
    let script = Script {
        actions: actions(args, matches, words)?,
        close: (!args.echo).then(|| args.close.clone()),
        timeout: args.timeout,
    };
    let not_recorded =
        |error: std::io::Error| Failure::with(words, "cli-cannot-record", &[("error", &error.to_string())]);
    let recorder = Recorder::start(RecorderConfig::default()).map_err(not_recorded)?;
    let config = config(args, recorder.clone(), words)?;
    let runtime = output::runtime(words)?;
    let result = runtime.block_on(connect(config, &script));
    let recorded = recorder.finish().map_err(not_recorded)?;
    if let Some(file) = &args.record {
        let cannot = |error| output::cannot(words, "cli-cannot-record-to", file, error);
        write_recording(&recorded.trace, file).map_err(cannot)?;
    }
    print(args, &recorded.trace, &result, words)?;
    judge(&recorded.trace, args.echo, result, words)
}

async fn connect(config: ClientConfig, script: &Script) -> Result<Outcome, Failed> {
    let mut client = Client::connect(config).await?;
    Ok(client.run(script, &mut |_: &Event| ()).await?)
}

/// Why there is no outcome.
#[derive(Debug)]
enum Failed {
    Connect(ConnectError),
    Send(SendError),
}

impl Said for Failed {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Connect(error) => error.said(words),
            Self::Send(error) => error.said(words),
        }
    }
}

impl From<ConnectError> for Failed {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl From<SendError> for Failed {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

/// What is sent, in the order of the command line.
fn actions(args: &ConnectArgs, matches: Option<&ArgMatches>, words: Words) -> Result<Vec<Action>, Failure> {
    let places = |id: &str| -> Vec<usize> {
        matches.and_then(|matches| matches.indices_of(id)).into_iter().flatten().collect()
    };
    let mut actions: Vec<(usize, Action)> = Vec::new();
    for (place, text) in places("send").into_iter().zip(&args.send) {
        actions.push((place, Action::Text(text.clone())));
    }
    for (place, hex) in places("binary").into_iter().zip(&args.binary) {
        let wrong = |error: HexError| Failure::Said(format!("--binary {hex}: {}", error.said(words)));
        let bytes = parse_hex(hex).map_err(wrong)?;
        actions.push((place, Action::Binary(bytes)));
    }
    for (place, text) in places("ping").into_iter().zip(&args.ping) {
        actions.push((place, Action::Ping(text.clone().into_bytes())));
    }
    actions.sort_by_key(|(place, _)| *place);
    Ok(actions.into_iter().map(|(_, action)| action).collect())
}

fn config(args: &ConnectArgs, recorder: Recorder, words: Words) -> Result<ClientConfig, Failure> {
    let wrong = |error: UrlError| Failure::of(&error, words);
    let url: WsUrl = args.url.parse().map_err(wrong)?;
    Ok(ClientConfig {
        protocol: args.protocol,
        origin: args.origin.clone(),
        subprotocols: args.subprotocol.clone(),
        headers: args.header.clone(),
        deflate: args
            .deflate
            .then(|| deflate::Offer { client_max_window_bits: Some(None), ..deflate::Offer::default() }),
        secret: args.key.clone().map(Secret::Hybi),
        seed: args.seed,
        options: Options { echo: args.echo, ..Options::default() },
        limits: Limits { handshake: args.timeout, ..Limits::default() },
        recorder: Some(recorder),
        ..ClientConfig::new(url)
    })
}

fn write_recording(trace: &Trace, file: &std::path::Path) -> std::io::Result<()> {
    let mut writer = Writer::new(BufWriter::new(Whole::create(file)?))?;
    for conversation in trace.conversations() {
        pcapng::write_conversation(trace, conversation, &mut writer)?;
    }
    writer.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
}

fn print(
    args: &ConnectArgs,
    trace: &Trace,
    result: &Result<Outcome, Failed>,
    words: Words,
) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format {
        DecodeFormat::Text => {
            let options = output::text_options(args.detail, words);
            for index in 0..trace.conversations().len() {
                text::write_conversation(&mut out, trace, index, &options)?;
            }
            if let Ok(outcome) = result {
                let values = [
                    ("code", outcome.code.to_string().into()),
                    ("answers", outcome.answers.to_string().into()),
                    ("expected", outcome.expected.to_string().into()),
                ];
                let id = if outcome.clean { "connect-cleanly" } else { "connect-uncleanly" };
                writeln!(out, "{}", words.with(id, &values))?;
            }
        }
        DecodeFormat::Json => {
            let about = json_export::About { file: args.url.clone(), ..json_export::About::default() };
            let options = output::json_options(args.detail, None, words);
            let outcome = match result {
                Ok(outcome) => json!({
                    "clean": outcome.clean, "code": outcome.code, "answers": outcome.answers,
                    "expected": outcome.expected, "timed_out": outcome.timed_out,
                }),
                Err(error) => json!({ "clean": false, "error": error.said(words) }),
            };
            json_export::write_document_with(&mut out, &about, trace, options, &[("outcome", outcome)])?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Success is a valid handshake, all answers, and a clean close; otherwise the reason, with the finding behind it.
fn judge(trace: &Trace, echo: bool, result: Result<Outcome, Failed>, words: Words) -> Result<(), Failure> {
    let finding = || {
        let found = trace
            .conversations()
            .iter()
            .flat_map(|talk| talk.item_findings.iter().map(|(_, finding)| finding));
        found
            .max_by_key(|finding| finding.severity())
            .map(|finding| format!(": {}", words.finding_line(finding)))
            .unwrap_or_default()
    };
    match result {
        Err(Failed::Connect(error @ ConnectError::Refused { .. })) => {
            Err(Failure::Said(format!("{}{}", error.said(words), finding())))
        }
        Err(error) => Err(Failure::of(&error, words)),
        Ok(outcome) if outcome.is_good() => Ok(()),
        Ok(outcome) if outcome.timed_out && echo => Err(Failure::with(words, "connect-not-closed", &[])),
        Ok(outcome) if outcome.timed_out => {
            let values: [(&str, &str); 2] =
                [("answers", &outcome.answers.to_string()), ("expected", &outcome.expected.to_string())];
            Err(Failure::with(words, "connect-too-few", &values))
        }
        Ok(outcome) => {
            let broken = outcome.findings.iter().max_by_key(|finding| finding.severity());
            let why = broken.map_or_else(finding, |finding| format!(": {}", words.finding_line(finding)));
            let said = words.with("connect-not-cleanly", &[("code", outcome.code.to_string().into())]);
            Err(Failure::Said(format!("{said}{why}")))
        }
    }
}
