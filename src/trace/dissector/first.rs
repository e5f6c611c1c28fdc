//! The first frame of a side, where the version does not say for sure how it stands on the wire: see
//! [`wire::frame::first`](crate::wire::frame::first).

use super::shared::Link;
use super::{Cx, Mode, Step};
use crate::model::protocol::{Family, Protocol};
use crate::wire::frame::coding::Coding;
use crate::wire::frame::first::{First, LOOKED_AT, Way};

pub(super) fn step(cx: &mut Cx<'_>) -> Step {
    let Some(link) = cx.shared.link else { return Step::To(Mode::sync()) };
    let first = First { protocol: link.protocol, side: cx.side, own: *cx.talk.coding(cx.side) };
    let mut buffer = [0; LOOKED_AT];
    let filled = cx.peek(cx.here.at, cx.here.hint, &mut buffer);
    let bytes = buffer.get(..filled).unwrap_or_default();
    if bytes.is_empty() && !cx.over() {
        // A gap may stand here: what reads frames knows what to make of it.
        let gap = cx.stream().end() > cx.here.at;
        return if gap { Step::To(link.frames(cx.side, first.own, false)) } else { Step::Wait };
    }
    let whole = cx.over() || cx.stream().end() > cx.here.at + filled as u64;
    let Some(choice) = first.choose(bytes, whole) else {
        cx.here.seen = cx.stream().end();
        return Step::Wait;
    };
    cx.look_again();
    if let Some(finding) = first.finding(choice) {
        cx.find(finding);
    }
    let mut link = link;
    match choice.way {
        Way::Hybi(coding) => {
            if link.family == Family::Hixie
                && let Some(agreed) = cx.shared.agree(cx.talk, Protocol::Hybi2, None, None)
            {
                link = agreed;
            }
            cx.talk.codings[cx.side.index()] = coding;
            Step::To(Link { family: Family::Hybi, ..link }.frames(cx.side, coding, false))
        }
        Way::Hixie => Step::To(Link { family: Family::Hixie, ..link }.frames(cx.side, Coding::LATEST, false)),
    }
}
