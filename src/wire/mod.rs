//! The bytes of every version, without I/O: bytes to values and back.
//!
//! # The contract
//! One concept a file. Each holds
//! - the value,
//! - `parse`, which takes the bytes from the concept's first byte on and returns a [`Parse`]: it never reads past
//!   what it needs, never panics, and allocates no more than a multiple of the bytes that are there;
//! - `encode`, with `parse(encode(value)) == value`;
//! - `fields`, which describes the same bytes as a [`Field`](crate::model::field::Field) tree that tiles them;
//! - its [`FieldKind`](crate::model::field::FieldKind)s, beside the code that finds them.
//!
//! Parsing is lenient and says what it saw; checking against the rules is separate and returns
//! [`Finding`]s, so that a dissector can go on where an endpoint must stop.

use crate::model::rule::Finding;

pub mod close;
pub mod compose;
pub mod deflate;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod http;
pub mod message;
pub mod policy;
pub mod prelude;
pub mod start;
pub mod tls;
pub mod utf8;
pub mod wrong;

/// What a parser says about the bytes it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse<T> {
    /// All bytes so far fit; more are needed. Not an error.
    More,
    /// The value, and how many bytes it took.
    Done(T, usize),
    /// These bytes are not this concept. The finding says why; its bits begin at the first bad byte.
    Broken(Finding),
}
