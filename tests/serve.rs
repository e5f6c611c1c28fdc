//! `serve`, `connect` and `replay`, tried on the program itself: everything at once, on one port.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

const VERSIONS: [&str; 5] = ["hixie-75", "hixie-76", "hybi-7", "hybi-8", "rfc6455"];

fn framescope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    framescope(args).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that runs until it is told to stop.
struct Server {
    child: Child,
    url: String,
    /// What it prints.
    lines: Receiver<String>,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], args].concat();
        let mut child = framescope(&all).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server says where it listens").unwrap();
        let url =
            first.strip_prefix("listening on ").expect("the first line says where it listens").to_owned();
        let (say, hear) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(say.send(line))));
        Self { child, url, lines: hear }
    }

    /// Waits until the server prints a line with these words.
    fn says(&self, words: &str) {
        while !self.lines.recv_timeout(Duration::from_secs(10)).expect(words).contains(words) {}
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("ws://").trim_end_matches('/')
    }

    /// Ctrl-C, and the exit status.
    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    /// Also when a test fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn dissect(file: &Path) -> Value {
    let output = run(&["dissect", "--format", "json", "--fields", &file.to_string_lossy()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn one_port_serves_every_version_and_the_policy_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("x.pcapng");
    let server =
        Server::start(&["--record", &recording.to_string_lossy(), "--deflate", "--subprotocol", "chat"]);
    let clients: Vec<(&str, Child)> = VERSIONS
        .into_iter()
        .map(|version| {
            let words = format!("Hello from {version}");
            let mut command = framescope(&["connect", &server.url, "--protocol", version, "--send", &words]);
            if version == "rfc6455" {
                command.args(["--deflate", "--subprotocol", "chat", "--ping", "?", "--close", "3000:done"]);
            }
            (version, command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        })
        .collect();
    let mut flash = TcpStream::connect(server.address()).unwrap();
    flash.write_all(b"<policy-file-request/>\0").unwrap();
    let mut policy = Vec::new();
    flash.read_to_end(&mut policy).unwrap();
    assert!(policy.starts_with(b"<") && policy.ends_with(b"\0"), "{}", text(&policy));
    for (version, client) in clients {
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "{version}: {}", text(&output.stderr));
    }
    drop(flash);
    assert_eq!(server.stop(), Some(0));

    let document = dissect(&recording);
    let conversations = document["conversations"].as_array().unwrap();
    for version in VERSIONS {
        let conversation = conversations.iter().find(|c| c["protocol"] == version).expect(version);
        assert_eq!(conversation["handshake"], "accepted");
        let words = format!("Hello from {version}");
        let echoed =
            conversation["messages"].as_array().unwrap().iter().filter(|m| m["text"] == words.as_str());
        let sides: Vec<_> = echoed.map(|message| message["from"].as_str().unwrap()).collect();
        assert_eq!(sides, ["client", "server"], "{version}");
    }
    let policy = conversations.iter().find(|c| c["protocol"] == "flash-policy").unwrap();
    assert_eq!(policy["items"].as_array().unwrap().len(), 2);
    let newest = conversations.iter().find(|c| c["protocol"] == "rfc6455").unwrap();
    assert_eq!(newest["subprotocol"], "chat");
    assert!(newest["extensions"][0].as_str().unwrap().starts_with("permessage-deflate"));
    let close = newest["messages"].as_array().unwrap().iter().find(|m| m["type"] == "close").unwrap();
    assert_eq!((&close["code"], &close["reason"]), (&Value::from(3000), &Value::from("done")));
}

#[test]
fn a_stop_closes_every_connection_with_1001() {
    let server = Server::start(&[]);
    let client = framescope(&["connect", &server.url, "--echo", "--format", "json", "--timeout", "20"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    server.says("open: rfc6455");
    assert_eq!(server.stop(), Some(0));
    let output = client.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["outcome"]["code"], 1001);
    assert!(output.status.success());
}

#[test]
fn a_replay_gets_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("x.pcapng");
    let server = Server::start(&[]);
    for version in VERSIONS {
        let output = run(&[
            "connect",
            &server.url,
            "--protocol",
            version,
            "--send",
            "one",
            "--send",
            "two",
            "--record",
            &recording.to_string_lossy(),
        ]);
        assert!(output.status.success(), "{version}: {}", text(&output.stderr));
        let output = run(&[
            "replay",
            &recording.to_string_lossy(),
            "--to",
            server.address(),
            "--speed",
            "max",
            "--format",
            "json",
        ]);
        assert!(output.status.success(), "{version}: {}", text(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["same"], true, "{version}: {report}");
        assert!(report["items"].as_array().unwrap().len() >= 3);
    }
    server.stop();
}

#[test]
fn a_replay_pairs_what_is_the_same_though_the_server_pings_no_more() {
    let server = Server::start(&[]);
    let name = "captures/rfc-ws8-srvping-srvfrag.pcap";
    let output = run(&[
        "replay",
        name,
        "--to",
        server.address(),
        "--speed",
        "max",
        "--wait",
        "0.3",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["same"], output.status.code()), (&false.into(), Some(1)));
    assert!(output.stderr.is_empty(), "what differs is said once: {}", text(&output.stderr));
    let items = report["items"].as_array().unwrap();
    // The recorded server pinged and cut its texts; the binary message and the pong behind them are the same.
    for recorded in [22, 24] {
        let item = items.iter().find(|item| item["recorded"] == recorded).unwrap();
        assert_eq!(item["same"], true, "{item}");
    }
    assert!(items.iter().any(|item| item["answered"] == Value::Null));
}

#[test]
fn a_replay_compares_what_counts() {
    let replay = |recording: &str, server: &Server, args: &[&str]| {
        let all = ["replay", recording, "--to", server.address(), "--speed", "max", "--wait", "0.3"];
        let output = run(&[&all[..], &["--format", "json"], args].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        assert_eq!(output.status.success(), report["same"] == true, "{report}");
        report
    };
    let server = Server::start(&[]);
    // The recorded server sent fragments and pings; its messages are what it was asked to send back.
    let fragments = "captures/rfc-ws8-srvping-srvfrag.pcap";
    assert_eq!(replay(fragments, &server, &[])["same"], false);
    let report = replay(fragments, &server, &["--compare", "messages"]);
    let kinds: Vec<_> = report["items"].as_array().unwrap().iter().map(|item| item["same"].clone()).collect();
    assert_eq!(report["compared"], "messages");
    assert!(kinds.iter().filter(|same| **same == true).count() > 0, "{report}");
    // New keys, and other fields: the answers are the same but for the proof.
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("x.pcapng");
    let recording = recording.to_str().unwrap();
    for version in VERSIONS {
        let args = ["connect", &server.url, "--protocol", version, "--send", "one", "--record", recording];
        assert!(run(&args).status.success());
        let fresh = ["--fresh-key", "--set-header", "X-Request: 7"];
        assert_eq!(replay(recording, &server, &fresh)["same"], true, "{version}");
    }
    // Another origin than the server lets in: the answer is another.
    let strict = Server::start(&["--origin", "http://a.example"]);
    let args = ["connect", &strict.url, "--origin", "http://a.example", "--send", "x", "--record", recording];
    assert!(run(&args).status.success());
    assert_eq!(replay(recording, &strict, &[])["same"], true);
    let refused = replay(recording, &strict, &["--set-header", "Origin: http://b.example"]);
    assert_eq!(refused["items"][0]["differences"][0]["what"], "status", "{refused}");
    strict.stop();
    // A key of one's own is the one that the server proves to have read; without --fresh-key the proof is compared.
    let other = replay(recording, &server, &["--set-header", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]);
    assert_eq!(other["items"][0]["differences"][0]["what"], "header sec-websocket-accept", "{other}");
    server.stop();
}

#[test]
fn a_value_that_changes_each_time_can_be_left_out() {
    // A server that numbers its answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut server = framescope::endpoint::Server::new(std::sync::Arc::default());
            let mut buffer = [0; 4096];
            let mut asked = false;
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                server.receive(&buffer[..count]);
                while let Some(event) = server.poll_event() {
                    asked |= matches!(event, framescope::endpoint::Event::Message { .. });
                }
                if std::mem::take(&mut asked) {
                    let answer = format!(r#"{{"id": {number}, "data": {{"at": {number}, "name": "x"}}}}"#);
                    server.send_text(&answer).unwrap();
                }
                stream.write_all(&server.take_output()).unwrap();
                if server.wants_close() {
                    break;
                }
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("x.pcapng");
    let recording = recording.to_str().unwrap();
    assert!(
        run(&["connect", &format!("ws://{address}/"), "--send", "?", "--record", recording]).status.success()
    );
    let replay = ["replay", recording, "--to", &address, "--speed", "max"];
    let status = |args: &[&str]| run(&[&replay[..], args].concat()).status.code();
    assert_eq!(status(&[]), Some(1));
    assert_eq!(status(&["--ignore", "/id"]), Some(1));
    assert_eq!(status(&["--ignore", "/id", "--ignore", "/data/at"]), Some(0));
    assert_eq!(status(&["--ignore", "/id", "--ignore", "/data/at", "--compare", "messages"]), Some(0));
    assert_eq!(status(&["--ignore", "id"]), Some(2));
}

#[test]
fn a_server_listens_where_people_say() {
    for (listen, url) in [("localhost:0", "ws://127.0.0.1:"), (":0", "ws://0.0.0.0:")] {
        let mut child = framescope(&["serve", "--listen", listen]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.contains(url), "{first}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn the_same_seed_and_key_send_the_same_bytes() {
    let server = Server::start(&[]);
    let sent = || {
        let output = run(&[
            "connect",
            &server.url,
            "--seed",
            "7",
            "--key",
            "dGhlIHNhbXBsZSBub25jZQ==",
            "--send",
            "Hello",
            "--format",
            "json",
            "--fields",
        ]);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let items = document["conversations"][0]["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .filter(|item| item["from"] == "client")
            .map(|item| item["fields"].to_string())
            .collect::<Vec<_>>()
    };
    let (first, second) = (sent(), sent());
    assert_eq!(first, second);
    assert!(first[0].contains("dGhlIHNhbXBsZSBub25jZQ=="));
    server.stop();
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

#[test]
fn what_goes_wrong_is_one_line() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = nobody.local_addr().unwrap().to_string();
    // This one accepts and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("ws://{}/", silent.local_addr().unwrap());
    fails(&["serve", "--listen", &closed], &[&closed, "--listen"]);
    drop(nobody);
    fails(&["connect", &format!("ws://{closed}/")], &[&closed]);
    fails(&["connect", &silent, "--timeout", "0.3"], &["300ms"]);
    fails(&["connect", "wss://localhost/"], &["wss"]);
    fails(&["connect", "http://localhost/"], &["ws://"]);
    fails(&["replay", "captures/rfc-ws8-srvping-srvfrag.pcap", "--to", &closed], &[&closed]);
    fails(
        &["serve", "--listen", "127.0.0.1:0", "--record", "/no/such/folder/x.pcapng"],
        &["/no/such/folder/x.pcapng"],
    );
    let server = Server::start(&["--protocol", "rfc6455", "--origin", "http://good.example"]);
    fails(&["connect", &server.url, "--protocol", "hybi-8"], &["426"]);
    fails(&["connect", &server.url, "--origin", "http://evil.example"], &["403", "rfc6455.handshake.origin"]);
    let server = Server::start(&["--protocol", "hixie-75", "--protocol", "rfc6455"]);
    fails(&["connect", &server.url, "--protocol", "hixie-76"], &["400"]);
    fails(&["connect", &server.url, "--protocol", "hixie-75", "--ping", "x"], &["ping"]);
}
