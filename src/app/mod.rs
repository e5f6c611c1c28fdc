//! The window. It draws and asks; what it says about a bit it got from a field.
//!
//! | file | what |
//! |---|---|
//! | `window` | the application: what it is made of |
//! | `shell` | a frame of it, from its first key to its last action |
//! | `carry` | carries out what was asked for |
//! | `action`, `command` | what can be asked for; what of it has a name and a key |
//! | `pass` | what a view is given: traces to look at, state that all share |
//! | `look`, `marks`, `replay` | the item that is looked at; what is selected and hovered; how much is shown |
//! | `source`, `opening`, `bundled` | where traces come from |
//! | `native` | opens the window on a desktop |
//! | `display` | whether there is a display, and what to say where there is none |
//! | `fonts`, `text` | the bundled fonts; right-to-left text in its order |
//! | `host` | the seam to the world; `desktop` is a world of sockets and files, `memory` one without |
//! | `demo`, `setup` | a server and five clients; from set-ups to endpoints |
//! | `panel`, `workspace`, `views` | the panels, where they stand, what draws them |
//! | `theme`, `settings`, `notice` | design tokens; what is remembered; what is told |
//! | `scroll`, `row_scroll` | scrolls through what is very long; the same by rows |
//! | `language` | the words that the window speaks |
//! | `export` | what is written to files |
//! | `numbers` | numbers, times and sizes for people |
//! | the rest | one file a view |

pub mod action;
pub mod api_view;
pub mod book_view;
pub mod bundled;
mod carry;
pub mod command;
pub mod composer;
pub mod conversations;
mod demo;
pub mod desktop;
mod dialogs;
pub mod display;
mod export;
pub mod fonts;
pub mod host;
pub mod inspector;
pub mod ladder;
pub mod language;
pub mod lesson_view;
mod links;
pub mod look;
pub mod marks;
pub mod memory;
mod native;
pub mod notice;
mod notice_bar;
pub mod numbers;
mod opening;
pub mod packets_view;
pub mod panel;
pub mod pass;
pub mod replay;
pub mod replay_bar;
mod row_scroll;
mod scroll;
pub mod settings;
mod setup;
mod shell;
pub mod source;
pub mod statistics_view;
pub mod text;
pub mod theme;
mod toolbar;
mod views;
mod welcome;
mod window;
mod workspace;

pub use native::run;
pub use window::App;
