//! What the client's WebSocket object told its page, read from the recorded items alone.
//!
//! The rules are those of the HTML standard (WebSockets, section "Feedback from the protocol") and of RFC 6455
//! section 7.1. What the recorded client did decides, and not what it should have done:
//! - A close frame of either side makes the object `CLOSING`, and what the server says after that is no `message` event.
//! - A frame of the server over which a client must fail the connection (RFC 6455 section 7.1.7) fires no event, and
//!   neither does what comes after it; where the client sends more data all the same, it did not fail.
//! - The end of TCP makes it `CLOSED`. Where the connection was failed, or was lost while open, `error` fires before
//!   `close`. The code is the one that the server's close frame held, 1005 where it had none, 1006 where none came.
//! - A handshake that is refused or wrong fires `error` and `close` with 1006 at once.
//! - The hixie versions have no codes: 1005 where both ends said goodbye, otherwise 1006. hixie-75 says goodbye by
//!   ending TCP.

use crate::model::protocol::Side;
use crate::model::rule::{Reaction, Severity};
use crate::trace::{Conversation, End, Handshake, Item, ItemKind, Layer, MessageKind, Store, close_body};
use crate::wire::Parse;
use crate::wire::frame::hybi::Opcode;
use crate::wire::handshake::{Offer, detect};
use crate::wire::http::{Head, MAX_HEAD, parse_head};

/// The code of a connection that ended without a close frame of the server.
const ABNORMAL: u16 = 1006;

/// The code where the server's close frame had none.
const NO_STATUS: u16 = 1005;

/// What `readyState` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ReadyState {
    /// The handshake is not over.
    Connecting = 0,
    /// Messages can be sent.
    Open = 1,
    /// One end has begun to say goodbye.
    Closing = 2,
    /// The connection is over, or never was.
    Closed = 3,
}

impl ReadyState {
    /// The name of the constant: `CONNECTING`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "CONNECTING",
            Self::Open => "OPEN",
            Self::Closing => "CLOSING",
            Self::Closed => "CLOSED",
        }
    }

    /// The constant's number, 0 to 3.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// An event that fired on the client's WebSocket object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiEvent {
    /// `open`
    Open,
    /// `message`
    Message {
        /// [`MessageKind::Text`] (a string) or [`MessageKind::Binary`] (a `Blob` or an `ArrayBuffer`).
        kind: MessageKind,
        /// The length of the data in bytes.
        length: u64,
    },
    /// `error`
    Error,
    /// `close`
    Close {
        /// `code`
        code: u16,
        /// `reason`
        reason: Box<str>,
        /// `wasClean`
        was_clean: bool,
    },
}

impl ApiEvent {
    /// The event's type: `open`, `message`, `error`, `close`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Message { .. } => "message",
            Self::Error => "error",
            Self::Close { .. } => "close",
        }
    }
}

/// Something, and the item that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caused<T> {
    /// The item's number, counted from 0; none where the end of the connection was the cause.
    pub item: Option<usize>,
    /// What it caused.
    pub what: T,
}

/// The client's WebSocket object as it was after the first items of a conversation.
///
/// A view is of one conversation. It moves on with [`advance_to`](Self::advance_to).
#[derive(Clone, Debug, Default)]
pub struct ApiView {
    steps: Steps,
    events: Vec<Caused<ApiEvent>>,
    changes: Vec<Caused<ReadyState>>,
    /// How many events and changes items caused; those behind are of the end, and are made anew when more items come.
    by_items: (usize, usize),
}

/// What is known after some items.
#[derive(Clone, Debug, Default)]
struct Steps {
    state: Option<ReadyState>,
    /// The number of the next item and of the next message.
    next: (usize, usize),
    /// The item over which the client has to fail the connection.
    bad: Option<usize>,
    /// What the server's close frame said.
    server_close: Option<(Option<u16>, String)>,
    client_closed: bool,
}

impl ApiView {
    /// The state; none where the conversation is no WebSocket, as far as is known.
    pub fn state(&self) -> Option<ReadyState> {
        self.changes.last().map(|change| change.what)
    }

    /// The events that fired, in their order.
    pub fn events(&self) -> &[Caused<ApiEvent>] {
        &self.events
    }

    /// The states, in their order. The first is the one that the conversation began in and has no cause.
    pub fn changes(&self) -> &[Caused<ReadyState>] {
        &self.changes
    }

    /// The events that this item caused.
    pub fn events_of(&self, item: usize) -> impl Iterator<Item = &ApiEvent> {
        let (early, late) = self.events.split_at(self.by_items.0.min(self.events.len()));
        let from = early.partition_point(|event| event.item < Some(item));
        let early = early.get(from..).unwrap_or_default().iter().take_while(move |at| at.item == Some(item));
        early.chain(late.iter().filter(move |at| at.item == Some(item))).map(|at| &at.what)
    }

    /// Moves to where the first `items` items of the conversation have been seen; behind the last one its end has been
    /// seen too, if it ended. Going on costs what the new items cost, going back begins again.
    pub fn advance_to(&mut self, talk: &Conversation, store: &Store, items: usize) {
        let items = items.min(talk.items.len());
        if items < self.steps.next.0 || self.steps.next.0 == 0 {
            *self = Self::default();
            self.begin(talk);
        }
        self.events.truncate(self.by_items.0);
        self.changes.truncate(self.by_items.1);
        self.steps.state = self.state();
        for number in self.steps.next.0..items {
            self.steps.next.0 = number + 1;
            if let Some(item) = talk.items.get(number) {
                self.take(talk, store, number, item);
            }
        }
        self.by_items = (self.events.len(), self.changes.len());
        if items == talk.items.len() {
            self.take_end(talk);
        }
    }

    fn begin(&mut self, talk: &Conversation) {
        if talk.protocol.family().is_some() {
            // Without a recorded handshake the connection was open before the recording began.
            let inside = talk.handshake == Handshake::Missing || talk.layer == Layer::DeflateStream;
            self.change(None, if inside { ReadyState::Open } else { ReadyState::Connecting });
            self.by_items = (0, self.changes.len());
        }
    }

    fn change(&mut self, item: Option<usize>, state: ReadyState) {
        if self.steps.state != Some(state) {
            self.steps.state = Some(state);
            self.changes.push(Caused { item, what: state });
        }
    }

    fn fire(&mut self, item: Option<usize>, event: ApiEvent) {
        self.events.push(Caused { item, what: event });
    }

    fn close(&mut self, item: Option<usize>, code: u16, reason: String, was_clean: bool) {
        self.change(item, ReadyState::Closed);
        self.fire(item, ApiEvent::Close { code, reason: reason.into(), was_clean });
    }

    fn take(&mut self, talk: &Conversation, store: &Store, number: usize, item: &Item) {
        match (item.kind, item.side) {
            (ItemKind::HttpRequest, _)
                if request_head(talk, store, item).is_some_and(|head| detect(&head).is_some()) =>
            {
                // On a connection that was refused before, this is another WebSocket object.
                self.change(Some(number), ReadyState::Connecting);
            }
            (ItemKind::HttpResponse, _) => self.take_response(talk, store, number, item),
            (ItemKind::HybiFrame | ItemKind::HixieFrame, side) => {
                match side {
                    Side::Server => self.judge(talk, number),
                    Side::Client if goes_on(item) => self.steps.bad = None,
                    Side::Client => {}
                }
                self.take_messages(talk, store, number);
            }
            _ => {}
        }
    }

    /// An answer to an opening request opens the WebSocket, or says that there will be none.
    fn take_response(&mut self, talk: &Conversation, store: &Store, number: usize, item: &Item) {
        let Some(status) = response_status(talk, store, item) else { return };
        let interim = (100..200).contains(&status) && status != 101;
        let at = talk.exchanges.partition_point(|(_, response)| (*response as usize) < number);
        let pair = talk.exchanges.get(at).filter(|(_, response)| *response as usize == number);
        let request = pair.and_then(|(request, _)| talk.items.get(*request as usize));
        let asked = match request {
            Some(request) => request_head(talk, store, request).is_some_and(|head| detect(&head).is_some()),
            // The request was not recorded: 101 answers one.
            None => status == 101,
        };
        if interim || !asked {
            return;
        }
        let wrong = talk.findings_of(number).any(|finding| finding.severity() == Severity::Error);
        if status == 101 && !wrong {
            self.change(Some(number), ReadyState::Open);
            self.fire(Some(number), ApiEvent::Open);
        } else {
            self.fire(Some(number), ApiEvent::Error);
            self.close(Some(number), ABNORMAL, String::new(), false);
        }
    }

    /// Notes a frame over which a client fails the connection.
    fn judge(&mut self, talk: &Conversation, number: usize) {
        let fails = talk.findings_of(number).any(|finding| !matches!(finding.reaction(), Reaction::GoOn));
        if fails && self.steps.state != Some(ReadyState::Closed) {
            self.steps.bad.get_or_insert(number);
        }
    }

    /// The messages that this item completes.
    fn take_messages(&mut self, talk: &Conversation, store: &Store, number: usize) {
        while let Some(message) =
            talk.messages.get(self.steps.next.1).filter(|message| message.last as usize <= number)
        {
            self.steps.next.1 += 1;
            let state = self.steps.state;
            if state == Some(ReadyState::Closed) || self.steps.bad.is_some() && message.side == Side::Server {
                continue;
            }
            match (message.kind, message.side) {
                (MessageKind::Text | MessageKind::Binary, Side::Server)
                    if state == Some(ReadyState::Open) =>
                {
                    let event = ApiEvent::Message { kind: message.kind, length: message.length };
                    self.fire(Some(number), event);
                }
                (MessageKind::Close, Side::Server) => {
                    let body = close_body(talk, store, message).map(|(code, reason)| (Some(code), reason));
                    self.steps.server_close.get_or_insert(body.unwrap_or_default());
                    self.change(Some(number), ReadyState::Closing);
                }
                (MessageKind::Close, Side::Client) => {
                    self.steps.client_closed = true;
                    self.change(Some(number), ReadyState::Closing);
                }
                _ => {}
            }
        }
    }

    /// The end of the connection, as far as it has ended.
    fn take_end(&mut self, talk: &Conversation) {
        let Some(state) = self.steps.state.filter(|state| *state != ReadyState::Closed) else { return };
        if !talk.carried.is_empty() {
            return; // Its frames, and its end, are in the conversation that it carries.
        }
        let reset = talk.ends.contains(&Some(End::Reset));
        if !reset && talk.ends[Side::Server.index()].is_none() {
            if talk.ends[Side::Client.index()].is_some() && state == ReadyState::Open {
                self.change(None, ReadyState::Closing);
            }
            return;
        }
        if state == ReadyState::Connecting {
            self.fire(None, ApiEvent::Error);
            self.close(None, ABNORMAL, String::new(), false);
            return;
        }
        let Steps { bad, client_closed, server_close, .. } = self.steps.clone();
        let closing = &talk.protocol.dialect_or_latest().closing;
        let said = if closing.is_answered() { client_closed && server_close.is_some() } else { !reset };
        let lost = !said && !client_closed && server_close.is_none();
        let clean = said && bad.is_none();
        if bad.is_some() || lost {
            self.fire(bad, ApiEvent::Error);
        }
        let (code, reason) = match server_close {
            _ if bad.is_some() => (ABNORMAL, String::new()),
            _ if !closing.has_codes() => (if clean { NO_STATUS } else { ABNORMAL }, String::new()),
            Some((code, reason)) => (code.unwrap_or(NO_STATUS), reason),
            None => (ABNORMAL, String::new()),
        };
        self.close(None, code, reason, clean);
    }
}

/// The `url` of the client's WebSocket object, as its opening request among the first `items` items tells it; none
/// before it. Whether the connection was encrypted cannot be seen, as only one that was not can be read.
pub fn url(talk: &Conversation, store: &Store, items: usize) -> Option<String> {
    let head = opening_request(talk, store, items)?;
    let host = head.get("host")?;
    Some(format!("ws://{host}{}", head.target()))
}

/// What the client asked for in its opening request; none where there is none.
pub fn asked(talk: &Conversation, store: &Store) -> Option<Offer> {
    Offer::of(&opening_request(talk, store, usize::MAX)?)
}

/// The head of the request that opens the WebSocket, among the first `items` items.
fn opening_request(talk: &Conversation, store: &Store, items: usize) -> Option<Head> {
    /// On one connection only a few requests stand before the one that opens.
    const FIRST: usize = 64;
    let requests = talk.items.iter().take(items.min(FIRST)).map(|(_, item)| item);
    let mut requests = requests.filter(|item| item.kind == ItemKind::HttpRequest);
    requests.find_map(|item| request_head(talk, store, item).filter(|head| detect(head).is_some()))
}

/// Whether a client that sends this has not failed the connection: it is no answer that it owes.
fn goes_on(item: &Item) -> bool {
    let opcode = Opcode::new(item.first_byte);
    match item.kind {
        ItemKind::HixieFrame => item.first_byte & 0x80 == 0,
        _ => !opcode.is_control() || opcode == Opcode::PING,
    }
}

fn request_head(talk: &Conversation, store: &Store, item: &Item) -> Option<Head> {
    match parse_head(&talk.bytes_of(store, item), Side::Client, MAX_HEAD) {
        Parse::Done(head, _) => Some(head),
        Parse::More | Parse::Broken(_) => None,
    }
}

fn response_status(talk: &Conversation, store: &Store, item: &Item) -> Option<u16> {
    match parse_head(&talk.bytes_of(store, item), Side::Server, MAX_HEAD) {
        Parse::Done(head, _) => head.status(),
        Parse::More | Parse::Broken(_) => None,
    }
}
