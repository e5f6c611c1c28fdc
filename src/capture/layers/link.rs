//! Link layers: Ethernet with VLAN tags, Linux cooked captures, BSD loopback, and none.

use super::reader::{Reader, kinds};
use crate::capture::link_type::{
    ETHERNET_HEADER, LOOPBACK_HEADER, LinkType, Network, SLL_HEADER, SLL2_HEADER, family_is_ipv6, is_vlan,
    loopback_family, network,
};
use crate::model::field::Value;
use crate::model::spec::Document::{Ieee802, LinkTypes};

kinds! {
    ETHERNET "eth" "Ethernet" Ieee802 "3.1.1" Link;
    ETH_DESTINATION "eth-destination" "Destination Address" Ieee802 "3.2.4";
    ETH_SOURCE "eth-source" "Source Address" Ieee802 "3.2.5";
    ETH_TYPE "eth-type" "EtherType" Ieee802 "3.2.6";
    VLAN "vlan" "VLAN tag" Ieee802 "9.6";
    VLAN_PRIORITY "vlan-priority" "PCP" Ieee802 "9.6";
    VLAN_DROP "vlan-drop" "DEI" Ieee802 "9.6";
    VLAN_ID "vlan-id" "VID" Ieee802 "9.6";
    VLAN_TYPE "vlan-type" "EtherType" Ieee802 "9.6";
    SLL "sll" "Linux cooked header" LinkTypes "";
    SLL_PACKET_TYPE "sll-packet-type" "packet type" LinkTypes "";
    SLL_ADDRESS_TYPE "sll-address-type" "ARPHRD type" LinkTypes "";
    SLL_ADDRESS_LENGTH "sll-address-length" "link-layer address length" LinkTypes "";
    SLL_ADDRESS "sll-address" "link-layer address" LinkTypes "";
    SLL_PROTOCOL "sll-protocol" "protocol type" LinkTypes "";
    SLL2 "sll2" "Linux cooked header, version 2" LinkTypes "";
    SLL2_PROTOCOL "sll2-protocol" "protocol type" LinkTypes "";
    SLL2_RESERVED "sll2-reserved" "reserved" LinkTypes "";
    SLL2_INTERFACE "sll2-interface" "interface index" LinkTypes "";
    SLL2_ADDRESS_TYPE "sll2-address-type" "ARPHRD type" LinkTypes "";
    SLL2_PACKET_TYPE "sll2-packet-type" "packet type" LinkTypes "";
    SLL2_ADDRESS_LENGTH "sll2-address-length" "link-layer address length" LinkTypes "";
    SLL2_ADDRESS "sll2-address" "link-layer address" LinkTypes "";
    LOOPBACK "loopback" "Loopback header" LinkTypes "";
    LOOPBACK_FAMILY "loopback-family" "protocol family" LinkTypes "";
}

/// Reads the link layer. None if what stands behind it is not an IP packet, or the header is not whole.
pub(super) fn read(reader: &mut Reader<'_>, link: LinkType) -> Option<()> {
    let found = network(link, reader.ahead());
    match link {
        LinkType::ETHERNET if reader.len() >= ETHERNET_HEADER => {
            let kind = reader.group(&ETHERNET, |reader| {
                reader.text(&ETH_DESTINATION, 6, address);
                reader.text(&ETH_SOURCE, 6, address);
                reader.named(&ETH_TYPE, 16, ether_type)
            });
            tags(reader, kind);
        }
        LinkType::LINUX_SLL if reader.len() >= SLL_HEADER => {
            let kind = reader.group(&SLL, |reader| {
                reader.named(&SLL_PACKET_TYPE, 16, packet_type);
                reader.named(&SLL_ADDRESS_TYPE, 16, hardware);
                reader.number(&SLL_ADDRESS_LENGTH, 16);
                reader.text(&SLL_ADDRESS, 8, address);
                reader.named(&SLL_PROTOCOL, 16, ether_type)
            });
            tags(reader, kind);
        }
        LinkType::LINUX_SLL2 if reader.len() >= SLL2_HEADER => {
            let kind = reader.group(&SLL2, |reader| {
                let kind = reader.named(&SLL2_PROTOCOL, 16, ether_type);
                reader.number(&SLL2_RESERVED, 16);
                reader.number(&SLL2_INTERFACE, 32);
                reader.named(&SLL2_ADDRESS_TYPE, 16, hardware);
                reader.named(&SLL2_PACKET_TYPE, 8, packet_type);
                reader.number(&SLL2_ADDRESS_LENGTH, 8);
                reader.text(&SLL2_ADDRESS, 8, address);
                kind
            });
            tags(reader, kind);
        }
        LinkType::NULL | LinkType::LOOP if reader.len() >= LOOPBACK_HEADER => {
            let header = reader.ahead().first_chunk::<4>().copied().unwrap_or_default();
            reader.group(&LOOPBACK, |reader| {
                reader.valued(&LOOPBACK_FAMILY, 32, |_| family(loopback_family(header)));
            });
        }
        _ => {}
    }
    matches!(found, Network::V4(at) | Network::V6(at) if at == reader.at()).then_some(())
}

/// VLAN tags, while the `EtherType` says that one follows.
fn tags(reader: &mut Reader<'_>, mut kind: u64) {
    while is_vlan(kind as u16) && reader.ahead().len() >= 4 {
        kind = reader.group(&VLAN, |reader| {
            reader.number(&VLAN_PRIORITY, 3);
            reader.flag(&VLAN_DROP);
            reader.number(&VLAN_ID, 12);
            reader.named(&VLAN_TYPE, 16, ether_type)
        });
    }
}

fn family(family: u32) -> Value {
    match family {
        2 => Value::Named(2, "IPv4"),
        other if family_is_ipv6(other) => Value::Named(u64::from(other), "IPv6"),
        other => Value::Number(u64::from(other)),
    }
}

/// `00:1b:21:3c:9d:f8`.
fn address(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.join(":")
}

fn ether_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x86DD => "IPv6",
        0x8100 => "802.1Q VLAN tag",
        0x88A8 => "802.1ad service tag",
        0x8847 | 0x8848 => "MPLS",
        0x8863 | 0x8864 => "PPPoE",
        0x88CC => "LLDP",
        0..0x0600 => "value-ether-length",
        _ => return None,
    })
}

fn packet_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "value-packet-here",
        1 => "value-packet-broadcast",
        2 => "value-packet-multicast",
        3 => "value-packet-elsewhere",
        4 => "value-packet-sent",
        _ => return None,
    })
}

fn hardware(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Ethernet",
        512 => "PPP",
        772 => "loopback",
        801..=803 => "802.11",
        65534 => "value-hardware-none",
        _ => return None,
    })
}
