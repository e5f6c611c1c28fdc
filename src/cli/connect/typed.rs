//! What a person types: a message, or a command behind a slash.

use crate::capture::typed::parse_hex;
use crate::endpoint::Command;
use crate::model::protocol::{Protocol, Side};
use crate::words::{Said, Words};

/// What a line comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Nothing,
    Send(Command),
    /// What is to be told: help, or what is wrong.
    Tell(String),
}

/// The commands, each with the id of what it does.
const COMMANDS: [(&str, &str); 6] = [
    ("/ping TEXT", "keyboard-ping"),
    ("/close CODE REASON", "keyboard-close"),
    ("/binary HEX", "keyboard-binary"),
    ("/frame HEX", "keyboard-frame"),
    ("//TEXT", "keyboard-slash"),
    ("/help", "keyboard-help"),
];

/// Reads a line that was typed for a connection of this version.
pub(super) fn typed(line: &str, protocol: Protocol, words: Words) -> Typed {
    let line = line.trim_end_matches(['\r', '\n']);
    let Some(command) = line.strip_prefix('/') else {
        return if line.is_empty() { Typed::Nothing } else { Typed::Send(Command::text(line)) };
    };
    if command.starts_with('/') {
        return Typed::Send(Command::text(command));
    }
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let hex = |make: fn(Vec<u8>) -> Command| match parse_hex(rest) {
        Ok(bytes) if bytes.is_empty() => Err(words.text("keyboard-no-bytes").to_owned()),
        Ok(bytes) => Ok(make(bytes)),
        Err(error) => Err(error.said(words)),
    };
    let command = match name {
        "help" => return Typed::Tell(help(words)),
        "ping" => Ok(Command::Ping(rest.into())),
        "close" => close(rest, words),
        "binary" => hex(Command::binary),
        "frame" => hex(Command::Raw),
        _ => Err(words.with("keyboard-unknown", &[("name", name.into())])),
    };
    let fits = command.and_then(|command| {
        command.fits(protocol, Side::Client).map_err(|error| error.said(words))?;
        Ok(command)
    });
    fits.map_or_else(Typed::Tell, Typed::Send)
}

/// `CODE REASON`, `CODE`, or nothing for 1000.
fn close(rest: &str, words: Words) -> Result<Command, String> {
    let (code, reason) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
    let code = match code {
        "" => 1000,
        code => code.parse().map_err(|_| words.with("keyboard-no-code", &[("code", code.into())]))?,
    };
    Ok(Command::Close(Some(code), reason.to_owned()))
}

fn help(words: Words) -> String {
    let line = |(name, about): &(&str, &str)| format!("  {name:<20} {}\n", words.text(about));
    let commands: String = COMMANDS.iter().map(line).collect();
    format!("{}\n{commands}", words.text("keyboard-begin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Typed {
        typed(line, Protocol::Rfc6455, Words::english())
    }

    #[test]
    fn a_line_is_a_message_unless_it_begins_with_a_slash() {
        assert_eq!(read("Hello, world"), Typed::Send(Command::text("Hello, world")));
        assert_eq!(read("//etc"), Typed::Send(Command::text("/etc")));
        assert_eq!(read(""), Typed::Nothing);
        assert_eq!(read("/ping are you there"), Typed::Send(Command::Ping(b"are you there".to_vec())));
        assert_eq!(read("/ping"), Typed::Send(Command::Ping(Vec::new())));
        assert_eq!(read("/close"), Typed::Send(Command::Close(Some(1000), String::new())));
        let close = Command::Close(Some(4001), "well, bye".to_owned());
        assert_eq!(read("/close 4001 well, bye"), Typed::Send(close));
        assert_eq!(read("/binary 00 ff"), Typed::Send(Command::binary([0, 0xFF])));
        assert_eq!(read("/frame 8180 00000000"), Typed::Send(Command::Raw(vec![0x81, 0x80, 0, 0, 0, 0])));
    }

    #[test]
    fn what_cannot_be_sent_is_told() {
        let told = |line: &str, says: &str| match read(line) {
            Typed::Tell(told) => assert!(told.contains(says), "{line}: {told}"),
            other => panic!("{line}: {other:?}"),
        };
        told("/help", "/binary HEX");
        told("/pong x", "/help");
        told("/close now", "now");
        told("/close 1005", "1005");
        told("/binary 0g", "position 2");
        told("/binary", "bytes");
        told(&format!("/ping {}", "x".repeat(126)), "126");
        let old = typed("/ping x", Protocol::Hixie76, Words::english());
        assert_eq!(old, Typed::Tell("hixie-76 has no ping".to_owned()));
    }
}
