//! The body of a close frame: a code and a reason (RFC 6455 sections 5.5.1 and 7.4).

use super::utf8::Validator;
use crate::model::field::{BitRange, Field, FieldKind, Value};
use crate::model::rule::{Finding, Rule};
use crate::model::spec::Document::{IanaWebSocket, Rfc6455};
use crate::model::spec::Section;

/// The code and the reason of a close frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloseBody {
    /// The two-byte code; none where the body is shorter than that.
    pub code: Option<u16>,
    /// What stands behind the code, meant to be UTF-8. Of a one-byte body: that byte.
    pub reason: Vec<u8>,
}

impl CloseBody {
    /// A body with a code and a reason. A reason longer than 123 bytes does not fit in a control frame: the
    /// frame's header check says so ([`Rule::ControlTooLong`]).
    pub fn new(code: u16, reason: &str) -> Self {
        Self { code: Some(code), reason: reason.as_bytes().to_vec() }
    }

    /// Reads the payload of a close frame, unmasked. Every payload is one; [`findings`] says what is wrong with it.
    pub fn parse(payload: &[u8]) -> Self {
        match payload.split_first_chunk::<2>() {
            Some((code, reason)) => Self { code: Some(u16::from_be_bytes(*code)), reason: reason.to_vec() },
            None => Self { code: None, reason: payload.to_vec() },
        }
    }

    /// The payload of the close frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(2 + self.reason.len());
        if let Some(code) = self.code {
            payload.extend_from_slice(&code.to_be_bytes());
        }
        payload.extend_from_slice(&self.reason);
        payload
    }

    /// The reason as text; bytes that are not UTF-8 become U+FFFD. Empty where there is no code.
    pub fn reason_text(&self) -> String {
        if self.code.is_none() { String::new() } else { String::from_utf8_lossy(&self.reason).into_owned() }
    }
}

/// What kind of code a number is (RFC 6455 section 7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 0 to 999: not used.
    Unused,
    /// In the registry and meant to be sent: 1000 to 1003 and 1007 to 1014.
    Registered,
    /// 1004: in the registry, without a meaning.
    Reserved,
    /// 1005, 1006 and 1015: what an API reports when no code arrived.
    NeverOnWire,
    /// 1016 to 2999: for the protocol and its extensions, not given out.
    Unregistered,
    /// 3000 to 3999: for libraries and frameworks, registered first come, first served.
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

/// What kind of code this is.
pub const fn classify(code: u16) -> Class {
    match code {
        0..=999 => Class::Unused,
        1004 => Class::Reserved,
        1005 | 1006 | 1015 => Class::NeverOnWire,
        1000..=1014 => Class::Registered,
        1016..=2999 => Class::Unregistered,
        3000..=3999 => Class::Library,
        4000..=4999 => Class::Private,
        _ => Class::OutOfRange,
    }
}

/// The codes that have a name of their own: those of RFC 6455 and those in the registry.
pub const NAMED: [u16; 19] = [
    1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000,
    3003, 3008,
];

/// The code's name in the registry, or what its range is for.
pub const fn name(code: u16) -> &'static str {
    match code {
        1000 => "Normal Closure",
        1001 => "Going Away",
        1002 => "Protocol error",
        1003 => "Unsupported Data",
        1004 => "Reserved",
        1005 => "No Status Rcvd",
        1006 => "Abnormal Closure",
        1007 => "Invalid frame payload data",
        1008 => "Policy Violation",
        1009 => "Message Too Big",
        1010 => "Mandatory Ext.",
        1011 => "Internal Error",
        1012 => "Service Restart",
        1013 => "Try Again Later",
        1014 => "Bad Gateway",
        1015 => "TLS handshake",
        3000 => "Unauthorized",
        3003 => "Forbidden",
        3008 => "Timeout",
        _ => match classify(code) {
            Class::Library => "for libraries and frameworks",
            Class::Private => "for private use",
            Class::Unused => "not used",
            Class::OutOfRange => "out of range",
            _ => "not registered",
        },
    }
}

/// Where the code is defined.
pub const fn section(code: u16) -> Section {
    match code {
        1012..=1014 | 3000 | 3003 | 3008 => IanaWebSocket.section(""),
        1000..=1015 => Rfc6455.section("7.4.1"),
        _ => Rfc6455.section("7.4.2"),
    }
}

/// Checks the payload of a close frame, unmasked, that begins at the item's bit `first_bit`.
pub fn findings(payload: &[u8], first_bit: u64, findings: &mut Vec<Finding>) {
    let at = |start: usize, end: usize| BitRange::bytes(start, end).shifted(first_bit);
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        if !payload.is_empty() {
            findings.push(Rule::CloseOneByte.at(at(0, 1)));
        }
        return;
    };
    let code = u16::from_be_bytes(*code);
    let range = match classify(code) {
        Class::Registered | Class::Library | Class::Private => None,
        Class::NeverOnWire => {
            let when = match code {
                1005 => "the close frame had no code",
                1006 => "the connection ended without a close frame",
                _ => "TLS failed",
            };
            let words = format!("code {code} ({}) is never sent: an API reports it when {when}", name(code));
            findings.push(Rule::CloseReservedCode.says(at(0, 2), words));
            None
        }
        Class::Reserved => Some("is reserved: it has no meaning yet"),
        Class::Unused => Some("is not used: codes begin at 1000"),
        Class::Unregistered => Some("is not in the registry, which gives out 1000 to 2999"),
        Class::OutOfRange => Some("is outside every range: codes end at 4999"),
    };
    if let Some(range) = range {
        findings.push(Rule::CloseCodeRange.says(at(0, 2), format!("code {code} {range}")));
    }
    let mut validator = Validator::new();
    if let Err(bad) = validator.feed(reason) {
        let byte = reason.get(bad).copied().unwrap_or_default();
        let words = format!("byte {bad} of the reason, {byte:02x}, cannot stand there in UTF-8");
        findings.push(Rule::CloseReasonNotUtf8.says(at(2 + bad, 3 + bad), words));
    } else if let Err(pending) = validator.finish() {
        let words = "the reason ends inside a character";
        findings.push(Rule::CloseReasonNotUtf8.says(at(payload.len() - pending, payload.len()), words));
    }
}

/// The close code.
pub static CODE: FieldKind =
    FieldKind { id: "close-code", name: "Status code", section: Rfc6455.section("7.4") };

/// The reason.
pub static REASON: FieldKind =
    FieldKind { id: "close-reason", name: "Reason", section: Rfc6455.section("5.5.1") };

/// Half a code.
pub static HALF_CODE: FieldKind =
    FieldKind { id: "close-half-code", name: "Half a status code", section: Rfc6455.section("5.5.1") };

/// The kinds of field in a close body.
pub static KINDS: &[&FieldKind] = &[&CODE, &REASON, &HALF_CODE];

/// The fields of a close frame's payload, unmasked, that begins at the item's bit `first_bit`. They tile the
/// payload; an empty payload has none.
pub fn fields(payload: &[u8], first_bit: u64) -> Vec<Field> {
    let at = |start: usize, end: usize| BitRange::bytes(start, end).shifted(first_bit);
    let body = CloseBody::parse(payload);
    let Some(code) = body.code else {
        let half = |&byte: &u8| Field::leaf(&HALF_CODE, at(0, 1), Value::Number(u64::from(byte)));
        return payload.first().map(half).into_iter().collect();
    };
    let mut fields = vec![Field::leaf(&CODE, at(0, 2), Value::Named(u64::from(code), name(code)))];
    if !body.reason.is_empty() {
        let value = match String::from_utf8(body.reason) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Bytes(error.into_bytes()),
        };
        fields.push(Field::leaf(&REASON, at(2, payload.len()), value));
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(payload: &[u8]) -> Vec<(Rule, BitRange)> {
        let mut list = Vec::new();
        findings(payload, 16, &mut list);
        list.into_iter().map(|finding| (finding.rule, finding.bits.unwrap())).collect()
    }

    fn with_code(code: u16) -> Vec<u8> {
        CloseBody { code: Some(code), reason: Vec::new() }.encode()
    }

    #[test]
    fn codes_that_may_be_sent() {
        for code in
            [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
        {
            assert_eq!(found(&with_code(code)), [], "{code}");
            assert!(classify(code).may_be_sent());
        }
    }

    #[test]
    fn codes_that_may_not() {
        let code_bits = BitRange::new(16, 32);
        for code in [1005, 1006, 1015] {
            assert_eq!(found(&with_code(code)), [(Rule::CloseReservedCode, code_bits)], "{code}");
        }
        for code in [0, 999, 1004, 1016, 1100, 2000, 2999, 5000, 65535] {
            assert_eq!(found(&with_code(code)), [(Rule::CloseCodeRange, code_bits)], "{code}");
            assert!(!classify(code).may_be_sent());
        }
    }

    #[test]
    fn one_byte_is_half_a_code() {
        assert_eq!(found(&[3]), [(Rule::CloseOneByte, BitRange::new(16, 24))]);
        assert_eq!(found(&[]), []);
        assert_eq!(fields(&[3], 16)[0].kind.id, "close-half-code");
    }

    #[test]
    fn a_reason_is_utf8() {
        assert_eq!(found(b"\x03\xe8bye \xe4\xbd\xa0"), []);
        assert_eq!(found(b"\x03\xe8a\xffb"), [(Rule::CloseReasonNotUtf8, BitRange::new(40, 48))]);
        assert_eq!(found(b"\x03\xe8a\xe4\xbd"), [(Rule::CloseReasonNotUtf8, BitRange::new(40, 56))]);
    }

    #[test]
    fn the_code_is_named() {
        let fields = fields(b"\x03\xe8bye", 48);
        assert_eq!(fields[0].value, Value::Named(1000, "Normal Closure"));
        assert_eq!(fields[1].value, Value::Text("bye".to_owned()));
        assert_eq!(fields[1].bits, BitRange::new(64, 88));
    }

    proptest! {
        #[test]
        fn reading_and_writing_meet(payload in proptest::collection::vec(any::<u8>(), 0..130)) {
            prop_assert_eq!(CloseBody::parse(&payload).encode(), &payload[..]);
            let mut at = 16;
            for field in fields(&payload, 16) {
                prop_assert_eq!(field.bits.start, at);
                at = field.bits.end;
            }
            prop_assert_eq!(at, 16 + payload.len() as u64 * 8);
            for (_, bits) in found(&payload) {
                prop_assert!(BitRange::new(16, at).contains(bits));
            }
        }
    }
}
