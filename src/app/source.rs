//! Where traces come from, side by side in one workspace: the live recording, captures, typed bytes.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::host::{Host, TraceGuard};
use super::opening::{Opening, Progress};
use crate::trace::Trace;

/// Names a source as long as the window is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u64);

/// The live recording is always there.
pub const LIVE: SourceId = SourceId(0);

/// A source.
#[derive(Debug)]
pub struct Source {
    /// Its name for the rest of the program.
    pub id: SourceId,
    /// Its name for a person: the file's name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it was read from, if that can be opened again.
    pub origin: Option<Origin>,
}

/// What a source was read from. A file that was written anew meanwhile is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, with its length and when it was written.
    File(PathBuf, u64, Option<SystemTime>),
    /// A file that is followed while it grows.
    Followed(PathBuf),
    /// A bundled capture, by its name.
    Bundled(String),
    /// What a lesson is about, by the lesson's name.
    Lesson(String),
}

impl Origin {
    /// The file at this path, as it is now.
    pub fn file(path: &Path) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let facts = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Self::File(path, facts.len(), facts.modified().ok()))
    }
}

/// What a source is.
#[derive(Debug)]
pub enum Kind {
    /// The live recording, which the host holds.
    Live,
    /// A capture that is open, or being opened.
    Capture(Opening),
    /// A trace that the window made: typed bytes, a replay's answers, a lesson.
    Made(Box<Trace>),
}

impl Source {
    /// Its trace, which does not grow while the guard is held.
    pub fn lock<'a>(&'a self, host: &'a dyn Host) -> TraceGuard<'a> {
        match &self.kind {
            Kind::Live => host.trace(),
            Kind::Capture(opening) => Box::new(opening.lock()),
            Kind::Made(trace) => Box::new(&**trace),
        }
    }

    /// How many conversations its trace has, without waiting for whoever fills it.
    pub fn conversations(&self, host: &dyn Host) -> usize {
        match &self.kind {
            Kind::Live => host.conversations(),
            Kind::Capture(opening) => opening.conversations(),
            Kind::Made(trace) => trace.conversations().len(),
        }
    }

    /// Whether more comes while it is looked at, as it happens.
    pub fn is_live(&self) -> bool {
        match &self.kind {
            Kind::Live => true,
            Kind::Capture(opening) => matches!(opening.progress(), Progress::Following(_)),
            Kind::Made(_) => false,
        }
    }

    /// Of a capture: how it is being opened.
    pub const fn opening(&self) -> Option<&Opening> {
        match &self.kind {
            Kind::Capture(opening) => Some(opening),
            Kind::Live | Kind::Made(_) => None,
        }
    }
}

/// The sources, the live recording first.
#[derive(Debug)]
pub struct Sources {
    list: Vec<Source>,
    next: u64,
}

impl Default for Sources {
    fn default() -> Self {
        let live = Source { id: LIVE, name: String::new(), kind: Kind::Live, origin: None };
        Self { list: vec![live], next: 1 }
    }
}

impl Sources {
    /// Adds a source and says how it is called from now on.
    pub fn add(&mut self, name: String, kind: Kind) -> SourceId {
        self.add_from(name, kind, None)
    }

    /// Adds a source that can be opened again.
    pub fn add_from(&mut self, name: String, kind: Kind, origin: Option<Origin>) -> SourceId {
        let id = SourceId(self.next);
        self.next += 1;
        self.list.push(Source { id, name, kind, origin });
        id
    }

    /// The source that was read from there.
    pub fn opened_from(&self, origin: &Origin) -> Option<SourceId> {
        self.list.iter().find(|source| source.origin.as_ref() == Some(origin)).map(|source| source.id)
    }

    /// What the next source will be called.
    pub const fn next_id(&self) -> SourceId {
        SourceId(self.next)
    }

    /// Closes a source; the live recording stays.
    pub fn close(&mut self, id: SourceId) {
        self.list.retain(|source| source.id != id || id == LIVE);
    }

    /// All of them.
    pub fn all(&self) -> &[Source] {
        &self.list
    }

    /// The source of that name.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.iter().find(|source| source.id == id)
    }
}
