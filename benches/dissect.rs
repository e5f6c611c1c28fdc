//! Dissecting a generated capture of 100 MB: time, and memory above the map.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

mod support;

use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;

use criterion::{Criterion, Throughput};
use framescope::capture::{self, Loader, Status};
use framescope::export::csv;
use framescope::trace::{Chunk, Item, Message};
use support::Format;

const SIZE: usize = 100 << 20;

/// Packets between two rounds of printing, as `framescope dissect` has it.
const ROUND: usize = 512;

fn capture_file(size: usize, format: Format) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&support::capture(size, format)).expect("writing the capture");
    file
}

fn open(path: &Path) -> Loader {
    capture::open(path, &capture::Options::default()).expect("opening")
}

/// The whole capture becomes a trace: what the window does with a file.
fn dissect(path: &Path) -> usize {
    let mut loader = open(path);
    loader.read_all().expect("reading");
    loader.into_trace().conversations()[0].items.len()
}

/// Rows are written while the capture is read, and what was written is forgotten: `framescope dissect --format csv`.
fn rows(path: &Path, out: &mut dyn Write) -> io::Result<usize> {
    let mut loader = open(path);
    let (mut rows, mut printed) = (Vec::new(), 0);
    out.write_all(csv::HEADER.as_bytes())?;
    loop {
        let status = loader.step(ROUND).expect("reading");
        let trace = loader.trace_mut();
        if let Some(talk) = trace.conversations().first() {
            rows.clear();
            for number in printed..talk.items.len() {
                csv::push_row(&mut rows, 1, talk, &trace.store, number);
            }
            out.write_all(&rows)?;
            printed = talk.items.len();
        }
        let messages = trace.conversations().first().map_or(0, |talk| talk.messages.len());
        trace.forget_before(0, printed, messages);
        loader.forget_unneeded();
        if status == Status::Done {
            return Ok(printed);
        }
    }
}

/// What is held above the map for each frame. Anonymous memory alone is counted: the pages of the map are the file's.
/// Measured before anything else is, so that no memory that was used before is used again and not seen.
fn memory(path: &Path) {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
    };
    let before = resident();
    let mut loader = open(path);
    loader.read_all().expect("reading");
    let held = resident().saturating_sub(before);
    let frames = loader.trace().conversations()[0].items.len() as u64;
    println!(
        "memory above the map: {held} bytes for {frames} frames, {:.1} bytes a frame; an item, a message and a chunk \
         together have {} bytes",
        held as f64 / frames as f64,
        size_of::<Item>() + size_of::<Message>() + size_of::<Chunk>()
    );
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    // Cargo says so when it measures; otherwise it tests that this runs.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let size = if measured { SIZE } else { 1 << 20 };
    let files = [Format::Pcap, Format::Pcapng].map(|format| (format, capture_file(size, format)));
    if let Some(path) = std::env::var_os("FRAMESCOPE_KEEP_CAPTURE") {
        std::fs::copy(&files[0].1, path).expect("keeping the capture");
    }
    if measured {
        memory(files[0].1.path());
    }
    let mut group = criterion.benchmark_group("100 MB of 200-byte frames");
    group.throughput(Throughput::Bytes(size as u64));
    for (format, file) in &files {
        group.bench_function(format!("dissect {format:?}"), |bencher| {
            bencher.iter(|| black_box(dissect(file.path())));
        });
    }
    group.bench_function("dissect Pcap, CSV to nowhere", |bencher| {
        bencher.iter(|| rows(files[0].1.path(), &mut io::sink()).expect("writing"));
    });
    group.finish();
    criterion.final_summary();
}
