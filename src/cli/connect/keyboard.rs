//! A person at a terminal: a line is a message, between what comes. Lines are edited, and those before come back with the
//! arrow keys.

use std::io;
use std::sync::mpsc::{self, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustyline::error::ReadlineError;
use rustyline::{DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc::Sender;

use super::typed::{Typed, typed};
use crate::live::Input;
use crate::model::protocol::Protocol;
use crate::words::Words;

/// What stands before what is typed.
const PROMPT: &str = "> ";

/// The keyboard of a terminal, and its screen. The terminal is as it was when this is dropped.
pub(super) struct Keyboard {
    printer: Printer,
    protocol: Protocol,
    words: Words,
    /// To the thread that reads lines: where they go.
    begin: mpsc::SyncSender<Reading>,
    _mode: Mode,
}

/// What the thread that reads lines needs to begin.
struct Reading {
    input: Sender<Input>,
    protocol: Protocol,
    words: Words,
}

/// Prints above the line that is being typed. Clones print to the same screen.
#[derive(Clone)]
pub(super) struct Printer(Arc<Mutex<dyn ExternalPrinter + Send>>);

impl Printer {
    /// Prints lines.
    pub(super) fn print(&self, mut text: String) {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut printer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A terminal that is gone shows nothing; the end of input says so.
        let _ = printer.print(text);
    }
}

impl Keyboard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Where it is none that lines can be edited on.
    pub(super) fn start(protocol: Protocol, words: Words) -> io::Result<Self> {
        let mode = Mode::now();
        let (begin, begun) = sync_channel::<Reading>(1);
        let (ready, made) = sync_channel(1);
        // The editor stays in the thread that reads.
        thread::spawn(move || {
            let mut editor = match DefaultEditor::new() {
                Ok(editor) => editor,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let printer = editor.create_external_printer();
            let printer = printer.map(|printer| Printer(Arc::new(Mutex::new(printer))));
            if let Ok(screen) = &printer {
                let screen = screen.clone();
                if ready.send(printer).is_ok()
                    && let Ok(reading) = begun.recv()
                {
                    read(&mut editor, &screen, &reading);
                }
            } else {
                drop(ready.send(printer));
            }
        });
        let printer = made.recv().map_err(io::Error::other)?.map_err(io::Error::other)?;
        Ok(Self { printer, protocol, words, begin, _mode: mode })
    }

    /// The screen.
    pub(super) fn printer(&self) -> Printer {
        self.printer.clone()
    }

    /// Prints a text.
    pub(super) fn print(&self, text: &str) {
        self.printer.print(text.to_owned());
    }

    /// Reads lines from now on, and says what they come to.
    pub(super) fn read(&self, input: Sender<Input>) {
        // Nobody receives where the terminal was gone at once; then there is nothing to read.
        let _ = self.begin.try_send(Reading { input, protocol: self.protocol, words: self.words });
    }
}

/// Reads lines until the person ends (Ctrl-D, Ctrl-C), or the terminal is gone.
fn read(editor: &mut DefaultEditor, screen: &Printer, reading: &Reading) {
    let Reading { input, protocol, words } = reading;
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            // Another size of the window.
            Err(ReadlineError::Signal(_)) => continue,
            Err(_) => break,
        };
        if !line.is_empty() {
            // A line that does not come back is no reason to stop.
            let _ = editor.add_history_entry(line.as_str());
        }
        match typed(&line, *protocol, *words) {
            Typed::Nothing => {}
            Typed::Tell(text) => screen.print(text),
            Typed::Send(command) => {
                if input.blocking_send(Input::Send(command)).is_err() {
                    return;
                }
            }
        }
    }
    let _ = input.blocking_send(Input::Last);
}

/// How the terminal was before lines were edited on it. The thread that reads may still wait for a key when the program ends.
struct Mode {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Mode {
    fn now() -> Self {
        Self {
            #[cfg(unix)]
            before: rustix::termios::tcgetattr(io::stdin()).ok(),
        }
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            use std::io::Write;
            // The prompt that waits is not answered any more.
            let mut out = io::stdout();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
