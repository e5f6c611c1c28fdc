//! Tables of the book as Markdown, from the same words and numbers that the program itself uses.

use std::fmt::Write;
use std::path::Path;

use super::manifest::{TableEntry, TableKind};
use super::{Error, read_capture};
use crate::analysis::statistics::ConversationStatistics;
use crate::model::dialect::{DRAFT_FIELD, Masking, Proof, RFC6455, Signal};
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
use crate::words::Words;

/// The table that an entry asks for; captures are looked for in `folder`.
pub(super) fn table(entry: &TableEntry, folder: &Path, words: Words) -> Result<String, Error> {
    let of_capture = entry.kind == TableKind::Statistics;
    if !of_capture && (entry.capture.is_some() || entry.conversation.is_some()) {
        return Err(Error::say(words, "manifest-only-statistics"));
    }
    match entry.kind {
        TableKind::Opcodes => Ok(opcodes(words)),
        TableKind::OpcodesHybi04 => Ok(opcodes_hybi_04(words)),
        TableKind::CloseCodes => Ok(close_codes(words)),
        TableKind::Headers => headers(words),
        TableKind::Fields => Ok(fields(words)),
        TableKind::Rules => Ok(rules(words)),
        TableKind::Versions => Ok(versions(words)),
        TableKind::Statistics => statistics(entry, folder, words),
        TableKind::CommandLine => Err(Error::say(words, "manifest-program")),
    }
}

/// A table that grows row by row.
struct Table {
    text: String,
}

impl Table {
    /// A table whose columns have these messages as their heads.
    fn new(words: Words, heads: &[&str]) -> Self {
        let heads: Vec<&str> = heads.iter().map(|id| words.text(id)).collect();
        Self::with_heads(&heads)
    }

    fn with_heads(heads: &[&str]) -> Self {
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

fn link(section: Section, words: Words) -> String {
    format!("[{}]({})", words.section(section), section.link())
}

fn opcodes(words: Words) -> String {
    let mut table = Table::new(words, &["table-opcode", "table-frame", "table-kind"]);
    let not_given_out = words.text("table-not-given-out");
    for number in 0..=0xF {
        let opcode = Opcode::new(number);
        let name = opcode.name();
        let (name, kind) = match (name.starts_with("reserved"), opcode.is_control()) {
            (true, true) => (not_given_out, "table-reserved-control"),
            (true, false) => (not_given_out, "table-reserved-data"),
            (false, true) => (name, "table-control"),
            (false, false) => (name, "table-data"),
        };
        table.row(&[format!("`{number:X}`"), name.to_owned(), words.text(kind).to_owned()]);
    }
    table.text
}

/// The numbers of draft-ietf-hybi-thewebsocketprotocol-01 to -06 (section 4.2, later 4.3), which hybi-07 gave out anew: there a bit
/// tells control frames from data frames.
const HYBI_04: [&str; 6] = ["continuation", "close", "ping", "pong", "text", "binary"];

fn opcodes_hybi_04(words: Words) -> String {
    let mut table = Table::new(words, &["table-frame", "table-hybi-04", "table-since-hybi-07"]);
    for (old, name) in HYBI_04.iter().enumerate() {
        let new = (0..=0xF).find(|number| Opcode::new(*number).name() == *name);
        let new = new.map_or(String::new(), |number| format!("`{number:X}`"));
        table.row(&[(*name).to_owned(), format!("`{old:X}`"), new]);
    }
    table.text
}

fn close_codes(words: Words) -> String {
    let heads = ["table-code", "table-name", "table-on-the-wire", "table-where"];
    let mut table = Table::new(words, &heads);
    let mut row = |code: String, name: &'static str, class: Class, section: Section| {
        let sent = words.text(if class.may_be_sent() { "table-sent" } else { "table-never-sent" });
        table.row(&[code, plain(name), sent.to_owned(), link(section, words)]);
    };
    let mut from = 0;
    while from < u16::MAX {
        // Codes that share everything are one row.
        let like = |code: u16| {
            let name = words.meaning(&RFC6455.closing.value(code)).unwrap_or_default();
            (name, close::classify(code), close::section(code))
        };
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

/// What a field stands in, in the handshakes of a version.
#[derive(Clone, Copy, Default)]
struct Places {
    request: bool,
    response: bool,
    /// In a response that is no 101.
    refusal: bool,
}

/// Where the fields of a version stand, by its drafts: what an endpoint here sends, and what others may.
fn places(protocol: Protocol, sent: &[Vec<String>; 2], name: &str) -> Places {
    let dialect = protocol.dialect_or_latest();
    let opening = &dialect.opening;
    let [request, response] = sent.each_ref().map(|names| names.iter().any(|sent| sent == name));
    // Drafts that share a number may name the origin differently.
    let drafts = dialect.drafts.first != dialect.drafts.last;
    Places {
        request: request || (drafts && opening.origin.read.contains(&name)),
        response: response || opening.extensions == Some(name),
        refusal: matches!(opening.signal, Signal::Version(_)) && name == "Sec-WebSocket-Version",
    }
}

/// Everything that a handshake of this version can say: the names in the request and in the response.
fn handshake_names(protocol: Protocol, words: Words) -> Result<[Vec<String>; 2], Error> {
    let broken = || Error::with(words, "manifest-handshake", &[("version", protocol.id())]);
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
    let Answer::Accept { bytes, .. } = handshake::answer(&request, body, &policy, [0; 16]) else {
        return Err(broken());
    };
    let Parse::Done(response, _) = parse_head(&bytes, Side::Server, MAX_HEAD) else { return Err(broken()) };
    Ok([names(&request), names(&response)])
}

fn headers(words: Words) -> Result<String, Error> {
    let mut all: Vec<String> = Vec::new();
    let mut handshakes = Vec::new();
    for protocol in Protocol::WEBSOCKET {
        let handshake = handshake_names(protocol, words)?;
        for name in handshake.iter().flatten() {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        handshakes.push(handshake);
    }
    all.sort_by_key(|name| name.to_ascii_lowercase());
    let heads: Vec<&str> =
        std::iter::once(words.text("table-field")).chain(Protocol::WEBSOCKET.map(Protocol::id)).collect();
    let mut table = Table::with_heads(&heads);
    for name in &all {
        let mut cells = vec![format!("`{name}`")];
        for (protocol, sent) in Protocol::WEBSOCKET.into_iter().zip(&handshakes) {
            let cell = match places(protocol, sent, name) {
                Places { request: true, refusal: true, .. } => words.text("table-request-refusal"),
                Places { request: true, response: true, .. } => words.text("table-both"),
                Places { request: true, .. } => words.text("table-request"),
                Places { response: true, .. } => words.text("table-response"),
                Places { .. } => "",
            };
            cells.push(cell.to_owned());
        }
        table.row(&cells);
    }
    Ok(table.text)
}

fn fields(words: Words) -> String {
    let mut table = Table::new(words, &["table-id", "table-name", "table-what", "table-where"]);
    for kind in catalogue::field_kinds() {
        table.row(&[
            format!("`{}`", kind.id),
            plain(kind.name),
            plain(words.about(kind)),
            link(kind.section, words),
        ]);
    }
    table.text
}

/// A section a rule, so that each can be linked to.
fn rules(words: Words) -> String {
    let mut text = String::new();
    for rule in Rule::ALL {
        let values = [
            ("severity", words.severity(rule.severity()).into()),
            ("section", link(rule.section(), words).into()),
            ("title", plain(words.title(*rule)).into()),
        ];
        let _ = writeln!(
            text,
            "### {}\n\n{}\n\n{}{} {}\n",
            rule.id(),
            words.with("table-rule", &values),
            plain(words.why(*rule)),
            words.versions(*rule).map(|versions| format!(" {versions}")).unwrap_or_default(),
            words.consequence(*rule),
        );
    }
    text
}

fn versions(words: Words) -> String {
    let heads = ["table-id", "table-document", "table-asks-with", "table-proof", "table-frames"];
    let mut table = Table::new(words, &heads);
    for protocol in Protocol::WEBSOCKET {
        let dialect = protocol.dialect_or_latest();
        let opening = &dialect.opening;
        let proof = match opening.proof {
            Proof::Nothing => "table-no-proof",
            Proof::Md5Challenge => "table-proof-md5",
            Proof::Sha1Accept => "table-proof-sha1",
        };
        let asks = match opening.signal {
            Signal::Version(number) => format!("`Sec-WebSocket-Version: {number}`"),
            Signal::Keys => opening.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
            Signal::Draft(numbers) => {
                let numbers: Vec<String> =
                    numbers.iter().take(1).map(|n| format!("`{DRAFT_FIELD}: {n}`")).collect();
                numbers.concat()
            }
            Signal::Upgrade => words.text("table-upgrade-alone").to_owned(),
        };
        let frames = match dialect.family() {
            Family::Hixie => "table-frames-hixie",
            Family::Hybi => match dialect.layout().masking {
                Masking::None => "table-frames-hybi-bare",
                Masking::Frame | Masking::HashedFrame => "table-frames-hybi-covered",
                _ => "table-frames-hybi",
            },
        };
        let document = format!("[{}]({})", dialect.document.name(), dialect.document.address());
        let (proof, frames) = (words.text(proof).to_owned(), words.text(frames).to_owned());
        table.row(&[format!("`{protocol}`"), document, asks, proof, frames]);
    }
    table.text
}

/// What was sent, side by side: for one conversation, or for each of a capture.
fn statistics(entry: &TableEntry, folder: &Path, words: Words) -> Result<String, Error> {
    let file = entry.capture.as_ref().ok_or_else(|| Error::say(words, "manifest-needs-capture"))?;
    let trace = read_capture(&folder.join(file), words)?;
    let count = trace.conversations().len();
    if let Some(number) = entry.conversation.filter(|number| *number == 0 || *number > count) {
        let values: [(&str, &str); 2] = [("number", &number.to_string()), ("count", &count.to_string())];
        return Err(Error::with(words, "manifest-no-conversation", &values));
    }
    let heads = [
        "table-conversation",
        "table-from",
        "table-items",
        "table-bytes",
        "table-frames",
        "table-payload",
        "table-other-bytes",
    ];
    let mut table = Table::new(words, &heads);
    for (index, talk) in trace.conversations().iter().enumerate() {
        if entry.conversation.is_some_and(|only| only != index + 1) {
            continue;
        }
        let mut statistics = ConversationStatistics::default();
        statistics.advance(talk, &trace.store);
        for (side, sent) in Side::BOTH.into_iter().zip(&statistics.sides) {
            let (all, payloads) = (sent.recorded(), sent.payloads);
            table.row(&[
                format!("{}, {}", index + 1, talk.protocol),
                words.text(if side == Side::Client { "side-client" } else { "side-server" }).to_owned(),
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
