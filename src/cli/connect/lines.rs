//! Standard input, a message a line.

use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender;

use crate::cli::Failure;
use crate::endpoint::Command;
use crate::live::Input;
use crate::words::Words;

/// No line is longer, in bytes: 64 MiB.
const LONGEST: u64 = 64 << 20;

/// What is wrong with a line.
#[derive(Debug)]
enum Problem {
    NotText(u64),
    TooLong(u64),
    Io(io::Error),
}

/// The lines of standard input while they are read.
pub(super) struct Lines(Arc<Mutex<Option<Problem>>>);

/// Whether standard input is a pipe, a socket or a file, and not what stands for nothing.
pub(super) fn are_there() -> bool {
    #[cfg(unix)]
    {
        use std::fs::File;
        use std::os::fd::AsFd;
        use std::os::unix::fs::FileTypeExt;
        let Ok(input) = io::stdin().as_fd().try_clone_to_owned() else { return false };
        let kind = File::from(input).metadata().map(|metadata| metadata.file_type());
        kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket() || kind.is_file())
    }
    #[cfg(not(unix))]
    {
        false
    }
}

/// Reads lines until there are no more, or one cannot be sent, and says them.
pub(super) fn read(input: Sender<Input>) -> Lines {
    let problem = Arc::new(Mutex::new(None));
    let told = Arc::clone(&problem);
    thread::spawn(move || {
        if let Err(problem) = read_all(&input) {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
        }
        // An error says that the connection is over.
        let _ = input.blocking_send(Input::Last);
    });
    Lines(problem)
}

fn read_all(input: &Sender<Input>) -> Result<(), Problem> {
    let mut stdin = io::stdin().lock();
    for number in 1.. {
        let mut line = Vec::new();
        (&mut stdin).take(LONGEST + 1).read_until(b'\n', &mut line).map_err(Problem::Io)?;
        if line.is_empty() {
            break;
        }
        if line.pop_if(|byte| *byte == b'\n').is_none() && line.len() as u64 > LONGEST {
            return Err(Problem::TooLong(number));
        }
        line.pop_if(|byte| *byte == b'\r');
        let text = String::from_utf8(line).map_err(|_| Problem::NotText(number))?;
        if input.blocking_send(Input::Send(Command::text(text))).is_err() {
            break;
        }
    }
    Ok(())
}

impl Lines {
    /// Why not all of them were sent.
    pub(super) fn problem(&self, words: Words) -> Option<Failure> {
        let problem = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(match problem {
            Problem::NotText(line) => {
                Failure::with(words, "connect-line-not-text", &[("line", &line.to_string())])
            }
            Problem::TooLong(line) => {
                let values: [(&str, &str); 2] = [("line", &line.to_string()), ("most", &LONGEST.to_string())];
                Failure::with(words, "connect-line-too-long", &values)
            }
            Problem::Io(error) => Failure::with(words, "decode-no-input", &[("error", &error.to_string())]),
        })
    }
}
