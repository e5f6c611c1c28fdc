//! The TLS layer: records, in either direction (RFC 8446 section 5, RFC 5246 section 6.2).
//!
//! Every record is an item of the carrier. What is inside is carried by a conversation of its own, which begins with
//! the first record that is encrypted; without keys it has no bytes, and says so.

use super::lane::{Lane, peek_at};
use super::{Cx, Machine, Out};
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;
use crate::trace::carrier::Layer;
use crate::trace::conversation::{Keys, TlsFacts};
use crate::trace::item::ItemKind;
use crate::trace::store::Store;
use crate::trace::stream::{Piece, Stream};
use crate::wire::tls::record::Header;
use crate::wire::tls::{Content, Session};

/// Reads records.
#[derive(Debug)]
pub(super) struct Records {
    session: Session,
    lanes: [Lane; 2],
    modes: [Mode; 2],
    /// Bytes of ciphertext that each side sent as application data.
    hidden: [u64; 2],
    opened: bool,
    /// What is known of the connection is more than what was told on.
    changed: bool,
}

/// Bytes that are no records become an item at the latest when there are this many.
const STRANGE: u64 = 64 * 1024;

/// What is expected on a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A record.
    Record,
    /// The rest of a record that a gap cut, up to this offset.
    Rest(u64),
    /// The answer of a server that speaks no TLS.
    Http,
    /// Where a record begins is not known: places where one fits are looked for, from this offset on.
    Search(u64),
}

/// Whether a stream that begins in the middle goes on with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continues {
    No,
    More,
    Yes,
}

/// Whether records fit from the first byte of a stream whose beginning was not recorded: one that ends where a
/// segment ends, or has another behind it.
pub(super) fn continues(stream: &Stream, store: &Store) -> Continues {
    fits(stream, store, 0)
}

/// Whether records fit from `at` on.
fn fits(stream: &Stream, store: &Store, at: u64) -> Continues {
    let header = |at: u64| {
        let bytes = stream.bytes(store, at..(at + Header::LENGTH as u64).min(stream.end()));
        (bytes.len(), Header::read(&bytes))
    };
    let (there, Some(first)) = header(at) else {
        return if at + Header::LENGTH as u64 > stream.end() { Continues::More } else { Continues::No };
    };
    if there < Header::LENGTH || !first.is_plausible() {
        return Continues::No;
    }
    let end = at + Header::LENGTH as u64 + u64::from(first.length);
    if end > stream.end() {
        return Continues::More;
    }
    let ends_segment =
        stream.chunk_at(end - 1).and_then(|n| stream.chunks().get(n)).is_some_and(|c| c.end() == end);
    if ends_segment {
        return Continues::Yes;
    }
    match header(end) {
        (_, Some(next)) if next.is_plausible() && next.version == first.version => Continues::Yes,
        (_, None) if end + Header::LENGTH as u64 > stream.end() => Continues::More,
        _ => Continues::No,
    }
}

impl Records {
    /// From the connection's first byte on.
    pub(super) fn new() -> Self {
        Self::with(Session::new())
    }

    /// From somewhere inside a connection.
    pub(super) fn inside() -> Self {
        Self::with(Session::inside())
    }

    fn with(session: Session) -> Self {
        Self {
            session,
            lanes: [Lane::default(), Lane::default()],
            modes: [Mode::Record; 2],
            hidden: [0; 2],
            opened: false,
            changed: false,
        }
    }

    /// One step of a side; whether anything moved.
    fn step(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        match self.modes[side.index()] {
            Mode::Record => self.record(cx, side),
            Mode::Rest(until) => self.rest(cx, side, until),
            Mode::Http => self.http(cx, side),
            Mode::Search(from) => self.search(cx, side, from),
        }
    }

    fn record(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let at = lane.at;
        match lane.piece(cx, side) {
            Piece::Data(_) => {}
            Piece::Gap(missing) => {
                self.gap(cx, side, at, missing, None);
                return true;
            }
            Piece::End => return false,
        }
        let head = peek_at(cx.talk, cx.store, side, at, Header::LENGTH as u64);
        let Some(header) = Header::read(&head) else {
            let there = at + head.len() as u64;
            return self.cut(cx, side, there, None);
        };
        if at == 0 && side == Side::Server && head.starts_with(b"HTTP/") {
            self.modes[side.index()] = Mode::Http;
            return true;
        }
        if !header.is_plausible() {
            // From here on these are no records: another protocol, or the wrong place.
            lane.findings
                .push(Rule::StreamUnparsed.says(BitRange::bytes(0, Header::LENGTH), facts!("no-records")));
            self.modes[side.index()] = Mode::Search(at + 1);
            return true;
        }
        let end = at + (Header::LENGTH as u64) + u64::from(header.length);
        let whole = peek_at(cx.talk, cx.store, side, at, end - at);
        if (whole.len() as u64) < end - at {
            let there = at + whole.len() as u64;
            return self.cut(cx, side, there, Some((header, end)));
        }
        let fragment = whole.get(Header::LENGTH..).unwrap_or_default();
        let content = self.session.record(side, header, fragment, &mut lane.findings);
        lane.emit(cx, side, ItemKind::TlsRecord, end, (true, content.to_byte()));
        self.note(cx, side, content, u64::from(header.length));
        true
    }

    /// Keeps what a record says of the connection.
    fn note(&mut self, cx: &mut Cx<'_>, side: Side, content: Content, length: u64) {
        if !content.is_encrypted() {
            self.changed = true;
            return;
        }
        self.hidden[side.index()] += length;
        if !self.opened {
            self.opened = true;
            self.changed = true;
            cx.out.push(Out::Open(Layer::Tls));
            cx.out.push(Out::Finding(Rule::TlsKeysMissing.about(facts!("none"))));
        }
    }

    /// A record that is not whole: there are bytes up to `there`.
    fn cut(&mut self, cx: &mut Cx<'_>, side: Side, there: u64, begun: Option<(Header, u64)>) -> bool {
        let stream_end = cx.talk.stream(side).end();
        if there < stream_end {
            // A gap follows.
            let mut hint = cx.talk.stream(side).chunk_at(there).unwrap_or_default();
            let Piece::Gap(missing) = cx.talk.stream(side).piece(cx.store, there, &mut hint) else {
                return false;
            };
            self.gap(cx, side, there, missing, begun);
            return true;
        }
        let lane = &mut self.lanes[side.index()];
        if !cx.over(side) || lane.at == there {
            return false;
        }
        let bits = BitRange::bytes(0, (there - lane.at) as usize);
        let what = cx.what_ends(side);
        let facts = match begun {
            Some((header, _)) => {
                let got = (there - lane.at).saturating_sub(Header::LENGTH as u64);
                facts!("record", length = header.length, what, got)
            }
            None => facts!("record-header", what),
        };
        lane.findings.push(Rule::StreamEndsInside.says(bits, facts));
        self.emit_cut(cx, side, begun.map(|(header, _)| header), there);
        true
    }

    /// Makes an item of the beginning of a record, up to `end`.
    fn emit_cut(&mut self, cx: &mut Cx<'_>, side: Side, header: Option<Header>, end: u64) {
        let lane = &mut self.lanes[side.index()];
        let mut content = Content::Other;
        if let Some(header) = header {
            let bytes = peek_at(cx.talk, cx.store, side, lane.at, end - lane.at);
            let fragment = bytes.get(Header::LENGTH..).unwrap_or_default();
            content = self.session.record(side, header, fragment, &mut lane.findings);
        }
        let length = end - lane.at;
        lane.emit(cx, side, ItemKind::TlsRecord, end, (false, content.to_byte()));
        self.note(cx, side, content, length.saturating_sub(Header::LENGTH as u64));
    }

    /// A gap of `missing` bytes at `gap`, inside the record that has `begun` if there is one.
    fn gap(&mut self, cx: &mut Cx<'_>, side: Side, gap: u64, missing: u64, begun: Option<(Header, u64)>) {
        if self.lanes[side.index()].at < gap {
            let bits = BitRange::bytes(0, (gap - self.lanes[side.index()].at) as usize);
            self.lanes[side.index()].findings.push(Rule::StreamGap.says(bits, facts!("behind", missing)));
            self.emit_cut(cx, side, begun.map(|(header, _)| header), gap);
        }
        self.session.gap(side);
        self.lanes[side.index()].take_gap(cx, side, (ItemKind::Unparsed, 0), gap, missing);
        self.modes[side.index()] = match begun {
            // The record's end is known from its header: if the gap ends before it, reading goes on there.
            Some((_, end)) if gap + missing == end => Mode::Record,
            Some((_, end)) if gap + missing < end => Mode::Rest(end),
            _ => Mode::Search(gap + missing),
        };
    }

    /// The rest of a record that a gap cut.
    fn rest(&mut self, cx: &mut Cx<'_>, side: Side, until: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        let at = lane.at;
        let there = at + peek_at(cx.talk, cx.store, side, at, until - at).len() as u64;
        if there < until {
            if there < cx.talk.stream(side).end() {
                let mut hint = cx.talk.stream(side).chunk_at(there).unwrap_or_default();
                let Piece::Gap(missing) = cx.talk.stream(side).piece(cx.store, there, &mut hint) else {
                    return false;
                };
                lane.take_gap(cx, side, (ItemKind::Unparsed, 0), there, missing);
                if there + missing >= until {
                    let behind = there + missing;
                    self.modes[side.index()] =
                        if behind == until { Mode::Record } else { Mode::Search(behind) };
                }
                return true;
            }
            if !cx.over(side) || there == at {
                return false;
            }
        }
        let bits = BitRange::bytes(0, (there - at) as usize);
        lane.findings.push(Rule::StreamUnparsed.says(bits, facts!("rest-of-cut")));
        lane.emit(cx, side, ItemKind::Unparsed, there, (true, 0));
        self.modes[side.index()] = Mode::Record;
        true
    }

    /// A server of HTTP that was sent a `ClientHello`: all that it says is its answer, since it closes then.
    fn http(&mut self, cx: &mut Cx<'_>, side: Side) -> bool {
        let lane = &mut self.lanes[side.index()];
        let at = lane.at;
        if !cx.over(side) && cx.talk.stream(side).end() - at < STRANGE {
            return false;
        }
        let there = peek_at(cx.talk, cx.store, side, at, STRANGE).len();
        let bits = BitRange::bytes(0, Header::LENGTH.min(there));
        lane.findings.push(Rule::TlsUnasked.says(bits, facts!("plain")));
        lane.emit(cx, side, ItemKind::HttpResponse, at + there as u64, (true, 0));
        self.modes[side.index()] = Mode::Search(at + there as u64);
        true
    }

    /// Looks for a place where records fit: the beginnings of segments from `from` on are tried.
    fn search(&mut self, cx: &mut Cx<'_>, side: Side, from: u64) -> bool {
        let lane = &mut self.lanes[side.index()];
        let stream = cx.talk.stream(side);
        let mut tried = from.max(lane.at);
        loop {
            let mut hint = stream.chunk_at(tried).unwrap_or(usize::MAX);
            match stream.piece(cx.store, tried, &mut hint) {
                Piece::Data(_) => {}
                Piece::Gap(missing) => {
                    self.session.gap(side);
                    if lane.at < tried && lane.findings.is_empty() {
                        let bits = BitRange::bytes(0, (tried - lane.at) as usize);
                        lane.findings.push(Rule::StreamUnparsed.says(bits, facts!("no-records")));
                    }
                    lane.take_gap(cx, side, (ItemKind::Unparsed, 0), tried, missing);
                    self.modes[side.index()] = Mode::Search(tried + missing);
                    return true;
                }
                Piece::End => break,
            }
            let at_segment = stream.chunks().get(hint).is_some_and(|chunk| chunk.offset() == tried);
            match if at_segment { fits(stream, cx.store, tried) } else { Continues::No } {
                Continues::Yes => {
                    self.take_strange(cx, side, tried);
                    let lane = &mut self.lanes[side.index()];
                    lane.findings.push(Rule::StreamGuess.says(BitRange::bytes(0, 1), facts!("record")));
                    self.session.gap(side);
                    self.modes[side.index()] = Mode::Record;
                    return true;
                }
                Continues::More if !cx.over(side) => break,
                _ => tried = stream.chunks().get(hint).map_or(u64::MAX, crate::trace::stream::Chunk::end),
            }
        }
        self.modes[side.index()] = Mode::Search(tried);
        if tried.saturating_sub(lane.at) >= STRANGE {
            self.take_strange(cx, side, tried);
            return true;
        }
        false
    }

    /// Makes an item of the bytes up to `end`, which are no records.
    fn take_strange(&mut self, cx: &mut Cx<'_>, side: Side, end: u64) {
        let lane = &mut self.lanes[side.index()];
        if lane.at >= end {
            return;
        }
        if lane.findings.is_empty() {
            let bits = BitRange::bytes(0, (end - lane.at) as usize);
            lane.findings.push(Rule::StreamUnparsed.says(bits, facts!("no-records")));
        }
        lane.emit(cx, side, ItemKind::Unparsed, end, (true, 0));
    }

    /// Tells on what is known about TLS, where that changed.
    fn tell(&mut self, cx: &mut Cx<'_>) {
        if std::mem::take(&mut self.changed) {
            let agreement = self.session.agreement().clone();
            cx.out.push(Out::Tls(Box::new(TlsFacts { agreement, keys: Keys::None, hidden: self.hidden })));
        } else {
            cx.out.push(Out::Hidden(self.hidden));
        }
    }
}

impl Machine for Records {
    fn advance(&mut self, cx: &mut Cx<'_>) {
        cx.talk.protocol = Protocol::Tls;
        loop {
            let client = self.step(cx, Side::Client);
            let server = self.step(cx, Side::Server);
            if !client && !server {
                break;
            }
        }
        self.tell(cx);
    }

    fn finish(&mut self, cx: &mut Cx<'_>) {
        self.advance(cx);
        for side in Side::BOTH {
            while self.lanes[side.index()].take_unparsed(cx, side) {}
        }
    }

    fn needed_from(&self, side: Side) -> u64 {
        self.lanes[side.index()].at
    }
}
