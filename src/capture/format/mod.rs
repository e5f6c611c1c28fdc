//! The file formats: from bytes to records, each a packet with its time, its length on the wire and its link type.
//!
//! All formats are read from a window of bytes that begins at a record, so that a mapped file and a pipe take the
//! same way. pcap-parser reads file, section and interface headers. Packet records are read here, straight from the
//! slice: there are millions of them; pcap-parser's own reader of them allocates a list for the options of each, and
//! it refuses blocks without padding that other programs accept.

mod notes;
mod pcap;
mod pcapng;
mod snoop;
#[cfg(test)]
mod tests;

use super::link_type::LinkType;
use super::packing::Packing;
use crate::model::facts::Facts;
use crate::model::tells::Tells;
use crate::trace::Timestamp;
use crate::words::display_in_english;

pub(super) use notes::{MAX_COMMENTS, Notes};
pub(super) use pcap::Pcap;
pub(super) use pcapng::Pcapng;
pub(super) use snoop::Snoop;

/// No packet is larger: the limit of libpcap and Wireshark for the largest link type. A length beyond it is damage.
const MAX_PACKET: u32 = 128 << 20;

/// No block of a pcapng file is larger.
const MAX_BLOCK: u32 = 256 << 20;

/// Where a packet is, and what the file says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The first byte, counted from the window's first.
    pub(super) offset: usize,
    /// The number of recorded bytes.
    pub(super) length: usize,
    /// The number of bytes on the wire.
    pub(super) original: u32,
    pub(super) time: Timestamp,
    pub(super) link: LinkType,
    /// Which of the file's interfaces recorded it, counted through all sections.
    pub(super) interface: u32,
    /// How many digits of a second the clock has.
    pub(super) digits: u8,
}

/// What stands at the beginning of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A packet, and how many bytes its record takes.
    Packet(Record, usize),
    /// A packet that cannot be looked into, because the file does not say what it is; and how many bytes it takes.
    Lost(usize),
    /// Something else that takes that many bytes.
    Passed(usize),
    /// A record that takes at least this many bytes, more than there are.
    More(usize),
}

/// What is wrong with the bytes of a record, so that nothing behind it can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(Facts);

impl Tells for Fault {
    fn message_id(&self) -> &'static str {
        "error-format"
    }

    fn facts(&self) -> Facts {
        self.0.clone()
    }
}

display_in_english!(Fault);

impl std::error::Error for Fault {}

/// The format of a file, and what its headers said so far.
#[derive(Debug)]
pub(super) enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
    Snoop(Snoop),
}

/// What the first bytes of a file say.
#[derive(Debug)]
pub(super) enum Magic {
    Packed(Packing),
    Known(Format),
    /// Not yet enough bytes.
    More,
    Unknown,
}

impl Format {
    /// Recognises a file by its first bytes.
    pub(super) fn recognise(bytes: &[u8]) -> Magic {
        if let Some(packing) = Packing::recognise(bytes) {
            return Magic::Packed(packing);
        }
        let Some(magic) = bytes.first_chunk::<4>() else { return Magic::More };
        if *magic == pcapng::SECTION_HEADER {
            Magic::Known(Self::Pcapng(Pcapng::default()))
        } else if Pcap::recognises(*magic) {
            Magic::Known(Self::Pcap(Pcap::default()))
        } else if bytes.starts_with(&snoop::MAGIC) {
            Magic::Known(Self::Snoop(Snoop::default()))
        } else if snoop::MAGIC.starts_with(bytes) {
            Magic::More
        } else {
            Magic::Unknown
        }
    }

    /// What stands at the beginning of `window`; what is said beside that goes into `notes`.
    #[inline]
    pub(super) fn next(&mut self, window: &[u8], notes: &mut Notes) -> Result<Next, Fault> {
        match self {
            Self::Pcap(pcap) => pcap.next(window, notes),
            Self::Pcapng(pcapng) => pcapng.next(window, notes),
            Self::Snoop(snoop) => snoop.next(window, notes),
        }
    }

    /// What a record is called in this format.
    pub(super) fn unit(&self) -> &'static str {
        match self {
            Self::Pcap(_) | Self::Snoop(_) => "record",
            Self::Pcapng(_) => "block",
        }
    }
}
