//! Everything live behind one handle, for a window: nothing here blocks the caller.
//!
//! An engine runs a server, clients and a recorder on threads of its own. What happens comes back as events that wait
//! to be taken; where there are too many of a kind, they are counted. The recording has them all.

use std::fs::File;
use std::io::{self, BufWriter};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hashbrown::HashSet;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::client::ClientConfig;
use super::control::{Controls, LiveEnd, Order};
use super::copy::copy;
use super::engine_client::{ClientState, run_client};
use super::engine_event::{ClientId, EngineEvent, ReplayId, is_one_of_many, lock};
use super::hub::Hub;
use super::recorder::{FileNews, Recorder, RecorderConfig, TraceGuard, Wake};
use super::replayer::{ReplayConfig, replay};
use super::server::{Server, ServerConfig};
use super::shared::{ServerEvent, What};
use crate::export::file::{self, Whole};
use crate::export::pcapng::{Copying, Writer};
use crate::trace::Trace;

/// Live traffic behind one handle. Dropping it ends everything without a word.
#[derive(Debug)]
pub struct Engine {
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    hub: Arc<Hub<EngineEvent>>,
    recorder: Recorder,
    controls: Controls,
    server: UnboundedSender<ServerOrder>,
    listening: Arc<Mutex<Option<SocketAddr>>>,
    clients: Mutex<Vec<EngineClient>>,
    file: Arc<Mutex<Option<PathBuf>>>,
    next: AtomicU64,
}

/// A client that was asked for.
#[derive(Debug)]
struct EngineClient {
    id: ClientId,
    orders: UnboundedSender<Order>,
    state: Arc<Mutex<ClientState>>,
}

enum ServerOrder {
    Start(Box<ServerConfig>),
    Stop,
}

impl Engine {
    /// Starts the threads. `wake` is called, by one of them, when there is something new: in the trace, among the
    /// events, or in what a client's state says. It should return soon.
    ///
    /// # Errors
    /// Where threads cannot be started.
    pub fn start(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let wake: Wake = Arc::new(wake);
        let runtime =
            Builder::new_multi_thread().worker_threads(2).thread_name("live").enable_all().build()?;
        let config = RecorderConfig { wake: Some(Arc::clone(&wake)), ..RecorderConfig::default() };
        let recorder = Recorder::start(config)?;
        let hub = Arc::new(Hub::new(wake));
        let listening = Arc::default();
        let (server, orders) = unbounded_channel();
        runtime.spawn(run_server(orders, Arc::clone(&hub), Arc::clone(&listening)));
        Ok(Self {
            runtime: Some(runtime),
            hub,
            recorder,
            controls: Controls::default(),
            server,
            listening,
            clients: Mutex::default(),
            file: Arc::default(),
            next: AtomicU64::new(1),
        })
    }

    /// Starts a server; one that runs is stopped first. The engine's recorder records it.
    pub fn start_server(&self, config: ServerConfig) {
        let (recorder, controls) = (Some(self.recorder.clone()), Some(self.controls.clone()));
        // The task is there as long as the engine.
        let _ = self.server.send(ServerOrder::Start(Box::new(ServerConfig { recorder, controls, ..config })));
    }

    /// Says goodbye on all connections of the server and stops it.
    pub fn stop_server(&self) {
        let _ = self.server.send(ServerOrder::Stop);
    }

    /// Where the server listens, while it does.
    pub fn listening(&self) -> Option<SocketAddr> {
        *lock(&self.listening)
    }

    /// Connects a client. What it is told before it is open is sent when it is. It is recorded, once where this
    /// engine's server is at the other end.
    pub fn connect(&self, config: ClientConfig) -> ClientId {
        let id = ClientId(self.number());
        let config = ClientConfig { recorder: Some(self.recorder.clone()), ..config };
        let state = Arc::new(Mutex::new(ClientState::new(id, &config)));
        let (orders, receiver) = unbounded_channel();
        lock(&self.clients).push(EngineClient { id, orders, state: Arc::clone(&state) });
        self.spawn(run_client(id, config, receiver, self.controls.clone(), state, Arc::clone(&self.hub)));
        id
    }

    /// The clients, those too whose connection is over.
    pub fn clients(&self) -> Vec<ClientState> {
        lock(&self.clients).iter().map(|client| lock(&client.state).clone()).collect()
    }

    /// A client.
    pub fn client(&self, id: ClientId) -> Option<ClientState> {
        let clients = lock(&self.clients);
        let found = clients.iter().find(|client| client.id == id);
        found.map(|client| lock(&client.state).clone())
    }

    /// Forgets the clients whose connection is over.
    pub fn forget_closed(&self) {
        lock(&self.clients).retain(|client| !client.orders.is_closed());
    }

    /// Tells a client to do something. Whether it can still be told.
    pub fn order(&self, client: ClientId, order: Order) -> bool {
        let clients = lock(&self.clients);
        let found = clients.iter().find(|one| one.id == client);
        found.is_some_and(|client| client.orders.send(order).is_ok())
    }

    /// The ends of connections that take orders: of the server's all, of the clients those that have opened TCP.
    pub const fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Sends the client's side of a conversation again, in the background.
    pub fn replay(&self, trace: Trace, conversation: usize, config: ReplayConfig) -> ReplayId {
        let id = ReplayId(self.number());
        let hub = Arc::clone(&self.hub);
        self.spawn(async move {
            let result = replay(&trace, conversation, &config).await.map(Box::new);
            hub.push(EngineEvent::Replayed { replay: id, result }, false);
        });
        id
    }

    /// The trace of all that is live, as it is. It keeps growing behind the guard's back only when that is dropped.
    pub fn lock(&self) -> TraceGuard<'_> {
        self.recorder.lock()
    }

    /// Forgets what was recorded. Connections go on, and what they send from now on becomes a conversation each.
    pub fn clear(&self) {
        self.recorder.clear();
    }

    /// Ends all connections with 1001 where the version has it, and then forgets what was recorded. A server goes on
    /// listening. Ends as [`EngineEvent::Cleared`].
    pub fn end_and_clear(&self) {
        let (hub, recorder, controls) = (Arc::clone(&self.hub), self.recorder.clone(), self.controls.clone());
        self.spawn(async move {
            let ended = end_all(&controls).await;
            recorder.clear();
            // Not before nobody can look at what is forgotten.
            let _ = tokio::task::spawn_blocking(move || recorder.flush()).await;
            hub.push(EngineEvent::Cleared(ended), false);
        });
    }

    /// Records to a pcapng file too, what is in the trace first; none to complete the file.
    pub fn record_to(&self, file: Option<&Path>) {
        let Some(path) = file.map(Path::to_owned) else {
            self.recorder.stop_file();
            return;
        };
        let (hub, recorder, current) = (Arc::clone(&self.hub), self.recorder.clone(), Arc::clone(&self.file));
        self.spawn_blocking(move || match File::create(&path) {
            Ok(file) => recorder.record_to(Box::new(BufWriter::new(file)), move |news| match news {
                FileNews::Begun => {
                    *lock(&current) = Some(path.clone());
                    hub.push(EngineEvent::Recording(path.clone()), false);
                }
                FileNews::Complete => {
                    *lock(&current) = None;
                    hub.push(EngineEvent::RecordingComplete(path.clone()), false);
                }
                FileNews::Failed(error) => {
                    *lock(&current) = None;
                    hub.push(EngineEvent::CannotWrite { file: path.clone(), error }, false);
                }
            }),
            Err(error) => hub.push(EngineEvent::CannotWrite { file: path, error }, false),
        });
    }

    /// The file that is recorded to.
    pub fn recording(&self) -> Option<PathBuf> {
        lock(&self.file).clone()
    }

    /// Saves what was recorded so far as pcapng, in the background.
    pub fn save(&self, file: &Path) {
        let (hub, recorder, path) = (Arc::clone(&self.hub), self.recorder.clone(), file.to_owned());
        self.spawn_blocking(move || {
            let saved = save(&recorder, &path);
            hub.push(written(path, saved), false);
        });
    }

    /// Writes a file, in the background.
    pub fn write(&self, file: &Path, bytes: Vec<u8>) {
        let (hub, path) = (Arc::clone(&self.hub), file.to_owned());
        self.spawn_blocking(move || {
            let result = file::write(&path, |out| out.write_all(&bytes));
            hub.push(written(path, result), false);
        });
    }

    /// What happened since the last call, at most a bounded number of events; [`EngineEvent::Sampled`] says how many
    /// more there were.
    pub fn poll(&self) -> Vec<EngineEvent> {
        let (events, missed) = self.hub.take();
        let mut events = Vec::from(events);
        if missed > 0 {
            events.push(EngineEvent::Sampled(missed));
        }
        events
    }

    /// How many events of the last second were not told.
    pub fn sampled(&self) -> u64 {
        self.hub.missed_lately()
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs something on the engine's threads.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(task);
        }
    }

    fn spawn_blocking(&self, task: impl FnOnce() + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn_blocking(task);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn written(file: PathBuf, result: io::Result<()>) -> EngineEvent {
    match result {
        Ok(()) => EngineEvent::Written(file),
        Err(error) => EngineEvent::CannotWrite { file, error },
    }
}

fn save(recorder: &Recorder, path: &Path) -> io::Result<()> {
    recorder.flush()?;
    let mut writer = Writer::new(BufWriter::new(Whole::create(path)?))?;
    writer.hold_back(64 * 1024);
    let mut index = 0;
    while copy(index, &mut writer, || recorder.lock(), Copying::end)? {
        index += 1;
    }
    writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

/// Ends all connections, those too that begin meanwhile; how many there were. One that will not end is not waited for
/// any longer than this.
async fn end_all(controls: &Controls) -> usize {
    const MOST: Duration = Duration::from_secs(5);
    const LOOK: Duration = Duration::from_millis(10);
    let until = Instant::now() + MOST;
    let mut told = HashSet::new();
    loop {
        let ends = controls.ends();
        for end in &ends {
            if told.insert(*end) {
                controls.order(end, Order::GoAway);
            }
        }
        if ends.is_empty() || Instant::now() >= until {
            // Both ends of a connection may be ours.
            return told.iter().map(|end: &LiveEnd| end.connection).collect::<HashSet<_>>().len();
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Starts and stops servers, one after the other.
async fn run_server(
    mut orders: UnboundedReceiver<ServerOrder>,
    hub: Arc<Hub<EngineEvent>>,
    listening: Arc<Mutex<Option<SocketAddr>>>,
) {
    let mut server: Option<Server> = None;
    while let Some(order) = orders.recv().await {
        if let Some(old) = server.take() {
            *lock(&listening) = None;
            old.shutdown().await;
            hub.push(EngineEvent::Stopped, false);
        }
        let ServerOrder::Start(config) = order else { continue };
        let (address, flash_policy) = (config.listen, config.flash_policy);
        match Server::bind(*config).await {
            Ok(mut new) => {
                let address = new.local_addr();
                *lock(&listening) = Some(address);
                hub.push(EngineEvent::Listening { address, flash_policy: new.flash_policy_addr() }, false);
                if let Some(events) = new.events() {
                    tokio::spawn(tell(events, Arc::clone(&hub)));
                }
                server = Some(new);
            }
            Err(error) => hub.push(EngineEvent::CannotListen { address, flash_policy, error }, false),
        }
    }
}

/// Hands on what happens on a server.
async fn tell(mut events: Receiver<ServerEvent>, hub: Arc<Hub<EngineEvent>>) {
    while let Some(event) = events.recv().await {
        match event.what {
            What::Dropped(count) => hub.miss(count),
            What::Endpoint(ref what) => {
                let many = is_one_of_many(what);
                hub.push(EngineEvent::Server(event), many);
            }
            _ => hub.push(EngineEvent::Server(event), false),
        }
    }
}
