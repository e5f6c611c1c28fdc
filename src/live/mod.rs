//! Sockets and clocks, on tokio: servers, clients, recordings, replays, and an engine for a window.
//!
//! The protocol itself is in [`endpoint`](crate::endpoint); here is the loop around it, with limits and time-outs.
//!
//! | file | what |
//! |---|---|
//! | `wire` | the loop around an endpoint: reads, writes, records |
//! | `server` | listens, and runs a task for each connection |
//! | `shared` | what the connections of a server share, and what they tell it |
//! | `connection` | one connection of the server |
//! | `client` | connects, and tells what happens |
//! | `script` | what a client does once it is connected |
//! | `recorder` | keeps every byte of both directions with its time |
//! | `identity` | which connection a socket is an end of |
//! | `sink` | where the recorder keeps them: a trace, a capture file |
//! | `replayer` | sends the client's side of a recording again |
//! | `faulty` | listens, and makes one mistake on every connection |
//! | `lesson` | plays the connections of a lesson over sockets |
//! | `engine`, `engine_client`, `engine_event` | a server, clients and a recorder behind one handle, for a window |
//! | `control` | lets others speak on a connection |
//! | `hub` | what happened, kept until somebody asks |
//! | `limits` | how much and how long, with the defaults |

mod client;
mod connection;
mod control;
mod copy;
mod engine;
mod engine_client;
mod engine_event;
mod faulty;
mod hub;
mod identity;
mod lesson;
mod limits;
mod recorder;
mod replayer;
mod script;
mod server;
mod shared;
mod sink;
mod wire;

pub use client::{Client, ClientConfig, ConnectError, TcpEnd};
pub use control::{Controls, LiveEnd, Order};
pub use engine::Engine;
pub use engine_client::ClientState;
pub use engine_event::{ClientId, EngineEvent, ReplayId};
pub use faulty::FaultyServer;
pub use lesson::{LessonFailure, play};
pub use limits::Limits;
pub use recorder::{FileNews, Recorded, Recorder, RecorderConfig, Tap, TraceGuard, Wake};
pub use replayer::{ReplayConfig, ReplayError, Report, Speed, replay, replay_until};
pub use script::{Input, News, Outcome, Script};
pub use server::{Server, ServerConfig};
pub use shared::{ServerEvent, What};
