//! `dissect` and `list` as a process: pipes, growing files, signals, filters, clocks, messages as rows, what is folded.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn framescope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).env_remove("TZ");
    command
}

fn run(args: &[&str]) -> Output {
    framescope(args).output().expect("the program runs")
}

fn succeeds(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&succeeds(args)).expect("output is JSON")
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The rows of CSV, as RFC 4180 has them.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    assert!(!quoted && row.is_empty() && cell.is_empty(), "the last line ends");
    rows
}

fn bundled() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().contains(".pcap"));
    files.sort();
    assert!(files.len() > 20);
    files.into_iter().map(|path| path.to_string_lossy().into_owned()).collect()
}

const CHAT: &str = "captures/rfc-chat-superchat.pcap";

/// A pcap of one connection whose opening was recorded: what the sides send, a packet each.
fn capture(parts: &[(bool, Vec<u8>)]) -> Vec<u8> {
    fn packet(out: &mut Vec<u8>, number: u32, from_client: bool, flags: u8, seq: u32, ack: u32, data: &[u8]) {
        let (source, target) = if from_client { (40_000u16, 80u16) } else { (80, 40_000) };
        let mut tcp = Vec::new();
        tcp.extend(source.to_be_bytes());
        tcp.extend(target.to_be_bytes());
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(data);
        let length = tcp.len() as u16 + 20;
        let mut ip = vec![0x45, 0];
        ip.extend(length.to_be_bytes());
        ip.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        ip.extend(if from_client { [10, 0, 0, 1, 10, 0, 0, 2] } else { [10, 0, 0, 2, 10, 0, 0, 1] });
        ip.extend(tcp);
        out.extend((1_700_000_000 + number / 1000).to_le_bytes());
        out.extend((number % 1000 * 1000).to_le_bytes());
        out.extend((ip.len() as u32).to_le_bytes());
        out.extend((ip.len() as u32).to_le_bytes());
        out.extend(ip);
    }
    let mut out = Vec::new();
    out.extend(0xa1b2_c3d4_u32.to_le_bytes());
    out.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    out.extend(0x4_0000_u32.to_le_bytes());
    out.extend(101u32.to_le_bytes());
    let (mut number, mut next) = (2, [1u32, 1u32]);
    packet(&mut out, 0, true, 0x02, 0, 0, &[]);
    packet(&mut out, 1, false, 0x12, 0, 1, &[]);
    for (from_client, data) in parts {
        let (own, other) = if *from_client { (0, 1) } else { (1, 0) };
        packet(&mut out, number, *from_client, 0x18, next[own], next[other], data);
        next[own] += data.len() as u32;
        number += 1;
    }
    out
}

const REQUEST: &[u8] =
    b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A frame of the server.
fn frame(first: u8, payload: &[u8]) -> (bool, Vec<u8>) {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(length as u8),
        length => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend(payload);
    (false, frame)
}

fn opened(frames: impl IntoIterator<Item = (bool, Vec<u8>)>) -> Vec<u8> {
    let opening = [(true, REQUEST.to_vec()), (false, RESPONSE.to_vec())];
    capture(&opening.into_iter().chain(frames).collect::<Vec<_>>())
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn a_filter_says_in_every_format_what_the_items_are() {
    let expression = "from:client opcode:text";
    let whole = json(&["dissect", "--format", "json", CHAT]);
    let some = json(&["dissect", "--format", "json", "--filter", expression, CHAT]);
    let mut wanted = 0;
    for (whole, some) in
        whole["conversations"].as_array().unwrap().iter().zip(some["conversations"].as_array().unwrap())
    {
        let fits = |item: &&Value| item["from"] == "client" && item["frame"]["opcode"] == "text";
        let items: Vec<&Value> = whole["items"].as_array().unwrap().iter().filter(fits).collect();
        assert_eq!(some["items"].as_array().unwrap().iter().collect::<Vec<_>>(), items);
        wanted += items.len();
        let fits = |message: &&Value| message["from"] == "client" && message["type"] == "text";
        let messages: Vec<&Value> = whole["messages"].as_array().unwrap().iter().filter(fits).collect();
        assert_eq!(some["messages"].as_array().unwrap().iter().collect::<Vec<_>>(), messages);
    }
    assert_eq!(wanted, 9);
    let with = |format: &str| succeeds(&["dissect", "--format", format, "--filter", expression, CHAT]);
    let lines = json_lines(&with("jsonl"));
    assert_eq!(lines.iter().filter(|line| line["item"].is_object()).count(), 9);
    assert_eq!(lines.iter().filter(|line| line["message"].is_object()).count(), 9);
    assert_eq!(csv(&with("csv")).len(), 10);
    assert_eq!(json_lines(&with("messages-jsonl")).len(), 9);
    assert_eq!(csv(&with("messages-csv")).len(), 10);
    let text = succeeds(&["dissect", "--brief", "--filter", expression, CHAT]);
    assert_eq!(text.matches("C ──▶ S  text").count(), 9);
    assert!(text.ends_with("9 items match, of 30 items, in 3 conversations\n"), "{text}");
}

#[test]
fn a_filter_that_wants_nothing_is_no_failure() {
    for format in ["text", "json", "jsonl", "csv", "messages-jsonl", "messages-csv"] {
        let text = succeeds(&["dissect", "--format", format, "--filter", "no-such-word", CHAT]);
        assert!(!text.contains("lobby"), "{format}: {text}");
    }
    let document = json(&["dissect", "--format", "json", "--filter", "no-such-word", CHAT]);
    assert_eq!(document["conversations"], Value::Array(Vec::new()));
    assert!(succeeds(&["list", "--filter", "no-such-word", CHAT]).contains("0 of 3 conversations"));
    let output = run(&["dissect", "--filter", "(from:client", CHAT]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}

/// A message is found by what all its frames say together, compressed or in parts, and each is inflated once.
#[test]
fn messages_are_found_by_their_whole_text() {
    let text = succeeds(&[
        "dissect",
        "--format",
        "messages-jsonl",
        "--filter",
        "emoji",
        "captures/pmd-ws8-ws8.pcap",
    ]);
    let lines = json_lines(&text);
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line["text"].as_str().unwrap().contains("emoji")), "{text}");
    assert!(lines.iter().any(|line| line["compressed"] == true));
    let folder = tempfile::tempdir().unwrap();
    let parts = [frame(0x01, b"need"), frame(0x00, b"le in "), frame(0x89, b"hay"), frame(0x80, b"parts")];
    let path = file(&folder, "parts.pcap", &opened(parts));
    let lines =
        json_lines(&succeeds(&["dissect", "--format", "messages-jsonl", "--filter", "needle", &path]));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["text"], "needle in parts");
    assert_eq!(lines[0]["items"], serde_json::json!([3, 4, 6]));
}

#[test]
fn messages_are_rows_that_say_what_json_says() {
    let columns =
        "conversation,message,time,url,from,type,length,wire_length,compressed,text,base64,code,reason,items";
    for name in bundled() {
        let document = json(&["dissect", "--format", "json", "--payloads", &name]);
        let lines = json_lines(&succeeds(&["dissect", "--format", "messages-jsonl", &name]));
        let table = csv(&succeeds(&["dissect", "--format", "messages-csv", &name]));
        assert_eq!(table[0].join(","), columns);
        let mut rows = table[1..].iter();
        let mut count = 0;
        for conversation in document["conversations"].as_array().unwrap() {
            for message in conversation["messages"].as_array().unwrap() {
                let fits = |line: &&Value| {
                    line["conversation"] == conversation["id"] && line["message"] == message["n"]
                };
                let line = lines.iter().find(fits).expect("a line for the message");
                for key in ["time", "from", "type", "length", "compressed", "items"] {
                    assert_eq!(line[key], message[key], "{name}: {key} of {line}");
                }
                match message["type"].as_str().unwrap() {
                    "text" => assert_eq!(line["text"], message["text"]),
                    "close" => assert_eq!(line["code"], message["code"]),
                    _ => assert_eq!(line["base64"], message["base64"], "{name}"),
                }
                assert_eq!(line.as_object().unwrap().len(), columns.split(',').count());
                count += 1;
            }
        }
        assert_eq!(lines.len(), count, "{name}");
        for line in &lines {
            let row = rows.next().expect("a row for the line");
            for (key, cell) in columns.split(',').zip(row) {
                let value = match &line[key] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    Value::Array(items) => items.iter().map(Value::to_string).collect::<Vec<_>>().join(" "),
                    other => other.to_string(),
                };
                let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                assert_eq!(*cell, if formula { format!("'{value}") } else { value }, "{name}: {key}");
            }
        }
        assert!(rows.next().is_none());
    }
}

#[test]
fn a_spreadsheet_takes_no_message_for_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let close = [&1000u16.to_be_bytes()[..], b"@sum"].concat();
    let frames = [
        frame(0x81, b"=cmd|' /C calc'!A0"),
        frame(0x81, b"a \"quoted\", text\r\nin two lines"),
        frame(0x82, &[0xf8, 0xff]),
        frame(0x88, &close),
    ];
    let path = file(&folder, "formulas.pcap", &opened(frames));
    let text = succeeds(&["dissect", "--format", "messages-csv", &path]);
    assert!(text.contains(",\"'=cmd|' /C calc'!A0\","), "{text}");
    assert!(text.contains(",\"a \"\"quoted\"\", text\r\nin two lines\","), "{text}");
    assert!(text.contains(",\"'@sum\","), "{text}");
    let rows = csv(&text);
    assert_eq!(rows.len(), 5);
    // Base64 that a spreadsheet would read as a sum.
    assert_eq!(rows[3][10], "'+P8=");
    assert_eq!((rows[4][11].as_str(), rows[4][12].as_str()), ("1000", "'@sum"));
}

#[test]
fn clocks_show_the_same_moment() {
    let name = "captures/rfc-refused-403.pcap";
    let shown = |clock: &str, zone: &str| {
        let output =
            framescope(&["dissect", "--brief", "--time", clock, name]).env("TZ", zone).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(shown("relative", "UTC"), succeeds(&["dissect", "--brief", name]));
    assert!(shown("utc", "UTC").contains(" 2026-11-22T22:30:37.959656Z "));
    assert!(shown("epoch", "UTC").contains(" 1795386637.959656 "));
    assert!(shown("delta", "UTC").contains(" 0.002031 "));
    // A rule of POSIX, which needs no data of the system; it is winter.
    assert!(shown("local", "CET-1CEST,M3.5.0,M10.5.0/3").contains(" 2026-11-22T23:30:37.959656+01:00 "));
    let output = framescope(&["dissect", "--time", "local", name]).env("TZ", "No/Where").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--time utc"));
}

#[test]
fn payloads_are_there_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "two.pcap", &opened([frame(0x81, b"Hello"), frame(0x82, &[0, 255])]));
    for format in ["json", "jsonl"] {
        assert!(!succeeds(&["dissect", "--format", format, &path]).contains("base64"));
        let text = succeeds(&["dissect", "--format", format, "--payloads", &path]);
        assert!(text.contains("SGVsbG8=") && text.contains("AP8="), "{text}");
    }
}

/// The first lines of a process that goes on.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads lines until one says this.
    fn until(&mut self, says: &str) -> String {
        loop {
            let line =
                self.lines.next().unwrap_or_else(|| panic!("the output ended before `{says}`")).unwrap();
            if line.contains(says) {
                return line;
            }
        }
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// What is still printed, and the exit status.
    fn rest(mut self) -> (String, Option<i32>) {
        let rest: Vec<String> = self.lines.by_ref().map(Result::unwrap).collect();
        let status = self.child.wait().unwrap();
        let mut error = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert_eq!(error, "");
        (rest.join("\n"), status.code())
    }
}

#[test]
fn text_is_printed_while_a_pipe_is_read() {
    let whole = opened([frame(0x81, b"first"), frame(0x81, b"second")]);
    let half = opened([frame(0x81, b"first")]).len();
    let mut command = framescope(&["dissect", "--brief", "-"]);
    command.stdin(Stdio::piped());
    let mut running = Running::start(command);
    let mut pipe = running.child.stdin.take().unwrap();
    pipe.write_all(&whole[..half + 10]).unwrap();
    running.until("Conversation 1");
    running.until("\"first\"");
    // Nothing has ended: this came while the pipe was open.
    pipe.write_all(&whole[half + 10..]).unwrap();
    running.until("\"second\"");
    drop(pipe);
    let (rest, status) = running.rest();
    assert!(rest.contains("4 items, 2 messages"), "{rest}");
    assert_eq!(status, Some(0));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_reading_of_a_pipe_and_not_the_output() {
    let bytes = opened([frame(0x81, b"first"), frame(0x81, b"second")]);
    for (signal, format, last) in [
        ("-INT", "text", "4 items, 2 messages"),
        ("-TERM", "jsonl", "\"file\":\"-\""),
        ("-INT", "json", "\"text\": \"second\""),
        ("-TERM", "messages-csv", "second"),
    ] {
        let mut command = framescope(&["dissect", "--format", format, "-"]);
        command.stdin(Stdio::piped());
        let mut running = Running::start(command);
        let mut pipe = running.child.stdin.take().unwrap();
        // The last packet is cut: it was still being written.
        pipe.write_all(&bytes).unwrap();
        pipe.write_all(&bytes[24..60]).unwrap();
        match format {
            "text" | "jsonl" => drop(running.until("second")),
            _ => std::thread::sleep(Duration::from_millis(700)),
        }
        let begin = Instant::now();
        running.signal(signal);
        let (rest, status) = running.rest();
        assert_eq!(status, Some(0), "{format}: {rest}");
        assert!(rest.contains(last), "{format}: {rest}");
        assert!(!rest.contains("capture.file.cut"), "{format}: {rest}");
        assert!(begin.elapsed() < Duration::from_secs(5));
        drop(pipe);
    }
}

#[cfg(unix)]
#[test]
fn a_growing_file_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = opened([frame(0x81, b"first"), frame(0x81, b"second")]);
    let half = opened([frame(0x81, b"first")]).len();
    let path = file(&folder, "growing.pcap", &whole[..half + 10]);
    let mut running = Running::start(framescope(&["dissect", "--brief", "--follow", &path]));
    running.until("\"first\"");
    OpenOptions::new().append(true).open(&path).unwrap().write_all(&whole[half + 10..]).unwrap();
    running.until("\"second\"");
    running.signal("-INT");
    let (rest, status) = running.rest();
    assert!(rest.contains("growing.pcap  6 packets"), "{rest}");
    assert_eq!(status, Some(0));
    // Without following it is cut, and that is said.
    File::create(&path).unwrap().write_all(&whole[..half + 10]).unwrap();
    let output = run(&["dissect", "--brief", &path]);
    assert_eq!(output.status.code(), Some(1));
    let output = run(&["dissect", "--follow", &path, CHAT]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_list_has_a_row_a_conversation() {
    let all = json(&["list", "--format", "json", CHAT]);
    assert_eq!(all["schema"], "framescope.list/1");
    let rows = all["conversations"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let first = &rows[0];
    assert_eq!(first["protocol"], "rfc6455");
    assert_eq!(first["url"], "ws://127.0.0.1:9101/chat");
    assert_eq!((&first["client_messages"], &first["server_messages"]), (&4.into(), &4.into()));
    assert_eq!((&first["client_bytes"], &first["server_bytes"]), (&290.into(), &215.into()));
    assert_eq!((&first["state"], &first["code"]), (&"closed".into(), &1000.into()));
    let text = succeeds(&["list", CHAT]);
    assert_eq!(text.matches("closed 1000").count(), 3, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let table = csv(&succeeds(&["list", "--format", "csv", CHAT, "captures/rfc-refused-403.pcap"]));
    assert_eq!(table.len(), 5);
    let column = |name: &str| table[0].iter().position(|head| head == name).unwrap();
    assert_eq!(table[1][column("file")], "rfc-chat-superchat.pcap");
    assert_eq!((table[4][column("state")].as_str(), table[4][column("status")].as_str()), ("refused", "403"));
    let compressed = json(&["list", "--format", "json", "captures/pmd-ws8-ws8.pcap"]);
    assert!(compressed["conversations"][0]["ratio"].as_f64().unwrap() > 1.0);
    let pings = json(&["list", "--format", "json", "captures/rfc-ws8-srvping-srvfrag.pcap"]);
    assert!(pings["conversations"][0]["slowest_ping"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_list_is_sorted_and_filtered() {
    let numbers = |args: &[&str]| -> Vec<u64> {
        let all = ["list", "--format", "json"].iter().chain(args).copied().collect::<Vec<_>>();
        let list = json(&all);
        list["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["conversation"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&[CHAT]), [1, 2, 3]);
    assert_eq!(numbers(&["--sort", "bytes", CHAT]), [1, 2, 3]);
    assert_eq!(numbers(&["--sort", "bytes", "--reverse", CHAT]), [3, 2, 1]);
    assert_eq!(numbers(&["--sort", "duration", CHAT]), [1, 3, 2]);
    assert_eq!(numbers(&["--filter", "superchat", CHAT]), [1, 2]);
    // A pipe's list is that of the file.
    let mut child = framescope(&["list", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(CHAT).unwrap()).unwrap();
    let piped: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(piped["conversations"], json(&["list", "--format", "json", CHAT])["conversations"]);
}

#[test]
fn wrong_arguments_are_told_in_one_line() {
    for args in [
        &["dissect"][..],
        &["dissect", "a", "--fromat", "json"],
        &["dissect", "a", "--format", "yaml"],
        &["dissect", "a", "--filter", "from:nobody"],
        &["list", "a", "--sort", "size"],
        &["serve", "--faulty", "nobody"],
        &["decode", "81", "--protocol", "http/2"],
        &["connect"],
        &["replay", "a"],
        &["a.pcap", "dissect", "b.pcap"],
    ] {
        let output = run(args);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
        assert!(error.starts_with("framescope: ") && error.contains("--help"), "{error}");
        assert!(output.stdout.is_empty());
    }
    assert!(succeeds(&["dissect", "--help"]).lines().count() > 20);
}

#[test]
fn what_is_long_is_folded_with_its_count() {
    let folder = tempfile::tempdir().unwrap();
    let long = "a long message, again and again; ".repeat(120);
    let frames = (0..300).map(|_| frame(0x81, long.as_bytes())).chain([frame(0x88, &[0x03, 0xe8])]);
    let path = file(&folder, "many.pcap", &opened(frames));
    let size = std::fs::metadata(&path).unwrap().len();
    let text = succeeds(&["dissect", &path]);
    assert!((text.len() as u64) < size, "{} of {size}", text.len());
    assert_eq!(text.matches("C ◀── S  text").count(), 300);
    // The first have their bits, those behind a line, but for what is of another kind.
    assert!(text.contains("more bytes of Payload data"));
    assert!(text.contains("the bits of 238 items are folded: --all shows them"), "{text}");
    assert!(text.contains("1000 Normal Closure") && text.contains("Status code"), "{text}");
    let all = succeeds(&["dissect", "--all", &path]);
    assert!(!all.contains("more bytes of Payload data") && !all.contains("are folded"));
    assert!(all.len() > 20 * text.len());
    // A dump is folded, too, and its beginning is there.
    let dump = succeeds(&["dissect", "--brief", "--hex", "--filter", "message:1", &path]);
    assert!(dump.contains("      00000ff0  ") == (long.len() > 0xff0), "{dump}");
    // Of a derivation each step is as long as somebody reads.
    let bomb = succeeds(&["dissect", "captures/pmd-chromium-websockets.pcap"]);
    let folded =
        |text: &str| text.lines().filter(|line| line.trim_end().ends_with("more characters")).count();
    assert!(folded(&bomb) > 0, "no step is folded");
    let all = succeeds(&["dissect", "--all", "captures/pmd-chromium-websockets.pcap"]);
    assert!(folded(&all) == 0 && all.len() > bomb.len());
}
