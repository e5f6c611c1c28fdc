//! An open connection of either family.

use std::collections::VecDeque;

use super::event::{Event, Options, Random, SendError, Show};
use super::hixie::Hixie;
use super::hybi::Hybi;
use crate::model::dialect::HIXIE76;
use crate::model::protocol::{Family, Protocol, Side};
use crate::wire::frame::coding::Coding;
use crate::wire::frame::first::{self, First, Way};
use crate::wire::frame::hybi::Header;
use crate::wire::handshake::Agreement;
use crate::wire::message::Kind;

/// One end of an open connection.
#[derive(Debug)]
pub(super) struct Link {
    family: Frames,
    /// Until the peer's first frame tells how it writes them; none where the version says so for sure.
    waiting: Option<Box<Waiting>>,
}

/// How frames are read and written.
#[derive(Debug)]
enum Frames {
    Hybi(Box<Hybi>),
    Hixie(Box<Hixie>),
}

/// The peer's first bytes.
#[derive(Debug)]
struct Waiting {
    first: First,
    bytes: Vec<u8>,
    options: Options,
    /// What was agreed on.
    agreement: Agreement,
}

impl Link {
    /// `keys` gives a client's masking keys. `hybi01`: a server speaks hybi-01 too, which has the handshake of hixie-76.
    pub(super) fn new(
        side: Side,
        agreement: &Agreement,
        options: Options,
        keys: Option<Random>,
        hybi01: bool,
    ) -> Self {
        let (protocol, dialect) = (agreement.protocol, agreement.protocol.dialect_or_latest());
        let peer = side.other();
        let first = First { protocol, side: peer, own: Coding::of(dialect, peer, agreement.connection) };
        // No server is known that answers hixie-76 with the frames of hybi-01.
        let needed = first::is_needed(protocol, peer)
            && (dialect.family() == Family::Hybi || side == Side::Server && hybi01);
        let waiting =
            needed.then(|| Waiting { first, bytes: Vec::new(), options, agreement: agreement.clone() });
        let family = match dialect.family() {
            Family::Hixie => Frames::Hixie(Box::new(Hixie::new(dialect, side, options))),
            Family::Hybi => Frames::Hybi(Box::new(Hybi::new(side, agreement, options, keys))),
        };
        Self { family, waiting: waiting.map(Box::new) }
    }

    #[inline]
    pub(super) fn receive(&mut self, bytes: &[u8], out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        if self.waiting.is_some() {
            return self.receive_first(bytes, out, events);
        }
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.receive(bytes, out, events),
            Frames::Hixie(hixie) => hixie.receive(bytes, out, events),
        }
    }

    /// What the peer's first frame says of how it writes frames holds from here on: it is said, and the peer is
    /// understood.
    #[cold]
    fn receive_first(&mut self, bytes: &[u8], out: &mut Vec<u8>, events: &mut VecDeque<Event>) {
        let Some(mut waiting) = self.waiting.take() else { return };
        waiting.bytes.extend_from_slice(bytes);
        let Some(choice) = waiting.first.choose_now(&waiting.bytes) else {
            self.waiting = Some(waiting);
            return;
        };
        let Waiting { first, bytes, options, agreement } = *waiting;
        events.extend(first.finding(choice).map(Event::Noticed));
        match (choice.way, &mut self.family) {
            (Way::Hybi(coding), Frames::Hybi(hybi)) => hybi.read_as(coding),
            (Way::Hixie, Frames::Hybi(_)) => {
                let side = first.side.other();
                self.family = Frames::Hixie(Box::new(Hixie::new(&HIXIE76, side, options)));
            }
            (Way::Hybi(_), Frames::Hixie(_)) => {
                let agreement = Agreement { protocol: Protocol::Hybi2, ..agreement };
                let hybi = Hybi::new(first.side.other(), &agreement, options, None);
                self.family = Frames::Hybi(Box::new(hybi));
            }
            (Way::Hixie, Frames::Hixie(_)) => {}
        }
        self.receive(&bytes, out, events);
    }

    pub(super) fn end_of_input(&mut self, events: &mut VecDeque<Event>) {
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.end_of_input(events),
            Frames::Hixie(hixie) => hixie.end_of_input(events),
        }
    }

    pub(super) fn wants_close(&self) -> bool {
        match &self.family {
            Frames::Hybi(hybi) => hybi.wants_close(),
            Frames::Hixie(hixie) => hixie.wants_close(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.family {
            Frames::Hybi(hybi) => hybi.is_closed(),
            Frames::Hixie(hixie) => hixie.is_closed(),
        }
    }

    /// How this end writes frames; none in the hixie versions.
    pub(super) const fn coding(&self) -> Option<Coding> {
        match &self.family {
            Frames::Hybi(hybi) => Some(hybi.coding()),
            Frames::Hixie(_) => None,
        }
    }

    pub(super) fn set_show(&mut self, show: Show) {
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.set_show(show),
            Frames::Hixie(hixie) => hixie.set_show(show),
        }
    }

    pub(super) fn message(&mut self, kind: Kind, payload: &[u8], out: &mut Vec<u8>) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => {
                hybi.message_out(kind, payload, out);
                Ok(())
            }
            Frames::Hixie(hixie) => hixie.message_out(kind, payload, out),
        }
    }

    pub(super) fn fragments(
        &mut self,
        kind: Kind,
        parts: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => {
                hybi.fragments_out(kind, parts, out);
                Ok(())
            }
            Frames::Hixie(hixie) => Err(SendError::NoFragments(hixie.protocol())),
        }
    }

    pub(super) fn ping(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.ping_out(payload, out),
            Frames::Hixie(hixie) => Err(SendError::NoPing(hixie.protocol())),
        }
    }

    pub(super) fn pong(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.pong_out(payload, out),
            Frames::Hixie(hixie) => Err(SendError::NoPing(hixie.protocol())),
        }
    }

    pub(super) fn close(
        &mut self,
        code: Option<u16>,
        reason: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => hybi.close(code, reason, out),
            Frames::Hixie(hixie) => {
                hixie.close(out);
                Ok(())
            }
        }
    }

    pub(super) fn frame(
        &mut self,
        header: &Header,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.may_send()?;
        match &mut self.family {
            Frames::Hybi(hybi) => {
                hybi.raw_frame_out(header, payload, out);
                Ok(())
            }
            Frames::Hixie(hixie) => Err(SendError::NoSuchFrame(hixie.protocol())),
        }
    }

    /// Whether anything may follow what was sent.
    fn may_send(&self) -> Result<(), SendError> {
        match &self.family {
            Frames::Hybi(hybi) => hybi.may_send(),
            Frames::Hixie(hixie) => hixie.may_send(),
        }
    }
}

/// The commands that client and server have in common, for a type with `link()`, `out` and `events`.
macro_rules! common {
    ($name:ident) => {
        impl $name {
            /// Sends what it is told.
            ///
            /// # Errors
            /// Where the version has no way to say it, or nothing can be sent now.
            pub fn command(&mut self, command: &Command) -> Result<(), SendError> {
                match command {
                    Command::Message(Kind::Text, text) => match std::str::from_utf8(text) {
                        Ok(text) => self.send_text(text),
                        Err(error) => Err(SendError::NotText(error.valid_up_to())),
                    },
                    Command::Message(kind, data) => {
                        let (link, out) = self.link()?;
                        link.message(*kind, data, out)
                    }
                    Command::Fragments(kind, parts) => {
                        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                        self.send_fragmented(*kind, &parts)
                    }
                    Command::Ping(payload) => self.ping(payload),
                    Command::Pong(payload) => self.pong(payload),
                    Command::Close(code, reason) => self.close(*code, reason),
                    Command::Frame(header, payload) => self.send_frame(header, payload),
                    Command::Raw(bytes) => {
                        self.send_raw(bytes);
                        Ok(())
                    }
                }
            }

            /// Sends a text message.
            pub fn send_text(&mut self, text: &str) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.message(Kind::Text, text.as_bytes(), out)
            }

            /// Sends a binary message. In the hixie versions a server can, in frames of type `80`; a client cannot.
            pub fn send_binary(&mut self, data: &[u8]) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.message(Kind::Binary, data, out)
            }

            /// Sends a message in as many frames as there are parts. Not in the hixie versions.
            ///
            /// # Errors
            /// Where the parts of a text together are not UTF-8, and where nothing can be sent.
            pub fn send_fragmented(&mut self, kind: Kind, parts: &[&[u8]]) -> Result<(), SendError> {
                if kind == Kind::Text
                    && let Err(error) = std::str::from_utf8(&parts.concat())
                {
                    return Err(SendError::NotText(error.valid_up_to()));
                }
                let (link, out) = self.link()?;
                link.fragments(kind, parts, out)
            }

            /// Sends a ping of at most 125 bytes. Not in the hixie versions.
            pub fn ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.ping(payload, out)
            }

            /// Sends a pong that nobody asked for. Not in the hixie versions.
            pub fn pong(&mut self, payload: &[u8]) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.pong(payload, out)
            }

            /// Begins the closing handshake. The hixie versions have no code and no reason; hixie-75 closes TCP.
            pub fn close(&mut self, code: Option<u16>, reason: &str) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.close(code, reason, out)
            }

            /// Sends a frame with exactly this header, right or wrong. The payload is masked with the header's key.
            pub fn send_frame(&mut self, header: &Header, payload: &[u8]) -> Result<(), SendError> {
                let (link, out) = self.link()?;
                link.frame(header, payload, out)
            }

            /// Sends these bytes, right or wrong, at any time. The endpoint takes no notice of what they mean.
            pub fn send_raw(&mut self, bytes: &[u8]) {
                self.out.bytes.extend_from_slice(bytes);
            }

            /// How this end writes frames; none before the handshake is over, and in the hixie versions.
            pub const fn coding(&self) -> Option<$crate::wire::frame::coding::Coding> {
                match &self.stage {
                    Stage::Open(link) => link.coding(),
                    _ => None,
                }
            }

            /// What is to be written and is not written yet.
            #[inline]
            pub fn output(&self) -> &[u8] {
                self.out.pending()
            }

            /// The first `count` bytes of the output were written.
            #[inline]
            pub fn wrote(&mut self, count: usize) {
                self.out.wrote(count);
            }

            /// Takes all output at once.
            pub fn take_output(&mut self) -> Vec<u8> {
                self.out.take()
            }

            /// The next event.
            #[inline]
            pub fn poll_event(&mut self) -> Option<Event> {
                self.events.pop_front()
            }
        }
    };
}
pub(super) use common;
