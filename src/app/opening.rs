//! Opening a capture while the window goes on: a thread reads, the window looks at what is there.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use crate::capture::{Error, Loader, PacketLinks, Status, Summary};
use crate::trace::Trace;

/// What a capture holds besides conversations.
#[derive(Clone, Debug, Default)]
pub struct CaptureFacts {
    /// What was counted.
    pub summary: Summary,
    /// Which packet has which link type.
    pub links: PacketLinks,
}

/// How far a capture is opened.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Bytes read, and how many there are, if that is known.
    Reading(u64, Option<u64>),
    /// All was read.
    Whole,
    /// It was stopped by a person: what was read is there.
    Stopped,
    /// It could not be read to its end: what stands before is there.
    Broken(Arc<Error>),
}

/// A capture that is open, or being opened. Dropping it stops the reading.
pub struct Opening {
    shared: Arc<Shared>,
}

struct Shared {
    loader: Mutex<Loader>,
    /// Apart from the loader, because it is asked for while the trace is being looked at. Whoever needs both locks the
    /// loader first.
    known: Mutex<Known>,
    stop: AtomicBool,
}

/// What is known of the reading.
struct Known {
    progress: Progress,
    facts: Arc<CaptureFacts>,
    /// Why it could not be read to its end, until the person was told.
    untold: Option<Arc<Error>>,
}

/// The reader lets the window look after so many packets: a few milliseconds.
const STEP: usize = 8192;

/// The window is told that often that there is more.
const TELL: Duration = Duration::from_millis(50);

impl Opening {
    /// Begins to read. `wake` is called when there is something new to look at.
    pub fn start(loader: Loader, wake: impl Fn() + Send + 'static) -> Self {
        let progress = Progress::Reading(0, loader.progress().1);
        let shared = Arc::new(Shared {
            loader: Mutex::new(loader),
            known: Mutex::new(Known { progress, facts: Arc::default(), untold: None }),
            stop: AtomicBool::new(false),
        });
        let reader = Arc::clone(&shared);
        let started = thread::Builder::new().name("capture".to_owned()).spawn(move || reader.read(&wake));
        if started.is_err() {
            // Without a thread it is read here: late, but whole.
            shared.read(&|| ());
        }
        Self { shared }
    }

    /// The trace as far as it was read.
    pub(super) fn lock(&self) -> Locked<'_> {
        Locked(self.shared.loader.lock())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.shared.known.lock().progress.clone()
    }

    /// What the capture holds besides conversations, as far as it was read.
    pub fn facts(&self) -> Arc<CaptureFacts> {
        Arc::clone(&self.shared.known.lock().facts)
    }

    /// Why it could not be read to its end: once.
    pub(super) fn take_error(&self) -> Option<Arc<Error>> {
        self.shared.known.lock().untold.take()
    }

    /// Stops reading: what was read stays.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}

impl Shared {
    fn read(&self, wake: &dyn Fn()) {
        let mut told = Instant::now();
        let mut first = true;
        loop {
            let mut loader = self.loader.lock();
            let progress = if self.stop.load(Ordering::Relaxed) {
                loader.stop();
                Progress::Stopped
            } else {
                match loader.step(STEP) {
                    Ok(Status::More) => {
                        let (read, whole) = loader.progress();
                        Progress::Reading(read, whole)
                    }
                    Ok(Status::Done) => Progress::Whole,
                    Err(error) => Progress::Broken(Arc::new(error)),
                }
            };
            let over = !matches!(progress, Progress::Reading(..));
            let due = first || over || told.elapsed() >= TELL;
            self.note(&loader, progress, due);
            // A plain unlock would let this thread take the lock again before the window gets it.
            MutexGuard::unlock_fair(loader);
            if due {
                told = Instant::now();
                wake();
            }
            if over {
                return;
            }
            first = false;
        }
    }

    /// Notes what is known now; the facts, which are copied, only where they are due.
    fn note(&self, loader: &Loader, progress: Progress, facts: bool) {
        let mut known = self.known.lock();
        if facts {
            let (summary, links) = (loader.summary().clone(), loader.links().clone());
            known.facts = Arc::new(CaptureFacts { summary, links });
        }
        if let Progress::Broken(error) = &progress {
            known.untold = Some(Arc::clone(error));
        }
        known.progress = progress;
    }
}

/// A capture's trace while it is looked at.
pub(super) struct Locked<'a>(MutexGuard<'a, Loader>);

impl Deref for Locked<'_> {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        self.0.trace()
    }
}
