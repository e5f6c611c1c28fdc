//! Carries out what was asked for, after the frame in which it was asked.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use super::action::{Action, At, Dialog, Export, ReplayStep};
use super::opening::Opening;
use super::panel::Panel;
use super::source::{Kind, LIVE, Origin, Source, SourceId};
use super::window::{App, Wanted};
use super::{bundled, export, theme, workspace};
use crate::capture::typed::trace_of;
use crate::capture::{self, Loader, Options};
use crate::lesson::{Lesson, LessonError};
use crate::model::field::BitRange;
use crate::model::protocol::Side;
use crate::trace::Conversation;

/// A file that is sent as a payload has at most so many bytes.
const MOST_PAYLOAD: u64 = 16 << 20;

/// Carries out actions.
pub(super) struct Carrier<'a> {
    pub(super) app: &'a mut App,
    pub(super) ctx: &'a egui::Context,
}

impl Carrier<'_> {
    /// Carries out one action.
    pub(super) fn carry_out(&mut self, action: Action) {
        let app = &mut *self.app;
        match action {
            Action::StartDemo => app.demo.start(&mut *app.host),
            Action::StartServer(setup) => {
                app.host.start_server(&setup);
                app.state.settings.server = setup;
            }
            Action::StopServer => app.host.stop_server(),
            Action::Connect(setup) => {
                app.asked_for = Some(app.host.connect(&setup));
                app.state.settings.client = *setup;
            }
            Action::Send(speaker, command) => {
                if let Err(words) = app.host.send(&speaker, command) {
                    app.state.notices.error(words);
                }
            }
            Action::Clear => {
                app.host.clear();
                app.let_go_of_live();
            }
            Action::Decode { .. }
            | Action::PickCapture
            | Action::PickFollowed
            | Action::Open(_)
            | Action::Follow(_)
            | Action::OpenBundled(_)
            | Action::StopOpening(_)
            | Action::Close(_) => self.source(action),
            Action::LookAt(at) => {
                app.new = None;
                app.state.look_at(Some(at));
            }
            Action::Select(item, bits) => {
                app.state.select(item, bits);
            }
            Action::Packet(packet, bits) => self.packet(packet, bits),
            Action::Step(by) => app.views.ladder.step(by, &mut app.state),
            Action::Tab(tab) => {
                app.state.settings.tab = tab;
                app.state.ask(Action::Show(Panel::Inspector));
            }
            Action::Dialog(dialog) => app.dialogs.open(dialog),
            Action::EditAndResend(item) => {
                app.views.composer.edit(item);
                app.state.ask(Action::Show(Panel::Composer));
            }
            Action::PickPayload => {
                app.wanted = Wanted::Payload;
                app.host.pick_file();
            }
            Action::ReadPayload(path) => self.payload(&path),
            Action::SendAgain { to, speed } => self.send_again(&to, speed),
            Action::ExportTo(what, path) => app.export(what, &path),
            Action::Record(_) | Action::StopRecording | Action::Export(_) => self.file(action),
            Action::Show(_) | Action::Toggle(_) | Action::ResetLayout => self.panels(&action),
            Action::Theme(theme) => app.state.settings.theme = theme,
            Action::Zoom(by) => {
                app.state.settings.zoom = (app.state.settings.zoom * by).clamp(0.5, 3.0);
            }
            Action::ResetZoom => app.state.settings.zoom = 1.0,
            Action::Projector(on) => app.state.settings.projector = on,
            Action::Replay(step) => self.replay(step),
            Action::Page(page) => {
                app.state.settings.page = page;
                app.state.ask(Action::Show(Panel::Book));
            }
            Action::Lesson(name) => self.lesson(&name),
            Action::Report(path) if path.as_os_str().is_empty() => {
                app.to_save = Some(Action::Report(path));
                app.host.pick_save("progress.md");
            }
            Action::Report(path) => {
                let report = app.views.lesson.report(app.state.words());
                app.host.write(&path, report.into_bytes());
            }
            Action::Escape => {
                if !app.dialogs.close() {
                    app.state.marks.deselect();
                    app.state.chosen = None;
                }
            }
        }
        theme::apply(self.ctx, &self.app.state.settings);
    }

    fn source(&mut self, action: Action) {
        let app = &mut *self.app;
        match action {
            Action::Decode { bytes, protocol, from, deflate } => {
                let count = bytes.len();
                let trace = trace_of(&bytes, Some(protocol), Some(from), deflate);
                let name = app.state.words().with("paste-source", &[("count", count.into())]);
                let id = app.sources.add(name, Kind::Made(Box::new(trace)));
                app.state.look_at(Some(At { source: id, conversation: 0 }));
                app.state.item = Some(0);
                app.state.picked = true;
            }
            Action::PickFollowed => {
                app.wanted = Wanted::Followed;
                app.asked = Some(Instant::now());
                app.host.pick_file();
            }
            Action::PickCapture => {
                app.asked = Some(Instant::now());
                app.host.pick_file();
            }
            Action::Open(path) => self.open_file(&path),
            Action::Follow(path) => self.follow_file(&path),
            Action::OpenBundled(name) => {
                let origin = Origin::Bundled(name.clone());
                if let Some(id) = app.sources.opened_from(&origin) {
                    self.look_again(id);
                    return;
                }
                if let Some(loader) = bundled::open(&name) {
                    self.open(name, loader, Some(origin));
                } else {
                    let words = app.state.words().with("captures-no-bundled", &[("name", name.into())]);
                    app.state.notices.error(words);
                }
            }
            Action::StopOpening(id) => {
                if let Some(opening) = app.sources.get(id).and_then(Source::opening) {
                    opening.stop();
                }
            }
            Action::Close(id) => {
                app.sources.close(id);
                if app.state.at.is_some_and(|at| at.source == id && id != LIVE) {
                    app.state.look_at(None);
                }
            }
            _ => {}
        }
    }

    fn open_file(&mut self, path: &Path) {
        // A path that is remembered must not depend on where the program was started.
        let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let app = &mut *self.app;
        let origin = Origin::file(path);
        if let Some(id) = origin.as_ref().and_then(|origin| app.sources.opened_from(origin)) {
            app.state.settings.opened(path);
            self.look_again(id);
            return;
        }
        match capture::open(path, &Options::default()) {
            Ok(loader) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                app.state.settings.opened(path);
                self.open(name, loader, origin);
            }
            Err(error) => app.state.notices.error(error.to_string()),
        }
    }

    fn follow_file(&mut self, path: &Path) {
        let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let app = &mut *self.app;
        let origin = Origin::Followed(path.canonicalize().unwrap_or_else(|_| path.clone()));
        // What was stopped can be followed again, from its beginning.
        let goes_on = |id| app.sources.get(id).is_some_and(Source::is_live);
        if let Some(id) = app.sources.opened_from(&origin).filter(|id| goes_on(*id)) {
            self.look_again(id);
            return;
        }
        match capture::follow(path, &Options::default()) {
            Ok(loader) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                app.state.settings.opened(path);
                self.open(name, loader, Some(origin));
            }
            Err(error) => app.state.notices.error(error.to_string()),
        }
    }

    fn open(&mut self, name: String, loader: Loader, origin: Option<Origin>) {
        let ctx = self.ctx.clone();
        let opening = Opening::start(loader, move || ctx.request_repaint());
        let id = self.app.sources.add_from(name, Kind::Capture(opening), origin);
        self.app.state.look_at(Some(At { source: id, conversation: 0 }));
    }

    /// Looks at a source that is open already.
    fn look_again(&mut self, id: SourceId) {
        let state = &mut self.app.state;
        if state.at.is_none_or(|at| at.source != id) {
            state.look_at(Some(At { source: id, conversation: 0 }));
        }
    }

    fn lesson(&mut self, name: &str) {
        if let Err(error) = self.open_lesson(name) {
            self.app.state.notices.error(error.to_string());
        }
    }

    fn open_lesson(&mut self, name: &str) -> Result<(), LessonError> {
        let app = &mut *self.app;
        let lesson = Lesson::open(name, app.state.words())?;
        let origin = Origin::Lesson(name.to_owned());
        let id = if let Some(id) = app.sources.opened_from(&origin) {
            id
        } else {
            let kind = match lesson.loader()? {
                Some(loader) => {
                    let ctx = self.ctx.clone();
                    Kind::Capture(Opening::start(loader, move || ctx.request_repaint()))
                }
                // It is opened again once its connections were played.
                None if !lesson.source.talk.is_empty() => {
                    app.host.play(&lesson);
                    return Ok(());
                }
                None => Kind::Made(Box::new(lesson.trace()?)),
            };
            app.sources.add_from(lesson.title.clone(), kind, Some(origin))
        };
        if let Some(source) = app.sources.get(id) {
            let trace = source.lock(&*app.host);
            app.views.lesson.open(lesson, &trace, At { source: id, conversation: 0 })?;
        }
        self.look_again(id);
        self.app.state.ask(Action::Show(Panel::Inspector));
        self.app.state.ask(Action::Show(Panel::Lesson));
        Ok(())
    }

    /// Looks at the item whose bytes the packet carries, and at the packet.
    fn packet(&mut self, packet: u64, bits: Option<BitRange>) {
        let app = &mut *self.app;
        let Some(at) = app.state.at else { return };
        let Some(source) = app.sources.get(at.source) else { return };
        let item = {
            let trace = source.lock(&*app.host);
            trace.conversation(at.conversation).and_then(|talk| item_in(talk, packet))
        };
        if item.is_some() {
            app.state.item = item;
            app.state.picked = item.is_some();
            app.state.marks.deselect();
            app.views.packets.choose(packet, bits);
        }
    }

    fn payload(&mut self, path: &Path) {
        let read = File::open(path).and_then(|file| {
            let mut bytes = Vec::new();
            // One byte more shows that there are too many.
            file.take(MOST_PAYLOAD + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let name = path.display().to_string();
        match read {
            Ok(bytes) if bytes.len() as u64 <= MOST_PAYLOAD => self.app.views.composer.load(name, bytes),
            Ok(_) => {
                let words = self.app.state.words().with("composer-file-large", &[("file", name.into())]);
                self.app.state.notices.error(words);
            }
            Err(error) => self.app.state.notices.error(format!("{name}: {error}")),
        }
    }

    fn panels(&mut self, action: &Action) {
        let app = &mut *self.app;
        match action {
            Action::ResetLayout => {
                app.layout = workspace::default_layout();
                app.views.replay.shown = true;
            }
            Action::Toggle(Panel::Replay) => app.views.replay.shown ^= true,
            Action::Show(Panel::Replay) => app.views.replay.shown = true,
            Action::Toggle(panel) if workspace::is_shown(&app.layout, *panel) => {
                workspace::hide(&mut app.layout, *panel);
            }
            Action::Show(panel) | Action::Toggle(panel) => {
                workspace::show(&mut app.layout, *panel);
                app.state.settings.projected = *panel;
            }
            _ => {}
        }
    }

    fn replay(&mut self, step: ReplayStep) {
        let app = &mut *self.app;
        let Some(at) = app.state.at else { return };
        let Some(source) = app.sources.get(at.source) else { return };
        let trace = source.lock(&*app.host);
        let Some(talk) = trace.conversation(at.conversation) else { return };
        let replay = &mut app.state.replay;
        let before = replay.shown(talk);
        match step {
            ReplayStep::PlayPause if replay.is_playing() => replay.pause(),
            ReplayStep::PlayPause => replay.play(talk),
            ReplayStep::Forward => replay.step_forward(talk),
            ReplayStep::Back => replay.step_back(talk),
            ReplayStep::ToStart => replay.show(talk, 0),
            ReplayStep::Leave => replay.leave(),
            ReplayStep::Seek(nanos) => replay.seek(talk, nanos),
            ReplayStep::Speed(speed) => replay.set_speed(speed),
        }
        app.state.follow_replay(talk, before);
        app.views.replay.shown = true;
    }

    fn send_again(&mut self, to: &str, speed: Option<f64>) {
        let app = &mut *self.app;
        let Some(at) = app.state.at else { return };
        let Some(source) = app.sources.get(at.source) else { return };
        // The host copies what it needs: the trace may go on growing while it is sent.
        let copied = {
            let trace = source.lock(&*app.host);
            trace.alone(at.conversation)
        };
        if let Some(trace) = copied {
            app.host.send_again(&trace, 0, to, speed);
        }
    }

    fn file(&mut self, action: Action) {
        let app = &mut *self.app;
        match &action {
            Action::StopRecording => app.host.record_to(None),
            Action::Record(Some(path)) => app.host.record_to(Some(path)),
            Action::Record(None) | Action::Export(_) => {
                let name = app.proposed_name(&action);
                app.to_save = Some(action);
                app.asked = Some(Instant::now());
                app.host.pick_save(&name);
            }
            _ => {}
        }
    }
}

/// The first item of which a packet carries bytes, by the packet's number in the file.
fn item_in(talk: &Conversation, packet: u64) -> Option<usize> {
    Side::BOTH.into_iter().find_map(|side| {
        let mut chunks = talk.stream(side).chunks().iter();
        let (_, chunk) = chunks.find(|(_, chunk)| u64::from(chunk.packet()) == packet && !chunk.is_gap())?;
        let mut items = talk.items.iter().filter(|(_, item)| item.side == side);
        items.find(|(_, item)| item.range().end > chunk.offset()).map(|(number, _)| number)
    })
}

impl App {
    /// A person picked where to save what was to be saved.
    pub(super) fn save_to(&mut self, path: &Path) {
        match self.to_save.take() {
            Some(Action::Record(_)) => self.host.record_to(Some(path)),
            Some(Action::Export(what)) => self.export(what, path),
            Some(Action::Report(_)) => self.state.ask(Action::Report(path.to_owned())),
            _ => {}
        }
    }

    /// No file was picked. A person needs longer than this to close a dialog: where the answer comes at once, the system
    /// has none, and the path is asked for in the window.
    pub(super) fn nothing_picked(&mut self, wanted: Wanted) {
        const AT_ONCE: Duration = Duration::from_millis(400);
        let to_save = self.to_save.take();
        if self.asked.take().is_none_or(|asked| asked.elapsed() > AT_ONCE) {
            return;
        }
        match to_save {
            Some(action) => {
                let name = self.proposed_name(&action);
                self.dialogs.save_by_path(action, &name);
            }
            None => self.dialogs.open_by_path(wanted == Wanted::Followed),
        }
    }

    fn proposed_name(&self, action: &Action) -> String {
        let source = self.state.at.and_then(|at| self.sources.get(at.source));
        export::proposed_name(action, &self.state, source)
    }

    fn export(&mut self, what: Export, path: &Path) {
        let Some(at) = self.state.at else {
            let words = self.state.words().text("export-no-conversation");
            self.state.notices.error(words);
            return;
        };
        let Some(source) = self.sources.get(at.source) else { return };
        let bytes = {
            let trace = source.lock(&*self.host);
            export::bytes(what, &trace, at.conversation, &self.state, source)
        };
        match bytes {
            Ok(bytes) => self.host.write(path, bytes),
            Err(words) => self.state.notices.error(words),
        }
    }

    /// Opens a dialog, as a command would.
    pub fn open_dialog(&mut self, dialog: Dialog) {
        self.state.ask(Action::Dialog(dialog));
    }
}
