//! What became of a conversation, in a word or two.

use crate::trace::{Conversation, State};
use crate::words::Words;

/// `closed 1000`, `died`, `reset by server`, `open at end`, `refused 403`. `live` says that more may come.
pub fn told(words: Words, talk: &Conversation, live: bool) -> String {
    match talk.state() {
        State::Open if live => words.text("outcome-going-on").to_owned(),
        State::Open => words.text("outcome-open").to_owned(),
        State::Refused => match talk.refused_with() {
            Some(status) => words.with("outcome-refused-status", &[("status", status.to_string().into())]),
            None => words.text("outcome-refused").to_owned(),
        },
        State::Died => match talk.reset_by() {
            Some(side) => words.with("outcome-reset", &[("side", side.id().into())]),
            None => words.text("outcome-died").to_owned(),
        },
        State::Closed => {
            let close = talk.close().unwrap_or_default();
            let code = close.code.map(|code| code.to_string());
            let answered = close.by.is_none() || close.clean != Some(false);
            match (code, answered) {
                (Some(code), true) => words.with("outcome-closed-code", &[("code", code.into())]),
                (Some(code), false) => words.with("outcome-unanswered-code", &[("code", code.into())]),
                (None, true) => words.text("outcome-closed").to_owned(),
                (None, false) => words.text("outcome-unanswered").to_owned(),
            }
        }
    }
}
