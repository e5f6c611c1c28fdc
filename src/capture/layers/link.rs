//! Link layers: Ethernet with VLAN tags, Linux cooked captures, BSD loopback.

use super::llc;
use super::reader::{address, kinds};
use super::walk::{Step, WRONG, Walk};
use crate::capture::link_type::{
    ETHERNET_HEADER, LOOPBACK_HEADER, SLL_HEADER, SLL2_HEADER, family_is_ipv6, loopback_family,
};
use crate::capture::path::Mark;
use crate::model::field::Value;
use crate::model::spec::Document::{Ieee802, LinkTypes};

kinds! {
    ETHERNET "eth" "Ethernet" Ieee802 "3.1.1" Link;
    ETH_DESTINATION "eth-destination" "Destination Address" Ieee802 "3.2.4";
    ETH_SOURCE "eth-source" "Source Address" Ieee802 "3.2.5";
    ETH_TYPE "eth-type" "EtherType" Ieee802 "3.2.6" = hex;
    VLAN "vlan" "VLAN tag" Ieee802 "9.6";
    VLAN_PRIORITY "vlan-priority" "PCP" Ieee802 "9.6";
    VLAN_DROP "vlan-drop" "DEI" Ieee802 "9.6";
    VLAN_ID "vlan-id" "VID" Ieee802 "9.6";
    VLAN_TYPE "vlan-type" "EtherType" Ieee802 "9.6" = hex;
    SLL "sll" "Linux cooked header" LinkTypes "";
    SLL_PACKET_TYPE "sll-packet-type" "packet type" LinkTypes "";
    SLL_ADDRESS_TYPE "sll-address-type" "ARPHRD type" LinkTypes "";
    SLL_ADDRESS_LENGTH "sll-address-length" "link-layer address length" LinkTypes "";
    SLL_ADDRESS "sll-address" "link-layer address" LinkTypes "";
    SLL_PROTOCOL "sll-protocol" "protocol type" LinkTypes "" = hex;
    SLL2 "sll2" "Linux cooked header, version 2" LinkTypes "";
    SLL2_PROTOCOL "sll2-protocol" "protocol type" LinkTypes "" = hex;
    SLL2_RESERVED "sll2-reserved" "reserved" LinkTypes "";
    SLL2_INTERFACE "sll2-interface" "interface index" LinkTypes "";
    SLL2_ADDRESS_TYPE "sll2-address-type" "ARPHRD type" LinkTypes "";
    SLL2_PACKET_TYPE "sll2-packet-type" "packet type" LinkTypes "";
    SLL2_ADDRESS_LENGTH "sll2-address-length" "link-layer address length" LinkTypes "";
    SLL2_ADDRESS "sll2-address" "link-layer address" LinkTypes "";
    LOOPBACK "loopback" "Loopback header" LinkTypes "";
    LOOPBACK_FAMILY "loopback-family" "protocol family" LinkTypes "";
}

/// An Ethernet frame.
pub(super) fn ethernet(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(ETHERNET_HEADER) {
        return walk.short();
    }
    let kind = walk.reader.group(&ETHERNET, |reader| {
        reader.text(&ETH_DESTINATION, 6, address);
        reader.text(&ETH_SOURCE, 6, address);
        reader.named(&ETH_TYPE, 16, ether_type)
    });
    counted_or_typed(walk, kind)
}

/// A VLAN tag behind the `EtherType` that announces it.
pub(super) fn vlan(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(4) {
        return walk.short();
    }
    let (id, kind) = walk.reader.group(&VLAN, |reader| {
        reader.number(&VLAN_PRIORITY, 3);
        reader.flag(&VLAN_DROP);
        let id = reader.number(&VLAN_ID, 12);
        (id, reader.named(&VLAN_TYPE, 16, ether_type))
    });
    // VLAN 0 is none: the tag is there for its priority alone (802.1Q section 9.6).
    if id != 0 {
        walk.path = walk.path.through(Mark::Vlan, id);
    }
    counted_or_typed(walk, kind)
}

/// Up to 1500 it is no `EtherType` but a length, and LLC says what follows (802.3 section 3.2.6).
fn counted_or_typed(walk: &mut Walk<'_>, kind: u64) -> Step {
    if kind > 1500 {
        return Step::Ether(kind as u16);
    }
    let end = walk.reader.at() + kind as usize;
    walk.ends_at(end);
    Step::Header(llc::read)
}

/// In a cooked header 4 stands for LLC; the other small numbers are protocols of Linux's own.
fn cooked_type(kind: u64) -> Step {
    if kind == 4 { Step::Header(llc::read) } else { Step::Ether(kind as u16) }
}

/// Linux's header for recordings of any interface.
pub(super) fn cooked(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(SLL_HEADER) {
        return walk.short();
    }
    cooked_type(walk.reader.group(&SLL, |reader| {
        reader.named(&SLL_PACKET_TYPE, 16, packet_type);
        reader.named(&SLL_ADDRESS_TYPE, 16, hardware);
        reader.number(&SLL_ADDRESS_LENGTH, 16);
        reader.text(&SLL_ADDRESS, 8, address);
        reader.named(&SLL_PROTOCOL, 16, ether_type)
    }))
}

/// The second version of it.
pub(super) fn cooked2(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(SLL2_HEADER) {
        return walk.short();
    }
    cooked_type(walk.reader.group(&SLL2, |reader| {
        let kind = reader.named(&SLL2_PROTOCOL, 16, ether_type);
        reader.number(&SLL2_RESERVED, 16);
        reader.number(&SLL2_INTERFACE, 32);
        reader.named(&SLL2_ADDRESS_TYPE, 16, hardware);
        reader.named(&SLL2_PACKET_TYPE, 8, packet_type);
        reader.number(&SLL2_ADDRESS_LENGTH, 8);
        reader.text(&SLL2_ADDRESS, 8, address);
        kind
    }))
}

/// The header of BSD's loopback interface.
pub(super) fn loopback(walk: &mut Walk<'_>) -> Step {
    let Some(header) = walk.reader.peek::<LOOPBACK_HEADER>() else { return walk.short() };
    let number = loopback_family(header);
    walk.reader.group(&LOOPBACK, |reader| {
        reader.valued(&LOOPBACK_FAMILY, 32, |_| family(number));
    });
    match number {
        2 => Step::Ether(0x0800),
        other if family_is_ipv6(other) => Step::Ether(0x86DD),
        _ => WRONG,
    }
}

fn family(family: u32) -> Value {
    match family {
        2 => Value::Named(2, "IPv4"),
        other if family_is_ipv6(other) => Value::Named(u64::from(other), "IPv6"),
        other => Value::Number(u64::from(other)),
    }
}

/// The name of an `EtherType`.
pub(super) fn ether_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x22EB => "ERSPAN type III",
        0x6558 => "Ethernet",
        0x86DD => "IPv6",
        0x8100 => "802.1Q VLAN tag",
        0x880B => "PPP",
        0x88A8 => "802.1ad service tag",
        0x88BE => "ERSPAN",
        0x8847 | 0x8848 => "MPLS",
        0x8863 | 0x8864 => "PPPoE",
        0x88CC => "LLDP",
        0x88E5 => "MACsec",
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
