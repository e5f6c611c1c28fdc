//! Framescope shows the WebSocket protocol, every version of it, down to each bit.
//!
//! # The map
//! A file stands above all that it imports. Rooms without a feature are the library: no socket, no window.
//!
//! | floor | rooms | what they know | feature |
//! |---|---|---|---|
//! | top | [`cli`] | arguments, terminals | `cli` |
//! | | [`app`] | the window, on egui | `window` |
//! | | [`live`] | sockets and clocks, on tokio | `cli` |
//! | | [`figure`], [`book`], [`lesson`] | what the book is made of, lessons and their answers | `cli` |
//! | | [`export`] | JSON, CSV, HAR, text, SVG, PNG, pcapng | |
//! | | [`view`] | what window and text show alike: an item in a line, its bits in rows, colours | |
//! | | [`analysis`] | what follows from a trace: API states, statistics, filters, comparisons | |
//! | | [`capture`] | capture files, link layers, IP, TCP; typed bytes | |
//! | | [`trace`] | what was recorded, and the dissector that reads it | |
//! | | [`endpoint`] | client and server as state machines, without I/O | |
//! | | [`wire`] | bytes to values and back, without I/O | |
//! | | [`words`] | the catalogue: what is said, by language | |
//! | ground | [`model`] | the words that all share: sides, versions, fields, rules, derivations | |
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

pub mod analysis;
#[cfg(feature = "window")]
pub mod app;
#[cfg(feature = "cli")]
pub mod book;
pub mod capture;
#[cfg(feature = "cli")]
pub mod cli;
pub mod endpoint;
pub mod export;
#[cfg(feature = "cli")]
pub mod figure;
#[cfg(feature = "cli")]
pub mod lesson;
#[cfg(feature = "cli")]
pub mod live;
pub mod model;
pub mod trace;
pub mod view;
pub mod wire;
pub mod words;
