//! What can be said only when more than one lane was read: early data, and at the end what was never answered.

use super::cx::{Cursor, Cx};
use super::{Dissector, Lane, Link, Mode, Step, rest};
use crate::facts;
use crate::model::dialect::ClosingHandshake;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::{Reaction, Rule};
use crate::trace::conversation::{Conversation, End, Handshake};
use crate::trace::ending::Ending;
use crate::trace::item::MessageKind;
use crate::trace::store::Store;
use crate::trace::stream::Stream;
use crate::wire::frame::hixie;

/// Rule 30: bytes of the client that were recorded before the 101 began, at the place `answered` of the server.
pub(super) fn early_data(talk: &Conversation, client: &mut Cursor, link: Link, answered: u64) {
    if !link.protocol.dialect_or_latest().opening.waits {
        return;
    }
    let chunk = |stream: &Stream, offset| {
        stream.chunk_at(offset).and_then(|number| stream.chunks().get(number)).copied()
    };
    let early = chunk(talk.stream(Side::Client), client.at);
    let answer = chunk(talk.stream(Side::Server), answered);
    if let (Some(early), Some(answer)) = (early, answer)
        && (early.time(), early.packet()) < (answer.time(), answer.packet())
    {
        client.findings.push(Rule::EarlyData.at(BitRange::bytes(0, 1)));
    }
}

impl Dissector {
    /// Completes what is open, because nothing more will come.
    pub(in crate::trace) fn finish(&mut self, talk: &mut Conversation, store: &Store) {
        self.shared.finishing = true;
        self.advance(talk, store);
        self.give_up_waiting(talk);
        self.advance(talk, store);
        for side in Side::BOTH {
            self.close_lane(talk, store, side);
        }
        self.judge(talk);
    }

    /// Both directions ended: says what can be said only now. Bytes that were under way may still come.
    pub(in crate::trace) fn judge_end(&mut self, talk: &mut Conversation, store: &Store) {
        self.give_up_waiting(talk);
        self.advance(talk, store);
        self.judge(talk);
    }

    fn judge(&mut self, talk: &mut Conversation) {
        if std::mem::replace(&mut self.shared.judged, true) {
            return;
        }
        self.judge_closing(talk);
        self.judge_missing_close(talk);
        self.judge_pings(talk);
        if talk.handshake == Handshake::Incomplete {
            let unheard = Side::BOTH.into_iter().find(|side| !talk.is_heard(*side));
            let facts = match unheard {
                Some(side) => facts!("unheard", side),
                None if self.shared.exchanges.is_empty() => facts!("cut"),
                None => facts!("no-response"),
            };
            talk.find(Rule::HandshakeIncomplete.about(facts));
        }
    }

    /// A client that sent on without waiting for the answer to its opening request.
    fn give_up_waiting(&mut self, talk: &mut Conversation) {
        let Self { lanes: [Lane { here, mode }, _], shared, .. } = self;
        if !matches!(mode, Mode::Waiting) || here.at >= talk.stream(Side::Client).end() {
            return;
        }
        if shared.exchanges.is_empty() && shared.unreadable {
            // No answer says what follows a request that could not be read: another one, as far as anybody knows.
            *mode = Mode::Start;
            return;
        }
        let asked = shared.exchanges.front().and_then(|exchange| exchange.asks_for);
        let Some(protocol) = asked.filter(|protocol| protocol.family().is_some()) else { return };
        if protocol.dialect_or_latest().opening.waits {
            here.findings.push(Rule::EarlyData.at(BitRange::bytes(0, 1)));
        }
        if shared.link.is_none() && shared.agree(talk, protocol, None, None).is_some() {
            shared.guessed();
        }
        let Some(link) = shared.link else { return };
        here.seen = here.at;
        // What clients of hybi-04 send cannot be read without the answer.
        let covered = link.protocol == Protocol::Hybi4;
        *mode = if covered { Mode::sync() } else { link.mode(talk, Side::Client, here.lossy) };
    }

    /// Whatever is left of a lane when the recording ends becomes an item.
    fn close_lane(&mut self, talk: &mut Conversation, store: &Store, side: Side) {
        let Self { lanes, shared, .. } = self;
        let Lane { here, mode } = &mut lanes[side.index()];
        let mut cx = Cx { talk, store, side, here, shared };
        if cx.here.at >= cx.stream().end() {
            return;
        }
        if !matches!(mode, Mode::Opaque) {
            let bits = cx.bits(cx.stream().end() - cx.here.at);
            *mode = Mode::Opaque;
            let _ = cx.give_up(Rule::StreamUnparsed.at(bits));
        }
        while !matches!(rest::opaque(&mut cx), Step::Wait) {}
    }

    /// Whether the frames of `side` were read to their end, so that what is not there was not sent.
    fn is_read_to_end(&self, talk: &Conversation, side: Side) -> bool {
        let frames = matches!(self.lanes[side.index()].mode, Mode::First | Mode::Hybi(_) | Mode::Hixie(_));
        frames && talk.ends[side.index()].is_some()
    }

    /// A ping without a pong, where the other side went on to speak and its stream was recorded to its end.
    fn judge_pings(&self, talk: &mut Conversation) {
        for side in Side::BOTH {
            let own = &self.lanes[side.index()].here;
            let whole = self.is_read_to_end(talk, side.other());
            let waits = whole && self.shared.pings.waiting(side) > 0;
            // Over a ping that breaks a rule the other side may have gone.
            let broken = |ping: u32| {
                talk.findings_of(ping as usize)
                    .any(|finding| matches!(finding.reaction(), Reaction::Close(_)))
            };
            let Some(ping) = own.pinged.filter(|&ping| waits && !broken(ping)) else { continue };
            let spoke = talk
                .items
                .iter_from(ping as usize + 1)
                .any(|(_, item)| item.side != side && item.kind.is_frame());
            if spoke && !pong_follows(talk, side.other(), ping) {
                let facts = facts!("this-ping", side = side.other());
                talk.find_later(ping, Rule::PingNotAnswered.says(BitRange::new(0, 8), facts));
            }
        }
    }

    /// The connection ended, and nobody had said so before.
    fn judge_missing_close(&self, talk: &mut Conversation) {
        let Some(link) = self.shared.link.filter(|_| talk.handshake != Handshake::Invalid) else { return };
        let Some(&Ending { from, how, .. }) = talk.ended().first() else { return };
        let said = self.lanes.iter().any(|lane| lane.here.closed.is_some());
        // Where one side ended the other may not have had the time to.
        let known = self.is_read_to_end(talk, from);
        // Whether an answer to what was not recorded was one that the client took, only frames show.
        let opened =
            talk.handshake != Handshake::Incomplete || talk.items.iter().any(|(_, one)| one.kind.is_frame());
        if said || !known || !opened {
            return;
        }
        let rule = match link.protocol.dialect_or_latest().closing.handshake {
            ClosingHandshake::Echo | ClosingHandshake::Initiator | ClosingHandshake::Frame => {
                Rule::CloseMissing
            }
            // hixie-75 has frames like hixie-76, and no close.
            ClosingHandshake::Bytes if link.guessed => return,
            ClosingHandshake::Bytes => Rule::HixieCloseMissing,
            ClosingHandshake::None => return,
        };
        talk.find(rule.about(match how {
            End::Fin => facts!("fin", side = from),
            End::Reset => facts!("reset", side = from),
        }));
    }

    /// Rule 18, once both sides are done: who closed and was not answered.
    fn judge_closing(&self, talk: &mut Conversation) {
        let Some(link) = self.shared.link else { return };
        for side in Side::BOTH {
            let (own, other) = (&self.lanes[side.index()].here, &self.lanes[side.other().index()].here);
            let known = self.is_read_to_end(talk, side.other());
            let (Some(item), None, true) = (own.closed, other.closed, known) else { continue };
            let silent = side.other();
            let finding = match link.protocol.dialect_or_latest().closing.handshake {
                ClosingHandshake::Echo | ClosingHandshake::Initiator | ClosingHandshake::Frame => {
                    Rule::CloseNotAnswered.says(BitRange::new(0, 8), facts!("this-frame", side = silent))
                }
                ClosingHandshake::Bytes => hixie::not_answered(Some(BitRange::bytes(0, 2)), silent),
                ClosingHandshake::None => continue,
            };
            talk.find_later(item, finding);
        }
    }
}

/// Whether behind this ping a pong of `side` stands that answers it, for all that is known: of a ping that was found late,
/// behind a gap, nobody knew when its pong was read.
fn pong_follows(talk: &Conversation, side: Side, ping: u32) -> bool {
    let first = talk.messages.partition_point(|message| message.last <= ping);
    talk.messages.iter_from(first).any(|(_, message)| {
        message.side == side
            && message.kind == MessageKind::Pong
            && !talk
                .findings_of(message.last as usize)
                .any(|finding| matches!(finding.rule, Rule::PongUnsolicited | Rule::PongDiffers))
    })
}
