//! Tables of the book as Markdown, from the same words and numbers that the program itself uses.

use std::fmt::Write;
use std::path::Path;

use super::manifest::{TableEntry, TableKind};
use super::{Error, read_capture};
use crate::analysis::statistics::ConversationStatistics;
use crate::model::dialect::{Proof, Signal};
use crate::model::protocol::{Family, Protocol, Side};
use crate::model::rule::Rule;
use crate::model::spec::Section;
use crate::view::catalogue;
use crate::wire::Parse;
use crate::wire::close::{self, Class};
use crate::wire::deflate;
use crate::wire::extension::Extension;
use crate::wire::frame::hybi::Opcode;
use crate::wire::handshake::{self, Answer, Offer, Policy, Secret};
use crate::wire::http::{Head, MAX_HEAD, parse_head};
use crate::words;

/// The table that an entry asks for; captures are looked for in `folder`.
pub(super) fn table(entry: &TableEntry, folder: &Path) -> Result<String, Error> {
    let of_capture = entry.kind == TableKind::Statistics;
    if !of_capture && (entry.capture.is_some() || entry.conversation.is_some()) {
        return Err(Error::new("only a table of statistics is about a capture"));
    }
    match entry.kind {
        TableKind::Opcodes => Ok(opcodes()),
        TableKind::OpcodesHybi04 => Ok(opcodes_hybi_04()),
        TableKind::CloseCodes => Ok(close_codes()),
        TableKind::Headers => headers(),
        TableKind::Fields => Ok(fields()),
        TableKind::Rules => Ok(rules()),
        TableKind::Versions => Ok(versions()),
        TableKind::Statistics => statistics(entry, folder),
        TableKind::CommandLine => Err(Error::new("the command line is described by the program")),
    }
}

/// A table that grows row by row.
struct Table {
    text: String,
}

impl Table {
    fn new(heads: &[&str]) -> Self {
        let mut table = Self { text: String::new() };
        table.row(heads);
        let _ = writeln!(table.text, "|{}", "---|".repeat(heads.len()));
        table
    }

    /// Appends a row; the cells are Markdown.
    fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.text.push('|');
        for cell in cells {
            // A bar ends a cell even inside a code span.
            let _ = write!(self.text, " {} |", cell.as_ref().replace('|', "\\|"));
        }
        self.text.push('\n');
    }
}

/// Words that stand for themselves in Markdown.
fn plain(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for character in words.chars() {
        if matches!(character, '<' | '*' | '_' | '`' | '\\' | '[' | ']') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

fn link(section: Section) -> String {
    format!("[{section}]({})", section.link())
}

fn opcodes() -> String {
    let mut table = Table::new(&["opcode", "frame", "kind"]);
    for number in 0..=0xF {
        let opcode = Opcode::new(number);
        let name = opcode.name();
        let (name, kind) = match (name.starts_with("reserved"), opcode.is_control()) {
            (true, true) => ("not given out", "reserved for control frames"),
            (true, false) => ("not given out", "reserved for data frames"),
            (false, true) => (name, "control"),
            (false, false) => (name, "data"),
        };
        table.row(&[format!("`{number:X}`"), name.to_owned(), kind.to_owned()]);
    }
    table.text
}

/// The numbers of draft-ietf-hybi-thewebsocketprotocol-04 to -06 (section 4.3), which hybi-07 gave out anew: there a bit
/// tells control frames from data frames.
const HYBI_04: [&str; 6] = ["continuation", "close", "ping", "pong", "text", "binary"];

fn opcodes_hybi_04() -> String {
    let mut table = Table::new(&["frame", "hybi-04 to hybi-06", "since hybi-07"]);
    for (old, name) in HYBI_04.iter().enumerate() {
        let new = (0..=0xF).find(|number| Opcode::new(*number).name() == *name);
        let new = new.map_or(String::new(), |number| format!("`{number:X}`"));
        table.row(&[(*name).to_owned(), format!("`{old:X}`"), new]);
    }
    table.text
}

fn close_codes() -> String {
    let mut table = Table::new(&["code", "name", "on the wire", "where"]);
    let mut row = |code: String, name: &str, class: Class, section: Section| {
        let sent = if class.may_be_sent() { "yes" } else { "never" };
        table.row(&[code, plain(name), sent.to_owned(), link(section)]);
    };
    let mut from = 0;
    while from < u16::MAX {
        // Codes that share everything are one row.
        let like = |code: u16| (close::name(code), close::classify(code), close::section(code));
        let mut to = from;
        while to < u16::MAX && like(to + 1) == like(from) {
            to += 1;
        }
        let code = if from == to { format!("{from}") } else { format!("{from}–{to}") };
        let (name, class, section) = like(from);
        row(code, name, class, section);
        from = to.saturating_add(1);
    }
    table.text
}

/// The names of a head's fields.
fn names(head: &Head) -> Vec<String> {
    head.fields()
        .iter()
        .map(|field| String::from_utf8_lossy(field.name.of(head.raw())).into_owned())
        .collect()
}

/// Everything that a handshake of this version can say: the names in the request and in the response.
fn handshake_names(protocol: Protocol) -> Result<[Vec<String>; 2], Error> {
    let broken = || Error(format!("the handshake of {protocol} cannot be read"));
    let family = protocol.family().ok_or_else(broken)?;
    let extensions = if family == Family::Hybi { vec![Extension::new(deflate::NAME)] } else { Vec::new() };
    let offer = Offer {
        protocol,
        resource: "/".to_owned(),
        host: "localhost".to_owned(),
        secure: false,
        origin: Some("http://localhost".to_owned()),
        subprotocols: vec!["chat".to_owned()],
        extensions,
        headers: Vec::new(),
    };
    let mut counter = 0u8;
    let mut fill = |bytes: &mut [u8]| {
        for byte in bytes {
            counter = counter.wrapping_add(37);
            *byte = counter;
        }
    };
    let secret = Secret::random(protocol, &mut fill);
    let bytes = handshake::request(&offer, &secret);
    let Parse::Done(request, length) = parse_head(&bytes, Side::Client, MAX_HEAD) else {
        return Err(broken());
    };
    let policy = Policy {
        protocols: vec![protocol],
        subprotocols: vec!["chat".to_owned()],
        deflate: Some(deflate::Params::default()),
        origins: None,
        secure: false,
    };
    let body = bytes.get(length..).unwrap_or_default();
    let Answer::Accept { bytes, .. } = handshake::answer(&request, body, &policy) else {
        return Err(broken());
    };
    let Parse::Done(response, _) = parse_head(&bytes, Side::Server, MAX_HEAD) else { return Err(broken()) };
    Ok([names(&request), names(&response)])
}

fn headers() -> Result<String, Error> {
    let mut all: Vec<String> = Vec::new();
    let mut handshakes = Vec::new();
    for protocol in Protocol::WEBSOCKET {
        let handshake = handshake_names(protocol)?;
        for name in handshake.iter().flatten() {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        handshakes.push(handshake);
    }
    all.sort_by_key(|name| name.to_ascii_lowercase());
    let heads: Vec<&str> = std::iter::once("field").chain(Protocol::WEBSOCKET.map(Protocol::id)).collect();
    let mut table = Table::new(&heads);
    for name in &all {
        let mut cells = vec![format!("`{name}`")];
        for [request, response] in &handshakes {
            cells.push(
                match (request.contains(name), response.contains(name)) {
                    (true, true) => "both",
                    (true, false) => "request",
                    (false, true) => "response",
                    (false, false) => "",
                }
                .to_owned(),
            );
        }
        table.row(&cells);
    }
    Ok(table.text)
}

fn fields() -> String {
    let mut table = Table::new(&["id", "name", "what it is", "where"]);
    for kind in catalogue::field_kinds() {
        table.row(&[
            format!("`{}`", kind.id),
            plain(kind.name),
            plain(words::about(kind)),
            link(kind.section),
        ]);
    }
    table.text
}

/// A section a rule, so that each can be linked to.
fn rules() -> String {
    let mut text = String::new();
    for rule in Rule::ALL {
        let _ = writeln!(
            text,
            "### {}\n\n**{}**, {}: {}.\n\n{} {}\n",
            rule.id(),
            rule.severity(),
            link(rule.section()),
            plain(rule.title()),
            plain(words::why(*rule)),
            rule.consequence(),
        );
    }
    text
}

fn versions() -> String {
    let mut table = Table::new(&["id", "document", "asks with", "proof", "frames"]);
    for protocol in Protocol::WEBSOCKET {
        let dialect = protocol.dialect_or_latest();
        let opening = &dialect.opening;
        let proof = match opening.proof {
            Proof::Nothing => "none",
            Proof::Md5Challenge => "MD5 of two keys and eight bytes",
            Proof::Sha1Accept => "SHA-1 of the key and a GUID",
        };
        let asks = match opening.signal {
            Signal::Version(number) => format!("`Sec-WebSocket-Version: {number}`"),
            Signal::Keys => opening.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
            Signal::Upgrade => format!("`Upgrade: {}` alone", opening.upgrade),
        };
        let frames = match dialect.family() {
            Family::Hixie => "a type byte, then text up to `FF` or a base-128 length",
            Family::Hybi => "FIN, RSV, opcode, MASK, length, masking key",
        };
        let document = format!("[{}]({})", dialect.document.name(), dialect.document.address());
        table.row(&[format!("`{protocol}`"), document, asks, proof.to_owned(), frames.to_owned()]);
    }
    table.text
}

/// What was sent, side by side: for one conversation, or for each of a capture.
fn statistics(entry: &TableEntry, folder: &Path) -> Result<String, Error> {
    let file = entry.capture.as_ref().ok_or_else(|| Error::new("a table of statistics needs a `capture`"))?;
    let trace = read_capture(&folder.join(file))?;
    let count = trace.conversations.len();
    if let Some(number) = entry.conversation.filter(|number| *number == 0 || *number > count) {
        return Err(Error(format!("there is no conversation {number}: the capture has {count}")));
    }
    let mut table =
        Table::new(&["conversation", "from", "items", "bytes", "frames", "payload", "other bytes"]);
    for (index, talk) in trace.conversations.iter().enumerate() {
        if entry.conversation.is_some_and(|only| only != index + 1) {
            continue;
        }
        let mut statistics = ConversationStatistics::default();
        statistics.advance(talk, &trace.store);
        for (side, sent) in Side::BOTH.into_iter().zip(&statistics.sides) {
            let (all, payloads) = (sent.recorded(), sent.payloads);
            table.row(&[
                format!("{}, {}", index + 1, talk.protocol),
                side.to_string(),
                all.count.to_string(),
                all.bytes.to_string(),
                sent.frames().count.to_string(),
                payloads.bytes.to_string(),
                sent.overhead().to_string(),
            ]);
        }
    }
    Ok(table.text)
}
