//! What a client does once it is connected: sends, waits for answers, says goodbye.

use std::future::pending;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::client::{Client, TcpEnd};
use crate::endpoint::{Command, Event, SendError};
use crate::model::protocol::Side;
use crate::model::rule::Finding;

/// What a client does once it is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it sends, in this order.
    pub actions: Vec<Command>,
    /// With what it closes when the answers are there; none for waiting until the server closes.
    pub close: Option<(u16, String)>,
    /// How many messages have to come after the last was sent; none for an answer to each message and each ping.
    pub answers: Option<usize>,
    /// It only listens: until the server closes, or until the time is up, which is then no failure.
    pub listen: bool,
    /// How long it waits for answers, and with `close` none: for the server to close. None for as long as it takes.
    pub timeout: Option<Duration>,
    /// What the server sends by itself within this time after the handshake answers nothing.
    pub greeting: Duration,
    /// So long something may still come before it closes: how a server ends that does so by itself.
    pub settle: Duration,
}

impl Default for Script {
    /// Sends nothing and closes with 1000.
    fn default() -> Self {
        Self {
            actions: Vec::new(),
            close: Some((1000, String::new())),
            answers: None,
            listen: false,
            timeout: Some(Duration::from_secs(10)),
            greeting: Duration::ZERO,
            settle: Duration::ZERO,
        }
    }
}

/// What somebody says while a script runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something to send.
    Send(Command),
    /// Nothing more will be said: when the answers are there, the client closes.
    Last,
    /// The client is to go: with 1001 at once; said again, without waiting for an answer.
    Stop,
}

/// What a script tells while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// Something happened on the connection.
    Event(&'a Event),
    /// What was to be sent was not.
    NotSent(&'a SendError),
}

/// How a script went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Both ends said goodbye as their version wants it.
    pub clean: bool,
    /// The close code, as an API reports it.
    pub code: u16,
    /// The reason that the server gave.
    pub reason: String,
    /// Who began to close; none where the connection ended without.
    pub closed_by: Option<Side>,
    /// How TCP ended.
    pub tcp: Option<TcpEnd>,
    /// Answers that were waited for: one for each message and each ping.
    pub expected: usize,
    /// Messages and pongs that answer, as far as they were waited for; with [`Script::answers`], messages.
    pub answers: usize,
    /// The time was up before all was there.
    pub timed_out: bool,
    /// Somebody said [`Input::Stop`].
    pub stopped: bool,
    /// The rules that the server broke.
    pub findings: Vec<Finding>,
    /// The code that this client closed with.
    said: Option<u16>,
}

impl Outcome {
    /// Whether all answers came.
    pub const fn is_answered(&self) -> bool {
        !self.timed_out && self.answers >= self.expected
    }

    /// Whether the connection closed cleanly and nobody had a reason to complain: with 1000 or 1001, with what this
    /// client closed, or in a version that has no codes.
    pub fn is_well_closed(&self) -> bool {
        let own = self.closed_by == Some(Side::Client) && self.findings.is_empty();
        self.clean
            && (matches!(self.code, 1000 | 1001)
                || self.said == Some(self.code)
                || own && self.code == NO_CODE)
    }

    /// Whether all answers came and the connection closed well.
    pub fn is_good(&self) -> bool {
        self.is_answered() && self.is_well_closed()
    }
}

/// The code of an API where no close frame came, and where it had none (RFC 6455 section 7.1.5).
const ABNORMAL: u16 = 1006;
const NO_CODE: u16 = 1005;

/// While more bytes wait to be written, no more are taken to be sent.
const WAITING: usize = 1 << 20;

/// A script while it runs.
struct Running<'a> {
    client: &'a mut Client,
    script: &'a Script,
    told: &'a mut (dyn FnMut(News<'_>) + Send),
    outcome: Outcome,
    /// Messages and pings that were sent, and those of the server that answer them.
    sent: [usize; 2],
    came: [usize; 2],
    closed: bool,
}

/// What woke it.
enum Woke {
    Event(Option<Event>),
    Input(Option<Input>),
    /// The connection broke; how it ended follows as an event.
    Broken,
    TimeIsUp,
}

impl Client {
    /// Runs a script: sends, waits for as many answers as it sent messages and pings, and closes.
    ///
    /// # Errors
    /// Where the version has no way to send something. Nothing that comes after it is sent then.
    pub async fn run(
        &mut self,
        script: &Script,
        told: &mut (dyn FnMut(News<'_>) + Send),
    ) -> Result<Outcome, SendError> {
        self.converse(script, None, told).await
    }

    /// The same, and sends what somebody says meanwhile. It waits for answers when nothing more will be said.
    ///
    /// # Errors
    /// Where the version has no way to send something of the script.
    pub async fn converse(
        &mut self,
        script: &Script,
        input: Option<&mut Receiver<Input>>,
        told: &mut (dyn FnMut(News<'_>) + Send),
    ) -> Result<Outcome, SendError> {
        let outcome = Outcome { code: ABNORMAL, ..Outcome::default() };
        let run = Running { client: self, script, told, outcome, sent: [0; 2], came: [0; 2], closed: false };
        run.run(input).await
    }
}

impl Running<'_> {
    async fn run(mut self, mut input: Option<&mut Receiver<Input>>) -> Result<Outcome, SendError> {
        self.listen_for(self.script.greeting).await;
        self.came = [0; 2];
        for command in &self.script.actions {
            match self.client.endpoint().command(command) {
                Ok(()) => self.count(command),
                // The server closed, or broke a rule, behind its 101 already: this is never sent, nor answered.
                Err(SendError::Closing) => self.count(command),
                Err(error) => return Err(error),
            }
        }
        self.answered(&mut input).await;
        if !self.closed && !self.outcome.stopped {
            self.listen_for(self.script.settle).await;
        }
        self.close()?;
        self.end(&mut input).await;
        Ok(self.outcome)
    }

    /// Waits until the answers are there, or whatever else it waits for.
    async fn answered(&mut self, input: &mut Option<&mut Receiver<Input>>) {
        let mut more = input.is_some();
        let mut begin = Instant::now();
        while !self.closed && !self.outcome.stopped {
            if !more && !self.script.listen && self.script.close.is_some() && self.is_answered() {
                return;
            }
            // While somebody may say something, nothing is waited for.
            let until = self.script.timeout.filter(|_| !more).and_then(|timeout| begin.checked_add(timeout));
            match self.next(until, input).await {
                Woke::Event(event) => self.take(event),
                Woke::Input(Some(Input::Send(command))) => {
                    match self.client.endpoint().command(&command) {
                        Ok(()) => self.count(&command),
                        Err(error) => (self.told)(News::NotSent(&error)),
                    }
                    if command.closes() {
                        return;
                    }
                    begin = Instant::now();
                }
                Woke::Input(Some(Input::Stop)) => self.outcome.stopped = true,
                Woke::Input(Some(Input::Last) | None) => {
                    more = false;
                    begin = Instant::now();
                }
                Woke::Broken => {}
                Woke::TimeIsUp => {
                    self.outcome.timed_out = !self.script.listen;
                    return;
                }
            }
        }
    }

    /// Lets what comes come, for so long.
    async fn listen_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while !time.is_zero() && !self.closed {
            match self.next(Some(until), &mut None).await {
                Woke::Event(event) => self.take(event),
                Woke::TimeIsUp => return,
                Woke::Broken | Woke::Input(_) => {}
            }
        }
    }

    /// Begins the closing handshake, where the server has not.
    fn close(&mut self) -> Result<(), SendError> {
        if self.closed {
            return Ok(());
        }
        let (code, reason) = match &self.script.close {
            _ if self.outcome.stopped => (1001, String::new()),
            Some((code, reason)) => (*code, reason.clone()),
            None => (1000, String::new()),
        };
        match self.client.endpoint().close(Some(code), &reason) {
            Ok(()) => {
                self.outcome.said = Some(code);
                self.outcome.closed_by.get_or_insert(Side::Client);
                Ok(())
            }
            // The server was first.
            Err(SendError::Closing | SendError::NotOpen) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits for the end of the connection.
    async fn end(&mut self, input: &mut Option<&mut Receiver<Input>>) {
        self.client.begin_closing();
        loop {
            match self.next(None, input).await {
                Woke::Event(None) => break,
                Woke::Event(event) => self.take(event),
                Woke::Input(Some(Input::Stop)) if std::mem::replace(&mut self.outcome.stopped, true) => break,
                Woke::Input(None) => *input = None,
                Woke::Input(_) | Woke::Broken | Woke::TimeIsUp => {}
            }
        }
        self.outcome.tcp = self.client.how_ended();
    }

    async fn next(&mut self, until: Option<Instant>, input: &mut Option<&mut Receiver<Input>>) -> Woke {
        // A server that sends without a pause always has an event ready.
        if until.is_some_and(|until| Instant::now() >= until) {
            return Woke::TimeIsUp;
        }
        let room = self.client.endpoint().output().len() < WAITING;
        let said = async {
            match input {
                Some(input) if room => input.recv().await,
                _ => pending().await,
            }
        };
        let time = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => pending().await,
            }
        };
        tokio::select! {
            event = self.client.next_event() => match event {
                Ok(event) => Woke::Event(event),
                Err(_) => Woke::Broken,
            },
            said = said => Woke::Input(said),
            () = time => Woke::TimeIsUp,
        }
    }

    /// Counts what was sent. What answers is counted from there on, where a number of messages is waited for.
    fn count(&mut self, command: &Command) {
        if command.is_answered() {
            self.sent[usize::from(matches!(command, Command::Ping(_)))] += 1;
        }
        if command.closes() {
            self.outcome.closed_by.get_or_insert(Side::Client);
            self.outcome.said = if let Command::Close(code, _) = command { *code } else { None };
        }
        if self.script.answers.is_some() {
            self.came = [0; 2];
        }
        self.tally();
    }

    fn tally(&mut self) {
        let outcome = &mut self.outcome;
        (outcome.expected, outcome.answers) = match self.script.answers {
            Some(number) => (number, self.came[0]),
            // More of one kind does not make up for the other.
            None => (self.sent.iter().sum(), self.sent[0].min(self.came[0]) + self.sent[1].min(self.came[1])),
        };
    }

    fn is_answered(&mut self) -> bool {
        self.tally();
        self.outcome.answers >= self.outcome.expected
    }

    /// Takes an event into account; none is the end.
    fn take(&mut self, event: Option<Event>) {
        let Some(event) = event else {
            self.closed = true;
            return;
        };
        (self.told)(News::Event(&event));
        match event {
            Event::Message { .. } => self.came[0] += 1,
            Event::Pong(_) => self.came[1] += 1,
            Event::CloseReceived { reason, .. } => {
                self.outcome.closed_by.get_or_insert(Side::Server);
                self.outcome.reason = reason;
            }
            Event::Failed { findings } => {
                self.outcome.closed_by.get_or_insert(Side::Client);
                self.outcome.findings.extend(findings);
            }
            Event::Noticed(finding) => self.outcome.findings.push(finding),
            Event::Closed { clean, code } => {
                (self.outcome.clean, self.outcome.code) = (clean, code);
                self.closed = true;
            }
            _ => {}
        }
        self.tally();
    }
}
