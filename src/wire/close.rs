//! The body of a close frame: a code and a reason (RFC 6455 sections 5.5.1 and 7.4).

use super::utf8::Validator;
use crate::facts;
pub use crate::model::dialect::Class;
use crate::model::dialect::{ClosingHandshake, Dialect, RFC6455};
use crate::model::field::{BitRange, Field, FieldKind, Role, Value};
use crate::model::protocol::Side;
use crate::model::rule::{Finding, Rule, Severity};
use crate::model::spec::Document::{Hybi05, IanaWebSocket, Rfc6455};
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

    /// The same in a version: one without close codes has a body of the sender's own.
    pub fn parse_in(dialect: &Dialect, payload: &[u8]) -> Self {
        if dialect.closing.has_codes() {
            return Self::parse(payload);
        }
        Self { code: None, reason: payload.to_vec() }
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

/// What kind of code this is in RFC 6455. In another version: [`Closing::classify`](crate::model::dialect::Closing::classify).
pub fn classify(code: u16) -> Class {
    RFC6455.closing.classify(code)
}

/// Where the code is defined.
pub const fn section(code: u16) -> Section {
    match code {
        1012..=1014 | 3000 | 3003 | 3008 => IanaWebSocket.section(""),
        1000..=1015 => Rfc6455.section("7.4.1"),
        _ => Rfc6455.section("7.4.2"),
    }
}

/// Checks the payload of a close frame of a version, unmasked, that begins at the item's bit `first_bit`.
pub fn findings(dialect: &Dialect, payload: &[u8], first_bit: u64, findings: &mut Vec<Finding>) {
    let before = findings.len();
    check(dialect, payload, first_bit, findings);
    dialect.judge(findings, before);
}

fn check(dialect: &Dialect, payload: &[u8], first_bit: u64, findings: &mut Vec<Finding>) {
    let at = |start: usize, end: usize| BitRange::bytes(start, end).shifted(first_bit);
    if !dialect.closing.has_codes() {
        check_initiator(dialect, payload, first_bit, findings);
        return;
    }
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        if !payload.is_empty() {
            findings.push(Rule::CloseOneByte.at(at(0, 1)));
        }
        return;
    };
    let code = u16::from_be_bytes(*code);
    let name = dialect.closing.name(code);
    // As text: a code is no quantity.
    let number = code.to_string();
    let class = dialect.closing.classify(code);
    let found = match class {
        Class::Registered | Class::Library | Class::Private => None,
        Class::NeverOnWire => Some((
            Rule::CloseReservedCode,
            match code {
                1005 => facts!("no-code", code = number, name),
                1006 => facts!("no-frame", code = number, name),
                _ => facts!("no-tls", code = number, name),
            },
        )),
        Class::Reserved => Some((Rule::CloseCodeRange, facts!("reserved", code = number))),
        Class::Unused => Some((Rule::CloseCodeRange, facts!("unused", code = number))),
        Class::Unregistered => Some((
            Rule::CloseCodeRange,
            match RFC6455.closing.named(code) {
                // It came later.
                Some(later) => facts!("later", code = number, version = dialect.protocol, name = later.name),
                None => facts!("unregistered", code = number),
            },
        )),
        Class::OutOfRange => Some((Rule::CloseCodeRange, facts!("outside", code = number))),
    };
    if let Some((rule, facts)) = found {
        let finding = rule.says(at(0, 2), facts);
        // Section 7.4.2 is silent on what lies beyond its ranges.
        let silent = class == Class::OutOfRange;
        findings.push(if silent { finding.at_most(Severity::Warning) } else { finding });
    }
    let mut validator = Validator::new();
    if let Err(bad) = validator.feed(reason) {
        let byte = reason.get(bad).copied().unwrap_or_default();
        let facts = facts!("byte", index = bad, byte = format!("{byte:02x}"));
        findings.push(Rule::CloseReasonNotUtf8.says(at(2 + bad, 3 + bad), facts));
    } else if let Err(pending) = validator.finish() {
        let bits = at(payload.len() - pending, payload.len());
        findings.push(Rule::CloseReasonNotUtf8.says(bits, facts!("cut")));
    }
}

/// The first byte of a close frame of hybi-05 says who began (draft-ietf-hybi-thewebsocketprotocol-05 section 4.5.1).
fn check_initiator(dialect: &Dialect, payload: &[u8], first_bit: u64, findings: &mut Vec<Finding>) {
    let known = |byte: &u8| Side::BOTH.iter().any(|side| dialect.closing.initiator(*side) == Some(*byte));
    if dialect.closing.handshake != ClosingHandshake::Initiator || payload.first().is_some_and(known) {
        return;
    }
    let bits = BitRange::bytes(0, payload.len().min(1)).shifted(first_bit);
    let facts = match payload.first() {
        Some(byte) => facts!("other", byte = format!("{byte:02x}")),
        None => facts!("empty"),
    };
    findings.push(Rule::CloseInitiator.says(bits, facts));
}

/// The close code.
pub static CODE: FieldKind = kind("close-code", "Status code", "7.4").role(Role::Kind);

/// The reason.
pub static REASON: FieldKind = kind("close-reason", "Reason", "5.5.1").role(Role::Data);

/// Half a code.
pub static HALF_CODE: FieldKind = kind("close-half-code", "Half a status code", "5.5.1");

/// Who began to close, in hybi-05.
pub static INITIATOR: FieldKind = FieldKind::new("close-initiator", "Who began", Hybi05.section("4.5.1"))
    .role(Role::Kind)
    .chapter("drafts");

/// What a close frame says before there were codes.
pub static BODY: FieldKind =
    FieldKind::new("close-body", "Body", Hybi05.section("4.5.1")).role(Role::Data).chapter("drafts");

const fn kind(id: &'static str, name: &'static str, section: &'static str) -> FieldKind {
    FieldKind::new(id, name, Rfc6455.section(section)).chapter("closing")
}

/// The kinds of field in a close body.
pub static KINDS: &[&FieldKind] = &[&CODE, &REASON, &HALF_CODE, &INITIATOR, &BODY];

/// The fields of a close frame's payload of a version, unmasked, that begins at the item's bit `first_bit`. They tile
/// the payload; an empty payload has none.
pub fn fields(dialect: &Dialect, payload: &[u8], first_bit: u64) -> Vec<Field> {
    let at = |start: usize, end: usize| BitRange::bytes(start, end).shifted(first_bit);
    if !dialect.closing.has_codes() {
        return fields_without_code(dialect, payload, first_bit);
    }
    let body = CloseBody::parse(payload);
    let Some(code) = body.code else {
        let half = |&byte: &u8| Field::leaf(&HALF_CODE, at(0, 1), Value::Number(u64::from(byte)));
        return payload.first().map(half).into_iter().collect();
    };
    let mut fields = vec![Field::leaf(&CODE, at(0, 2), dialect.closing.value(code))];
    if !body.reason.is_empty() {
        let value = match String::from_utf8(body.reason) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Bytes(error.into_bytes()),
        };
        fields.push(Field::leaf(&REASON, at(2, payload.len()), value));
    }
    fields
}

fn fields_without_code(dialect: &Dialect, payload: &[u8], first_bit: u64) -> Vec<Field> {
    let at = |start: usize, end: usize| BitRange::bytes(start, end).shifted(first_bit);
    let mut fields = Vec::new();
    let mut rest = 0;
    if let Some(&first) = payload.first().filter(|_| dialect.closing.handshake == ClosingHandshake::Initiator)
    {
        let by = Side::BOTH.into_iter().find(|side| dialect.closing.initiator(*side) == Some(first));
        let value = match by {
            Some(side) => Value::Named(u64::from(first), side.id()),
            None => Value::Number(u64::from(first)),
        };
        fields.push(Field::leaf(&INITIATOR, at(0, 1), value));
        rest = 1;
    }
    if let Some(body) = payload.get(rest..).filter(|body| !body.is_empty()) {
        let value = match std::str::from_utf8(body) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(body.to_vec()),
        };
        fields.push(Field::leaf(&BODY, at(rest, payload.len()), value));
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::dialect::{HYBI7, HYBI8};
    use crate::model::rule::Severity;

    fn found(payload: &[u8]) -> Vec<(Rule, BitRange)> {
        let mut list = Vec::new();
        findings(&RFC6455, payload, 16, &mut list);
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
        assert_eq!(fields(&RFC6455, &[3], 16)[0].kind.id, "close-half-code");
    }

    #[test]
    fn a_reason_is_utf8() {
        assert_eq!(found(b"\x03\xe8bye \xe4\xbd\xa0"), []);
        assert_eq!(found(b"\x03\xe8a\xffb"), [(Rule::CloseReasonNotUtf8, BitRange::new(40, 48))]);
        assert_eq!(found(b"\x03\xe8a\xe4\xbd"), [(Rule::CloseReasonNotUtf8, BitRange::new(40, 56))]);
    }

    #[test]
    fn the_code_is_named() {
        let fields = fields(&RFC6455, b"\x03\xe8bye", 48);
        assert_eq!(fields[0].value, Value::Named(1000, "Normal Closure"));
        assert_eq!(fields[1].value, Value::Text("bye".to_owned()));
        assert_eq!(fields[1].bits, BitRange::new(64, 88));
    }

    #[test]
    fn codes_of_the_drafts_are_not_those_of_the_rfc() {
        let found = |dialect, code| {
            let mut list = Vec::new();
            super::findings(dialect, &with_code(code), 16, &mut list);
            list.into_iter().map(|finding| (finding.rule, finding.severity())).collect::<Vec<_>>()
        };
        for dialect in [&HYBI7, &HYBI8] {
            assert_eq!(found(dialect, 1004), []);
            assert_eq!(found(dialect, 1011), [(Rule::CloseCodeRange, Severity::Warning)]);
        }
        // hybi-07 does not know 1005 yet.
        assert_eq!(found(&HYBI7, 1005), [(Rule::CloseCodeRange, Severity::Warning)]);
        assert_eq!(found(&HYBI8, 1005), [(Rule::CloseReservedCode, Severity::Error)]);
        assert_eq!(found(&RFC6455, 1004), [(Rule::CloseCodeRange, Severity::Error)]);
        assert_eq!(fields(&HYBI8, &with_code(1004), 16)[0].value, Value::Named(1004, "Frame too large"));
    }

    proptest! {
        #[test]
        fn reading_and_writing_meet(payload in proptest::collection::vec(any::<u8>(), 0..130)) {
            prop_assert_eq!(CloseBody::parse(&payload).encode(), &payload[..]);
            let mut at = 16;
            for field in fields(&RFC6455, &payload, 16) {
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
