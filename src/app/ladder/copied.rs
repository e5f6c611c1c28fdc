//! Rows as text, as the command line writes them.

use crate::export::text::{Options, Progress, write_item};
use crate::trace::{Conversation, Store};
use crate::words::Words;

/// So many items are copied at most; whole conversations are exported.
const MOST: usize = 10_000;

/// The items from the first to the last of `chosen`.
pub(super) fn text(
    words: Words,
    talk: &Conversation,
    store: &Store,
    (first, last): (usize, usize),
) -> String {
    let options = Options { brief: true, derivations: false, ..Options::default() };
    let mut progress = Progress::default();
    let mut out = Vec::new();
    for number in (first..=last).take(MOST) {
        // Writing to memory cannot fail.
        let _ = write_item(&mut out, 1, talk, store, number, &mut progress, &options);
    }
    let mut text = String::from_utf8_lossy(&out).into_owned();
    let left = (last - first + 1).saturating_sub(MOST);
    if left > 0 {
        text.push_str(&words.with("ladder-copied-part", &[("count", left.into())]));
        text.push('\n');
    }
    text
}
