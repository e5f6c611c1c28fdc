//! VXLAN: Ethernet frames of many networks inside UDP; and its generic form, which carries other protocols too.

use super::reader::kinds;
use super::walk::{Step, Walk};
use super::{ip, link, udp};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::{Rfc7348, VxlanGpe};

kinds! {
    VXLAN "vxlan" "VXLAN" Rfc7348 "5" Network;
    FLAGS_BEFORE "vxlan-reserved-flags" "R" Rfc7348 "5";
    VALID "vxlan-i" "I" Rfc7348 "5";
    FLAGS_BEHIND "vxlan-reserved-flags-behind" "R" Rfc7348 "5";
    RESERVED "vxlan-reserved" "Reserved" Rfc7348 "5";
    NETWORK "vxlan-vni" "VNI" Rfc7348 "5";
    RESERVED_BEHIND "vxlan-reserved-behind" "Reserved" Rfc7348 "5";
    GPE "vxlan-gpe" "VXLAN-GPE" VxlanGpe "3" Network;
    GPE_RESERVED_FLAGS "vxlan-gpe-reserved-flags" "R" VxlanGpe "3";
    GPE_VERSION "vxlan-gpe-version" "Ver" VxlanGpe "3.1";
    GPE_VALID "vxlan-gpe-i" "I" VxlanGpe "3.1";
    GPE_NEXT_PRESENT "vxlan-gpe-p" "P" VxlanGpe "3.1";
    GPE_BROADCAST "vxlan-gpe-b" "B" VxlanGpe "3.1";
    GPE_MANAGEMENT "vxlan-gpe-o" "O" VxlanGpe "3.1";
    GPE_RESERVED "vxlan-gpe-reserved" "Reserved" VxlanGpe "3";
    GPE_NEXT "vxlan-gpe-next" "Next Protocol" VxlanGpe "3.1";
    GPE_NETWORK "vxlan-gpe-vni" "VNI" VxlanGpe "3.1";
    GPE_RESERVED_BEHIND "vxlan-gpe-reserved-behind" "Reserved" VxlanGpe "3";
}

const HEADER: usize = 8;

/// The header of VXLAN.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([flags, ..]) = walk.reader.peek::<HEADER>() else { return walk.short() };
    if flags & 0x08 == 0 {
        return udp::NO_TUNNEL; // The flag that must be set is not: something else uses this port.
    }
    let network = walk.reader.group(&VXLAN, |reader| {
        reader.number(&FLAGS_BEFORE, 4);
        reader.flag(&VALID);
        reader.number(&FLAGS_BEHIND, 3);
        reader.number(&RESERVED, 24);
        let network = reader.number(&NETWORK, 24);
        reader.number(&RESERVED_BEHIND, 8);
        network
    });
    walk.path = walk.path.through(Mark::Vxlan, network);
    Step::Header(link::ethernet)
}

/// The header of the generic form.
pub(super) fn generic(walk: &mut Walk<'_>) -> Step {
    let Some([flags, ..]) = walk.reader.peek::<HEADER>() else { return walk.short() };
    if flags & 0x30 != 0 {
        return udp::NO_TUNNEL; // The version is 0.
    }
    let (typed, next, network) = walk.reader.group(&GPE, |reader| {
        reader.number(&GPE_RESERVED_FLAGS, 2);
        reader.number(&GPE_VERSION, 2);
        reader.flag(&GPE_VALID);
        let typed = reader.flag(&GPE_NEXT_PRESENT);
        reader.flag(&GPE_BROADCAST);
        reader.flag(&GPE_MANAGEMENT);
        reader.number(&GPE_RESERVED, 16);
        let next = reader.named(&GPE_NEXT, 8, next_protocol);
        let network = reader.number(&GPE_NETWORK, 24);
        reader.number(&GPE_RESERVED_BEHIND, 8);
        (typed, next, network)
    });
    walk.path = walk.path.through(Mark::Vxlan, network);
    match next {
        1 if typed => Step::Header(ip::v4),
        2 if typed => Step::Header(ip::v6),
        3 if typed => Step::Header(link::ethernet),
        0 if !typed => Step::Header(link::ethernet),
        _ => Step::Found(Decoded::Other(Kind::Vxlan)),
    }
}

fn next_protocol(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "IPv4",
        2 => "IPv6",
        3 => "Ethernet",
        4 => "NSH",
        _ => return None,
    })
}
