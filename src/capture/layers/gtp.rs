//! GTP-U: the IP packets of mobile phones, between the masts and the core of a telephone network.

use super::reader::kinds;
use super::walk::{Step, Walk};
use super::{ip, link, udp};
use crate::capture::kind::Kind;
use crate::capture::link_type::be16;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::Ts29281;

kinds! {
    GTP "gtp" "GTP-U" Ts29281 "5.1" Network;
    VERSION "gtp-version" "Version" Ts29281 "5.1";
    PROTOCOL_TYPE "gtp-pt" "PT" Ts29281 "5.1";
    SPARE "gtp-spare" "spare" Ts29281 "5.1";
    EXTENSION_FLAG "gtp-e" "E" Ts29281 "5.1";
    SEQUENCE_FLAG "gtp-s" "S" Ts29281 "5.1";
    NUMBER_FLAG "gtp-pn" "PN" Ts29281 "5.1";
    MESSAGE "gtp-message-type" "Message Type" Ts29281 "5.1";
    LENGTH "gtp-length" "Length" Ts29281 "5.1";
    ENDPOINT "gtp-teid" "TEID" Ts29281 "5.1";
    SEQUENCE "gtp-sequence" "Sequence Number" Ts29281 "5.1";
    NUMBER "gtp-n-pdu" "N-PDU Number" Ts29281 "5.1";
    NEXT "gtp-next" "Next Extension Header Type" Ts29281 "5.2.1";
    EXTENSION "gtp-extension" "Extension Header" Ts29281 "5.2.1" Network;
    EXTENSION_LENGTH "gtp-extension-length" "Length" Ts29281 "5.2.1";
    EXTENSION_DATA "gtp-extension-content" "Extension Header Content" Ts29281 "5.2.1";
    EXTENSION_NEXT "gtp-extension-next" "Next Extension Header Type" Ts29281 "5.2.1";
}

const HEADER: usize = 8;

/// The message that carries a packet of the user: G-PDU.
const USER_PACKET: u64 = 255;

/// The header with its extensions.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first, _, high, low, ..]) = walk.reader.peek::<HEADER>() else { return walk.short() };
    // Version 1, and GTP rather than the protocol for charging that shares the header.
    if first & 0xF0 != 0x30 {
        return udp::NO_TUNNEL;
    }
    let options = first & 0x07 != 0;
    if options && !walk.reader.has(HEADER + 4) {
        return walk.short();
    }
    let end = walk.reader.at() + HEADER + usize::from(u16::from_be_bytes([high, low]));
    let (message, endpoint, mut next) = walk.reader.group(&GTP, |reader| {
        reader.number(&VERSION, 3);
        reader.number(&PROTOCOL_TYPE, 1);
        reader.number(&SPARE, 1);
        let extended = reader.flag(&EXTENSION_FLAG);
        reader.flag(&SEQUENCE_FLAG);
        reader.flag(&NUMBER_FLAG);
        let message = reader.named(&MESSAGE, 8, message);
        reader.number(&LENGTH, 16);
        let endpoint = reader.number(&ENDPOINT, 32);
        let mut next = 0;
        if options {
            reader.number(&SEQUENCE, 16);
            reader.number(&NUMBER, 8);
            next = reader.named(&NEXT, 8, extension);
        }
        (message, endpoint, if extended { next } else { 0 })
    });
    walk.ends_at(end);
    while next != 0 {
        let Some([units]) = walk.reader.peek() else { return walk.short() };
        let length = usize::from(units) * 4;
        if length == 0 || !walk.reader.has(length) {
            return walk.short();
        }
        next = walk.reader.group(&EXTENSION, |reader| {
            reader.number(&EXTENSION_LENGTH, 8);
            reader.opaque(&EXTENSION_DATA, length - 2);
            reader.named(&EXTENSION_NEXT, 8, extension)
        });
    }
    if message != USER_PACKET {
        return Step::Found(Decoded::Other(Kind::Gtp));
    }
    // The receiver gave the number, and it means nothing elsewhere: the other direction has another.
    if let Some(outer) = walk.ip.take() {
        walk.path = walk.path.through_wide(Mark::Gtp, outer.target);
    }
    walk.path = walk.path.through(Mark::Gtp, endpoint);
    match walk.reader.peek().map(|[first]: [u8; 1]| first >> 4) {
        Some(4 | 6) => Step::Header(ip::either),
        // A session may carry Ethernet frames; nothing in the header says so.
        Some(_) if matches!(be16(walk.reader.ahead(), 12), Some(0x0800 | 0x86DD | 0x8100)) => {
            Step::Header(link::ethernet)
        }
        _ => Step::Found(Decoded::Other(Kind::Gtp)),
    }
}

fn message(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Echo Request",
        2 => "Echo Response",
        26 => "Error Indication",
        31 => "Supported Extension Headers Notification",
        254 => "End Marker",
        255 => "G-PDU",
        _ => return None,
    })
}

fn extension(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "value-ip-nothing",
        0x20 => "Service Class Indicator",
        0x40 => "UDP Port",
        0x81 => "RAN Container",
        0x82 => "Long PDCP PDU Number",
        0x84 => "NR RAN Container",
        0x85 => "PDU Session Container",
        0xC0 => "PDCP PDU Number",
        _ => return None,
    })
}
