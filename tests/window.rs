//! The real binary with a real window, on a display of its own that is drawn in memory.

#![cfg(target_os = "linux")]

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

const FRAMESCOPE: &str = env!("CARGO_BIN_EXE_framescope");
const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/h76-jsclient-ws04.pcapng");
/// A slow machine that draws without a graphics card, with other tests beside this one.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, and that is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display drawn in memory.
struct Display {
    name: String,
    _server: Running,
    folder: tempfile::TempDir,
}

impl Display {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-fbdir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is missing: scripts/setup test");
        let mut number = String::new();
        let output = server.stdout.take().expect("a pipe");
        let server = Running(server);
        BufReader::new(output).read_line(&mut number).expect("the display's number");
        Self { name: format!(":{}", number.trim()), _server: server, folder }
    }

    /// Every colour that is on the screen: Xvfb keeps the screen in a file in the form of `xwd`.
    fn colors(&self) -> HashSet<u32> {
        let file = fs::read(self.folder.path().join("Xvfb_screen0")).expect("the screen");
        let word = |at: usize| {
            let bytes = file.get(at..at + 4).expect("a whole header");
            u32::from_be_bytes(bytes.try_into().expect("four bytes")) as usize
        };
        // The header's size is its first word, its twentieth the number of colours, which stand behind it.
        let start = word(0) + 12 * word(19 * 4);
        file[start..]
            .chunks_exact(4)
            .map(|pixel| u32::from_ne_bytes(pixel.try_into().expect("four bytes")))
            .collect()
    }

    fn xdotool(&self, arguments: &[&str]) -> Output {
        Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.name)
            .output()
            .expect("xdotool is missing: scripts/setup test")
    }

    /// The window with this name.
    fn window(&self, name: &str) -> Option<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", name]);
        String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned)
    }
}

/// The program on no display, with nothing remembered.
fn framescope(home: &Path) -> Command {
    let mut command = Command::new(FRAMESCOPE);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        command.env_remove(name);
    }
    command.env("HOME", home).env("LIBGL_ALWAYS_SOFTWARE", "1").stdin(Stdio::null());
    command
}

fn wait_for<T>(what: &str, program: &mut Child, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(found) = look() {
            return found;
        }
        if let Some(status) = program.try_wait().expect("its status") {
            let mut said = String::new();
            program.stderr.take().map(|mut pipe| pipe.read_to_string(&mut said));
            panic!("{what}: the program ended before, with {status}: {said}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: not within {PATIENCE:?}");
}

/// How the program ended, if it did within a test's patience.
fn wait(program: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = program.try_wait().expect("its status") {
            return Some(status);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_capture_opens_in_a_window_that_closes_cleanly() {
    let display = Display::start();
    let home = tempfile::tempdir().expect("a folder");
    let mut program = Running(
        framescope(home.path())
            .arg(CAPTURE)
            .env("DISPLAY", &display.name)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program"),
    );
    let window = wait_for("a window", &mut program.0, || display.window("Framescope"));
    // Text with smooth edges has hundreds of colours; an empty window, or a frame that was never drawn, has few.
    wait_for("a picture in it", &mut program.0, || (display.colors().len() > 50).then_some(()));
    assert!(display.xdotool(&["windowquit", &window]).status.success());
    let status = wait(&mut program.0).expect("the program did not end after its window was closed");
    assert!(status.success(), "{status}");
}

#[test]
fn without_a_display_one_line_says_what_works() {
    let home = tempfile::tempdir().expect("a folder");
    for arguments in [&[][..], &[CAPTURE]] {
        let output = framescope(home.path()).args(arguments).output().expect("the program");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("framescope: ") && said.contains("framescope dissect FILE"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_display_that_does_not_answer_is_named() {
    let home = tempfile::tempdir().expect("a folder");
    let output = framescope(home.path()).env("DISPLAY", ":60123").output().expect("the program");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(":60123") && said.lines().count() == 1, "{said}");
}
