//! What is selected and what is hovered: the same in every view.

use crate::model::field::BitRange;

/// Bits of an item of the conversation that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The item's number in its conversation, counted from 0.
    pub item: usize,
    /// The bits of that item.
    pub bits: BitRange,
}

/// What a view draws as selected and as hovered, and where it says what the pointer is over.
///
/// A view calls [`hover`](Self::hover) while it draws; every view shows it in the next frame, so that the order in which
/// views are drawn does not matter. A click [selects](Self::select) at once.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    selected: Option<Mark>,
    hovered: Option<Mark>,
    next: Option<Mark>,
}

impl Marks {
    /// What was selected by click or key.
    pub const fn selected(&self) -> Option<Mark> {
        self.selected
    }

    /// What the pointer was over when the frame before was drawn.
    pub const fn hovered(&self) -> Option<Mark> {
        self.hovered
    }

    /// What is to be shown as lit: what is hovered, otherwise what is selected.
    pub fn lit(&self) -> Option<Mark> {
        self.hovered.or(self.selected)
    }

    /// Whether these bits of this item share a bit with what is hovered.
    pub fn is_hovered(&self, item: usize, bits: BitRange) -> bool {
        self.hovered.is_some_and(|mark| mark.item == item && overlap(mark.bits, bits))
    }

    /// Whether these bits of this item share a bit with what is selected.
    pub fn is_selected(&self, item: usize, bits: BitRange) -> bool {
        self.selected.is_some_and(|mark| mark.item == item && overlap(mark.bits, bits))
    }

    /// The pointer is over these bits.
    pub fn hover(&mut self, item: usize, bits: BitRange) {
        self.next = Some(Mark { item, bits });
    }

    /// Selects these bits: the one way to select, of views and of
    /// [`Action::Select`](super::action::Action::Select), which goes to another item before.
    pub fn select(&mut self, item: usize, bits: BitRange) {
        self.selected = Some(Mark { item, bits });
    }

    /// Selects nothing.
    pub fn deselect(&mut self) {
        self.selected = None;
    }

    /// Ends a frame. Whether something else is hovered now, so that another frame must be drawn.
    pub fn end_frame(&mut self) -> bool {
        let next = self.next.take();
        let changed = next != self.hovered;
        self.hovered = next;
        changed
    }
}

/// Whether two ranges share a bit, or are the same one without bits.
fn overlap(one: BitRange, other: BitRange) -> bool {
    one.overlaps(other) || one == other
}
