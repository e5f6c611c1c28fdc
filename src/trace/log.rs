//! A list that grows at the end and may forget its beginning, while numbers stay what they were.

/// A growing list whose elements keep their number when earlier ones are forgotten.
///
/// Reading a capture from a pipe forgets what was printed, so that memory stays small.
#[derive(Clone, Debug)]
pub struct Log<T> {
    forgotten: usize,
    kept: Vec<T>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { forgotten: 0, kept: Vec::new() }
    }
}

impl<T> Log<T> {
    /// Appends an element and returns its number, counted from 0.
    pub fn push(&mut self, value: T) -> usize {
        self.kept.push(value);
        self.forgotten + self.kept.len() - 1
    }

    /// The element with this number, if it is not forgotten.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        self.kept.get(number.checked_sub(self.forgotten)?)
    }

    /// The element with this number, if it is not forgotten.
    #[inline]
    pub fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.kept.get_mut(number.checked_sub(self.forgotten)?)
    }

    /// The last element.
    pub fn last(&self) -> Option<&T> {
        self.kept.last()
    }

    /// How many elements were ever appended.
    #[inline]
    pub fn len(&self) -> usize {
        self.forgotten + self.kept.len()
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the first element that is not forgotten.
    pub fn first_kept(&self) -> usize {
        self.forgotten
    }

    /// The elements that are not forgotten, in order.
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// The elements that are not forgotten, with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> + ExactSizeIterator {
        let first = self.forgotten;
        self.kept.iter().enumerate().map(move |(at, value)| (first + at, value))
    }

    /// Forgets the elements before `number`.
    pub fn forget_before(&mut self, number: usize) {
        let count = number.saturating_sub(self.forgotten).min(self.kept.len());
        self.kept.drain(..count);
        self.forgotten += count;
    }
}
