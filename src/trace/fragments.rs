//! Which frames are parts of messages of more than one frame.
//!
//! A message of one frame needs nothing of this: the frame is its last, and messages stand in the order of their last
//! frames. Only fragments cost memory: four bytes each, and twelve for each message that they make.

use super::log::Log;
use super::order::Renumbering;
use crate::model::protocol::Side;

/// The fragments of a conversation.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    sides: [Option<Box<OfSide>>; 2],
}

/// Where a fragment stands in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The message begins with it.
    First,
    /// It continues the message.
    Later,
}

#[derive(Debug, Default)]
struct OfSide {
    /// The numbers of the items that are fragments, in order.
    items: Log<u32>,
    /// The messages that are complete.
    whole: Log<Whole>,
    /// Where the fragments of the message that is arriving begin in `items`.
    open: u32,
}

/// A message, and where its fragments stand in the list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    /// The message's number.
    pub(super) message: u32,
    from: u32,
    to: u32,
}

impl Fragments {
    /// Another fragment of `side`, the item with this number. A first one begins a message anew: the one before it was
    /// given up.
    pub(super) fn push(&mut self, side: Side, item: u32, part: Part) {
        let own = self.sides[side.index()].get_or_insert_default();
        let at = own.items.push(item) as u32;
        if part == Part::First {
            own.open = at;
        }
    }

    /// The fragment that came last completes the message with this number.
    pub(super) fn complete(&mut self, side: Side, message: u32) {
        let own = self.sides[side.index()].get_or_insert_default();
        own.whole.push(Whole { message, from: own.open, to: own.items.len() as u32 });
    }

    /// The message that this item of `side` is a fragment of.
    pub(super) fn of_item(&self, side: Side, item: u32) -> Option<Whole> {
        let own = self.sides[side.index()].as_deref()?;
        let at = own.items.partition_point(|fragment| *fragment < item);
        own.items.get(at).filter(|fragment| **fragment == item)?;
        let number = own.whole.partition_point(|whole| whole.to as usize <= at);
        own.whole.get(number).copied().filter(|whole| whole.from as usize <= at)
    }

    /// The message of several frames of `side` within which this item stands, of whichever side: from its first
    /// fragment to its last.
    pub(super) fn around(&self, side: Side, item: u32) -> Option<Whole> {
        let own = self.sides[side.index()].as_deref()?;
        let fragment = |at: u32| own.items.get(at as usize).copied();
        let number = own.whole.partition_point(|whole| fragment(whole.to - 1).is_none_or(|last| last < item));
        let whole = own.whole.get(number)?;
        fragment(whole.from).is_some_and(|first| first <= item).then_some(*whole)
    }

    /// The items that a message of `side` is made of, from item `from` on.
    pub(super) fn items(&self, side: Side, whole: Whole, from: u32) -> impl Iterator<Item = u32> + use<'_> {
        let own = self.sides[side.index()].as_deref();
        let first = own.map_or(0, |own| own.items.partition_point(|fragment| *fragment < from) as u32);
        (whole.from.max(first)..whole.to).filter_map(move |at| own?.items.get(at as usize).copied())
    }

    /// Items and messages have new numbers. Those of each side keep their order.
    pub(super) fn renumber(&mut self, items: &Renumbering, messages: &Renumbering) {
        for own in self.sides.iter_mut().flatten() {
            for at in own.items.partition_point(|item| *item < items.from())..own.items.len() {
                if let Some(item) = own.items.get_mut(at) {
                    items.renumber(item);
                }
            }
            let first = own.whole.partition_point(|whole| whole.message < messages.from());
            for at in first..own.whole.len() {
                if let Some(whole) = own.whole.get_mut(at) {
                    messages.renumber(&mut whole.message);
                }
            }
        }
    }

    /// Lets go of the fragments before the item `item`, and of the messages before `message`.
    pub(super) fn forget_before(&mut self, item: u32, message: u32) {
        for own in self.sides.iter_mut().flatten() {
            own.items.forget_before(own.items.partition_point(|fragment| *fragment < item));
            own.whole.forget_before(own.whole.partition_point(|whole| whole.message < message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_find_their_message_and_messages_their_fragments() {
        let mut fragments = Fragments::default();
        let side = Side::Server;
        fragments.push(side, 3, Part::First); // Given up: another begins.
        fragments.push(side, 5, Part::First);
        fragments.push(side, 8, Part::Later);
        fragments.push(side, 5_000, Part::Later);
        fragments.complete(side, 2_000);
        fragments.push(side, 5_001, Part::First);
        let whole = fragments.of_item(side, 8).unwrap();
        assert_eq!(
            (whole.message, fragments.items(side, whole, 0).collect::<Vec<_>>()),
            (2_000, vec![5, 8, 5_000])
        );
        for (item, found) in [(3, false), (5, true), (6, false), (5_000, true), (5_001, false)] {
            assert_eq!(fragments.of_item(side, item).is_some(), found, "{item}");
        }
        for (item, found) in [(4, false), (5, true), (700, true), (5_000, true), (5_001, false)] {
            assert_eq!(fragments.around(side, item).is_some(), found, "{item}");
        }
        assert_eq!(fragments.of_item(Side::Client, 5), None);
        fragments.forget_before(5_001, 2_001);
        assert_eq!(fragments.of_item(side, 8), None);
    }
}
