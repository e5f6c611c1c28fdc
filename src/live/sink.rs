//! Where a recorder keeps what was recorded: a trace in memory, a capture file, or both.

use std::io::{self, Write};
use std::net::SocketAddr;

use hashbrown::HashMap;

use crate::export::pcapng::{ConnId, Writer};
use crate::protocol::Side;
use crate::rule::Rule;
use crate::trace::{Chunk, End, Item, Message, Place, Timestamp, Trace};

/// The digits of a second that the system clock has.
const DIGITS: u8 = 9;

/// Appends to a trace, up to a limit.
#[derive(Debug)]
pub(super) struct TraceSink {
    limit: u64,
    used: u64,
    /// The index of the conversation for each connection that is kept.
    conversations: HashMap<u32, usize>,
    lost: u64,
    full: bool,
}

impl TraceSink {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, used: 0, conversations: HashMap::new(), lost: 0, full: false }
    }

    /// The bytes that were not kept.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn open(&mut self, trace: &mut Trace, id: u32, client: SocketAddr, server: SocketAddr) {
        if !self.full {
            self.conversations.insert(id, trace.open(client, server, false, DIGITS));
        }
    }

    pub(super) fn data(&mut self, trace: &mut Trace, id: u32, side: Side, bytes: &[u8], time: Timestamp) {
        let cost = bytes.len() as u64 + size_of::<Chunk>() as u64;
        if self.full || self.used + cost > self.limit {
            self.full = true;
            self.lost += bytes.len() as u64;
            return;
        }
        let Some(&conversation) = self.conversations.get(&id) else { return };
        let before = trace.conversations.get(conversation).map_or((0, 0), counts);
        let at = trace.store.append(bytes);
        // A live socket has no packets.
        trace.data(conversation, side, Place { at, headers: None }, bytes.len() as u32, 0, time);
        let after = trace.conversations.get(conversation).map_or((0, 0), counts);
        let made = (after.0 - before.0) * size_of::<Item>() + (after.1 - before.1) * size_of::<Message>();
        self.used += cost + made as u64;
    }

    pub(super) fn end(&mut self, trace: &mut Trace, id: u32, side: Side, end: End) {
        if self.full {
            return;
        }
        if let Some(&conversation) = self.conversations.get(&id) {
            trace.end(conversation, side, end);
        }
    }

    /// Keeps one finding about the limit up to date.
    pub(super) fn settle(&self, trace: &mut Trace) {
        trace.findings.retain(|finding| finding.rule != Rule::TraceLimit);
        if self.full {
            let words = format!(
                "the limit of {} bytes of memory was reached: {} bytes that came later are not in the recording",
                self.limit, self.lost
            );
            trace.findings.push(Rule::TraceLimit.about(words));
        }
    }
}

fn counts(conversation: &crate::trace::Conversation) -> (usize, usize) {
    (conversation.items.len(), conversation.messages.len())
}

/// Writes a pcapng file.
pub(super) struct FileSink {
    writer: Writer<Box<dyn Write + Send>>,
    connections: HashMap<u32, ConnId>,
}

/// So much is written at a time, or what there is at the end of a batch.
const BUFFER: usize = 256 * 1024;

impl FileSink {
    pub(super) fn new(file: Box<dyn Write + Send>) -> io::Result<Self> {
        let mut writer = Writer::new(file)?;
        writer.hold_back(BUFFER);
        Ok(Self { writer, connections: HashMap::new() })
    }

    pub(super) fn open(
        &mut self,
        id: u32,
        client: SocketAddr,
        server: SocketAddr,
        time: Timestamp,
    ) -> io::Result<()> {
        let connection = self.writer.open(client, server, time)?;
        self.connections.insert(id, connection);
        Ok(())
    }

    pub(super) fn data(&mut self, id: u32, side: Side, bytes: &[u8], time: Timestamp) -> io::Result<()> {
        match self.connections.get(&id) {
            Some(&connection) => after_the_end(self.writer.data(connection, side, bytes, time)),
            None => Ok(()),
        }
    }

    pub(super) fn end(&mut self, id: u32, side: Side, end: End, time: Timestamp) -> io::Result<()> {
        match self.connections.get(&id) {
            Some(&connection) => after_the_end(self.writer.end(connection, side, end, time)),
            None => Ok(()),
        }
    }

    /// The connection is over: nothing more will be said about it.
    pub(super) fn close(&mut self, id: u32) {
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
