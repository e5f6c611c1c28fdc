//! A person at a terminal: a line is a message, between what comes.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender;

use super::typed::{Typed, typed};
use crate::live::Input;
use crate::model::protocol::Protocol;
use crate::words::Words;

/// The keyboard of a terminal, and its screen.
pub(super) struct Keyboard {
    printer: Printer,
    protocol: Protocol,
    words: Words,
}

/// Prints to the terminal. Clones print to the same screen.
#[derive(Clone)]
pub(super) struct Printer(Arc<Mutex<io::Stdout>>);

impl Printer {
    /// Prints lines.
    pub(super) fn print(&self, mut text: String) {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A terminal that is gone shows nothing; the end of input says so.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

impl Keyboard {
    /// Takes the terminal.
    pub(super) fn start(protocol: Protocol, words: Words) -> Self {
        Self { printer: Printer(Arc::new(Mutex::new(io::stdout()))), protocol, words }
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
        let (printer, protocol, words) = (self.printer.clone(), self.protocol, self.words);
        thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                match typed(&line, protocol, words) {
                    Typed::Nothing => {}
                    Typed::Tell(text) => printer.print(text),
                    Typed::Send(command) => {
                        if input.blocking_send(Input::Send(command)).is_err() {
                            return;
                        }
                    }
                }
            }
            // Ctrl-D, or the terminal is gone.
            let _ = input.blocking_send(Input::Last);
        });
    }
}
