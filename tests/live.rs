//! Live servers and clients: over sockets, recorded, replayed, and against the peers that others wrote.
//!
//! No fixed ports, and no sleeping as a way to wait: whatever is waited for has a time-out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic in a test is its report")]

#[path = "live/common.rs"]
mod common;
#[path = "live/desktop.rs"]
mod desktop;
#[path = "live/engine.rs"]
mod engine;
#[path = "live/peer.rs"]
mod peer;
#[path = "live/pressure.rs"]
mod pressure;
#[path = "live/proxies.rs"]
mod proxies;
#[path = "live/recording.rs"]
mod recording;
#[path = "live/resets.rs"]
mod resets;
#[path = "live/ruby_peers.rs"]
mod ruby_peers;
#[path = "live/rust_peers.rs"]
mod rust_peers;
#[path = "live/script_peers.rs"]
mod script_peers;
#[path = "live/sockets.rs"]
mod sockets;
#[path = "live/times.rs"]
mod times;
#[path = "live/today.rs"]
mod today;
