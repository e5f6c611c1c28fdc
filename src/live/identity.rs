//! Which connection a socket is an end of.
//!
//! A connection has one identity from its first byte to its last. Where both of its ends are sockets of this program,
//! both must get the same one, and all that they share is a pair of addresses. That pair says which connection it is
//! only while it is open, so it is looked up once, here, when a socket is there, and forgotten with it; a port that is
//! used again is another connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;

use crate::model::protocol::Side;
use crate::trace::ConnectionId;

/// The connections whose ends are sockets of this program. Clones are handles to the same list.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// By the client's address and the server's.
    pairs: HashMap<(SocketAddr, SocketAddr), Pair>,
}

/// A connection, and which of its ends are, or were, sockets of this program.
#[derive(Debug)]
struct Pair {
    id: ConnectionId,
    /// Each end comes once; whoever comes with the same addresses later is another connection's.
    came: [bool; 2],
    here: u8,
}

/// An end of a connection, as long as its socket is there.
#[derive(Debug)]
pub(super) struct Identity {
    connections: Connections,
    pair: (SocketAddr, SocketAddr),
    id: ConnectionId,
}

impl Connections {
    /// The end of `side` of a connection that is open between these addresses. An IPv4 address that stands in an IPv6
    /// one is the same address.
    pub(super) fn end(&self, client: SocketAddr, server: SocketAddr, side: Side) -> Identity {
        let canonical = |end: SocketAddr| SocketAddr::new(end.ip().to_canonical(), end.port());
        let pair = (canonical(client), canonical(server));
        let mut open = self.lock();
        let id = match open.pairs.get_mut(&pair) {
            // The other end came first.
            Some(known) if !known.came[side.index()] => {
                known.came[side.index()] = true;
                known.here += 1;
                known.id
            }
            // None, or one that is over, of which an end is not closed yet.
            _ => {
                let id = ConnectionId(open.next);
                open.next += 1;
                let mut came = [false; 2];
                came[side.index()] = true;
                open.pairs.insert(pair, Pair { id, came, here: 1 });
                id
            }
        };
        drop(open);
        Identity { connections: self.clone(), pair, id }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Identity {
    /// Which connection it is.
    pub(super) const fn connection(&self) -> ConnectionId {
        self.id
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        // Another connection may have the pair by now.
        let Some(known) = open.pairs.get_mut(&self.pair).filter(|known| known.id == self.id) else { return };
        known.here -= 1;
        if known.here == 0 {
            open.pairs.remove(&self.pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> (SocketAddr, SocketAddr) {
        (SocketAddr::from(([127, 0, 0, 1], 50_000)), SocketAddr::from(([127, 0, 0, 1], 9_001)))
    }

    #[test]
    fn both_ends_of_a_connection_have_one_identity() {
        let connections = Connections::default();
        let (client, server) = addresses();
        let mapped =
            SocketAddr::new(server.ip().to_string().replace("127", "::ffff:127").parse().unwrap(), 9_001);
        let one = connections.end(client, server, Side::Client);
        let other = connections.end(client, mapped, Side::Server);
        assert_eq!(one.connection(), other.connection());
    }

    #[test]
    fn a_port_that_is_used_again_is_another_connection() {
        let connections = Connections::default();
        let (client, server) = addresses();
        let [gone, lingers] = [Side::Client, Side::Server].map(|side| connections.end(client, server, side));
        let old = gone.connection();
        drop(gone);
        // The server's end of the first is not closed yet when the next client comes from the same port.
        for order in [[Side::Client, Side::Server], [Side::Server, Side::Client]] {
            let [one, other] = order.map(|side| connections.end(client, server, side));
            assert_ne!(one.connection(), old);
            assert_eq!(one.connection(), other.connection());
        }
        drop(lingers);
        assert!(connections.lock().pairs.is_empty());
    }
}
