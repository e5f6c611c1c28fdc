//! Conversations and items of them as files.

use framescope::capture;
use framescope::export::json::About;
use framescope::export::selection::{Format, Selection, write};
use framescope::trace::{Item, Trace};
use framescope::words::Words;
use serde_json::Value;

use super::{read, readable};

fn written(
    trace: &Trace,
    conversation: usize,
    items: Option<std::ops::Range<usize>>,
    format: Format,
) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, &About::default(), trace, &Selection { conversation, items }, format, Words::english())
        .unwrap();
    out
}

fn again(bytes: &[u8]) -> Trace {
    let mut loader =
        capture::from_reader(std::io::Cursor::new(bytes.to_vec()), "-", &capture::Options::default());
    loader.read_all().unwrap();
    loader.into_trace()
}

/// What an item is, whatever recorded it.
fn essence(
    trace: &Trace,
    conversation: usize,
) -> Vec<(framescope::model::protocol::Side, framescope::trace::ItemKind, u64, Vec<u8>)> {
    let talk = &trace.conversations()[conversation];
    let of =
        |item: &Item| (item.side, item.kind, item.length, talk.bytes_of(&trace.store, item).into_owned());
    talk.items.iter().map(|(_, item)| of(item)).collect()
}

fn har(trace: &Trace, items: Option<std::ops::Range<usize>>) -> Value {
    serde_json::from_slice(&written(trace, 0, items, Format::Har)).unwrap()
}

#[test]
fn a_conversation_comes_back_from_its_capture_as_it_was() {
    let mut compared = 0;
    for name in readable() {
        let trace = read(&name);
        for (index, talk) in trace.conversations().iter().enumerate() {
            if talk.begins_inside() || talk.items.is_empty() {
                continue;
            }
            let copy = again(&written(&trace, index, None, Format::Pcapng));
            // A connection comes back with all that it carries.
            let together: Vec<usize> = (0..trace.conversations().len())
                .filter(|&other| trace.conversations()[other].connection == talk.connection)
                .collect();
            assert_eq!(copy.conversations().len(), together.len(), "{name} {index}");
            let mut expected = essence(&trace, index);
            let mut found = essence(&copy, together.iter().position(|&other| other == index).unwrap());
            // Which side's item was complete first is decided by packets, which are others here.
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{name} {index}");
            compared += 1;
        }
    }
    assert!(compared > 100);
}

#[test]
fn a_conversation_alone_reads_as_it_did_among_others() {
    for name in readable() {
        let trace = read(&name);
        for index in 0..trace.conversations().len() {
            let alone = trace.alone(index).unwrap();
            let (one, other) = (&trace.conversations()[index], &alone.conversations()[0]);
            for side in framescope::model::protocol::Side::BOTH {
                // Where bytes are missing, the two sides' items may be known in another order.
                let of = |trace, index| essence(trace, index).into_iter().filter(move |item| item.0 == side);
                assert!(of(&alone, 0).eq(of(&trace, index)), "{name} {index} {side}");
            }
            assert_eq!((one.protocol, one.handshake), (other.protocol, other.handshake), "{name} {index}");
            assert_eq!(one.messages.len(), other.messages.len(), "{name} {index}");
        }
    }
    assert!(read("h76-jsclient-ws04.pcapng").alone(7).is_none());
}

#[test]
fn chosen_items_stand_behind_the_handshake() {
    for name in ["rfc-ws8-srvping-srvfrag.pcap", "h76-jsclient-ws04.pcapng", "h75-perl-driver-ipv6.pcap"] {
        let trace = read(name);
        let copy = again(&written(&trace, 0, Some(8..12), Format::Pcapng));
        let all = essence(&trace, 0);
        let expected: Vec<_> = [0, 1, 8, 9, 10, 11].into_iter().map(|number| all[number].clone()).collect();
        assert_eq!(essence(&copy, 0), expected, "{name}");
        assert_eq!(copy.conversations()[0].protocol, trace.conversations()[0].protocol);
    }
}

#[test]
fn json_and_csv_hold_the_chosen_items() {
    let trace = read("rfc-ws8-srvping-srvfrag.pcap");
    let csv = String::from_utf8(written(&trace, 0, Some(2..5), Format::Csv)).unwrap();
    let items: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(items, ["3", "4", "5"]);
    let json: Value = serde_json::from_slice(&written(&trace, 0, Some(2..6), Format::Json)).unwrap();
    let talk = &json["conversations"][0];
    assert_eq!(talk["items"].as_array().unwrap().len(), 4);
    let messages: Vec<u64> =
        talk["messages"].as_array().unwrap().iter().map(|message| message["n"].as_u64().unwrap()).collect();
    assert_eq!(messages, [1, 2]);
}

#[test]
fn an_archive_holds_the_handshake_and_the_messages() {
    let archive = har(&read("rfc-ws8-srvping-srvfrag.pcap"), None);
    assert_eq!(archive["log"]["version"], "1.2");
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry["request"]["url"], "ws://127.0.0.1:9101/echo");
    assert_eq!(entry["response"]["status"], 101);
    assert_eq!(entry["_resourceType"], "websocket");
    let started = entry["startedDateTime"].as_str().unwrap();
    assert!(started.ends_with('Z') && started.contains('T'), "{started}");
    let messages = entry["_webSocketMessages"].as_array().unwrap();
    assert_eq!(messages.len(), 18);
    assert_eq!((&messages[0]["type"], &messages[0]["data"]), (&"send".into(), &"Hello".into()));
    assert_eq!((&messages[1]["type"], &messages[1]["opcode"]), (&"receive".into(), &1.into()));
    let binary = messages.iter().find(|message| message["opcode"] == 2).unwrap();
    assert!(binary["data"].as_str().unwrap().starts_with("AAECAwQF"));
    assert!(messages[0]["time"].as_f64().unwrap() < messages[17]["time"].as_f64().unwrap());
    assert!(entry["time"].as_f64().unwrap() > 71.0);
    // Chosen items choose messages.
    let some = har(&read("rfc-ws8-srvping-srvfrag.pcap"), Some(2..6));
    assert_eq!(some["log"]["entries"][0]["_webSocketMessages"].as_array().unwrap().len(), 2);
}

#[test]
fn plain_http_is_an_archive_of_entries() {
    let trace = read("comet-sockjs-xhr-streaming.pcapng");
    let archive = har(&trace, None);
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), trace.conversations()[0].exchanges.len());
    for entry in entries {
        assert!(entry["request"]["url"].as_str().unwrap().starts_with("http://"));
        assert!(entry["response"]["status"].as_u64().unwrap() > 0);
        assert_eq!(entry["_webSocketMessages"], Value::Null);
        // Chunks are put together.
        let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
        assert_eq!(text.len() as u64, entry["response"]["content"]["size"].as_u64().unwrap());
        assert!(!text.starts_with("801\r\n"), "{text}");
    }
}

#[test]
fn every_capture_becomes_an_archive() {
    for name in readable() {
        let trace = read(&name);
        for index in 0..trace.conversations().len() {
            let archive: Value = serde_json::from_slice(&written(&trace, index, None, Format::Har)).unwrap();
            for entry in archive["log"]["entries"].as_array().unwrap() {
                for key in ["startedDateTime", "time", "request", "response", "cache", "timings"] {
                    assert!(!entry[key].is_null(), "{name} {index}: {key}");
                }
            }
        }
    }
}
