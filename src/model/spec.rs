//! The specifications, their sections, and where to read them.

use std::fmt;

/// A document that a field, a rule or a derivation refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// draft-hixie-thewebsocketprotocol-75, 4 February 2010.
    Hixie75,
    /// draft-hixie-thewebsocketprotocol-76, 6 May 2010.
    Hixie76,
    /// draft-ietf-hybi-thewebsocketprotocol-01, 31 August 2010.
    Hybi01,
    /// draft-ietf-hybi-thewebsocketprotocol-03, 17 October 2010.
    Hybi03,
    /// draft-ietf-hybi-thewebsocketprotocol-04, 11 January 2011.
    Hybi04,
    /// draft-ietf-hybi-thewebsocketprotocol-05, 8 February 2011.
    Hybi05,
    /// draft-ietf-hybi-thewebsocketprotocol-06, 25 February 2011.
    Hybi06,
    /// draft-ietf-hybi-thewebsocketprotocol-07, 22 April 2011.
    Hybi07,
    /// draft-ietf-hybi-thewebsocketprotocol-10, 11 July 2011.
    Hybi10,
    /// RFC 6455, The WebSocket Protocol, December 2011.
    Rfc6455,
    /// RFC 7692, Compression Extensions for WebSocket, December 2015.
    Rfc7692,
    /// RFC 1951, DEFLATE Compressed Data Format Specification.
    Rfc1951,
    /// RFC 3629, UTF-8.
    Rfc3629,
    /// RFC 4648, base64.
    Rfc4648,
    /// RFC 8259, JSON.
    Rfc8259,
    /// RFC 9110, HTTP Semantics.
    Rfc9110,
    /// RFC 9112, HTTP/1.1.
    Rfc9112,
    /// RFC 9113, HTTP/2.
    Rfc9113,
    /// RFC 791, Internet Protocol.
    Rfc791,
    /// RFC 8200, Internet Protocol, Version 6.
    Rfc8200,
    /// RFC 9293, Transmission Control Protocol.
    Rfc9293,
    /// Adobe's description of the socket policy file (Flash Player 9.0.124.0 and later).
    FlashPolicy,
    /// The pcap file format (draft-ietf-opsawg-pcap).
    Pcap,
    /// The pcapng file format (draft-ietf-opsawg-pcapng).
    Pcapng,
    /// IEEE 802.3 and 802.1Q.
    Ieee802,
    /// The list of link-layer header types at tcpdump.org.
    LinkTypes,
    /// IANA's registries for WebSocket: close codes, extensions, subprotocols.
    IanaWebSocket,
    /// RFC 2018, TCP Selective Acknowledgment Options.
    Rfc2018,
    /// RFC 7323, TCP Extensions for High Performance.
    Rfc7323,
    /// RFC 5077, TLS Session Resumption without Server-Side State.
    Rfc5077,
    /// RFC 5246, TLS 1.2.
    Rfc5246,
    /// RFC 5746, TLS Renegotiation Indication Extension.
    Rfc5746,
    /// RFC 6066, TLS Extensions: Extension Definitions.
    Rfc6066,
    /// RFC 6520, TLS Heartbeat Extension.
    Rfc6520,
    /// RFC 6962, Certificate Transparency.
    Rfc6962,
    /// RFC 7301, TLS Application-Layer Protocol Negotiation Extension.
    Rfc7301,
    /// RFC 7366, Encrypt-then-MAC for TLS.
    Rfc7366,
    /// RFC 7627, TLS Extended Master Secret Extension.
    Rfc7627,
    /// RFC 7685, A TLS ClientHello Padding Extension.
    Rfc7685,
    /// RFC 8422, Elliptic Curve Cipher Suites for TLS 1.2 and earlier.
    Rfc8422,
    /// RFC 8446, TLS 1.3.
    Rfc8446,
    /// RFC 8449, Record Size Limit Extension for TLS.
    Rfc8449,
    /// RFC 8701, GREASE for TLS.
    Rfc8701,
    /// RFC 8879, TLS Certificate Compression.
    Rfc8879,
    /// RFC 9849, TLS Encrypted Client Hello.
    Rfc9849,
    /// The PROXY protocol, versions 1 and 2, of HAProxy.
    ProxyProtocol,
    /// SOCKS: A protocol for TCP proxy across firewalls: the memo on SOCKS 4 by Ying-Da Lee.
    Socks4,
    /// SOCKS 4A: A Simple Extension to SOCKS 4 Protocol, by Ying-Da Lee.
    Socks4a,
    /// RFC 1928, SOCKS Protocol Version 5.
    Rfc1928,
    /// RFC 1929, Username/Password Authentication for SOCKS V5.
    Rfc1929,
    /// RFC 768, User Datagram Protocol.
    Rfc768,
    /// RFC 1042, IP over IEEE 802 networks: SNAP.
    Rfc1042,
    /// RFC 1547, Requirements for an Internet Standard Point-to-Point Protocol: Cisco's HDLC.
    Rfc1547,
    /// RFC 1661, The Point-to-Point Protocol (PPP).
    Rfc1661,
    /// RFC 1662, PPP in HDLC-like Framing.
    Rfc1662,
    /// RFC 2516, PPP over Ethernet.
    Rfc2516,
    /// RFC 2637, Point-to-Point Tunneling Protocol (PPTP).
    Rfc2637,
    /// RFC 2784, Generic Routing Encapsulation (GRE).
    Rfc2784,
    /// RFC 2890, Key and Sequence Number Extensions to GRE.
    Rfc2890,
    /// RFC 3032, MPLS Label Stack Encoding.
    Rfc3032,
    /// RFC 3378, `EtherIP`.
    Rfc3378,
    /// RFC 4302, IP Authentication Header.
    Rfc4302,
    /// RFC 4385, PWE3 Control Word for Use over an MPLS PSN.
    Rfc4385,
    /// RFC 5462, MPLS Label Stack Entry: "EXP" Field Renamed to "Traffic Class" Field.
    Rfc5462,
    /// RFC 7348, Virtual eXtensible Local Area Network (VXLAN).
    Rfc7348,
    /// RFC 8926, Geneve: Generic Network Virtualization Encapsulation.
    Rfc8926,
    /// Generic Protocol Extension for VXLAN (draft-ietf-nvo3-vxlan-gpe).
    VxlanGpe,
    /// Cisco Systems' Encapsulated Remote Switch Port Analyzer (draft-foschiano-erspan).
    Erspan,
    /// 3GPP TS 29.281, GTPv1-U.
    Ts29281,
    /// IEEE 802.11, wireless LAN.
    Ieee80211,
    /// radiotap, what radios say about frames.
    Radiotap,
}

impl Document {
    /// The name as it is quoted: `RFC 6455`, `draft-hixie-76`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hixie75 => "draft-hixie-thewebsocketprotocol-75",
            Self::Hixie76 => "draft-hixie-thewebsocketprotocol-76",
            Self::Hybi01 => "draft-ietf-hybi-thewebsocketprotocol-01",
            Self::Hybi03 => "draft-ietf-hybi-thewebsocketprotocol-03",
            Self::Hybi04 => "draft-ietf-hybi-thewebsocketprotocol-04",
            Self::Hybi05 => "draft-ietf-hybi-thewebsocketprotocol-05",
            Self::Hybi06 => "draft-ietf-hybi-thewebsocketprotocol-06",
            Self::Hybi07 => "draft-ietf-hybi-thewebsocketprotocol-07",
            Self::Hybi10 => "draft-ietf-hybi-thewebsocketprotocol-10",
            Self::Rfc6455 => "RFC 6455",
            Self::Rfc7692 => "RFC 7692",
            Self::Rfc1951 => "RFC 1951",
            Self::Rfc3629 => "RFC 3629",
            Self::Rfc4648 => "RFC 4648",
            Self::Rfc8259 => "RFC 8259",
            Self::Rfc9110 => "RFC 9110",
            Self::Rfc9112 => "RFC 9112",
            Self::Rfc9113 => "RFC 9113",
            Self::Rfc791 => "RFC 791",
            Self::Rfc8200 => "RFC 8200",
            Self::Rfc9293 => "RFC 9293",
            Self::FlashPolicy => "Adobe, Policy file changes in Flash Player 9",
            Self::Pcap => "draft-ietf-opsawg-pcap",
            Self::Pcapng => "draft-ietf-opsawg-pcapng",
            Self::Ieee802 => "IEEE 802",
            Self::LinkTypes => "tcpdump.org, link-layer header types",
            Self::Rfc2018 => "RFC 2018",
            Self::Rfc7323 => "RFC 7323",
            Self::Rfc5077 => "RFC 5077",
            Self::Rfc5246 => "RFC 5246",
            Self::Rfc5746 => "RFC 5746",
            Self::Rfc6066 => "RFC 6066",
            Self::Rfc6520 => "RFC 6520",
            Self::Rfc6962 => "RFC 6962",
            Self::Rfc7301 => "RFC 7301",
            Self::Rfc7366 => "RFC 7366",
            Self::Rfc7627 => "RFC 7627",
            Self::Rfc7685 => "RFC 7685",
            Self::Rfc8422 => "RFC 8422",
            Self::Rfc8446 => "RFC 8446",
            Self::Rfc8449 => "RFC 8449",
            Self::Rfc8701 => "RFC 8701",
            Self::Rfc8879 => "RFC 8879",
            Self::Rfc9849 => "RFC 9849",
            Self::IanaWebSocket => "IANA WebSocket registries",
            Self::ProxyProtocol => "The PROXY protocol",
            Self::Socks4 => "SOCKS 4",
            Self::Socks4a => "SOCKS 4A",
            Self::Rfc1928 => "RFC 1928",
            Self::Rfc1929 => "RFC 1929",
            Self::Rfc768 => "RFC 768",
            Self::Rfc1042 => "RFC 1042",
            Self::Rfc1547 => "RFC 1547",
            Self::Rfc1661 => "RFC 1661",
            Self::Rfc1662 => "RFC 1662",
            Self::Rfc2516 => "RFC 2516",
            Self::Rfc2637 => "RFC 2637",
            Self::Rfc2784 => "RFC 2784",
            Self::Rfc2890 => "RFC 2890",
            Self::Rfc3032 => "RFC 3032",
            Self::Rfc3378 => "RFC 3378",
            Self::Rfc4302 => "RFC 4302",
            Self::Rfc4385 => "RFC 4385",
            Self::Rfc5462 => "RFC 5462",
            Self::Rfc7348 => "RFC 7348",
            Self::Rfc8926 => "RFC 8926",
            Self::VxlanGpe => "draft-ietf-nvo3-vxlan-gpe",
            Self::Erspan => "draft-foschiano-erspan",
            Self::Ts29281 => "3GPP TS 29.281",
            Self::Ieee80211 => "IEEE 802.11",
            Self::Radiotap => "radiotap",
        }
    }

    /// Where the document can be read; section anchors are appended by [`Section::link`].
    pub const fn address(self) -> &'static str {
        match self {
            Self::Hixie75 => "https://datatracker.ietf.org/doc/html/draft-hixie-thewebsocketprotocol-75",
            Self::Hixie76 => "https://datatracker.ietf.org/doc/html/draft-hixie-thewebsocketprotocol-76",
            Self::Hybi01 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-01",
            Self::Hybi03 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-03",
            Self::Hybi04 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-04",
            Self::Hybi05 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-05",
            Self::Hybi06 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-06",
            Self::Hybi07 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-07",
            Self::Hybi10 => "https://datatracker.ietf.org/doc/html/draft-ietf-hybi-thewebsocketprotocol-10",
            Self::Rfc6455 => "https://www.rfc-editor.org/rfc/rfc6455",
            Self::Rfc7692 => "https://www.rfc-editor.org/rfc/rfc7692",
            Self::Rfc1951 => "https://www.rfc-editor.org/rfc/rfc1951",
            Self::Rfc3629 => "https://www.rfc-editor.org/rfc/rfc3629",
            Self::Rfc4648 => "https://www.rfc-editor.org/rfc/rfc4648",
            Self::Rfc8259 => "https://www.rfc-editor.org/rfc/rfc8259",
            Self::Rfc9110 => "https://www.rfc-editor.org/rfc/rfc9110",
            Self::Rfc9112 => "https://www.rfc-editor.org/rfc/rfc9112",
            Self::Rfc9113 => "https://www.rfc-editor.org/rfc/rfc9113",
            Self::Rfc791 => "https://www.rfc-editor.org/rfc/rfc791",
            Self::Rfc8200 => "https://www.rfc-editor.org/rfc/rfc8200",
            Self::Rfc9293 => "https://www.rfc-editor.org/rfc/rfc9293",
            Self::FlashPolicy => "https://www.adobe.com/devnet/flashplayer/articles/fplayer9_security.html",
            Self::Pcap => "https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap",
            Self::Pcapng => "https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng",
            Self::Ieee802 => "https://standards.ieee.org/ieee/802.1Q/10323/",
            Self::LinkTypes => "https://www.tcpdump.org/linktypes.html",
            Self::Rfc2018 => "https://www.rfc-editor.org/rfc/rfc2018",
            Self::Rfc7323 => "https://www.rfc-editor.org/rfc/rfc7323",
            Self::Rfc5077 => "https://www.rfc-editor.org/rfc/rfc5077",
            Self::Rfc5246 => "https://www.rfc-editor.org/rfc/rfc5246",
            Self::Rfc5746 => "https://www.rfc-editor.org/rfc/rfc5746",
            Self::Rfc6066 => "https://www.rfc-editor.org/rfc/rfc6066",
            Self::Rfc6520 => "https://www.rfc-editor.org/rfc/rfc6520",
            Self::Rfc6962 => "https://www.rfc-editor.org/rfc/rfc6962",
            Self::Rfc7301 => "https://www.rfc-editor.org/rfc/rfc7301",
            Self::Rfc7366 => "https://www.rfc-editor.org/rfc/rfc7366",
            Self::Rfc7627 => "https://www.rfc-editor.org/rfc/rfc7627",
            Self::Rfc7685 => "https://www.rfc-editor.org/rfc/rfc7685",
            Self::Rfc8422 => "https://www.rfc-editor.org/rfc/rfc8422",
            Self::Rfc8446 => "https://www.rfc-editor.org/rfc/rfc8446",
            Self::Rfc8449 => "https://www.rfc-editor.org/rfc/rfc8449",
            Self::Rfc8701 => "https://www.rfc-editor.org/rfc/rfc8701",
            Self::Rfc8879 => "https://www.rfc-editor.org/rfc/rfc8879",
            Self::Rfc9849 => "https://www.rfc-editor.org/rfc/rfc9849",
            Self::IanaWebSocket => "https://www.iana.org/assignments/websocket/",
            Self::ProxyProtocol => "https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt",
            Self::Socks4 => "https://www.openssh.com/txt/socks4.protocol",
            Self::Socks4a => "https://www.openssh.com/txt/socks4a.protocol",
            Self::Rfc1928 => "https://www.rfc-editor.org/rfc/rfc1928",
            Self::Rfc1929 => "https://www.rfc-editor.org/rfc/rfc1929",
            Self::Rfc768 => "https://www.rfc-editor.org/rfc/rfc768",
            Self::Rfc1042 => "https://www.rfc-editor.org/rfc/rfc1042",
            Self::Rfc1547 => "https://www.rfc-editor.org/rfc/rfc1547",
            Self::Rfc1661 => "https://www.rfc-editor.org/rfc/rfc1661",
            Self::Rfc1662 => "https://www.rfc-editor.org/rfc/rfc1662",
            Self::Rfc2516 => "https://www.rfc-editor.org/rfc/rfc2516",
            Self::Rfc2637 => "https://www.rfc-editor.org/rfc/rfc2637",
            Self::Rfc2784 => "https://www.rfc-editor.org/rfc/rfc2784",
            Self::Rfc2890 => "https://www.rfc-editor.org/rfc/rfc2890",
            Self::Rfc3032 => "https://www.rfc-editor.org/rfc/rfc3032",
            Self::Rfc3378 => "https://www.rfc-editor.org/rfc/rfc3378",
            Self::Rfc4302 => "https://www.rfc-editor.org/rfc/rfc4302",
            Self::Rfc4385 => "https://www.rfc-editor.org/rfc/rfc4385",
            Self::Rfc5462 => "https://www.rfc-editor.org/rfc/rfc5462",
            Self::Rfc7348 => "https://www.rfc-editor.org/rfc/rfc7348",
            Self::Rfc8926 => "https://www.rfc-editor.org/rfc/rfc8926",
            Self::VxlanGpe => "https://datatracker.ietf.org/doc/html/draft-ietf-nvo3-vxlan-gpe",
            Self::Erspan => "https://datatracker.ietf.org/doc/html/draft-foschiano-erspan",
            Self::Ts29281 => "https://www.3gpp.org/dynareport/29281.htm",
            Self::Ieee80211 => "https://standards.ieee.org/ieee/802.11/7028/",
            Self::Radiotap => "https://www.radiotap.org/",
        }
    }

    /// This document's section `number`, as in `Rfc6455.section("5.1")`. An empty number is the whole document.
    pub const fn section(self, number: &'static str) -> Section {
        Section { document: self, number }
    }
}

/// A section of a specification: the authority for a field or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Section {
    /// The document.
    pub document: Document,
    /// The section's number, as in `5.1`; empty for the whole document.
    pub number: &'static str,
}

impl Section {
    /// A link that opens the document at this section.
    pub fn link(self) -> String {
        let address = self.document.address();
        let anchored = address.contains("rfc-editor.org") || address.contains("datatracker.ietf.org");
        if self.number.is_empty() || !anchored {
            address.to_owned()
        } else {
            format!("{address}#section-{}", self.number)
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.document.name())?;
        if !self.number.is_empty() {
            write!(f, " section {}", self.number)?;
        }
        Ok(())
    }
}
