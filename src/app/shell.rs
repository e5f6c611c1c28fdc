//! A frame of the window, from its first key to its last action.

use egui::Ui;

use super::action::{Action, At};
use super::carry::Carrier;
use super::host::{Event, Picked};
use super::opening::Opening;
use super::panel::Panel;
use super::pass::{Locks, Pass, State, Traces};
use super::settings::ThemeChoice;
use super::source::{Kind, LIVE, Origin, Source, Sources};
use super::window::{App, LAYOUT, SETTINGS, Wanted};
use super::workspace::{self};
use super::{command, language, notice_bar, theme, toolbar, welcome};
use crate::lesson::Lesson;
use crate::live::Report;
use crate::model::rule::Severity;
use crate::trace::Conversation;

impl App {
    fn carry_out(&mut self, ctx: &egui::Context) {
        // What an action asks for is done at once; that ends, since no action asks for itself.
        for _ in 0..8 {
            let actions = std::mem::take(&mut self.state.actions);
            if actions.is_empty() {
                return;
            }
            for action in actions {
                Carrier { app: self, ctx }.carry_out(action);
            }
        }
    }

    /// Takes what happened in the world. Whether anything did.
    fn take_events(&mut self) -> bool {
        let events = self.host.poll();
        let any = !events.is_empty();
        for event in events {
            let begins_demo = self.demo.on_event(self.state.words(), &event, &mut *self.host);
            match event {
                Event::Listening(address, _) => {
                    let address = address.to_string();
                    let words = self.state.words().with("live-listening", &[("address", address.into())]);
                    self.state.notices.note(words);
                }
                Event::Connected { ticket, connection } => {
                    self.state.own_clients.insert(connection);
                    if begins_demo || self.asked_for == Some(ticket) {
                        self.new = Some(connection);
                    }
                }
                Event::Stopped => {}
                Event::NotConnected { words, .. } => self.state.notices.error(words),
                Event::Cleared(ended) => {
                    self.let_go_of_live();
                    let words = self.state.words().with("live-cleared", &[("count", ended.into())]);
                    self.state.notices.note(words);
                }
                Event::Failed(words) => {
                    self.dialogs.failed();
                    self.state.notices.error(words);
                }
                Event::Done(words) => self.state.notices.note(words),
                Event::Played { lesson, trace: Ok(trace) } => {
                    let title = Lesson::open(&lesson, self.state.words())
                        .map_or_else(|_| lesson.clone(), |lesson| lesson.title);
                    self.sources.add_from(title, Kind::Made(trace), Some(Origin::Lesson(lesson.clone())));
                    self.state.ask(Action::Lesson(lesson));
                }
                Event::Played { lesson, trace: Err(error) } => {
                    let words = self
                        .state
                        .words()
                        .with("lesson-not-played", &[("name", lesson.into()), ("error", error.into())]);
                    self.state.notices.error(words);
                }
                Event::SentAgain(report) => self.sent_again(*report),
            }
        }
        self.take_picked();
        self.look_at_new();
        for source in self.sources.all() {
            if let Some(error) = source.opening().and_then(Opening::take_error) {
                self.state.notices.error(error.to_string());
            }
        }
        any
    }

    /// Takes the answer of a dialog for files.
    fn take_picked(&mut self) {
        let picked = self.host.picked();
        let wanted = if picked.is_some() { std::mem::take(&mut self.wanted) } else { Wanted::Capture };
        match picked {
            Some(Picked::Open(path)) => self.state.ask(match wanted {
                Wanted::Capture => Action::Open(path),
                Wanted::Followed => Action::Follow(path),
                Wanted::Payload => Action::ReadPayload(path),
            }),
            Some(Picked::Save(path)) => self.save_to(&path),
            Some(Picked::Nothing) => self.nothing_picked(wanted),
            None => {}
        }
    }

    /// Looks at the connection that a person asked for, once it stands in the recording.
    fn look_at_new(&mut self) {
        let Some(connection) = self.new else { return };
        let found = {
            let trace = self.host.trace();
            trace.conversation_of(connection).map(|conversation| trace.innermost(conversation))
        };
        if let Some(conversation) = found {
            self.new = None;
            self.state.look_at(Some(At { source: LIVE, conversation }));
        }
    }

    /// Looks no more at the live recording.
    pub(super) fn let_go_of_live(&mut self) {
        self.new = None;
        if self.state.at.is_some_and(|at| at.source == LIVE) {
            self.state.look_at(None);
        }
    }

    fn take_dropped(&mut self, ctx: &egui::Context) {
        let dropped = ctx.input(|input| {
            input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>()
        });
        for path in dropped {
            self.state.ask(Action::Open(path));
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        let host = &*self.host;
        let traces = Locks::new(self.sources.all(), host);
        let at = first_to_look_at(&self.sources, &self.state, &traces);
        if at != self.state.at {
            self.state.look_at(at);
        }
        let mut pass = Pass { sources: self.sources.all(), traces: &traces, host, state: &mut self.state };
        let talk = pass.talk();
        if let Some((_, talk)) = talk {
            let now = ui.input(|input| input.time);
            let before = pass.state.replay.shown(talk);
            if pass.state.replay.advance(talk, now) {
                // Only when the next item is due, so that a long pause costs nothing.
                let next = pass.state.replay.next_in(talk).unwrap_or(0.0).clamp(0.016, 0.25);
                ui.ctx().request_repaint_after_secs(next as f32);
            }
            pass.state.follow_replay(talk, before);
        }
        let reading = pass.source().and_then(Source::opening).map(Opening::progress);
        let reading = reading.is_some_and(|progress| progress.goes_on());
        if let Some((_, talk)) = talk
            && !pass.state.replay.is_on()
            && !pass.state.picked
        {
            // What breaks a rule may be found late: it is looked for once all was read.
            let live = pass.state.at.is_some_and(|at| at.source == LIVE);
            if !reading && !live {
                pass.state.item = first_item(talk);
                pass.state.picked = pass.state.item.is_some();
            } else if pass.state.item.is_none() {
                pass.state.item = first_item(talk);
            }
        }
        pass.state.refresh_look(talk);
        let empty = pass.sources.len() == 1
            && pass.traces.count(0) == 0
            && pass.host.listening().is_none()
            && pass.host.recording().is_none();
        let layout = &mut self.layout;
        let views = &mut self.views;
        let front = workspace::in_front(layout);
        let in_front = |panel| front.contains(&panel);
        egui::Panel::top("toolbar").resizable(false).show(ui, |ui| {
            ui.add_space(2.0);
            let shown = |panel| match panel {
                Panel::Replay => views.replay.shown,
                panel => workspace::is_shown(layout, panel),
            };
            toolbar::ui(ui, &mut pass, &shown, &in_front);
            ui.add_space(2.0);
        });
        notice_bar::ui(ui, pass.state);
        // Where there is nothing else to be looked at, these stand alone.
        let alone = [Panel::Lesson, Panel::Book].into_iter().find(|panel| in_front(*panel));
        if views.replay.shown && !empty {
            egui::Panel::bottom("replay").resizable(false).show(ui, |ui| views.replay.ui(ui, &mut pass));
        }
        egui::CentralPanel::default().frame(egui::Frame::central_panel(ui.style()).inner_margin(0)).show(
            ui,
            |ui| {
                if pass.state.settings.projector && !empty {
                    workspace::one_at_a_time(ui, views, &mut pass);
                } else if let (true, Some(panel)) = (empty, alone) {
                    egui::Frame::new().inner_margin(12).show(ui, |ui| views.ui(ui, panel, &mut pass));
                } else if empty {
                    welcome::ui(ui, &mut pass);
                } else {
                    workspace::ui(ui, layout, views, &mut pass);
                }
            },
        );
        self.dialogs.ui(ui, &mut pass);
        if self.state.marks.end_frame() {
            ui.ctx().request_repaint();
        }
    }
}

/// The item that is looked at first: one that breaks a rule, otherwise the first.
fn first_item(talk: &Conversation) -> Option<usize> {
    let broken = talk.item_findings.iter().find(|(_, finding)| finding.rule.severity() == Severity::Error);
    let first = talk.items.first_kept();
    broken.map(|(item, _)| *item as usize).or_else(|| talk.items.get(first).map(|_| first))
}

/// What is to be looked at: what was looked at, if it is still there, or may still come; otherwise the first conversation
/// of the source that was opened last.
fn first_to_look_at(sources: &Sources, state: &State, traces: &dyn Traces) -> Option<At> {
    let length = |at: At| {
        let place = sources.all().iter().position(|source| source.id == at.source)?;
        Some(traces.count(place))
    };
    let is_opening = |at: At| {
        let opening = sources.get(at.source).and_then(Source::opening);
        opening.is_some_and(|opening| opening.progress().goes_on())
    };
    let is_there = |at: &At| length(*at).is_some_and(|length| at.conversation < length) || is_opening(*at);
    state.at.filter(is_there).or_else(|| {
        let mut all = sources.all().iter().enumerate().rev();
        let (_, source) = all.find(|(place, _)| traces.count(*place) > 0)?;
        Some(At { source: source.id, conversation: 0 })
    })
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let words = self.state.words();
        language::speak(&ctx, words);
        self.host.speak(words);
        self.take_events();
        self.take_dropped(&ctx);
        let pressed = command::pressed(&ctx, &self.state, &*self.host);
        self.state.actions.extend(pressed);
        self.carry_out(&ctx);
        // Where there is no dialog that is known at once: it is not to be taken for a slow answer.
        self.take_picked();
        self.draw(ui);
        // What was asked for in this frame is to be seen without another key.
        let asked = !self.state.actions.is_empty();
        self.carry_out(&ctx);
        if self.take_events() || asked {
            ctx.request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, SETTINGS, &self.state.settings);
        eframe::set_value(storage, LAYOUT, &self.layout);
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.host.stop_server();
    }
}

impl App {
    /// The theme that is drawn now.
    pub fn set_theme(&mut self, ctx: &egui::Context, theme: ThemeChoice) {
        self.state.settings.theme = theme;
        theme::apply(ctx, &self.state.settings);
    }

    /// What came of sending a conversation again: the answers become a source of their own.
    fn sent_again(&mut self, report: Report) {
        let Report { trace, items, sent, unsent, .. } = report;
        let name = self.state.words().text("send-again-source").to_owned();
        self.sources.add(name, Kind::Made(Box::new(trace)));
        self.dialogs.sent_again(items, sent, unsent);
    }
}
