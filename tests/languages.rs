//! Every sentence of the text outputs comes from the catalogue.
//!
//! In the pseudo language every letter that the catalogue says has a mark. So where two plain letters stand side by side,
//! they come from somewhere else: from the wire, from identifiers, from names of fields and specifications, all of which
//! are known here from the data; or they are a sentence that leaked, and the test names it.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A panic here is the report.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use framescope::analysis::filter::Filter;
use framescope::capture;
use framescope::endpoint::{FAULTS, WsUrl};
use framescope::export::json::About;
use framescope::export::svg::Theme;
use framescope::export::text;
use framescope::figure::{Figure, Kind, Source};
use framescope::lesson::{Given, Lesson, Mode, Player, Progress, Step, bundled};
use framescope::model::derive::{Input, Shown};
use framescope::model::dialect::RFC6455;
use framescope::model::facts::{Fact, Facts};
use framescope::model::field::{Field, Value};
use framescope::model::protocol::Protocol;
use framescope::model::rule::{Finding, Rule};
use framescope::trace::{self, Conversation, PayloadReader, Store, Trace};
use framescope::view::catalogue;
use framescope::wire::close;
use framescope::words::{Said, Words};

/// What may be said without marks.
#[derive(Clone, Default)]
struct Known {
    /// Words: of names and identifiers.
    words: HashSet<String>,
    /// Text of which any part may be said: what was on the wire.
    wire: String,
}

/// Runs of letters, at least two.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphabetic()).filter(|run| run.len() > 1)
}

impl Known {
    /// What every output may name: fields, rules, specifications, versions, kinds, units.
    fn names() -> Self {
        let mut known = Self::default();
        for kind in catalogue::field_kinds() {
            known.name(kind.id);
            known.name(kind.name);
            known.name(kind.section.document.name());
            known.name(&kind.section.link());
        }
        for rule in Rule::ALL {
            known.name(rule.id());
            known.name(rule.section().document.name());
            known.name(&rule.section().link());
        }
        for protocol in &Protocol::ALL {
            known.name(protocol.id());
        }
        for code in RFC6455.closing.codes {
            known.name(code.name);
        }
        for code in RFC6455.closing.codes {
            known.name(close::section(code.code).document.name());
        }
        for fault in FAULTS {
            known.name(fault.name);
        }
        // Kinds of item and of message, opcodes, how TCP ends, units.
        known.name("frame http-request http-response policy-request policy-response gap unparsed");
        known.name("continuation text binary close ping pong reserved FIN RST ns ms");
        known
    }

    fn name(&mut self, name: &str) {
        self.words.extend(runs(name).map(str::to_owned));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.wire.push('\n');
        self.wire.push_str(&String::from_utf8_lossy(bytes));
        self.wire.push('\n');
        self.wire.extend(bytes.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '.' }));
    }

    fn fields(&mut self, field: &Field) {
        match &field.value {
            Value::Named(_, name) => self.name(name),
            Value::Text(text) => self.bytes(text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(bytes),
            _ => {}
        }
        for child in &field.children {
            self.fields(child);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        self.facts(&finding.facts);
    }

    /// What stands in a sentence and has no language.
    fn facts(&mut self, facts: &Facts) {
        for (_, value) in facts.values() {
            match value {
                Fact::Text(text) => self.bytes(text.as_bytes()),
                Fact::Name(id) => self.name(id),
                Fact::Said(_, facts) => self.facts(facts),
                _ => {}
            }
        }
    }

    fn shown(&mut self, shown: &Shown) {
        match shown {
            Shown::Formula(formula) => self.bytes(formula.as_bytes()),
            Shown::Words(facts) => self.facts(facts),
            Shown::Parts(parts) => parts.iter().for_each(|part| self.shown(part)),
            _ => {}
        }
    }

    /// Everything that was on the wire, and what follows from it.
    fn trace(&mut self, trace: &Trace) {
        for finding in &trace.findings {
            self.finding(finding);
        }
        for talk in trace.conversations() {
            self.conversation(talk, &trace.store);
        }
    }

    fn conversation(&mut self, talk: &Conversation, store: &Store) {
        for finding in &talk.findings {
            self.finding(finding);
        }
        let mut reader = PayloadReader::default();
        for (number, item) in talk.items.iter() {
            self.bytes(&talk.bytes_of(store, item));
            talk.findings_of(number).for_each(|finding| self.finding(finding));
            if let Some(field) = &trace::fields(talk, store, number) {
                self.fields(field);
            }
            for derivation in trace::derivations_in_order(talk, store, number, &mut reader) {
                self.name(derivation.id);
                for step in &derivation.steps {
                    self.facts(&step.label);
                    self.shown(&step.shown);
                    self.bytes(step.output.as_bytes());
                    if let Some(wire) = &step.on_wire {
                        self.bytes(wire.as_bytes());
                    }
                    for input in &step.inputs {
                        if let Input::Constant(name) = input {
                            self.name(name);
                        }
                    }
                }
            }
        }
        let mut reader = PayloadReader::default();
        for (number, _) in talk.messages.iter() {
            let mut whole = Vec::new();
            let _ = reader.read(talk, store, number, &mut |piece| whole.extend_from_slice(piece));
            self.bytes(&whole);
        }
    }

    /// The lines of an output that say something without marks.
    fn leaks<'a>(&self, output: &'a str) -> Vec<&'a str> {
        let is_hex = |run: &str| run.bytes().all(|byte| matches!(byte, b'a'..=b'f'));
        let may = |run: &str| is_hex(run) || self.words.contains(run) || self.wire.contains(run);
        // In a cell of a diagram a long name is cut.
        let cut = |run: &str| self.words.iter().any(|word| word.contains(run));
        let clean = |line: &&str| {
            let is_diagram = line.trim_start().starts_with('|');
            // What cannot be seen is shown as `\r` or `\xff`.
            let escapes = ["\\x", "\\n", "\\r", "\\t"];
            let line = escapes.iter().fold((*line).to_owned(), |line, escape| line.replace(escape, "\\ "));
            runs(&line).all(|run| may(run) || is_diagram && cut(run))
        };
        output.lines().filter(|line| !clean(line)).collect()
    }

    fn check(&self, what: &str, output: &str) {
        assert!(!output.trim().is_empty(), "{what} says nothing");
        let leaks = self.leaks(output);
        let mut told = String::new();
        for line in leaks.iter().take(12) {
            let _ = writeln!(told, "    {line}");
        }
        assert!(leaks.is_empty(), "{what}: {} lines do not come from the catalogue:\n{told}", leaks.len());
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// The captures, by their paths: those that are small enough to be told in full.
fn captures() -> Vec<PathBuf> {
    let files = [folder(), folder().join("museum")];
    let files = files.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let small = |path: &PathBuf| std::fs::metadata(path).unwrap().len() < 40_000;
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.to_string_lossy().contains(".pcap")).filter(small).collect();
    files.sort();
    assert!(files.len() > 100);
    files
}

fn read(path: &Path) -> (Trace, About) {
    let mut loader = capture::open(path, &capture::Options::default()).unwrap();
    let _ = loader.read_all();
    let summary = loader.summary();
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let about = About { file, packets: summary.packets, link_types: summary.link_types.clone() };
    (loader.into_trace(), about)
}

/// The program in the pseudo language: what it printed on both streams.
fn framescope(args: &[&str], input: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_framescope"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("FRAMESCOPE_LANGUAGE", "en-XA")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// Without what stands between these signs.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(open) {
        out.push_str(before);
        out.push(' ');
        rest = behind.split_once(close).map_or("", |(_, behind)| behind);
    }
    out + rest
}

#[test]
fn captures_are_told_in_the_readers_language() {
    let names = Known::names();
    let words = Words::pseudo();
    let mut seen = HashSet::new();
    for path in captures() {
        let (trace, about) = read(&path);
        let mut known = names.clone();
        known.trace(&trace);
        known.name(&about.file);
        for name in &about.link_types {
            known.name(name);
        }
        for (brief, fields, hex) in [(true, false, false), (false, true, true)] {
            let mut out = Vec::new();
            let options = text::Options { brief, fields, hex, words, ..text::Options::default() };
            text::write_trace(&mut out, &about, &trace, &options).unwrap();
            known.check(&about.file, &String::from_utf8(out).unwrap());
        }
        for finding in trace.conversations().iter().flat_map(|talk| talk.item_findings.iter()).map(|(_, f)| f)
        {
            seen.insert(finding.rule);
            known.check(finding.rule.id(), &words.finding_line(finding));
        }
    }
    assert!(seen.len() > 30, "{} rules", seen.len());
}

#[test]
fn packets_are_told_in_the_readers_language() {
    for name in ["h75-perl-driver-ipv6.pcap", "rfc-refused-403.pcap", "flash-policy-843.pcap"] {
        let path = folder().join(name);
        let bytes = std::fs::read(&path).unwrap();
        let options =
            text::Options { fields: true, hex: true, words: Words::pseudo(), ..text::Options::default() };
        let mut progress = text::Progress::default();
        for packet in capture::packets(&bytes).take(12) {
            let layers = capture::layers(packet.link, packet.bytes);
            let mut known = Known::names();
            known.bytes(packet.bytes);
            known.fields(&layers.tree);
            known.name(&packet.link.to_string());
            for finding in &layers.findings {
                known.finding(finding);
            }
            let mut out = Vec::new();
            text::write_packet(&mut out, &packet, &layers, &mut progress, &options).unwrap();
            known.check(name, &String::from_utf8(out).unwrap());
        }
    }
}

/// What stands in a figure's texts.
fn told(svg: &str) -> String {
    let svg = without(svg, "<style>", "</style>");
    let text = without(&svg.replace('<', "\n<"), "<", ">");
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn figures_are_drawn_in_the_readers_language() {
    let names = Known::names();
    let mut drawn = 0;
    for path in captures().into_iter().step_by(5) {
        let (trace, about) = read(&path);
        let Some(talk) = trace.conversations().first() else { continue };
        let mut known = names.clone();
        known.trace(&trace);
        // An error names the file by the path that was given, wherever it lies.
        known.name(&path.to_string_lossy());
        let mut kinds = vec![Kind::Ladder { items: None }, Kind::Layers { packet: about.packets.min(6) }];
        for item in 1..=talk.items.len().min(6) {
            kinds.push(Kind::Bits { item, rows: Some(2) });
            kinds.push(Kind::Derivation { item, id: None });
        }
        for packet in capture::packets(&std::fs::read(&path).unwrap()).take(6) {
            let layers = capture::layers(packet.link, packet.bytes);
            known.fields(&layers.tree);
            known.bytes(packet.bytes);
            for finding in &layers.findings {
                known.finding(finding);
            }
        }
        for kind in kinds {
            let source = Source::Capture { file: path.clone(), conversation: 1 };
            let figure = Figure { source, kind, title: None, theme: Theme::Light };
            match figure.draw(Words::pseudo()) {
                Ok(svg) => {
                    drawn += 1;
                    known.check(&format!("{}: {:?}", about.file, figure.kind), &told(&svg));
                }
                Err(error) => known.check(&about.file, &error.to_string()),
            }
        }
    }
    assert!(drawn > 60, "{drawn}");
}

#[test]
fn every_id_is_explained_in_the_readers_language() {
    let mut known = Known::names();
    known.name("https www");
    known.check("explain", &framescope(&["explain"], ""));
    let fields = catalogue::field_kinds().map(|kind| kind.id);
    let ids: Vec<&str> = fields.chain(Rule::ALL.iter().map(|rule| rule.id())).collect();
    let mut args = vec!["explain"];
    args.extend(&ids);
    let output = framescope(&args, "");
    known.check("explain", &output);
    assert!(output.lines().count() > 4 * ids.len());
}

#[test]
fn lessons_are_given_in_the_readers_language() {
    let (words, names) = (Words::pseudo(), Known::names());
    let mut progress = Progress::default();
    let lessons = bundled::lessons(words).unwrap();
    for lesson in &lessons {
        let trace = lesson.trace().unwrap();
        let mut known = names.clone();
        known.trace(&trace);
        known.name(&lesson.name);
        progress.of(&lesson.name).tries = 1;
        let mut player = Player::new(lesson.clone(), &trace, Mode::Guided).unwrap();
        let mut said = format!("{}\n{}\n", lesson.title, lesson.about);
        for (at, step) in lesson.steps.iter().enumerate() {
            player.go_to(at);
            match step {
                Step::Say { text, .. } => said += text,
                Step::Ask(question) => {
                    let _ = writeln!(said, "{}\n{}\n{}", question.text, question.hint, question.right);
                    if let Err(unreadable) = question.read("") {
                        said += &unreadable.said(words);
                    }
                    let wrong = question.wrong.iter().filter_map(|wrong| wrong.given(question).ok());
                    let rules = question.among.iter().cloned().map(Given::Rule);
                    let choices = (0..question.choices.len()).map(Given::Choice);
                    for given in wrong.chain(rules).chain(choices).chain([Given::Number(-7)]) {
                        let verdict = player.answer(&given).unwrap();
                        let _ = writeln!(said, "\n{}", verdict.words);
                    }
                    for choice in &question.choices {
                        said += &choice.says;
                    }
                }
            }
            said.push('\n');
        }
        let code: String = said.split("```").skip(1).step_by(2).collect();
        let indented = |line: &&str| !line.starts_with("    ");
        let plain = without(&without(&said, "```", "```"), "`", "`");
        known.name(&code);
        known.check(&lesson.name, &plain.lines().filter(indented).collect::<Vec<_>>().join("\n"));
    }
    let mut known = Known::default();
    known.check("the report", &progress.report(&lessons, words));
    for lesson in &lessons {
        known.name(&lesson.name);
    }
    known.check("the list", &framescope(&["lesson"], ""));
}

#[test]
fn the_terminal_gives_lessons_in_the_readers_language() {
    for name in
        ["unmask-by-hand", "hixie-76-by-hand", "byte-in-a-packet", "broken-ping-with-ping", "close-codes"]
    {
        let lesson = Lesson::open(name, Words::pseudo()).unwrap();
        let trace = lesson.trace().unwrap();
        let mut known = Known::names();
        known.trace(&trace);
        known.name(name);
        let capture = lesson.capture().unwrap();
        capture::packets(&capture).take(40).for_each(|packet| known.bytes(packet.bytes));
        // What is laid out as code stays as it is.
        for step in &lesson.steps {
            let text = match step {
                Step::Say { text, .. } => text,
                Step::Ask(question) => &question.text,
            };
            text.lines().filter(|line| line.starts_with("    ")).for_each(|line| known.name(line));
        }
        let input = "items\n \n-1\nshow\n".repeat(lesson.questions());
        let output = framescope(&["lesson", name, "--text"], &input);
        assert!(output.contains("──"), "{output}");
        known.check(name, &without(&output, "`", "`"));
        known.check(name, &without(&framescope(&["lesson", name, "--check"], ""), "`", "`"));
    }
}

#[test]
fn tables_of_the_book_are_made_in_the_readers_language() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    std::fs::create_dir_all(book.join("figures")).unwrap();
    std::fs::create_dir_all(book.join("src")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/rfc-refused-403.pcap");
    std::fs::copy(source, folder.path().join("a.pcap")).unwrap();
    let kinds = ["opcodes", "opcodes-hybi-04", "close-codes", "headers", "fields", "rules", "versions"];
    let mut manifest: String =
        kinds.map(|kind| format!("[[table]]\nname = \"{kind}\"\nkind = \"{kind}\"\n")).concat();
    manifest += "[[table]]\nname = \"statistics\"\nkind = \"statistics\"\ncapture = \"a.pcap\"\n";
    manifest += "[[output]]\nname = \"decode\"\ncommand = \"framescope decode 81 00\"\n";
    std::fs::write(book.join("figures/all.toml"), manifest).unwrap();
    let mut known = Known::names();
    let output = framescope(&["figure", "--book", &book.to_string_lossy(), "--language", "en-XA"], "");
    known.name(&book.to_string_lossy());
    for kind in &kinds {
        known.name(kind);
    }
    known.name("generated src statistics decode md txt");
    known.check("figure --book", &output);
    for entry in std::fs::read_dir(book.join("src/generated")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        known.check(&path.display().to_string(), &without(&without(&text, "`", "`"), "](http", ")"));
    }
}

#[test]
fn what_is_wrong_is_said_in_the_readers_language() {
    let words = Words::pseudo();
    let known = Known::names();
    for line in
        ["form:client", "from:both", "(a", "a )", "()", "a or", "\"open", "/open", "//", "\"a\"b", "hex:123"]
    {
        let error = line.parse::<Filter>().unwrap_err();
        let mut known = known.clone();
        known.name("form client server both from kind opcode hex finding message masked fin size text");
        known.check(line, &error.said(words));
    }
    for url in ["http://x", "wss://x", "ws://", "ws://a:b", "ws://a#b", "ws://u@a", "ws://a b", "ws://a:1:2"]
    {
        let error = url.parse::<WsUrl>().unwrap_err();
        let mut known = known.clone();
        known.name(url);
        known.check(url, &error.said(words));
    }
    let commands: &[&[&str]] = &[
        &["decode", "zz"],
        &["decode", "8"],
        &["decode", "--raw", "81"],
        &["decode", "-"],
        &["decode", "81", "00"],
        &["dissect", "README.md"],
        &["dissect", "captures"],
        &["dissect", "nowhere.pcap"],
        &["dissect", "captures/rfc-refused-403.pcap", "--conversation", "7"],
        &["export", "captures/rfc-refused-403.pcap", "--conversation", "9"],
        &["export", "captures/rfc-refused-403.pcap", "--items", "1..99"],
        &["export", "captures/rfc-refused-403.pcap"],
        &["export", "captures/flash-policy-843.pcap", "--format", "har"],
        &["explain", "nothing"],
        &["packets", "captures/rfc-refused-403.pcap", "999", "--brief"],
        &["packets", "captures/hard-gzip.pcap.gz"],
        &["figure", "bits", "captures/rfc-refused-403.pcap", "--item", "99"],
        &["figure", "derivation", "captures/rfc-refused-403.pcap", "--item", "1"],
        &["figure", "layers", "captures/rfc-refused-403.pcap", "--packet", "99"],
        &["figure", "layers", "captures/hard-gzip.pcap.gz", "--packet", "1"],
        &["figure", "bits", "--hex", "8100", "-o", "x.gif"],
        &["figure", "--book", "nowhere"],
        &["lesson", "nothing", "--text"],
        &["lesson", "--reset"],
        &["lesson", "unmask-by-hand", "--reset"],
        &["man", "nothing"],
        &["nowhere"],
        &["connect", "http://x"],
        &["connect", "ws://127.0.0.1:1"],
        &["connect", "ws://127.0.0.1:1", "--protocol", "hixie-75", "--ping", "a"],
        &["replay", "captures/rfc-refused-403.pcap", "--to", "127.0.0.1:1"],
        &["replay", "captures/rfc-refused-403.pcap", "--to", "127.0.0.1:1", "--conversation", "3"],
    ];
    for command in commands {
        let mut known = known.clone();
        known.name("framescope");
        for word in *command {
            known.name(word);
        }
        // What the system says, and how a file begins.
        known.name("Connection refused os error No such file or directory # Framescope ETHERNET");
        known.name(
            "dissect packets decode serve connect replay export figure lesson book explain completions man",
        );
        known.check(&command.join(" "), &framescope(command, ""));
    }
}

#[test]
fn a_language_is_named_by_its_tag() {
    let output = framescope(&["decode", "81", "00", "--language", "en"], "");
    assert!(output.contains("2 bytes from the server"), "{output}");
    let output = framescope(&["--language", "en", "decode", "81", "00"], "");
    assert!(output.contains("2 bytes from the server"), "{output}");
    let output = framescope(&["decode", "81", "00", "--language", "tlh"], "");
    assert!(output.contains("no language has the tag `tlh`; there are en"), "{output}");
    assert!(!output.contains("en-XA"), "{output}");
}
