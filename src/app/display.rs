//! Whether there is a display to open a window on, and what to say where there is none.

use crate::words::Words;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One line for a person where no window can be opened: what is missing, and the commands that work without one.
/// None where a display answers.
pub fn missing(words: Words) -> Option<String> {
    Environment::of_process().missing(words).map(|reason| without_a_window(words, &reason))
}

/// One line for a person out of what eframe says when it cannot open a window.
pub fn explain(words: Words, error: &eframe::Error) -> String {
    match error {
        eframe::Error::AppCreation(error) => error.to_string(),
        // The display answers, so what is missing is what draws.
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
            without_a_window(words, words.text("display-no-opengl"))
        }
        other => {
            let said = other.to_string();
            without_a_window(words, &words.with("display-no-window", &[("reason", reason(&said).into())]))
        }
    }
}

fn without_a_window(words: Words, reason: &str) -> String {
    words.with("display-without", &[("reason", reason.into())])
}

/// What of an error is for a person: not the library that it comes from, nor the line in its source.
fn reason(said: &str) -> &str {
    let said = said.split_once("rror: ").map_or(said, |(_, rest)| rest);
    match said.strip_prefix("os error at ") {
        Some(place) => place.split_once(": ").map_or(said, |(_, rest)| rest),
        None => said,
    }
}

/// What the process was told about displays.
#[derive(Debug, Default)]
struct Environment {
    /// The name of a socket, or its path.
    wayland: Option<OsString>,
    /// A socket that is open already.
    wayland_socket: Option<OsString>,
    runtime: Option<PathBuf>,
    x11: Option<OsString>,
}

impl Environment {
    fn of_process() -> Self {
        // Set, but empty, counts as not set, as for everybody who reads these.
        let get = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            wayland: get("WAYLAND_DISPLAY"),
            wayland_socket: get("WAYLAND_SOCKET"),
            runtime: get("XDG_RUNTIME_DIR").map(PathBuf::from),
            x11: get("DISPLAY"),
        }
    }

    /// Why there is no display. Asks the one that winit would take: Wayland's before X11's.
    fn missing(&self, words: Words) -> Option<String> {
        if !cfg!(all(unix, not(target_os = "macos"))) || self.wayland_socket.is_some() {
            return None;
        }
        let silent = |name: &OsString| {
            words.with("display-silent", &[("name", name.to_string_lossy().into_owned().into())])
        };
        if let Some(name) = &self.wayland {
            let path = self.runtime.as_deref().unwrap_or(Path::new("")).join(name);
            return (!socket_answers(&path)).then(|| silent(name));
        }
        match &self.x11 {
            Some(name) => (!name.to_str().is_some_and(x11_answers)).then(|| silent(name)),
            None => Some(words.text("display-none").to_owned()),
        }
    }
}

/// Whether somebody listens at `host:number.screen`, as DISPLAY names it; without a host on this machine.
fn x11_answers(display: &str) -> bool {
    let Some((host, number)) = display.rsplit_once(':') else {
        return false;
    };
    let number = number.split_once('.').map_or(number, |(number, _)| number);
    let Ok(number) = number.parse::<u16>() else {
        return false;
    };
    if matches!(host, "" | "unix") {
        let path = format!("/tmp/.X11-unix/X{number}");
        return socket_answers(Path::new(&path))
            || abstract_socket_answers(&path)
            || tcp_answers("localhost", number);
    }
    // Some systems give the path of a socket that has the number in its name.
    socket_answers(Path::new(display)) || tcp_answers(host, number)
}

fn tcp_answers(host: &str, number: u16) -> bool {
    use std::net::{TcpStream, ToSocketAddrs};
    /// The port of display 0, as X11 has it.
    const FIRST_PORT: u16 = 6000;
    let Some(port) = FIRST_PORT.checked_add(number) else {
        return false;
    };
    let patience = std::time::Duration::from_secs(2);
    (host, port)
        .to_socket_addrs()
        .is_ok_and(|mut addresses| addresses.any(|at| TcpStream::connect_timeout(&at, patience).is_ok()))
}

#[cfg(unix)]
fn socket_answers(path: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(path).is_ok()
}

#[cfg(not(unix))]
fn socket_answers(_: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn abstract_socket_answers(name: &str) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};
    SocketAddr::from_abstract_name(name).is_ok_and(|at| UnixStream::connect_addr(&at).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn abstract_socket_answers(_: &str) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn without_a_display_the_line_names_what_works() {
        let reason =
            Environment::default().missing(Words::english()).expect("nothing was said about displays");
        let line = without_a_window(Words::english(), &reason);
        assert!(line.contains("framescope dissect FILE"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn a_display_that_does_not_answer_is_named() {
        for name in [":60123", "unix:60123", "nonsense", ":", "::", ":-1", ":99999", "localhost:59000"] {
            let environment = Environment { x11: Some(name.into()), ..Environment::default() };
            assert!(environment.missing(Words::english()).is_some_and(|line| line.contains(name)), "{name}");
        }
    }

    #[test]
    fn a_socket_that_answers_is_a_display() {
        let folder = tempfile::tempdir().expect("a folder");
        let _listener = UnixListener::bind(folder.path().join("wayland-7")).expect("a socket");
        let mut environment = Environment {
            wayland: Some("wayland-7".into()),
            runtime: Some(folder.path().to_owned()),
            ..Environment::default()
        };
        assert_eq!(environment.missing(Words::english()), None);
        // Its path in full does without the folder, and X11 is not asked where Wayland is named.
        environment.wayland = Some(folder.path().join("wayland-7").into());
        environment.runtime = None;
        environment.x11 = Some(":60123".into());
        assert_eq!(environment.missing(Words::english()), None);
        environment.wayland = Some("wayland-8".into());
        assert!(environment.missing(Words::english()).is_some());
    }

    #[test]
    fn errors_lose_the_place_in_the_source() {
        let said = "winit EventLoopError: os error at /home/a/winit/mod.rs:788: Failed to open the display";
        assert_eq!(reason(said), "Failed to open the display");
        let error = eframe::Error::WinitEventLoop(winit::error::EventLoopError::RecreationAttempt);
        let line = explain(Words::english(), &error);
        assert!(
            line.contains("EventLoop can't be recreated") && line.contains("framescope decode HEX"),
            "{line}"
        );
        assert_eq!(
            explain(Words::english(), &eframe::Error::AppCreation("no such file".into())),
            "no such file"
        );
    }
}
