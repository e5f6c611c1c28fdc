//! Client and server speaking to each other through memory: no sockets, no threads, a clock that counts. The same
//! endpoints run as on sockets, so the same bytes come out; with a seed they are the same in each run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::export;
use super::host::{ClientSetup, Event, Host, Picked, ServerSetup, Speaker, TraceGuard};
use super::setup::{client_offer, server_config};
use crate::endpoint::{self, Client, Command, Move, Pair, SendError, Server, WsUrl, random, seeded};
use crate::lesson::Lesson;
use crate::live::Report;
use crate::model::protocol::Side;
use crate::trace::{ConnectionId, End, Place, Timestamp, Trace};
use crate::wire::handshake::Secret;
use crate::words::Words;

/// A world in memory.
#[derive(Debug)]
pub struct Memory {
    trace: Trace,
    server: Option<(SocketAddr, Arc<endpoint::ServerConfig>)>,
    connections: Vec<Connection>,
    events: Vec<Event>,
    now: Timestamp,
    tickets: u64,
    words: Words,
    picked: Option<Picked>,
    /// Where the trace as it is then will be written when recording stops.
    recording: Option<PathBuf>,
    /// What was to be written, in place of files.
    pub written: Written,
    /// What dialogs answer, the first first.
    pub answers: Vec<Picked>,
    /// What comes of sending again, the first first: there is no socket to send to.
    pub reports: Vec<Report>,
}

/// Files that were written: their paths and their bytes. Who made the world can look while the window has it.
pub type Written = Arc<Mutex<Vec<(PathBuf, Vec<u8>)>>>;

/// A client and the server's end of its connection.
#[derive(Debug)]
struct Connection {
    conversation: usize,
    id: ConnectionId,
    ends: Pair<Client, Server>,
}

/// The clock's first time, and how far it moves with each piece that is sent.
const START: Timestamp = Timestamp(1_700_000_000_000_000_000);
const TICK: i64 = 1_000_000;

/// The port that a server gets which takes any.
const FREE_PORT: u16 = 9001;

/// The first client's port; the next ones follow.
const PORT: u16 = 50_001;

impl Default for Memory {
    fn default() -> Self {
        Self {
            trace: Trace::default(),
            server: None,
            connections: Vec::new(),
            events: Vec::new(),
            now: START,
            tickets: 0,
            words: Words::default(),
            picked: None,
            recording: None,
            written: Written::default(),
            answers: Vec::new(),
            reports: Vec::new(),
        }
    }
}

impl Memory {
    /// A world in which this was recorded before.
    pub fn after(trace: Trace) -> Self {
        Self { trace, ..Self::default() }
    }

    /// Lets the clock of the recording run on.
    pub fn pass(&mut self, nanos: i64) {
        self.now = Timestamp(self.now.0 + nanos);
    }

    /// Carries bytes between the ends until none has anything to say.
    fn run(&mut self) {
        loop {
            let mut moved = false;
            for connection in &mut self.connections {
                moved |= connection.step(&mut self.trace, &mut self.now);
            }
            if !moved {
                return;
            }
        }
    }

    fn connection(&self, speaker: &Speaker) -> Option<&Connection> {
        self.connections.iter().find(|known| known.id == speaker.connection)
    }
}

impl Connection {
    /// Carries what both ends have to say now. Whether there was anything.
    fn step(&mut self, trace: &mut Trace, now: &mut Timestamp) -> bool {
        let Some(next) = self.ends.next_move() else { return false };
        match &next {
            Move::Data(side, bytes) => {
                now.0 += TICK;
                let at = trace.store.append(bytes);
                let place = Place { at, headers: None };
                trace.data(self.conversation, *side, place, bytes.len() as u32, 0, *now);
            }
            Move::End(side) => trace.end(self.conversation, *side, End::Fin, 0, *now),
        }
        self.ends.arrived(&next);
        // The window learns what happened from the recording.
        while self.ends.client.poll_event().is_some() {}
        while self.ends.server.poll_event().is_some() {}
        true
    }

    fn send(&mut self, side: Side, command: &Command) -> Result<(), SendError> {
        match side {
            Side::Client => self.ends.client.command(command),
            Side::Server => self.ends.server.command(command),
        }
    }
}

impl Host for Memory {
    fn speak(&mut self, words: Words) {
        self.words = words;
    }

    fn trace(&self) -> TraceGuard<'_> {
        Box::new(&self.trace)
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn listening(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(|(address, _)| *address)
    }

    fn start_server(&mut self, setup: &ServerSetup) {
        self.stop_server();
        let mut address = setup.listen;
        if address.port() == 0 {
            address.set_port(FREE_PORT);
        }
        self.server = Some((address, Arc::new(server_config(setup))));
        self.events.push(Event::Listening(address, setup.flash_policy));
    }

    fn stop_server(&mut self) {
        if self.server.take().is_none() {
            return;
        }
        for connection in &mut self.connections {
            connection.ends.server.shut_down();
        }
        self.run();
        self.events.push(Event::Stopped);
    }

    fn connect(&mut self, setup: &ClientSetup) -> u64 {
        self.tickets += 1;
        let url: WsUrl = match setup.url.parse() {
            Ok(url) => url,
            Err(error) => {
                let words = format!("{}: {error}", setup.url);
                self.events.push(Event::NotConnected { ticket: self.tickets, words });
                return self.tickets;
            }
        };
        let Some((server, config)) = self.server.clone().filter(|(address, _)| address.port() == url.port)
        else {
            let words = self.words.with("live-nobody-listens", &[("address", url.host_field().into())]);
            self.events.push(Event::NotConnected { ticket: self.tickets, words });
            return self.tickets;
        };
        let port = PORT.saturating_add(u16::try_from(self.connections.len()).unwrap_or(u16::MAX));
        let client = SocketAddr::from(([127, 0, 0, 1], port));
        let mut fill = setup.seed.map_or_else(random, seeded);
        let secret =
            setup.key.clone().map_or_else(|| Secret::random(setup.protocol, &mut fill), Secret::Hybi);
        let options = endpoint::Options { echo: setup.echo, ..endpoint::Options::default() };
        let config_of_client = endpoint::ClientConfig { offer: client_offer(setup, &url), options };
        let ends = Pair::new(Client::new(config_of_client, secret, fill), Server::new(config));
        let conversation = self.trace.open(client, server, false, 6);
        let connection =
            self.trace.conversation(conversation).map(|talk| talk.connection).unwrap_or_default();
        self.connections.push(Connection { conversation, id: connection, ends });
        self.run();
        self.events.push(Event::Connected { ticket: self.tickets, connection });
        self.tickets
    }

    fn can_speak(&self, speaker: &Speaker) -> bool {
        self.connection(speaker).is_some_and(|connection| !connection.ends.has_ended(speaker.side))
    }

    fn buffered(&self, _: &Speaker) -> u64 {
        0 // All that is said is carried at once.
    }

    fn send(&mut self, speaker: &Speaker, command: Command) -> Result<(), String> {
        let found = self.connections.iter_mut().find(|known| known.id == speaker.connection);
        let Some(connection) = found.filter(|connection| !connection.ends.has_ended(speaker.side)) else {
            return Err(self.words.text("live-over").to_owned());
        };
        connection.send(speaker.side, &command).map_err(|error| error.to_string())?;
        self.run();
        Ok(())
    }

    fn send_again(&mut self, _: &Trace, _: usize, _: &str, _: Option<f64>) {
        let event = if self.reports.is_empty() {
            Event::Failed(self.words.text("live-no-sockets").to_owned())
        } else {
            Event::SentAgain(Box::new(self.reports.remove(0)))
        };
        self.events.push(event);
    }

    fn play(&mut self, lesson: &Lesson) {
        let trace = lesson.trace().map(Box::new).map_err(|error| error.to_string());
        self.events.push(Event::Played { lesson: lesson.name.clone(), trace });
    }

    fn record_to(&mut self, file: Option<&Path>) {
        if let Some(path) = self.recording.take() {
            match export::whole(&self.trace) {
                Ok(bytes) => self.write(&path, bytes),
                Err(words) => self.events.push(Event::Failed(words)),
            }
        }
        if let Some(path) = file {
            let words = self.words.with("live-recording", &[("file", path.display().to_string().into())]);
            self.events.push(Event::Done(words));
            self.recording = Some(path.to_owned());
        }
    }

    fn recording(&self) -> Option<PathBuf> {
        self.recording.clone()
    }

    fn clear(&mut self) {
        // Nobody sees how they end: it would stand in the recording that is forgotten.
        let open = self.connections.iter().filter(|connection| !connection.ends.is_over()).count();
        self.connections.clear();
        self.trace = Trace::default();
        self.events.push(Event::Cleared(open));
    }

    fn poll(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn sampled(&self) -> u64 {
        0
    }

    fn write(&mut self, file: &Path, bytes: Vec<u8>) {
        let words = self.words.with("app-written", &[("file", file.display().to_string().into())]);
        self.written.lock().push((file.to_owned(), bytes));
        self.events.push(Event::Done(words));
    }

    fn pick_file(&mut self) {
        self.picked = Some(if self.answers.is_empty() { Picked::Nothing } else { self.answers.remove(0) });
    }

    fn pick_save(&mut self, _: &str) {
        self.pick_file();
    }

    fn picked(&mut self) -> Option<Picked> {
        self.picked.take()
    }
}
