//! Framescope shows the WebSocket protocol, every version of it, down to each bit.
//!
//! # The map
//! A file stands above all that it imports.
//!
//! | floor | rooms | what they know |
//! |---|---|---|
//! | top | [`cli`] | arguments, terminals |
//! | | [`live`] | sockets and clocks, on tokio |
//! | | [`figure`] | figures by name, and what is generated in the book |
//! | | [`lesson`] | lessons: bytes, questions about them, answers that the bytes confirm |
//! | | [`catalogue`] | every id of a field or a rule |
//! | | [`export`] | JSON, CSV, text, SVG, pcapng |
//! | | [`capture`] | capture files, link layers, IP, TCP |
//! | | [`trace`] | what was recorded, and the dissector that reads it |
//! | | [`endpoint`] | client and server as state machines, without I/O |
//! | | [`wire`] | bytes to values and back, without I/O |
//! | ground | [`field`], [`rule`], [`mod@derive`], [`spec`], [`protocol`] | the words that all share |
//!
//! Every source (a socket, a capture, typed bytes) becomes a [`trace::Trace`]. One dissector reads traces and
//! finds items; one field tree describes an item; every view draws that tree.
//!
//! # A capture, taken apart
//! ```
//! use framescope::{capture, trace};
//!
//! let mut loader = capture::open("captures/h76-jsclient-ws04.pcapng", &capture::Options::default())?;
//! loader.read_all()?;
//! let trace = loader.into_trace();
//! let talk = &trace.conversations[0];
//! assert_eq!(talk.protocol.id(), "hixie-76");
//! // The third item is the first frame: 00, "Hello", FF.
//! let field = trace::fields(talk, &trace.store, 2).expect("there are more than two items");
//! assert_eq!(field.find("hixie-text").map(|text| text.value.to_string()), Some("\"Hello\"".to_owned()));
//! # Ok::<(), capture::Error>(())
//! ```

pub mod app;
pub mod book;
pub mod capture;
pub mod catalogue;
pub mod cli;
pub mod derive;
pub mod endpoint;
pub mod export;
pub mod field;
pub mod figure;
pub mod fonts;
pub mod lesson;
pub mod live;
pub mod protocol;
pub mod rule;
pub mod spec;
pub mod trace;
pub mod wire;
pub mod words;
