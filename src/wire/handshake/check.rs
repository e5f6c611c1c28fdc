//! The rules of the opening handshakes, checked on what was sent.
//!
//! Strict where a client or a server of the version has to be, lenient where the versions' real peers differ: in
//! the words behind the status, in the order and the case of fields, all of which hixie-75 alone fixes.

use super::{hixie75, hixie76, hybi, offers_subprotocol, subprotocol_field};
use crate::facts;
use crate::model::dialect::{self, DRAFT_FIELD, Dialect, Opening, Proof, Signal};
use crate::model::facts::{Fact, Facts};
use crate::model::field::BitRange;
use crate::model::protocol::Protocol;
use crate::model::rule::{Finding, Rule};
use crate::wire::http::{Head, HeaderField, StartLine};

/// Checks an opening request and the bytes behind its head, when the whole of it is there or the stream has ended.
///
/// The places are bits of the request: the value that is wrong, or the empty line where a field is missing.
/// What the head's form breaks ([`Head::findings`]) comes first.
pub fn check_request(head: &Head, body: &[u8], protocol: Protocol) -> Vec<Finding> {
    let mut findings = Findings::new(head);
    findings.request_line();
    match head.count("Host") {
        1 => {}
        0 => findings.missing(Rule::MissingHost, facts!("missing")),
        _ => findings.second(Rule::MissingHost, "Host", facts!("twice")),
    }
    if !head.has_token("Upgrade", "websocket") {
        findings.value(Rule::UpgradeToken, "Upgrade", facts!("missing"));
    }
    if !head.has_token("Connection", "upgrade") {
        findings.value(Rule::ConnectionToken, "Connection", facts!("missing"));
    }
    let Some(dialect) = protocol.dialect() else { return findings.list };
    match dialect.opening.proof {
        Proof::Nothing => {}
        Proof::Md5Challenge => {
            findings.hixie_keys(body);
            findings.draft_number(&dialect.opening);
        }
        Proof::Sha1Accept => findings.hybi_request(protocol),
    }
    findings.judged(dialect)
}

/// Checks the response to an opening request of `protocol`, and the bytes behind its head, when the whole of it is
/// there or the stream has ended. `request_body` are the bytes behind the request's head.
///
/// The places are bits of the response. A response that is no 101 is no error, and is checked no further: a note
/// says what it means, and a warning where it should have listed the versions that the server speaks.
pub fn check_response(
    protocol: Protocol,
    request: &Head,
    request_body: &[u8],
    response: &Head,
    response_body: &[u8],
) -> Vec<Finding> {
    check_response_for(protocol, request, request_body, response, response_body, None)
}

/// Checks a 101 to a request that asks for no WebSocket: the protocol that it switches to must be one that the request
/// named (RFC 9110 section 7.8). None where it is, or where the response is no 101.
pub fn check_switch(request: &Head, response: &Head) -> Option<Finding> {
    if response.status() != Some(101) {
        return None;
    }
    // Without the field nobody knows what it switches to; with a version behind a slash it is the same protocol.
    let elements = response.elements("Upgrade");
    let is_websocket = |name: &str| name.eq_ignore_ascii_case("websocket");
    let strange =
        elements.iter().find(|to| is_websocket(&to.text) || !request.has_token("Upgrade", &to.text));
    let (bits, facts) = match strange {
        // It names the protocol, and lacks what every version of it asks for.
        Some(to) if request.has_token("Upgrade", &to.text) => (to.bits, facts!("half")),
        Some(to) if is_websocket(&to.text) => (to.bits, facts!("websocket")),
        Some(to) => (to.bits, facts!("other", name = to.text.as_str())),
        None if elements.is_empty() => (response.start_line_bits(), facts!("nowhere")),
        None => return None,
    };
    Some(Rule::UnaskedUpgrade.says(bits, facts))
}

/// As [`check_response`], for a client that knows whether its connection is `secure`: the recorded bytes do not say.
pub(super) fn check_response_for(
    protocol: Protocol,
    request: &Head,
    request_body: &[u8],
    response: &Head,
    response_body: &[u8],
    secure: Option<bool>,
) -> Vec<Finding> {
    let mut findings = Findings::new(response);
    let Some(dialect) = protocol.dialect() else {
        if response.status() != Some(101) {
            findings.refusal(false, request);
        }
        return findings.list;
    };
    let opening = &dialect.opening;
    if response.status() != Some(101) {
        findings.refusal(matches!(opening.signal, Signal::Version(_)), request);
        return findings.judged(dialect);
    }
    if !opening.invariant.is_empty() {
        findings.fixed_answer(opening.invariant);
    } else if opening.by_the_letter {
        findings.upgrade_by_the_letter();
    } else {
        findings.upgrade();
    }
    match opening.proof {
        Proof::Nothing => findings.hixie_repeats(opening, protocol, request, secure),
        Proof::Md5Challenge => {
            findings.hixie_repeats(opening, protocol, request, secure);
            findings.hixie_answer(request, request_body, response_body);
        }
        Proof::Sha1Accept => {
            findings.hybi_accept(request);
            if let Some(name) = dialect.masking_nonce() {
                findings.once(Rule::NonceMissing, name);
            }
            findings.hybi_subprotocol(protocol, request);
            findings.hybi_extensions(request);
        }
    }
    findings.judged(dialect)
}

/// What has been found in one head.
pub(super) struct Findings<'a> {
    pub(super) head: &'a Head,
    pub(super) list: Vec<Finding>,
}

impl<'a> Findings<'a> {
    fn new(head: &'a Head) -> Self {
        Self { head, list: head.findings().to_vec() }
    }

    /// What the version makes of it.
    fn judged(mut self, dialect: &Dialect) -> Vec<Finding> {
        dialect.judge(&mut self.list, 0);
        let sender = self.head.side();
        self.list.into_iter().map(|finding| finding.cited_in(dialect, sender)).collect()
    }

    pub(super) fn add(&mut self, rule: Rule, bits: BitRange, facts: impl Into<Facts>) {
        self.list.push(rule.says(bits, facts));
    }

    /// At the value of a field, or at the head's end where the field is missing.
    pub(super) fn value(&mut self, rule: Rule, name: &str, facts: impl Into<Facts>) {
        let bits = self.head.value_bits(name).unwrap_or(self.head.end_bits());
        self.add(rule, bits, facts);
    }

    fn missing(&mut self, rule: Rule, facts: impl Into<Facts>) {
        self.add(rule, self.head.end_bits(), facts);
    }

    /// At the second field of this name.
    fn second(&mut self, rule: Rule, name: &str, facts: impl Into<Facts>) {
        let bits = self.head.named(name).nth(1).map_or(self.head.end_bits(), |field| field.line.bits());
        self.add(rule, bits, facts);
    }

    /// The field that must be there exactly once; otherwise a finding, and none.
    pub(super) fn once(&mut self, rule: Rule, name: &'static str) -> Option<&'a HeaderField> {
        let head = self.head;
        let mut named = head.named(name);
        match (named.next(), named.next()) {
            (Some(field), None) => return Some(field),
            (None, _) => self.missing(rule, facts!("absent", name)),
            (Some(_), Some(_)) => self.second(rule, name, facts!("repeated", name)),
        }
        None
    }

    // The request.

    /// Rule 21, for every version: RFC 6455 section 4.1, draft-hixie-75 section 4.1.
    fn request_line(&mut self) {
        let StartLine::Request { method, version, .. } = *self.head.start() else { return };
        if self.head.method() != "GET" {
            // One that is no token is no text either, perhaps.
            let facts = facts!("method", method = &*String::from_utf8_lossy(method.of(self.head.raw())));
            self.add(Rule::RequestLine, method.bits(), facts);
        }
        // A version that is none has a finding of its own: it is not older, but unknown.
        if self.head.version_number().is_some_and(|number| number < (1, 1)) {
            let facts = facts!("version", version = &*self.head.version());
            self.add(Rule::RequestLine, version.bits(), facts);
        }
    }

    /// Rules 22 to 24 and what else RFC 6455 section 4.2.1 asks of a request.
    fn hybi_request(&mut self, protocol: Protocol) {
        if let Some(field) = self.once(Rule::KeyCount, "Sec-WebSocket-Key") {
            let key = String::from_utf8_lossy(&field.value(self.head.raw())).into_owned();
            let facts = match hybi::key_size(&key) {
                Some(16) => None,
                Some(size) => Some(facts!("size", size)),
                None => Some(facts!("base64")),
            };
            if let Some(facts) = facts {
                self.add(Rule::KeySize, field.value_span().bits(), facts);
            }
        }
        if let Some(field) = self.once(Rule::VersionHeader, "Sec-WebSocket-Version")
            && hybi::asked_version(self.head).is_none()
        {
            let value = field.value(self.head.raw());
            let (others, last) = known_versions();
            let facts = facts!("unknown", version = &*String::from_utf8_lossy(&value), others, last);
            self.add(Rule::VersionHeader, field.value_span().bits(), facts);
        }
        if self.head.has("Sec-WebSocket-Origin") {
            self.value(Rule::OldOriginHeader, "Sec-WebSocket-Origin", facts!("old"));
        }
        self.subprotocol_offer(protocol);
        self.extension_offer();
    }

    /// The number in `Sec-WebSocket-Draft`: 2 by the texts of hybi-02 and hybi-03; 1 and 3 by programs.
    fn draft_number(&mut self, opening: &Opening) {
        let Signal::Draft(numbers) = opening.signal else { return };
        let Some(number) = self.head.get(DRAFT_FIELD) else { return };
        if !numbers.iter().any(|known| *number == known.to_string()) {
            self.value(Rule::VersionHeader, DRAFT_FIELD, facts!("draft", version = &*number));
        }
    }

    /// Rules 35 to 38 (draft-hixie-76 section 5.2).
    fn hixie_keys(&mut self, body: &[u8]) {
        for (index, name) in hixie76::KEY_FIELDS.into_iter().enumerate() {
            self.once(Rule::HixieKeyCount, name);
            let Some(span) = hixie76::key_span(self.head, index) else { continue };
            let reading = hixie76::KeyReading::read(span.of(self.head.raw()));
            let rule = match reading.quotient() {
                Ok(_) => continue,
                Err(hixie76::KeyFault::NoSpaces) => Rule::KeyWithoutSpaces,
                Err(hixie76::KeyFault::NotMultiple | hixie76::KeyFault::NoDigits) => Rule::KeyNotMultiple,
                Err(hixie76::KeyFault::NumberTooLarge) => Rule::KeyNumberTooLarge,
            };
            let facts = match (rule, reading.number) {
                (Rule::KeyNotMultiple, Some(number)) => facts!("rest", name, number, spaces = reading.spaces),
                (Rule::KeyNotMultiple, None) => facts!("no-digits", name),
                _ => facts!("key", name),
            };
            self.add(rule, span.bits(), facts);
        }
        if body.len() < hixie76::KEY3_LENGTH {
            let bits = BitRange::bytes(self.head.len(), self.head.len() + body.len());
            self.add(Rule::Key3Short, bits, facts!("short", count = body.len()));
        }
        if self.head.has("Content-Length") {
            self.value(Rule::HixieSpareKey3, "Content-Length", facts!("announced"));
        }
    }

    // The response.

    /// `numbered`: the version that was asked for has a number.
    fn refusal(&mut self, numbered: bool, request: &Head) {
        let status = self.head.status().unwrap_or_default();
        let StartLine::Response { status: place, .. } = *self.head.start() else { return };
        // As it stands there, where it is no number.
        let shown = match self.head.status() {
            Some(status) => Fact::from(status),
            None => Fact::from(&*String::from_utf8_lossy(place.of(self.head.raw()))),
        };
        let facts = match self.head.reason().trim() {
            "" => facts!("bare", status = shown),
            reason => facts!("refused", status = shown, reason),
        };
        self.add(Rule::ResponseStatus, self.head.start_line_bits(), facts);
        if status == 403 {
            let origin = request.get("Origin").or_else(|| request.get("Sec-WebSocket-Origin"));
            let facts = match origin {
                Some(origin) => facts!("from", origin = &*origin),
                None => facts!("without"),
            };
            self.add(Rule::OriginRefused, self.head.start_line_bits(), facts);
        }
        // RFC 6455 section 4.4: 426 always is about the version; its example says 400.
        let bad_version = numbered && hybi::asked_version(request).is_none();
        let about_version = status == 426 && numbered || status == 400 && bad_version;
        if about_version && !self.head.has("Sec-WebSocket-Version") {
            self.missing(Rule::VersionsNotListed, facts!("missing"));
        }
    }

    /// draft-hixie-75 section 4.1, steps 12 and 13: the status line and the two lines behind it, byte by byte.
    fn fixed_answer(&mut self, invariant: &str) {
        let raw = self.head.raw();
        let line = |bytes: &[u8]| memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (status, fields) = invariant.split_at(line(invariant.as_bytes()));
        let (sent_status, sent) = raw.split_at(line(raw));
        if sent_status != status.as_bytes() {
            let facts = facts!("status", length = status.len(), wanted = status.trim_end());
            self.add(Rule::HixieFixedAnswer, BitRange::bytes(0, sent_status.len()), facts);
        }
        if !sent.starts_with(fields.as_bytes()) {
            let start = sent_status.len();
            let end = raw.len().min(start + fields.len());
            let facts = facts!("fields", length = fields.len());
            self.add(Rule::HixieFixedAnswer, BitRange::bytes(start, end), facts);
        }
    }

    /// draft-hixie-76 section 4.1, step 41: `WebSocket` letter by letter, `upgrade` in any case.
    fn upgrade_by_the_letter(&mut self) {
        if let Some(field) = self.once(Rule::HixieUpgrade, "Upgrade") {
            let value = field.value(self.head.raw());
            if *value != *b"WebSocket" {
                let facts = facts!("letters", value = &*String::from_utf8_lossy(&value));
                self.add(Rule::HixieUpgrade, field.value_span().bits(), facts);
            }
        }
        if let Some(field) = self.once(Rule::HixieUpgrade, "Connection")
            && !field.value(self.head.raw()).eq_ignore_ascii_case(b"upgrade")
        {
            self.add(Rule::HixieUpgrade, field.value_span().bits(), facts!("connection"));
        }
    }

    /// Rule 40 (draft-hixie-75 and -76 section 4.1).
    fn hixie_repeats(&mut self, opening: &Opening, protocol: Protocol, request: &Head, secure: Option<bool>) {
        // Without an origin in the request there is nothing to repeat.
        if let Some(asked) = request.get(opening.origin.field)
            && let Some(name) = opening.repeated_origin
            && let Some(field) = self.once(Rule::HixieMismatch, name)
        {
            let repeated = field.value(self.head.raw());
            if !repeated.eq_ignore_ascii_case(asked.as_bytes()) {
                let facts =
                    facts!("origin", name, value = &*String::from_utf8_lossy(&repeated), asked = &*asked);
                self.add(Rule::HixieMismatch, field.value_span().bits(), facts);
            }
        }
        if let Some(name) = opening.location
            && let Some(field) = self.once(Rule::HixieMismatch, name)
        {
            let value = field.value(self.head.raw());
            let value = String::from_utf8_lossy(&value);
            if !hixie75::is_location(&value, request, secure) {
                let asked = hixie75::location(request, secure.unwrap_or(value.starts_with("wss:")));
                let facts = facts!("asked", name, value = &*value, asked);
                self.add(Rule::HixieMismatch, field.value_span().bits(), facts);
            }
        }
        // A subprotocol that nobody asked for is passed over: the drafts handle the field only where one was asked for.
        let name = subprotocol_field(protocol);
        if let Some(asked) = request.get(name).filter(|asked| !asked.is_empty())
            && let Some(field) = self.once(Rule::HixieMismatch, name)
        {
            let value = field.value(self.head.raw());
            let value = String::from_utf8_lossy(&value);
            if !offers_subprotocol(protocol, request, &value) {
                let facts = facts!("asked", name, value = &*value, asked = &*asked);
                self.add(Rule::HixieMismatch, field.value_span().bits(), facts);
            }
        }
    }

    /// Rule 39 (draft-hixie-76 section 4.1).
    fn hixie_answer(&mut self, request: &Head, request_body: &[u8], response_body: &[u8]) {
        // Where the keys cannot be read there is no right answer; the request has its own finding.
        let Some(expected) = hixie76::expected_answer(request, request_body) else { return };
        let start = self.head.len();
        match response_body.first_chunk::<{ hixie76::ANSWER_LENGTH }>() {
            Some(answer) if *answer == expected => {}
            Some(_) => {
                let bits = BitRange::bytes(start, start + hixie76::ANSWER_LENGTH);
                self.add(Rule::AnswerWrong, bits, facts!("differs"));
            }
            None => {
                let bits = BitRange::bytes(start, start + response_body.len());
                self.add(Rule::AnswerWrong, bits, facts!("short", count = response_body.len()));
            }
        }
    }

    /// RFC 6455 section 4.1, steps 2 and 3 of what a client checks: all of `Upgrade` is one word, `Connection` is a list.
    fn upgrade(&mut self) {
        if !self.head.has("Upgrade") {
            self.missing(Rule::ResponseUpgrade, facts!("upgrade"));
        } else if let Some(field) = self.once(Rule::ResponseUpgrade, "Upgrade") {
            let value = field.value(self.head.raw());
            if !value.eq_ignore_ascii_case(b"websocket") {
                let facts = facts!("value", value = &*String::from_utf8_lossy(&value));
                self.add(Rule::ResponseUpgrade, field.value_span().bits(), facts);
            }
        }
        if !self.head.has_token("Connection", "upgrade") {
            self.value(Rule::ResponseUpgrade, "Connection", facts!("connection"));
        }
    }

    /// Rule 26.
    fn hybi_accept(&mut self, request: &Head) {
        let Some(field) = self.once(Rule::AcceptWrong, "Sec-WebSocket-Accept") else { return };
        // Without a key nothing can be right; the request has its own finding.
        let Some(key) = request.get("Sec-WebSocket-Key") else { return };
        let expected = hybi::accept(&key);
        if *field.value(self.head.raw()) != *expected.as_bytes() {
            let facts = facts!("differs", key = &*key, expected);
            self.add(Rule::AcceptWrong, field.value_span().bits(), facts);
        }
    }
}

/// The numbers that ask for a version, the last apart: `7, 8` and `13`.
fn known_versions() -> (String, String) {
    let mut numbers: Vec<String> = dialect::ALL
        .iter()
        .filter_map(|dialect| dialect.protocol.version_number())
        .map(|number| number.to_string())
        .collect();
    let last = numbers.pop().unwrap_or_default();
    (numbers.join(", "), last)
}
