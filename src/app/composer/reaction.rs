//! What came after something was sent: how the peer reacts, and which rules were broken.

use egui::Ui;

use super::preview::finding_ui;
use crate::app::action::{Action, At};
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::model::protocol::Side;
use crate::trace::{Conversation, FrameFacts, Item, Trace, close_body, message_of};
use crate::words::Words;

/// Where something was sent, and what stood there before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    at: At,
    /// The number of the first item that came after.
    from: usize,
    side: Side,
}

/// More items than these are counted, not shown.
const MOST: usize = 24;

impl Sent {
    /// Something is being sent now.
    pub(super) fn now(pass: &Pass<'_>, side: Side) -> Option<Self> {
        let (_, talk) = pass.talk()?;
        Some(Self { at: pass.state.at?, from: talk.items.len(), side })
    }

    /// Draws what came after.
    pub(super) fn ui(self, ui: &mut Ui, pass: &mut Pass<'_>) {
        let Some((trace, talk)) = pass.talk().filter(|_| pass.state.at == Some(self.at)) else { return };
        ui.strong(ui.words().text("composer-after"));
        let mut answered = false;
        let after: Vec<(usize, &Item)> = talk.items.iter_from(self.from).take(MOST).collect();
        for (number, item) in after {
            answered |= item.side != self.side;
            let chosen = pass.state.item == Some(number);
            let row = ui.selectable_label(chosen, row(ui.words(), trace, talk, number, item));
            if row.clicked() {
                pass.state.ask(Action::Select(number, None));
            }
            ui.indent(number, |ui| {
                for finding in talk.findings_of(number) {
                    finding_ui(ui, finding, &ui.words().finding(finding));
                }
            });
        }
        let more = talk.items.len().saturating_sub(self.from + MOST);
        if more > 0 {
            ui.weak(ui.words().with("composer-more", &[("count", more.into())]));
        }
        let ended = talk.ends[self.side.other().index()].is_some();
        if ended {
            let who = ui.words().text(side_word(self.side.other()));
            ui.label(ui.words().with("composer-ended", &[("side", who.into())]));
        } else if !answered {
            ui.label(ui.words().text("composer-no-answer"));
        }
    }
}

/// An item in one line: who sent it, what it is, and of a close frame why.
fn row(words: Words, trace: &Trace, talk: &Conversation, number: usize, item: &Item) -> String {
    let who = words.text(side_word(item.side));
    let kind = FrameFacts::of(talk, &trace.store, item).map_or(item.kind.id(), |facts| facts.opcode);
    let closed = message_of(talk, number).and_then(|(_, message)| close_body(talk, &trace.store, message));
    let closing = &talk.protocol.dialect_or_latest().closing;
    let about = match closed {
        Some((code, reason)) if reason.is_empty() => words.value(&closing.value(code)).into_owned(),
        Some((code, reason)) => format!("{}: {reason}", words.value(&closing.value(code))),
        None => words.with("count-bytes", &[("count", item.length.into())]),
    };
    let values = [("side", who.into()), ("kind", kind.into()), ("about", about.into())];
    words.with("composer-row", &values)
}

/// The message id of a side's name.
pub(super) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Client => "composer-client",
        Side::Server => "composer-server",
    }
}
