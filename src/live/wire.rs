//! The loop around an endpoint: writes what it has to say, reads what comes, records both.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::recorder::Tap;
use crate::endpoint::{self, Command, SendError};
use crate::model::protocol::Side;
use crate::trace::{End, Timestamp};

/// What the loop needs of an endpoint.
pub(super) trait Machine {
    fn receive(&mut self, bytes: &[u8]);
    fn end_of_input(&mut self);
    fn output(&self) -> &[u8];
    fn wrote(&mut self, count: usize);
    fn command(&mut self, command: &Command) -> Result<(), SendError>;
    /// Ends, whatever it is at.
    fn go_away(&mut self);
}

macro_rules! machine {
    ($name:ty, otherwise $end:expr) => {
        impl Machine for $name {
            #[inline]
            fn receive(&mut self, bytes: &[u8]) {
                <$name>::receive(self, bytes);
            }
            fn end_of_input(&mut self) {
                <$name>::end_of_input(self);
            }
            #[inline]
            fn output(&self) -> &[u8] {
                <$name>::output(self)
            }
            #[inline]
            fn wrote(&mut self, count: usize) {
                <$name>::wrote(self, count);
            }
            fn command(&mut self, command: &Command) -> Result<(), SendError> {
                <$name>::command(self, command)
            }
            fn go_away(&mut self) {
                if <$name>::close(self, Some(1001), "").is_err() {
                    $end(self);
                }
            }
        }
    };
}
machine!(endpoint::Server, otherwise endpoint::Server::shut_down);
// What cannot say goodbye is closing already.
machine!(endpoint::Client, otherwise | _ | ());

/// A socket with its recorder.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    tap: Option<Tap>,
    own: Side,
    buffer: Vec<u8>,
    /// While more bytes than these wait to be written, nothing is read.
    write_buffer: usize,
    shut: bool,
    ended: bool,
    /// Why nothing can be written any more; told when all was read that came before.
    broken: Option<io::Error>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes went out, came in, or both.
    Moved,
    /// The peer will send no more.
    Ended,
}

/// A connection begins with a small buffer; the more comes at once, the larger it gets.
const SMALL: usize = 4 * 1024;
const LARGE: usize = 64 * 1024;

impl Wire {
    pub(super) fn new(stream: TcpStream, tap: Option<Tap>, own: Side, write_buffer: usize) -> Self {
        // Small frames are not to wait for each other; without it they are only late.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            tap,
            own,
            buffer: vec![0; SMALL],
            write_buffer,
            shut: false,
            ended: false,
            broken: None,
        }
    }

    /// Whether the peer will send no more.
    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    /// Writes what can be written and reads once. Pending while neither moves.
    #[inline]
    pub(super) fn poll_step(
        &mut self,
        machine: &mut impl Machine,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Step>> {
        let mut moved = false;
        while !machine.output().is_empty() && !self.shut {
            // The system may have sent it before it says so, and the answer may be there already.
            let before = Timestamp::now();
            match Pin::new(&mut self.stream).poll_write(context, machine.output()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => {
                    // Recorded before anything is read that could answer it.
                    if let Some(tap) = &self.tap {
                        tap.data_at(self.own, machine.output().get(..count).unwrap_or_default(), before);
                    }
                    machine.wrote(count);
                    moved = true;
                }
                // What the peer sent before it broke off is still to be read.
                Poll::Ready(Err(error)) if self.ended => return Poll::Ready(Err(self.failed(error))),
                Poll::Ready(Err(error)) => {
                    (self.shut, self.broken) = (true, Some(error));
                }
                Poll::Pending => break,
            }
        }
        if (machine.output().len() <= self.write_buffer || self.broken.is_some()) && !self.ended {
            match self.poll_read(machine, context) {
                Poll::Ready(Ok(Step::Moved)) => moved = true,
                Poll::Pending => {}
                done @ Poll::Ready(_) => return done,
            }
        }
        if moved { Poll::Ready(Ok(Step::Moved)) } else { Poll::Pending }
    }

    fn poll_read(&mut self, machine: &mut impl Machine, context: &mut Context<'_>) -> Poll<io::Result<Step>> {
        let mut buffer = ReadBuf::new(&mut self.buffer);
        match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
            // Nothing more comes from a connection on which writing failed.
            Poll::Pending => {
                let broken = self.broken.take();
                return broken.map_or(Poll::Pending, |error| Poll::Ready(Err(self.failed(error))));
            }
            Poll::Ready(Err(error)) => {
                let error = self.broken.take().unwrap_or(error);
                return Poll::Ready(Err(self.failed(error)));
            }
            Poll::Ready(Ok(())) => {}
        }
        let bytes = buffer.filled();
        if bytes.is_empty() {
            if let Some(error) = self.broken.take() {
                return Poll::Ready(Err(self.failed(error)));
            }
            self.ended = true;
            self.record_end(self.own.other(), End::Fin, Timestamp::now());
            machine.end_of_input();
            return Poll::Ready(Ok(Step::Ended));
        }
        if let Some(tap) = &self.tap {
            tap.data(self.own.other(), bytes);
        }
        machine.receive(bytes);
        let full = bytes.len() == self.buffer.len();
        if full && self.buffer.len() < LARGE {
            self.buffer.resize(self.buffer.len() * 4, 0);
        }
        Poll::Ready(Ok(Step::Moved))
    }

    /// A step, once there is one to take and the recorder has room.
    pub(super) async fn step(&mut self, machine: &mut impl Machine) -> io::Result<Step> {
        self.room().await;
        std::future::poll_fn(|context| self.poll_step(machine, context)).await
    }

    /// Waits until the recorder has caught up.
    #[inline]
    pub(super) async fn room(&self) {
        if let Some(tap) = self.tap.as_ref().filter(|tap| tap.is_behind()) {
            tap.room().await;
        }
    }

    /// Sends no more: FIN.
    pub(super) async fn shut_down(&mut self) {
        let before = Timestamp::now();
        if !std::mem::replace(&mut self.shut, true) && self.stream.shutdown().await.is_ok() {
            self.record_end(self.own, End::Fin, before);
        }
    }

    /// Whether nothing more can be sent.
    pub(super) const fn is_shut(&self) -> bool {
        self.shut
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        self.ended = true;
        if is_reset(&error) {
            self.record_end(self.own.other(), End::Reset, Timestamp::now());
        }
        self.shut = true;
        error
    }

    fn record_end(&self, side: Side, end: End, time: Timestamp) {
        if let Some(tap) = &self.tap {
            tap.end_at(side, end, time);
        }
    }
}

/// Whether the peer broke the connection off. Who writes to such a connection is told that the pipe is broken.
pub(super) fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
