//! Dissecting a generated capture of 100 MB, and the parts that the time goes to.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

mod support;

use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use framescope::capture;
use framescope::wire::frame::hybi::{Header, mask};

const SIZE: usize = 100 << 20;

fn capture_file() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&support::capture(SIZE)).expect("writing the capture");
    file
}

fn dissect(criterion: &mut Criterion) {
    let file = capture_file();
    if let Ok(path) = std::env::var("FRAMESCOPE_KEEP_CAPTURE") {
        std::fs::copy(file.path(), path).expect("keeping the capture");
    }
    let mut group = criterion.benchmark_group("capture");
    group.throughput(Throughput::Bytes(SIZE as u64)).sample_size(10);
    group.bench_function("dissect 100 MB of 200-byte frames", |bencher| {
        bencher.iter(|| {
            let mut loader = capture::open(file.path(), &capture::Options::default()).expect("opening");
            loader.read_all().expect("reading");
            black_box(loader.into_trace().conversations[0].items.len())
        });
    });
    group.finish();
    memory(&file);
}

/// What is held above the map for each frame.
fn memory(file: &tempfile::NamedTempFile) {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<i64>().ok()).unwrap_or_default() * 1024
    };
    let before = resident();
    let mut loader = capture::open(file.path(), &capture::Options::default()).expect("opening");
    loader.read_all().expect("reading");
    let held = resident() - before;
    let frames = loader.trace().conversations[0].items.len();
    println!(
        "memory above the map: {held} bytes for {frames} frames, {} bytes a frame",
        held / i64::try_from(frames).unwrap_or(i64::MAX).max(1)
    );
}

fn parts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire");
    let header = [0x81, 0xfe, 0x00, 0xc0, 0x37, 0xfa, 0x21, 0x3d, 0, 0, 0, 0, 0, 0];
    group.bench_function("read a frame header", |bencher| bencher.iter(|| Header::read(black_box(&header))));
    for size in [16usize, 192, 4096, 1 << 20] {
        let mut payload = vec![0x55u8; size];
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(format!("unmask {size} bytes"), |bencher| {
            bencher.iter(|| mask(black_box(&mut payload), [0x37, 0xfa, 0x21, 0x3d], 0));
        });
    }
    group.finish();
}

criterion_group!(benches, dissect, parts);
criterion_main!(benches);
