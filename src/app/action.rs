//! What a view, a key or the palette asks for. Actions are carried out after the frame in which they were asked, when
//! nothing is being looked at.

use std::path::PathBuf;

use super::host::{ClientSetup, ServerSetup, Speaker};
use super::panel::Panel;
use super::settings::{Tab, ThemeChoice};
use super::source::SourceId;
use crate::endpoint::Command;
use crate::export::selection::Format;
use crate::model::field::BitRange;
use crate::model::protocol::{Protocol, Side};

/// A conversation of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    /// The source.
    pub source: SourceId,
    /// The conversation's index in the source's trace.
    pub conversation: usize,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A server, and one client of each version, talking.
    StartDemo,
    /// Starts the server with this set-up.
    StartServer(ServerSetup),
    /// Says goodbye on all connections and stops.
    StopServer,
    /// Connects a client.
    Connect(Box<ClientSetup>),
    /// Sends on a live connection.
    Send(Speaker, Command),
    /// Records live traffic to a file; none asks for one.
    Record(Option<PathBuf>),
    /// Stops recording to a file.
    StopRecording,
    /// Forgets the live recording.
    Clear,
    /// Asks for a capture and opens it.
    PickCapture,
    /// Opens a capture.
    Open(PathBuf),
    /// Asks for a capture that is still being written, and follows it.
    PickFollowed,
    /// Opens a capture and reads on while it grows.
    Follow(PathBuf),
    /// Opens a bundled capture by its name.
    OpenBundled(String),
    /// Stops opening: what was read stays.
    StopOpening(SourceId),
    /// Closes a source.
    Close(SourceId),
    /// Takes typed bytes apart.
    Decode {
        /// The bytes.
        bytes: Vec<u8>,
        /// The version that they are of.
        protocol: Protocol,
        /// Who sent them.
        from: Side,
        /// permessage-deflate was agreed.
        deflate: bool,
    },
    /// Looks at a conversation.
    LookAt(At),
    /// Looks at an item of the conversation that is looked at, and at bits of it.
    Select(usize, Option<BitRange>),
    /// Looks at a packet of the conversation that is looked at, by its number in the file, and at bits of it.
    Packet(u64, Option<BitRange>),
    /// The next item, or the one before, of those that the ladder shows.
    Step(isize),
    /// Shows a way to see an item.
    Tab(Tab),
    /// Opens a dialog beside the workspace.
    Dialog(Dialog),
    /// Puts an item's bytes into the composer.
    EditAndResend(usize),
    /// Asks for a file whose bytes become what the composer's frame or message carries.
    PickPayload,
    /// Takes the bytes of a file as what the composer's frame or message carries.
    ReadPayload(PathBuf),
    /// Sends the conversation that is looked at again.
    SendAgain {
        /// `host:port`.
        to: String,
        /// How fast; none for as fast as the answers allow.
        speed: Option<f64>,
    },
    /// Asks where to save, and saves what is described.
    Export(Export),
    /// Saves what is described there.
    ExportTo(Export, PathBuf),
    /// Shows a panel, also if it was hidden.
    Show(Panel),
    /// Shows or hides a panel.
    Toggle(Panel),
    /// Puts all panels where they were at first.
    ResetLayout,
    /// Light or dark.
    Theme(ThemeChoice),
    /// Makes everything larger (more than 1) or smaller.
    Zoom(f32),
    /// The size that everything has at first.
    ResetZoom,
    /// Projector mode on or off.
    Projector(bool),
    /// What the replay bar does.
    Replay(ReplayStep),
    /// Opens a page of the book: the chapter's file name without `.md`, and perhaps `#section`.
    Page(String),
    /// Opens a lesson by its name.
    Lesson(String),
    /// Saves what was done in lessons for a teacher; an empty path asks where.
    Report(PathBuf),
    /// Puts away what is open: a dialog, a popup, a selection.
    Escape,
}

/// What the replay bar does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplayStep {
    /// Plays, or holds.
    PlayPause,
    /// One item more.
    Forward,
    /// One item less.
    Back,
    /// Before the first item.
    ToStart,
    /// Shows all again.
    Leave,
    /// To so many nanoseconds after the first item.
    Seek(i64),
    /// So many times as fast.
    Speed(f64),
}

/// Dialogs, which stand beside the workspace and block nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialog {
    /// The server's set-up.
    Server,
    /// A client's set-up, for this version.
    Connect(Protocol),
    /// Typed bytes.
    Paste,
    /// Opens a capture by its path, where there is no file dialog.
    Path,
    /// Saving and exporting.
    Export,
    /// Sending again.
    SendAgain,
    /// The command palette.
    Palette,
    /// The keys.
    Shortcuts,
}

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Export {
    /// The conversation that is looked at, or the chosen items of it.
    Conversation(Format),
    /// The bit diagram of the item that is looked at.
    Diagram(Picture),
    /// The whole source as it was recorded.
    Source,
}

/// A format for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Picture {
    /// Vectors.
    Svg,
    /// Pixels.
    Png,
}
