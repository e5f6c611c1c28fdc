//! TLS without keys: what its records, its hellos and its alerts say in the clear, SSL 3.0 to TLS 1.3.
//!
//! | file | what |
//! |---|---|
//! | [`record`] | the record's header, how a stream of TLS begins, a record's bytes as fields |
//! | [`content`] | what a record holds: [`Content`], one byte |
//! | [`session`] | the two sides together: which record is encrypted, what was agreed |
//! | [`agreement`] | what was offered and what was chosen |
//! | [`borders`] | where handshake messages begin and end within records |
//! | [`hello`] | `ClientHello` and `ServerHello` as values |
//! | [`names`] | the registries: cipher suites, groups, extensions, alerts |
//!
//! A reader of a stream asks [`record::begins`] whether it is TLS, gives each record to [`Session::record`] and keeps
//! the [`Content`] that it gets; from that and the bytes [`record::fields`] makes the fields when they are looked at.

pub mod agreement;
pub mod borders;
pub mod content;
mod extension;
mod handshake;
pub mod hello;
mod kinds;
pub mod names;
mod pen;
pub mod record;
pub mod session;
mod shape;

pub use agreement::{Agreement, Alert, Alpn};
pub use borders::Borders;
pub use content::{Content, Encrypted};
pub use kinds::KINDS;
pub use record::{Beginning, Header, begins};
pub use session::Session;

#[cfg(test)]
mod tests;
