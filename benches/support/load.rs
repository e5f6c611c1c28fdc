//! The load of the echo bench: a client that costs as little as can be, the same for every server.
//!
//! Frames are made beforehand and written in one go; of the answers only the bytes are counted. Plain blocking
//! sockets, one thread a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use framescope::wire::frame::hybi::{Header, Opcode, mask};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    /// So many messages are sent in one go; then their echoes are waited for.
    pub(crate) window: usize,
    pub(crate) opcode: Opcode,
    /// The payload of a message in bytes.
    pub(crate) payload: usize,
}

impl Load {
    /// The messages of one window on every connection.
    pub(crate) const fn messages(&self) -> usize {
        self.connections * self.window
    }

    fn frame(&self, key: Option<[u8; 4]>) -> Vec<u8> {
        let mut header = Header::new(self.opcode, self.payload as u64);
        header.mask = key;
        let mut frame = Vec::new();
        header.encode(&mut frame);
        let start = frame.len();
        frame.extend((0..self.payload).map(|at| b"the quick brown fox jumps over the lazy dog "[at % 44]));
        if let Some(key) = key {
            mask(&mut frame[start..], key, 0);
        }
        frame
    }
}

/// Open connections to one server.
#[derive(Debug)]
pub(crate) struct Clients {
    sockets: Vec<TcpStream>,
    window: Vec<u8>,
    answers: usize,
}

impl Clients {
    pub(crate) fn connect(server: SocketAddr, load: &Load) -> Self {
        Self {
            sockets: (0..load.connections).map(|_| open(server)).collect(),
            window: load.frame(Some([0x37, 0xfa, 0x21, 0x3d])).repeat(load.window),
            answers: load.frame(None).len() * load.window,
        }
    }

    /// Sends that many windows on every connection at the same time; returns how long it took until all echoes were
    /// there.
    pub(crate) fn run(&mut self, windows: u64) -> Duration {
        let Self { sockets, window, answers } = self;
        if let [only] = sockets.as_mut_slice() {
            let begin = Instant::now();
            exchange(only, window, *answers, windows);
            return begin.elapsed();
        }
        let ready = Barrier::new(sockets.len() + 1);
        let mut begin = Instant::now();
        thread::scope(|scope| {
            for socket in sockets {
                scope.spawn(|| {
                    ready.wait();
                    exchange(socket, window, *answers, windows);
                });
            }
            begin = Instant::now();
            ready.wait();
        });
        begin.elapsed()
    }
}

fn open(server: SocketAddr) -> TcpStream {
    let mut socket = TcpStream::connect(server).expect("connecting");
    socket.set_nodelay(true).expect("setting an option");
    socket.write_all(REQUEST).expect("asking");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).expect("an answer");
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
    socket
}

fn exchange(socket: &mut TcpStream, window: &[u8], answers: usize, windows: u64) {
    let mut buffer = vec![0; 256 * 1024];
    for _ in 0..windows {
        socket.write_all(window).expect("sending");
        let mut left = answers;
        while left > 0 {
            let count = socket.read(&mut buffer).expect("receiving");
            assert!(count > 0 && count <= left, "the server sends something else than echoes");
            left -= count;
        }
    }
}
