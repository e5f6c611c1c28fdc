//! `framescope connect`: a client of a version of your choice, for scripts and for the keyboard.
//!
//! What is printed is dissected from what was recorded, not told by the client.

mod judge;
mod keyboard;
mod ladder;
mod lines;
mod typed;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Failure;
use super::args::{ConnectArgs, DecodeFormat};
use super::output;
use super::serve::asked_to_stop;
use crate::capture::typed::{HexError, parse_hex};
use crate::endpoint::{Command, Options, SendError};
use crate::endpoint::{UrlError, WsUrl};
use crate::export::json as json_export;
use crate::live::{
    Client, ClientConfig, ConnectError, Input, Limits, News, Outcome, Recorder, RecorderConfig, Script, Wake,
};
use crate::model::protocol::Side;
use crate::trace::Trace;
use crate::wire::deflate;
use crate::wire::handshake::Secret;
use crate::words::{Said, Words};

use keyboard::Keyboard;
use ladder::{Ladder, Screen};

/// What a server sends by itself comes right behind its 101; so long it is no answer.
const GREETING: Duration = Duration::from_millis(50);

/// So long a server may still end the connection in its own way, before this client closes.
const SETTLE: Duration = Duration::from_millis(20);

/// So much may wait to be sent.
const SAID: usize = 64;

/// Where what is sent comes from, beside the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Nowhere,
    /// Standard input, a message a line.
    Lines,
    /// A person at a terminal.
    Keyboard,
}

pub(super) fn run(args: &ConnectArgs, matches: Option<&ArgMatches>, words: Words) -> Result<(), Failure> {
    let actions = actions(args, matches, words)?;
    // Said before the server is bothered.
    for action in &actions {
        action.fits(args.protocol, Side::Client).map_err(|error| Failure::of(&error, words))?;
    }
    let source = source(args, &actions);
    let script = script(args, actions, source);
    let (wake, woken) = sync_channel(1);
    let wake: Wake = Arc::new(move || {
        // An error says that it is about to look anyway.
        let _ = wake.try_send(());
    });
    let recorder = recorder(args, wake, words)?;
    let config = config(args, recorder.clone(), words)?;
    let runtime = output::runtime(words)?;
    let (input, said) = channel(SAID);
    let keyboard =
        match source {
            Source::Keyboard => {
                let keyboard = Keyboard::start(args.protocol, words);
                Some(keyboard.map_err(|error| {
                    Failure::with(words, "keyboard-none", &[("error", &error.to_string())])
                })?)
            }
            _ => None,
        };
    let ladder = (args.format == DecodeFormat::Text).then(|| {
        let screen =
            keyboard.as_ref().map_or(Screen::Output, |keyboard| Screen::Terminal(keyboard.printer()));
        let mut options = output::text_options(args.detail, words);
        // Between what a person types, a line an item is what can be read.
        options.brief |= keyboard.is_some() && !args.detail.fields && !args.detail.hex;
        Ladder::new(options, screen).follow(recorder.clone(), woken, input.clone())
    });
    let asked = |id: &str| words.text(id).to_owned();
    if let Some(keyboard) = &keyboard {
        keyboard.print(&asked("keyboard-begin"));
    }
    let (result, lines) = runtime.block_on(async {
        let mut talk = Talk { script, source, said, input, keyboard: keyboard.as_ref(), words };
        talk.connect(config).await
    });
    let recorded = recorder.finish().map_err(|error| not_recorded(args, error, words))?;
    let ladder = ladder.map(ladder::Following::join).transpose()?;
    // From here on nothing is typed any more.
    drop(keyboard);
    match (args.format, ladder) {
        (DecodeFormat::Text, Some(ladder)) => print(ladder, &recorded.trace, &result, words)?,
        _ => print_json(args, &recorded.trace, &result, words)?,
    }
    if let Some(error) = lines {
        return Err(error);
    }
    judge::judge(&recorded.trace, args.echo, result, words)
}

/// What there is to talk with.
struct Talk<'a> {
    script: Script,
    source: Source,
    said: Receiver<Input>,
    input: Sender<Input>,
    keyboard: Option<&'a Keyboard>,
    words: Words,
}

impl Talk<'_> {
    /// How it went, and what was wrong with the lines of standard input.
    async fn connect(&mut self, config: ClientConfig) -> (Result<Outcome, Failed>, Option<Failure>) {
        let mut client = tokio::select! {
            client = Client::connect(config) => match client {
                Ok(client) => client,
                Err(error) => return (Err(Failed::Connect(error)), None),
            },
            () = asked_to_stop() => return (Err(Failed::Stopped), None),
        };
        let input = self.input.clone();
        tokio::spawn(async move {
            loop {
                asked_to_stop().await;
                if input.send(Input::Stop).await.is_err() {
                    return;
                }
            }
        });
        let lines = match self.source {
            Source::Lines => Some(lines::read(self.input.clone())),
            Source::Keyboard => {
                if let Some(keyboard) = self.keyboard {
                    keyboard.read(self.input.clone());
                }
                None
            }
            Source::Nowhere => None,
        };
        // What nobody says is not waited for; that the program is to end can be said at any time.
        let only_stop = self.source == Source::Nowhere;
        if only_stop {
            // The first of them says that nothing more follows.
            let _ = self.input.try_send(Input::Last);
        }
        let (keyboard, words) = (self.keyboard, self.words);
        let mut told = |news: News<'_>| {
            if let (News::NotSent(error), Some(keyboard)) = (news, keyboard) {
                keyboard.print(&error.said(words));
            }
        };
        let outcome = client.converse(&self.script, Some(&mut self.said), &mut told).await;
        let problem = lines.and_then(|lines| lines.problem(self.words));
        (outcome.map_err(Failed::Send), problem)
    }
}

/// Why there is no outcome.
#[derive(Debug)]
enum Failed {
    Connect(ConnectError),
    Send(SendError),
    /// Before there was a WebSocket.
    Stopped,
}

impl Said for Failed {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Connect(error) => error.said(words),
            Self::Send(error) => error.said(words),
            Self::Stopped => words.text("connect-stopped").to_owned(),
        }
    }
}

/// The text that stands for the lines of standard input.
const LINES: &str = "-";

/// What is sent, in the order of the command line.
fn actions(args: &ConnectArgs, matches: Option<&ArgMatches>, words: Words) -> Result<Vec<Command>, Failure> {
    let places = |id: &str| -> Vec<usize> {
        matches.and_then(|matches| matches.indices_of(id)).into_iter().flatten().collect()
    };
    let mut actions: Vec<(usize, Command)> = Vec::new();
    for (place, text) in places("send").into_iter().zip(&args.send).filter(|(_, text)| *text != LINES) {
        actions.push((place, Command::text(text.clone())));
    }
    for (place, hex) in places("binary").into_iter().zip(&args.binary) {
        let wrong = |error: HexError| Failure::Said(format!("--binary {hex}: {}", error.said(words)));
        let bytes = parse_hex(hex).map_err(wrong)?;
        actions.push((place, Command::binary(bytes)));
    }
    for (place, text) in places("ping").into_iter().zip(&args.ping) {
        actions.push((place, Command::Ping(text.clone().into_bytes())));
    }
    actions.sort_by_key(|(place, _)| *place);
    Ok(actions.into_iter().map(|(_, action)| action).collect())
}

fn source(args: &ConnectArgs, actions: &[Command]) -> Source {
    if args.send.iter().any(|text| text == LINES) {
        return Source::Lines;
    }
    if !actions.is_empty() || args.echo || args.listen_only {
        return Source::Nowhere;
    }
    if io::stdin().is_terminal() {
        // Where only one of both is a terminal, nobody could see what was typed beside what comes.
        let sees = io::stdout().is_terminal() && args.format == DecodeFormat::Text;
        return if sees { Source::Keyboard } else { Source::Nowhere };
    }
    if lines::are_there() { Source::Lines } else { Source::Nowhere }
}

fn script(args: &ConnectArgs, actions: Vec<Command>, source: Source) -> Script {
    // A person sees for himself what is answered.
    let answers = if source == Source::Keyboard { Some(0) } else { args.answers };
    let waits = !actions.is_empty() && answers != Some(0);
    let limit = match args.timeout {
        Some(timeout) => Some(timeout).filter(|timeout| !timeout.is_zero()),
        None if args.listen_only => None,
        None => Some(TIMEOUT),
    };
    Script {
        actions,
        close: (!args.echo).then(|| args.close.clone()),
        answers,
        listen: args.listen_only,
        timeout: limit,
        greeting: if waits { GREETING } else { Duration::ZERO },
        settle: SETTLE,
    }
}

/// So long answers are waited for, where nobody says how long.
const TIMEOUT: Duration = Duration::from_secs(10);

fn recorder(args: &ConnectArgs, wake: Wake, words: Words) -> Result<Recorder, Failure> {
    let failed = |error| not_recorded(args, error, words);
    let file: Option<Box<dyn Write + Send>> = match &args.record {
        Some(path) => Some(Box::new(BufWriter::new(File::create(path).map_err(failed)?))),
        None => None,
    };
    Recorder::start(RecorderConfig { file, wake: Some(wake), ..RecorderConfig::default() }).map_err(failed)
}

fn not_recorded(args: &ConnectArgs, error: io::Error, words: Words) -> Failure {
    match &args.record {
        Some(file) => output::cannot(words, "cli-cannot-record-to", file, error),
        None => Failure::with(words, "cli-cannot-record", &[("error", &error.to_string())]),
    }
}

fn config(args: &ConnectArgs, recorder: Recorder, words: Words) -> Result<ClientConfig, Failure> {
    let wrong = |error: UrlError| Failure::of(&error, words);
    let url: WsUrl = args.url.parse().map_err(wrong)?;
    let handshake = args.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
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
        limits: Limits { handshake, ..Limits::default() },
        recorder: Some(recorder),
        ..ClientConfig::new(url)
    })
}

fn print(
    mut ladder: Ladder,
    trace: &Trace,
    result: &Result<Outcome, Failed>,
    words: Words,
) -> Result<(), Failure> {
    let mut out = output::stdout();
    ladder.end(trace, &mut out)?;
    if let Ok(outcome) = result {
        let how = judge::how(outcome, words);
        let said = if outcome.expected == 0 {
            how
        } else {
            let values = [
                ("how", how.into()),
                ("answers", outcome.answers.to_string().into()),
                ("expected", outcome.expected.to_string().into()),
            ];
            words.with("connect-over", &values)
        };
        writeln!(out, "{said}")?;
    }
    Ok(out.flush()?)
}

fn print_json(
    args: &ConnectArgs,
    trace: &Trace,
    result: &Result<Outcome, Failed>,
    words: Words,
) -> Result<(), Failure> {
    let mut out = output::stdout();
    let about = json_export::About { file: args.url.clone(), ..json_export::About::default() };
    let options = output::json_options(args.detail, None, words);
    let outcome = match result {
        Ok(outcome) => json!({
            "clean": outcome.clean, "code": outcome.code, "reason": outcome.reason,
            "by": outcome.closed_by.map(Side::id), "how": judge::how(outcome, words),
            "answers": outcome.answers, "expected": outcome.expected, "timed_out": outcome.timed_out,
            "stopped": outcome.stopped,
        }),
        Err(error) => json!({ "clean": false, "error": error.said(words) }),
    };
    json_export::write_document_with(&mut out, &about, trace, options, &[("outcome", outcome)])?;
    Ok(out.flush()?)
}
