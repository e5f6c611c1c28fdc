//! A short run of each fuzz target: its seeds, and changes of them that follow from fixed numbers. `scripts/fuzz` looks on.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use framescope::capture;
use framescope::model::protocol::Side;
use framescope::trace::{End, ItemKind, Trace};

#[path = "../fuzz/targets.rs"]
mod targets;

use targets::{Part, write_part};

/// Larger seeds are for the fuzzer.
const LARGEST_SEED: usize = 6_000;

/// So many bytes of changed seeds are given to each target, and so many changes at most.
const BYTES: usize = 400_000;
const CHANGES: usize = 400;

/// Numbers that follow from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..start + self.below((length - start).min(64) + 1)
    }
}

/// A seed with one to four changes: bits and numbers flipped, pieces cut out, said twice, moved, or taken from `other`.
fn changed(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = numbers.below(bytes.len());
        let piece = numbers.range(bytes.len());
        match numbers.below(9) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = [0, 1, 0x7E, 0x7F, 0x80, 0xFE, 0xFF, b'\r', b'\n', b' '][numbers.below(10)],
            2 => bytes[at] = numbers.below(256) as u8,
            3 => drop(bytes.drain(piece)),
            4 => {
                let twice = bytes[piece].to_vec();
                bytes.splice(at..at, twice);
            }
            5 => bytes.truncate(at),
            6 => {
                let borrowed = other.get(numbers.range(other.len())).unwrap_or_default().to_vec();
                bytes.splice(at..at, borrowed);
            }
            7 => {
                let end = (at + [2, 4, 8][numbers.below(3)]).min(bytes.len());
                bytes[at..end].fill([0, 0xFF][numbers.below(2)]);
            }
            _ => {
                let other = other.get(numbers.below(other.len())..).unwrap_or_default();
                bytes.truncate(at);
                bytes.extend_from_slice(other);
            }
        }
    }
    bytes
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(here(folder)) else { return Vec::new() };
    let mut paths: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// The captures, the museum's among them.
fn captures() -> impl Iterator<Item = PathBuf> {
    let folders = ["captures", "captures/museum", "captures/prelude", "captures/tls"];
    folders.into_iter().flat_map(files).filter(|path| path.to_string_lossy().contains(".pcap"))
}

fn traces() -> Vec<Trace> {
    let read = |path: PathBuf| {
        let mut loader = capture::open(path, &capture::Options::default()).ok()?;
        let _ = loader.read_all(); // What stands before the damage.
        Some(loader.into_trace())
    };
    captures().filter_map(read).collect()
}

/// What both sides of each connection did, as the script that the targets read.
fn scripts(traces: &[Trace]) -> Vec<Vec<u8>> {
    let mut scripts = Vec::new();
    for trace in traces {
        for talk in trace.conversations().iter().filter(|talk| talk.carrier.is_none()) {
            let mut script = Vec::new();
            for (side, chunk) in talk.in_order() {
                let part = if chunk.is_gap() {
                    Part::Gap(side, chunk.end() - chunk.offset())
                } else {
                    Part::Data(side, chunk.bytes(&trace.store))
                };
                write_part(&part, &mut script);
            }
            for side in Side::BOTH {
                if let Some(end) = talk.ends[side.index()] {
                    write_part(&Part::End(side, end), &mut script);
                }
            }
            scripts.push(script);
        }
    }
    scripts
}

/// The items of these kinds, as bytes.
fn items(traces: &[Trace], wanted: &[ItemKind]) -> Vec<(Side, Vec<u8>)> {
    let talks = traces.iter().flat_map(|trace| trace.conversations().iter().map(move |talk| (trace, talk)));
    talks
        .flat_map(|(trace, talk)| talk.items.iter().map(move |(_, item)| (trace, talk, item)))
        .filter(|(_, _, item)| wanted.contains(&item.kind))
        .map(|(trace, talk, item)| (item.side, talk.bytes_of(&trace.store, item).into_owned()))
        .collect()
}

/// Bytes written as hexadecimal digits and as "quoted text".
fn spelled(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            bytes.extend_from_slice(part.as_bytes());
        } else {
            bytes.extend(framescope::capture::typed::parse_hex(part).unwrap_or_default());
        }
    }
    bytes
}

/// The recorded hellos and alerts of `tests/vectors`, as the target reads them.
fn tls_seeds() -> Vec<Vec<u8>> {
    let one = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut seed = Vec::new();
        for line in text.lines() {
            if let Some((side @ ("c" | "s"), hex)) = line.split_once(' ') {
                seed.push(u8::from(side == "s"));
                seed.extend(spelled(hex));
            }
        }
        seed
    };
    files("tests/vectors/tls").into_iter().map(one).collect()
}

/// The exchanges of `tests/vectors`, as the target reads them.
fn prelude_seeds() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(here("tests/vectors/prelude/exchanges.txt")).unwrap();
    let one = |line: &str| {
        let [_, kind, messages, ..] = line.split(" | ").collect::<Vec<_>>()[..] else { return None };
        let kinds = ["", "v1", "v2", "socks4", "socks5"];
        let mut seed = vec![kinds.iter().position(|name| *name == kind)? as u8];
        for message in messages.split(" ; ") {
            let side = if message.starts_with('C') { Side::Client } else { Side::Server };
            write_part(&Part::Data(side, &spelled(message.get(1..)?)), &mut seed);
        }
        write_part(&Part::End(Side::Client, End::Fin), &mut seed);
        Some(seed)
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(one).collect()
}

/// What is known to be worth changing: what is kept for the target, and what captures and vectors hold.
fn seeds(target: &str, traces: &[Trace]) -> Vec<Vec<u8>> {
    let own = if target == "exports" { "dissector" } else { target };
    let mut seeds: Vec<Vec<u8>> =
        files(&format!("fuzz/seeds/{own}")).into_iter().map(|path| std::fs::read(path).unwrap()).collect();
    let of_captures = |newer: bool| {
        let wanted = captures().filter(move |path| path.to_string_lossy().contains(".pcapng") == newer);
        wanted.map(|path| std::fs::read(path).unwrap())
    };
    match target {
        "head" => seeds.extend(
            items(traces, &[ItemKind::HttpRequest, ItemKind::HttpResponse])
                .into_iter()
                .map(|(_, bytes)| bytes),
        ),
        "frame_hybi" | "frame_hixie" => {
            let kind = if target == "frame_hybi" { ItemKind::HybiFrame } else { ItemKind::HixieFrame };
            // Ten of a side at a time, so that messages of several frames are among them.
            let frames = items(traces, &[kind]);
            for side in Side::BOTH {
                let ours: Vec<_> = frames.iter().filter(|(sender, _)| *sender == side).collect();
                for (number, some) in ours.chunks(10).enumerate() {
                    let control = ((side.index() as u8) << 7) | ((number % 2) as u8 * 0x20) | 2;
                    let bytes = some.iter().flat_map(|(_, bytes)| bytes).copied();
                    seeds.push(std::iter::once(control).chain(bytes).collect());
                }
            }
        }
        "inflate" => {
            let text = std::fs::read_to_string(here("tests/vectors/deflate.txt")).unwrap();
            for frames in text.lines().filter_map(|line| line.split('|').nth(1)) {
                let mut seed = vec![0x0F];
                for frame in frames.split(';') {
                    let bytes = spelled(frame);
                    let payload = bytes.get(2..).unwrap_or_default();
                    seed.extend_from_slice(&(payload.len() as u16).to_le_bytes());
                    seed.extend_from_slice(payload);
                }
                seeds.push(seed);
            }
        }
        "pcap" => seeds.extend(of_captures(false)),
        "pcapng" => seeds.extend(of_captures(true)),
        "dissector" | "exports" => {
            for (number, script) in scripts(traces).into_iter().enumerate() {
                let begins = [[0, 0], [0, 0], [1, 0], [2, 3], [3, 0x80]][number % 5];
                seeds.push([&begins[..], &script].concat());
            }
        }
        "tls" => seeds.extend(tls_seeds()),
        "prelude" => seeds.extend(prelude_seeds()),
        _ => panic!("{target} has no seeds"),
    }
    seeds.retain(|seed| !seed.is_empty());
    seeds.sort_by_key(Vec::len);
    seeds
}

/// Runs a target on one input; where it panics, says on which.
fn run((name, target): targets::Target, input: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        let file = std::env::temp_dir().join(format!("framescope-fuzz-{name}"));
        let _ = std::fs::write(&file, input);
        eprintln!("{name}: {what}, {} bytes, kept in {}", input.len(), file.display());
        std::panic::resume_unwind(panic);
    }
}

fn smoke(name: &str) {
    let target = *targets::ALL.iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name, &traces());
    let small: Vec<&Vec<u8>> = seeds.iter().filter(|seed| seed.len() <= LARGEST_SEED).collect();
    assert!(small.len() > 5, "{name} has {} seeds", small.len());
    for (number, seed) in small.iter().enumerate() {
        run(target, seed, &format!("seed {number}"));
    }
    run(target, &[], "nothing");
    // So many rounds in place of that, with numbers of their own: for a longer look without cargo-fuzz.
    let more = std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse::<usize>().ok());
    let (rounds, bytes) = more.map_or((CHANGES, BYTES), |rounds| (rounds, usize::MAX));
    let mut numbers = Numbers(rounds as u64);
    let mut given = 0;
    for round in 0..rounds {
        let (seed, other) = (numbers.below(small.len()), numbers.below(small.len()));
        let input = changed(small[seed], small[other], &mut numbers);
        given += input.len();
        run(target, &input, &format!("round {round}, changed from seed {seed}"));
        if given > bytes {
            break;
        }
    }
}

macro_rules! smoke {
    ($($name:ident)*) => {
        $( #[test] fn $name() { smoke(stringify!($name)); } )*

        #[test]
        fn every_target_has_a_run_and_a_program() {
            let names = [$( stringify!($name) ),*];
            assert_eq!(targets::ALL.map(|(name, _)| name), names);
            let manifest = std::fs::read_to_string(here("fuzz/Cargo.toml")).unwrap();
            for name in names {
                assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
                assert!(here(&format!("fuzz/fuzz_targets/{name}.rs")).is_file(), "{name}");
            }
        }
    };
}

smoke! { head frame_hybi frame_hixie inflate pcap pcapng dissector exports tls prelude }

/// For `scripts/fuzz`: the seeds of each target as files in `fuzz/corpus`.
#[test]
#[ignore = "writes files for the fuzzer"]
fn write_seeds() {
    let traces = traces();
    for (name, _) in targets::ALL {
        let folder = here("fuzz/corpus").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds(name, &traces).iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}

/// One input in a file, named by `FUZZ_TARGET` and `FUZZ_INPUT`: what a fuzzer found, looked at.
#[test]
#[ignore = "runs one input"]
fn one_input() {
    let [target, input] = ["FUZZ_TARGET", "FUZZ_INPUT"].map(|name| std::env::var(name).unwrap());
    let (_, target) = targets::ALL.iter().find(|(name, _)| *name == target).unwrap();
    target(&std::fs::read(input).unwrap());
}
