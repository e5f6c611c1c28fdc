//! TCP: from segments to the streams of a trace.
//!
//! A byte is delivered as soon as all bytes before it were. What comes too early is held. A hole becomes a gap only
//! when nothing can fill it any more: the other end acknowledged what is missing and went on for a while, too much is
//! held, or the connection or the recording ends.

#[cfg(test)]
mod checksums;
mod connection;
mod context;
mod flow;
#[cfg(test)]
mod tests;

use hashbrown::HashMap;

pub(super) use connection::LeftOut;
pub(super) use context::Context;

use super::packet::{Key, Segment, flags};
use super::path::Path;
use crate::trace::Trace;
use connection::Connection;

/// How many connections between the same ends in tags or tunnels are asked whether a segment on a new path is theirs.
const ASKED: usize = 8;

/// All connections of a capture.
///
/// A connection is known by its ends and by the path of its packets: the tags and tunnels around them. Its two
/// directions may take two paths (labels of MPLS, endpoints of GTP), and a path may change while it lives. So a segment
/// on a path where its ends were not seen before belongs to the connection whose bytes it goes on with or acknowledges, if
/// there is one, and else to a new connection.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The connection that now uses a pair of addresses and ports on a path.
    current: HashMap<Key, u32>,
    /// The last connections between two ends in tags or tunnels, by their key without a path.
    enclosed: HashMap<Key, Vec<u32>>,
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
        if segment.flags & flags::SYN != 0
            && connection.is_used()
            && !connection.accepts_syn(segment)
            && !connection.is_stray(segment)
        {
            connection.finish(trace, &mut self.left_out);
            let numbers = connection.numbers();
            let before = number;
            let number = self.add(segment, context);
            if let Some(connection) = self.all.get_mut(before as usize) {
                connection.next = Some(number);
            }
            if let Some(connection) = self.all.get_mut(number as usize) {
                connection.comes_after(numbers);
                connection.segment(segment, context, trace, &mut self.left_out);
            }
            return;
        }
        connection.segment(segment, context, trace, &mut self.left_out);
    }

    fn look_up(&mut self, segment: &Segment, context: Context) -> u32 {
        let known = self.current.get(&segment.key).copied();
        let Some(mut number) = known.or_else(|| self.on_another_path(segment)) else {
            return self.add(segment, context);
        };
        // The ports may have been used again by a connection that was first seen on the other path.
        let first = number;
        while let Some(next) = self.all.get(number as usize).and_then(|connection| connection.next) {
            number = next;
        }
        if known != Some(number) || first != number {
            self.current.insert(segment.key, number);
        }
        self.last = Some((segment.key, number));
        number
    }

    /// The connection between the same ends, seen on another path, that this segment belongs to.
    fn on_another_path(&self, segment: &Segment) -> Option<u32> {
        if self.enclosed.is_empty() && segment.key.path().is_plain() {
            return None;
        }
        let plain = segment.key.on(Path::default());
        let enclosed = self.enclosed.get(&plain).map(Vec::as_slice).unwrap_or_default();
        // Of several that a segment would fit, the one that has waited longest.
        self.current.get(&plain).into_iter().chain(enclosed).copied().find(|&number| {
            self.all.get(number as usize).is_some_and(|connection| connection.goes_on_with(segment))
        })
    }

    fn add(&mut self, segment: &Segment, context: Context) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(Connection::new(segment.key, context.digits));
        self.current.insert(segment.key, number);
        self.last = Some((segment.key, number));
        if !segment.key.path().is_plain() {
            let enclosed = self.enclosed.entry(segment.key.on(Path::default())).or_default();
            if enclosed.len() >= ASKED {
                enclosed.remove(0);
            }
            enclosed.push(number);
        }
        number
    }

    /// The lowest address in the store that something held back stands at.
    pub(super) fn lowest_address(&self) -> Option<u64> {
        self.all.iter().filter_map(Connection::lowest_address).min()
    }

    /// The recording is over: what is held is delivered, and what is missing becomes a gap.
    pub(super) fn finish(&mut self, trace: &mut Trace) {
        for connection in &mut self.all {
            connection.finish(trace, &mut self.left_out);
        }
    }
}
