//! Reading Flash's request for the policy file, and the answer.

use super::{Dissector, Mode};
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::conversation::Conversation;
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::policy;

impl Dissector {
    /// Flash's request for the policy file, and the answer.
    pub(super) fn step_policy(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let stream = &talk.streams[side.index()];
        let (end, terminated) = loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    if let Some(at) = memchr::memchr(0, bytes) {
                        break (lane.seen + at as u64 + 1, true);
                    }
                    lane.seen += bytes.len() as u64;
                    if lane.seen - lane.at > policy::MAX_POLICY as u64 {
                        break (lane.seen, false);
                    }
                }
                Piece::Gap(missing) => {
                    self.take_gap(talk, store, side, ItemKind::Unparsed, missing);
                    self.lanes[side.index()].mode = Mode::Opaque;
                    return true;
                }
                Piece::End if over && lane.seen > lane.at => break (lane.seen, false),
                Piece::End => return false,
            }
        };
        let bytes = stream.bytes(store, lane.at..end);
        let kind = match side {
            Side::Client => ItemKind::PolicyRequest,
            Side::Server => ItemKind::PolicyResponse,
        };
        let findings = match side {
            Side::Client if policy::finish_request(&bytes).is_none() => {
                let message = "these bytes begin with <, but they do not ask for a policy file";
                self.give_up(side, Rule::StreamUnparsed.says(BitRange::bytes(0, 1), message));
                return true;
            }
            Side::Client => policy::finish_request(&bytes).map(|(request, _)| request.findings()),
            Side::Server => policy::finish_response(&bytes).map(|(response, _)| response.findings()),
        }
        .unwrap_or_else(|| vec![Rule::PolicyNotXml.at(BitRange::bytes(0, bytes.len()))]);
        lane.findings.extend(findings);
        lane.mode = Mode::Start;
        match side {
            Side::Client => self.policies += 1,
            Side::Server => self.policies = self.policies.saturating_sub(1),
        }
        if talk.protocol == Protocol::Unknown {
            talk.protocol = Protocol::FlashPolicy;
        }
        self.emit(talk, store, side, kind, end, terminated);
        true
    }

    /// The server answers a policy request that has no NUL: the request is as long as it is.
    pub(super) fn take_unended_policy_request(&mut self, talk: &mut Conversation, store: &Store) {
        let lane = &mut self.lanes[Side::Client.index()];
        let bytes = talk.stream(Side::Client).bytes(store, lane.at..lane.seen);
        if let Some((request, length)) = policy::finish_request(&bytes) {
            lane.findings.extend(request.findings());
            lane.mode = Mode::Start;
            self.policies += 1;
            let end = lane.at + length as u64;
            talk.protocol = Protocol::FlashPolicy;
            self.emit(talk, store, Side::Client, ItemKind::PolicyRequest, end, false);
        }
    }
}
