//! Captures of what was recorded as streams, for every program that reads pcapng.
//!
//! A live socket knows bytes and times but no packets. [`Writer`] makes up what TCP would have sent: the opening
//! handshake, segments of a usual size, acknowledgments and the end, with right numbers and checksums. The file says
//! in a comment that it was made so.

mod packet;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::net::SocketAddr;

use hashbrown::HashMap;

use crate::model::protocol::Side;
use crate::trace::{Conversation, End, Timestamp, Trace};
use packet::{Segment, flags};

/// Raw IP: the network layer with nothing before it.
const LINKTYPE_RAW: u16 = 101;

/// The largest segment: what fits behind IPv6 and TCP headers into an Ethernet frame is less by 20.
const SEGMENT_V4: u16 = 1460;
const SEGMENT_V6: u16 = 1440;

/// The other end acknowledges after so many segments, before the window of 65,535 bytes is full.
const BURST: usize = 32;

const COMMENT: &str = "Recorded as streams of bytes. The handshakes, the segments and the acknowledgments of TCP were \
                       made up for this file; bytes, order and times are as recorded.";

/// A connection that a [`Writer`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnId(u64);

/// Writes conversations as a capture, packet by packet, while they happen.
///
/// Every packet is handed to the output whole, in one `write_all`, followed by a flush at the end of each call, so
/// that a recording that is interrupted can be read up to its last event. Where that is too often,
/// [`hold_back`](Self::hold_back).
#[derive(Debug)]
pub struct Writer<W: Write> {
    file: File<W>,
    connections: HashMap<ConnId, Connection>,
    opened: u64,
}

/// The file, and the blocks that are not handed to it yet.
#[derive(Debug)]
struct File<W: Write> {
    out: W,
    blocks: Vec<u8>,
    /// Blocks are handed on when there are this many bytes of them; 0 for each at once.
    most: usize,
}

#[derive(Debug)]
struct Connection {
    /// The client's address first.
    ends: [SocketAddr; 2],
    /// The next sequence number of each side.
    next: [u32; 2],
    ended: [bool; 2],
    segment: usize,
}

impl<W: Write> Writer<W> {
    /// Begins a capture: one section, one interface with raw IP packets and times in nanoseconds.
    ///
    /// # Errors
    /// If the output fails.
    pub fn new(out: W) -> io::Result<Self> {
        Self::with_comment(out, None)
    }

    /// The same with a further remark in the file.
    ///
    /// # Errors
    /// If the output fails.
    pub fn with_comment(out: W, comment: Option<&str>) -> io::Result<Self> {
        let mut file = File { out, blocks: Vec::new(), most: 0 };
        file.headers(comment)?;
        file.end_call()?;
        Ok(Self { file, connections: HashMap::new(), opened: 0 })
    }

    /// From now on packets are handed to the output when there are so many bytes of them, and by
    /// [`flush`](Self::flush) and [`finish`](Self::finish).
    pub fn hold_back(&mut self, bytes: usize) {
        self.file.most = bytes;
    }

    /// Hands all packets to the output, and flushes that.
    ///
    /// # Errors
    /// If the output fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.hand_on()?;
        self.file.out.flush()
    }

    /// A connection is open: writes the three packets of TCP's opening.
    ///
    /// # Errors
    /// If the output fails.
    pub fn open(&mut self, client: SocketAddr, server: SocketAddr, time: Timestamp) -> io::Result<ConnId> {
        let number = self.opened;
        // Numbers that differ from connection to connection, as those of real stacks do (RFC 9293 section 3.4.1), so
        // that the same two ports used twice are two connections.
        let spread = |salt: u64| ((number * 2 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32;
        self.open_at(client, server, [spread(0), spread(1)], Some(time))
    }

    /// A connection was open before the recording began: writes nothing yet.
    pub(crate) fn open_inside(&mut self, client: SocketAddr, server: SocketAddr) -> io::Result<ConnId> {
        self.open_at(client, server, [1, 1], None)
    }

    fn open_at(
        &mut self,
        client: SocketAddr,
        server: SocketAddr,
        initial: [u32; 2],
        time: Option<Timestamp>,
    ) -> io::Result<ConnId> {
        let id = ConnId(self.opened);
        self.opened += 1;
        let ends = same_family(client, server);
        let segment = if ends[0].is_ipv4() { SEGMENT_V4 } else { SEGMENT_V6 };
        let mut connection =
            Connection { ends, next: initial, ended: [false; 2], segment: usize::from(segment) };
        if let Some(time) = time {
            for side in Side::BOTH {
                let mut header = connection.header(side, flags::SYN);
                if side == Side::Client {
                    // There is nothing yet to acknowledge (RFC 9293 section 3.1).
                    (header.flags, header.ack) = (flags::SYN, 0);
                }
                header.largest = Some(segment);
                self.file.packet(&header, &[], time)?;
                connection.sent(side, 1);
            }
            self.file.packet(&connection.header(Side::Client, 0), &[], time)?;
        }
        self.connections.insert(id, connection);
        self.file.end_call()?;
        Ok(id)
    }

    /// `side` sent these bytes. Nothing is written for a side that has ended.
    ///
    /// # Errors
    /// If the output fails, or the connection is not one of this writer's or has ended.
    pub fn data(&mut self, id: ConnId, side: Side, bytes: &[u8], time: Timestamp) -> io::Result<()> {
        let connection = self.connections.get_mut(&id).ok_or_else(ended)?;
        if !connection.ended[side.index()] {
            let mut segments = bytes.chunks(connection.segment).enumerate().peekable();
            while let Some((number, segment)) = segments.next() {
                let last = segments.peek().is_none();
                let push = if last { flags::PSH } else { 0 };
                self.file.packet(&connection.header(side, push), segment, time)?;
                connection.sent(side, segment.len() as u32);
                if last || number % BURST == BURST - 1 {
                    self.file.packet(&connection.header(side.other(), 0), &[], time)?;
                }
            }
        }
        self.file.end_call()
    }

    /// `side` sent that many bytes that were not recorded: sequence numbers go on and no packet is written.
    ///
    /// # Errors
    /// If the connection is not one of this writer's or has ended.
    pub fn gap(&mut self, id: ConnId, side: Side, length: u32, time: Timestamp) -> io::Result<()> {
        let connection = self.connections.get_mut(&id).ok_or_else(ended)?;
        if !connection.ended[side.index()] {
            connection.sent(side, length);
            self.file.packet(&connection.header(side.other(), 0), &[], time)?;
        }
        self.file.end_call()
    }

    /// `side` ended: writes FIN and its acknowledgment, or RST, which ends both sides.
    ///
    /// # Errors
    /// If the output fails, or the connection is not one of this writer's or has ended.
    pub fn end(&mut self, id: ConnId, side: Side, end: End, time: Timestamp) -> io::Result<()> {
        let connection = self.connections.get_mut(&id).ok_or_else(ended)?;
        if !connection.ended[side.index()] {
            match end {
                End::Fin => {
                    self.file.packet(&connection.header(side, flags::FIN), &[], time)?;
                    connection.sent(side, 1);
                    connection.ended[side.index()] = true;
                    self.file.packet(&connection.header(side.other(), 0), &[], time)?;
                }
                End::Reset => {
                    self.file.packet(&connection.header(side, flags::RST), &[], time)?;
                    connection.ended = [true; 2];
                }
            }
        }
        if connection.ended == [true; 2] {
            self.connections.remove(&id);
        }
        self.file.end_call()
    }

    /// Ends the capture and gives the output back. Connections that are open stay open, as they were when the
    /// recording ended.
    ///
    /// # Errors
    /// If the output fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.file.out)
    }
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the connection has ended, or was never opened")
}

impl<W: Write> File<W> {
    /// Writes one packet as an Enhanced Packet Block (draft-ietf-opsawg-pcapng section 4.3).
    fn packet(&mut self, segment: &Segment, payload: &[u8], time: Timestamp) -> io::Result<()> {
        let length = segment.length(payload);
        let padding = length.next_multiple_of(4) - length;
        let block = (32 + length + padding) as u32;
        // Times before 1970 cannot be written without an offset for all of the interface.
        let ticks = time.0.max(0).cast_unsigned();
        let length = length as u32;
        for number in [6, block, 0, (ticks >> 32) as u32, ticks as u32, length, length] {
            self.blocks.extend_from_slice(&number.to_le_bytes());
        }
        segment.write(payload, &mut self.blocks);
        self.blocks.extend_from_slice([0; 3].get(..padding).unwrap_or_default());
        self.blocks.extend_from_slice(&block.to_le_bytes());
        if self.blocks.len() >= self.most { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let result = self.out.write_all(&self.blocks);
        self.blocks.clear();
        result
    }

    fn end_call(&mut self) -> io::Result<()> {
        if self.most == 0 { self.out.flush() } else { Ok(()) }
    }

    fn headers(&mut self, comment: Option<&str>) -> io::Result<()> {
        let mut block = Vec::new();
        // Section Header Block: byte-order magic, version 1.0, length unknown.
        block.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
        block.extend_from_slice(&[1, 0, 0, 0]);
        block.extend_from_slice(&[0xFF; 8]);
        option(&mut block, 1, COMMENT.as_bytes());
        if let Some(comment) = comment {
            option(&mut block, 1, comment.as_bytes());
        }
        option(&mut block, 4, b"framescope");
        option(&mut block, 0, &[]);
        self.block(0x0A0D_0D0A, &block)?;
        // Interface Description Block: no snap length; 10^-9 seconds.
        block.clear();
        block.extend_from_slice(&u32::from(LINKTYPE_RAW).to_le_bytes());
        block.extend_from_slice(&0u32.to_le_bytes());
        option(&mut block, 2, b"framescope");
        option(&mut block, 9, &[9]);
        option(&mut block, 0, &[]);
        self.block(1, &block)
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = body.len() as u32 + 12;
        self.blocks.extend_from_slice(&kind.to_le_bytes());
        self.blocks.extend_from_slice(&length.to_le_bytes());
        self.blocks.extend_from_slice(body);
        self.blocks.extend_from_slice(&length.to_le_bytes());
        self.hand_on()
    }
}

fn option(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    block.extend_from_slice(&code.to_le_bytes());
    block.extend_from_slice(&(value.len() as u16).to_le_bytes());
    block.extend_from_slice(value);
    block.resize(block.len().next_multiple_of(4), 0);
}

impl Connection {
    /// The header of `side`'s next segment, with these flags: it acknowledges all that the other side sent.
    fn header(&self, side: Side, flags: u8) -> Segment {
        let (from, to) = (side.index(), side.other().index());
        Segment {
            from: self.ends[from],
            to: self.ends[to],
            seq: self.next[from],
            ack: self.next[to],
            flags: flags | flags::ACK,
            largest: None,
        }
    }

    /// So much of the sequence numbers was used up.
    fn sent(&mut self, side: Side, length: u32) {
        let next = &mut self.next[side.index()];
        *next = next.wrapping_add(length);
    }
}

/// Both ends in one family: a socket that listens on IPv6 names IPv4 peers as `::ffff:a.b.c.d`.
fn same_family(client: SocketAddr, server: SocketAddr) -> [SocketAddr; 2] {
    let canonical = [client, server].map(|end| SocketAddr::new(end.ip().to_canonical(), end.port()));
    if canonical[0].is_ipv4() == canonical[1].is_ipv4() { canonical } else { [client, server] }
}

/// Writes a conversation of a trace as a connection of its own: its bytes, gaps, times and ends.
///
/// # Errors
/// If the output fails.
pub fn write_conversation<W: Write>(
    trace: &Trace,
    conversation: &Conversation,
    writer: &mut Writer<W>,
) -> io::Result<()> {
    let mut copying = Copying::begin(conversation, writer)?;
    copying.go_on(trace, conversation, writer, u64::MAX)?;
    copying.end(conversation, writer)
}

/// A conversation of a trace while it is copied into a capture, some bytes at a time.
#[derive(Debug)]
pub(crate) struct Copying {
    id: ConnId,
    place: [usize; 2],
    time: Timestamp,
}

impl Copying {
    /// Writes the connection's opening, at the time of its first bytes.
    pub(crate) fn begin<W: Write>(talk: &Conversation, writer: &mut Writer<W>) -> io::Result<Self> {
        let firsts = Side::BOTH.map(|side| talk.stream(side).chunks().iter().next());
        let time = firsts.into_iter().flatten().map(|(_, chunk)| chunk.time()).min().unwrap_or_default();
        let id = if talk.begins_inside() {
            writer.open_inside(talk.client, talk.server)?
        } else {
            writer.open(talk.client, talk.server, time)?
        };
        Ok(Self { id, place: [0; 2], time })
    }

    /// Goes on with what is there, for about `most` bytes. Whether all was written.
    pub(crate) fn go_on<W: Write>(
        &mut self,
        trace: &Trace,
        talk: &Conversation,
        writer: &mut Writer<W>,
        most: u64,
    ) -> io::Result<bool> {
        let mut written = 0;
        let mut chunks = talk.in_order_from(self.place);
        while written < most {
            let Some((side, chunk)) = chunks.next() else { return Ok(true) };
            self.place = chunks.place();
            self.time = self.time.max(chunk.time());
            let length = (chunk.end() - chunk.offset()) as u32;
            written += u64::from(length);
            if chunk.is_gap() {
                writer.gap(self.id, side, length, chunk.time())?;
            } else {
                writer.data(self.id, side, chunk.bytes(&trace.store), chunk.time())?;
            }
        }
        Ok(false)
    }

    /// The connection in the capture, which is still open there.
    #[cfg_attr(not(feature = "cli"), allow(dead_code))] // A live recorder asks.
    pub(crate) const fn id(&self) -> ConnId {
        self.id
    }

    /// Writes how the conversation ended, as far as it has.
    pub(crate) fn ends<W: Write>(&self, talk: &Conversation, writer: &mut Writer<W>) -> io::Result<()> {
        write_ends(talk, writer, self.id, self.time)
    }

    /// Writes how the conversation ended; nothing more comes. What is open when the recording ends stays open in the
    /// capture.
    pub(crate) fn end<W: Write>(self, talk: &Conversation, writer: &mut Writer<W>) -> io::Result<()> {
        self.ends(talk, writer)?;
        writer.connections.remove(&self.id);
        Ok(())
    }
}

/// Writes how a conversation ended, as far as it has.
pub(crate) fn write_ends<W: Write>(
    talk: &Conversation,
    writer: &mut Writer<W>,
    id: ConnId,
    time: Timestamp,
) -> io::Result<()> {
    for ending in talk.ended() {
        // An end that was recorded before the last bytes of the other side stands behind them all the same.
        writer.end(id, ending.from, ending.how, ending.time.max(time))?;
        if ending.how == End::Reset {
            break; // It ends both sides.
        }
    }
    Ok(())
}
