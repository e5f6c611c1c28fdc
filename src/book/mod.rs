//! The book, as it is bundled with the program: chapters, their text in blocks that a reader can draw, and a search.
//!
//! The same Markdown becomes the site that `mdbook build book` makes. What that includes from `generated/` is included
//! here too.

mod page;
mod search;

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

pub use page::{Block, Page};
pub use search::{Hit, search};

static SOURCE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/book/src");

static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(read_summary);

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The file's name without `.md`, by which links and commands name it.
    pub name: String,
    /// The title in the table of contents.
    pub title: String,
    /// The part of the book that it begins; none for the next chapter of the same part.
    pub part: Option<String>,
    /// How far it stands in from the left in the table of contents.
    pub depth: usize,
}

/// The chapters, in the order of the table of contents.
pub fn chapters() -> &'static [Chapter] {
    &CHAPTERS
}

/// A chapter by its name.
pub fn chapter(name: &str) -> Option<&'static Chapter> {
    chapters().iter().find(|chapter| chapter.name == name)
}

/// The text of a chapter, taken apart for a reader.
pub fn page(name: &str) -> Option<Page> {
    Some(Page::read(&text(name)?))
}

/// A figure's SVG by its name, as in `figures/frames-hello.svg`.
pub fn figure(name: &str) -> Option<&'static str> {
    SOURCE.get_file(name)?.contents_utf8()
}

/// A chapter's Markdown, with what it includes.
fn text(name: &str) -> Option<String> {
    let source = SOURCE.get_file(format!("{name}.md"))?.contents_utf8()?;
    let mut text = String::with_capacity(source.len());
    for line in source.lines() {
        let included = line.trim().strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}"));
        match included.and_then(|path| SOURCE.get_file(path.trim())).and_then(|file| file.contents_utf8()) {
            Some(included) => text.push_str(included.trim_end_matches('\n')),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Some(text)
}

/// Reads `SUMMARY.md` as mdBook does: links are chapters, headings are parts.
fn read_summary() -> Vec<Chapter> {
    let summary = SOURCE.get_file("SUMMARY.md").and_then(|file| file.contents_utf8()).unwrap_or_default();
    let mut part = None;
    let mut chapters = Vec::new();
    for line in summary.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            part = Some(title.trim().to_owned()).filter(|_| title.trim() != "Summary");
            continue;
        }
        let link = line.trim_start().trim_start_matches("- ");
        let Some((title, rest)) = link.strip_prefix('[').and_then(|link| link.split_once("](")) else {
            continue;
        };
        let Some(name) = rest.strip_suffix(')').and_then(|file| file.strip_suffix(".md")) else { continue };
        let depth = (line.len() - line.trim_start().len()) / 2;
        chapters.push(Chapter {
            name: name.trim_start_matches("./").to_owned(),
            title: title.to_owned(),
            part: part.take(),
            depth,
        });
    }
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::bundled;

    #[test]
    fn every_chapter_can_be_read() {
        assert!(chapters().len() >= 24);
        for chapter in chapters() {
            let page = page(&chapter.name).unwrap_or_else(|| panic!("{} has no text", chapter.name));
            assert!(!page.title.is_empty() && !page.blocks.is_empty(), "{}", chapter.name);
        }
    }

    #[test]
    fn every_figure_and_include_is_there() {
        for chapter in chapters() {
            let text = text(&chapter.name).unwrap();
            assert!(!text.contains("{{#include"), "{} includes what is not there", chapter.name);
            for block in page(&chapter.name).unwrap().blocks {
                if let Block::Figure { file, .. } = block {
                    assert!(figure(&file).is_some(), "{}: {file}", chapter.name);
                }
            }
        }
    }

    #[test]
    fn every_experiment_names_a_lesson_by_its_title() {
        let lessons = bundled::lessons(crate::words::Words::english()).unwrap();
        let mut tried = std::collections::HashSet::new();
        for chapter in chapters() {
            for block in page(&chapter.name).unwrap().blocks {
                let Block::TryIt { lesson, title } = block else { continue };
                let found = lessons.iter().find(|one| one.name == lesson);
                assert_eq!(found.map(|one| one.title.as_str()), Some(title.as_str()), "{}", chapter.name);
                tried.insert(lesson);
            }
        }
        for lesson in &lessons {
            assert!(chapter(&lesson.chapter).is_some(), "{} belongs to no chapter", lesson.name);
            assert!(tried.contains(&lesson.name), "no chapter leads to the lesson {}", lesson.name);
        }
    }

    #[test]
    fn every_link_leads_somewhere() {
        for chapter in chapters() {
            for link in page(&chapter.name).unwrap().links {
                if link.contains("://") || link.starts_with("mailto:") {
                    continue;
                }
                let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
                let name = file.strip_suffix(".md").unwrap_or(file);
                let target = if name.is_empty() { &chapter.name } else { name };
                let page = page(target).unwrap_or_else(|| panic!("{}: {link}", chapter.name));
                assert!(anchor.is_empty() || page.section(anchor).is_some(), "{}: {link}", chapter.name);
            }
        }
    }
}
