//! What a filter wants of a conversation, asked while it is read.

use std::collections::BTreeSet;

use super::Filter;
use crate::trace::{Conversation, Message, PayloadReader, Store, frames_of};

/// Which items of one conversation a filter wants, and which messages: those in which it wants a frame.
///
/// Items are asked for in order, each once; a message after the item that completes it. What is remembered is as much
/// as there are wanted frames whose message is not complete.
#[derive(Debug, Default)]
pub struct Chosen {
    reader: PayloadReader,
    frames: BTreeSet<u32>,
}

impl Chosen {
    /// Whether item `number`, counted from 0, is wanted.
    pub fn item(&mut self, filter: &Filter, talk: &Conversation, store: &Store, number: usize) -> bool {
        if filter.is_empty() {
            return true;
        }
        let wanted = filter.matches(talk, store, number, &mut self.reader);
        if wanted && talk.items.get(number).is_some_and(|item| item.kind.is_frame()) {
            self.frames.insert(number as u32);
        }
        wanted
    }

    /// Whether a message is wanted, of whose frames each was asked for.
    pub fn message(&mut self, filter: &Filter, talk: &Conversation, message: &Message) -> bool {
        if filter.is_empty() {
            return true;
        }
        let mut wanted = false;
        for (number, _) in frames_of(talk, message) {
            wanted |= self.frames.remove(&(number as u32));
        }
        wanted
    }
}
