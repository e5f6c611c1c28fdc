//! Writing a trace that others look at and that may still grow: it is locked for a part at a time.

use std::io::{self, Write};
use std::ops::Deref;

use crate::export::pcapng::{Copying, Writer};
use crate::trace::{Conversation, Trace};

/// The trace is locked for so many bytes at a time.
const MOST: u64 = 1 << 20;

/// Writes what a trace holds of a conversation; `end` writes how it ended. Whether there is a conversation with this
/// index. One that is carried by another is not written: its bytes are its carrier's.
///
/// # Errors
/// What the file says.
pub(super) fn copy<W: Write, G: Deref<Target = Trace>>(
    index: usize,
    writer: &mut Writer<W>,
    mut lock: impl FnMut() -> G,
    end: impl FnOnce(Copying, &Conversation, &mut Writer<W>) -> io::Result<()>,
) -> io::Result<bool> {
    let mut copying: Option<Copying> = None;
    loop {
        let trace = lock();
        let Some(talk) = trace.conversation(index) else { return Ok(false) };
        if talk.carrier.is_some() {
            return Ok(true);
        }
        let mut so_far = match copying {
            Some(so_far) => so_far,
            None => Copying::begin(talk, writer)?,
        };
        if so_far.go_on(&trace, talk, writer, MOST)? {
            end(so_far, talk, writer)?;
            return Ok(true);
        }
        copying = Some(so_far);
    }
}
