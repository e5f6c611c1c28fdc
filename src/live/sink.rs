//! Where a recorder keeps what was recorded: a trace in memory, a capture file, or both.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::Deref;

use hashbrown::HashMap;

use super::copy::copy;
use crate::export::pcapng::{ConnId, Writer};
use crate::facts;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::trace::{Chunk, ConnectionId, End, Handshake, Item, Message, Place, Spoken, Timestamp, Trace};

/// The digits of a second that the system clock has.
const DIGITS: u8 = 9;

/// Appends to a trace, up to a limit.
#[derive(Debug)]
pub(super) struct TraceSink {
    limit: u64,
    used: u64,
    /// The connections that are not over.
    connections: HashMap<ConnectionId, Connection>,
    lost: u64,
    full: bool,
}

/// A connection that is recorded.
#[derive(Clone, Copy, Debug)]
struct Connection {
    client: SocketAddr,
    server: SocketAddr,
    kept: Kept,
}

/// Where a connection is kept.
#[derive(Clone, Copy, Debug)]
enum Kept {
    /// In the conversation with this index.
    In(usize),
    /// Nowhere yet: the trace was cleared. Where that was between two frames, the version is known.
    Cleared(Option<Spoken>),
    /// Nowhere: there was no room.
    Not,
}

impl TraceSink {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, used: 0, connections: HashMap::new(), lost: 0, full: false }
    }

    /// The bytes that were not kept.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether a connection is kept in the conversation with this index, and is not over.
    pub(super) fn keeps(&self, id: ConnectionId, index: usize) -> bool {
        self.connections
            .get(&id)
            .is_some_and(|connection| matches!(connection.kept, Kept::In(at) if at == index))
    }

    pub(super) fn open(
        &mut self,
        trace: &mut Trace,
        id: ConnectionId,
        client: SocketAddr,
        server: SocketAddr,
    ) {
        let kept = if self.full {
            Kept::Not
        } else {
            Kept::In(trace.open_connection(id, (client, server), false, DIGITS))
        };
        self.connections.insert(id, Connection { client, server, kept });
    }

    /// The connection is over: nothing more will be said about it.
    pub(super) fn close(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// The trace is about to be emptied.
    pub(super) fn clear(&mut self, trace: &Trace) {
        (self.used, self.lost, self.full) = (0, 0, false);
        for connection in self.connections.values_mut() {
            connection.kept = match connection.kept {
                Kept::In(index) => {
                    let talk = trace.conversation(trace.innermost(index));
                    let frames = talk.filter(|talk| {
                        let opened = matches!(talk.handshake, Handshake::Accepted | Handshake::Invalid);
                        let frame = talk.items.last().is_some_and(|item| item.kind.is_frame());
                        (opened || frame) && talk.is_between_items()
                    });
                    Kept::Cleared(frames.map(Spoken::as_in))
                }
                Kept::Not => Kept::Cleared(None),
                cleared @ Kept::Cleared(_) => cleared,
            };
        }
    }

    pub(super) fn data(
        &mut self,
        trace: &mut Trace,
        id: ConnectionId,
        side: Side,
        bytes: &[u8],
        time: Timestamp,
    ) {
        let cost = bytes.len() as u64 + size_of::<Chunk>() as u64;
        if self.full || self.used + cost > self.limit {
            self.full = true;
            self.lost += bytes.len() as u64;
            return;
        }
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let conversation = match connection.kept {
            Kept::In(conversation) => conversation,
            Kept::Not => return,
            Kept::Cleared(speaks) => {
                let ends = (connection.client, connection.server);
                let index = match speaks {
                    Some(spoken) => trace.go_on(id, ends, DIGITS, spoken),
                    None => trace.open_connection(id, ends, true, DIGITS),
                };
                connection.kept = Kept::In(index);
                index
            }
        };
        let before = trace.conversation(trace.innermost(conversation)).map_or((0, 0), counts);
        let at = trace.store.append(bytes);
        // A live socket has no packets.
        trace.data(conversation, side, Place { at, headers: None }, bytes.len() as u32, 0, time);
        let after = trace.conversation(trace.innermost(conversation)).map_or((0, 0), counts);
        let made = after.0.saturating_sub(before.0) * size_of::<Item>()
            + after.1.saturating_sub(before.1) * size_of::<Message>();
        self.used += cost + made as u64;
    }

    pub(super) fn end(
        &mut self,
        trace: &mut Trace,
        id: ConnectionId,
        (side, end): (Side, End),
        time: Timestamp,
    ) {
        if self.full {
            return;
        }
        let Some(&Connection { client, server, kept: Kept::In(conversation) }) = self.connections.get(&id)
        else {
            return;
        };
        let by = match (end, side) {
            (End::Fin, _) => None,
            (End::Reset, Side::Client) => Some(client),
            (End::Reset, Side::Server) => Some(server),
        };
        if let Some(end) = by
            && trace.conversation(conversation).is_some_and(|talk| talk.ends.contains(&None))
        {
            trace.say(conversation, Rule::TcpReset.about(facts!("live", end = end.to_string())));
        }
        trace.end(conversation, side, end, 0, time);
    }

    /// Keeps one finding about the limit up to date.
    pub(super) fn settle(&self, trace: &mut Trace) {
        trace.findings.retain(|finding| finding.rule != Rule::TraceLimit);
        if self.full {
            let facts = facts!("memory", limit = self.limit, count = self.lost);
            trace.findings.push(Rule::TraceLimit.about(facts));
        }
    }
}

fn counts(conversation: &crate::trace::Conversation) -> (usize, usize) {
    (conversation.items.len(), conversation.messages.len())
}

/// Writes a pcapng file.
pub(super) struct FileSink {
    writer: Writer<Box<dyn Write + Send>>,
    connections: HashMap<ConnectionId, ConnId>,
    latest: Timestamp,
}

/// So much later than it was a packet may be written, in nanoseconds, so that it does not stand before those that are
/// in the file already. Where the clock was set back, times are as it says.
const LATE: i64 = 100_000_000;

/// So much is written at a time, or what there is at the end of a batch.
const BUFFER: usize = 256 * 1024;

impl FileSink {
    pub(super) fn new(file: Box<dyn Write + Send>) -> io::Result<Self> {
        let mut writer = Writer::new(file)?;
        writer.hold_back(BUFFER);
        Ok(Self { writer, connections: HashMap::new(), latest: Timestamp(i64::MIN) })
    }

    pub(super) fn open(
        &mut self,
        id: ConnectionId,
        client: SocketAddr,
        server: SocketAddr,
        time: Timestamp,
    ) -> io::Result<()> {
        let time = self.in_order(time);
        let connection = self.writer.open(client, server, time)?;
        self.connections.insert(id, connection);
        Ok(())
    }

    pub(super) fn data(
        &mut self,
        id: ConnectionId,
        side: Side,
        bytes: &[u8],
        time: Timestamp,
    ) -> io::Result<()> {
        let time = self.in_order(time);
        match self.connections.get(&id) {
            Some(&connection) => after_the_end(self.writer.data(connection, side, bytes, time)),
            None => Ok(()),
        }
    }

    pub(super) fn end(&mut self, id: ConnectionId, side: Side, end: End, time: Timestamp) -> io::Result<()> {
        let time = self.in_order(time);
        match self.connections.get(&id) {
            Some(&connection) => after_the_end(self.writer.end(connection, side, end, time)),
            None => Ok(()),
        }
    }

    /// What was written to a socket has the time before it was, and may have been noted in a later batch.
    fn in_order(&mut self, time: Timestamp) -> Timestamp {
        let late = self.latest.0.saturating_sub(time.0);
        self.latest = if (0..LATE).contains(&late) { self.latest } else { time };
        self.latest
    }

    /// Writes what a trace holds of a conversation, as [`copy`] does. `goes_on` says whether more is to come from a
    /// connection: then it stays open in the file too.
    pub(super) fn copy<G: Deref<Target = Trace>>(
        &mut self,
        index: usize,
        lock: impl FnMut() -> G,
        goes_on: impl FnOnce(ConnectionId) -> bool,
    ) -> io::Result<bool> {
        let connections = &mut self.connections;
        copy(index, &mut self.writer, lock, |copied, talk, writer| {
            if !goes_on(talk.connection) {
                return copied.end(talk, writer);
            }
            connections.insert(talk.connection, copied.id());
            after_the_end(copied.ends(talk, writer))
        })
    }

    /// The connection is over: nothing more will be said about it.
    pub(super) fn close(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// Hands all that was written to the system.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// What comes behind the end of both sides has no place in a capture; that is no failure of the file.
fn after_the_end(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
