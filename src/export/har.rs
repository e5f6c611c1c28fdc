//! Conversations as an HTTP archive (HAR 1.2), for browsers' developer tools and other readers of such files.
//!
//! An HTTP request and its response are an entry; that of a WebSocket holds its messages as `_webSocketMessages`, as
//! Chrome writes them: `type` (`send` by the client, `receive`), `time` in seconds since the epoch, `opcode`, and
//! `data`, in base64 unless it is text. Pings, pongs and close frames are there too. What is neither HTTP nor a message
//! has no place in such a file: policy requests, gaps, unparsed bytes.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::model::protocol::Side;
use crate::trace::{Conversation, Item, ItemKind, Message, MessageKind, PayloadReader, Store, Timestamp};
use crate::wire::Parse;
use crate::wire::http::{Body, Head, MAX_HEAD, chunked_data, parse_head};
use crate::words::Words;

/// Writes an archive of these conversations. Of each, `items` says which of its items are wanted, from the first up to
/// the second, which is not included; none for all.
///
/// # Errors
/// If the output fails.
pub fn write(
    out: &mut dyn Write,
    conversations: &[(&Conversation, &Store)],
    items: Option<(usize, usize)>,
    words: Words,
) -> io::Result<()> {
    let entries: Vec<Value> = conversations
        .iter()
        .flat_map(|(talk, store)| Archived { words, talk, store, items }.entries())
        .collect();
    let archive = json!({ "log": {
        "version": "1.2",
        "creator": { "name": "Framescope", "version": env!("CARGO_PKG_VERSION") },
        "pages": [],
        "entries": entries,
    }});
    serde_json::to_writer_pretty(&mut *out, &archive)?;
    out.write_all(b"\n")
}

/// A conversation that is written.
struct Archived<'a> {
    words: Words,
    talk: &'a Conversation,
    store: &'a Store,
    items: Option<(usize, usize)>,
}

/// One half of an exchange.
struct Half {
    head: Head,
    body: Vec<u8>,
    time: Timestamp,
}

impl Archived<'_> {
    fn wants(&self, item: usize) -> bool {
        self.items.is_none_or(|(from, to)| from <= item && item < to)
    }

    fn entries(&self) -> Vec<Value> {
        let is_websocket = self.talk.protocol.family().is_some();
        // The exchange that opened the WebSocket holds its messages, so it is always there.
        let opening = is_websocket.then(|| self.talk.exchanges.last().map(|(request, _)| *request)).flatten();
        let requests = self.talk.items.iter().filter(|(_, item)| item.kind == ItemKind::HttpRequest);
        let mut entries: Vec<Value> = requests
            .filter(|(number, _)| self.wants(*number) || opening == Some(*number as u32))
            .filter_map(|(number, item)| {
                let messages = (opening == Some(number as u32)).then(|| self.messages());
                self.entry(Some((number, item)), messages)
            })
            .collect();
        if is_websocket && opening.is_none() && !self.talk.messages.is_empty() {
            // The handshake was not recorded.
            entries.extend(self.entry(None, Some(self.messages())));
        }
        entries
    }

    /// An exchange; without a request, one of which nothing was recorded.
    fn entry(&self, request: Option<(usize, &Item)>, messages: Option<Vec<Value>>) -> Option<Value> {
        let half = request.and_then(|(_, item)| self.half(item, None));
        let exchange = request.and_then(|(number, _)| {
            self.talk.exchanges.iter().find(|(request, _)| *request as usize == number)
        });
        let response = exchange.and_then(|(_, response)| self.talk.items.get(*response as usize));
        let answer = response.and_then(|item| self.half(item, half.as_ref().map(|half| &half.head)));
        let first = self.talk.items.iter().next().map(|(_, item)| self.talk.time_of(item));
        let last = self.talk.items.last().map(|item| self.talk.time_of(item));
        let began = half.as_ref().map(|half| half.time).or(first)?;
        let answered = answer.as_ref().map_or(began, |answer| answer.time);
        let over = if messages.is_some() { last.unwrap_or(answered) } else { answered };
        let scheme = if messages.is_some() { "ws" } else { "http" };
        let mut entry = json!({
            "startedDateTime": date(began),
            "time": millis(over.since(began)),
            "request": self.request(half.as_ref(), scheme),
            "response": response_object(answer.as_ref(), messages.is_some()),
            "cache": {},
            "timings": {
                "send": 0,
                "wait": millis(answered.since(began)),
                "receive": millis(over.since(answered)),
            },
            "serverIPAddress": self.talk.server.ip().to_string(),
            "connection": self.talk.client.port().to_string(),
        });
        if let (Some(messages), Some(entry)) = (messages, entry.as_object_mut()) {
            entry.insert("_resourceType".to_owned(), "websocket".into());
            entry.insert("_webSocketMessages".to_owned(), messages.into());
        }
        Some(entry)
    }

    /// An HTTP item taken apart; of a response, `request` is what it answers.
    fn half(&self, item: &Item, request: Option<&Head>) -> Option<Half> {
        let bytes = self.talk.bytes_of(self.store, item);
        let Parse::Done(head, length) = parse_head(&bytes, item.side, MAX_HEAD) else { return None };
        let body = bytes.get(length..).unwrap_or_default();
        let body = match head.body(request) {
            Ok(Body::Chunked) => chunked_data(body),
            _ => body.to_vec(),
        };
        Some(Half { head, body, time: self.talk.time_of(item) })
    }

    fn request(&self, half: Option<&Half>, scheme: &str) -> Value {
        let Some(Half { head, body, .. }) = half else {
            let url = format!("{scheme}://{}/", self.talk.server);
            return json!({
                "method": "GET", "url": url, "httpVersion": "unknown", "cookies": [], "headers": [],
                "queryString": [], "headersSize": -1, "bodySize": -1,
                "comment": self.words.text("export-no-handshake"),
            });
        };
        let target = head.target();
        let host = head.get("Host").map_or_else(|| self.talk.server.to_string(), Cow::into_owned);
        let url =
            if target.starts_with('/') { format!("{scheme}://{host}{target}") } else { target.to_string() };
        let query: Vec<Value> = target
            .split_once('?')
            .into_iter()
            .flat_map(|(_, query)| query.split('&'))
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let mut request = json!({
            "method": head.method(),
            "url": url,
            "httpVersion": head.version(),
            "cookies": cookies(head, "Cookie"),
            "headers": headers(head),
            "queryString": query,
            "headersSize": head.len(),
            "bodySize": body.len(),
        });
        if let Some(request) = request.as_object_mut().filter(|_| !body.is_empty()) {
            let mut data = Map::new();
            data.insert("mimeType".to_owned(), mime_type(head).into());
            insert_text(&mut data, body);
            request.insert("postData".to_owned(), data.into());
        }
        request
    }

    fn messages(&self) -> Vec<Value> {
        let mut reader = PayloadReader::default();
        let wanted = self.talk.messages.iter().filter(|(_, message)| self.wants(message.last as usize));
        wanted.map(|(number, message)| self.message(number, message, &mut reader)).collect()
    }

    fn message(&self, number: usize, message: &Message, reader: &mut PayloadReader) -> Value {
        let mut payload = Vec::new();
        let read = reader.read(self.talk, self.store, number, &mut |bytes| payload.extend_from_slice(bytes));
        let data = match message.kind {
            MessageKind::Text => String::from_utf8_lossy(&payload).into_owned(),
            _ => STANDARD.encode(&payload),
        };
        let item = self.talk.items.get(message.last as usize);
        let time = item.map(|item| self.talk.time_of(item)).unwrap_or_default();
        let mut value = json!({
            "type": if message.side == Side::Client { "send" } else { "receive" },
            "time": time.0 as f64 / 1e9,
            "opcode": message.kind.opcode().bits(),
            "data": data,
        });
        let wrong = read.err().map(|error| error.to_string());
        let wrong = wrong.or_else(|| reader.noticed().map(|noticed| noticed.to_string()));
        if let (Some(wrong), Some(value)) = (wrong, value.as_object_mut()) {
            value.insert("comment".to_owned(), wrong.into());
        }
        value
    }
}

fn response_object(half: Option<&Half>, is_websocket: bool) -> Value {
    let Some(Half { head, body, .. }) = half else {
        // Status 0 is what browsers write where no response came.
        return json!({
            "status": 0, "statusText": "", "httpVersion": "unknown", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "", "headersSize": -1,
            "bodySize": -1,
        });
    };
    let mut content = Map::new();
    // The body of a 101 is the answer of hixie-76.
    content.insert("size".to_owned(), body.len().into());
    let mime =
        if is_websocket && !head.has("Content-Type") { "x-unknown".to_owned() } else { mime_type(head) };
    content.insert("mimeType".to_owned(), mime.into());
    if !body.is_empty() {
        insert_text(&mut content, body);
    }
    json!({
        "status": head.status().unwrap_or_default(),
        "statusText": head.reason(),
        "httpVersion": head.version(),
        "cookies": cookies(head, "Set-Cookie"),
        "headers": headers(head),
        "content": content,
        "redirectURL": head.get("Location").unwrap_or_default(),
        "headersSize": head.len(),
        "bodySize": body.len(),
    })
}

/// Puts bytes into an object as `text`: as they are where they are UTF-8, else in base64.
fn insert_text(object: &mut Map<String, Value>, bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        object.insert("text".to_owned(), text.into());
    } else {
        object.insert("text".to_owned(), STANDARD.encode(bytes).into());
        object.insert("encoding".to_owned(), "base64".into());
    }
}

fn headers(head: &Head) -> Vec<Value> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let field = |field: &crate::wire::http::HeaderField| json!({ "name": text(field.name.of(head.raw())), "value": text(&field.value(head.raw())) });
    head.fields().iter().map(field).collect()
}

/// Names and values alone: what else a cookie says stands in the headers.
fn cookies(head: &Head, field: &str) -> Vec<Value> {
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some(json!({ "name": name.trim(), "value": value.trim() }))
    };
    let values = head.get_all(field);
    let pairs = values.flat_map(|value| {
        let most = if field == "Cookie" { usize::MAX } else { 1 };
        value.split(';').take(most).filter_map(one).collect::<Vec<_>>()
    });
    pairs.collect()
}

fn mime_type(head: &Head) -> String {
    head.get("Content-Type").map_or_else(|| "application/octet-stream".to_owned(), Cow::into_owned)
}

/// ISO 8601, in UTC, as fine as the clock was.
fn date(time: Timestamp) -> String {
    time.utc().to_string()
}

fn millis(nanos: i64) -> f64 {
    nanos.max(0) as f64 / 1e6
}
