//! Markdown as a terminal shows it: paragraphs as wide as the terminal, and no marks of emphasis.

use crate::view::fit::wrap;

/// The text in lines of at most `columns` columns. Lists keep their lines, and what is indented or fenced stays as it is.
pub(super) fn plain(text: &str, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in text.trim().lines() {
        let fence = line.starts_with("```");
        fenced ^= fence;
        if fenced || fence || line.starts_with("    ") || line.starts_with('|') {
            flush(&mut paragraph, &mut lines, columns);
            if !fence {
                lines.push(line.to_owned());
            }
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut lines, columns);
            lines.push(String::new());
        } else {
            if is_point(line) {
                flush(&mut paragraph, &mut lines, columns);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut paragraph, &mut lines, columns);
    lines.join("\n")
}

/// Whether a point of a list begins here.
fn is_point(line: &str) -> bool {
    let line = line.trim_start();
    let behind = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || behind.len() < line.len() && behind.starts_with(". ")
}

fn flush(paragraph: &mut String, lines: &mut Vec<String>, columns: usize) {
    if !paragraph.is_empty() {
        lines.extend(wrap(&std::mem::take(paragraph).replace("**", ""), columns));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_and_what_is_laid_out_stays() {
        let text = "A **closing\nhandshake** ends it.\n\n- one\n- two\n\n```\na  b\n```\n    c  d\n";
        assert_eq!(plain(text, 20), "A closing handshake\nends it.\n\n- one\n- two\n\na  b\n    c  d");
    }
}
