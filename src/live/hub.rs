//! What happened, kept until somebody asks: so much of it and no more.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::recorder::Wake;

/// So many events wait to be taken before those that come too often are only counted.
pub(super) const MOST: usize = 1024;

/// So many of any kind.
const MOST_OF_ALL: usize = 16 * MOST;

/// Events that wait to be taken.
pub(super) struct Hub<E> {
    queue: Mutex<Queue<E>>,
    wake: Wake,
}

#[derive(Debug)]
struct Queue<E> {
    events: VecDeque<E>,
    /// Events that were only counted since the last time that somebody asked.
    missed: u64,
    second: Second,
}

/// How many events were only counted, second by second.
#[derive(Debug)]
struct Second {
    began: Instant,
    now: u64,
    before: u64,
}

impl Second {
    fn turn(&mut self) {
        let past = self.began.elapsed();
        if past >= Duration::from_secs(1) {
            self.before = if past < Duration::from_secs(2) { self.now } else { 0 };
            (self.now, self.began) = (0, Instant::now());
        }
    }
}

impl<E> Hub<E> {
    pub(super) fn new(wake: Wake) -> Self {
        let second = Second { began: Instant::now(), now: 0, before: 0 };
        Self { queue: Mutex::new(Queue { events: VecDeque::new(), missed: 0, second }), wake }
    }

    /// Something happened. Where it is one of many of its kind, it is only counted when there are too many.
    pub(super) fn push(&self, event: E, one_of_many: bool) {
        let mut queue = self.lock();
        let most = if one_of_many { MOST } else { MOST_OF_ALL };
        let first = queue.events.is_empty();
        if queue.events.len() < most {
            queue.events.push_back(event);
        } else {
            queue.miss(1);
        }
        drop(queue);
        if first {
            (self.wake)();
        }
    }

    /// So many events happened and cannot be told.
    pub(super) fn miss(&self, count: u64) {
        self.lock().miss(count);
        (self.wake)();
    }

    /// All that happened since the last time, and how much of it was only counted.
    pub(super) fn take(&self) -> (VecDeque<E>, u64) {
        let mut queue = self.lock();
        let missed = std::mem::take(&mut queue.missed);
        (std::mem::take(&mut queue.events), missed)
    }

    /// How many events of the last whole second were only counted.
    pub(super) fn missed_lately(&self) -> u64 {
        let mut queue = self.lock();
        queue.second.turn();
        queue.second.before
    }

    /// There is something new to look at that is no event.
    pub(super) fn wake(&self) {
        (self.wake)();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<E>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Queue<E> {
    fn miss(&mut self, count: u64) {
        self.missed += count;
        self.second.turn();
        self.second.now += count;
    }
}

impl<E> std::fmt::Debug for Hub<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}
