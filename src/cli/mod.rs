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
mod markdown;
mod output;
mod packets;
mod parsers;
mod replay;
mod serve;
mod window;
use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Arguments, Command};

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
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// A failure with these words.
    pub(crate) fn said(words: impl std::fmt::Display) -> Self {
        Self::Said(words.to_string())
    }
}

/// Runs the command that the program's arguments name. The exit status is 0 if it did what was asked, 1 if it could
/// not, and 2 for arguments that make no sense.
pub fn run() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let result = match arguments.command {
        Some(Command::Dissect(args)) => dissect::run(&args),
        Some(Command::Packets(args)) => packets::run(&args),
        Some(Command::Decode(args)) => decode::run(&args),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Connect(args)) => connect::run(&args, matches.subcommand_matches("connect")),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Replay(args)) => replay::run(&args),
        Some(Command::Figure(args)) => figure::run(&args),
        Some(Command::Lesson(args)) => lesson::run(&args),
        Some(Command::Book { print }) => book::run(print),
        Some(Command::Explain { ids }) => explain::run(&ids),
        Some(Command::Completions { shell }) => generate::completions(shell),
        Some(Command::Man { command }) => generate::man(command.as_deref()),
        None if arguments.file.as_ref().is_some_and(|file| !file.exists()) => {
            let file = arguments.file.unwrap_or_default();
            Err(Failure::said(format!(
                "cannot open {}: there is no such file, and no such command; framescope --help lists them",
                file.display()
            )))
        }
        None => window::open(arguments.file),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output left (`| head`): nobody is there to be told.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::FAILURE,
        Err(failure) => {
            anstream::eprintln!("framescope: {failure}");
            ExitCode::FAILURE
        }
    }
}
