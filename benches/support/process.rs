//! The program as a process, and how long it takes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a command takes that prints to nowhere: from its start to its end, the median of some runs.
pub(crate) fn takes(command: &mut Command, runs: usize) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
            assert!(status.success(), "{command:?}: {status}");
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// `framescope dissect FILE` with these arguments; of another build of the program where `FRAMESCOPE_PROGRAM` names one.
pub(crate) fn dissect(file: &Path, arguments: &[&str]) -> Command {
    let program = std::env::var_os("FRAMESCOPE_PROGRAM");
    let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_framescope").into()));
    command.arg("dissect").args(arguments).arg(file);
    command
}
