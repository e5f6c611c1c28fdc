//! How high the rows of a diagram are, and where each begins, without laying out those that are not seen.
//!
//! Rows that only go on with a field of bytes are all of one height. The others are as many as there are fields; they
//! are measured.

use std::sync::Arc;

use egui::{Color32, FontId, Galley, Ui};

use crate::app::language::Speaks;
use crate::app::theme;
use crate::model::field::BitRange;
use crate::model::rule::Finding;
use crate::view::diagram::{Cell, Leaf, Line, Plan, Row};

/// Sizes that follow from the width of a bit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The width of a bit.
    pub(super) bit: f32,
    /// The size of the bits' text.
    pub(super) bits: f32,
    /// The size of names, values and bytes.
    pub(super) text: f32,
}

/// The space between two rows.
const ROW_GAP: f32 = 3.0;
/// The height of a fold, in lines of text.
const FOLD_LINES: f32 = 2.3;

impl Sizes {
    /// Sizes for bits of this width.
    pub(super) fn of(bit: f32) -> Self {
        let scale = bit / 19.0;
        Self { bit, bits: (14.0 * scale).clamp(12.0, 20.0), text: (12.5 * scale).clamp(11.5, 17.0) }
    }

    /// The height of the line of bits.
    pub(super) fn bits_line(self) -> f32 {
        (self.bits * 1.55).round()
    }

    /// The height of a line of text.
    pub(super) fn line(self) -> f32 {
        (self.text * 1.35).round()
    }

    /// The height of a letter of a name that is written downwards.
    pub(super) fn letter(self) -> f32 {
        (self.text * 1.12).round()
    }

    fn fold(self) -> f32 {
        self.line() * FOLD_LINES
    }

    fn of_line(self, plan: &Plan<'_, '_>, line: &Line, remarks: &[Remark]) -> f32 {
        match line {
            Line::Fold(_) => self.fold() + ROW_GAP,
            Line::Row(row) => self.of_row(plan, row) + height_below(row, remarks),
        }
    }

    fn of_row(self, plan: &Plan<'_, '_>, row: &Row) -> f32 {
        let below = blocks(row)
            .filter_map(|cells| Some((cells, *plan.leaves.get(cells.first()?.leaf)?)))
            .map(|(cells, leaf)| {
                let under = if is_covered(cells) { self.bits_line() } else { 0.0 };
                under
                    + match below(leaf, cells) {
                        Below::Letters(letters) => letters.chars().count() as f32 * self.letter(),
                        Below::Lines { bytes, name, value } => {
                            f32::from(u8::from(bytes) + u8::from(name) + u8::from(value)) * self.line()
                        }
                    }
            })
            .fold(0.0, f32::max);
        self.bits_line() + below + 3.0 + ROW_GAP
    }

    /// The height of a row that only goes on with a field of bytes.
    fn going_on(self) -> f32 {
        self.bits_line() + self.line() + 3.0 + ROW_GAP
    }

    /// What is left of a row's height without the space to the next.
    pub(super) fn without_gap(height: f32) -> f32 {
        height - ROW_GAP
    }
}

/// What is said below a row about a finding that begins in it.
pub(super) struct Remark {
    /// The first bit that it is about.
    first: u64,
    /// Its words, in as many lines as they need.
    pub(super) words: Arc<Galley>,
    /// Their colour.
    pub(super) colour: Color32,
}

impl Remark {
    /// The remarks on these findings, in lines of at most this width.
    pub(super) fn all(ui: &Ui, findings: &[Finding], sizes: Sizes, width: f32) -> Vec<Self> {
        let placed = findings.iter().filter_map(|finding| Some((finding, finding.bits?)));
        placed
            .filter(|(_, bits)| !bits.is_empty())
            .map(|(finding, bits)| {
                let severity = finding.severity();
                let colour = theme::severity(ui.visuals(), severity);
                let words = format!("{} {}", theme::severity_sign(severity), ui.words().finding(finding));
                let font = FontId::proportional(sizes.text);
                let words = ui.painter().layout(words, font, colour, (width - 4.0).max(1.0));
                Self { first: bits.start, words, colour }
            })
            .collect()
    }

    /// The first bit that it is about.
    pub(super) const fn place(&self) -> BitRange {
        BitRange::new(self.first, self.first)
    }

    /// The height that it takes.
    pub(super) fn height(&self) -> f32 {
        (self.words.size().y + 2.0).round()
    }
}

/// The remarks that stand below a row: those whose place begins in it, not more than three.
pub(super) fn beginning<'r>(row: &Row, remarks: &'r [Remark]) -> impl Iterator<Item = &'r Remark> {
    let ends = row.cells.first().zip(row.cells.last()).map(|(first, last)| (first.bits.start, last.bits.end));
    remarks
        .iter()
        .filter(move |remark| ends.is_some_and(|(start, end)| start <= remark.first && remark.first < end))
        .take(3)
}

/// The height of the remarks below a row.
pub(super) fn height_below(row: &Row, remarks: &[Remark]) -> f32 {
    beginning(row, remarks).map(Remark::height).sum()
}

/// The cells of a row, those of one leaf together.
pub(super) fn blocks(row: &Row) -> impl Iterator<Item = &[Cell]> {
    row.cells.chunk_by(|one, next| one.leaf == next.leaf)
}

/// Whether a mask covers the bits of a block that is no payload: what stands under it is shown in a line of its own.
pub(super) fn is_covered(cells: &[Cell]) -> bool {
    cells.iter().any(|cell| cell.clear.is_some())
}

/// What stands below the bits of a block.
pub(super) enum Below {
    /// A name written downwards.
    Letters(String),
    /// Lines of text.
    Lines {
        /// The bytes with their characters.
        bytes: bool,
        /// The field's name.
        name: bool,
        /// Its value.
        value: bool,
    },
}

/// What stands below the bits of neighbouring cells of one leaf.
pub(super) fn below(leaf: Leaf<'_>, cells: &[Cell]) -> Below {
    let columns: u64 = cells.iter().map(|cell| cell.bits.len()).sum();
    let begins = cells.first().is_some_and(|cell| cell.begins);
    if columns == 1 && !leaf.bytewise {
        return Below::Letters(if begins { downwards(leaf.field.kind.name) } else { String::new() });
    }
    Below::Lines { bytes: leaf.bytewise, name: begins || !leaf.bytewise, value: !leaf.bytewise }
}

/// The longest name that is written downwards whole.
const LETTERS: usize = 5;

/// A name as it is written downwards, as the RFCs do: `FIN`, `RSV1`, `MASK`. Of a long one of several words the
/// initials (`DF` for Don't Fragment), of another long one the beginning.
fn downwards(name: &str) -> String {
    let name = name.trim_end_matches(" bit");
    if name.chars().count() <= LETTERS {
        return name.to_uppercase();
    }
    let words = name.split([' ', '-']).filter(|word| !word.is_empty());
    if words.clone().count() > 1 {
        words.filter_map(|word| word.chars().next()).take(LETTERS).collect::<String>().to_uppercase()
    } else {
        name.chars().take(LETTERS - 1).collect::<String>().to_uppercase()
    }
}

/// Lines of one height that follow each other.
#[derive(Clone, Copy, Debug)]
struct Run {
    line: u64,
    top: f64,
    height: f32,
}

/// Where each line of a diagram begins.
#[derive(Debug)]
pub(super) struct Heights {
    runs: Vec<Run>,
    lines: u64,
    total: f64,
}

/// How many rows of a field that is not made of bytes are measured; more of them are as rows of bytes.
const MEASURED: u64 = 16;

impl Heights {
    /// Measures a diagram.
    pub(super) fn of(plan: &Plan<'_, '_>, sizes: Sizes, remarks: &[Remark]) -> Self {
        let mut measured: Vec<u64> = plan.folds().map(|(line, _)| line).collect();
        for leaf in plan.leaves.iter().filter(|leaf| !leaf.field.bits.is_empty()) {
            let bits = leaf.field.bits;
            let Some(first) = plan.line_of(bits.start) else { continue };
            let last = if leaf.bytewise { first } else { plan.line_of(bits.end - 1).unwrap_or(first) };
            measured.extend(first..=last.min(first + MEASURED));
        }
        measured.extend(remarks.iter().filter_map(|remark| plan.line_of(remark.first)));
        measured.sort_unstable();
        measured.dedup();
        let mut heights = Self { runs: Vec::new(), lines: 0, total: 0.0 };
        for number in measured {
            heights.push(number, sizes.going_on());
            if let Some(line) = plan.line(number) {
                heights.push(number + 1, sizes.of_line(plan, &line, remarks));
            }
        }
        heights.push(plan.line_count(), sizes.going_on());
        heights
    }

    /// Adds lines of this height up to the one with the number `end`.
    fn push(&mut self, end: u64, height: f32) {
        if end > self.lines {
            self.runs.push(Run { line: self.lines, top: self.total, height });
            self.total += (end - self.lines) as f64 * f64::from(height);
            self.lines = end;
        }
    }

    /// The height of all.
    pub(super) const fn total(&self) -> f64 {
        self.total
    }

    /// Where a line begins, and its height.
    pub(super) fn of_line(&self, line: u64) -> Option<(f64, f32)> {
        let run = self.runs.get(self.runs.partition_point(|run| run.line <= line).checked_sub(1)?)?;
        Some((run.top + (line - run.line) as f64 * f64::from(run.height), run.height))
    }

    /// The line at this many points from the top.
    pub(super) fn line_at(&self, y: f64) -> u64 {
        let at = self.runs.partition_point(|run| run.top <= y).saturating_sub(1);
        self.runs.get(at).map_or(0, |run| run.line + ((y - run.top).max(0.0) / f64::from(run.height)) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::hybi;

    #[test]
    fn names_of_one_bit_are_short() {
        let all = ["FIN", "RSV1", "Mask", "Don't Fragment", "More Fragments", "Reserved bit", "URG"];
        let short = all.map(downwards);
        assert_eq!(short, ["FIN", "RSV1", "MASK", "DF", "MF", "RESE", "URG"]);
    }

    #[test]
    fn lines_follow_each_other_without_a_hole() {
        let bytes = [&[0x82, 0xFE, 0x27, 0x10, 1, 2, 3, 4][..], &[0x55; 10_000]].concat();
        let field = hybi::fields(&bytes, false);
        for columns in [8, 16, 32] {
            let plan = Plan::new(&field, &bytes, columns, |_| None);
            let heights = Heights::of(&plan, Sizes::of(19.0), &[]);
            let mut y = 0.0;
            for line in 0..plan.line_count() {
                let (top, height) = heights.of_line(line).unwrap();
                assert!((top - y).abs() < 1e-6, "line {line}");
                assert_eq!(heights.line_at(top + f64::from(height) / 2.0), line);
                y += f64::from(height);
            }
            assert!((heights.total() - y).abs() < 1e-6);
            // The rows of a header, one in which the payload begins, and one for all others.
            assert!(heights.runs.len() < 12, "{}", heights.runs.len());
        }
    }
}
