//! One TCP connection: who is the client, and in which order its bytes are delivered (RFC 9293).

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::context::Context;
use super::flow::{Flow, NEAR, Piece, State, Sums};
use crate::capture::packet::{Key, Segment, flags};
use crate::capture::path::Path;
use crate::facts;
use crate::model::protocol::Side;
use crate::model::rule::Rule;
use crate::trace::{End, Trace};
use crate::wire::start::{Start, start_of};

/// What was left out of the streams.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::capture) struct LeftOut {
    pub(in crate::capture) behind_end: u64,
    pub(in crate::capture) before_start: u64,
}

/// How many segments with wrong checksums wait in one direction.
const MAX_DOUBTFUL: usize = 256;

/// How many segments of the connection may come while one waits for bytes that were sent before it.
const MAX_WAITED: u32 = 4;

/// The flags of a segment that ends something.
const ENDS: u8 = flags::FIN | flags::RST;

/// One of the two ends: 0 is the low end of the key, 1 the high one.
type Index = usize;

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Connection {
    key: Key,
    /// The conversation in the trace, and the client's end; none until it is known who the client is.
    conversation: Option<(usize, Index)>,
    /// What each end sent.
    flows: [Flow; 2],
    reset: bool,
    digits: u8,
    /// Whether a segment was taken.
    used: bool,
    /// The path of each end's packets, as far as it was seen.
    paths: [Option<Path>; 2],
    /// Segments that acknowledge bytes which are not there yet: they were sent behind them.
    early: VecDeque<(Segment, Context)>,
    /// How many segments came since the first of these.
    waited: u32,
    /// Whether such bytes did not come once: they are not in the recording, and nothing waits for them again.
    waits_no_more: bool,
    /// Where the streams of the connection stood that used the same ports before this one, as far as it is known.
    before: Option<[Numbers; 2]>,
    /// The connection that used the same ports after this one.
    pub(super) next: Option<u32>,
}

/// Sequence numbers of one end of a connection that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    /// That of the SYN.
    initial: Option<u32>,
    /// The first and that behind the last.
    stream: Option<(u32, u32)>,
}

impl Numbers {
    /// Whether this one is among them, or not far ahead.
    fn have(self, seq: u32) -> bool {
        self.stream.is_some_and(|(first, end)| {
            seq.wrapping_sub(first) <= end.wrapping_sub(first).saturating_add(NEAR as u32)
        })
    }
}

impl Connection {
    pub(super) fn new(key: Key, digits: u8) -> Self {
        Self {
            key,
            conversation: None,
            flows: [Flow::new(), Flow::new()],
            reset: false,
            digits,
            used: false,
            paths: [None; 2],
            early: VecDeque::new(),
            waited: 0,
            waits_no_more: false,
            before: None,
            next: None,
        }
    }

    /// The same ports were used by another connection before, whose streams stood there.
    pub(super) fn comes_after(&mut self, before: [Numbers; 2]) {
        self.before = Some(before);
    }

    /// Where its streams stand.
    pub(super) fn numbers(&self) -> [Numbers; 2] {
        self.flows.each_ref().map(|flow| Numbers {
            initial: flow.initial,
            stream: (flow.state != State::Unknown).then_some((flow.origin as u32, flow.next as u32)),
        })
    }

    /// Whether a segment is a late one of the connection that used the same ports before: a repetition, or a copy.
    pub(super) fn is_stray(&self, segment: &Segment) -> bool {
        let Some(before) = self.before else { return false };
        let sender = usize::from(!segment.from_low);
        let own = &self.flows[sender];
        if segment.flags & flags::SYN != 0 {
            return own.initial != Some(segment.seq) && before[sender].initial == Some(segment.seq);
        }
        (own.state == State::Unknown || !own.is_near(segment.seq)) && before[sender].have(segment.seq)
    }

    pub(super) fn is_used(&self) -> bool {
        self.used
    }

    pub(super) fn lowest_address(&self) -> Option<u64> {
        let early = self.early.iter().map(|(_, context)| context.place.at);
        self.flows.iter().filter_map(Flow::lowest_address).chain(early).min()
    }

    fn flow(&mut self, index: Index) -> &mut Flow {
        &mut self.flows[index & 1]
    }

    /// Whether a segment with SYN belongs to this connection; if not, it opens another one on the same ports.
    pub(super) fn accepts_syn(&self, segment: &Segment) -> bool {
        let sender = usize::from(!segment.from_low);
        let (own, other) = (&self.flows[sender], &self.flows[1 - sender]);
        if let Some(initial) = own.initial {
            return initial == segment.seq; // The same SYN again, or a new connection.
        }
        let begins_at = own.position(segment.seq.wrapping_add(1));
        let is_behind =
            own.state != State::Unknown && begins_at <= own.origin && own.origin - begins_at <= NEAR;
        match (segment.flags & flags::ACK != 0, other.initial) {
            // The answer to the SYN that was seen, and perhaps to bytes that came with it (RFC 7413).
            (true, Some(initial)) => {
                u64::from(segment.ack.wrapping_sub(initial.wrapping_add(1))) <= other.next - other.origin
            }
            // Both ends open at the same time (RFC 9293 section 3.5).
            (false, Some(_)) => is_behind || own.state == State::Unknown && other.next == other.origin,
            // The file has the SYN behind the first bytes.
            (_, None) if own.state == State::Unknown => own.hint == Some(segment.seq.wrapping_add(1)),
            (_, None) => is_behind,
        }
    }

    /// Whether a segment on a path on which this connection was not seen belongs to it all the same: it is the first of
    /// its direction and acknowledges what the other end sent, or its numbers are those of both streams. Where a bridge or
    /// a router is recorded on both sides, each packet is seen on two paths.
    pub(super) fn goes_on_with(&self, segment: &Segment) -> bool {
        let sender = usize::from(!segment.from_low);
        let (own, other) = (&self.flows[sender], &self.flows[1 - sender]);
        let is_syn = segment.flags & flags::SYN != 0;
        let first = segment.seq.wrapping_add(u32::from(is_syn));
        if self.next.is_some() {
            return false;
        }
        if is_syn && own.initial.is_some() {
            return own.initial == Some(segment.seq);
        }
        if segment.flags & flags::ACK == 0 {
            return segment.flags & flags::RST != 0 && own.is_near(first);
        }
        if is_syn && self.reset {
            return false;
        }
        other.is_near(segment.ack)
            && match self.paths[sender] {
                None => own.state == State::Unknown || own.is_near(first),
                Some(_) => !is_syn && own.is_near(first),
            }
    }

    /// A segment that goes on where the last one ended and has nothing special: by far the most of them.
    /// Returns whether it was one.
    #[inline]
    pub(super) fn go_on(&mut self, segment: &Segment, context: Context, trace: &mut Trace) -> bool {
        let sender = usize::from(!segment.from_low);
        let [low, high] = &mut self.flows;
        let (own, other) = if sender == 0 { (low, high) } else { (high, low) };
        if segment.flags & (flags::SYN | flags::FIN | flags::RST) != 0
            || segment.flags & flags::ACK == 0
            || own.state != State::Known
            || other.state == State::Unknown
            || own.has_hole()
            || other.has_hole()
            || segment.recorded != segment.length
            || own.fin.is_some()
            || own.judge(segment.checksum)
            || self.before.is_some()
            || !self.early.is_empty()
            || !own.doubtful.is_empty()
            || !other.doubtful.is_empty()
        {
            return false;
        }
        let Some((conversation, client)) = self.conversation else { return false };
        if segment.length > 0 {
            if segment.seq != own.next as u32 || !self.waits_no_more && other.is_behind(segment.ack) {
                return false;
            }
            own.next += u64::from(segment.length);
            let side = if sender == client { Side::Client } else { Side::Server };
            trace.data(conversation, side, context.place, segment.length, context.packet, context.time);
        }
        other.acknowledge(segment.ack, context.packet, context.time);
        true
    }

    /// Any segment.
    ///
    /// One whose checksum does not fit waits, if the same end sent others whose checksums fit: a receiver would have dropped
    /// it. Mostly it comes again, and the first is left out. If the other end acknowledges it without that, or nothing
    /// else comes in its place, it is taken after all: it was the recording that has the wrong checksum.
    pub(super) fn segment(
        &mut self,
        segment: &Segment,
        context: Context,
        trace: &mut Trace,
        left_out: &mut LeftOut,
    ) {
        if self.is_stray(segment) {
            left_out.behind_end += 1;
            return;
        }
        let sender = usize::from(!segment.from_low);
        let own = self.flow(sender);
        if own.judge(segment.checksum) && own.doubtful.len() < MAX_DOUBTFUL {
            own.doubtful.push_back((*segment, context));
        } else if self.is_early(segment, sender) {
            self.flow(1 - sender).acknowledge(segment.ack, context.packet, context.time);
            self.early.push_back((*segment, context));
        } else {
            self.take(segment, context, trace, left_out);
        }
        for index in [0, 1] {
            self.settle_doubtful(index, trace, left_out);
        }
        self.settle_early(trace, left_out);
        for index in [0, 1] {
            if self.flow(index).has_hole() {
                while self.flow(index).hole_is_lost(context.time) {
                    self.give_up_hole(index, trace, left_out);
                }
            }
        }
        self.tell_held(trace);
    }

    /// Tells the trace what is held back until the bytes before it come.
    fn tell_held(&self, trace: &mut Trace) {
        if let Some((conversation, _)) = self.conversation {
            let held = self.flows.iter().filter_map(Flow::behind_hole);
            trace.awaits(conversation, held.map(|(_, packet, time)| (packet, time)));
        }
    }

    /// Whether a segment was sent behind bytes of the other end that are not there yet. In a capture whose packets are
    /// slightly out of order an answer may stand before its request.
    fn is_early(&self, segment: &Segment, sender: Index) -> bool {
        let (own, other) = (&self.flows[sender], &self.flows[1 - sender]);
        segment.flags & flags::ACK != 0
            && segment.flags & (flags::SYN | flags::RST) == 0
            && (segment.length > 0 || segment.flags & flags::FIN != 0)
            && !self.waits_no_more
            && own.state != State::Unknown
            && other.is_behind(segment.ack)
    }

    /// Takes the segments that waited for bytes of the other end, if these are there or did not come.
    fn settle_early(&mut self, trace: &mut Trace, left_out: &mut LeftOut) {
        if self.early.is_empty() {
            return;
        }
        self.waited += 1;
        self.waits_no_more |= self.waited > MAX_WAITED;
        while let Some((segment, context)) = self.early.pop_front() {
            if self.is_early(&segment, usize::from(!segment.from_low)) {
                self.early.push_front((segment, context));
                return;
            }
            self.take(&segment, context, trace, left_out);
        }
        self.waited = 0;
    }

    fn take_early(&mut self, trace: &mut Trace, left_out: &mut LeftOut) {
        while let Some((segment, context)) = self.early.pop_front() {
            self.take(&segment, context, trace, left_out);
        }
    }

    /// Decides about the segments whose checksum does not fit, as far as that can be done now.
    fn settle_doubtful(&mut self, sender: Index, trace: &mut Trace, left_out: &mut LeftOut) {
        loop {
            let own = self.flow(sender);
            let Some(&(segment, context)) = own.doubtful.front() else { return };
            let end = own.position(segment.seq.wrapping_add(segment.length));
            let is_acknowledged = own.acknowledged.is_some_and(|(highest, ..)| highest >= end);
            if end <= own.next && own.state != State::Unknown && segment.flags & ENDS == 0 {
                own.doubtful.pop_front();
                if segment.length > 0 {
                    self.left_out_damaged(sender, context.packet, trace);
                }
            } else if is_acknowledged && segment.length > 0 {
                own.doubtful.pop_front();
                own.sums = Sums::Worthless;
                self.take(&segment, context, trace, left_out);
            } else {
                return;
            }
        }
    }

    /// Nothing came in place of the segments whose checksum does not fit: damaged bytes are better than none.
    fn take_doubtful(&mut self, sender: Index, trace: &mut Trace, left_out: &mut LeftOut) {
        while let Some((segment, context)) = self.flow(sender).doubtful.pop_front() {
            let own = self.flow(sender);
            if segment.length > 0 && own.position(segment.seq.wrapping_add(segment.length)) <= own.next {
                self.left_out_damaged(sender, context.packet, trace);
            } else {
                self.take(&segment, context, trace, left_out);
            }
        }
    }

    /// Says that a damaged segment was left out, once for each conversation.
    fn left_out_damaged(&mut self, sender: Index, packet: u32, trace: &mut Trace) {
        let Some((conversation, _)) = self.side(sender) else { return };
        let [low, high] = self.key.ends();
        let end = if sender == 0 { low } else { high };
        let known = |talk: &crate::trace::Conversation| {
            talk.findings.iter().any(|finding| finding.rule == Rule::TcpChecksum)
        };
        if trace.conversation(conversation).is_some_and(|talk| !known(talk)) {
            let (end, packet) = (end.to_string(), packet.to_string());
            trace.say(conversation, Rule::TcpChecksum.about(facts!("again", packet, end)));
        }
    }

    fn take(&mut self, segment: &Segment, context: Context, trace: &mut Trace, left_out: &mut LeftOut) {
        let sender = usize::from(!segment.from_low);
        self.used = true;
        self.paths[sender] = Some(segment.key.path());
        let mut seq = segment.seq;
        if segment.flags & flags::SYN != 0 {
            self.syn(segment, sender, trace);
            seq = seq.wrapping_add(1); // The SYN takes a sequence number.
        }
        if segment.flags & flags::ACK != 0 {
            let other = self.flow(1 - sender);
            if other.state == State::Unknown {
                other.begin(segment.ack, State::Expected);
            }
            other.acknowledge(segment.ack, context.packet, context.time);
        }
        if segment.flags & flags::RST != 0 {
            self.reset(sender, context, trace, left_out); // What a RST carries is a remark, not data (RFC 9293 section 3.5.2).
            return;
        }
        let own = self.flow(sender);
        if own.state == State::Unknown && own.hint.is_none() {
            own.hint = Some(seq);
        }
        if segment.length > 0 {
            self.payload(segment, seq, sender, context, trace, left_out);
        }
        if segment.flags & flags::FIN != 0 {
            self.open_inside(sender, &[], trace);
            let own = self.flow(sender);
            let fin_seq = seq.wrapping_add(segment.length);
            if own.state == State::Unknown {
                own.begin(fin_seq, State::Expected);
            }
            if own.fin.is_none() {
                own.fin = Some((own.position(fin_seq), context.packet, context.time));
            }
            self.end_in_order(sender, trace);
        }
    }

    fn syn(&mut self, segment: &Segment, sender: Index, trace: &mut Trace) {
        let is_answer = segment.flags & flags::ACK != 0;
        let own = self.flow(sender);
        if own.initial.is_some() {
            return;
        }
        own.initial = Some(segment.seq);
        if own.state == State::Unknown || own.next == own.origin {
            own.begin(segment.seq.wrapping_add(1), State::Known);
        }
        let other = self.flow(1 - sender);
        if is_answer && other.state == State::Unknown {
            // The SYN itself is not in the recording, but the answer says which byte comes first.
            other.initial = Some(segment.ack.wrapping_sub(1));
            other.begin(segment.ack, State::Known);
        }
        if self.conversation.is_none() {
            let client = if is_answer { 1 - sender } else { sender };
            self.open(client, false, trace);
        }
    }

    fn open(&mut self, client: Index, begins_inside: bool, trace: &mut Trace) {
        let [low, high] = self.key.ends();
        let (client_end, server_end) = if client == 0 { (low, high) } else { (high, low) };
        let conversation = trace.open(client_end, server_end, begins_inside, self.digits);
        self.conversation = Some((conversation, client));
    }

    /// Opens the conversation of a connection whose SYN was not recorded: `first` are the first bytes of the stream
    /// that `sender` sent, as far as they are there.
    fn open_inside(&mut self, sender: Index, first: &[u8], trace: &mut Trace) {
        if self.conversation.is_none() {
            let client = guess_client(sender, first, self.key.ends(), trace);
            self.open(client, true, trace);
        }
    }

    fn side(&self, index: Index) -> Option<(usize, Side)> {
        let (conversation, client) = self.conversation?;
        Some((conversation, if index == client { Side::Client } else { Side::Server }))
    }

    fn payload(
        &mut self,
        segment: &Segment,
        seq: u32,
        sender: Index,
        context: Context,
        trace: &mut Trace,
        left_out: &mut LeftOut,
    ) {
        if self.conversation.is_none() {
            let first = trace.store.bytes(context.place.at, segment.recorded.min(16) as usize).to_vec();
            self.open_inside(sender, &first, trace);
        }
        let own = self.flow(sender);
        if own.state == State::Unknown {
            own.begin(seq, State::Known);
        }
        let start = own.position(seq);
        if own.state == State::Expected {
            if start < own.next && own.next == own.origin {
                own.begin(seq, State::Known); // The first bytes of the recording are older than was thought.
            } else if start == own.next {
                own.state = State::Known;
            }
        }
        let start = own.position(seq);
        let mut piece = Piece {
            start,
            length: segment.length,
            recorded: segment.recorded,
            place: context.place,
            packet: context.packet,
            time: context.time,
        };
        if let Some((fin, ..)) = own.fin
            && piece.end() > fin
        {
            left_out.behind_end += 1;
            if start >= fin {
                return;
            }
            piece = piece.until(fin);
        }
        if start < own.next {
            if start < own.origin {
                left_out.before_start += u64::from(own.initial.is_none());
            }
            let next = own.next;
            self.compare_with_delivered(piece.until(piece.end().min(next)), sender, trace);
            if piece.end() <= next {
                return;
            }
            piece = piece.from(next);
        }
        let own = self.flow(sender);
        if piece.start == own.next && !own.has_hole() {
            self.deliver(piece, sender, trace);
        } else {
            let mut differing = 0;
            let store = &trace.store;
            self.flow(sender).hold(piece, |held, new| {
                let both = held.recorded.min(new.recorded) as usize;
                differing += differences(store.bytes(held.place.at, both), store.bytes(new.place.at, both));
            });
            self.overlap(differing, context.packet, sender, trace);
            self.deliver_run(sender, trace);
        }
        self.end_in_order(sender, trace);
    }

    /// Hands a piece over that begins at the stream's next byte.
    fn deliver(&mut self, piece: Piece, sender: Index, trace: &mut Trace) {
        let own = self.flow(sender);
        own.next = piece.end();
        own.state = State::Known;
        let Some((conversation, side)) = self.side(sender) else { return };
        let Piece { place, packet, time, .. } = piece;
        if piece.recorded > 0 {
            trace.data(conversation, side, place, piece.recorded, packet, time);
        }
        if piece.recorded < piece.length {
            trace.gap(conversation, side, u64::from(piece.length - piece.recorded), packet, time);
        }
    }

    /// Hands over what was held and now follows.
    fn deliver_run(&mut self, sender: Index, trace: &mut Trace) {
        for piece in self.flow(sender).take_run() {
            self.deliver(piece, sender, trace);
        }
    }

    /// The bytes before what is held will not come any more.
    fn give_up_hole(&mut self, sender: Index, trace: &mut Trace, left_out: &mut LeftOut) {
        if !self.flow(sender).doubtful.is_empty() {
            self.take_doubtful(sender, trace, left_out);
            return;
        }
        let own = self.flow(sender);
        let Some((position, packet, time)) = own.behind_hole() else { return };
        let missing = position.saturating_sub(own.next);
        let begins = own.state == State::Expected && own.next == own.origin;
        own.next = position;
        if begins {
            own.origin = position; // What is missing was sent before the recording began, as far as anybody knows.
        } else if let Some((conversation, side)) = self.side(sender) {
            trace.gap(conversation, side, missing, packet, time);
        }
        self.deliver_run(sender, trace);
        self.end_in_order(sender, trace);
    }

    /// Tells the trace of the FIN once all bytes before it were delivered.
    fn end_in_order(&mut self, sender: Index, trace: &mut Trace) {
        let own = self.flow(sender);
        if let Some((fin, packet, time)) = own.fin
            && fin <= own.next
            && !own.ended
        {
            own.ended = true;
            if let Some((conversation, side)) = self.side(sender) {
                trace.end(conversation, side, End::Fin, packet, time);
            }
        }
    }

    fn reset(&mut self, sender: Index, context: Context, trace: &mut Trace, left_out: &mut LeftOut) {
        self.open_inside(sender, &[], trace);
        self.give_up_all(trace, left_out);
        let news = !self.reset && self.flows.iter().any(|flow| !flow.ended);
        self.reset = true;
        let (Some((conversation, _)), true) = (self.side(sender), news) else { return };
        // The address, because a guess about who is the client can still be turned round.
        let (packet, [low, high]) = (context.packet, self.key.ends());
        let end = if sender == 0 { low } else { high };
        trace.say(
            conversation,
            Rule::TcpReset.about(facts!("by", end = end.to_string(), packet = packet.to_string())),
        );
        self.flows.iter_mut().for_each(|flow| flow.ended = true);
        if let Some((conversation, side)) = self.side(sender) {
            trace.end(conversation, side, End::Reset, context.packet, context.time);
        }
    }

    fn give_up_all(&mut self, trace: &mut Trace, left_out: &mut LeftOut) {
        self.take_early(trace, left_out);
        for index in [0, 1] {
            while self.flow(index).has_hole() {
                self.give_up_hole(index, trace, left_out);
            }
        }
        self.tell_held(trace);
    }

    /// The recording, or the use of these ports for this connection, is over.
    pub(super) fn finish(&mut self, trace: &mut Trace, left_out: &mut LeftOut) {
        for index in [0, 1] {
            self.take_doubtful(index, trace, left_out);
        }
        self.open_inside(0, &[], trace);
        self.give_up_all(trace, left_out);
        for index in [0, 1] {
            self.missing_tail(index, trace);
            self.end_in_order(index, trace);
        }
    }

    /// What the other end acknowledged was sent, even where the recording has nothing of it.
    fn missing_tail(&mut self, sender: Index, trace: &mut Trace) {
        let side = self.side(sender);
        let own = self.flow(sender);
        let known = own.initial.is_some() || own.next != own.origin;
        let (Some((conversation, side)), true) = (side, known) else { return };
        // One more than there is: more likely a FIN that was not recorded than a byte.
        let acknowledged = own.acknowledged.filter(|&(position, ..)| position > own.next + 1);
        let (None, Some((end, packet, time))) = (own.fin, acknowledged) else { return };
        let missing = end - own.next;
        own.next = end;
        trace.gap(conversation, side, missing, packet, time);
    }

    /// Compares bytes that came again with those that were delivered.
    fn compare_with_delivered(&mut self, piece: Piece, sender: Index, trace: &mut Trace) {
        let own = self.flow(sender);
        // A keep-alive probe repeats the last byte's number with a byte that means nothing (RFC 9293 section 3.8.4).
        if piece.length == 1 && piece.end() == own.next || piece.end() <= own.origin {
            return;
        }
        let origin = own.origin;
        let piece = piece.from(piece.start.max(origin));
        let Some((conversation, side)) = self.side(sender) else { return };
        let Some(stream) = trace
            .conversation(conversation)
            .map(|conversation| conversation.stream(conversation.turned(side)))
        else {
            return;
        };
        let from = piece.start - origin;
        let delivered = stream.bytes(&trace.store, from..from + u64::from(piece.recorded));
        let again = trace.store.bytes(piece.place.at, delivered.len());
        let differing = differences(&delivered, again);
        self.overlap(differing, piece.packet, sender, trace);
    }

    /// Says that bytes came again and were others, once for each conversation.
    fn overlap(&mut self, differing: usize, packet: u32, sender: Index, trace: &mut Trace) {
        let (true, Some((conversation, _))) = (differing > 0, self.side(sender)) else { return };
        let [low, high] = self.key.ends();
        let end = if sender == 0 { low } else { high };
        if trace
            .conversation(conversation)
            .is_some_and(|talk| !talk.findings.iter().any(|finding| finding.rule == Rule::TcpOverlap))
        {
            let (end, packet) = (end.to_string(), packet.to_string());
            trace.say(conversation, Rule::TcpOverlap.about(facts!("again", packet, count = differing, end)));
        }
    }
}

fn differences(first: &[u8], second: &[u8]) -> usize {
    if first == second {
        0
    } else {
        first.iter().zip(second).filter(|(first, second)| first != second).count()
    }
}

/// Which end is the client, when the SYN was not recorded.
fn guess_client(sender: Index, first: &[u8], ends: [SocketAddr; 2], trace: &Trace) -> Index {
    match start_of(first).and_then(Start::side) {
        Some(Side::Client) => return sender,
        Some(Side::Server) => return 1 - sender,
        None => {}
    }
    let [low, high] = ends.map(|end| end.port());
    let told = |port: u16| trace.decode_as.iter().any(|told| told.port == port);
    match (told(low), told(high)) {
        (true, false) => 1,
        (false, true) => 0,
        _ if low > high => 0,
        _ if high > low => 1,
        _ => sender,
    }
}
