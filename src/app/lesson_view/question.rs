//! A question: what is asked for, and what is said to an answer.

use egui::{RichText, TextEdit, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use crate::app::action::At;
use crate::app::frame::Frame;
use crate::app::theme;
use crate::lesson::{Given, Kind, Player, Question, Verdict};
use crate::rule::{Rule, Severity};
use crate::words;

/// What a student is answering.
#[derive(Debug, Default)]
pub(super) struct Answering {
    typed: String,
    chosen: Option<usize>,
    /// What was typed is no answer.
    unreadable: Option<String>,
    verdict: Option<Verdict>,
    tries: u32,
    shown: bool,
}

impl Answering {
    /// Whether the answer was shown because the student gave up.
    pub(super) const fn was_shown(&self) -> bool {
        self.shown
    }

    /// The answers that were given since the last call.
    pub(super) fn take_tries(&mut self) -> u32 {
        std::mem::take(&mut self.tries)
    }

    /// Draws what is asked for, and what was said. Whether an answer was given.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        frame: &mut Frame<'_>,
        player: &mut Player,
        cache: &mut CommonMarkCache,
        at: At,
    ) -> bool {
        let Some(question) = player.question().cloned() else { return false };
        let open = !player.is_done();
        let mut given = None;
        ui.add_enabled_ui(open, |ui| given = self.input(ui, frame, &question, at));
        let mut answered = false;
        if let Some(given) = given.filter(|_| open) {
            self.verdict = player.answer(&given);
            self.tries += 1;
            answered = true;
        }
        if let Some(words) = &self.unreadable {
            ui.label(words);
        }
        if let Some(verdict) = &self.verdict {
            said(ui, cache, verdict);
        } else if !open {
            // It was answered another time.
            let colour = theme::severity(ui.visuals(), Severity::Note);
            ui.label(RichText::new(format!("✓ {}", words::text("lesson-answered"))).color(colour));
            CommonMarkViewer::new().show(ui, cache, &question.right);
        }
        if open && player.tries() > 0 && ui.button(words::text("lesson-give-up")).clicked() {
            self.shown = player.reveal().is_some();
            self.verdict = None;
            return true;
        }
        answered
    }

    /// Draws the place for an answer. What was answered.
    fn input(&mut self, ui: &mut Ui, frame: &Frame<'_>, question: &Question, at: At) -> Option<Given> {
        match question.kind {
            Kind::Choice => {
                let says = question.choices.iter().map(|choice| choice.says.clone()).collect();
                self.options(ui, says).map(Given::Choice)
            }
            Kind::Rule => {
                let title = |id: &String| {
                    Rule::from_id(id).map_or_else(|| id.clone(), |rule| rule.title().to_owned())
                };
                let picked = self.options(ui, question.among.iter().map(title).collect())?;
                question.among.get(picked).cloned().map(Given::Rule)
            }
            Kind::Field | Kind::Bit | Kind::Item => picked(ui, frame, question.kind, at),
            Kind::Bytes | Kind::Number | Kind::Text | Kind::CloseCode => self.typed(ui, question),
        }
    }

    fn options(&mut self, ui: &mut Ui, says: Vec<String>) -> Option<usize> {
        for (at, words) in says.into_iter().enumerate() {
            if ui.radio(self.chosen == Some(at), words).clicked() {
                self.chosen = Some(at);
                self.verdict = None;
            }
        }
        let button = ui.add_enabled(self.chosen.is_some(), egui::Button::new(words::text("lesson-answer")));
        if button.clicked() { self.chosen } else { None }
    }

    fn typed(&mut self, ui: &mut Ui, question: &Question) -> Option<Given> {
        let hint = match question.kind {
            Kind::Bytes => "lesson-hint-bytes",
            Kind::Text => "lesson-hint-text",
            Kind::CloseCode => "lesson-hint-code",
            _ => "lesson-hint-number",
        };
        let mut sent = false;
        ui.horizontal_wrapped(|ui| {
            let room = (ui.available_width() - 100.0).clamp(120.0, 420.0);
            let field = TextEdit::singleline(&mut self.typed)
                .hint_text(words::text(hint))
                .font(egui::TextStyle::Monospace)
                .desired_width(room);
            let field = ui.add(field).accessible_name(words::text("lesson-your-answer"));
            if field.changed() {
                self.verdict = None;
                self.unreadable = None;
            }
            let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            sent = ui.button(words::text("lesson-answer")).clicked() || enter;
        });
        if !sent {
            return None;
        }
        match question.read(&self.typed) {
            Ok(given) => Some(given),
            Err(error) => {
                self.unreadable = Some(error.to_string());
                None
            }
        }
    }
}

/// What is selected in the workspace is the answer.
fn picked(ui: &mut Ui, frame: &Frame<'_>, kind: Kind, at: At) -> Option<Given> {
    let here = frame.state.at.is_some_and(|here| here.source == at.source);
    let look = frame.state.look.as_ref().filter(|_| here);
    let mark = frame.state.marks.selected.filter(|mark| Some(mark.item) == look.map(|look| look.number));
    let (word, shown, given) = match kind {
        Kind::Item => {
            let item = frame.state.item.filter(|_| here);
            let shown = item.map(|item| words::with("lesson-item", &[("number", (item + 1).into())]));
            ("lesson-pick-item", shown, item.map(Given::Item))
        }
        Kind::Bit => {
            let bit = mark.filter(|mark| mark.bits.len() == 1);
            let shown =
                bit.map(|mark| words::with("lesson-bit", &[("bit", mark.bits.start.to_string().into())]));
            ("lesson-pick-bit", shown, bit.map(|mark| Given::Bit(Some(mark.item), mark.bits.start)))
        }
        _ => {
            let field = look.zip(mark).map(|(look, mark)| (mark, look.field_of(mark.bits)));
            let shown = field.map(|(_, field)| field.kind.name.to_owned());
            let given = field
                .map(|(mark, field)| Given::Field(Some((mark.item, field.bits)), field.kind.id.to_owned()));
            ("lesson-pick-field", shown, given)
        }
    };
    ui.label(RichText::new(words::text(word)).weak());
    let mut sent = false;
    ui.horizontal_wrapped(|ui| {
        let chosen = shown.unwrap_or_else(|| words::text("lesson-nothing-picked").to_owned());
        ui.label(RichText::new(chosen).strong());
        let button = egui::Button::new(words::text("lesson-answer"));
        sent = ui.add_enabled(given.is_some(), button).clicked();
    });
    given.filter(|_| sent)
}

/// What is said to an answer.
fn said(ui: &mut Ui, cache: &mut CommonMarkCache, verdict: &Verdict) {
    let (word, severity, sign) = if verdict.is_right() {
        ("lesson-right", Severity::Note, "✓")
    } else {
        ("lesson-wrong", Severity::Error, "✖")
    };
    let colour = theme::severity(ui.visuals(), severity);
    egui::Frame::new().stroke(egui::Stroke::new(1.5, colour)).corner_radius(6).inner_margin(8).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(format!("{sign} {}", words::text(word))).color(colour).strong());
            CommonMarkViewer::new().show(ui, cache, &verdict.words);
        },
    );
}
