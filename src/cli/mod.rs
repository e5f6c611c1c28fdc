//! The command line: one file a command.

mod args;
mod book;
mod connect;
mod decode;
mod dissect;
mod explain;
mod export;
mod figure;
mod figure_args;
mod generate;
mod lesson;
mod list;
mod list_args;
mod markdown;
mod output;
mod packets;
mod parsers;
mod replay;
mod select_args;
mod serve;
mod source;
mod stop;
mod window;
mod wrong;
mod zone;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Arguments, Command};

use crate::words::{Said, Words};

/// Why a command ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// One line for a person: what is wrong, where, what to do.
    #[error("{0}")]
    Said(String),
    /// Everything was said already; only the exit status is left.
    #[error("")]
    Silent,
    /// Standard output could not be written.
    #[error("{0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// An error, in these words.
    fn of(error: &impl Said, words: Words) -> Self {
        Self::Said(error.said(words))
    }

    /// The message of the catalogue with this id, its places filled.
    fn with(words: Words, id: &str, values: &[(&str, &str)]) -> Self {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        Self::Said(words.with(id, &values))
    }

    /// What a person reads.
    fn told(&self, words: Words) -> String {
        match self {
            Self::Said(said) => said.clone(),
            Self::Silent => String::new(),
            Self::Output(error) => words.with("cli-no-output", &[("error", error.to_string().into())]),
        }
    }
}

/// The language that the environment asks for; English where it asks for none.
fn language() -> Result<Words, String> {
    const VARIABLE: &str = "FRAMESCOPE_LANGUAGE";
    match std::env::var(VARIABLE) {
        Ok(tag) if !tag.is_empty() => parsers::language(&tag).map_err(|error| format!("{VARIABLE}: {error}")),
        _ => Ok(Words::english()),
    }
}

/// Runs the command that the program's arguments name. The exit status is 0 if it did what was asked, 1 if it could
/// not, and 2 for arguments that make no sense.
pub fn run() -> ExitCode {
    let parsed = Arguments::command().try_get_matches().and_then(|matches| {
        let arguments = Arguments::from_arg_matches(&matches)?;
        if arguments.command.is_some() && arguments.file.is_some() {
            let said =
                "a file is opened in the window, and a command is carried out here: give one of the two";
            return Err(Arguments::command().error(clap::error::ErrorKind::ArgumentConflict, said));
        }
        Ok((matches, arguments))
    });
    let (matches, arguments) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return wrong::told(&error, language().unwrap_or_default()),
    };
    let words = match arguments.language.map_or_else(language, Ok) {
        Ok(words) => words,
        Err(error) => {
            anstream::eprintln!("framescope: {error}");
            return ExitCode::from(2);
        }
    };
    let result = match arguments.command {
        Some(Command::Dissect(args)) => dissect::run(&args, words),
        Some(Command::List(args)) => list::run(&args, words),
        Some(Command::Packets(args)) => packets::run(&args, words),
        Some(Command::Decode(args)) => decode::run(&args, words),
        Some(Command::Serve(args)) => serve::run(&args, words),
        Some(Command::Connect(args)) => connect::run(&args, matches.subcommand_matches("connect"), words),
        Some(Command::Export(args)) => export::run(&args, words),
        Some(Command::Replay(args)) => replay::run(&args, words),
        Some(Command::Figure(args)) => figure::run(&args, words),
        Some(Command::Lesson(args)) => lesson::run(&args, words),
        Some(Command::Book { print }) => book::run(print, words),
        Some(Command::Explain { ids }) => explain::run(&ids, words),
        Some(Command::Completions { shell }) => generate::completions(shell),
        Some(Command::Man { command }) => generate::man(command.as_deref(), words),
        None if arguments.file.as_ref().is_some_and(|file| !file.exists()) => {
            let file = arguments.file.unwrap_or_default();
            Err(Failure::with(words, "cli-no-file-no-command", &[("name", &file.display().to_string())]))
        }
        None => window::open(arguments.file, words),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output left (`| head`): nobody is there to be told.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::FAILURE,
        Err(failure) => {
            anstream::eprintln!("framescope: {}", failure.told(words));
            ExitCode::FAILURE
        }
    }
}
