//! Capture files: pcap, pcapng and snoop in, conversations out.
//!
//! [`open()`] maps a file and [`from_reader`] reads a pipe; both give a [`Loader`] that fills a
//! [`Trace`](crate::trace::Trace) a few packets at a time. The way of a packet: `format` finds it in the file, `link_type`
//! and `packet` find the TCP segment in it (`fragments` puts IP packets together first), `tcp` puts the segments of a
//! connection in order. [`layers()`] describes every bit of one packet; [`packets()`] walks over the packets of a mapped
//! file. Captures are written in [`export`](crate::export).

mod checksum;
#[cfg(test)]
mod disorder;
#[cfg(test)]
mod encapsulated;
mod error;
#[cfg(test)]
mod files;
mod follow;
mod foreign;
mod format;
mod fragments;
mod input;
mod kind;
pub mod layers;
mod link_type;
mod loader;
mod order;
mod packet;
mod packet_links;
mod packets;
mod packing;
pub mod paste;
mod path;
mod shortened;
mod summary;
mod tcp;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod typed;

pub use error::Error;
pub use follow::follow;
pub use format::Fault;
pub use layers::{Layers, layers};
pub use link_type::LinkType;
pub use loader::{Loader, Options, Status, from_reader, open};
pub use packet_links::PacketLinks;
pub use packets::{Packet, Packets, packets};
pub use summary::{Comment, Summary};
