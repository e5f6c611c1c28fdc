//! What has a sentence of its own in the catalogue: errors, and other reasons.

use super::facts::{Fact, Facts};

/// Something that is said in the reader's language, not in its own: it names a message of the catalogue and the values
/// that stand in it. [`Words::error`](crate::words::Words::error) makes the sentence.
pub trait Tells {
    /// The id of the message that holds its sentences: `error-url`.
    fn message_id(&self) -> &'static str;

    /// Which of the sentences it is, and what stands in it.
    fn facts(&self) -> Facts;
}

impl Fact {
    /// What something says of itself: the reason, in a sentence about what follows from it.
    pub fn said(reason: &impl Tells) -> Self {
        Self::Said(reason.message_id(), reason.facts())
    }
}
