//! The real binary with a real window, on a display of its own that is drawn in memory.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)] // A panic here is the report.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

const FRAMESCOPE: &str = env!("CARGO_BIN_EXE_framescope");
const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/h76-jsclient-ws04.pcapng");
/// A slow machine that draws without a graphics card, with other tests beside this one.
const PATIENCE: Duration = Duration::from_mins(2);

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, and that is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display drawn in memory, and this test's own connection to it.
struct Display {
    name: String,
    connection: RustConnection,
    root: Window,
    _server: Running,
}

impl Display {
    fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is missing: scripts/setup test");
        let mut number = String::new();
        let output = server.stdout.take().expect("a pipe");
        let server = Running(server);
        BufReader::new(output).read_line(&mut number).expect("the display's number");
        let name = format!(":{}", number.trim());
        let (connection, screen) = x11rb::connect(Some(&name)).expect("the display");
        let root = connection.setup().roots[screen].root;
        Self { name, connection, root, _server: server }
    }

    /// The window that bears this title.
    fn window(&self, title: &str) -> Option<Window> {
        let tree = self.connection.query_tree(self.root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|window| {
            // A window may be gone before it is asked.
            let asked = self.connection.get_property(false, *window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64);
            let answer = asked.ok().and_then(|asked| asked.reply().ok());
            answer.is_some_and(|answer| String::from_utf8_lossy(&answer.value).contains(title))
        })
    }

    /// Every colour that is in the window; none before it is on the screen.
    fn colors(&self, window: Window) -> HashSet<[u8; 4]> {
        let picture = || {
            let size = self.connection.get_geometry(window).ok()?.reply().ok()?;
            let (width, height) = (size.width, size.height);
            let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, !0);
            Some(asked.ok()?.reply().ok()?.data)
        };
        let picture = picture().unwrap_or_default();
        picture.chunks_exact(4).map(|pixel| pixel.try_into().expect("four bytes")).collect()
    }

    /// Asks the window to close, as a click on its corner does.
    fn close(&self, window: Window) {
        let atom = |name: &str| {
            let asked = self.connection.intern_atom(false, name.as_bytes()).expect("the display");
            asked.reply().expect("an atom").atom
        };
        let data = [atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, event).expect("the display");
        self.connection.flush().expect("the display");
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
    wait_for("a picture in it", &mut program.0, || (display.colors(window).len() > 50).then_some(()));
    display.close(window);
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
