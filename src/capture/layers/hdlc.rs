//! Cisco's HDLC: an `EtherType` behind an address and a zero, on serial lines.

use super::link::ether_type;
use super::ppp;
use super::reader::kinds;
use super::walk::{Step, Walk};
use crate::model::spec::Document::Rfc1547;

kinds! {
    HDLC "chdlc" "Cisco HDLC" Rfc1547 "4.3.1" Link;
    ADDRESS "chdlc-address" "Address" Rfc1547 "4.3.1";
    CONTROL "chdlc-control" "Control" Rfc1547 "4.3.1";
    PROTOCOL "chdlc-protocol" "Protocol" Rfc1547 "4.3.1" = hex;
}

/// The header.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(4) {
        return walk.short();
    }
    Step::Ether(walk.reader.group(&HDLC, |reader| {
        reader.named(&ADDRESS, 8, |number| match number {
            0x0F => Some("unicast"),
            0x8F => Some("value-packet-broadcast"),
            _ => None,
        });
        reader.number(&CONTROL, 8);
        reader.named(&PROTOCOL, 16, ether_type)
    }) as u16)
}

/// Link type 205: a byte for the direction, and then the header.
pub(super) fn directed(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(1) {
        return walk.short();
    }
    ppp::direction(walk);
    Step::Header(read)
}
