//! Any cut of the same bytes gives the same items, findings and messages: for what peers really said, and for the same
//! with bytes changed.
//!
//! One thing may depend on the cuts, and says so: where no frame is known to begin, the beginnings of segments are
//! evidence (`sync`). What comes from there on is compared no further.

use super::*;
use crate::capture;
use crate::model::facts::Facts;

/// Numbers that follow from a seed.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }
}

/// A finding: its rule, its place, what it says.
type Told = (Rule, Option<BitRange>, Facts);

/// What both sides sent, piece by piece.
pub(super) type Sent = Vec<(Side, Vec<u8>)>;

/// What is left where neither packets nor times count.
#[derive(Debug, PartialEq)]
struct Outcome {
    items: Vec<(Item, Vec<Told>)>,
    messages: Vec<Message>,
    of_the_whole: Vec<Finding>,
    exchanges: Vec<(u32, u32)>,
    state: (Protocol, Handshake),
    /// The item from which on frames were looked for.
    searched: Option<usize>,
}

fn outcome(segments: &[(Side, Vec<u8>)]) -> Outcome {
    let parts: Vec<Part> = segments.iter().map(|(side, bytes)| Data(*side, bytes.clone())).collect();
    let trace = read(&parts, false);
    check_tiling_briefly(&trace);
    let talk = &trace.conversations()[0];
    let is_search = |finding: &Finding| {
        finding.rule == Rule::StreamGuess
            || matches!(finding.facts.which(), "no-frames" | "nothing-fits" | "fits-again")
    };
    let items = talk.items.iter().map(|(number, item)| {
        let findings = talk.findings_of(number).map(|f| (f.rule, f.bits, f.facts.clone())).collect();
        (Item { chunk: 0, ..*item }, findings)
    });
    Outcome {
        items: items.collect(),
        messages: talk.messages.iter().map(|(_, message)| *message).collect(),
        of_the_whole: talk.findings.clone(),
        exchanges: talk.exchanges.clone(),
        state: (talk.protocol, talk.handshake),
        searched: (0..talk.items.len()).find(|number| talk.findings_of(*number).any(is_search)),
    }
}

/// As far as neither was searched, what is known only at the end left out.
fn before_search(outcome: &Outcome, end: usize) -> (Vec<(Item, Vec<Rule>)>, Vec<Message>) {
    let late = [Rule::CloseNotAnswered, Rule::PingNotAnswered, Rule::HixieCloseNotAnswered];
    let rules = |findings: &[(Rule, Option<BitRange>, Facts)]| -> Vec<Rule> {
        findings.iter().map(|(rule, ..)| *rule).filter(|rule| !late.contains(rule)).collect()
    };
    let items = outcome.items.iter().take(end).map(|(item, findings)| (*item, rules(findings))).collect();
    (items, outcome.messages.iter().filter(|message| (message.last as usize) < end).copied().collect())
}

fn check_tiling_briefly(trace: &Trace) {
    let talk = &trace.conversations()[0];
    for side in Side::BOTH {
        let items = talk.items.iter().filter(|(_, item)| item.side == side);
        assert_eq!(items.map(|(_, item)| item.length).sum::<u64>(), talk.stream(side).end());
    }
    let found = talk.item_findings.iter().map(|(_, finding)| finding).chain(&talk.findings);
    assert_eq!(talk.counts().total() as usize, found.count());
    for (number, finding) in &talk.item_findings {
        let whole = BitRange::new(0, talk.items.get(*number as usize).unwrap().length * 8);
        assert!(finding.bits.is_some_and(|bits| whole.contains(bits)), "{finding} outside {whole}");
    }
}

/// Each segment in pieces of up to `most` bytes.
fn cut(segments: &[(Side, Vec<u8>)], most: usize, numbers: &mut Numbers) -> Vec<(Side, Vec<u8>)> {
    let mut pieces = Vec::new();
    for (side, bytes) in segments {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(1 + numbers.below(most.min(rest.len())));
            pieces.push((*side, piece.to_vec()));
            rest = more;
        }
    }
    pieces
}

/// Whether all of it was compared.
fn same_however_cut(segments: &[(Side, Vec<u8>)], numbers: &mut Numbers, what: &str) -> bool {
    let whole = outcome(segments);
    for most in [1, 7, 300] {
        let pieces = outcome(&cut(segments, most, numbers));
        match (whole.searched, pieces.searched) {
            (None, None) => assert_eq!(whole, pieces, "{what}, pieces of up to {most} bytes"),
            (one, other) => {
                let end = one.unwrap_or(usize::MAX).min(other.unwrap_or(usize::MAX));
                assert_eq!(before_search(&whole, end), before_search(&pieces, end), "{what}, {most}");
            }
        }
    }
    whole.searched.is_none()
}

/// The segments of each recorded conversation that is whole and small, with its capture's name.
pub(super) fn recorded() -> Vec<(String, Sent)> {
    let mut found = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir("captures").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.to_string_lossy().contains(".pcap")) {
        let mut loader = capture::open(path, &capture::Options::default()).unwrap();
        let _ = loader.read_all(); // A damaged capture holds what stands before the damage.
        let trace = loader.trace();
        let mut taken = 0;
        for talk in trace.conversations() {
            let bytes: u64 = Side::BOTH.iter().map(|side| talk.stream(*side).end()).sum();
            let whole = !talk.begins_inside() && talk.in_order().all(|(_, chunk)| !chunk.is_gap());
            if !whole || bytes > 24_000 || taken == 2 {
                continue;
            }
            taken += 1;
            let segments = talk.in_order().map(|(side, chunk)| (side, chunk.bytes(&trace.store).to_vec()));
            found.push((path.display().to_string(), segments.collect()));
        }
    }
    found
}

#[test]
fn any_cut_of_recorded_bytes_gives_the_same() {
    let recorded = recorded();
    assert!(recorded.len() > 20, "{}", recorded.len());
    for (name, segments) in &recorded {
        assert!(same_however_cut(segments, &mut Numbers(1), name), "{name} is searched");
    }
}

#[test]
fn any_cut_of_changed_bytes_gives_the_same() {
    let (mut compared, mut all) = (0, 0);
    for (index, (name, segments)) in recorded().iter().enumerate() {
        for change in 0..5 {
            let seed = (index * 5 + change) as u64;
            let mut numbers = Numbers(seed);
            let mut changed = segments.clone();
            for _ in 0..=numbers.below(4) {
                let segment = numbers.below(changed.len());
                let bytes = &mut changed[segment].1;
                if bytes.is_empty() {
                    continue;
                }
                let at = numbers.below(bytes.len());
                match numbers.below(4) {
                    0 => bytes[at] ^= 1 << numbers.below(8),
                    1 => bytes[at] = numbers.below(256) as u8,
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"\r\n\0\xff\x80\x89"[numbers.below(6)]),
                }
            }
            changed.retain(|(_, bytes)| !bytes.is_empty());
            all += 1;
            compared += usize::from(same_however_cut(&changed, &mut numbers, &format!("{name} {seed}")));
        }
    }
    assert!(compared * 2 > all, "{compared} of {all} are compared to their end");
}

#[test]
fn two_broken_rules_are_judged_by_what_follows_however_late_it_comes() {
    let server = || frame(Server, Opcode::TEXT, true, b"x");
    // Reserved bit and reserved opcode; behind it a frame, another such, or nothing.
    let mut bad = server();
    bad[0] = 0xA3;
    for (what, follows) in [("a frame", server()), ("garbage", bad.clone()), ("nothing", Vec::new())] {
        let bytes = [ANSWER.as_bytes(), &bad[..], &follows].concat();
        let segments = [(Client, REQUEST.into()), (Server, bytes)];
        let whole = outcome(&segments);
        assert_eq!(whole.searched.is_some(), what == "garbage", "{what}");
        same_however_cut(&segments, &mut Numbers(3), what);
    }
}
