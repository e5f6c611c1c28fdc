//! What is dissected: a file, a pipe that is read as it grows, a file that somebody still writes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Failure;
use super::output;
use super::stop::Stop;
use crate::capture::{self, Loader, Status};
use crate::export::json::About;
use crate::words::Words;

/// So long is waited for more before what came is shown.
const PATIENCE: Duration = Duration::from_millis(100);

/// So long after the signal the rest of a pipe is read: a signal from the keyboard ends the program that captures too,
/// and that hands on what it has.
const REST: Duration = Duration::from_millis(500);

/// How much is read from a pipe at once.
const PIECE: usize = 64 << 10;

/// So many pieces wait to be dissected.
const PIECES: usize = 16;

/// A capture that is being read.
pub(super) struct Source {
    pub(super) loader: Loader,
    name: String,
    /// Whether it may grow while it is read.
    pub(super) grows: bool,
    stop: Stop,
    stopped_at: Option<Instant>,
}

/// What a round of reading brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// There is more.
    More,
    /// There is nothing now, but there may be later.
    Nothing,
    /// It was the last.
    Done,
}

impl Source {
    /// Opens a file; `-` is standard input. With `follow` a file is read on when its end was reached.
    pub(super) fn open(
        file: &Path,
        options: &capture::Options,
        follow: bool,
        stop: &Stop,
        words: Words,
    ) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let cannot = |source| Failure::of(&capture::Error::Io { name: name.clone(), source }, words);
        let waits = |reader: Box<dyn Read + Send>| {
            Waiting::new(reader, stop.clone()).map(|reader| capture::from_reader(reader, &name, options))
        };
        // What is no regular file, a FIFO for example, is read as it grows too.
        let metadata = std::fs::metadata(file).ok();
        let special = metadata.is_some_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        let (loader, grows) = if file.as_os_str() == "-" {
            (waits(Box::new(io::stdin())).map_err(cannot)?, true)
        } else if special {
            (waits(Box::new(File::open(file).map_err(cannot)?)).map_err(cannot)?, true)
        } else if follow {
            (capture::follow(file, options).map_err(|error| Failure::of(&error, words))?, true)
        } else {
            (capture::open(file, options).map_err(|error| Failure::of(&error, words))?, false)
        };
        Ok(Self { loader, name: output::file_name(file), grows, stop: stop.clone(), stopped_at: None })
    }

    /// Reads up to so many packets. Whoever asked the program to end ends the reading; what was read is a finished
    /// trace, and no failure.
    pub(super) fn step(&mut self, packets: usize, words: Words) -> Result<Round, Failure> {
        if self.stop.asked() {
            let since = *self.stopped_at.get_or_insert_with(Instant::now);
            if !self.grows || since.elapsed() > REST {
                self.loader.stop();
                return Ok(Round::Done);
            }
        }
        let before = self.loader.summary().packets;
        match self.loader.step(packets) {
            Ok(Status::Done) => Ok(Round::Done),
            Ok(Status::More) if self.loader.summary().packets > before => Ok(Round::More),
            Ok(Status::More) if self.stop.asked() => {
                self.loader.stop();
                Ok(Round::Done)
            }
            Ok(Status::More) => {
                if self.loader.is_followed() {
                    thread::sleep(PATIENCE); // A pipe has waited.
                }
                Ok(Round::Nothing)
            }
            Err(error) => Err(Failure::of(&error, words)),
        }
    }

    /// Whether the file was not cut by another program while it was read and printed.
    pub(super) fn still_whole(&self, file: &Path, words: Words) -> Result<(), Failure> {
        let lost = capture::Error::lost(&file.display().to_string(), &self.loader.trace().store);
        lost.map_or(Ok(()), |error| Err(Failure::of(&error, words)))
    }

    /// What is known of the file.
    pub(super) fn about(&self) -> About {
        let summary = self.loader.summary();
        About { file: self.name.clone(), packets: summary.packets, link_types: summary.link_types.clone() }
    }
}

/// Does something with each file. What is wrong with one is said, and the next is done; who asked for the end meanwhile has
/// what was done. Only where nobody reads what is printed all of it ends.
pub(super) fn each<W: Write>(
    files: &[PathBuf],
    out: &mut W,
    (stop, words): (&Stop, Words),
    mut act: impl FnMut(&mut W, &Path, bool) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failed = false;
    for (index, file) in files.iter().enumerate() {
        match act(out, file, index == 0) {
            Ok(()) => {}
            Err(failure @ Failure::Output(_)) => return Err(failure),
            Err(failure) => {
                out.flush()?;
                anstream::eprintln!("framescope: {}", failure.told(words));
                failed = true;
            }
        }
        if stop.asked() {
            break;
        }
    }
    out.flush()?;
    if failed { Err(Failure::Silent) } else { Ok(()) }
}

/// A pipe, read by a thread of its own: whoever dissects never waits long, and can end.
struct Waiting {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl Waiting {
    fn new(mut reader: Box<dyn Read + Send>, stop: Stop) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(PIECES);
        // It ends with the pipe, or with the program.
        thread::Builder::new().name("reader".to_owned()).spawn(move || {
            let mut buffer = vec![0; PIECE];
            loop {
                let read = match reader.read(&mut buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted && !stop.asked() => continue,
                    read => read.map(|count| buffer.get(..count).unwrap_or_default().to_vec()),
                };
                let last = !read.as_ref().is_ok_and(|piece| !piece.is_empty());
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Self { pieces, piece: io::Cursor::default(), ended: false })
    }
}

impl Read for Waiting {
    /// What is there; `WouldBlock` where nothing came for a while.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buffer)?;
            if count > 0 || self.ended || buffer.is_empty() {
                return Ok(count);
            }
            match self.pieces.recv_timeout(PATIENCE) {
                Ok(piece) => {
                    let piece = piece?;
                    self.ended = piece.is_empty();
                    self.piece = io::Cursor::new(piece);
                }
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::WouldBlock.into()),
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
        }
    }
}
