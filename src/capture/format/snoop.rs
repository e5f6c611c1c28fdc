//! snoop: what Solaris records (RFC 1761). One file header, then one record a packet; all numbers in network byte order.

use super::{Fault, MAX_PACKET, Next, Notes, Record};
use crate::capture::link_type::LinkType;
use crate::facts;
use crate::trace::Timestamp;

/// The first eight bytes.
pub(super) const MAGIC: [u8; 8] = *b"snoop\0\0\0";

const FILE_HEADER: usize = 16;
const RECORD_HEADER: usize = 24;

/// The reader of a snoop file.
#[derive(Debug, Default)]
pub(in crate::capture) struct Snoop {
    link: Option<LinkType>,
}

impl Snoop {
    pub(super) fn next(&mut self, window: &[u8], notes: &mut Notes) -> Result<Next, Fault> {
        let Some(link) = self.link else {
            let Some(header) = window.first_chunk::<FILE_HEADER>() else {
                return Ok(Next::More(FILE_HEADER));
            };
            let [version, network] = [8, 12].map(|at| number(header, at));
            if version != 2 {
                return Err(Fault(facts!("snoop-version", version = version.to_string())));
            }
            let Some(link) = link_of(network) else {
                return Err(Fault(facts!("snoop-link", network = network.to_string())));
            };
            notes.link_type(link);
            self.link = Some(link);
            return Ok(Next::Passed(FILE_HEADER));
        };
        let Some(record) = window.first_chunk::<RECORD_HEADER>() else {
            return Ok(Next::More(RECORD_HEADER));
        };
        let [original, length, total, seconds, micros] = [0, 4, 8, 16, 20].map(|at| number(record, at));
        let total = total as usize;
        if length > MAX_PACKET {
            return Err(Fault(facts!("record-length", length = length.to_string())));
        }
        // Padding follows, and some programs put more there; never so much.
        let least = RECORD_HEADER + length as usize;
        if !(least..=least + MAX_PACKET as usize).contains(&total) {
            return Err(Fault(facts!("record-end", length = length.to_string(), total = total.to_string())));
        }
        if window.len() < total {
            return Ok(Next::More(total));
        }
        let record = Record {
            offset: RECORD_HEADER,
            length: length as usize,
            original,
            time: Timestamp(i64::from(seconds) * 1_000_000_000 + i64::from(micros) * 1000),
            link,
            interface: 0,
            digits: 6,
        };
        Ok(Next::Packet(record, total))
    }
}

/// The number at this place; nothing where there is none.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_be_bytes(*four))
}

/// The link type of one of snoop's datalink types (RFC 1761, and IANA's registry of them); none where there is none.
const fn link_of(network: u32) -> Option<LinkType> {
    Some(LinkType(match network {
        0 | 4 => 1,         // IEEE 802.3 and Ethernet
        2 => 6,             // IEEE 802.5 Token Ring
        8 => 10,            // FDDI
        14 => 0,            // The loopback device: the address family first
        16 => 122,          // IP over Fibre Channel
        18 => 123,          // ATM
        0x8000_0005 => 226, // Solaris ipnet
        _ => return None,
    }))
}
