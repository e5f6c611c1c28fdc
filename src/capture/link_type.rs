//! Link layers: their names, and how the network layer is found behind them.

use std::fmt;

use super::path::{Mark, Path};

/// A number of the list of link-layer header types at tcpdump.org.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

macro_rules! names {
    ($($number:literal $name:literal)*) => {
        /// The number and the name of each type, without `LINKTYPE_`.
        const NAMES: &[(u16, &str)] = &[$(($number, $name)),*];
    };
}

names! {
    0 "NULL" 1 "ETHERNET" 3 "AX25" 6 "IEEE802_5" 7 "ARCNET_BSD" 8 "SLIP" 9 "PPP" 10 "FDDI" 12 "RAW" 14 "RAW"
    50 "PPP_HDLC" 51 "PPP_ETHER" 100 "ATM_RFC1483" 101 "RAW" 104 "C_HDLC" 105 "IEEE802_11" 107 "FRELAY"
    108 "LOOP" 109 "ENC" 113 "LINUX_SLL" 114 "LTALK" 117 "PFLOG" 119 "IEEE802_11_PRISM" 122 "IP_OVER_FC"
    123 "SUNATM" 127 "IEEE802_11_RADIOTAP" 129 "ARCNET_LINUX" 138 "APPLE_IP_OVER_IEEE1394"
    139 "MTP2_WITH_PHDR" 140 "MTP2" 141 "MTP3" 142 "SCCP" 143 "DOCSIS" 144 "LINUX_IRDA" 147 "USER0"
    148 "USER1" 149 "USER2" 150 "USER3" 151 "USER4" 152 "USER5" 153 "USER6" 154 "USER7" 155 "USER8"
    156 "USER9" 157 "USER10" 158 "USER11" 159 "USER12" 160 "USER13" 161 "USER14" 162 "USER15"
    163 "IEEE802_11_AVS" 165 "BACNET_MS_TP" 166 "PPP_PPPD" 169 "GPRS_LLC" 170 "GPF_T" 171 "GPF_F"
    177 "LINUX_LAPD" 178 "JUNIPER_ETHER" 182 "MFR" 186 "USB_FREEBSD" 187 "BLUETOOTH_HCI_H4" 189 "USB_LINUX"
    191 "IEEE802_15_4_LINUX" 192 "PPI" 195 "IEEE802_15_4_WITHFCS" 196 "SITA" 197 "ERF"
    201 "BLUETOOTH_HCI_H4_WITH_PHDR" 202 "AX25_KISS" 203 "LAPD" 204 "PPP_WITH_DIR" 205 "C_HDLC_WITH_DIR"
    206 "FRELAY_WITH_DIR" 209 "I2C_LINUX" 215 "IEEE802_15_4_NONASK_PHY" 217 "GSMTAP_UM" 219 "MPLS"
    220 "USB_LINUX_MMAPPED" 221 "DECT" 224 "FC_2" 225 "FC_2_WITH_FRAME_DELIMS" 226 "IPNET" 227 "CAN_SOCKETCAN"
    228 "IPV4" 229 "IPV6" 230 "IEEE802_15_4_NOFCS" 231 "DBUS" 235 "DVB_CI" 236 "MUX27010"
    237 "STANAG_5066_D_PDU" 239 "NFLOG" 240 "NETANALYZER" 241 "NETANALYZER_TRANSPARENT" 242 "IPOIB"
    243 "MPEG_2_TS" 244 "NG40" 245 "NFC_LLCP" 246 "PFSYNC" 247 "INFINIBAND" 248 "SCTP" 249 "USBPCAP"
    250 "RTAC_SERIAL" 251 "BLUETOOTH_LE_LL" 252 "WIRESHARK_UPPER_PDU" 253 "NETLINK"
    254 "BLUETOOTH_LINUX_MONITOR" 255 "BLUETOOTH_BREDR_BB" 256 "BLUETOOTH_LE_LL_WITH_PHDR" 257 "PROFIBUS_DL"
    258 "PKTAP" 259 "EPON" 260 "IPMI_HPM_2" 261 "ZWAVE_R1_R2" 262 "ZWAVE_R3" 263 "WATTSTOPPER_DLM"
    264 "ISO_14443" 265 "RDS" 266 "USB_DARWIN" 267 "OPENFLOW" 268 "SDLC" 269 "TI_LLN_SNIFFER" 270 "LORATAP"
    271 "VSOCK" 272 "NORDIC_BLE" 273 "DOCSIS31_XRA31" 274 "ETHERNET_MPACKET" 275 "DISPLAYPORT_AUX"
    276 "LINUX_SLL2" 277 "SERCOS_MONITOR" 278 "OPENVIZSLA" 279 "EBHSCR" 280 "VPP_DISPATCH" 281 "DSA_TAG_BRCM"
    282 "DSA_TAG_BRCM_PREPEND" 283 "IEEE802_15_4_TAP" 284 "DSA_TAG_DSA" 285 "DSA_TAG_EDSA" 286 "ELEE"
    287 "Z_WAVE_SERIAL" 288 "USB_2_0" 289 "ATSC_ALP" 290 "ETW" 293 "USB_2_0_LOW_SPEED"
    294 "USB_2_0_FULL_SPEED" 295 "USB_2_0_HIGH_SPEED" 297 "ZWAVE_TAP"
}

impl LinkType {
    /// BSD loopback: the address family in the byte order of the machine that recorded.
    pub const NULL: Self = Self(0);
    /// Ethernet (IEEE 802.3).
    pub const ETHERNET: Self = Self(1);
    /// IPv4 or IPv6 with nothing before it.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// IPv4 with nothing before it.
    pub const IPV4: Self = Self(228);
    /// IPv6 with nothing before it.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// The types whose packets are looked into.
    pub const READ: [Self; 23] = [
        Self::NULL,
        Self::ETHERNET,
        Self(9),   // PPP.
        Self(12),  // DLT_RAW of most systems, and
        Self(14),  // of OpenBSD: programs that wrote their DLT into the file.
        Self(50),  // PPP in the framing of HDLC.
        Self(51),  // PPPoE.
        Self(100), // LLC, as over ATM.
        Self::RAW,
        Self(104), // Cisco's HDLC.
        Self(105), // 802.11.
        Self::LOOP,
        Self::LINUX_SLL,
        Self(127), // radiotap.
        Self(166), // PPP as pppd writes it.
        Self(204), // PPP with a direction.
        Self(205), // Cisco's HDLC with a direction.
        Self(219), // MPLS.
        Self::IPV4,
        Self::IPV6,
        Self(239), // NFLOG.
        Self(258), // PKTAP.
        Self::LINUX_SLL2,
    ];

    /// The name at tcpdump.org without `LINKTYPE_`; none for a number that is not in this program's list.
    pub fn name(self) -> Option<&'static str> {
        let index = NAMES.binary_search_by_key(&self.0, |&(number, _)| number).ok()?;
        NAMES.get(index).map(|&(_, name)| name)
    }

    /// The link type of a pcap file's header. The high bits say whether frames end with a check sequence; the
    /// network layer knows its own length, so that is of no matter here.
    pub(super) const fn from_pcap(field: u32) -> Self {
        Self(field as u16)
    }
}

impl fmt::Display for LinkType {
    /// The name; where there is none, the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V6,
}

pub(super) const ETHERTYPE_IPV4: u16 = 0x0800;
pub(super) const ETHERTYPE_IPV6: u16 = 0x86DD;
pub(super) const ETHERNET_HEADER: usize = 14;
pub(super) const SLL_HEADER: usize = 16;
pub(super) const SLL2_HEADER: usize = 20;
pub(super) const LOOPBACK_HEADER: usize = 4;

/// Whether this `EtherType` announces a VLAN tag: 802.1Q, 802.1ad, and two that came before 802.1ad.
pub(super) const fn is_vlan(ether_type: u16) -> bool {
    matches!(ether_type, 0x8100 | 0x88A8 | 0x9100 | 0x9200)
}

/// The protocol family in a loopback header, in whichever byte order it makes sense.
pub(super) const fn loopback_family(header: [u8; 4]) -> u32 {
    let little = u32::from_le_bytes(header);
    if little > 0xFFFF { u32::from_be_bytes(header) } else { little }
}

/// Whether a loopback family is IPv6: Linux (10), NetBSD and OpenBSD (24), FreeBSD (28), Darwin (30).
pub(super) const fn family_is_ipv6(family: u32) -> bool {
    matches!(family, 10 | 24 | 28 | 30)
}

/// Finds the IP packet in the usual link layers, with the VLANs before it. None where something else stands there,
/// which [`layers`](mod@super::layers) reads.
#[inline]
pub(super) fn network(link: LinkType, bytes: &[u8]) -> Option<(Version, usize, Path)> {
    match link {
        LinkType::ETHERNET => behind_ether_type(be16(bytes, 12)?, bytes, ETHERNET_HEADER),
        LinkType::LINUX_SLL => behind_ether_type(be16(bytes, 14)?, bytes, SLL_HEADER),
        LinkType::LINUX_SLL2 => behind_ether_type(be16(bytes, 0)?, bytes, SLL2_HEADER),
        LinkType::NULL | LinkType::LOOP => match loopback_family(*bytes.first_chunk::<4>()?) {
            2 => Some((Version::V4, LOOPBACK_HEADER, Path::default())),
            family if family_is_ipv6(family) => Some((Version::V6, LOOPBACK_HEADER, Path::default())),
            _ => None,
        },
        LinkType(12 | 14) | LinkType::RAW => match bytes.first()? >> 4 {
            4 => Some((Version::V4, 0, Path::default())),
            6 => Some((Version::V6, 0, Path::default())),
            _ => None,
        },
        LinkType::IPV4 => Some((Version::V4, 0, Path::default())),
        LinkType::IPV6 => Some((Version::V6, 0, Path::default())),
        _ => None,
    }
}

#[inline]
fn behind_ether_type(mut ether_type: u16, bytes: &[u8], mut at: usize) -> Option<(Version, usize, Path)> {
    let mut path = Path::default();
    loop {
        match ether_type {
            ETHERTYPE_IPV4 => return Some((Version::V4, at, path)),
            ETHERTYPE_IPV6 => return Some((Version::V6, at, path)),
            tag if is_vlan(tag) => {
                ether_type = be16(bytes, at + 2)?;
                // VLAN 0 is none: the tag is there for its priority alone (802.1Q section 9.6).
                match be16(bytes, at)? & 0x0FFF {
                    0 => {}
                    id => path = path.through(Mark::Vlan, u64::from(id)),
                }
            }
            _ => return None,
        }
        at += 4; // Each tag: 2 bytes of control information, 2 bytes of the next EtherType.
    }
}

/// The big-endian 16-bit number at `at`.
#[inline]
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk::<2>().map(|two| u16::from_be_bytes(*two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_known() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(LinkType(276).to_string(), "LINUX_SLL2");
        assert_eq!(LinkType(60000).to_string(), "60000");
        assert!(LinkType::READ.iter().all(|link| link.name().is_some()));
    }

    #[test]
    fn vlan_tags_of_any_depth_are_passed() {
        let mut packet = vec![0; 12];
        for tag in [0x88A8u16, 0x8100, 0x9100, 0x8100] {
            packet.extend(tag.to_be_bytes());
            packet.extend([0, 7]);
        }
        packet.extend(ETHERTYPE_IPV6.to_be_bytes());
        let path = [7; 4].iter().fold(Path::default(), |path, &id| path.through(Mark::Vlan, id));
        assert_eq!(network(LinkType::ETHERNET, &packet), Some((Version::V6, 30, path)));
        assert_eq!(network(LinkType::ETHERNET, &packet[..20]), None);
    }

    #[test]
    fn loopback_families_in_both_orders() {
        for (family, v6) in [(2u32, false), (10, true), (24, true), (28, true), (30, true)] {
            let expected = Some((if v6 { Version::V6 } else { Version::V4 }, 4, Path::default()));
            for link in [LinkType::NULL, LinkType::LOOP] {
                assert_eq!(network(link, &family.to_le_bytes()), expected);
                assert_eq!(network(link, &family.to_be_bytes()), expected);
            }
        }
        assert_eq!(network(LinkType::NULL, &[9, 9, 9, 9]), None);
    }
}
