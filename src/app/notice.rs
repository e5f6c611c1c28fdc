//! What is told to the person in one line, and can be copied. Nothing blocks.

use crate::model::rule::Severity;

/// A line for the person.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it says.
    pub words: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it was shown first, in seconds of the window's clock.
    since: Option<f64>,
}

/// The lines that were not put away yet, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
}

/// More lines than these are not kept: the oldest go.
const MOST: usize = 20;

/// What is only worth knowing is there for so many seconds; what went wrong stays until it is put away.
const STAYS: f64 = 8.0;

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
        let notice = Notice { words, severity, since: None };
        self.list.retain(|old| old.words != notice.words);
        self.list.push(notice);
        let over = self.list.len().saturating_sub(MOST);
        self.list.drain(..over);
    }

    /// The lines.
    pub fn all(&self) -> &[Notice] {
        &self.list
    }

    /// Puts away what was only worth knowing, once it has been there for a while. When that is next, in seconds.
    pub fn expire(&mut self, now: f64) -> Option<f64> {
        for notice in &mut self.list {
            notice.since.get_or_insert(now);
        }
        let left = |notice: &Notice| STAYS - (now - notice.since.unwrap_or(now));
        self.list.retain(|notice| notice.severity != Severity::Note || left(notice) > 0.0);
        let notes = self.list.iter().filter(|notice| notice.severity == Severity::Note);
        notes.map(left).reduce(f64::min)
    }

    /// Puts one away.
    pub fn dismiss(&mut self, at: usize) {
        if at < self.list.len() {
            self.list.remove(at);
        }
    }
}
