//! The pages of a server that are no WebSocket: how the Web did without.
//!
//! | page | what |
//! |---|---|
//! | `/` | what this server is |
//! | `POST /say` | says something to those who poll |
//! | `/poll` | polling: the latest message at once, or 204 |
//! | `/long-poll` | long polling: the next message, whenever it comes, or 204 after a while |
//! | `/stream` | Comet streaming: every message as a chunk of one answer that does not end |

use crate::model::protocol::Protocol;
use crate::wire::http::{Head, HeadBuilder, reason_phrase};

/// The content type of messages and pages.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// The end of a chunked body (RFC 9112 section 7.1).
pub(super) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// How a request is answered.
#[derive(Debug)]
pub(super) enum Reply {
    /// At once.
    Whole {
        status: u16,
        kind: &'static str,
        body: Vec<u8>,
        /// What was said with it.
        said: Option<Vec<u8>>,
    },
    /// When a message comes.
    LongPoll,
    /// With every message that comes.
    Stream,
}

impl Reply {
    pub(super) fn whole(status: u16, kind: &'static str, body: &[u8]) -> Self {
        Self::Whole { status, kind, body: body.to_vec(), said: None }
    }
}

/// How a request is answered. `latest` is what was said last.
pub(super) fn reply(head: &Head, body: &[u8], latest: Option<&[u8]>, protocols: &[Protocol]) -> Reply {
    let target = head.target();
    let path = target.split_once('?').map_or(&*target, |(path, _)| path);
    match (head.method(), path) {
        ("GET" | "HEAD", "/") => Reply::whole(200, TEXT, front_page(protocols).as_bytes()),
        ("GET", "/poll") => match latest {
            Some(message) => Reply::whole(200, TEXT, message),
            None => Reply::whole(204, TEXT, b""),
        },
        ("GET", "/long-poll") => Reply::LongPoll,
        ("GET", "/stream") => Reply::Stream,
        ("POST", "/say") => {
            Reply::Whole { status: 204, kind: TEXT, body: Vec::new(), said: Some(body.to_vec()) }
        }
        (_, "/" | "/poll" | "/long-poll" | "/stream" | "/say") => {
            Reply::whole(405, TEXT, b"This page does not know that method\n")
        }
        _ => Reply::whole(404, TEXT, b"There is no such page; / says what there is\n"),
    }
}

fn front_page(protocols: &[Protocol]) -> String {
    let names: Vec<_> = protocols.iter().map(|protocol| protocol.id()).collect();
    format!(
        "This is a WebSocket server of Framescope. Any path is a WebSocket for who asks for one.\n\
         It speaks {}.\n\
         \n\
         How the Web did without WebSocket:\n\
         POST /say       says something to those who poll\n\
         GET  /poll      the latest message, or 204\n\
         GET  /long-poll the next message, or 204 after a while\n\
         GET  /stream    every message, in one answer that does not end\n",
        names.join(", ")
    )
}

/// A whole response.
pub(super) fn response(status: u16, kind: &str, body: &[u8], keep: bool, head_only: bool) -> Vec<u8> {
    let mut head = HeadBuilder::response(status, reason_phrase(status));
    if status != 204 {
        head = head.field("Content-Type", kind).field("Content-Length", &body.len().to_string());
    }
    let mut bytes = head
        .field("Cache-Control", "no-store")
        .field("Connection", if keep { "keep-alive" } else { "close" })
        .finish();
    if status != 204 && !head_only {
        bytes.extend_from_slice(body);
    }
    bytes
}

/// The head of an answer that goes on.
pub(super) fn stream_head() -> Vec<u8> {
    HeadBuilder::response(200, reason_phrase(200))
        .field("Content-Type", TEXT)
        .field("Transfer-Encoding", "chunked")
        .field("Cache-Control", "no-store")
        .finish()
}

/// A message as a chunk: a line of text.
pub(super) fn chunk(message: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{:x}\r\n", message.len() + 1).as_bytes());
    out.extend_from_slice(message);
    out.extend_from_slice(b"\n\r\n");
}

/// Whether the client may ask again on the same connection (RFC 9112 section 9.3).
pub(super) fn keeps_alive(head: &Head) -> bool {
    head.version_number().is_some_and(|number| number >= (1, 1)) && !head.has_token("Connection", "close")
}
