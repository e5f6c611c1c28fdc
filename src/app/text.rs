//! Right-to-left text, put in the order in which it is drawn.
//!
//! egui lays out text from left to right, font by font. Within a piece in one font, Hebrew and Arabic letters are
//! shaped, joined and turned round; the pieces themselves are not, so `שלום עולם` would show its words in the wrong
//! order. [`visual`] puts the pieces in order (Unicode Standard Annex #9) and leaves to egui what egui does.
//!
//! What is not done: a line that egui breaks is broken in visual order, so its rows read from the last to the first;
//! give lines one by one. A text field shows what is typed in egui's order.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, BidiInfo, bidi_class};
use unicode_segmentation::UnicodeSegmentation;

/// The text with its right-to-left pieces in the order in which egui must get them to draw it rightly. For looking
/// at only: copying and searching need the text as it is.
pub fn visual(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_right_to_left(c) || is_arabic_digit(c)) {
        return Cow::Borrowed(text);
    }
    let bidi = BidiInfo::new(text, None);
    let mut shown = String::with_capacity(text.len());
    for paragraph in &bidi.paragraphs {
        let whole = text.get(paragraph.range.clone()).unwrap_or_default();
        let line = whole.trim_end_matches(is_separator);
        let range = paragraph.range.start..paragraph.range.start + line.len();
        let (levels, runs) = bidi.visual_runs(paragraph, range);
        for run in runs {
            let backwards = levels.get(run.start).is_some_and(unicode_bidi::Level::is_rtl);
            let run = text.get(run).unwrap_or_default();
            if backwards {
                push_backwards(&mut shown, run);
            } else {
                push_forwards(&mut shown, run);
            }
        }
        shown.push_str(whole.get(line.len()..).unwrap_or_default());
    }
    Cow::Owned(shown)
}

/// What stands between letters is turned round here and mirrored; each stretch of letters is turned by egui.
fn push_backwards(shown: &mut String, run: &str) {
    for stretch in stretches(run, |cluster| cluster.starts_with(is_right_to_left)).into_iter().rev() {
        if stretch.starts_with(is_right_to_left) {
            shown.push_str(stretch);
        } else {
            for cluster in stretch.graphemes(true).rev() {
                shown.extend(cluster.chars().map(|c| unicode_bidi_mirroring::get_mirrored(c).unwrap_or(c)));
            }
        }
    }
}

/// Arabic and Persian digits run from left to right, but egui takes their script for a reason to turn them round.
fn push_forwards(shown: &mut String, run: &str) {
    for stretch in stretches(run, |cluster| cluster.starts_with(is_arabic_digit)) {
        if stretch.starts_with(is_arabic_digit) {
            shown.extend(stretch.graphemes(true).rev());
        } else {
            shown.push_str(stretch);
        }
    }
}

/// The longest pieces in which every cluster is of one kind.
fn stretches(text: &str, kind: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, cluster) in text.grapheme_indices(true) {
        let now = kind(cluster);
        if before.is_some_and(|before| before != now) {
            found.extend(text.get(start..at));
            start = at;
        }
        before = Some(now);
    }
    found.extend(text.get(start..));
    found
}

fn is_right_to_left(c: char) -> bool {
    matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

fn is_arabic_digit(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

fn is_separator(c: char) -> bool {
    bidi_class(c) == BidiClass::B
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_right_to_left_letters_is_left_alone() {
        assert!(matches!(visual("Hello (你好) 👨‍👩‍👧 ->"), Cow::Borrowed(_)));
    }

    #[test]
    fn words_change_places_and_letters_do_not() {
        assert_eq!(visual("שלום עולם"), "עולם שלום");
    }

    #[test]
    fn a_left_to_right_text_keeps_its_direction() {
        assert_eq!(visual("say שלום עולם twice"), "say עולם שלום twice");
    }

    #[test]
    fn brackets_are_mirrored_and_numbers_run_left_to_right() {
        assert_eq!(visual("שלום (12)"), "(12) שלום");
        assert_eq!(visual("۱۲۳ (12)"), "۳۲۱ (12)");
        assert_eq!(visual("عدد ۱۲۳"), "۳۲۱ عدد");
        assert_eq!(visual("عدد ١٢٣"), "٣٢١ عدد");
    }

    #[test]
    fn each_line_is_ordered_by_itself() {
        assert_eq!(visual("שלום עולם\nאחד שני\n"), "עולם שלום\nשני אחד\n");
    }

    #[test]
    fn clusters_stay_whole() {
        assert_eq!(visual("שלום 👨‍👩‍👧 e\u{301}!"), "!e\u{301} 👨‍👩‍👧 שלום");
    }
}
