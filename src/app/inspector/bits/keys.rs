//! Going through a bit diagram by keys.

use egui::{EventFilter, Id, Key, Modifiers, Ui};

use crate::model::field::BitRange;
use crate::view::diagram::{Line, Plan};

/// Keeps the arrow keys for the diagram that has the focus.
pub(super) fn lock(ui: &Ui, id: Id) {
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}

/// How far a key steps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A field, or a byte of one that is made of bytes.
    Unit,
    /// A bit.
    Bit,
    /// A field with all its bytes.
    Leaf,
}

/// The bits that a key selects, when these are selected.
pub(super) fn moved(ui: &Ui, plan: &Plan<'_, '_>, here: Option<BitRange>) -> Option<BitRange> {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let whole = BitRange::new(0, plan.leaves.last()?.field.bits.end);
    if pressed(Modifiers::NONE, Key::Home) {
        return unit(plan, whole.start, Step::Unit);
    }
    if pressed(Modifiers::NONE, Key::End) {
        return unit(plan, whole.end.checked_sub(1)?, Step::Unit);
    }
    // The keys with more modifiers are asked first: one without takes them, too.
    let steps =
        [(Modifiers::COMMAND, Step::Leaf), (Modifiers::SHIFT, Step::Bit), (Modifiers::NONE, Step::Unit)];
    for (modifiers, step) in steps {
        if pressed(modifiers, Key::ArrowRight) {
            let Some(here) = here else { return unit(plan, 0, step) };
            let next =
                if step == Step::Bit && here.len() > 1 { here.start } else { end_of(plan, here, step) };
            return unit(plan, visible(plan, next, true)?, step);
        }
        if pressed(modifiers, Key::ArrowLeft) {
            let before = start_of(plan, here?, step).checked_sub(1)?;
            return unit(plan, visible(plan, before, false)?, step);
        }
    }
    let step = here
        .filter(|here| here.len() == 1)
        .filter(|_| !is_leaf(plan, here))
        .map_or(Step::Unit, |_| Step::Bit);
    if pressed(Modifiers::NONE, Key::ArrowDown) {
        let Some(here) = here else { return unit(plan, 0, step) };
        return unit(plan, visible(plan, here.start + plan.columns(), true)?, step);
    }
    if pressed(Modifiers::NONE, Key::ArrowUp) {
        return unit(plan, visible(plan, here?.start.checked_sub(plan.columns())?, false)?, step);
    }
    None
}

/// Whether the selected bit is to be flipped.
pub(super) fn flips(ui: &Ui) -> bool {
    ui.input_mut(|input| {
        input.consume_key(Modifiers::NONE, Key::Space) || input.consume_key(Modifiers::NONE, Key::Enter)
    })
}

/// How many pages are to be scrolled.
pub(super) fn paged(ui: &Ui) -> f64 {
    ui.input_mut(|input| {
        let down = input.count_and_consume_key(Modifiers::NONE, Key::PageDown);
        let up = input.count_and_consume_key(Modifiers::NONE, Key::PageUp);
        (down as f64 - up as f64) * 0.9
    })
}

fn is_leaf(plan: &Plan<'_, '_>, here: Option<BitRange>) -> bool {
    here.and_then(|here| Some(plan.leaf_at(here.start)?.1.field.bits == here)).unwrap_or_default()
}

/// What is selected at a bit: the bit, the field or the byte.
fn unit(plan: &Plan<'_, '_>, bit: u64, step: Step) -> Option<BitRange> {
    let (_, leaf) = plan.leaf_at(bit)?;
    let bits = leaf.field.bits;
    Some(match step {
        Step::Bit => BitRange::new(bit, bit + 1),
        Step::Unit if leaf.bytewise => BitRange::new(bit / 8 * 8, (bit / 8 * 8 + 8).min(bits.end)),
        Step::Unit | Step::Leaf => bits,
    })
}

fn end_of(plan: &Plan<'_, '_>, here: BitRange, step: Step) -> u64 {
    let last = here.end.saturating_sub(1).max(here.start);
    if step == Step::Leaf {
        plan.leaf_at(last).map_or(here.end, |(_, leaf)| leaf.field.bits.end)
    } else {
        here.end
    }
}

fn start_of(plan: &Plan<'_, '_>, here: BitRange, step: Step) -> u64 {
    if step == Step::Leaf {
        plan.leaf_at(here.start).map_or(here.start, |(_, leaf)| leaf.field.bits.start)
    } else {
        here.start
    }
}

/// The bit, or where it is folded away the next one that is not.
fn visible(plan: &Plan<'_, '_>, bit: u64, forward: bool) -> Option<u64> {
    match plan.line(plan.line_of(bit)?)? {
        Line::Fold(fold) if fold.recorded && forward => {
            Some(fold.bits.end).filter(|end| plan.line_of(*end).is_some())
        }
        Line::Fold(fold) if fold.recorded => fold.bits.start.checked_sub(1),
        _ => Some(bit),
    }
}
