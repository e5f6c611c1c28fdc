//! A chapter's Markdown, cut into blocks: text, figures, and places to try something.

/// A chapter, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The chapter's title.
    pub title: String,
    /// What it is made of, in order.
    pub blocks: Vec<Block>,
    /// The targets of its links.
    pub links: Vec<String>,
}

/// A part of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Markdown, perhaps under a heading of its own.
    Text {
        /// The heading's anchor, as mdBook makes it; empty for text that goes on.
        anchor: String,
        /// The Markdown.
        markdown: String,
    },
    /// A figure.
    Figure {
        /// Its file below the book's sources.
        file: String,
        /// What it shows, in words.
        words: String,
    },
    /// An invitation to a lesson.
    TryIt {
        /// The lesson's name.
        lesson: String,
        /// The lesson's title.
        title: String,
    },
}

impl Page {
    /// Cuts Markdown into blocks.
    pub(super) fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut anchor = String::new();
        let mut markdown = String::new();
        let mut fenced = false;
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                markdown.push_str(line);
                markdown.push('\n');
                continue;
            }
            page.note_links(line);
            if let Some(heading) = heading(line) {
                page.text(&mut anchor, &mut markdown);
                if page.title.is_empty() {
                    heading.clone_into(&mut page.title);
                }
                anchor = anchor_of(heading);
            } else if let Some((words, file)) = figure(line) {
                page.text(&mut anchor, &mut markdown);
                page.blocks.push(Block::Figure { file, words });
                continue;
            } else if let Some(title) = line.strip_prefix("> **Try it:** ") {
                let command = lines.next_if(|next| next.starts_with("> `framescope lesson "));
                let lesson =
                    command.and_then(|next| next.split('`').nth(1)?.strip_prefix("framescope lesson "));
                if let Some(lesson) = lesson {
                    page.text(&mut anchor, &mut markdown);
                    page.blocks
                        .push(Block::TryIt { lesson: lesson.to_owned(), title: title.trim().to_owned() });
                    continue;
                }
            }
            markdown.push_str(line);
            markdown.push('\n');
        }
        page.text(&mut anchor, &mut markdown);
        page
    }

    /// The number of the block that this anchor names.
    pub fn section(&self, anchor: &str) -> Option<usize> {
        self.blocks
            .iter()
            .position(|block| matches!(block, Block::Text { anchor: here, .. } if here == anchor))
    }

    fn text(&mut self, anchor: &mut String, markdown: &mut String) {
        if !markdown.trim().is_empty() {
            let anchor = std::mem::take(anchor);
            self.blocks.push(Block::Text { anchor, markdown: std::mem::take(markdown) });
        }
        markdown.clear();
    }

    fn note_links(&mut self, line: &str) {
        let mut rest = line;
        while let Some((_, link)) = rest.split_once("](") {
            let Some((target, behind)) = link.split_once(')') else { return };
            if !is_figure(target) {
                self.links.push(target.to_owned());
            }
            rest = behind;
        }
    }
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len()).then(|| text.strip_prefix(' ')).flatten().map(str::trim)
}

fn figure(line: &str) -> Option<(String, String)> {
    let (words, file) = line.trim().strip_prefix("![")?.strip_suffix(')')?.split_once("](")?;
    is_figure(file).then(|| (words.to_owned(), file.to_owned()))
}

fn is_figure(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|kind| kind == "svg")
}

/// The anchor that mdBook gives a heading: lower case, white space as `-`, no punctuation.
fn anchor_of(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            character if character.is_alphanumeric() => Some(character.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_is_cut_into_blocks() {
        let page = Page::read(
            "# Masking\n\nSee [frames](frames.md#fin).\n\n## Why, really?\n\n![Hello](figures/hello.svg)\n\nMore.\n\n> **Try it:** Unmask by hand\n> `framescope lesson unmask-by-hand`\n\n```text\n# no heading\n```\n",
        );
        assert_eq!(page.title, "Masking");
        assert_eq!(page.links, ["frames.md#fin"]);
        assert_eq!(page.section("why-really"), Some(1));
        assert_eq!(
            page.blocks[2],
            Block::Figure { file: "figures/hello.svg".to_owned(), words: "Hello".to_owned() }
        );
        assert_eq!(
            page.blocks[4],
            Block::TryIt { lesson: "unmask-by-hand".to_owned(), title: "Unmask by hand".to_owned() }
        );
        assert_eq!(page.blocks.len(), 6);
    }
}
