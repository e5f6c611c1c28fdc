//! The parts of the protocol that the time of dissecting and of echoing goes to.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use framescope::wire::deflate::{Deflater, Inflater};
use framescope::wire::frame::hybi::{Header, Opcode, mask};
use framescope::wire::utf8::Validator;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire/header");
    for (name, length) in [("7 bits", 100), ("16 bits", 1000), ("64 bits", 100_000)] {
        let mut header = Header::new(Opcode::TEXT, length);
        header.mask = Some(KEY);
        let mut bytes = Vec::with_capacity(Header::MAX);
        group.bench_function(format!("encode, length of {name}"), |bencher| {
            bencher.iter(|| {
                bytes.clear();
                black_box(&header).encode(&mut bytes);
                black_box(bytes.len())
            });
        });
        group.bench_function(format!("parse, length of {name}"), |bencher| {
            bencher.iter(|| Header::parse(black_box(&bytes)));
        });
    }
    group.finish();
}

fn masking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire/unmask");
    for size in [16usize, 192, 4096, 1 << 20] {
        let mut payload = vec![0x55u8; size];
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(format!("{size} bytes"), |bencher| {
            bencher.iter(|| mask(black_box(&mut payload), KEY, 0));
        });
    }
    group.finish();
}

/// Texts as people write them, made as long as is asked for, and cut at the end of a character.
const TEXTS: [(&str, &str); 3] = [
    ("ASCII", "The quick brown fox jumps over the lazy dog. "),
    ("Greek", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. "),
    ("Japanese", "いろはにほへと ちりぬるを。"),
];

fn text(sample: &str, size: usize) -> String {
    let mut text = sample.repeat(size / sample.len() + 1);
    text.truncate(text.floor_char_boundary(size));
    text
}

fn utf8(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire/utf8");
    for (name, sample) in TEXTS {
        for size in [32, 192, 4096, 1 << 20] {
            let text = text(sample, size);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format!("{name}, {size} bytes"), |bencher| {
                bencher.iter(|| {
                    let mut validator = Validator::new();
                    validator.feed(black_box(text.as_bytes())).is_ok() && validator.finish().is_ok()
                });
            });
        }
    }
    group.finish();
}

fn inflating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wire/inflate");
    for (name, takeover) in [("window kept", true), ("window new", false)] {
        for size in [192usize, 4096, 1 << 20] {
            let message = record(size);
            let mut deflater = Deflater::new(15, takeover, 6);
            let mut inflater = Inflater::new(15, takeover);
            let mut inflate = |compressed: &[u8]| {
                let mut length = 0;
                inflater.begin_message();
                inflater.feed(compressed, u64::MAX, &mut |piece| length += piece.len()).expect("inflating");
                inflater.finish_message().expect("a whole message");
                length
            };
            // The first message has no window before it; the second has, and can be inflated again and again.
            assert_eq!(inflate(&deflater.compress(&message)), size);
            let compressed = deflater.compress(&message);
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(format!("{size} bytes, {name}"), |bencher| {
                bencher.iter(|| inflate(black_box(&compressed)));
            });
        }
    }
    group.finish();
}

/// Such JSON as WebSockets carry: it repeats itself, but not all of it.
fn record(size: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(size + 128);
    let mut number = 1u32;
    while message.len() < size {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let line =
            format!(r#"{{"id":{},"price":{}.{:02},"side":"buy"}},"#, number >> 8, number % 997, number % 89);
        message.extend_from_slice(line.as_bytes());
    }
    message.truncate(size);
    message
}

criterion_group!(benches, headers, masking, utf8, inflating);
criterion_main!(benches);
