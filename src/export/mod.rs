//! What a trace looks like outside: JSON, CSV, text, SVG, pcapng.

pub mod csv;
pub mod diagram;
pub mod hexdump;
pub mod json;
pub mod line;
pub mod palette;
pub mod pcapng;
pub mod png;
pub mod svg;
pub mod text;
pub(crate) mod words;
