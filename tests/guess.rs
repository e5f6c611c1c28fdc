//! What is spoken where no handshake was recorded: bytes of other protocols are not taken for frames, however they come, and
//! recordings of every version that begin at any packet are, with the messages that stand behind it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

#[path = "guess/strangers.rs"]
mod strangers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use framescope::capture;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Rule;
use framescope::trace::{
    Conversation, DecodeAs, Item, ItemKind, Message, MessageKind, PayloadReader, Place, Timestamp, Trace,
};

use strangers::{Numbers, STRANGERS};

/// What was sent, segment by segment.
type Sent = Vec<(Side, Vec<u8>)>;

/// A recording that begins inside a connection, in which these segments follow each other.
fn recorded_inside(sent: &Sent) -> Trace {
    recorded(sent, &[])
}

/// The same where the user says what is spoken.
fn recorded(sent: &Sent, told: &[DecodeAs]) -> Trace {
    let mut trace = Trace::default();
    trace.decode_as.extend_from_slice(told);
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(address(50_000), address(9001), true, 6);
    for (packet, (side, bytes)) in (1..).zip(sent) {
        let at = trace.store.append(bytes);
        let place = Place { at, headers: None };
        trace.data(talk, *side, place, bytes.len() as u32, packet, Timestamp(i64::from(packet) * 1_000_000));
    }
    trace.finish();
    trace
}

/// Whether any of it was taken for frames.
fn is_websocket(trace: &Trace) -> bool {
    trace.conversations().iter().any(|talk| {
        talk.protocol.family().is_some() || talk.items.iter().any(|(_, item)| item.kind.is_frame())
    })
}

/// A conversation in this protocol: who speaks, in segments of one message, of several, of parts, or beginning in the middle
/// of a message.
fn conversation(make: strangers::Make, numbers: &mut Numbers, form: usize) -> Sent {
    let mut sent = Sent::new();
    let count = 1 + numbers.below(24);
    for turn in 0..count {
        let client = match form {
            0 => turn % 2 == 0,
            1 => true,
            2 => false,
            _ => numbers.below(2) == 0,
        };
        let side = if client { Side::Client } else { Side::Server };
        let many = if form == 4 { 1 + numbers.below(6) } else { 1 };
        let mut bytes: Vec<u8> = (0..many).flat_map(|_| make(numbers, client)).collect();
        if form == 5 && turn < 2 {
            bytes.drain(..numbers.below(bytes.len()));
        }
        if form == 6 && bytes.len() > 1 {
            let rest = bytes.split_off(1 + numbers.below(bytes.len() - 1));
            sent.push((side, std::mem::replace(&mut bytes, rest)));
        }
        sent.push((side, bytes));
    }
    sent.retain(|(_, bytes)| !bytes.is_empty());
    sent
}

#[test]
fn bytes_of_other_protocols_are_no_websocket() {
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = 0;
    for (name, make) in STRANGERS {
        for seed in 0..60 {
            let form = seed % 7;
            let sent = conversation(*make, &mut Numbers::new(seed as u64), form);
            all += 1;
            let trace = recorded_inside(&sent);
            if is_websocket(&trace) {
                *taken.entry(name).or_default() += 1;
                println!("{name}, seed {seed}, form {form}: {:?}", trace.conversations()[0].protocol);
            }
        }
    }
    println!("{} of {all} are taken for WebSocket", taken.values().sum::<usize>());
    assert_eq!(taken, BTreeMap::new(), "of {all}");
}

fn captures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["captures", "captures/tls", "captures/prelude", "captures/museum"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        found.extend(paths.filter(|path| path.to_string_lossy().contains(".pcap")));
    }
    found.sort();
    found
}

fn load(path: &Path) -> capture::Loader {
    let mut loader = capture::open(path, &capture::Options::default()).expect("the capture opens");
    let _ = loader.read_all(); // A damaged capture holds what stands before the damage.
    loader
}

/// The segments of a conversation.
fn segments(trace: &Trace, talk: &Conversation) -> Sent {
    talk.in_order().map(|(side, chunk)| (side, chunk.bytes(&trace.store).to_vec())).collect()
}

/// What a person would call the same: who said what.
type Said = (Side, MessageKind, u64);

/// The messages that are there from their first frame on.
fn said(talk: &Conversation) -> Vec<Said> {
    let begins = |message: &Message| {
        let first = talk.items.get(message.first as usize).unwrap();
        first.kind == ItemKind::HixieFrame || first.first_byte & 0x0F != 0
    };
    let messages = talk.messages.iter().filter(|(_, message)| begins(message));
    messages.map(|(_, message)| (message.side, message.kind, message.length)).collect()
}

/// The version as far as frames alone say it.
fn as_frames_say(talk: &Conversation) -> Protocol {
    match talk.protocol {
        Protocol::Hybi7 | Protocol::Hybi8 => Protocol::Rfc6455,
        _ if talk.items.iter().any(|(_, item)| item.kind == ItemKind::HixieFrame) => Protocol::Hixie76,
        other => other,
    }
}

#[test]
fn recordings_that_begin_at_any_packet_are_recognised() {
    let (mut cuts, mut whole) = (0, 0);
    let mut versions: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for path in captures().iter().filter(|path| !path.to_string_lossy().contains("museum")) {
        let loader = load(path);
        let trace = loader.trace();
        for talk in trace.conversations().iter().filter(|talk| talk.carried.is_empty()) {
            if talk.protocol.family().is_none() || talk.in_order().any(|(_, chunk)| chunk.is_gap()) {
                continue;
            }
            let sent = segments(trace, talk);
            let ends: Vec<[u64; 2]> = sent
                .iter()
                .scan([0; 2], |at, (side, bytes)| {
                    let before = *at;
                    at[side.index()] += bytes.len() as u64;
                    Some(before)
                })
                .collect();
            for (cut, from) in ends.iter().enumerate() {
                // The frames that stand behind the cut as they were sent.
                let is_behind = |item: &Item, side: Side| {
                    let whole = item.kind.is_frame() && item.is_whole() && item.side == side;
                    whole && item.offset >= from[side.index()]
                };
                let behind = Side::BOTH
                    .map(|side| talk.items.iter().filter(|(_, item)| is_behind(item, side)).count());
                let heads = talk
                    .items
                    .iter()
                    .any(|(_, item)| !item.kind.is_frame() && item.range().end > from[item.side.index()]);
                // Of hybi-04 the server's frames alone can be read.
                let is_half = talk.protocol == Protocol::Hybi4;
                let needed = if is_half { 5 } else { 3 };
                if heads || behind.iter().any(|count| *count < needed) {
                    continue;
                }
                cuts += 1;
                let read = recorded_inside(&sent[cut..].to_vec());
                let found = &read.conversations()[0];
                let expected: Vec<Said> = talk
                    .messages
                    .iter()
                    .map(|(_, message)| message)
                    .filter(|message| {
                        let first = talk.items.get(message.first as usize).unwrap();
                        first.offset >= from[message.side.index()]
                    })
                    .filter(|message| !is_half || message.side == Side::Server)
                    .map(|message| (message.side, message.kind, message.length))
                    .collect();
                let name = path.file_name().unwrap().to_string_lossy();
                let entry = versions.entry(talk.protocol.to_string()).or_default();
                entry.1 += 1;
                if found.protocol != as_frames_say(talk) {
                    println!(
                        "{name} from segment {cut}: {} for {}, {behind:?}",
                        found.protocol, talk.protocol
                    );
                } else if talk.deflate.is_none() && said(found) != expected {
                    println!("{name} from segment {cut}: {:?} for {expected:?}", said(found));
                } else {
                    entry.0 += 1;
                    whole += 1;
                }
            }
        }
    }
    println!("{versions:?}");
    assert_eq!(whole, cuts, "{versions:?}");
    assert!(cuts > 100, "{cuts}");
}

fn bytes(hex: &str) -> Vec<u8> {
    let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Frames as programs of the time sent them, the client's and the server's in turn.
fn in_turn(client: &[&str], server: &[&str]) -> Sent {
    let mut sent = Sent::new();
    for turn in 0..client.len().max(server.len()) {
        for (side, frames) in [(Side::Client, client), (Side::Server, server)] {
            sent.extend(frames.get(turn).map(|frame| (side, bytes(frame))));
        }
    }
    sent
}

const SERVER: [&str; 3] = ["840548656c6c6f", "840548656c6c6f", "830470696e67"];

fn hybi2() -> Sent {
    let client = ["040548656c6c6f", "05030001fe", "020470696e67", "0100"];
    let server = ["040548656c6c6f", "05030001fe", "030470696e67", "0100"];
    in_turn(&client, &server)
}

fn hybi5() -> Sent {
    let client = [
        "5d29fe5cd92cb639314591",
        "f03343f6f4300b939ca8c5e4e528c7888a",
        "cf70c7ce4d74b7a7a117",
        "13a29a9f92a3d9",
    ];
    in_turn(&client, &[&SERVER[..], &["810143"]].concat())
}

fn hybi6() -> Sent {
    let client = [
        "98b72af81cb2629df4db45",
        "b8d95cbbbcda14ded4d8d8e1ac58da8dc3",
        "4852fc4fca568c262635",
        "863dd15f073fd2b7",
    ];
    in_turn(&client, &[&SERVER[..], &["810203e8"]].concat())
}

/// Where the heads are lost, the frames of the old drafts say themselves what they are, as far as they can.
#[test]
fn frames_of_the_old_drafts_are_recognised() {
    let read = |sent: &Sent| {
        let trace = recorded_inside(sent);
        let talk = &trace.conversations()[0];
        (talk.protocol, said(talk).len(), talk.close().and_then(|close| close.by))
    };
    assert_eq!(read(&hybi2()), (Protocol::Hybi2, 8, Some(Side::Client)));
    assert_eq!(read(&hybi5()), (Protocol::Hybi5, 8, Some(Side::Client)));
    assert_eq!(read(&hybi6()), (Protocol::Hybi6, 8, Some(Side::Client)));
    // Who opened the connection only the masks say.
    let other = |sent: Sent| sent.into_iter().map(|(side, bytes)| (side.other(), bytes)).collect();
    assert_eq!(read(&other(hybi6())), (Protocol::Hybi6, 8, Some(Side::Client)));
    // Texts with a type and a length before them are what many protocols send.
    let texts = ["040548656c6c6f"; 8];
    assert_eq!(read(&in_turn(&texts, &texts)), (Protocol::Unknown, 0, None));
}

/// The payload of each message, as far as it can be read.
fn payloads(trace: &Trace) -> Vec<Option<Vec<u8>>> {
    let talk = &trace.conversations()[0];
    let mut reader = PayloadReader::default();
    (0..talk.messages.len()).map(|number| reader.bytes(talk, &trace.store, number).ok()).collect()
}

#[test]
fn what_is_spoken_on_a_port_may_be_said() {
    let told = |protocol, deflate| [DecodeAs { port: 9001, protocol, deflate }];
    // From the middle of the client's first frame on.
    let mut sent = hybi6();
    sent[0].1.drain(..5);
    let trace = recorded(&sent, &told(Protocol::Hybi6, false));
    let talk = &trace.conversations()[0];
    let sides: Vec<Side> = said(talk).iter().map(|(side, ..)| *side).collect();
    let (client, server) = (Side::Client, Side::Server);
    assert_eq!(
        (talk.protocol, sides),
        (Protocol::Hybi6, vec![server, client, server, client, server, client, server])
    );
    // What clients of hybi-04 send is covered with what only the heads say.
    let client = ["29500fc2ec70c4ffece0fa", "707cea7714ed7965396fd5cd13bb60279d", "5730ffa6cd93"];
    let sent = in_turn(&client, &["840548656c6c6f", "840548656c6c6f", "8100"]);
    let trace = recorded(&sent, &told(Protocol::Hybi4, false));
    let talk = &trace.conversations()[0];
    let sides: Vec<Side> = said(talk).iter().map(|(side, ..)| *side).collect();
    assert_eq!((talk.protocol, sides), (Protocol::Hybi4, vec![Side::Server; 3]));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/pmd-ws8-ws8-nocontext.pcapng");
    let loader = load(&path);
    let whole = loader.trace();
    let talk = &whole.conversations()[0];
    let expected = payloads(whole);
    let sent = segments(whole, talk);
    for cut in 2..6 {
        for told in [&told(Protocol::Rfc6455, true)[..], &[]] {
            let trace = recorded(&sent[cut..].to_vec(), told);
            assert_eq!(
                payloads(&trace),
                expected[expected.len() - trace.conversations()[0].messages.len()..]
            );
            assert!(trace.conversations()[0].deflate.is_some());
            assert!(trace.conversations()[0].messages.len() + cut > expected.len());
        }
    }
}

/// A frame that is longer than what is looked at in one go is one, whether somebody says what is spoken or not.
#[test]
fn a_recording_may_begin_with_a_long_frame() {
    let mut numbers = Numbers::new(1);
    let mut frame = bytes("827f 0000000000100000");
    frame.extend(numbers.bytes(1 << 20));
    let mut sent: Sent = frame.chunks(1400).map(|piece| (Side::Server, piece.to_vec())).collect();
    for word in ["one", "two", "three"] {
        let length = word.len() as u8;
        sent.push((Side::Server, [&[0x81, length], word.as_bytes()].concat()));
        sent.push((Side::Client, [&[0x81, 0x80 | length, 0, 0, 0, 0], word.as_bytes()].concat()));
    }
    for told in [&[][..], &[DecodeAs { port: 9001, protocol: Protocol::Rfc6455, deflate: false }]] {
        let trace = recorded(&sent, told);
        let talk = &trace.conversations()[0];
        assert_eq!(talk.items.len(), 7, "{}", talk.protocol);
        assert_eq!(said(talk)[0], (Side::Server, MessageKind::Binary, 1 << 20));
    }
}

/// The cost of bytes in which no frame begins grows with their number, whatever they are.
#[test]
fn zeros_cost_what_random_bytes_cost() {
    let time = |sent: &Sent| {
        let started = Instant::now();
        let trace = recorded_inside(sent);
        assert!(!is_websocket(&trace));
        started.elapsed().as_secs_f64()
    };
    let stream =
        |bytes: &[u8]| -> Sent { bytes.chunks(1400).map(|piece| (Side::Client, piece.to_vec())).collect() };
    let random = time(&stream(&Numbers::new(2).bytes(2 << 20)));
    for pattern in [&[0][..], &[0x80, 0], &[0, b'a'], &[0xFF], &[0x81, 0xFF], &[0x82, 0x7F, 0, 0, 0, 0]] {
        let bytes: Vec<u8> = pattern.iter().copied().cycle().take(2 << 20).collect();
        let taken = time(&stream(&bytes));
        println!("{pattern:x?}: {taken:.3} s, random bytes {random:.3} s");
        assert!(taken < random * 8.0 + 0.5, "{pattern:x?}: {taken} s, random bytes {random} s");
    }
}

fn rules(talk: &Conversation) -> Vec<Rule> {
    let of_items = talk.item_findings.iter().map(|(_, finding)| finding);
    of_items.chain(&talk.findings).map(|finding| finding.rule).collect()
}

#[test]
fn reported_recordings_of_other_protocols_are_unknown() {
    for name in ["guess-length32-protocol.pcap", "guess-AAAA.pcap"] {
        let loader = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name));
        let talk = &loader.trace().conversations()[0];
        assert!(!is_websocket(loader.trace()), "{name}");
        let said =
            rules(talk).iter().all(|rule| matches!(rule, Rule::StreamUnparsed | Rule::StreamBeginsInside));
        assert!(said, "{name}: {:?}", rules(talk));
    }
}

/// What is found late is read in the order of time, and judged in it.
#[test]
fn what_is_guessed_is_judged_in_the_order_of_time() {
    for name in ["order-guess.pcap", "order-ping.pcap"] {
        let loader = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name));
        let talk = &loader.trace().conversations()[0];
        assert_eq!(talk.messages.len(), 6, "{name}");
        let times: Vec<Timestamp> = talk.items.iter().map(|(_, item)| talk.time_of(item)).collect();
        assert!(times.is_sorted(), "{name}: {times:?}");
        let said =
            rules(talk).iter().all(|rule| matches!(rule, Rule::StreamGuess | Rule::StreamBeginsInside));
        assert!(said, "{name}: {:?}", rules(talk));
    }
}

/// Whatever an answer's body looks like, a client that speaks HTTP has not asked for frames.
#[test]
fn where_the_other_side_speaks_http_there_are_no_frames() {
    let request = b"GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let frame = |word: &str| [&[0x81, word.len() as u8], word.as_bytes()].concat();
    let mut sent: Sent = (0..12).map(|number| (Side::Server, frame(&format!("message {number}")))).collect();
    assert!(is_websocket(&recorded_inside(&sent)));
    sent.insert(0, (Side::Client, request));
    assert!(!is_websocket(&recorded_inside(&sent)));
}
