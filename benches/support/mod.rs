//! A generated capture: one RFC 6455 conversation of many 200-byte frames, one frame a packet.

use etherparse::PacketBuilder;
use framescope::wire::frame::hybi::{Header, Opcode, mask};

pub(crate) const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
pub(crate) const ANSWER: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The format of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)] // A bench makes the one that it reads.
pub(crate) enum Format {
    Pcap,
    Pcapng,
}

/// A capture of at least `size` bytes, with times in microseconds. Client and server take turns; a client's frame is
/// masked.
pub(crate) fn capture(size: usize, format: Format) -> Vec<u8> {
    let mut file = Vec::with_capacity(size + 4096);
    match format {
        Format::Pcap => words(&mut file, &[0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1]),
        // A section whose length is not given, and an interface for Ethernet without options.
        Format::Pcapng => {
            words(&mut file, &[0x0a0d_0d0a, 28, 0x1a2b_3c4d, 0x0000_0001, u32::MAX, u32::MAX, 28]);
            words(&mut file, &[1, 20, 1, 262_144, 20]);
        }
    }
    let mut seq = [1000u32, 5000];
    let mut number = 0u32;
    let mut send = |file: &mut Vec<u8>, from: usize, flags: u8, payload: &[u8]| {
        number += 1;
        let (source, target) = if from == 0 { (50_000, 9001) } else { (9001, 50_000) };
        let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4([127, 0, 0, 1], [127, 0, 0, 1], 64)
            .tcp(source, target, seq[from], 65_000);
        let builder = if flags & 1 != 0 { builder.syn() } else { builder };
        let builder = if flags & 2 != 0 { builder.ack(seq[1 - from]) } else { builder };
        seq[from] = seq[from].wrapping_add(payload.len() as u32 + u32::from(flags & 1));
        let length = builder.size(payload.len()) as u32;
        let (seconds, micros) = (1_700_000_000 + number / 100_000, number % 100_000 * 10);
        match format {
            Format::Pcap => {
                words(file, &[seconds, micros, length, length]);
                builder.write(file, payload).expect("writing to memory");
            }
            Format::Pcapng => {
                let time = u64::from(seconds) * 1_000_000 + u64::from(micros);
                let block = 32 + length.next_multiple_of(4);
                words(file, &[6, block, 0, (time >> 32) as u32, time as u32, length, length]);
                builder.write(file, payload).expect("writing to memory");
                file.resize(file.len().next_multiple_of(4), 0);
                words(file, &[block]);
            }
        }
    };
    send(&mut file, 0, 1, b"");
    send(&mut file, 1, 3, b"");
    send(&mut file, 0, 2, b"");
    send(&mut file, 0, 2, REQUEST);
    send(&mut file, 1, 2, ANSWER);
    let mut frames = [frame(true), frame(false)];
    let mut turn = 0;
    while file.len() < size {
        // Every frame differs a little, as in life.
        if let Some(last) = frames[turn].last_mut() {
            *last ^= 1;
        }
        send(&mut file, turn, 2, &frames[turn]);
        turn = 1 - turn;
    }
    file
}

fn words(file: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        file.extend_from_slice(&word.to_le_bytes());
    }
}

/// A text frame of 200 bytes, header and all.
fn frame(masked: bool) -> Vec<u8> {
    let payload = if masked { 192 } else { 196 };
    let mut header = Header::new(Opcode::TEXT, payload);
    header.mask = masked.then_some([0x37, 0xfa, 0x21, 0x3d]);
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    let start = bytes.len();
    bytes.extend((0..payload).map(|i| b"the quick brown fox jumps over the lazy dog "[i as usize % 44]));
    if let Some(key) = header.mask {
        mask(&mut bytes[start..], key, 0);
    }
    bytes
}
