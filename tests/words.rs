//! The catalogue and the code fit: no word is missing, none is left over.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use framescope::analysis::pointer::Pointer;
use framescope::capture::paste;
use framescope::capture::typed::parse_hex;
use framescope::endpoint::{WsUrl, listen_address};
use framescope::model::derive::{Derivation, ItemRef, Shown};
use framescope::model::dialect::HYBI4;
use framescope::model::field::BitRange;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::tells::Tells;
use framescope::wire::deflate::tokens::Broken;
use framescope::wire::frame::coding::Coding;
use framescope::wire::frame::{hixie, hybi};
use framescope::wire::http::{Head, MAX_HEAD, header, parse_head};
use framescope::wire::{Parse, deflate, handshake, utf8};
use framescope::words::{self, Words, message_id};
use framescope::{capture, trace};

/// All source text.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// What stands in quotes and could be the id of a message.
fn quoted(text: &str) -> BTreeSet<&str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.{}_".contains(c);
    text.split('"').filter(|part| part.contains('-') && part.chars().all(plain)).collect()
}

#[test]
fn every_word_that_the_code_asks_for_is_in_the_catalogue() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let mut asked = 0;
    let calls = [
        "words::text(",
        "words::with(",
        "words.text(",
        "words.with(",
        "words.count(",
        "with(words, ",
        "say(words, ",
    ];
    for call in calls {
        for (at, _) in text.match_indices(call) {
            // What is asked for by a name is a constant somewhere else.
            let Some(rest) = text[at + call.len()..].trim_start().strip_prefix('"') else { continue };
            let id = rest.split('"').next().unwrap();
            let exists =
                Words::english().find(id).is_some() || !id.contains('-') || id.contains([' ', '(', '&']);
            assert!(exists, "the catalogue has no `{id}`");
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked}");
}

#[test]
fn no_word_is_left_over() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let quoted = quoted(&text);
    // Ids that are put together: `inspector-kind-{…}`.
    let beginnings: Vec<&str> = quoted.iter().filter_map(|id| Some(id.split_once('{')?.0)).collect();
    let groups = ["field-", "rule-", "finding-", "derivation-", "fault-"];
    for id in words::Words::english().ids() {
        let message = id.split('.').next().unwrap();
        let used = quoted.contains(id)
            || quoted.contains(message)
            || groups.iter().any(|group| id.starts_with(group))
            || beginnings.iter().any(|begin| !begin.is_empty() && id.starts_with(begin));
        assert!(used, "nothing asks for `{id}`");
    }
}

/// The derivations of every item of every bundled capture.
fn derivations_of_captures() -> Vec<Derivation> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut all = Vec::new();
    for folder in [folder.join("museum"), folder] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|kind| kind != "pcap" && kind != "pcapng") {
                continue;
            }
            let mut loader = capture::open(&path, &capture::Options::default()).unwrap();
            // A damaged capture is one too.
            let _ = loader.read_all();
            let trace = loader.into_trace();
            for talk in trace.conversations() {
                for number in 0..talk.items.len().min(200) {
                    all.extend(trace::derivations(talk, &trace.store, number));
                }
            }
        }
    }
    all
}

fn head(text: &str, side: Side) -> Head {
    match parse_head(text.as_bytes(), side, MAX_HEAD) {
        Parse::Done(head, _) => head,
        other => panic!("{other:?}"),
    }
}

fn hixie_answer(key1: &str) -> Vec<Derivation> {
    let request = format!(
        "GET / HTTP/1.1\r\nSec-WebSocket-Key1: {key1}\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n"
    );
    let (request, response) = (head(&request, Side::Client), head("HTTP/1.1 101 x\r\n\r\n", Side::Server));
    handshake::derivations(Protocol::Hixie76, &request, b"^n:ds[4U", &response, &[0; 16])
}

fn inflation(payload: &[u8], history: &[u8], bits: u8, kept: bool) -> Derivation {
    let place = BitRange::bytes(2, 2 + payload.len());
    deflate::derivation(
        payload,
        &[(ItemRef::This, place)],
        history,
        deflate::Window { bits, kept, unit: deflate::Unit::Message },
    )
}

/// Derivations of what no bundled capture holds.
fn odd_derivations() -> Vec<Derivation> {
    let mut all = Vec::new();
    // No digits, no spaces, a number that is too large, a division that leaves a rest.
    for key in ["a b", "12", "99999999999 ", "7  x"] {
        all.extend(hixie_answer(&format!("{key}!")));
    }
    let text = |from: &str| Vec::from(from);
    let noise: Vec<u8> = (0_u64..9000).map(|n| ((n * n * 2_654_435_761) >> 16) as u8).collect();
    let words: Vec<u8> = (0..900).flat_map(|n| format!("{} ", n * n).into_bytes()).collect();
    let far = [&b"Hello, world"[..], &[b'a'; 600], b"Hello, world"].concat();
    let stored = [&b"\x00\x05\x00\xfa\xffHello"[..], b"\x00"].concat();
    let pack = |bytes: &[u8]| deflate::Deflater::new(15, true, 9).compress(bytes);
    for (payload, history, bits) in [
        (text("\u{0}"), text(""), 15),
        (b"\xf2\x00\x11\x00\x00".to_vec(), text("Hello"), 15),
        (b"\xf2\x00\x11\x00\x00".to_vec(), text(""), 15),
        (b"\x07".to_vec(), text(""), 15),
        (b"\xf2\x48".to_vec(), text(""), 15),
        (stored, text(""), 15),
        (pack(&words), text(""), 15),
        (pack(&noise), text(""), 15),
        (pack(&far), text(""), 8),
    ] {
        all.push(inflation(&payload, &history, bits, true));
    }
    // A window that was not to be kept, the tail left on, BFINAL without a byte behind it, a zlib header.
    for payload in [
        &b"\xf2\x00\x11\x00\x00"[..],
        b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00",
        b"\x78\x9c\xf2\x48\xcd\xc9\xc9\x07\x00",
    ] {
        all.push(inflation(payload, b"Hello", 15, false));
    }
    let of_frame = deflate::Window { bits: 15, kept: true, unit: deflate::Unit::Frame };
    for payload in [&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], b"\xf2\x48"] {
        let place = BitRange::bytes(2, 2 + payload.len());
        all.push(deflate::derivation(payload, &[(ItemRef::This, place)], &[], of_frame));
    }
    let mut stream = deflate::stream::StreamInflater::default();
    stream.feed(b"\xf2\x48", u64::MAX, &mut |_| ()).unwrap();
    all.push(deflate::of_stream(&stream, 2, b"\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"));
    let whole = |bytes: &[u8]| BitRange::bytes(0, bytes.len());
    for bytes in [&b"\xffa"[..], b"\xe4\xbd", &[b'a'; 300]] {
        all.push(utf8::derivation(bytes, whole(bytes)));
    }
    let long = [&b"\x82\xff\0\0\0\0\0\x01\0\0key!"[..], &vec![1; 65536]].concat();
    // The frame of hybi-04, whose mask is hashed.
    let hashed = Coding::of(&HYBI4, Side::Client, Some([0x5A; 20]));
    all.extend(hybi::unmask_derivation(&hashed, b"\x37\xfa\x21\x3d\x06\x45\x7d\xc9\x39\x2a\x52"));
    all.extend(hybi::length_derivation(&Coding::LATEST, &long));
    all.extend(hybi::unmask_derivation(&Coding::LATEST, &long));
    all.extend(hixie::length_derivation(&[&b"\x80\x82\x2c"[..], &[0; 300]].concat()));
    all
}

/// The ids of the messages that a derivation is told with.
fn messages(derivation: &Derivation, ids: &mut BTreeSet<String>) {
    fn of(id: String, form: &str) -> String {
        if form.is_empty() { id } else { format!("{id}.{form}") }
    }
    fn shown(operation: &str, what: &Shown, ids: &mut BTreeSet<String>) {
        match what {
            Shown::Words(facts) => {
                ids.insert(of(format!("shown-{operation}"), facts.which()));
            }
            Shown::Parts(parts) => parts.iter().for_each(|part| shown(operation, part, ids)),
            _ => {}
        }
    }
    ids.insert(message_id("derivation", derivation.id));
    for step in &derivation.steps {
        ids.insert(of(format!("step-{}", step.operation), step.label.which()));
        shown(step.operation, &step.shown, ids);
        if step.output.is_empty() {
            ids.insert("step-no-result".to_owned());
        }
    }
}

#[test]
fn every_derivation_is_told_in_every_language() {
    let (english, pseudo) = (Words::english(), Words::pseudo());
    let mut ids = BTreeSet::new();
    for derivation in derivations_of_captures().iter().chain(&odd_derivations()) {
        messages(derivation, &mut ids);
        let told = serde_json::to_string(&english.told(derivation)).unwrap();
        assert!(!told.contains("{$") && !told.contains("{ $"), "{told}");
        assert_ne!(english.derivation(derivation), pseudo.derivation(derivation));
        for step in &derivation.steps {
            assert_ne!(english.step(step), pseudo.step(step));
            if matches!(step.shown, Shown::Words(_)) && !["digits", "concat"].contains(&step.operation) {
                assert_ne!(english.shown(step), pseudo.shown(step));
            }
        }
    }
    let groups = ["derivation-", "step-", "shown-"];
    let known: BTreeSet<String> = english
        .ids()
        .filter(|id| groups.iter().any(|group| id.starts_with(group)))
        .map(str::to_owned)
        .collect();
    let untold: Vec<_> = known.difference(&ids).collect();
    assert!(untold.is_empty(), "no derivation says {untold:?}");
    let missing: Vec<_> = ids.difference(&known).collect();
    assert!(missing.is_empty(), "the catalogue has no {missing:?}");
}

#[test]
fn every_error_is_told_in_every_language() {
    fn tell(error: &impl Tells, ids: &mut BTreeSet<String>) {
        let (english, pseudo) = (Words::english().error(error), Words::pseudo().error(error));
        assert!(english != pseudo && !english.contains("{$") && !english.contains("error-"), "{english}");
        let (id, facts) = (error.message_id(), error.facts());
        ids.insert(if facts.which().is_empty() { id.to_owned() } else { format!("{id}.{}", facts.which()) });
    }
    let mut ids = BTreeSet::new();
    let name = || "a.pcap".to_owned();
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    for error in [
        capture::Error::Io { name: name(), source: gone() },
        capture::Error::Directory { name: name() },
        capture::Error::Empty { name: name() },
        capture::Error::NotACapture { name: name(), begins: "00".to_owned() },
        capture::Error::Cut { name: name(), unit: "block", at: 24, needed: 40, there: 3, packets: 1 },
        capture::Error::Lost { name: name(), at: 24, length: 100 },
        capture::Error::Packed { name: name(), packing: "gzip", at: 5, source: gone(), packets: 2 },
        capture::Error::Foreign { name: name(), form: "foreign-packed", what: "bzip2" },
        capture::Error::Foreign { name: name(), form: "foreign-recording", what: "Omnipeek" },
        capture::Error::Foreign { name: name(), form: "foreign-har", what: "HAR" },
        capture::Error::Foreign { name: name(), form: "foreign-keys", what: "NSS" },
    ] {
        tell(&error, &mut ids);
    }
    for text in
        ["wss://a", "http://a", "ws://", "ws://a:0", "ws://::1/", "ws://a/#b", "ws://me@a/", "ws://a/\u{e4}"]
    {
        tell(&text.parse::<WsUrl>().unwrap_err(), &mut ids);
    }
    tell(&listen_address("here").unwrap_err(), &mut ids);
    for text in ["a b: c", "a: b\n", "a"] {
        tell(&header(text).unwrap_err(), &mut ids);
    }
    for text in ["g", "1"] {
        tell(&parse_hex(text).unwrap_err(), &mut ids);
    }
    for text in ["g", "1", "[0x81, 256]", "'", r"\q", "00000000: 81\n00000005: 00", "0000: 81\n0000: 81"] {
        tell(&paste::read(text).unwrap_err(), &mut ids);
    }
    let there = |problem| paste::Unread { line: Some(2), position: 1, problem };
    for problem in [
        paste::Problem::OtherWay,
        paste::Problem::Missing(2),
        paste::Problem::NothingCarried,
        paste::Problem::TooLong(paste::MAX_BYTES),
    ] {
        tell(&there(problem), &mut ids);
    }
    tell(&"id".parse::<Pointer>().unwrap_err(), &mut ids);
    for key in ["x", "99999999999", "1", "7  "] {
        tell(&handshake::hixie76::KeyReading::read(key.as_bytes()).quotient().unwrap_err(), &mut ids);
    }
    for broken in [Broken::BlockType, Broken::StoredLength, Broken::Codes, Broken::Symbol] {
        tell(&broken, &mut ids);
    }
    tell(&trace::PayloadError::Forgotten, &mut ids);
    tell(&trace::PayloadError::TooLarge, &mut ids);
    let told: Vec<_> = Words::english()
        .ids()
        // What is wrong with a record is tested where records are read.
        .filter(|id| {
            id.starts_with("error-") && !id.starts_with("error-format") && *id != "error-capture.damaged"
        })
        .filter(|id| !ids.contains(*id))
        .collect();
    assert!(told.is_empty(), "no error says {told:?}");
}
