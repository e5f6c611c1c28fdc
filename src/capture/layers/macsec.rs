//! `MACsec`: a frame whose bytes are protected, and mostly encrypted, between two machines on a cable.

use super::link::ether_type;
use super::reader::kinds;
use super::walk::{Step, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::model::spec::Document::Ieee802;

kinds! {
    MACSEC "macsec" "MACsec security tag" Ieee802 "" Link;
    VERSION "macsec-version" "V" Ieee802 "";
    END_STATION "macsec-es" "ES" Ieee802 "";
    HAS_CHANNEL "macsec-sc" "SC" Ieee802 "";
    BROADCAST "macsec-scb" "SCB" Ieee802 "";
    ENCRYPTED "macsec-e" "E" Ieee802 "";
    CHANGED "macsec-c" "C" Ieee802 "";
    ASSOCIATION "macsec-an" "AN" Ieee802 "";
    RESERVED "macsec-reserved" "reserved" Ieee802 "";
    SHORT_LENGTH "macsec-short-length" "SL" Ieee802 "";
    NUMBER "macsec-packet-number" "PN" Ieee802 "";
    CHANNEL "macsec-sci" "SCI" Ieee802 "";
    TYPE "macsec-type" "EtherType" Ieee802 "" = hex;
}

/// The check value at the frame's end.
const CHECK: usize = 16;

/// The security tag behind its `EtherType`.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first]) = walk.reader.peek() else { return walk.short() };
    let (has_channel, readable) = (first & 0x20 != 0, first & 0x0C == 0);
    let length = if has_channel { 14 } else { 6 };
    if !walk.reader.has(if readable { length + 2 } else { length }) {
        return walk.short();
    }
    let kind = walk.reader.group(&MACSEC, |reader| {
        for flag in [&VERSION, &END_STATION, &HAS_CHANNEL, &BROADCAST, &ENCRYPTED, &CHANGED] {
            reader.flag(flag);
        }
        reader.number(&ASSOCIATION, 2);
        reader.number(&RESERVED, 2);
        reader.number(&SHORT_LENGTH, 6);
        reader.number(&NUMBER, 32);
        if has_channel {
            reader.number(&CHANNEL, 64);
        }
        if readable { reader.named(&TYPE, 16, ether_type) } else { 0 }
    });
    if !readable {
        return Step::Found(Decoded::Other(Kind::MacsecEncrypted));
    }
    let end = walk.reader.limit().saturating_sub(CHECK);
    walk.reader.narrow(end);
    Step::Ether(kind as u16)
}
