//! Standard output, and what is written to it for people.

use std::io::{self, BufWriter, StdoutLock};
use std::path::Path;

/// Standard output with a buffer; colours are kept on a terminal and removed elsewhere.
pub(super) fn stdout() -> BufWriter<anstream::AutoStream<StdoutLock<'static>>> {
    BufWriter::with_capacity(1 << 16, anstream::AutoStream::auto(io::stdout().lock()))
}

/// A file's name without its folder, as the output shows it.
pub(super) fn file_name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}
