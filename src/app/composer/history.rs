//! What was before each change, so that it can be taken back.

use egui::Id;

/// Changes that can be taken back and made again.
#[derive(Clone, Debug)]
pub(super) struct History<T> {
    past: Vec<T>,
    future: Vec<T>,
    /// The text that was typed into last, and when.
    typing: Option<(Id, f64)>,
}

/// So many changes can be taken back.
const MOST: usize = 200;
/// What is typed into one text without a longer pause is one change, in seconds.
const PAUSE: f64 = 1.0;

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { past: Vec::new(), future: Vec::new(), typing: None }
    }
}

impl<T> History<T> {
    /// A change was made; `typed` says into which text, `time` when, in seconds.
    pub(super) fn record(&mut self, before: T, typed: Option<Id>, time: f64) {
        let goes_on = self.typing.is_some_and(|(text, last)| typed == Some(text) && time - last < PAUSE);
        if !goes_on {
            self.past.push(before);
            let over = self.past.len().saturating_sub(MOST);
            self.past.drain(..over);
        }
        self.typing = typed.map(|text| (text, time));
        self.future.clear();
    }

    /// What was before the last change.
    pub(super) fn undo(&mut self, now: T) -> Option<T> {
        let before = self.past.pop()?;
        self.future.push(now);
        self.typing = None;
        Some(before)
    }

    /// What was before it was taken back.
    pub(super) fn redo(&mut self, now: T) -> Option<T> {
        let after = self.future.pop()?;
        self.past.push(now);
        self.typing = None;
        Some(after)
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_taken_back_one_by_one_and_typing_as_one() {
        let mut history = History::default();
        let text = Some(Id::unique("text"));
        history.record(0, None, 0.0);
        history.record(1, text, 1.0);
        history.record(2, text, 1.5);
        history.record(3, text, 4.0);
        assert_eq!(history.undo(4), Some(3));
        assert_eq!(history.undo(3), Some(1));
        assert_eq!(history.redo(1), Some(3));
        history.record(3, None, 5.0);
        assert_eq!(history.redo(9), None);
        assert_eq!(
            [history.undo(9), history.undo(3), history.undo(1), history.undo(0)],
            [Some(3), Some(1), Some(0), None]
        );
    }
}
