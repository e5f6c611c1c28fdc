//! A version is a dialect: everything in which the versions differ, as data, one file a version.
//!
//! Parsers, checks, endpoints, the composer and the explanations ask the [`Dialect`] of a conversation; none of them
//! knows versions by name. So "where is what hybi-8 changes?" has one answer, `hybi8.rs`, and another version is
//! another table: a variant of [`Protocol`], a file here, and a line in `ALL` and in [`Protocol::dialect`].
//!
//! | file | what |
//! |---|---|
//! | `draft` | points in the line of drafts, and from which to which a rule holds |
//! | `opening` | the parts of an opening handshake in which versions differ |
//! | `frames` | the layouts of frames: sense of FIN, opcodes, mask, lengths |
//! | `closing` | the closing handshake, and the close codes of each draft |
//! | `protocol` | what a [`Protocol`] says of itself by its table |
//! | `hixie75`, `hixie76`, `hybi2`, `hybi4` to `hybi8`, `rfc6455` | the tables |

mod closing;
mod draft;
mod frames;
mod hixie75;
mod hixie76;
mod hybi2;
mod hybi4;
mod hybi5;
mod hybi6;
mod hybi7;
mod hybi8;
mod opening;
mod protocol;
mod rfc6455;

#[cfg(test)]
mod tests;

pub use closing::{Class, CloseCode, Closing, ClosingHandshake};
pub use draft::{Draft, Drafts, Standing, Versions};
pub use frames::{BadText, Binary, Frames, LastBit, Layout, Lengths, Masking, Meaning};
pub use frames::{HYBI01, HYBI04, HYBI05, HYBI05_LATER_MASK, HYBI07};
pub use hixie75::HIXIE75;
pub use hixie76::HIXIE76;
pub use hybi2::HYBI2;
pub use hybi4::HYBI4;
pub use hybi5::HYBI5;
pub use hybi6::HYBI6;
pub use hybi7::HYBI7;
pub use hybi8::HYBI8;
pub use opening::{DRAFT_FIELD, Opening, Origin, Proof, Refusal, Signal, Subprotocols};
pub use protocol::UnknownProtocol;
pub use rfc6455::RFC6455;

use crate::model::protocol::{Family, Protocol};
use crate::model::spec::Document;

/// Every version of the WebSocket protocol, in the order of time.
pub static ALL: [&Dialect; 9] =
    [&HIXIE75, &HIXIE76, &HYBI2, &HYBI4, &HYBI5, &HYBI6, &HYBI7, &HYBI8, &RFC6455];

/// Everything in which one version differs from the others.
#[derive(Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The version.
    pub protocol: Protocol,
    /// The stable identifier, as in `--protocol hixie-76`.
    pub id: &'static str,
    /// The message id of its name for people.
    pub word: &'static str,
    /// The drafts that the version stands for: several where they share a number on the wire.
    pub drafts: Drafts,
    /// The text that is read for it.
    pub document: Document,
    /// The opening handshake.
    pub opening: Opening,
    /// The frames.
    pub frames: Frames,
    /// The closing handshake and its codes.
    pub closing: Closing,
    /// The extensions of this version that both endpoints here know.
    pub extensions: &'static [&'static str],
}

impl Dialect {
    /// How the version cuts its stream into frames.
    pub const fn family(&self) -> Family {
        match self.frames.layout {
            Some(_) => Family::Hybi,
            None => Family::Hixie,
        }
    }

    /// The bits of a frame's header. Of hixie, which has none such: those of RFC 6455, so that callers that only read
    /// hybi need not ask.
    pub const fn layout(&self) -> &'static Layout {
        match self.frames.layout {
            Some(layout) => layout,
            None => &frames::HYBI07,
        }
    }

    /// The field with the server's half of what masks are made of; none where they are not made of both heads.
    pub fn masking_nonce(&self) -> Option<&'static str> {
        self.opening.nonce.filter(|_| self.layout().masking == Masking::HashedFrame)
    }

    /// Whether the extension with this name is part of the version.
    pub fn has_extension(&self, name: &str) -> bool {
        self.extensions.contains(&name)
    }
}
