//! pcapng: blocks in sections; each section has its byte order and its interfaces (draft-ietf-opsawg-pcapng).

use pcap_parser::{OptionCode, PcapNGOption};

use super::{Fault, MAX_BLOCK, Next, Notes, Record};
use crate::capture::link_type::LinkType;
use crate::facts;
use crate::model::facts::Facts;
use crate::trace::Timestamp;

/// The type of a Section Header Block: the same bytes in either order.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

const INTERFACE_DESCRIPTION: u32 = 1;
/// Packet Block, obsolete since 2009 and still in old files.
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Blocks that are known to say nothing about packets: name resolution, interface statistics, the systemd journal,
/// decryption secrets and custom blocks (twice).
const NO_PACKETS: [u32; 6] = [4, 5, 9, 10, 0x0BAD, 0x4000_0BAD];

const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// The type and the length before a block's body, and the length again behind it.
const BLOCK_OVERHEAD: usize = 12;

/// The reader of a pcapng file.
#[derive(Debug, Default)]
pub(in crate::capture) struct Pcapng {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// How many interfaces the sections before had.
    before: u32,
    began: bool,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    /// 0: no limit.
    snap_length: u32,
    clock: Clock,
}

impl Pcapng {
    #[inline]
    pub(super) fn next(&mut self, window: &[u8], notes: &mut Notes) -> Result<Next, Fault> {
        let Some(head) = window.first_chunk::<8>() else { return Ok(Next::More(BLOCK_OVERHEAD)) };
        let is_section = head[..4] == SECTION_HEADER;
        if is_section {
            let Some(order) = window.get(8..12) else { return Ok(Next::More(BLOCK_OVERHEAD)) };
            match order {
                [0x4D, 0x3C, 0x2B, 0x1A] => self.big_endian = false,
                [0x1A, 0x2B, 0x3C, 0x4D] => self.big_endian = true,
                _ => return Err(Fault(facts!("byte-order"))),
            }
        } else if !self.began {
            return Err(Fault(facts!("no-section")));
        }
        let kind = self.u32([head[0], head[1], head[2], head[3]]);
        let length = self.u32([head[4], head[5], head[6], head[7]]);
        if (length as usize) < BLOCK_OVERHEAD || length > MAX_BLOCK {
            return Err(Fault(facts!("block-length", length = length.to_string())));
        }
        let Some((body, total)) = self.body(window, length)? else { return Ok(Next::More(length as usize)) };
        Ok(match kind {
            ENHANCED_PACKET => self.enhanced(body, total, notes)?,
            _ if is_section => {
                self.section(window.get(..total).unwrap_or_default(), notes)?;
                Next::Passed(total)
            }
            INTERFACE_DESCRIPTION => {
                self.interface(window.get(..total).unwrap_or_default(), notes)?;
                Next::Passed(total)
            }
            OBSOLETE_PACKET => self.obsolete(body, total, notes)?,
            SIMPLE_PACKET => self.simple(body, total)?,
            _ => {
                if !NO_PACKETS.contains(&kind) {
                    notes.unknown_block(kind);
                }
                Next::Passed(total)
            }
        })
    }

    #[inline]
    fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// The body of the block that begins the window, and how many bytes the block takes; none while it is not whole.
    #[inline]
    fn body<'a>(&self, window: &'a [u8], length: u32) -> Result<Option<(&'a [u8], usize)>, Fault> {
        let length_at = |total: usize| {
            let four = window.get(total.checked_sub(4)?..total)?.first_chunk::<4>()?;
            Some(self.u32(*four))
        };
        let total = length as usize;
        if window.len() < total {
            return Ok(None);
        }
        if length_at(total) == Some(length) {
            return Ok(Some((window.get(8..total - 4).unwrap_or_default(), total)));
        }
        // Some writers give a length that is no multiple of 4 and pad the block all the same.
        let padded = total.next_multiple_of(4);
        if padded != total {
            if window.len() < padded {
                return Ok(None);
            }
            if length_at(padded) == Some(length) {
                return Ok(Some((window.get(8..padded - 4).unwrap_or_default(), padded)));
            }
        }
        Err(Fault(facts!("block-end", length = length.to_string())))
    }

    /// A Section Header Block: interfaces are counted anew.
    fn section(&mut self, block: &[u8], notes: &mut Notes) -> Result<(), Fault> {
        let Ok((_, header)) = pcap_parser::pcapng::parse_sectionheaderblock(block) else {
            return Err(Fault(facts!("section")));
        };
        if header.major_version != 1 {
            let (major, minor) = (header.major_version, header.minor_version);
            return Err(Fault(facts!("pcapng-version", major, minor)));
        }
        comments(&header.options, notes);
        self.before = self.before.saturating_add(self.interfaces.len() as u32);
        self.interfaces.clear();
        self.began = true;
        Ok(())
    }

    /// An Interface Description Block.
    fn interface(&mut self, block: &[u8], notes: &mut Notes) -> Result<(), Fault> {
        let parsed = if self.big_endian {
            pcap_parser::pcapng::parse_interfacedescriptionblock_be(block)
        } else {
            pcap_parser::pcapng::parse_interfacedescriptionblock_le(block)
        };
        let Ok((_, header)) = parsed else {
            return Err(Fault(facts!("interface")));
        };
        comments(&header.options, notes);
        // pcap-parser reads the offset in little-endian order in every file, and no resolution of base 2.
        let option = |code: u16| {
            let option = header.options.iter().find(|option| option.code.0 == code)?;
            option.as_bytes().ok()
        };
        let resolution = option(IF_TSRESOL).and_then(|value| value.first().copied()).unwrap_or(6);
        let offset =
            option(IF_TSOFFSET).and_then(|value| value.first_chunk::<8>().copied()).map_or(0, |value| {
                if self.big_endian { i64::from_be_bytes(value) } else { i64::from_le_bytes(value) }
            });
        let clock = Clock::new(resolution, offset);
        let link = LinkType(header.linktype.0.cast_unsigned() as u16);
        notes.link_type(link);
        notes.clock(clock.is_finer());
        self.interfaces.push(Interface { link, snap_length: header.snaplen, clock });
        Ok(())
    }

    /// An Enhanced Packet Block: interface, time (high, low), recorded length, length, packet, padding, options.
    #[inline]
    fn enhanced(&self, body: &[u8], total: usize, notes: &mut Notes) -> Result<Next, Fault> {
        let Some((head, rest)) = body.split_first_chunk::<20>() else {
            return Err(too_short("packet-short"));
        };
        let number = |at: usize| self.u32([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = number(12) as usize;
        if length > rest.len() {
            return Err(too_long(length));
        }
        let options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        if !options.is_empty() {
            self.packet_comments(options, notes);
        }
        let ticks = u64::from(number(4)) << 32 | u64::from(number(8));
        Ok(self.packet(number(0), ticks, 28, length, number(16), total))
    }

    /// The obsolete Packet Block: interface and drops in 16 bits each, the rest as in an Enhanced Packet Block.
    fn obsolete(&self, body: &[u8], total: usize, notes: &mut Notes) -> Result<Next, Fault> {
        let Some((head, rest)) = body.split_first_chunk::<20>() else {
            return Err(too_short("packet-short"));
        };
        let number = |at: usize| self.u32([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let interface = if self.big_endian { [head[0], head[1]] } else { [head[1], head[0]] };
        let length = number(12) as usize;
        if length > rest.len() {
            return Err(too_long(length));
        }
        self.packet_comments(rest.get(length.next_multiple_of(4)..).unwrap_or_default(), notes);
        let ticks = u64::from(number(4)) << 32 | u64::from(number(8));
        Ok(self.packet(u32::from(u16::from_be_bytes(interface)), ticks, 28, length, number(16), total))
    }

    /// A Simple Packet Block: no interface (it is the first), no time, and the snap length says what was recorded.
    fn simple(&self, body: &[u8], total: usize) -> Result<Next, Fault> {
        let Some((head, rest)) = body.split_first_chunk::<4>() else {
            return Err(too_short("simple-packet-short"));
        };
        let original = self.u32(*head);
        let Some(interface) = self.interfaces.first() else { return Ok(Next::Lost(total)) };
        let limit = if interface.snap_length == 0 { u32::MAX } else { interface.snap_length };
        let length = rest.len().min(original.min(limit) as usize);
        let record = Record {
            offset: 12,
            length,
            original,
            time: Timestamp(0),
            link: interface.link,
            interface: self.before,
            digits: 0, // There is no clock.
        };
        Ok(Next::Packet(record, total))
    }

    #[inline]
    fn packet(
        &self,
        interface: u32,
        ticks: u64,
        offset: usize,
        length: usize,
        original: u32,
        total: usize,
    ) -> Next {
        let number = self.before.saturating_add(interface);
        let Some(interface) = self.interfaces.get(interface as usize) else { return Next::Lost(total) };
        let record = Record {
            offset,
            length,
            original,
            time: interface.clock.time(ticks),
            link: interface.link,
            interface: number,
            digits: interface.clock.digits,
        };
        Next::Packet(record, total)
    }

    /// The comments in a packet's options.
    fn packet_comments(&self, mut options: &[u8], notes: &mut Notes) {
        let u16 =
            |two: [u8; 2]| if self.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) };
        while let Some((&[code0, code1, length0, length1], rest)) = options.split_first_chunk::<4>() {
            let (code, length) = (u16([code0, code1]), usize::from(u16([length0, length1])));
            if code == OptionCode::Comment.0
                && let Some(text) = rest.get(..length)
            {
                notes.comment(true, text);
            }
            if code == OptionCode::EndOfOpt.0 {
                return;
            }
            options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

fn too_short(form: &'static str) -> Fault {
    Fault(Facts::form(form))
}

fn too_long(length: usize) -> Fault {
    Fault(facts!("packet-long", length = length.to_string()))
}

fn comments(options: &[PcapNGOption<'_>], notes: &mut Notes) {
    for option in options.iter().filter(|option| option.code == OptionCode::Comment) {
        notes.comment(false, option.as_bytes().unwrap_or_default());
    }
}

/// The clock of an interface: how its ticks become nanoseconds since the epoch.
#[derive(Clone, Copy, Debug)]
struct Clock {
    unit: Unit,
    /// Seconds that are added to every time.
    offset: i64,
    digits: u8,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// A tick is that many nanoseconds.
    Nanoseconds(u64),
    /// That many ticks are a nanosecond.
    PerNanosecond(u128),
    /// A tick is 2 to the power of minus this number of seconds.
    Binary(u8),
}

impl Clock {
    /// The clock of `if_tsresol` and `if_tsoffset` (draft-ietf-opsawg-pcapng section 4.2).
    fn new(resolution: u8, offset: i64) -> Self {
        let exponent = resolution & 0x7F;
        let (unit, digits) = if resolution & 0x80 != 0 {
            // log10(2) is about 0.30103: as many digits as tell two ticks apart.
            (Unit::Binary(exponent), (u32::from(exponent) * 30_103).div_ceil(100_000))
        } else if let Some(below) = 9u32.checked_sub(u32::from(exponent)) {
            (Unit::Nanoseconds(10u64.pow(below)), u32::from(exponent))
        } else {
            let ticks = 10u128.checked_pow(u32::from(exponent) - 9).unwrap_or(u128::MAX);
            (Unit::PerNanosecond(ticks), u32::from(exponent))
        };
        Self { unit, offset, digits: digits.min(9) as u8 }
    }

    /// Whether a tick is shorter than a nanosecond.
    fn is_finer(&self) -> bool {
        match self.unit {
            Unit::Nanoseconds(_) => false,
            Unit::PerNanosecond(_) => true,
            Unit::Binary(exponent) => exponent >= 30,
        }
    }

    /// The time of a tick; the nearest that can be said where it lies outside the years 1678 to 2262.
    #[inline]
    fn time(&self, ticks: u64) -> Timestamp {
        let nanos = match self.unit {
            Unit::Nanoseconds(each) => match ticks.checked_mul(each).map(i64::try_from) {
                Some(Ok(nanos)) => nanos,
                _ => i64::MAX,
            },
            Unit::PerNanosecond(ticks_each) => {
                i64::try_from(u128::from(ticks) / ticks_each).unwrap_or(i64::MAX)
            }
            Unit::Binary(exponent) => {
                i64::try_from((u128::from(ticks) * 1_000_000_000) >> exponent).unwrap_or(i64::MAX)
            }
        };
        if self.offset == 0 {
            return Timestamp(nanos);
        }
        Timestamp(nanos.saturating_add(self.offset.saturating_mul(1_000_000_000)))
    }
}
