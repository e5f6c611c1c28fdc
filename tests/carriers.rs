//! What is carried by something else: captures of TLS without keys and of preludes, as text and as what JSON says of
//! each conversation. Read a changed snapshot before you accept it: `cargo insta review`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use framescope::analysis::overview::Overview;
use framescope::analysis::statistics::ConversationStatistics;
use framescope::capture::{self, Loader};
use framescope::export::json::{self, About};
use framescope::export::{list, text};
use framescope::trace::{self, ItemKind};
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

fn load(name: &str) -> Loader {
    let path = format!("{}/captures/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut loader = capture::open(path, &capture::Options::default()).unwrap();
    loader.read_all().unwrap();
    loader
}

fn told(loader: &Loader, options: &text::Options) -> String {
    let mut out = Vec::new();
    text::write_trace(&mut out, &about(loader, "x"), loader.trace(), options).unwrap();
    String::from_utf8(out).unwrap()
}

/// The line of an item and the field of all its bytes call it the same.
#[test]
fn a_message_of_a_prelude_has_one_name() {
    let mut seen = 0;
    for name in ["proxy-v1", "proxy-v2", "socks5"] {
        let loader = load(&format!("prelude/{name}.pcapng"));
        let text = told(&loader, &text::Options { brief: true, ..text::Options::default() });
        for talk in loader.trace().conversations() {
            for (number, item) in talk.items.iter().filter(|(_, item)| item.kind == ItemKind::Prelude) {
                let field = trace::fields(talk, &loader.trace().store, number).unwrap();
                let line = format!("{} B  {}\n", item.length, field.kind.name);
                assert!(text.contains(&line), "{line}{text}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 8);
}

/// What a registry writes in hexadecimal is written so here, and what it writes in decimals in decimals.
#[test]
fn numbers_of_tls_are_written_as_its_rfcs_do() {
    let loader = load("tls/wss13-aes128gcm.pcapng");
    let text = told(&loader, &text::Options { fields: true, ..text::Options::default() });
    for (name, value) in [
        ("type", "22 handshake"),
        ("type", "23 application_data"),
        ("msg_type", "1 client_hello"),
        ("legacy_record_version", "0x0301 TLS 1.0"),
        ("legacy_version", "0x0303 TLS 1.2"),
        ("ProtocolVersion", "0x0304 TLS 1.3"),
        ("cipher_suite", "0x1301 TLS_AES_128_GCM_SHA256"),
        ("NamedGroup", "0x001d x25519"),
        ("SignatureScheme", "0x0804 rsa_pss_rsae_sha256"),
        ("extension_type", "43 supported_versions"),
    ] {
        let shows =
            |line: &str| line.split_once(name).is_some_and(|(_, rest)| rest.trim_start().starts_with(value));
        assert!(text.lines().any(shows), "{name} {value}");
    }
    assert!(!text.contains("771 TLS"), "{text}");
}

/// Nobody knows what stays hidden: not that it was nothing, nor when it began.
#[test]
fn what_stays_hidden_is_not_said_to_be_nothing() {
    let loader = load("tls/wss13-aes128gcm.pcapng");
    let text = told(&loader, &text::Options { brief: true, ..text::Options::default() });
    assert!(text.contains("2910 encrypted bytes stay hidden"), "{text}");
    assert!(!text.contains("no bytes were sent") && !text.contains("0.000000)"), "{text}");
    let trace = loader.trace();
    let inner = &trace.conversations()[1];
    assert_eq!((inner.hidden(), inner.start()), (Some([642, 2268]), None));
    assert_eq!(trace.conversations()[0].hidden(), None);
    let mut line = Vec::new();
    let mut counted = ConversationStatistics::default();
    counted.advance(inner, &trace.store);
    list::push_csv(&mut line, "x", &Overview::of(1, inner, &counted));
    let line = String::from_utf8(line).unwrap();
    assert!(line.ends_with(",127.0.0.1:9443,,,,,,,,,,closed,,,0,0,1\n"), "{line}");
}
