//! The packets of a capture, one after the other, for those who want to see the packets themselves.

use super::format::{Format, Magic, Next, Notes, Record};
use super::link_type::LinkType;
use crate::trace::Timestamp;

/// One packet of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The number in the file, counted from 1.
    pub number: u64,
    /// What it begins with.
    pub link: LinkType,
    /// When it was recorded.
    pub time: Timestamp,
    /// How many digits of a second the clock has.
    pub digits: u8,
    /// How many bytes were on the wire.
    pub original: u32,
    /// The recorded bytes.
    pub bytes: &'a [u8],
    /// Where they begin in the capture.
    pub at: u64,
}

/// Walks over the packets of a capture; ends at the first damage.
#[derive(Debug)]
pub struct Packets<'a> {
    bytes: &'a [u8],
    at: usize,
    format: Option<Format>,
    /// How many packets there were so far.
    count: u64,
}

/// The packets of a capture that stands in memory, such as a store's map. Of what is no capture: none.
pub fn packets(bytes: &[u8]) -> Packets<'_> {
    let format = match Format::recognise(bytes) {
        Magic::Known(format) => Some(format),
        _ => None,
    };
    Packets { bytes, at: 0, format, count: 0 }
}

/// The records of a capture that stands in memory, each with where it begins.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (usize, Record)> {
    let mut packets = packets(bytes);
    std::iter::from_fn(move || packets.record())
}

impl Packets<'_> {
    fn record(&mut self) -> Option<(usize, Record)> {
        let format = self.format.as_mut()?;
        // What is said beside the packets is not asked for.
        let mut notes = Notes::default();
        loop {
            let window = self.bytes.get(self.at..)?;
            match format.next(window, &mut notes) {
                Ok(Next::Packet(record, total)) => {
                    self.count += 1;
                    let at = self.at;
                    self.at += total;
                    return Some((at, record));
                }
                Ok(Next::Lost(total)) => {
                    self.count += 1;
                    self.at += total;
                }
                Ok(Next::Passed(total)) => self.at += total,
                Ok(Next::More(_)) | Err(_) => {
                    self.format = None;
                    return None;
                }
            }
        }
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        let (at, record) = self.record()?;
        let begin = at + record.offset;
        Some(Packet {
            number: self.count,
            link: record.link,
            time: record.time,
            digits: record.digits,
            original: record.original,
            bytes: self.bytes.get(begin..begin + record.length)?,
            at: begin as u64,
        })
    }
}
