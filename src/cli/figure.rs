//! `framescope figure`: bit diagrams, ladders, derivations and layers as SVG, and everything generated in the book.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory;

use super::Failure;
use super::args::Arguments;
use super::figure_args::{FigureArgs, FigureCommand};
use super::output;
use crate::export::{self, png};
use crate::figure::book::{self, Program, State};
use crate::figure::{Figure, Kind, Source};
use crate::words::Words;

/// How many pixels of a PNG are a unit of the figure: enough for a projector and for paper.
const PNG_SCALE: f32 = 2.0;

pub(super) fn run(args: &FigureArgs, words: Words) -> Result<(), Failure> {
    let (source, kind, look) = match (&args.kind, &args.book) {
        (Some(FigureCommand::Bits { from, item, rows, look }), _) => {
            (from.source(), Kind::Bits { item: *item, rows: (*rows > 0).then_some(*rows) }, look)
        }
        (Some(FigureCommand::Ladder { from, items, look }), _) => {
            (from.source(), Kind::Ladder { items: *items }, look)
        }
        (Some(FigureCommand::Derivation { from, item, id, look }), _) => {
            (from.source(), Kind::Derivation { item: *item, id: id.clone() }, look)
        }
        (Some(FigureCommand::Layers { file, packet, look }), _) => {
            let source = Source::Capture { file: file.clone(), conversation: 1 };
            (source, Kind::Layers { packet: *packet }, look)
        }
        (None, Some(book)) => return make_book(book, args.check, words),
        (None, None) => {
            return Err(Failure::with(words, "figure-no-kind", &[]));
        }
    };
    let figure = Figure { source, kind, title: look.title.clone(), theme: look.theme };
    let svg = figure.draw(words).map_err(|error| Failure::Said(error.0))?;
    let Some(file) = &look.output else {
        let mut out = output::stdout();
        out.write_all(svg.as_bytes())?;
        return Ok(out.flush()?);
    };
    let ends = |with: &str| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(with));
    let bytes = if ends("svg") {
        svg.into_bytes()
    } else if ends("png") {
        png::render(&svg, PNG_SCALE).map_err(|error| Failure::of(&error, words))?
    } else {
        return Err(Failure::with(words, "figure-ending", &[("name", &file.display().to_string())]));
    };
    export::file::write(file, |out| out.write_all(&bytes))
        .map_err(|error| output::cannot(words, "cli-cannot-write", file, error))
}

fn make_book(folder: &Path, check: bool, words: Words) -> Result<(), Failure> {
    let states =
        book::make(folder, &Itself { words }, !check, words).map_err(|error| Failure::Said(error.0))?;
    let mut out = output::stdout();
    let mut stale = 0u64;
    for (path, state) in &states {
        let id = match (state, check) {
            (State::Current, _) => continue,
            (State::Missing, true) => "book-missing-file",
            (State::Missing, false) => "book-new",
            (State::Different, true) => "book-stale",
            (State::Different, false) => "book-changed",
            (State::Unasked, true) => "book-unasked",
            (State::Unasked, false) => "book-removed",
        };
        stale += 1;
        writeln!(out, "{}", words.with(id, &[("name", path.display().to_string().into())]))?;
    }
    let values = [("count", states.len().to_string().into()), ("stale", stale.to_string().into())];
    writeln!(out, "{}", words.with(if check { "book-checked" } else { "book-made" }, &values))?;
    out.flush()?;
    if check && stale > 0 {
        return Err(Failure::with(words, "book-make-anew", &[("name", &folder.display().to_string())]));
    }
    Ok(())
}

/// The program that is running.
struct Itself {
    words: Words,
}

impl Program for Itself {
    fn run(&self, arguments: &[String], folder: &Path, words: Words) -> Result<(String, bool), String> {
        let cannot = |id: &str, error: std::io::Error| words.with(id, &[("error", error.to_string().into())]);
        let program = std::env::current_exe().map_err(|error| cannot("book-no-program", error))?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("FRAMESCOPE_LANGUAGE", words.tag())
            .env("COLUMNS", "100")
            .env_remove("CLICOLOR_FORCE")
            .output()
            .map_err(|error| cannot("book-not-run", error))?;
        let mut bytes = output.stdout;
        if !output.status.success() {
            bytes.extend_from_slice(&output.stderr);
        }
        let text = String::from_utf8(bytes).map_err(|_| words.text("book-no-text").to_owned())?;
        Ok((text, output.status.success()))
    }

    fn commands(&self) -> String {
        let mut text = String::new();
        let mut program = Arguments::command().disable_help_subcommand(true);
        program.build();
        describe(&mut text, &program, "framescope", 3, self.words);
        text
    }
}

/// A command with its arguments as a section, and behind it the commands below it.
fn describe(text: &mut String, command: &clap::Command, name: &str, level: usize, words: Words) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} {name}\n", "#".repeat(level.min(5)));
    if let Some(about) = command.get_about() {
        let _ = writeln!(text, "{about}.\n");
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>();
    let _ = writeln!(text, "```text\n{}\n```\n", usage.join("\n"));
    let told = |argument: &&clap::Arg| {
        // What all commands take is told once.
        let once = level > 3 && argument.is_global_set();
        !once && !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    let arguments: Vec<&clap::Arg> = command.get_arguments().filter(told).collect();
    if !arguments.is_empty() {
        let heads = ["table-argument", "table-does", "table-without"].map(|id| words.text(id));
        let _ = writeln!(text, "| {} |\n|---|---|---|", heads.join(" | "));
        for argument in arguments {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let cell = |words: &str| words.replace('|', "\\|").replace('<', "\\<");
            let defaults: Vec<String> = argument
                .get_default_values()
                .iter()
                .map(|value| value.to_string_lossy().into_owned())
                .collect();
            let takes = argument.get_action().takes_values();
            let default = if takes && !defaults.is_empty() {
                format!("`{}`", defaults.join(" "))
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "| `{}` | {} | {} |",
                spelling(argument).replace('|', "\\|"),
                cell(&help),
                cell(&default)
            );
        }
        text.push('\n');
    }
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        describe(text, below, &format!("{name} {}", below.get_name()), level + 1, words);
    }
}

/// An argument as it is typed: `-o, --output FILE.svg`.
fn spelling(argument: &clap::Arg) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(argument.get_short().map(|short| format!("-{short}")));
    parts.extend(argument.get_long().map(|long| format!("--{long}")));
    let mut text = parts.join(", ");
    if argument.get_action().takes_values() {
        let possible: Vec<String> =
            argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let names: Vec<String> = argument
            .get_value_names()
            .map(|names| names.iter().map(ToString::to_string).collect())
            .unwrap_or_default();
        let value = if possible.is_empty() || argument.is_positional() {
            names.join(" ")
        } else {
            possible.join("|")
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&value);
    }
    text
}
