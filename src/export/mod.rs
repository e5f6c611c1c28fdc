//! What a trace looks like outside: JSON, CSV, HAR, text, SVG, PNG, pcapng.

pub mod csv;
pub mod file;
pub mod har;
pub mod hexdump;
pub mod json;
pub mod list;
pub mod messages;
pub mod pcapng;
#[cfg(feature = "pictures")]
pub mod png;
mod push;
pub mod selection;
pub mod svg;
pub mod text;
