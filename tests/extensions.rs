//! Extensions of every age, and what goes wrong with them: what is said of small recordings, as JSON says it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use framescope::capture::{self, Loader};
use framescope::export::json::{self, About};
use framescope::export::text;
use serde_json::{Value, json};

fn read(name: &str) -> Loader {
    let path = format!("{}/tests/reports/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut loader = capture::open(path, &capture::Options::default()).unwrap();
    loader.read_all().unwrap();
    loader
}

fn about(loader: &Loader, name: &str) -> About {
    let summary = loader.summary();
    About { file: name.to_owned(), packets: summary.packets, link_types: summary.link_types.clone() }
}

/// What the document of a recording says.
fn document(name: &str) -> Value {
    let loader = read(name);
    let mut written = Vec::new();
    json::write_document(&mut written, &about(&loader, name), loader.trace(), json::Options::default())
        .unwrap();
    serde_json::from_slice(&written).unwrap()
}

/// The same as text, with its derivations.
fn told(name: &str) -> String {
    let loader = read(name);
    let mut told = Vec::new();
    text::write_trace(&mut told, &about(&loader, name), loader.trace(), &text::Options::default()).unwrap();
    String::from_utf8(told).unwrap()
}

/// The rules and the facts of all findings of a conversation.
fn findings(talk: &Value) -> Vec<(String, Value)> {
    let items = talk["items"].as_array().unwrap().iter();
    let all = items.flat_map(|item| item["findings"].as_array().unwrap());
    all.chain(talk["findings"].as_array().unwrap())
        .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["facts"].clone()))
        .collect()
}

/// The texts of a conversation, by side, each with whether something is wrong with it.
fn texts(talk: &Value) -> Vec<(&str, &str, bool)> {
    let texts = talk["messages"].as_array().unwrap().iter().filter(|message| message["type"] == "text");
    texts
        .map(|message| {
            let [from, text] = ["from", "text"].map(|key| message[key].as_str().unwrap());
            (from, text, message.get("error").is_some())
        })
        .collect()
}

#[test]
fn a_compressed_message_that_breaks_a_rule_is_shown_with_the_cause() {
    for (name, expected, facts, words) in [
        (
            "deflate-tail-left.pcap",
            [true, false],
            Value::Null,
            ["the sender left 00 00 FF FF at the end", "put nothing back: the sender left 00 00 FF FF on"],
        ),
        (
            "deflate-bfinal.pcap",
            [true, false],
            Value::Null,
            ["the byte 00 behind it is missing", "put nothing back: the stream ends with BFINAL"],
        ),
        (
            "deflate-keeps-window.pcap",
            [false, true],
            json!({ "distance": 5, "own": 1 }),
            ["only 1 byte of it stands before", "in an earlier message that was to be forgotten"],
        ),
    ] {
        let document = document(name);
        let talk = &document["conversations"][0];
        let wrong: Vec<_> = texts(talk);
        assert_eq!(wrong, expected.map(|wrong| ("server", "Hello", wrong)), "{name}");
        assert_eq!(findings(talk), [("rfc7692.inflate.failed".to_owned(), facts)], "{name}");
        let text = told(name).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in words {
            assert!(text.contains(words), "{name}: {words}\n{text}");
        }
        assert_eq!(text.matches("compressed \"Hello\"").count(), 2, "{name}");
    }
}
