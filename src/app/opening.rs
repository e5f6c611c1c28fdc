//! Opening a capture while the window goes on: a thread reads, the window looks at what is there.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use crate::capture::{Error, LinkType, Loader, PacketLinks, Status, Summary};
use crate::model::rule::{Finding, Severity};
use crate::trace::Trace;

/// How far a capture is opened.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Bytes read, and how many there are, if that is known.
    Reading(u64, Option<u64>),
    /// What is there was read, so many bytes; more may come.
    Following(u64),
    /// All was read.
    Whole,
    /// It was stopped by a person: what was read is there.
    Stopped,
    /// It could not be read to its end: what stands before is there.
    Broken(Arc<Error>),
}

impl Progress {
    /// Whether more may come.
    pub const fn goes_on(&self) -> bool {
        matches!(self, Self::Reading(..) | Self::Following(_))
    }
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
    summary: Arc<Summary>,
    /// Which packet has which link type.
    links: PacketLinks,
    conversations: usize,
    /// How many findings there are about the file, and the worst of them.
    findings: (usize, Option<Severity>),
    /// Why it could not be read to its end, until the person was told.
    untold: Option<Arc<Error>>,
}

/// The reader lets the window look after so many packets: a few milliseconds.
const STEP: usize = 8192;

/// The window is told that often that there is more.
const TELL: Duration = Duration::from_millis(50);

/// So often is looked whether a file that is followed has grown.
const LOOK: Duration = Duration::from_millis(100);

impl Opening {
    /// Begins to read. `wake` is called when there is something new to look at.
    pub fn start(loader: Loader, wake: impl Fn() + Send + 'static) -> Self {
        let progress = Progress::Reading(0, loader.progress().1);
        let shared = Arc::new(Shared {
            loader: Mutex::new(loader),
            known: Mutex::new(Known {
                progress,
                summary: Arc::default(),
                links: PacketLinks::default(),
                conversations: 0,
                findings: (0, None),
                untold: None,
            }),
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

    /// What was counted, as far as it was read.
    pub fn summary(&self) -> Arc<Summary> {
        Arc::clone(&self.shared.known.lock().summary)
    }

    /// The link type of a packet, by its number counted from 1; none for one that was not read.
    pub fn link_of(&self, packet: u32) -> Option<LinkType> {
        self.shared.known.lock().links.of(packet)
    }

    /// How many conversations there are, without waiting for the reader.
    pub fn conversations(&self) -> usize {
        self.shared.known.lock().conversations
    }

    /// How many findings there are about the file, and how bad the worst is, without waiting for the reader.
    pub fn findings(&self) -> (usize, Option<Severity>) {
        self.shared.known.lock().findings
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
        let (mut first, mut new, mut packets) = (true, false, 0);
        loop {
            let mut loader = self.loader.lock();
            let progress = if self.stop.load(Ordering::Relaxed) {
                loader.stop();
                Progress::Stopped
            } else {
                match loader.step(STEP) {
                    Ok(Status::More) => match loader.progress() {
                        (read, _) if loader.is_followed() => Progress::Following(read),
                        (read, whole) => Progress::Reading(read, whole),
                    },
                    Ok(Status::Done) => Progress::Whole,
                    Err(error) => Progress::Broken(Arc::new(error)),
                }
            };
            let over = !progress.goes_on();
            let nothing = loader.summary().packets == packets;
            packets = loader.summary().packets;
            // What is followed may stand still for hours.
            let waits = nothing && matches!(progress, Progress::Following(_));
            new |= !waits;
            let due = first || over || new && told.elapsed() >= TELL;
            self.note(&loader, progress, due);
            // A plain unlock would let this thread take the lock again before the window gets it.
            MutexGuard::unlock_fair(loader);
            if due {
                told = Instant::now();
                new = false;
                wake();
            }
            if over {
                return;
            }
            if waits {
                thread::sleep(LOOK);
            }
            first = false;
        }
    }

    /// Notes what is known now; the summary, which is copied, only where it is due.
    fn note(&self, loader: &Loader, progress: Progress, due: bool) {
        let mut known = self.known.lock();
        let trace = loader.trace();
        known.links.follow(loader.links());
        known.conversations = trace.conversations().len();
        known.findings = (trace.findings.len(), trace.findings.iter().map(Finding::severity).max());
        if due {
            known.summary = Arc::new(loader.summary().clone());
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
