//! How connections end, and what is said of it: who ended them, with what and when, whether somebody had said so before,
//! and that nothing is said that the recording cannot know.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::path::{Path, PathBuf};

use framescope::capture::{self, Loader};
use framescope::export::json::{self, About};
use framescope::export::text;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Rule;
use framescope::trace::{End, Place, State, Timestamp, Trace};
use serde_json::{Value, json};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn load(name: &str) -> Loader {
    let mut loader = capture::open(file(name), &capture::Options::default()).expect("the capture opens");
    loader.read_all().expect("the capture is whole");
    loader
}

fn document(name: &str) -> Value {
    let mut written = Vec::new();
    let loader = load(name);
    json::write_document(&mut written, &About::default(), loader.trace(), json::Options::default()).unwrap();
    serde_json::from_slice(&written).unwrap()
}

fn told(name: &str) -> String {
    let mut written = Vec::new();
    let options = text::Options { brief: true, ..text::Options::default() };
    text::write_trace(&mut written, &About::default(), load(name).trace(), &options).unwrap();
    String::from_utf8(written).unwrap()
}

/// The rules that are broken, of the items and of the conversation.
fn rules(talk: &Value) -> Vec<String> {
    let items = talk["items"].as_array().unwrap().iter().map(|item| &item["findings"]);
    let all = items.chain([&talk["findings"]]).flat_map(|findings| findings.as_array().unwrap());
    all.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_ping_without_a_pong_is_said_however_the_connection_ended() {
    let name = "tests/reports/ping-unanswered-rst.pcap";
    let talk = &document(name)["conversations"][0];
    assert_eq!(rules(talk), ["rfc6455.ping.no-answer", "tcp.reset"]);
    assert_eq!(talk["state"], "closed");
    assert_eq!(talk["close"], json!({"clean": true, "code": 1000, "reason": "", "by": "client"}));
    // The one who sent the RST, and nobody else.
    let reset = json!({"from": "client", "how": "reset", "time": "1700000000.008999", "packet": 9});
    assert_eq!(talk["ended"], json!([reset]), "{talk}");
    let told = told(name);
    assert!(told.contains("; closed 1000\n  the client sent RST (#9, "), "{told}");
}

#[test]
fn of_a_side_that_was_not_recorded_nothing_is_said() {
    let talk = &document("tests/reports/oneway-client.pcap")["conversations"][0];
    assert_eq!(rules(talk), ["handshake.incomplete"]);
    assert_eq!(talk["url"], "ws://localhost:8080/chat");
    assert_eq!(talk["state"], "closed");
    assert_eq!(talk["close"], json!({"clean": null, "code": 1000, "reason": "", "by": "client"}));
}

/// Every bundled capture has an end that its packets show, and those that were left without a close frame are named.
#[test]
fn states_of_the_bundled_captures() {
    let state = |name: &str| {
        let loader = load(name);
        let talk = &loader.trace().conversations()[0];
        let close = talk.close().unwrap_or_default();
        (talk.state(), close.code, talk.refused_with(), talk.reset_by())
    };
    assert_eq!(state("captures/hybi7-ruby-em.pcap"), (State::Closed, Some(1000), None, None));
    assert_eq!(state("captures/rfc-refused-403.pcap"), (State::Refused, None, Some(403), None));
    assert_eq!(state("captures/museum/client-reset.pcapng"), (State::Died, None, None, Some(Side::Client)));
    assert_eq!(state("captures/museum/client-frame-cut-off.pcapng"), (State::Died, None, None, None));
    // hixie-75 has no closing handshake: whoever ends the connection closes.
    assert_eq!(state("captures/h75-perl-driver-ipv6.pcap"), (State::Closed, None, None, None));
}

/// A trace of frames that were typed, or came from a socket.
fn frames(protocol: Protocol, client: &[u8], server: &[u8]) -> Trace {
    let mut trace = Trace::default();
    let talk = trace.open_as(protocol, None);
    trace.feed(talk, Side::Client, client, Timestamp(1));
    trace.feed(talk, Side::Server, server, Timestamp(2));
    trace
}

const HELLO: &[u8] = b"\x81\x85\x00\x00\x00\x00Hello";
const CLOSE: &[u8] = b"\x88\x82\x00\x00\x00\x00\x03\xe8";

fn closings(trace: &Trace) -> Vec<Rule> {
    let talk = &trace.conversations()[0];
    let of_items = talk.item_findings.iter().map(|(_, finding)| finding);
    of_items.chain(&talk.findings).map(|finding| finding.rule).collect()
}

/// A recording of our own is judged when the connection is over, and not only when the recording is.
#[test]
fn a_live_connection_that_dies_is_said_to_have() {
    let mut trace = frames(Protocol::Rfc6455, HELLO, b"\x81\x02Hi");
    assert_eq!(trace.conversations()[0].state(), State::Open);
    trace.end(0, Side::Client, End::Fin, 0, Timestamp(3));
    assert_eq!(closings(&trace), []);
    trace.end(0, Side::Server, End::Fin, 0, Timestamp(4));
    assert_eq!(closings(&trace), [Rule::CloseMissing]);
    assert_eq!(trace.conversations()[0].state(), State::Died);
    trace.finish();
    assert_eq!(closings(&trace), [Rule::CloseMissing], "it is said once");
}

#[test]
fn each_version_is_judged_by_its_own_rule() {
    let ended = |protocol, client: &[u8], server: &[u8], by, end| {
        let mut trace = frames(protocol, client, server);
        trace.end(0, by, end, 0, Timestamp(3));
        trace.finish();
        (closings(&trace), trace.conversations()[0].state())
    };
    let over = |protocol, client, server| ended(protocol, client, server, Side::Server, End::Reset);
    let text: &[u8] = b"\x00Hello\xff";
    assert_eq!(over(Protocol::Hixie75, text, text), (vec![], State::Died));
    assert_eq!(over(Protocol::Hixie76, text, text), (vec![Rule::HixieCloseMissing], State::Died));
    assert_eq!(over(Protocol::Hixie76, b"\xff\x00", b"\xff\x00"), (vec![], State::Closed));
    assert_eq!(over(Protocol::Rfc6455, HELLO, b""), (vec![Rule::CloseMissing], State::Died));
    let unheard = ended(Protocol::Rfc6455, HELLO, b"", Side::Client, End::Fin);
    assert_eq!(unheard, (vec![], State::Closed), "the server may have sent a close frame");
    assert_eq!(over(Protocol::Rfc6455, CLOSE, b"\x88\x02\x03\xe8"), (vec![], State::Closed));
    let unanswered = over(Protocol::Rfc6455, CLOSE, b"\x81\x02Hi");
    assert_eq!(unanswered, (vec![Rule::CloseNotAnswered], State::Closed));
}

#[test]
fn a_ping_that_is_found_late_was_answered_all_the_same() {
    // Behind a gap a ping is found only when the close frame stands behind it; its pong was read before.
    let document = document("tests/reports/ping-behind-a-gap.pcap");
    let talk = &document["conversations"][0];
    let kinds: Vec<_> = talk["messages"].as_array().unwrap().iter().map(|message| &message["type"]).collect();
    assert!(kinds.windows(2).any(|pair| pair == ["ping", "pong"]), "{kinds:?}");
    assert!(!rules(talk).contains(&"rfc6455.ping.no-answer".to_owned()), "{talk}");
}

/// What is said of a recording that lacks a side or its beginning.
fn of_part(sent: &[(Side, Vec<u8>)], inside: bool, ends: &[(Side, End)]) -> Vec<Rule> {
    let mut trace = Trace::default();
    let address = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let talk = trace.open(address(50_000), address(9001), inside, 6);
    let mut packet = 0;
    for (side, bytes) in sent {
        packet += 1;
        let place = Place { at: trace.store.append(bytes), headers: None };
        trace.data(talk, *side, place, bytes.len() as u32, packet, Timestamp(i64::from(packet)));
    }
    for (side, end) in ends {
        packet += 1;
        trace.end(talk, *side, *end, packet, Timestamp(i64::from(packet)));
    }
    trace.finish();
    closings(&trace)
}

/// One side alone, and recordings that begin later: whatever is found there is found in the whole, too, or says what is not
/// recorded.
#[test]
fn nothing_is_said_of_what_was_not_recorded() {
    let own = [
        Rule::StreamGuess,
        Rule::StreamBeginsInside,
        Rule::StreamUnparsed,
        Rule::StreamEndsInside,
        Rule::HandshakeIncomplete,
        Rule::VersionByFrame,
    ];
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(file("captures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().contains(".pcap"));
    paths.sort();
    let (mut parts, mut wrong) = (0, Vec::new());
    for path in paths {
        let mut loader = capture::open(&path, &capture::Options::default()).unwrap();
        let _ = loader.read_all();
        let trace = loader.trace();
        for talk in trace.conversations() {
            let plain = talk.carrier.is_none() && talk.carried.is_empty() && talk.protocol.family().is_some();
            if !plain || talk.begins_inside() || talk.in_order().any(|(_, chunk)| chunk.is_gap()) {
                continue;
            }
            let sent: Vec<(Side, Vec<u8>)> =
                talk.in_order().map(|(side, chunk)| (side, chunk.bytes(&trace.store).to_vec())).collect();
            let ends: Vec<(Side, End)> = talk.ended().iter().map(|end| (end.from, end.how)).collect();
            let of_items = talk.item_findings.iter().map(|(_, finding)| finding);
            let whole: Vec<Rule> = of_items.chain(&talk.findings).map(|finding| finding.rule).collect();
            let mut check = |what: &str, found: Vec<Rule>| {
                parts += 1;
                let more: Vec<Rule> =
                    found.into_iter().filter(|rule| !whole.contains(rule) && !own.contains(rule)).collect();
                if !more.is_empty() {
                    wrong.push(format!("{} {what}: {more:?}", path.file_name().unwrap().display()));
                }
            };
            for side in Side::BOTH {
                let alone: Vec<_> = sent.iter().filter(|(sender, _)| *sender == side).cloned().collect();
                let ends: Vec<_> = ends.iter().filter(|(from, _)| *from == side).copied().collect();
                check(&format!("{side} alone"), of_part(&alone, false, &ends));
            }
            for cut in 1..sent.len() {
                check(&format!("from segment {cut}"), of_part(&sent[cut..], true, &ends));
            }
        }
    }
    assert!(parts > 300, "{parts}");
    assert!(wrong.is_empty(), "{} of {parts}:\n{}", wrong.len(), wrong.join("\n"));
}
