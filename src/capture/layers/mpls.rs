//! MPLS: labels before a packet, by which routers pass it on without looking into it.

use super::reader::kinds;
use super::walk::{Step, Walk};
use super::{ip, link};
use crate::capture::kind::Kind;
use crate::capture::link_type::be16;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::{Rfc3032, Rfc4385, Rfc5462};

kinds! {
    MPLS "mpls" "MPLS label" Rfc3032 "2.1" Link;
    LABEL "mpls-label" "Label" Rfc3032 "2.1";
    CLASS "mpls-tc" "TC" Rfc5462 "2";
    BOTTOM "mpls-bottom" "S" Rfc3032 "2.1";
    TTL "mpls-ttl" "TTL" Rfc3032 "2.4";
    CONTROL "mpls-control-word" "Control word" Rfc4385 "3" Link;
    CONTROL_ZERO "mpls-control-zero" "0000" Rfc4385 "3";
    CONTROL_FLAGS "mpls-control-flags" "Flags" Rfc4385 "3";
    CONTROL_FRAGMENT "mpls-control-frg" "FRG" Rfc4385 "3";
    CONTROL_LENGTH "mpls-control-length" "Length" Rfc4385 "3";
    CONTROL_SEQUENCE "mpls-control-sequence" "Sequence Number" Rfc4385 "3";
}

/// One label; the last of a stack says that it is.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(4) {
        return walk.short();
    }
    let (label, bottom) = walk.reader.group(&MPLS, |reader| {
        let label = reader.named(&LABEL, 20, name);
        reader.number(&CLASS, 3);
        let bottom = reader.flag(&BOTTOM);
        reader.number(&TTL, 8);
        (label, bottom)
    });
    // The reserved labels, 0 to 15, are the same in every network.
    if label > 15 {
        walk.path = walk.path.through(Mark::Mpls, label);
    }
    if bottom { behind(walk) } else { Step::Header(read) }
}

/// Nothing says what stands behind the last label: the routers at the ends know it. The first four bits tell IP from
/// a control word (RFC 4385 section 3); a frame without one is told by its `EtherType`.
fn behind(walk: &mut Walk<'_>) -> Step {
    let Some([first]) = walk.reader.peek() else { return walk.short() };
    let looks_like_ethernet = |skipped: usize| {
        matches!(
            be16(walk.reader.ahead(), skipped + 12),
            Some(0x0800 | 0x0806 | 0x86DD | 0x8100 | 0x88A8 | 0x8847)
        )
    };
    match first >> 4 {
        4 | 6 if !looks_like_ethernet(0) => Step::Header(ip::either),
        0 if looks_like_ethernet(4) => control(walk),
        _ if looks_like_ethernet(0) => Step::Header(link::ethernet),
        _ => Step::Found(Decoded::Other(Kind::Mpls)),
    }
}

fn control(walk: &mut Walk<'_>) -> Step {
    walk.reader.group(&CONTROL, |reader| {
        reader.number(&CONTROL_ZERO, 4);
        reader.number(&CONTROL_FLAGS, 4);
        reader.number(&CONTROL_FRAGMENT, 2);
        reader.number(&CONTROL_LENGTH, 6);
        reader.number(&CONTROL_SEQUENCE, 16);
    });
    Step::Header(link::ethernet)
}

/// The labels that mean the same everywhere (RFC 3032 section 2.1, RFC 6790 section 4.1).
fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "IPv4 explicit null",
        1 => "router alert",
        2 => "IPv6 explicit null",
        3 => "implicit null",
        7 => "entropy label indicator",
        _ => return None,
    })
}
