//! pcap: one file header, then one record a packet (draft-ietf-opsawg-pcap).

use super::{Fault, MAX_PACKET, Next, Notes, Record};
use crate::capture::link_type::LinkType;
use crate::facts;
use crate::trace::Timestamp;

/// The magic numbers, as bytes of a file: microseconds, nanoseconds, and Kuznetzov's variant with longer record
/// headers; each in little-endian and in big-endian order.
const MICROSECONDS: [[u8; 4]; 2] = [[0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0xC3, 0xD4]];
const NANOSECONDS: [[u8; 4]; 2] = [[0x4D, 0x3C, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D]];
const MODIFIED: [[u8; 4]; 2] = [[0x34, 0xCD, 0xB2, 0xA1], [0xA1, 0xB2, 0xCD, 0x34]];

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// Interface index, protocol and packet type follow.
const MODIFIED_RECORD_HEADER: usize = 24;

/// The largest packet that common programs record, whatever a file's header says its limit was.
const USUAL_MAX: u32 = 262_144;

/// The reader of a pcap file.
#[derive(Debug, Default)]
pub(in crate::capture) struct Pcap {
    header: Option<Header>,
}

#[derive(Debug)]
struct Header {
    big_endian: bool,
    /// How many nanoseconds the unit of the second time field is.
    unit: i64,
    digits: u8,
    overhead: usize,
    /// A record that claims more than this is damage.
    limit: u32,
    link: LinkType,
}

impl Pcap {
    pub(super) fn recognises(magic: [u8; 4]) -> bool {
        [MICROSECONDS, NANOSECONDS, MODIFIED].as_flattened().contains(&magic)
    }

    #[inline]
    pub(super) fn next(&mut self, window: &[u8], notes: &mut Notes) -> Result<Next, Fault> {
        let Some(header) = &self.header else {
            let Some(bytes) = window.first_chunk::<FILE_HEADER>() else { return Ok(Next::More(FILE_HEADER)) };
            let header = Header::read(bytes)?;
            notes.link_type(header.link);
            self.header = Some(header);
            return Ok(Next::Passed(FILE_HEADER));
        };
        let Some(record) = window.first_chunk::<RECORD_HEADER>() else {
            return Ok(Next::More(header.overhead));
        };
        let number = |at: usize| {
            let four = [record[at], record[at + 1], record[at + 2], record[at + 3]];
            if header.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
        };
        let length = number(8);
        if length > header.limit {
            return Err(Fault(facts!("record-length", length = length.to_string())));
        }
        let total = header.overhead + length as usize;
        if window.len() < total {
            return Ok(Next::More(total));
        }
        let nanos = i64::from(number(0)) * 1_000_000_000 + i64::from(number(4)) * header.unit;
        let record = Record {
            offset: header.overhead,
            length: length as usize,
            original: number(12),
            time: Timestamp(nanos),
            link: header.link,
            interface: 0,
            digits: header.digits,
        };
        Ok(Next::Packet(record, total))
    }
}

impl Header {
    fn read(bytes: &[u8; FILE_HEADER]) -> Result<Self, Fault> {
        let mut standard = *bytes;
        let magic = [bytes[0], bytes[1], bytes[2], bytes[3]];
        let modified = MODIFIED.iter().position(|known| *known == magic);
        if let Some(order) = modified {
            // pcap-parser knows the variant in little-endian order alone; the rest of the header is the usual one.
            standard[..4].copy_from_slice(&MICROSECONDS[order]);
        }
        let Ok((_, header)) = pcap_parser::parse_pcap_header(&standard) else {
            return Err(Fault(facts!("file-header")));
        };
        if header.version_major != 2 {
            let (major, minor) = (header.version_major, header.version_minor);
            return Err(Fault(facts!("pcap-version", major, minor)));
        }
        let nanos = header.is_nanosecond_precision();
        Ok(Self {
            big_endian: header.is_bigendian(),
            unit: if nanos { 1 } else { 1000 },
            digits: if nanos { 9 } else { 6 },
            overhead: if modified.is_some() { MODIFIED_RECORD_HEADER } else { RECORD_HEADER },
            limit: header.snaplen.clamp(USUAL_MAX, MAX_PACKET),
            link: LinkType::from_pcap(header.network.0.cast_unsigned()),
        })
    }
}
