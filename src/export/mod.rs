//! What a trace looks like outside: JSON, CSV, text, pcapng.

pub mod json;
pub mod pcapng;
