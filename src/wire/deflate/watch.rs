//! Watches how far back a message's copies look.

use std::ops::ControlFlow;

use super::fault::InflateError;
use super::tokens::{Reader, Token};

/// Reads along with the inflater, and knows the distance of every copy.
///
/// zlib itself looks back into whatever it holds, which depends on how the bytes were cut into pieces.
#[derive(Debug)]
pub(super) struct Watch {
    reader: Reader,
    window: u16,
    /// How many bytes before this one are known. More than any window where nothing was lost.
    known: u64,
    /// Each message is to begin with an empty window.
    alone: bool,
    /// Inflated bytes of the message that the reader has seen.
    length: u64,
    /// The block being read is the last of its stream.
    last: bool,
    /// The first copy that looks into what is lost, and how many bytes of the message stand before it.
    lost: Option<(u64, InflateError)>,
    /// The first copy that looks back further than was agreed, likewise.
    beyond: Option<(u64, InflateError)>,
    /// It was told already.
    told: bool,
    /// The reader met what is no DEFLATE stream. The inflater will, too.
    broken: bool,
}

impl Watch {
    /// Over a window of so many bytes, of which `known` bytes before here are known.
    pub(super) fn new(window: u16, known: u64) -> Self {
        Self {
            reader: Reader::new(),
            window,
            known,
            alone: false,
            length: 0,
            last: false,
            lost: None,
            beyond: None,
            told: false,
            broken: false,
        }
    }

    /// The same where no copy may look into an earlier message. `told` says that something was told of this message.
    pub(super) fn alone(self, told: bool) -> Self {
        Self { alone: true, told, ..self }
    }

    /// Whether something was told of this message.
    pub(super) const fn told(&self) -> bool {
        self.told
    }

    /// A message begins. What is wrong with it is told once.
    pub(super) fn begin_message(&mut self) {
        self.length = 0;
        self.beyond = None;
        self.told = false;
    }

    /// Whether all that the sender's window can hold is known.
    pub(super) fn knows_window(&self) -> bool {
        self.known >= u64::from(self.window)
    }

    /// How many bytes of the message stand before the first copy into what is lost, and the error.
    pub(super) const fn lost(&self) -> Option<(u64, InflateError)> {
        self.lost
    }

    /// The message's first copy that looks back further than was agreed, if it stands before byte `end`; told once.
    pub(super) fn beyond(&mut self, end: u64) -> Option<InflateError> {
        let (_, beyond) = self.beyond.filter(|(at, _)| *at < end && !self.told)?;
        self.told = true;
        Some(beyond)
    }

    /// The next bytes of the stream.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.broken || self.lost.is_some() {
            return;
        }
        let Self { reader, window, known, alone, length, last, lost, beyond, .. } = self;
        let result = reader.feed(bytes, |token, _| {
            match token {
                Token::Block { last: bfinal, .. } => *last = bfinal,
                // Behind the end of a stream the sender itself begins with an empty window.
                Token::End if *last => *known = u64::MAX,
                Token::Copy { distance, .. } => {
                    if distance > *window {
                        beyond.get_or_insert((*length, InflateError::Window { distance, window: *window }));
                    } else if *alone && u64::from(distance) > *length {
                        beyond.get_or_insert((*length, InflateError::Kept { distance, own: *length }));
                    }
                    if u64::from(distance) > *known {
                        *lost = Some((*length, InflateError::Lost { distance }));
                        return ControlFlow::Break(());
                    }
                }
                Token::End | Token::Literal(_) | Token::Stored(_) => {}
            }
            *length += token.length();
            *known = known.saturating_add(token.length());
            ControlFlow::Continue(())
        });
        self.broken = result.is_err();
    }
}

/// The first copy of a stream that looks back beyond the stream's own beginning: how far, and how many bytes stand before
/// it. Only the first `end` bytes of output are looked at, and so many bytes of the stream.
pub(super) fn first_before_beginning(pieces: [&[u8]; 2], end: u64, bytes: usize) -> Option<(u16, u64)> {
    let mut reader = Reader::new();
    let (mut length, mut found) = (0_u64, None);
    for piece in pieces {
        let read = reader.feed(piece, |token, place| {
            if let Token::Copy { distance, .. } = token
                && u64::from(distance) > length
                && place.end <= bytes as u64 * 8
            {
                found = Some((distance, length));
            }
            length += token.length();
            if found.is_some() || length > end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if read.is_err() || found.is_some() || length > end {
            break;
        }
    }
    found
}
