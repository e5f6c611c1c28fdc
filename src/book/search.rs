//! Finds words in the book.

use std::sync::LazyLock;

use super::{Block, chapters, page};

/// A place in the book where all words were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The chapter's name.
    pub chapter: &'static str,
    /// The anchor of the section; empty for the chapter's beginning.
    pub anchor: String,
    /// A few words around the first word that was found.
    pub around: String,
}

/// A section, ready to be searched.
struct Section {
    chapter: &'static str,
    anchor: String,
    text: String,
    lower: String,
}

static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| {
    let mut sections = Vec::new();
    for chapter in chapters() {
        let Some(page) = page(&chapter.name) else { continue };
        let mut last = String::new();
        for block in page.blocks {
            let Block::Text { anchor, markdown } = block else { continue };
            if !anchor.is_empty() {
                last.clone_from(&anchor);
            }
            let text: String = markdown.split_whitespace().collect::<Vec<_>>().join(" ");
            sections.push(Section {
                chapter: &chapter.name,
                anchor: last.clone(),
                lower: text.to_ascii_lowercase(),
                text,
            });
        }
    }
    sections
});

/// So many bytes are shown before and behind what was found.
const AROUND: usize = 60;

/// The sections that hold every word of the line, at most `most` of them, in the order of the book.
pub fn search(line: &str, most: usize) -> Vec<Hit> {
    let words: Vec<String> = line.split_whitespace().map(str::to_ascii_lowercase).collect();
    let Some(first) = words.first() else { return Vec::new() };
    let found = SECTIONS.iter().filter(|section| words.iter().all(|word| section.lower.contains(word)));
    found
        .take(most)
        .map(|section| Hit {
            chapter: section.chapter,
            anchor: section.anchor.clone(),
            around: around(&section.text, section.lower.find(first).unwrap_or(0), first.len()),
        })
        .collect()
}

fn around(text: &str, at: usize, length: usize) -> String {
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let to = text.ceil_char_boundary((at + length + AROUND).min(text.len()));
    let dots = |cut: bool| if cut { "…" } else { "" };
    let middle = text.get(from..to).unwrap_or_default();
    format!("{}{}{}", dots(from > 0), middle.trim(), dots(to < text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_stand() {
        let hits = search("masking key", 40);
        assert!(hits.iter().any(|hit| hit.chapter == "masking"), "{hits:?}");
        assert!(search("", 10).is_empty());
        assert!(search("xyzzyplugh", 10).is_empty());
    }
}
