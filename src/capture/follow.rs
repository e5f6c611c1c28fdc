//! A file that another program still writes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::Error;
use super::loader::{Loader, Options, from_reader};
use super::shortened::Shortened;

/// Opens a capture that is still being written, or will be: its end is no end, and a record that is cut there is one
/// that is not whole yet. It is read until [`Loader::stop`]; at the end of the file each [`Loader::step`] says at
/// once that there may be more, and whoever reads waits before the next.
///
/// # Errors
/// If the file cannot be opened, or is a directory.
pub fn follow(path: impl AsRef<Path>, options: &Options) -> Result<Loader, Error> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let failed = |source| Error::Io { name: name.clone(), source };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::Directory { name });
    }
    Ok(from_reader(Growing { file, read: 0 }, name, options).followed())
}

struct Growing {
    file: File,
    read: u64,
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read += count as u64;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let length = self.file.metadata()?.len();
        if length < self.read {
            return Err(io::Error::other(Shortened { at: length, length: self.read }));
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}
