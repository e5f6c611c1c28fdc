//! The world of a desktop: sockets, files and dialogs. What takes time is done on threads of the
//! [`Engine`], and wakes the window when it is done.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::host::{ClientSetup, Event, Host, Picked, ServerSetup, Speaker, TraceGuard};
use super::setup::{deflate_offer, server_config};
use crate::endpoint::WsUrl;
use crate::endpoint::{Command, Options, Show};
use crate::lesson::Lesson;
use crate::lesson::script::Talk;
use crate::live::{
    ClientConfig, ConnectError, Engine, EngineEvent, Limits, LiveEnd, Order, Recorder, RecorderConfig,
    ReplayConfig, ServerConfig, Speed, What, play,
};
use crate::trace::{Timestamp, Trace};
use crate::wire::handshake::Secret;
use crate::words::Words;

/// A world of sockets and files.
pub struct Desktop {
    engine: Engine,
    /// What is known at once.
    events: VecDeque<Event>,
    /// The answer of a dialog, once it is there.
    picked: Arc<Mutex<Option<Picked>>>,
    /// Lessons that were played on the engine's threads.
    played: Arc<Mutex<Vec<Event>>>,
    wake: Arc<dyn Fn() + Send + Sync>,
    /// In which events are told.
    words: Words,
}

impl std::fmt::Debug for Desktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desktop").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// How much of a message an event shows. The window reads messages from the recording.
const SHOWN: usize = 0;

/// A connection may lie still for as long as people talk about it.
const IDLE: Duration = Duration::from_hours(24);

impl Desktop {
    /// `wake` is called, by another thread, when there is something new to draw.
    ///
    /// # Errors
    /// Where threads cannot be started.
    pub fn start(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let woken = Arc::clone(&wake);
        let engine = Engine::start(move || woken())?;
        Ok(Self {
            engine,
            events: VecDeque::new(),
            picked: Arc::default(),
            played: Arc::default(),
            wake,
            words: Words::default(),
        })
    }

    /// Waits for a dialog's answer elsewhere.
    fn answer<F>(&self, dialog: F, picked: fn(PathBuf) -> Picked)
    where
        F: Future<Output = Option<rfd::FileHandle>> + Send + 'static,
    {
        let (place, wake) = (Arc::clone(&self.picked), Arc::clone(&self.wake));
        self.engine.spawn(async move {
            let answer = dialog.await.map_or(Picked::Nothing, |file| picked(file.path().to_owned()));
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            wake();
        });
    }
}

fn end(speaker: &Speaker) -> LiveEnd {
    LiveEnd { connection: speaker.connection, side: speaker.side }
}

/// What the window is told of what happened; it learns the rest from the recording.
fn told(words: Words, event: EngineEvent) -> Option<Event> {
    let file = |id, file: &Path| words.with(id, &[("file", file.display().to_string().into())]);
    let failed = |id, error: String| Event::Failed(words.with(id, &[("error", error.into())]));
    Some(match event {
        EngineEvent::Listening { address, flash_policy } => Event::Listening(address, flash_policy),
        EngineEvent::Stopped => Event::Stopped,
        EngineEvent::Connected { client, connection, .. } => {
            Event::Connected { ticket: client.0, connection }
        }
        EngineEvent::CannotListen { address, flash_policy, error } => {
            Event::Failed(cannot_listen(words, address, flash_policy, &error))
        }
        EngineEvent::CannotConnect { client, error } => {
            Event::NotConnected { ticket: client.0, words: cannot_connect(words, &error) }
        }
        EngineEvent::Cleared(ended) => Event::Cleared(ended),
        EngineEvent::NotSent { error, .. } => failed("live-not-sent", error.to_string()),
        EngineEvent::Server(event) => match event.what {
            What::NotSent(error) => failed("live-not-sent", error.to_string()),
            What::AcceptFailed(error) => failed("live-cannot-accept", error),
            _ => return None,
        },
        EngineEvent::Replayed { result: Ok(report), .. } => Event::SentAgain(report),
        EngineEvent::Replayed { result: Err(error), .. } => failed("live-not-sent-again", error.to_string()),
        EngineEvent::Recording(path) => Event::Done(file("live-recording", &path)),
        EngineEvent::RecordingComplete(path) | EngineEvent::Written(path) => {
            Event::Done(file("app-written", &path))
        }
        EngineEvent::CannotWrite { file, error } => Event::Failed(words.with(
            "live-cannot-write",
            &[("file", file.display().to_string().into()), ("error", error.to_string().into())],
        )),
        EngineEvent::Client { .. } | EngineEvent::Sampled(_) => return None,
    })
}

/// Why there is no server, and what to do.
fn cannot_listen(
    words: Words,
    address: SocketAddr,
    flash_policy: Option<SocketAddr>,
    error: &io::Error,
) -> String {
    let id = match error.kind() {
        io::ErrorKind::AddrInUse => "live-address-in-use",
        io::ErrorKind::PermissionDenied => "live-port-not-permitted",
        io::ErrorKind::AddrNotAvailable => "live-no-such-address",
        _ => "live-cannot-listen",
    };
    // The system does not say which of the two it was.
    let place = match flash_policy {
        Some(policy) => {
            let both = [("address", address.to_string().into()), ("policy", policy.to_string().into())];
            words.with("live-address-or-policy", &both)
        }
        None => address.to_string(),
    };
    words.with(id, &[("address", place.into()), ("error", error.to_string().into())])
}

/// Why there is no WebSocket, and what to do where that is known.
fn cannot_connect(words: Words, error: &ConnectError) -> String {
    match error {
        ConnectError::Tcp { address, error } if error.kind() == io::ErrorKind::ConnectionRefused => {
            words.with("live-nobody-listens", &[("address", address.as_str().into())])
        }
        error => words.with("live-no-websocket", &[("error", error.to_string().into())]),
    }
}

impl Host for Desktop {
    fn speak(&mut self, words: Words) {
        self.words = words;
    }

    fn trace(&self) -> TraceGuard<'_> {
        Box::new(self.engine.lock())
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn listening(&self) -> Option<SocketAddr> {
        self.engine.listening()
    }

    fn start_server(&mut self, setup: &ServerSetup) {
        let defaults = ServerConfig::default();
        let mut endpoint = server_config(setup);
        // Those who poll are told whole messages only.
        endpoint.options.show = defaults.endpoint.options.show;
        self.engine.start_server(ServerConfig {
            listen: setup.listen,
            flash_policy: setup.flash_policy,
            endpoint,
            limits: Limits { idle: IDLE, ..Limits::default() },
            ..defaults
        });
    }

    fn stop_server(&mut self) {
        self.engine.stop_server();
    }

    fn connect(&mut self, setup: &ClientSetup) -> u64 {
        let url: WsUrl = match setup.url.parse() {
            Ok(url) => url,
            Err(error) => {
                let words = format!("{}: {error}", setup.url);
                self.events.push_back(Event::NotConnected { ticket: 0, words });
                return 0; // The engine's numbers begin with 1.
            }
        };
        self.engine.forget_closed();
        let options = Options { echo: setup.echo, show: Show::Head(SHOWN), ..Options::default() };
        let client = self.engine.connect(ClientConfig {
            protocol: setup.protocol,
            origin: setup.origin.clone(),
            subprotocols: setup.subprotocols.clone(),
            headers: setup.headers.clone(),
            deflate: deflate_offer(setup),
            secret: setup.key.clone().map(Secret::Hybi),
            seed: setup.seed,
            options,
            ..ClientConfig::new(url)
        });
        client.0
    }

    fn can_speak(&self, speaker: &Speaker) -> bool {
        self.engine.controls().has(&end(speaker))
    }

    fn buffered(&self, speaker: &Speaker) -> u64 {
        self.engine.controls().buffered(&end(speaker))
    }

    fn send(&mut self, speaker: &Speaker, command: Command) -> Result<(), String> {
        let protocol = {
            let trace = self.engine.lock();
            let found = trace.conversation_of(speaker.connection).map(|talk| trace.innermost(talk));
            found.and_then(|talk| trace.conversation(talk)).map(|talk| talk.protocol)
        };
        // What only the endpoint can know, such as that it is closing, comes back as an event.
        if let Some(protocol) = protocol {
            command.fits(protocol, speaker.side).map_err(|error| error.to_string())?;
        }
        let there = self.engine.controls().order(&end(speaker), Order::Send(command));
        if there { Ok(()) } else { Err(self.words.text("live-over").to_owned()) }
    }

    fn send_again(&mut self, trace: &Trace, conversation: usize, to: &str, speed: Option<f64>) {
        let Some(alone) = trace.alone(conversation) else { return };
        let speed = speed.map_or(Speed::Max, Speed::Times);
        self.engine.replay(alone, 0, ReplayConfig { speed, ..ReplayConfig::new(to) });
    }

    fn play(&mut self, lesson: &Lesson) {
        let (name, talks) = (lesson.name.clone(), lesson.source.talk.clone());
        let (played, wake) = (Arc::clone(&self.played), Arc::clone(&self.wake));
        self.engine.spawn(async move {
            let trace = over_sockets(&talks).await.map(Box::new);
            played.lock().unwrap_or_else(PoisonError::into_inner).push(Event::Played { lesson: name, trace });
            wake();
        });
    }

    fn record_to(&mut self, file: Option<&Path>) {
        self.engine.record_to(file);
    }

    fn recording(&self) -> Option<PathBuf> {
        self.engine.recording()
    }

    fn clear(&mut self) {
        self.engine.end_and_clear();
    }

    fn poll(&mut self) -> Vec<Event> {
        let new = self.engine.poll().into_iter().filter_map(|event| told(self.words, event));
        let played = std::mem::take(&mut *self.played.lock().unwrap_or_else(PoisonError::into_inner));
        self.events.drain(..).chain(new).chain(played).collect()
    }

    fn sampled(&self) -> u64 {
        self.engine.sampled()
    }

    fn write(&mut self, file: &Path, bytes: Vec<u8>) {
        self.engine.write(file, bytes);
    }

    fn pick_file(&mut self) {
        let captures = ["pcap", "pcapng", "cap", "snoop", "gz", "xz", "zst"];
        let dialog = rfd::AsyncFileDialog::new().add_filter(self.words.text("live-captures"), &captures);
        self.answer(dialog.pick_file(), Picked::Open);
    }

    fn pick_save(&mut self, name: &str) {
        self.answer(rfd::AsyncFileDialog::new().set_file_name(name).save_file(), Picked::Save);
    }

    fn picked(&mut self) -> Option<Picked> {
        self.picked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Plays connections over sockets on loopback, and returns what was on the wire.
async fn over_sockets(talks: &[Talk]) -> Result<Trace, String> {
    let recorder = Recorder::start(RecorderConfig::default()).map_err(|error| error.to_string())?;
    play(talks, &recorder).await.map_err(|error| error.to_string())?;
    recorder.finish().map(|recorded| recorded.trace).map_err(|error| error.to_string())
}
