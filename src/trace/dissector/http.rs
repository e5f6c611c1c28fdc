//! Reading HTTP messages: where a head ends, how far a body goes.

use super::{Dissector, Mode};
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};
use crate::trace::conversation::{Conversation, Handshake};
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::Piece;
use crate::wire::Parse;
use crate::wire::http::{Body, ChunkedProgress, ChunkedScanner, Head, MAX_HEAD, parse_head};

/// The search for the empty line that ends a head.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    /// The last line feed was followed by nothing, or by a carriage return only.
    after_line: bool,
    /// The first bytes were looked at and may begin a head.
    plausible: bool,
}

impl HeadScan {
    /// The number of bytes up to the head's end, if it is in `bytes`.
    fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.after_line => return Some(at + 1),
                b'\n' => self.after_line = true,
                b'\r' => {}
                _ => self.after_line = false,
            }
        }
        None
    }
}

/// A body that is being read.
#[derive(Debug)]
pub(super) struct BodyScan {
    /// The response's head; a request's head is in its exchange.
    pub(super) head: Option<Head>,
    pub(super) head_length: u64,
    pub(super) rest: Rest,
}

/// How far a body still goes.
#[derive(Debug)]
pub(super) enum Rest {
    Length(u64),
    Chunked(Box<ChunkedScanner>),
    UntilClose,
}

impl Dissector {
    /// Looks for the end of a head, then reads it.
    pub(super) fn step_head(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let Mode::Head(scan) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        let end = loop {
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => {
                    if let Some(end) = scan.feed(bytes) {
                        break lane.seen + end as u64;
                    }
                    lane.seen += bytes.len() as u64;
                    if lane.seen - lane.at > MAX_HEAD as u64 {
                        let bits = BitRange::bytes(0, MAX_HEAD);
                        self.give_up(
                            side,
                            Rule::HttpHeadTooLarge.says(bits, format!("no empty line in {MAX_HEAD} bytes")),
                        );
                        return true;
                    }
                }
                Piece::Gap(missing) => return self.gap_in_head(talk, store, side, missing),
                Piece::End => {
                    let begun = lane.seen - lane.at;
                    if begun == 0 {
                        return false;
                    }
                    if !scan.plausible || over {
                        scan.plausible = true;
                        let bytes = stream.bytes(store, lane.at..lane.seen);
                        if let Parse::Broken(finding) = parse_head(&bytes, side, MAX_HEAD) {
                            return self.not_http(side, finding);
                        }
                        if over {
                            let bits = BitRange::bytes(0, begun as usize);
                            let message = format!("{} ends inside this head", talk.what_ends(side));
                            lane.findings.push(Rule::StreamEndsInside.says(bits, message));
                            let end = lane.seen;
                            self.emit(talk, store, side, http_kind(side), end, false);
                            return true;
                        }
                    }
                    return false;
                }
            }
        };
        let bytes = stream.bytes(store, lane.at..end);
        match parse_head(&bytes, side, MAX_HEAD) {
            Parse::Done(head, _) => {
                lane.seen = end;
                match side {
                    Side::Client => self.request_head(head),
                    Side::Server => self.response_head(head),
                }
                true
            }
            Parse::Broken(finding) => self.not_http(side, finding),
            Parse::More => {
                // The empty line belongs to what the parser takes for leading blank lines: go on behind it.
                lane.seen = end;
                if let Mode::Head(scan) = &mut lane.mode {
                    scan.after_line = false;
                }
                true
            }
        }
    }

    /// A head that a gap cuts: where the status line still says 101, frames follow all the same.
    fn gap_in_head(&mut self, talk: &mut Conversation, store: &Store, side: Side, missing: u64) -> bool {
        let lane = &self.lanes[side.index()];
        let begun = talk.stream(side).bytes(store, lane.at..lane.seen.min(lane.at + 16));
        let accepted =
            side == Side::Server && begun.starts_with(b"HTTP/1.") && begun.get(8..12) == Some(b" 101");
        self.take_gap(talk, store, side, http_kind(side), missing);
        if side == Side::Server
            && let Some(exchange) = self.exchanges.pop_front()
            && let Some(protocol) = exchange.asks_for.filter(|_| accepted)
        {
            talk.handshake = Handshake::Incomplete;
            self.open(talk, protocol, None);
        }
        self.lanes[side.index()].mode = Mode::Sync(0);
        true
    }

    fn not_http(&mut self, side: Side, finding: Finding) -> bool {
        if self.begins_inside {
            self.lanes[side.index()].mode = Mode::Sync(0);
            self.lanes[side.index()].seen = self.lanes[side.index()].at;
        } else {
            self.give_up(side, finding);
        }
        true
    }

    /// Reads a body to its end.
    pub(super) fn step_body(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        let over = self.over(side);
        let lane = &mut self.lanes[side.index()];
        let Mode::Body(scan) = &mut lane.mode else { return false };
        let stream = &talk.streams[side.index()];
        let complete = loop {
            if matches!(scan.rest, Rest::Length(0)) {
                break true;
            }
            match stream.piece(store, lane.seen, &mut lane.hint) {
                Piece::Data(bytes) => match &mut scan.rest {
                    Rest::Length(left) => {
                        let take = (bytes.len() as u64).min(*left);
                        *left -= take;
                        lane.seen += take;
                    }
                    Rest::UntilClose => lane.seen += bytes.len() as u64,
                    Rest::Chunked(scanner) => match scanner.feed(bytes) {
                        ChunkedProgress::More => lane.seen += bytes.len() as u64,
                        ChunkedProgress::Done(taken) => {
                            lane.seen += taken as u64;
                            break true;
                        }
                        ChunkedProgress::Broken { at, finding } => {
                            lane.seen += at as u64;
                            let place = lane.seen - lane.at;
                            // The byte itself is none of this item's any more: it stands behind it.
                            let bits = BitRange::bytes(place as usize, place as usize);
                            lane.findings.push(Rule::HttpBodyMalformed.says(bits, finding.facts));
                            break false;
                        }
                    },
                },
                Piece::Gap(missing) => return self.gap_in_body(talk, store, side, missing),
                Piece::End if over => {
                    let is_key3 =
                        side == Side::Client && self.exchanges.back().is_some_and(|e| e.asks_for.is_some());
                    if !matches!(scan.rest, Rest::UntilClose) && !is_key3 {
                        let bits = BitRange::bytes(0, (lane.seen - lane.at) as usize);
                        let what = talk.what_ends(side);
                        let message = match &scan.rest {
                            Rest::Length(left) => format!("{what} ends {left} bytes before the body does"),
                            _ => format!("{what} ends before the last chunk"),
                        };
                        lane.findings.push(Rule::HttpBodyCut.says(bits, message));
                        break false;
                    }
                    break matches!(scan.rest, Rest::UntilClose);
                }
                Piece::End => return false,
            }
        };
        match side {
            Side::Client => self.request_complete(talk, store, complete),
            Side::Server => self.response_complete(talk, store, complete),
        }
    }

    /// A gap in a body whose length is known does not cost the place of what comes behind it.
    fn gap_in_body(&mut self, talk: &mut Conversation, store: &Store, side: Side, missing: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        let Mode::Body(scan) = &lane.mode else { return false };
        let body_end = match scan.rest {
            Rest::Length(left) => Some(lane.seen + left),
            Rest::Chunked(_) | Rest::UntilClose => None,
        };
        let gap_end = lane.seen + missing;
        self.take_gap(talk, store, side, http_kind(side), missing);
        if side == Side::Server {
            self.exchanges.pop_front();
        }
        self.lanes[side.index()].mode = match body_end {
            Some(end) if gap_end <= end => Mode::Skip(end, Box::new(Mode::Start)),
            _ => Mode::Sync(0),
        };
        true
    }
}

/// The item that an HTTP message of this side is.
pub(super) const fn http_kind(side: Side) -> ItemKind {
    match side {
        Side::Client => ItemKind::HttpRequest,
        Side::Server => ItemKind::HttpResponse,
    }
}

/// How far the body behind a head goes; what cannot be said goes to the end of the connection.
pub(super) fn rest_of(body: Result<Body, Finding>, findings: &mut Vec<Finding>) -> Rest {
    match body {
        Ok(Body::None) => Rest::Length(0),
        Ok(Body::Length(length)) => Rest::Length(length),
        Ok(Body::Chunked) => Rest::Chunked(Box::default()),
        Ok(Body::UntilClose) => Rest::UntilClose,
        Err(finding) => {
            findings.push(finding);
            Rest::UntilClose
        }
    }
}
