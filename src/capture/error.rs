//! Why a capture could not be read, or not to its end.

use std::io;

use super::foreign::{self, Foreign};
use super::format::Fault;
use crate::facts;
use crate::model::facts::{Fact, Facts};
use crate::model::field::spaced_hex;
use crate::model::rule::{Finding, Rule};
use crate::model::tells::Tells;
use crate::trace::Store;
use crate::words::display_in_english;

/// Why a capture could not be read, or not to its end; one line for a person.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    Io {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A directory was given.
    Directory {
        /// The directory.
        name: String,
    },
    /// There is not a single byte.
    Empty {
        /// The file.
        name: String,
    },
    /// The first bytes are those of no format that is read.
    NotACapture {
        /// The file.
        name: String,
        /// The first bytes, shown.
        begins: String,
    },
    /// It is known what the file is, and that is nothing that is read.
    Foreign {
        /// The file.
        name: String,
        /// Which kind of thing it is: the name of a form of the sentence.
        form: &'static str,
        /// What it is.
        what: &'static str,
    },
    /// The file ends inside a record.
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
    Damaged {
        /// The file.
        name: String,
        /// Where the record begins, in bytes of the file (unpacked, if it is compressed).
        at: u64,
        /// What is wrong.
        what: Fault,
        /// How many packets come before.
        packets: u64,
    },
    /// Another program cut the file while it was read, or what stands there cannot be read any more.
    Lost {
        /// The file.
        name: String,
        /// The first byte that is not there.
        at: u64,
        /// How many bytes there were.
        length: u64,
    },
    /// The compression is broken or ends early.
    Packed {
        /// The file.
        name: String,
        /// How it is compressed.
        packing: &'static str,
        /// How many bytes were unpacked.
        at: u64,
        /// What the unpacker says.
        source: io::Error,
        /// How many packets come before.
        packets: u64,
    },
}

impl Error {
    /// What begins so is no capture that is read.
    pub(super) fn no_capture(name: String, begin: &[u8]) -> Self {
        let Some(foreign) = foreign::of(&name, begin) else {
            return Self::NotACapture { name, begins: begins(begin) };
        };
        let (form, what) = match foreign {
            Foreign::Packed(what) => ("foreign-packed", what),
            Foreign::Recording(what) => ("foreign-recording", what),
            Foreign::Har => ("foreign-har", "HAR"),
            Foreign::KeyLog => ("foreign-keys", "NSS"),
        };
        Self::Foreign { name, form, what }
    }

    /// That the mapped file of a store is not whole any more: another program cut it. To be asked for when all was shown
    /// that was read of it.
    pub fn lost(name: &str, store: &Store) -> Option<Self> {
        let at = store.lost_from()?;
        Some(Self::Lost { name: name.to_owned(), at, length: store.mapped().len() as u64 })
    }

    /// What the trace says about it; none where there is no trace.
    pub(super) fn finding(&self) -> Option<Finding> {
        match self {
            &Self::Cut { unit, at, needed, there, .. } => {
                let unit = Fact::Name(unit);
                Some(Rule::CaptureFileCut.about(facts!("inside", unit, at = at.to_string(), needed, there)))
            }
            Self::Damaged { at, what, .. } => {
                let what = Fact::said(what);
                Some(Rule::CaptureDamaged.about(facts!("at", at = at.to_string(), what)))
            }
            Self::Packed { at, source, .. } => {
                let rule = if source.kind() == io::ErrorKind::UnexpectedEof {
                    Rule::CaptureFileCut
                } else {
                    Rule::CaptureDamaged
                };
                Some(rule.about(facts!("unpacking", at = at.to_string(), source = source.to_string())))
            }
            Self::Lost { at, length, .. } => Some(Rule::CaptureFileCut.about(facts!(
                "lost",
                at = at.to_string(),
                length = length.to_string()
            ))),
            Self::Io { source, .. } => {
                Some(Rule::CaptureFileCut.about(facts!("reading", source = source.to_string())))
            }
            Self::Directory { .. } | Self::Empty { .. } | Self::NotACapture { .. } | Self::Foreign { .. } => {
                None
            }
        }
    }
}

impl Tells for Error {
    fn message_id(&self) -> &'static str {
        "error-capture"
    }

    fn facts(&self) -> Facts {
        match self {
            Self::Io { name, source } => facts!("io", name = name.as_str(), source = source.to_string()),
            Self::Directory { name } => facts!("directory", name = name.as_str()),
            Self::Empty { name } => facts!("empty", name = name.as_str()),
            Self::NotACapture { name, begins } => {
                facts!("no-capture", name = name.as_str(), begins = begins.as_str())
            }
            Self::Foreign { name, form, what } => {
                Facts::form(form).with("name", name.as_str()).with("what", *what)
            }
            Self::Cut { name, unit, at, needed, there, packets } => facts!(
                "cut",
                name = name.as_str(),
                unit = Fact::Name(unit),
                at = at.to_string(),
                needed = *needed,
                there = *there,
                packets = *packets
            ),
            Self::Damaged { name, at, what, packets } => facts!(
                "damaged",
                name = name.as_str(),
                at = at.to_string(),
                what = Fact::said(what),
                packets = *packets
            ),
            Self::Lost { name, at, length } => {
                facts!("lost", name = name.as_str(), at = at.to_string(), length = length.to_string())
            }
            Self::Packed { name, packing, at, source, packets } => facts!(
                "packed",
                name = name.as_str(),
                packing = *packing,
                at = at.to_string(),
                source = source.to_string(),
                packets = *packets
            ),
        }
    }
}

display_in_english!(Error);

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Packed { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The first bytes of a file for a person: as text where they are text, else in hex.
fn begins(bytes: &[u8]) -> String {
    let bytes = bytes.get(..bytes.len().min(16)).unwrap_or_default();
    let text =
        bytes.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    if text {
        format!("{:?}", String::from_utf8_lossy(bytes))
    } else {
        spaced_hex(bytes.get(..8).unwrap_or(bytes))
    }
}
