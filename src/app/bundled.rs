//! The captures that come with the program, so that it has something to show on any machine.

use std::io::Cursor;

use include_dir::{Dir, include_dir};

use crate::capture::{self, Loader, Options};

static CAPTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/captures");

/// The names of the captures of real software, in order: the Flash era first.
pub fn names() -> Vec<&'static str> {
    list(&CAPTURES)
}

/// The names of the museum of broken frames, as `museum/…`.
pub fn museum() -> Vec<&'static str> {
    CAPTURES.get_dir("museum").map(list).unwrap_or_default()
}

fn list(folder: &Dir<'static>) -> Vec<&'static str> {
    let files = folder.files().filter_map(|file| file.path().to_str());
    let mut names: Vec<&str> = files.filter(|name| is_capture(name)).collect();
    names.sort_by_key(|name| (era(name), *name));
    names
}

fn is_capture(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    std::path::Path::new(name).extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng")
}

/// The order of time, as far as names tell it.
fn era(name: &str) -> usize {
    let eras = ["flash", "h75", "h76", "hybi7", "hybi8", "rfc", "pmd", "proxy", "comet", "live", "hard"];
    eras.iter().position(|era| name.starts_with(era)).unwrap_or(eras.len())
}

/// A bundled capture, to be read. None where there is none of that name; `captures/` before it may be left out.
pub fn open(name: &str) -> Option<Loader> {
    let file = CAPTURES.get_file(name.strip_prefix("captures/").unwrap_or(name))?;
    Some(capture::from_reader(Cursor::new(file.contents()), name, &Options::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_capture_can_be_read() {
        assert!(names().len() > 30 && museum().len() > 100);
        for name in names() {
            let mut loader = open(name).unwrap();
            loader.read_all().unwrap();
            assert!(!loader.trace().conversations().is_empty(), "{name}");
        }
    }
}
