//! The dissector: finds the items and messages of a conversation while its bytes arrive.
//!
//! Each side has a [`Lane`]: a place in its stream ([`Cursor`]) and a [`Mode`] that says what is expected there. A mode
//! is a type of its own and steps: it takes in something, says by what other mode it is followed, or finds that it
//! needs more bytes, or the other side's ([`Step`]). All that it may look at and add to is its [`Cx`]; what concerns
//! both sides stands in [`Shared`]. [`Dissector::advance`] steps until neither lane moves. Every step but the last of a
//! mode takes bytes, so this ends; there is no recursion.
//!
//! | file | what |
//! |---|---|
//! | `cx` | a lane's place, and how a step reads and adds items |
//! | `shared` | requests without an answer, what was agreed, pings |
//! | `start` | the first byte decides what begins |
//! | `head`, `body` | HTTP, and with it the opening handshakes |
//! | `policy` | Flash's policy request and file |
//! | `hybi`, `hixie` | frames |
//! | `guess`, `fit` | what is spoken where no handshake says it; how well frames fit |
//! | `sync` | finding frames again |
//! | `chunks` | chunks where frames should be |
//! | `tls` | TLS where HTTP was spoken |
//! | `rest` | what a gap cut, and what nobody understands |
//! | `judge` | what can be said only when all is over |

mod body;
mod chunks;
mod cx;
mod first;
mod fit;
mod guess;
mod head;
mod hixie;
mod http;
mod hybi;
mod judge;
mod policy;
mod rest;
mod shared;
mod start;
mod sync;
mod tls;

use super::DecodeAs;
use super::conversation::{Conversation, End, Spoken};
use super::order::Renumbering;
use super::store::Store;
use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};
use crate::model::rule::Rule;

pub(crate) use hybi::INFLATE_LIMIT;

use body::BodyMode;
use chunks::Chunks;
use cx::{Cursor, Cx};
use guess::{Guess, Guessed};
use head::HeadMode;
use hixie::HixieFrames;
use hybi::HybiFrames;
pub(super) use shared::Onward;
use shared::{Link, Shared};
use sync::Sync;
use tls::Records;

/// Reads one conversation. See the module's text.
#[derive(Debug)]
pub(super) struct Dissector {
    lanes: [Lane; 2],
    shared: Shared,
    guess: Guess,
}

/// One side's place and state.
#[derive(Debug, Default)]
struct Lane {
    here: Cursor,
    mode: Mode,
}

/// What is expected next on a lane.
#[derive(Debug, Default)]
enum Mode {
    /// Anything: the first byte decides.
    #[default]
    Start,
    /// The client asked for an upgrade; what follows depends on the answer.
    Waiting,
    /// An HTTP head.
    Head(HeadMode),
    /// The body of the HTTP message whose head was read.
    Body(Box<BodyMode>),
    /// Flash's policy request, or the policy file.
    Policy,
    /// Frames, or the chunks that a server made of them.
    Chunks(Chunks),
    /// TLS records in answer to something else.
    Tls(Records),
    /// Frames, and the first of them says how they stand on the wire.
    First,
    /// Frames of hybi-01 to RFC 6455.
    Hybi(Box<HybiFrames>),
    /// Frames of hixie-75 or hixie-76.
    Hixie(HixieFrames),
    /// The rest of an item that was cut by a gap.
    Skip(rest::Skip),
    /// What stands before the place where frames were found.
    Before(rest::Before),
    /// Where a frame begins is not known; frames that fit are looked for.
    Sync(Sync),
    /// Nothing that is understood.
    Opaque,
}

/// What a step did.
enum Step {
    /// Nothing: more bytes are needed, or the other side's.
    Wait,
    /// Something was taken in; the mode stays.
    Stay,
    /// Another mode follows.
    To(Mode),
    /// Another mode follows, and the other lane is concerned.
    Both(Mode, Both),
}

/// What a step of one lane changes for both.
enum Both {
    /// Client and server agreed on frames: the client speaks them, unless it is in the middle of something else. Where
    /// an answer of the server did it, the place where that answer began.
    Open(Link, Option<u64>),
    /// Frames were found: a client that still waits for an answer speaks them too.
    Found(Link),
    /// The client waits no longer: it begins something new.
    GoOn,
    /// What follows is another conversation, on either side.
    HandOver(Onward),
    /// What follows is no WebSocket, on either side.
    Stranger,
    /// HTTP/2 follows, on either side.
    Http2,
}

impl Mode {
    #[inline]
    fn step(&mut self, cx: &mut Cx<'_>) -> Step {
        match self {
            Self::Hybi(frames) => frames.step(cx),
            Self::First => first::step(cx),
            Self::Hixie(frames) => frames.step(cx),
            Self::Start => start::step(cx),
            Self::Waiting => Step::Wait,
            Self::Head(head) => head.step(cx),
            Self::Body(body) => body.step(cx),
            Self::Policy => policy::step(cx),
            Self::Chunks(chunks) => chunks.step(cx),
            Self::Tls(records) => records.step(cx),
            Self::Skip(skip) => skip.step(cx),
            Self::Before(before) => before.step(cx),
            Self::Sync(sync) => sync.step(cx),
            Self::Opaque => rest::opaque(cx),
        }
    }

    /// Frames are looked for from here on.
    fn sync() -> Self {
        Self::Sync(Sync::default())
    }
}

impl Dissector {
    /// `begins_inside`: the recording does not hold the connection's first bytes; `told`: what the user says is spoken.
    pub(super) fn new(begins_inside: bool, told: Option<DecodeAs>) -> Self {
        let shared = Shared { begins_inside, told, ..Shared::default() };
        Self { lanes: [Lane::default(), Lane::default()], shared, guess: Guess::default() }
    }

    /// The first byte of `side` that later reading may look at again.
    pub(super) fn needed_from(&self, side: Side) -> u64 {
        self.lanes[side.index()].here.at
    }

    /// The first item that is still needed: of a message whose fragments are arriving, or a request without an answer.
    pub(super) fn needed_item(&self) -> Option<u32> {
        let messages = self.lanes.iter().filter_map(|lane| match &lane.mode {
            Mode::Hybi(frames) => frames.unfinished(),
            _ => None,
        });
        messages.chain(self.shared.exchanges.front().and_then(|exchange| exchange.item)).min()
    }

    /// Items have new numbers.
    #[cold]
    pub(super) fn renumber(&mut self, numbers: &Renumbering) {
        for lane in &mut self.lanes {
            let Cursor { closed, pinged, .. } = &mut lane.here;
            [closed, pinged].into_iter().flatten().for_each(|item| numbers.renumber(item));
            if let Mode::Hybi(frames) = &mut lane.mode {
                frames.renumber(numbers);
            }
        }
        let asked = self.shared.exchanges.iter_mut().filter_map(|exchange| exchange.item.as_mut());
        asked.for_each(|item| numbers.renumber(item));
    }

    /// Whether the rest of the bytes is another conversation's.
    pub(super) const fn hands_on(&self) -> bool {
        self.shared.hand_over.is_some()
    }

    /// Where the bytes begin that are another conversation's, the client's first, and where they go. This one is done
    /// then.
    pub(super) fn take_hand_over(&mut self) -> Option<([u64; 2], Onward)> {
        self.shared.hand_over.take()
    }

    /// How each direction ended by now, the client's first.
    pub(super) fn end(&mut self, ends: [Option<End>; 2]) {
        self.shared.ended = ends;
    }

    /// Both sides speak frames from here on.
    pub(super) fn open(&mut self, talk: &mut Conversation, spoken: Spoken) {
        let Some(link) = self.shared.agree(talk, spoken.protocol, spoken.deflate, None) else { return };
        talk.codings = spoken.codings;
        for side in Side::BOTH {
            let Lane { here, mode } = &mut self.lanes[side.index()];
            here.seen = here.at;
            *mode = link.mode(talk, side, here.lossy);
        }
    }

    /// The same where what came before was not recorded.
    pub(super) fn join(&mut self, talk: &mut Conversation, spoken: Spoken) {
        for side in Side::BOTH {
            self.lanes[side.index()].here.lossy = true;
            self.shared.pings.gap(side);
        }
        self.open(talk, spoken);
    }

    /// Reads as far as the bytes go.
    ///
    /// What comes out does not depend on how many bytes came at once: after each step of the side whose bytes came the
    /// other side does all that it can, as if that step's last byte had been the last so far.
    #[inline]
    pub(super) fn advance(&mut self, talk: &mut Conversation, store: &Store) {
        let client = &mut self.lanes[0].here;
        let end = talk.stream(Side::Client).end();
        let fed = if std::mem::replace(&mut client.fed, end) == end { Side::Server } else { Side::Client };
        loop {
            // Looked at from outside: a step is large, and mostly the other side has nothing to do.
            while self.may_move(talk, fed.other()) && self.step(talk, store, fed.other()) {}
            if self.may_move(talk, fed) && self.step(talk, store, fed) {
                continue;
            }
            if !self.is_guessing() {
                return;
            }
            match self.guess(talk, store) {
                Guessed::Nothing => return,
                Guessed::Moved => {}
                Guessed::Frames => return self.advance_in_order(talk, store),
            }
        }
    }

    /// Whether a step of one lane could do anything.
    #[inline]
    fn may_move(&self, talk: &Conversation, side: Side) -> bool {
        let lane = &self.lanes[side.index()];
        // A body can be complete without another byte of its own side: it may be empty, or wait for key3.
        let waits_for_bytes = !matches!(lane.mode, Mode::Body(_) | Mode::Skip(_) | Mode::Before(_));
        !waits_for_bytes || lane.here.seen < talk.stream(side).end() || self.shared.over(side)
    }

    /// One step of one lane; whether anything moved.
    fn step(&mut self, talk: &mut Conversation, store: &Store, side: Side) -> bool {
        if side == Side::Server && matches!(self.lanes[1].mode, Mode::Start) {
            self.end_policy_request(talk, store);
        }
        let Self { lanes, shared, .. } = self;
        let Lane { here, mode } = &mut lanes[side.index()];
        match mode.step(&mut Cx { talk, store, side, here, shared }) {
            Step::Wait => false,
            Step::Stay => true,
            Step::To(next) => {
                *mode = next;
                true
            }
            Step::Both(next, both) => {
                *mode = next;
                self.both(talk, store, both);
                true
            }
        }
    }

    /// The server speaks, so a policy request of the client that has no NUL is as long as it is.
    fn end_policy_request(&mut self, talk: &mut Conversation, store: &Store) {
        let Self { lanes: [Lane { here, mode }, _], shared, .. } = self;
        if matches!(mode, Mode::Policy) && !shared.over(Side::Client) {
            let mut cx = Cx { talk, store, side: Side::Client, here, shared };
            if let Some(next) = policy::end_request(&mut cx) {
                *mode = next;
            }
        }
    }

    /// What a step of one lane changes for both.
    fn both(&mut self, talk: &mut Conversation, store: &Store, both: Both) {
        let Self { lanes: [Lane { here, mode }, _], shared, .. } = self;
        match both {
            Both::Open(link, answered) => {
                if let Some(answered) = answered {
                    judge::early_data(talk, here, link, answered);
                }
                if matches!(mode, Mode::Opaque) {
                    // What could not be read came before the answer. Frames follow it all the same.
                    rest::take_all(&mut Cx { talk, store, side: Side::Client, here, shared });
                }
                // The end of a head, of which the recording has no beginning.
                let is_remnant = match mode {
                    Mode::Start | Mode::Head(_) => shared.begins_inside,
                    Mode::Sync(_) => true,
                    _ => false,
                };
                if is_remnant && here.at < talk.stream(Side::Client).end() {
                    here.seen = here.at;
                    *mode = Mode::sync();
                } else if matches!(mode, Mode::Waiting | Mode::Start | Mode::Sync(_) | Mode::Opaque) {
                    here.seen = here.at;
                    *mode = link.mode(talk, Side::Client, here.lossy);
                }
            }
            Both::Found(link) if matches!(mode, Mode::Waiting) => {
                here.seen = here.at;
                *mode = link.mode(talk, Side::Client, here.lossy);
            }
            Both::GoOn if matches!(mode, Mode::Waiting) => *mode = Mode::Start,
            Both::Found(_) | Both::GoOn => {}
            Both::HandOver(onward) => {
                let from = [self.lanes[0].here.at, self.lanes[1].here.at];
                self.shared.hand_over = Some((from, onward));
            }
            Both::Stranger => {
                for Lane { here, mode } in &mut self.lanes {
                    let bits = BitRange::bytes(0, 1);
                    here.findings.push(Rule::StreamUnparsed.says(bits, facts!("upgraded")));
                    here.seen = here.at;
                    *mode = Mode::Opaque;
                }
            }
            Both::Http2 => {
                if !std::mem::replace(&mut shared.http2, true) {
                    talk.protocol = Protocol::Http2;
                    talk.find(Rule::Http2NotSpoken.about(facts!("read")));
                }
                // A server that knows only HTTP/1.1 answers in it.
                if matches!(mode, Mode::Waiting) {
                    *mode = Mode::Start;
                }
            }
        }
    }
}
