//! A list that grows at the end and may forget its beginning, while numbers stay what they were.

use std::collections::VecDeque;

/// How many elements a block holds.
const BLOCK: usize = 4096;

/// A growing list whose elements keep their number when earlier ones are forgotten.
///
/// Elements lie in blocks, so that a list of a million grows without ever being copied. Reading a capture from a
/// pipe forgets what was printed, so that memory stays small.
#[derive(Clone, Debug)]
pub struct Log<T> {
    /// All blocks but the last hold [`BLOCK`] elements.
    blocks: VecDeque<Vec<T>>,
    /// A block that was forgotten, to be filled again: who forgets goes on growing.
    spare: Vec<T>,
    /// The number of the first element of the first block.
    first: usize,
    /// The number of the first element that is not forgotten.
    kept_from: usize,
    /// How many elements were ever appended.
    len: usize,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { blocks: VecDeque::new(), spare: Vec::new(), first: 0, kept_from: 0, len: 0 }
    }
}

impl<T> Log<T> {
    /// Appends an element and returns its number, counted from 0.
    #[inline]
    pub fn push(&mut self, value: T) -> usize {
        match self.blocks.back_mut() {
            Some(block) if block.len() < BLOCK => block.push(value),
            // The first block grows from nothing, because most conversations are short.
            None => self.blocks.push_back(vec![value]),
            Some(_) => {
                let mut block = std::mem::take(&mut self.spare);
                block.reserve_exact(BLOCK);
                block.push(value);
                self.blocks.push_back(block);
            }
        }
        self.len += 1;
        self.len - 1
    }

    /// The element with this number, if it is not forgotten.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        if number < self.kept_from {
            return None;
        }
        let index = number - self.first;
        self.blocks.get(index / BLOCK)?.get(index % BLOCK)
    }

    /// The element with this number, to be changed, if it is not forgotten.
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        let index = number.checked_sub(self.first).filter(|_| number >= self.kept_from)?;
        self.blocks.get_mut(index / BLOCK)?.get_mut(index % BLOCK)
    }

    /// The last element, if it is not forgotten.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// How many elements were ever appended.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of the first element that is not forgotten.
    pub fn first_kept(&self) -> usize {
        self.kept_from
    }

    /// The elements that are not forgotten, with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> {
        self.iter_from(self.kept_from)
    }

    /// The elements from `number` on that are not forgotten, with their numbers.
    pub fn iter_from(&self, number: usize) -> impl DoubleEndedIterator<Item = (usize, &T)> {
        (number.max(self.kept_from)..self.len).filter_map(|number| Some((number, self.get(number)?)))
    }

    /// The number of the first kept element for which `before` is false, in a list where it is true for none behind
    /// that one.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (self.kept_from, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&mut before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Forgets the elements before `number`.
    pub fn forget_before(&mut self, number: usize) {
        self.kept_from = self.kept_from.max(number.min(self.len));
        while self.kept_from - self.first >= BLOCK {
            self.spare = self.blocks.pop_front().unwrap_or_default();
            self.spare.clear();
            self.first += BLOCK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_when_the_beginning_is_forgotten() {
        let mut log = Log::default();
        for number in 0..3 * BLOCK {
            assert_eq!(log.push(number), number);
        }
        log.forget_before(2 * BLOCK + 5);
        assert_eq!(log.get(2 * BLOCK + 4), None);
        assert_eq!(log.get(2 * BLOCK + 5), Some(&(2 * BLOCK + 5)));
        assert_eq!(log.iter().map(|(number, _)| number).next(), Some(2 * BLOCK + 5));
        assert_eq!(log.last(), Some(&(3 * BLOCK - 1)));
        assert_eq!(log.partition_point(|value| *value < 2 * BLOCK + 77), 2 * BLOCK + 77);
        log.forget_before(usize::MAX);
        assert_eq!((log.len(), log.iter().count()), (3 * BLOCK, 0));
        assert_eq!(log.push(9), 3 * BLOCK);
        assert_eq!(log.get(3 * BLOCK), Some(&9));
    }
}
