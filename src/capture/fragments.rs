//! IP packets that came in fragments (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! etherparse puts one packet together; its pool of many packets has no limit, so the many are kept here.

use std::collections::{BTreeMap, VecDeque};

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber};

use super::packet::{Ends, Fragment};
use super::path::Path;
use crate::trace::Timestamp;

/// How many packets are put together at a time. Each has at most 64 KiB, so all of them at most 16 MiB.
const LIMIT: usize = 256;

/// How long fragments wait for the others: the upper bound that RFC 8200 gives, 60 seconds. After that the same
/// identification may be another packet.
const PATIENCE: i64 = 60_000_000_000;

#[derive(Debug, PartialEq, Eq)]
struct Id {
    ends: Ends,
    path: Path,
    number: u32,
}

#[derive(Debug)]
struct Partial {
    id: Id,
    buffer: IpDefragBuf,
    /// The protocol, which the first fragment knows best (RFC 8200 section 4.5).
    protocol: u8,
    began: Timestamp,
}

/// How many packets that were just put together are remembered, so that a fragment that comes twice is no new packet.
const REMEMBERED: usize = 16;

/// The packets whose fragments are not all there.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    // A capture has few of them at a time, so a list is searched, the oldest first.
    partial: VecDeque<Partial>,
    complete: VecDeque<Id>,
    /// How many packets were given up, by protocol.
    given_up: BTreeMap<u8, u64>,
}

impl Fragments {
    /// Adds a fragment; returns the packet's payload and its protocol once it is complete.
    pub(super) fn add(
        &mut self,
        fragment: &Fragment,
        bytes: &[u8],
        time: Timestamp,
    ) -> Option<(Vec<u8>, u8)> {
        while self.partial.front().is_some_and(|oldest| time.since(oldest.began) > PATIENCE) {
            self.give_up(0);
        }
        let id = Id { ends: fragment.ends, path: fragment.path, number: fragment.id };
        if self.complete.contains(&id) {
            return None;
        }
        let index = self.partial.iter().position(|partial| partial.id == id).unwrap_or_else(|| {
            if self.partial.len() >= LIMIT {
                self.give_up(0);
            }
            let buffer = IpDefragBuf::new(IpNumber(fragment.protocol), Vec::new(), Vec::new());
            self.partial.push_back(Partial { id, buffer, protocol: fragment.protocol, began: time });
            self.partial.len() - 1
        });
        let partial = self.partial.get_mut(index)?;
        if fragment.offset == 0 {
            partial.protocol = fragment.protocol;
        }
        let offset = IpFragOffset::try_new(fragment.offset).ok()?;
        if partial.buffer.add(offset, fragment.more, bytes).is_err() {
            // These fragments contradict each other: nobody can say what the packet was.
            self.give_up(index);
            return None;
        }
        if !partial.buffer.is_complete() {
            return None;
        }
        let partial = self.partial.remove(index)?;
        self.complete.truncate(REMEMBERED - 1);
        self.complete.push_front(partial.id);
        Some((partial.buffer.take_bufs().0, partial.protocol))
    }

    fn give_up(&mut self, index: usize) {
        if let Some(partial) = self.partial.remove(index) {
            *self.given_up.entry(partial.protocol).or_default() += 1;
        }
    }

    /// How many packets will never be complete, by protocol, once the recording is over.
    pub(super) fn missing(&self) -> BTreeMap<u8, u64> {
        let mut missing = self.given_up.clone();
        for partial in &self.partial {
            *missing.entry(partial.protocol).or_default() += 1;
        }
        missing
    }
}
