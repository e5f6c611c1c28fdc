//! ERSPAN: frames that a switch copied, on their way to whoever records them.

use super::reader::kinds;
use super::walk::{Step, WRONG, Walk};
use super::{ip, link};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::Erspan;

kinds! {
    ERSPAN "erspan" "ERSPAN" Erspan "" Link;
    VERSION "erspan-version" "Ver" Erspan "";
    VLAN "erspan-vlan" "VLAN" Erspan "";
    CLASS "erspan-cos" "COS" Erspan "";
    TRUNK "erspan-en" "En" Erspan "";
    BAD "erspan-bso" "BSO" Erspan "";
    TRUNCATED "erspan-t" "T" Erspan "";
    SESSION "erspan-session" "Session ID" Erspan "";
    RESERVED "erspan-reserved" "Reserved" Erspan "";
    INDEX "erspan-index" "Index" Erspan "";
    TIMESTAMP "erspan-timestamp" "Timestamp" Erspan "";
    GROUP "erspan-sgt" "SGT" Erspan "";
    IS_FRAME "erspan-p" "P" Erspan "";
    FRAME_TYPE "erspan-ft" "FT" Erspan "";
    HARDWARE "erspan-hw" "Hw ID" Erspan "";
    DIRECTION "erspan-d" "D" Erspan "";
    GRANULARITY "erspan-gra" "Gra" Erspan "";
    OPTIONAL "erspan-o" "O" Erspan "";
    SUBHEADER "erspan-subheader" "Platform Specific SubHeader" Erspan "";
}

/// The header of type II, 8 bytes; the version in it is 1.
pub(super) fn type2(walk: &mut Walk<'_>) -> Step {
    let Some([first, ..]) = walk.reader.peek::<8>() else { return walk.short() };
    match first >> 4 {
        1 => {}
        2 => return Step::Header(type3),
        _ => return WRONG,
    }
    let (session, truncated) = walk.reader.group(&ERSPAN, |reader| {
        reader.number(&VERSION, 4);
        reader.number(&VLAN, 12);
        reader.number(&CLASS, 3);
        reader.number(&TRUNK, 2);
        let truncated = reader.flag(&TRUNCATED);
        let session = reader.number(&SESSION, 10);
        reader.number(&RESERVED, 12);
        reader.number(&INDEX, 20);
        (session, truncated)
    });
    mirrored(walk, session, truncated);
    Step::Header(link::ethernet)
}

/// The header of type III, 12 bytes, and 8 more if it says so; the version in it is 2.
pub(super) fn type3(walk: &mut Walk<'_>) -> Step {
    let Some(bytes) = walk.reader.peek::<12>() else { return walk.short() };
    if bytes[0] >> 4 != 2 {
        return WRONG;
    }
    let optional = bytes[11] & 1 == 1;
    if optional && !walk.reader.has(20) {
        return walk.short();
    }
    let (session, truncated, frame_type) = walk.reader.group(&ERSPAN, |reader| {
        reader.number(&VERSION, 4);
        reader.number(&VLAN, 12);
        reader.number(&CLASS, 3);
        reader.number(&BAD, 2);
        let truncated = reader.flag(&TRUNCATED);
        let session = reader.number(&SESSION, 10);
        reader.number(&TIMESTAMP, 32);
        reader.number(&GROUP, 16);
        reader.flag(&IS_FRAME);
        let frame_type = reader.named(&FRAME_TYPE, 5, |kind| match kind {
            0 => Some("Ethernet"),
            2 => Some("IP"),
            _ => None,
        });
        reader.number(&HARDWARE, 6);
        reader.flag(&DIRECTION);
        reader.number(&GRANULARITY, 2);
        reader.flag(&OPTIONAL);
        if optional {
            reader.opaque(&SUBHEADER, 8);
        }
        (session, truncated, frame_type)
    });
    mirrored(walk, session, truncated);
    match frame_type {
        0 => Step::Header(link::ethernet),
        2 => Step::Header(ip::either),
        _ => Step::Found(Decoded::Other(Kind::Erspan)),
    }
}

/// The switch says that it cut the frame: what is missing is no fault of the frame.
fn mirrored(walk: &mut Walk<'_>, session: u64, truncated: bool) {
    walk.path = walk.path.through(Mark::Erspan, session);
    walk.truncated |= truncated;
}
