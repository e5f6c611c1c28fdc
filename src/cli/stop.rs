//! An orderly end: SIGINT and SIGTERM end the reading, not the writing of what was read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Failure;
use crate::words::Words;

/// What a shell expects of a program that SIGINT ended: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// Whether somebody asked the program to end.
#[derive(Clone, Debug)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for the signals from now on. The second one ends the program at once, for a person whose patience with
    /// the output is over.
    pub(super) fn listen(words: Words) -> Result<Self, Failure> {
        let cannot =
            |error: std::io::Error| Failure::with(words, "cli-no-threads", &[("error", &error.to_string())]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        let mut signals = {
            // They are taken from here on, not when somebody first waits for one.
            let _inside = runtime.enter();
            Signals::new().map_err(cannot)?
        };
        let asked = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&asked);
        let wait = move || {
            runtime.block_on(async {
                signals.next().await;
                told.store(true, Ordering::Relaxed);
                signals.next().await;
                std::process::exit(INTERRUPTED);
            });
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map_err(cannot)?;
        Ok(Self(asked))
    }

    /// Whether the program was asked to end.
    pub(super) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps)] // Elsewhere it can fail.
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
