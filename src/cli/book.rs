//! `framescope book`: opens the book in a browser.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Failure;
use super::output;

/// Where the book's first page stands beside the program: in a release archive, in an installation, and in a checkout.
const PLACES: [&str; 4] = ["book", "../share/framescope/book", "../book", "../share/doc/framescope/book"];

pub(super) fn run(print: bool) -> Result<(), Failure> {
    let Some(page) = page() else {
        return Err(Failure::said(
            "the book's pages are not beside the program: make them with `mdbook build book` in a checkout, or read it in the window",
        ));
    };
    if print {
        let mut out = output::stdout();
        writeln!(out, "{}", page.display())?;
        return Ok(out.flush()?);
    }
    let address = format!("file://{}", page.display());
    webbrowser::open(&address).map_err(|error| {
        Failure::said(format!("no browser can be opened: {error}; the book is at {}", page.display()))
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
