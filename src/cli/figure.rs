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

/// How many pixels of a PNG are a unit of the figure: enough for a projector and for paper.
const PNG_SCALE: f32 = 2.0;

pub(super) fn run(args: &FigureArgs) -> Result<(), Failure> {
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
        (None, Some(book)) => return make_book(book, args.check),
        (None, None) => {
            return Err(Failure::said(
                "name a kind of figure: bits, ladder, derivation or layers; or --book",
            ));
        }
    };
    let figure = Figure { source, kind, title: look.title.clone(), theme: look.theme };
    let svg = figure.draw().map_err(Failure::said)?;
    let Some(file) = &look.output else {
        let mut out = output::plain_stdout();
        out.write_all(svg.as_bytes())?;
        return Ok(out.flush()?);
    };
    let ends = |with: &str| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(with));
    let bytes = if ends("svg") {
        svg.into_bytes()
    } else if ends("png") {
        png::render(&svg, PNG_SCALE).map_err(Failure::said)?
    } else {
        return Err(Failure::said(format!(
            "figures are written as SVG or PNG: let {} end with .svg or .png",
            file.display()
        )));
    };
    export::file::write(file, |out| out.write_all(&bytes))
        .map_err(|error| Failure::said(format!("cannot write {}: {error}", file.display())))
}

fn make_book(folder: &Path, check: bool) -> Result<(), Failure> {
    let states = book::make(folder, &Itself, !check).map_err(Failure::said)?;
    let mut out = output::stdout();
    let mut stale = 0u64;
    for (path, state) in &states {
        let words = match (state, check) {
            (State::Current, _) => continue,
            (State::Missing, true) => "is missing",
            (State::Missing, false) => "is new",
            (State::Different, true) => "is out of date",
            (State::Different, false) => "has changed",
            (State::Unasked, true) => "is asked for by no manifest",
            (State::Unasked, false) => "was removed: no manifest asks for it",
        };
        stale += 1;
        writeln!(out, "{} {words}", path.display())?;
    }
    writeln!(
        out,
        "{} generated files, {stale} {}",
        states.len(),
        if check { "not as they should be" } else { "changed" }
    )?;
    out.flush()?;
    if check && stale > 0 {
        return Err(Failure::said(format!("make them anew: framescope figure --book {}", folder.display())));
    }
    Ok(())
}

/// The program that is running.
struct Itself;

impl Program for Itself {
    fn run(&self, arguments: &[String], folder: &Path) -> Result<(String, bool), String> {
        let program = std::env::current_exe().map_err(|error| format!("cannot find the program: {error}"))?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env_remove("CLICOLOR_FORCE")
            .output()
            .map_err(|error| format!("cannot run the program: {error}"))?;
        let mut bytes = output.stdout;
        if !output.status.success() {
            bytes.extend_from_slice(&output.stderr);
        }
        let text =
            String::from_utf8(bytes).map_err(|_| "the command prints something else than text".to_owned())?;
        Ok((text, output.status.success()))
    }

    fn commands(&self) -> String {
        let mut text = String::new();
        let mut program = Arguments::command().disable_help_subcommand(true);
        program.build();
        describe(&mut text, &program, "framescope", 3);
        text
    }
}

/// A command with its arguments as a section, and behind it the commands below it.
fn describe(text: &mut String, command: &clap::Command, name: &str, level: usize) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} {name}\n", "#".repeat(level.min(5)));
    if let Some(about) = command.get_about() {
        let _ = writeln!(text, "{about}.\n");
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>();
    let _ = writeln!(text, "```text\n{}\n```\n", usage.join("\n"));
    let told = |argument: &&clap::Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    let arguments: Vec<&clap::Arg> = command.get_arguments().filter(told).collect();
    if !arguments.is_empty() {
        text.push_str("| argument | what it does | without it |\n|---|---|---|\n");
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
        describe(text, below, &format!("{name} {}", below.get_name()), level + 1);
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
