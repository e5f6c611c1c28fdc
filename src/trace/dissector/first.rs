//! The first frame of a side, where the version does not say for sure how it stands on the wire: see
//! [`wire::frame::first`](crate::wire::frame::first).

use super::fit::Trial;
use super::shared::Link;
use super::{Cx, Mode, Step, guess};
use crate::facts;
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
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
    if link.protocol == Protocol::LATEST {
        return unasked(cx, link);
    }
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

/// The first frame of a side where the server's answer was recorded, and not what it answers. hybi-04 to -06 have other
/// opcodes, and in hybi-05 and -06 the key covers the header.
fn unasked(cx: &mut Cx<'_>, link: Link) -> Step {
    cx.look_again();
    let like = |protocol| Trial { strict: false, ..guess::trial(protocol, cx.side) };
    let (latest, older) = (like(Protocol::LATEST), like(Protocol::Hybi6));
    let begins = |trial: &Trial| trial.begins(cx.stream(), cx.store, cx.here.at);
    let older_fits = || older.fit(cx.stream(), cx.store, cx.here.at).is_some_and(|fit| fit.data > 0);
    let is_older = match (begins(&latest), begins(&older)) {
        (Some(true), _) => false,
        (None, _) if cx.over() => false,
        (Some(false), Some(true)) if older_fits() => true,
        // Its end is needed.
        (None, _) | (Some(false), Some(true) | None) if !cx.over() => {
            cx.here.seen = cx.stream().end();
            return Step::Wait;
        }
        // What clients of hybi-04 send cannot be read.
        (_, _) if cx.side == Side::Client => return Step::To(Mode::sync()),
        (_, _) => false,
    };
    let mut link = link;
    if is_older && let Some(older) = cx.shared.agree(cx.talk, Protocol::Hybi6, None, None) {
        cx.shared.guessed();
        link = Link { guessed: true, ..older };
        cx.talk.find(Rule::StreamGuess.about(facts!("frames", protocol = link.protocol)));
    }
    Step::To(link.frames(cx.side, *cx.talk.coding(cx.side), false))
}
