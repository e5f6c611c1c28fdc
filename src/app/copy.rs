//! A conversation of its own, with a copy of its bytes: to be written, or to be sent again while the recording it is
//! from goes on.

use std::net::SocketAddr;
use std::ops::Range;

use crate::protocol::Side;
use crate::rule::Rule;
use crate::trace::{Chunk, Conversation, End, Handshake, Place, Timestamp, Trace};

/// A trace of one conversation alone, with a copy of its bytes.
pub(super) fn conversation(trace: &Trace, conversation: usize) -> Option<Trace> {
    let talk = trace.conversations.get(conversation)?;
    let all = Side::BOTH.map(|side| vec![0..talk.stream(side).end()]);
    let mut copy = copy(trace, talk, &all);
    for wanted in [End::Fin, End::Reset] {
        for side in Side::BOTH {
            if talk.ends[side.index()] == Some(wanted) {
                copy.end(0, side, wanted);
            }
        }
    }
    copy.finish();
    Some(copy)
}

/// The same of some of its items, from `first` to `last`. Before frames stands the handshake that opened the connection,
/// because without it nobody could say what they are.
pub(super) fn items(trace: &Trace, conversation: usize, first: usize, last: usize) -> Option<Trace> {
    let talk = trace.conversations.get(conversation)?;
    let mut numbers = Vec::new();
    let chosen = |number: usize| talk.items.get(number);
    if (first..=last).filter_map(chosen).any(|item| item.kind.is_frame()) {
        let handshake = talk.exchanges.iter().rfind(|(_, response)| (*response as usize) < last);
        let handshake = handshake.into_iter().flat_map(|(request, response)| [*request, *response]);
        numbers.extend(handshake.map(|number| number as usize).filter(|number| *number < first));
    }
    numbers.extend(first..=last);
    let mut ranges = [Vec::new(), Vec::new()];
    for item in numbers.into_iter().filter_map(chosen) {
        ranges[item.side.index()].push(item.range());
    }
    let mut copy = copy(trace, talk, &ranges);
    copy.finish();
    Some(copy)
}

/// Where a copy pretends to have been spoken, if nobody knows: captures tell the sides by their addresses.
const CLIENT: ([u8; 4], u16) = ([127, 0, 0, 1], 50_001);
const SERVER: ([u8; 4], u16) = ([127, 0, 0, 1], 80);

fn copy(trace: &Trace, talk: &Conversation, ranges: &[Vec<Range<u64>>; 2]) -> Trace {
    let mut copy = Trace::default();
    copy.decode_as.clone_from(&trace.decode_as);
    let begins_inside = talk.findings.iter().any(|finding| finding.rule == Rule::StreamBeginsInside);
    if talk.handshake == Handshake::Missing && talk.protocol.family().is_some() && !begins_inside {
        copy.open_as(talk.protocol, talk.deflate);
    } else {
        copy.open(talk.client, talk.server, begins_inside, talk.digits);
    }
    if let Some(copied) = copy.conversations.first_mut() {
        let known = talk.client != talk.server;
        copied.client = if known { talk.client } else { SocketAddr::from(CLIENT) };
        copied.server = if known { talk.server } else { SocketAddr::from(SERVER) };
        copied.digits = talk.digits;
    }
    let [client, server] = Side::BOTH.map(|side| pieces(talk, side, &ranges[side.index()]));
    let (mut client, mut server) = (client.peekable(), server.peekable());
    loop {
        // The order of the recording: by packet where there are packets, else by time.
        let next = match (client.peek(), server.peek()) {
            (Some(left), Some(right)) if right.order() < left.order() => server.next(),
            (Some(_), _) => client.next(),
            (None, _) => server.next(),
        };
        let Some(piece) = next else { return copy };
        piece.push(trace, &mut copy);
    }
}

/// Bytes of a stream that came in one packet.
struct Piece<'a> {
    side: Side,
    chunk: &'a Chunk,
    range: Range<u64>,
}

fn pieces<'a>(
    talk: &'a Conversation,
    side: Side,
    ranges: &'a [Range<u64>],
) -> impl Iterator<Item = Piece<'a>> {
    ranges.iter().flat_map(move |range| {
        talk.stream(side).chunks_in(range.clone()).map(move |chunk| {
            let range = range.start.max(chunk.offset())..range.end.min(chunk.end());
            Piece { side, chunk, range }
        })
    })
}

impl Piece<'_> {
    fn order(&self) -> (u32, Timestamp) {
        (self.chunk.packet(), self.chunk.time())
    }

    fn push(&self, from: &Trace, to: &mut Trace) {
        let (packet, time) = self.order();
        let length = self.range.end - self.range.start;
        if self.chunk.is_gap() {
            to.gap(0, self.side, length as u32, packet, time);
            return;
        }
        let first = (self.range.start - self.chunk.offset()) as usize;
        let bytes = self.chunk.bytes(&from.store);
        let bytes = bytes.get(first..first + length as usize).unwrap_or_default();
        let at = to.store.append(bytes);
        to.data(0, self.side, Place { at, headers: None }, bytes.len() as u32, packet, time);
    }
}
