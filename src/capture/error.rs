//! Why a capture could not be read, or not to its end.

use std::io;

use super::summary::many;
use crate::model::field::spaced_hex;
use crate::model::rule::{Finding, Rule};

/// Why a capture could not be read, or not to its end; one line for a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    #[error("{name} cannot be read: {source}")]
    Io {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A directory was given.
    #[error("{name} is a directory; give a capture file")]
    Directory {
        /// The directory.
        name: String,
    },
    /// There is not a single byte.
    #[error("{name} is empty: there is not even the header of a capture; was anything recorded?")]
    Empty {
        /// The file.
        name: String,
    },
    /// The first bytes are those of no format that is read.
    #[error(
        "{name} is not a capture: it begins with {begins}; pcap and pcapng are read, also gzip-compressed"
    )]
    NotACapture {
        /// The file.
        name: String,
        /// The first bytes, shown.
        begins: String,
    },
    /// The file ends inside a record.
    #[error(
        "{name} is cut: the {unit} at byte {at} takes {needed} bytes and the file ends after {there} of them; \
         read before it: {}", many(*packets, "packet")
    )]
    Cut {
        /// The file.
        name: String,
        /// What a record is called in this format.
        unit: &'static str,
        /// Where the record begins, in bytes of the file (unpacked, if it is compressed).
        at: u64,
        /// How many bytes it takes.
        needed: u64,
        /// How many there are.
        there: u64,
        /// How many packets come before.
        packets: u64,
    },
    /// A record cannot be right.
    #[error("{name} is damaged at byte {at}: {what}; read before it: {}", many(*packets, "packet"))]
    Damaged {
        /// The file.
        name: String,
        /// Where the record begins, in bytes of the file (unpacked, if it is compressed).
        at: u64,
        /// What is wrong.
        what: String,
        /// How many packets come before.
        packets: u64,
    },
    /// The compression is broken or ends early.
    #[error(
        "{name} cannot be unpacked behind byte {at} of its contents: {source}; \
         read before that: {}", many(*packets, "packet")
    )]
    Gzip {
        /// The file.
        name: String,
        /// How many bytes were unpacked.
        at: u64,
        /// What the unpacker says.
        source: io::Error,
        /// How many packets come before.
        packets: u64,
    },
}

impl Error {
    /// What the trace says about it; none where there is no trace.
    pub(super) fn finding(&self) -> Option<Finding> {
        match self {
            Self::Cut { unit, at, needed, there, .. } => Some(Rule::CaptureFileCut.about(format!(
                "the file ends inside the {unit} at byte {at}: {there} of its {needed} bytes are there"
            ))),
            Self::Damaged { at, what, .. } => {
                Some(Rule::CaptureDamaged.about(format!("the file is damaged at byte {at}: {what}")))
            }
            Self::Gzip { at, source, .. } => {
                let rule = if source.kind() == io::ErrorKind::UnexpectedEof {
                    Rule::CaptureFileCut
                } else {
                    Rule::CaptureDamaged
                };
                Some(
                    rule.about(format!(
                        "the file cannot be unpacked behind byte {at} of its contents: {source}"
                    )),
                )
            }
            Self::Io { source, .. } => {
                Some(Rule::CaptureFileCut.about(format!("reading stopped before the end: {source}")))
            }
            Self::Directory { .. } | Self::Empty { .. } | Self::NotACapture { .. } => None,
        }
    }
}

/// The first bytes of a file for a person: as text where they are text, else in hex.
pub(super) fn begins(bytes: &[u8]) -> String {
    let bytes = bytes.get(..bytes.len().min(16)).unwrap_or_default();
    let text =
        bytes.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    if text {
        format!("{:?}", String::from_utf8_lossy(bytes))
    } else {
        spaced_hex(bytes.get(..8).unwrap_or(bytes))
    }
}
