//! What the bytes would be on the wire: taken apart like anything that was recorded.

use egui::{RichText, Ui};

use crate::app::inspector::bits::{Bits, BitsState};
use crate::app::language::Speaks;
use crate::app::marks::Marks;
use crate::app::theme;
use crate::capture::typed::trace_of;
use crate::model::field::Field;
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Reaction, Severity};
use crate::trace::{Place, Spoken, Timestamp, Trace, fields};

/// What the bytes are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) spoken: Spoken,
    pub(super) side: Side,
    /// As what a connection begins with.
    pub(super) opening: bool,
}

/// Bytes, taken apart.
#[derive(Debug)]
pub(super) struct Preview {
    reading: Reading,
    pub(super) bytes: Vec<u8>,
    parts: Vec<Part>,
    /// How many items there are more than are shown.
    more: usize,
    states: Vec<BitsState>,
    marks: Marks,
}

/// An item.
#[derive(Debug)]
struct Part {
    /// Its first byte, and behind its last.
    from: usize,
    to: usize,
    tree: Field,
    findings: Vec<Finding>,
}

/// More items than these are counted, not shown.
const MOST: usize = 12;
/// The most height of a diagram, in points.
const HIGHEST: f32 = 20_000.0;

impl Preview {
    /// Takes bytes apart. What was unfolded and selected before stays so.
    pub(super) fn of(bytes: Vec<u8>, reading: Reading, before: Option<Self>) -> Option<Self> {
        let trace = examine(&bytes, reading);
        let talk = trace.conversations().first()?;
        let parts: Vec<Part> = talk
            .items
            .iter()
            .take(MOST)
            .filter_map(|(number, item)| {
                let from = usize::try_from(item.offset).ok()?;
                Some(Part {
                    from,
                    to: from + usize::try_from(item.length).ok()?,
                    tree: fields(talk, &trace.store, number)?,
                    findings: talk.findings_of(number).cloned().collect(),
                })
            })
            .collect();
        let more = talk.items.len() - parts.len();
        let (states, marks) = before.map(|old| (old.states, old.marks)).unwrap_or_default();
        Some(Self { reading, bytes, parts, more, states, marks })
    }

    /// Whether the bytes are read so.
    pub(super) fn is_read_as(&self, reading: Reading) -> bool {
        self.reading == reading
    }

    /// Something else is composed: what was selected and unfolded is gone.
    pub(super) fn forget_marks(&mut self) {
        self.states.clear();
        self.marks = Marks::default();
    }

    /// The rules that the bytes break.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.parts.iter().flat_map(|part| &part.findings)
    }

    /// Draws it. The bit that a person flips.
    pub(super) fn ui(&mut self, ui: &mut Ui) -> Option<u64> {
        ui.scope(|ui| {
            // All of it stands in the panel's own scroll area; only what is larger than this scrolls by itself.
            ui.set_max_height(HIGHEST);
            self.parts_ui(ui)
        })
        .inner
    }

    fn parts_ui(&mut self, ui: &mut Ui) -> Option<u64> {
        if self.bytes.is_empty() {
            ui.weak(ui.words().text("composer-nothing"));
            return None;
        }
        let mut flipped = None;
        let several = self.parts.len() + self.more > 1;
        self.states.resize_with(self.parts.len(), BitsState::default);
        for ((number, part), state) in self.parts.iter().enumerate().zip(&mut self.states) {
            if several {
                let values = [("number", (number + 1).into()), ("byte", part.from.into())];
                ui.strong(ui.words().with("composer-part", &values));
            }
            for finding in &part.findings {
                // The diagram says at its bits what these bytes do; here is the rule.
                let placed = finding.bits.is_some() && finding.severity() > Severity::Note;
                let message = ui.words().finding(finding);
                finding_ui(ui, finding, if placed { ui.words().title(finding.rule) } else { &message });
            }
            let bytes = self.bytes.get(part.from..part.to).unwrap_or_default();
            let bits = Bits::new(&part.tree, bytes, number).findings(&part.findings).flips();
            let done = ui.push_id(number, |ui| bits.ui(ui, state, &mut self.marks)).inner;
            if let Some(bit) = done.flipped {
                flipped = Some(part.from as u64 * 8 + bit);
            }
        }
        if self.more > 0 {
            ui.weak(ui.words().with("composer-more", &[("count", self.more.into())]));
        }
        if self.marks.end_frame() {
            ui.ctx().request_repaint();
        }
        flipped
    }
}

/// A conversation in which these bytes are all that was sent.
fn examine(bytes: &[u8], reading: Reading) -> Trace {
    if reading.opening {
        return trace_of(bytes, None, Some(reading.side), false);
    }
    let mut trace = Trace::default();
    let talk = trace.open_speaking(reading.spoken);
    let at = trace.store.append(bytes);
    // What can be composed is far below what a chunk's length can say.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    trace.data(talk, reading.side, Place { at, headers: None }, length, 0, Timestamp(0));
    trace.finish();
    trace
}

/// A finding in these words, with what a peer that keeps the rule does about it.
pub(super) fn finding_ui(ui: &mut Ui, finding: &Finding, message: &str) {
    let severity = finding.severity();
    let reaction = match finding.reaction() {
        Reaction::GoOn => String::new(),
        Reaction::Close(code) => {
            ui.words().with("composer-reaction-close", &[("code", code.to_string().into())])
        }
        Reaction::Refuse(status) => {
            ui.words().with("composer-reaction-refuse", &[("status", status.to_string().into())])
        }
        Reaction::Drop => ui.words().text("composer-reaction-drop").to_owned(),
    };
    let line = format!("{} {message} {reaction}", theme::severity_sign(severity));
    let text = RichText::new(line.trim_end()).color(theme::severity(ui.visuals(), severity));
    let label = ui.add(egui::Label::new(text).wrap());
    label.on_hover_ui(|ui| {
        ui.set_max_width(360.0);
        ui.strong(ui.words().title(finding.rule));
        ui.label(ui.words().finding(finding));
        ui.label(ui.words().why(finding.rule));
        ui.weak(format!("{} · {}", finding.rule.id(), finding.section()));
    });
}
