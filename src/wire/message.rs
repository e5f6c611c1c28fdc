//! Messages: what frames add up to.

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Characters in UTF-8.
    Text,
    /// Any bytes.
    Binary,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// The closing handshake.
    Close,
}
