//! Reading Flash's request for the policy file, and the answer.

use super::{Cx, Mode, Step};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::policy;

pub(super) fn step(cx: &mut Cx<'_>) -> Step {
    let (end, terminated) = loop {
        let room = policy::MAX_POLICY as u64 - cx.length().min(policy::MAX_POLICY as u64);
        match cx.piece() {
            Piece::Data(_) if room == 0 => break (cx.here.seen, false),
            Piece::Data(bytes) => {
                let bytes = bytes.get(..room as usize).unwrap_or(bytes);
                if let Some(at) = memchr::memchr(0, bytes) {
                    break (cx.here.seen + at as u64 + 1, true);
                }
                cx.here.seen += bytes.len() as u64;
            }
            Piece::Gap(missing) => {
                cx.take_gap(ItemKind::Unparsed, missing);
                return Step::To(Mode::Opaque);
            }
            Piece::End if cx.over() && cx.length() > 0 => break (cx.here.seen, false),
            Piece::End => return Step::Wait,
        }
    };
    let bytes = cx.bytes(cx.here.at..end);
    let (kind, findings) = match cx.side {
        Side::Client => {
            let Some((request, _)) = policy::finish_request(&bytes) else {
                let bits = BitRange::bytes(0, 1);
                return cx.give_up(Rule::StreamUnparsed.says(bits, facts!("no-policy-request")));
            };
            cx.shared.policies += 1;
            (ItemKind::PolicyRequest, Some(request.findings()))
        }
        Side::Server => {
            cx.shared.policies = cx.shared.policies.saturating_sub(1);
            let response = policy::finish_response(&bytes);
            (ItemKind::PolicyResponse, response.map(|(response, _)| response.findings()))
        }
    };
    let no_policy = || vec![Rule::PolicyNotXml.at(BitRange::bytes(0, bytes.len()))];
    cx.here.findings.extend(findings.unwrap_or_else(no_policy));
    if cx.talk.protocol == Protocol::Unknown {
        cx.talk.protocol = Protocol::FlashPolicy;
    }
    cx.emit(kind, end, terminated);
    Step::To(Mode::Start)
}

/// The client's request ends without a NUL, because the server answers. What follows, if it is one.
pub(super) fn end_request(cx: &mut Cx<'_>) -> Option<Mode> {
    let (request, length) = policy::finish_request(&cx.begun())?;
    cx.here.findings.extend(request.findings());
    cx.shared.policies += 1;
    cx.talk.protocol = Protocol::FlashPolicy;
    cx.emit(ItemKind::PolicyRequest, cx.here.at + length as u64, false);
    Some(Mode::Start)
}
