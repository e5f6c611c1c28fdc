//! One connection of the server.

use std::future::{pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, Sleep, sleep_until};

use super::control::{Control, Order};
use super::shared::{Shared, What};
use super::wire::{Step, Wire};
use crate::endpoint::{Event, Server};
use crate::wire::message::Kind;

/// A connection while it runs.
pub(super) struct Connection<'a> {
    id: u64,
    peer: SocketAddr,
    shared: &'a Shared,
    wire: Wire,
    machine: Server,
    /// When the handshake began that must be over in time: its bytes do not prolong it.
    opening: Instant,
    /// When bytes moved last.
    moved: Instant,
    /// When the server began to say goodbye.
    goodbye: Option<Instant>,
    /// When the long poll began that waits.
    poll: Option<Instant>,
    /// What others want said on the connection.
    control: Option<Control>,
    board: Option<broadcast::Receiver<Arc<[u8]>>>,
}

/// Why a connection woke up.
enum Woke {
    Step(io::Result<Step>),
    /// Somebody said something to those who poll; none where this connection was too slow to hear it.
    Said(Option<Arc<[u8]>>),
    /// Somebody wants something said here.
    Order(Order),
    Stop,
    Time,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        id: u64,
        peer: SocketAddr,
        shared: &'a Shared,
        wire: Wire,
        machine: Server,
        control: Option<Control>,
    ) -> Self {
        let moved = Instant::now();
        Self {
            id,
            peer,
            shared,
            wire,
            machine,
            opening: moved,
            moved,
            goodbye: None,
            poll: None,
            control,
            board: None,
        }
    }

    /// Runs until TCP is over.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let mut stopping = pin!(async move {
            // An error says that the server was dropped: the task is cut off then.
            let _ = stop.wait_for(|stop| *stop).await;
        });
        let mut stopped = false;
        let mut timer = pin!(sleep_until(self.deadline()));
        loop {
            self.take_events();
            if self.machine.wants_close() && self.machine.output().is_empty() {
                break;
            }
            if self.board.is_some() || self.machine.waits_for_messages() {
                self.wait_for_messages(timer.as_mut());
            }
            self.machine.set_show(self.shared.show());
            if let Some(control) = &self.control {
                control.set_buffered(self.machine.output().len());
            }
            self.wire.room().await;
            let (wire, machine) = (&mut self.wire, &mut self.machine);
            // A peer that sends without a pause always has a step ready: it comes last, or nothing else would come.
            let woke = tokio::select! {
                biased;
                () = stopping.as_mut(), if !stopped => Woke::Stop,
                () = timer.as_mut() => Woke::Time,
                said = next(&mut self.board) => Woke::Said(said),
                order = next_order(&mut self.control) => Woke::Order(order),
                step = poll_fn(|context| wire.poll_step(machine, context)) => Woke::Step(step),
            };
            match woke {
                Woke::Step(Ok(Step::Moved)) => self.moved = Instant::now(),
                Woke::Step(Ok(Step::Ended)) => {
                    self.take_events();
                    self.finish_writing().await;
                    break;
                }
                Woke::Step(Err(error)) => {
                    self.machine.end_of_input();
                    self.take_events();
                    return Err(error);
                }
                Woke::Said(message) => {
                    if let Some(message) = message {
                        self.machine.publish(&message);
                    }
                }
                Woke::Order(order) => {
                    let closes = order.ends();
                    match order.carry_out(&mut self.machine) {
                        Ok(()) if closes && self.goodbye.is_none() => self.say_goodbye(timer.as_mut()),
                        Ok(()) => {}
                        Err(why) => self.shared.tell(self.id, self.peer, What::NotSent(why)),
                    }
                }
                Woke::Stop => {
                    stopped = true;
                    self.machine.shut_down();
                    self.say_goodbye(timer.as_mut());
                }
                Woke::Time => {
                    if self.deadline() > Instant::now() {
                        timer.as_mut().reset(self.deadline());
                    } else if !self.time_is_up(timer.as_mut()) {
                        break;
                    }
                }
            }
        }
        self.close().await;
        Ok(())
    }

    /// The time at which something must have happened.
    fn deadline(&self) -> Instant {
        let limits = &self.shared.limits;
        match (self.goodbye, self.poll) {
            (Some(since), _) => since + limits.closing,
            (None, Some(since)) => since + limits.long_poll,
            (None, None) if self.machine.is_opening() => self.opening + limits.handshake,
            (None, None) => self.moved + limits.idle,
        }
    }

    /// Nothing happened in time. Whether the connection goes on for a while.
    fn time_is_up(&mut self, timer: Pin<&mut Sleep>) -> bool {
        if self.goodbye.is_some() {
            self.shared.tell(self.id, self.peer, What::TimedOut("closing handshake"));
            self.machine.end_of_input();
            return false;
        }
        if self.poll.take().is_some() {
            self.machine.poll_timed_out();
            self.moved = Instant::now();
            timer.reset(self.deadline());
            return true;
        }
        if self.machine.is_opening() {
            self.shared.tell(self.id, self.peer, What::TimedOut("opening handshake"));
            return false;
        }
        self.shared.tell(self.id, self.peer, What::TimedOut("idle"));
        if self.machine.close(Some(1001), "Nothing happened for too long").is_err() {
            self.machine.shut_down();
        }
        self.say_goodbye(timer);
        true
    }

    fn say_goodbye(&mut self, timer: Pin<&mut Sleep>) {
        self.goodbye = Some(Instant::now());
        timer.reset(self.deadline());
    }

    /// Begins or ends to listen to what others say.
    fn wait_for_messages(&mut self, timer: Pin<&mut Sleep>) {
        if !self.machine.waits_for_messages() {
            (self.board, self.poll) = (None, None);
            return;
        }
        if self.board.is_none() {
            self.board = Some(self.shared.board.subscribe());
        }
        if self.machine.is_polling() && self.poll.is_none() && self.goodbye.is_none() {
            self.poll = Some(Instant::now());
            timer.reset(self.deadline());
        }
    }

    fn take_events(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            match &event {
                Event::Said(message) => self.shared.say(message),
                // Only whole ones: the options may cut what is shown.
                Event::Message { kind: Kind::Text, data, length } if data.len() as u64 == *length => {
                    self.shared.say(data);
                }
                // On a connection that is kept, the next request has as much time as the first.
                Event::Http { .. } => self.opening = Instant::now(),
                _ => {}
            }
            self.shared.tell(self.id, self.peer, What::Endpoint(event));
        }
    }

    /// The peer sends no more, but may still read.
    async fn finish_writing(&mut self) {
        let until = Instant::now() + self.shared.limits.closing;
        while !self.machine.output().is_empty() && Instant::now() < until {
            let step = tokio::time::timeout_at(until, self.wire.step(&mut self.machine)).await;
            if !matches!(step, Ok(Ok(_))) {
                break;
            }
        }
    }

    /// Sends no more, and reads for a while what is still on its way: closing a socket with bytes unread would throw
    /// away what the peer has not read yet (RFC 6455 section 7.1.1).
    async fn close(&mut self) {
        self.wire.shut_down().await;
        let until = Instant::now() + self.shared.limits.closing;
        while !self.wire.is_ended() && Instant::now() < until {
            let step = tokio::time::timeout_at(until, self.wire.step(&mut self.machine)).await;
            if !matches!(step, Ok(Ok(_))) {
                break;
            }
        }
        self.take_events();
    }
}

/// The next thing that others want said; never, where nobody can.
async fn next_order(control: &mut Option<Control>) -> Order {
    match control {
        Some(control) => control.next().await,
        None => pending().await,
    }
}

/// The next message for those who poll; never, where this connection does not.
async fn next(board: &mut Option<broadcast::Receiver<Arc<[u8]>>>) -> Option<Arc<[u8]>> {
    match board {
        Some(board) => board.recv().await.ok(),
        None => pending().await,
    }
}
