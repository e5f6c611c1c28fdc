//! The order of time. Items stand where their packets stand.
//!
//! Most items are found when their last byte comes, and are appended. Some are found later: behind a gap or in a recording
//! that begins inside, where frames have to be found first; what never became whole; what the source held back because
//! bytes before it were missing. They are appended too, and when the reader has come as far as it can, the end of the
//! list is sorted by time, and whatever names an item or a message by its number is told the new one. Each side's items
//! keep their order, and only what came between is moved, so this costs no more than to append it again.

use super::conversation::Conversation;
use super::item::{Item, ItemKind, Message};
use super::time::Timestamp;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule};

/// Where something stands in the recording. A recording is read as it stands, packet by packet, or, where its packets were
/// sorted, by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// By what moments are told apart before their packets are asked: the time, where the packets were sorted; else nothing.
    rank: Timestamp,
    /// The number of the packet, 0 where there are none.
    packet: u32,
    time: Timestamp,
}

impl Moment {
    #[inline]
    pub(super) fn new(by_time: bool, packet: u32, time: Timestamp) -> Self {
        Self { rank: if by_time { time } else { Timestamp(0) }, packet, time }
    }
}

/// How far an item that has only just been found may belong before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Late {
    /// The earliest moment of one that stands behind later ones.
    moment: Moment,
    /// The number of the first such item: those before it are in order.
    first: usize,
}

/// New numbers of items from one on.
#[derive(Debug)]
pub(super) struct Renumbering {
    from: u32,
    to: Vec<u32>,
}

impl Renumbering {
    /// The first number that may have changed.
    pub(super) const fn from(&self) -> u32 {
        self.from
    }

    /// The number that an item has now.
    pub(super) fn of(&self, number: u32) -> u32 {
        let moved = number.checked_sub(self.from).and_then(|at| self.to.get(at as usize));
        moved.copied().unwrap_or(number)
    }

    /// The same, in place.
    pub(super) fn renumber(&self, number: &mut u32) {
        *number = self.of(*number);
    }
}

/// How much is held back while an earlier item may still come, where items are printed as they are found and let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// So many items at most.
    pub items: usize,
    /// For so many nanoseconds of the recording at most.
    pub nanos: i64,
}

impl Held {
    /// Until nothing earlier can come.
    pub const ALL: Self = Self { items: usize::MAX, nanos: i64::MAX };
}

impl Conversation {
    /// When the item was there: the time of its last byte, or, where bytes before it came later, of those. One that never
    /// came whole, or that is no item of the protocol, stands where it began, because what answered it came before its
    /// end.
    pub fn time_of(&self, item: &Item) -> Timestamp {
        self.moment_of(item).time
    }

    pub(super) fn moment_of(&self, item: &Item) -> Moment {
        let stream = self.stream(item.side);
        let chunk = if item.is_whole() { None } else { stream.chunk_at(item.offset) };
        stream.arrived(chunk.unwrap_or(item.chunk as usize))
    }

    /// Notes where the item stands that was appended last.
    #[inline]
    pub(super) fn place(&mut self, number: usize, item: &Item) {
        let moment = self.moment_of(item);
        if moment >= self.latest {
            self.latest = moment;
        } else {
            self.place_late(number, item, moment);
        }
    }

    #[cold]
    fn place_late(&mut self, number: usize, item: &Item, moment: Moment) {
        let late = self.late.get_or_insert(Late { moment, first: number });
        late.moment = late.moment.min(moment);
        if item.kind == ItemKind::Gap {
            self.forget_unasked(item.side, moment);
        }
    }

    /// Whether the items are not in the order of time: some were found late.
    #[inline]
    pub(super) const fn is_disordered(&self) -> bool {
        self.late.is_some()
    }

    /// The number of the item of `side` that begins at this offset of its stream.
    pub fn number_of(&self, side: Side, offset: u64) -> Option<usize> {
        let mut items = self.items.iter();
        items.find(|(_, item)| item.side == side && item.offset == offset).map(|(number, _)| number)
    }

    /// How often items that were there before got other numbers. Whoever remembers numbers looks at this.
    pub const fn renumbered(&self) -> u32 {
        self.renumbered
    }

    /// Bytes of `side` turn out to be missing from `moment` on: which of its pings pongs answered after that nobody knows.
    fn forget_unasked(&mut self, side: Side, moment: Moment) {
        let from = self.item_findings.partition_point(|(number, _)| {
            self.items.get(*number as usize).is_none_or(|item| self.moment_of(item) < moment)
        });
        for (number, finding) in self.item_findings.split_off(from) {
            let compares = matches!(finding.rule, Rule::PongUnsolicited | Rule::PongDiffers);
            let sender = self.items.get(number as usize).map(|item| item.side);
            if compares && sender != Some(side) {
                self.uncount(&finding);
            } else {
                self.item_findings.push((number, finding));
            }
        }
    }

    /// Sorts what was found late to its place. Says what got which number, for whoever holds numbers.
    #[cold]
    pub(super) fn settle(&mut self) -> Option<Renumbering> {
        let Late { moment, first } = self.late.take()?;
        let (mut low, mut high) = (self.items.first_kept(), first);
        while low < high {
            let middle = low + (high - low) / 2;
            let before = self.items.get(middle).is_some_and(|item| self.moment_of(item) <= moment);
            if before { low = middle + 1 } else { high = middle }
        }
        let from = low;
        let items: Vec<Item> = self.items.iter_from(from).map(|(_, item)| *item).collect();
        let moments: Vec<Moment> = items.iter().map(|item| self.moment_of(item)).collect();
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|&at| moments.get(at).copied());
        let mut to = vec![0; items.len()];
        for (new, &old) in order.iter().enumerate() {
            if let (Some(to), Some(item), Some(place)) =
                (to.get_mut(old), items.get(old), self.items.get_mut(from + new))
            {
                *to = (from + new) as u32;
                *place = *item;
            }
        }
        if from < first {
            self.renumbered = self.renumbered.wrapping_add(1);
        }
        let numbers = Renumbering { from: from as u32, to };
        self.renumber(&numbers);
        Some(numbers)
    }

    /// Whatever of the conversation names items by number.
    fn renumber(&mut self, numbers: &Renumbering) {
        let from = numbers.from;
        let found = self.item_findings.partition_point(|(number, _)| *number < from);
        let found: &mut [(u32, Finding)] = self.item_findings.get_mut(found..).unwrap_or_default();
        for (number, _) in found.iter_mut() {
            numbers.renumber(number);
        }
        found.sort_by_key(|(number, _)| *number);
        // Messages stand in the order of their last items.
        let first = self.messages.partition_point(|message| message.last < from);
        let mut messages: Vec<(usize, Message)> =
            self.messages.iter_from(first).map(|(at, one)| (at, *one)).collect();
        for (_, message) in &mut messages {
            numbers.renumber(&mut message.first);
            numbers.renumber(&mut message.last);
        }
        messages.sort_by_key(|(_, message)| message.last);
        let mut to = vec![0; messages.len()];
        for (new, (old, message)) in messages.into_iter().enumerate() {
            if let (Some(to), Some(place)) = (to.get_mut(old - first), self.messages.get_mut(first + new)) {
                *to = (first + new) as u32;
                *place = message;
            }
        }
        self.fragments.renumber(numbers, &Renumbering { from: first as u32, to });
        let answered = self.exchanges.partition_point(|(_, answer)| *answer < from);
        let exchanges = self.exchanges.get_mut(answered..).unwrap_or_default();
        for (request, answer) in exchanges.iter_mut() {
            numbers.renumber(request);
            numbers.renumber(answer);
        }
        exchanges.sort_by_key(|(_, answer)| *answer);
    }

    /// The earliest moment at which something stands that is in no item yet, where bytes from these offsets on, the
    /// client's first, are in none.
    pub(super) fn pending(&self, unread: [u64; 2]) -> Option<Moment> {
        let unread = Side::BOTH.into_iter().filter_map(|side| {
            let stream = self.stream(side);
            Some(stream.arrived(stream.chunk_at(unread[side.index()])?))
        });
        unread.chain(self.awaited).min()
    }

    /// How many of the items no other can come before any more that stands at `earliest` or behind. More where more than
    /// `held` would be held back.
    pub(super) fn settled(&self, earliest: Option<Moment>, held: Held) -> usize {
        let Some(earliest) = earliest else { return self.items.len() };
        let recent = self.latest.time.0.saturating_sub(held.nanos);
        let least = self.items.len().saturating_sub(held.items).max(self.items.first_kept());
        let (mut low, mut high) = (least, self.items.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let sure = self.items.get(middle).is_some_and(|item| {
                let moment = self.moment_of(item);
                moment <= earliest || moment.time.0 < recent
            });
            if sure { low = middle + 1 } else { high = middle }
        }
        low
    }
}
