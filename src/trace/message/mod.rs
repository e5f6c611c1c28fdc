//! Messages as things to look at: an address space of their own, fields in it, and the way back to the frames.
//!
//! The bits of a message are those of its payload: the frames' payloads joined, unmasked and inflated. What is said of
//! them is said in that space ([`Space::Message`]); [`origin()`] maps it back to bits of items.

mod fields;
mod json;
mod origin;
#[cfg(test)]
mod tests;

pub use fields::{KINDS, message_fields};
pub use origin::origin;

pub(super) use json::read as read_json;

/// What bits are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// The bytes of the item with this number, as they were recorded.
    Item(usize),
    /// The payload of the message with this number: joined, unmasked, inflated.
    Message(usize),
}
