//! Completion scripts and the manual page, made from the arguments themselves.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::Failure;
use super::args::Arguments;

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "framescope", &mut script);
    Ok(io::stdout().write_all(&script)?)
}

/// One page: the program's, and behind it a section a command.
pub(super) fn man() -> Result<(), Failure> {
    let mut out = io::stdout();
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for sub in command.get_subcommands() {
        let name = format!("framescope {}", sub.get_name());
        let page = clap_mangen::Man::new(sub.clone().name(name.clone()).display_name(name));
        page.render_name_section(&mut out)?;
        page.render_synopsis_section(&mut out)?;
        page.render_options_section(&mut out)?;
    }
    Ok(())
}
