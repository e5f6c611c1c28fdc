//! GRE: any protocol inside IP; version 1 carries PPP for PPTP.

use super::link::ether_type;
use super::reader::kinds;
use super::walk::{Step, Walk};
use super::{erspan, link, ppp};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::{Rfc2637, Rfc2784, Rfc2890};

kinds! {
    GRE "gre" "GRE" Rfc2784 "2" Network;
    CHECKSUM_PRESENT "gre-c" "C" Rfc2784 "2.2";
    ROUTING_PRESENT "gre-r" "R" Rfc2637 "4.1";
    KEY_PRESENT "gre-k" "K" Rfc2890 "2";
    SEQUENCE_PRESENT "gre-s" "S" Rfc2890 "2";
    STRICT "gre-strict" "s" Rfc2637 "4.1";
    RECURSION "gre-recur" "Recur" Rfc2637 "4.1";
    ACK_PRESENT "gre-a" "A" Rfc2637 "4.1";
    FLAGS "gre-flags" "Flags" Rfc2637 "4.1";
    VERSION "gre-version" "Ver" Rfc2784 "2.3.1";
    PROTOCOL "gre-protocol" "Protocol Type" Rfc2784 "2.4" = hex;
    CHECKSUM "gre-checksum" "Checksum" Rfc2784 "2.5";
    RESERVED1 "gre-reserved1" "Reserved1" Rfc2784 "2.6";
    KEY "gre-key" "Key" Rfc2890 "2.1";
    PAYLOAD_LENGTH "gre-payload-length" "Payload Length" Rfc2637 "4.1";
    CALL "gre-call-id" "Call ID" Rfc2637 "4.1";
    SEQUENCE "gre-sequence" "Sequence Number" Rfc2890 "2.2";
    ACKNOWLEDGMENT "gre-acknowledgment" "Acknowledgment Number" Rfc2637 "4.1";
}

/// The header.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first, second, ..]) = walk.reader.peek::<4>() else { return walk.short() };
    let [checksum, routing, key, sequence] = [0x80, 0x40, 0x20, 0x10].map(|bit| first & bit != 0);
    let (version, ack) = (second & 7, second & 0x80 != 0);
    // Routing was dropped from the protocol, and its length is not known beforehand (RFC 2784 section 2.3).
    if version > 1 || routing {
        return Step::Found(Decoded::Other(Kind::Ip(47)));
    }
    let ack = version == 1 && ack;
    let length = 4 + 4 * [checksum, key, sequence, ack].into_iter().filter(|&there| there).count();
    if !walk.reader.has(length) {
        return walk.short();
    }
    let (protocol, network) = walk.reader.group(&GRE, |reader| {
        for flag in [&CHECKSUM_PRESENT, &ROUTING_PRESENT, &KEY_PRESENT, &SEQUENCE_PRESENT, &STRICT] {
            reader.flag(flag);
        }
        reader.number(&RECURSION, 3);
        reader.flag(&ACK_PRESENT);
        reader.number(&FLAGS, 4);
        reader.number(&VERSION, 3);
        let protocol = reader.named(&PROTOCOL, 16, ether_type) as u16;
        if checksum {
            reader.number(&CHECKSUM, 16);
            reader.number(&RESERVED1, 16);
        }
        let mut network = None;
        if key && version == 1 {
            reader.number(&PAYLOAD_LENGTH, 16);
            network = Some(reader.number(&CALL, 16));
        } else if key {
            network = Some(reader.number(&KEY, 32));
        }
        if sequence {
            reader.number(&SEQUENCE, 32);
        }
        if ack {
            reader.number(&ACKNOWLEDGMENT, 32);
        }
        (protocol, network)
    });
    if let Some(number) = network {
        walk.path = walk.path.through(Mark::Gre, number);
    }
    match (version, protocol) {
        // In PPTP an acknowledgment may come alone.
        (1, _) if !sequence => Step::Found(Decoded::Other(Kind::Gre)),
        (1, 0x880B) => Step::Header(ppp::link),
        // Without a sequence number it is ERSPAN's first type, which has no header of its own.
        (0, 0x88BE) => Step::Header(if sequence { erspan::type2 } else { link::ethernet }),
        // 0: a keep-alive.
        (0, 0) => Step::Found(Decoded::Other(Kind::Gre)),
        (_, protocol) => Step::Ether(protocol),
    }
}
