//! The beginnings of compressed messages. Each depends on those before it, so they are inflated in order, in slices.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::app::action::At;
use crate::trace::{Conversation, PayloadReader, Store};
use crate::view::line::{Beginning, inflate};

/// How long a frame may inflate.
const SLICE: Duration = Duration::from_millis(3);

/// So many bytes of a message are kept: more than a line shows.
const LIMIT: usize = 1024;

/// So many messages are kept.
const KEPT: usize = 2048;

/// Beginnings of messages that were seen, and those that are to be inflated.
#[derive(Debug, Default)]
pub(super) struct Inflated {
    at: Option<At>,
    kept: HashMap<usize, Beginning>,
    wanted: Vec<usize>,
    reader: PayloadReader,
    /// The first message that the reader has not seen.
    next: usize,
    /// Messages have had other numbers so often.
    renumbered: u32,
}

impl Inflated {
    /// Turns to a conversation.
    pub(super) fn turn_to(&mut self, at: At, talk: &Conversation) {
        let renumbered = talk.renumbered();
        if self.at != Some(at) || self.renumbered != renumbered || talk.messages.len() < self.next {
            *self = Self { at: Some(at), renumbered, ..Self::default() };
        }
    }

    /// The beginning of a message, or that it is not known yet; then it will be.
    pub(super) fn get(&mut self, message: usize) -> Beginning {
        self.kept.get(&message).cloned().unwrap_or_else(|| {
            self.wanted.push(message);
            Beginning::NotYet
        })
    }

    /// Inflates what was asked for, as far as the time goes. Whether another frame is to be drawn.
    pub(super) fn work(&mut self, talk: &Conversation, store: &Store) -> bool {
        let wanted = std::mem::take(&mut self.wanted);
        let (Some(&first), Some(&last)) = (wanted.iter().min(), wanted.iter().max()) else { return false };
        if first < self.next {
            (self.reader, self.next) = (PayloadReader::default(), 0);
        }
        if self.kept.len() > KEPT {
            self.kept.clear();
        }
        let begun = Instant::now();
        while self.next <= last && begun.elapsed() < SLICE {
            if talk.messages.get(self.next).is_some_and(|message| message.compressed) {
                let beginning = inflate(&mut self.reader, talk, store, self.next, LIMIT);
                if self.next >= first {
                    self.kept.insert(self.next, beginning);
                }
            }
            self.next += 1;
        }
        true
    }
}
