//! Which items have a row: all, or those that a filter wants and that are not hidden. What is to be looked for is
//! looked for in slices, so that no frame waits for it.

use std::time::{Duration, Instant};

use crate::analysis::filter::Filter;
use crate::app::action::At;
use crate::trace::{Conversation, FrameFacts, PayloadReader, Store};

/// How long a frame may look for rows.
const SLICE: Duration = Duration::from_millis(3);

/// The clock is asked after so many items.
const BETWEEN: usize = 64;

/// What comes later can change what is said of the last items (a message ends, a finding is added): so many are
/// looked at again when items come.
const AGAIN: usize = 64;

/// What was looked for.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    at: At,
    filter: Filter,
    hide_control: bool,
    /// Items have had other numbers so often.
    renumbered: u32,
}

/// The rows of the ladder, in order.
#[derive(Debug, Default)]
pub(super) struct Rows {
    wanted: Option<Wanted>,
    /// The items that have a row, by number; none where all have.
    found: Option<Vec<u32>>,
    /// How many items were looked at.
    looked: usize,
    /// How many items there are to be looked at.
    items: usize,
    /// How many rows are shown: a replay hides what has not happened.
    count: usize,
    reader: PayloadReader,
}

impl Rows {
    /// Brings the rows up to date. Whether other rows than before were asked for.
    pub(super) fn bring(
        &mut self,
        at: At,
        (talk, store): (&Conversation, &Store),
        filter: &Filter,
        hide_control: bool,
        shown: usize,
    ) -> bool {
        let same = self.wanted.as_ref().is_some_and(|wanted| {
            wanted.at == at && wanted.filter == *filter && wanted.hide_control == hide_control
        });
        // A recording that was cleared begins again; where items have other numbers, what was found is not theirs.
        let renumbered = talk.renumbered();
        let other = self.wanted.as_ref().is_some_and(|wanted| wanted.renumbered != renumbered);
        let anew = !same || other || talk.items.len() < self.looked;
        if anew {
            let all = filter.is_empty() && !hide_control;
            *self = Self {
                wanted: Some(Wanted { at, filter: filter.clone(), hide_control, renumbered }),
                found: (!all).then(Vec::new),
                ..Self::default()
            };
        }
        let grown = talk.items.len() > self.items;
        self.items = talk.items.len();
        if let Some(found) = &mut self.found {
            // A reader that must go back would inflate everything again.
            if grown && talk.deflate.is_none() {
                self.looked = self.looked.saturating_sub(AGAIN);
                found.truncate(found.partition_point(|item| (*item as usize) < self.looked));
            }
            let begun = Instant::now();
            while self.looked < self.items && begun.elapsed() < SLICE {
                for number in self.looked..self.items.min(self.looked + BETWEEN) {
                    self.looked = number + 1;
                    let hidden = hide_control && is_control(talk, store, number);
                    if !hidden && filter.matches(talk, store, number, &mut self.reader) {
                        found.push(number as u32);
                    }
                }
            }
        } else {
            self.looked = self.items;
        }
        self.count = match &self.found {
            Some(found) => found.partition_point(|item| (*item as usize) < shown),
            None => shown,
        };
        !same
    }

    /// How many rows there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Whether some items have no row, because of what is wanted or because a replay has not come to them.
    pub(super) const fn is_part(&self) -> bool {
        self.found.is_some() || self.count < self.items
    }

    /// How many percent of the items were looked at; none where nothing is left to do.
    pub(super) fn progress(&self) -> Option<usize> {
        (self.looked < self.items).then(|| self.looked * 100 / self.items)
    }

    /// The item of a row.
    pub(super) fn item(&self, row: usize) -> Option<usize> {
        if row >= self.count {
            return None;
        }
        self.found.as_ref().map_or(Some(row), |found| found.get(row).map(|number| *number as usize))
    }

    /// The row of an item; where it has none, the row behind it as an error.
    pub(super) fn row(&self, item: usize) -> Result<usize, usize> {
        match &self.found {
            Some(found) => {
                let found = found.get(..self.count).unwrap_or_default();
                found.binary_search_by(|one| (*one as usize).cmp(&item))
            }
            None if item < self.count => Ok(item),
            None => Err(self.count),
        }
    }

    /// The item before this one, whether it has a row or not.
    pub(super) fn before(&self, item: usize) -> Option<usize> {
        item.checked_sub(1).filter(|_| item < self.items)
    }
}

fn is_control(talk: &Conversation, store: &Store, number: usize) -> bool {
    let item = talk.items.get(number);
    item.and_then(|item| FrameFacts::of(talk, store, item)).is_some_and(|facts| facts.is_control())
}
