//! A client and a server joined without a socket: whatever one has to say, the other hears.
//!
//! [`Pair`] says which bytes go from whom to whom, and whoever carries them (memory in the window and in tests, a
//! recorder in lessons, sockets where a lesson is played over them) tells it when they have arrived.

use super::client::Client;
use super::server::Server;
use crate::model::protocol::Side;

/// One end of a connection, without I/O.
pub trait Endpoint {
    /// Takes all that it has to say.
    fn take_output(&mut self) -> Vec<u8>;
    /// Gives it what the other end said.
    fn receive(&mut self, bytes: &[u8]);
    /// The other end will say nothing more.
    fn end_of_input(&mut self);
    /// Whether it will say nothing more. `alone` says that the other end has ended.
    fn ends(&self, alone: bool) -> bool;
}

/// What goes from one end to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Bytes of this side.
    Data(Side, Vec<u8>),
    /// This side sends no more.
    End(Side),
}

/// A client and a server that speak with each other.
#[derive(Debug)]
pub struct Pair<C, S> {
    /// The end that opened the connection.
    pub client: C,
    /// The end that accepted it.
    pub server: S,
    /// Who may speak first.
    turn: Side,
    ended: [bool; 2],
}

impl<C: Endpoint, S: Endpoint> Pair<C, S> {
    /// Joins them. The client speaks first.
    pub const fn new(client: C, server: S) -> Self {
        Self { client, server, turn: Side::Client, ended: [false; 2] }
    }

    /// What goes over next; none while neither has anything to say. [`arrived`](Self::arrived) is to be told before this
    /// is asked again.
    pub fn next_move(&mut self) -> Option<Move> {
        for side in [self.turn, self.turn.other()] {
            let bytes = self.end(side).take_output();
            if !bytes.is_empty() && !self.has_ended(side) {
                self.turn = side.other();
                return Some(Move::Data(side, bytes));
            }
        }
        // A client lets the server close first (RFC 6455 section 7.1.1).
        let [server, client] = [Side::Server, Side::Client].map(|side| {
            let alone = self.has_ended(side.other());
            !self.has_ended(side) && self.end(side).ends(alone)
        });
        let side = if server { Side::Server } else { Side::Client };
        (server || client).then_some(Move::End(side))
    }

    /// The other end has it. Bytes may come in pieces, each told for itself.
    pub fn arrived(&mut self, what: &Move) {
        match what {
            Move::Data(side, bytes) => self.end(side.other()).receive(bytes),
            Move::End(side) => {
                self.ended[side.index()] = true;
                self.end(side.other()).end_of_input();
            }
        }
    }

    /// Whether this side sends no more.
    pub const fn has_ended(&self, side: Side) -> bool {
        self.ended[side.index()]
    }

    /// Whether neither sends any more.
    pub const fn is_over(&self) -> bool {
        self.ended[0] && self.ended[1]
    }

    fn end(&mut self, side: Side) -> &mut dyn Endpoint {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

impl Endpoint for Client {
    fn take_output(&mut self) -> Vec<u8> {
        self.take_output()
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.receive(bytes);
    }

    fn end_of_input(&mut self) {
        self.end_of_input();
    }

    fn ends(&self, alone: bool) -> bool {
        self.wants_close() || alone && self.is_closed()
    }
}

impl Endpoint for Server {
    fn take_output(&mut self) -> Vec<u8> {
        self.take_output()
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.receive(bytes);
    }

    fn end_of_input(&mut self) {
        self.end_of_input();
    }

    fn ends(&self, _: bool) -> bool {
        self.wants_close()
    }
}

impl<E: Endpoint> Endpoint for &mut E {
    fn take_output(&mut self) -> Vec<u8> {
        (**self).take_output()
    }

    fn receive(&mut self, bytes: &[u8]) {
        (**self).receive(bytes);
    }

    fn end_of_input(&mut self) {
        (**self).end_of_input();
    }

    fn ends(&self, alone: bool) -> bool {
        (**self).ends(alone)
    }
}
