//! Lets others than its own loop speak on a connection.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::wire::Machine;
use crate::endpoint::{Command, SendError};
use crate::model::protocol::Side;
use crate::trace::ConnectionId;

/// What an end of a connection is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Sends something.
    Send(Command),
    /// Ends the connection, whatever it is at: with 1001 where that can be said.
    GoAway,
}

impl Order {
    /// Whether the end is to say nothing after it.
    pub(super) const fn ends(&self) -> bool {
        match self {
            Self::Send(command) => command.closes(),
            Self::GoAway => true,
        }
    }

    pub(super) fn carry_out(&self, machine: &mut impl Machine) -> Result<(), SendError> {
        match self {
            Self::Send(command) => machine.command(command),
            Self::GoAway => {
                machine.go_away();
                Ok(())
            }
        }
    }
}

/// One end of a live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LiveEnd {
    /// The connection, as in the trace of its recording.
    pub connection: ConnectionId,
    /// Which of its ends.
    pub side: Side,
}

/// The ends of live connections that take orders. Clones are handles to the same ends.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    ends: Arc<Mutex<HashMap<LiveEnd, Handle>>>,
}

#[derive(Clone, Debug)]
struct Handle {
    orders: UnboundedSender<Order>,
    buffered: Arc<AtomicU64>,
}

impl Controls {
    /// Tells an end to do something. Whether it is there to be told; what comes of it is an event.
    pub fn order(&self, end: &LiveEnd, order: Order) -> bool {
        self.lock().get(end).is_some_and(|handle| handle.orders.send(order).is_ok())
    }

    /// Whether this end takes orders.
    pub fn has(&self, end: &LiveEnd) -> bool {
        self.lock().contains_key(end)
    }

    /// The bytes that this end was told to send and has not handed to the system: `bufferedAmount`.
    pub fn buffered(&self, end: &LiveEnd) -> u64 {
        self.lock().get(end).map_or(0, |handle| handle.buffered.load(Ordering::Relaxed))
    }

    /// The ends that take orders.
    pub(super) fn ends(&self) -> Vec<LiveEnd> {
        self.lock().keys().copied().collect()
    }

    /// Takes the orders for an end until what is returned is dropped.
    pub(super) fn take(&self, end: LiveEnd) -> Control {
        let (orders, receiver) = unbounded_channel();
        let handle = Handle { orders, buffered: Arc::default() };
        let buffered = Arc::clone(&handle.buffered);
        self.lock().insert(end, handle);
        Control { all: self.clone(), end, orders: receiver, buffered }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LiveEnd, Handle>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The orders for one end.
#[derive(Debug)]
pub(super) struct Control {
    all: Controls,
    end: LiveEnd,
    orders: UnboundedReceiver<Order>,
    buffered: Arc<AtomicU64>,
}

impl Control {
    /// The next order. Nothing is lost where the future is dropped.
    pub(super) async fn next(&mut self) -> Order {
        match self.orders.recv().await {
            Some(order) => order,
            None => std::future::pending().await,
        }
    }

    pub(super) fn set_buffered(&self, bytes: usize) {
        self.buffered.store(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let mut ends = self.all.lock();
        // The same addresses may be in use again already.
        if ends.get(&self.end).is_some_and(|handle| Arc::ptr_eq(&handle.buffered, &self.buffered)) {
            ends.remove(&self.end);
        }
    }
}
