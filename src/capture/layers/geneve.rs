//! Geneve: what VXLAN does, with options.

use super::link::ether_type;
use super::reader::{Reader, kinds};
use super::udp;
use super::walk::{Step, Walk};
use crate::capture::path::Mark;
use crate::model::spec::Document::Rfc8926;

kinds! {
    GENEVE "geneve" "Geneve" Rfc8926 "3.4" Network;
    VERSION "geneve-version" "Ver" Rfc8926 "3.4";
    LENGTH "geneve-opt-len" "Opt Len" Rfc8926 "3.4";
    CONTROL "geneve-o" "O" Rfc8926 "3.4";
    CRITICAL "geneve-c" "C" Rfc8926 "3.4";
    RESERVED "geneve-reserved" "Rsvd." Rfc8926 "3.4";
    PROTOCOL "geneve-protocol" "Protocol Type" Rfc8926 "3.4" = hex;
    NETWORK "geneve-vni" "VNI" Rfc8926 "3.4";
    RESERVED_BEHIND "geneve-reserved-behind" "Reserved" Rfc8926 "3.4";
    OPTION "geneve-option" "Option" Rfc8926 "3.5";
    OPTION_CLASS "geneve-option-class" "Option Class" Rfc8926 "3.5";
    OPTION_TYPE "geneve-option-type" "Type" Rfc8926 "3.5";
    OPTION_RESERVED "geneve-option-reserved" "R" Rfc8926 "3.5";
    OPTION_LENGTH "geneve-option-length" "Length" Rfc8926 "3.5";
    OPTION_DATA "geneve-option-data" "Variable-Length Option Data" Rfc8926 "3.5";
}

const HEADER: usize = 8;

/// The header with its options.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some([first, ..]) = walk.reader.peek::<HEADER>() else { return walk.short() };
    if first >> 6 != 0 {
        return udp::NO_TUNNEL; // The version is 0.
    }
    let end = walk.reader.at() + HEADER + usize::from(first & 0x3F) * 4;
    if walk.reader.limit() < end {
        return walk.short();
    }
    let (protocol, network) = walk.reader.group(&GENEVE, |reader| {
        reader.number(&VERSION, 2);
        reader.number(&LENGTH, 6);
        reader.flag(&CONTROL);
        reader.flag(&CRITICAL);
        reader.number(&RESERVED, 6);
        let protocol = reader.named(&PROTOCOL, 16, ether_type);
        let network = reader.number(&NETWORK, 24);
        reader.number(&RESERVED_BEHIND, 8);
        while reader.at() < end {
            reader.group(&OPTION, |reader| option(reader, end));
        }
        (protocol, network)
    });
    walk.path = walk.path.through(Mark::Geneve, network);
    Step::Ether(protocol as u16)
}

/// One option of a header that ends at `end`: there are at least 4 bytes, since options come in units of 4.
fn option(reader: &mut Reader<'_>, end: usize) {
    reader.number(&OPTION_CLASS, 16);
    reader.number(&OPTION_TYPE, 8);
    reader.number(&OPTION_RESERVED, 3);
    let length = reader.number(&OPTION_LENGTH, 5) as usize * 4;
    let left = end - reader.at();
    reader.opaque(&OPTION_DATA, length.min(left));
}
