//! Packets that do not stand in a file in the order of time.
//!
//! A machine that receives on several processors, a file that others were appended to, and a tool that sorts by something
//! else leave packets behind later ones. Who answered whom can then be read wrongly, so a mapped file is read in the order
//! of time. For that its packets are walked over once before; that costs little beside reading them, and the bytes are
//! wanted soon after.
//!
//! Times are no order where they are those of several clocks that differ, and where some packets have none.

use super::format::Record;
use super::link_type::LinkType;
use crate::trace::Timestamp;

/// Larger files are read as they stand: the walk would bring all of them from the disk once more.
pub(super) const MAX_FILE: usize = 1 << 30;

/// With more packets a list of them would take too much memory: this many take 256 MiB.
const MAX_PACKETS: usize = 8 << 20;

/// Interfaces whose packets take turns in the file and are this far apart do not have the same time.
const APART: i64 = 60 * 1_000_000_000;

/// A time of zero is none where other packets have times of this century: some writers leave it out.
const LATE: Timestamp = Timestamp(946_684_800 * 1_000_000_000);

/// A packet in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Where its bytes begin in the file.
    pub(super) at: usize,
    time: Timestamp,
    /// Its number in the file.
    pub(super) number: u32,
    length: u32,
    original: u32,
    link: LinkType,
    digits: u8,
}

impl Entry {
    /// What the file says about it, counted from its first byte.
    pub(super) fn record(&self) -> Record {
        Record {
            offset: 0,
            length: self.length as usize,
            original: self.original,
            time: self.time,
            link: self.link,
            interface: 0, // Nobody asks any more.
            digits: self.digits,
        }
    }
}

/// All packets in the order of time.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    entries: Vec<Entry>,
    next: usize,
}

impl Sorted {
    /// Adds the file's next packet. Returns whether there is room for it.
    pub(super) fn push(&mut self, at: usize, number: u32, record: &Record) -> bool {
        if self.entries.len() >= MAX_PACKETS {
            return false;
        }
        self.entries.push(Entry {
            at: at + record.offset,
            time: record.time,
            number,
            length: record.length as u32, // No packet is larger than the format's limit.
            original: record.original,
            link: record.link,
            digits: record.digits,
        });
        true
    }

    pub(super) fn sort(&mut self) {
        // Stable: packets of one time stay in the order of the file.
        self.entries.sort_by_key(|entry| entry.time);
    }

    /// How many of how many packets were taken.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.next, self.entries.len())
    }
}

impl Iterator for Sorted {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let entry = self.entries.get(self.next).copied()?;
        self.next += 1;
        Some(entry)
    }
}

/// Takes note of packets that stand behind later ones.
#[derive(Debug, Default)]
pub(super) struct Disorder {
    latest: Option<Timestamp>,
    /// How many there are.
    pub(super) count: u64,
    /// Whether packets without a time stand among others.
    timeless: bool,
    /// The last packet: its interface and time.
    last: Option<(u32, Timestamp)>,
    /// The time of each interface's last packet.
    interfaces: Vec<Option<Timestamp>>,
    /// How often the file goes from one interface far back in time to another that goes on where it was.
    turns: u32,
    /// Whether one interface alone goes far back in time.
    jumps: bool,
}

impl Disorder {
    #[inline]
    pub(super) fn note(&mut self, record: &Record) {
        let time = record.time;
        if record.digits == 0 || time.0 == 0 && self.latest.is_some_and(|latest| latest >= LATE) {
            self.timeless = true;
            return;
        }
        match self.latest {
            Some(latest) if time < latest => self.count += 1,
            _ => self.latest = Some(time),
        }
        match self.last {
            Some((interface, _)) if interface == record.interface && time >= self.latest.unwrap_or(time) => {}
            _ => self.note_interface(record),
        }
        self.last = Some((record.interface, time));
    }

    fn note_interface(&mut self, record: &Record) {
        let (interface, time) = (record.interface as usize, record.time);
        let far_back = |from: Timestamp| from.since(time) > APART;
        // What was noted of an interface while its packets stood in a row is what is known of the last packet.
        if let Some((last, at)) = self.last
            && let Some(own) = self.interfaces.get_mut(last as usize)
        {
            *own = Some(at);
        }
        if interface >= self.interfaces.len() {
            self.interfaces.resize(interface + 1, None);
        }
        let own = self.interfaces.get(interface).copied().flatten();
        if own.is_some_and(far_back) {
            self.jumps = true;
        } else if own.is_some() && self.last.is_some_and(|(_, at)| far_back(at)) {
            self.turns += 1;
        }
        if let Some(own) = self.interfaces.get_mut(interface) {
            *own = Some(time);
        }
    }

    /// Whether the interfaces of the file have clocks that differ: each is in order, and they take turns.
    pub(super) const fn clocks_differ(&self) -> bool {
        self.turns > 1 && !self.jumps
    }

    /// Whether the times say in which order the packets came.
    pub(super) const fn can_be_sorted(&self) -> bool {
        !self.timeless && !self.clocks_differ()
    }
}
