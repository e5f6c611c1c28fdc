//! Items and messages, as small as they can be: a capture has one of each for every frame.

use std::ops::Range;

use crate::model::protocol::Side;
pub use crate::wire::message::Kind as MessageKind;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum ItemKind {
    /// Flash Player asks for the policy file.
    PolicyRequest,
    /// The policy file.
    PolicyResponse,
    /// An HTTP request, with its body.
    HttpRequest,
    /// An HTTP response, with its body.
    HttpResponse,
    /// A frame of hybi-07 to RFC 6455.
    HybiFrame,
    /// A frame of hixie-75 or hixie-76.
    HixieFrame,
    /// A message to a proxy, or its answer, before the connection proper.
    Prelude,
    /// A TLS record.
    TlsRecord,
    /// A piece of a compressed stream.
    DeflateStream,
    /// Bytes that were sent but not recorded.
    Gap,
    /// Bytes that follow none of the rules that hold at their place.
    Unparsed,
}

impl ItemKind {
    /// The stable identifier, as in the command line's output.
    pub const fn id(self) -> &'static str {
        match self {
            Self::PolicyRequest => "policy-request",
            Self::PolicyResponse => "policy-response",
            Self::HttpRequest => "http-request",
            Self::HttpResponse => "http-response",
            Self::HybiFrame | Self::HixieFrame => "frame",
            Self::Prelude => "prelude",
            Self::TlsRecord => "tls-record",
            Self::DeflateStream => "deflate-stream",
            Self::Gap => "gap",
            Self::Unparsed => "unparsed",
        }
    }

    /// Whether it is a frame of either family.
    pub const fn is_frame(self) -> bool {
        matches!(self, Self::HybiFrame | Self::HixieFrame)
    }
}

/// A whole thing on one stream. Items of a stream follow each other with no hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The first byte's offset in the stream.
    pub offset: u64,
    /// The number of bytes.
    pub length: u64,
    /// The number of the stream's chunk that holds the last byte.
    pub chunk: u32,
    /// What it is.
    pub kind: ItemKind,
    /// Who sent it.
    pub side: Side,
    /// Whether the recording holds it to its end.
    pub complete: bool,
    /// Of a frame: its first byte. Of a TLS record or a prelude: what it holds
    /// ([`Content`](crate::wire::tls::Content), [`Message`](crate::wire::prelude::Message)). Of a compressed stream: 1 where it begins with a zlib header. 0 for
    /// other items.
    pub first_byte: u8,
}

impl Item {
    /// Whether it came to its end and is something that the protocol knows.
    pub const fn is_whole(&self) -> bool {
        self.complete && !matches!(self.kind, ItemKind::Unparsed)
    }

    /// The bytes of the stream that the item takes.
    pub const fn range(&self) -> Range<u64> {
        self.offset..self.offset + self.length
    }
}

/// What one or more frames add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The number of bytes: unmasked, inflated, put together.
    pub length: u64,
    /// The number of the first item, counted from 0.
    pub first: u32,
    /// The number of the last item.
    pub last: u32,
    /// What it is.
    pub kind: MessageKind,
    /// Who sent it.
    pub side: Side,
    /// Whether it was compressed, or some of its frames were.
    pub compressed: bool,
    /// Whether an extension that this program does not know made its payload: its bytes are those on the wire.
    pub coded: bool,
}
