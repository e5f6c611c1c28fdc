//! What the window remembers from one day to the next.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::host::{ClientSetup, ServerSetup};
use super::panel::Panel;

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// As the system says; dark where it says nothing.
    #[default]
    System,
    /// Dark letters on light ground.
    Light,
    /// Light letters on dark ground.
    Dark,
}

/// The four ways to see an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tab {
    /// The bit diagram.
    #[default]
    Bits,
    /// Hex and characters.
    Hex,
    /// The field tree.
    Fields,
    /// The derivations.
    Follows,
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// How much everything is enlarged; 1 is as the system says.
    pub zoom: f32,
    /// Large type, strong contrast, one panel at a time.
    pub projector: bool,
    /// The panel that projector mode shows.
    pub projected: Panel,
    /// The language tag.
    pub language: String,
    /// The way to see an item.
    pub tab: Tab,
    /// Ping, pong and close are left out of the ladder.
    pub hide_control: bool,
    /// The ladder stays at its end while items come.
    pub follow: bool,
    /// Captures that were opened, the last first.
    pub recent: Vec<PathBuf>,
    /// The server as it was started last.
    pub server: ServerSetup,
    /// The client as it was connected last.
    pub client: ClientSetup,
    /// The page of the book that was read last.
    pub page: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            zoom: 1.0,
            projector: false,
            projected: Panel::Ladder,
            language: "en".to_owned(),
            tab: Tab::default(),
            hide_control: false,
            follow: true,
            recent: Vec::new(),
            server: ServerSetup::default(),
            client: ClientSetup::default(),
            page: String::new(),
        }
    }
}

/// So many captures are remembered.
const RECENT: usize = 10;

impl Settings {
    /// Remembers that a capture was opened.
    pub fn opened(&mut self, path: &Path) {
        self.recent.retain(|old| old != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT);
    }
}
