//! Whole packets among pasted bytes: what TCP carries in them is taken.

use std::net::SocketAddr;

use super::dump::Dump;
use super::error::{Problem, Unread};
use super::{Form, Pasted};
use crate::capture::LinkType;
use crate::capture::layers::segment;
use crate::wire::start::start_of;

/// A packet that carried pasted bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What it begins with.
    pub link: LinkType,
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// How many bytes of headers stand before what it carries.
    pub headers: usize,
    /// How many bytes it carries.
    pub carried: usize,
}

/// The bytes of a text that holds one run of them.
pub(super) fn of_bytes(bytes: Vec<u8>, form: Form, cut: Option<u64>) -> Pasted {
    match find(&bytes) {
        Some((packet, _)) if packet.carried > 0 => {
            let carried = carried(&bytes, &packet).to_vec();
            Pasted { bytes: carried, form, cut, packets: vec![packet] }
        }
        _ => Pasted { bytes, form, cut, packets: Vec::new() },
    }
}

/// The bytes of a dump; where it has several sections, they have to be packets of one direction.
pub(super) fn of_dump(text: &str, dump: Dump) -> Result<Pasted, Unread> {
    let mut sections = dump.sections;
    if sections.len() == 1
        && let Some(section) = sections.pop()
    {
        return Ok(of_bytes(section.bytes, dump.form, None));
    }
    let mut bytes = Vec::new();
    let mut packets: Vec<Packet> = Vec::new();
    let mut next = None;
    for (index, section) in sections.iter().enumerate() {
        let Some((packet, seq)) = find(&section.bytes) else {
            // The first that is none may be all that was meant; the second cannot be.
            let at = sections.get(index.max(1)).map_or(section.at, |section| section.at);
            return Err(Problem::Again.at(text, at));
        };
        if packet.carried == 0 {
            continue;
        }
        if packets.first().is_some_and(|first| (first.from, first.to) != (packet.from, packet.to)) {
            return Err(Problem::OtherWay.at(text, section.at));
        }
        // What was sent again is taken once.
        let before = next.map_or(0, |next: u32| next.wrapping_sub(seq).cast_signed());
        if before < 0 {
            return Err(Problem::Missing(before.unsigned_abs()).at(text, section.at));
        }
        let new = carried(&section.bytes, &packet).get(before as usize..).unwrap_or_default();
        if !new.is_empty() {
            next = Some(seq.wrapping_add(packet.carried as u32));
        }
        bytes.extend_from_slice(new);
        packets.push(packet);
    }
    if packets.is_empty() {
        return Err(Problem::NothingCarried.at(text, 0));
    }
    Ok(Pasted { bytes, form: dump.form, cut: None, packets })
}

fn carried<'a>(bytes: &'a [u8], packet: &Packet) -> &'a [u8] {
    bytes.get(packet.headers..packet.headers + packet.carried).unwrap_or_default()
}

/// No more than this stands behind an IP packet on Ethernet: what fills a short frame up, and the check sequence.
const FILLING: usize = 46 + 4;

/// The packet that these bytes are, whole, with TCP in it, and its sequence number.
///
/// A link layer is tried where its own fields say IP; then IP's length has to be that of the bytes. So much has to fit
/// that no frame is taken for a packet: an IPv4 header's first byte would have two reserved bits set.
fn find(bytes: &[u8]) -> Option<(Packet, u32)> {
    const IP: [u16; 6] = [0x0800, 0x86DD, 0x8100, 0x88A8, 0x8847, 0x8864];
    if start_of(bytes).is_some() {
        return None;
    }
    let ether_type = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk::<2>()?;
        Some(u16::from_be_bytes(*bytes)).filter(|number| IP.contains(number))
    };
    let family =
        bytes.first_chunk::<4>().map(|family| [u32::from_be_bytes(*family), u32::from_le_bytes(*family)]);
    let is_family = |family: [u32; 2]| family.iter().any(|family| matches!(family, 2 | 10 | 24 | 28 | 30));
    let links = [
        (LinkType::ETHERNET, ether_type(12).is_some()),
        (LinkType::LINUX_SLL, ether_type(14).is_some() && matches!(bytes, [0, 0..=4, ..])),
        (LinkType::LINUX_SLL2, ether_type(0).is_some()),
        (LinkType::NULL, family.is_some_and(is_family)),
        (LinkType::RAW, bytes.first().is_some_and(|first| matches!(first >> 4, 4 | 6))),
    ];
    links.into_iter().filter(|(_, fits)| *fits).find_map(|(link, _)| {
        let segment = segment(link, bytes)?;
        let end = segment.payload as usize + segment.length as usize;
        let behind = bytes.len().checked_sub(end)?;
        if behind > if link == LinkType::ETHERNET { FILLING } else { 0 } {
            return None;
        }
        let [low, high] = segment.key.ends();
        let (from, to) = if segment.from_low { (low, high) } else { (high, low) };
        let packet =
            Packet { link, from, to, headers: segment.payload as usize, carried: segment.length as usize };
        Some((packet, segment.seq))
    })
}
