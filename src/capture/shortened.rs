//! A file that became shorter while it was read.

use std::fmt;

/// What stands at the end was read, and is not there any more.
#[derive(Debug)]
pub(super) struct Shortened {
    pub(super) at: u64,
    pub(super) length: u64,
}

impl fmt::Display for Shortened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.at, self.length)
    }
}

impl std::error::Error for Shortened {}
