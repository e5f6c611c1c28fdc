//! Wrong arguments, told in one line.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::Arguments;
use crate::words::Words;

/// The exit status for arguments that make no sense.
const STATUS: u8 = 2;

/// Prints what was asked for, a help or the version; or in one line what is wrong with the arguments and where it says
/// what there is.
pub(super) fn told(error: &clap::Error, words: Words) -> ExitCode {
    if !error.use_stderr() {
        return if error.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let command = Arguments::command();
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let named = arguments.iter().find(|argument| command.find_subcommand(argument).is_some());
    let program = command.get_name();
    let help = named.map_or_else(|| program.to_owned(), |named| format!("{program} {named}"));
    let values = [("error", in_one_line(&error.to_string()).into()), ("command", help.into())];
    anstream::eprintln!("framescope: {}", words.with("cli-wrong-arguments", &values));
    ExitCode::from(STATUS)
}

/// What clap says on several lines, without the usage and the pointer to the help.
fn in_one_line(told: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for paragraph in told.split("\n\n") {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_pointer = ["Usage:", "For more information"].iter().any(|start| paragraph.starts_with(start));
        if !paragraph.is_empty() && !is_pointer {
            let part = paragraph.strip_prefix("error: ").or_else(|| paragraph.strip_prefix("tip: "));
            parts.push(part.unwrap_or(&paragraph).trim_end_matches('.').to_owned());
        }
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_is_wrong() {
        let told = |arguments: &[&str]| {
            let arguments = std::iter::once("framescope").chain(arguments.iter().copied());
            in_one_line(&Arguments::command().try_get_matches_from(arguments).unwrap_err().to_string())
        };
        assert_eq!(
            told(&["dissect", "a", "--fromat", "json"]),
            "unexpected argument '--fromat' found; a similar argument exists: '--format'"
        );
        assert_eq!(told(&["dissect"]), "the following required arguments were not provided: <FILE>");
        let said = told(&["dissect", "a", "--format", "yaml"]);
        assert!(
            said.starts_with("invalid value 'yaml' for '--format <FORMAT>' [possible values: text, json, "),
            "{said}"
        );
        let said = told(&["dissect", "a", "--filter", "from:nobody"]);
        assert!(said.contains("from:nobody") && !said.contains('\n'), "{said}");
    }
}
