//! The prelude layer: PROXY protocol and SOCKS, then the connection proper.

use super::lane::{Lane, peek_at};
use super::{Cx, Machine, Out};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::item::ItemKind;
use crate::trace::stream::Piece;
use crate::wire::Parse;
use crate::wire::prelude::{Exchange, Kind, State};

/// No message of a prelude is longer: a header of PROXY v2 with all that its length can say.
const LONGEST: u64 = 16 + 0xFFFF;

/// Reads what is said before the connection proper.
#[derive(Debug)]
pub(super) struct Prelude {
    kind: Kind,
    exchange: Exchange,
    lanes: [Lane; 2],
    mode: Mode,
}

#[derive(Debug, PartialEq, Eq)]
enum Mode {
    /// The prelude goes on.
    Going,
    /// The proxy said no: nothing is carried.
    Refused,
    /// What follows was handed on.
    Done,
}

impl Prelude {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            exchange: Exchange::new(kind),
            lanes: [Lane::default(), Lane::default()],
            mode: Mode::Going,
        }
    }

    /// Reads the next message; whether there was one.
    fn step(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some((side, _)) = self.exchange.next() else {
            match self.exchange.state() {
                State::Refused | State::Opaque => self.mode = Mode::Refused,
                State::Going | State::Done => self.hand_on(cx, false),
            }
            return true;
        };
        let lane = &mut self.lanes[side.index()];
        if let Piece::Gap(missing) = lane.piece(cx, side) {
            let at = lane.at;
            lane.take_gap(cx, side, (ItemKind::Unparsed, 0), at, missing);
            self.hand_on(cx, true);
            return true;
        }
        let bytes = peek_at(cx.talk, cx.store, side, lane.at, LONGEST);
        let there = bytes.len() as u64;
        // Behind what is there comes a gap, or nothing any more: it cannot become whole.
        let over = cx.over(side) || lane.at + there < cx.talk.stream(side).end();
        if there == 0 {
            return false;
        }
        match self.exchange.take(side, &bytes, over) {
            Parse::Done(taken, length) => {
                let end = lane.at + length as u64;
                lane.findings.extend(taken.findings);
                lane.emit(cx, side, ItemKind::Prelude, end, (true, taken.message.to_byte()));
                true
            }
            Parse::More if !over => false,
            Parse::More => {
                let bits = BitRange::bytes(0, bytes.len());
                let what = cx.what_ends(side);
                lane.findings.push(Rule::StreamEndsInside.says(bits, facts!("prelude", what)));
                let end = lane.at + there;
                lane.emit(cx, side, ItemKind::Unparsed, end, (false, 0));
                self.hand_on(cx, true);
                true
            }
            Parse::Broken(finding) => {
                // One message that cannot be read does not cost what comes behind it: a header of PROXY v1 is a line.
                lane.findings.push(finding);
                let line = memchr::memmem::find(&bytes, b"\r\n").filter(|_| self.kind == Kind::ProxyV1);
                let end = lane.at + line.map_or(there, |at| at as u64 + 2);
                lane.emit(cx, side, ItemKind::Unparsed, end, (true, 0));
                self.hand_on(cx, true);
                true
            }
        }
    }

    fn hand_on(&mut self, cx: &mut Cx<'_>, inside: bool) {
        self.mode = Mode::Done;
        let from = [self.lanes[0].at, self.lanes[1].at];
        let told = Some(Box::new(self.exchange.told().clone()));
        cx.out.push(Out::Tunnel { from, inside, told });
    }
}

impl Machine for Prelude {
    fn advance(&mut self, cx: &mut Cx<'_>) {
        cx.talk.protocol = match self.kind {
            Kind::ProxyV1 | Kind::ProxyV2 => Protocol::Proxy,
            Kind::Socks4 | Kind::Socks5 => Protocol::Socks,
        };
        while self.mode == Mode::Going && self.step(cx) {}
        if self.mode == Mode::Refused {
            for side in Side::BOTH {
                while self.lanes[side.index()].take_unparsed(cx, side) {}
            }
        }
    }

    fn finish(&mut self, cx: &mut Cx<'_>) {
        self.advance(cx);
        if self.mode == Mode::Going {
            for side in Side::BOTH {
                while self.lanes[side.index()].take_unparsed(cx, side) {}
            }
        }
    }

    fn needed_from(&self, side: Side) -> u64 {
        self.lanes[side.index()].at
    }
}
