//! `framescope serve`: a server for every version, on one port.

use std::io::{self, BufWriter, Stdout, Write};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Failure;
use super::args::{ServeArgs, ServeFormat, Versions};
use super::output;
use crate::endpoint::{self, Fault, Options, Show};
use crate::live::{FaultyServer, Limits, Recorder, Server, ServerConfig, ServerEvent, What};
use crate::model::protocol::Protocol;
use crate::view::fit;
use crate::wire::deflate::Params;
use crate::wire::handshake::Policy;
use crate::words::{Said, Words};

/// So many events are printed at a time, and then none for a while: printing takes a small part of a processor,
/// whatever happens.
const ROUND: usize = 1024;
const PAUSE: Duration = Duration::from_millis(20);

/// So many events may wait to be printed. How many more there were is said.
const WAITING: usize = 16 * ROUND;

/// How much of a message is printed, in bytes.
const SHOWN: usize = 200;

pub(super) fn run(args: &ServeArgs, words: Words) -> Result<(), Failure> {
    let recorder = args.record.as_deref().map(|file| output::record_to(file, words)).transpose()?;
    output::runtime(words)?.block_on(async {
        match args.faulty {
            Some(fault) => serve_faulty(args, fault, recorder, words).await,
            None => serve(args, recorder, words).await,
        }
    })
}

/// A server with a mistake says where it listens and what it does wrong; what happens is in the recording.
async fn serve_faulty(
    args: &ServeArgs,
    fault: &'static Fault,
    recorder: Option<Recorder>,
    words: Words,
) -> Result<(), Failure> {
    let server = FaultyServer::bind(args.listen, fault, recorder.clone())
        .await
        .map_err(|error| cannot_listen(args, &error, words))?;
    let listening = words.with("serve-listening", &[("address", server.local_addr().to_string().into())]);
    let mistake = words.with("serve-faulty", &[("mistake", fault.title(words).into())]);
    output::say(&format!("{listening}\n{mistake}"))?;
    asked_to_stop().await;
    drop(server);
    if let (Some(recorder), Some(file)) = (recorder, &args.record) {
        let cannot = |error| output::cannot(words, "serve-cannot-complete", file, error);
        let recorded = recorder.finish().map_err(cannot)?;
        let values =
            [("bytes", recorded.bytes.to_string().into()), ("file", file.display().to_string().into())];
        output::say(&words.with("serve-recorded-faulty", &values))?;
    }
    Ok(())
}

async fn serve(args: &ServeArgs, recorder: Option<Recorder>, words: Words) -> Result<(), Failure> {
    let mut server = Server::bind(config(args, recorder.clone()))
        .await
        .map_err(|error| cannot_listen(args, &error, words))?;
    let mut events = server.events();
    let mut printer =
        Printer { words, format: args.format, out: BufWriter::new(io::stdout()), next: Instant::now() };
    printer.listening(server.local_addr(), server.flash_policy_addr())?;
    let mut stop = std::pin::pin!(asked_to_stop());
    loop {
        tokio::select! {
            () = &mut stop => break,
            more = printer.round(&mut events) => if !more? { break },
        }
    }
    // Printed while the server says goodbye: a queue that nobody empties would lose how connections ended.
    let mut goodbye = std::pin::pin!(server.shutdown());
    let mut open = true;
    loop {
        tokio::select! {
            () = &mut goodbye => break,
            more = printer.round(&mut events), if open => open = more?,
        }
    }
    while let Some(event) = events.as_mut().and_then(|events| events.try_recv().ok()) {
        printer.event(&event)?;
    }
    printer.flush()?;
    if let (Some(recorder), Some(file)) = (recorder, &args.record) {
        let cannot = |error| output::cannot(words, "serve-cannot-complete", file, error);
        let recorded = recorder.finish().map_err(cannot)?;
        printer.recorded(&file.display().to_string(), recorded.bytes)?;
    }
    Ok(())
}

fn config(args: &ServeArgs, recorder: Option<Recorder>) -> ServerConfig {
    let all = args.protocol.contains(&Versions::All);
    let chosen = args.protocol.iter().filter_map(|versions| match versions {
        Versions::One(protocol) => Some(*protocol),
        Versions::All => None,
    });
    let policy = Policy {
        protocols: if all { Protocol::WEBSOCKET.to_vec() } else { chosen.collect() },
        subprotocols: args.subprotocol.clone(),
        deflate: args.deflate.then(Params::default),
        origins: (!args.origin.is_empty()).then(|| args.origin.clone()),
        secure: false,
    };
    let options = Options {
        echo: true,
        show: Show::Head(SHOWN),
        max_head: args.max_head,
        max_message: args.max_message,
        ..Options::default()
    };
    let limits = Limits {
        connections: args.max_connections,
        handshake: args.handshake_timeout,
        idle: args.idle_timeout,
        events: WAITING,
        ..Limits::default()
    };
    ServerConfig {
        listen: args.listen,
        flash_policy: args.flash_policy,
        endpoint: endpoint::ServerConfig { policy, options, ..endpoint::ServerConfig::default() },
        limits,
        recorder,
        ..ServerConfig::default()
    }
}

fn cannot_listen(args: &ServeArgs, error: &io::Error, words: Words) -> Failure {
    let place = match args.flash_policy {
        Some(policy) => words.with(
            "live-address-or-policy",
            &[("address", args.listen.to_string().into()), ("policy", policy.to_string().into())],
        ),
        None => args.listen.to_string(),
    };
    let help = match error.kind() {
        io::ErrorKind::AddrInUse => Some("serve-in-use"),
        io::ErrorKind::PermissionDenied => Some("serve-not-permitted"),
        io::ErrorKind::AddrNotAvailable => Some("serve-no-such-address"),
        _ => None,
    };
    let values = [("place", place.into()), ("error", error.to_string().into())];
    let said = words.with("serve-cannot-listen", &values);
    Failure::Said(help.map_or(said.clone(), |help| format!("{said}; {}", words.text(help))))
}

/// Returns when the person, or the system, wants the program to end.
pub(super) async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Prints what happens, a line each.
struct Printer {
    words: Words,
    format: ServeFormat,
    out: BufWriter<Stdout>,
    /// The next round is not before this.
    next: Instant,
}

impl Printer {
    /// Waits for events and prints those that are there; whether more may come. What happens between two rounds
    /// gathers: to wake up for each event would cost more than the message that it tells of.
    ///
    /// No event is lost where the future is dropped.
    async fn round(&mut self, events: &mut Option<mpsc::Receiver<ServerEvent>>) -> io::Result<bool> {
        sleep_until(self.next).await;
        let Some(events) = events else { return Ok(false) };
        let Some(first) = events.recv().await else { return Ok(false) };
        self.event(&first)?;
        for _ in 1..ROUND {
            let Ok(event) = events.try_recv() else { break };
            self.event(&event)?;
        }
        self.flush()?;
        self.next = Instant::now() + PAUSE;
        Ok(true)
    }

    fn line(&mut self, text: impl FnOnce() -> String, value: impl FnOnce() -> Value) -> io::Result<()> {
        match self.format {
            ServeFormat::Text => writeln!(self.out, "{}", text()),
            ServeFormat::Jsonl => writeln!(self.out, "{}", value()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn listening(&mut self, address: SocketAddr, policy: Option<SocketAddr>) -> io::Result<()> {
        let words = self.words.with("serve-listening", &[("address", address.to_string().into())]);
        self.line(
            || words.clone(),
            || json!({ "event": "listening", "url": format!("ws://{address}/"), "message": words.clone() }),
        )?;
        if let Some(policy) = policy {
            let words = self.words.with("serve-policy", &[("address", policy.to_string().into())]);
            self.line(
                || words.clone(),
                || json!({ "event": "policy", "address": policy.to_string(), "message": words.clone() }),
            )?;
        }
        if !address.ip().is_loopback() {
            let words = self.words.text("serve-reachable");
            self.line(|| words.to_owned(), || json!({ "event": "note", "message": words }))?;
        }
        self.flush()
    }

    fn event(&mut self, event: &ServerEvent) -> io::Result<()> {
        let (kind, words, mut more) = describe(&event.what, self.words);
        self.line(
            || match event.connection {
                0 => words.clone(),
                number => format!("{number:>4}  {}  {words}", event.peer),
            },
            || {
                let mut value = json!({ "event": kind, "connection": event.connection, "client": event.peer.to_string(), "message": words });
                if let (Some(into), Some(from)) = (value.as_object_mut(), more.as_object_mut()) {
                    into.append(from);
                }
                value
            },
        )
    }

    fn recorded(&mut self, file: &str, bytes: u64) -> io::Result<()> {
        let values = [("bytes", bytes.to_string().into()), ("file", file.into())];
        let words = self.words.with("serve-recorded", &values);
        self.line(
            || words.clone(),
            || json!({ "event": "recorded", "file": file, "bytes": bytes, "message": words.clone() }),
        )?;
        self.flush()
    }
}

/// An event as a name, as words, and as further keys.
fn describe(what: &What, words: Words) -> (&'static str, String, Value) {
    let because = |id: &str, error: &str| words.with(id, &[("error", error.into())]);
    match what {
        What::Connected => ("connected", words.text("event-connected").to_owned(), json!({})),
        What::Endpoint(event) => {
            // What a client sends is not to reach the terminal as it is.
            let (name, told, more) = output::describe_event(event, words);
            (name, fit::visible(&told).into_owned(), more)
        }
        What::TimedOut(why) => {
            let id = match *why {
                "opening handshake" => "event-opening-timed-out",
                "closing handshake" => "event-closing-timed-out",
                _ => "event-idle",
            };
            ("timed-out", words.text(id).to_owned(), json!({}))
        }
        What::NotSent(why) => {
            let why = why.said(words);
            ("not-sent", because("event-not-sent", &why), json!({ "error": why }))
        }
        What::Disconnected(None) => ("disconnected", words.text("event-disconnected").to_owned(), json!({})),
        What::Disconnected(Some(why)) => {
            ("disconnected", because("event-disconnected-because", why), json!({ "reason": why }))
        }
        What::TooMany => ("too-many", words.text("event-too-many").to_owned(), json!({})),
        What::AcceptFailed(why) => ("accept-failed", because("event-cannot-accept", why), json!({})),
        What::Dropped(count) => (
            "dropped",
            words.with("event-dropped", &[("count", count.to_string().into())]),
            json!({ "count": count }),
        ),
    }
}
