//! Errors as sentences.

use super::Words;
use crate::model::tells::Tells;

impl Words {
    /// What went wrong, in one line.
    pub fn error(self, error: &impl Tells) -> String {
        self.sentence(error.message_id(), &error.facts())
    }
}

/// Displays a type that [`Tells`] in English, for logs and for programs that pass errors on.
macro_rules! display_in_english {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::words::Words::english().error(self))
            }
        }
    };
}

pub(crate) use display_in_english;
