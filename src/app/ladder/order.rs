//! The order of rows: that of the items' numbers, but for items that stand further up.
//!
//! Items are numbered as they are completed. One that never is, as a frame whose length lies, comes last by its number,
//! though what it caused was said after it. Such items are few; each is moved up to where it began.

use crate::trace::Conversation;

/// An item is moved up over so many others at most, and so many items are moved.
const FAR: usize = 1024;
const MOST: usize = 256;

/// Which items stand further up than their numbers say.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// An item, and the one before which it stands, in the order of the items that are moved.
    moved: Vec<(usize, usize)>,
    /// How many items were looked at.
    looked: usize,
}

impl Order {
    /// Looks at the items that are new.
    pub(super) fn bring(&mut self, talk: &Conversation) {
        if talk.items.len() < self.looked {
            *self = Self::default();
        }
        for (number, item) in talk.items.iter_from(self.looked) {
            if item.is_whole() || self.moved.len() == MOST {
                continue;
            }
            let time = talk.stands_at(item);
            let earlier = talk.items.iter_from(number.saturating_sub(FAR)).take_while(|(at, _)| *at < number);
            let mut before = number;
            for (at, other) in earlier.collect::<Vec<_>>().into_iter().rev() {
                // The bytes of one side follow each other.
                if other.side == item.side || talk.stands_at(other) <= time {
                    break;
                }
                before = at;
            }
            if before < number {
                self.moved.push((number, before));
            }
        }
        self.looked = talk.items.len();
    }

    /// The item of a row. `rows` are the items that have one.
    pub(super) fn item(&self, row: usize, rows: &Numbers<'_>) -> Option<usize> {
        let mut place = row;
        for &(number, before) in self.moved.iter().rev() {
            let Ok(last) = rows.place(number) else { continue };
            let (Ok(first) | Err(first)) = rows.place(before);
            if place == first {
                place = last;
            } else if first < place && place <= last {
                place -= 1;
            }
        }
        rows.number(place)
    }

    /// The row of an item; where it has none, the row behind it as an error.
    pub(super) fn row(&self, item: usize, rows: &Numbers<'_>) -> Result<usize, usize> {
        let mut place = rows.place(item)?;
        for &(number, before) in &self.moved {
            let Ok(last) = rows.place(number) else { continue };
            let (Ok(first) | Err(first)) = rows.place(before);
            if place == last {
                place = first;
            } else if first <= place && place < last {
                place += 1;
            }
        }
        Ok(place)
    }
}

/// The numbers of the items that have a row, in order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers<'a> {
    /// The first so many.
    First(usize),
    /// These.
    These(&'a [u32]),
}

impl Numbers<'_> {
    fn number(&self, place: usize) -> Option<usize> {
        match self {
            Self::First(count) => (place < *count).then_some(place),
            Self::These(numbers) => numbers.get(place).map(|number| *number as usize),
        }
    }

    fn place(&self, number: usize) -> Result<usize, usize> {
        match self {
            Self::First(count) if number < *count => Ok(number),
            Self::First(count) => Err(*count),
            Self::These(numbers) => numbers.binary_search_by(|one| (*one as usize).cmp(&number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_items_lead_to_each_other() {
        // Item 4 stands before item 2, item 6 before item 5, item 7 before item 6.
        let order = Order { moved: vec![(4, 2), (6, 5), (7, 6)], looked: 8 };
        let check = |rows: Numbers<'_>, expected: &[usize]| {
            let found: Vec<usize> = (0..).map_while(|row| order.item(row, &rows)).collect();
            assert_eq!(found, expected);
            for (row, item) in found.into_iter().enumerate() {
                assert_eq!(order.row(item, &rows), Ok(row), "{item}");
            }
        };
        check(Numbers::First(5), &[0, 1, 4, 2, 3]);
        // A replay has not come to it.
        check(Numbers::First(4), &[0, 1, 2, 3]);
        check(Numbers::First(7), &[0, 1, 4, 2, 3, 6, 5]);
        check(Numbers::These(&[0, 3, 4, 6]), &[0, 4, 3, 6]);
        check(Numbers::These(&[1, 2, 3]), &[1, 2, 3]);
        assert_eq!(order.row(4, &Numbers::First(3)), Err(3));
    }
}
