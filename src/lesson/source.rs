//! Where a lesson's bytes come from: a capture, typed bytes, or a script.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::LessonError;
use super::captures;
use super::run::rehearse;
use super::script::Talk;
use super::text::Bytes;
use crate::capture::{self, Loader};
use crate::model::protocol::{Protocol, Side};
use crate::trace::{Place, Timestamp, Trace};
use crate::wire::deflate::Params;

/// Where a lesson's bytes come from. Exactly one of `capture`, `hex` and `talk` is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// A bundled capture by its name, or a file beside the lesson's.
    pub capture: Option<String>,
    /// The bytes of one side, in hexadecimal.
    pub hex: Option<Bytes>,
    /// What the hexadecimal bytes are: frames of `rfc6455`, where nothing is said.
    pub protocol: Option<String>,
    /// Who sent the hexadecimal bytes: `client`, where nothing is said, or `server`.
    pub from: Option<String>,
    /// Whether permessage-deflate was agreed on, for hexadecimal bytes.
    pub deflate: bool,
    /// Connections that are played.
    pub talk: Vec<Talk>,
}

impl Source {
    /// The trace that the lesson is about. `folder` is where the lesson's file stands, if it is not a bundled one.
    ///
    /// # Errors
    /// Where the capture cannot be read, or the script cannot be played.
    pub fn trace(&self, folder: Option<&Path>) -> Result<Trace, LessonError> {
        match (&self.capture, &self.hex, &self.talk[..]) {
            (Some(name), None, []) => Ok(read_capture(name, folder)?.into_trace()),
            (None, Some(bytes), []) => self.typed(&bytes.0),
            (None, None, talks @ [_, ..]) => Ok(rehearse(talks)?),
            _ => Err(LessonError::Source),
        }
    }

    /// The capture, read to its end; none where the source is none.
    pub(super) fn loader(&self, folder: Option<&Path>) -> Result<Option<Loader>, LessonError> {
        self.capture.as_deref().map(|name| read_capture(name, folder)).transpose()
    }

    /// The capture file; empty where the source is none.
    pub(super) fn capture_bytes(&self, folder: Option<&Path>) -> Result<Cow<'static, [u8]>, LessonError> {
        let Some(name) = &self.capture else { return Ok(Cow::Borrowed(&[])) };
        match captures::capture(name) {
            Some(bytes) => Ok(Cow::Borrowed(bytes)),
            None => std::fs::read(path_of(name, folder))
                .map(Cow::Owned)
                .map_err(|error| LessonError::Read(name.clone(), error)),
        }
    }

    fn typed(&self, bytes: &[u8]) -> Result<Trace, LessonError> {
        let protocol = match &self.protocol {
            Some(name) => name.parse().map_err(|_| LessonError::Name(name.clone(), "protocol"))?,
            None => Protocol::LATEST,
        };
        let side = match self.from.as_deref() {
            None | Some("client") => Side::Client,
            Some("server") => Side::Server,
            Some(other) => return Err(LessonError::Name(other.to_owned(), "side")),
        };
        let mut trace = Trace::default();
        let talk = trace.open_as(protocol, self.deflate.then(Params::default));
        let at = trace.store.append(bytes);
        trace.data(talk, side, Place { at, headers: None }, bytes.len() as u32, 0, Timestamp(0));
        trace.finish();
        Ok(trace)
    }
}

fn read_capture(name: &str, folder: Option<&Path>) -> Result<Loader, LessonError> {
    let options = capture::Options::default();
    let cannot = |error: capture::Error| LessonError::Capture(name.to_owned(), error);
    let mut loader = match captures::capture(name) {
        Some(bytes) => capture::from_reader(bytes, name, &options),
        None => capture::open(path_of(name, folder), &options).map_err(cannot)?,
    };
    loader.read_all().map_err(cannot)?;
    Ok(loader)
}

fn path_of(name: &str, folder: Option<&Path>) -> PathBuf {
    folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}
