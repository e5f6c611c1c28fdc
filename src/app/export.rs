//! What is written to files.

use super::action::{Action, Export, Format, Picture};
use super::frame::State;
use crate::trace::Trace;

/// The name that is proposed for a file.
pub(super) fn proposed_name(action: &Action, item: Option<usize>) -> String {
    let number = item.map_or(1, |item| item + 1);
    match action {
        Action::Export(Export::Conversation(Format::Json)) => "conversation.json".to_owned(),
        Action::Export(Export::Conversation(Format::Csv)) => "conversation.csv".to_owned(),
        Action::Export(Export::Conversation(Format::Har)) => "conversation.har".to_owned(),
        Action::Export(Export::Diagram(Picture::Svg)) => format!("item-{number}.svg"),
        Action::Export(Export::Diagram(Picture::Png)) => format!("item-{number}.png"),
        _ => "framescope.pcapng".to_owned(),
    }
}

/// A trace of one conversation alone, with a copy of its bytes.
pub(super) fn copy_conversation(trace: &Trace, conversation: usize) -> Option<Trace> {
    let _ = (trace, conversation);
    None
}

/// The bytes of a file.
pub(super) fn bytes(
    what: Export,
    trace: &Trace,
    conversation: usize,
    state: &State,
    source: &str,
) -> Result<Vec<u8>, String> {
    let _ = (what, trace, conversation, state, source);
    Err(String::new())
}
