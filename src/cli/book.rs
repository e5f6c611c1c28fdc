//! `framescope book`: opens the book in a browser.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Failure;
use super::output;
use crate::browser;
use crate::words::Words;

/// Where the book's first page stands beside the program: in a release archive, in an installation, and in a checkout.
const PLACES: [&str; 4] = ["book", "../share/framescope/book", "../book", "../share/doc/framescope/book"];

pub(super) fn run(print: bool, words: Words) -> Result<(), Failure> {
    let Some(page) = page() else {
        return Err(Failure::with(words, "book-no-pages", &[]));
    };
    if print {
        let mut out = output::stdout();
        writeln!(out, "{}", page.display())?;
        return Ok(out.flush()?);
    }
    let address = format!("file://{}", page.display());
    browser::open(&address).map_err(|error| {
        let (error, name) = (error.to_string(), page.display().to_string());
        Failure::with(words, "book-no-browser", &[("error", &error), ("name", &name)])
    })
}

/// The book's first page.
fn page() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    // Through links: what is on the path may be a link into an installation.
    let folder = program.canonicalize().ok()?.parent()?.to_owned();
    let made = PLACES.iter().map(|place| folder.join(place).join("index.html"));
    made.map(|page| page.canonicalize().unwrap_or(page)).find(|page| Path::is_file(page))
}
