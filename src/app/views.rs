//! The views, one for each panel.

use egui::Ui;

use super::api_view::ApiPanel;
use super::book_view::BookPanel;
use super::composer::Composer;
use super::conversations::Conversations;
use super::inspector::Inspector;
use super::ladder::Ladder;
use super::lesson_view::LessonPanel;
use super::packets_view::PacketsPanel;
use super::panel::Panel;
use super::pass::Pass;
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
    pub(super) fn ui(&mut self, ui: &mut Ui, panel: Panel, pass: &mut Pass<'_>) {
        match panel {
            Panel::Conversations => self.conversations.ui(ui, pass),
            Panel::Ladder => self.ladder.ui(ui, pass),
            Panel::Inspector => self.inspector.ui(ui, pass),
            Panel::Composer => self.composer.ui(ui, pass),
            Panel::Replay => self.replay.ui(ui, pass),
            Panel::Api => self.api.ui(ui, pass),
            Panel::Packets => self.packets.ui(ui, pass),
            Panel::Statistics => self.statistics.ui(ui, pass),
            Panel::Book => self.book.ui(ui, pass),
            Panel::Lesson => self.lesson.ui(ui, pass),
        }
    }
}
