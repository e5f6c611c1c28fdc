//! The lesson that is being worked through; without one, the lessons there are.

mod list;
mod question;

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use egui::{RichText, ScrollArea, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use self::question::Answering;
use super::action::{Action, At};
use super::panel::Panel;
use super::pass::{Pass, State};
use super::settings::Tab;
use super::theme;
use crate::app::language::Speaks;
use crate::lesson::{self, Lesson, LessonError, Mode, Player, Progress, Step};
use crate::trace::Trace;
use crate::words::Words;

/// The lesson panel.
#[derive(Default)]
pub struct LessonPanel {
    open: Option<Open>,
    /// What a student has done.
    progress: Progress,
    /// Where that is kept; none to keep it nowhere.
    file: Option<PathBuf>,
    /// The bytes are hidden until the question about them is answered.
    challenge: bool,
    /// Whether to begin all again was asked for once.
    resets: bool,
    cache: CommonMarkCache,
}

impl std::fmt::Debug for LessonPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LessonPanel")
            .field("open", &self.open.as_ref().map(|open| &open.name))
            .finish_non_exhaustive()
    }
}

/// A lesson that is open.
struct Open {
    name: String,
    player: Player,
    /// Where its bytes are shown.
    at: At,
    answering: Answering,
    /// The step that is shown beside, so that it is shown once.
    shown: Option<usize>,
    /// The keyboard goes on to the next step.
    to_next: bool,
    since: Instant,
}

impl LessonPanel {
    /// Keeps what is done in this file, and goes on from what is in it.
    ///
    /// # Errors
    /// Where there is something in it that cannot be read. Then the file stays as it is.
    pub fn keep_in(&mut self, file: PathBuf) -> io::Result<()> {
        self.progress = Progress::load(&file)?;
        self.file = Some(file);
        Ok(())
    }

    /// Opens a lesson whose bytes are shown at `at`; goes on where the student was.
    ///
    /// # Errors
    /// Where a step names what is not in the bytes.
    pub fn open(&mut self, lesson: Lesson, trace: &Trace, at: At) -> Result<(), LessonError> {
        let name = lesson.name.clone();
        let mode = if self.challenge { Mode::Challenge } else { Mode::Guided };
        let mut player = Player::new(lesson, trace, mode)?;
        let done = self.progress.of(&name).clone();
        for step in &done.answered {
            player.mark_done(*step);
        }
        // A lesson that was finished begins again at its first step.
        if !player.is_finished() {
            player.go_to(done.at);
        }
        self.cache = CommonMarkCache::default();
        let answering = Answering::default();
        let since = Instant::now();
        self.open = Some(Open { name, player, at, answering, shown: None, to_next: false, since });
        Ok(())
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, pass: &mut Pass<'_>) {
        // Its source was closed.
        if self.open.as_ref().is_some_and(|open| pass.trace(open.at.source).is_none()) {
            self.leave(pass.state);
        }
        let Some(mut open) = self.open.take() else {
            pass.state.hidden.clear();
            self.list(ui, pass);
            return;
        };
        let left = self.lesson(ui, pass, &mut open);
        pass.state.hidden = if left { Vec::new() } else { open.player.hidden() };
        pass.state.hidden_at = Some(open.at);
        self.open = Some(open);
        if left {
            self.leave(pass.state);
        }
    }

    /// Draws a lesson; whether it is left.
    fn lesson(&mut self, ui: &mut Ui, pass: &mut Pass<'_>, open: &mut Open) -> bool {
        let left = self.head(ui, pass.state, open);
        ui.separator();
        if open.shown != Some(open.player.at()) {
            open.shown = Some(open.player.at());
            show(pass.state, open);
            // It stays in front, where both stand at one place.
            pass.state.ask(Action::Show(Panel::Lesson));
        }
        ScrollArea::vertical().id_salt(("lesson", open.player.at())).auto_shrink(false).show(ui, |ui| {
            let text = match open.player.step() {
                Some(Step::Say { text, .. }) => text.clone(),
                Some(Step::Ask(question)) => question.text.clone(),
                None => String::new(),
            };
            CommonMarkViewer::new().show(ui, &mut self.cache, &text);
            ui.add_space(theme::GAP);
            if open.answering.ui(ui, pass, &mut open.player, &mut self.cache, open.at) {
                open.to_next = open.player.is_done() && open.answering.was_typed();
                self.note(pass.state, open);
            }
            if open.player.is_finished() && open.player.at() + 1 == open.player.len() {
                finished(ui, pass.state, open.player.lesson());
            }
        });
        left
    }

    fn head(&mut self, ui: &mut Ui, state: &mut State, open: &mut Open) -> bool {
        let mut left = false;
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(&open.player.lesson().title).size(theme::HEADING).strong());
        });
        ui.horizontal_wrapped(|ui| {
            let place = ui.words().with(
                "lesson-step",
                &[("number", (open.player.at() + 1).into()), ("count", open.player.len().into())],
            );
            let back =
                ui.add_enabled(open.player.at() > 0, egui::Button::new(ui.words().text("lesson-back")));
            if back.clicked() {
                open.player.back();
                open.answering = Answering::default();
                self.note(state, open);
            }
            ui.label(place);
            let more = open.player.at() + 1 < open.player.len();
            let next = egui::Button::new(RichText::new(ui.words().text("lesson-next")).strong());
            let next = ui.add_enabled(more && open.player.is_done(), next);
            if std::mem::take(&mut open.to_next) {
                next.request_focus();
            }
            let by_key = next.has_focus();
            if next.on_disabled_hover_text(ui.words().text("lesson-first-answer")).clicked() {
                open.player.forward();
                open.answering = if by_key { Answering::by_key() } else { Answering::default() };
                self.note(state, open);
            }
            if ui.button(ui.words().text("lesson-show")).clicked() {
                show(state, open);
            }
            let chapter = open.player.lesson().chapter.clone();
            if ui.link(ui.words().text("lesson-chapter")).clicked() {
                state.ask(Action::Page(chapter));
            }
            left = ui.button(ui.words().text("lesson-leave")).clicked();
        });
        left
    }

    /// Writes down what the student has done.
    fn note(&mut self, state: &mut State, open: &mut Open) {
        let seconds = open.since.elapsed().as_secs();
        open.since = Instant::now();
        let (at, is_question) = (open.player.at(), open.player.question().is_some());
        let (answered, shown) = (is_question && open.player.is_done(), open.answering.was_shown());
        let tries = open.answering.take_tries();
        let done = self.progress.of(&open.name);
        (done.at, done.seconds, done.tries) = (at, done.seconds + seconds, done.tries + tries);
        if answered {
            done.answered.insert(at);
        }
        if shown {
            done.shown.insert(at);
        }
        self.save(state);
    }

    fn save(&mut self, state: &mut State) {
        let Some(file) = &self.file else { return };
        if let Err(error) = self.progress.save(file) {
            let file = file.display().to_string();
            let words = state
                .words()
                .with("lesson-not-kept", &[("file", file.into()), ("error", error.to_string().into())]);
            state.notices.error(words);
        }
    }

    fn leave(&mut self, state: &mut State) {
        self.open = None;
        state.hidden.clear();
    }

    /// What a teacher reads, for a file.
    pub fn report(&self, words: Words) -> String {
        let lessons = lesson::bundled::lessons(words).unwrap_or_default();
        self.progress.report(&lessons, words)
    }
}

/// The end of a lesson, and where to go from there.
fn finished(ui: &mut Ui, state: &mut State, lesson: &Lesson) {
    ui.add_space(theme::GROUP);
    ui.label(RichText::new(ui.words().text("lesson-finished")).strong());
    let lessons = lesson::bundled::lessons(ui.words()).unwrap_or_default();
    let behind = lessons.iter().skip_while(|other| other.name != lesson.name).nth(1);
    if let Some(next) = behind {
        let words = ui.words().with("lesson-next-lesson", &[("title", next.title.as_str().into())]);
        if ui.link(words).clicked() {
            state.ask(Action::Lesson(next.name.clone()));
        }
    }
    if ui.link(ui.words().text("lesson-to-chapter")).clicked() {
        state.ask(Action::Page(lesson.chapter.clone()));
    }
}

/// Shows beside the step what it is about.
fn show(state: &mut State, open: &Open) {
    let Some(view) = open.player.view() else { return };
    let at = At { source: open.at.source, conversation: view.conversation };
    if state.at != Some(at) {
        state.ask(Action::LookAt(at));
    }
    if let Some(packet) = view.packet {
        state.ask(Action::Packet(packet, view.bits));
        state.ask(Action::Show(Panel::Packets));
        return;
    }
    if let Some(item) = view.item {
        state.ask(Action::Select(item, view.bits));
        state.ask(Action::Show(Panel::Inspector));
    }
    if let Some(tab) = view.tab {
        state.settings.tab = match tab {
            lesson::Tab::Bits => Tab::Bits,
            lesson::Tab::Hex => Tab::Hex,
            lesson::Tab::Fields => Tab::Fields,
            lesson::Tab::Follows => Tab::Follows,
        };
    }
}
