//! Echo servers: this one with and without its recorder, beside one on tokio-tungstenite that records nothing.
//!
//! Before criterion's groups the servers take turns, round by round, so that whatever else the machine does meets all
//! of them; the medians and their ratios are printed.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

#[path = "support/load.rs"]
mod load;

use std::fs::File;
use std::io::{self, Seek, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use criterion::{Criterion, Throughput};
use framescope::live::{Recorder, RecorderConfig, Server, ServerConfig};
use framescope::wire::frame::hybi::Opcode;
use futures_util::{StreamExt, TryStreamExt, future};
use load::{Clients, Load};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

const LOADS: [Load; 3] = [
    Load { name: "125 bytes, 64 at once", connections: 4, window: 64, opcode: Opcode::TEXT, payload: 125 },
    Load { name: "125 bytes, one by one", connections: 1, window: 1, opcode: Opcode::TEXT, payload: 125 },
    Load { name: "64 KiB, 2 at once", connections: 4, window: 2, opcode: Opcode::BINARY, payload: 64 << 10 },
];

/// A file that is written from its beginning again when it has this many bytes: what is measured is the recorder, and
/// not how fast a disk takes gigabytes.
struct Rewound {
    file: File,
    written: usize,
}

const LARGEST: usize = 256 << 20;

impl Write for Rewound {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written >= LARGEST {
            self.file.rewind()?;
            self.written = 0;
        }
        let count = self.file.write(bytes)?;
        self.written += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A server with a runtime of its own. All runtimes are of the same kind.
struct Echo {
    name: &'static str,
    address: SocketAddr,
    /// With the folder of its file.
    recorder: Option<(Recorder, tempfile::TempDir)>,
    /// Ours ends its connections when it is dropped.
    _server: Option<Server>,
    _runtime: Runtime,
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

impl Echo {
    fn ours(record: bool) -> Self {
        let runtime = runtime();
        let recorder = record.then(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = File::create(folder.path().join("echo.pcapng")).expect("a file");
            let file: Box<dyn Write + Send> = Box::new(Rewound { file, written: 0 });
            let config = RecorderConfig { trace: false, file: Some(file), ..RecorderConfig::default() };
            (Recorder::start(config).expect("recording"), folder)
        });
        let config = ServerConfig {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            recorder: recorder.as_ref().map(|(recorder, _)| recorder.clone()),
            ..ServerConfig::default()
        };
        let server = runtime.block_on(Server::bind(config)).expect("listening");
        let name = if record { "framescope, recording" } else { "framescope" };
        Self { name, address: server.local_addr(), recorder, _server: Some(server), _runtime: runtime }
    }

    /// The echo server of tokio-tungstenite's own examples.
    fn peer() -> Self {
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("listening");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    stream.set_nodelay(true).expect("setting an option");
                    let socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
                    let (write, read) = socket.split();
                    let messages =
                        read.try_filter(|message| future::ready(message.is_text() || message.is_binary()));
                    // An error says that the client has gone.
                    let _ = messages.forward(write).await;
                });
            }
        });
        Self { name: "tokio-tungstenite", address, recorder: None, _server: None, _runtime: runtime }
    }

    /// A server that runs elsewhere, say `framescope serve --record FILE`.
    fn elsewhere(address: &str) -> Self {
        let address = address.parse().expect("FRAMESCOPE_ECHO is an address and a port");
        Self {
            name: "the one at FRAMESCOPE_ECHO",
            address,
            recorder: None,
            _server: None,
            _runtime: runtime(),
        }
    }

    fn all() -> Vec<Self> {
        let mut all = vec![Self::peer(), Self::ours(false), Self::ours(true)];
        all.extend(std::env::var("FRAMESCOPE_ECHO").ok().map(|address| Self::elsewhere(&address)));
        all
    }

    /// Runs windows of a load, until the echoes are there and what was recorded is in the file.
    fn run(&self, clients: &mut Clients, windows: u64) -> Duration {
        let echoes = clients.run(windows);
        let begin = std::time::Instant::now();
        if let Some((recorder, _)) = &self.recorder {
            recorder.flush().expect("writing the recording");
        }
        echoes + begin.elapsed()
    }
}

/// How many rounds each server has in the comparison, and how long one takes.
const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(100);

fn compare(load: &Load) {
    let servers = Echo::all();
    let mut clients: Vec<_> = servers.iter().map(|server| Clients::connect(server.address, load)).collect();
    let warm = servers[0].run(&mut clients[0], 200) / 200;
    let windows = (ROUND.as_nanos() / warm.as_nanos().max(1)).max(1) as u64;
    let mut times = vec![Vec::new(); servers.len()];
    for round in 0..=ROUNDS {
        for turn in 0..servers.len() {
            let which = (round + turn) % servers.len();
            let time = servers[which].run(&mut clients[which], windows);
            if round > 0 {
                times[which].push(time.as_secs_f64() / (windows as f64 * load.messages() as f64));
            }
        }
    }
    println!("{}: medians of {ROUNDS} rounds", load.name);
    for (server, own) in servers.iter().zip(&times) {
        let seconds = median(own.clone());
        let ratio = median(times[0].iter().zip(own).map(|(peer, own)| peer / own).collect());
        println!("  {:26} {ratio:5.2} times the throughput, {:8.0} ns a message", server.name, seconds * 1e9);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    // Nothing is asked for but to measure: neither a test whether this runs, nor one of the groups below.
    if std::env::args().skip(1).eq(["--bench"]) {
        LOADS.iter().for_each(compare);
    }
    for load in &LOADS {
        let mut group = criterion.benchmark_group(format!("echo/{}", load.name));
        group.throughput(Throughput::Elements(load.messages() as u64));
        for server in Echo::all() {
            let mut clients = Clients::connect(server.address, load);
            group.bench_function(server.name, |bencher| {
                bencher.iter_custom(|windows| server.run(&mut clients, windows));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
