//! The rules of the opening handshakes, checked on what was sent.
//!
//! Strict where a client or a server of the version has to be, lenient where the versions' real peers differ: in
//! the words behind the status, in the order and the case of fields.

use crate::model::facts::Facts;

use super::{extensions, hixie75, hixie76, hybi, offers_subprotocol, subprotocol_field};
use crate::model::field::BitRange;
use crate::model::protocol::{Family, Protocol};
use crate::model::rule::{Finding, Rule};
use crate::wire::deflate;
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
        0 => findings.missing(Rule::MissingHost, "The request does not name the host"),
        _ => findings.second(Rule::MissingHost, "Host", "The request names the host twice"),
    }
    if !head.has_token("Upgrade", "websocket") {
        findings.value(Rule::UpgradeToken, "Upgrade", "The request does not ask to upgrade to websocket");
    }
    if !head.has_token("Connection", "upgrade") {
        findings.value(Rule::ConnectionToken, "Connection", "Connection does not name Upgrade");
    }
    match protocol {
        Protocol::Hixie76 => findings.hixie_keys(body),
        Protocol::Hybi7 | Protocol::Hybi8 | Protocol::Rfc6455 => findings.hybi_request(protocol),
        _ => {}
    }
    findings.list
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
    if response.status() != Some(101) {
        findings.refusal(protocol, request);
        return findings.list;
    }
    match protocol.family() {
        Some(Family::Hixie) => {
            findings.hixie_upgrade();
            findings.hixie_repeats(protocol, request, secure);
            if protocol == Protocol::Hixie76 {
                findings.hixie_answer(request, request_body, response_body);
            }
        }
        Some(Family::Hybi) => {
            findings.hybi_upgrade();
            findings.hybi_accept(request);
            findings.hybi_subprotocol(protocol, request);
            findings.hybi_extensions(request);
        }
        None => {}
    }
    findings.list
}

/// What has been found in one head.
struct Findings<'a> {
    head: &'a Head,
    list: Vec<Finding>,
}

impl<'a> Findings<'a> {
    fn new(head: &'a Head) -> Self {
        Self { head, list: head.findings().to_vec() }
    }

    fn add(&mut self, rule: Rule, bits: BitRange, message: impl Into<Facts>) {
        self.list.push(rule.says(bits, message));
    }

    /// At the value of a field, or at the head's end where the field is missing.
    fn value(&mut self, rule: Rule, name: &str, message: impl Into<Facts>) {
        let bits = self.head.value_bits(name).unwrap_or(self.head.end_bits());
        self.add(rule, bits, message);
    }

    fn missing(&mut self, rule: Rule, message: impl Into<Facts>) {
        self.add(rule, self.head.end_bits(), message);
    }

    /// At the second field of this name.
    fn second(&mut self, rule: Rule, name: &str, message: impl Into<Facts>) {
        let bits = self.head.named(name).nth(1).map_or(self.head.end_bits(), |field| field.line.bits());
        self.add(rule, bits, message);
    }

    /// The field that must be there exactly once; otherwise a finding, and none.
    fn once(&mut self, rule: Rule, name: &'static str) -> Option<&'a HeaderField> {
        let head = self.head;
        let mut named = head.named(name);
        match (named.next(), named.next()) {
            (Some(field), None) => return Some(field),
            (None, _) => self.missing(rule, format!("There is no {name}")),
            (Some(_), Some(_)) => self.second(rule, name, format!("{name} stands there more than once")),
        }
        None
    }

    // The request.

    /// Rule 21, for every version: RFC 6455 section 4.1, draft-hixie-75 section 4.1.
    fn request_line(&mut self) {
        let StartLine::Request { method, version, .. } = *self.head.start() else { return };
        if self.head.method() != "GET" {
            let message = format!("The method is {}, not GET", self.head.method());
            self.add(Rule::RequestLine, method.bits(), message);
        }
        if self.head.version_number().is_none_or(|number| number < (1, 1)) {
            let message = format!("{} is older than HTTP/1.1", self.head.version());
            self.add(Rule::RequestLine, version.bits(), message);
        }
    }

    /// Rules 22 to 24 and what else RFC 6455 section 4.2.1 asks of a request.
    fn hybi_request(&mut self, protocol: Protocol) {
        if let Some(field) = self.once(Rule::KeyCount, "Sec-WebSocket-Key") {
            let key = String::from_utf8_lossy(&field.value(self.head.raw())).into_owned();
            let message = match hybi::key_size(&key) {
                Some(16) => None,
                Some(size) => Some(format!("The key decodes to {size} bytes, not 16")),
                None => Some("The key is not base64".to_owned()),
            };
            if let Some(message) = message {
                self.add(Rule::KeySize, field.value_span().bits(), message);
            }
        }
        if let Some(field) = self.once(Rule::VersionHeader, "Sec-WebSocket-Version")
            && hybi::asked_version(self.head).is_none()
        {
            let value = field.value(self.head.raw());
            let message = format!("Version {} is none of 7, 8 and 13", String::from_utf8_lossy(&value));
            self.add(Rule::VersionHeader, field.value_span().bits(), message);
        }
        if protocol == Protocol::Rfc6455 && self.head.has("Sec-WebSocket-Origin") {
            self.value(
                Rule::OldOriginHeader,
                "Sec-WebSocket-Origin",
                "Version 13 calls this field Origin; Sec-WebSocket-Origin is its name in older drafts",
            );
        }
        if let Err(finding) = extensions(self.head) {
            self.list.push(finding);
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
            let message = match (rule, reading.number) {
                (Rule::KeyNotMultiple, Some(number)) => {
                    format!("{name}: {number} is not a multiple of {} spaces", reading.spaces)
                }
                (Rule::KeyNotMultiple, None) => format!("{name} holds no digits"),
                (Rule::KeyWithoutSpaces, _) => format!("{name} holds no spaces"),
                _ => format!("{name}: the digits are a number above 4294967295"),
            };
            self.add(rule, span.bits(), message);
        }
        if body.len() < hixie76::KEY3_LENGTH {
            let bits = BitRange::bytes(self.head.len(), self.head.len() + body.len());
            self.add(Rule::Key3Short, bits, format!("{} of the 8 bytes of key3 are there", body.len()));
        }
        if self.head.has("Content-Length") {
            self.value(
                Rule::HixieSpareKey3,
                "Content-Length",
                "Content-Length announces the eight bytes of key3, for the sake of proxies",
            );
        }
    }

    // The response.

    fn refusal(&mut self, protocol: Protocol, request: &Head) {
        let status = self.head.status().unwrap_or_default();
        let message = format!("The server answers {status} {}: no WebSocket is opened", self.head.reason());
        self.add(Rule::ResponseStatus, self.head.start_line_bits(), message);
        if status == 403 {
            let origin = request.get("Origin").or_else(|| request.get("Sec-WebSocket-Origin"));
            let message = match origin {
                Some(origin) => format!("The server says 403 to a request from {origin}"),
                None => "The server says 403 to a request without an origin".to_owned(),
            };
            self.add(Rule::OriginRefused, self.head.start_line_bits(), message);
        }
        // RFC 6455 section 4.4: 426 always is about the version; its example says 400.
        let hybi = protocol.family() == Some(Family::Hybi);
        let bad_version = hybi && hybi::asked_version(request).is_none();
        if (status == 426 && hybi || status == 400 && bad_version) && !self.head.has("Sec-WebSocket-Version")
        {
            let bits = self.head.end_bits();
            self.add(
                Rule::VersionsNotListed,
                bits,
                "The refusal does not list the versions that the server speaks",
            );
        }
    }

    /// draft-hixie-76 section 4.1, step 41: `WebSocket` letter by letter, `upgrade` in any case.
    fn hixie_upgrade(&mut self) {
        if let Some(field) = self.once(Rule::HixieUpgrade, "Upgrade") {
            let value = field.value(self.head.raw());
            if *value != *b"WebSocket" {
                let message =
                    format!("Upgrade is {}, not WebSocket letter by letter", String::from_utf8_lossy(&value));
                self.add(Rule::HixieUpgrade, field.value_span().bits(), message);
            }
        }
        if let Some(field) = self.once(Rule::HixieUpgrade, "Connection")
            && !field.value(self.head.raw()).eq_ignore_ascii_case(b"upgrade")
        {
            self.add(Rule::HixieUpgrade, field.value_span().bits(), "Connection is not Upgrade");
        }
    }

    /// Rule 40 (draft-hixie-75 and -76 section 4.1).
    fn hixie_repeats(&mut self, protocol: Protocol, request: &Head, secure: Option<bool>) {
        let [origin, location] = match protocol {
            Protocol::Hixie75 => ["WebSocket-Origin", "WebSocket-Location"],
            _ => ["Sec-WebSocket-Origin", "Sec-WebSocket-Location"],
        };
        // Without an origin in the request there is nothing to repeat.
        if let Some(asked) = request.get("Origin")
            && let Some(field) = self.once(Rule::HixieMismatch, origin)
        {
            let repeated = field.value(self.head.raw());
            if !repeated.eq_ignore_ascii_case(asked.as_bytes()) {
                let repeated = String::from_utf8_lossy(&repeated);
                let message = format!("{origin} is {repeated}, but the request came from {asked}");
                self.add(Rule::HixieMismatch, field.value_span().bits(), message);
            }
        }
        if let Some(field) = self.once(Rule::HixieMismatch, location) {
            let value = field.value(self.head.raw());
            let value = String::from_utf8_lossy(&value);
            if !hixie75::is_location(&value, request, secure) {
                let asked = hixie75::location(request, secure.unwrap_or(value.starts_with("wss:")));
                let message = format!("{location} is {value}, but the request asked for {asked}");
                self.add(Rule::HixieMismatch, field.value_span().bits(), message);
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
                let message = format!("{name} is {value}, but the request asked for {asked}");
                self.add(Rule::HixieMismatch, field.value_span().bits(), message);
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
                self.add(Rule::AnswerWrong, bits, "The 16 bytes are not MD5 of the challenge");
            }
            None => {
                let bits = BitRange::bytes(start, start + response_body.len());
                let message = format!("{} of the 16 bytes of the answer are there", response_body.len());
                self.add(Rule::AnswerWrong, bits, message);
            }
        }
    }

    /// RFC 6455 section 4.1, steps 2 and 3 of what a client checks.
    fn hybi_upgrade(&mut self) {
        if !self.head.has_token("Upgrade", "websocket") {
            self.value(Rule::ResponseUpgrade, "Upgrade", "The response does not upgrade to websocket");
        }
        if !self.head.has_token("Connection", "upgrade") {
            self.value(Rule::ResponseUpgrade, "Connection", "Connection does not name Upgrade");
        }
    }

    /// Rule 26.
    fn hybi_accept(&mut self, request: &Head) {
        let Some(field) = self.once(Rule::AcceptWrong, "Sec-WebSocket-Accept") else { return };
        // Without a key nothing can be right; the request has its own finding.
        let Some(key) = request.get("Sec-WebSocket-Key") else { return };
        let expected = hybi::accept(&key);
        if *field.value(self.head.raw()) != *expected.as_bytes() {
            let message = format!("The accept value of the key {key} is {expected}");
            self.add(Rule::AcceptWrong, field.value_span().bits(), message);
        }
    }

    /// Rule 27.
    fn hybi_subprotocol(&mut self, protocol: Protocol, request: &Head) {
        let name = subprotocol_field(protocol);
        if !self.head.has(name) {
            return;
        }
        if let Some(field) = self.once(Rule::SubprotocolNotOffered, name) {
            let chosen = field.value(self.head.raw());
            let chosen = String::from_utf8_lossy(&chosen);
            if !offers_subprotocol(protocol, request, &chosen) {
                let message = format!("The client did not offer the subprotocol {chosen}");
                self.add(Rule::SubprotocolNotOffered, field.value_span().bits(), message);
            }
        }
    }

    /// Rules 28 and 33.
    fn hybi_extensions(&mut self, request: &Head) {
        let answers = match extensions(self.head) {
            Ok(answers) => answers,
            Err(finding) => return self.list.push(finding),
        };
        let offers = extensions(request).unwrap_or_default();
        for (index, answer) in answers.iter().enumerate() {
            let name = "Sec-WebSocket-Extensions";
            if !offers.iter().any(|offer| offer.name == answer.name) {
                let message = format!("The client did not offer the extension {}", answer.name);
                self.value(Rule::ExtensionNotOffered, name, message);
            } else if answers.iter().take(index).any(|earlier| earlier.name == answer.name) {
                let message = format!("The server agrees to {} twice", answer.name);
                self.value(Rule::ExtensionNotOffered, name, message);
            } else if answer.name == deflate::NAME
                && let Err(finding) = deflate::agreed(&offers, answer)
            {
                self.value(finding.rule, name, finding.facts);
            }
        }
    }
}
