//! No shape of input costs more than its size: `framescope dissect`, as a process, of n, 2n and 4n of what is dear to read.
//! A last column of about 4 is right; 16 would be the square.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

#[path = "support/process.rs"]
mod process;

use std::io::Write;
use std::time::Duration;

use etherparse::PacketBuilder;
use framescope::wire::frame::hybi::{Header, Opcode};
use process::{dissect, takes};

/// A capture while it is made: what one client and one server say on each connection.
struct Capture {
    file: Vec<u8>,
    micros: u64,
}

/// One connection: the next sequence number of each end, the client's first.
#[derive(Clone, Copy)]
struct Line {
    address: [u8; 4],
    port: u16,
    next: [u32; 2],
}

/// A connection somewhere inside.
const INSIDE: Line = Line { address: [10, 0, 0, 1], port: 10_000, next: [1000, 5000] };

const CLIENT: usize = 0;
const SERVER: usize = 1;

const SYN: u8 = 1;

impl Capture {
    fn new() -> Self {
        let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1];
        Self { file: header.into_iter().flat_map(u32::to_le_bytes).collect(), micros: 0 }
    }

    /// A segment at its place in the stream, whatever came before.
    fn segment(&mut self, line: &Line, from: usize, seq: u32, flags: u8, payload: &[u8]) {
        let (client, server) = (line.address, [10, 255, 255, 254]);
        let (source, target) = if from == CLIENT { (client, server) } else { (server, client) };
        let (source_port, target_port) = if from == CLIENT { (line.port, 9001) } else { (9001, line.port) };
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(source, target, 64).tcp(
            source_port,
            target_port,
            seq,
            65_000,
        );
        let builder = if flags & SYN != 0 { builder.syn() } else { builder };
        let first = flags & SYN != 0 && from == CLIENT;
        let builder = if first { builder } else { builder.ack(line.next[1 - from]) };
        let length = builder.size(payload.len()) as u32;
        let words = [(self.micros / 1_000_000) as u32, (self.micros % 1_000_000) as u32, length, length];
        self.file.extend(words.into_iter().flat_map(u32::to_le_bytes));
        builder.write(&mut self.file, payload).expect("writing to memory");
        self.micros += 10;
    }

    /// The next segment of an end.
    fn send(&mut self, line: &mut Line, from: usize, payload: &[u8]) {
        self.segment(line, from, line.next[from], 0, payload);
        line.next[from] = line.next[from].wrapping_add(payload.len() as u32);
    }

    /// All of it, in segments.
    fn send_all(&mut self, line: &mut Line, from: usize, bytes: &[u8]) {
        for part in bytes.chunks(1400) {
            self.send(line, from, part);
        }
    }

    /// A connection with its opening handshake.
    fn open(&mut self, number: u32) -> Line {
        let [_, high, middle, low] = (number / 50_000).to_be_bytes();
        let port = 10_000 + (number % 50_000) as u16;
        let mut line = Line { address: [10, high, middle, low], port, next: [1000, 5000] };
        for from in [CLIENT, SERVER] {
            self.segment(&line, from, line.next[from], SYN, b"");
            line.next[from] += 1;
        }
        self.send(&mut line, CLIENT, REQUEST);
        self.send(&mut line, SERVER, ANSWER);
        line
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A server's frame.
fn frame(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let mut header = Header::new(opcode, payload.len() as u64);
    header.fin = fin;
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

/// Numbers that look random and are the same each time (xorshift).
fn noise(count: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn zeros(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = INSIDE;
    capture.send_all(&mut line, SERVER, &vec![0; 100 * n]);
    capture
}

fn random(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = INSIDE;
    capture.send_all(&mut line, SERVER, &noise(100 * n));
    capture
}

fn connections(n: usize) -> Capture {
    let mut capture = Capture::new();
    for number in 0..n {
        let mut line = capture.open(number as u32);
        capture.send(&mut line, SERVER, &frame(Opcode::TEXT, true, b"Hello"));
    }
    capture
}

/// Segments of one byte, each hundred of them the wrong way round.
fn disordered(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = capture.open(0);
    let bytes = frame(Opcode::TEXT, true, b"Hello").repeat(n.div_ceil(7));
    for part in bytes.chunks(100) {
        for at in (0..part.len()).rev() {
            capture.segment(&line, SERVER, line.next[SERVER].wrapping_add(at as u32), 0, &part[at..=at]);
        }
        line.next[SERVER] = line.next[SERVER].wrapping_add(part.len() as u32);
    }
    capture
}

/// A message in fragments, and pings between them.
fn fragments(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = capture.open(0);
    let mut bytes = frame(Opcode::TEXT, false, b"a");
    for _ in 0..n / 2 {
        bytes.extend(frame(Opcode::PING, true, b"p"));
        bytes.extend(frame(Opcode::CONTINUATION, false, b"b"));
    }
    bytes.extend(frame(Opcode::CONTINUATION, true, b"c"));
    capture.send_all(&mut line, SERVER, &bytes);
    capture
}

/// Every second segment is missing.
fn gaps(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = capture.open(0);
    for _ in 0..n {
        capture.send(&mut line, SERVER, &frame(Opcode::TEXT, true, b"there"));
        line.next[SERVER] = line.next[SERVER].wrapping_add(1000);
        // The other end has it: it is the recording that lacks it.
        capture.send(&mut line, CLIENT, b"");
    }
    capture
}

/// A head that never ends.
fn head(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = capture.open(0);
    line.port += 1;
    let mut fresh = Line { next: [1000, 5000], ..line };
    capture.segment(&fresh, CLIENT, 1000, SYN, b"");
    capture.segment(&fresh, SERVER, 5000, SYN, b"");
    fresh.next = [1001, 5001];
    let bytes: Vec<u8> = b"GET / HTTP/1.1\r\n".iter().copied().chain(b"A: b\r\n".repeat(n * 10)).collect();
    capture.send_all(&mut fresh, CLIENT, &bytes);
    capture
}

/// Requests one after the other on one connection, none of which is answered.
fn requests(n: usize) -> Capture {
    let mut capture = Capture::new();
    let mut line = INSIDE;
    capture.segment(&line, CLIENT, 1000, SYN, b"");
    line.next[CLIENT] += 1;
    capture.send_all(&mut line, CLIENT, &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(n));
    capture
}

/// What is made of a size.
type Shape = fn(usize) -> Capture;

const SHAPES: &[(&str, Shape)] = &[
    ("zeros, from inside", zeros),
    ("noise, from inside", random),
    ("connections", connections),
    ("disordered segments of a byte", disordered),
    ("fragments with pings inside", fragments),
    ("gaps", gaps),
    ("a head that never ends", head),
    ("requests without answers", requests),
];

const OUTPUTS: &[&[&str]] = &[&["--format", "csv"], &["--format", "jsonl"], &["--brief"]];

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let said = std::env::var("FRAMESCOPE_GROWTH").ok().and_then(|base| base.parse().ok());
    let (base, runs) = if measured { (said.unwrap_or(250_000), 3) } else { (200, 1) };
    for arguments in OUTPUTS {
        println!("dissect {}", arguments.join(" "));
        for (name, shape) in SHAPES {
            let times = [1, 2, 4].map(|times| {
                let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
                file.write_all(&shape(times * base).file).expect("writing the capture");
                takes(&mut dissect(file.path(), arguments), runs)
            });
            let shown = times.map(|time: Duration| format!("{time:>9.1?}")).join(" ");
            println!("  {name:30} {shown} {:6.1}", times[2].as_secs_f64() / times[0].as_secs_f64());
        }
    }
}
