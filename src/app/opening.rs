//! Opening a capture while the window goes on: a thread reads, the window looks at what is there.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use super::source::{CaptureFacts, Progress};
use crate::capture::{Loader, Status};
use crate::trace::Trace;

/// A capture that is open, or being opened. Dropping it stops the reading.
pub struct Opening {
    shared: Arc<Shared>,
}

struct Shared {
    reading: Mutex<Reading>,
    stop: AtomicBool,
}

struct Reading {
    loader: Loader,
    progress: Progress,
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
            reading: Mutex::new(Reading { loader, progress }),
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
        Locked(self.shared.reading.lock())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.shared.reading.lock().progress.clone()
    }

    /// What the capture holds besides conversations, as far as it was read.
    pub fn facts(&self) -> CaptureFacts {
        let reading = self.shared.reading.lock();
        CaptureFacts { summary: reading.loader.summary().clone(), links: reading.loader.links().clone() }
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
        loop {
            let mut reading = self.reading.lock();
            let stop = self.stop.load(Ordering::Relaxed);
            if stop {
                reading.loader.stop();
                reading.progress = Progress::Stopped;
            } else {
                reading.progress = match reading.loader.step(STEP) {
                    Ok(Status::More) => {
                        let (read, whole) = reading.loader.progress();
                        Progress::Reading(read, whole)
                    }
                    Ok(Status::Done) => Progress::Whole,
                    Err(error) => Progress::Broken(Arc::new(error)),
                };
            }
            let over = !matches!(reading.progress, Progress::Reading(..));
            // A plain unlock would let this thread take the lock again before the window gets it.
            MutexGuard::unlock_fair(reading);
            if over || told.elapsed() >= TELL {
                told = Instant::now();
                wake();
            }
            if over {
                return;
            }
        }
    }
}

/// A capture's trace while it is looked at.
pub(super) struct Locked<'a>(MutexGuard<'a, Reading>);

impl Deref for Locked<'_> {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        self.0.loader.trace()
    }
}
