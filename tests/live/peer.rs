//! Programs that others wrote, as child processes that tell what they see, a line at a time.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::common::within;

pub(crate) fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers")
}

/// Whether a peer can be started; says so where not. In continuous integration it must be.
pub(crate) fn have(program: &str, file: &str) -> bool {
    peers().join(file).exists() && runs(program, &["--version"]) || missing(&format!("{program} or {file}"))
}

/// Whether a program runs in the folder of the peers with these arguments, and ends well.
pub(crate) fn runs(program: &str, arguments: &[&str]) -> bool {
    let output = process::Command::new(program).args(arguments).current_dir(peers()).output();
    output.is_ok_and(|output| output.status.success())
}

/// Says that something is not there, which in continuous integration is a failure.
pub(crate) fn missing(what: &str) -> bool {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{what} must be there: `scripts/setup test` installs it"
    );
    println!("SKIPPED: {what} is not there");
    false
}

/// A child process whose lines are read one by one. Ended with the test.
pub(crate) struct Peer {
    child: Child,
    lines: Option<std::io::Lines<BufReader<ChildStdout>>>,
}

impl Peer {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = process::Command::new(program)
            .args(arguments)
            .current_dir(peers())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
        Self { child, lines }
    }

    /// The next line; none when the peer has ended.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let mut lines = self.lines.take()?;
        let (lines, line) = within(tokio::task::spawn_blocking(move || {
            let line = lines.next();
            (lines, line)
        }))
        .await
        .unwrap();
        self.lines = Some(lines);
        line.map(Result::unwrap)
    }

    /// A server's port.
    pub(crate) async fn port(&mut self) -> u16 {
        let line = self.line().await.expect("the peer ended");
        line.strip_prefix("listening ").and_then(|port| port.parse().ok()).expect(&line)
    }

    /// All lines that are still to come, as JSON.
    pub(crate) async fn events(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(line) = self.line().await {
            events.push(serde_json::from_str(&line).expect(&line));
        }
        events
    }

    /// The last line, as JSON.
    pub(crate) async fn report(&mut self) -> Value {
        self.events().await.pop().unwrap_or_default()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn local(port: u16) -> std::net::SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// A port that nobody listens on now, for programs that take no port 0.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until somebody accepts connections on a port of a program that does not tell when it does.
pub(crate) async fn accepts(port: u16) {
    within(async {
        while tokio::net::TcpStream::connect(local(port)).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}
