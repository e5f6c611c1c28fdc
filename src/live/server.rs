//! Listens, and runs a task for each connection.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;

use super::connection::Connection;
use super::control::{Controls, LiveEnd};
use super::limits::Limits;
use super::recorder::{Listening, Recorder, Tap};
use super::shared::{Latest, ServerEvent, Shared, What};
use super::wire::Wire;
use crate::endpoint::{self, Options, Show};
use crate::model::protocol::Side;
use crate::wire::handshake::refuse;

/// Where and how a server listens.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The address; port 0 takes a free one. Loopback unless somebody says otherwise.
    pub listen: SocketAddr,
    /// A second address that serves the Flash policy file and nothing else; Flash asks port 843 first.
    pub flash_policy: Option<SocketAddr>,
    /// What the server speaks, its pages and policy file, whether it echoes, the limits of heads and messages.
    pub endpoint: endpoint::ServerConfig,
    /// The limits of sockets.
    pub limits: Limits,
    /// Records all connections.
    pub recorder: Option<Recorder>,
    /// Lets others speak on the connections; none where the server speaks for itself alone.
    pub controls: Option<Controls>,
}

impl Default for ServerConfig {
    /// An echo server for all versions on 127.0.0.1:9001. Events show the first 4 KiB of a message.
    fn default() -> Self {
        let options = Options { echo: true, show: Show::Head(4096), ..Options::default() };
        Self {
            listen: (Ipv4Addr::LOCALHOST, 9001).into(),
            flash_policy: None,
            endpoint: endpoint::ServerConfig { options, ..endpoint::ServerConfig::default() },
            limits: Limits::default(),
            recorder: None,
            controls: None,
        }
    }
}

/// A server that runs. Dropping it ends its connections without a word; [`shutdown`](Self::shutdown) says goodbye.
#[derive(Debug)]
pub struct Server {
    local: SocketAddr,
    flash: Option<SocketAddr>,
    shared: Arc<Shared>,
    events: Option<mpsc::Receiver<ServerEvent>>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    /// Clients of the same recorder know that their connections to this server are recorded.
    _recorded: Option<Listening>,
}

/// A stream that falls further behind misses messages.
const BOARD: usize = 64;

impl Server {
    /// Listens and begins to accept.
    ///
    /// # Errors
    /// Where an address cannot be listened at.
    pub async fn bind(config: ServerConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let local = listener.local_addr()?;
        let (events, receiver) = mpsc::channel(config.limits.events.max(1));
        let (stop, stopped) = watch::channel(false);
        let recorded = config.recorder.as_ref().map(|recorder| recorder.listen(local));
        let shared = Arc::new(Shared {
            limits: config.limits,
            recorder: config.recorder,
            controls: config.controls,
            events,
            listened: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            next: AtomicU64::new(1),
            board: broadcast::channel(BOARD).0,
            latest: Latest::default(),
            show: config.endpoint.options.show,
        });
        let mut listeners = JoinSet::new();
        let mut flash = None;
        if let Some(address) = config.flash_policy {
            let listener = TcpListener::bind(address).await?;
            flash = Some(listener.local_addr()?);
            let mut only = config.endpoint.clone();
            only.policy.protocols.clear();
            only.pages = false;
            listeners.spawn(accept(listener, Arc::new(only), Arc::clone(&shared), stopped.clone()));
        }
        listeners.spawn(accept(listener, Arc::new(config.endpoint), Arc::clone(&shared), stopped));
        Ok(Self { local, flash, shared, events: Some(receiver), stop, listeners, _recorded: recorded })
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Where it serves the policy file alone.
    pub const fn flash_policy_addr(&self) -> Option<SocketAddr> {
        self.flash
    }

    /// What happens, from now on. None the second time.
    pub fn events(&mut self) -> Option<mpsc::Receiver<ServerEvent>> {
        self.shared.listened.store(true, Ordering::Relaxed);
        self.events.take()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Says something to those who poll.
    pub fn say(&self, message: &[u8]) {
        self.shared.say(message);
    }

    /// Accepts no more, says goodbye on every connection (1001; `FF 00` in hixie-76), waits for the answers as long as
    /// the limit for closing says, and returns when all connections are over.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.listeners.join_next().await.is_some() {}
    }
}

/// After accepting failed, for example because there are too many open files, it is tried again after this time.
const PAUSE: Duration = Duration::from_millis(100);

async fn accept(
    listener: TcpListener,
    config: Arc<endpoint::ServerConfig>,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // An error says that the server was dropped.
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                if shared.open.load(Ordering::Relaxed) >= shared.limits.connections {
                    shared.tell(0, peer, What::TooMany);
                    too_many(&stream);
                    continue;
                }
                shared.open.fetch_add(1, Ordering::Relaxed);
                connections.spawn(serve(
                    stream,
                    peer,
                    Arc::clone(&config),
                    Arc::clone(&shared),
                    stop.clone(),
                ));
            }
            Err(error) => {
                let nobody = (Ipv4Addr::UNSPECIFIED, 0).into();
                shared.tell(0, nobody, What::AcceptFailed(error.to_string()));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// As much of a refusal as goes out at once: who comes too much is not waited for.
fn too_many(stream: &TcpStream) {
    let _ = stream.try_write(&refuse(503, "There are too many connections", &[]));
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    config: Arc<endpoint::ServerConfig>,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
) {
    let _open = Open(&shared.open);
    let id = shared.next.fetch_add(1, Ordering::Relaxed);
    shared.tell(id, peer, What::Connected);
    let local = stream.local_addr().unwrap_or(peer);
    let tap = shared.recorder.as_ref().map(|recorder| recorder.tap(peer, local));
    let connection = tap.as_ref().map(Tap::connection);
    let wire = Wire::new(stream, tap, Side::Server, shared.limits.write_buffer);
    let mut machine = endpoint::Server::new(config);
    machine.set_latest(shared.latest.source());
    // Orders are given to what is seen, so to connections that are recorded.
    let end = connection.map(|connection| LiveEnd { connection, side: Side::Server });
    let control = shared.controls.as_ref().zip(end).map(|(all, end)| all.take(end));
    let end = Connection::new(id, peer, &shared, wire, machine, control).run(stop).await;
    shared.tell(id, peer, What::Disconnected(end.err().map(|error| error.to_string())));
}

/// Counts a connection down, also when its task is cut off.
struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
