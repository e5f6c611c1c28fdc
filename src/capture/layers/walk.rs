//! From header to header: what stands next in a packet, and which file reads it.
//!
//! Each header is described once, in a file of its own, as a function that reads it and says what follows
//! ([`Step`]). With a reader that keeps fields this describes a packet; with a quiet one it finds the TCP segments of
//! packets that [`packet`](mod@crate::capture::packet) does not read at a glance: tunnels, tags, fragments.

use crate::capture::checksum::Checksum;
use crate::capture::kind::Kind;
use crate::capture::link_type::LinkType;
use crate::capture::packet::{self, Decoded, Ends, Fragment, PROTOCOL_TCP, Segment};
use crate::capture::path::Path;
use crate::facts;
use crate::model::field::BitRange;
use crate::model::rule::{Finding, Rule};

use super::reader::Reader;
use super::{
    FRAGMENT, IP_PAYLOAD, TRAILER, UNREAD, erspan, etherip, geneve, gre, gtp, hdlc, ip, link, llc, macsec,
    mpls, nflog, pktap, ppp, pppoe, radiotap, tcp, udp, vxlan, wlan,
};

/// How many headers are read in a packet. Real packets have a dozen; what has more was made to be deep.
const MAX_HEADERS: u32 = 64;

/// Reads one header and says what stands behind it.
pub(super) type Header = fn(&mut Walk<'_>) -> Step;

/// What a header says about what stands behind it.
pub(super) enum Step {
    /// A header of a known kind.
    Header(Header),
    /// What a link type of tcpdump.org's list begins with.
    Link(LinkType),
    /// What an `EtherType` names.
    Ether(u16),
    /// What a protocol number of IP names.
    Protocol(u8),
    /// Nothing more to read: this is what the packet is.
    Found(Decoded),
    /// All was read, and what was found was said.
    Done,
}

/// A packet that is being read.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) reader: Reader<'a>,
    /// Where the innermost packet that says its length ends; behind the recorded bytes if it was cut.
    pub(super) end: usize,
    /// Whether the packet was recorded whole.
    pub(super) whole: bool,
    /// Whether a header says that what is in it was cut before it was sent.
    pub(super) truncated: bool,
    /// The ends of the innermost IP header.
    pub(super) ip: Option<Ends>,
    pub(super) path: Path,
    /// Whether the header of an 802.11 frame is filled up to a multiple of 4 bytes.
    pub(super) padded: bool,
    /// How many headers were read.
    pub(super) headers: u32,
    pub(super) found: Vec<Decoded>,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    /// `found` is empty; it is handed in so that it can be used again.
    pub(super) fn new(bytes: &'a [u8], original: usize, quiet: bool, found: Vec<Decoded>) -> Self {
        Self {
            reader: Reader::new(bytes, quiet),
            end: original.max(bytes.len()),
            whole: bytes.len() >= original,
            truncated: false,
            ip: None,
            path: Path::default(),
            padded: false,
            headers: 0,
            found,
            findings: Vec::new(),
        }
    }

    /// Reads from here to the innermost header.
    pub(super) fn run(&mut self, mut step: Step) {
        loop {
            let read = match step {
                Step::Header(read) => Ok(read),
                Step::Link(link) => by_link_type(link).ok_or(Decoded::UnknownLink(link)),
                Step::Ether(number) => by_ether_type(number).ok_or(Decoded::Other(Kind::Ether(number))),
                Step::Protocol(PROTOCOL_TCP) => return self.segment(),
                Step::Protocol(number) => {
                    by_protocol(number, self.is_v6()).ok_or(Decoded::Other(Kind::Ip(number)))
                }
                Step::Found(decoded) => return self.finds(decoded),
                Step::Done => return,
            };
            self.headers += 1;
            step = match read {
                Ok(_) if self.headers > MAX_HEADERS => Step::Found(Decoded::Other(Kind::Deep)),
                Ok(read) => read(self),
                Err(decoded) => Step::Found(decoded),
            };
        }
    }

    /// The bytes that no header took: behind the packet, or not read.
    pub(super) fn rest(&mut self) {
        let is_end = self.reader.at() == self.end.min(self.reader.bytes().len());
        self.reader.widen(usize::MAX);
        self.reader.rest(if is_end { &TRAILER } else { &UNREAD });
    }

    /// The bytes of a part of a frame that no header took.
    pub(super) fn left_of_part(&mut self) {
        let is_end = self.reader.at() == self.end.min(self.reader.limit());
        self.reader.rest(if is_end { &TRAILER } else { &UNREAD });
    }

    fn is_v6(&self) -> bool {
        self.ip.is_some_and(|ends| ends.v6)
    }

    fn finds(&mut self, decoded: Decoded) {
        let left = self.reader.ahead().len();
        match decoded {
            Decoded::Fragment(_) => self.reader.opaque(&FRAGMENT, left),
            Decoded::Other(Kind::Ip(_)) => self.reader.opaque(&IP_PAYLOAD, left),
            Decoded::Other(Kind::Udp | Kind::UdpUnknown) => self.reader.opaque(&udp::PAYLOAD, left),
            _ => {}
        }
        self.found.push(decoded);
    }

    fn segment(&mut self) {
        let Some(ends) = self.ip else { return };
        let (begin, limit) = (self.reader.at(), self.reader.limit());
        let bytes = self.reader.slice(0, limit);
        let whole = !self.truncated && (self.whole || self.end <= limit);
        let decoded = packet::tcp(bytes, begin, self.end, ends, whole, self.path);
        tcp::read(&mut self.reader, limit);
        if let Decoded::Tcp(Segment { checksum: Checksum::Differs | Checksum::Unfinished, .. }) = decoded {
            let place = BitRange::bytes(begin + 16, begin + 18);
            self.findings.push(Rule::TcpChecksum.says(place, facts!("wrong")));
        }
        self.found.push(decoded);
    }

    /// A header does not fit: because the recording was cut, or because the packet is wrong.
    pub(super) fn short(&self) -> Step {
        let is_cut = self.truncated || !self.whole && self.end > self.reader.limit();
        Step::Found(if is_cut { Decoded::Cut } else { Decoded::Malformed })
    }

    /// What is read from here on ends at this byte of the packet.
    pub(super) fn ends_at(&mut self, end: usize) {
        self.end = end;
        self.reader.narrow(end);
    }

    /// A fragment of what the protocol number names. Its bytes are those up to the end.
    pub(super) fn fragment(&mut self, id: u32, protocol: u8, offset: u16, more: bool) -> Step {
        let Some(ends) = self.ip else { return Step::Done };
        if !leads_on(protocol, ends.v6) {
            return Step::Found(Decoded::Other(Kind::Ip(protocol)));
        }
        if self.reader.limit() < self.end {
            return self.short();
        }
        Step::Found(Decoded::Fragment(Fragment {
            ends,
            path: self.path,
            id,
            protocol,
            offset,
            more,
            start: self.reader.at(),
            end: self.end,
        }))
    }
}

pub(super) const WRONG: Step = Step::Found(Decoded::Malformed);

/// Whether there may be TCP behind this protocol number.
pub(super) fn leads_on(protocol: u8, v6: bool) -> bool {
    protocol == PROTOCOL_TCP || by_protocol(protocol, v6).is_some()
}

fn by_link_type(link: LinkType) -> Option<Header> {
    Some(match link.0 {
        0 | 108 => link::loopback,
        1 => link::ethernet,
        9 => ppp::link,
        12 | 14 | 101 => ip::either,
        50 => ppp::hdlc,
        51 => pppoe::read,
        100 => llc::read,
        104 => hdlc::read,
        105 => wlan::read,
        113 => link::cooked,
        127 => radiotap::read,
        166 => ppp::pppd,
        204 => ppp::directed,
        205 => hdlc::directed,
        219 => mpls::read,
        228 => ip::v4,
        229 => ip::v6,
        239 => nflog::read,
        258 => pktap::read,
        276 => link::cooked2,
        _ => return None,
    })
}

fn by_ether_type(number: u16) -> Option<Header> {
    Some(match number {
        0x0800 => ip::v4,
        0x22EB => erspan::type3,
        0x6558 => link::ethernet,
        0x8100 | 0x88A8 | 0x9100 | 0x9200 => link::vlan,
        0x86DD => ip::v6,
        0x8847 | 0x8848 => mpls::read,
        0x8864 => pppoe::read,
        0x880B => ppp::read,
        0x88BE => erspan::type2,
        0x88E5 => macsec::read,
        _ => return None,
    })
}

fn by_protocol(number: u8, v6: bool) -> Option<Header> {
    Some(match number {
        4 => ip::v4,
        17 => udp::read,
        41 => ip::v6,
        44 if v6 => ip::fragment,
        47 => gre::read,
        51 => ip::authentication,
        97 => etherip::read,
        137 => mpls::read,
        // Hop-by-hop options, routing, destination options, mobility, HIP, shim6, and two for experiments
        // (RFC 8200 section 4).
        0 | 43 | 60 | 135 | 139 | 140 | 253 | 254 if v6 => ip::extension,
        _ => return None,
    })
}

/// The tunnel that a UDP port stands for.
pub(super) fn by_port(port: u16) -> Option<Header> {
    Some(match port {
        2152 => gtp::read,
        4754 => gre::read,
        4789 | 8472 => vxlan::read, // 8472 is what Linux took before there was a registered port.
        4790 => vxlan::generic,
        6081 => geneve::read,
        6635 => mpls::read,
        _ => return None,
    })
}
