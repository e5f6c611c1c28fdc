//! What differs between the ends of connections, and the close codes of each draft.

use crate::model::facts::{Fact, Facts};
use crate::model::field::Value;
use crate::model::protocol::Side;

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Closing {
    /// How both ends say goodbye.
    pub handshake: ClosingHandshake,
    /// The close codes that have a meaning, in order; none where a close has no code.
    pub codes: &'static [CloseCode],
    /// The code with which an endpoint closes over something that is too large; 0 where there are no codes.
    pub too_large: u16,
    /// How the codes without a meaning of their own are called, by range.
    pub ranges: &'static [(u16, u16, Class)],
}

/// How both ends say goodbye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosingHandshake {
    /// They do not: TCP ends between two frames.
    None,
    /// `FF 00`, answered with `FF 00`.
    Bytes,
    /// A close frame with any body; one with the same body acknowledges it (hybi-03 and hybi-04; the texts of hybi-01
    /// and hybi-02 say nothing of a body).
    Echo,
    /// The same, and the first byte of the body says who began: `C` (43) the client, `S` (53) the server (hybi-05).
    Initiator,
    /// A close frame, answered with a close frame; with a code and a reason, or empty (since hybi-06).
    Frame,
}

/// A close code with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode {
    /// The number.
    pub code: u16,
    /// Its name in the registry, or what the draft says of it.
    pub name: &'static str,
    /// What kind of code it is.
    pub class: Class,
}

/// What kind of code a number is (RFC 6455 section 7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 0 to 999: not used.
    Unused,
    /// It has a meaning and may be sent.
    Registered,
    /// In the registry, without a meaning: 1004 since hybi-13.
    Reserved,
    /// What an API reports when no code arrived: 1005 and 1006 since hybi-08, 1015 in RFC 6455.
    NeverOnWire,
    /// For the protocol and its extensions, not given out.
    Unregistered,
    /// 3000 to 3999: for libraries and frameworks.
    Library,
    /// 4000 to 4999: for applications that agreed on it themselves.
    Private,
    /// 5000 and above: no range of the specification.
    OutOfRange,
}

impl Class {
    /// Whether a code of this class may stand in a close frame.
    pub const fn may_be_sent(self) -> bool {
        matches!(self, Self::Registered | Self::Library | Self::Private)
    }
}

impl Closing {
    /// The code in this version's list.
    pub fn named(&self, code: u16) -> Option<&'static CloseCode> {
        self.codes.iter().find(|named| named.code == code)
    }

    /// What kind of code this is.
    pub fn classify(&self, code: u16) -> Class {
        let range = || self.ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&code));
        match self.named(code) {
            Some(named) => named.class,
            None => range().map_or(Class::OutOfRange, |(_, _, class)| *class),
        }
    }

    /// The code as a value: with its name in this version's list, or with what its range is for.
    pub fn value(&self, code: u16) -> Value {
        let number = u64::from(code);
        match (self.named(code), self.classify(code)) {
            (Some(named), _) => Value::Named(number, named.name),
            (None, Class::Library) => Value::Meant(number, "value-close-library"),
            (None, Class::Private) => Value::Meant(number, "value-close-private"),
            (None, Class::Unused) => Value::Meant(number, "value-close-unused"),
            (None, Class::OutOfRange) => Value::Meant(number, "value-close-out-of-range"),
            (None, _) => Value::Meant(number, "value-close-unregistered"),
        }
    }

    /// The code's name in this version's list, or what its range is for, to stand in a sentence.
    pub fn name(&self, code: u16) -> Fact {
        match self.value(code) {
            Value::Meant(_, id) => Fact::Said(id, Facts::NONE),
            Value::Named(_, name) => name.into(),
            _ => Fact::Number(u64::from(code)),
        }
    }

    /// Whether a close says why.
    pub const fn has_codes(&self) -> bool {
        !self.codes.is_empty()
    }

    /// The first byte of the body of a close frame that ends what `by` began; none where the version has no such byte.
    pub const fn initiator(&self, by: Side) -> Option<u8> {
        match (self.handshake, by) {
            (ClosingHandshake::Initiator, Side::Client) => Some(b'C'),
            (ClosingHandshake::Initiator, Side::Server) => Some(b'S'),
            _ => None,
        }
    }

    /// Whether a close frame is acknowledged by one with the same body.
    pub const fn repeats_body(&self) -> bool {
        matches!(self.handshake, ClosingHandshake::Echo | ClosingHandshake::Initiator)
    }

    /// Whether the version has a goodbye that is answered.
    pub fn is_answered(&self) -> bool {
        self.handshake != ClosingHandshake::None
    }
}

pub(super) const fn code(code: u16, name: &'static str, class: Class) -> CloseCode {
    CloseCode { code, name, class }
}

/// The codes that came with hybi-06 and kept their meaning.
pub(super) const NORMAL: CloseCode = code(1000, "Normal Closure", Class::Registered);
pub(super) const AWAY: CloseCode = code(1001, "Going Away", Class::Registered);
pub(super) const PROTOCOL: CloseCode = code(1002, "Protocol error", Class::Registered);
pub(super) const UNSUPPORTED: CloseCode = code(1003, "Unsupported Data", Class::Registered);
/// Since hybi-08.
pub(super) const NO_STATUS: CloseCode = code(1005, "No Status Rcvd", Class::NeverOnWire);
pub(super) const ABNORMAL: CloseCode = code(1006, "Abnormal Closure", Class::NeverOnWire);
/// Since hybi-10.
pub(super) const BAD_PAYLOAD: CloseCode = code(1007, "Invalid frame payload data", Class::Registered);

/// The ranges of hybi-06 to RFC 6455. The drafts differ in who gives the numbers out.
pub(super) const RANGES: &[(u16, u16, Class)] = &[
    (0, 999, Class::Unused),
    (1000, 2999, Class::Unregistered),
    (3000, 3999, Class::Library),
    (4000, 4999, Class::Private),
];

/// A version without close frames, or whose close frames have no body.
pub(super) const fn without_codes(handshake: ClosingHandshake) -> Closing {
    Closing { handshake, codes: &[], too_large: 0, ranges: &[] }
}
