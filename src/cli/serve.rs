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
use crate::wire::deflate::Params;
use crate::wire::handshake::Policy;

/// So many events are printed at a time, and then none for a while: printing takes a small part of a processor,
/// whatever happens.
const ROUND: usize = 1024;
const PAUSE: Duration = Duration::from_millis(20);

/// So many events may wait to be printed. How many more there were is said.
const WAITING: usize = 16 * ROUND;

/// How much of a message is printed, in bytes.
const SHOWN: usize = 200;

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let recorder = args.record.as_deref().map(output::record_to).transpose()?;
    output::runtime()?.block_on(async {
        match args.faulty {
            Some(fault) => serve_faulty(args, fault, recorder).await,
            None => serve(args, recorder).await,
        }
    })
}

/// A server with a mistake says where it listens and what it does wrong; what happens is in the recording.
async fn serve_faulty(
    args: &ServeArgs,
    fault: &'static Fault,
    recorder: Option<Recorder>,
) -> Result<(), Failure> {
    let server = FaultyServer::bind(args.listen, fault, recorder.clone())
        .await
        .map_err(|error| cannot_listen(args, &error))?;
    output::say(&format!("listening on ws://{}/\nThis server {}.", server.local_addr(), fault.title))?;
    asked_to_stop().await;
    drop(server);
    if let (Some(recorder), Some(file)) = (recorder, &args.record) {
        let cannot =
            |error| Failure::said(format!("cannot complete the recording {}: {error}", file.display()));
        let recorded = recorder.finish().map_err(cannot)?;
        output::say(&format!("{} bytes recorded to {}", recorded.bytes, file.display()))?;
    }
    Ok(())
}

async fn serve(args: &ServeArgs, recorder: Option<Recorder>) -> Result<(), Failure> {
    let mut server =
        Server::bind(config(args, recorder.clone())).await.map_err(|error| cannot_listen(args, &error))?;
    let mut events = server.events();
    let mut printer =
        Printer { format: args.format, out: BufWriter::new(io::stdout()), next: Instant::now() };
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
        let cannot =
            |error| Failure::said(format!("cannot complete the recording {}: {error}", file.display()));
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

fn cannot_listen(args: &ServeArgs, error: &io::Error) -> Failure {
    let place = match args.flash_policy {
        Some(policy) => format!("{} or {policy}", args.listen),
        None => args.listen.to_string(),
    };
    let help = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there: give another address with --listen, port 0 for any free one"
        }
        io::ErrorKind::PermissionDenied => "; ports below 1024 are for the superuser: give a higher one",
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
        _ => "",
    };
    Failure::said(format!("cannot listen on {place}: {error}{help}"))
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
        let words = format!("listening on ws://{address}/");
        self.line(
            || words.clone(),
            || json!({ "event": "listening", "url": format!("ws://{address}/"), "message": words.clone() }),
        )?;
        if let Some(policy) = policy {
            let words = format!("serving the Flash policy file on {policy}");
            self.line(
                || words.clone(),
                || json!({ "event": "policy", "address": policy.to_string(), "message": words.clone() }),
            )?;
        }
        if !address.ip().is_loopback() {
            let words = "this address can be reached from other machines";
            self.line(|| words.to_owned(), || json!({ "event": "note", "message": words }))?;
        }
        self.flush()
    }

    fn event(&mut self, event: &ServerEvent) -> io::Result<()> {
        let (kind, words, mut more) = describe(&event.what);
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
        let words = format!("recorded {bytes} bytes to {file}");
        self.line(
            || words.clone(),
            || json!({ "event": "recorded", "file": file, "bytes": bytes, "message": words.clone() }),
        )?;
        self.flush()
    }
}

/// An event as a name, as words, and as further keys.
fn describe(what: &What) -> (&'static str, String, Value) {
    match what {
        What::Connected => ("connected", "connected".to_owned(), json!({})),
        What::Endpoint(event) => output::describe_event(event),
        What::TimedOut(why) => ("timed-out", (*why).to_owned(), json!({})),
        What::NotSent(why) => ("not-sent", format!("not sent: {why}"), json!({ "error": why.to_string() })),
        What::Disconnected(None) => ("disconnected", "disconnected".to_owned(), json!({})),
        What::Disconnected(Some(why)) => {
            ("disconnected", format!("disconnected: {why}"), json!({ "reason": why }))
        }
        What::TooMany => {
            ("too-many", "refused with 503: too many connections are open".to_owned(), json!({}))
        }
        What::AcceptFailed(why) => ("accept-failed", format!("cannot accept a connection: {why}"), json!({})),
        What::Dropped(count) => (
            "dropped",
            format!("{count} lines were left out: more happens than can be printed"),
            json!({ "count": count }),
        ),
    }
}
