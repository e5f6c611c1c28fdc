//! Sends the client's side of a recording again, and compares the answers with the recorded ones.

mod remask;
mod rewrite;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use remask::Masks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until, timeout};

use crate::analysis::compare::{Compared, Terms, compare, server_items};
use crate::model::protocol::Side;
use crate::said_in_english;
use crate::trace::{Conversation, End, ItemKind, Place, Timestamp, Trace};
use crate::words::{Said, Words};

/// How fast a recording is sent again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times as fast as it was recorded; 1 is the recording's own pace.
    Times(f64),
    /// As fast as the answers allow.
    Max,
}

/// Where to, how fast, how patient.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayConfig {
    /// The server's host and port: `127.0.0.1:9001`.
    pub to: String,
    /// How fast.
    pub speed: Speed,
    /// How long a server's item is waited for that came before the client went on. 5 seconds.
    pub wait: Duration,
    /// Header fields of the client's requests, in place of those that were recorded.
    pub headers: Vec<(String, String)>,
    /// Whether the handshake is asked for with new keys, as a server may demand that remembers them.
    pub fresh_key: bool,
    /// By what the answers are compared, and what of them does not count.
    pub terms: Terms,
}

impl ReplayConfig {
    /// To this address, at the recording's own pace.
    pub fn new(to: impl Into<String>) -> Self {
        Self {
            to: to.into(),
            speed: Speed::Times(1.0),
            wait: Duration::from_secs(5),
            headers: Vec::new(),
            fresh_key: false,
            terms: Terms::default(),
        }
    }
}

/// Why a conversation cannot be replayed.
#[derive(Debug)]
pub enum ReplayError {
    /// There is no such conversation.
    NoConversation(usize),
    /// Bytes of the client were not recorded.
    Gap {
        /// Where in the client's stream.
        offset: u64,
        /// How many.
        missing: u64,
    },
    /// The client sent nothing.
    Nothing,
    /// TCP did not connect.
    Connect {
        /// Host and port.
        address: String,
        /// Why.
        error: io::Error,
    },
}

impl std::error::Error for ReplayError {}

impl Said for ReplayError {
    fn said(&self, words: Words) -> String {
        match self {
            Self::NoConversation(number) => {
                words.with("failure-replay-no-conversation", &[("number", number.to_string().into())])
            }
            Self::Gap { offset, missing } => {
                let values = [("offset", offset.to_string().into()), ("missing", missing.to_string().into())];
                words.with("failure-replay-gap", &values)
            }
            Self::Nothing => words.text("failure-replay-nothing").to_owned(),
            Self::Connect { address, error } => {
                let error = error.to_string();
                words
                    .with("failure-connect", &[("address", address.as_str().into()), ("error", error.into())])
            }
        }
    }
}

said_in_english!(ReplayError);

/// How a replay went.
#[derive(Debug)]
pub struct Report {
    /// What was sent and received this time: a trace of one conversation.
    pub trace: Trace,
    /// The server's items, the recorded one beside the one of this time.
    pub items: Vec<Compared>,
    /// Bytes of the client that were sent.
    pub sent: u64,
    /// Bytes of the client that were not, because the server ended the connection.
    pub unsent: u64,
    /// How often a server's item was waited for in vain.
    pub waited_in_vain: u32,
    /// It was stopped before its end.
    pub stopped: bool,
}

impl Report {
    /// Whether the server answered as it did when it was recorded.
    pub fn is_same(&self) -> bool {
        self.unsent == 0 && !self.stopped && self.items.iter().all(Compared::is_same)
    }
}

/// A piece of the client's stream, as it was recorded.
struct Piece {
    offset: u64,
    /// How many bytes were recorded.
    recorded: u64,
    /// What is sent.
    bytes: Vec<u8>,
    /// How much further on what was recorded at a place stands now.
    moved: usize,
    /// When it was recorded.
    time: Timestamp,
    /// How many items of the server came before it.
    after: usize,
}

/// Replays the conversation with this index.
///
/// # Errors
/// Where it cannot be sent, or nobody listens. How the answers differ is in the report.
pub async fn replay(
    trace: &Trace,
    conversation: usize,
    config: &ReplayConfig,
) -> Result<Report, ReplayError> {
    replay_until(trace, conversation, config, std::future::pending()).await
}

/// The same, until somebody wants it to stop: what was answered by then is compared.
///
/// # Errors
/// Where it cannot be sent, or nobody listens.
pub async fn replay_until(
    trace: &Trace,
    conversation: usize,
    config: &ReplayConfig,
    stop: impl Future<Output = ()>,
) -> Result<Report, ReplayError> {
    let talk = trace.conversation(conversation).ok_or(ReplayError::NoConversation(conversation))?;
    let mut pieces = pieces(trace, talk)?;
    rewrite_requests(&mut pieces, trace, talk, config);
    let masks = Masks::of(talk, &trace.store);
    let failed = |error| ReplayError::Connect { address: config.to.clone(), error };
    let mut stream = TcpStream::connect(&config.to).await.map_err(failed)?;
    let addresses = (stream.local_addr().map_err(failed)?, stream.peer_addr().map_err(failed)?);
    let _ = stream.set_nodelay(true);
    let (read, write) = stream.split();
    let mut run = Run::new(read, write, addresses, config.wait);
    let play = async {
        run.send_all(&pieces, masks.as_ref(), config.speed).await;
        run.wait_for(server_items(talk).count()).await;
        run.finish().await;
    };
    let stopped = tokio::select! {
        () = play => false,
        () = stop => true,
    };
    let Run { trace: mut again, sent, waited_in_vain, .. } = run;
    again.finish();
    let terms = Terms { fresh_key: config.fresh_key, ..config.terms.clone() };
    let items = again
        .conversations()
        .first()
        .map(|answered| compare((talk, &trace.store), (answered, &again.store), &terms))
        .unwrap_or_default();
    let whole: u64 = pieces.iter().map(|piece| piece.bytes.len() as u64).sum();
    Ok(Report { trace: again, items, sent, unsent: whole.saturating_sub(sent), waited_in_vain, stopped })
}

fn pieces(trace: &Trace, talk: &Conversation) -> Result<Vec<Piece>, ReplayError> {
    let stream = talk.stream(Side::Client);
    let came: Vec<(Timestamp, usize)> = server_items(talk)
        .filter_map(|number| talk.items.get(number).map(|item| (talk.time_of(item), number)))
        .collect();
    let mut own = talk.items.iter().filter(|(_, item)| item.side == Side::Client).peekable();
    let mut pieces = Vec::new();
    let (mut expected, mut after) = (0, 0);
    for (_, chunk) in stream.chunks().iter() {
        let bytes = chunk.bytes(&trace.store);
        let missing = (chunk.end() - expected).saturating_sub(bytes.len() as u64);
        if missing > 0 {
            return Err(ReplayError::Gap { offset: expected, missing });
        }
        expected = chunk.end();
        let time = chunk.time();
        // The clock may be coarse: at the same time, the order in which items were complete decides.
        while own.next_if(|(_, item)| item.range().end <= chunk.offset()).is_some() {}
        let own = own.peek().map_or(usize::MAX, |(number, _)| *number);
        while came.get(after).is_some_and(|(at, number)| *at < time || (*at == time && *number < own)) {
            after += 1;
        }
        let recorded = bytes.len() as u64;
        pieces.push(Piece { offset: chunk.offset(), recorded, bytes: bytes.to_vec(), moved: 0, time, after });
    }
    if pieces.is_empty() { Err(ReplayError::Nothing) } else { Ok(pieces) }
}

/// Puts the requests as they are to be sent now in place of those that were recorded. A request whose bytes came in
/// several pieces goes with the first.
fn rewrite_requests(pieces: &mut [Piece], trace: &Trace, talk: &Conversation, config: &ReplayConfig) {
    let requests = talk.items.iter().filter(|(_, item)| item.kind == ItemKind::HttpRequest);
    for (_, item) in requests {
        let Some(new) = rewrite::request(&talk.bytes_of(&trace.store, item), config) else { continue };
        let range = item.range();
        let mut new = Some(new);
        for piece in pieces.iter_mut() {
            let begin = range.start.max(piece.offset);
            let end = range.end.min(piece.offset + piece.recorded);
            if begin < end {
                // Places move by what was put in before them; requests come in their order.
                let at = (begin - piece.offset) as usize + piece.moved;
                let cut = at..at + (end - begin) as usize;
                let before = piece.bytes.len();
                piece.bytes.splice(cut, new.take().unwrap_or_default());
                piece.moved = (piece.moved + piece.bytes.len()).wrapping_sub(before);
            }
        }
    }
}

/// A replay while it runs.
struct Run<'a> {
    read: ReadHalf<'a>,
    write: WriteHalf<'a>,
    trace: Trace,
    buffer: Vec<u8>,
    /// How long an item is waited for.
    patience: Duration,
    /// Items that were waited for in vain, and are not waited for again.
    forgiven: usize,
    waited_in_vain: u32,
    /// Items that were looked at, and how many of them are the server's.
    looked_at: usize,
    there: usize,
    sent: u64,
    over: bool,
}

impl<'a> Run<'a> {
    fn new(
        read: ReadHalf<'a>,
        write: WriteHalf<'a>,
        (local, peer): (SocketAddr, SocketAddr),
        patience: Duration,
    ) -> Self {
        let mut trace = Trace::default();
        trace.open(local, peer, false, 9);
        Self {
            read,
            write,
            trace,
            buffer: vec![0; 64 * 1024],
            patience,
            forgiven: 0,
            waited_in_vain: 0,
            looked_at: 0,
            there: 0,
            sent: 0,
            over: false,
        }
    }

    async fn send_all(&mut self, pieces: &[Piece], masks: Option<&Masks>, speed: Speed) {
        let start = Instant::now();
        let Some(first) = pieces.first().map(|piece| piece.time) else { return };
        for piece in pieces {
            self.wait_for(piece.after).await;
            if let Speed::Times(times) = speed {
                let after = piece.time.since(first).max(0) as f64 / 1e9 / times.max(1e-6);
                let due = Duration::try_from_secs_f64(after).ok().and_then(|after| start.checked_add(after));
                self.wait_until(due.unwrap_or(start)).await;
            }
            if self.over {
                return;
            }
            match masks {
                Some(masks) => self.send(&masks.apply(piece, &self.trace)).await,
                None => self.send(&piece.bytes).await,
            }
        }
    }

    /// Writes, and reads meanwhile, so that neither end waits for the other forever.
    async fn send(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.over {
            let before = Timestamp::now();
            tokio::select! {
                written = self.write.write(rest) => match written {
                    Ok(count @ 1..) => {
                        let (done, more) = rest.split_at(count.min(rest.len()));
                        record(&mut self.trace, Side::Client, done, before);
                        self.sent += count as u64;
                        rest = more;
                    }
                    Ok(0) | Err(_) => self.over = true,
                },
                read = self.read.read(&mut self.buffer) => self.take(&read),
            }
        }
    }

    fn take(&mut self, read: &io::Result<usize>) {
        match read {
            Ok(count @ 1..) => {
                let bytes = self.buffer.get(..*count).unwrap_or_default();
                record(&mut self.trace, Side::Server, bytes, Timestamp::now());
            }
            Ok(0) => {
                self.trace.end(0, Side::Server, End::Fin, 0, Timestamp::now());
                self.over = true;
            }
            Err(_) => {
                self.trace.end(0, Side::Server, End::Reset, 0, Timestamp::now());
                self.over = true;
            }
        }
    }

    /// Waits until the server has sent so many items, but not longer than the patience lasts.
    async fn wait_for(&mut self, count: usize) {
        let until = Instant::now() + self.patience;
        loop {
            let there = self.count();
            if self.over || there + self.forgiven >= count {
                return;
            }
            let read = tokio::select! {
                read = self.read.read(&mut self.buffer) => Some(read),
                () = sleep_until(until) => None,
            };
            let Some(read) = read else {
                self.waited_in_vain += 1;
                self.forgiven = count - there;
                return;
            };
            self.take(&read);
        }
    }

    /// The server's items so far.
    fn count(&mut self) -> usize {
        let Some(talk) = self.trace.conversations().first() else { return 0 };
        let new = (self.looked_at..talk.items.len()).filter_map(|number| talk.items.get(number));
        self.there += new.filter(|item| item.side == Side::Server).count();
        self.looked_at = talk.items.len();
        self.there
    }

    async fn wait_until(&mut self, due: Instant) {
        while !self.over {
            tokio::select! {
                biased;
                () = sleep_until(due) => return,
                read = self.read.read(&mut self.buffer) => self.take(&read),
            }
        }
    }

    /// Sends no more, and reads what still comes.
    async fn finish(&mut self) {
        if self.write.shutdown().await.is_ok() {
            self.trace.end(0, Side::Client, End::Fin, 0, Timestamp::now());
        }
        while !self.over {
            match timeout(self.patience, self.read.read(&mut self.buffer)).await {
                Ok(read) => self.take(&read),
                Err(_) => return,
            }
        }
    }
}

fn record(trace: &mut Trace, side: Side, bytes: &[u8], time: Timestamp) {
    let at = trace.store.append(bytes);
    trace.data(0, side, Place { at, headers: None }, bytes.len() as u32, 0, time);
}
