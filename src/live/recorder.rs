//! Keeps every byte of both directions with its time.
//!
//! What is recorded is what the socket read and wrote, piece by piece as it did, not what an endpoint meant. A
//! connection leaves its bytes in an inbox, which costs it a copy; a thread of its own dissects them or writes the
//! file, in batches. Where that thread falls behind, connections wait before they read on: nothing is dropped for
//! lack of time. What does not fit into memory is counted and said in a finding.
//!
//! A server and a client of the same program may share a recorder; a connection between the two then stands in it once,
//! as the server saw it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use hashbrown::HashMap;
use tokio::sync::Notify;

use super::identity::{Connections, Identity};
use super::sink::{FileSink, TraceSink};
use crate::model::protocol::Side;
use crate::trace::{ConnectionId, End, Timestamp, Trace};

/// What a recorder keeps, and how much.
pub struct RecorderConfig {
    /// Keep a trace in memory, dissected while it grows.
    pub trace: bool,
    /// The most memory for the trace, in bytes: 256 MiB.
    pub trace_limit: u64,
    /// Write a pcapng file.
    pub file: Option<Box<dyn Write + Send>>,
    /// So many bytes may wait to be kept before connections have to wait: 16 MiB.
    pub queue: usize,
    /// Called, by the recorder's thread, when there is something new in the trace.
    pub wake: Option<Wake>,
}

/// Tells somebody that there is something new to look at.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

impl Default for RecorderConfig {
    fn default() -> Self {
        Self { trace: true, trace_limit: 256 << 20, file: None, queue: 16 << 20, wake: None }
    }
}

impl std::fmt::Debug for RecorderConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecorderConfig")
            .field("trace", &self.trace)
            .field("trace_limit", &self.trace_limit)
            .field("file", &self.file.is_some())
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

/// Records connections. Clones are handles to the same recording; it ends with the last of them, or with
/// [`finish`](Self::finish).
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    /// Ends the thread with the last handle.
    _alive: Arc<Alive>,
}

#[derive(Debug)]
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        lock(&self.0.inbox).finish = true;
        self.0.filled.notify_one();
    }
}

/// What a recording came to.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The trace, finished; empty where none was kept.
    pub trace: Trace,
    /// Bytes that were recorded.
    pub bytes: u64,
    /// Bytes that are not in the trace, because it had reached its limit.
    pub lost: u64,
}

#[derive(Debug)]
struct Shared {
    inbox: Mutex<Inbox>,
    /// Something is in the inbox, or asked of the thread.
    filled: Condvar,
    /// The thread has done what was asked.
    settled: Condvar,
    /// The inbox holds more than it should.
    behind: AtomicBool,
    room: Notify,
    trace: Mutex<Trace>,
    /// How many wait to look at the trace: the thread lets them.
    looking: AtomicUsize,
    queue: usize,
    connections: Connections,
    /// Where servers listen whose connections are recorded.
    listeners: Mutex<Vec<SocketAddr>>,
}

#[derive(Debug, Default)]
struct Inbox {
    bytes: Vec<u8>,
    notes: Vec<Note>,
    /// What is to be done behind the notes.
    tasks: Vec<Task>,
    recorded: u64,
    /// How often somebody asked that all so far be kept, and how often it was.
    asked: u64,
    done: u64,
    finish: bool,
    finished: bool,
    lost: u64,
    error: Option<io::Error>,
}

/// What became of a file that is recorded to.
#[derive(Debug)]
pub enum FileNews {
    /// All that is in the trace is in the file; what comes will be.
    Begun,
    /// The file cannot be written: it is not recorded to any more.
    Failed(io::Error),
    /// The file is complete: another took its place, or none.
    Complete,
}

/// Called by the recorder's thread with what became of a file.
type Told = Box<dyn FnMut(FileNews) + Send>;

enum Task {
    /// Records to this file from now on, or to none.
    File(Option<(Box<dyn Write + Send>, Told)>),
    /// Forgets the trace.
    Clear,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(Some(_)) => "File",
            Self::File(None) => "NoFile",
            Self::Clear => "Clear",
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Note {
    id: ConnectionId,
    time: Timestamp,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Open {
        client: SocketAddr,
        server: SocketAddr,
    },
    Data {
        side: Side,
        length: u32,
    },
    End {
        side: Side,
        end: End,
    },
    /// Nothing more will come.
    Over,
}

/// The thread looks at the inbox this long after something came, so that it wakes up once for many connections.
const BATCH: Duration = Duration::from_millis(10);

/// With so many bytes in the inbox it does not wait.
const BATCH_BYTES: usize = 1 << 20;

/// After so many bytes the thread lets others look at the trace.
const TURN: usize = 256 * 1024;

/// So long it waits for them to begin.
const COURTESY: Duration = Duration::from_millis(5);

/// A trace that is looked at. The recording goes on, but keeps nothing meanwhile.
#[derive(Debug)]
pub struct TraceGuard<'a>(MutexGuard<'a, Trace>);

impl Deref for TraceGuard<'_> {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        &self.0
    }
}

impl Recorder {
    /// Starts recording.
    ///
    /// # Errors
    /// Where the file cannot be written, or the thread cannot be started.
    pub fn start(config: RecorderConfig) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            inbox: Mutex::default(),
            filled: Condvar::new(),
            settled: Condvar::new(),
            behind: AtomicBool::new(false),
            room: Notify::new(),
            trace: Mutex::default(),
            looking: AtomicUsize::new(0),
            queue: config.queue,
            connections: Connections::default(),
            listeners: Mutex::default(),
        });
        let kept = Arc::clone(&shared);
        let file = config.file.map(FileSink::new).transpose()?;
        thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            let trace = config.trace.then(|| TraceSink::new(config.trace_limit));
            kept.run(Sinks { trace, file, told: None }, config.wake.as_ref());
        })?;
        let alive = Arc::new(Alive(Arc::clone(&shared)));
        Ok(Self { shared, _alive: alive })
    }

    /// A tap for a connection that a server has accepted.
    pub fn tap(&self, client: SocketAddr, server: SocketAddr) -> Tap {
        self.tap_as(self.shared.connections.end(client, server, Side::Server), client, server)
    }

    fn tap_as(&self, identity: Identity, client: SocketAddr, server: SocketAddr) -> Tap {
        let id = identity.connection();
        let tap = Tap { shared: Arc::clone(&self.shared), identity };
        self.shared.note(id, What::Open { client, server }, &[], None);
        tap
    }

    /// What hears a client's connection: a tap of its own, or that of a server which this recorder records, at the
    /// connection's other end.
    pub(super) fn client_tap(&self, client: SocketAddr, server: SocketAddr) -> Heard {
        let listeners = lock(&self.shared.listeners);
        let server_ip = server.ip().to_canonical();
        let recorded = listeners.iter().any(|listener| {
            let ip = listener.ip().to_canonical();
            listener.port() == server.port() && (ip == server_ip || ip.is_unspecified())
        });
        drop(listeners);
        let identity = self.shared.connections.end(client, server, Side::Client);
        if recorded { Heard::There(identity) } else { Heard::Here(self.tap_as(identity, client, server)) }
    }

    /// From now on a server whose connections are recorded listens here, until what is returned is dropped.
    pub(super) fn listen(&self, address: SocketAddr) -> Listening {
        lock(&self.shared.listeners).push(address);
        Listening { shared: Arc::clone(&self.shared), address }
    }

    /// Records to this file from now on, beside or in place of the trace: what is in the trace so far is written
    /// first. A file before it is completed. `told` is called by the recorder's thread.
    pub fn record_to(&self, file: Box<dyn Write + Send>, told: impl FnMut(FileNews) + Send + 'static) {
        self.order(Task::File(Some((file, Box::new(told)))));
    }

    /// Completes the file that is recorded to.
    pub fn stop_file(&self) {
        self.order(Task::File(None));
    }

    /// Forgets the trace. What open connections send from now on becomes a new conversation each.
    pub fn clear(&self) {
        self.order(Task::Clear);
    }

    fn order(&self, task: Task) {
        lock(&self.shared.inbox).tasks.push(task);
        self.shared.filled.notify_one();
    }

    /// Waits until all that was recorded so far is in the trace and in the file. Blocks for a moment.
    ///
    /// # Errors
    /// Where the file could not be written. This is said once.
    pub fn flush(&self) -> io::Result<()> {
        let mut inbox = lock(&self.shared.inbox);
        inbox.asked += 1;
        let asked = inbox.asked;
        self.shared.filled.notify_one();
        while inbox.done < asked && !inbox.finished {
            inbox = self.shared.settled.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        inbox.error.take().map_or(Ok(()), Err)
    }

    /// Looks at the trace as it is. The recording goes on, but keeps nothing while `look` looks.
    pub fn with_trace<T>(&self, look: impl FnOnce(&Trace) -> T) -> T {
        look(&self.lock())
    }

    /// The trace as it is, until the guard is dropped. The recording goes on, but keeps nothing meanwhile.
    pub fn lock(&self) -> TraceGuard<'_> {
        self.shared.looking.fetch_add(1, Ordering::Relaxed);
        let guard = lock(&self.shared.trace);
        self.shared.looking.fetch_sub(1, Ordering::Relaxed);
        TraceGuard(guard)
    }

    /// Ends the recording and completes the file. What connections still send is not kept. Blocks while the rest is
    /// written, for a moment.
    ///
    /// # Errors
    /// Where the file could not be written.
    pub fn finish(&self) -> io::Result<Recorded> {
        let mut inbox = lock(&self.shared.inbox);
        inbox.finish = true;
        self.shared.filled.notify_one();
        while !inbox.finished {
            inbox = self.shared.settled.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(error) = inbox.error.take() {
            return Err(error);
        }
        let (bytes, lost) = (inbox.recorded, inbox.lost);
        drop(inbox);
        let mut trace = std::mem::take(&mut *lock(&self.shared.trace));
        trace.finish();
        Ok(Recorded { trace, bytes, lost })
    }
}

/// A server listens, and this recorder records its connections.
#[derive(Debug)]
pub(super) struct Listening {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = lock(&self.shared.listeners);
        if let Some(at) = listeners.iter().position(|address| *address == self.address) {
            listeners.swap_remove(at);
        }
    }
}

/// Where a client's connection is heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// By a tap at this end.
    Here(Tap),
    /// By a tap at the other end.
    There(Identity),
}

impl Heard {
    /// Which connection it is.
    pub(super) const fn connection(&self) -> ConnectionId {
        match self {
            Self::Here(tap) => tap.connection(),
            Self::There(identity) => identity.connection(),
        }
    }

    /// The tap at this end, and what keeps the connection's identity where there is none.
    pub(super) fn split(self) -> (Option<Tap>, Option<Identity>) {
        match self {
            Self::Here(tap) => (Some(tap), None),
            Self::There(identity) => (None, Some(identity)),
        }
    }
}

/// Takes down what one connection reads and writes.
#[derive(Debug)]
pub struct Tap {
    shared: Arc<Shared>,
    identity: Identity,
}

impl Tap {
    /// Which connection it is: the same in the trace ([`Trace::conversation_of`]).
    pub const fn connection(&self) -> ConnectionId {
        self.identity.connection()
    }

    /// `side` sent these bytes: they were just read from the socket.
    #[inline]
    pub fn data(&self, side: Side, bytes: &[u8]) {
        self.note_data(side, bytes, None);
    }

    /// `side` sent these bytes at this time: that of the clock before they were written, or after they were read. What
    /// is noted of one connection comes in the order of its times.
    #[inline]
    pub fn data_at(&self, side: Side, bytes: &[u8], time: Timestamp) {
        self.note_data(side, bytes, Some(time));
    }

    #[inline]
    fn note_data(&self, side: Side, bytes: &[u8], time: Option<Timestamp>) {
        for piece in bytes.chunks(u32::MAX as usize) {
            self.shared.note(self.connection(), What::Data { side, length: piece.len() as u32 }, piece, time);
        }
    }

    /// `side` will send no more.
    pub fn end(&self, side: Side, end: End) {
        self.shared.note(self.connection(), What::End { side, end }, &[], None);
    }

    /// The same, at this time.
    pub fn end_at(&self, side: Side, end: End, time: Timestamp) {
        self.shared.note(self.connection(), What::End { side, end }, &[], Some(time));
    }

    /// Whether the recorder has fallen behind, so that nothing should be read until [`room`](Self::room).
    #[inline]
    pub fn is_behind(&self) -> bool {
        self.shared.behind.load(Ordering::Relaxed)
    }

    /// Waits until the recorder has caught up.
    pub async fn room(&self) {
        loop {
            let mut notified = std::pin::pin!(self.shared.room.notified());
            notified.as_mut().enable();
            if !self.is_behind() {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.shared.note(self.connection(), What::Over, &[], None);
    }
}

impl Shared {
    #[inline]
    fn note(&self, id: ConnectionId, what: What, bytes: &[u8], time: Option<Timestamp>) {
        let mut inbox = lock(&self.inbox);
        if inbox.finish {
            return;
        }
        // Where nothing says otherwise the clock is read under the lock, so that times and order agree.
        let note = Note { id, time: time.unwrap_or_else(Timestamp::now), what };
        let before = inbox.bytes.len();
        let empty = inbox.notes.is_empty();
        inbox.bytes.extend_from_slice(bytes);
        inbox.notes.push(note);
        inbox.recorded += bytes.len() as u64;
        let after = inbox.bytes.len();
        if after > self.queue {
            self.behind.store(true, Ordering::Relaxed);
        }
        drop(inbox);
        if empty || (before < BATCH_BYTES && after >= BATCH_BYTES) {
            self.filled.notify_one();
        }
    }

    /// The thread's work.
    fn run(&self, mut sinks: Sinks, wake: Option<&Wake>) {
        let (mut bytes, mut notes) = (Vec::new(), Vec::new());
        loop {
            let mut inbox = lock(&self.inbox);
            while inbox.notes.is_empty()
                && inbox.tasks.is_empty()
                && inbox.asked == inbox.done
                && !inbox.finish
            {
                inbox = self.filled.wait(inbox).unwrap_or_else(PoisonError::into_inner);
            }
            let calm = |inbox: &mut Inbox| {
                inbox.bytes.len() < BATCH_BYTES
                    && inbox.tasks.is_empty()
                    && inbox.asked == inbox.done
                    && !inbox.finish
            };
            inbox =
                self.filled.wait_timeout_while(inbox, BATCH, calm).unwrap_or_else(PoisonError::into_inner).0;
            std::mem::swap(&mut inbox.bytes, &mut bytes);
            std::mem::swap(&mut inbox.notes, &mut notes);
            let tasks = std::mem::take(&mut inbox.tasks);
            let (asked, finish) = (inbox.asked, inbox.finish);
            self.behind.store(false, Ordering::Relaxed);
            drop(inbox);
            // Memory that is still in use is not given back to be asked for again.
            let little = bytes.len() < BATCH_BYTES;
            self.room.notify_waiters();
            let kept = sinks.keep(&notes, &bytes, self);
            for task in tasks {
                sinks.carry_out(task, self);
            }
            bytes.clear();
            notes.clear();
            if little {
                bytes.shrink_to(4 * BATCH_BYTES);
            }
            let mut inbox = lock(&self.inbox);
            inbox.done = asked;
            inbox.finished = finish;
            inbox.lost = sinks.trace.as_ref().map_or(0, TraceSink::lost);
            if let Err(error) = kept {
                inbox.error.get_or_insert(error);
            }
            drop(inbox);
            self.settled.notify_all();
            if let Some(wake) = wake {
                wake();
            }
            if finish {
                sinks.complete_file();
                return;
            }
        }
    }
}

/// Where it all goes.
struct Sinks {
    trace: Option<TraceSink>,
    file: Option<FileSink>,
    /// Who wants to know what becomes of the file; none for one that was there from the beginning.
    told: Option<Told>,
}

impl Sinks {
    /// The error is of a file that was there from the beginning.
    fn keep(&mut self, notes: &[Note], bytes: &[u8], shared: &Shared) -> io::Result<()> {
        let mut trace = lock(&shared.trace);
        let mut result = Ok(());
        let mut turn = 0;
        for (note, piece) in in_order(notes, bytes) {
            let Note { id, time, what } = note;
            let length = piece.len();
            turn += length;
            if turn > TURN {
                turn = 0;
                drop(trace);
                shared.let_others_look();
                trace = lock(&shared.trace);
            }
            if let Some(sink) = &mut self.trace {
                match what {
                    What::Open { client, server } => sink.open(&mut trace, id, client, server),
                    What::Data { side, .. } => sink.data(&mut trace, id, side, piece, time),
                    What::End { side, end } => sink.end(&mut trace, id, (side, end), time),
                    What::Over => sink.close(id),
                }
            }
            if let Some(sink) = self.file.as_mut().filter(|_| result.is_ok()) {
                result = match what {
                    What::Open { client, server } => sink.open(id, client, server, time),
                    What::Data { side, .. } => sink.data(id, side, piece, time),
                    What::End { side, end } => sink.end(id, side, end, time),
                    What::Over => {
                        sink.close(id);
                        Ok(())
                    }
                };
            }
        }
        if let Some(sink) = &self.trace {
            sink.settle(&mut trace);
        }
        drop(trace);
        if let Some(sink) = self.file.as_mut().filter(|_| result.is_ok()) {
            result = sink.settle();
        }
        let Err(error) = result else { return Ok(()) };
        // A file that failed once is not to be trusted with what comes later.
        self.file = None;
        match self.told.take() {
            Some(mut told) => {
                told(FileNews::Failed(error));
                Ok(())
            }
            None => Err(error),
        }
    }

    fn carry_out(&mut self, task: Task, shared: &Shared) {
        match task {
            Task::File(file) => {
                self.complete_file();
                let Some((file, mut told)) = file else { return };
                match self.begin_file(file, shared) {
                    Ok(file) => {
                        self.file = Some(file);
                        told(FileNews::Begun);
                        self.told = Some(told);
                    }
                    Err(error) => told(FileNews::Failed(error)),
                }
            }
            Task::Clear => {
                if let Some(sink) = &mut self.trace {
                    let mut trace = lock(&shared.trace);
                    sink.clear(&trace);
                    *trace = Trace::default();
                }
            }
        }
    }

    /// A file with all that is in the trace.
    fn begin_file(&self, file: Box<dyn Write + Send>, shared: &Shared) -> io::Result<FileSink> {
        let mut sink = FileSink::new(file)?;
        if let Some(kept) = &self.trace {
            let mut index = 0;
            // Nothing is added to the trace meanwhile: this is the thread that does.
            while sink.copy(index, || lock(&shared.trace), |connection| kept.keeps(connection, index))? {
                shared.let_others_look();
                index += 1;
            }
        }
        sink.settle()?;
        Ok(sink)
    }

    fn complete_file(&mut self) {
        // Each batch was handed to the system when it came.
        if let (Some(file), Some(mut told)) = (self.file.take(), self.told.take()) {
            drop(file);
            told(FileNews::Complete);
        }
    }
}

impl Shared {
    /// Lets those go first who wait to look at the trace: a lock that is taken again at once would keep them out.
    fn let_others_look(&self) {
        let until = std::time::Instant::now() + COURTESY;
        while self.looking.load(Ordering::Relaxed) > 0 && std::time::Instant::now() < until {
            thread::yield_now();
        }
    }
}

/// The notes of a batch with their bytes, in the order of their times.
///
/// What is written has the time before it was, so notes of several connections may come a little late. Those of one
/// connection keep their order, whatever the clock does.
fn in_order<'a>(notes: &[Note], mut bytes: &'a [u8]) -> Vec<(Note, &'a [u8])> {
    let sorted = notes.is_sorted_by_key(|note| note.time);
    let mut latest: HashMap<ConnectionId, Timestamp> = HashMap::new();
    let mut ordered: Vec<(Timestamp, Note, &[u8])> = Vec::with_capacity(notes.len());
    for note in notes {
        let length = if let What::Data { length, .. } = note.what { length as usize } else { 0 };
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        bytes = rest;
        let mut time = note.time;
        if !sorted {
            let before = latest.entry(note.id).or_insert(time);
            time = time.max(*before);
            *before = time;
        }
        ordered.push((time, *note, piece));
    }
    if !sorted {
        ordered.sort_by_key(|(time, ..)| *time);
    }
    ordered.into_iter().map(|(_, note, piece)| (note, piece)).collect()
}

/// A panic elsewhere leaves bytes as they are: there is nothing that could be half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
