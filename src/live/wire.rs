//! The loop around an endpoint: writes what it has to say, reads what comes, records both.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::recorder::Tap;
use crate::endpoint::{self, SendError};
use crate::model::protocol::Side;
use crate::trace::End;
use crate::wire::message::Kind;

/// What the loop needs of an endpoint.
pub(super) trait Machine {
    fn receive(&mut self, bytes: &[u8]);
    fn end_of_input(&mut self);
    fn output(&self) -> &[u8];
    fn wrote(&mut self, count: usize);
    fn send_text(&mut self, text: &str) -> Result<(), SendError>;
    fn send_binary(&mut self, data: &[u8]) -> Result<(), SendError>;
    fn send_fragmented(&mut self, kind: Kind, parts: &[&[u8]]) -> Result<(), SendError>;
    fn send_raw(&mut self, bytes: &[u8]);
    fn ping(&mut self, payload: &[u8]) -> Result<(), SendError>;
    fn close(&mut self, code: Option<u16>, reason: &str) -> Result<(), SendError>;
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
            fn send_text(&mut self, text: &str) -> Result<(), SendError> {
                <$name>::send_text(self, text)
            }
            fn send_binary(&mut self, data: &[u8]) -> Result<(), SendError> {
                <$name>::send_binary(self, data)
            }
            fn send_fragmented(&mut self, kind: Kind, parts: &[&[u8]]) -> Result<(), SendError> {
                <$name>::send_fragmented(self, kind, parts)
            }
            fn send_raw(&mut self, bytes: &[u8]) {
                <$name>::send_raw(self, bytes);
            }
            fn ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
                <$name>::ping(self, payload)
            }
            fn close(&mut self, code: Option<u16>, reason: &str) -> Result<(), SendError> {
                <$name>::close(self, code, reason)
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
        Self { stream, tap, own, buffer: vec![0; SMALL], write_buffer, shut: false, ended: false }
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
            match Pin::new(&mut self.stream).poll_write(context, machine.output()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => {
                    // Recorded before anything is read that could answer it.
                    if let Some(tap) = &self.tap {
                        tap.data(self.own, machine.output().get(..count).unwrap_or_default());
                    }
                    machine.wrote(count);
                    moved = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.failed(error))),
                Poll::Pending => break,
            }
        }
        if machine.output().len() <= self.write_buffer && !self.ended {
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
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(self.failed(error))),
            Poll::Ready(Ok(())) => {}
        }
        let bytes = buffer.filled();
        if bytes.is_empty() {
            self.ended = true;
            self.record_end(self.own.other(), End::Fin);
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
        if !std::mem::replace(&mut self.shut, true) && self.stream.shutdown().await.is_ok() {
            self.record_end(self.own, End::Fin);
        }
    }

    /// Whether nothing more can be sent.
    pub(super) const fn is_shut(&self) -> bool {
        self.shut
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        self.ended = true;
        if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) {
            self.record_end(self.own.other(), End::Reset);
        }
        self.shut = true;
        error
    }

    fn record_end(&self, side: Side, end: End) {
        if let Some(tap) = &self.tap {
            tap.end(side, end);
        }
    }
}
