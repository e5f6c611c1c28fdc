//! What `framescope dissect` takes for each of its outputs, as a process, beside tshark that prints four fields a frame of
//! the same file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // A panic here is the report.

#[path = "support/process.rs"]
mod process;
mod support;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use process::{dissect, takes};
use support::Format;

const SIZE: usize = 100 << 20;

const OUTPUTS: &[&[&str]] = &[
    &["--format", "csv"],
    &["--format", "jsonl"],
    &["--brief"],
    &["--format", "messages-jsonl"],
    &["--format", "messages-csv"],
];

fn tshark(file: &Path) -> Option<Command> {
    Command::new("tshark").arg("--version").output().ok()?;
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(["-T", "fields", "-e", "frame.number", "-e", "frame.time_epoch"]);
    command.args(["-e", "websocket.opcode", "-e", "websocket.payload_length"]);
    Some(command)
}

fn main() {
    // Cargo says so when it measures; otherwise it tests that this runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (size, runs) = if measured { (SIZE, 7) } else { (1 << 20, 1) };
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&support::capture(size, Format::Pcap)).expect("writing the capture");
    let beside = tshark(file.path()).map(|mut command| takes(&mut command, runs.min(3)));
    match beside {
        Some(time) => println!("{:24} {time:>10.1?}", "tshark -T fields"),
        None => println!("tshark is not installed: times alone"),
    }
    for arguments in OUTPUTS {
        let time = takes(&mut dissect(file.path(), arguments), runs);
        let times = beside.map(|beside| format!("{:8.1} times", beside.as_secs_f64() / time.as_secs_f64()));
        println!("{:24} {time:>10.1?} {}", arguments.join(" "), times.unwrap_or_default());
    }
}
