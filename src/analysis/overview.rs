//! A conversation in one row of a list: who, where, how long, how much, how it ended.

use std::cmp::Ordering;
use std::net::SocketAddr;

use super::statistics::{ConversationStatistics, RoundTrip};
use crate::model::protocol::{Protocol, Side};
use crate::trace::{Conversation, Counts, Layer, State, Timestamp};

/// What a conversation's row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The conversation's number, counted from 1.
    pub number: usize,
    /// What its two streams are.
    pub layer: Layer,
    /// What it speaks.
    pub protocol: Protocol,
    /// The end that opened the connection.
    pub client: SocketAddr,
    /// The end that accepted it.
    pub server: SocketAddr,
    /// Where its opening request went, or of plain HTTP the first request.
    pub url: Option<String>,
    /// When the recording has the first of it.
    pub start: Option<Timestamp>,
    /// From then to the last that the recording has of it, in nanoseconds.
    pub duration: Option<i64>,
    /// How many digits of a second the clock of the recording has.
    pub digits: u8,
    /// What each side sent, the client first.
    pub sent: [Sent; 2],
    /// It stays hidden for want of keys: what each side sent nobody knows.
    pub hidden: bool,
    /// How much smaller compression made its messages: bytes before by bytes on the wire. None without compressed ones.
    pub ratio: Option<f64>,
    /// The ping whose pong took longest.
    pub slowest: Option<RoundTrip>,
    /// What became of it.
    pub state: State,
    /// The code of the first close frame.
    pub code: Option<u16>,
    /// The status with which the server refused it.
    pub status: Option<u16>,
    /// How many findings there are.
    pub findings: Counts,
}

/// What a side sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages of all kinds, pings, pongs and close frames among them.
    pub messages: u64,
    /// Bytes in its stream that were recorded.
    pub bytes: u64,
}

impl Overview {
    /// The row of a conversation; `index` is its place in the trace, `counted` are its statistics so far.
    pub fn of(index: usize, talk: &Conversation, counted: &ConversationStatistics) -> Self {
        let start = talk.start().or_else(|| counted.times.map(|(first, _)| first));
        let ended = talk.ended().iter().map(|ending| ending.time);
        let last = counted.times.map(|(_, last)| last).into_iter().chain(ended).max();
        let sent = Side::BOTH.map(|side| {
            let side = &counted.sides[side.index()];
            let messages = side.messages.iter().map(|tally| tally.count).sum();
            Sent { messages, bytes: side.recorded().bytes }
        });
        Self {
            number: index + 1,
            layer: talk.layer,
            protocol: talk.protocol,
            client: talk.client,
            server: talk.server,
            url: talk.url().map(str::to_owned),
            start,
            duration: start.zip(last).map(|(start, last)| last.since(start)),
            digits: talk.digits,
            sent,
            hidden: talk.hidden().is_some(),
            ratio: counted.both().compression_ratio(),
            slowest: counted.round_trips.iter().max_by_key(|trip| trip.nanos).copied(),
            state: talk.state(),
            code: talk.close().and_then(|close| close.code),
            status: talk.refused_with(),
            findings: talk.counts(),
        }
    }

    /// What a side sent, where it is known.
    pub fn sent_by(&self, side: Side) -> Option<Sent> {
        (!self.hidden).then(|| self.sent[side.index()])
    }

    /// What both sides sent.
    pub const fn both(&self) -> Sent {
        let [client, server] = self.sent;
        Sent { messages: client.messages + server.messages, bytes: client.bytes + server.bytes }
    }

    /// Which of two rows comes first when the list is sorted by a column: by names and times the first one, by amounts
    /// the larger one. What has no value comes last, and what is the same stays in the order of the trace.
    pub fn compare(&self, other: &Self, column: Column) -> Ordering {
        /// Those with a value first.
        fn present<T>(left: Option<T>, right: Option<T>, by: impl Fn(&T, &T) -> Ordering) -> Ordering {
            match (left, right) {
                (Some(left), Some(right)) => by(&left, &right),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            }
        }
        let [client, server] = self.sent;
        let [other_client, other_server] = other.sent;
        let order = match column {
            Column::Conversation => Ordering::Equal,
            Column::Layer => self.layer.id().cmp(other.layer.id()),
            Column::Protocol => self.protocol.cmp(&other.protocol),
            Column::Client => self.client.cmp(&other.client),
            Column::Server => self.server.cmp(&other.server),
            Column::Url => present(self.url.as_ref(), other.url.as_ref(), Ord::cmp),
            Column::Start => present(self.start, other.start, Ord::cmp),
            Column::Duration => present(self.duration, other.duration, |left, right| right.cmp(left)),
            Column::Messages => other.both().messages.cmp(&self.both().messages),
            Column::Bytes => other.both().bytes.cmp(&self.both().bytes),
            Column::ClientMessages => other_client.messages.cmp(&client.messages),
            Column::ClientBytes => other_client.bytes.cmp(&client.bytes),
            Column::ServerMessages => other_server.messages.cmp(&server.messages),
            Column::ServerBytes => other_server.bytes.cmp(&server.bytes),
            Column::Ratio => present(self.ratio, other.ratio, |left, right| right.total_cmp(left)),
            Column::SlowestPing => {
                present(self.slowest, other.slowest, |left, right| right.nanos.cmp(&left.nanos))
            }
            Column::State => self.state.cmp(&other.state),
            Column::Code => present(self.code.or(self.status), other.code.or(other.status), Ord::cmp),
            Column::Findings => {
                let of = |row: &Self| (row.findings.errors, row.findings.warnings, row.findings.notes);
                of(other).cmp(&of(self))
            }
        };
        order.then(self.number.cmp(&other.number))
    }
}

/// What a list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The order of the trace.
    Conversation,
    /// What the streams are.
    Layer,
    /// What is spoken.
    Protocol,
    /// The end that opened the connection.
    Client,
    /// The end that accepted it.
    Server,
    /// Where the opening request went.
    Url,
    /// When it began.
    Start,
    /// How long it took.
    Duration,
    /// Messages of both sides.
    Messages,
    /// Bytes of both sides.
    Bytes,
    /// Messages of the client.
    ClientMessages,
    /// Bytes of the client.
    ClientBytes,
    /// Messages of the server.
    ServerMessages,
    /// Bytes of the server.
    ServerBytes,
    /// How much smaller compression made messages.
    Ratio,
    /// The pong that took longest.
    SlowestPing,
    /// What became of it.
    State,
    /// The code of the close frame, or the status of who refused.
    Code,
    /// Findings, the worst first.
    Findings,
}

impl Column {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Conversation,
        Self::Layer,
        Self::Protocol,
        Self::Client,
        Self::Server,
        Self::Url,
        Self::Start,
        Self::Duration,
        Self::Messages,
        Self::Bytes,
        Self::ClientMessages,
        Self::ClientBytes,
        Self::ServerMessages,
        Self::ServerBytes,
        Self::Ratio,
        Self::SlowestPing,
        Self::State,
        Self::Code,
        Self::Findings,
    ];

    /// The stable identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Layer => "layer",
            Self::Protocol => "protocol",
            Self::Client => "client",
            Self::Server => "server",
            Self::Url => "url",
            Self::Start => "start",
            Self::Duration => "duration",
            Self::Messages => "messages",
            Self::Bytes => "bytes",
            Self::ClientMessages => "client_messages",
            Self::ClientBytes => "client_bytes",
            Self::ServerMessages => "server_messages",
            Self::ServerBytes => "server_bytes",
            Self::Ratio => "ratio",
            Self::SlowestPing => "slowest_ping",
            Self::State => "state",
            Self::Code => "code",
            Self::Findings => "findings",
        }
    }
}
