//! `framescope connect` as scripts have it: on pipes, and against servers that end badly; and as a person at a terminal has it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use framescope::endpoint::{Event, Options, Server, ServerConfig};
use framescope::wire::message::Kind;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

fn connect(url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_framescope"));
    command.arg("connect").arg(url).args(args).env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Serves each connection with this, one after the other; the URL to connect to.
fn listen(mut talk: impl FnMut(&mut Server, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let options = Options { echo: false, ..Options::default() };
            let mut server = Server::new(Arc::new(ServerConfig { options, ..ServerConfig::default() }));
            if step(&mut server, &mut stream).is_some_and(|event| matches!(event, Event::Open { .. })) {
                talk(&mut server, &mut stream);
            }
        }
    });
    url
}

/// What happens next; none at the end.
fn step(server: &mut Server, stream: &mut TcpStream) -> Option<Event> {
    let mut buffer = [0; 4096];
    loop {
        stream.write_all(&server.take_output()).ok()?;
        if let Some(event) = server.poll_event() {
            return Some(event);
        }
        if server.wants_close() {
            return None;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => server.end_of_input(),
            Ok(count) => server.receive(&buffer[..count]),
        }
    }
}

/// Sends messages back until the client closes.
fn echo(server: &mut Server, stream: &mut TcpStream) {
    while let Some(event) = step(server, stream) {
        match event {
            Event::Message { kind: Kind::Text, data, .. } => {
                server.send_text(std::str::from_utf8(&data).unwrap()).unwrap();
            }
            Event::Message { data, .. } => server.send_binary(&data).unwrap(),
            _ => {}
        }
    }
}

/// From now on closing the socket breaks the connection off: RST.
fn break_off(stream: &TcpStream) {
    let socket = tokio::net::TcpSocket::from_std_stream(stream.try_clone().unwrap());
    socket.set_zero_linger().unwrap();
}

fn messages(output: &Output) -> Vec<(String, String)> {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let messages = document["conversations"][0]["messages"].as_array().unwrap();
    let told = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    messages.iter().map(|message| (told(&message["from"]), told(&message["text"]))).collect()
}

/// It ends with this status, and says these things in one line on standard error; nothing there for none.
fn ends(output: &Output, status: i32, says: &[&str]) {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{error}\n{}", text(&output.stdout));
    assert_eq!(error.lines().count(), usize::from(status != 0), "{error}");
    for words in says {
        assert!(error.contains(words), "no `{words}` in: {error}");
    }
}

#[test]
fn from_a_pipe_each_line_is_a_message() {
    let url = listen(echo);
    for args in [&["--format", "json"][..], &["--format", "json", "--send", "-"]] {
        let mut child = connect(&url, args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all("one\ntwo\r\n\ngrüße".as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        ends(&output, 0, &[]);
        for side in ["client", "server"] {
            let texts: Vec<_> = messages(&output).into_iter().filter(|(from, _)| from == side).collect();
            let texts: Vec<_> =
                texts.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
            assert_eq!(texts, ["one", "two", "grüße"], "{side}");
        }
    }
    // What was given goes first; what is no text is told with its line.
    let mut child =
        connect(&url, &["--send", "first", "--send", "-", "--brief"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"second\nno\xff text\nthird\n").unwrap();
    let output = child.wait_with_output().unwrap();
    ends(&output, 1, &["line 2 of standard input is not UTF-8"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("\"second\"") && !shown.contains("third"), "{shown}");
    // Nothing to say is a handshake and a goodbye.
    ends(&connect(&url, &[]).output().unwrap(), 0, &[]);
}

#[test]
fn what_was_there_before_the_question_is_no_answer() {
    let greets = |server: &mut Server, stream: &mut TcpStream| {
        server.send_text("welcome").unwrap();
        while step(server, stream).is_some() {}
    };
    let url = listen(greets);
    let output = connect(&url, &["--send", "question", "--timeout", "1"]).output().unwrap();
    ends(&output, 1, &["0 of 1 answers"]);
    assert!(text(&output.stdout).contains("welcome"));
    let output = connect(&url, &["--send", "question", "--answers", "0"]).output().unwrap();
    ends(&output, 0, &[]);
    // A server that answers a question with several messages.
    let thrice = |server: &mut Server, stream: &mut TcpStream| {
        while let Some(event) = step(server, stream) {
            if let Event::Message { .. } = event {
                (0..3).for_each(|number| server.send_text(&format!("answer {number}")).unwrap());
            }
        }
    };
    let url = listen(thrice);
    let output =
        connect(&url, &["--send", "question", "--answers", "3", "--format", "json"]).output().unwrap();
    ends(&output, 0, &[]);
    assert_eq!(
        messages(&output).iter().filter(|(from, text)| from == "server" && !text.is_empty()).count(),
        3
    );
    let output = connect(&url, &["--send", "x", "--answers", "4", "--timeout", "0.5"]).output().unwrap();
    ends(&output, 1, &["3 of 4 answers"]);
}

#[test]
fn a_close_with_another_code_is_told() {
    let fails = |server: &mut Server, stream: &mut TcpStream| {
        server.close(Some(1011), "out of \x1b[31m memory").unwrap();
        while step(server, stream).is_some() {}
    };
    let url = listen(fails);
    for args in [&["--listen-only"][..], &["--echo"], &["--send", "x", "--answers", "0"]] {
        let output = connect(&url, args).output().unwrap();
        ends(&output, 1, &["the server closed with 1011", "out of"]);
        assert!(!output.stderr.contains(&0x1B) && !output.stdout.contains(&0x1B), "{}", text(&output.stderr));
    }
    let url = listen(|server: &mut Server, stream: &mut TcpStream| {
        server.close(Some(1001), "").unwrap();
        while step(server, stream).is_some() {}
    });
    ends(&connect(&url, &["--listen-only"]).output().unwrap(), 0, &[]);
    ends(
        &connect(&url, &["--send", "x"]).output().unwrap(),
        1,
        &["the server closed with 1001", "0 of 1 answers"],
    );
    // What this client closes with is as good as 1000.
    ends(&connect(&listen(echo), &["--close", "4000:enough"]).output().unwrap(), 0, &[]);
}

#[test]
fn who_broke_off_is_told_and_what_came_before_is_shown_each_time() {
    let url = listen(|server: &mut Server, stream: &mut TcpStream| {
        (0..3).for_each(|number| server.send_text(&format!("frame {number}")).unwrap());
        stream.write_all(&server.take_output()).unwrap();
        break_off(stream);
    });
    for args in [&["--brief"][..], &["--brief", "--listen-only"]] {
        let mut shown = None;
        for _ in 0..8 {
            let output = connect(&url, args).output().unwrap();
            ends(&output, 1, &["the server reset the connection (RST)"]);
            // Ports, keys and times are others in each run.
            let items: Vec<String> = text(&output.stdout)
                .lines()
                .filter(|line| line.contains(" S ") || line.contains("(RST)"))
                .map(|line| line.split_once("  C ").map_or(line, |(_, item)| item).to_owned())
                .collect();
            assert_eq!(items.iter().filter(|line| line.contains("frame ")).count(), 3, "{items:?}");
            assert_eq!(*shown.get_or_insert(items.clone()), items);
        }
    }
    let url = listen(|_: &mut Server, stream: &mut TcpStream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
    });
    ends(
        &connect(&url, &["--listen-only"]).output().unwrap(),
        1,
        &["the server ended the connection (FIN) without a Close"],
    );
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Reads what a child prints until it has said this.
fn until(out: &mut impl Read, says: &str) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    let begin = Instant::now();
    while !text(&all).contains(says) {
        let count = out.read(&mut buffer).unwrap_or(0);
        assert!(count > 0 && begin.elapsed() < PATIENCE, "no `{says}` in: {}", text(&all));
        all.extend_from_slice(&buffer[..count]);
    }
    text(&all)
}

#[test]
fn a_feed_is_shown_as_it_comes_and_a_signal_ends_it_in_order() {
    let url = listen(|server: &mut Server, stream: &mut TcpStream| {
        server.send_text("tick \x1b[2J").unwrap();
        while step(server, stream).is_some() {}
    });
    let folder = tempfile::tempdir().unwrap();
    for name in ["-INT", "-TERM"] {
        let file = folder.path().join("feed.pcapng");
        let record = file.to_str().unwrap();
        let mut child = connect(&url, &["--listen-only", "--brief", "--record", record]).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let shown = until(&mut out, "tick");
        assert!(!shown.contains('\x1b'), "{shown}");
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        ends(&output, 0, &[]);
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("this client closed with 1001"), "{rest}");
        let again = Command::new(env!("CARGO_BIN_EXE_framescope"))
            .args(["dissect", "--format", "json", record])
            .output()
            .unwrap();
        assert!(again.status.success());
        let texts = messages(&again);
        assert_eq!(texts[0], ("server".to_owned(), "tick \x1b[2J".to_owned()), "{texts:?}");
        assert_eq!(texts.len(), 3, "a close of each");
    }
    // JSON is one document, also then; an answer that was waited for is missed.
    let mut child = connect(&url, &["--send", "x", "--answers", "9", "--timeout", "0", "--format", "json"])
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    signal(&child, "-TERM");
    child.stdin.take();
    let output = child.wait_with_output().unwrap();
    ends(&output, 1, &["stopped when 0 of 9 answers had come"]);
    assert_eq!(messages(&output)[0].1, "tick \x1b[2J");
    // With a time it ends by itself, and that is what was asked for.
    ends(&connect(&url, &["--listen-only", "--timeout", "0.3"]).output().unwrap(), 0, &[]);
}

/// Answers the first request with these pieces, a moment between them, and stays until the client closes.
fn answers(pieces: &[&[u8]]) -> String {
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.ends_with(b"\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..count]);
        }
        for piece in pieces {
            stream.write_all(&piece).unwrap();
            thread::sleep(Duration::from_millis(50));
        }
        while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
    url
}

/// Where no WebSocket opens, the client leaves TCP in order: it hears the server out, and the recording has both ends.
#[test]
fn an_answer_that_opens_nothing_is_heard_to_its_end() {
    for (pieces, says, state, shown) in [
        (
            &[&b"HTTP/1.1 403 Forbidden\r\nContent-Length: 11\r\n\r\nNot"[..], b" for you"][..],
            "refuses with status 403",
            "refused",
            "Not for you",
        ),
        (
            &[
                b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nNot\r\n",
                b"8\r\n for you\r\n0\r\n\r\n",
            ],
            "refuses with status 403",
            "refused",
            "\" for you\"",
        ),
        (
            &[b"HTTP/1.1 101 x\r\nUpgrade: h2c, websocket\r\nConnection: Upgrade\r\n\r\n"],
            "it is h2c, websocket",
            "died",
            "",
        ),
        (&[b"\x15\x03\x01\x00\x02\x02\x46"], "answers in TLS: this port is for wss:", "died", ""),
        (&[], "no answer within 1s", "died", ""),
    ] {
        let begin = Instant::now();
        let timeout = ["--timeout", "1", "--format", "json", "--fields"];
        let output = connect(&answers(pieces), &timeout).output().unwrap();
        ends(&output, 1, &[says]);
        assert!(begin.elapsed() < PATIENCE);
        let told = text(&output.stdout);
        assert!(told.contains(shown), "{told}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let talk = &document["conversations"][0];
        assert_eq!(talk["state"], state, "{says}");
        let ended: Vec<_> =
            talk["ended"].as_array().unwrap().iter().map(|end| (&end["from"], &end["how"])).collect();
        assert_eq!(ended, [(&"client".into(), &"fin".into()), (&"server".into(), &"fin".into())], "{says}");
    }
}

/// Both ends of a terminal: the person's, and the program's.
fn terminal() -> (std::fs::File, std::fs::File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let program = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (master.into(), program)
}

#[test]
fn a_person_at_a_terminal_types_edits_and_takes_lines_back() {
    let url = listen(echo);
    let (mut person, program) = terminal();
    let before = rustix::termios::tcgetattr(&program).unwrap();
    let end = || Stdio::from(program.try_clone().unwrap());
    let mut child =
        connect(&url, &[]).env("TERM", "xterm").stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    until(&mut person, "> ");
    // A letter too many is taken back.
    person.write_all(b"Hellp\x7fo\r").unwrap();
    let seen = until(&mut person, "S  text");
    assert!(seen.contains("\"Hello\""), "{seen}");
    // The line before comes back with the arrow, and is sent with a letter more.
    person.write_all(b"\x1b[A!\r").unwrap();
    let seen = until(&mut person, "S  text");
    assert!(seen.contains("\"Hello!\""), "{seen}");
    person.write_all(b"/ping there\r").unwrap();
    until(&mut person, "S  pong");
    person.write_all(b"/nonsense\r").unwrap();
    until(&mut person, "there is no command /nonsense");
    person.write_all(b"\x04").unwrap();
    until(&mut person, "closed with 1000");
    assert!(child.wait().unwrap().success());
    let after = rustix::termios::tcgetattr(&program).unwrap();
    assert_eq!((after.local_modes, after.input_modes), (before.local_modes, before.input_modes));
}
