//! The views, one for each panel.

use egui::Ui;

use super::api_view::ApiPanel;
use super::book_view::BookPanel;
use super::composer::Composer;
use super::conversations::Conversations;
use super::frame::Frame;
use super::inspector::Inspector;
use super::ladder::Ladder;
use super::lesson_view::LessonPanel;
use super::packets_view::PacketsPanel;
use super::panel::Panel;
use super::replay_bar::ReplayBar;
use super::statistics_view::StatisticsPanel;

/// The views, with what each keeps from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Views {
    /// The sources and their conversations.
    pub(super) conversations: Conversations,
    /// The items.
    pub(super) ladder: Ladder,
    /// One item.
    pub(super) inspector: Inspector,
    /// Frames to be sent.
    pub(super) composer: Composer,
    /// Replaying.
    pub(super) replay: ReplayBar,
    /// What the API sees.
    pub(super) api: ApiPanel,
    /// Packets.
    pub(super) packets: PacketsPanel,
    /// Numbers.
    pub(super) statistics: StatisticsPanel,
    /// The book.
    pub(super) book: BookPanel,
    /// The lesson.
    pub(super) lesson: LessonPanel,
}

impl Views {
    /// Draws a panel.
    pub(super) fn ui(&mut self, ui: &mut Ui, panel: Panel, frame: &mut Frame<'_>) {
        match panel {
            Panel::Conversations => self.conversations.ui(ui, frame),
            Panel::Ladder => self.ladder.ui(ui, frame),
            Panel::Inspector => self.inspector.ui(ui, frame),
            Panel::Composer => self.composer.ui(ui, frame),
            Panel::Replay => self.replay.ui(ui, frame),
            Panel::Api => self.api.ui(ui, frame),
            Panel::Packets => self.packets.ui(ui, frame),
            Panel::Statistics => self.statistics.ui(ui, frame),
            Panel::Book => self.book.ui(ui, frame),
            Panel::Lesson => self.lesson.ui(ui, frame),
        }
    }
}
