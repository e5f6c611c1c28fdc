//! How much and how long.

use std::time::Duration;

/// The limits of sockets. Those of heads and messages are [`Options`](crate::endpoint::Options).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many connections at once; who comes then is told 503. 1,024.
    pub connections: usize,
    /// The opening handshake must be over after this time. 10 seconds.
    pub handshake: Duration,
    /// A connection on which nothing happens for this long is closed with 1001. 5 minutes.
    pub idle: Duration,
    /// So long the peer may take to answer a close frame, and then to end TCP. 2 seconds.
    pub closing: Duration,
    /// So long a long poll is held back. 25 seconds.
    pub long_poll: Duration,
    /// While more bytes than these wait to be written, nothing is read: who does not read what it is sent cannot send
    /// more. 1 MiB.
    pub write_buffer: usize,
    /// So many events wait to be taken; what comes then is counted and dropped. 1,024.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            handshake: Duration::from_secs(10),
            idle: Duration::from_mins(5),
            closing: Duration::from_secs(2),
            long_poll: Duration::from_secs(25),
            write_buffer: 1 << 20,
            events: 1024,
        }
    }
}
