//! Framescope shows the WebSocket protocol, every version of it, down to each bit.
//!
//! It is a program with a window and a command line, and the library that both are made of. The library reads captures,
//! takes bytes apart, checks them against the rules, and speaks as client and server; it opens no socket and draws no
//! window.
//!
//! # A capture, taken apart
//! ```
//! use framescope::capture;
//! use framescope::model::field::Value;
//! use framescope::trace;
//!
//! let mut loader = capture::open("captures/h76-jsclient-ws04.pcapng", &capture::Options::default())?;
//! loader.read_all()?;
//! let trace = loader.into_trace();
//! let talk = &trace.conversations()[0];
//! assert_eq!(talk.protocol.id(), "hixie-76");
//! // The third item is the first frame: 00, "Hello", FF.
//! let frame = trace::fields(talk, &trace.store, 2).expect("there are more than two items");
//! let text = frame.find("hixie-text").expect("a frame of type 00 holds text");
//! assert_eq!(text.value, Value::Text("Hello".to_owned()));
//! // Which bits of the frame that is: those of bytes 1 to 5.
//! assert_eq!((text.bits.start, text.bits.end), (8, 48));
//! # Ok::<(), capture::Error>(())
//! ```
//! `examples/` has four programs that are whole: the messages of a capture, the bits of a frame, a server and a client
//! that talk through memory, and a dissector over bytes from anywhere.
//!
//! # What a trace is
//! A [`Trace`](trace::Trace) is what was recorded: [bytes](trace::Store), and the
//! [conversations](trace::Conversation) that they belong to. Every source becomes one: a capture ([`capture::open`]),
//! bytes that somebody typed ([`capture::typed`]), a socket (`live`), or whatever you
//! [feed](trace::Trace::feed) it. A conversation is two [streams](trace::Stream), the client's and the server's. While
//! bytes arrive, one dissector finds what stands in them:
//!
//! - [items](trace::Item): a whole thing on one stream, such as an HTTP request, a frame, a TLS record, or a gap in the
//!   recording. The items of a stream follow each other with no hole;
//! - [messages](trace::Message): what frames add up to; their payload is put together, unmasked and inflated when it is
//!   [asked for](trace::PayloadReader);
//! - [findings](model::rule::Finding): [rules](model::rule::Rule) that the bytes keep you from overlooking, most of them
//!   broken ones.
//!
//! One conversation can carry another: a proxy's CONNECT, a PROXY header or SOCKS stands in the carrier, what they let
//! through in the carried one, whose [`Carrier`](trace::Carrier) says where each byte came from.
//!
//! # Shapes
//! An item is small, because a capture has millions. What its bits say is worked out when somebody looks:
//! [`trace::fields`] gives a tree of [`Field`](model::field::Field)s that tile the item: each bit is in exactly one leaf.
//! [`trace::derivations`] tells how what is not on the wire follows from what is, step by step: the handshake's proof,
//! the text behind a mask, a message out of DEFLATE. The parsers in [`wire`] work on slices alone and need no trace; they
//! answer *more*, *this value and so many bytes*, or *broken here, because* ([`wire::Parse`]).
//! The [endpoints](endpoint) take bytes and give bytes and events.
//!
//! # Units
//! - Places in an item are in **bits**, from its first bit on, the most significant bit of a byte first
//!   ([`BitRange`](model::field::BitRange)). Offsets and lengths in a stream are in **bytes**.
//! - Times are nanoseconds since 1970 by the clock of the recording ([`Timestamp`](trace::Timestamp)).
//! - Items, messages and conversations are numbered from 0 in the library and from 1 where a person reads them; packets
//!   are numbered from 1, as other programs do, and 0 stands for no packet.
//!
//! # Errors
//! Bytes from outside never panic, and wrong ones are not errors: the dissector says what is wrong as a finding and goes
//! on. Errors are for what cannot be done, such as [a file that is no capture](capture::Error),
//! [a payload that does not inflate](trace::PayloadError) or
//! [a message that cannot be sent](endpoint::SendError). Each is a type of its own that implements
//! [`std::error::Error`], and its text is one line that a person can act on. A [`Finding`](model::rule::Finding) is one
//! too, for endpoints that give up because of it.
//!
//! # Sections
//! Nothing is said without its source. Every kind of field and every rule has the
//! [`Section`](model::spec::Section) that it comes from, with a [link](model::spec::Section::link) that opens it, and a
//! stable id (`masking-key`, `rfc6455.mask.client-must-mask`) by which [`words`] explain it:
//! what it is, why it is there, what breaks otherwise.
//!
//! # Features
//! The library is what `default-features = false` leaves. `pictures` draws figures as PNG. `cli` adds sockets, lessons,
//! the book and the command line; `window` adds the window. `cli` and `app`, the command line and the window, are parts of
//! the program and no public API: anything in them may change with any version.
//!
//! # The map
//! A file stands above all that it imports.
//!
//! | floor | rooms | what they know | feature |
//! |---|---|---|---|
//! | top | `cli` | arguments, terminals | `cli` |
//! | | `app` | the window, on egui | `window` |
//! | | `live` | sockets and clocks, on tokio | `cli` |
//! | | `figure`, `book`, `lesson` | what the book is made of, lessons and their answers | `cli` |
//! | | [`export`] | JSON, CSV, HAR, text, SVG, PNG, pcapng | |
//! | | [`view`] | what window and text show alike: an item in a line, its bits in rows, colours | |
//! | | [`analysis`] | what follows from a trace: API states, statistics, filters, comparisons | |
//! | | [`capture`] | capture files, link layers, IP, TCP; typed bytes | |
//! | | [`trace`] | what was recorded, and the dissector that reads it | |
//! | | [`endpoint`] | client and server as state machines, without I/O | |
//! | | [`wire`] | bytes to values and back, without I/O | |
//! | | [`words`] | the catalogue: what is said, by language | |
//! | ground | [`model`] | the words that all share: sides, versions, fields, rules, derivations | |

pub mod analysis;
#[cfg(feature = "window")]
#[doc(hidden)] // Part of the program: public for its own tests and benches alone.
pub mod app;
#[cfg(feature = "cli")]
pub mod book;
#[cfg(feature = "cli")]
mod browser;
pub mod capture;
#[cfg(feature = "cli")]
#[doc(hidden)] // Part of the program: public for its binary and tests alone.
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
