//! What the view of statistics has counted, kept up to date a little in each frame.

use std::collections::HashMap;

use egui::Ui;

use crate::analysis::statistics::{Spread, Total, TraceStatistics};
use crate::app::action::At;
use crate::app::source::{Kind, LIVE, Source, SourceId};
use crate::model::field::BitRange;
use crate::model::protocol::Protocol;
use crate::model::rule::{Finding, Rule};
use crate::trace::Trace;

/// So many items and messages are counted in a frame: a few milliseconds.
const STEP: usize = 20_000;

/// It is looked for something new, and sums are made again, after so many seconds at the earliest: both go through all
/// conversations.
const AGAIN: f64 = 0.3;

/// What was counted of a source.
#[derive(Debug, Default)]
pub(super) struct Count {
    of: Option<SourceId>,
    pub(super) statistics: TraceStatistics,
    /// All conversations together, and those of each version.
    pub(super) total: Total,
    pub(super) by_protocol: Vec<(Protocol, Total)>,
    /// How many pings were answered.
    pub(super) round_trips: usize,
    /// The findings of all conversations by rule, the worst first.
    pub(super) found: Vec<Found>,
    /// How many findings were put in order.
    findings: usize,
    /// Something was counted that is not in the sums.
    dirty: bool,
    /// There is more to count than was counted in the last frame.
    behind: bool,
    /// When it was looked whether there is something new.
    looked: f64,
    drawn: u64,
    /// Nothing will come any more, and all is counted.
    done: bool,
}

/// The findings of a rule.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) rule: Rule,
    pub(super) count: u64,
    /// Where the first of them is: a conversation, and an item of it and bits of that, if it is about an item.
    pub(super) conversation: usize,
    pub(super) item: Option<(usize, Option<BitRange>)>,
    /// The first of them.
    pub(super) first: Finding,
}

impl Count {
    /// Counts what is new.
    pub(super) fn advance(&mut self, ui: &Ui, source: &Source, trace: &Trace) {
        let drawn = ui.ctx().cumulative_frame_nr();
        // The live recording can be cleared while nobody looks.
        let missed = source.id == LIVE && drawn > self.drawn + 1;
        if self.of != Some(source.id)
            || missed
            || trace.conversations().len() < self.statistics.conversations.len()
        {
            *self = Self { of: Some(source.id), dirty: true, ..Self::default() };
        }
        self.drawn = drawn;
        if self.done {
            return;
        }
        let now = ui.input(|input| input.time);
        let next = self.looked + AGAIN;
        let due = now >= next || self.looked == 0.0;
        if !due && !self.behind {
            ui.ctx().request_repaint_after_secs((next - now) as f32);
            return;
        }
        let counted = self.statistics.advance_by(trace, STEP);
        self.behind = counted == STEP;
        let findings =
            trace.conversations().iter().map(|talk| talk.item_findings.len() + talk.findings.len());
        let findings = findings.sum();
        self.dirty |= counted > 0 || findings != self.findings;
        if self.dirty && due {
            self.total = self.statistics.total();
            self.by_protocol = self.statistics.by_protocol();
            let all = self.statistics.conversations.iter();
            self.round_trips = all.map(|talk| talk.round_trips.len()).sum();
            if findings != self.findings || self.found.is_empty() {
                self.found = found(trace, 0..trace.conversations().len());
                self.findings = findings;
            }
            self.dirty = false;
        }
        if due {
            self.looked = now.max(f64::MIN_POSITIVE);
        }
        if self.behind {
            ui.ctx().request_repaint();
        } else if self.dirty {
            ui.ctx().request_repaint_after_secs(AGAIN as f32);
        } else {
            let whole = match &source.kind {
                Kind::Live => false,
                Kind::Made(_) => true,
                Kind::Capture(opening) => !opening.progress().goes_on(),
            };
            self.done = whole;
        }
    }
}

/// The findings of some conversations by rule, the worst and the most first.
pub(super) fn found(trace: &Trace, conversations: std::ops::Range<usize>) -> Vec<Found> {
    let mut places: HashMap<&'static str, usize> = HashMap::new();
    let mut found: Vec<Found> = Vec::new();
    let mut note = |conversation: usize, item: Option<usize>, finding: &Finding| {
        let place = *places.entry(finding.rule.id()).or_insert_with(|| {
            found.push(Found {
                rule: finding.rule,
                count: 0,
                conversation,
                item: item.map(|item| (item, finding.bits)),
                first: finding.clone(),
            });
            found.len() - 1
        });
        if let Some(found) = found.get_mut(place) {
            found.count += 1;
        }
    };
    for conversation in conversations {
        let Some(talk) = trace.conversation(conversation) else { break };
        for finding in &talk.findings {
            note(conversation, None, finding);
        }
        for (item, finding) in &talk.item_findings {
            note(conversation, Some(*item as usize), finding);
        }
    }
    found.sort_by_key(|found| (std::cmp::Reverse(found.rule.severity()), std::cmp::Reverse(found.count)));
    found
}

/// What is worked out of the conversation that is looked at.
#[derive(Debug, Default)]
pub(super) struct OfTalk {
    key: Option<(At, usize)>,
    pub(super) found: Vec<Found>,
    /// How long pongs took, and of how many that was worked out.
    pub(super) round_trip: Option<Spread>,
    round_trips: usize,
}

impl OfTalk {
    /// Brings them up to date.
    pub(super) fn refresh(&mut self, trace: &Trace, at: At, counted: &TraceStatistics) {
        let same = self.key.is_some_and(|(key, _)| key == at);
        if let Some(talk) = counted.conversations.get(at.conversation)
            && (!same || talk.round_trips.len() != self.round_trips)
        {
            self.round_trips = talk.round_trips.len();
            self.round_trip = talk.round_trip();
        }
        let Some(talk) = trace.conversation(at.conversation) else { return };
        let key = Some((at, talk.item_findings.len() + talk.findings.len()));
        if self.key != key {
            self.key = key;
            self.found = found(trace, at.conversation..at.conversation + 1);
        }
    }
}
