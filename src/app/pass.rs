//! What a view is given while a frame is drawn: traces to look at, and the state that all views share.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use super::action::{Action, At};
use super::host::{Host, Speaker, TraceGuard};
use super::language::Speaks;
use super::look::Look;
use super::marks::Marks;
use super::notice::Notices;
use super::replay::Replay;
use super::settings::Settings;
use super::source::{LIVE, Source, SourceId};
use crate::lesson::reference::Place;
use crate::model::field::{BitRange, Field};
use crate::model::protocol::Side;
use crate::trace::{ConnectionId, Conversation, Trace};
use crate::words::Words;

/// What all views share.
#[derive(Debug, Default)]
pub struct State {
    /// The conversation that is looked at.
    pub at: Option<At>,
    /// The item that is looked at, by its number in the conversation.
    pub item: Option<usize>,
    /// The item was chosen by the person, not by the window.
    pub picked: bool,
    /// Items that were chosen together, for export: first and last.
    pub chosen: Option<(usize, usize)>,
    /// The bits that are selected and hovered.
    pub marks: Marks,
    /// The item that is looked at, taken apart.
    pub look: Option<Rc<Look>>,
    /// The conversation whose numbers of items these are, and how often it has had others.
    pub(super) numbers: (Option<At>, u32),
    /// What must not be told yet, because a question asks for it, and where it stands.
    pub hidden: Vec<Place>,
    /// The conversations of which something is hidden: those of this source.
    pub hidden_at: Option<At>,
    /// How much of the conversation is shown.
    pub replay: Replay,
    /// The live clients that this window connected; others came from outside.
    pub own_clients: HashSet<ConnectionId>,
    /// What was asked for in this frame.
    pub actions: Vec<Action>,
    /// What is told to the person.
    pub notices: Notices,
    /// What is remembered.
    pub settings: Settings,
}

impl State {
    /// The words of the language that the window speaks.
    pub fn words(&self) -> Words {
        self.settings.words()
    }

    /// Asks for something; it is done after this frame.
    pub fn ask(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Looks at another conversation, or at none; what was chosen in the one before is let go of.
    pub fn look_at(&mut self, at: Option<At>) {
        self.at = at;
        self.item = None;
        self.picked = false;
        self.chosen = None;
        self.look = None;
        self.marks = Marks::default();
        self.replay.leave();
    }

    /// Looks at an item because a person chose it, and selects these bits of it, or none.
    pub fn select(&mut self, item: usize, bits: Option<BitRange>) {
        self.picked = true;
        self.item = Some(item);
        match bits {
            Some(bits) => self.marks.select(item, bits),
            None => self.marks.deselect(),
        }
    }

    /// After a replay has moved on from the first `before` items: looks at what happened last, and at nothing that has
    /// not happened.
    pub fn follow_replay(&mut self, talk: &Conversation, before: usize) {
        let shown = self.replay.shown(talk);
        let ahead = self.item.is_some_and(|item| item >= shown);
        if self.replay.is_on() && (shown != before || ahead) {
            self.item = shown.checked_sub(1);
            self.picked = self.item.is_some();
        }
    }

    /// Whether it must not be said yet what these bits of an item mean.
    pub fn is_hidden(&self, item: usize, bits: BitRange) -> bool {
        self.hidden_bits(item).iter().any(|hidden| hidden.overlaps(bits))
    }

    /// Whether it must not be said yet what this field is: it is a part of what is hidden, or has no parts and holds some.
    pub fn hides(&self, item: usize, field: &Field) -> bool {
        let hidden = self.hidden_bits(item);
        hidden.iter().any(|hidden| hidden.contains(field.bits))
            || field.children.is_empty() && self.is_hidden(item, field.bits)
    }

    /// The bits of an item of which must not be said what they mean; the bits themselves are always shown.
    pub fn hidden_bits(&self, item: usize) -> Vec<BitRange> {
        let places = self.hidden_here().filter(|place| place.item == Some(item) && place.step.is_none());
        places.map(|place| place.bits.unwrap_or(BitRange::new(0, u64::MAX))).collect()
    }

    /// The bits of a packet of which must not be said what they mean, by the packet's number in the file.
    pub fn hidden_packet_bits(&self, packet: u32) -> Vec<BitRange> {
        let places = self.hidden_here().filter(|place| place.packet == Some(packet.into()));
        places.map(|place| place.bits.unwrap_or(BitRange::new(0, u64::MAX))).collect()
    }

    /// Whether a step of a derivation must not be seen yet, counted from 0.
    pub fn is_step_hidden(&self, item: usize, derivation: &str, step: usize) -> bool {
        self.hidden_here().any(|place| {
            let here = place.step.as_ref();
            place.item == Some(item)
                && here.is_some_and(|(id, number)| id == derivation && number.is_none_or(|from| from <= step))
        })
    }

    fn hidden_here(&self) -> impl Iterator<Item = &Place> {
        let here = self.at.filter(|at| self.hidden_at.is_some_and(|hidden| hidden.source == at.source));
        let hidden = self.hidden.iter();
        hidden.filter(move |place| here.is_some_and(|at| at.conversation == place.conversation))
    }

    /// An item that was found late stands before others, which have other numbers then: what is looked at stays the same.
    fn follow_numbers(&mut self, talk: &Conversation) {
        let before = std::mem::replace(&mut self.numbers, (self.at, talk.renumbered()));
        if before.0 != self.at || before.1 == talk.renumbered() {
            return;
        }
        self.chosen = None;
        let Some(look) = self.look.as_ref().filter(|look| self.item == Some(look.number)) else { return };
        let Some(number) = talk.number_of(look.item.side, look.item.offset) else { return };
        if let Some(mark) = self.marks.selected().filter(|mark| mark.item == look.number) {
            self.marks.select(number, mark.bits);
        }
        self.item = Some(number);
    }

    /// Brings [`look`](Self::look) up to date with what is looked at.
    pub fn refresh_look(&mut self, talk: Option<(&Trace, &Conversation)>) {
        if let Some((_, talk)) = talk {
            self.follow_numbers(talk);
        }
        let Some(((trace, talk), number)) = talk.zip(self.item) else {
            self.look = None;
            return;
        };
        if !self.look.as_ref().is_some_and(|look| look.is_current(talk, number)) {
            self.look = Look::at(talk, &trace.store, number).map(Rc::new);
        }
    }
}

/// The traces of all sources while a frame is drawn, by the place of the source.
pub trait Traces {
    /// How many conversations there were when the frame began.
    fn count(&self, at: usize) -> usize;
    /// The trace. It does not grow until the frame is drawn.
    fn at(&self, at: usize) -> Option<&Trace>;
}

/// Traces that are locked when they are first looked at: a frame waits for nobody who fills another one.
pub(super) struct Locks<'a> {
    sources: &'a [Source],
    host: &'a dyn Host,
    counts: Vec<usize>,
    locked: Vec<OnceCell<TraceGuard<'a>>>,
}

impl<'a> Locks<'a> {
    /// Counts the conversations, and locks nothing yet.
    pub(super) fn new(sources: &'a [Source], host: &'a dyn Host) -> Self {
        Self {
            sources,
            host,
            counts: sources.iter().map(|source| source.conversations(host)).collect(),
            locked: sources.iter().map(|_| OnceCell::new()).collect(),
        }
    }
}

impl Traces for Locks<'_> {
    fn count(&self, at: usize) -> usize {
        self.counts.get(at).copied().unwrap_or_default()
    }

    fn at(&self, at: usize) -> Option<&Trace> {
        let source = self.sources.get(at)?;
        Some(self.locked.get(at)?.get_or_init(|| source.lock(self.host)))
    }
}

/// A frame while it is drawn.
pub struct Pass<'a> {
    /// The sources.
    pub sources: &'a [Source],
    /// Their traces, in the same order.
    pub traces: &'a (dyn Traces + 'a),
    /// The world, to be asked; what changes it is an [`Action`].
    pub host: &'a dyn Host,
    /// What all views share.
    pub state: &'a mut State,
}

impl std::fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl<'a> Pass<'a> {
    /// The words of the language that the window speaks.
    pub fn words(&self) -> Words {
        self.state.words()
    }

    /// The trace of a source.
    pub fn trace(&self, id: SourceId) -> Option<&'a Trace> {
        self.traces.at(self.sources.iter().position(|source| source.id == id)?)
    }

    /// The source that is looked at.
    pub fn source(&self) -> Option<&'a Source> {
        let id = self.state.at?.source;
        self.sources.iter().find(|source| source.id == id)
    }

    /// The conversation that is looked at, with its trace. What it returns outlives a borrow of the frame, so that the
    /// state can be changed meanwhile.
    pub fn talk(&self) -> Option<(&'a Trace, &'a Conversation)> {
        let at = self.state.at?;
        let trace = self.trace(at.source)?;
        Some((trace, trace.conversation(at.conversation)?))
    }

    /// Who speaks for `side` on the conversation that is looked at, if it is live and that end is ours.
    pub fn speaker(&self, side: Side) -> Option<Speaker> {
        self.state.at.filter(|at| at.source == LIVE)?;
        let (_, talk) = self.talk()?;
        let speaker = Speaker { connection: talk.connection, side };
        self.host.can_speak(&speaker).then_some(speaker)
    }
}
