//! A question: what is asked for, and what is said to an answer.

use egui::text::{CCursor, CCursorRange};
use egui::{RichText, TextEdit, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use crate::app::action::At;
use crate::app::language::Speaks;
use crate::app::pass::Pass;
use crate::app::theme;
use crate::lesson::{Given, Kind, Player, Question, Verdict};
use crate::model::rule::{Rule, Severity};

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
    /// The last answer came with Enter.
    entered: bool,
    /// The box is to get the keyboard, with its text selected.
    focus: bool,
    /// The place for the answer was scrolled to.
    seen: bool,
    /// What is said is to be scrolled to.
    to_verdict: bool,
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

    /// Whether the last answer was typed.
    pub(super) const fn was_typed(&self) -> bool {
        self.entered
    }

    /// For a student at the keyboard: the next question's box has the focus.
    pub(super) fn by_key() -> Self {
        Self { focus: true, ..Self::default() }
    }

    /// Draws what is asked for, and what was said. Whether an answer was given.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        pass: &mut Pass<'_>,
        player: &mut Player,
        cache: &mut CommonMarkCache,
        at: At,
    ) -> bool {
        let Some(question) = player.question().cloned() else { return false };
        let open = !player.is_done();
        let mut given = None;
        let input = ui.scope(|ui| {
            ui.add_enabled_ui(open, |ui| given = self.input(ui, pass, &question, at));
        });
        if !std::mem::replace(&mut self.seen, true) {
            input.response.scroll_to_me(None);
        }
        let mut answered = false;
        if let Some(given) = given.filter(|_| open) {
            self.verdict = player.answer(&given);
            self.tries += 1;
            // Another try begins where this one ended.
            self.focus = self.entered && !player.is_done();
            answered = true;
        }
        let said = ui.scope(|ui| {
            if let Some(words) = &self.unreadable {
                ui.label(words);
            }
            if let Some(verdict) = &self.verdict {
                said(ui, cache, verdict);
            } else if player.is_done() {
                // It was answered another time, or shown.
                let colour = theme::severity(ui.visuals(), Severity::Note);
                ui.label(RichText::new(format!("✓ {}", ui.words().text("lesson-answered"))).color(colour));
                CommonMarkViewer::new().show(ui, cache, &question.right);
            }
            if !player.is_done()
                && player.tries() > 0
                && ui.button(ui.words().text("lesson-give-up")).clicked()
            {
                self.shown = player.reveal().is_some();
                self.verdict = None;
                answered = true;
            }
        });
        // Its height is known when it was drawn once.
        if std::mem::replace(&mut self.to_verdict, answered) {
            said.response.scroll_to_me(None);
        }
        if answered {
            ui.ctx().request_repaint();
        }
        answered
    }

    /// Draws the place for an answer. What was answered.
    fn input(&mut self, ui: &mut Ui, pass: &Pass<'_>, question: &Question, at: At) -> Option<Given> {
        match question.kind {
            Kind::Choice => {
                let says = question.choices.iter().map(|choice| choice.says.clone()).collect();
                self.options(ui, says).map(Given::Choice)
            }
            Kind::Rule => {
                let title = |id: &String| {
                    Rule::from_id(id).map_or_else(|| id.clone(), |rule| ui.words().title(rule).to_owned())
                };
                let picked = self.options(ui, question.among.iter().map(title).collect())?;
                question.among.get(picked).cloned().map(Given::Rule)
            }
            Kind::Field | Kind::Bit | Kind::Item => {
                let (word, shown, given) = picked(pass, question.kind, at);
                ui.label(RichText::new(ui.words().text(word)).weak());
                let chosen = shown.unwrap_or_else(|| ui.words().text("lesson-nothing-picked").to_owned());
                ui.label(RichText::new(chosen).strong());
                self.typed(ui, question, given)
            }
            Kind::Bytes | Kind::Number | Kind::Text | Kind::CloseCode => self.typed(ui, question, None),
        }
    }

    fn options(&mut self, ui: &mut Ui, says: Vec<String>) -> Option<usize> {
        for (at, words) in says.into_iter().enumerate() {
            if ui.radio(self.chosen == Some(at), words).clicked() {
                self.chosen = Some(at);
                self.verdict = None;
            }
        }
        let button =
            ui.add_enabled(self.chosen.is_some(), egui::Button::new(ui.words().text("lesson-answer")));
        if button.clicked() { self.chosen } else { None }
    }

    /// What is typed is the answer; where nothing is, what was picked.
    fn typed(&mut self, ui: &mut Ui, question: &Question, picked: Option<Given>) -> Option<Given> {
        let hint = match question.kind {
            Kind::Bytes => "lesson-hint-bytes",
            Kind::Text => "lesson-hint-text",
            Kind::CloseCode => "lesson-hint-code",
            Kind::Field => "lesson-hint-field",
            Kind::Bit => "lesson-hint-bit",
            Kind::Item => "lesson-hint-item",
            _ => "lesson-hint-number",
        };
        let mut sent = false;
        ui.horizontal_wrapped(|ui| {
            let room = (ui.available_width() - 100.0).clamp(120.0, 420.0);
            let field = TextEdit::singleline(&mut self.typed)
                .id_salt("answer")
                .hint_text(ui.words().text(hint))
                .font(egui::TextStyle::Monospace)
                .desired_width(room);
            let output = field.show(ui);
            let field = output.response.response.accessible_name(ui.words().text("lesson-your-answer"));
            if std::mem::take(&mut self.focus) {
                field.request_focus();
                let all = CCursorRange::two(CCursor::new(0), CCursor::new(self.typed.chars().count()));
                let mut state = output.state;
                state.cursor.set_char_range(Some(all));
                state.store(ui.ctx(), field.id);
            }
            if field.changed() {
                self.verdict = None;
                self.unreadable = None;
            }
            let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let button = egui::Button::new(ui.words().text("lesson-answer"));
            let able = picked.is_some() || !self.typed.trim().is_empty();
            sent = ui.add_enabled(able, button).clicked() || enter;
            self.entered = enter;
        });
        if !sent {
            return None;
        }
        if self.typed.trim().is_empty() && picked.is_some() {
            return picked;
        }
        match question.read(&self.typed) {
            Ok(given) => Some(given),
            Err(error) => {
                self.unreadable = Some(error.to_string());
                self.focus = self.entered;
                self.to_verdict = true;
                None
            }
        }
    }
}

/// What is selected in the workspace: how to select, what is selected, and the answer that it is.
fn picked(pass: &Pass<'_>, kind: Kind, at: At) -> (&'static str, Option<String>, Option<Given>) {
    let here = pass.state.at.is_some_and(|here| here.source == at.source);
    let look = pass.state.look.as_ref().filter(|_| here);
    let mark = pass.state.marks.selected().filter(|mark| Some(mark.item) == look.map(|look| look.number));
    match kind {
        Kind::Item => {
            let item = pass.state.item.filter(|_| here);
            let shown = item.map(|item| pass.words().with("lesson-item", &[("number", (item + 1).into())]));
            ("lesson-pick-item", shown, item.map(Given::Item))
        }
        Kind::Bit => {
            let bit = mark.filter(|mark| mark.bits.len() == 1);
            let shown = bit
                .map(|mark| pass.words().with("lesson-bit", &[("bit", mark.bits.start.to_string().into())]));
            ("lesson-pick-bit", shown, bit.map(|mark| Given::Bit(Some(mark.item), mark.bits.start)))
        }
        _ => {
            let field = look.zip(mark).map(|(look, mark)| (mark, look.field_of(mark.bits)));
            let shown = field.map(|(mark, field)| {
                let hidden = pass.state.hides(mark.item, field);
                if hidden { "?".to_owned() } else { field.kind.name.to_owned() }
            });
            let given = field
                .map(|(mark, field)| Given::Field(Some((mark.item, field.bits)), field.kind.id.to_owned()));
            ("lesson-pick-field", shown, given)
        }
    }
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
            ui.label(RichText::new(format!("{sign} {}", ui.words().text(word))).color(colour).strong());
            CommonMarkViewer::new().show(ui, cache, &verdict.words);
        },
    );
}
