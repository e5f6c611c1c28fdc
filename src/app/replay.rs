//! Playing a conversation as it happened: how much of it is shown, and how fast that grows.

use crate::trace::{Conversation, Timestamp};

/// The speeds that are offered.
pub const SPEEDS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0];

/// How much of the conversation that is looked at is shown.
///
/// While nothing is replayed all of it is. A replay shows the first so many items, as if the rest had not happened yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// How many items are shown; none for all.
    shown: Option<usize>,
    /// Nanoseconds since the first item, while a replay goes on.
    clock: f64,
    playing: bool,
    /// The person's time in seconds when the clock was moved last.
    moved: Option<f64>,
    speed: Option<f64>,
}

impl Replay {
    /// Shows all again.
    pub fn leave(&mut self) {
        *self = Self { speed: self.speed, ..Self::default() };
    }

    /// Whether only a part is shown.
    pub const fn is_on(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether time runs.
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// How many times as fast as it was recorded.
    pub fn speed(&self) -> f64 {
        self.speed.unwrap_or(1.0)
    }

    /// Plays that many times as fast as it was recorded.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = Some(speed.clamp(0.01, 1000.0));
    }

    /// How many items are shown.
    pub fn shown(&self, talk: &Conversation) -> usize {
        self.shown.map_or(talk.items.len(), |shown| shown.min(talk.items.len()))
    }

    /// Nanoseconds from the first item to where the replay is, and to the last item.
    pub fn times(&self, talk: &Conversation) -> (i64, i64) {
        let whole = length(talk);
        if self.is_on() { ((self.clock as i64).clamp(0, whole), whole) } else { (whole, whole) }
    }

    /// Lets time run, from the beginning if it is at the end.
    pub fn play(&mut self, talk: &Conversation) {
        if self.shown(talk) >= talk.items.len() {
            self.show(talk, 0);
        }
        self.playing = true;
    }

    /// Holds time.
    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Shows the first `count` items and holds time.
    pub fn show(&mut self, talk: &Conversation, count: usize) {
        let count = count.min(talk.items.len());
        self.shown = Some(count);
        self.clock = count.checked_sub(1).and_then(|last| after(talk, last)).unwrap_or(0) as f64;
        self.playing = false;
    }

    /// One item more.
    pub fn step_forward(&mut self, talk: &Conversation) {
        self.show(talk, self.shown(talk) + 1);
    }

    /// One item less.
    pub fn step_back(&mut self, talk: &Conversation) {
        self.show(talk, self.shown(talk).saturating_sub(1));
    }

    /// Shows what had happened so many nanoseconds after the first item.
    pub fn seek(&mut self, talk: &Conversation, nanos: i64) {
        let nanos = nanos.clamp(0, length(talk));
        self.clock = nanos as f64;
        self.shown = Some(happened(talk, nanos));
    }

    /// Lets time run on to `now`, in seconds of the person's time. Whether the replay goes on.
    pub fn advance(&mut self, talk: &Conversation, now: f64) -> bool {
        if !self.playing {
            self.moved = None;
            return false;
        }
        let seconds = now - self.moved.replace(now).unwrap_or(now);
        self.clock += seconds.max(0.0) * 1e9 * self.speed();
        self.shown = Some(happened(talk, self.clock as i64));
        self.playing = self.shown(talk) < talk.items.len();
        self.playing
    }

    /// How many seconds of the person's time go by until the next item; none where there is none.
    pub fn next_in(&self, talk: &Conversation) -> Option<f64> {
        let next = after(talk, self.shown(talk))?;
        Some((next as f64 - self.clock).max(0.0) / 1e9 / self.speed())
    }
}

/// The time of the first item.
fn start(talk: &Conversation) -> Option<Timestamp> {
    talk.items.get(talk.items.first_kept()).map(|item| talk.time_of(item))
}

/// Nanoseconds from the first item to this one.
fn after(talk: &Conversation, number: usize) -> Option<i64> {
    let item = talk.items.get(number)?;
    Some(talk.time_of(item).since(start(talk)?))
}

/// Nanoseconds from the first item to the last.
fn length(talk: &Conversation) -> i64 {
    talk.items.len().checked_sub(1).and_then(|last| after(talk, last)).unwrap_or(0).max(0)
}

/// How many items had happened so many nanoseconds after the first.
fn happened(talk: &Conversation, nanos: i64) -> usize {
    let Some(start) = start(talk) else { return 0 };
    talk.items.partition_point(|item| talk.time_of(item).since(start) <= nanos)
}
