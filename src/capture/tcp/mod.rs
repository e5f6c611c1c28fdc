//! TCP: from segments to the streams of a trace.
//!
//! A byte is delivered as soon as all bytes before it were. What comes too early is held. A hole becomes a gap only
//! when nothing can fill it any more: the other end acknowledged what is missing and went on for a while, too much is
//! held, or the connection or the recording ends.

mod connection;
mod flow;
#[cfg(test)]
mod tests;

use hashbrown::HashMap;

pub(super) use connection::{Context, LeftOut};

use super::packet::{Key, Segment, flags};
use crate::trace::Trace;
use connection::Connection;

/// All connections of a capture.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The connection that now uses a pair of addresses and ports.
    current: HashMap<Key, u32>,
    all: Vec<Connection>,
    /// The last one that was looked up: packets come in bursts.
    last: Option<(Key, u32)>,
    pub(super) left_out: LeftOut,
}

impl Connections {
    /// Takes a segment, in the order of the capture.
    #[inline]
    pub(super) fn segment(&mut self, segment: &Segment, context: Context, trace: &mut Trace) {
        let number = match self.last {
            Some((key, number)) if key == segment.key => number,
            _ => self.look_up(segment, context),
        };
        let Some(connection) = self.all.get_mut(number as usize) else { return };
        if connection.go_on(segment, context, trace) {
            return;
        }
        if segment.flags & flags::SYN != 0 && !connection.accepts_syn(segment) && connection.is_used() {
            connection.finish(trace);
            let number = self.add(segment, context);
            if let Some(connection) = self.all.get_mut(number as usize) {
                connection.segment(segment, context, trace, &mut self.left_out);
            }
            return;
        }
        connection.segment(segment, context, trace, &mut self.left_out);
    }

    fn look_up(&mut self, segment: &Segment, context: Context) -> u32 {
        match self.current.get(&segment.key) {
            Some(&number) => {
                self.last = Some((segment.key, number));
                number
            }
            None => self.add(segment, context),
        }
    }

    fn add(&mut self, segment: &Segment, context: Context) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(Connection::new(segment.key, context.digits));
        self.current.insert(segment.key, number);
        self.last = Some((segment.key, number));
        number
    }

    /// The lowest address in the store that something held back stands at.
    pub(super) fn lowest_address(&self) -> Option<u64> {
        self.all.iter().filter_map(Connection::lowest_address).min()
    }

    /// The recording is over: what is held is delivered, and what is missing becomes a gap.
    pub(super) fn finish(&mut self, trace: &mut Trace) {
        for connection in &mut self.all {
            connection.finish(trace);
        }
    }
}
