//! Prints a conversation while it is recorded.

use std::io::{self, Write};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::Sender;

use super::keyboard::Printer;
use crate::cli::Failure;
use crate::cli::output;
use crate::export::text::{self, Options, Progress};
use crate::live::{Input, Recorder};
use crate::trace::{Handshake, Trace};

/// Where it is printed.
pub(super) enum Screen {
    /// Standard output.
    Output,
    /// A terminal on which a person types.
    Terminal(Printer),
}

impl Screen {
    fn print(&self, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Output => {
                let mut out = output::stdout();
                out.write_all(text)?;
                out.flush()
            }
            Self::Terminal(printer) => {
                printer.print(String::from_utf8_lossy(text).into_owned());
                Ok(())
            }
        }
    }
}

/// How much of a conversation was printed.
pub(super) struct Ladder {
    options: Options,
    screen: Screen,
    progress: Progress,
    titled: bool,
    items: usize,
}

/// A ladder that is printed by a thread of its own.
pub(super) struct Following(JoinHandle<io::Result<Ladder>>);

impl Following {
    /// The ladder, when the recording is over.
    pub(super) fn join(self) -> Result<Ladder, Failure> {
        match self.0.join() {
            Ok(ladder) => Ok(ladder?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Ladder {
    pub(super) fn new(options: Options, screen: Screen) -> Self {
        Self { options, screen, progress: Progress::default(), titled: false, items: 0 }
    }

    /// Prints what the recorder has, each time it says so, until the recording is over. Where it cannot be printed, the
    /// client is to go.
    pub(super) fn follow(
        mut self,
        recorder: Recorder,
        woken: Receiver<()>,
        stop: Sender<Input>,
    ) -> Following {
        Following(thread::spawn(move || {
            while woken.recv().is_ok() {
                let mut text = Vec::new();
                self.more(&recorder.lock(), false, &mut text)?;
                if text.is_empty() {
                    continue;
                }
                if let Err(error) = self.screen.print(&text) {
                    // Where nobody listens, it is gone already.
                    let _ = stop.blocking_send(Input::Stop);
                    return Err(error);
                }
            }
            Ok(self)
        }))
    }

    /// Prints what has not been printed, and how the conversation ended.
    pub(super) fn end(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
        self.more(trace, true, out)?;
        let Some(talk) = trace.conversation(0) else { return Ok(()) };
        self.progress.write_legend(out, &self.options)?;
        // All of them here, so that it is the same in each run what stands where.
        text::write_findings(out, &talk.findings, &self.options)?;
        text::write_ending(out, talk, &self.options)
    }

    /// The heading waits until the handshake is over: it says what came of it.
    fn more(&mut self, trace: &Trace, over: bool, out: &mut dyn Write) -> io::Result<()> {
        let Some(talk) = trace.conversation(0) else { return Ok(()) };
        let opening = matches!(talk.handshake, Handshake::Incomplete | Handshake::Missing);
        if !self.titled && opening && !over {
            return Ok(());
        }
        if !self.titled {
            text::write_title(out, 1, talk, &self.options)?;
            text::write_columns(out, talk, &self.options)?;
            self.titled = true;
        }
        while self.items < talk.items.len() {
            let number = self.items;
            text::write_item(out, 1, talk, &trace.store, number, &mut self.progress, &self.options)?;
            self.items += 1;
        }
        Ok(())
    }
}
