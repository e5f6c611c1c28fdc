//! What is told to the person in one line, and can be copied. Nothing blocks.

use crate::rule::Severity;

/// A line for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub words: String,
    /// How bad it is.
    pub severity: Severity,
}

/// The lines that were not put away yet, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
}

/// More lines than these are not kept: the oldest go.
const MOST: usize = 20;

impl Notices {
    /// Something could not be done.
    pub fn error(&mut self, words: impl Into<String>) {
        self.add(words.into(), Severity::Error);
    }

    /// Something is worth knowing.
    pub fn note(&mut self, words: impl Into<String>) {
        self.add(words.into(), Severity::Note);
    }

    fn add(&mut self, words: String, severity: Severity) {
        let notice = Notice { words, severity };
        self.list.retain(|old| *old != notice);
        self.list.push(notice);
        let over = self.list.len().saturating_sub(MOST);
        self.list.drain(..over);
    }

    /// The lines.
    pub fn all(&self) -> &[Notice] {
        &self.list
    }

    /// Puts one away.
    pub fn dismiss(&mut self, at: usize) {
        if at < self.list.len() {
            self.list.remove(at);
        }
    }
}
