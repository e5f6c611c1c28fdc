//! `PPPoE`: PPP in Ethernet frames, as telephone companies bring it to the house.

use super::ppp;
use super::reader::kinds;
use super::walk::{Step, WRONG, Walk};
use crate::capture::kind::Kind;
use crate::capture::packet::Decoded;
use crate::capture::path::Mark;
use crate::model::spec::Document::Rfc2516;

kinds! {
    PPPOE "pppoe" "PPPoE" Rfc2516 "4" Link;
    VERSION "pppoe-version" "VER" Rfc2516 "4";
    TYPE "pppoe-type" "TYPE" Rfc2516 "4";
    CODE "pppoe-code" "CODE" Rfc2516 "4";
    SESSION "pppoe-session" "SESSION_ID" Rfc2516 "4";
    LENGTH "pppoe-length" "LENGTH" Rfc2516 "4";
}

const HEADER: usize = 6;

/// The header of a session's frame.
pub(super) fn read(walk: &mut Walk<'_>) -> Step {
    if !walk.reader.has(HEADER) {
        return walk.short();
    }
    let (versions, code, session, length) = walk.reader.group(&PPPOE, |reader| {
        let versions = reader.number(&VERSION, 4) << 4 | reader.number(&TYPE, 4);
        let code = reader.named(&CODE, 8, |code| (code == 0).then_some("session"));
        (versions, code, reader.number(&SESSION, 16), reader.number(&LENGTH, 16) as usize)
    });
    if versions != 0x11 {
        return WRONG;
    }
    let end = walk.reader.at() + length;
    walk.ends_at(end);
    if code != 0 {
        return Step::Found(Decoded::Other(Kind::Ether(0x8863)));
    }
    walk.path = walk.path.through(Mark::Session, session);
    Step::Header(ppp::read)
}
