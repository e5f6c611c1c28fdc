//! What a packet carries when no TCP in it was read.

/// What a packet carries in which no TCP was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An IP protocol by its number.
    Ip(u8),
    /// A fragment of an IP packet whose other fragments are not in the recording, by its protocol's number.
    Fragment(u8),
    /// An `EtherType`.
    Ether(u16),
    /// UDP on a port that is known to carry no TCP.
    Udp,
    /// UDP on any other port.
    UdpUnknown,
    /// An LLC service by its number.
    Llc(u8),
    /// SNAP of an organization that is not known.
    Snap,
    /// A PPP protocol by its number.
    Ppp(u16),
    /// Something behind MPLS labels that is neither IP nor Ethernet.
    Mpls,
    /// GRE without a packet in it.
    Gre,
    /// A copied frame that is neither Ethernet nor IP.
    Erspan,
    /// A protocol in VXLAN's generic form.
    Vxlan,
    /// A message of GTP that carries no packet, or one that is neither IP nor Ethernet.
    Gtp,
    /// A frame of `MACsec` that is encrypted.
    MacsecEncrypted,
    /// A frame of 802.11 without data.
    WlanNoData,
    /// A frame of 802.11 that is encrypted.
    WlanEncrypted,
    /// A part of a frame of 802.11.
    WlanFragment,
    /// A log entry without a packet.
    NoPacket,
    /// A log entry with a packet of this address family.
    Family(u8),
    /// Headers upon headers, more than are read.
    Deep,
}

impl Kind {
    /// Whether there may be TCP in it all the same: it is a tunnel, encrypted, or nobody knows.
    pub(super) fn may_carry_tcp(self) -> bool {
        match self {
            // ESP, IPComp, L2TP, and what stands for any protocol or is not known here.
            Self::Ip(number) => matches!(number, 4 | 41 | 47 | 50 | 94 | 97 | 99 | 108 | 115 | 137),
            // Backbone bridges, NSH, TRILL, Juniper's and Cisco's tags.
            Self::Ether(number) => matches!(number, 0x88E7 | 0x894F | 0x22F3 | 0x8926 | 0x8909 | 0x8850),
            Self::Ppp(number) => {
                matches!(number, 0x002D | 0x002F | 0x003D | 0x0053 | 0x0055 | 0x00FB | 0x00FD)
            }
            Self::Fragment(_)
            | Self::UdpUnknown
            | Self::Snap
            | Self::Mpls
            | Self::Erspan
            | Self::Vxlan
            | Self::MacsecEncrypted
            | Self::WlanEncrypted
            | Self::WlanFragment
            | Self::Deep => true,
            Self::Udp
            | Self::Llc(_)
            | Self::Gre
            | Self::Gtp
            | Self::WlanNoData
            | Self::NoPacket
            | Self::Family(_) => false,
        }
    }

    /// How it is called.
    pub(super) fn name(self) -> String {
        let known = match self {
            Self::Ip(1) => "ICMP",
            Self::Ip(2) => "IGMP",
            Self::Ip(33) => "DCCP",
            Self::Ip(47) => "GRE",
            Self::Ip(50) => "ESP",
            Self::Ip(58) => "ICMPv6",
            Self::Ip(59) => "IPv6 without payload",
            Self::Ip(89) => "OSPF",
            Self::Ip(103) => "PIM",
            Self::Ip(108) => "IPComp",
            Self::Ip(112) => "VRRP",
            Self::Ip(115) => "L2TP",
            Self::Ip(132) => "SCTP",
            Self::Ip(other) => return format!("IP protocol {other}"),
            Self::Fragment(17) => "fragments of UDP",
            Self::Fragment(47) => "fragments of GRE",
            Self::Fragment(other) => return format!("fragments of IP protocol {other}"),
            Self::Ether(0x0806) => "ARP",
            Self::Ether(0x8035) => "RARP",
            Self::Ether(0x8808) => "Ethernet flow control",
            Self::Ether(0x8809) => "LACP",
            Self::Ether(0x8863 | 0x8864) => "PPPoE discovery",
            Self::Ether(0x887B) => "HomePlug",
            Self::Ether(0x888E) => "EAPOL",
            Self::Ether(0x88CC) => "LLDP",
            Self::Ether(0x88E7) => "PBB",
            Self::Ether(0x88F7) => "PTP",
            Self::Ether(0x894F) => "NSH",
            Self::Ether(0x22F3) => "TRILL",
            Self::Ether(other) => return format!("EtherType {other:04x}"),
            Self::Udp => "UDP",
            Self::UdpUnknown => "UDP on other ports",
            Self::Llc(0x42) => "STP",
            Self::Llc(_) => "802.2 LLC",
            Self::Snap => "SNAP",
            Self::Ppp(0x002D | 0x002F) => "PPP with compressed headers",
            Self::Ppp(0x003D) => "PPP multilink",
            Self::Ppp(0x0053 | 0x0055) => "encrypted PPP",
            Self::Ppp(0x00FB | 0x00FD) => "compressed PPP",
            Self::Ppp(0x8000..) => "PPP control",
            Self::Ppp(other) => return format!("PPP protocol {other:04x}"),
            Self::Mpls => "MPLS",
            Self::Gre => "GRE without data",
            Self::Erspan => "ERSPAN",
            Self::Vxlan => "VXLAN-GPE",
            Self::Gtp => "GTP-U signalling",
            Self::MacsecEncrypted => "encrypted MACsec",
            Self::WlanNoData => "802.11 without data",
            Self::WlanEncrypted => "encrypted 802.11",
            Self::WlanFragment => "fragments of 802.11",
            Self::NoPacket => "NFLOG without packet",
            Self::Family(other) => return format!("address family {other}"),
            Self::Deep => "deep nesting",
        };
        known.to_owned()
    }
}
