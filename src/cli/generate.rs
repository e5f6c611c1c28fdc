//! Completion scripts and the manual page, made from the arguments themselves.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::Failure;
use super::args::Arguments;
use crate::words::Words;

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "framescope", &mut script);
    Ok(io::stdout().write_all(&script)?)
}

/// The program's page, or that of one of its commands, as `man framescope-dissect` would show it.
pub(super) fn man(name: Option<&str>, words: Words) -> Result<(), Failure> {
    let mut page = Vec::new();
    let program = Arguments::command().disable_help_subcommand(true);
    match name {
        None => {
            clap_mangen::Man::new(program).render(&mut page)?;
            page.extend_from_slice(EXIT_STATUS.as_bytes());
        }
        Some(name) => {
            let command = program.find_subcommand(name).ok_or_else(|| {
                let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
                Failure::with(words, "man-unknown", &[("name", name), ("known", &names.join(", "))])
            })?;
            let title = format!("framescope-{name}");
            let command = command.clone().name(title).bin_name(format!("framescope {name}"));
            clap_mangen::Man::new(command).render(&mut page)?;
        }
    }
    Ok(io::stdout().write_all(&page)?)
}

/// What clap does not know.
const EXIT_STATUS: &str = r".SH EXIT STATUS
0 if the command did what was asked, 1 if it could not (one line on standard error says why), 2 for arguments that make no sense.
.SH EXAMPLES
.TP
framescope dissect \-\-brief captures/pmd\-ws8\-ws8.pcap
The ladder of a capture, with its findings.
.TP
framescope connect ws://127.0.0.1:9001/ \-\-protocol hixie\-76 \-\-send Hello
A client of 2010.
";
