//! Which packet has which link type.

use super::link_type::LinkType;

/// The link types of a capture's packets, by the packets' numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PacketLinks {
    /// The first packet of each run of packets with the same link type.
    runs: Vec<(u32, LinkType)>,
}

impl PacketLinks {
    /// The link type of a packet, by its number counted from 1; none for a packet that was not read.
    pub fn of(&self, packet: u32) -> Option<LinkType> {
        let index = self.runs.partition_point(|&(first, _)| first <= packet);
        self.runs.get(index.checked_sub(1)?).map(|&(_, link)| link)
    }

    /// Takes over what `other` knows beyond this: `other` is the same capture's, read further. Costs what is new.
    pub fn follow(&mut self, other: &Self) {
        self.runs.extend_from_slice(other.runs.get(self.runs.len()..).unwrap_or_default());
    }

    #[inline]
    pub(super) fn note(&mut self, packet: u32, link: LinkType) {
        if self.runs.last().is_none_or(|&(_, last)| last != link) {
            self.runs.push((packet, link));
        }
    }
}
