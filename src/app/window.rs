//! The application: what it is made of, and what is remembered of it.

use std::path::Path;
use std::time::Instant;

use super::action::{Action, At};
use super::demo::Demo;
use super::dialogs::Dialogs;
use super::host::Host;
use super::language::{self, Speaks};
use super::opening::Progress;
use super::pass::State;
use super::settings::Settings;
use super::source::{Kind, Source, Sources};
use super::views::Views;
use super::workspace::{self, Layout};
use super::{fonts, theme};
use crate::trace::{ConnectionId, Trace};

/// The application.
pub struct App {
    pub(super) host: Box<dyn Host>,
    pub(super) sources: Sources,
    pub(super) state: State,
    pub(super) views: Views,
    pub(super) dialogs: Dialogs,
    pub(super) layout: Layout,
    pub(super) demo: Demo,
    /// The client that a person asked for last.
    pub(super) asked_for: Option<u64>,
    /// A connection that is to be looked at once it stands in the recording: the client's address and the server's.
    pub(super) new: Option<ConnectionId>,
    /// What is to be saved where a person picks a file.
    pub(super) to_save: Option<Action>,
    /// When a person was asked for a file.
    pub(super) asked: Option<Instant>,
    /// What the file is for that a person picks.
    pub(super) wanted: Wanted,
}

/// What a file is for that a person picks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A capture, to be opened.
    #[default]
    Capture,
    /// A capture, to be followed while it grows.
    Followed,
    /// What the composer's frame or message carries.
    Payload,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("sources", &self.sources)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Where settings and layout are kept.
pub(super) const SETTINGS: &str = "settings";
pub(super) const LAYOUT: &str = "layout";

impl App {
    /// The application in the world of `host`. What was remembered is taken from the storage.
    pub fn new(cc: &eframe::CreationContext<'_>, host: Box<dyn Host>) -> Self {
        let kept = |key| cc.storage.and_then(|storage| eframe::get_value(storage, key));
        let settings: Settings =
            cc.storage.and_then(|storage| eframe::get_value(storage, SETTINGS)).unwrap_or_default();
        let layout = kept(LAYOUT).filter(workspace::is_whole).unwrap_or_else(workspace::default_layout);
        // Zoom is one of the commands, so that buttons, palette and keys do the same.
        cc.egui_ctx.options_mut(|options| options.zoom_with_keyboard = false);
        fonts::install(&cc.egui_ctx);
        theme::apply(&cc.egui_ctx, &settings);
        language::speak(&cc.egui_ctx, settings.words());
        Self {
            host,
            sources: Sources::default(),
            state: State { settings, ..State::default() },
            views: Views::default(),
            dialogs: Dialogs::default(),
            layout,
            demo: Demo::default(),
            asked_for: None,
            new: None,
            to_save: None,
            asked: None,
            wanted: Wanted::default(),
        }
    }

    /// Asks for something, as a view would: for the command line and for tests.
    pub fn ask(&mut self, action: Action) {
        self.state.ask(action);
    }

    /// Keeps in this file what is done in lessons, and goes on from what is in it.
    pub fn keep_progress_in(&mut self, file: &Path) {
        if let Err(error) = self.views.lesson.keep_in(file.to_owned()) {
            let file = file.display().to_string();
            let words = self
                .state
                .words()
                .with("lesson-not-read", &[("file", file.into()), ("error", error.to_string().into())]);
            self.state.notices.error(words);
        }
    }

    /// Speaks the language with this tag from the next pass on.
    pub fn speak(&mut self, tag: &str) {
        tag.clone_into(&mut self.state.settings.language);
    }

    /// Looks at a trace that somebody else made, under this name.
    pub fn show(&mut self, name: &str, trace: Trace) {
        let id = self.sources.add(name.to_owned(), Kind::Made(Box::new(trace)));
        self.state.look_at(Some(At { source: id, conversation: 0 }));
    }

    /// Whether a capture is still being read.
    pub fn is_reading(&self) -> bool {
        let mut openings = self.sources.all().iter().filter_map(Source::opening);
        openings.any(|opening| matches!(opening.progress(), Progress::Reading(..)))
    }

    /// What all views share.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The world.
    pub fn host(&mut self) -> &mut dyn Host {
        &mut *self.host
    }

    /// Looks at the trace of the source that is looked at.
    pub fn with_trace<T>(&self, look: impl FnOnce(&Trace) -> T) -> Option<T> {
        let source = self.sources.get(self.state.at?.source)?;
        Some(look(&source.lock(&*self.host)))
    }
}
