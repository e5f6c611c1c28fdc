//! What a trace looks like outside: JSON, CSV, HAR, text, SVG, PNG, pcapng.

pub mod csv;
pub mod diagram;
pub mod file;
pub mod har;
pub mod hexdump;
pub mod json;
pub mod line;
pub mod palette;
pub mod pcapng;
pub mod png;
pub mod selection;
pub mod svg;
pub mod text;
pub(crate) mod words;
