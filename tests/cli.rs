//! The command line's contract, tried on the program itself.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn framescope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    framescope(args).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

/// A failure is one line on standard error, with exit status 1, and says these things.
fn fails(args: &[&str], says: &[&str]) {
    let output = run(args);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
    for words in says {
        assert!(error.contains(words), "{args:?} does not say `{words}`: {error}");
    }
}

fn json(args: &[&str]) -> Value {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("output is JSON")
}

fn bundled() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("captures/ is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    files.sort();
    assert!(files.len() > 20);
    files
}

#[test]
fn what_cannot_be_read_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    fails(&["dissect", &file("empty.pcap", b"")], &["empty.pcap", "empty"]);
    fails(&["dissect", &file("hello.txt", b"hello, this is no capture")], &["hello.txt", "pcap"]);
    fails(&["dissect", "no-such-file.pcap"], &["no-such-file.pcap"]);
    fails(&["dissect", "captures"], &["captures", "directory"]);
    fails(&["dissect", "captures/h76-perl-perl.pcapng", "--conversation", "9"], &["no conversation 9", "1"]);
    fails(&["decode", "zz"], &["`z`"]);
    fails(&["decode", ""], &["no bytes"]);
    fails(&["explain", "no-such-field"], &["no-such-field"]);
    let hixie = &["connect", "ws://127.0.0.1:1/", "--protocol", "hixie-75", "--binary", "00"];
    fails(hixie, &["hixie-75 has no binary"]);
}

#[test]
fn arguments_that_make_no_sense_are_status_2() {
    let url = "ws://127.0.0.1:1/";
    let long = "x".repeat(126);
    for args in [
        &["dissect"][..],
        &["decode", "81", "--protocol", "http/2"],
        &["dissect", "x", "--decode-as", "80"],
        &["serve", "--listen", "127.0.0.1"],
        &["serve", "--subprotocol", "two words"],
        &["replay", "captures/rfc-chat-superchat.pcap", "--to", "nowhere"],
        &["connect", url, "--header", "a: b\r\nc: d"],
        &["connect", url, "--header", "a b: c"],
        &["connect", url, "--origin", "http://a\n"],
        &["connect", url, "--subprotocol", ""],
        &["connect", url, "--close", "1005"],
        &["connect", url, "--close", &format!("1000:{long}")],
        &["connect", url, "--ping", &long],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_cut_capture_is_printed_as_far_as_it_goes() {
    let whole = std::fs::read("captures/rfc-ws8-srvping-srvfrag.pcap").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcap");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let output = run(&["dissect", "--format", "json", &path.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cut.pcap"));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!document["conversations"][0]["items"].as_array().unwrap().is_empty());
    assert!(document["findings"].to_string().contains("capture.file.cut"));
}

/// The leaves of the fields tile 0 to 8·length.
fn check_fields(item: &Value) {
    fn leaves(field: &Value, out: &mut Vec<(u64, u64)>) {
        let children = field["children"].as_array().unwrap();
        if children.is_empty() {
            out.push((field["bits"][0].as_u64().unwrap(), field["bits"][1].as_u64().unwrap()));
        }
        for child in children {
            leaves(child, out);
        }
    }
    let mut all = Vec::new();
    for field in item["fields"].as_array().unwrap() {
        leaves(field, &mut all);
    }
    let mut at = 0;
    for (start, end) in all {
        assert_eq!(start, at, "{item}");
        at = end;
    }
    assert_eq!(at, item["length"].as_u64().unwrap() * 8, "{item}");
}

#[test]
fn every_bundled_capture_is_explained_and_tiled() {
    for file in bundled() {
        let name = file.to_string_lossy().into_owned();
        let document = json(&["dissect", "--format", "json", "--fields", &name]);
        assert_eq!(document["schema"], "framescope.dissection/1");
        for conversation in document["conversations"].as_array().unwrap() {
            assert_ne!(conversation["protocol"], "unknown", "{name}");
            for item in conversation["items"].as_array().unwrap() {
                // A connection may end inside the four bytes before a frame's header: then there is no frame yet.
                let ends = |finding: &Value| finding["rule"] == "stream.ends-inside";
                let cut = item["findings"].as_array().is_some_and(|findings| findings.iter().any(ends));
                assert!(item["kind"] != "unparsed" || cut, "{name}: {item}");
                assert!(!item["packets"].as_array().unwrap().is_empty(), "{name}: {item}");
                check_fields(item);
            }
            for message in conversation["messages"].as_array().unwrap() {
                assert!(message["sha256"].is_string(), "{name}: {message}");
            }
        }
    }
}

#[test]
fn jsonl_says_what_json_says() {
    for file in bundled() {
        let name = file.to_string_lossy().into_owned();
        let document = json(&["dissect", "--format", "json", &name]);
        let lines = run(&["dissect", "--format", "jsonl", &name]);
        let mut items = vec![Vec::new(); document["conversations"].as_array().unwrap().len()];
        let mut messages = items.clone();
        for line in text(&lines.stdout).lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let Some(number) = line["conversation"].as_u64() else { continue };
            let index = number as usize - 1;
            if line["item"].is_object() {
                items[index].push(line["item"].clone());
            } else if line["message"].is_object() {
                messages[index].push(line["message"].clone());
            }
        }
        for (index, conversation) in document["conversations"].as_array().unwrap().iter().enumerate() {
            assert_eq!(conversation["items"].as_array().unwrap(), &items[index], "{name}");
            assert_eq!(conversation["messages"].as_array().unwrap(), &messages[index], "{name}");
        }
    }
}

#[test]
fn csv_has_a_row_an_item() {
    let name = "captures/rfc-ws8-srvping-srvfrag.pcap";
    let document = json(&["dissect", "--format", "json", name]);
    let output = run(&["dissect", "--format", "csv", name]);
    let mut lines = text(&output.stdout).lines();
    assert_eq!(
        lines.next(),
        Some("conversation,item,from,time,kind,opcode,fin,masked,length,payload_length,findings")
    );
    assert_eq!(lines.count(), document["conversations"][0]["items"].as_array().unwrap().len());
}

#[test]
fn a_pipe_is_read_like_a_file() {
    let name = "captures/pmd-ws8-ws8.pcap";
    let mut child = framescope(&["dissect", "--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(name).unwrap()).unwrap();
    let piped = child.wait_with_output().unwrap();
    assert!(piped.status.success());
    let file = run(&["dissect", "--format", "jsonl", name]);
    let but_the_file = |output: &Output| {
        text(&output.stdout)
            .lines()
            .filter(|line| !line.contains("\"file\""))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(but_the_file(&piped), but_the_file(&file));
}

#[test]
fn the_museum_shows_its_mistakes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/museum");
    let expected = std::fs::read(folder.join("expected.json")).unwrap();
    let expected: serde_json::Map<String, Value> = serde_json::from_slice(&expected).unwrap();
    assert!(expected.len() > 100);
    for (file, rules) in expected {
        let output = run(&["dissect", "--format", "json", "--fields", &folder.join(&file).to_string_lossy()]);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = document.to_string();
        for rule in rules.as_array().unwrap() {
            let rule = format!("\"rule\":{rule}");
            assert!(found.contains(&rule), "{file} does not show {rule}");
        }
        for conversation in document["conversations"].as_array().unwrap() {
            conversation["items"].as_array().unwrap().iter().for_each(check_fields);
        }
    }
}

#[test]
fn decode_reads_hex_from_arguments_and_standard_input() {
    let masked = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
    let document = json(&["decode", "--format", "json", masked]);
    let conversation = &document["conversations"][0];
    assert_eq!(conversation["messages"][0]["text"], "Hello");
    assert_eq!(conversation["items"][0]["frame"]["mask"], "37fa213d");
    // Every frame has every key.
    for (hex, protocol, keys) in [
        ("8100", "rfc6455", &["opcode", "fin", "rsv", "masked", "mask", "payload_length"][..]),
        ("81fe", "rfc6455", &["opcode", "fin", "rsv", "masked", "mask", "payload_length"]),
        ("0048ff", "hixie-76", &["opcode", "type", "payload_length"]),
        ("8081", "hixie-76", &["opcode", "type", "payload_length"]),
    ] {
        let document = json(&["decode", "--format", "json", "--protocol", protocol, hex]);
        let frame = document["conversations"][0]["items"][0]["frame"].as_object().unwrap();
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        assert_eq!(frame.keys().collect::<Vec<_>>(), keys, "{hex}");
        assert!(frame.get("mask").is_none_or(Value::is_null), "{hex}");
    }
    let mut child = framescope(&["decode", "--raw", "--format", "json", "--protocol", "hixie-76", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"\x00Hello\xff\xff\x00").unwrap();
    let document: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    let messages = &document["conversations"][0]["messages"];
    assert_eq!((&messages[0]["text"], &messages[1]["type"]), (&Value::from("Hello"), &Value::from("close")));
    assert_eq!(messages[1]["code"], Value::Null);
}

#[test]
fn decode_reads_what_people_have_in_the_clipboard() {
    for (file, form) in [
        ("dotnet", "hex"),
        ("offset", "hex-dump"),
        ("wireshark", "hex-dump"),
        ("xxd", "hex-dump"),
        ("python", "string"),
    ] {
        let name = format!("tests/reports/paste-{file}.txt");
        let decode = |format: &str| {
            framescope(&["decode", "--format", format, "-"])
                .stdin(std::fs::File::open(&name).unwrap())
                .output()
                .unwrap()
        };
        let document: Value = serde_json::from_slice(&decode("json").stdout).unwrap();
        assert_eq!(document["taken_as"], form, "{name}");
        let talk = &document["conversations"][0];
        let items = talk["items"].as_array().unwrap();
        assert_eq!(
            (items.len(), &items[0]["length"], &talk["messages"][0]["text"]),
            (1, &7.into(), &"Hello".into())
        );
        let output = decode("text");
        let said = text(&output.stdout).lines().next().unwrap_or_default().to_owned();
        assert!(output.status.success() && said.starts_with("Taken as "), "{name}: {said}");
    }
    let document = json(&["decode", "--format", "json", "<Buffer 81 7e 01 00 48 ... 255 more bytes>"]);
    assert_eq!((&document["taken_as"], &document["left_out"]), (&"array".into(), &255.into()));
    // A packet of IP and TCP, as `tcpdump -x` prints it.
    let packet =
        "4500002f000040004006000a7f0000017f000002c3500050000000070000000050000400000000008105 48656c6c6f";
    let document = json(&["decode", "--format", "json", packet]);
    assert_eq!(document["taken_from"][0]["from"], "127.0.0.1:50000");
    assert_eq!(document["conversations"][0]["messages"][0]["text"], "Hello");
    fails(&["decode", r"b'\x81\q'"], &["position 7", "escape"]);
    fails(&["decode", "{0x81, 500}"], &["`500`", "position 8"]);
}

#[test]
fn decode_as_names_what_a_recording_without_a_handshake_speaks() {
    let document = json(&["dissect", "--format", "json", "captures/hard-midstream-rfc.pcap"]);
    let server = document["conversations"][0]["server"].as_str().unwrap().to_owned();
    let port = server.rsplit(':').next().unwrap();
    let told = format!("{port}=hybi-8");
    let document =
        json(&["dissect", "--format", "json", "--decode-as", &told, "captures/hard-midstream-rfc.pcap"]);
    assert_eq!(document["conversations"][0]["protocol"], "hybi-8");
}

#[test]
fn a_message_that_does_not_inflate_says_why() {
    let error = |file: &str| {
        let document = json(&["dissect", "--format", "json", &format!("captures/museum/{file}")]);
        let messages = document["conversations"][0]["messages"].as_array().unwrap().clone();
        messages.iter().find_map(|message| message["error"].as_str().map(str::to_owned)).unwrap()
    };
    assert!(error("client-deflate-bomb.pcapng").contains("the limit of 67108864 bytes"));
    assert!(error("client-inflate-fails.pcapng").contains("no DEFLATE stream"));
}

#[test]
fn completions_the_manual_and_help_are_made() {
    for args in [&["completions", "bash"][..], &["man"], &["--help"], &["dissect", "--help"], &["explain"]] {
        let output = run(args);
        assert!(output.status.success() && output.stdout.len() > 200, "{args:?}");
    }
}

#[test]
fn packets_are_shown_with_their_headers() {
    let name = "captures/h76-jsclient-ws04.pcapng";
    let output = run(&["packets", name, "8", "--format", "json"]);
    let packet: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&packet["packet"], &packet["length"], &packet["link_type"]),
        (&8.into(), &67.into(), &"ETHERNET".into())
    );
    check_fields(&packet);
    // The type byte of a frame of hixie-76: the segment carries nothing else.
    let fields = packet["fields"].to_string();
    assert!(fields.contains(r#""bits":[528,536],"children":[],"id":"tcp-payload","value":"00""#), "{fields}");
    let whole = run(&["packets", name]);
    assert_eq!(text(&whole.stdout).matches("\nPacket ").count() + 1, 52);
    fails(&["packets", name, "53"], &["no packet 53", "52"]);
    fails(&["packets", "captures/hard-gzip.pcap.gz"], &["compressed"]);
}

#[test]
fn a_conversation_is_exported_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("some.pcapng");
    let out = out.to_str().unwrap();
    let capture = "captures/rfc-chat-superchat.pcap";
    let export =
        ["export", capture, "--conversation", "2", "--items", "3..4", "--format", "pcapng", "-o", out];
    assert!(run(&export).status.success());
    let again = json(&["dissect", out, "--format", "json"]);
    let items = again["conversations"][0]["items"].as_array().unwrap();
    // The handshake, and the two that were asked for.
    assert_eq!(items.len(), 4);
    assert_eq!(again["conversations"][0]["messages"][0]["text"], "join lobby");
    let archive = json(&["export", capture, "--conversation", "1", "--format", "har"]);
    assert_eq!(archive["log"]["entries"][0]["_webSocketMessages"][0]["data"], "join lobby");
    fails(&["export", capture, "--conversation", "4", "--format", "csv"], &["no conversation 4", "has 3"]);
    let beyond = ["export", capture, "--conversation", "1", "--items", "9..11", "--format", "csv"];
    fails(&beyond, &["no item 11", "has 10"]);
}

#[test]
fn a_capture_can_be_exported_over_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    std::fs::copy("captures/h76-jsclient-ws04.pcapng", &path).unwrap();
    let path = path.to_str().unwrap();
    let items = || {
        let document = json(&["dissect", "--format", "json", path]);
        document["conversations"][0]["items"].as_array().unwrap().len()
    };
    let before = items();
    // The capture is mapped while it is read: writing into it would change what is written.
    let output = run(&["export", path, "-o", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(items(), before);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_cut_while_it_is_printed_ends_in_one_line() {
    use std::io::Read;

    // The packets of a small capture, as those of very many connections: more than a pipe holds when they are printed.
    let small = std::fs::read("captures/rfc-refused-403.pcap").unwrap();
    let mut whole = small[..24].to_vec();
    for port in 10_000..14_000u16 {
        let mut at = 24;
        while at < small.len() {
            let length = u32::from_le_bytes(small[at + 8..at + 12].try_into().unwrap()) as usize;
            let mut record = small[at..at + 16 + length].to_vec();
            // Ethernet and IPv4 stand before the ports; the client's is the one that is not the server's.
            let ports = 16 + 14 + 20;
            let server = 9101u16.to_be_bytes();
            let client = if record[ports..ports + 2] == server { ports + 2 } else { ports };
            record[client..client + 2].copy_from_slice(&port.to_be_bytes());
            whole.extend(record);
            at += 16 + length;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pcap");
    for format in ["jsonl", "csv", "json", "text"] {
        std::fs::write(&path, &whole).unwrap();
        let mut command = framescope(&["dissect", "--format", format, path.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        // It is printing, and waits for somebody to read on.
        let mut begin = [0; 1000];
        out.read_exact(&mut begin).unwrap();
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap();
        let mut rest = Vec::new();
        out.read_to_end(&mut rest).unwrap();
        let output = child.wait_with_output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{format}: {error}");
        assert_eq!(error.lines().count(), 1, "{format}: {error}");
        let length = whole.len();
        let said =
            format!("cut.pcap was cut while it was read: of its {length} bytes those from 5000 on are gone");
        assert!(error.contains(&said), "{format}: {error}");
    }
}
