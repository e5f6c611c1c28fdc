//! Client and server as state machines, without I/O: bytes in, bytes and events out.
//!
//! Nothing here knows sockets, clocks or threads; what has to be random comes through a [`Random`] that the caller
//! brings. So the same code runs on a socket, between two byte vectors in a test, and in a browser.
//!
//! # The loop around an endpoint
//! 1. Write what [`output`](Server::output) holds and say how much went out ([`Server::wrote`]).
//! 2. Take the events ([`Server::poll_event`]).
//! 3. When [`wants_close`](Server::wants_close) and all output is written, close the transport.
//! 4. Give it what was read ([`Server::receive`]), or say that nothing more will come ([`Server::end_of_input`]).
//!
//! # What happens when a peer breaks a rule
//! What [`Rule::reaction`](crate::model::rule::Rule::reaction) says: a close frame with that code and the rule as its
//! reason, an HTTP refusal, or the end of the connection. [`Event::Failed`] carries the findings. A broken rule whose
//! reaction is to go on becomes [`Event::Noticed`].
//!
//! | file | what |
//! |---|---|
//! | `server` | policy file, HTTP, and the opening handshakes of a server |
//! | `client` | the opening handshakes of a client |
//! | `command` | what an endpoint can be told to send |
//! | `link` | an open connection of either family |
//! | `hybi` | hybi-2 to RFC 6455 after the handshake |
//! | `hixie` | hixie-75 and hixie-76 after the handshake |
//! | `http` | the pages of a server that are no WebSocket: polling, long polling, streaming |
//! | `output` | bytes that wait to be written |
//! | `pair` | a client and a server joined without a socket |
//! | `random` | randomness for keys and masks |
//! | `url` | `ws:` addresses |
//! | `faulty` | servers and clients that make one mistake each, on purpose |

mod client;
mod command;
mod event;
mod faulty;
mod hixie;
mod http;
mod hybi;
mod link;
mod output;
mod pair;
mod random;
mod rest;
mod server;
mod url;

#[cfg(test)]
mod tests;

pub use client::{Client, ClientConfig};
pub use command::Command;
pub use event::{Event, Options, Random, SendError, Show};
pub use faulty::{FAULTS, Fault, FaultyServer};
pub use pair::{Endpoint, Move, Pair};
pub use random::{random, seeded};
pub use server::{Latest, Server, ServerConfig};
pub use url::{ListenError, UrlError, WsUrl, listen_address};
