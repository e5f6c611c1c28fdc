//! Everything in the book that is generated: figures, output of commands, tables.
//!
//! Each chapter has a manifest in `figures/` of the book's folder. What it asks for stands in `src/figures` and
//! `src/generated`, and nothing else does.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, OutputEntry, TableKind, split_words};
use super::{Error, tables};
use crate::words::Words;

/// What only the program itself can say.
pub trait Program {
    /// Runs the program with these arguments, without a terminal, in `folder`: what it printed, and whether it
    /// succeeded. What a failing command says stands behind what it printed. It speaks in these words.
    fn run(&self, arguments: &[String], folder: &Path, words: Words) -> Result<(String, bool), String>;

    /// All commands and their options, as Markdown.
    fn commands(&self) -> String;
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as it should be.
    Current,
    /// It is not there.
    Missing,
    /// It holds something else.
    Different,
    /// No manifest asks for it.
    Unasked,
}

/// Commands that wait for somebody, or need somebody at the other end.
const NOT_ALONE: [&str; 4] = ["serve", "connect", "replay", "figure"];

/// Makes everything that the manifests of the book in this folder ask for, and compares it with what is there. With
/// `write` what differs is written and what nobody asks for is removed. Commands run in the folder that holds the book.
///
/// A book in another language is another folder, with manifests and chapters of its own.
pub fn make(
    book: &Path,
    program: &dyn Program,
    write: bool,
    words: Words,
) -> Result<Vec<(PathBuf, State)>, Error> {
    let cannot = |what: &str, path: &Path, error: &io::Error| cannot(words, what, path, error);
    let made = make_all(book, program, words)?;
    let mut states = Vec::new();
    for (path, content) in &made {
        let state = match fs::read(path) {
            Ok(old) if old == content.as_bytes() => State::Current,
            Ok(_) => State::Different,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(error) => return Err(cannot("read", path, &error)),
        };
        if write && state != State::Current {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))?;
            }
            fs::write(path, content).map_err(|error| cannot("write", path, &error))?;
        }
        states.push((path.clone(), state));
    }
    for path in there(book, words)? {
        if !made.contains_key(&path) {
            if write {
                fs::remove_file(&path).map_err(|error| cannot("remove", &path, &error))?;
            }
            states.push((path, State::Unasked));
        }
    }
    states.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(states)
}

fn cannot(words: Words, what: &str, path: &Path, error: &io::Error) -> Error {
    let (name, error) = (path.display().to_string(), error.to_string());
    Error::with(words, "book-cannot", &[("what", what), ("name", &name), ("error", &error)])
}

/// The generated files that are there.
fn there(book: &Path, words: Words) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for (folder, endings) in [("src/figures", &["svg"][..]), ("src/generated", &["txt", "md"])] {
        let folder = book.join(folder);
        let found = files_in(&folder, words)?;
        files.extend(found.into_iter().filter(|file| {
            file.extension()
                .is_some_and(|found| endings.iter().any(|ending| found.eq_ignore_ascii_case(ending)))
        }));
    }
    Ok(files)
}

/// The files of a folder in order; none where there is no such folder.
fn files_in(folder: &Path, words: Words) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(words, "read", folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry.map_err(|error| cannot(words, "read", folder, &error))?.path());
    }
    files.sort();
    Ok(files)
}

/// Everything that the manifests ask for, by the file that holds it.
fn make_all(book: &Path, program: &dyn Program, words: Words) -> Result<BTreeMap<PathBuf, String>, Error> {
    if !book.is_dir() {
        let name = book.display().to_string();
        return Err(Error::with(words, "book-no-folder", &[("name", &name)]));
    }
    // `book` alone has an empty parent, which is the folder that the program runs in.
    let folder = match book.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => book,
    };
    let mut made = BTreeMap::new();
    let mut put = |place: &str, name: &str, content: String| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(fits) {
            return Err(Error::say(words, "manifest-name"));
        }
        let path = book.join("src").join(place.replace('*', name));
        match made.insert(path, content) {
            None => Ok(()),
            Some(_) => Err(Error::say(words, "manifest-same-name")),
        }
    };
    for file in files_in(&book.join("figures"), words)? {
        if file.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let within = |name: &str| {
            let file = file.display().to_string();
            let name = name.to_owned();
            move |error: Error| Error(format!("{file}: {name}: {error}"))
        };
        let text = fs::read_to_string(&file).map_err(|error| cannot(words, "read", &file, &error))?;
        let manifest =
            Manifest::parse(&text, words).map_err(|error| Error(format!("{}: {error}", file.display())))?;
        for entry in &manifest.figure {
            let drawn = entry.figure(folder, words).and_then(|figure| figure.draw(words));
            drawn.and_then(|svg| put("figures/*.svg", &entry.name, svg)).map_err(within(&entry.name))?;
        }
        for entry in &manifest.output {
            let text = output(entry, program, folder, words);
            text.and_then(|text| put("generated/*.txt", &entry.name, text)).map_err(within(&entry.name))?;
        }
        for entry in &manifest.table {
            let table = match entry.kind {
                TableKind::CommandLine => Ok(program.commands()),
                _ => tables::table(entry, folder, words),
            };
            table.and_then(|table| put("generated/*.md", &entry.name, table)).map_err(within(&entry.name))?;
        }
    }
    Ok(made)
}

/// What a command of the program prints.
fn output(entry: &OutputEntry, program: &dyn Program, folder: &Path, said: Words) -> Result<String, Error> {
    let words = split_words(&entry.command, said)?;
    let Some(("framescope", arguments)) = words.split_first().map(|(first, rest)| (first.as_str(), rest))
    else {
        return Err(Error::say(said, "manifest-command"));
    };
    match arguments.first().map(String::as_str) {
        None => return Err(Error::say(said, "manifest-alone")),
        Some(name) if NOT_ALONE.contains(&name) => {
            return Err(Error::with(said, "manifest-each-time", &[("name", name)]));
        }
        Some(_) => {}
    }
    let (text, succeeded) = program.run(arguments, folder, said).map_err(Error)?;
    match (succeeded, entry.fails) {
        (true, true) => return Err(Error::say(said, "manifest-not-failed")),
        (false, false) => {
            let last = text.lines().last().unwrap_or_default();
            return Err(Error::with(said, "manifest-failed", &[("error", last)]));
        }
        _ => {}
    }
    let count = text.lines().count();
    let (first, last) = entry.lines.unwrap_or((1, count.max(1)));
    if first == 0 || last < first || last > count {
        let values: [(&str, &str); 3] =
            [("count", &count.to_string()), ("first", &first.to_string()), ("last", &last.to_string())];
        return Err(Error::with(said, "manifest-lines", &values));
    }
    let shown: Vec<&str> = text.lines().skip(first - 1).take(last + 1 - first).collect();
    // What every line begins with says nothing in a book.
    let indent = shown
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len());
    let indent = indent.min().unwrap_or_default();
    Ok(shown
        .iter()
        .fold(String::new(), |text, line| text + line.get(indent..).unwrap_or_default().trim_end() + "\n"))
}
