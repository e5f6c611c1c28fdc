//! Whatever the order in which the bytes of both sides become known, items stand in the order of time, and all that names an
//! item by its number names the same one.

use super::cuts::{Numbers, Sent, recorded};
use super::*;

/// An item as it is known without its number.
type Known = (Side, u64);

/// What a conversation says, without numbers.
#[derive(Debug, PartialEq)]
struct Told {
    items: Vec<(Known, u64, ItemKind, bool)>,
    messages: Vec<(MessageKind, u64, Known, Known)>,
    /// The message that each frame is part of, by the message's first frame.
    parts: Vec<(Known, Known)>,
    exchanges: Vec<(Known, Known)>,
    findings: Vec<(Known, Rule)>,
}

/// Which pong answers which ping is judged in the order in which they become known.
const COMPARE: [Rule; 3] = [Rule::PongUnsolicited, Rule::PongDiffers, Rule::PingNotAnswered];

fn told(talk: &Conversation) -> Told {
    let known = |number: usize| talk.items.get(number).map(|item| (item.side, item.offset)).unwrap();
    let parts = (0..talk.items.len()).filter_map(|number| {
        let (_, message) = message_of(talk, number)?;
        Some((known(number), known(message.first as usize)))
    });
    let findings = talk.item_findings.iter().filter(|(_, finding)| !COMPARE.contains(&finding.rule));
    Told {
        items: talk
            .items
            .iter()
            .map(|(_, item)| ((item.side, item.offset), item.length, item.kind, item.complete))
            .collect(),
        messages: talk
            .messages
            .iter()
            .map(|(_, one)| (one.kind, one.length, known(one.first as usize), known(one.last as usize)))
            .collect(),
        parts: parts.collect(),
        exchanges: talk.exchanges.iter().map(|&(a, b)| (known(a as usize), known(b as usize))).collect(),
        findings: findings.map(|(number, finding)| (known(*number as usize), finding.rule)).collect(),
    }
}

/// Each segment in its packet, in this order; `packets` are the packets' numbers.
fn replayed(sent: &Sent, order: &[usize], packets: &[u32]) -> Trace {
    let mut trace = Trace::new(Store::default());
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(address(50000), address(9001), false, 6);
    for &index in order {
        let (side, bytes) = &sent[index];
        let at = trace.store.append(bytes);
        let (place, packet) = (Place { at, headers: None }, packets[index]);
        trace.data(talk, *side, place, bytes.len() as u32, packet, Timestamp(i64::from(packet)));
    }
    trace.finish();
    trace
}

fn check_order(trace: &Trace, what: &str) {
    for talk in trace.conversations() {
        let moments: Vec<_> = talk.items.iter().map(|(_, item)| talk.moment_of(item)).collect();
        assert!(moments.is_sorted(), "{what}: {moments:?}");
        assert!(talk.item_findings.is_sorted_by_key(|(number, _)| *number), "{what}");
        let lasts: Vec<u32> = talk.messages.iter().map(|(_, message)| message.last).collect();
        assert!(lasts.is_sorted(), "{what}: {lasts:?}");
    }
}

/// How many segments the opening takes: all that hold bytes of heads.
fn opening(trace: &Trace, sent: &Sent) -> usize {
    let talk = &trace.conversations()[0];
    let heads = |side: Side| {
        let items = talk.items.iter().filter(|(_, item)| item.side == side);
        let open = items.filter(|(_, item)| !item.kind.is_frame() && item.kind != ItemKind::DeflateStream);
        open.map(|(_, item)| item.range().end).max().unwrap_or(0)
    };
    let (heads, mut at, mut count) = (Side::BOTH.map(heads), [0; 2], 0);
    for (index, (side, bytes)) in sent.iter().enumerate() {
        if at[side.index()] < heads[side.index()] {
            count = index + 1;
        }
        at[side.index()] += bytes.len() as u64;
    }
    count
}

#[test]
fn items_stand_in_the_order_of_time_however_late_they_become_known() {
    let (mut late, mut all) = (0, 0);
    for (name, sent) in recorded() {
        let packets: Vec<u32> = (1..=sent.len() as u32).collect();
        let in_order: Vec<usize> = (0..sent.len()).collect();
        let whole = replayed(&sent, &in_order, &packets);
        let from = opening(&whole, &sent);
        for seed in 0..6 {
            let mut numbers = Numbers(seed);
            // Each side's segments keep their order; the sides' are mixed anew.
            let mut sides = Side::BOTH.map(|side| {
                let of_side = in_order[from..].iter().copied().filter(|at| sent[*at].0 == side);
                of_side.collect::<std::collections::VecDeque<_>>()
            });
            let mut order = in_order[..from].to_vec();
            while order.len() < sent.len() {
                let side = numbers.below(2);
                for _ in 0..=numbers.below(8) {
                    order.extend(sides[side].pop_front());
                }
            }
            let what = format!("{name}, seed {seed}");
            let mixed = replayed(&sent, &order, &packets);
            check_order(&mixed, &what);
            assert_eq!(mixed.conversations().len(), whole.conversations().len(), "{what}");
            for (mixed, whole) in mixed.conversations().iter().zip(whole.conversations()) {
                assert_eq!(told(mixed), told(whole), "{what}");
                late += mixed.renumbered();
            }
            all += 1;
        }
    }
    assert!(all > 100 && late > 100, "{late} of {all}");
}

#[test]
fn what_overtook_other_segments_stands_where_it_could_be_read() {
    for (name, sent) in recorded() {
        let in_order: Vec<usize> = (0..sent.len()).collect();
        let packets: Vec<u32> = (1..=sent.len() as u32).collect();
        let whole = replayed(&sent, &in_order, &packets);
        let from = opening(&whole, &sent);
        for seed in 0..3 {
            let mut numbers = Numbers(seed);
            // Some segments came before the one that they follow in the stream.
            let mut packets = packets.clone();
            for at in from + 1..sent.len() {
                if numbers.below(3) == 0 {
                    packets.swap(at - 1, at);
                }
            }
            let what = format!("{name}, seed {seed}");
            let mixed = replayed(&sent, &in_order, &packets);
            check_order(&mixed, &what);
            for (mixed, whole) in mixed.conversations().iter().zip(whole.conversations()) {
                let sorted = |talk: &Conversation| {
                    let Told { mut items, mut messages, mut parts, exchanges, mut findings } = told(talk);
                    items.sort_by_key(|item| item.0);
                    messages.sort_by_key(|message| message.3);
                    parts.sort_unstable();
                    findings.sort_by_key(|(known, rule)| (*known, rule.id()));
                    Told { items, messages, parts, exchanges, findings }
                };
                assert_eq!(sorted(mixed), sorted(whole), "{what}");
            }
        }
    }
}
