//! What is carried by something else: captures of TLS without keys and of preludes, as text and as what JSON says of
//! each conversation. Read a changed snapshot before you accept it: `cargo insta review`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use framescope::capture::{self, Loader};
use framescope::export::json::{self, About};
use framescope::export::text;
use serde_json::{Map, Value};

fn about(loader: &Loader, name: &str) -> About {
    let summary = loader.summary();
    About { file: name.to_owned(), packets: summary.packets, link_types: summary.link_types.clone() }
}

/// The keys of a conversation that tell of its layers.
fn layers(document: &Value) -> String {
    let one = |talk: &Value| {
        let keys = ["layer", "carrier", "protocol", "tls", "proxy"];
        let told = keys.iter().filter_map(|key| Some(((*key).to_owned(), talk.get(key)?.clone())));
        Value::Object(told.collect::<Map<_, _>>())
    };
    let talks: Vec<Value> = document["conversations"].as_array().unwrap().iter().map(one).collect();
    serde_json::to_string_pretty(&talks).unwrap()
}

#[test]
fn carried_conversations_read_as_they_did() {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::glob!("../captures", "{tls,prelude}/*.pcap*", |path| {
            let mut loader = capture::open(path, &capture::Options::default()).unwrap();
            loader.read_all().unwrap();
            let about = about(&loader, &path.file_name().unwrap().to_string_lossy());
            let mut told = Vec::new();
            let options = text::Options { brief: true, ..text::Options::default() };
            text::write_trace(&mut told, &about, loader.trace(), &options).unwrap();
            let mut written = Vec::new();
            json::write_document(&mut written, &about, loader.trace(), json::Options::default()).unwrap();
            let document = serde_json::from_slice(&written).unwrap();
            insta::assert_snapshot!(format!("{}\n{}", String::from_utf8(told).unwrap(), layers(&document)));
        });
    });
}
