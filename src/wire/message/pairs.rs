//! What needs both directions: a ping and its pong, a close and its answer (RFC 6455 sections 5.5.1 to 5.5.3).

use std::collections::VecDeque;

use crate::facts;
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};

/// So many unanswered pings of a side are remembered.
pub const REMEMBERED_PINGS: usize = 64;

/// Finds the ping that a pong answers.
#[derive(Clone, Debug, Default)]
pub struct PingTracker {
    waiting: [VecDeque<Box<[u8]>>; 2],
    /// A ping was forgotten, so a pong that fits none of the others may have been meant for it.
    forgot: [bool; 2],
}

impl PingTracker {
    /// Before the first ping.
    pub fn new() -> Self {
        Self::default()
    }

    /// `from` sent a ping. Of its payload the first 125 bytes are remembered: a longer one is wrong anyway.
    pub fn ping(&mut self, from: Side, payload: &[u8]) {
        let (Some(waiting), Some(forgot)) =
            (self.waiting.get_mut(from.index()), self.forgot.get_mut(from.index()))
        else {
            return;
        };
        if waiting.len() == REMEMBERED_PINGS {
            waiting.pop_front();
            *forgot = true;
        }
        waiting.push_back(shortened(payload).into());
    }

    /// `from` sent a pong whose payload stands at `bits` of its item.
    ///
    /// It answers the latest ping of the other side that has the same payload, and with it all pings before: who has
    /// several pings to answer may answer the latest alone (section 5.5.3).
    pub fn pong(&mut self, from: Side, payload: &[u8], bits: BitRange) -> Option<Finding> {
        let payload = shortened(payload);
        let asked = from.other().index();
        let waiting = self.waiting.get_mut(asked)?;
        if let Some(at) = waiting.iter().rposition(|ping| **ping == *payload) {
            waiting.drain(..=at);
            if let Some(forgot) = self.forgot.get_mut(asked) {
                *forgot = false;
            }
            return None;
        }
        if self.forgot.get(asked) == Some(&true) {
            return None;
        }
        let latest = waiting.back();
        Some(match latest {
            None => Rule::PongUnsolicited.says(bits, facts!("alone")),
            Some(ping) => {
                let facts = facts!("differs", ping = ping.len(), pong = payload.len());
                Rule::PongDiffers.says(bits, facts)
            }
        })
    }

    /// Bytes of a stream were lost, so that a ping of `from` may be missing.
    pub fn gap(&mut self, from: Side) {
        if let Some(forgot) = self.forgot.get_mut(from.index()) {
            *forgot = true;
        }
    }

    /// How many pings of `from` wait for an answer.
    pub fn waiting(&self, from: Side) -> usize {
        self.waiting.get(from.index()).map_or(0, VecDeque::len)
    }
}

fn shortened(payload: &[u8]) -> &[u8] {
    payload.get(..125).unwrap_or(payload)
}

/// Watches the closing handshake: who closed first, and whether the other answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CloseTracker {
    first: Option<Side>,
    answered: bool,
}

impl CloseTracker {
    /// Before the first close frame.
    pub const fn new() -> Self {
        Self { first: None, answered: false }
    }

    /// `from` sent a close frame.
    pub fn close(&mut self, from: Side) {
        match self.first {
            None => self.first = Some(from),
            Some(first) => self.answered |= first != from,
        }
    }

    /// The side whose close frame came first.
    pub const fn first(&self) -> Option<Side> {
        self.first
    }

    /// Whether both sides sent a close frame.
    pub const fn is_complete(&self) -> bool {
        self.answered
    }

    /// The conversation is over. The finding has no place: it is about what is not there.
    pub fn end(&self) -> Option<Finding> {
        let first = self.first.filter(|_| !self.answered)?;
        Some(Rule::CloseNotAnswered.about(facts!("never", side = first, other = first.other())))
    }
}
