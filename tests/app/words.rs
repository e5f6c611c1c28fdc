//! No sentence of the window is made outside the catalogue: in the pseudo language every letter of the catalogue's text has
//! a mark, so that what is left without marks comes from elsewhere.

use std::collections::{BTreeSet, HashSet};

use egui::epaint::Shape;
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use framescope::analysis::api::ReadyState;
use framescope::app::App;
use framescope::app::action::{Action, Dialog, ReplayStep};
use framescope::app::bundled;
use framescope::app::panel::Panel;
use framescope::app::settings::Tab;
use framescope::book;
use framescope::lesson::bundled as bundled_lessons;
use framescope::model::derive::Shown;
use framescope::model::dialect::{self, RFC6455};
use framescope::model::field::Field;
use framescope::model::protocol::{Protocol, Side};
use framescope::model::rule::Rule;
use framescope::trace::{Trace, derivations, fields};
use framescope::view::catalogue;
use framescope::wire::frame::hybi::Opcode;
use framescope::words::Words;

use super::common::{look_at, open, usual};

/// Everything that can be read in the window now: what is painted, and what a screen reader says.
fn shown(window: &Harness<'static, App>) -> Vec<String> {
    fn painted(shape: &Shape, texts: &mut Vec<String>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| painted(shape, texts)),
            Shape::Text(text) => texts.push(text.galley.text().to_owned()),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    for shape in &window.output().shapes {
        painted(&shape.shape, &mut texts);
    }
    let mut nodes = vec![window.root()];
    while let Some(node) = nodes.pop() {
        let spoken = node.accesskit_node();
        texts.extend([spoken.label(), spoken.value(), spoken.description()].into_iter().flatten());
        nodes.extend(node.children());
    }
    texts
}

/// The values of a field and of all its parts.
fn values(field: &Field) -> String {
    let parts: Vec<String> = field.children.iter().map(values).collect();
    format!("{} {}", field.value, parts.join(" "))
}

/// Two or more letters without marks beside each other.
fn unmarked(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|run| run.len() > 1)
}

/// What is not the window's to say in the person's language.
struct Known {
    /// Names, and what stands on the wire: letters beside each other.
    runs: HashSet<String>,
    /// Sentences that the window is given as they are; the longest first.
    said: Vec<String>,
}

impl Known {
    /// What has no language: names of fields, rules, versions, specifications, keys, units, link types and files, and what
    /// the API calls its parts.
    fn new() -> Self {
        let mut known = Self { runs: HashSet::new(), said: Vec::new() };
        for kind in catalogue::field_kinds() {
            known.name(kind.name);
            known.name(kind.id);
            known.name(&kind.section.to_string());
        }
        for rule in Rule::ALL {
            known.name(rule.id());
            known.name(&rule.section().to_string());
            for dialect in dialect::ALL {
                for side in Side::BOTH {
                    known.name(&rule.section_in(dialect, side).to_string());
                }
            }
            let versions = rule.versions();
            for draft in [versions.binding().first, versions.binding().last, versions.advised()] {
                known.name(&draft.to_string());
            }
        }
        for protocol in Protocol::ALL {
            known.name(protocol.id());
        }
        for opcode in (0..16).map(Opcode::new) {
            known.name(opcode.name());
        }
        for code in RFC6455.closing.codes {
            known.name(code.name);
        }
        for name in bundled::names().iter().chain(&bundled::museum()) {
            known.name(name);
        }
        for state in [ReadyState::Connecting, ReadyState::Open, ReadyState::Closing, ReadyState::Closed] {
            known.name(state.name());
        }
        known.name("ns ms");
        known.name("Ctrl Shift Home End Escape Enter Space Tab Plus Minus");
        known.name("readyState bufferedAmount protocol extensions url code wasClean true false reason");
        known.name("open message close error text binary");
        known.name("ETHERNET RAW");
        known.name("ws wss http https www editor html demo example com localhost");
        // The end of a payload in a row of its own.
        known.name("llo");
        known.said_elsewhere();
        known
    }

    fn name(&mut self, name: &str) {
        self.runs.extend(unmarked(name).map(str::to_owned));
    }

    /// Everything that other parts of the program still say in English and that the window shows as it is:
    /// - `view::line`: what kind of item stands in a row, and where in its message;
    /// - `capture::layers`: the names of TCP options, and what is said of a packet;
    /// - the titles and the text of lessons, and the titles of the book's chapters;
    /// - egui: the buttons that close a window or a tab, and the edges by which something is resized.
    ///
    /// The text of the book's page and of a lesson's step is skipped where it is shown ([`Known::page`]).
    fn said_elsewhere(&mut self) {
        for own in ["Close window", "Close", "Resize panel", "Resize window"] {
            self.said.push(own.to_owned());
        }
        for place in ["bottom", "top", "corner", "edge", "left", "right"] {
            self.name(place);
        }
        for part in ["not final", "final of items", "final of item"] {
            self.said.push(part.to_owned());
        }
        self.said.push(
            "the checksum does not fit: the network card was to finish it, or the segment is damaged"
                .to_owned(),
        );
        for option in ["no operation", "timestamps"] {
            self.said.push(option.to_owned());
        }
        for lesson in bundled_lessons::lessons(Words::english()).unwrap() {
            self.said.extend([lesson.title, lesson.about]);
        }
        for chapter in book::chapters() {
            self.said.push(chapter.title.clone());
            self.said.extend(chapter.part.clone());
        }
        for name in
            ["policy request", "policy file", "HTTP request", "HTTP response", "unparsed", "frame", "gap"]
        {
            self.said.push(name.to_owned());
        }
        self.said.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    /// What stands in the bytes that are looked at, and what the core says of them in English.
    fn hear(&mut self, window: &Harness<'static, App>) {
        let heard = window.state().with_trace(|trace: &Trace| {
            let mut bytes: Vec<Vec<u8>> = Vec::new();
            for talk in trace.conversations() {
                for (number, item) in talk.items.iter() {
                    bytes.push(talk.bytes_of(&trace.store, item).into_owned());
                    // With masks taken off.
                    if let Some(tree) = fields(talk, &trace.store, number) {
                        bytes.push(values(&tree).into_bytes());
                    }
                    for derivation in derivations(talk, &trace.store, number) {
                        for step in derivation.steps {
                            bytes.push(step.output.clone().into_bytes());
                            formulas(&step.shown, &mut bytes);
                        }
                    }
                }
            }
            bytes
        });
        let bytes = heard.unwrap_or_default();
        for bytes in bytes {
            self.name(&String::from_utf8_lossy(&bytes));
        }
    }

    /// The text of the page that the book or a lesson shows.
    fn page(&mut self, text: &str) {
        self.name(text);
    }

    /// What is left of a text.
    fn left(&self, text: &str) -> Vec<String> {
        let mut rest = text.to_owned();
        for said in &self.said {
            if rest.contains(said.as_str()) {
                rest = rest.replace(said.as_str(), " ");
            }
        }
        let hex = |run: &str| run.bytes().all(|byte| byte.is_ascii_hexdigit());
        unmarked(&rest).filter(|run| !self.runs.contains(*run) && !hex(run)).map(str::to_owned).collect()
    }
}

/// What is written out without words.
fn formulas(shown: &Shown, bytes: &mut Vec<Vec<u8>>) {
    match shown {
        Shown::Formula(formula) => bytes.push(formula.clone().into_bytes()),
        Shown::Parts(parts) => parts.iter().for_each(|part| formulas(part, bytes)),
        _ => {}
    }
}

fn check(window: &Harness<'static, App>, known: &Known, wrong: &mut BTreeSet<String>, view: &str) {
    for text in shown(window) {
        let left = known.left(&text);
        if !left.is_empty() {
            wrong.insert(format!("{view}: {left:?} in {text:?}"));
        }
    }
}

#[test]
fn the_window_says_nothing_that_is_not_in_the_catalogue() {
    let mut wrong = BTreeSet::new();
    let mut window = usual();
    window.state_mut().speak("en-XA");
    window.run_ok();
    let mut known = Known::new();
    check(&window, &known, &mut wrong, "welcome");
    open(&mut window, "rfc-ws8-srvping-srvfrag.pcap");
    known.hear(&window);
    for tab in [Tab::Bits, Tab::Hex, Tab::Fields, Tab::Follows] {
        look_at(&mut window, 3, tab);
        check(&window, &known, &mut wrong, &format!("{tab:?}"));
    }
    for panel in Panel::ALL {
        // Last: what stands on the page is skipped from then on.
        if panel == Panel::Book {
            continue;
        }
        window.state_mut().ask(Action::Show(panel));
        window.run_ok();
        window.run_ok();
        check(&window, &known, &mut wrong, panel.word());
    }
    window.state_mut().ask(Action::Replay(ReplayStep::Forward));
    window.run_ok();
    check(&window, &known, &mut wrong, "replay");
    // The dialog for a path proposes what stands in the folder.
    for entry in std::fs::read_dir(".").unwrap() {
        known.name(&entry.unwrap().file_name().to_string_lossy());
    }
    for dialog in [
        Dialog::Server,
        Dialog::Connect(Protocol::Rfc6455),
        Dialog::Paste,
        Dialog::Path,
        Dialog::Export,
        Dialog::SendAgain,
        Dialog::Palette,
        Dialog::Shortcuts,
    ] {
        window.state_mut().ask(Action::Dialog(dialog));
        window.run_ok();
        check(&window, &known, &mut wrong, &format!("{dialog:?}"));
        window.state_mut().ask(Action::Escape);
        window.run_ok();
    }
    window.state_mut().ask(Action::StartDemo);
    window.run_ok();
    known.hear(&window);
    check(&window, &known, &mut wrong, "demo");
    let lesson = bundled_lessons::names().next().unwrap();
    known.page(&format!("{:?}", bundled_lessons::lesson(lesson, Words::english()).unwrap().unwrap()));
    window.state_mut().ask(Action::Lesson(lesson.to_owned()));
    for _ in 0..4 {
        window.run_ok();
    }
    known.hear(&window);
    check(&window, &known, &mut wrong, "lesson");
    for chapter in book::chapters() {
        known.page(&format!("{:?}", book::page(&chapter.name)).replace("\\n", " "));
    }
    window.state_mut().ask(Action::Show(Panel::Book));
    window.run_ok();
    window.run_ok();
    check(&window, &known, &mut wrong, "book");
    let all: Vec<&str> = wrong.iter().map(String::as_str).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}
