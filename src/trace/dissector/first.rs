//! The first frame of a side, where the version does not say for sure how it stands on the wire.
//!
//! hybi-01 has the handshake of hixie-76 and other frames; and programs of the time agreed on a draft and wrote the
//! frames of another. What fits is decided by the first frame alone: its header, and as much of its payload as tells.
//! The version's own way is tried first and taken where nothing else fits better.

use super::shared::Link;
use super::{Cx, Mode, Step};
use crate::facts;
use crate::model::dialect::{HYBI01, HYBI05_LATER_MASK};
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
use crate::wire::frame::coding::Coding;
use crate::wire::frame::hixie::CLOSE;
use crate::wire::frame::hybi::{Header, Opcode};
use crate::wire::message::{Reserved, broken_rules};

/// How much of a payload is looked at.
const PAYLOAD: usize = 128;

/// A way to write frames.
#[derive(Clone, Copy)]
enum Way {
    Hybi(Coding),
    /// A type byte, and text up to `FF`.
    Hixie,
}

/// What the first bytes of a stream are in one way.
enum Fit {
    Yes,
    No,
    /// There are too few.
    Unknown,
}

/// Whether there are other ways than the version's own.
pub(super) fn is_needed(link: Link, side: Side) -> bool {
    match link.protocol {
        Protocol::Hixie76 | Protocol::Hybi2 => true,
        Protocol::Hybi4 | Protocol::Hybi5 | Protocol::Hybi6 => side == Side::Client,
        _ => false,
    }
}

/// The other ways in which programs wrote frames of this version, the likeliest first, by the name of their sentence.
fn others(protocol: Protocol, own: &Coding) -> Vec<(&'static str, Way)> {
    match protocol {
        Protocol::Hixie76 => vec![("hybi-01", Way::Hybi(Coding::bare(&HYBI01)))],
        Protocol::Hybi2 => vec![("hixie", Way::Hixie)],
        Protocol::Hybi4 => vec![
            ("connection-key", Way::Hybi(own.without_hash())),
            ("bare", Way::Hybi(Coding::bare(own.layout()))),
        ],
        Protocol::Hybi5 | Protocol::Hybi6 => vec![
            ("later-mask", Way::Hybi(Coding::masked_by_bit(&HYBI05_LATER_MASK))),
            ("bare", Way::Hybi(Coding::bare(own.layout()))),
        ],
        _ => Vec::new(),
    }
}

pub(super) fn step(cx: &mut Cx<'_>) -> Step {
    let Some(link) = cx.shared.link else { return Step::To(Mode::sync()) };
    let own = *cx.talk.coding(cx.side);
    let mut buffer = [0; Header::MAX + PAYLOAD];
    let filled = cx.peek(cx.here.at, cx.here.hint, &mut buffer);
    let bytes = buffer.get(..filled).unwrap_or_default();
    if bytes.is_empty() && !cx.over() {
        // A gap may stand here: what reads frames knows what to make of it.
        let gap = cx.stream().end() > cx.here.at;
        return if gap { Step::To(link.frames(cx.side, own, false)) } else { Step::Wait };
    }
    let whole = cx.over() || cx.stream().end() > cx.here.at + filled as u64;
    let own_way = if link.family == Family::Hybi { Way::Hybi(own) } else { Way::Hixie };
    let ways = std::iter::once(("", own_way)).chain(others(link.protocol, &own));
    for (form, way) in ways {
        match fit(way, form.is_empty(), link.protocol, cx.side, bytes, whole) {
            Fit::Unknown => {
                cx.here.seen = cx.stream().end();
                return Step::Wait;
            }
            Fit::No => {}
            Fit::Yes => return take(cx, link, form, way),
        }
    }
    take(cx, link, "", own_way)
}

/// Frames are read this way from here on.
fn take(cx: &mut Cx<'_>, link: Link, form: &'static str, way: Way) -> Step {
    cx.look_again();
    let mut link = link;
    match form {
        "" => {}
        "hybi-01" => {
            cx.find(Rule::VersionByFrame.says(cx.bits(1), facts!("more")));
            if let Some(agreed) = cx.shared.agree(cx.talk, Protocol::Hybi2, None, None) {
                link = agreed;
            }
        }
        form => {
            let facts =
                crate::model::facts::Facts::form(form).with("side", cx.side).with("protocol", link.protocol);
            cx.find(Rule::OtherFrames.says(cx.bits(1), facts));
        }
    }
    match way {
        Way::Hybi(coding) => {
            cx.talk.codings[cx.side.index()] = coding;
            Step::To(Link { family: Family::Hybi, ..link }.frames(cx.side, coding, false))
        }
        Way::Hixie => Step::To(Link { family: Family::Hixie, ..link }.frames(cx.side, Coding::LATEST, false)),
    }
}

/// Whether the first frame may be written this way. `own`: it is the version's own way, for which less evidence is
/// enough. `whole`: no more of the first bytes will come.
fn fit(way: Way, own: bool, protocol: Protocol, side: Side, bytes: &[u8], whole: bool) -> Fit {
    let coding = match way {
        Way::Hybi(coding) => coding,
        Way::Hixie => return fit_hixie(bytes, whole),
    };
    let Some((header, length)) = coding.read(bytes) else {
        return if whole { Fit::No } else { Fit::Unknown };
    };
    let begins = header.opcode != Opcode::CONTINUATION;
    if !begins || broken_rules(&header, side, Reserved::default(), coding.has_mask_bit()) > 0 {
        return Fit::No;
    }
    let wanted = usize::try_from(header.payload_length).unwrap_or(usize::MAX).min(PAYLOAD);
    let mut payload = bytes.get(length..).unwrap_or_default().to_vec();
    if payload.len() < wanted {
        match (whole, own) {
            (false, _) => return Fit::Unknown,
            (true, false) => return Fit::No,
            (true, true) => {}
        }
    }
    let cut = payload.len() <= wanted && header.payload_length > payload.len() as u64;
    payload.truncate(wanted);
    coding.mask(&header, &mut payload, 0);
    let fits = match header.opcode {
        Opcode::TEXT => match std::str::from_utf8(&payload) {
            Ok(_) => true,
            // A character may be cut where the looked-at bytes end.
            Err(error) => cut && error.error_len().is_none(),
        },
        Opcode::CLOSE => fits_close(protocol, &payload),
        _ => true,
    };
    if fits { Fit::Yes } else { Fit::No }
}

fn fits_close(protocol: Protocol, payload: &[u8]) -> bool {
    let closing = &protocol.dialect_or_latest().closing;
    let initiator = |byte: u8| Side::BOTH.iter().any(|side| closing.initiator(*side) == Some(byte));
    match (payload.first_chunk::<2>(), payload.first()) {
        (Some(code), _) if closing.has_codes() => closing.classify(u16::from_be_bytes(*code)).may_be_sent(),
        (None, Some(_)) if closing.has_codes() => false,
        (_, Some(first)) if closing.initiator(Side::Client).is_some() => initiator(*first),
        _ => true,
    }
}

/// Text, the closing frame, or the binary frames that some servers of hixie-76 sent.
fn fit_hixie(bytes: &[u8], whole: bool) -> Fit {
    match bytes {
        [0x00 | 0x80, ..] => Fit::Yes,
        [0xFF] if !whole => Fit::Unknown,
        _ if bytes.starts_with(&CLOSE) => Fit::Yes,
        _ => Fit::No,
    }
}
