//! Reading a capture into a trace, as many packets at a time as the caller likes.

mod sorting;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::Error;
use super::foreign;
use super::format::{Fault, Format, Magic, Next, Notes, Record};
use super::fragments::Fragments;
use super::input::{Input, Stream};
use super::kind::Kind;
use super::layers;
use super::order::{Disorder, Sorted};
use super::packet::{self, Decoded, Fragment, PROTOCOL_TCP, Segment};
use super::packet_links::PacketLinks;
use super::shortened::Shortened;
use super::summary::Summary;
use super::tcp::{Connections, Context};
use crate::trace::{DecodeAs, Place, Store, Trace};

/// What the user says about a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Protocols that are spoken on a port of the server, for recordings without a handshake.
    pub decode_as: Vec<DecodeAs>,
}

/// Whether there is more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// There may be more packets.
    More,
    /// All packets were read and the trace is finished.
    Done,
}

/// A capture that is being read.
///
/// Call [`step`](Self::step) until it says [`Status::Done`] or an error; between two steps the trace can be looked
/// at, and what is no longer wanted can be forgotten.
#[derive(Debug)]
pub struct Loader {
    trace: Trace,
    name: String,
    input: Input,
    format: Option<Format>,
    summary: Summary,
    notes: Notes,
    links: PacketLinks,
    connections: Connections,
    fragments: Fragments,
    disorder: Disorder,
    /// Whether it was looked whether the packets of a mapped file are in the order of time.
    walked: bool,
    /// The packets of a file that is not in the order of time, and how the file ends.
    sorted: Option<(Sorted, Option<Error>)>,
    /// What the last packet held that took a closer look; kept for its memory.
    found: Vec<Decoded>,
    /// Whether it reads a file that another program still writes.
    followed: bool,
    done: bool,
}

/// Opens a capture file: pcap, pcapng or snoop, mapped; compressed with gzip, xz or zstd, or no regular file, streamed.
///
/// # Errors
/// If the file cannot be read, is a directory, is empty, or is no capture.
pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Loader, Error> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let failed = |source| Error::Io { name: name.clone(), source };
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(Error::Directory { name });
    }
    if !metadata.is_file() {
        return Ok(from_reader(file, name, options));
    }
    let mut head = Vec::new();
    (&mut file).take(foreign::LOOK as u64).read_to_end(&mut head).map_err(failed)?;
    if head.is_empty() {
        return Err(Error::Empty { name });
    }
    match Format::recognise(&head) {
        Magic::Packed(_) => {
            let rest = io::Cursor::new(head).chain(file);
            Ok(Loader::new(
                name,
                Input::Stream(Stream::new(rest, Some(metadata.len()))),
                Store::default(),
                options,
            ))
        }
        Magic::Known(format) => {
            let store = Store::map(&file).map_err(failed)?;
            let mut loader = Loader::new(name, Input::Mapped(0), store, options);
            loader.format = Some(format);
            Ok(loader)
        }
        Magic::More | Magic::Unknown => Err(Error::no_capture(name, &head)),
    }
}

/// Reads a capture from a pipe as it grows; `name` stands in errors. Nothing is read before the first step. A reader that
/// has nothing now and does not want to wait says [`WouldBlock`](io::ErrorKind::WouldBlock).
pub fn from_reader(reader: impl Read + Send + 'static, name: impl Into<String>, options: &Options) -> Loader {
    Loader::new(name.into(), Input::Stream(Stream::new(reader, None)), Store::default(), options)
}

/// After so many packets it is looked whether a mapped file is still whole.
const CHECKED: usize = 4096;

/// How many times over fragments may stand in a packet that was itself put together from fragments.
const MAX_REASSEMBLED: u32 = 4;

/// Packets that are shown one by one do not have numbers beyond this.
fn packet_number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Loader {
    fn new(name: String, input: Input, store: Store, options: &Options) -> Self {
        let mut trace = Trace::new(store);
        trace.decode_as.clone_from(&options.decode_as);
        Self {
            trace,
            name,
            input,
            format: None,
            summary: Summary::default(),
            notes: Notes::default(),
            links: PacketLinks::default(),
            connections: Connections::default(),
            fragments: Fragments::default(),
            disorder: Disorder::default(),
            walked: false,
            sorted: None,
            found: Vec::new(),
            followed: false,
            done: false,
        }
    }

    /// The end of the file is none.
    pub(super) fn followed(mut self) -> Self {
        self.followed = true;
        self
    }

    /// Whether it reads a file that another program still writes, see [`follow`](super::follow()).
    pub const fn is_followed(&self) -> bool {
        self.followed
    }

    /// Reads up to that many packets. From a pipe, returns as soon as the packets that are there were read, and
    /// waits only if there is none.
    ///
    /// # Errors
    /// If the file is cut, damaged, no capture, or cannot be read any more. What stands before is in the trace, the
    /// trace is finished and says so in a finding, and every later step is [`Status::Done`].
    pub fn step(&mut self, max_packets: usize) -> Result<Status, Error> {
        if self.done {
            return Ok(Status::Done);
        }
        match self.run_checked(max_packets.max(1)) {
            Ok(Status::More) => Ok(Status::More),
            Ok(Status::Done) => {
                self.close();
                Ok(Status::Done)
            }
            Err(error) => {
                self.trace.findings.extend(error.finding());
                self.close();
                Err(error)
            }
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn read_all(&mut self) -> Result<(), Error> {
        while self.step(usize::MAX)? == Status::More {}
        Ok(())
    }

    /// Stops: what was read so far becomes a finished trace.
    pub fn stop(&mut self) {
        if !self.done {
            self.close();
        }
    }

    /// How many bytes of a stream wait to be read.
    #[cfg(test)]
    pub(super) fn unread(&self) -> usize {
        match &self.input {
            Input::Mapped(_) => 0,
            Input::Stream(stream) => stream.buffer.capacity(),
        }
    }

    /// How many bytes of the file were read, and how many there are, if that is known. Of a compressed file: before
    /// unpacking.
    pub fn progress(&self) -> (u64, Option<u64>) {
        let length = self.trace.store.mapped().len() as u64;
        if let Some((sorted, _)) = &self.sorted {
            let (taken, all) = sorted.progress();
            return (length * taken as u64 / (all as u64).max(1), Some(length));
        }
        match &self.input {
            Input::Mapped(at) => (*at as u64, Some(length)),
            Input::Stream(stream) => stream.progress(),
        }
    }

    /// Whether it reads a file whose bytes are in reach all the time, so that keeping an item costs nothing but the item.
    pub const fn is_mapped(&self) -> bool {
        matches!(self.input, Input::Mapped(_))
    }

    /// What the file holds besides conversations, as far as it was read.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Which packet has which link type.
    pub fn links(&self) -> &PacketLinks {
        &self.links
    }

    /// The trace as far as it was read.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The trace, so that what was shown can be forgotten.
    pub fn trace_mut(&mut self) -> &mut Trace {
        &mut self.trace
    }

    /// Lets go of the bytes that were read from a stream and that nothing needs any more: neither a chunk that is
    /// kept ([`Trace::forget_before`]) nor a segment that is held
    /// back until those before it come. Takes time for every conversation, so call it once in a while.
    pub fn forget_unneeded(&mut self) {
        let held = self.connections.lowest_address();
        self.trace.forget_unneeded(held.unwrap_or(u64::MAX));
    }

    /// The trace. Unless all was read or [`stop`](Self::stop) was called, it is not finished.
    pub fn into_trace(self) -> Trace {
        self.trace
    }

    /// All that was read.
    pub fn into_parts(self) -> (Trace, Summary, PacketLinks) {
        (self.trace, self.summary, self.links)
    }

    /// Reads, and looks after so many packets whether the mapped file is still whole.
    fn run_checked(&mut self, max_packets: usize) -> Result<Status, Error> {
        if !self.is_mapped() {
            return self.run(max_packets);
        }
        if !std::mem::replace(&mut self.walked, true) && self.is_in_disorder() {
            self.sort();
        }
        let mut left = max_packets;
        loop {
            let part = left.min(CHECKED);
            left -= part;
            let result = self.run(part);
            // What was read since it was cut is zeros, and whatever is said of them is not to be said.
            Error::lost(&self.name, &self.trace.store).map_or(Ok(()), Err)?;
            if left == 0 || !matches!(result, Ok(Status::More)) {
                return result;
            }
        }
    }

    fn run(&mut self, max_packets: usize) -> Result<Status, Error> {
        let begin = self.summary.packets;
        let end = begin.saturating_add(max_packets as u64);
        if self.sorted.is_some() {
            return self.take_sorted(end);
        }
        loop {
            let needed = self.take_window(end)?;
            let streamed = matches!(self.input, Input::Stream(_));
            if self.summary.packets >= end || (streamed && self.summary.packets > begin) {
                return Ok(Status::More);
            }
            // What is there was used up.
            let there = self.input.window(&self.trace.store).len();
            let Input::Stream(stream) = &mut self.input else {
                return if there == 0 {
                    Ok(Status::Done)
                } else {
                    Err(self.cut(needed, self.summary.packets))
                };
            };
            let read = stream.read();
            match read {
                Ok(count) if count > 0 => {}
                Ok(_) if self.input.position() == 0 && there == 0 => {
                    return Err(Error::Empty { name: self.name.clone() });
                }
                Ok(_) if there == 0 => return Ok(Status::Done),
                Ok(_) if self.format.is_none() => return Err(self.not_a_capture()),
                Ok(_) => return Err(self.cut(needed, self.summary.packets)),
                // There is nothing now; what is there of a record is kept.
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => return Ok(Status::More),
                Err(source) => return Err(self.unreadable(source)),
            }
        }
    }

    /// Takes the records that are there, until packet `end`. Returns how many bytes the first record takes that is
    /// not whole.
    fn take_window(&mut self, end: u64) -> Result<usize, Error> {
        if self.format.is_none() && !self.recognise()? {
            return Ok(0);
        }
        let Some(mut format) = self.format.take() else { return Ok(0) };
        let taken = self.take_records(&mut format, end);
        self.format = Some(format);
        taken
    }

    fn take_records(&mut self, format: &mut Format, end: u64) -> Result<usize, Error> {
        while self.summary.packets < end {
            let window = self.input.window(&self.trace.store);
            if window.is_empty() {
                return Ok(0);
            }
            let next = format.next(window, &mut self.notes);
            match next {
                Ok(Next::Packet(record, total)) => {
                    self.packet(&record);
                    self.input.consume(total);
                }
                Ok(Next::Lost(total)) => {
                    self.summary.packets += 1;
                    self.summary.malformed += 1;
                    self.input.consume(total);
                }
                Ok(Next::Passed(total)) => self.input.consume(total),
                // Nothing is noted before a record is whole.
                Ok(Next::More(needed)) => return Ok(needed),
                Err(what) => return Err(self.damaged(what, self.summary.packets)),
            }
            if !self.notes.is_empty() {
                self.summary.note(std::mem::take(&mut self.notes), self.summary.packets);
            }
        }
        Ok(0)
    }

    /// Finds out what a stream is. Returns whether that is known now.
    fn recognise(&mut self) -> Result<bool, Error> {
        match Format::recognise(self.input.window(&self.trace.store)) {
            Magic::Known(format) => {
                self.format = Some(format);
                Ok(true)
            }
            Magic::More => Ok(false),
            Magic::Packed(packing) => match &mut self.input {
                Input::Stream(stream) if stream.packed.is_none() => {
                    stream.unpack(packing);
                    Ok(false)
                }
                _ => Err(self.not_a_capture()),
            },
            Magic::Unknown => Err(self.not_a_capture()),
        }
    }

    /// Takes one packet: the hot path.
    #[inline]
    fn packet(&mut self, record: &Record) {
        self.summary.packets += 1;
        let number = packet_number(self.summary.packets);
        self.links.note(number, record.link);
        self.disorder.note(record);
        self.look_at(record, number);
    }

    /// Finds out what a packet is, and takes it.
    #[inline]
    fn look_at(&mut self, record: &Record, number: u32) {
        let window = self.input.window(&self.trace.store);
        let bytes = window.get(record.offset..record.offset + record.length).unwrap_or_default();
        match packet::decode(record.link, bytes, record.original) {
            Some(Decoded::Tcp(segment)) => self.recorded_segment(&segment, number, record),
            Some(other) => self.unusual(&other, record, number, 0),
            None => self.look_closer(record, number),
        }
    }

    /// A segment that stands in its packet.
    #[inline]
    fn recorded_segment(&mut self, segment: &Segment, number: u32, record: &Record) {
        let at = match &self.input {
            Input::Mapped(at) => (at + record.offset) as u64,
            Input::Stream(_) if segment.recorded == 0 => 0,
            Input::Stream(stream) => {
                // Kept whole, headers and all, so that the packet can be shown.
                let start = stream.start + record.offset;
                let bytes = stream.buffer.get(start..start + record.length).unwrap_or_default();
                self.trace.store.append(bytes)
            }
        };
        let place =
            Place { at: at + u64::from(segment.payload), headers: u16::try_from(segment.payload).ok() };
        self.segment(segment, place, number, record);
    }

    /// A packet in which something stands before TCP that is not usual, or in which there is none.
    #[cold]
    fn look_closer(&mut self, record: &Record, number: u32) {
        let window = self.input.window(&self.trace.store);
        let bytes = window.get(record.offset..record.offset + record.length).unwrap_or_default();
        let found = layers::find(record.link, bytes, record.original, std::mem::take(&mut self.found));
        for decoded in &found {
            match decoded {
                Decoded::Tcp(segment) => self.recorded_segment(segment, number, record),
                other => self.unusual(other, record, number, 0),
            }
        }
        self.found = found;
    }

    #[inline]
    fn segment(&mut self, segment: &Segment, place: Place, packet: u32, record: &Record) {
        self.summary.tcp += 1;
        self.summary.cut += u64::from(segment.recorded < segment.length);
        let context = Context { place, packet, time: record.time, digits: record.digits };
        self.connections.segment(segment, context, &mut self.trace);
    }

    /// What is not a TCP segment of its own. `depth` counts the packets around it that were put together.
    #[cold]
    fn unusual(&mut self, decoded: &Decoded, record: &Record, number: u32, depth: u32) {
        match decoded {
            Decoded::Fragment(fragment) => {
                let window = self.input.window(&self.trace.store);
                let bytes = window.get(record.offset..record.offset + record.length).unwrap_or_default();
                let piece = bytes.get(fragment.start..fragment.end).unwrap_or_default();
                let whole = self.fragments.add(fragment, piece, record.time);
                if let Some((whole, protocol)) = whole {
                    self.reassembled(fragment, protocol, &whole, record, number, depth);
                }
            }
            Decoded::Other(kind) => self.summary.passed(*kind, 1),
            Decoded::Cut => self.summary.cut += 1,
            Decoded::Malformed => self.summary.malformed += 1,
            Decoded::UnknownLink(link) => *self.summary.unread_links.entry(*link).or_default() += 1,
            Decoded::Tcp(_) => {}
        }
    }

    /// A packet that was put together from fragments; there may be fragments of another in it.
    fn reassembled(
        &mut self,
        fragment: &Fragment,
        protocol: u8,
        whole: &[u8],
        record: &Record,
        number: u32,
        depth: u32,
    ) {
        for decoded in layers::find_reassembled(fragment, protocol, whole) {
            match decoded {
                Decoded::Tcp(segment) => {
                    let at = self.trace.store.append(whole) + u64::from(segment.payload);
                    self.segment(&segment, Place { at, headers: None }, number, record);
                }
                Decoded::Fragment(inner) if depth < MAX_REASSEMBLED => {
                    let piece = whole.get(inner.start..inner.end).unwrap_or_default();
                    let complete = self.fragments.add(&inner, piece, record.time);
                    if let Some((complete, protocol)) = complete {
                        self.reassembled(&inner, protocol, &complete, record, number, depth + 1);
                    }
                }
                Decoded::Fragment(_) => self.summary.passed(Kind::Deep, 1),
                other => self.unusual(&other, record, number, depth),
            }
        }
    }

    /// The end of the recording, or of what can be read of it.
    fn close(&mut self) {
        self.done = true;
        self.connections.finish(&mut self.trace);
        for (protocol, count) in self.fragments.missing() {
            if protocol == PROTOCOL_TCP {
                self.summary.fragmented += count;
            } else {
                self.summary.passed(Kind::Fragment(protocol), count);
            }
        }
        self.summary.disordered = self.disorder.count;
        self.summary.sorted = self.sorted.is_some();
        self.summary.clocks_differ = self.disorder.clocks_differ();
        self.summary.behind_end = self.connections.left_out.behind_end;
        self.summary.before_start = self.connections.left_out.before_start;
        self.trace.findings.extend(self.summary.findings());
        self.trace.finish();
    }

    fn damaged(&self, what: Fault, packets: u64) -> Error {
        Error::Damaged { name: self.name.clone(), at: self.input.position(), what, packets }
    }

    fn cut(&self, needed: usize, packets: u64) -> Error {
        let there = self.input.window(&self.trace.store).len() as u64;
        Error::Cut {
            name: self.name.clone(),
            unit: self.format.as_ref().map_or("header", Format::unit),
            at: self.input.position(),
            needed: (needed as u64).max(there + 1),
            there,
            packets,
        }
    }

    fn not_a_capture(&self) -> Error {
        Error::no_capture(self.name.clone(), self.input.window(&self.trace.store))
    }

    fn unreadable(&self, source: io::Error) -> Error {
        let name = self.name.clone();
        match &self.input {
            Input::Stream(Stream { packed: Some(packing), position, .. }) => {
                let at = position + self.input.window(&self.trace.store).len() as u64;
                Error::Packed { name, packing: packing.name(), at, source, packets: self.summary.packets }
            }
            _ => match source.get_ref().and_then(|inner| inner.downcast_ref::<Shortened>()) {
                Some(&Shortened { at, length }) => Error::Lost { name, at, length },
                None => Error::Io { name, source },
            },
        }
    }
}
