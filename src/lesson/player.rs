//! Where a student is in a lesson.

use super::format::{Lesson, Question, Show, Step, Tab};
use super::question::{Given, Key, Verdict};
use super::reference::{Evidence, Place, Reference};
use super::{LessonError, bundled};
use crate::model::field::BitRange;
use crate::trace::Trace;
use crate::words::Words;

/// How a lesson is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The bytes are there to be read; only what a question would give away is hidden until it is answered.
    #[default]
    Guided,
    /// First the prediction, then the bytes: the answer of every question is hidden until it is given.
    Challenge,
}

/// What a step shows: numbers in the trace, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The conversation.
    pub conversation: usize,
    /// The item.
    pub item: Option<usize>,
    /// The packet, counted from 1, whose layers are shown.
    pub packet: Option<u64>,
    /// The field's id.
    pub field: Option<&'static str>,
    /// The field's bits.
    pub bits: Option<BitRange>,
    /// The view of the item.
    pub tab: Option<Tab>,
}

/// A lesson while a student takes it. Every answer was found in the bytes before it begins.
#[derive(Clone, Debug)]
pub struct Player {
    lesson: Lesson,
    steps: Vec<Ready>,
    at: usize,
    mode: Mode,
}

/// What a step came to with these bytes.
#[derive(Clone, Debug)]
struct Ready {
    view: Option<View>,
    key: Option<Key>,
    answered: bool,
    tries: u32,
}

impl Player {
    /// A student at the beginning of a lesson, before these bytes: those of [`Lesson::trace`], or the same over sockets.
    ///
    /// # Errors
    /// Where a step names what is not in the bytes, or an answer is not what the file says.
    pub fn new(lesson: Lesson, trace: &Trace, mode: Mode) -> Result<Self, LessonError> {
        let capture = lesson.capture()?;
        let evidence = Evidence { trace, capture: &capture };
        let ready = |(at, step): (usize, &Step)| -> Result<Ready, LessonError> {
            let (show, key) = match step {
                Step::Say { show, .. } => (show, None),
                Step::Ask(question) => (&question.show, Some(Key::find(question, at + 1, evidence)?)),
            };
            let view = show.as_ref().map(|show| view(show, evidence)).transpose();
            let view = view.map_err(|error| LessonError::NotFound(at + 1, error))?;
            Ok(Ready { view, key, answered: false, tries: 0 })
        };
        let steps = lesson.steps.iter().enumerate().map(ready).collect::<Result<_, _>>()?;
        Ok(Self { lesson, steps, at: 0, mode })
    }

    /// The lesson.
    pub const fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// Goes on in another language. What was answered stays answered.
    ///
    /// # Errors
    /// Where the lesson cannot be read in it; then it goes on as before.
    pub fn speak(&mut self, words: Words) -> Result<(), LessonError> {
        match bundled::lesson(&self.lesson.name, words).transpose()? {
            Some(lesson) if lesson.steps.len() == self.lesson.steps.len() => self.lesson = lesson,
            // A lesson of one's own has one language.
            _ => self.lesson.words = words,
        }
        Ok(())
    }

    /// How it is given.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The number of the step, counted from 0.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The step.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.at)
    }

    /// The question, where the step is one.
    pub fn question(&self) -> Option<&Question> {
        match self.step()? {
            Step::Ask(question) => Some(question),
            Step::Say { .. } => None,
        }
    }

    /// What the step shows; none to leave all as it is.
    pub fn view(&self) -> Option<View> {
        self.steps.get(self.at)?.view
    }

    /// Whether the step may be left behind: it asks nothing, or was answered.
    pub fn is_done(&self) -> bool {
        self.steps.get(self.at).is_some_and(|step| step.key.is_none() || step.answered)
    }

    /// Whether every question was answered.
    pub fn is_finished(&self) -> bool {
        self.steps.iter().all(|step| step.key.is_none() || step.answered)
    }

    /// How often the step's question was answered, right or wrong.
    pub fn tries(&self) -> u32 {
        self.steps.get(self.at).map_or(0, |step| step.tries)
    }

    /// Goes to the next step; whether there is one.
    pub fn forward(&mut self) -> bool {
        let more = self.at + 1 < self.steps.len();
        self.at += usize::from(more);
        more
    }

    /// Goes to the step before; whether there is one.
    pub fn back(&mut self) -> bool {
        let more = self.at > 0;
        self.at -= usize::from(more);
        more
    }

    /// Goes to a step by its number, counted from 0; whether there is one.
    pub fn go_to(&mut self, step: usize) -> bool {
        let there = step < self.steps.len();
        if there {
            self.at = step;
        }
        there
    }

    /// Judges an answer to the step's question; none where it asks nothing.
    pub fn answer(&mut self, given: &Given) -> Option<Verdict> {
        let Some(Step::Ask(question)) = self.lesson.steps.get(self.at) else { return None };
        let ready = self.steps.get_mut(self.at)?;
        let verdict = question.judge(ready.key.as_ref()?, given, self.lesson.words);
        ready.tries += 1;
        ready.answered |= verdict.is_right();
        Some(verdict)
    }

    /// The right answer to the step's question, for a student who gives up. It then counts as answered.
    pub fn reveal(&mut self) -> Option<Given> {
        let Some(Step::Ask(question)) = self.lesson.steps.get(self.at) else { return None };
        let ready = self.steps.get_mut(self.at)?;
        let right = ready.key.as_ref()?.right(question)?;
        ready.answered = true;
        Some(right)
    }

    /// Marks a step as answered: for going on where a student was.
    pub fn mark_done(&mut self, step: usize) {
        if let Some(ready) = self.steps.get_mut(step) {
            ready.answered = true;
        }
    }

    /// Where the answer to the step's question stands, as long as it is open.
    pub fn asked(&self) -> Option<&Place> {
        let ready = self.steps.get(self.at).filter(|step| !step.answered)?;
        ready.key.as_ref().map(|key| &key.found.place)
    }

    /// The places that must not be seen now, because a question that is still open asks for them. Once it is
    /// answered, they appear.
    pub fn hidden(&self) -> Vec<Place> {
        let mut hidden = Vec::new();
        for (step, ready) in self.lesson.steps.iter().zip(&self.steps) {
            let (Step::Ask(question), Some(key), false) = (step, &ready.key, ready.answered) else {
                continue;
            };
            hidden.extend(key.hidden.iter().cloned());
            // What is to be picked must be seen.
            let placed = key.found.place.item.is_some() || key.found.place.packet.is_some();
            if self.mode == Mode::Challenge && question.kind.is_predicted() && placed {
                hidden.push(key.found.place.clone());
            }
        }
        hidden
    }
}

impl super::Kind {
    /// Whether the answer is typed or chosen, and so can be asked for before it is seen.
    pub const fn is_predicted(self) -> bool {
        !matches!(self, Self::Field | Self::Bit | Self::Item)
    }
}

fn view(show: &Show, evidence: Evidence<'_>) -> Result<View, super::reference::NotFound> {
    let conversation = show.conversation.unwrap_or(1).saturating_sub(1);
    let mut view = View { conversation, tab: show.tab, ..View::default() };
    if show.item.is_some() || show.packet.is_some() {
        let place = Reference {
            conversation: show.conversation,
            item: show.item.clone(),
            packet: show.packet,
            field: show.field.clone(),
            ..Reference::default()
        };
        let place = place.find(evidence)?.place;
        (view.item, view.packet, view.field) = (place.item, place.packet, place.field);
        view.bits = place.bits.filter(|_| show.field.is_some());
    }
    Ok(view)
}
