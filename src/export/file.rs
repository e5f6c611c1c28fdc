//! Writing a file so that nothing is lost: what stood there is there until all that takes its place is written.
//!
//! A capture that is open is mapped, not read: were it written over, what is shown would change, or be gone.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is being written beside its place, and takes it when it is complete.
#[derive(Debug)]
pub struct Whole {
    file: File,
    /// Where it is written, and where it belongs; none where it is no regular file and is written in place.
    place: Option<(PathBuf, PathBuf)>,
}

impl Whole {
    /// Begins to write the file.
    ///
    /// # Errors
    /// Where it cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        // A device or a pipe has no place to be taken; a link is followed to what it names.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Ok(Self { file: File::create(&path)?, place: None });
        }
        let mut name = OsString::from(".");
        name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        name.push(format!(".{}.part", std::process::id()));
        let beside = path.with_file_name(name);
        Ok(Self { file: File::create(&beside)?, place: Some((beside, path)) })
    }

    /// Puts the file in its place. Without it the file is left out.
    ///
    /// # Errors
    /// Where it cannot be put there.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        match self.place.take() {
            Some((beside, path)) => fs::rename(&beside, path).inspect_err(|_| {
                let _ = fs::remove_file(&beside);
            }),
            None => Ok(()),
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.place {
            let _ = fs::remove_file(beside);
        }
    }
}

/// Writes a file by this function, with a buffer.
///
/// # Errors
/// Where it cannot be written; what stood there is still there then.
pub fn write<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = BufWriter::new(Whole::create(path)?);
    write(&mut out)?;
    out.into_inner().map_err(|error| E::from(error.into_error()))?.finish().map_err(E::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_complete_takes_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "old").unwrap();
        let failed = write(&path, |out| {
            out.write_all(b"new")?;
            Err(io::Error::other("no more"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        write(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
