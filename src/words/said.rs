//! Errors as sentences.

use super::Words;
use crate::model::dialect::UnknownProtocol;
use crate::model::protocol::Protocol;
use crate::model::tells::Tells;

/// What a person is told, in the language of whoever asks: an error, a reason. What [`Tells`] facts is said by its message;
/// what consists of other things that are said puts them together.
///
/// Its [`Display`](std::fmt::Display) is the same in English, for logs and for errors that are passed on
/// ([`said_in_english!`](crate::said_in_english)).
pub trait Said {
    /// What is wrong and what to do, in one line.
    fn said(&self, words: Words) -> String;
}

impl<T: Tells> Said for T {
    fn said(&self, words: Words) -> String {
        words.error(self)
    }
}

/// `said_in_english!(MyError)`: an error whose `Display` is what it says in English.
#[macro_export]
macro_rules! said_in_english {
    ($($error:ty),+ $(,)?) => { $(
        impl ::std::fmt::Display for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::words::Said::said(self, $crate::words::Words::english()))
            }
        }
    )+ };
}

impl Said for UnknownProtocol {
    fn said(&self, words: Words) -> String {
        let known: Vec<&str> = Protocol::ALL
            .iter()
            .filter(|known| **known != Protocol::Unknown)
            .map(|known| known.id())
            .collect();
        let (last, before) = known.split_last().unwrap_or((&"", &[]));
        let values =
            [("name", self.0.as_str().into()), ("known", before.join(", ").into()), ("last", (*last).into())];
        words.with("failure-protocol", &values)
    }
}
