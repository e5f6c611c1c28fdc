//! What stands around a segment in the recording.

use crate::trace::{Place, Timestamp};

/// What stands around a segment.
#[derive(Clone, Copy, Debug)]
pub(in crate::capture) struct Context {
    /// Where its payload is.
    pub(in crate::capture) place: Place,
    pub(in crate::capture) packet: u32,
    pub(in crate::capture) time: Timestamp,
    pub(in crate::capture) digits: u8,
}
