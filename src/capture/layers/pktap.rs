//! PKTAP: packets as macOS records them, with the interface and the program that they belong to.

use super::reader::kinds;
use super::walk::{Step, WRONG, Walk};
use crate::capture::link_type::LinkType;
use crate::model::spec::Document::LinkTypes;

kinds! {
    PKTAP "pktap" "PKTAP" LinkTypes "" Link;
    LENGTH "pktap-length" "header length" LinkTypes "";
    RECORD "pktap-record" "record type" LinkTypes "";
    LINK "pktap-dlt" "DLT" LinkTypes "";
    INTERFACE "pktap-interface" "interface name" LinkTypes "";
    FLAGS "pktap-flags" "flags" LinkTypes "";
    FAMILY "pktap-family" "protocol family" LinkTypes "";
    LINK_HEADER "pktap-link-header" "link-layer header length" LinkTypes "";
    LINK_TRAILER "pktap-link-trailer" "link-layer trailer length" LinkTypes "";
    PROCESS "pktap-process" "process ID" LinkTypes "";
    COMMAND "pktap-command" "command name" LinkTypes "";
    SERVICE "pktap-service" "service class" LinkTypes "";
    INTERFACE_TYPE "pktap-interface-type" "interface type" LinkTypes "";
    INTERFACE_UNIT "pktap-interface-unit" "interface unit" LinkTypes "";
    EFFECTIVE "pktap-effective-process" "effective process ID" LinkTypes "";
    EFFECTIVE_COMMAND "pktap-effective-command" "effective command name" LinkTypes "";
    OTHER "pktap-other" "other fields" LinkTypes "";
}

const HEADER: usize = 108;

/// The header; its numbers have their lowest byte first.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    let Some(bytes) = walk.reader.peek::<12>() else { return walk.short() };
    let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    if length < HEADER {
        return WRONG;
    }
    if !walk.reader.has(length) {
        return walk.short();
    }
    let link = walk.reader.group(&PKTAP, |reader| {
        reader.little(&LENGTH, 4);
        reader.little(&RECORD, 4);
        let link = reader.little_named(&LINK, 4, |link| LinkType(u16::try_from(link).ok()?).name());
        reader.text(&INTERFACE, 24, text);
        for kind in [&FLAGS, &FAMILY, &LINK_HEADER, &LINK_TRAILER, &PROCESS] {
            reader.little(kind, 4);
        }
        reader.text(&COMMAND, 20, text);
        reader.little(&SERVICE, 4);
        reader.little(&INTERFACE_TYPE, 2);
        reader.little(&INTERFACE_UNIT, 2);
        reader.little(&EFFECTIVE, 4);
        reader.text(&EFFECTIVE_COMMAND, 20, text);
        reader.opaque(&OTHER, length - HEADER);
        link
    });
    match u16::try_from(link) {
        Ok(link) => Step::Link(LinkType(link)),
        Err(_) => WRONG,
    }
}

/// A name that NUL bytes fill.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
