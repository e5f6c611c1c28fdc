//! The panels that the workspace is made of.

use crate::words::Words;
use serde::{Deserialize, Serialize};

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Panel {
    /// The sources and the conversations in them.
    Conversations,
    /// The items of the conversation that is looked at, time running down.
    Ladder,
    /// One item, in four ways, with its explanation.
    Inspector,
    /// Builds frames and sends them.
    Composer,
    /// Plays a conversation as it happened.
    Replay,
    /// What the WebSocket API of the client sees.
    Api,
    /// The packets of the item that is looked at.
    Packets,
    /// Numbers about the conversation and its source.
    Statistics,
    /// The book.
    Book,
    /// The lesson that is being worked through.
    Lesson,
}

impl Panel {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Conversations,
        Self::Ladder,
        Self::Inspector,
        Self::Composer,
        Self::Replay,
        Self::Api,
        Self::Packets,
        Self::Statistics,
        Self::Book,
        Self::Lesson,
    ];

    /// The message id of its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conversations => "panel-conversations",
            Self::Ladder => "panel-ladder",
            Self::Inspector => "panel-inspector",
            Self::Composer => "panel-composer",
            Self::Replay => "panel-replay",
            Self::Api => "panel-api",
            Self::Packets => "panel-packets",
            Self::Statistics => "panel-statistics",
            Self::Book => "panel-book",
            Self::Lesson => "panel-lesson",
        }
    }

    /// Its name in the chosen language.
    pub fn name(self, words: Words) -> &'static str {
        words.text(self.word())
    }
}
