//! `EtherIP`: an Ethernet frame inside IP.

use super::link;
use super::reader::kinds;
use super::walk::{Step, WRONG, Walk};
use crate::model::spec::Document::Rfc3378;

kinds! {
    ETHERIP "etherip" "EtherIP" Rfc3378 "3" Network;
    VERSION "etherip-version" "VERSION" Rfc3378 "3";
    RESERVED "etherip-reserved" "RESERVED" Rfc3378 "3";
}

/// The header; its version is 3.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(2) {
        return walk.short();
    }
    let version = walk.reader.group(&ETHERIP, |reader| {
        let version = reader.number(&VERSION, 4);
        reader.number(&RESERVED, 12);
        version
    });
    if version == 3 { Step::Header(link::ethernet) } else { WRONG }
}
