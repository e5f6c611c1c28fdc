//! permessage-deflate (RFC 7692) and what came before it: negotiation, deflating, inflating, and how the inflated text
//! follows.
//!
//! | file | what |
//! |---|---|
//! | [`negotiate`](mod@negotiate) | offers, answers, and what both ends agreed on |
//! | [`perframe`] | `deflate-frame`, which compresses each frame by itself |
//! | [`stream`] | `deflate-stream`, which compresses all bytes of a side as one |
//! | [`deflater`] | messages to compressed payloads |
//! | [`inflater`], `watch` | and back; what keeps to the agreed window |
//! | [`fault`] | what can be wrong with a compressed message |
//! | [`tokens`] | a readable reader of DEFLATE: blocks, literals, copies |
//! | [`explain`] | the derivation `deflate.inflate` |

pub mod deflater;
pub mod explain;
pub mod fault;
pub mod inflater;
pub mod negotiate;
pub mod perframe;
pub mod stream;
pub mod tokens;
mod watch;

pub use deflater::Deflater;
pub use explain::{Window, derivation, of_stream};
pub use fault::InflateError;
pub use inflater::Inflater;
pub use negotiate::{Fault, NAME, Offer, Params, Unit, agreed, answer, negotiate, read_answer};
pub use perframe::{PER_FRAME, per_frame};

/// What a sender removes from the end of each compressed message and a receiver puts back: the length, and its
/// complement, of an empty block without compression (RFC 7692 section 7.2.1).
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

#[cfg(test)]
mod tests;
