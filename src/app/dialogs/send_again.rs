//! Sending the conversation that is looked at again.

use egui::{Align, ComboBox, Key, Label, Layout, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use crate::analysis::compare::Compared;
use crate::app::action::{Action, At};
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::model::rule::Severity;
use crate::view::fit::grouped;
use crate::words::{Said, Words};

/// Sending the conversation that is looked at again.
#[derive(Debug, Default)]
pub(super) struct SendAgainDialog {
    to: String,
    /// The place of the speed in [`SPEEDS`].
    speed: usize,
    /// The conversation that was sent last.
    sent: Option<At>,
    report: Option<Report>,
    /// It is being sent.
    waiting: bool,
}

/// What came of it, as lines.
#[derive(Debug)]
struct Report {
    items: Vec<Compared>,
    lines: Vec<Line>,
    sent: u64,
    unsent: u64,
    different: usize,
}

/// A line of the table: an item, or one of its differences.
#[derive(Clone, Copy, Debug)]
enum Line {
    Item(usize),
    Difference(usize, usize),
}

/// How fast it can be sent; none is as fast as the answers allow.
const SPEEDS: [Option<f64>; 7] = [None, Some(0.25), Some(0.5), Some(1.0), Some(2.0), Some(10.0), Some(100.0)];

impl SendAgainDialog {
    /// Takes what came of it.
    pub(super) fn report(&mut self, items: Vec<Compared>, sent: u64, unsent: u64) {
        let mut lines = Vec::new();
        for (at, compared) in items.iter().enumerate() {
            lines.push(Line::Item(at));
            lines.extend((0..compared.differences.len()).map(|difference| Line::Difference(at, difference)));
        }
        self.waiting = false;
        let different = items.iter().filter(|compared| !compared.is_same()).count();
        self.report = Some(Report { items, lines, sent, unsent, different });
    }

    /// It could not be sent.
    pub(super) fn failed(&mut self) {
        self.waiting = false;
    }

    /// Draws it; whether it is done with.
    pub(super) fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, fresh: bool) -> bool {
        if fresh && self.to.is_empty() {
            self.to = pass.host.listening().map_or_else(|| "127.0.0.1:9001".to_owned(), |at| at.to_string());
        }
        let Some(at) = pass.state.at.filter(|_| pass.talk().is_some()) else {
            ui.label(RichText::new(ui.words().text("export-no-conversation")).weak());
            return false;
        };
        ui.label(RichText::new(ui.words().text("send-again-about")).weak());
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        ui.horizontal(|ui| {
            ui.label(ui.words().text("send-again-to"));
            let field = TextEdit::singleline(&mut self.to).desired_width(180.0);
            let field = ui.add(field).accessible_name(ui.words().text("send-again-to"));
            if fresh && self.report.is_none() {
                field.request_focus();
            }
            let chosen = SPEEDS.get(self.speed).copied().flatten();
            let speeds = ComboBox::from_id_salt("speed")
                .selected_text(speed_word(ui.words(), chosen))
                .show_ui(ui, |ui| {
                    for (number, speed) in SPEEDS.into_iter().enumerate() {
                        ui.selectable_value(&mut self.speed, number, speed_word(ui.words(), speed));
                    }
                });
            speeds.response.accessible_name(ui.words().text("send-again-speed"));
            let ready = is_address(&self.to) && !self.waiting;
            let start = ui.add_enabled(ready, egui::Button::new(ui.words().text("send-again-start")));
            if start.clicked() || enter && ready {
                self.report = None;
                self.waiting = true;
                self.sent = Some(at);
                pass.state.ask(Action::SendAgain { to: self.to.trim().to_owned(), speed: chosen });
            }
        });
        if !self.to.trim().is_empty() && !is_address(&self.to) {
            let colour = theme::severity(ui.visuals(), Severity::Error);
            ui.label(RichText::new(ui.words().text("send-again-no-address")).color(colour));
        }
        if self.waiting {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(ui.words().text("send-again-waiting"));
            });
        }
        if let Some(report) = &self.report {
            ui.separator();
            report.ui(ui, pass, self.sent);
        }
        false
    }
}

/// Whether it names a host and a port.
fn is_address(text: &str) -> bool {
    text.trim().rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(char::is_whitespace)
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

fn speed_word(words: Words, speed: Option<f64>) -> String {
    match speed {
        None => words.text("send-again-max").to_owned(),
        Some(0.25) => "¼×".to_owned(),
        Some(0.5) => "½×".to_owned(),
        Some(times) => format!("{times}×"),
    }
}

impl Report {
    fn ui(&self, ui: &mut Ui, pass: &mut Pass<'_>, of: Option<At>) {
        let sent = ui.words().with("send-again-sent", &[("count", self.sent.into())]);
        let verdict = match self.different {
            0 => ui.words().with("send-again-all-same", &[("count", self.items.len().into())]),
            different => ui.words().with(
                "send-again-different",
                &[("different", different.into()), ("count", self.items.len().into())],
            ),
        };
        ui.label(RichText::new(verdict).strong());
        ui.label(format!("{sent} {}", ui.words().text("send-again-answers")));
        if self.unsent > 0 {
            let colour = theme::severity(ui.visuals(), Severity::Warning);
            let words = ui.words().with("send-again-unsent", &[("count", grouped(self.unsent).into())]);
            ui.label(RichText::new(words).color(colour));
        }
        let height = ui.spacing().interact_size.y;
        let room = ui.available_height().clamp(64.0, 420.0);
        ScrollArea::both().max_height(room).auto_shrink([false, true]).show_rows(
            ui,
            height,
            self.lines.len(),
            |ui, rows| {
                for line in self.lines.get(rows).unwrap_or_default() {
                    match *line {
                        Line::Item(at) => self.item(ui, pass, of, at),
                        Line::Difference(at, difference) => self.difference(ui, at, difference),
                    }
                }
            },
        );
    }

    fn item(&self, ui: &mut Ui, pass: &mut Pass<'_>, of: Option<At>, at: usize) {
        let Some(compared) = self.items.get(at) else { return };
        let number =
            |number: Option<usize>| number.map_or("–".to_owned(), |number| (number + 1).to_string());
        let (word, severity) = match (compared.recorded, compared.answered) {
            (Some(_), None) => ("send-again-missing", Severity::Error),
            (None, Some(_)) => ("send-again-more", Severity::Warning),
            _ if compared.is_same() => ("send-again-same", Severity::Note),
            _ => ("send-again-differs", Severity::Error),
        };
        let what = of.zip(compared.recorded).and_then(|(of, number)| {
            let trace = pass.trace(of.source)?;
            let talk = trace.conversation(of.conversation)?;
            let item = talk.items.get(number)?;
            let words = ui.words();
            let size = words.with("count-bytes", &[("count", item.length.into())]);
            let line = crate::view::line::Line::new(words, talk, &trace.store, number, item);
            Some(format!("{}, {size}", line.kind()))
        });
        let what = what.unwrap_or_default();
        ui.horizontal(|ui| {
            let numbers = format!("{} → {}", number(compared.recorded), number(compared.answered));
            let name = format!("{numbers}, {}, {what}", ui.words().text(word));
            let numbers = ui.add(egui::Button::new(RichText::new(numbers).monospace()).frame(false));
            let numbers = numbers.on_hover_text(ui.words().text("send-again-look")).accessible_name(name);
            if let (true, Some(of), Some(item)) = (numbers.clicked(), of, compared.recorded) {
                pass.state.ask(Action::LookAt(of));
                pass.state.ask(Action::Select(item, None));
            }
            let mut verdict = RichText::new(ui.words().text(word)).strong();
            if severity != Severity::Note {
                verdict = verdict.color(theme::severity(ui.visuals(), severity));
            }
            let size = egui::vec2(80.0, ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(size.x);
                ui.label(verdict);
            });
            ui.label(RichText::new(what).weak());
        });
    }

    fn difference(&self, ui: &mut Ui, at: usize, difference: usize) {
        let Some(difference) = self.items.get(at).and_then(|item| item.differences.get(difference)) else {
            return;
        };
        let said = ui.words();
        let words = said.with(
            "send-again-difference",
            &[
                ("what", difference.what.said(said).into()),
                ("recorded", difference.recorded.said(said).into()),
                ("answered", difference.answered.said(said).into()),
            ],
        );
        ui.allocate_ui_with_layout(
            egui::vec2(ui.available_width(), ui.spacing().interact_size.y),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.add_space(theme::GROUP * 2.0);
                ui.add(Label::new(&words).extend()).on_hover_text(&words);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for good in ["127.0.0.1:9001", "localhost:80", "[::1]:9001", " host:1 "] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "host", "host:", ":9001", "host:0", "host:99999", "a b:1"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
