//! What a lesson's client and server are to do.
//!
//! A [`Talk`] is one connection: a server, a client, and what they do one after the other. What is not said is as in the
//! examples of the specifications, so every run has the same bytes. [`Run`](super::run::Run) plays it.

use serde::Deserialize;

use super::text::Bytes;
use crate::endpoint::SendError;
use crate::model::protocol::Protocol;
use crate::said_in_english;
use crate::words::{Said, Words};

/// One connection of a lesson.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Talk {
    /// The server.
    pub server: ServerSide,
    /// The client.
    pub client: ClientSide,
    /// What both do once the handshake is over, in this order.
    #[serde(rename = "do")]
    pub actions: Vec<Action>,
}

/// The server of a connection: an ordinary one that echoes, or one with a mistake.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServerSide {
    /// The name of a peer with a mistake ([`FAULTS`](crate::endpoint::FAULTS)). Then nothing else counts.
    pub faulty: Option<String>,
    /// The versions that it speaks; all where there is none.
    pub versions: Vec<String>,
    /// The subprotocols that it speaks.
    pub subprotocols: Vec<String>,
    /// The origins that may connect; all where there is none.
    pub origins: Vec<String>,
    /// Whether it agrees to permessage-deflate.
    pub deflate: bool,
    /// The 16 bytes of `Sec-WebSocket-Nonce`, for hybi-4 and hybi-5.
    pub nonce: Bytes,
    /// Whether it sends messages back.
    pub echo: bool,
    /// The longest message, in bytes.
    pub max_message: u64,
}

impl Default for ServerSide {
    /// The nonce is the example of hybi-04 (section 4.2), whose last character of base64 is not the usual one there.
    fn default() -> Self {
        Self {
            faulty: None,
            versions: Vec::new(),
            subprotocols: Vec::new(),
            origins: Vec::new(),
            deflate: false,
            nonce: Bytes((1..=16).collect()),
            echo: true,
            max_message: 1 << 20,
        }
    }
}

/// The client of a connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClientSide {
    /// The version that it asks for. `none` sends no request: all its bytes are `raw`.
    pub version: String,
    /// The name of a client with a mistake.
    pub faulty: Option<String>,
    /// What it asks for.
    pub resource: String,
    /// The host that it asks.
    pub host: String,
    /// Where its page comes from.
    pub origin: Option<String>,
    /// The subprotocols that it offers, the most wanted first.
    pub subprotocols: Vec<String>,
    /// More header fields: name and value.
    pub headers: Vec<(String, String)>,
    /// Whether it offers permessage-deflate.
    pub deflate: bool,
    /// The value of `Sec-WebSocket-Key`.
    pub key: String,
    /// The value of `Sec-WebSocket-Key1`, for hixie-76.
    pub key1: String,
    /// The value of `Sec-WebSocket-Key2`, for hixie-76.
    pub key2: String,
    /// The eight bytes behind the head, for hixie-76.
    pub key3: Bytes,
    /// The masking keys, in turn; behind the last it begins again.
    pub masks: Vec<Bytes>,
}

impl Default for ClientSide {
    /// The keys are the examples of RFC 6455 (section 1.3 and 5.7) and of the hixie-76 draft.
    fn default() -> Self {
        Self {
            version: Protocol::LATEST.id().to_owned(),
            faulty: None,
            resource: "/demo".to_owned(),
            host: "example.com".to_owned(),
            origin: None,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            deflate: false,
            key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
            key1: "4 @1  46546xW%0l 1 5".to_owned(),
            key2: "12998 5 Y3 1  .P00".to_owned(),
            key3: Bytes(b"^n:ds[4U".to_vec()),
            masks: vec![Bytes(vec![0x37, 0xfa, 0x21, 0x3d])],
        }
    }
}

/// One thing that an end does. Exactly one of the kinds is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Action {
    /// Who does it: `client`, where nothing is said, or `server`.
    pub by: Option<String>,
    /// Sends a text message.
    pub text: Option<String>,
    /// Sends a text message of that many letters.
    pub letters: Option<usize>,
    /// Sends a binary message.
    pub binary: Option<Bytes>,
    /// Sends a ping with this text.
    pub ping: Option<String>,
    /// Sends a text message in these fragments.
    pub fragments: Option<Vec<String>>,
    /// Sends one frame with exactly this header.
    pub frame: Option<Frame>,
    /// Sends several frames at once, in one write.
    pub frames: Option<Vec<Frame>>,
    /// Sends bytes, right or wrong.
    pub raw: Option<Bytes>,
    /// Sends these characters as bytes.
    pub raw_text: Option<String>,
    /// Begins the closing handshake with this code; 0 for without a code.
    pub close: Option<u16>,
    /// Ends TCP without a word.
    pub hang_up: bool,
    /// The reason, beside `close`.
    pub reason: String,
}

/// A frame of hybi, right or wrong, written as its version writes frames. What is not said is right.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Frame {
    /// `continuation`, `text`, `binary`, `close`, `ping`, `pong`, or the number that stands on the wire.
    pub opcode: String,
    /// Whether it is the message's last.
    pub fin: bool,
    /// Which of the reserved bits are set, as in `[1]`; before hybi-07 there are four.
    pub rsv: Vec<u8>,
    /// The masking key; without one a client takes its first, and a server none.
    pub mask: Option<Bytes>,
    /// Whether there is a mask at all.
    pub masked: Option<bool>,
    /// The payload as text.
    pub text: String,
    /// The payload as bytes, behind the text.
    pub bytes: Bytes,
    /// The length as it is claimed, where it is not the payload's.
    pub length: Option<u64>,
    /// How many bits the length is written with: 7, 16 or 64.
    pub length_bits: Option<u8>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            opcode: "text".to_owned(),
            fin: true,
            rsv: Vec::new(),
            mask: None,
            masked: None,
            text: String::new(),
            bytes: Bytes::default(),
            length: None,
            length_bits: None,
        }
    }
}

/// Why a script cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// A name that is none of that kind: a side, a version, an opcode, …
    Name(String, &'static str),
    /// A masking key, key3 or nonce of the wrong length.
    Length(&'static str, usize, usize),
    /// An action with none or several kinds.
    Kinds(usize, usize),
    /// An end cannot do that, or not then.
    Send(usize, SendError),
    /// An end that cannot do that at all.
    Cannot(usize),
}

impl std::error::Error for ScriptError {}

impl Said for ScriptError {
    fn said(&self, words: Words) -> String {
        let number = |number: &usize| ("number", number.to_string().into());
        match self {
            Self::Name(name, kind) => {
                words.with("failure-no-name", &[("name", name.as_str().into()), ("kind", (*kind).into())])
            }
            Self::Length(what, is, right) => {
                let values = [
                    ("what", (*what).into()),
                    ("is", is.to_string().into()),
                    ("right", right.to_string().into()),
                ];
                words.with("failure-script-length", &values)
            }
            Self::Kinds(at, count) => {
                words.with("failure-script-kinds", &[number(at), ("count", count.to_string().into())])
            }
            Self::Send(at, error) => {
                words.with("failure-script-action", &[number(at), ("error", error.said(words).into())])
            }
            Self::Cannot(at) => words.with("failure-script-cannot", &[number(at)]),
        }
    }
}

said_in_english!(ScriptError);
